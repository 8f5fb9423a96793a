"""A second look at key points that no pattern finds, by what right answers say there.

Patterns know their author's words, and a right answer in others loses points that it makes. Here
each sentence, or two neighbouring ones, is weighed by the words that it shares with the point's own
text and with the sentences of the reference and the paraphrase that make the point, less those that
it shares with other points; by how many parts of a pattern it has, in whatever order; and by how
much else of the question the answer meets, since an answer that misses nearly all is seldom right
on one. Words of the question count little: they come free. What is met so is an estimate and is
called one. The weights (likeness.json) are fitted by `tests/benchmarks/likeness_fit.py`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from secarch.evaluate.rubric.expressions import compiled
from secarch.evaluate.rubric.language import FUNCTION_WORDS
from secarch.evaluate.rubric.wording import widened
from secarch.suite.schema import KeyPoint, Question
from secarch.text.polarity.plain import plain
from secarch.text.polarity.stance import read
from secarch.text.polarity.windows import Window

SAYS_SO = "met by similarity (an estimate): "
"""Begins the evidence of a point that is met in this way."""
ASKED = 0.25
"""What a word of the question weighs beside one of the answer's own."""
MAX_PAIR = 44
"""Words of two neighbouring sentences that are read as one. In 180 answers by writers who knew no
pattern, right ones gain .016 over 30 words and wrong ones .008; bare key words gain nothing."""
NEAREST = 4
"""Sentences of a right answer in which a point's patterns are looked for, most like its text first;
where they match in none, the first of them stands for the point.
"""
FEATURES = ("text", "shown", "parts", "whole", "length", "share", "others", "margin")
"""What is weighed, in the order of the weights."""

_WORD = re.compile(r"[a-z][a-z0-9'-]+|\d+")
_ENDING = re.compile(r"(?<=\w{3})(?:ations?|ings?|edly|ed|ies|es|(?<!s)s|ly|e|y)$")
_GAP = re.compile(r"(?:\.|\[\^[^\]]*\])(?:\{\d*,\d*\}|[*+])\??")
"""What stands between two parts of a pattern."""
_LOOK = re.compile(r"\(\?<?[!=][^()]*(?:\([^()]*\)[^()]*)*\)")
_SUFFIX = re.compile(r"(?<=[a-z])\((?:\?:)?[a-z|?]*\)\??|[a-z]\?|\\[bw][*+]?")
_LITERAL = re.compile(r"[a-z0-9][a-z0-9' -]+[a-z0-9]")
_NO_WORD = re.compile(r"[^a-z0-9]+")

Bag = AbstractSet[str]


@dataclass(frozen=True, slots=True)
class _Model:
    weights: tuple[float, ...]
    start: float
    threshold: float
    seen: Mapping[str, int]
    """Stem -> right answers of the core suite that have it, where those are several."""
    of: int
    """Right answers that were counted."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of an answer, or two neighbouring ones."""

    windows: tuple[Window, ...]
    text: str
    bag: Bag


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a pattern: the words of which one must be there."""

    words: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class _Target:
    """What a passage is held against for one point."""

    text: tuple[Bag, float]
    shown: tuple[tuple[Bag, float], ...]
    """The sentences of right answers that make the point."""
    every: Bag
    patterns: tuple[tuple[_Part, ...], ...]


class _Weigher(dict[str, float]):
    """Stem -> what it says: much if it is rare, little if the question has it."""

    def __init__(self, asked: Bag) -> None:
        super().__init__()
        self.asked = asked

    def __missing__(self, stem: str) -> float:
        model = _model()
        rarity = math.log((model.of + 1) / (model.seen.get(stem, 1) + 1)) / math.log(model.of + 1)
        self[stem] = rarity * (ASKED if stem in self.asked else 1.0)
        return self[stem]

    def of(self, bag: Bag) -> float:
        return sum([self[stem] for stem in bag])


class Likeness:
    """What the right answers to one question say, point by point."""

    def __init__(self, asked: str, rights: Sequence[str], points: Sequence[KeyPoint]) -> None:
        flat = plain(asked)
        self._weigh = _Weigher(_bag(flat))
        self._asked = _spaced(flat)
        said = [[p for p in passages(read(text).windows) if p.text] for text in rights]
        self._targets = {point.id: self._target(point, said) for point in points}

    def _target(self, point: KeyPoint, said: Sequence[Sequence[Passage]]) -> _Target:
        own = _bag(plain(point.text))
        shown = [self._shows(point, own, some) for some in said if some]
        return _Target(
            text=(own, self._weigh.of(own)),
            shown=tuple((bag, self._weigh.of(bag)) for bag in shown),
            every=own.union(*shown),
            patterns=tuple(_patterns(point, self._asked)),
        )

    def _shows(self, point: KeyPoint, own: Bag, said: Sequence[Passage]) -> Bag:
        """The sentence of a right answer that makes the point."""
        near = sorted(said, key=lambda p: (-self._weigh.of(own & p.bag), len(p.bag)))[:NEAREST]
        found = next((p for p in near if _matched(point, p.text)), near[0])
        return found.bag

    def ranked(
        self, point: str, some: Sequence[Passage], others: float
    ) -> list[tuple[Passage, tuple[int, int]]]:
        """The passages that are like enough to a point, best first, with the span of the words.

        `others` is the share of the other points' weights that the answer meets by patterns.
        """
        model = _model()
        scored = [(self.odds(self.features(point, one, others)), one) for one in some]
        enough = [pair for pair in scored if pair[0] >= model.threshold]
        enough.sort(key=lambda pair: -pair[0])
        return [(one, _span(one.text, self._targets[point].every)) for _, one in enough]

    @staticmethod
    def odds(features: Sequence[float]) -> float:
        """Logarithm of the odds that a passage with these features makes the point."""
        model = _model()
        return model.start + sum(map(float.__mul__, model.weights, features))

    def features(self, point: str, passage: Passage, others: float) -> list[float]:
        """What is weighed of a passage, by `FEATURES`."""
        target, bag = self._targets[point], passage.bag
        own = self._share(target.text, bag)
        shown = max((self._share(one, bag) for one in target.shown), default=0.0)
        parts, whole = _parts(target.patterns, _spaced(passage.text))
        rivals = (t for name, t in self._targets.items() if name != point)
        rival = max((self._nearness(one, bag) for one in rivals), default=0.0)
        share = self._weigh.of(bag & target.every) / (self._weigh.of(bag) or 1.0)
        length = math.log(1 + len(bag))
        return [own, shown, parts, whole, length, share, others, max(own, shown) - rival]

    def _nearness(self, target: _Target, bag: Bag) -> float:
        return max(self._share(one, bag) for one in (target.text, *target.shown))

    def _share(self, wanted: tuple[Bag, float], bag: Bag) -> float:
        """Share of the wanted words' weight that a bag has, 0..1."""
        words, total = wanted
        return self._weigh.of(words & bag) / total if total else 0.0


def likeness(question: Question) -> Likeness:
    """What the right answers to a question say."""
    asked = "\n".join([question.question, *question.files.values()])
    points = tuple(point for point in question.key_points if not point.requires)
    return _likeness(asked, question.reference, question.paraphrase, points)


@lru_cache(maxsize=1024)
def _likeness(
    asked: str, reference: str, paraphrase: str, points: tuple[KeyPoint, ...]
) -> Likeness:
    return Likeness(asked, [text for text in (reference, paraphrase) if text], points)


def passages(
    windows: Sequence[Window],
    said: AbstractSet[Window] | None = None,
    refused: AbstractSet[Window] = frozenset(),
) -> list[Passage]:
    """The sentences in `said` (all if None), and neighbours of which one is; prose alone."""
    prose = [w for w in windows if not w.code]
    counts = {w for w in prose if said is None or w in said}
    found = [_passage(w) for w in prose if w in counts]
    for one, two in pairwise(prose):
        apart = one.block != two.block or one.heading or two.heading
        if apart or one in refused or two in refused or not (one in counts or two in counts):
            continue
        if len(one.text.split()) + len(two.text.split()) <= MAX_PAIR:
            found.append(_passage(one, two))
    return found


def _passage(*windows: Window) -> Passage:
    text = "\n".join(window.joined for window in windows)
    return Passage(windows, text, _bag(text))


@lru_cache(maxsize=1)
def _model() -> _Model:
    data = json.loads(Path(__file__).with_name("likeness.json").read_text(encoding="utf-8"))
    weights = tuple(float(data["weights"][name]) for name in FEATURES)
    seen = {stem: int(n) for n, stems in data["seen"].items() for stem in stems.split()}
    return _Model(weights, data["start"], data["threshold"], seen, data["of"])


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return _ENDING.sub("", word)


def _bag(text: str) -> frozenset[str]:
    """The stems of a plain text, of words with a hyphen also their parts."""
    words = [word for word in _WORD.findall(text) if word not in FUNCTION_WORDS]
    parts = [p for word in words if "-" in word for p in word.split("-") if len(p) > 2]
    return frozenset(map(_stem, words)) | {_stem(p) for p in parts if p not in FUNCTION_WORDS}


def _spaced(text: str) -> str:
    """A text as words with single spaces, one in front."""
    return " " + _NO_WORD.sub(" ", text)


def _span(text: str, words: Bag) -> tuple[int, int]:
    """From the first to the last of the words in a text; the whole if none is there."""
    found = [m.span() for m in _WORD.finditer(text) if _bag(m[0]) & words]
    return (found[0][0], found[-1][1]) if found else (0, len(text))


def _matched(point: KeyPoint, text: str) -> bool:
    """Whether the point's patterns match a text that is known to be right."""
    if not all(compiled(widened(pattern), text).search(text) for pattern in point.all_of):
        return False
    return not point.any_of or any(compiled(widened(p), text).search(text) for p in point.any_of)


def _patterns(point: KeyPoint, asked: str) -> Iterator[tuple[_Part, ...]]:
    """The alternatives of a point's patterns as the parts that each needs."""
    always = [part for pattern in point.all_of for part in _needed(pattern)]
    ways = [way for pattern in point.any_of for way in _ways(pattern)] or [()]
    for way in ways:
        words = [*always, *filter(None, map(_literals, way))]
        if words:
            free = [any(f" {word}" in asked for word in some) for some in words]
            yield tuple(_Part(s, 0.5 if f else 1.0) for s, f in zip(words, free, strict=True))


def _needed(pattern: str) -> list[tuple[str, ...]]:
    """The parts of a pattern that must match; one of all words if it has alternatives."""
    ways = [[found for part in way if (found := _literals(part))] for way in _ways(pattern)]
    if len(ways) == 1:
        return ways[0]
    every = tuple(word for way in ways for found in way for word in found)
    return [every] if every else []


@lru_cache(maxsize=16_384)
def _ways(pattern: str) -> tuple[tuple[str, ...], ...]:
    """The alternatives of a pattern outside brackets, cut where it lets anything stand between."""
    ways: list[tuple[str, ...]] = []
    way: list[str] = []
    part, depth, at = "", 0, 0
    pattern = _LOOK.sub("", pattern)
    while at < len(pattern):
        step = 2 if pattern[at] == "\\" else 1
        if depth == 0 and (gap := _GAP.match(pattern, at)):
            way, part, at = [*way, part], "", gap.end()
            continue
        if depth == 0 and pattern[at] == "|":
            ways, way, part = [*ways, (*way, part)], [], ""
        else:
            depth += {"(": 1, ")": -1}.get(pattern[at], 0)
            part += pattern[at : at + step]
        at += step
    return (*ways, (*way, part))


@lru_cache(maxsize=16_384)
def _literals(part: str) -> tuple[str, ...]:
    r"""The words and beginnings of words of which a part of a pattern wants one.

    >>> _literals(r"\b(?:exempt\w*|waivers?|end dates?)\b")
    ('exempt', 'waiver', 'end date')
    """
    bare = _SUFFIX.sub("", part.replace("[- ]?", " ").replace("[- ]", " "))
    words = (_NO_WORD.sub(" ", found) for found in _LITERAL.findall(bare))
    return tuple(dict.fromkeys(word for word in words if len(word) > 2))


def _parts(patterns: Sequence[Sequence[_Part]], text: str) -> tuple[float, float]:
    """Highest share of one pattern's parts that a text has, and whether all of one are there, of
    which the question has not all itself.
    """
    best = whole = 0.0
    for parts in patterns:
        found = [part.weight for part in parts if any(f" {word}" in text for word in part.words)]
        best = max(best, sum(found) / sum(part.weight for part in parts))
        if len(found) == len(parts) and max(found) == 1.0:
            whole = 1.0
    return best, whole
