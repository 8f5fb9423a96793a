"""The harvest's report: what came, what was skipped and why, host by host, and how politely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.progress import duration
from secarch.harvest.reasons import meaning_of
from secarch.records import amount
from secarch.report import html
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from markupsafe import Markup

MOST = 200
"""Rows of a table; the rest is in funnel.json and skipped.jsonl.gz."""


def report(
    funnel: JsonDict,
    config: HarvestConfig,
    agent: str,
    seconds: float,
    *further: html.Section,
) -> str:
    """A self-contained HTML page of a finished harvest, the `further` sections at its end."""
    lead = (
        f"{amount(funnel['documents'], 'document')} of {amount(len(funnel['by_site']), 'site')}; "
        f"pages fetched: {funnel['fetched']:,}; "
        f"skipped: {funnel['skipped']:,} of {funnel['known']:,} known URLs, "
        "each with its reason."
    )
    sections = [
        html.Section(
            "Seeds",
            _seeds(funnel.get("seeds", ())),
            "What each start gave, and why one gave nothing.",
        ),
        html.Section(
            "Documents",
            _documents(funnel),
            "Readable texts, each once, by the site they came from.",
        ),
        html.Section(
            "Why URLs were skipped",
            _reasons(funnel["by_reason"]),
            "All of them are in skipped.jsonl.gz.",
        ),
        html.Section(
            "Host by host", _hosts(funnel["by_host"]), "Hosts of which anything lies in the scope."
        ),
        html.Section(
            "Licences",
            _counted(funnel["by_licence"], "licence"),
            "As a page states it, else as its seed does.",
        ),
        html.Section(
            "Languages",
            _counted(funnel["by_language"], "language"),
            "By the page's own word, ISO 639-1.",
        ),
    ]
    sections += _sometimes(funnel)
    facts = {
        "documents": f"{funnel['documents']:,}",
        "sites": f"{len(funnel['by_site']):,}",
        "pages fetched": f"{funnel['fetched']:,}",
        "last run took": duration(seconds),
        "delay": f"{config.delay_s:g} s",
        "opt-outs": "honoured" if config.honour_opt_outs else "not honoured",
        "called itself": agent,
    }
    return html.page("Harvest", [*sections, *further], lead=lead, facts=facts)


def _sometimes(funnel: JsonDict) -> Iterator[html.Section]:
    """The sections that only some harvests have."""
    if funnel.get("politeness"):
        note = "Of the last run: a resumed crawl has several."
        yield html.Section("Politeness", _politeness(funnel["politeness"]), note)
    if funnel.get("shells"):
        note = "Pages that only a script fills; harvest.render=auto draws them in a browser."
        yield html.Section("Pages that need JavaScript", _shells(funnel["shells"]), note)
    if "changes" in funnel:
        note = "Listed in changes.jsonl.gz."
        yield html.Section("Since the last crawl", _changes(funnel["changes"]), note)
    if funnel.get("sources"):
        yield html.Section("Sources on this machine", _sources(funnel["sources"]))


def _seeds(rows: Sequence[JsonDict]) -> Markup:
    head = ["seed", "asked", "kept", "moved to", "why nothing"]
    return html.table(
        head,
        [
            (
                r["name"],
                r["asked"],
                r["kept"],
                ", ".join(r["moved_to"]),
                r["why_not"].replace("_", " "),
            )
            for r in rows
        ],
    )


def _documents(funnel: JsonDict) -> Markup:
    largest = sorted(funnel["by_site"].items(), key=lambda item: (-item[1], item[0]))
    rest = len(largest) - 20
    more = html.paragraph(f"and {rest:,} more sites") if rest > 0 else html.join()
    return html.join(html.bars(largest[:20], "documents"), more)


def _reasons(reasons: Mapping[str, int]) -> Markup:
    if not reasons:
        return html.paragraph("None was.")
    rows = [(name.replace("_", " "), meaning_of(name), n) for name, n in _largest(reasons)]
    return html.table(["reason", "what it means", "addresses"], rows)


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _hosts(hosts: Mapping[str, Mapping[str, int]]) -> Markup:
    rows = []
    for name, counts in sorted(hosts.items(), key=lambda item: (-item[1].get("kept", 0), item[0]))[
        :MOST
    ]:
        others = {reason: n for reason, n in counts.items() if reason not in {"kept", "fetched"}}
        told = ", ".join(f"{n:,} {reason.replace('_', ' ')}" for reason, n in _largest(others)[:4])
        rows.append((name, counts.get("fetched", 0), counts.get("kept", 0), told))
    return html.table(["host", "fetched", "kept", "skipped, the commonest reasons"], rows)


def _shells(hosts: Mapping[str, JsonDict]) -> Markup:
    rows = [
        (name, c["shells"], c["rendered"], f"{c['share']:.0%}")
        for name, c in list(hosts.items())[:MOST]
    ]
    return html.table(["host", "left empty", "drawn in a browser", "share of pages"], rows)


def _counted(counts: Mapping[str, int], name: str) -> Markup:
    return html.table(
        [name, "documents"], [(value or "not stated", n) for value, n in _largest(counts)[:MOST]]
    )


def _politeness(hosts: Sequence[JsonDict]) -> Markup:
    rows = [
        (
            h["host"],
            h["requests"],
            h["gap_s"],
            h["crawl_delay_s"] or None,
            h["latency_s"],
            h["refusals"],
            h["failures"],
        )
        for h in hosts[:MOST]
    ]
    head = [
        "host",
        "requests",
        "gap at the end, s",
        "its Crawl-delay, s",
        "latency, s",
        "429 and 503",
        "other failures",
    ]
    return html.table(head, rows)


def _changes(changes: Mapping[str, int]) -> Markup:
    return html.table(["what became of pages", "number"], list(changes.items()))


def _sources(sources: Sequence[JsonDict]) -> Markup:
    rows = []
    for source in sources:
        told = ", ".join(
            f"{n:,} {reason.replace('_', ' ')}" for reason, n in source["skipped"].items()
        )
        rows.append(
            (
                source["name"],
                source["kind"],
                source["base"] or "its own",
                source["commit"][:12] or None,
                told,
                ", ".join(
                    f"{found['files']:,} {name} ({found['words']:,} words)"
                    for name, found in source.get("unread", {}).items()
                ),
            )
        )
    head = ["source", "kind", "addresses", "commit", "skipped", "formats that are not read"]
    return html.table(head, rows)
