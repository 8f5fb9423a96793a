"""Whether an answer asserts or advises what a pattern found in it, or denies, reports or quotes it.

Two questions are asked of one span. `Reading.advice`: does the answer put it forward as true or to
be done? Whatever keeps it from that (denial, hearsay, a condition, prevention, a quotation) is
enough. `Reading.assertion`: does the answer say it? Here two denials are none ("do not skip X"),
and a condition or a guard takes nothing away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from secarch.text.polarity import cells, cues
from secarch.text.polarity.endorsements import confirms, endorses
from secarch.text.polarity.frames import vouches
from secarch.text.polarity.introduction import (
    announces_myth,
    gives_reason,
    introduction,
    poses,
)
from secarch.text.polarity.kinds import ASSERTED, Stance
from secarch.text.polarity.labels import complains, conceded, contradicts, own, remedies
from secarch.text.polarity.material import disclaims, sets_task
from secarch.text.polarity.parties import contends, names_party, names_voices
from secarch.text.polarity.plain import plain_code
from secarch.text.polarity.quotations import CALLOUT, worded
from secarch.text.polarity.scopes import TAIL, Scope, merged, negator, said_twice, scopes
from secarch.text.polarity.setting import found, judged, of_cue
from secarch.text.polarity.suggestions import answered, suggests
from secarch.text.polarity.verdicts import puts_off, takes_back, withdraws_all
from secarch.text.polarity.windows import Window, windows

ADVICE_REACH = 8
POINT_REACH = 4
"""Words before a match within which a negator is looked for; a penalty needs more care."""
_NEGATES = re.compile(
    r"\b(?:not|no|never|avoid|without|instead|rather|cannot|nobody|nothing|none|hardly|nor)\b|n.t\b"
)
_EDGE = re.compile(r"[\W_]*(?:(?:then|and|also|please|so|or|but) )*")
_TELLS = re.compile(
    r"\b(?:tell|answer|repl(?:y|ies)|write|send|say|use|wording|texts?|drafts?|polic(?:y|ies)"
    r"|messages?"
    r"|statements?|clauses?|templates?|for example|as follows|add|put|publish|post|put it|words?"
    r"|recommendations?|summary|in short|note|advice|announcement|decision|my|our|i|we)\b"
)
"""Introduces a quotation that the answer makes its own."""


@lru_cache(maxsize=64)
def read(answer: str, given: str = "") -> Reading:
    """Cut an answer into its windows; `given` is the question, whose sentences say nothing."""
    return Reading(tuple(windows(answer, given)))


@dataclass(slots=True)
class Reading:
    """An answer, cut into windows, that can be asked about any span."""

    windows: tuple[Window, ...]
    _places: dict[int, int] = field(default_factory=dict)
    _outer: dict[tuple[int, int, bool], Stance] = field(default_factory=dict)
    _withdrawn_to: int | None = None

    def advice(self, window: Window, start: int, end: int, pattern: str = "") -> Stance:
        """What becomes of the span `start`..`end` of `window.joined` as advice or claim.

        `pattern` is the regular expression that found it; a cue that it names belongs to it.
        """
        if window.code:
            return _of_code(window, window.joined[start:end])
        window, start, end = self._home(window, start, end)
        start = _begin(window, start, end)
        by_cue = self._by_cue(window, start, end, pattern)
        place = self._place(window)
        if by_cue.kind == "asked" and self._suggests(window, start):
            return ASSERTED
        if place < 0 or window.quoted or (by_cue.advised and self._own(window, start, end)):
            return by_cue
        return judged(found(self.windows, place, start, end) | of_cue(by_cue), by_cue)

    def _home(self, window: Window, start: int, end: int) -> tuple[Window, int, int]:
        """The window and place where a span of a lead stands itself, as its sentence is read there.

        What is before it there counts; what follows the lead in a list does not.
        """
        if not window.lead or end > len(window.lead):
            return window, start, end
        before = reversed(self.windows[: max(0, self._place(window))])
        own = next((w for w in before if w.joined.endswith(window.lead)), None)
        if own is None or own.heading:
            return window, start, end
        at = own.joined.rindex(window.lead)
        return own, at + start, at + end

    def _suggests(self, window: Window, start: int) -> bool:
        """Whether the question proposes what it names, and is not answered by a reason against."""
        if not suggests(_sentence(window.joined, start)[0]):
            return False
        rest = window.joined[start:].split("\n")[1:]
        after = None if rest else self._after(self._place(window))
        return not answered(rest[0] if rest else after.text if after else "")

    def _own(self, window: Window, start: int, end: int) -> bool:
        """Whether the answer vouches for what it says, or words a text that it recommends."""
        sentence, at = _sentence(window.joined, start)
        first, last = start - at, min(end - at, len(sentence))
        label = sentence[:first].rpartition(": ")[0]
        return (
            vouches(sentence, first)
            or worded(sentence, first, last)
            or gives_reason(label)
            or own(label)
            or ('"' in sentence[:first] and endorses(sentence[:first], _beyond(sentence[last:])))
            or confirms(self._next(window, start))
            or cells.holds(window, start)
            or 0 < conceded(sentence) <= first
            or (remedies(cells.column(window, start)) and any(map(complains, window.columns)))
        )

    def signals(self, window: Window, start: int, end: int, pattern: str = "") -> frozenset[str]:
        """What `advice` weighs of a span of prose: what is around it and what cues make of it."""
        window, start, end = self._home(window, start, end)
        start = _begin(window, start, end)
        by_cue = self._by_cue(window, start, end, pattern)
        return found(self.windows, self._place(window), start, end) | of_cue(by_cue)

    def _by_cue(self, window: Window, start: int, end: int, pattern: str) -> Stance:
        """What the turns of phrase around a span make of it."""
        sentence, at = _sentence(window.joined, start)
        first, last = start - at, min(end - at, len(sentence))
        outer = self._around(window, start)
        if not outer.advised:
            return outer
        inner = (s for s in scopes(sentence) if s.kind != "hedged")
        for scope in inner:
            if _governs(scope, first, last, pattern) and not self._worded(window, scope, at):
                return Stance(scope.kind, scope.cue)
        cue = _negated(sentence, first) or _negated_inside(window.joined[start:end], pattern)
        return Stance("denied", cue) if cue else ASSERTED

    def cue(self, window: Window, start: int, end: int, pattern: str = "") -> str:
        """The turn of phrase beside a span that a plain statement lacks, whatever becomes of it."""
        if window.code:
            return ""
        window, start, end = self._home(window, start, end)
        return self._by_cue(window, _begin(window, start, end), end, pattern).cue

    def assertion(self, window: Window, start: int, end: int, pattern: str = "") -> Stance:
        """What becomes of the span as something that the answer says."""
        if window.code:
            return ASSERTED
        window, start, end = self._home(window, start, end)
        start = _begin(window, start, end)
        sentence, at = _sentence(window.joined, start)
        first, last = start - at, min(end - at, len(sentence))
        outer = self._around(window, start, strict=True)
        inner = [s for s in scopes(sentence) if not s.weak and _governs(s, first, last, pattern)]
        denials = [(s.cue_start, s.cue_end, s.cue) for s in inner if s.kind == "denied"]
        place, cue = negator(sentence, first, reach=POINT_REACH)
        if cue and not cues.NO_PATH.fullmatch(sentence, place, first):
            denials.append((place, place + len(cue), cue))
        groups = merged(denials)
        twice = said_twice(inner, first, last)
        if outer.kind == "denied" and any(s.claim for s in inner if s.kind == "denied"):
            return outer
        if twice or (len(groups) + (outer.kind == "denied")) % 2:
            return outer if outer.kind == "denied" else Stance("denied", groups[0])
        if outer.kind == "denied":
            return ASSERTED
        for kind in ("hedged", "quoted", "attributed"):
            for scope in inner:
                if scope.kind == kind and not self._worded(window, scope, at):
                    return Stance(scope.kind, scope.cue)
        return outer if outer.kind in {"quoted", "attributed"} else ASSERTED

    def _around(self, window: Window, start: int, *, strict: bool = False) -> Stance:
        """What the text around the sentence at `start` makes of it."""
        line = (
            start if window.columns or " ; " in window.text else window.joined.count("\n", 0, start)
        )
        key = (self._place(window), line, strict)
        if key not in self._outer:
            self._outer[key] = self._look_around(key[0], window, start, strict=strict)
        return self._outer[key]

    def _place(self, window: Window) -> int:
        if not self._places:
            self._places.update({id(w): n for n, w in enumerate(self.windows)})
        return self._places.get(id(window), -1)

    def _look_around(self, place: int, window: Window, start: int, *, strict: bool) -> Stance:
        if place < 0:
            return ASSERTED
        in_lead = bool(window.lead) and start <= len(window.lead)
        checks = (
            self._announced(place, window, start, in_lead=in_lead),
            cells.of_row(window, start),
            self._taken_back(place, window, start, strict=strict),
            self._quotation(place, window),
        )
        return next((stance for stance in checks if stance.kind != "asserted"), ASSERTED)

    def _announced(self, place: int, window: Window, start: int, *, in_lead: bool) -> Stance:
        """What headings, the lead and a short sentence before it say of it."""
        above = window.under[:-1] if window.heading else window.under
        stances = [s for title in above if (s := introduction(title)).kind != "asserted"]
        if stances and contradicts(_sentence(window.joined, start)[0]):
            stances = []
        stances += [] if in_lead else [self._by_a_party(place, window)]
        if window.lead and not in_lead:
            stances.append(introduction(window.lead, items=window.item))
        before = self.windows[place - 1] if place else None
        if before and not (before.heading or before.item or before.code or window.lead):
            if before.text.endswith(":"):
                stances.append(introduction(before.text))
            elif before.block == window.block and (cue := announces_myth(before.text)):
                stances.append(Stance("denied", cue))
            elif before.block == window.block and (cue := _asks(before.text)):
                stances.append(Stance("attributed", cue))
        return next((stance for stance in stances if stance.kind != "asserted"), ASSERTED)

    def _by_a_party(self, place: int, window: Window) -> Stance:
        """What an item or sentence says whose label is a party, among what parties say."""
        label = "" if window.heading or window.code else names_party(window.text)
        if not label:
            return ASSERTED
        near = self.windows[max(0, place - 6) : place + 7]
        others = [w for w in near if w is not window and w.block == window.block]
        above = [] if window.item else [w.text for w in others if ":" not in w.text]
        among = names_voices([window.lead, *window.under, *above]) or (
            any(names_party(w.text) for w in others) and contends(window.text)
        )
        return Stance("attributed", label) if among else ASSERTED

    def _taken_back(self, place: int, window: Window, start: int, *, strict: bool) -> Stance:
        """What a sentence after it says of it."""
        if place < self._last_withdrawal():
            return Stance("denied", "all of the above")
        rest = window.joined[start:].split("\n")[1:]
        after = self._after(place)
        if rest:
            cue = takes_back(rest[0], strict=strict)
        elif after is None:
            return ASSERTED
        elif window.item:
            cue = takes_back(after.text, of_all=True, strict=strict)
        else:
            pointing = (after.block != window.block or after.item) and not window.quoted
            strict = strict and not window.quoted
            cue = takes_back(after.text, pointing=pointing, strict=strict, item=after.item)
            if not cue and puts_off(after.text):
                later = self._after(place + 1)
                cue = takes_back(later.text) if later and later.block == after.block else ""
        if cue or window.item:
            return Stance("denied", cue) if cue else ASSERTED
        near = rest[0] if rest else after.text if after and after.block == window.block else ""
        open_yet = disclaims(near)
        return Stance("attributed", open_yet) if open_yet else ASSERTED

    def _after(self, place: int) -> Window | None:
        """The next window; from a list or a quotation, the one after all of it."""
        here = self.windows[place]
        for window in self.windows[place + 1 :]:
            if window.heading or window.code:
                return None
            if (here.item or here.quoted) and window.block == here.block:
                continue
            return window
        return None

    def _last_withdrawal(self) -> int:
        """The number of the window that takes back all that is above it, or 0."""
        if self._withdrawn_to is None:
            numbers = (
                n for n, w in enumerate(self.windows) if not w.code and withdraws_all(w.text)
            )
            self._withdrawn_to = max(numbers, default=0)
        return self._withdrawn_to

    def _worded(self, window: Window, scope: Scope, at: int) -> bool:
        """Whether a quotation is the answer's own wording: "Write this:", and then all of it.

        So is one, or a report, which the next sentence confirms.
        """
        if scope.kind in {"quoted", "attributed", "asked"}:
            tail = TAIL.split(_sentence(window.joined, at)[0][scope.start :])[-1]
            after = self._next(window, at)
            if confirms(after) or endorses("", tail) or endorses("", after):
                return True
        place = self._place(window)
        lead = window.lead or (self.windows[place - 1].text if place > 0 else "")
        whole = scope.kind == "quoted" and scope.start == 0 and at in {0, len(window.lead) + 1}
        return whole and lead.endswith(":") and not _reports(lead)

    def _next(self, window: Window, start: int) -> str:
        """The sentence after the one at `start` in its paragraph or item, or ""."""
        rest = window.joined[start:].split("\n")[1:]
        if rest or window.item:
            return rest[0] if rest else ""
        after = self._after(self._place(window))
        return after.text if after and after.block == window.block else ""

    def _quotation(self, place: int, window: Window) -> Stance:
        if not window.quoted or all(w.quoted or w.code for w in self.windows):
            return ASSERTED
        if any(
            w.quoted and w.block == window.block and CALLOUT.match(w.text) for w in self.windows
        ):
            return ASSERTED
        after = self._after(place)
        if after and endorses("", after.text):
            return ASSERTED
        before = next((w for w in reversed(self.windows[:place]) if not w.quoted), None)
        lead = before.text if before else ""
        if lead.endswith(":") and _TELLS.search(lead) and not _reports(lead):
            return ASSERTED
        return Stance("quoted", "block quote")


def _asks(before: str) -> str:
    """The words by which a sentence asks for a verdict or for work on the next one, or ""."""
    return poses(before) or sets_task(before)


_COMMENT = re.compile(r"^[\s>+-]*(?:#|//|--|/\*|\*|;|<!--|rem )")


def _of_code(window: Window, match: str) -> Stance:
    """Code as its introduction has it; a comment is what the file says, not the answer."""
    stance = introduction(window.lead, code=True)
    comments = (line for line in window.raw.splitlines() if _COMMENT.match(line))
    if stance.advised and any(match in plain_code(line) for line in comments):
        return Stance("quoted", "comment")
    return stance


def _reports(lead: str) -> bool:
    """Whether a sentence before a colon gives the words of somebody else."""
    said = (*scopes(lead), *scopes(f"{lead.rstrip(':')} that it holds"))
    return any(scope.kind == "attributed" for scope in said)


def _sentence(text: str, start: int) -> tuple[str, int]:
    """The line that holds `start`, and where it begins."""
    begin = text.rfind("\n", 0, start) + 1
    end = text.find("\n", start)
    return text[begin : end if end >= 0 else len(text)], begin


def _begin(window: Window, start: int, end: int) -> int:
    """The first word of a match; a pattern may begin with the end of the clause before."""
    edge = _EDGE.match(window.joined, start, end)
    return edge.end() if edge and edge.end() < end else start


def _negated(sentence: str, first: int) -> str:
    """The negator before a span, unless the span begins with one of its own."""
    own = cues.NEGATOR.match(sentence, first)
    return "" if own else negator(sentence, first, reach=ADVICE_REACH)[1]


def _negated_inside(span: str, pattern: str) -> str:
    """The negator inside a span, unless its pattern speaks of negation."""
    found = None if _NEGATES.search(pattern) else cues.NEGATOR.search(span)
    return found[0] if found else ""


def _governs(scope: Scope, first: int, last: int, pattern: str) -> bool:
    """Whether a scope holds the span, by a cue that is not part of the span itself."""
    if scope.whole:
        return scope.start <= first and last <= scope.end
    if scope.cue_start >= first and scope.cue_start < last:
        if scope.start <= first:
            return not _names(pattern, scope.cue)
        return scope.kind == "denied" and last <= scope.end and not _names(pattern, scope.cue)
    if scope.kind == "conditional":
        return scope.start <= first < scope.end and scope.cue_start < last
    return scope.start <= first < scope.end


def _names(pattern: str, cue: str) -> bool:
    """Whether the pattern speaks of what the cue says."""
    return any(word[:4] in pattern for word in re.findall(r"[a-z]{4,}", cue)) or (
        bool(_NEGATES.search(pattern)) and bool(cues.NEGATOR.search(cue))
    )


def _beyond(rest: str) -> str:
    """What follows the quotation that a span stands in."""
    return rest.partition('"')[2] or rest
