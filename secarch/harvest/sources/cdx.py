"""CDX lists (CDXJ as Common Crawl and pywb write it, and the 11 fields of CDX) as a source: the
records of local WARC files that they name, each read at its offset.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secarch.errors import InvalidInput
from secarch.harvest.config import HarvestConfig

if TYPE_CHECKING:
    from pathlib import Path

    from secarch.harvest.sources.local import Found, Source

MAX_RECORD = 1 << 28
"""Bytes of one compressed record; a length above it is not believed."""


@dataclass(frozen=True, slots=True)
class Range:
    """Where one record is: a WARC file by its name in the list, offset and length in bytes."""

    file: str
    offset: int
    length: int


def parse(line: str) -> Range | None:
    """The record that a line of a CDX list names, or None if the line names none.

    Example: `parse('org,example)/ 20260101000000 {"filename": "a.warc.gz", "offset": "0",
    "length": "9"}')` is `Range("a.warc.gz", 0, 9)`.
    """
    brace = line.find("{")
    try:
        if brace >= 0:
            fields = json.loads(line[brace:])
            values = fields["filename"], int(fields["offset"]), int(fields["length"])
        else:
            parts = line.split()
            if len(parts) != 11:
                return None
            values = parts[10], int(parts[9]), int(parts[8])
    except (ValueError, KeyError, TypeError):
        return None
    name, offset, length = values
    sound = isinstance(name, str) and offset >= 0 and 0 < length <= MAX_RECORD
    return Range(name, offset, length) if sound else None


def records(source: Source, config: HarvestConfig) -> Iterator[Found]:
    """The pages of a list, in its order. What cannot be read is counted by reason.

    Raises InvalidInput if not one line of the list names a record.
    """
    named = 0
    with source.path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            place = parse(line)
            if place is None:
                if line.strip() and not line.startswith((" CDX", "!")):
                    source.passed_over("bad_cdx_line")
                continue
            named += 1
            yield from _record(source, place, config)
    if not named:
        raise InvalidInput(
            "this is no readable CDX list",
            where=source.path,
            why="not one line names a WARC file with offset and length",
            fix="give CDXJ lines with filename, offset and length, or the 11 fields of CDX",
        )


def _file(source: Source, name: str) -> Path | None:
    """The WARC file below the list's folder: by its path, or by its last part alone."""
    folder = source.path.resolve().parent
    for candidate in (folder / name, folder / name.rpartition("/")[2]):
        if candidate.is_file() and candidate.resolve().is_relative_to(folder):
            return candidate
    return None


def _record(source: Source, place: Range, config: HarvestConfig) -> Iterator[Found]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    from secarch.harvest.sources.warc import page_of

    path = _file(source, place.file)
    if path is None:
        source.passed_over("no_archive")
        return
    with path.open("rb") as handle:
        handle.seek(place.offset)
        piece = handle.read(place.length)
    try:
        for record in ArchiveIterator(io.BytesIO(piece)):
            found = page_of(source, record, config.max_page_bytes)
            if found is not None:
                yield found
            return
    except (ArchiveLoadFailed, zlib.error, EOFError, ValueError, OSError):
        pass
    source.passed_over("bad_offset")
