"""What goes to disk: finished visits, in batches of one transaction each, from one thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from secarch.harvest.crawl.scheduler import Scheduler
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.visit import Visit

T = TypeVar("T")

BATCH_SECONDS = 0.002
"""Finished pages wait this long for company; while one transaction is written, the next gathers
more.
"""


class Committer:
    """The crawl's only writer to the frontier."""

    def __init__(self, frontier: Frontier, scheduler: Scheduler, moved: asyncio.Event) -> None:
        self._frontier, self._scheduler, self._moved = frontier, scheduler, moved
        self._finished: list[Visit] = []
        self._committing = asyncio.Lock()
        self.dirty = asyncio.Event()
        """Set when there is something to write or to lease."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="frontier")
        self.open: set[int] = set()
        """Leases that were asked for and are not on disk yet."""

    async def db(self, work: Callable[..., T], *args: Any) -> T:
        """Run a method of the frontier in its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *args))

    def close(self) -> None:
        """Wait for the thread to end."""
        self._thread.shutdown()

    def finish(self, visit: Visit) -> None:
        """Hand over a visit that is to be written."""
        self._finished.append(visit)
        self.dirty.set()

    @property
    def is_busy(self) -> bool:
        """Whether anything waits to be written."""
        return bool(self._finished) or self._committing.locked()

    async def run(self) -> None:
        """Write batches until cancelled. Raises DiskError."""
        while True:
            await self.dirty.wait()
            self.dirty.clear()
            await asyncio.sleep(BATCH_SECONDS)
            await self.commit()

    async def commit(self, *, lease: bool = True) -> None:
        """Write what is finished and lease what the hosts have room for."""
        visits, self._finished = self._finished, []
        wanted = self._scheduler.wanted() if lease else {}
        rests = self._scheduler.rests()
        if not visits and not wanted and not rests:
            return
        async with self._committing:
            done = await self.db(self._frontier.commit, visits, wanted, rests)
            self.open.difference_update(visit.lease.id for visit in visits)
            self._scheduler.count(visits)
            self._scheduler.take(done.leases, wanted)
            self.grown(done.grown - wanted.keys())
        self._moved.set()

    def grown(self, names: frozenset[str]) -> None:
        """Note hosts with new URLs, which are to be leased."""
        self._scheduler.grown(names)
        if names:
            self.dirty.set()

    async def settle(self) -> None:
        """Wait for the transaction that is being written."""
        async with self._committing:
            pass
