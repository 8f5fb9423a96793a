"""WARC files (ISO 28500) as a source: the pages that some crawl kept, read without asking their
sites again.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from secarch import console
from secarch.errors import InvalidInput
from secarch.harvest.config import HarvestConfig
from secarch.harvest.extract.sniff import kind_of
from secarch.harvest.fetch.encodings import ENCODINGS, BodyRefusedError, Inflater
from secarch.harvest.fetch.http import TEXT_TYPES
from secarch.harvest.sources.source import Found, Source, refusal_of
from secarch.harvest.sources.urls import normalise, storable
from secarch.records import Page

READ_HEADERS = (
    "x-robots-tag",
    "tdm-reservation",
    "content-usage",
    "content-signal",
    "last-modified",
    "content-language",
)


def records(source: Source, config: HarvestConfig) -> Iterator[Found]:
    """The successful text responses of a WARC file, gzip or not, in its order.

    What is not such a response is counted by reason. A file that breaks off gives what comes before
    that, with a warning. Raises InvalidInput if not one record can be read.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    if _start(source.path) != b"WARC/":
        raise InvalidInput(
            "this is not a readable WARC file",
            where=source.path,
            why="it does not begin like one",
            fix="give a WARC file, plain or gzipped, as its crawler wrote it",
        )
    read = 0
    with source.path.open("rb") as handle:
        opened = ArchiveIterator(handle)
        try:
            for record in opened:
                read += 1
                found = page_of(source, record, config.max_page_bytes)
                if found is not None:
                    yield found
        except (ArchiveLoadFailed, zlib.error, EOFError, ValueError, OSError) as error:
            why = storable(f"{type(error).__name__}: {error}"[:200])
            if not read:
                raise InvalidInput(
                    "this is not a readable WARC file",
                    where=source.path,
                    why=why,
                    fix="give a WARC file, plain or gzipped, as its crawler wrote it",
                ) from error
            _damaged(source, read, why)
        else:
            if read and opened.offset < source.path.stat().st_size:
                _damaged(source, read, "the file breaks off within a record")
    if not read:
        raise InvalidInput(
            "this is not a readable WARC file",
            where=source.path,
            why="it has no record",
            fix="give a WARC file, plain or gzipped, as its crawler wrote it",
        )


def _start(path: Path) -> bytes:
    """The first five bytes, of what is inside where the file is gzip."""
    with path.open("rb") as handle:
        head = handle.read(4096)
    inner = zlib.decompressobj(31)
    try:
        return (inner.decompress(head, 5) if head[:2] == b"\x1f\x8b" else head)[:5]
    except zlib.error:
        return b""


def _damaged(source: Source, read: int, why: str) -> None:
    source.skip("archive_damaged")
    console.log().warning("archive_damaged", source=source.path.name, records_read=read, why=why)


def page_of(source: Source, record: Any, limit: int) -> Found | None:
    """The page in a record, or None (counted) for what is not a page."""
    url = normalise(record.rec_headers.get_header("WARC-Target-URI") or "")
    reason = _no_page(record) or ("" if url else "bad_address") or refusal_of(source.scope, url)
    if reason:
        source.skip(reason)
        return None
    try:
        body = _body(record, limit)
    except BodyRefusedError as error:
        return Found(url=url, reason=error.reason)
    record.raw_stream.read()  # what is after the body, such as the last chunk's end
    if record.raw_stream.limit > 0:
        return Found(url=url, reason="truncated")
    headers = {
        name: value for name in READ_HEADERS if (value := record.http_headers.get_header(name))
    }
    page = Page(
        url=url,
        status=200,
        body=body,
        content_type=record.http_headers.get_header("Content-Type") or "",
        headers={name: storable(value) for name, value in headers.items()},
        fetched_at=storable(record.rec_headers.get_header("WARC-Date") or ""),
    )
    return Found(url=url, page=page)


def _body(record: Any, limit: int) -> bytes:
    """The decoded body, at most `limit` bytes. Raises BodyRefusedError.

    warcio decodes no zstd, and its brotli fails, so that only its chunks are undone by it. Archives
    that keep decoded bodies under the server's header are common, and taken as they are.
    """
    from warcio.bufferedreaders import BufferedReader, ChunkedDataReader

    headers = record.http_headers
    chunked = "chunked" in (headers.get_header("Transfer-Encoding") or "").lower()
    stream = (ChunkedDataReader if chunked else BufferedReader)(record.raw_stream, decomp_type=None)
    encoding = (headers.get_header("Content-Encoding") or "").strip().lower()
    if encoding not in ENCODINGS:
        raise BodyRefusedError("unknown_encoding")
    raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise BodyRefusedError("too_large")
    inflater = Inflater(encoding, limit)
    try:
        body = inflater.feed(raw)
        inflater.finish()
    except BodyRefusedError as error:
        if error.reason == "bad_encoding" and _is_decoded(raw):
            return bytes(raw)
        raise
    return body


def _is_decoded(raw: bytes) -> bool:
    return kind_of(raw, "") != "binary"


def _no_page(record: Any) -> str:
    """Why a record is not a page, or ''."""
    if record.rec_type != "response" or record.http_headers is None:
        return "no_response"
    status = record.http_headers.get_statuscode()
    if status != "200":
        return f"http_{status}" if str(status).isdigit() else "bad_http"
    kind = (record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    return "" if kind in TEXT_TYPES else "no_text_type"
