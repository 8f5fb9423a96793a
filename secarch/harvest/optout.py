"""What a site says about use of its pages: robots directives, TDMRep, Content-Signal, Content-Usage."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

TRAINING = re.compile(r"(?:ai-train|train-ai|train-genai)\s*=\s*(?:no|n|\?0)\b", re.IGNORECASE)
"""Content-Signal (draft-romm-aipref-contentsignals) and Content-Usage (draft-ietf-aipref-vocab) against training."""
TDMREP_PATH = "/.well-known/tdmrep.json"
"""TDMRep: W3C Community Group report of 2024, the file on the origin server."""
MAX_RESERVATIONS = 1_000
AI_WORDS = frozenset({"noai", "nogenai", "noml"})


@dataclass(frozen=True, slots=True)
class Directives:
    """What robots meta elements and X-Robots-Tag fields ask, joined: the strictest wins."""

    noindex: bool = False
    nofollow: bool = False
    noai: bool = False


def directives(values: Iterable[str], agent: str) -> Directives:
    """Join robots directives; a value may begin with the name of the crawler it is for (`otherbot: noindex`)."""
    words: set[str] = set()
    for value in values:
        head, colon, rest = value.lower().partition(":")
        named = (
            bool(colon)
            and re.fullmatch(r"[a-z0-9_*-]+", head.strip()) is not None
            and head.strip() != "unavailable_after"
        )
        if named and head.strip() not in {agent.lower(), "*"}:
            continue
        words.update(word.strip() for word in (rest if named else value.lower()).split(","))
    none = "none" in words
    return Directives(none or "noindex" in words, none or "nofollow" in words, bool(words & AI_WORDS))


def header_opt_out(headers: Mapping[str, str]) -> str:
    """The opt-out that response headers (lower-case names) declare, or ''.

    TDMRep: W3C Community Group report of 2024, section 5.1.
    """
    if headers.get("tdm-reservation", "").strip() == "1":
        return "opt_out_tdmrep"
    declared = ",".join(headers.get(name, "") for name in ("content-usage", "content-signal"))
    return "opt_out_content_signal" if TRAINING.search(declared) else ""


def reservations(text: str) -> tuple[tuple[str, bool], ...]:
    """The rules of a tdmrep.json as (path pattern, reserved), at most 1,000; () where it cannot be read."""
    try:
        rules = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    rows = [rule for rule in rules[:MAX_RESERVATIONS] if isinstance(rule, dict)] if isinstance(rules, list) else []
    return tuple(
        (row["location"], str(row.get("tdm-reservation")).strip() == "1")
        for row in rows
        if isinstance(row.get("location"), str) and row["location"].startswith(("/", "*"))
    )


def reserved(rules: Iterable[tuple[str, bool]], path: str) -> bool:
    """True where the longest rule that matches `path` (with its query) reserves it; a reservation wins a tie."""
    return max(((len(pattern), refused) for pattern, refused in rules if matches(pattern, path)), default=(0, False))[1]


def matches(pattern: str, path: str) -> bool:
    """RFC 9309, section 2.2.3: `*` for any characters, `$` for the end. Linear, whatever the pattern holds."""
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


def robots_preferences(text: str, agent: str) -> list[tuple[str, bool]]:
    """Training preferences of a robots.txt as (path prefix, refused).

    Lines of the agent's own groups count, else those of `*`; lines outside any group count for all.
    """
    own: list[tuple[str, bool]] = []
    common: list[tuple[str, bool]] = []
    outside: list[tuple[str, bool]] = []
    agents: set[str] = set()
    open_head = named = False
    for name, value in _lines(text):
        if name == "user-agent":
            agents = {*agents, value.lower()} if open_head else {value.lower()}
            named = named or agent.lower() in agents
            open_head = True
            continue
        if name in {"allow", "disallow", "crawl-delay"}:
            open_head = False
        if name in {"content-signal", "content-usage"}:
            rule = _preference(value)
            target = own if agent.lower() in agents else common if "*" in agents else outside if not agents else None
            if rule and target is not None:
                target.append(rule)
    return outside + (own if named else common)


def _lines(text: str) -> Iterable[tuple[str, str]]:
    for line in text.splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def _preference(value: str) -> tuple[str, bool] | None:
    path, _, rest = value.partition(" ") if value.startswith("/") else ("/", "", value)
    return (path, bool(TRAINING.search(rest))) if re.search(r"(?:ai-train|train-)", rest, re.IGNORECASE) else None
