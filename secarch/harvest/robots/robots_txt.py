"""Polite or not: robots.txt by RFC 9309, its crawl delay, its sitemaps and its training
preferences.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from protego import Protego

from secarch.harvest.robots.opt_out import Rule, groups_of, refusal, robots_preferences

TTL_SECONDS = 24 * 3600
"""RFC 9309, section 2.4: a cached copy should not be used longer."""
MAX_BYTES = 500 * 1024
"""RFC 9309, section 2.5: at least this much is parsed; what follows is cut off."""
MAX_REDIRECTS = 5
"""RFC 9309, section 2.3.1.2."""
MAX_SITEMAPS = 50

Verdict = Literal["rules", "allow_all", "unreachable"]


def verdict(status: int) -> Verdict:
    """What the status of robots.txt means; 0 stands for a network failure.

    RFC 9309, sections 2.3.1.3 and 2.3.1.4: 4xx is unavailable (everything allowed), 5xx and network
    errors are unreachable (everything disallowed). 429 asks for patience, so it counts as
    unreachable.
    """
    if 200 <= status < 300:
        return "rules"
    return "allow_all" if 300 <= status < 500 and status != 429 else "unreachable"


def cut(body: bytes) -> str:
    """The text of a robots.txt: UTF-8 with or without mark, at most 500 KiB, cut at a line's
    end.
    """
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES].rpartition(b"\n")[0]
    return body.decode("utf-8-sig", "replace").replace("\x00", "")


@dataclass(frozen=True, slots=True)
class Policy:
    """What one authority allows one agent."""

    agent: str
    parsed: Protego | None
    preferences: tuple[Rule, ...] = ()
    """About training, from robots.txt."""
    reservations: tuple[Rule, ...] = ()
    """Of the authority's tdmrep.json."""
    stand_ins: tuple[str, ...] = ()
    """Crawlers that train, and that the file has groups for; what is refused to them counts as
    refused to us.
    """

    def allows(self, url: str) -> bool:
        """True where the page may be fetched. robots.txt itself always may."""
        return self.parsed is None or bool(self.parsed.can_fetch(url, self.agent))

    def refusal(self, url: str) -> tuple[str, str]:
        """Why the page must not train a model, and the words that say so; ('', '') where it may."""
        parts = urlsplit(url)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        if words := refusal(self.preferences, path):
            return "opt_out_robots", words
        if words := refusal(self.reservations, path):
            return "opt_out_tdmrep", words
        for name in self.stand_ins:
            if self.parsed is not None and not self.parsed.can_fetch(url, name):
                return "opt_out_robots", f"the group of {name} disallows it"
        return "", ""

    def delay_s(self) -> float:
        """Seconds between two requests that Crawl-delay and Request-rate ask for; 0 where they ask
        nothing.
        """
        if self.parsed is None:
            return 0.0
        asked = [float(self.parsed.crawl_delay(self.agent) or 0)]
        rate = self.parsed.request_rate(self.agent)
        asked += [rate.seconds / rate.requests] if rate and rate.requests else []
        return max((a for a in asked if math.isfinite(a) and a > 0), default=0.0)

    def sitemaps(self) -> list[str]:
        """The addresses that Sitemap lines name, at most 50."""
        return [] if self.parsed is None else list(self.parsed.sitemaps)[:MAX_SITEMAPS]


def policy(status: int, text: str, agent: str, stand_ins: Sequence[str] = ()) -> Policy | None:
    """The policy for `agent`, or None where robots.txt is unreachable, so that nothing may be
    asked.
    """
    meaning = verdict(status)
    if meaning == "unreachable":
        return None
    if meaning == "allow_all":
        return Policy(agent, None)
    groups = groups_of(text)
    named = tuple(name for name in stand_ins if name.lower() in groups)
    return Policy(agent, Protego.parse(text), robots_preferences(text, agent), stand_ins=named)
