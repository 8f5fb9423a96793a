"""The crawl itself: many hosts kept busy at once, each at its own polite pace, until nothing is
left to do.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from secarch import console
from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.clock import unix
from secarch.harvest.crawl.page_policy import PagePolicy
from secarch.harvest.crawl.politeness import Host
from secarch.harvest.crawl.progress import Progress
from secarch.harvest.extract.pool import Workers
from secarch.harvest.fetch import http
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.visit import PAGE, SITEMAP, Lease, Link, Visit
from secarch.harvest.robots import opt_out, robots_txt
from secarch.harvest.sources.urls import Rules, names_sitemap
from secarch.retry import MAX_REST
from secarch.session import Stop

T = TypeVar("T")

BATCH_SECONDS = 0.002
"""Finished pages wait this long for company; while one transaction is written, the next gathers
more.
"""
TICK_SECONDS = 0.5
"""How often a signal is looked for while nothing happens."""
GRACE_SECONDS = 15.0
"""How long requests in flight may take after a stop was asked for."""
QUEUE_AHEAD = 4
"""Addresses held ready for each request that a host may have in flight."""


class Spider:
    """One crawl over an open frontier."""

    def __init__(
        self, config: HarvestConfig, frontier: Frontier, stop: Stop, sight: Progress
    ) -> None:
        self._config, self._frontier, self._stop, self._sight = config, frontier, stop, sight
        self._rules = Rules(config)
        self._hosts: dict[str, Host] = {}
        sight.hosts = self._hosts
        self._lost: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._finished: list[Visit] = []
        self._in_flight = 0
        self._open: set[int] = set()
        self._committing = asyncio.Lock()
        self._moved = asyncio.Event()
        self._dirty = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="frontier")

    async def run(self) -> None:
        """Crawl until the frontier is empty, the budget is spent or a stop is requested.

        Raises DiskError where the frontier cannot be written; what was committed stays.
        """
        self._rules.take_up((await self._db(self._frontier.meta)).get("widened", {}))
        for name, number in (await self._db(self._frontier.spent)).items():
            self._host(name).spent = number
        for name in await self._db(self._frontier.waiting):
            self._host(name)
        for name, until in (await self._db(self._frontier.rests)).items():
            self._host(name).hold(min(until - unix(), MAX_REST))
        workers = Workers(self._config)
        try:
            async with http.Client(self._config) as client:
                self._client = client
                self._judge = PagePolicy(self._config, self._rules, workers)
                await self._run_tasks()
        finally:
            workers.close()
            self._thread.shutdown()

    async def _run_tasks(self) -> None:
        drive, commits = (
            asyncio.create_task(self._drive()),
            asyncio.create_task(self._commit_for_ever()),
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
        await self._commit(lease=False)
        for name in self._lost:
            await self._db(self._frontier.give_up, name, "host_given_up")

    async def _db(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *args))

    def _host(self, name: str) -> Host:
        if name not in self._hosts:
            delay, config = self._rules.delay_of(name), self._config
            self._hosts[name] = Host(
                name, delay, config.concurrency_per_host, latency_factor=config.latency_factor
            )
        return self._hosts[name]

    # scheduling

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
        busy = (
            self._tasks
            or self._finished
            or self._committing.locked()
            or any(h.queue for h in self._hosts.values())
        )
        return not busy and not self._wanted()

    async def _has_more(self) -> bool:
        found = False
        for name, not_before in (await self._db(self._frontier.waiting)).items():
            host = self._host(name)
            if name not in self._lost and self._allowance(host) > 0:
                host.work_at = time.monotonic() + max(0.0, not_before - unix())
                found = True
        self._dirty.set()
        return found

    def _start_ready(self) -> float:
        """Start what may start; returns the seconds until the next request is due."""
        now, soonest = time.monotonic(), TICK_SECONDS
        # Who waited longest goes first, so that many hosts are kept busy and none is starved.
        for host in sorted(self._hosts.values(), key=lambda h: h.next_at):
            if host.name in self._lost:
                continue
            if self._needs_robots(host, now):
                self._start(self._ask_robots(host), host)
            while host.queue and host.policy and self._has_room() and host.may_start(now):
                self._start_visit(host, host.queue.popleft())
            if host.queue or not host.policy:
                soonest = min(soonest, max(0.0, host.next_at - now) or TICK_SECONDS)
            if host.work_at is not None:
                soonest = min(soonest, max(0.01, host.work_at - now))
        if self._wanted():
            self._dirty.set()
        return max(soonest, 0.001)

    def _has_room(self) -> bool:
        """Count a page from its request to its commit, so that a crash repeats at most
        `concurrency` requests.
        """
        return max(self._in_flight, len(self._open)) < self._config.concurrency

    def _needs_robots(self, host: Host, now: float) -> bool:
        if host.policy and now >= host.robots_until:
            host.policy = None
        return (
            host.policy is None
            and not host.asking_robots
            and bool(host.queue)
            and host.may_start(now)
        )

    def _start_visit(self, host: Host, lease: Lease) -> None:
        reason, words = self._judge.before(host, lease)
        if reason:
            self._finish(Visit(lease=lease, reason=reason, detail=words))
        else:
            self._open.add(lease.id)
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
        self._finished.append(visit)
        self._dirty.set()
        self._sight.advance(1 if visit.fetched else 0)
        if visit.document is None and visit.reason not in {"redirected", "sitemap"}:
            self._sight.failed()
            console.log().debug(
                "page_later" if visit.retry_at else "page_skipped",
                url=visit.lease.url,
                reason=visit.reason,
                status=visit.status,
            )

    async def _abandon(self, host: Host, reason: str, detail: str) -> None:
        if host.name in self._lost:
            return
        self._lost.add(host.name)
        host.leased -= len(host.queue)
        host.queue.clear()
        number = await self._db(self._frontier.give_up, host.name, reason, detail)
        console.log().warning(
            "host_given_up", host=host.name, reason=reason, addresses=number, detail=detail
        )

    # robots.txt

    async def _ask_robots(self, host: Host) -> None:
        host.asking_robots = True
        try:
            await self._set_policy(host)
        except Exception as error:  # noqa: BLE001 - what a host's file does to us is that host's failure, and counted
            answer = http.Response(
                url=host.name, reason="internal_error", detail=repr(error)[:200], again=True
            )
            await self._robots_failed(host, answer)
        finally:
            host.asking_robots = False
            self._request_ended(host)

    async def _set_policy(self, host: Host) -> None:
        kept = await self._db(self._frontier.robots, host.name)
        age = unix() - kept[2] if kept else 0.0
        if kept and 0 <= age < robots_txt.TTL_SECONDS:
            status, text = kept[:2]
        else:
            age, answer = 0.0, await self._get_file(host, "/robots.txt", cut=robots_txt.MAX_BYTES)
            status, text = answer.status, robots_txt.cut(answer.page.body) if answer.page else ""
            if robots_txt.verdict(status) == "unreachable":
                await self._robots_failed(host, answer)
                return
            await self._db(self._frontier.set_robots, host.name, status, text)
        policy = robots_txt.policy(status, text, self._config.user_agent, self._config.stand_ins)
        if policy is not None:
            policy = dataclasses.replace(
                policy, reservations=await self._reservations(host, policy)
            )
            host.set_policy(policy, time.monotonic() + robots_txt.TTL_SECONDS - age)
            host.succeeded()
            await self._add_sitemaps(host, policy)

    async def _reservations(
        self, host: Host, policy: robots_txt.Policy
    ) -> tuple[opt_out.Rule, ...]:
        """What the host's tdmrep.json reserves, kept like its robots.txt; one that cannot be had
        reserves nothing.
        """
        url = f"{host.name}{opt_out.TDMREP_PATH}"
        if not self._config.honour_opt_outs or not policy.allows(url):
            return ()
        kept = await self._db(self._frontier.robots, url)
        if kept and 0 <= unix() - kept[2] < robots_txt.TTL_SECONDS:
            return opt_out.reservations(kept[1], self._config.tdm_policies)
        await self._pause(host, max(host.gap, policy.delay_s()))
        answer = await self._get_file(
            host, opt_out.TDMREP_PATH, types=http.JSON_TYPES, limit=10 * robots_txt.MAX_BYTES
        )
        text = answer.page.body.decode("utf-8-sig", "replace") if answer.page else ""
        if answer.status and not answer.again:
            await self._db(self._frontier.set_robots, url, answer.status, text)
        return opt_out.reservations(text, self._config.tdm_policies)

    async def _pause(self, host: Host, seconds: float) -> None:
        host.hold(seconds)
        await asyncio.sleep(max(0.0, host.next_at - time.monotonic()))

    async def _get_file(self, host: Host, path: str, **request: Any) -> http.Response:
        """A host's own file, up to five redirects further; more than those mean that there is
        none.
        """
        url = f"{host.name}{path}"
        for _ in range(robots_txt.MAX_REDIRECTS + 1):
            answer = await self._client.get(url, **request)
            target = (
                self._judge.target(url, answer.location) if answer.status in http.REDIRECTS else ""
            )
            if not target:
                break
            url = target
            await self._pause(host, host.gap)
        if answer.page is None and answer.status == 200:
            answer.status = 0  # it is there and cannot be read
        return answer

    async def _robots_failed(self, host: Host, answer: http.Response) -> None:
        host.robots_tries += 1
        detail = answer.detail or answer.reason
        if host.robots_tries > self._config.retries or not (answer.again or answer.status):
            await self._abandon(host, "robots_unreachable", detail)
            return
        wait = self._judge.wait(host.robots_tries - 1, answer)
        host.hold(wait)
        self._dirty.set()
        console.log().info(
            "robots_unreachable", host=host.name, again_in_s=round(wait, 1), detail=detail
        )

    async def _add_sitemaps(self, host: Host, policy: robots_txt.Policy) -> None:
        if self._config.sitemaps:
            links = self._judge.sitemaps(host.name, policy.sitemaps())
            self._grown(await self._db(self._frontier.add, links))

    # committing

    def _allowance(self, host: Host) -> int:
        spent = sum(h.spent + h.leased for h in self._hosts.values())
        return min(
            self._config.max_pages - spent,
            self._config.max_pages_per_host - host.spent - host.leased,
        )

    def _wanted(self) -> dict[str, int]:
        now, wanted = time.monotonic(), {}
        left = self._config.max_pages - sum(h.spent + h.leased for h in self._hosts.values())
        for host in self._hosts.values():
            due = host.work_at is not None and host.work_at <= now
            ahead = QUEUE_AHEAD * host.concurrency
            if (
                host.name in self._lost
                or (host.drained and not due)
                or len(host.queue) > ahead // 2
            ):
                continue
            number = min(
                ahead - len(host.queue),
                left,
                self._config.max_pages_per_host - host.spent - host.leased,
            )
            if number > 0:
                wanted[host.name] = number
                left -= number
        return wanted

    async def _commit_for_ever(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            await asyncio.sleep(BATCH_SECONDS)
            await self._commit()

    async def _commit(self, *, lease: bool = True) -> None:
        visits, self._finished = self._finished, []
        wanted = self._wanted() if lease else {}
        rests = self._rests()
        if not visits and not wanted and not rests:
            return
        async with self._committing:
            done = await self._db(self._frontier.commit, visits, wanted, rests)
            self._count(visits)
            self._take(done.leases, wanted)
            self._grown(done.grown - wanted.keys())
        self._moved.set()

    def _rests(self) -> dict[str, float]:
        """Pauses that sites asked for and that are not on disk yet: Unix time of their end, by
        host.
        """
        found = {}
        for host in self._hosts.values():
            if host.state == "resting" and host.next_at > host.rest_kept:
                host.rest_kept = host.next_at
                found[host.name] = unix() + host.next_at - time.monotonic()
        return found

    def _count(self, visits: list[Visit]) -> None:
        for visit in visits:
            host = self._host(visit.lease.host)
            self._open.discard(visit.lease.id)
            host.leased -= 1
            host.spent += visit.fetched
            if visit.retry_at is not None:
                due = time.monotonic() + max(0.0, visit.retry_at - unix())
                host.work_at = due if host.work_at is None else min(host.work_at, due)

    def _take(self, leases: list[Lease], wanted: Mapping[str, int]) -> None:
        got = dict.fromkeys(wanted, 0)
        for lease in leases:
            host = self._host(lease.host)
            got[lease.host] += 1
            host.leased += 1
            if lease.host not in self._lost:
                host.queue.append(lease)
        for name, number in wanted.items():
            host = self._host(name)
            host.drained = got[name] < number
            if host.drained and host.work_at is not None and host.work_at <= time.monotonic():
                host.work_at = None

    def _grown(self, names: frozenset[str]) -> None:
        for name in names:
            self._host(name).drained = False
        if names:
            self._dirty.set()

    async def _drain(self) -> None:
        """Let what is in flight come to its end, so that a stop repeats as few requests as it
        can.
        """
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS if self._stop.requested else None)
        async with self._committing:
            pass


def seeds_of(rules: Rules) -> list[Link]:
    """The first addresses of a crawl."""
    ours = [scope.url for scope in rules.scopes if not rules.elsewhere(scope.url)]
    return [Link(url=url, kind=SITEMAP if names_sitemap(url) else PAGE) for url in ours]
