"""Local sources into the frontier: in batches, each one transaction, so that a killed run goes on
where it was.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from itertools import islice

from secarch import console
from secarch.artifact import now
from secarch.harvest.config import HarvestConfig
from secarch.harvest.extract import pool
from secarch.harvest.extract.extracted import UNREAD
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.visit import Lease, Visit
from secarch.harvest.kept import pack
from secarch.harvest.sources.local import pages
from secarch.harvest.sources.source import Found, Source
from secarch.session import Stop

BATCH = 64


async def ingest(
    config: HarvestConfig,
    frontier: Frontier,
    stop: Stop,
    advance: Callable[[int], None],
    sources: list[Source],
) -> None:
    """Read the sources. Pages that an earlier run finished are skipped; ones that are gone are
    recorded as gone.

    Raises DiskError, and InvalidInput for a source of which nothing can be read.
    """
    workers = pool.Workers(config)
    try:
        for source in sources:
            found = pages(source, config)
            while not stop.requested and (batch := await asyncio.to_thread(_batch, found, stop)):
                leases = {lease.url: lease for lease in frontier.claim(list(batch))}
                visits = await asyncio.gather(
                    *(_visit(config, workers, source, leases[url], batch[url]) for url in leases)
                )
                frontier.commit(visits, {})
                advance(len(visits))
            console.log().info("source_read", **source.facts())
    finally:
        workers.close()
    if not stop.requested:
        frontier.finish_local()


def _batch(found: Iterator[Found], stop: Stop) -> dict[str, Found]:
    """The next pages by URL; of two with one URL the first counts. Fewer after a signal."""
    batch: dict[str, Found] = {}
    for item in islice(found, BATCH):
        batch.setdefault(item.url, item)
        if stop.requested:
            break
    return batch


async def _visit(
    config: HarvestConfig, workers: pool.Workers, source: Source, lease: Lease, found: Found
) -> Visit:
    page = found.page
    if page is None:
        return Visit(lease=lease, reason=found.reason, fetched_at=now())
    read = await workers.run(pool.PAGE, page)
    document = read.document
    if document is not None and not document.licence:
        document = dataclasses.replace(document, licence=source.licence)
    visit = Visit(
        lease=lease,
        status=page.status,
        reason=read.reason,
        detail=read.detail,
        document=document,
        method=read.method,
        agreement=read.agreement,
        fetched_at=page.fetched_at,
        content_type=page.content_type,
        headers=tuple(page.headers.items()),
    )
    if config.keep_raw and (document is not None or read.reason in UNREAD):
        visit.raw = read.raw or pack(page.body)
    return visit
