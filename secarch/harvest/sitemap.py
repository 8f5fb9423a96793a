"""Sitemaps and their indexes, gzip or not, read in a worker process: broken ones as far as they can be read."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable

from lxml import etree

from secarch.harvest.extracted import MAX_SITEMAP_BYTES, Extracted
from secarch.harvest.sources import normalise
from secarch.records import Page

MAX_URLS = 50_000
"""Addresses in one file (sitemaps.org, protocol 0.9)."""
MAX_ELEMENTS = 10 * MAX_URLS

Verdict = Callable[[str], tuple[str, str, str]]


def read(page: Page, judge: Verdict) -> Extracted:
    """The pages and further sitemaps that a sitemap names.

    Entities are not resolved, so that a file cannot grow while it is read, and nothing outside it is opened.
    Raises lxml.etree.LxmlError, OSError, EOFError and zlib.error for what is no sitemap at all.
    """
    body = page.body
    if body[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as opened:
            body = opened.read(MAX_SITEMAP_BYTES + 1)
    if len(body) > MAX_SITEMAP_BYTES:
        return Extracted(reason="sitemap_too_large")
    links: dict[str, tuple[str, str, str]] = {}
    maps: list[str] = []
    events = etree.iterparse(
        io.BytesIO(body), events=("end",), resolve_entities=False, load_dtd=False, no_network=True, recover=True,
        huge_tree=False,
    )  # fmt: skip
    for number, (_, element) in enumerate(events):
        parent = element.getparent()
        if number > MAX_ELEMENTS or len(links) >= MAX_URLS:
            break
        if not isinstance(element.tag, str) or etree.QName(element).localname != "loc" or parent is None:
            continue
        url = normalise((element.text or "").strip()[:4000])
        if url and etree.QName(parent).localname == "sitemap":
            maps.append(url)
        elif url:
            links[url] = judge(url)
        parent.clear()
    return Extracted(links=list(links.values()), sitemaps=maps, reason="sitemap")
