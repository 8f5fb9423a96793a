"""CDX lists (CDXJ as Common Crawl and pywb write it, and the 11 fields of CDX) as a source: the
records of the WARC files that they name, each read at its offset, here or by a range request.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urljoin

from secarch.errors import InvalidInput, MissingInput
from secarch.harvest.config import HarvestConfig
from secarch.harvest.sources.remote import Remote
from secarch.harvest.sources.source import Found, Source
from secarch.harvest.sources.urls import host_of
from secarch.harvest.sources.warc import page_of

COMMON_CRAWL = ("https://index.commoncrawl.org", "https://data.commoncrawl.org/")
"""Its index server names files that another host serves."""
MAX_LIST = 200_000_000
"""Bytes of a list that comes over the network."""
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

    Raises InvalidInput if not one line of the list names a record, MissingInput for a URL that
    gives no list.
    """
    named = 0
    with Remote(config) as remote:
        archives = _Archives(source, remote)
        for line in _lines(source, remote):
            place = parse(line)
            if place is None:
                if line.strip() and not line.startswith((" CDX", "!")):
                    source.skip("bad_cdx_line")
                continue
            named += 1
            yield from _record(source, archives, place, config)
    if not named:
        raise InvalidInput(
            "this is not a readable CDX list",
            where=source.remote or source.path,
            why="not one line names a WARC file with offset and length",
            fix="give CDXJ lines with filename, offset and length, or the 11 fields of CDX",
        )


def _lines(source: Source, remote: Remote) -> Iterator[str]:
    """The lines of a list, gzip or not."""
    if not source.remote:
        with source.path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            opened = gzip.GzipFile(fileobj=raw) if packed else raw
            yield from _text(opened, str(source.path))
        return
    answer = remote.get(source.remote, limit=MAX_LIST)
    if answer.page is None:
        raise MissingInput(
            "the CDX list cannot be had",
            where=source.remote,
            why=f"{answer.reason or f'HTTP {answer.status}'} {answer.detail}".strip(),
            fix="open the URL in a browser; a list on this machine is --cdx FILE",
        )
    body = io.BytesIO(answer.page.body)
    packed = answer.page.body.startswith(b"\x1f\x8b")
    yield from _text(gzip.GzipFile(fileobj=body) if packed else body, source.remote)


def _text(opened: Iterable[bytes], where: str) -> Iterator[str]:
    try:
        for line in opened:
            yield line.decode("utf-8", "replace")
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(
            "this is not a readable CDX list",
            where=where,
            why=error,
            fix="give a CDX or CDXJ file, plain or gzipped",
        ) from error


class _Archives:
    """Where the WARC files of a list are."""

    def __init__(self, source: Source, remote: Remote) -> None:
        self._source, self._remote = source, remote
        self._bases = self._places()
        self._found: dict[str, str] = {}
        """WARC file -> URL at which it was found."""

    def _places(self) -> list[str]:
        seed, listed = self._source.scope.seed, self._source.remote
        if seed.archive:
            return [f"{seed.archive.rstrip('/')}/"]
        if listed and host_of(listed) == COMMON_CRAWL[0]:
            return [COMMON_CRAWL[1]]
        return [listed, f"{host_of(listed)}/"] if listed else []

    def read(self, place: Range) -> tuple[bytes | None, str]:
        """The bytes of a record, or why there are none."""
        path = None if self._source.remote else self._local(place.file)
        if path is not None:
            with path.open("rb") as handle:
                handle.seek(place.offset)
                return handle.read(place.length), ""
        reason = "no_archive"
        for url in self._urls(place.file):
            piece, reason = self._remote.piece(url, place.offset, place.length)
            if reason != "no_archive":
                self._found[place.file] = url
                return piece, reason
        return None, reason

    def _urls(self, name: str) -> list[str]:
        if name in self._found:
            return [self._found[name]]
        if name.startswith(("http://", "https://")):
            return [name]
        return list(dict.fromkeys(urljoin(base, quote(name, safe="/%")) for base in self._bases))

    def _local(self, name: str) -> Path | None:
        """The file below the list's folder: by its path, or by its last part alone."""
        folder = self._source.path.resolve().parent
        for candidate in (folder / name, folder / name.rpartition("/")[2]):
            if candidate.is_file() and candidate.resolve().is_relative_to(folder):
                return candidate
        return None


def _record(
    source: Source, archives: _Archives, place: Range, config: HarvestConfig
) -> Iterator[Found]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    piece, reason = archives.read(place)
    if piece is None:
        source.skip(reason)
        return
    try:
        for record in ArchiveIterator(io.BytesIO(piece)):
            found = page_of(source, record, config.max_page_bytes)
            if found is not None:
                yield found
            return
    except (ArchiveLoadFailed, zlib.error, EOFError, ValueError, OSError):
        pass
    source.skip("bad_offset")
