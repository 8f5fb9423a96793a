"""Words and n-grams: the one implementation for de-duplication, contamination and suite checks.

A word is a run of Unicode letters, digits, marks and underscores of the lower-cased text;
everything else separates. N-grams are compared by 64-bit hashes, shingle sets by 32-bit hashes (a
set of 1,000 then holds a false pair with a chance of about 1e-4 per comparison, far below what a
threshold of 0.8 could notice). Hashes depend on the words alone: equal on every machine and in
every run.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
Hashed = tuple[U64, NDArray[np.int64]]
"""Word hashes of many texts one after the other, and where each begins."""

_PRIME = 0x100000001B3
_INVERSE = pow(_PRIME, -1, 1 << 64)
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""2**64 divided by the golden ratio: joins hashes in a row."""
BLOCK = 1 << 19
"""Bytes hashed in one pass; longer texts are cut at a space, so that memory stays flat."""


_WORD_BYTES = b"abcdefghijklmnopqrstuvwxyz0123456789_"
_ASCII = bytes(c if c in _WORD_BYTES or c > 127 else 32 for c in bytes(range(256)).lower())
"""Lower case, and a space for each separator."""
_ASCII_BYTES = bytes(range(128))
_INSIDE = bytes(c if c > 127 or chr(c).isalnum() or c == ord("_") else 32 for c in range(256))
"""A space for each ASCII character that is in no word."""
_FOREIGN = re.compile("[^\0-\x7f]")


# ---------------------------------------------------------------- words


def normalise(text: str) -> str:
    """The words of `text`, lower case, one space between two; '' if there are none."""
    return _normalised(text).decode()


def _normalised(text: str) -> bytes:
    """`normalise` as UTF-8."""
    return b" ".join(separate(text).split())


def separate(text: str) -> bytes:
    """The text as UTF-8, lower case, a space for each separator; those outside ASCII are few, each
    goes at once.
    """
    data = text.encode("utf-8", "replace")
    if len(data) != len(text):
        foreign = set(data.translate(None, _ASCII_BYTES).decode())
        if any(character != character.lower() for character in foreign):
            # A letter's lower case may be several, or depend on its neighbours: the whole text, by
            # Unicode's rules.
            data = text.lower().encode("utf-8", "replace")
            foreign = set(data.translate(None, _ASCII_BYTES).decode())
        for character in foreign:
            if not character.isalnum():
                data = data.replace(character.encode(), b" ")
    return data.translate(_ASCII)


def words(text: str) -> list[str]:
    """The words of `text` in order, lower case."""
    return normalise(text).split()


def runs(text: str) -> list[str]:
    r"""What `\w+` finds in a text, in order, by one pass over its bytes."""
    return _spaced(text).decode().split()


def count_runs(text: str) -> int:
    r"""How often `\w+` is found in a text."""
    return len(_spaced(text).split())


def _spaced(text: str) -> bytes:
    """UTF-8 with a space for whatever is in no word."""
    if not text.isascii():
        for mark in set(_FOREIGN.findall(text)):
            if not mark.isalnum():
                text = text.replace(mark, " ")
    return text.encode("utf-8", "replace").translate(_INSIDE)


def fingerprint(text: str) -> str:
    """Hex digest (128 bits) of the words: equal for texts that differ in case, spacing or
    punctuation only.
    """
    return hashlib.blake2b(_normalised(text), digest_size=16).hexdigest()


# ---------------------------------------------------------------- hashes


def word_hashes(text: str) -> U64:
    """A 64-bit hash of each word, in order; shape (words,)."""
    return hash_all(_normalised(text))


def word_hashes_of(texts: Sequence[str]) -> Hashed:
    """The word hashes of many texts one after the other, and where each begins; shapes (words,),
    (texts + 1,).

    Several short texts in one pass cost a fraction of as many calls of `word_hashes`.
    """
    return _hashes_of([_normalised(text) for text in texts])


def _hashes_of(parts: Sequence[bytes]) -> Hashed:
    counts = [part.count(b" ") + 1 if part else 0 for part in parts]
    return hash_all(b" ".join(part for part in parts if part)), np.cumsum(
        [0, *counts], dtype=np.int64
    )


def hash_all(data: bytes) -> U64:
    """A 64-bit hash of each word of normalised bytes (one space between two words); shape
    (words,).
    """
    blocks = [_hash_words(block) for block in _blocks(data)]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.uint64)


def _blocks(data: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = min(start + BLOCK, len(data))
        if end < len(data):
            space = data.rfind(b" ", start, end)
            end = space + 1 if space >= start else (data.find(b" ", end) + 1 or len(data))
        yield data[start:end]
        start = end


def hash_texts(spaced: Sequence[bytes]) -> tuple[U64, list[int], list[bytes]]:
    """The word hashes of short texts, where each text's begin, and each text with one space between
    two words.
    """
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


def mark(words: bytes) -> str:
    """Hex digest (128 bits) of normalised words, as `fingerprint` gives for a text."""
    return hashlib.blake2b(words, digest_size=16).hexdigest()


def _hash_words(data: bytes) -> U64:
    return _hash_edges(data)[0]


def _hash_edges(data: bytes) -> tuple[U64, NDArray[np.int64], NDArray[np.int64]]:
    """Hash, start and end of each word. Prefix sums of a polynomial hash: no Python per word.

    With H[i] = sum of byte[j] * P**j for j < i modulo 2**64, a word from s to e has the hash
    (H[e] - H[s]) * P**-s, which does not depend on where the word is (P is odd, so invertible).
    """
    raw = np.frombuffer(data, dtype=np.uint8)
    inside = np.concatenate(([False], raw != 32, [False]))
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    start, end = edges[::2], edges[1::2]
    power, inverse = _powers((len(raw) + 1).bit_length())
    sums = np.zeros(len(raw) + 1, np.uint64)
    np.cumsum(raw * power[: len(raw)], out=sums[1:])
    return (
        mix64((sums[end] - sums[start]) * inverse[start] + (end - start).astype(np.uint64)),
        start,
        end,
    )


@cache
def _powers(bits: int) -> tuple[U64, U64]:
    power, inverse = (np.full(1 << bits, base, np.uint64) for base in (_PRIME, _INVERSE))
    power[0] = inverse[0] = 1
    return np.cumprod(power), np.cumprod(inverse)


def mix64(h: U64) -> U64:
    """The 64-bit finaliser of MurmurHash3 (Appleby, public domain): every input bit reaches every
    output bit.
    """
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


# ---------------------------------------------------------------- n-grams and shingles


def ngrams(text: str | U64, n: int) -> U64:
    """A 64-bit hash of every run of `n` words, in order; empty where the text has fewer.

    Takes word hashes too.
    """
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
    """The n-grams of many texts one after the other, none across two, and the text that each is
    from.
    """
    return ngrams_in(word_hashes_of(texts), n)


def ngrams_in(texts: Hashed, n: int) -> tuple[U64, NDArray[np.int64]]:
    """As `ngrams_of`, from the word hashes, which serve for every `n`."""
    hashed, begin = texts
    owner = np.repeat(np.arange(len(begin) - 1), np.diff(begin))
    inside = owner[: max(0, len(owner) - n + 1)] == owner[n - 1 :]
    return ngrams(hashed, n)[inside], owner[: len(inside)][inside]
