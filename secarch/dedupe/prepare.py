"""What is done to documents on their own, shard by shard: pure functions from one file to another.

Each job reads one shard and writes one, and depends on nothing else, so it gives the same bytes in any process, on any
machine and in any order.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from secarch import text as words_of
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.examples import Option, Piece, cut
from secarch.dedupe.rules import licence_reason
from secarch.dedupe.scrub import scrub
from secarch.dedupe.shards import PREPARED, Prepared, documents_of, prepared_row, read_shard, write_shard
from secarch.dedupe.signals import signals
from secarch.records import Document

PIECES = pa.schema([pa.field("row", pa.int64(), nullable=False), pa.field("pieces", pa.string(), nullable=False)])
"""The pieces of the document in `row` of a prepared shard, as JSON."""
Spans = list[tuple[int, int, str, str]]
"""Start, end, answer and category of each."""


def prepare(document: Document, config: DedupeConfig) -> Prepared:
    """Scrub one document, measure it and ask every rule."""
    secrets: Counter[str] = Counter()
    if config.scrub:
        text, secrets = scrub(document.text)
        if secrets:
            digest = hashlib.sha256(text.encode()).hexdigest()
            document = dataclasses.replace(document, text=text, sha256=digest)
    measured = signals(document.text)
    reasons = tuple(why for gate in config.gates if (why := gate.judge(measured)))
    return Prepared(document, measured, reasons, secrets)


def prepare_all(documents: Sequence[Document], config: DedupeConfig) -> Iterator[Prepared]:
    """`prepare` for each document; copies that follow one another share the work, but the terms are each one's own."""
    raw, done = "", None
    for document in documents:
        if done is None or document.sha256 != raw:
            raw, done = document.sha256, prepare(document, config)
        own = dataclasses.replace(document, text=done.head.text, sha256=done.head.sha256)
        terms = licence_reason(own, config)
        yield dataclasses.replace(done, head=own, reasons=(terms, *done.reasons) if terms else done.reasons)


@dataclass(frozen=True, slots=True)
class PrepareShard:
    """Documents in, prepared documents out: text scrubbed, measured, judged and signed."""

    source: Path
    target: Path
    config: DedupeConfig

    def run(self) -> None:
        """Do it, atomically."""
        items = list(prepare_all(list(documents_of(self.source)), self.config))
        texts = [item.head.text for item in items]
        signed, marks = words_of.Signer().sign_texts(texts, self.config.shingle)
        rows = [
            prepared_row(dataclasses.replace(item, fingerprint=mark), b"" if item.reason else signature.tobytes())
            for item, mark, signature in zip(items, marks, signed, strict=True)
        ]
        write_shard(self.target, rows, PREPARED)


@dataclass(frozen=True, slots=True)
class CutShard:
    """Prepared documents in, the pieces of those that no rule drops out."""

    source: Path
    target: Path
    config: DedupeConfig

    def run(self) -> None:
        """Do it, atomically."""
        rows = []
        columns = [f.name for f in dataclasses.fields(Document)]
        for number, row in enumerate(read_shard(self.source, [*columns, "reasons"])):
            if row.pop("reasons") == "[]":
                pieces = [_packed(piece) for piece in cut(Document(**row), self.config)]
                rows.append({"row": number, "pieces": json.dumps(pieces, ensure_ascii=False)})
        write_shard(self.target, rows, PIECES)


def pieces_of(path: Path) -> Iterator[tuple[int, list[Piece]]]:
    """What `CutShard` wrote: (row, pieces)."""
    for row in read_shard(path):
        yield row["row"], [_unpacked(*piece) for piece in json.loads(row["pieces"])]


def _packed(piece: Piece) -> list[object]:
    """The piece as a list; an answer that several options share is there once."""
    spans = list(dict.fromkeys((o.start, o.end, o.answer, o.category) for o in piece.options))
    options = [
        (o.kind, o.instruction, o.key, spans.index((o.start, o.end, o.answer, o.category))) for o in piece.options
    ]
    return [piece.start, piece.end, piece.reason, piece.text, spans, options]


def _unpacked(
    start: int, end: int, reason: str, text: str, spans: Spans, options: list[tuple[str, str, str, int]]
) -> Piece:
    made = [
        Option(
            kind=kind, instruction=instruction, key=key, start=spans[at][0], end=spans[at][1], answer=spans[at][2],
            category=spans[at][3],
        )
        for kind, instruction, key, at in options
    ]  # fmt: skip
    return Piece(start=start, end=end, reason=reason, text=text, options=tuple(made))
