"""Which of many strings may be in a text, in one pass over it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SHORT = 1_000
"""Characters of a text that are sooner looked through string by string."""
_BITS = 16


class Substrings:
    """Groups of strings, of which a text may hold one or none.

    >>> Substrings([("AKIA", "ASIA"), ("ghp_",)]).likely("the key AKIA1 " * 100).tolist()
    [True, False]
    """

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        keys = [_triples(string.encode()) for group in groups for string in group]
        # A string of fewer than three bytes gets a place that is always taken.
        own = [key if len(key) else np.full(1, 1 << _BITS) for key in keys]
        self._keys = np.concatenate([np.zeros(0, np.int64), *own])
        self._strings = _starts(own)
        self._groups = _starts(groups)

    def likely(self, text: str) -> NDArray[np.bool_]:
        """For each group whether one of its strings may be in the text; False is certain."""
        if len(text) < SHORT or not len(self._groups):
            return np.ones(len(self._groups), bool)
        seen = np.zeros((1 << _BITS) + 1, bool)
        seen[_triples(text.encode("utf-8", "replace"))] = True
        seen[-1] = True
        strings = np.logical_and.reduceat(seen[self._keys], self._strings)
        return np.logical_or.reduceat(strings, self._groups)


def _triples(data: bytes) -> NDArray[np.int64]:
    """A hash of `_BITS` bits of each three bytes in a row."""
    raw = np.frombuffer(data, np.uint8).astype(np.int64)
    mixed = (raw[:-2] * 0x9E5 + raw[1:-1] * 0x3C6F + raw[2:] * 0x1F3D5) * 0x9E3779B1
    return (mixed >> 13) & ((1 << _BITS) - 1)


def _starts(parts: Sequence[Sequence[object] | NDArray[np.int64]]) -> NDArray[np.int64]:
    """Where each part begins if they are in a row."""
    return np.array([0, *itertools.accumulate(map(len, parts))][:-1], np.int64)
