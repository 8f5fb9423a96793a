"""What is before a clause with "that" makes of the clause, whatever its words are.

The governor of a clause ("anyone who believes", "my advice is", "nobody disputes") is read as a bag
of words: each word that denies and each negation turns the clause round, so that two of them leave
it as it is. Presupposing words ("forget", "surprised", "know") leave it said either way
(Kiparsky and Kiparsky, Fact, 1970; MacCartney and Manning, Natural Logic, 2009). The verdict is one
for the whole governor, in place of those of the single cues in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from secarch.text.polarity import governing
from secarch.text.polarity.kinds import Kind

_TAKEN = 60
"""Characters before "that" in which the word stands that takes the clause."""
MOST_WORDS = 14
"""Words of a governor; what is further before has no part in it."""

_THAT = re.compile(
    r"[ ,](that(?! (?:one|ones|line|way|kind|sort|file|block|value|very|same)\b)"
    r"(?! (?:is|are|was|were|has|have|had|can|could|may|might|must|should|will|would|do|does|did"
    r"|needs?|appl(?:y|ies))\b)|whether|as if"
    r"|as though|in which|where)\b(?= )"
)
_BEGIN = re.compile(
    r"[.!?;:](?=\s)|\s-\s|,? \b(?:but|because|since|so|and so|whereas|although|though|and"
    r" therefore|which(?! (?:\w+ly )?(?:says?|said|states?|claims?|holds?|argues?|asserts?"
    r"|maintains?)\b))\b(?! that\b)|, and\b|[()]"
)
"""Ends the clause before."""
_ASIDE = re.compile(r", (?!namely\b)[^,;:.!?]{3,70}(?=,? that\b|, )")
"""As in "the claim, repeated by many, that ..."."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A clause with its governor: `start`..`end` of the governor, and what it makes of the rest."""

    start: int
    end: int
    kind: Kind
    cue: str


_SURE = (governing.UNDISPUTED, governing.NO_EXPERT)


@lru_cache(maxsize=8192)
def vouches(text: str, at: int) -> bool:
    """Whether the answer itself vouches for the clause that begins at `at`."""
    return any(
        frame.kind == "asserted"
        and frame.end <= at
        and not re.search(r"[.;:!?]\s", text[frame.end : at])
        and any(
            p.search(governor)
            for p in (governing.VOUCHES, governing.ANSWERS, governing.AFFIRMS, *_SURE)
        )
        for frame in frames(text)
        for whole in (re.sub(r"[ ,]+that$", "", text[frame.start : frame.end].strip()),)
        for governor in {whole, _ASIDE.sub("", f"{whole} that").removesuffix(" that").rstrip(",")}
    )


@lru_cache(maxsize=8192)
def governors(text: str) -> tuple[int, ...]:
    """Where the governors of whole clauses with "that" end, whatever they make of them."""
    return tuple(
        match.end()
        for match in _THAT.finditer(text)
        if match[1] == "that" and _takes(text[: match.end()], len(match[0]))
    )


def _takes(text: str, link: int) -> bool:
    """Whether words take a clause, with what is between commas or without it."""
    every = (text, _ASIDE.sub("", text))
    return any(governing.TAKES.search(one[:-link][-_TAKEN:].rstrip(" ,")) for one in every)


@lru_cache(maxsize=8192)
def frames(text: str) -> tuple[Frame, ...]:
    """The governors of one sentence that decide, in order; the clause reaches to the sentence's
    end.
    """
    return tuple(_found(text))


def _found(text: str) -> Iterator[Frame]:
    for match in _THAT.finditer(text):
        begin = max((end.end() for end in _BEGIN.finditer(text, 0, match.start())), default=0)
        words = list(re.finditer(r"\S+", text[begin : match.start()]))
        if len(words) > MOST_WORDS:
            begin += words[-MOST_WORDS].start()
        governor = _ASIDE.sub("", text[begin : match.end()])[: -len(match[0])].strip(" ,")
        kind = _answer(governor, match, text) or _kind(governor, match[1])
        if kind is None and governing.ANSWERS.search(text[begin : match.start()].rstrip()):
            kind = "asserted"
        if kind:
            yield Frame(begin, match.end(), kind, text[begin : match.end()].strip(" ,;:-("))


def _answer(governor: str, link: re.Match[str], text: str) -> Kind | None:
    """What the sentence answers to its own question: "whether X, I say no"."""
    if link[1] != "whether" and not governing.IF_SO.search(governor):
        return None
    rest = text[link.end() :]
    if governing.SAYS_NO.search(rest):
        return "denied"
    return "asserted" if governing.SAYS_YES.search(rest) else None


def _kind(governor: str, link: str) -> Kind | None:
    """What a governor makes of its clause; None if it is not known to make anything of it."""
    governor = governing.FROM_THIS.sub("", governing.BEYOND_DOUBT.sub("", governor).rstrip(" ,"))
    governor = governing.SUPERLATIVE.sub("very", governor)
    if link == "whether":
        return "denied" if governing.INDIFFERENT.search(governor) else "conditional"
    if link in {"as if", "as though"}:
        return "denied" if governing.LOOKS.search(governor) else _turned(governor)
    if link in {"in which", "where"}:
        return _of_place(governor)
    return _of_clause(governor)


def _of_clause(governor: str) -> Kind | None:
    if any(p.search(governor) for p in _SURE):
        return "asserted"
    if governing.ONCE.search(governor):
        return "attributed"
    if not (governing.TAKES.search(governor) or governing.AFFIRMS.search(governor)):
        return None
    return next((kind for decide in _DECISIONS if (kind := decide(governor))), None)


def _of_place(governor: str) -> Kind | None:
    if governing.GUARD.search(governor) and governing.IMPOSSIBLE.search(governor):
        return "denied"
    if governing.SUPPOSE.search(governor):
        return "conditional"
    return "guarded" if governing.GUARD.search(governor) else None


def _deceived(governor: str) -> Kind | None:
    deceived = governing.DECEIVE.search(governor) or governing.WISHED.match(governor)
    if deceived or governing.NOWHERE.search(governor) or governing.SHOW_ME.match(governor):
        return "denied"
    if governing.CROOK.search(governor) and governing.HOPES.search(governor):
        return "attributed"
    if governing.PREFERS.search(governor) and not governing.NEGATE.search(governor):
        return "denied"
    return "guarded" if governing.NEVER.search(governor) else None


def _supposed(governor: str) -> Kind | None:
    if governing.ASKED_TO.search(governor) and not governing.OWN.search(governor):
        return "attributed"
    return (
        "conditional"
        if governing.SUPPOSE.search(governor) and not governing.DENY.search(governor)
        else None
    )


def _turned(governor: str) -> Kind | None:
    """A governor with words that deny or negate; each of them turns the clause round."""
    negated = bool(governing.NEGATE.search(governing.DENY.sub(" ", governor)))
    found = [*governing.DENY.finditer(governor)]
    apart = sum(one.end() + 1 != two.start() for one, two in pairwise(found))
    turns = bool(found) + apart + negated
    if turns % 2 and governing.PROOF.search(governor):
        return "denied"
    if turns and governing.FACTIVE.search(governor):
        return "asserted" if negated or turns % 2 == 0 else None
    return ("denied" if turns % 2 else "asserted") if turns else None


def _answered(governor: str) -> Kind | None:
    """The answer's own reason or conclusion, or what it vouches for."""
    if governing.ANSWERS.search(governor) or governing.AFFIRMS.search(governor):
        return "asserted"
    if (
        not governing.VOUCHES.search(governor)
        or governing.OPEN.search(governor)
        or governing.IMPERATIVE.match(governor)
    ):
        return None
    own = re.search(r"\b(?:i|we|you)(?:'\w+)?\b", governor) or governing.PROVES.search(governor)
    return "asserted" if own or not governing.OUTSIDER.search(governor) else None


def _reported(governor: str) -> Kind | None:
    """Hearsay, and what is feared; not what is ordered."""
    if governing.IMPERATIVE.match(governor):
        return None
    says = bool(governing.REPORT.search(governor))
    outsider = governing.OUTSIDER.search(governor) and not governing.OWN.search(governor)
    if (governing.PAST.search(governor) and not governing.TO_THIS_DAY.search(governor)) or (
        outsider and (says or governing.CLAIM_NOUN.search(governor))
    ):
        return "attributed"
    return "guarded" if governing.GUARD.search(governor) and not says else None


_DECISIONS: tuple[Callable[[str], Kind | None], ...] = (
    _deceived,
    _supposed,
    _turned,
    _answered,
    _reported,
)
"""Asked in this order; the first that knows decides."""
