"""Which host may be asked now, how many pages it may still have, and when the next one is due."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.clock import unix
from secarch.harvest.crawl.politeness import Host
from secarch.harvest.frontier.visit import Lease, Visit
from secarch.harvest.sources.urls import Rules

QUEUE_AHEAD = 4
"""URLs held ready for each request that a host may have in flight."""


class Scheduler:
    """The hosts of a crawl with their queues, clocks and budgets. Keeps no I/O of its own."""

    def __init__(self, config: HarvestConfig, rules: Rules) -> None:
        self._config, self._rules = config, rules
        self.hosts: dict[str, Host] = {}
        self.lost: set[str] = set()
        """Hosts that were given up."""

    def host(self, name: str) -> Host:
        """The host of this name, with the settings' delay if it is new."""
        if name not in self.hosts:
            delay, config = self._rules.delay_of(name), self._config
            self.hosts[name] = Host(
                name, delay, config.concurrency_per_host, latency_factor=config.latency_factor
            )
        return self.hosts[name]

    def by_waiting(self) -> Iterator[Host]:
        """Hosts that are not given up; who waited longest goes first, so that many are kept busy
        and none is starved.
        """
        for host in sorted(self.hosts.values(), key=lambda h: h.next_at):
            if host.name not in self.lost:
                yield host

    def has_queued(self) -> bool:
        """Whether any host has a URL ready to be asked."""
        return any(host.queue for host in self.hosts.values())

    def give_up(self, host: Host) -> bool:
        """Drop a host's queue; False if it was given up before."""
        if host.name in self.lost:
            return False
        self.lost.add(host.name)
        host.leased -= len(host.queue)
        host.queue.clear()
        return True

    # budgets

    def allowance(self, host: Host) -> int:
        """Pages that the host may still be asked for."""
        return min(
            self._left(),
            self._config.max_pages_per_host - host.spent - host.leased,
        )

    def _left(self) -> int:
        spent = sum(host.spent + host.leased for host in self.hosts.values())
        return self._config.max_pages - spent

    def wanted(self) -> dict[str, int]:
        """How many URLs each host's queue has room for, within the budgets."""
        now, wanted = time.monotonic(), {}
        left = self._left()
        for host in self.hosts.values():
            due = host.work_at is not None and host.work_at <= now
            ahead = QUEUE_AHEAD * host.concurrency
            drained = host.drained and not due
            if host.name in self.lost or drained or len(host.queue) > ahead // 2:
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

    # what the frontier gave and took

    def expect(self, waiting: Mapping[str, float]) -> bool:
        """Note when waiting URLs come due (Unix time by host); True if any may still be asked."""
        found = False
        for name, not_before in waiting.items():
            host = self.host(name)
            if name not in self.lost and self.allowance(host) > 0:
                host.work_at = time.monotonic() + max(0.0, not_before - unix())
                found = True
        return found

    def take(self, leases: list[Lease], wanted: Mapping[str, int]) -> None:
        """Queue what was leased; a host that got less than it wanted has no more."""
        got = dict.fromkeys(wanted, 0)
        for lease in leases:
            host = self.host(lease.host)
            got[lease.host] += 1
            host.leased += 1
            if lease.host not in self.lost:
                host.queue.append(lease)
        for name, number in wanted.items():
            host = self.host(name)
            host.drained = got[name] < number
            if host.drained and host.work_at is not None and host.work_at <= time.monotonic():
                host.work_at = None

    def count(self, visits: list[Visit]) -> None:
        """Book visits that are on disk."""
        for visit in visits:
            host = self.host(visit.lease.host)
            host.leased -= 1
            host.spent += visit.fetched
            if visit.retry_at is not None:
                due = time.monotonic() + max(0.0, visit.retry_at - unix())
                host.work_at = due if host.work_at is None else min(host.work_at, due)

    def grown(self, names: frozenset[str]) -> None:
        """Note that these hosts have new URLs in the frontier."""
        for name in names:
            self.host(name).drained = False

    def rests(self) -> dict[str, float]:
        """Pauses that sites asked for and that are not on disk yet: Unix time of their end, by
        host.
        """
        found = {}
        for host in self.hosts.values():
            if host.state == "resting" and host.next_at > host.rest_kept:
                host.rest_kept = host.next_at
                found[host.name] = unix() + host.next_at - time.monotonic()
        return found
