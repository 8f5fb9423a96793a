"""The one n-gram matcher: which runs of words two texts have in common.

What counts as the same text is decided here, for the dataset (what is dropped), the evaluation
(what is reported) and the comparison (which questions were seen): a run of 13 words (GPT-3,
arXiv:2005.14165, appendix C), half of the runs of 8 words (Tulu 3, arXiv:2411.15124, section 3.2),
or most of the word triples, in whatever order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from secarch.text.words import U64, Hashed, ngrams_in, ngrams_of

RUN_WORDS, COVERAGE_WORDS, TRIPLE_WORDS = 13, 8, 3
COVERAGE = 0.5
"""Share of a text's runs of 8 words in one row from which the row holds a copy of it."""
NEAR = 0.6
"""Share of a text's word triples in one row from which the row is a near copy of it."""
LEAST_TRIPLES = 12
"""Word triples that a text must have to be looked at for near copies: a fact in fewer words is
stated alike by whoever states it."""

Ints = NDArray[np.int64]


def is_copy(words: int, share: float) -> bool:
    """Whether a row that holds `share` (0..1) of a text's runs of `words` words is a copy of it.

    False for runs of 13 words: one alone is for people to look at, since boilerplate has them too.
    """
    return share >= least_share(words)


def least_share(words: int) -> float:
    """The share of a text's runs of `words` words from which a row is a copy of it; infinite if no
    share is.
    """
    floor = {COVERAGE_WORDS: COVERAGE, TRIPLE_WORDS: NEAR}.get(words)
    return math.inf if floor is None else floor - 1e-9


def is_seen(words: int, share: float) -> bool:
    """Whether a model that learned the row may know the text: a copy, or a run of 13 words."""
    return share > 0 if words == RUN_WORDS else is_copy(words, share)


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
    """A set of n-grams that many others are looked up in: a bit table skips nearly all that are not
    in it.
    """

    def __init__(self, grams: U64) -> None:
        self.grams = np.unique(grams)
        self._bits = np.uint64((1 << max(16, (16 * len(self.grams)).bit_length())) - 1)
        self._table = np.zeros(int(self._bits) + 1, bool)
        self._table[self.grams & self._bits] = True

    def held(self, grams: U64) -> Ints:
        """Positions in `grams` of those that are in the set, ascending."""
        likely = np.flatnonzero(self._table[grams & self._bits])
        return likely[held(self.grams, grams[likely])]


class Texts:
    """Texts that are looked for in many rows, by their runs of `words` words.

    `pieces` holds the parts of each text; no run goes across two of them. Example:
    `Texts([("deny its removal",)], 3).found(["we deny its removal"])` is row 0, text 0, share 1.
    """

    def __init__(self, pieces: Sequence[Sequence[str]], words: int) -> None:
        self._words = words
        grams, part = ngrams_of([part for parts in pieces for part in parts], words)
        text_of = np.repeat(np.arange(len(pieces)), [len(parts) for parts in pieces])
        owner, grams = _distinct(text_of[part], grams)
        sizes = np.bincount(owner, minlength=len(pieces))
        if words == TRIPLE_WORDS:
            kept = sizes[owner] >= LEAST_TRIPLES
            owner, grams = owner[kept], grams[kept]
            sizes = np.bincount(owner, minlength=len(pieces))
        self._sizes = np.maximum(1, sizes)
        order = np.argsort(grams, kind="stable")
        self._grams, self._owner = grams[order], owner[order]
        self._known = Known(grams)

    def found(self, rows: Sequence[str]) -> tuple[Ints, Ints, NDArray[np.float64]]:
        """(row, text, share of the text's runs that the row holds) for each pair that shares one.

        Three arrays of one length, by row and then by text; shares are above 0 and at most 1.
        """
        grams, owner = ngrams_of(rows, self._words)
        at = self._known.held(grams)
        return self.shares(grams[at], owner[at])

    def shares(self, grams: U64, row: Ints) -> tuple[Ints, Ints, NDArray[np.float64]]:
        """As `found`, from n-grams and the row that each is from."""
        row, grams = _distinct(row, grams)
        left = np.searchsorted(self._grams, grams, "left")
        count = np.searchsorted(self._grams, grams, "right") - left
        start = np.repeat(left - np.concatenate(([0], np.cumsum(count)[:-1])), count)
        text = self._owner[start + np.arange(len(start))]
        key, shared = np.unique(np.repeat(row, count) * len(self._sizes) + text, return_counts=True)
        text = key % len(self._sizes)
        return key // len(self._sizes), text, shared / self._sizes[text]

    def known(self, rows: Hashed) -> tuple[U64, Ints]:
        """The n-grams of the rows that any text has, and the row that each is from."""
        grams, owner = ngrams_in(rows, self._words)
        at = self._known.held(grams)
        return grams[at], owner[at]


def _distinct(row: Ints, grams: U64) -> tuple[Ints, U64]:
    """Each n-gram of a row once, in order of row and n-gram."""
    order = np.lexsort((grams, row))
    row, grams = row[order], grams[order]
    first = np.ones(len(row), bool)
    np.logical_or(row[1:] != row[:-1], grams[1:] != grams[:-1], out=first[1:])
    return row[first], grams[first]
