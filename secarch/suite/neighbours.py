"""Questions of one category that may ask the same decision: nearest pairs by the words they share.

Similarity is the cosine of tf-idf vectors over question and key points (Salton and Buckley 1988): a
word that few questions have counts most. It finds candidates; whether two questions ask the same
decision is for people, whose judgement `data/neighbours.yaml` keeps.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from secarch.located_yaml import load_items
from secarch.suite.question import Question

CLOSE = 0.4
"""Cosine from which on a pair has to be judged by people."""
JUDGED = Path(__file__).parent / "data" / "neighbours.yaml"
_WORD = re.compile(r"[a-z0-9][a-z0-9-]+")


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Two questions of one category, the earlier id first."""

    similarity: float
    """0..1."""
    one: str
    two: str


def nearest(questions: Sequence[Question]) -> list[Pair]:
    """All pairs within a category and outside of one scenario, the most alike first."""
    vectors = _vectors(questions)
    groups: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        groups[question.category].append(question)
    pairs = (pair for group in groups.values() for pair in _pairs(group, vectors))
    return sorted(pairs, key=lambda pair: (-pair.similarity, pair.one, pair.two))


def judged() -> dict[tuple[str, str], str]:
    """Pairs that were read -> `differ`, `part` (one asks a point of the other) or `same`."""
    rows = (row for row in load_items(JUDGED) if isinstance(row, dict))
    return {(str(row["one"]), str(row["two"])): str(row["verdict"]) for row in rows}


def unjudged(questions: Sequence[Question]) -> list[Pair]:
    """The close pairs that nobody has judged, or that were judged to ask the same."""
    known = judged()
    close = (pair for pair in nearest(questions) if pair.similarity >= CLOSE)
    return [pair for pair in close if known.get((pair.one, pair.two), "same") == "same"]


def _pairs(group: Sequence[Question], vectors: dict[str, dict[str, float]]) -> Iterator[Pair]:
    for one, two in combinations(sorted(group, key=lambda q: q.id), 2):
        if one.scenario != two.scenario:
            left, right = vectors[one.id], vectors[two.id]
            both = sum(weight * right[word] for word, weight in left.items() if word in right)
            yield Pair(round(both, 4), one.id, two.id)


def _vectors(questions: Sequence[Question]) -> dict[str, dict[str, float]]:
    counts = {question.id: Counter(_words(question)) for question in questions}
    seen = Counter(word for words in counts.values() for word in words)
    found = {}
    for identifier, words in counts.items():
        raw = {
            word: (1 + math.log(n)) * math.log(1 + len(counts) / seen[word])
            for word, n in words.items()
        }
        length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        found[identifier] = {word: weight / length for word, weight in raw.items()}
    return found


def _words(question: Question) -> list[str]:
    texts = (question.question, *(point.text for point in question.key_points), *question.choices)
    return _WORD.findall(" ".join(texts).lower())
