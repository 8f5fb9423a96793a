"""Pairs of signatures that agree in a band."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.dedupe.duplicates import bands as banding


@settings(max_examples=25)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=40), st.integers(1, 4))
def test_candidates_are_the_pairs_with_an_equal_band(kinds: list[int], bands: int) -> None:
    """Without a window, exactly those pairs come out of which some band is equal."""
    signatures = np.array(
        [[(kind * 7 + b if kind % (b + 2) else 99) for b in range(bands * 2)] for kind in kinds],
        np.uint32,
    )
    found = {
        tuple(pair)
        for pair in banding.agreeing(signatures, bands=bands, rows=2, window=100).tolist()
    }

    def equal(i: int, j: int) -> bool:
        return any(
            (signatures[i, b * 2 : b * 2 + 2] == signatures[j, b * 2 : b * 2 + 2]).all()
            for b in range(bands)
        )

    assert found == {
        (i, j) for i in range(len(kinds)) for j in range(i + 1, len(kinds)) if equal(i, j)
    }


def test_a_huge_bucket_costs_a_line() -> None:
    """Ten thousand equal signatures give each its neighbours in the window, not fifty million
    pairs.
    """
    signatures = np.ones((10_000, 5), np.uint32)
    assert len(banding.agreeing(signatures, bands=1, rows=5, window=3)) == 3 * 10_000 - 6
