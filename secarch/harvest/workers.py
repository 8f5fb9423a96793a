"""The pool of worker processes: a page that kills one is recorded, and the others go on."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from secarch.harvest.config import HarvestConfig
from secarch.harvest.extracted import Extracted
from secarch.records import Page

Work = Callable[[Page], Extracted]


# The process that crawls sends these by name and never loads the parsers that they import.


def _start(config: HarvestConfig) -> None:
    from secarch.harvest import extract

    extract.start(config)


def page(fetched: Page) -> Extracted:
    """Work of a worker process: `extract.extract`."""
    from secarch.harvest import extract

    return extract.extract(fetched)


def sitemap(fetched: Page) -> Extracted:
    """Work of a worker process: `extract.read_sitemap`."""
    from secarch.harvest import extract

    return extract.read_sitemap(fetched)


class Workers:
    """Extracts pages in processes that cost the crawl nothing when they die."""

    def __init__(self, config: HarvestConfig) -> None:
        self._config = config
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["secarch.harvest.extract"])
        self._pool = self._open(config.workers)
        self._alone = asyncio.Lock()

    def _open(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(workers, mp_context=self._context, initializer=_start, initargs=(self._config,))

    async def run(self, work: Work, page: Page) -> Extracted:
        """Extract a page. After a crash each page that was in work is tried once more, alone."""
        pool = self._pool
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work, page)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = self._open(self._config.workers)
                pool.shutdown(wait=False)
            return await self._quarantined(work, page)
        except BaseException as error:
            # A panic of a library written in Rust is no Exception, and must not pass for an interrupt either.
            if isinstance(error, (Exception, asyncio.CancelledError, KeyboardInterrupt, SystemExit)):
                raise
            return Extracted(reason="extraction_crashed", detail=type(error).__name__)

    async def _quarantined(self, work: Work, page: Page) -> Extracted:
        async with self._alone:
            pool = self._open(1)
            try:
                return await asyncio.get_running_loop().run_in_executor(pool, work, page)
            except BrokenProcessPool:
                return Extracted(reason="extraction_crashed", detail="its worker process died or ran out of time")
            finally:
                pool.shutdown(wait=False)

    def close(self) -> None:
        """End the processes; what they are working on is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
