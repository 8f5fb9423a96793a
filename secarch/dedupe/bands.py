"""Which texts are worth comparing: those whose MinHash signatures agree in one of two sets of bands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from secarch import text

BANDS, ROWS = 25, 5
"""Finds a pair of Jaccard 0.8 with probability 0.99995 (0.987 at 0.7)."""
LEAK_BANDS, LEAK_ROWS = 42, 3
"""Finds a pair of Jaccard 0.5 with probability 0.996; for the splits, which must not share similar texts."""

Verified = tuple[str, str, float, float]
"""Fingerprints of two texts, their Jaccard similarity and containment."""


def candidates(signatures: text.U32) -> NDArray[np.int64]:
    """Pairs (i < j) that agree in a band of either set; shape (pairs, 2), sorted."""
    found = [text.candidates(signatures, bands=b, rows=r) for b, r in ((BANDS, ROWS), (LEAK_BANDS, LEAK_ROWS))]
    return np.unique(np.concatenate(found), axis=0)


class Memory:
    """No index: everything is new, and nothing is kept."""

    def stored(self) -> Iterator[Verified]:
        """None."""
        yield from ()

    def candidates(self, marks: Sequence[str], signatures: text.U32) -> NDArray[np.int64]:  # noqa: ARG002 - as the index
        """Like `Index.candidates` with no segment."""
        return candidates(signatures)

    def save(self, marks: Sequence[str], signatures: text.U32, verified: Sequence[Verified]) -> None:
        """Nothing."""
