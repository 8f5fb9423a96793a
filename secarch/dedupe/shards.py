"""Documents in Parquet shards: how they are cut, what a row holds, and how a text is read back alone.

A document's shard follows from its content hash, so the order of the input cannot matter, and equal texts lie side by
side. Shards are written whole or not at all, with no time in them: equal rows are equal bytes.
"""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from secarch.artifact import write_atomic, write_json
from secarch.dedupe.documents import Reading, Sources, stream
from secarch.dedupe.filters import Signals
from secarch.records import Document
from secarch.schema import JsonDict
from secarch.text import PERMUTATIONS, U32

SHARD_BYTES = 4 << 20
"""Input bytes that a shard is cut for: enough that starting on it costs nothing, few enough to share out evenly."""
MOST_SHARDS = 4096
HELD_BYTES = 64 << 20
"""Characters of text that reading holds before it spills them to disk."""
ROWS_A_GROUP = 32
"""Rows that are read together when one text is asked for."""
GROUPS_HELD = 64

_NAMES = [f.name for f in fields(Document)]
_DOCUMENT = pa.schema([pa.field(name, pa.large_string(), nullable=False) for name in _NAMES])
PREPARED = pa.schema([
    *_DOCUMENT, pa.field("signals", pa.string(), nullable=False), pa.field("reasons", pa.string(), nullable=False),
    pa.field("secrets", pa.string(), nullable=False), pa.field("fingerprint", pa.string(), nullable=False),
    pa.field("length", pa.int64(), nullable=False),
    pa.field("signature", pa.binary(), nullable=False),
])  # fmt: skip
"""A document as it may be learnt from; lists and tables in it are JSON. `signature` is empty where a rule drops it."""


def write_shard(path: Path, rows: Sequence[JsonDict], schema: pa.Schema) -> None:
    """Write rows as one Parquet file, atomically."""
    out = io.BytesIO()
    table = pa.Table.from_pylist(list(rows), schema=schema)
    parquet.write_table(table, out, compression="zstd", row_group_size=ROWS_A_GROUP)
    write_atomic(path, out.getvalue())


def read_shard(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Rows of a shard, a row group at a time."""
    with parquet.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield from file.read_row_group(group, columns=columns).to_pylist()


def documents_of(path: Path) -> Iterator[Document]:
    """The documents of a shard."""
    return (Document(**{name: row[name] for name in _NAMES}) for row in read_shard(path, _NAMES))


# ---------------------------------------------------------------- cutting


class _Cutter:
    def __init__(self, folder: Path, shards: int) -> None:
        self._folder, self._shards = folder, shards
        self._held: dict[int, list[Document]] = {}
        self._size = self._spills = 0

    def add(self, document: Document) -> None:
        """Put a document where its content hash says."""
        self._held.setdefault(int(document.sha256[:8], 16) * self._shards >> 32, []).append(document)
        self._size += len(document.text)
        if self._size > HELD_BYTES:
            self.spill()

    def spill(self) -> None:
        """Write what is held next to what was written before."""
        for shard, documents in self._held.items():
            path = self._folder / f"spill-{shard:04}-{self._spills:04}.parquet"
            write_shard(path, [_row(document) for document in documents], _DOCUMENT)
        self._spills, self._size = self._spills + 1, 0
        self._held.clear()

    def finish(self) -> list[str]:
        """Write each shard sorted; returns the names of those that hold anything."""
        if self._spills:
            self.spill()
        names = []
        for shard in range(self._shards):
            spilled = sorted(self._folder.glob(f"spill-{shard:04}-*.parquet"))
            documents = self._held.pop(shard, []) + [item for path in spilled for item in documents_of(path)]
            if documents:
                documents.sort(key=lambda d: (d.sha256, d.id, d.url, d.title))
                names.append(f"documents-{shard:04}.parquet")
                write_shard(self._folder / names[-1], [_row(document) for document in documents], _DOCUMENT)
            for path in spilled:
                path.unlink()
        return names


def _row(document: Document) -> JsonDict:
    return {name: getattr(document, name) for name in _NAMES}


@dataclass(frozen=True, slots=True)
class Cut:
    """What reading left behind."""

    shards: tuple[Path, ...]
    documents: int
    bad: list[dict[str, str]]


def cut(sources: Sources, folder: Path, max_bad_rows: int, check: Callable[[], None]) -> Cut:
    """Read all sources into shards of `folder`, or find them there from an earlier run.

    Holds `HELD_BYTES` of text at most. Raises what `documents.stream` raises.
    """
    done = folder / "read.json"
    if not done.is_file():
        size = sum(file.stat().st_size * (6 if file.suffix in {".gz", ".parquet"} else 1) for file in sources.files)
        cutter = _Cutter(folder, max(1, min(MOST_SHARDS, size // SHARD_BYTES)))
        for path in folder.glob("*.parquet"):
            path.unlink()
        reading = Reading()
        count = 0
        for document in stream(sources, max_bad_rows, reading):
            cutter.add(document)
            count += 1
            if count % 100 == 0:
                check()
        write_json(done, {"shards": cutter.finish(), "documents": count, "bad": reading.bad})
    found = json.loads(done.read_text(encoding="utf-8"))
    return Cut(tuple(folder / name for name in found["shards"]), found["documents"], found["bad"])


# ---------------------------------------------------------------- prepared documents


class Shelf:
    """Texts of prepared shards, read when they are asked for; the latest row groups stay in memory."""

    def __init__(self) -> None:
        self._groups: OrderedDict[tuple[Path, int], list[str]] = OrderedDict()
        self._files: dict[Path, parquet.ParquetFile] = {}

    def text(self, path: Path, row: int) -> str:
        """The text of one row."""
        group, at = divmod(row, ROWS_A_GROUP)
        key = (path, group)
        if key not in self._groups:
            if path not in self._files:
                self._files[path] = parquet.ParquetFile(path)
            self._groups[key] = self._files[path].read_row_group(group, columns=["text"])["text"].to_pylist()
            if len(self._groups) > GROUPS_HELD:
                self._groups.popitem(last=False)
        self._groups.move_to_end(key)
        return self._groups[key][at]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text lies."""

    shelf: Shelf
    path: Path
    row: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it may be learnt from, with what was found on the way."""

    head: Document
    """Everything about it; the text is '' where it lies in a shard."""
    signals: Signals
    reasons: tuple[str, ...] = ()
    """Why rules drop it, in the order in which they are asked; empty where none does."""
    secrets: Counter[str] = field(default_factory=Counter)
    fingerprint: str = ""
    length: int = 0
    """Characters of the text."""
    place: Place | None = None

    @property
    def reason(self) -> str:
        """The first reason, which counts; '' where it is kept."""
        return self.reasons[0] if self.reasons else ""

    @property
    def text(self) -> str:
        """The text, from its shard where it lies there."""
        return self.head.text if self.place is None else self.place.shelf.text(self.place.path, self.place.row)

    @property
    def document(self) -> Document:
        """The whole document; `head` is cheaper where the text is not needed."""
        return self.head if self.place is None else dataclasses.replace(self.head, text=self.text)


def prepared_row(item: Prepared, signature: bytes) -> JsonDict:
    """The row of a prepared shard."""
    return {
        **_row(item.head), "signals": json.dumps(dataclasses.asdict(item.signals)),
        "reasons": json.dumps(item.reasons), "secrets": json.dumps(item.secrets, sort_keys=True),
        "fingerprint": item.fingerprint, "length": len(item.head.text), "signature": signature,
    }  # fmt: skip


_LIGHT = [name for name in PREPARED.names if name not in {"text", "signature"}]


def load_prepared(path: Path, shelf: Shelf) -> Iterator[Prepared]:
    """The documents of a prepared shard without their texts."""
    for number, row in enumerate(read_shard(path, _LIGHT)):
        yield Prepared(
            Document(**{name: row.get(name, "") for name in _NAMES}), Signals(**json.loads(row["signals"])),
            tuple(json.loads(row["reasons"])), Counter(json.loads(row["secrets"])), row["fingerprint"],
            row["length"], Place(shelf, path, number),
        )  # fmt: skip


def signatures(items: Sequence[Prepared]) -> U32:
    """MinHash signatures of documents that lie in shards, in the order of the shards; shape (items, permutations)."""
    out = np.empty((len(items), PERMUTATIONS), np.uint32)
    at = 0
    for path, group in itertools.groupby(items, key=lambda item: item.place.path if item.place else None):
        column = parquet.read_table(path, columns=["signature"])["signature"].to_pylist()
        for item in group:
            assert item.place
            out[at] = np.frombuffer(column[item.place.row], np.uint32)
            at += 1
    return out
