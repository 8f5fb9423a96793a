"""Connected components in memory, or with edges and labels in files: a component has the name of
its lowest member.

Out of memory: labels are pointers that only ever fall. Each pass hooks the two ends of every edge
below the lower of their labels and then shortens the pointers, until no edge joins two labels
(Shiloach and Vishkin 1982, with minima, so that the outcome does not depend on the order of the
edges).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

IN_MEMORY = 1 << 20
"""Members up to which Python lists are quicker; they take some 100 bytes a member and edge."""
CHUNK = 1 << 20
"""Edges and labels that are in memory at once: 8 and 4 bytes each."""


def components(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """The component of each of `count` members, named by its lowest; on disk if there are
    many.
    """
    if count <= IN_MEMORY:
        return _in_memory(count, edges)
    with tempfile.TemporaryDirectory() as name:
        found: list[int] = on_disk(count, edges, Path(name)).tolist()
        return found


def _in_memory(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in edges:
        low, high = sorted((root(i), root(j)))
        parent[high] = low
    return [root(i) for i in range(count)]


def on_disk(count: int, edges: Iterable[tuple[int, int]], folder: Path) -> NDArray[np.uint32]:
    """The same as a memory-mapped array, shape (count,); needs 4 bytes a member and 8 an edge in
    `folder`.
    """
    with (folder / "edges.u32").open("wb") as out:
        rest = iter(edges)
        while part := list(islice(rest, CHUNK)):
            out.write(np.asarray(part, np.uint32).tobytes())
    labels: NDArray[np.uint32] = np.lib.format.open_memmap(
        folder / "labels.npy", mode="w+", dtype=np.uint32, shape=(count,)
    )
    for at in range(0, count, CHUNK):
        labels[at : at + CHUNK] = np.arange(at, min(count, at + CHUNK), dtype=np.uint32)
    while _hook(labels, folder / "edges.u32"):
        while _shorten(labels):
            pass
    return labels


def _chunks(path: Path) -> Iterator[NDArray[np.uint32]]:
    with path.open("rb") as handle:
        while data := handle.read(8 * CHUNK):
            yield np.frombuffer(data, np.uint32).reshape(-1, 2)


def _hook(labels: NDArray[np.uint32], edges: Path) -> bool:
    changed = False
    for part in _chunks(edges):
        left, right = labels[part[:, 0]], labels[part[:, 1]]
        apart = left != right
        if apart.any():
            low = np.minimum(left[apart], right[apart])
            np.minimum.at(labels, left[apart], low)
            np.minimum.at(labels, right[apart], low)
            changed = True
    return changed


def _shorten(labels: NDArray[np.uint32]) -> bool:
    changed = False
    for at in range(0, len(labels), CHUNK):
        old = labels[at : at + CHUNK]
        new = labels[old]
        if (new != old).any():
            labels[at : at + CHUNK] = new
            changed = True
    return changed
