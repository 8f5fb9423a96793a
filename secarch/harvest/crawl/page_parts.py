"""Scripts and data that a page in the browser asks for, each under the rules that pages obey."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.politeness import Host
from secarch.harvest.crawl.robots_gate import RobotsGate
from secarch.harvest.crawl.scheduler import Scheduler
from secarch.harvest.fetch import http
from secarch.harvest.fetch.guard import Guard
from secarch.harvest.fetch.http import Response
from secarch.harvest.sources.urls import host_of, normalise, resolve

MAX_REDIRECTS = 5
REMEMBERED_BYTES = 64_000_000
"""Bytes of scripts that are kept, so that the bundle of a site is asked for once a crawl."""
_WAITED = 0.05
"""Seconds from which a gap counts as having made a page wait."""


class PageParts:
    """Asks for the parts of pages."""

    def __init__(
        self,
        config: HarvestConfig,
        client: http.Client,
        scheduler: Scheduler,
        gate: RobotsGate,
    ) -> None:
        self._config, self._client = config, client
        self._scheduler, self._gate = scheduler, gate
        self._guard = Guard(config.allow_networks)
        self._others: dict[str, Host] = {}
        """Hosts of which no page is asked for, such as those of a site's scripts."""
        self._asking: dict[str, asyncio.Lock] = {}
        self._kept: OrderedDict[str, Response] = OrderedDict()
        self._kept_bytes = 0

    async def get(self, url: str, page_url: str) -> tuple[Response, float]:
        """What is at `url`, followed through redirects; see `render.Fetch`.

        A page of the open web reaches no address of `harvest.allow_networks`, and a host's secret
        headers go out for pages of that host alone.
        """
        released = 0.0
        for _ in range(MAX_REDIRECTS + 1):
            if url in self._kept:
                self._kept.move_to_end(url)
                return self._kept[url], released
            reason = self._refusal(url, page_url)
            if reason:
                return Response(url=url, reason=reason), released
            host = await self._host(host_of(url))
            if host.policy is None:
                return Response(url=url, reason="robots_unreachable"), released
            if not (host.policy.allows(url) and host.policy.allows(normalise(url))):
                return Response(url=url, reason="robots"), released
            answer, waited = await self._ask(host, url, page_url)
            released = max(released, waited)
            if answer.status not in http.REDIRECTS:
                self._keep(url, answer)
                return answer, released
            url = resolve(url, answer.location)
        return Response(url=url, reason="too_many_redirects"), released

    def _refusal(self, url: str, page_url: str) -> str:
        if not url:
            return "redirect_to_no_page"
        inside = self._guard.is_private_host(url) and not self._guard.is_private_host(page_url)
        return "private_address" if inside else self._guard.refusal_of_url(url)

    async def _ask(self, host: Host, url: str, page_url: str) -> tuple[Response, float]:
        released = await self._turn(host)
        began = time.monotonic()
        try:
            answer = await self._client.get(
                url, types=None, trusted=host_of(url) == host_of(page_url)
            )
        finally:
            host.ended()
        if answer.status:
            host.answered(time.monotonic() - began)
        if answer.status in {429, 503}:
            host.failed(refused=True, pause=answer.retry_after, first=self._config.retry_delay_s)
        return answer, released

    async def _turn(self, host: Host) -> float:
        """Wait until the host may be asked, and take that turn; when, if that took a while."""
        began = time.monotonic()
        while not host.may_start(time.monotonic()):  # noqa: ASYNC110 - the host's clock decides
            await asyncio.sleep(max(0.005, min(1.0, host.next_at - time.monotonic())))
        host.started()
        now = time.monotonic()
        return now if now - began > _WAITED else 0.0

    async def _host(self, name: str) -> Host:
        """The crawl's own host if its rules are known; else one with its robots.txt alone."""
        own = self._scheduler.hosts.get(name)
        if own is not None and own.policy is not None:
            return own
        host = self._others.get(name)
        if host is None:
            host = self._others[name] = Host(
                name,
                self._config.delay_s,
                self._config.concurrency_per_host,
                latency_factor=self._config.latency_factor,
            )
        async with self._asking.setdefault(name, asyncio.Lock()):
            if host.policy is None and time.monotonic() >= host.robots_until:
                await self._turn(host)
                try:
                    if await self._gate.rules(host) is not None:
                        host.robots_until = time.monotonic() + self._config.retry_delay_s * 60
                finally:
                    host.ended()
        return host

    def _keep(self, url: str, answer: Response) -> None:
        if answer.page is None or "javascript" not in answer.page.content_type.lower():
            return
        self._kept[url] = answer
        self._kept_bytes += len(answer.page.body)
        while self._kept_bytes > REMEMBERED_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest.page.body) if oldest.page else 0
