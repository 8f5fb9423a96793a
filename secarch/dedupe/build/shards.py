"""Documents in Parquet shards: how they are cut, what a row holds, and how a text is read back
alone.

A document's shard follows from its content hash, so the order of the input cannot matter, and equal
texts lie side by side. Shards are written whole or not at all, with no time in them: equal rows are
equal bytes.
"""

from __future__ import annotations

import dataclasses
import io
import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from secarch.dedupe.build.documents import Reading, Sources, stream
from secarch.dedupe.quality.filters import Signals
from secarch.files import write_atomic, write_json
from secarch.records import Document
from secarch.schema import JsonDict
from secarch.text.minhash import PERMUTATIONS
from secarch.text.words import U32

# Arrow's own pool keeps some 40 MB of what it once took, in each process.
pa.set_memory_pool(pa.system_memory_pool())

MOST_SHARDS = 4096
HELD_BYTES = 64 << 20
"""Characters of text that reading holds before it spills them to disk."""
ROWS_A_GROUP = 32
"""Rows that are read together when one text is asked for."""
GROUPS_HELD = 8

_NAMES = [f.name for f in fields(Document)]
_DOCUMENT = pa.schema([pa.field(name, pa.large_string(), nullable=False) for name in _NAMES])
CLEAN = pa.schema([*_DOCUMENT, pa.field("secrets", pa.string(), nullable=False)])
"""A document without secrets; their counts by type are JSON."""
PREPARED = pa.schema(
    [
        pa.field(name, pa.string(), nullable=False)
        for name in ("signals", "reasons", "blanks", "sha256", "fingerprint")
    ]
    + [pa.field("signature", pa.binary(), nullable=False)]
)
"""What was found on the document in the same row of the clean shard; signals, reasons and blanks
are JSON. Digest, fingerprint and signature are of the text in which the `blanks` are blank; no
signature where a rule drops it.
"""


def write_shard(
    path: Path, rows: Sequence[JsonDict], schema: pa.Schema, group: int = ROWS_A_GROUP
) -> None:
    """Write rows as one Parquet file, atomically; `group` of them are read at once."""
    out = io.BytesIO()
    columns = [_column([row[field.name] for row in rows], field.type) for field in schema]
    table = pa.Table.from_arrays(columns, schema=schema)
    parquet.write_table(table, out, compression="zstd", row_group_size=group)
    write_atomic(path, out.getvalue())


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Strings, bytes, int64 or double as an array, from buffers: Arrow's own conversion imports
    pandas to see whether it has to do with one of its objects.
    """
    if pa.types.is_primitive(kind):
        numbers = np.array(values, str(kind))
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(numbers)])
    data = [value.encode() if isinstance(value, str) else value for value in values]
    width = np.int64 if pa.types.is_large_string(kind) else np.int32
    offsets = np.cumsum([0, *map(len, data)]).astype(width)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(data))]
    return pa.Array.from_buffers(kind, len(data), buffers)


def read_shard(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Rows of a shard, a row group at a time."""
    with parquet.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield from file.read_row_group(group, columns=columns).to_pylist()


def read_columns(path: Path, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The named values of each row of a shard, the whole of which is in memory."""
    # Not read_table, which loads Arrow's datasets: 40 MB.
    with parquet.ParquetFile(path) as file:
        table = file.read(columns=list(columns))
    return zip(*(table[name].to_pylist() for name in columns), strict=True)


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
        self._held.setdefault(int(document.sha256[:8], 16) * self._shards >> 32, []).append(
            document
        )
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
            documents = self._held.pop(shard, []) + [
                item for path in spilled for item in documents_of(path)
            ]
            if documents:
                documents.sort(key=lambda d: (d.sha256, d.id, d.url, d.title))
                names.append(f"documents-{shard:04}.parquet")
                write_shard(
                    self._folder / names[-1], [_row(document) for document in documents], _DOCUMENT
                )
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


def cut(
    sources: Sources, folder: Path, max_bad_rows: int, shard_mb: float, check: Callable[[], None]
) -> Cut:
    """Read all sources into shards of about `shard_mb` megabytes in `folder`, or find them there
    from an earlier run.

    Holds `HELD_BYTES` of text at most. Raises what `documents.stream` raises.
    """
    done = folder / "read.json"
    if not done.is_file():
        size = sum(
            file.stat().st_size * (6 if file.suffix in {".gz", ".parquet"} else 1)
            for file in sources.files
        )
        cutter = _Cutter(folder, max(1, min(MOST_SHARDS, int(size / (shard_mb * 1e6)))))
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


class TextCache:
    """Texts of prepared shards, read when they are asked for; the latest row groups stay in
    memory.
    """

    def __init__(self) -> None:
        self._groups: OrderedDict[tuple[Path, int], list[str]] = OrderedDict()
        self._files: dict[Path, parquet.ParquetFile] = {}

    def text(self, path: Path, row: int) -> str:
        """The text of one row of a clean shard."""
        group, at = divmod(row, ROWS_A_GROUP)
        key = (path, group)
        if key not in self._groups:
            if path not in self._files:
                self._files[path] = parquet.ParquetFile(path)
            self._groups[key] = (
                self._files[path].read_row_group(group, columns=["text"])["text"].to_pylist()
            )
            if len(self._groups) > GROUPS_HELD:
                self._groups.popitem(last=False)
        self._groups.move_to_end(key)
        return self._groups[key][at]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text is."""

    cache: TextCache
    path: Path
    """The clean shard."""
    row: int
    blanks: tuple[tuple[int, int], ...]
    """Spans of boilerplate, which read as blanks."""

    def text(self) -> str:
        """Read it."""
        return blank(self.cache.text(self.path, self.row), self.blanks)


def blank(text: str, spans: Sequence[Sequence[int]]) -> str:
    """`text` of the same length with blanks in the spans, so that offsets stay true."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*parts, text[at:]]) if spans else text


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it may be learnt from, with what was found on the way."""

    head: Document
    """Everything about it; the text is '' where it is in a shard."""
    signals: Signals
    reasons: tuple[str, ...] = ()
    """Why rules drop it, in the order in which they are asked; empty if none does."""
    secrets: Counter[str] = field(default_factory=Counter)
    fingerprint: str = ""
    place: Place | None = None

    @property
    def reason(self) -> str:
        """The first reason, which counts; '' if it is kept."""
        return self.reasons[0] if self.reasons else ""

    @property
    def text(self) -> str:
        """The text, from its shard where it is there."""
        return self.head.text if self.place is None else self.place.text()

    @property
    def document(self) -> Document:
        """The whole document; `head` is cheaper where the text is not needed."""
        return self.head if self.place is None else dataclasses.replace(self.head, text=self.text)


def clean_row(document: Document, secrets: Counter[str]) -> JsonDict:
    """The row of a clean shard."""
    return {**_row(document), "secrets": json.dumps(secrets, sort_keys=True)}


def prepared_row(item: Prepared, blanks: Sequence[Sequence[int]], signature: bytes) -> JsonDict:
    """The row of a prepared shard."""
    return {
        "signals": json.dumps(dataclasses.asdict(item.signals)),
        "reasons": json.dumps(item.reasons),
        "blanks": json.dumps(blanks),
        "sha256": item.head.sha256,
        "fingerprint": item.fingerprint,
        "signature": signature,
    }


_LIGHT = [name for name in CLEAN.names if name != "text"]
_FOUND = [name for name in PREPARED.names if name != "signature"]


def load_prepared(clean: Path, prepared: Path, cache: TextCache) -> Iterator[Prepared]:
    """The documents of two shards that belong together, without their texts."""
    both = zip(read_shard(clean, _LIGHT), read_shard(prepared, _FOUND), strict=True)
    for number, (row, found) in enumerate(both):
        signals = Signals(**json.loads(found["signals"]))
        place = Place(
            cache, clean, number, tuple((start, end) for start, end in json.loads(found["blanks"]))
        )
        yield Prepared(
            Document(**{**{name: row.get(name, "") for name in _NAMES}, "sha256": found["sha256"]}),
            signals,
            tuple(json.loads(found["reasons"])),
            Counter(json.loads(row["secrets"])),
            found["fingerprint"],
            place,
        )


def signatures(items: Sequence[Prepared], prepared: Callable[[Path], Path]) -> U32:
    """MinHash signatures, shape (items, permutations); `prepared` names the shard that belongs to a
    clean one.
    """
    out = np.empty((len(items), PERMUTATIONS), np.uint32)
    rows: dict[Path, list[tuple[int, int]]] = {}
    for at, item in enumerate(items):
        assert item.place
        rows.setdefault(item.place.path, []).append((at, item.place.row))
    for path, wanted in rows.items():
        column = [signature for (signature,) in read_columns(prepared(path), ["signature"])]
        for at, row in wanted:
            out[at] = np.frombuffer(column[row], np.uint32)
    return out
