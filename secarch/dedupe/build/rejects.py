"""What a build left out: row by row, without holding the texts as they are."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from secarch.schema import JsonDict

LONG = 2_000
"""Characters from which a text is held compressed. Spans of pages are mostly shorter; documents
that a rule dropped are longer, and of 100,000 documents they would fill the memory.
"""
FASTEST = 1
"""zlib's level: a third of the bytes is enough, and they are read once or twice."""


class Rejects(Sequence[JsonDict]):
    """Rows of `rejected.jsonl.gz`; a row that is read is made anew, with its text."""

    def __init__(self) -> None:
        self._rows: list[JsonDict] = []

    def append(self, row: JsonDict) -> None:
        """Add a row of what was left out."""
        self._rows.append(_packed(row))

    def extend(self, rows: Iterable[JsonDict]) -> None:
        """Add rows."""
        self._rows.extend(map(_packed, rows))

    def sort(self) -> None:
        """By document and place, so that equal inputs give equal files."""
        self._rows.sort(
            key=lambda row: (
                row["document_id"],
                row["start"],
                row["reason"],
                row["url"],
                row["sha256"],
            )
        )

    def reasons(self) -> dict[str, list[int]]:
        """Reason -> places of its rows; no text is read."""
        found: dict[str, list[int]] = {}
        for place, row in enumerate(self._rows):
            found.setdefault(row["reason"], []).append(place)
        return found

    def places(self) -> dict[tuple[str, str], int]:
        """(Id, SHA-256) of each whole document -> place of its row; no text is read."""
        return {
            (row["document_id"], row["sha256"]): place
            for place, row in enumerate(self._rows)
            if row["sha256"]
        }

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> JsonDict: ...

    @overload
    def __getitem__(self, place: slice) -> list[JsonDict]: ...

    def __getitem__(self, place: int | slice) -> JsonDict | list[JsonDict]:
        rows = self._rows[place]
        return list(map(_whole, rows)) if isinstance(rows, list) else _whole(rows)

    def __iter__(self) -> Iterator[JsonDict]:
        return map(_whole, self._rows)


def _packed(row: JsonDict) -> JsonDict:
    text = row["text"]
    if len(text) < LONG:
        return row
    return {**row, "text": zlib.compress(text.encode("utf-8", "surrogatepass"), FASTEST)}


def _whole(row: JsonDict) -> JsonDict:
    held = row["text"]
    if isinstance(held, str):
        return row
    return {**row, "text": zlib.decompress(held).decode("utf-8", "surrogatepass")}
