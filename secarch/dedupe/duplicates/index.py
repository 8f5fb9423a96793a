"""The index of what was compared before: sorted band segments, looked up by binary search, one for
each addition.

A segment holds, for each distinct text, its fingerprint (16 bytes), its MinHash signature (512
bytes) and its place in the order of each band's keys (67 bands, 4 bytes each): 796 bytes. Keys are
not stored, since a signature gives them; a look-up reads the few signatures that a binary search
visits. With it are the pairs that were verified, so that an addition costs what is new in it.
Segments are memory-mapped, written once and never changed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from secarch.dedupe.build.shards import read_shard, write_shard
from secarch.dedupe.duplicates.bands import (
    BANDS,
    LEAK_BANDS,
    LEAK_ROWS,
    ROWS,
    WINDOW,
    Verified,
    band_keys,
    candidates,
)
from secarch.errors import InvalidInput
from secarch.files import write_atomic, write_json
from secarch.schema import JsonDict
from secarch.text.minhash import PERMUTATIONS
from secarch.text.words import U32, U64

CUTS = [(b * r, (b + 1) * r) for n, r in ((BANDS, ROWS), (LEAK_BANDS, LEAK_ROWS)) for b in range(n)]
"""The columns of a signature that each band takes."""
SCHEME: JsonDict = {
    "version": 1,
    "hash": "affine32",
    "permutations": PERMUTATIONS,
    "bands": [[BANDS, ROWS], [LEAK_BANDS, LEAK_ROWS]],
}
MARKS, SIGNATURES, ORDER, PAIRS, SCHEME_FILE = (
    "marks.npy",
    "signatures.npy",
    "order.npy",
    "pairs.parquet",
    "scheme.json",
)
_PAIR = pa.schema(
    [
        pa.field("left", pa.string(), nullable=False),
        pa.field("right", pa.string(), nullable=False),
        pa.field("jaccard", pa.float64(), nullable=False),
        pa.field("containment", pa.float64(), nullable=False),
    ]
)


def check_scheme(folder: Path) -> None:
    """Raise InvalidInput where the index in `folder` was written by another scheme, or none is
    there.
    """
    try:
        found = json.loads((folder / SCHEME_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(
            "this dataset has no index to add to",
            where=folder / SCHEME_FILE,
            why=error,
            fix="build it again: secarch dedupe --documents OLD NEW",
        ) from error
    if found != SCHEME:
        version = found.get("version") if isinstance(found, dict) else found
        raise InvalidInput(
            "this index was written by another scheme",
            where=folder / SCHEME_FILE,
            why=f"it is of version {version}, this release reads version {SCHEME['version']}",
            fix="build it again: secarch dedupe --documents OLD NEW",
        )


@dataclass(frozen=True, slots=True)
class _Segment:
    marks: list[str]
    signatures: U32
    order: NDArray[np.uint32]


class Index:
    """Segments, oldest first; `own` is the folder of the one that this run writes, the last."""

    def __init__(self, folders: Sequence[Path], own: Path) -> None:
        self._own = own
        self._segments = [_read(folder) for folder in folders]
        self._stored = [folder / PAIRS for folder in folders]

    def stored(self) -> Iterator[Verified]:
        """Every pair that was verified before."""
        for path in self._stored:
            for row in read_shard(path):
                yield row["left"], row["right"], row["jaccard"], row["containment"]

    def candidates(self, marks: Sequence[str], signatures: U32) -> NDArray[np.int64]:
        """Pairs (i < j) of texts that may be similar and of which at least one is new; shape
        (pairs, 2), sorted.
        """
        place = {mark: i for i, mark in enumerate(marks)}
        old = [
            np.array([place.get(mark, -1) for mark in segment.marks], np.int64)
            for segment in self._segments
        ]
        new = _absent(old, len(marks))
        own = signatures[new]
        pairs = [new[candidates(own)]]
        for segment, places in zip(self._segments, old, strict=True):
            ours, theirs = _matches(own, segment)
            there = places[theirs]
            pairs.append(np.stack((new[ours], there), axis=1)[there >= 0])
        joined = np.sort(np.concatenate(pairs), axis=1)
        return np.unique(joined, axis=0)

    def save(self, marks: Sequence[str], signatures: U32, verified: Sequence[Verified]) -> None:
        """Write this run's segment: the texts that no earlier one has, and the pairs that were
        verified now.
        """
        known = {mark for segment in self._segments for mark in segment.marks}
        new = np.array([i for i, mark in enumerate(marks) if mark not in known], np.int64)
        own = np.ascontiguousarray(signatures[new])
        order = np.stack(
            [np.argsort(band_keys(own[:, a:b]), kind="stable") for a, b in CUTS]
        ).astype(np.uint32)
        raw = b"".join(bytes.fromhex(marks[i]) for i in new.tolist())
        names = ("left", "right", "jaccard", "containment")
        write_shard(
            self._own / PAIRS, [dict(zip(names, pair, strict=True)) for pair in verified], _PAIR
        )
        _save(self._own / MARKS, np.frombuffer(raw, np.uint8).reshape(-1, 16))
        _save(self._own / SIGNATURES, own)
        _save(self._own / ORDER, order)
        write_json(self._own / SCHEME_FILE, SCHEME)


def _absent(places: Sequence[NDArray[np.int64]], count: int) -> NDArray[np.int64]:
    missing = np.ones(count, bool)
    for found in places:
        missing[found[found >= 0]] = False
    return np.flatnonzero(missing)


def _read(folder: Path) -> _Segment:
    check_scheme(folder)
    marks: NDArray[np.uint8] = np.load(folder / MARKS, allow_pickle=False)
    return _Segment(
        [row.tobytes().hex() for row in marks],
        np.load(folder / SIGNATURES, mmap_mode="r", allow_pickle=False),
        np.load(folder / ORDER, mmap_mode="r", allow_pickle=False),
    )


def _save(path: Path, array: NDArray[np.uint8] | NDArray[np.uint32]) -> None:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=False)
    write_atomic(path, out.getvalue())


def _matches(own: U32, segment: _Segment) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of `own` and of the segment that share a band."""
    ours: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    theirs: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    size = len(segment.marks)
    for order, (a, b) in zip(segment.order, CUTS, strict=True):
        wanted = band_keys(own[:, a:b])
        at = _first(wanted, order, segment.signatures[:, a:b])
        rows = np.arange(len(own))
        for _ in range(WINDOW):
            inside = at < size
            at, rows = at[inside], rows[inside]
            there = order[at].astype(np.int64)
            same = band_keys(segment.signatures[there, a:b]) == wanted[rows]
            at, rows, there = at[same], rows[same], there[same]
            if not len(rows):
                break
            ours.append(rows)
            theirs.append(there)
            at = at + 1
    return np.concatenate(ours), np.concatenate(theirs)


def _first(wanted: U64, order: NDArray[np.uint32], signatures: U32) -> NDArray[np.int64]:
    """Where in the order each key begins, or would stand; binary search over all keys at once."""
    low, high = np.zeros(len(wanted), np.int64), np.full(len(wanted), len(order), np.int64)
    while (open_ := low < high).any():
        middle = (low + high) // 2
        key = band_keys(signatures[order[np.minimum(middle, len(order) - 1)]])
        below = open_ & (key < wanted)
        low = np.where(below, middle + 1, low)
        high = np.where(open_ & ~below, middle, high)
    return low
