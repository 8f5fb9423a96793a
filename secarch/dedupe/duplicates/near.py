"""Same or not: exact duplicates, then near-duplicates that were looked at, never a hash collision
alone.

Candidates come from MinHash bands wide enough to miss nothing; each is verified on the shingle sets
themselves. A document is removed only if a kept document verifies against it, so nothing goes
through a chain; among equals the best stays, not the first. Everything is worked on in the order of
content hashes: the input's order cannot matter.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from secarch.dedupe.duplicates.bands import Memory, Verified, agreement
from secarch.records import Document
from secarch.text.minhash import Signer, shared, shingles_of
from secarch.text.words import U32

Rule = Literal["exact", "near", "subsumed"]

RELATED = 0.5
"""Jaccard from which two documents must not stand on two sides of a split."""
SLACK = 0.15
"""Candidates whose estimate is lower than `RELATED` by more are not verified: 3.4 standard
deviations of the estimate from 128 permutations at J = 0.5, sqrt(0.25 / 128) = 0.044.
"""
LENGTH_STEP = 0.05
"""Lengths count as equal within 5%, so that the newer of two versions wins over the slightly longer
one.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Why a document went: the kept one it repeats, by how much, and by which rule (indices of the
    input).
    """

    removed: int
    kept: int
    jaccard: float
    containment: float
    rule: Rule


@dataclass(slots=True)
class Duplicates:
    """The removals, and every verified pair with Jaccard of at least `RELATED` (or subsumed)."""

    removals: list[Removal] = field(default_factory=list)
    related: list[tuple[int, int, float]] = field(default_factory=list)
    candidates: int = 0
    verified: int = 0


@dataclass(frozen=True, slots=True)
class _Pair:
    left: int
    right: int
    jaccard: float
    containment: float


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """Which of two documents is better: the lesser one, compared field by field in this order."""

    quality: int
    """Negative, as all that counts up: the best document sorts first."""
    length: int
    """Negative logarithm of the words, in steps of `LENGTH_STEP`."""
    newest: int
    """Negative date, yyyymmdd."""
    canonical: bool
    """False, which sorts first, for a document at its canonical URL."""
    negative_words: int
    sha256: str
    url: str
    id: str

    @property
    def words(self) -> int:
        """Words of the document."""
        return -self.negative_words


def rank(document: Document, quality: int, words: int) -> Rank:
    """Sort key, best first: quality, length, newest, canonical URL, then content hash and URL."""
    newest = int(re.sub(r"\D", "", document.modified_at)[:8].ljust(8, "0") or 0)
    length = round(math.log1p(words) / LENGTH_STEP)
    canonical = document.url == document.canonical_url
    return Rank(
        quality=-quality,
        length=-length,
        newest=-newest,
        canonical=not canonical,
        negative_words=-words,
        sha256=document.sha256,
        url=document.url,
        id=document.id,
    )


class Corpus(Protocol):
    """What is compared, in a fixed order; texts are asked for in ascending order of their numbers,
    few at a time.
    """

    @property
    def fingerprints(self) -> Sequence[str]:
        """Equal for texts of equal words."""

    @property
    def signatures(self) -> U32:
        """MinHash signatures, shape (texts, 128)."""

    def text(self, i: int) -> str:
        """One text."""


class Held:
    """Texts that are in memory anyway."""

    def __init__(self, texts: Sequence[str], shingle: int) -> None:
        self._texts = texts
        self.signatures, self.fingerprints = Signer().sign_texts(texts, shingle)

    def text(self, i: int) -> str:
        """One text."""
        return self._texts[i]


class Seen(Protocol):
    """What was compared before; see `index.Index`."""

    def stored(self) -> Iterator[Verified]:
        """Pairs that were verified before."""

    def candidates(self, marks: Sequence[str], signatures: U32) -> NDArray[np.int64]:
        """Pairs that may be similar and were not looked at before."""

    def save(self, marks: Sequence[str], signatures: U32, verified: Sequence[Verified]) -> None:
        """Keep what was found now."""


def find(
    corpus: Corpus,
    ranks: Sequence[Rank],
    *,
    threshold: float,
    containment: float,
    shingle: int,
    check: Callable[[], None] = lambda: None,
    seen: Seen | None = None,
) -> Duplicates:
    """Decide which texts repeat a better one.

    `check` is called between steps and may raise to stop; pairs that `seen` knows are not looked at
    again. The kept set is a function of the texts and ranks alone: no permutation of the input
    changes it.
    """
    groups = _exact_groups(corpus.fingerprints, ranks)
    out = Duplicates()
    pairs = _verify(
        corpus, [members[0] for members in groups], shingle, out, check, seen or Memory()
    )
    _resolve(groups, pairs, ranks, threshold, containment, out)
    return out


BLOCK = 1 << 14
"""Documents whose shingles are held at once while candidates are verified: two such blocks, 4 KB a
document.
"""


def _exact_groups(fingerprints: Sequence[str], ranks: Sequence[Rank]) -> list[list[int]]:
    """Indices of texts with equal words, best first in each group; groups in the order of their
    content.
    """
    groups: dict[str, list[int]] = {}
    for i, mark in enumerate(fingerprints):
        groups.setdefault(mark, []).append(i)
    return [sorted(groups[key], key=ranks.__getitem__) for key in sorted(groups)]


def _verify(
    corpus: Corpus,
    best: Sequence[int],
    shingle: int,
    out: Duplicates,
    check: Callable[[], None],
    seen: Seen,
) -> list[_Pair]:
    """The pairs of groups whose best share shingles, among the candidates that are likely
    enough.
    """
    signatures = corpus.signatures[np.asarray(best, np.int64)]
    marks = [corpus.fingerprints[i] for i in best]
    found = seen.candidates(marks, signatures)
    check()
    likely = found[agreement(signatures, found) >= RELATED - SLACK] if len(found) else found
    new = [
        _Pair(i, j, common / (a + b - common), common / min(a, b))
        for i, j, a, b, common in _compared(corpus, best, likely, shingle, check)
        if common
    ]
    place = {mark: i for i, mark in enumerate(marks)}
    old = [
        _Pair(*sorted((place[a], place[b])), *rest)
        for a, b, *rest in seen.stored()
        if a in place and b in place
    ]
    seen.save(
        marks, signatures, [(marks[p.left], marks[p.right], p.jaccard, p.containment) for p in new]
    )
    out.candidates, out.verified = len(found), len(new) + len(old)
    return sorted([*new, *old], key=lambda pair: (pair.left, pair.right))


def _compared(
    corpus: Corpus,
    best: Sequence[int],
    pairs: NDArray[np.int64],
    shingle: int,
    check: Callable[[], None],
) -> Iterator[tuple[int, int, int, int, int]]:
    """(i, j, shingles of i, of j, in common) of each pair, a block of documents against a block at
    a time.
    """
    block = np.asarray(best)[pairs] // BLOCK
    for left, right in np.unique(block, axis=0).tolist():
        check()
        chosen = pairs[(block == (left, right)).all(axis=1)]
        needed = sorted(np.unique(chosen).tolist(), key=best.__getitem__)
        held = dict(
            zip(needed, shingles_of((corpus.text(best[i]) for i in needed), shingle), strict=True)
        )
        for i, j in chosen.tolist():
            yield i, j, len(held[i]), len(held[j]), shared(held[i], held[j])


def _resolve(
    groups: list[list[int]],
    pairs: list[_Pair],
    ranks: Sequence[Rank],
    threshold: float,
    containment: float,
    out: Duplicates,
) -> None:
    """Greedy over the groups' best, best first: keep, unless a kept one verifies against it."""
    neighbours: dict[int, list[tuple[int, _Pair]]] = {}
    for pair in pairs:
        if pair.jaccard >= threshold or pair.containment >= containment:
            neighbours.setdefault(pair.left, []).append((pair.right, pair))
            neighbours.setdefault(pair.right, []).append((pair.left, pair))
        if pair.jaccard >= RELATED or pair.containment >= containment:
            out.related.append((groups[pair.left][0], groups[pair.right][0], pair.jaccard))
    twin: dict[int, tuple[int, _Pair]] = {}
    for group in sorted(neighbours, key=lambda g: ranks[groups[g][0]]):
        kept = [
            (other, pair)
            for other, pair in neighbours[group]
            if _verifies(group, other, pair, ranks, groups, threshold)
        ]
        kept = [
            item for item in kept if item[0] not in twin and _before(item[0], group, ranks, groups)
        ]
        if kept:
            twin[group] = max(
                kept, key=lambda item: (item[1].jaccard, item[1].containment, -item[0])
            )
    out.removals = [
        removal
        for number, members in enumerate(groups)
        for removal in _removals(number, members, groups, twin, threshold)
    ]


def _before(a: int, b: int, ranks: Sequence[Rank], groups: list[list[int]]) -> bool:
    return ranks[groups[a][0]] < ranks[groups[b][0]]


def _verifies(
    group: int,
    other: int,
    pair: _Pair,
    ranks: Sequence[Rank],
    groups: list[list[int]],
    threshold: float,
) -> bool:
    """True where `other` makes `group` superfluous; by containment only the shorter one is."""
    shorter = ranks[groups[group][0]].words < ranks[groups[other][0]].words
    return pair.jaccard >= threshold or shorter


def _removals(
    number: int,
    members: list[int],
    groups: list[list[int]],
    twin: dict[int, tuple[int, _Pair]],
    threshold: float,
) -> list[Removal]:
    best, *copies = members
    if number not in twin:
        return [
            Removal(removed=i, kept=best, jaccard=1.0, containment=1.0, rule="exact")
            for i in copies
        ]
    other, pair = twin[number]
    rule: Rule = "near" if pair.jaccard >= threshold else "subsumed"
    kept = groups[other][0]
    return [
        Removal(removed=i, kept=kept, jaccard=pair.jaccard, containment=pair.containment, rule=rule)
        for i in members
    ]
