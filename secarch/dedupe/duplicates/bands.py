"""Which texts are worth comparing: those whose MinHash signatures agree in one of two sets of
bands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from secarch.text.words import MULTIPLIER, U32, U64, mix64

BANDS, ROWS = 25, 5
"""Finds a pair of Jaccard 0.8 with probability 0.99995 (0.987 at 0.7)."""
LEAK_BANDS, LEAK_ROWS = 42, 3
"""Finds a pair of Jaccard 0.5 with probability 0.996; for the splits, which must not share similar
texts.
"""

_PAIRS_HELD = 1 << 22
WINDOW = 256
"""Neighbours in one bucket that are candidates; larger buckets cost a line, not a square."""

Verified = tuple[str, str, float, float]
"""Fingerprints of two texts, their Jaccard similarity and containment."""


def candidates(signatures: U32) -> NDArray[np.int64]:
    """Pairs (i < j) that agree in a band of either set; shape (pairs, 2), sorted."""
    found = [
        agreeing(signatures, bands=b, rows=r) for b, r in ((BANDS, ROWS), (LEAK_BANDS, LEAK_ROWS))
    ]
    return np.unique(np.concatenate(found), axis=0)


def agreeing(signatures: U32, *, bands: int, rows: int, window: int = WINDOW) -> NDArray[np.int64]:
    """Pairs of rows (i < j) that agree in all `rows` values of at least one of `bands`; shape
    (pairs, 2), sorted.

    A pair of true Jaccard J is found with probability 1 - (1 - J**rows)**bands (Leskovec,
    Rajaraman, Ullman, Mining of Massive Datasets, section 3.4). A bucket of more than `window` rows
    yields each row's next `window` neighbours only, so that one huge bucket costs a line, not a
    square.
    """
    packed = np.zeros(0, np.uint64)
    held: list[U64] = []
    for band in range(bands):
        held.append(_band_pairs(signatures[:, band * rows : (band + 1) * rows], window))
        if sum(map(len, held)) > _PAIRS_HELD or band == bands - 1:
            packed = np.unique(np.concatenate([packed, *held]))
            held = []
    left, right = packed >> np.uint64(32), packed & np.uint64(0xFFFFFFFF)
    return np.stack((left, right), axis=1).astype(np.int64)


def band_keys(band: U32) -> U64:
    """One key for the values of a band, shape (rows, values) -> (rows,): equal for equal values."""
    key = np.zeros(len(band), np.uint64)
    for column in band.T:
        key = mix64(key * MULTIPLIER + column)
    return key


def _band_pairs(band: U32, window: int) -> U64:
    """Pairs of equal rows as left << 32 | right."""
    key = band_keys(band)
    order = np.argsort(key, kind="stable").astype(np.uint64)
    ordered = key[order]
    found: list[U64] = []
    for step in range(1, window + 1):
        same = (
            np.flatnonzero(ordered[step:] == ordered[:-step])
            if step < len(ordered)
            else np.zeros(0, np.int64)
        )
        if not len(same):
            break
        found.append((order[same] << np.uint64(32)) | order[same + step])
    return np.concatenate(found) if found else np.zeros(0, np.uint64)


def agreement(signatures: U32, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Estimated Jaccard of each pair: the share of equal signature values (0..1); shape
    (pairs,).
    """
    parts: Sequence[NDArray[np.int64]] = np.array_split(pairs, max(1, len(pairs) // 20_000))
    return np.concatenate(
        [(signatures[part[:, 0]] == signatures[part[:, 1]]).mean(axis=1) for part in parts]
    )


class Memory:
    """No index: everything is new, and nothing is kept."""

    def stored(self) -> Iterator[Verified]:
        """None."""
        yield from ()

    def candidates(self, marks: Sequence[str], signatures: U32) -> NDArray[np.int64]:  # noqa: ARG002 - as the index
        """Like `Index.candidates` with no segment."""
        return candidates(signatures)

    def save(self, marks: Sequence[str], signatures: U32, verified: Sequence[Verified]) -> None:
        """Nothing."""
