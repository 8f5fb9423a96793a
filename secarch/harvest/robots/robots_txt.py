"""Polite or not: robots.txt by RFC 9309, its crawl delay, its sitemaps and its training
preferences.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal
from urllib.parse import urlsplit

from secarch.harvest.robots import opt_out, rules
from secarch.harvest.robots.opt_out import refusal, robots_preferences
from secarch.harvest.robots.rules import Robots, Rule, parse, product_token

TTL_SECONDS = 24 * 3600
"""RFC 9309, section 2.4: a cached copy should not be used longer."""
MAX_BYTES = 500 * 1024
"""RFC 9309, section 2.5: at least this much is parsed; what follows is cut off."""
MAX_REDIRECTS = 5
"""RFC 9309, section 2.3.1.2."""
MAX_SITEMAPS = 50
MAX_NAMES = 4
"""Query elements of a pattern that is read in every order; rules with more are read as written."""
_RATE = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*([smhSMH]?)")

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


@dataclass(frozen=True)
class Policy:
    """What one authority allows one agent."""

    agent: str
    robots: Robots | None
    """None: everything is allowed."""
    preferences: tuple[opt_out.Rule, ...] = ()
    """About training, from robots.txt."""
    reservations: tuple[opt_out.Rule, ...] = ()
    """Of the authority's tdmrep.json."""
    stand_ins: tuple[str, ...] = ()
    """Crawlers that train, and that the file has groups for; what is refused to them counts as
    refused to us.
    """

    def allows(self, url: str) -> bool:
        """True if the page may be fetched, under the rules as written and with the query of the
        rules sorted as that of a URL in normal form is. robots.txt itself always may.

        Example: with the rule `Disallow: /a` for us,
        `policy(200, text, "secarch").allows(normalise("https://docs.example.org/a"))` is False.
        """
        return rules.allows(self._own, url)

    def refusal(self, url: str) -> tuple[str, str]:
        """Why the page must not train a model, and the words that say so; ('', '') if it may."""
        parts = urlsplit(url)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        if words := refusal(self.preferences, path):
            return "opt_out_robots", words
        if words := refusal(self.reservations, path):
            return "opt_out_tdmrep", words
        for name, own in self._stand_ins:
            if not rules.allows(own, url):
                return "opt_out_robots", f"the group of {name} disallows it"
        return "", ""

    def delay_s(self) -> float:
        """Seconds between two requests that Crawl-delay and Request-rate ask for; 0 if they ask for
        nothing.
        """
        lines = [] if self.robots is None else self.robots.lines_for(self.agent)
        return max((_pause(line.name, line.value) for line in lines), default=0.0)

    def sitemaps(self) -> list[str]:
        """The URLs that Sitemap lines name, at most 50."""
        return [] if self.robots is None else list(self.robots.sitemaps)[:MAX_SITEMAPS]

    @cached_property
    def _own(self) -> tuple[Rule, ...]:
        return _rules_for(self.robots, self.agent)

    @cached_property
    def _stand_ins(self) -> list[tuple[str, tuple[Rule, ...]]]:
        return [(name, _rules_for(self.robots, name)) for name in self.stand_ins]


def _rules_for(robots: Robots | None, agent: str) -> tuple[Rule, ...]:
    """The rules that hold for `agent`, and those with a query once more with the query in the order
    of a URL in normal form, since that is the form in which a page is asked for.
    """
    groups = [] if robots is None else robots.groups_for(agent)
    own = [rule for group in groups for rule in group.rules if rule.pattern]
    again = [Rule(p, rule.allowed) for rule in own for p in _reordered(rule.pattern)]
    return tuple(dict.fromkeys([*own, *again]))


def _reordered(pattern: str) -> Iterator[str]:
    """The pattern for a URL whose query names are sorted: `/i?title=*&action=edit` also as
    `/i?action=edit&title=*`, with other names before, between and after.

    An element that another one follows is whole; the last one of the pattern is open at its end.
    """
    path, names = _query_of(pattern)
    if not names or len(names) > MAX_NAMES:
        return
    last = names[-1]
    ordered = sorted(names)
    for gaps in product(("&", "&*&"), repeat=len(ordered) - 1):
        joined = ordered[0]
        for before, gap, after in zip(ordered, gaps, ordered[1:], strict=False):
            joined += f"*{gap}{after}" if before == last else f"{gap}{after}"
        for start in ("?", "?*&"):
            ends = ("",) if ordered[-1] == last else ("$", "&")
            yield from (f"{path}{start}{joined}{end}" for end in ends)


def _query_of(pattern: str) -> tuple[str, list[str]]:
    """The path of a pattern and the elements of its query, if it says something of their order."""
    if "&" not in pattern:
        return pattern, []
    path, _, query = pattern.removesuffix("$").replace("&", "?", 1).partition("?")
    if "?" in pattern:
        path, _, query = pattern.removesuffix("$").partition("?")
    return path, [name for name in query.split("&") if name.strip("*")]


def _pause(name: str, value: str) -> float:
    """Seconds that a Crawl-delay or Request-rate line (`pages/time`, with s, m or h) asks for."""
    try:
        if name == "crawl-delay":
            asked = float(value)
        elif name == "request-rate" and (rate := _RATE.match(value)):
            pages = int(rate[1]) or 1
            asked = int(rate[2]) * {"m": 60, "h": 3600}.get(rate[3].lower(), 1) / pages
        else:
            return 0.0
    except (ValueError, OverflowError):
        return 0.0
    return asked if math.isfinite(asked) and asked > 0 else 0.0


def policy(status: int, text: str, agent: str, stand_ins: Sequence[str] = ()) -> Policy | None:
    """The policy for `agent`, or None if robots.txt is unreachable, so that nothing may be asked.

    `text` is what `cut` gives; `status` the HTTP status, 0 for a network failure.
    """
    meaning = verdict(status)
    if meaning == "unreachable":
        return None
    if meaning == "allow_all":
        return Policy(agent, None)
    robots = parse(text)
    named = tuple(name for name in stand_ins if product_token(name) in robots.agents)
    return Policy(agent, robots, robots_preferences(robots, agent), stand_ins=named)
