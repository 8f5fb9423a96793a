"""Sitemaps (XML, text, RSS, Atom) and their indexes, gzip or not, read in a worker process: broken
ones as far as they can be read.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lxml import etree

from secarch.harvest.extract.extracted import MAX_SITEMAP_BYTES, Extracted
from secarch.harvest.sources.urls import normalise, resolve
from secarch.records import Page

MAX_URLS = 50_000
"""Addresses in one file (sitemaps.org, protocol 0.9)."""
MAX_ELEMENTS = 10 * MAX_URLS
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*\?>")
_BARE = re.compile(rb"&(?!#?\w{1,30};)")
"""An ampersand that a query of an address has and XML has not."""

Verdict = Callable[[str], tuple[str, str, str]]


def read(page: Page, judge: Verdict) -> Extracted:
    """The pages and further sitemaps that a sitemap names.

    Entities are not resolved, so that a file cannot grow while it is read, and nothing outside it
    is opened. Raises lxml.etree.LxmlError, OSError, EOFError and zlib.error for what is not a
    sitemap at all.
    """
    body = _unzipped(page.body) if page.body[:2] == b"\x1f\x8b" else page.body
    if len(body) > MAX_SITEMAP_BYTES:
        return Extracted(reason="sitemap_too_large")
    if body[:2] in _WIDE:
        body = _DECLARED.sub(b"", body.decode("utf-16", "replace").encode())
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _lines(body, judge)
    return _elements(page.url, body, judge)


def _elements(base: str, body: bytes, judge: Verdict) -> Extracted:
    """Addresses in XML: `loc` of sitemaps and indexes, `link` of feeds."""
    links: dict[str, tuple[str, str, str]] = {}
    lastmods: dict[str, str] = {}
    url = ""
    maps: list[str] = []
    events = etree.iterparse(
        io.BytesIO(_escaped(body)),
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
        name = _local_name(element)
        if name == "lastmod" and url in links and (moment := latest(element.text or "")):
            lastmods[url] = moment
        if name in {"link", "guid"} and parent is not None:
            _add(links, _feed_link(element, parent, base), judge)
            continue
        if name != "loc" or parent is None:
            continue
        url = resolve(base, (element.text or "").strip()[:4000])
        if url and etree.QName(parent).localname == "sitemap":
            maps.append(url)
        elif url:
            links[url] = judge(url)
            url = links[url][0]
        parent.clear()
    return Extracted(links=list(links.values()), sitemaps=maps, lastmods=lastmods, reason="sitemap")


def _escaped(body: bytes) -> bytes:
    """With bare ampersands as XML has them, but for those of CDATA sections, which are right."""
    start, *sections = body.split(b"<![CDATA[")
    out = [_BARE.sub(b"&amp;", start)]
    for section in sections:
        inner, end, after = section.partition(b"]]>")
        out.append(inner + end + _BARE.sub(b"&amp;", after))
    return b"<![CDATA[".join(out)


def _unzipped(body: bytes) -> bytes:
    """What a gzip holds, as far as it can be read: a torn file gives the addresses before the
    tear. Raises OSError, EOFError and zlib.error if nothing can be read.
    """
    out = bytearray()
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as opened:
        try:
            while len(out) <= MAX_SITEMAP_BYTES and (piece := opened.read1(1 << 16)):
                out += piece
        except (OSError, EOFError, zlib.error):
            if not out:
                raise
    return bytes(out)


def _local_name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _lines(body: bytes, judge: Verdict) -> Extracted:
    """A sitemap of plain text: an address a line (sitemaps.org, "Text file")."""
    links: dict[str, tuple[str, str, str]] = {}
    for line in body.decode("utf-8-sig", "replace").splitlines()[:MAX_URLS]:
        if line.strip().startswith(("http://", "https://")):
            _add(links, line.strip()[:4000], judge)
    reason = "sitemap" if links else "sitemap_unreadable"
    return Extracted(links=list(links.values()), reason=reason)


def _add(links: dict[str, tuple[str, str, str]], link: str, judge: Verdict) -> None:
    url = normalise(link)
    if url:
        links[url] = judge(url)


def _feed_link(element: etree._Element, parent: etree._Element, base: str) -> str:
    """The page that an entry of RSS 2.0 or Atom (RFC 4287) is about, absolute, or ''."""
    if etree.QName(parent).localname not in {"item", "entry"}:
        return ""
    if element.get("rel", "alternate") != "alternate":
        return ""
    named = (element.text or "").strip().startswith(("http://", "https://"))
    if _local_name(element) == "guid" and not (named and element.get("isPermaLink") != "false"):
        return ""
    base = resolve(base, element.base) if element.base else base  # xml:base, of RFC 4287, 2
    return resolve(base, (element.get("href") or element.text or "").strip()[:4000])


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
