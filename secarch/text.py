"""Words, n-grams, shingles and MinHash: the one implementation for de-duplication, contamination and suite checks.

A word is a run of Unicode letters, digits, marks and underscores of the lower-cased text; everything else separates.
N-grams are compared by 64-bit hashes, shingle sets by 32-bit hashes (a set of 1,000 then holds a false pair with a
chance of about 1e-4 per comparison, far below what a threshold of 0.8 could notice). Hashes depend on the words
alone: equal on every machine and in every run.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]

PERMUTATIONS = 128
_PRIME = 0x100000001B3
_INVERSE = pow(_PRIME, -1, 1 << 64)
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""2**64 divided by the golden ratio: joins hashes in a row."""
_BLOCK = 1 << 19
"""Bytes hashed in one pass; longer texts are cut at a space, so that memory stays flat."""
_SHINGLES_AT_ONCE = 512
"""128 permutations of 512 uint32 are 256 KiB and stay in the second-level cache."""

_TEXTS_AT_ONCE = 32

_WORD_BYTES = b"abcdefghijklmnopqrstuvwxyz0123456789_"
_ASCII = bytes(c if c in _WORD_BYTES or c > 127 else 32 for c in bytes(range(256)).lower())
"""Lower case, and a space for each separator."""
_ASCII_BYTES = bytes(range(128))


# ---------------------------------------------------------------- words


def normalise(text: str) -> str:
    """The words of `text`, lower case, one space between two; '' where there are none."""
    return _normalised(text).decode()


def _normalised(text: str) -> bytes:
    """`normalise` as UTF-8."""
    return b" ".join(_spaced(text).split())


def _spaced(text: str) -> bytes:
    """The text as UTF-8, lower case, a space for each separator; those outside ASCII are few, each goes at once."""
    data = text.encode("utf-8", "replace")
    if len(data) != len(text):
        foreign = set(data.translate(None, _ASCII_BYTES).decode())
        if any(character != character.lower() for character in foreign):
            # A letter's lower case may be several, or depend on its neighbours: the whole text, by Unicode's rules.
            data = text.lower().encode("utf-8", "replace")
            foreign = set(data.translate(None, _ASCII_BYTES).decode())
        for character in foreign:
            if not character.isalnum():
                data = data.replace(character.encode(), b" ")
    return data.translate(_ASCII)


def words(text: str) -> list[str]:
    """The words of `text` in order, lower case."""
    return normalise(text).split()


def fingerprint(text: str) -> str:
    """Hex digest (128 bits) of the words: equal for texts that differ in case, spacing or punctuation only."""
    return hashlib.blake2b(_normalised(text), digest_size=16).hexdigest()


# ---------------------------------------------------------------- hashes


def word_hashes(text: str) -> U64:
    """A 64-bit hash of each word, in order; shape (words,)."""
    return _hash_all(_normalised(text))


def word_hashes_of(texts: Sequence[str]) -> tuple[U64, NDArray[np.int64]]:
    """The word hashes of many texts one after the other, and where each begins; shapes (words,), (texts + 1,).

    Several short texts in one pass cost a fraction of as many calls of `word_hashes`.
    """
    return _hashes_of([_normalised(text) for text in texts])


def _hashes_of(parts: Sequence[bytes]) -> tuple[U64, NDArray[np.int64]]:
    counts = [part.count(b" ") + 1 if part else 0 for part in parts]
    return _hash_all(b" ".join(part for part in parts if part)), np.cumsum([0, *counts], dtype=np.int64)


def _hash_all(data: bytes) -> U64:
    blocks = [_hash_words(block) for block in _blocks(data)]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.uint64)


def _blocks(data: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = min(start + _BLOCK, len(data))
        if end < len(data):
            space = data.rfind(b" ", start, end)
            end = space + 1 if space >= start else (data.find(b" ", end) + 1 or len(data))
        yield data[start:end]
        start = end


def _hash_texts(spaced: Sequence[bytes]) -> tuple[U64, list[int], list[bytes]]:
    """The word hashes of short texts, where each text's begin, and each text with one space between two words."""
    data = b" ".join([*spaced, b""])
    hashed, start, end = _hash_edges(data)
    ends = np.cumsum([len(part) + 1 for part in spaced])
    begin = [0, *np.searchsorted(start, ends).tolist()]
    raw = np.frombuffer(data, np.uint8)
    kept = raw != 32
    kept[np.minimum(end, len(raw) - 1)] = True
    length = np.concatenate(([0], np.cumsum(end - start + 1)))
    whole = raw.compress(kept).tobytes()
    parts = [whole[length[a] : max(length[a], length[b] - 1)] for a, b in itertools.pairwise(begin)]
    return hashed, begin, parts


def _mark(words: bytes) -> str:
    return hashlib.blake2b(words, digest_size=16).hexdigest()


def _hash_words(data: bytes) -> U64:
    return _hash_edges(data)[0]


def _hash_edges(data: bytes) -> tuple[U64, NDArray[np.int64], NDArray[np.int64]]:
    """Hash, start and end of each word. Prefix sums of a polynomial hash: no Python per word.

    With H[i] = sum of byte[j] * P**j for j < i modulo 2**64, a word from s to e has the hash
    (H[e] - H[s]) * P**-s, which does not depend on where the word stands (P is odd, so invertible).
    """
    raw = np.frombuffer(data, dtype=np.uint8)
    inside = np.concatenate(([False], raw != 32, [False]))
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    start, end = edges[::2], edges[1::2]
    power, inverse = _powers((len(raw) + 1).bit_length())
    sums = np.zeros(len(raw) + 1, np.uint64)
    np.cumsum(raw * power[: len(raw)], out=sums[1:])
    return mix64((sums[end] - sums[start]) * inverse[start] + (end - start).astype(np.uint64)), start, end


@cache
def _powers(bits: int) -> tuple[U64, U64]:
    power, inverse = (np.full(1 << bits, base, np.uint64) for base in (_PRIME, _INVERSE))
    power[0] = inverse[0] = 1
    return np.cumprod(power), np.cumprod(inverse)


def mix64(h: U64) -> U64:
    """The 64-bit finaliser of MurmurHash3 (Appleby, public domain): every input bit reaches every output bit."""
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


def _mix32(h: U32) -> U32:
    """The 32-bit finaliser of MurmurHash3, which datasketch's affine32 scheme applies first."""
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


# ---------------------------------------------------------------- n-grams and shingles


def ngrams(text: str | U64, n: int) -> U64:
    """A 64-bit hash of every run of `n` words, in order; empty where the text has fewer. Takes word hashes too."""
    hashed = word_hashes(text) if isinstance(text, str) else text
    count = len(hashed) - n + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    out = hashed[:count].copy()
    for i in range(1, n):
        out *= MULTIPLIER
        out += hashed[i : i + count]
    return mix64(out)


def ngrams_of(texts: Sequence[str], n: int) -> tuple[U64, NDArray[np.int64]]:
    """The n-grams of many texts one after the other, none across two, and the text that each is from."""
    hashed, begin = word_hashes_of(texts)
    owner = np.repeat(np.arange(len(texts)), np.diff(begin))
    inside = owner[: max(0, len(owner) - n + 1)] == owner[n - 1 :]
    return ngrams(hashed, n)[inside], owner[: len(inside)][inside]


def shingles(text: str | U64, n: int) -> U32:
    """The set of word n-grams as sorted 32-bit hashes; a text of fewer than `n` words is one shingle."""
    hashed = word_hashes(text) if isinstance(text, str) else text
    grams = ngrams(hashed, max(1, min(n, len(hashed))))
    return _distinct((grams >> np.uint64(32)).astype(np.uint32))


def shingles_of(texts: Iterable[str], n: int) -> Iterator[U32]:
    """`shingles` of each text, many in one pass."""
    for spaced in _batches(texts):
        if len(spaced[0]) > _BLOCK:
            yield shingles(_hash_all(spaced[0]), n)
            continue
        hashed, begin, _ = _hash_texts(spaced)
        grams = (ngrams(hashed, n) >> np.uint64(32)).astype(np.uint32)
        for start, end in itertools.pairwise(begin):
            inside = end - start >= n
            yield _distinct(grams[start : end - n + 1].copy()) if inside else shingles(hashed[start:end], n)


def _batches(texts: Iterable[str]) -> Iterator[list[bytes]]:
    """A few texts at a time, `_spaced`, of `_BLOCK` bytes at most unless it is one alone."""
    batch: list[bytes] = []
    size = 0
    for spaced in map(_spaced, texts):
        if batch and (len(batch) == _TEXTS_AT_ONCE or size + len(spaced) > _BLOCK):
            yield batch
            batch, size = [], 0
        batch.append(spaced)
        size += len(spaced)
    if batch:
        yield batch


def _distinct(values: U32) -> U32:
    """The values as a sorted set; sorts in place, since `np.unique` takes a hash table, at several times the cost."""
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
    """The share of the smaller set that is in the larger one (0..1); 1 where the smaller is empty."""
    smaller = min(len(a), len(b))
    return shared(a, b) / smaller if smaller else 1.0


def held(known: U64, grams: U64) -> NDArray[np.bool_]:
    """Which of `grams` are in the sorted set `known`; shape (grams,). The set is not sorted again."""
    if not len(known):
        return np.zeros(len(grams), bool)
    found: NDArray[np.bool_] = known[np.minimum(np.searchsorted(known, grams), len(known) - 1)] == grams
    return found


class Known:
    """A set of n-grams that many others are looked up in: a bit table passes over nearly all that are not in it."""

    def __init__(self, grams: U64) -> None:
        self.grams = np.unique(grams)
        self._bits = np.uint64((1 << max(16, (16 * len(self.grams)).bit_length())) - 1)
        self._table = np.zeros(int(self._bits) + 1, bool)
        self._table[self.grams & self._bits] = True

    def held(self, grams: U64) -> NDArray[np.int64]:
        """Positions in `grams` of those that are in the set, ascending."""
        likely = np.flatnonzero(self._table[grams & self._bits])
        return likely[held(self.grams, grams[likely])]


def ngram_overlap(item: str, text: str, n: int) -> float:
    """The share of the n-grams of `item` that occur in `text` (0..1); 0 where `item` has fewer than `n` words."""
    grams = np.unique(ngrams(item, n))
    if not len(grams):
        return 0.0
    return float(np.isin(grams, ngrams(text, n)).mean())


# ---------------------------------------------------------------- MinHash


def _permutations(count: int, seed: int) -> tuple[U32, U32]:
    """The constants of datasketch's affine32 scheme, h -> a * h + b modulo 2**32 with a odd; each of shape (count,).

    Drawn as datasketch draws them, from NumPy's RandomState, whose stream is frozen (NEP 19): importing datasketch
    for them, with the SciPy that it loads, takes longer than signing a thousand documents.
    """
    source = np.random.RandomState(seed)
    a = source.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return a, source.randint(0, 1 << 32, count, dtype=np.uint32)


class Signer:
    """MinHash signatures that are bit-identical to datasketch's affine32 scheme, without Python per shingle.

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
        """Signatures of the texts' shingle sets, shape (texts, permutations), and the texts' fingerprints."""
        out = np.full((len(texts), len(self._a)), 0xFFFFFFFF, np.uint32)
        marks: list[str] = []
        for spaced in _batches(texts):
            rows = out[len(marks) : len(marks) + len(spaced)]
            if len(spaced[0]) > _BLOCK:
                self._sign(_hash_all(spaced[0]), n, rows[0])
                marks.append(_mark(b" ".join(spaced[0].split())))
                continue
            hashed, begin, squeezed = _hash_texts(spaced)
            marks += map(_mark, squeezed)
            self._sign_batch(hashed, np.asarray(begin), n, rows)
        return out, marks

    def _sign_batch(self, hashed: U64, begin: NDArray[np.int64], n: int, out: U32) -> None:
        """The signatures of texts one after the other, each permutation in one pass over all of them."""
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
        """The least value of each permutation in each run that begins at `start`; shape (runs, permutations)."""
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
