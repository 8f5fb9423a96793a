"""Gates before the dataset that need no model: what a pair may not be, and what it may not say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from secarch.text.words import normalise
from secarch.text.words import words as words_of

_POINTS = re.compile(
    r"\b(?:passage|(?:above|following|given|provided|this) "
    r"(?:text|document|section|page|excerpt)|according to the)\b",
    re.IGNORECASE,
)
_EXACT = re.compile(
    r"`[^`\n]+`|\b[\w.:/-]*(?:\d|_|::|:/)[\w.:/-]*|\b[A-Za-z]+[A-Z]\w*\b|\b[A-Z]{2,}\b"
)
"""What must be in the span letter by letter: code, numbers, identifiers, acronyms."""
_NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|without|none|neither|nor|nothing|unable|\w+n't|prevents?"
    r"|prohibit\w*|"
    r"denies|deny|denied|forbid\w*|unsupported|disallow\w*|refus\w+|avoid|except)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
SHORTEST_QUOTE = 4
"""Words of the shortest quote that proves anything."""
SAME_QUESTION = 0.8
"""Jaccard of the words of two questions from which they are the same (0..1)."""
TRIVIAL = 0.9
"""Share of an answer's longer words that its question may hold already (0..1)."""
_COMMON = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "on",
        "for",
        "and",
        "or",
        "is",
        "are",
        "be",
        "do",
        "does",
        "did",
        "how",
        "what",
        "which",
        "when",
        "why",
        "who",
        "should",
        "must",
        "can",
        "could",
        "would",
        "will",
        "it",
        "its",
        "this",
        "that",
        "with",
        "by",
        "from",
        "as",
        "at",
        "if",
        "our",
        "your",
        "we",
        "you",
        "i",
        "one",
    ]
)


def malformed(question: str, answer: str) -> bool:
    """True for a pair that is not a question of its own, or no answer of a useful length."""
    return (
        not 4 <= len(question.split()) <= 120
        or not 5 <= len(answer.split()) <= 600
        or bool(_POINTS.search(question))
        or bool(re.search(r"[:,;(]\s*$", answer.strip()))
        or answer.count("```") % 2 == 1
    )


def is_quoted(quote: str, source: str) -> bool:
    """True if the words of `quote` are in `source` in this order, case and punctuation aside."""
    said = normalise(quote)
    return len(said.split()) >= SHORTEST_QUOTE and f" {said} " in f" {normalise(source)} "


def support(answer: str, source: str) -> float:
    """How much of an answer its source holds (0..1): the share of its words, and 0 where a name or
    number is not there.

    A lexical check: it finds what was invented; what was twisted is found by `contradicts`.
    """
    lower, held = source.lower(), set(words_of(source))
    names = (exact.strip("`.:,/-").lower() for exact in _EXACT.findall(answer))
    if any(name not in (held if name.isalnum() else lower) for name in names):
        return 0.0
    said = [word for word in words_of(answer) if len(word) > 3]
    stems = set(map(_stem, held))
    return sum(_stem(word) in stems for word in said) / len(said) if said else 0.0


def _stem(word: str) -> str:
    """Enough of a word to tell it in another inflection."""
    return word.rstrip("s")[:5]


def _content(sentence: str) -> set[str]:
    return {_stem(w) for w in words_of(_NEGATION.sub(" ", sentence)) if w not in _COMMON}


def contradicts(answer: str, source: str) -> bool:
    """True if a sentence of the answer says of a source's sentence the opposite.

    The two share most of their words (Jaccard .6 of the answer's best match), and one holds a
    negation where the other holds none.
    """
    known = [(s, _content(s)) for s in _SENTENCE.split(source) if len(s.split()) > 3]
    return any(
        _is_negated(sentence, known)
        for sentence in _SENTENCE.split(answer)
        if len(sentence.split()) > 3
    )


def _is_negated(sentence: str, known: Sequence[tuple[str, set[str]]]) -> bool:
    said = _content(sentence)
    alike, source = max(
        ((len(said & held) / (len(said | held) or 1), text) for text, held in known),
        default=(0.0, ""),
    )
    covered = len(said & _content(source)) / (len(said) or 1)
    if alike < 0.6 and covered < 0.8:
        return False
    return len(_NEGATION.findall(sentence)) % 2 != len(_NEGATION.findall(source)) % 2 and not (
        alike < 0.6 and bool(_NEGATION.search(source))
    )


def fits(question: str, answer: str) -> bool:
    """True if the answer speaks of what the question asks: they share a word of content."""
    asked = _content(question)
    return not asked or bool(asked & _content(answer))


def is_trivial(question: str, answer: str) -> bool:
    """True if the question says the answer already."""
    said = {word for word in words_of(answer) if len(word) > 3}
    return bool(said) and len(said & set(words_of(question))) >= TRIVIAL * len(said)


def agrees(first: str, second: str) -> bool:
    """True if two answers to one question do not differ in yes or no, numbers or polarity."""
    opening = [re.match(r"\W*(yes|no)\b", text, re.IGNORECASE) for text in (first, second)]
    if opening[0] and opening[1] and opening[0][1].lower() != opening[1][1].lower():
        return False
    return not contradicts(first, second)


def _same(a: frozenset[str], b: frozenset[str]) -> bool:
    """Mostly the same words, and the same numbers: of site 7 is asked otherwise than of site 8."""
    if any(any(map(str.isdigit, word)) for word in a ^ b):
        return False
    return len(a & b) >= SAME_QUESTION * len(a | b)


class Questions:
    """The questions that are taken, for finding near-duplicates among thousands."""

    def __init__(self, questions: Sequence[str] = ()) -> None:
        self._by_word: dict[str, list[int]] = {}
        self._taken: list[frozenset[str]] = []
        for question in questions:
            self.add(question)

    def add(self, question: str) -> None:
        """Take it."""
        members = self._members(question)
        for word in members:
            self._by_word.setdefault(word, []).append(len(self._taken))
        self._taken.append(members)

    def has(self, question: str) -> bool:
        """True if one of the same words, or nearly, is taken."""
        members = self._members(question)
        rare = sorted(members, key=lambda word: len(self._by_word.get(word, ())))
        # A question of Jaccard J shares one of the rarest (1 - J) n + 1 words.
        wanted = rare[: len(rare) - int(SAME_QUESTION * len(rare)) + 1]
        near = {n for word in wanted for n in self._by_word.get(word, ())}
        return any(_same(members, self._taken[n]) for n in near)

    @staticmethod
    def _members(question: str) -> frozenset[str]:
        return frozenset(words_of(question))
