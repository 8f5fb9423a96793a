"""What hosts say of themselves before a crawl: robots.txt and the sitemaps that it names, asked for
politely and kept nowhere.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.page_policy import MAX_REDIRECTS, PagePolicy
from secarch.harvest.extract import pool
from secarch.harvest.extract.extracted import MAX_SITEMAP_BYTES
from secarch.harvest.fetch import http
from secarch.harvest.robots import robots_txt
from secarch.harvest.sources.urls import Rules, host_of
from secarch.schema import JsonDict

MOST = 50
"""Sitemaps that are read of one host; a larger site is counted as far as that."""


async def probe_hosts(
    config: HarvestConfig, rules: Rules, names: Sequence[str]
) -> dict[str, JsonDict]:
    """By host: `delay_s` between requests (its Crawl-delay counts), `sitemap_pages` that are in
    scope and on the host, `sitemaps` read, `more` if there are others, files `asked`, and `why_not`
    if nothing would come.
    """
    workers = pool.Workers(config)
    try:
        async with http.Client(config) as client:
            judge = PagePolicy(config, rules, workers)
            probes = [_Probe(config, client, judge, workers, name, rules) for name in names]
            room = asyncio.Semaphore(config.concurrency)
            found = await asyncio.gather(*(probe.run(room) for probe in probes))
    finally:
        workers.close()
    return dict(zip(names, found, strict=True))


class _Probe:
    """One host."""

    def __init__(
        self,
        config: HarvestConfig,
        client: http.Client,
        judge: PagePolicy,
        workers: pool.Workers,
        name: str,
        rules: Rules,
    ) -> None:
        self._config, self._client, self._judge = config, client, judge
        self._workers, self._name = workers, name
        self._delay = rules.delay_of(name)
        self._next_at = 0.0
        self._asked = 0

    async def run(self, room: asyncio.Semaphore) -> JsonDict:
        async with room:
            return await self._run()

    async def _run(self) -> JsonDict:
        answer = await self._get(f"{self._name}/robots.txt", cut=robots_txt.MAX_BYTES)
        text = robots_txt.cut(answer.page.body) if answer.page else ""
        policy = robots_txt.policy(
            answer.status, text, self._config.user_agent, self._config.stand_ins
        )
        if policy is None:
            return self._facts(why_not="robots_unreachable")
        self._delay = max(self._delay, policy.delay_s())
        pages: set[str] = set()
        waiting = [(link.url, 0) for link in self._judge.sitemaps(self._name, policy.sitemaps())]
        read = 0
        seen: set[str] = set()
        while waiting and len(seen) < MOST:
            url, hops = waiting.pop(0)
            if url in seen or not policy.allows(url):
                continue
            seen.add(url)
            got = await self._get(url, types=http.XML_TYPES, limit=MAX_SITEMAP_BYTES)
            if got.page is None:
                continue
            found = await self._workers.run(pool.SITEMAP, got.page)
            read += found.reason == "sitemap"
            pages.update(
                link
                for link, reason, _ in found.links
                if not reason and host_of(link) == self._name and policy.allows(link)
            )
            if hops < MAX_REDIRECTS:
                waiting += [(link, hops + 1) for link in found.sitemaps]
        home = f"{self._name}/"
        shut = not (policy.allows(home) or pages)
        return self._facts(
            pages=len(pages), read=read, more=bool(waiting), why_not="robots" if shut else ""
        )

    def _facts(
        self, *, pages: int = 0, read: int = 0, more: bool = False, why_not: str = ""
    ) -> JsonDict:
        return {
            "delay_s": self._delay,
            "sitemap_pages": pages,
            "sitemaps": read,
            "more": more,
            "asked": self._asked,
            "why_not": why_not,
        }

    async def _get(
        self,
        url: str,
        *,
        types: frozenset[str] = http.TEXT_TYPES,
        limit: int | None = None,
        cut: int | None = None,
    ) -> http.Response:
        """One file, up to five redirects further, with the host's gap before each request."""
        for _ in range(robots_txt.MAX_REDIRECTS + 1):
            await asyncio.sleep(max(0.0, self._next_at - time.monotonic()))
            answer = await self._client.get(url, types=types, limit=limit, cut=cut)
            self._asked += 1
            self._next_at = time.monotonic() + max(self._delay, answer.retry_after or 0.0)
            target = (
                self._judge.target(url, answer.location) if answer.status in http.REDIRECTS else ""
            )
            if not target:
                break
            url = target
        return answer
