"""Shingle sets and MinHash: how alike two texts are, exactly and by signature."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from secarch.text.words import (
    BLOCK,
    U32,
    U64,
    hash_all,
    hash_texts,
    mark,
    ngrams,
    separate,
    word_hashes,
)

PERMUTATIONS = 128
_SHINGLES_AT_ONCE = 512
"""128 permutations of 512 uint32 are 256 KiB and stay in the second-level cache."""
_TEXTS_AT_ONCE = 32


def _mix32(h: U32) -> U32:
    """The 32-bit finaliser of MurmurHash3, which datasketch's affine32 scheme applies first."""
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def shingles(text: str | U64, n: int) -> U32:
    """The set of word n-grams as sorted 32-bit hashes; a text of fewer than `n` words is one
    shingle.
    """
    hashed = word_hashes(text) if isinstance(text, str) else text
    grams = ngrams(hashed, max(1, min(n, len(hashed))))
    return _distinct((grams >> np.uint64(32)).astype(np.uint32))


def shingles_of(texts: Iterable[str], n: int) -> Iterator[U32]:
    """`shingles` of each text, many in one pass."""
    for spaced in _batches(texts):
        if len(spaced[0]) > BLOCK:
            yield shingles(hash_all(spaced[0]), n)
            continue
        hashed, begin, _ = hash_texts(spaced)
        grams = (ngrams(hashed, n) >> np.uint64(32)).astype(np.uint32)
        for start, end in itertools.pairwise(begin):
            inside = end - start >= n
            yield (
                _distinct(grams[start : end - n + 1].copy())
                if inside
                else shingles(hashed[start:end], n)
            )


def _batches(texts: Iterable[str]) -> Iterator[list[bytes]]:
    """A few texts at a time, `separate`, of `BLOCK` bytes at most unless it is one alone."""
    batch: list[bytes] = []
    size = 0
    for spaced in map(separate, texts):
        if batch and (len(batch) == _TEXTS_AT_ONCE or size + len(spaced) > BLOCK):
            yield batch
            batch, size = [], 0
        batch.append(spaced)
        size += len(spaced)
    if batch:
        yield batch


def _distinct(values: U32) -> U32:
    """The values as a sorted set; sorts in place, since `np.unique` takes a hash table, at several
    times the cost.
    """
    values.sort()
    first = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return values[first]


def shared(a: U32, b: U32) -> int:
    """Members that two sorted sets have in common."""
    both = np.concatenate((a, b))
    both.sort()
    return int(np.count_nonzero(both[1:] == both[:-1]))


def jaccard(a: U32, b: U32) -> float:
    """|A and B| / |A or B| of two shingle sets (0..1); 1 for two empty ones."""
    common = shared(a, b)
    union = len(a) + len(b) - common
    return common / union if union else 1.0


def containment(a: U32, b: U32) -> float:
    """The share of the smaller set that is in the larger one (0..1); 1 where the smaller is
    empty.
    """
    smaller = min(len(a), len(b))
    return shared(a, b) / smaller if smaller else 1.0


class Unlike:
    """Sets of which no two have a Jaccard similarity of `most` (0..1) or more."""

    def __init__(self, most: float) -> None:
        self._most = most
        self._sets: list[U32] = []
        self._spread = np.zeros((4, _RANGES), np.uint32)

    def add(self, members: U32) -> bool:
        """Remember a set if it is like none before; returns whether it is like none.

        Two sets share no more than the smaller one has in each range of hashes, which leaves few
        pairs to compare.
        """
        count = len(self._sets)
        own = np.bincount(members >> _RANGE_BITS, minlength=_RANGES).astype(np.uint32)
        before = self._spread[:count]
        common = np.minimum(before, own).sum(axis=1, dtype=np.int64)
        union = before.sum(axis=1, dtype=np.int64) + len(members) - common
        likely = np.flatnonzero(common >= self._most * union - 1e-6)
        if any(jaccard(members, self._sets[i]) >= self._most for i in likely):
            return False
        if count == len(self._spread):
            self._spread = np.concatenate([self._spread, np.zeros_like(self._spread)])
        self._spread[count] = own
        self._sets.append(members)
        return True


_RANGES = 128
_RANGE_BITS = np.uint32(25)
"""Bits of a hash below those that name its range."""


def _permutations(count: int, seed: int) -> tuple[U32, U32]:
    """The constants of datasketch's affine32 scheme, h -> a * h + b modulo 2**32 with a odd; each
    of shape (count,).

    Drawn as datasketch draws them, from NumPy's RandomState, whose stream is frozen (NEP 19):
    importing datasketch for them, with the SciPy that it loads, takes longer than signing a
    thousand documents.
    """
    source = np.random.RandomState(seed)
    a = source.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return a, source.randint(0, 1 << 32, count, dtype=np.uint32)


class Signer:
    """MinHash signatures that are bit-identical to datasketch's affine32 scheme, without Python per
    shingle.

    A signature here can be put into datasketch's MinHash and LSH objects:
    `MinHash(128, hashvalues=signature, scheme="affine32")`.
    """

    def __init__(self, permutations: int = PERMUTATIONS, seed: int = 1) -> None:
        a, b = _permutations(permutations, seed)
        self._a, self._b = a[:, None], b[:, None]
        self._room = np.empty((permutations, _SHINGLES_AT_ONCE), np.uint32)

    def sign(self, members: U32) -> U32:
        """The signature, shape (permutations,); all ones for an empty set."""
        out = np.full(len(self._a), 0xFFFFFFFF, np.uint32)
        mixed = _mix32(members)
        for start in range(0, len(mixed), _SHINGLES_AT_ONCE):
            part = mixed[start : start + _SHINGLES_AT_ONCE]
            room = self._room[:, : len(part)]
            np.multiply(self._a, part, out=room)
            room += self._b
            np.minimum(out, room.min(axis=1), out=out)
        return out

    def sign_texts(self, texts: Sequence[str], n: int) -> tuple[U32, list[str]]:
        """Signatures of the texts' shingle sets, shape (texts, permutations), and the texts'
        fingerprints.
        """
        out = np.full((len(texts), len(self._a)), 0xFFFFFFFF, np.uint32)
        marks: list[str] = []
        for spaced in _batches(texts):
            rows = out[len(marks) : len(marks) + len(spaced)]
            if len(spaced[0]) > BLOCK:
                self._sign(hash_all(spaced[0]), n, rows[0])
                marks.append(mark(b" ".join(spaced[0].split())))
                continue
            hashed, begin, squeezed = hash_texts(spaced)
            marks += map(mark, squeezed)
            self._sign_batch(hashed, np.asarray(begin), n, rows)
        return out, marks

    def _sign_batch(self, hashed: U64, begin: NDArray[np.int64], n: int, out: U32) -> None:
        """The signatures of texts one after the other, each permutation in one pass over all of
        them.
        """
        grams = ngrams(hashed, n)
        inside = np.ones(len(grams), bool)
        for end in begin[1:-1].tolist():
            inside[max(0, end - n + 1) : end] = False
        mixed = _mix32((grams[inside] >> np.uint64(32)).astype(np.uint32))
        counts = np.maximum(0, np.diff(begin) - n + 1)
        long = counts > 0
        if len(mixed):
            out[long] = self._least(mixed, np.cumsum(counts)[long] - counts[long])
        for i in np.flatnonzero(~long).tolist():
            self._sign(hashed[begin[i] : begin[i + 1]], n, out[i])

    def _least(self, mixed: U32, start: NDArray[np.int64]) -> U32:
        """The least value of each permutation in each run that begins at `start`; shape (runs,
        permutations).
        """
        out = np.empty((len(self._a), len(start)), np.uint32)
        room = np.empty_like(mixed)
        for a, b, row in zip(self._a[:, 0], self._b[:, 0], out, strict=True):
            np.multiply(mixed, a, out=room)
            np.add(room, b, out=room)
            np.minimum.reduceat(room, start, out=row)
        return out.T

    def _sign(self, hashed: U64, n: int, out: U32) -> None:
        if len(hashed):
            out[:] = self.sign(shingles(hashed, n))
