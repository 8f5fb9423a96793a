"""Sitemaps and their indexes, gzip or not, read in a worker process: broken ones as far as they can
be read.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lxml import etree

from secarch.harvest.extract.extracted import MAX_SITEMAP_BYTES, Extracted
from secarch.harvest.sources.urls import normalise
from secarch.records import Page

MAX_URLS = 50_000
"""Addresses in one file (sitemaps.org, protocol 0.9)."""
MAX_ELEMENTS = 10 * MAX_URLS

Verdict = Callable[[str], tuple[str, str, str]]


def read(page: Page, judge: Verdict) -> Extracted:
    """The pages and further sitemaps that a sitemap names.

    Entities are not resolved, so that a file cannot grow while it is read, and nothing outside it
    is opened. Raises lxml.etree.LxmlError, OSError, EOFError and zlib.error for what is no sitemap
    at all.
    """
    body = page.body
    if body[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as opened:
            body = opened.read(MAX_SITEMAP_BYTES + 1)
    if len(body) > MAX_SITEMAP_BYTES:
        return Extracted(reason="sitemap_too_large")
    links: dict[str, tuple[str, str, str]] = {}
    lastmods: dict[str, str] = {}
    url = ""
    maps: list[str] = []
    events = etree.iterparse(
        io.BytesIO(body),
        events=("end",),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        recover=True,
        huge_tree=False,
    )
    for number, (_, element) in enumerate(events):
        parent = element.getparent()
        if number > MAX_ELEMENTS or len(links) >= MAX_URLS:
            break
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name == "lastmod" and url in links and (moment := latest(element.text or "")):
            lastmods[url] = moment
        if name != "loc" or parent is None:
            continue
        url = normalise((element.text or "").strip()[:4000])
        if url and etree.QName(parent).localname == "sitemap":
            maps.append(url)
        elif url:
            links[url] = judge(url)
            url = links[url][0]
        parent.clear()
    return Extracted(links=list(links.values()), sitemaps=maps, lastmods=lastmods, reason="sitemap")


def latest(lastmod: str) -> str:
    """The latest moment that a W3C date or time can mean (a date: anywhere on Earth), or '' for
    anything else.
    """
    text = lastmod.strip()[:40]
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= 10:
            moment += timedelta(hours=36)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC) + timedelta(hours=12)
        return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return ""
