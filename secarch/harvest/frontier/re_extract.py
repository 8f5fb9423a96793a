"""Extraction once more, from the pages that the frontier keeps: no site is asked.

A killed run goes on where its last transaction ended. A finished crawl gets a new artifact, whose
parent is the last one, where a document changed; an unfinished one is seen to in place and sealed
when it is done.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from secarch import artifact, console, files
from secarch.errors import MissingInput
from secarch.harvest.config import HarvestConfig
from secarch.harvest.extract.extracted import UNREAD, Extracted
from secarch.harvest.extract.pool import PAGE, Workers
from secarch.harvest.fetch.encodings import Inflater
from secarch.harvest.fetch.http import read_headers
from secarch.harvest.frontier.content import store_document
from secarch.harvest.frontier.database import FILE, forget_raw
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.shard import Handover, workspace_of
from secarch.harvest.frontier.visit import State
from secarch.harvest.kept import beginning, is_ours
from secarch.harvest.stage import NEXT, Harvest
from secarch.records import Outcome, Page
from secarch.schema import JsonDict
from secarch.session import Session

BATCH = 64
"""Pages in one transaction."""
_PAGES = (
    "select raw.url_id, url, content_type, body, coalesce(headers, '[]'), last_modified, "
    "fetched_at, state, reason"
    " from raw join url on url.id = raw.url_id left join response on response.url_id = raw.url_id"
    " where raw.url_id > ? order by raw.url_id limit ?"
)
_DOCUMENT = (
    "select canonical_url, title, text, language, licence, modified_at, method from "
    "document where url_id = ?"
)


def re_extract(config: HarvestConfig, session: Session) -> Outcome:
    """Read every kept page again with this program and the crawl's own settings.

    Raises MissingInput if there is no frontier or it keeps no pages, Busy, DiskError and
    Interrupted.
    """
    whole, session = session, workspace_of(session, config)
    path = session.harvest / FILE
    if not path.is_file():
        raise MissingInput("there is no frontier here", where=path, fix="secarch harvest")
    with artifact.lock(session.harvest / ".lock"):
        frontier = Frontier(path, synchronous=config.synchronous, max_variants=config.max_variants)
        try:
            return _Again(config, session, frontier, Handover(whole, config)).run()
        finally:
            frontier.close()


def settings_of(meta: JsonDict, config: HarvestConfig) -> HarvestConfig:
    """The settings of the crawl, with today's for what does not touch its content."""
    theirs = {
        name: value
        for name, value in (meta.get("config") or {}).items()
        if name in HarvestConfig.model_fields
    }
    return HarvestConfig.model_validate({**config.model_dump(), **theirs})


class _Again:
    """One run, the lock held and the frontier open."""

    def __init__(
        self, config: HarvestConfig, session: Session, frontier: Frontier, handover: Handover
    ) -> None:
        self._session, self._frontier = session, frontier
        self._meta = frontier.meta()
        self._config = settings_of(self._meta, config)
        self._harvest = Harvest(self._config, session, [], handover)

    def run(self) -> Outcome:
        """Extract, and seal what changed. Raises MissingInput if the frontier keeps no pages."""
        ((pages,),) = self._frontier.query("select count(*) from raw")
        if not pages:
            raise MissingInput(
                "the frontier keeps no pages",
                where=self._frontier.path,
                fix="crawl with harvest.keep_raw=true",
            )
        if self._session.dry_run:
            return Outcome(
                status="done",
                counts={"pages": pages},
                result={"dry_run": True},
                summary=f"would read {pages} kept pages again; no site is asked",
                next="secarch frontier re-extract",
            )
        sealed = self._meta.get("phase") == "sealed"
        task = self._meta.get("re_extract") or {
            "after": 0,
            "changed": 0,
            "parent": self._meta.get("digest", ""),
        }
        if sealed and not task["after"]:
            self._begin(task)
        started = time.monotonic()
        with self._session.stop.listening():
            asyncio.run(self._read(task, pages))
        self._session.stop.check()
        return self._finish(task, pages, time.monotonic() - started, sealed=sealed)

    def _begin(self, task: JsonDict) -> None:
        with self._frontier.transaction() as db:
            db.execute(
                "update url set prior = coalesce((select sha256 from document where url_id = "
                "url.id), '')"
            )
        self._frontier.set_meta({"re_extract": task})

    async def _read(self, task: JsonDict, pages: int) -> None:
        pool = Workers(self._config)
        try:
            with console.progress("pages", pages) as advance:
                while not self._session.stop.requested:
                    rows = self._frontier.query(_PAGES, (task["after"], BATCH))
                    if not rows:
                        return
                    found = await asyncio.gather(*(self._one(pool, row) for row in rows))
                    self._write(task, rows, found)
                    advance(len(rows))
        finally:
            pool.close()

    async def _one(self, pool: Workers, row: Sequence[Any]) -> Extracted:
        _, url, content_type, body, headers, last_modified, fetched_at, *_ = row
        named = {
            **({"last-modified": last_modified} if last_modified else {}),
            **read_headers(json.loads(headers)),
        }
        most = self._config.max_page_bytes
        inflater = Inflater("gzip", most, cut=True)
        kept = Page(
            url=url,
            status=200,
            body=beginning(body, most) if is_ours(body) else inflater.feed(body),
            content_type=content_type,
            fetched_at=fetched_at,
            headers={
                **named,
                "content-encoding": "gzip",
            },  # as it is kept, so that it is not compressed once more
        )
        return await pool.run(PAGE, kept)

    def _write(self, task: JsonDict, rows: Sequence[Any], found: Sequence[Extracted]) -> None:
        with self._frontier.transaction() as db:
            for row, result in zip(rows, found, strict=True):
                task["changed"] += self._settle(db, row, result)
            task["after"] = rows[-1][0]
            db.execute("insert or replace into meta values ('re_extract', ?)", (json.dumps(task),))

    def _settle(self, db: Any, row: Sequence[Any], result: Extracted) -> bool:
        """Put one page's new extraction in the place of the old; True if it is another one."""
        url_id, state, reason = row[0], row[7], row[8]
        before = db.execute(_DOCUMENT, (url_id,)).fetchone()
        if result.document is None:
            if result.reason not in UNREAD:  # reserved after all, so nothing of it is kept
                forget_raw(db, url_id)
            db.execute("delete from document where url_id = ?", (url_id,))
            values = (State.SKIPPED, result.reason, result.detail, url_id)
        else:
            document = result.document
            if (
                before and not document.licence
            ):  # a local source's own, which its pages do not state
                document = replace(document, licence=before[4])
            store_document(db, url_id, document, result.method, result.agreement)
            values = (State.KEPT, "", "", url_id)
        if state in {State.KEPT, State.SKIPPED} and (state != values[0] or reason != values[1]):
            db.execute("update url set state = ?, reason = ?, detail = ? where id = ?", values)
        return bool(before != db.execute(_DOCUMENT, (url_id,)).fetchone())

    def _finish(self, task: JsonDict, pages: int, seconds: float, *, sealed: bool) -> Outcome:
        result = {"pages": pages, "changed": task["changed"], "seconds": round(seconds, 3)}
        if not (sealed and task["changed"]):
            self._frontier.set_meta({"re_extract": None})
            where = "" if sealed else "; the crawl itself is unfinished: secarch harvest --resume"
            return Outcome(
                status="done" if task["changed"] else "nothing_to_do",
                counts={"changed": task["changed"]},
                result=result,
                summary=f"{pages} pages read again, {task['changed']} documents changed{where}",
                next=NEXT if sealed else "secarch harvest --resume",
            )
        parents = [task["parent"]]
        directory = self._harvest.directory(parents)
        with files.disk_errors(directory):
            directory.mkdir(parents=True, exist_ok=True)
        outcome = self._harvest.seal(self._frontier, directory, parents, seconds)
        self._frontier.set_meta({"re_extract": None, "parents": parents})
        outcome.result.update(result)
        return outcome
