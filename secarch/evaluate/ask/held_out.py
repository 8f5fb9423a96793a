"""Held-out documents: how many bits the model needs for each byte of text that it was not trained
on.

Bits-per-byte does not depend on the tokenizer and tells small models apart better than accuracy
does (Heineman et al. 2025, arXiv:2508.13144).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from secarch.artifact import MANIFEST, open_artifact
from secarch.errors import InvalidInput, MissingInput
from secarch.files import read_jsonl
from secarch.records import Score
from secarch.schema import JsonDict, sha256_of

METRIC = "document_bits_per_byte"
CATEGORY = "held-out"
MAX_CHARS = 100_000
"""Characters of a document that are read."""


@dataclass(frozen=True, slots=True)
class Document:
    """One text to measure."""

    id: str
    text: str

    @property
    def sha256(self) -> str:
        """Hex, over the UTF-8 text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def documents(place: str, most: int) -> tuple[Document, ...]:
    """The first `most` documents of a JSONL file, or of the test split of a dataset; none where
    `place` is empty.

    A row holds its `text`, or `messages`, of which the assistant's are taken. Raises MissingInput,
    InvalidInput with file and line, and TamperedArtifact.
    """
    if not place:
        return ()
    path = Path(place)
    if path.is_dir():
        sealed = (path / MANIFEST).is_file()
        path = open_artifact(path, "dataset").file("test.jsonl") if sealed else path / "test.jsonl"
    if not path.is_file():
        raise MissingInput(
            "there are no held-out documents", where=path, fix="name a JSONL file or a dataset"
        )
    found = tuple(islice(_documents(path), most))
    if not found:
        raise MissingInput(
            "there is no text in the held-out documents",
            where=path,
            fix='give rows {"text": ...}, or documents of secarch harvest',
        )
    return found


def digest(found: Sequence[Document]) -> str:
    """Hex SHA-256 over what is measured, in its order; empty where that is nothing."""
    return sha256_of([[document.id, document.sha256] for document in found]) if found else ""


def _documents(path: Path) -> Iterator[Document]:
    seen: set[str] = set()
    for number, row in enumerate(read_jsonl(path), 1):
        text = _text(row)
        if text is None:
            raise InvalidInput(
                "this row has neither text nor messages",
                where=f"{path}:{number}",
                fix='give rows {"text": ...}, or documents of secarch harvest',
            )
        if text.strip():
            name = str(row.get("id") or number)
            yield Document(name if name not in seen else f"{name}#{number}", text[:MAX_CHARS])
            seen.add(name)


def _text(row: JsonDict) -> str | None:
    text, messages = row.get("text"), row.get("messages")
    if isinstance(text, str):
        clean = text
    elif isinstance(messages, list):
        said = [m for m in messages if isinstance(m, dict) and m.get("role") == "assistant"]
        clean = "\n\n".join(str(m.get("content", "")) for m in said)
    else:
        return None
    return clean.encode("utf-8", "replace").decode()


def scores(path: Path) -> Iterator[Score]:
    """A score for each measured document; its place among the questions is `document:<id>`."""
    for row in read_jsonl(path) if path.exists() else ():
        value = None if row["nats"] is None else row["nats"] / math.log(2) / row["bytes"]
        yield Score(
            question_id=f"document:{row['document_id']}",
            question_sha256=row["sha256"],
            metric=METRIC,
            value=value,
            reason=row["reason"],
            category=CATEGORY,
            cluster=f"document:{row['document_id']}",
        )


def overall(path: Path) -> JsonDict | None:
    """Bits-per-byte and byte perplexity over all documents as one text; None if none was
    measured.
    """
    rows = [row for row in (read_jsonl(path) if path.exists() else ()) if row["nats"] is not None]
    if not rows:
        return None
    size = sum(row["bytes"] for row in rows)
    bits = math.fsum(row["nats"] for row in rows) / math.log(2) / size
    return {
        "documents": len(rows),
        "bytes": size,
        "bits_per_byte": round(bits, 6),
        "byte_perplexity": round(2**bits, 6),
    }
