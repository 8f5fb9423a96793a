"""A host's own files before any of its pages: robots.txt, tdmrep.json, and the sitemaps that they
name.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable
from typing import Any

from secarch import console
from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.clock import unix
from secarch.harvest.crawl.committer import Committer
from secarch.harvest.crawl.page_policy import PagePolicy
from secarch.harvest.crawl.politeness import Host
from secarch.harvest.fetch import http
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.robots import opt_out, robots_txt

GiveUp = Callable[[Host, str, str], Awaitable[None]]


class RobotsGate:
    """Asks for the rules of hosts, keeps them for a day, and sets them as the host's policy."""

    def __init__(
        self,
        config: HarvestConfig,
        frontier: Frontier,
        committer: Committer,
        give_up: GiveUp,
    ) -> None:
        self._config, self._frontier, self._committer = config, frontier, committer
        self._give_up = give_up

    def attach(self, client: http.Client, judge: PagePolicy) -> None:
        """Give the gate the open client and the crawl's rules for single pages."""
        self._client, self._judge = client, judge

    @staticmethod
    def needs_rules(host: Host, now: float) -> bool:
        """Whether a host's robots.txt must be asked for; one that is a day old is dropped."""
        if host.policy and now >= host.robots_until:
            host.policy = None
        return host.policy is None and not host.asking_robots and host.may_start(now)

    async def ask(self, host: Host) -> None:
        """Ask for a host's rules; whatever its files do to us is that host's failure, counted."""
        host.asking_robots = True
        try:
            await self._set_policy(host)
        except Exception as error:  # noqa: BLE001 - see the docstring
            answer = http.Response(
                url=host.name, reason="internal_error", detail=repr(error)[:200], again=True
            )
            await self._failed(host, answer)
        finally:
            host.asking_robots = False

    async def rules(self, host: Host) -> http.Response | None:
        """Set the robots.txt alone of a host of which only parts of pages are asked for; returns
        the answer that kept it from being read, if one did.
        """
        policy, age, answer = await self._robots(host)
        if policy is not None:
            host.set_policy(policy, time.monotonic() + robots_txt.TTL_SECONDS - age)
            host.succeeded()
        return answer

    async def _set_policy(self, host: Host) -> None:
        policy, age, answer = await self._robots(host)
        if answer is not None:
            await self._failed(host, answer)
        elif policy is not None:
            policy = dataclasses.replace(
                policy, reservations=await self._reservations(host, policy)
            )
            host.set_policy(policy, time.monotonic() + robots_txt.TTL_SECONDS - age)
            host.succeeded()
            await self._add_sitemaps(host, policy)

    async def _robots(
        self, host: Host
    ) -> tuple[robots_txt.Policy | None, float, http.Response | None]:
        """What robots.txt says, its age in seconds, and the answer if it cannot be had."""
        kept = await self._committer.db(self._frontier.robots, host.name)
        age = unix() - kept[2] if kept else 0.0
        if kept and 0 <= age < robots_txt.TTL_SECONDS:
            status, text = kept[:2]
        else:
            age, answer = 0.0, await self._get_file(host, "/robots.txt", cut=robots_txt.MAX_BYTES)
            status, text = answer.status, robots_txt.cut(answer.page.body) if answer.page else ""
            if robots_txt.verdict(status) == "unreachable":
                return None, 0.0, answer
            await self._committer.db(self._frontier.set_robots, host.name, status, text)
        read = robots_txt.policy(status, text, self._config.user_agent, self._config.stand_ins)
        return read, age, None

    async def _reservations(
        self, host: Host, policy: robots_txt.Policy
    ) -> tuple[opt_out.Rule, ...]:
        """What the host's tdmrep.json reserves, kept like its robots.txt; one that cannot be had
        reserves nothing.
        """
        url = f"{host.name}{opt_out.TDMREP_PATH}"
        if not self._config.honour_opt_outs or not policy.allows(url):
            return ()
        kept = await self._committer.db(self._frontier.robots, url)
        if kept and 0 <= unix() - kept[2] < robots_txt.TTL_SECONDS:
            return opt_out.reservations(kept[1], self._config.tdm_policies)
        await _pause(host, max(host.gap, policy.delay_s()))
        answer = await self._get_file(
            host, opt_out.TDMREP_PATH, types=http.JSON_TYPES, limit=10 * robots_txt.MAX_BYTES
        )
        text = answer.page.body.decode("utf-8-sig", "replace") if answer.page else ""
        if answer.status and not answer.again:
            await self._committer.db(self._frontier.set_robots, url, answer.status, text)
        return opt_out.reservations(text, self._config.tdm_policies)

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
            await _pause(host, host.gap)
        if answer.page is None and answer.status == 200:
            answer.status = 0  # it is there and cannot be read
        return answer

    async def _failed(self, host: Host, answer: http.Response) -> None:
        host.robots_tries += 1
        detail = answer.detail or answer.reason
        if host.robots_tries > self._config.retries or not (answer.again or answer.status):
            await self._give_up(host, "robots_unreachable", detail)
            return
        wait = self._judge.wait(host.robots_tries - 1, answer)
        host.hold(wait)
        self._committer.dirty.set()
        console.log().info(
            "robots_unreachable", host=host.name, again_in_s=round(wait, 1), detail=detail
        )

    async def _add_sitemaps(self, host: Host, policy: robots_txt.Policy) -> None:
        if self._config.sitemaps:
            links = self._judge.sitemaps(host.name, policy.sitemaps())
            self._committer.grown(await self._committer.db(self._frontier.add, links))


async def _pause(host: Host, seconds: float) -> None:
    host.hold(seconds)
    await asyncio.sleep(max(0.0, host.next_at - time.monotonic()))
