"""What a site says about use of its pages: robots directives, TDMRep, Content-Signal,
Content-Usage.

Each refusal carries its evidence, the words of the site that refuse, so that it can be shown and
checked.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import quote

from secarch.harvest.robots.rules import Robots, matches

TDMREP_PATH = "/.well-known/tdmrep.json"
"""TDMRep: W3C Community Group report of 2024, the file on the origin server."""
MAX_RESERVATIONS = 1_000
MAX_EVIDENCE = 200
"""Characters of a site's words that are kept."""
AI_WORDS = frozenset({"noai", "nogenai", "noml"})
USAGE = ("train-genai", "train-ai", "ai", "tdm", "bots")
"""Labels of Content-Usage under which training of a generative model falls, the narrowest first.

`train-ai` is in draft-ietf-aipref-vocab-08; the others stood in its earlier versions. The
narrowest that has a value decides, and one without a value asks its parent (the draft's way of
processing).
"""
SIGNAL = "ai-train"
"""Label of Content-Signal (draft-romm-aipref-contentsignals-00) for training and fine-tuning."""
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
"""Directives that have a colon of their own, and are not names of crawlers."""
_NO = frozenset({"n", "no", "?0"})
_YES = frozenset({"y", "yes", "?1"})


class Rule(NamedTuple):
    """One preference about training, for the paths that match."""

    pattern: str
    refused: bool
    words: str
    """The site's own, at most 200 characters."""


@dataclass(frozen=True, slots=True)
class Directives:
    """What robots meta elements and X-Robots-Tag fields ask, joined: the strictest wins."""

    noindex: bool = False
    nofollow: bool = False
    noai: bool = False
    words: str = ""
    """The values that they were read from."""


def directives(values: Iterable[str], agent: str, now: datetime | None = None) -> Directives:
    """Join robots directives; a value may name the crawler that what follows is for (`otherbot:
    noindex`).

    A past `unavailable_after` means noindex.
    """
    words: set[str] = set()
    stated = [value.strip() for value in values if value.strip()]
    for value in stated:
        words.update(_words_for(value.lower(), agent.lower(), now or datetime.now(UTC)))
    none = "none" in words
    return Directives(
        none or "noindex" in words,
        none or "nofollow" in words,
        bool(words & AI_WORDS),
        "; ".join(stated)[:MAX_EVIDENCE],
    )


def _words_for(value: str, agent: str, now: datetime) -> Iterator[str]:
    ours = True
    expiry = re.search(r"unavailable_after\s*:\s*(.+)", value)
    for part in value.split(","):
        name, colon, rest = (piece.strip() for piece in part.partition(":"))
        if not colon:
            word = name
        elif name in _VALUED:
            word = (
                "noindex"
                if name == "unavailable_after" and expiry and _is_past(expiry[1], now)
                else name
            )
        elif re.fullmatch(r"[a-z0-9_*./-]+", name):
            ours, word = name in {agent, "*"}, rest
        else:
            continue
        if ours:
            yield word


def _is_past(text: str, now: datetime) -> bool:
    """True where `text` begins with a moment before `now`; unreadable ones are no moment."""
    for read, piece in (
        (datetime.fromisoformat, text.partition(",")[0]),
        (parsedate_to_datetime, text),
    ):
        try:
            moment = read(piece.strip().upper())
        except (ValueError, TypeError, OverflowError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) < now
    return False


def pairs(value: str) -> dict[str, str]:
    """A list of `label=value`, lower case; parameters and what is not a pair are left out, the last
    of equals counts.

    The part of an RFC 9651 dictionary that the drafts use.
    """
    found = {}
    for item in value.lower().split(","):
        label, equals, rest = item.partition(";")[0].partition("=")
        if equals:
            found[label.strip()] = rest.strip().strip('"')
    return found


def preference(value: str) -> bool | None:
    """True where a Content-Usage or Content-Signal value refuses training, False where it allows
    it, None else.
    """
    stated = pairs(value)
    signal = stated.get(SIGNAL, "")
    usage = next((stated[label] for label in USAGE if stated.get(label) in _NO | _YES), "")
    if signal in _NO or usage in _NO:
        return True
    return False if signal in _YES or usage in _YES else None


def header_opt_out(headers: Mapping[str, str], policies: Iterable[str] = ()) -> tuple[str, str]:
    """The opt-out that response headers (lower-case names) declare and its words; ('', '') for
    none.

    `policies` are the TDM policies whose terms the user has accepted. A field that came several
    times has a value a line; one refusal among them is enough.
    """
    reserved_by = {line.strip() for line in headers.get("tdm-reservation", "").split("\n")}
    policy = headers.get("tdm-policy", "").strip()
    if "1" in reserved_by and policy not in set(policies):
        return "opt_out_tdmrep", f"tdm-reservation: 1 {policy}".strip()[:MAX_EVIDENCE]
    for name, reason in (
        ("content-usage", "opt_out_content_usage"),
        ("content-signal", "opt_out_content_signal"),
    ):
        for line in headers.get(name, "").split("\n"):
            if preference(line):
                return reason, f"{name}: {line}"[:MAX_EVIDENCE]
    return "", ""


def meta_opt_out(meta: Mapping[str, list[str]], policies: Iterable[str] = ()) -> tuple[str, str]:
    """Likewise, for the meta elements of a page."""
    names = ("tdm-reservation", "tdm-policy", "content-usage", "content-signal")
    return header_opt_out({name: "\n".join(meta.get(name, ())) for name in names}, policies)


def reservations(text: str, policies: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules of a tdmrep.json, at most 1,000; () if it cannot be read."""
    try:
        rules = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    rows = (
        [rule for rule in rules[:MAX_RESERVATIONS] if isinstance(rule, dict)]
        if isinstance(rules, list)
        else []
    )
    accepted = set(policies)
    return tuple(
        Rule(
            _pattern(row["location"]),
            str(row.get("tdm-reservation")).strip() == "1"
            and str(row.get("tdm-policy", "")).strip() not in accepted,
            f"tdmrep.json: {row['location']} {row.get('tdm-policy', '')}".strip()[:MAX_EVIDENCE],
        )
        for row in rows
        if isinstance(row.get("location"), str) and row["location"].startswith(("/", "*"))
    )


def _pattern(path: str) -> str:
    """A path pattern with what is beyond ASCII percent-encoded, as addresses in normal form have
    it.
    """
    return quote(path, safe=string.punctuation)


def refusal(rules: Iterable[Rule], path: str) -> str:
    """The words of the longest rule that matches `path` (with its query) if it refuses, else ''.

    A refusal wins a tie.
    """
    best = max(
        ((len(r.pattern), r.refused, r.words) for r in rules if matches(r.pattern, path)),
        default=(0, False, ""),
    )
    return best[2] if best[1] else ""


def robots_preferences(robots: Robots, agent: str) -> tuple[Rule, ...]:
    """Training preferences of a robots.txt.

    Content-Signal and Content-Usage (with or without a path: draft-ietf-aipref-attach-05), and the
    DisallowAITraining lines of draft-canel-robots-ai-control-01. Lines of the agent's own groups
    count, else those of `*`; lines outside any group count for all.
    """
    lines = robots.lines_for(agent)
    return tuple(rule for line in lines if (rule := _rule(line.name, line.value)))


def _rule(name: str, value: str) -> Rule | None:
    words = f"{name}: {value}"[:MAX_EVIDENCE]
    if name in {"disallowaitraining", "allowaitraining"}:
        return (
            Rule(_pattern(value), name.startswith("dis"), words)
            if value.startswith(("/", "*"))
            else None
        )
    if name not in {"content-signal", "content-usage"}:
        return None
    path, _, rest = value.partition(" ") if value.startswith(("/", "*")) else ("/", "", value)
    stated = preference(rest)
    return None if stated is None else Rule(_pattern(path), stated, words)
