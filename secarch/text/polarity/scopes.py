"""What one sentence says of its own parts: which it denies, reports, supposes or leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from secarch.text.polarity import cues, judgements, vocabulary
from secarch.text.polarity.frames import Frame, frames
from secarch.text.polarity.introduction import argues, introduction
from secarch.text.polarity.kinds import Kind
from secarch.text.polarity.labels import conceded, names_step
from secarch.text.polarity.quotations import SAID, quotations
from secarch.text.polarity.series import ban
from secarch.text.polarity.struck import strikes
from secarch.text.polarity.verdicts import stands, takes_back

_CONTRAST = (
    r",? \bbut\b|[;:,] (?:in (?:fact|truth|reality)|instead|rather|actually|the (?:truth|fact)s?"
    r"|in practice)\b|, (?:however|yet|whereas)\b"
)
_END = re.compile(rf"[.!?](?=\s|$)|{_CONTRAST}")
"""Ends the reach of what denies or reports a whole statement."""
_FRAME_END = re.compile(rf"{_END.pattern}|(?<=\w):(?=\s)")
"""Ends a clause with "that": what follows a colon explains it in the answer's own voice."""
_REASON_END = re.compile(
    rf"{_FRAME_END.pattern}|\bbecause\b|, (?:as|since|for|given that|seeing that)\b"
)
"""Ends the reach of what is not needed: the reason for that is asserted."""
_BREAK = re.compile(
    rf"[.!?;:](?=\s|$)|\s-\s|{_CONTRAST}|, (?:so|therefore|thus|hence|and so|then)\b|\bbecause\b"
)
"""Ends the reach of what governs a clause."""
_CLAUSE = re.compile(
    r"[.;:!?\n](?=\s|$)|\s-\s|\bbut\b|\binstead\b(?! of)|,(?= )"
    r"|\b(?:because|since|so that|unless|until|although|whereas)\b"
)
"""Ends the reach of a negator."""
_GUARDED_END = re.compile(r"[.;:!?](?=\s|$)|\s-\s|\bbut\b|,(?= )|\bbecause\b|\binstead\b(?! of)")
_SKIPPED_END = re.compile(
    rf"{_GUARDED_END.pattern}|\band (?:instead |then |just |rather )?(?:go|stick|keep|use|follow"
    rf"|trust"
    r"|rely|take|remember|listen|look|work|start|focus|turn) (?:by|to|with|on|for|from|the|this"
    r"|it)\b"
)
"""Ends what is left out, at what is done in its place too."""
_ASIDE = re.compile(r"\b(not|never|n't|cannot), (?:ever\b|[^,.;:!?]{1,60},)")
"""As in "never, ever" and "do not, under any circumstances, ...", which interrupt no clause."""
_WORD = re.compile(r"\S*\w\S*")
MOST_LABEL = 3
"""Words before a colon up to which they are a label."""
MOST_AFTER = 12
"""Words that may follow the verdict on a statement that is the subject of its sentence."""
_CONTEXT = 240


@dataclass(frozen=True, slots=True)
class Scope:
    """A span of a sentence and what the words around it make of it."""

    start: int
    end: int
    kind: Kind
    cue: str
    """The words that decide."""
    cue_start: int
    cue_end: int
    weak: bool = False
    """Whether it only keeps something from being advice: a key point may still be met by it."""
    whole: bool = False
    """Whether it holds only what is inside it as a whole."""
    claim: bool = False
    """Whether it is a verdict on the statement, which a second one repeats and does not undo."""


@lru_cache(maxsize=8192)
def scopes(sentence: str) -> tuple[Scope, ...]:
    """All spans of one sentence that are more or less than asserted."""
    aside = conceded(sentence)
    governed = tuple(frame for frame in frames(sentence) if frame.start >= aside)
    found = (scope for scope in _found(sentence) if not _set_aside(scope, aside))
    single = (scope for scope in found if not _within(scope, governed))
    return (
        *single,
        *(_of_frame(frame, sentence) for frame in governed if frame.kind != "asserted"),
    )


def _set_aside(scope: Scope, end: int) -> bool:
    """Whether a cue only belongs to what the sentence sets aside first."""
    return scope.cue_start < end and scope.kind in {"attributed", "denied"}


_DECIDES = {"denied", "asserted", "attributed"}


def _within(scope: Scope, governed: Sequence[Frame]) -> bool:
    """Whether a cue is part of a governor, whose verdict counts in its place."""
    return any(
        frame.start <= scope.cue_start and scope.cue_end <= frame.end and scope.end > frame.end
        for frame in governed
        if (scope.kind in {"denied", "attributed"} and frame.kind in _DECIDES)
        or (scope.kind == "conditional" and frame.kind == "asserted")
    )


def _of_frame(frame: Frame, text: str) -> Scope:
    weak = frame.kind in {"guarded", "conditional"}
    ends = (found.start() for found in _FRAME_END.finditer(text, frame.end))
    stop = next((at for at in ends if not _labels(text, frame.end, at)), len(text))
    return Scope(
        frame.end, stop, frame.kind, frame.cue, frame.start, frame.end, weak=weak, claim=not weak
    )


def _labels(text: str, start: int, end: int) -> bool:
    """Whether a colon at `end` is that of a label, with which the governed statement begins."""
    return text[end] == ":" and len(text[start:end].split()) <= MOST_LABEL


def _scope(
    start: int,
    end: int,
    kind: Kind,
    cue: re.Match[str],
    *,
    weak: bool = False,
    whole: bool = False,
    claim: bool = False,
) -> Scope:
    text = cue[0].strip(" ,;:-(")
    return Scope(start, end, kind, text, cue.start(), cue.end(), weak, whole, claim)


_RULED_OUT = re.compile(
    r"(?:\b(?:not|no|never|nothing|hardly|without|neither|nor|cannot)|n't)(?: [\w'-]+){0,3} $"
)
"""Before a hedge: it is none, as in "not a matter of opinion"."""
_ASKED = re.compile(r"\?[ \"')]*$")
_LONG_LABEL = re.compile(r"^(?:[^:]{2,160}[.!?] )?([^:.!?]{12,200}):\s(?=\S)")
_LABEL = re.compile(r"^((?:[^:.!?;]|\.(?=\d)){2,80}):\s(?=\S)")


def _found(text: str) -> Iterator[Scope]:
    if question := _ASKED.search(text):
        yield _scope(0, len(text), "asked", question)
    if ": " in text and (long := _LONG_LABEL.match(text)) and (struck := strikes(long[1])):
        yield Scope(long.end(), len(text), "denied", struck, long.start(1), long.end(1), claim=True)
    if label := _LABEL.match(text):
        stance = introduction(label[1] + ":")
        if stance.kind != "asserted" and not argues(label[1], text[label.end() :]):
            guarded = stance.kind == "guarded" or names_step(label[1], text[label.end() :])
            yield _scope(label.end(), len(text), stance.kind, label, weak=guarded, claim=True)
    yield from _denied(text)
    yield from _reported(text)
    yield from _judged(text)
    yield from _supposed(text)
    yield from _quotes(text)
    hedges = cues.HEDGED.finditer(text)
    kept = (_RULED_OUT, cues.DEFIED)
    free = (h for h in hedges if not any(p.search(text[: h.start()]) for p in kept))
    if hedge := next(free, None):
        yield _scope(0, len(text), "hedged", hedge)


def _denied(text: str) -> Iterator[Scope]:
    """What a cue denies that is before it."""
    for pattern, end, weak in (
        (cues.COMPLEMENT, _END, False),
        (cues.UNBELIEVED, _END, False),
        (cues.TAKEN_AWAY, _END, False),
        (cues.MARK, _END, False),
        (cues.WHEN_PIGS_FLY, _END, False),
        (cues.SKIPPED, _SKIPPED_END, False),
        (cues.NO_NEED, _REASON_END, False),
        (cues.UNSOUND_TO, _BREAK, True),
        (cues.NOT_LET, _BREAK, True),
    ):
        for cue in pattern.finditer(text):
            near = text[cue.start() : cue.end() + 20]
            act = cues.NOT_ENOUGH.search(cue[0]) or cues.TO_DO.search(near)
            partial = pattern is cues.COMPLEMENT and act
            brief = cues.NO_WORDS.search(near) or _FOR_A.search(cue[0])
            ends = _GUARDED_END if brief else _BREAK if partial else end
            stop = _until(ends, text, cue.end())
            claim = end is _END and pattern is not cues.NO_NEED
            yield _scope(cue.end(), stop, "denied", cue, weak=weak, claim=claim)
    for cue in cues.NOBODY.finditer(text):
        stop = _until(_BREAK, text, cue.end())
        yield _scope(cue.end(), stop, "denied", cue, weak=True)


_SAID_THAT = re.compile(
    rf"(?P<subject>(?:[\w'-]+ ){{0,4}}[\w'-]+) (?P<verb>{vocabulary.SAY_THAT})"
    r"(?: (?:to|us|me|them|him|her)(?: \w+){0,2})? that\b"
)
_IDEA = re.compile(
    r"\b(?P<owner>[\w']+) (?:[\w-]+ )?(?:idea|belief|notion|claim|assumption|view|argument|opinion"
    r"|assertion|theory|suggestion|impression|temptation|thought|conviction|fear|hope|contention"
    r"|statement|promise|premise|objection|hypothesis|expectation|narrative|reasoning|excuse)s?"
    r"(?: (?:of|among|in|from|by) (?:the |our |some |many )?\w+)? (?:that\b|of(?= \w+ing\b))"
    r"|\b(?P<other>the|this|that|their|his|her|any) (?:[\w-]+ )?(?:temptation|wish|suggestion|idea"
    r"|proposal|request|demand|offer|urge|desire) to\b"
)
_OWN = re.compile(r"^(?:my|our|your|on|under|with|in|one)$")
_OWN_VOICE = re.compile(
    rf"(?:^|\b){vocabulary.OWN_VOICE}(?: \w+ly| would| will| also| both| am| are)* *$"
)
_TELLS = re.compile(r"say|stat|read|mention|add|mean|conclud|predict|report")
"""Verbs whose subject may be a document or a signal, which is then taken at its word."""
_PERSON = re.compile(rf"\b{vocabulary.PEOPLE}\b")


def _reported(text: str) -> Iterator[Scope]:
    """What somebody else says, thinks or wants."""
    for pattern, end in (
        (_SAID_THAT, _END),
        (_IDEA, _END),
        (cues.REPORTED, _END),
        (SAID, _BREAK),
        (cues.ACCORDING, _END),
        (cues.NAMED, _END),
    ):
        for cue in pattern.finditer(text):
            if not _is_own(pattern, cue, text):
                yield _scope(cue.end(), _until(end, text, cue.end()), "attributed", cue)
    for cue in cues.SAID_TO_BE.finditer(text):
        stop = _until(_BREAK, text, cue.end())
        yield _scope(_since(text, cue.start()), stop, "attributed", cue)
    for cue in cues.SO_THEY_SAY.finditer(text):
        yield _scope(0, cue.start(), "attributed", cue)


_OURS = re.compile(
    rf" (?:(?:my|our)(?! (?:own )?(?:[\w-]+ )?{vocabulary.PEOPLE}\b)"
    rf"|(?:the )?(?:\w+ )?{vocabulary.OWN_VOICE})\b"
)
"""Whose measurements or words are the answer's own."""
TAIL = re.compile(r"[,;\"] (?=(?:and|so|as|which|i|we|they|he|she)\b)")
"""Parts from a report what is said of it at the end."""


def _is_own(pattern: re.Pattern[str], cue: re.Match[str], text: str) -> bool:
    """Whether the answer speaks for itself, or for an authority that it cites."""
    if cues.ENDORSED.search(text[max(0, cue.start() - 30) : cue.end() + 20]):
        return True
    if pattern is _SAID_THAT:
        if cues.DUE.search(cue["subject"]):
            return True
        thing = _TELLS.match(cue["verb"]) and not _PERSON.search(cue["subject"])
        return bool(thing or _OWN_VOICE.search(cue["subject"]))
    if pattern is _IDEA:
        return bool(_OWN.match(cue["owner"] or ""))
    if pattern is cues.ACCORDING:
        return bool(_OURS.match(text, cue.end()))
    return False


_FOR_A = re.compile(r"\b(?:need|reason|call) for(?: an?(?: [\w-]+)?)?$")
"""One thing that is not needed, which ends at the comma."""
_REASON = re.compile(r", (?:because|since|as|for) (?:it|this|that|they) (?:\w+ )?$")
"""Before a verdict that gives the reason for the one at the beginning of the sentence."""


def _judged(text: str) -> Iterator[Scope]:
    """What a cue denies that is after it."""
    for pattern, weak in ((cues.NOT_NEEDED, False), (cues.CONDEMNS, True)):
        for cue in pattern.finditer(text):
            same = bool(_REASON.search(text[: cue.start()]))
            since = _since(text, cue.start())
            yield _scope(since, cue.start(), "denied", cue, weak=weak, claim=same)
    for cue in cues.MOCKED.finditer(text):
        yield _scope(0, cue.start(), "denied", cue, claim=True)
    yield from _subject(text)
    for cue in judgements.JUDGED.finditer(text):
        verdict = judgements.LEADING.sub("", text[cue.start() :])
        if stands(verdict):
            continue
        strict = bool(takes_back(verdict, strict=True))
        yield _scope(0, cue.start(), "denied", cue, weak=not strict, claim=True)


_COMPLEMENT = re.compile(r"(?: [\w'-]+){0,8}?,? (?:that|in which|where|whether)\b(?! is\b)")
"""A whole clause follows, with all its commas."""


def _subject(text: str) -> Iterator[Scope]:
    """A statement with a verdict at the end of its sentence."""
    subject = judgements.SUBJECT.search(text)
    if not subject:
        return
    if judgements.ANNOUNCED.match(text, subject.end()):
        return
    last = None
    for cue in judgements.PREDICATE.finditer(text, subject.end()):
        last = cue
    if last and not stands(text[last.start() :]) and len(text[last.end() :].split()) <= MOST_AFTER:
        yield _scope(subject.end(), last.start(), "denied", last, claim=True)


def _supposed(text: str) -> Iterator[Scope]:
    """What is prevented, threatened or only supposed."""
    for pattern in (cues.GUARD, cues.THREAT, cues.OTHERWISE):
        for cue in pattern.finditer(text):
            start = cue.start() if pattern is cues.THREAT else cue.end()
            stop = _until(
                _END if _COMPLEMENT.match(text, cue.end()) else _GUARDED_END, text, cue.end()
            )
            yield _scope(start, stop, "guarded", cue, weak=True)
    for cue in cues.CONDITION.finditer(text):
        whole = _COMPLEMENT.match(text, cue.end()) or cues.INQUIRY.search(text[: cue.start()])
        stop = _until(_END if whole else _GUARDED_END, text, cue.end())
        yield _scope(cue.end(), stop, "conditional", cue, weak=True, whole=True)
    for cue in cues.WOULD.finditer(text):
        if not re.search(r"\b(?:i|we|you) $", text[: cue.start()]):
            stop = _until(_BREAK, text, cue.end())
            yield _scope(_since(text, cue.start()), stop, "conditional", cue, weak=True)


def _quotes(text: str) -> Iterator[Scope]:
    for cue in quotations(text):
        yield _scope(cue.start(), cue.end(), "quoted", cue, whole=True)


def _until(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where the clause that goes on at `start` ends."""
    found = pattern.search(text, start)
    return found.start() if found else len(text)


def _since(text: str, end: int) -> int:
    """Where the clause begins that ends at `end`."""
    return max((found.end() for found in _BREAK.finditer(text, 0, end)), default=0)


_LEAVES = re.compile(
    r" (?:\w+ly |even |also |ever )?(?:hid(?:e|es|den|ing)|conceal\w*|obscur\w+|disguis\w+"
    r"|los(?:e|es|ing)(?: sight of| track of)?|eras(?:e|es|ed|ing)|reliev\w+|exempt\w*"
    r"|excus(?:e|es|ed|ing)|absolv\w+|releas\w+|preclud\w+)\b"
)
"""Verbs that deny by themselves, so that to negate them lets stand what they govern."""


def negator(text: str, start: int, *, reach: int) -> tuple[int, str]:
    """The negator that governs the word at `start`, with its place; (-1, "") if there is none.

    One in the governor of a clause counts as part of that, and not by itself.
    """
    place, found = _negator(text, start, reach=reach)
    if any(frame.start <= place < frame.end <= start for frame in frames(text)):
        return -1, ""
    if _LEAVES.match(text, place + len(found), start):
        return -1, ""
    return place, found


def _negator(text: str, start: int, *, reach: int) -> tuple[int, str]:
    """The nearest negator.

    It is in the same clause and at most `reach` words before; if these words hold `or` or
    `nor`, it may stand further back ("never log or store ..."), over the commas of a series too.
    """
    first = max(0, start - _CONTEXT)
    before = _ASIDE.sub(lambda aside: aside[1].ljust(len(aside[0])), text[first:start])
    begin = max((end.end() for end in _CLAUSE.finditer(before)), default=0)
    places = list(_WORD.finditer(before, begin))
    if not places:
        return -1, ""
    near = places[-reach:]
    for pattern in (cues.NEGATOR, cues.STOPPED):
        if found := pattern.search(before, near[0].start()):
            return first + found.start(), found[0]
    if any(word[0] in {"or", "nor"} for word in near):
        found = cues.NEGATOR.search(before, places[-12:][0].start())
        if found:
            return first + found.start(), found[0]
    return ban(text, start)


def said_twice(found: Sequence[Scope], first: int, last: int) -> bool:
    """Whether a statement is denied before it and again after it, which undoes nothing."""
    claims = [s for s in found if s.kind == "denied" and s.claim]
    return any(s.cue_end <= first for s in claims) and any(s.cue_start >= last for s in claims)


def merged(spans: Sequence[tuple[int, int, str]]) -> list[str]:
    """Cues, those that overlap counted as one."""
    groups: list[tuple[int, str]] = []
    for start, end, cue in sorted(spans):
        if groups and start < groups[-1][0]:
            groups[-1] = (max(end, groups[-1][0]), groups[-1][1])
        else:
            groups.append((end, cue))
    return [cue for _, cue in groups]
