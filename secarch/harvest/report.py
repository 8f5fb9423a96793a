"""The harvest's report: what came, what was passed over and why, host by host, and how politely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from secarch.harvest.config import HarvestConfig
from secarch.harvest.crawl.progress import duration
from secarch.report import html
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from markupsafe import Markup

MOST = 200
"""Rows of a table; the rest is in funnel.json and skipped.jsonl.gz."""

MEANINGS = {
    "connect_failed": "The server could not be reached.",
    "credentials_in_address": "The address has a user name or password in it.",
    "excluded": "An exclude pattern matches.",
    "extraction_crashed": "The page killed its worker process or ran out of time.",
    "extraction_failed": "The page could not be parsed.",
    "forbidden": "The server answered 403.",
    "gone": "The page was taken away (410, or no longer in its source).",
    "host_given_up": "The host failed twenty times in a row.",
    "host_unreachable": "The host failed twenty times in a row.",
    "name_not_resolved": "The host's name leads to no address.",
    "no_text": "Nothing readable was left of the page.",
    "binary": "The bytes are no text, whatever the header says.",
    "encrypted": "The PDF asks for a password.",
    "bad_pdf": "The PDF is torn or malformed.",
    "needs_ocr": "The PDF holds images of pages and no text.",
    "needs_javascript": "The page is a shell that a script would fill.",
    "meta_refresh": "The page only leads on to another one.",
    "no_text_type": "A picture, an archive or another type without readable text.",
    "noindex": "The page asks not to be indexed (meta robots or X-Robots-Tag).",
    "not_found": "The server answered 404.",
    "not_included": "No include pattern matches.",
    "opt_out_noai": "The page reserves training (noai).",
    "opt_out_robots": "The site's robots.txt reserves training.",
    "opt_out_tdmrep": "The site reserves text and data mining (TDMRep).",
    "other_shard": "Another shard asks this host.",
    "out_of_scope": "Outside the scopes of the seeds.",
    "page_budget": "harvest.max_pages or max_pages_per_host was reached.",
    "path_too_deep": "More path segments than documentation has.",
    "private_address": "A private, loopback or metadata address: never asked.",
    "redirected": "The address leads elsewhere; where it leads is its own entry.",
    "repeated_segments": "A path that repeats itself: a trap.",
    "robots": "robots.txt disallows it.",
    "robots_unreachable": "robots.txt could not be had, so nothing of the host was asked.",
    "same_canonical": "Another page has the same canonical address.",
    "same_text": "The sixth or later page of the host with the very same text.",
    "sitemap": "A sitemap: read for its addresses.",
    "slash_twin": "The same address but for the last slash.",
    "soft_404": "An error page that answered 200.",
    "too_deep": "More links away from a seed than harvest.max_depth.",
    "too_large": "Larger than harvest.max_page_bytes.",
    "too_many_parameters": "More query parameters than a page has: a trap.",
    "too_many_redirects": "More than ten redirects in a row.",
    "too_slow": "The answer began and did not end within harvest.timeout_s.",
    "too_many_variants": "More than harvest.max_variants pages of one pattern: a calendar or a "
    "query trap.",
    "truncated": "The answer broke off.",
}


def report(funnel: JsonDict, config: HarvestConfig, agent: str, seconds: float) -> str:
    """A self-contained HTML page of a finished harvest."""
    lead = (
        f"{funnel['documents']:,} documents of {len(funnel['by_site']):,} sites; "
        f"{funnel['fetched']:,} pages were "
        f"fetched and {funnel['skipped']:,} of {funnel['known']:,} known addresses passed over, "
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
            "Why addresses were passed over",
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
    if funnel.get("politeness"):
        sections.append(
            html.Section(
                "Politeness",
                _politeness(funnel["politeness"]),
                "Of the last run: a resumed crawl has several.",
            )
        )
    if "changes" in funnel:
        sections.append(
            html.Section(
                "Since the last crawl", _changes(funnel["changes"]), "Listed in changes.jsonl.gz."
            )
        )
    if funnel.get("sources"):
        sections.append(html.Section("Sources on this machine", _sources(funnel["sources"])))
    facts = {
        "documents": f"{funnel['documents']:,}",
        "sites": f"{len(funnel['by_site']):,}",
        "pages fetched": f"{funnel['fetched']:,}",
        "last run took": duration(seconds),
        "delay": f"{config.delay_s:g} s",
        "opt-outs": "honoured" if config.honour_opt_outs else "not honoured",
        "called itself": agent,
    }
    return html.page("Harvest", sections, lead=lead, facts=facts)


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
    rows = [
        (name.replace("_", " "), MEANINGS.get(name, _meaning(name)), n)
        for name, n in _largest(reasons)
    ]
    return html.table(["reason", "what it means", "addresses"], rows)


def _meaning(name: str) -> str:
    if name.startswith("http_"):
        return f"The server answered {name[5:]}."
    return (
        f"A redirect that was not followed: {name[9:].replace('_', ' ')}."
        if name.startswith("redirect_")
        else ""
    )


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
    return html.table(["host", "fetched", "kept", "passed over, the commonest reasons"], rows)


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
            f"{n:,} {reason.replace('_', ' ')}" for reason, n in source["passed_over"].items()
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
    head = ["source", "kind", "addresses", "commit", "passed over", "formats that are not read"]
    return html.table(head, rows)
