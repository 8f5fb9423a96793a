"""How fast a host is asked: a gap between requests, patience after refusals, and when to give
up.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from secarch.harvest.frontier.visit import Lease
from secarch.harvest.robots.robots_txt import Policy
from secarch.retry import backoff

MAX_LATENCY_GAP = 30.0
"""Seconds; longest gap that a slow answer alone can cause (Heritrix has the same limit)."""
GIVE_UP = 20
"""Failures of a host in a row, without one answer between, after which it is left alone."""
PATIENCE = 3
"""Failures in a row at which the circuit breaker opens: the host rests, then one request at a time
tries it.
"""
_WEIGHT = 0.2
"""Of the newest answer in the running mean of a host's latency."""


@dataclass(slots=True)
class Host:
    """One authority's queue and clock. Times are seconds of time.monotonic()."""

    name: str
    delay_s: float
    concurrency: int
    queue: deque[Lease] = field(default_factory=deque)
    active: int = 0
    next_at: float = 0.0
    policy: Policy | None = None
    robots_until: float = 0.0
    robots_tries: int = 0
    asking_robots: bool = False
    drained: bool = False
    """True where the frontier had no more work for it."""
    work_at: float | None = None
    """When a page that must be tried again comes due."""
    spent: int = 0
    leased: int = 0
    """Handed out and not yet committed."""
    failures: int = 0
    requests: int = 0
    """Sent in this run."""
    refusals: int = 0
    """429 and 503 in this run."""
    errors: int = 0
    """Other failures in this run."""
    slow: float = 1.0
    """Factor on the delay, raised by 429 and 503, lowered again by success."""
    latency_factor: float = 0.0
    """See `harvest.latency_factor`."""
    latency: float = 0.0
    """Running mean of the seconds from request to answer."""
    rest_kept: float = 0.0
    """End of the pause that is on disk."""

    @property
    def gap(self) -> float:
        """Seconds between two requests now: what we, the site, its latency and its refusals ask
        for.
        """
        asked = self.policy.delay_s() if self.policy else 0.0
        tired = min(self.latency * self.latency_factor, MAX_LATENCY_GAP) if self.delay_s else 0.0
        return max(self.delay_s, asked, tired) * self.slow

    @property
    def broken(self) -> bool:
        """True while the circuit breaker is open: it closes at the first answer."""
        return self.failures >= PATIENCE

    @property
    def state(self) -> str:
        """In a word, for people: resting (a pause longer than the gap), broken, asking, or without
        its robots.txt.
        """
        if self.next_at - time.monotonic() > self.gap + 0.5:
            return "resting"
        if self.broken:
            return "broken"
        return "asking" if self.policy else "robots"

    def facts(self) -> dict[str, float | str]:
        """How the host was asked in this run, for the record."""
        asked = self.policy.delay_s() if self.policy else 0.0
        return {
            "host": self.name,
            "requests": self.requests,
            "gap_s": round(self.gap, 3),
            "crawl_delay_s": asked,
            "latency_s": round(self.latency, 3),
            "refusals": self.refusals,
            "failures": self.errors,
        }

    def may_start(self, at: float) -> bool:
        """True where a request may go out now."""
        return self.active < (1 if self.broken else self.concurrency) and at >= self.next_at

    def answered(self, seconds: float) -> None:
        """Note how long an answer took."""
        self.latency = (
            seconds if not self.latency else self.latency + _WEIGHT * (seconds - self.latency)
        )

    def hold(self, seconds: float) -> None:
        """Ask nothing for so long."""
        self.next_at = max(self.next_at, time.monotonic() + seconds)

    def started(self) -> None:
        """Note a request that goes out."""
        self.active += 1
        self.requests += 1
        self.hold(self.gap)

    def ended(self) -> None:
        """Note its end.

        One at a time, the gap runs from the end, so that no delay on the way shortens it.
        """
        self.active -= 1
        if self.concurrency == 1:
            self.hold(self.gap)

    def succeeded(self) -> None:
        """Any answer but a refusal."""
        self.failures = 0
        self.slow = max(1.0, self.slow * 0.9)

    def failed(self, *, refused: bool, pause: float | None, first: float) -> None:
        """A refusal (429, 503) or a failure; `pause` is what the site asked for, in seconds."""
        self.failures += 1
        self.refusals += refused
        self.errors += not refused
        if refused:
            self.slow = min(self.slow * 2, 16.0)
        wait = pause or 0.0
        if self.failures >= PATIENCE:
            wait = max(wait, backoff(self.failures - PATIENCE, first))
        self.hold(wait)

    @property
    def hopeless(self) -> bool:
        """True after so many failures in a row that asking on is of no use."""
        return self.failures >= GIVE_UP

    def set_policy(self, policy: Policy, until: float) -> None:
        """Take a robots.txt; a Crawl-delay means one request at a time."""
        self.policy, self.robots_until, self.robots_tries = policy, until, 0
        if policy.delay_s() > 0:
            self.concurrency = 1
