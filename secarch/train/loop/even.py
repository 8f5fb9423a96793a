"""Batches of several processes, filled up with rows that teach nothing.

The rows of an epoch seldom divide among processes; the library then shows the first of them again,
so that two processes learn other sums than one. A blank row is all padding: it has no token that
the loss or a count sees. This is a leaf: it imports torch at its top.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import repeat
from typing import Any

from accelerate.data_loader import SeedableRandomSampler
from torch.utils.data import DataLoader, Sampler

from secarch.session import processes

BLANK_TOKENS = 2
"""Tokens of a blank row: one that is read and one that would be foretold."""


class Even(Sampler[int]):
    """The order of an epoch in one process, then blanks up to a multiple of what all processes take
    at a time.
    """

    def __init__(self, rows: int, multiple: int, seed: int) -> None:
        self._order = SeedableRandomSampler(range(rows), data_seed=seed)
        self._blank = rows
        """Number of the blank row, which is the last one."""
        self._length = math.ceil(rows / multiple) * multiple

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[int]:
        yield from self._order
        yield from repeat(self._blank, self._length - self._blank)

    def set_epoch(self, epoch: int) -> None:
        """Take the order of that epoch."""
        self._order.set_epoch(epoch)


def evened(loader: DataLoader[Any], rows: int) -> DataLoader[Any]:
    """`loader`, over `rows` rows and a blank one if there are several processes, in their order."""
    if processes() > 1:
        found = loader.get_sampler()  # type: ignore[attr-defined]  # accelerate's loaders have it
        multiple = loader.batch_sampler.batch_size * processes()  # type: ignore[union-attr]
        loader.set_sampler(Even(rows, multiple, found.initial_seed))  # type: ignore[attr-defined]
    return loader
