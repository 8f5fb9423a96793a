"""The kept pages as WARC/1.1 (ISO 28500:2017), for archives and for other programs.

A record holds the body as it came if it came as gzip, else decoded; headers that speak of the
transfer are left out or set right, so that each record is a sound HTTP response.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from secarch import __version__, artifact, console, files
from secarch.errors import MissingInput, UsageError
from secarch.harvest.config import HarvestConfig
from secarch.harvest.fetch.http import user_agent
from secarch.harvest.frontier.database import FILE
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.shard import workspace_of
from secarch.harvest.kept import unpack
from secarch.records import Outcome
from secarch.session import Session

_KEYS = "select url_id from raw order by url_id"
_PAGE = (
    "select url, content_type, body, coalesce(headers, '[]'), fetched_at from raw join url on "
    "url.id = raw.url_id"
    " left join response on response.url_id = raw.url_id where raw.url_id = ?"
)
_OF_TRANSFER = frozenset(
    {"transfer-encoding", "content-length", "connection", "keep-alive", "trailer", "upgrade"}
)


def export(config: HarvestConfig, session: Session, file: Path) -> Outcome:
    """Write every page that the frontier keeps to `file`; compressed where its name ends in .gz.

    Raises MissingInput if there is no frontier or it keeps no pages, UsageError where `file` is
    there already, and DiskError. The file appears whole or not at all.
    """
    session = workspace_of(session, config)
    path = session.harvest / FILE
    if not path.is_file():
        raise MissingInput("there is no frontier here", where=path, fix="secarch harvest")
    if file.exists():
        raise UsageError(
            "this file is there already", where=file, fix="give another name, or remove it first"
        )
    with artifact.lock(session.harvest / ".lock"):
        frontier = Frontier(path, synchronous=config.synchronous)
        try:
            return _export(config, session, frontier, file)
        finally:
            frontier.close()


def _export(config: HarvestConfig, session: Session, frontier: Frontier, file: Path) -> Outcome:
    ((pages,),) = frontier.query("select count(*) from raw")
    if not pages:
        raise MissingInput(
            "the frontier keeps no pages",
            where=frontier.path,
            fix="crawl with harvest.keep_raw=true",
        )
    if session.dry_run:
        return Outcome(
            status="done", counts={"pages": pages}, summary=f"would write {pages} pages to {file}"
        )
    partial = file.with_name(f".{file.name}.partial")
    with files.disk_errors(file):
        try:
            with partial.open("wb") as out, console.progress("pages", pages) as advance:
                for _ in _records(
                    config, frontier, WARCWriter(out, gzip=file.suffix == ".gz", warc_version="1.1")
                ):
                    advance(1)
                    session.stop.check()
                out.flush()
                os.fsync(out.fileno())
            partial.replace(file)
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
    return Outcome(
        status="done",
        artifact=str(file),
        counts={"pages": pages},
        result={"bytes": file.stat().st_size},
        summary=f"{pages} pages in {file}",
    )


def _records(config: HarvestConfig, frontier: Frontier, writer: WARCWriter) -> Iterator[None]:
    facts = {
        "software": f"secarch/{__version__}",
        "format": "WARC File Format 1.1",
        "robots": "classic",
        "http-header-user-agent": user_agent(config),
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    }
    writer.write_record(writer.create_warcinfo_record(None, facts))
    for key in frontier.scan(_KEYS):
        for row in frontier.query(_PAGE, key):
            writer.write_record(_record(writer, row))
            yield


def _record(writer: WARCWriter, row: Sequence[Any]) -> Any:
    url, content_type, raw, stored, fetched_at = row
    pairs = [(name, value.replace("\n", " ")) for name, value in json.loads(stored)]
    came_compressed = any(n.lower() == "content-encoding" and "gzip" in v.lower() for n, v in pairs)
    body = raw if came_compressed else unpack(raw)
    left_out = _OF_TRANSFER if came_compressed else {*_OF_TRANSFER, "content-encoding"}
    headers = [(n, v) for n, v in pairs if n.lower() not in left_out] or [
        ("Content-Type", content_type)
    ]
    headers.append(("Content-Length", str(len(body))))
    named = {"WARC-Date": fetched_at} if fetched_at else {}
    return writer.create_warc_record(
        url,
        "response",
        payload=BytesIO(body),
        length=len(body),
        warc_headers_dict=named,
        http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
    )
