"""The one n-gram matcher: which runs of words two texts have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from secarch.text.words import U64, ngrams


def held(known: U64, grams: U64) -> NDArray[np.bool_]:
    """Which of `grams` are in the sorted set `known`; shape (grams,).

    The set is not sorted again.
    """
    if not len(known):
        return np.zeros(len(grams), bool)
    found: NDArray[np.bool_] = (
        known[np.minimum(np.searchsorted(known, grams), len(known) - 1)] == grams
    )
    return found


class Known:
    """A set of n-grams that many others are looked up in: a bit table passes over nearly all that
    are not in it.
    """

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
    """The share of the n-grams of `item` that occur in `text` (0..1); 0 where `item` has fewer than
    `n` words.
    """
    grams = np.unique(ngrams(item, n))
    if not len(grams):
        return 0.0
    return float(np.isin(grams, ngrams(text, n)).mean())
