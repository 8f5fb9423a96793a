"""The lines of a robots.txt as groups, and which path a rule matches (RFC 9309, section 2.2).

Where the RFC leaves room, the reading is that of Google's published parser, which most sites test
against: common misspellings of the field names, a missing colon, and `Allow: /a/index.html`, which
allows `/a/` too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from secarch.harvest.sources.escapes import one_spelling

_AGENT = ("user-agent", "useragent", "user agent")
_DISALLOW = ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")
_SITEMAP = ("sitemap", "site-map")
_TRAINING = ("disallowaitraining", "allowaitraining")
"""About training and not about fetching (draft-canel-robots-ai-control-01)."""
_TOKEN = re.compile(r"[A-Za-z_-]+")
_KEPT = "%:/?#[]@!$&'()*+,;=-._~"
"""Characters beside letters and digits that a URL may hold as they are (RFC 3986, section 2)."""
_INDEX = re.compile(r"/index\.htm[^/]*$")


class Rule(NamedTuple):
    """One Allow or Disallow line."""

    pattern: str
    """In normal form; `*` stands for anything, `$` at its end for the end."""
    allowed: bool


@dataclass(slots=True)
class Group:
    """User-agent lines and what follows them."""

    agents: set[str] = field(default_factory=set)
    """Product tokens, lower case; `*` for everybody."""
    rules: list[Rule] = field(default_factory=list)


class Line(NamedTuple):
    """A line that is neither user-agent nor rule, such as Crawl-delay or Content-Signal."""

    agents: frozenset[str]
    """Of the user-agent lines right above it; empty: it is before any of them."""
    name: str
    """Lower case."""
    value: str


@dataclass(frozen=True, slots=True)
class Robots:
    """A whole file."""

    groups: tuple[Group, ...]
    lines: tuple[Line, ...]
    sitemaps: tuple[str, ...]

    @property
    def agents(self) -> frozenset[str]:
        """The product tokens that the file has groups for, lower case."""
        return frozenset(agent for group in self.groups for agent in group.agents)

    def groups_for(self, agent: str) -> list[Group]:
        """The groups that hold for `agent`: all that name its product token, else those of `*`."""
        token = product_token(agent)
        own = [group for group in self.groups if token and token in group.agents]
        return own or [group for group in self.groups if "*" in group.agents]

    def lines_for(self, agent: str) -> list[Line]:
        """The lines that hold for `agent`: those before any user-agent line, and those below its
        own, or below `*` if the file never names it.
        """
        token = product_token(agent)
        mine = token if token and token in self.agents else "*"
        return [line for line in self.lines if not line.agents or mine in line.agents]


def product_token(text: str) -> str:
    """The product token of a user-agent, lower case; it ends at the first character outside
    `[A-Za-z_-]` (RFC 9309, section 2.2.1), so `secarch/0.1.0` is `secarch`. '' if there is none.
    """
    found = _TOKEN.match(text.strip())
    return found[0].lower() if found else ""


def parse(text: str) -> Robots:
    """Read a robots.txt, whatever it holds; lines that are not records are skipped.

    A group ends where a user-agent line follows a rule: other records between do not interfere
    (section 2.2.4).
    """
    group = Group()
    groups: list[Group] = []
    lines: list[Line] = []
    sitemaps: list[str] = []
    named: set[str] = set()
    agents: frozenset[str] | None = None
    after_agents = False
    for name, value in _records(text):
        if name.startswith(_AGENT):
            if group.rules or not groups:
                group = Group()
                groups.append(group)
            agent = "*" if _everybody(value) else product_token(value)
            group.agents.add(agent)
            if not after_agents:
                named = set()
            named.add(agent)
            agents = None
        elif name not in _TRAINING and name.startswith((*_DISALLOW, "allow")):
            if groups and value:
                group.rules += _rules(value, allowed=name.startswith("allow"))
            elif groups:
                # An empty rule matches nothing, and it ends the list of user-agents all the same.
                group.rules.append(Rule("", allowed=True))
        elif name.startswith(_SITEMAP):
            sitemaps.append(value)
        else:
            agents = frozenset(named) if agents is None else agents
            lines.append(Line(agents, name, value))
        after_agents = name.startswith(_AGENT)
    return Robots(tuple(groups), tuple(lines), tuple(sitemaps))


def allows(rules: Iterable[Rule], url: str) -> bool:
    """Whether the rule with the longest pattern that matches the URL allows it; if two are equally
    long, the one that allows. True if none matches, and for /robots.txt itself (section 2.2.2).
    """
    path = path_of(url)
    if path == "/robots.txt":
        return True
    best = max(
        ((len(rule.pattern), rule.allowed) for rule in rules if matches(rule.pattern, path)),
        default=(0, True),
    )
    return best[1]


def path_of(url: str) -> str:
    """Path and query of a URL in the form in which patterns are compared with it."""
    parts = urlsplit(url)
    text = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    # In a URL these are plain characters; a rule writes them as escapes (section 2.2.3).
    return _normal(text).replace("*", "%2A").replace("$", "%24")


def matches(pattern: str, path: str) -> bool:
    """`*` for any characters, `$` at the end for the end (section 2.2.3); an empty pattern matches
    nothing.

    Linear in the path for each part of the pattern, whatever it holds.
    """
    if not pattern:
        return False
    exact = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1] if exact else rest:
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    if not exact:
        return True
    return path.endswith(rest[-1]) and len(path) - len(rest[-1]) >= at if rest else at == len(path)


def _rules(value: str, *, allowed: bool) -> Iterator[Rule]:
    pattern = _pattern(value)
    yield Rule(pattern, allowed)
    if allowed and _INDEX.search(pattern):
        yield Rule(f"{pattern.rpartition('/')[0]}/$", allowed)


def _pattern(value: str) -> str:
    text = _normal(value)
    body, end = (text[:-1], "$") if text.endswith("$") else (text, "")
    return body.replace("$", "%24") + end


@lru_cache(maxsize=4_096)
def _normal(text: str) -> str:
    """Escapes in capitals, unreserved ones resolved, everything that a URL cannot hold escaped: one
    spelling on both sides of a comparison (section 2.2.2).
    """
    return one_spelling(quote(text, safe=_KEPT, errors="replace"))


def _everybody(value: str) -> bool:
    return value == "*" or value.startswith(("* ", "*\t"))


def _records(text: str) -> Iterator[tuple[str, str]]:
    """(name in lower case, value) of each line that has both."""
    for line in re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff")):
        content = line.partition("#")[0].strip()
        name, colon, value = content.partition(":")
        if not colon:
            # Google's parser takes `Disallow /a` too, if there are just two words.
            words = content.split()
            if len(words) != 2:
                continue
            name, value = words
        yield name.strip().lower(), value.strip()
