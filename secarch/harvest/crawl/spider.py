"""The crawl itself: many hosts kept busy at once, each at its own polite pace, until nothing is
left to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from secarch import console
from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.clock import unix
from secarch.harvest.crawl.committer import Committer
from secarch.harvest.crawl.page_parts import PageParts
from secarch.harvest.crawl.page_policy import PagePolicy
from secarch.harvest.crawl.politeness import Host
from secarch.harvest.crawl.progress import Progress
from secarch.harvest.crawl.robots_gate import RobotsGate
from secarch.harvest.crawl.scheduler import Scheduler
from secarch.harvest.extract.pool import Workers
from secarch.harvest.fetch import http
from secarch.harvest.fetch.render import Renderer
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.visit import PAGE, SITEMAP, Lease, Link, Visit
from secarch.harvest.sources.urls import Rules, names_sitemap
from secarch.retry import MAX_REST
from secarch.session import Stop

TICK_SECONDS = 0.5
"""How often a signal is looked for while nothing happens."""
GRACE_SECONDS = 15.0
"""How long requests in flight may take after a stop was asked for."""


class Spider:
    """One crawl over an open frontier."""

    def __init__(
        self, config: HarvestConfig, frontier: Frontier, stop: Stop, progress: Progress
    ) -> None:
        self._config, self._frontier, self._stop, self._progress = config, frontier, stop, progress
        self._rules = Rules(config)
        self._scheduler = Scheduler(config, self._rules)
        progress.hosts = self._scheduler.hosts
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight = 0
        self._moved = asyncio.Event()
        self._committer = Committer(frontier, self._scheduler, self._moved)
        self._gate = RobotsGate(config, frontier, self._committer, self._abandon)

    async def run(self) -> None:
        """Crawl until the frontier is empty, the budget is spent or a stop is requested.

        Raises DiskError if the frontier cannot be written; what was committed stays.
        """
        await self._take_up()
        workers = Workers(self._config)
        try:
            async with http.Client(self._config) as client:
                self._client = client
                async with self._rendering(client) as renderer:
                    self._judge = PagePolicy(self._config, self._rules, workers, renderer)
                    self._gate.attach(client, self._judge)
                    await self._run_tasks()
        finally:
            workers.close()
            self._committer.close()

    @contextlib.asynccontextmanager
    async def _rendering(self, client: http.Client) -> AsyncIterator[Renderer | None]:
        """A browser for the pages that need one, if the settings ask for it."""
        config = self._config
        if config.render == "off":
            yield None
            return
        parts = PageParts(config, client, self._scheduler, self._gate)
        renderer = Renderer(config.render_seconds, config.workers, config.max_page_bytes, parts.get)
        try:
            yield renderer
        finally:
            await renderer.close()

    async def _take_up(self) -> None:
        """Go on from what an earlier run left: grown scopes, spent budgets, pauses."""
        db, host = self._committer.db, self._scheduler.host
        self._rules.take_up((await db(self._frontier.meta)).get("widened", {}))
        for name, number in (await db(self._frontier.spent)).items():
            host(name).spent = number
        for name in await db(self._frontier.waiting):
            host(name)
        for name, until in (await db(self._frontier.rests)).items():
            host(name).hold(min(until - unix(), MAX_REST))

    async def _run_tasks(self) -> None:
        drive, commits = (
            asyncio.create_task(self._drive()),
            asyncio.create_task(self._committer.run()),
        )
        try:
            await asyncio.wait({drive, commits}, return_when=asyncio.FIRST_COMPLETED)
            if commits.done():
                await commits
            await drive
            await self._drain()
        finally:
            leftover = [drive, commits, *self._tasks]
            for task in leftover:
                task.cancel()
            await asyncio.gather(*leftover, return_exceptions=True)
        await self._committer.commit(lease=False)
        for name in self._scheduler.lost:
            await self._committer.db(self._frontier.give_up, name, "host_given_up")

    async def _drain(self) -> None:
        """Let what is in flight come to its end, so that a stop repeats as few requests as it
        can.
        """
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS if self._stop.requested else None)
        await self._committer.settle()

    # who is asked next

    async def _drive(self) -> None:
        while not self._stop.requested:
            self._moved.clear()
            pause = self._start_ready()
            if self._is_idle() and not await self._has_more():
                return
            timer = asyncio.get_running_loop().call_later(pause, self._moved.set)
            await self._moved.wait()
            timer.cancel()

    def _is_idle(self) -> bool:
        busy = self._tasks or self._committer.is_busy or self._scheduler.has_queued()
        return not busy and not self._scheduler.wanted()

    async def _has_more(self) -> bool:
        found = self._scheduler.expect(await self._committer.db(self._frontier.waiting))
        self._committer.dirty.set()
        return found

    def _start_ready(self) -> float:
        """Start what may start; returns the seconds until the next request is due."""
        now, soonest = time.monotonic(), TICK_SECONDS
        for host in self._scheduler.by_waiting():
            if host.queue and self._gate.needs_rules(host, now):
                self._start(self._ask_robots(host), host)
            while host.queue and host.policy and self._has_room() and host.may_start(now):
                self._start_visit(host, host.queue.popleft())
            if host.queue or not host.policy:
                soonest = min(soonest, max(0.0, host.next_at - now) or TICK_SECONDS)
            if host.work_at is not None:
                soonest = min(soonest, max(0.01, host.work_at - now))
        if self._scheduler.wanted():
            self._committer.dirty.set()
        return max(soonest, 0.001)

    def _has_room(self) -> bool:
        """Count a page from its request to its commit, so that a crash repeats at most
        `concurrency` requests.
        """
        return max(self._in_flight, len(self._committer.open)) < self._config.concurrency

    def _start_visit(self, host: Host, lease: Lease) -> None:
        reason, words = self._judge.before(host, lease)
        if reason:
            self._finish(Visit(lease=lease, reason=reason, detail=words))
        else:
            self._committer.open.add(lease.id)
            self._start(self._visit(host, lease), host)

    def _start(self, work: Any, host: Host) -> None:
        host.started()
        self._in_flight += 1
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._moved.set()
        if not task.cancelled() and task.exception() is not None:
            console.log().error("task_failed", error=repr(task.exception()))

    def _request_ended(self, host: Host) -> None:
        host.ended()
        self._in_flight -= 1
        self._moved.set()

    async def _ask_robots(self, host: Host) -> None:
        try:
            await self._gate.ask(host)
        finally:
            self._request_ended(host)

    # one page

    async def _visit(self, host: Host, lease: Lease) -> None:
        try:
            asked = time.monotonic()
            try:
                answer = await self._client.get(lease.url, **self._judge.request(lease))
                if answer.status:
                    host.answered(time.monotonic() - asked)
            finally:
                self._request_ended(host)
            visit = await self._judge.after(host, lease, answer)
        except Exception as error:  # noqa: BLE001 - one page's surprise is recorded and is not the end of the crawl
            console.log().error("page_failed", url=lease.url, error=repr(error))
            visit = Visit(lease=lease, reason="internal_error", detail=repr(error)[:200])
        self._finish(visit)
        if host.hopeless:
            await self._abandon(host, "host_unreachable", visit.detail or visit.reason)

    def _finish(self, visit: Visit) -> None:
        for prefix, seed in (visit.widened or {}).items():
            console.log().warning("seed_moved", seed=seed, scope_now_also=prefix)
        self._committer.finish(visit)
        self._progress.advance(1 if visit.fetched else 0)
        if visit.document is None and visit.reason not in {"redirected", "sitemap"}:
            self._progress.failed()
            console.log().debug(
                "page_later" if visit.retry_at else "page_skipped",
                url=visit.lease.url,
                reason=visit.reason,
                status=visit.status,
            )

    async def _abandon(self, host: Host, reason: str, detail: str) -> None:
        if not self._scheduler.give_up(host):
            return
        number = await self._committer.db(self._frontier.give_up, host.name, reason, detail)
        console.log().warning(
            "host_given_up", host=host.name, reason=reason, addresses=number, detail=detail
        )


def seeds_of(rules: Rules) -> list[Link]:
    """The first URLs of a crawl."""
    ours = [scope.url for scope in rules.scopes if not rules.elsewhere(scope.url)]
    return [Link(url=url, kind=SITEMAP if names_sitemap(url) else PAGE) for url in ours]
