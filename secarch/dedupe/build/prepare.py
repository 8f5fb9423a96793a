"""What is done to documents on their own, shard by shard: pure functions from one file to another.

Each job reads one shard and writes one, and depends on nothing else, so it gives the same bytes in
any process, on any machine and in any order.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from secarch.dedupe.build.shards import (
    CLEAN,
    PREPARED,
    Prepared,
    blank,
    clean_row,
    documents_of,
    prepared_row,
    read_shard,
    write_shard,
)
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.duplicates.near import rank
from secarch.dedupe.examples.builder import Option, Piece, cut
from secarch.dedupe.quality import boilerplate
from secarch.dedupe.quality.rule_counts import licence_reason
from secarch.dedupe.quality.signals import signals
from secarch.dedupe.scrub.scrub import scrub
from secarch.records import Document
from secarch.schema import JsonDict
from secarch.text.minhash import Signer

PIECES = pa.schema(
    [pa.field("row", pa.int64(), nullable=False), pa.field("pieces", pa.string(), nullable=False)]
)
"""The pieces of the document in `row` of a prepared shard, as JSON."""


def prepare(document: Document, config: DedupeConfig) -> Prepared:
    """Measure one document and ask every rule."""
    measured = signals(document.text)
    reasons = tuple(why for gate in config.gates if (why := gate.judge(measured)))
    terms = licence_reason(document, config)
    return Prepared(document, measured, (terms, *reasons) if terms else reasons)


@dataclass(frozen=True, slots=True)
class CleanShard:
    """Documents in, documents without secrets out, and beside them how often each line occurs."""

    source: Path
    target: Path
    counts: Path
    config: DedupeConfig

    def run(self) -> None:
        """Do it; the target comes last."""
        rows: list[JsonDict] = []
        documents, raw = [], ""
        text, secrets = "", Counter[str]()
        for document in documents_of(self.source):
            if not rows or document.sha256 != raw:
                raw = document.sha256
                text, secrets = (
                    scrub(document.text) if self.config.scrub else (document.text, Counter())
                )
            clean = (
                dataclasses.replace(document, text=text, sha256=_sha256(text))
                if secrets
                else document
            )
            rows.append(clean_row(clean, secrets))
            documents.append(clean)
        boilerplate.count(documents, self.counts)
        write_shard(self.target, rows, CLEAN)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PrepareShard:
    """Clean documents in; signals, reasons, boilerplate and signature of each out.

    `before` is the outcome of an earlier run: rows in which the same lines are boilerplate are
    taken from it.
    """

    source: Path
    target: Path
    config: DedupeConfig
    lines: boilerplate.Boilerplate
    before: Path | None = None

    def run(self) -> None:
        """Do it, atomically."""
        rows: list[JsonDict] = list(read_shard(self.before)) if self.before else []
        signer = Signer()
        batch: list[tuple[int, Document, list[tuple[int, int]]]] = []
        for number, document in enumerate(documents_of(self.source)):
            found = boilerplate.spans(document.text, self.lines.get(document.site, frozenset()))
            if self.before and json.loads(rows[number]["blanks"]) == [list(span) for span in found]:
                continue
            batch.append((number, document, found))
            if len(batch) == BATCH:
                self._measure(batch, rows, signer)
                batch = []
        self._measure(batch, rows, signer)
        write_shard(self.target, rows, PREPARED)

    def _measure(
        self,
        batch: list[tuple[int, Document, list[tuple[int, int]]]],
        rows: list[JsonDict],
        signer: Signer,
    ) -> None:
        items: list[Prepared] = []
        for _, document, found in batch:
            text = blank(document.text, found)
            whole = (
                dataclasses.replace(document, text=text, sha256=_sha256(text))
                if found
                else document
            )
            same = (
                items
                and items[-1].head.sha256 == whole.sha256
                and items[-1].head.licence == whole.licence
            )
            items.append(
                dataclasses.replace(items[-1], head=whole) if same else prepare(whole, self.config)
            )
        signed, marks = signer.sign_texts([item.head.text for item in items], self.config.shingle)
        for (number, _, found), item, mark, signature in zip(
            batch, items, marks, signed, strict=True
        ):
            marked = dataclasses.replace(item, fingerprint=mark)
            row = prepared_row(marked, found, b"" if item.reasons else signature.tobytes())
            rows[number : number + 1] = [row]


BATCH = 64


@dataclass(frozen=True, slots=True)
class CutShard:
    """Clean and prepared documents in, the pieces of those that no rule drops out; `before` as in
    `PrepareShard`.

    Of copies only the one that ranks best is cut, since no other can be kept.
    """

    source: Path
    prepared: Path
    target: Path
    config: DedupeConfig
    before: tuple[Path, Path] | None = None
    """Earlier prepared documents and their pieces."""

    def run(self) -> None:
        """Do it, atomically."""
        rows = []
        old = {row["row"]: row for row in read_shard(self.before[1])} if self.before else {}
        shas = (
            [row["sha256"] for row in read_shard(self.before[0], ["sha256"])] if self.before else []
        )
        found = read_shard(self.prepared, ["reasons", "blanks", "sha256"])
        both = zip(itertools.count(), documents_of(self.source), found, strict=False)
        for sha, copies in itertools.groupby(both, key=lambda item: item[2]["sha256"]):
            good = [
                (number, document, row)
                for number, document, row in copies
                if row["reasons"] == "[]"
            ]
            if not good:
                continue
            number, document, row = min(good, key=lambda item: rank(item[1], 0, 0))
            if number in old and shas[number] == sha:
                rows.append(old[number])
                continue
            text = blank(document.text, json.loads(row["blanks"]))
            pieces = [
                _packed(piece)
                for piece in cut(dataclasses.replace(document, text=text, sha256=sha), self.config)
            ]
            rows.append({"row": number, "pieces": json.dumps(pieces, ensure_ascii=False)})
        write_shard(self.target, rows, PIECES)


class Cuts:
    """What `CutShard` wrote for many shards, by clean shard and row.

    Held compressed, at a tenth of what the pieces take as objects, and unpacked one document at a
    time: the builder asks in the order of ids, which is not that of the shards.
    """

    def __init__(self, written: Iterable[tuple[Path, Path]]) -> None:
        self._packed = {
            (source, row["row"]): zlib.compress(row["pieces"].encode(), 1)
            for source, path in written
            for row in read_shard(path)
        }

    def __getitem__(self, place: tuple[Path, int]) -> list[Piece]:
        """The pieces of one document."""
        packed = json.loads(zlib.decompress(self._packed[place]))
        return [_unpacked(*piece) for piece in packed]


def _packed(piece: Piece) -> list[object]:
    """The piece as a list, for JSON."""
    options = [(o.instruction, o.key, o.wording) for o in piece.options]
    head = [piece.start, piece.end, piece.reason, piece.text]
    return [*head, piece.kind, piece.answer, piece.category, piece.spans, options]


def _unpacked(
    start: int,
    end: int,
    reason: str,
    text: str,
    kind: str,
    answer: str,
    category: str,
    spans: list[tuple[int, int]],
    options: list[tuple[str, str, str]],
) -> Piece:
    return Piece(
        start=start,
        end=end,
        reason=reason,
        text=text,
        kind=kind,
        answer=answer,
        category=category,
        spans=tuple((first, last) for first, last in spans),
        options=tuple(
            Option(instruction=instruction, key=key, wording=wording)
            for instruction, key, wording in options
        ),
    )
