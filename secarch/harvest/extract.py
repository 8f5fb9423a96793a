"""A page to a document, in a worker process: the page is parsed once, for its links and for its text.

Documentation lives in its headings, code and tables, so where the page marks its main part that
subtree goes to html-to-markdown; trafilatura (fast, favouring recall) reads the rest of the web.
"""

from __future__ import annotations

import contextlib
import ctypes
import gzip
import hashlib
import io
import re
import resource
import signal
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

import html_to_markdown
import trafilatura
from lxml import etree, html

from secarch.harvest import markup
from secarch.harvest.charset import decode
from secarch.harvest.config import HarvestConfig
from secarch.harvest.guard import Guard
from secarch.harvest.licence import spdx
from secarch.harvest.optout import Directives, directives, header_opt_out
from secarch.harvest.sources import Rules, normalise, pattern_of, resolve, site_of, storable
from secarch.records import Document, Page

MAX_LINKS = 20_000
MAX_SITEMAP_BYTES = 50_000_000
"""Of a sitemap after decompression (sitemaps.org, protocol 0.9)."""
MAX_SITEMAP_URLS = 50_000
SOFT_404_CHARACTERS = 600
MIN_HEADINGS = 2
KEPT_HEADINGS = 0.5
"""Share of a page's section headings that trafilatura must keep; it keeps 7 to 18% of those outside Sphinx."""
_NOT_FOUND = re.compile(
    r"\b(?:404|page not found|(?:page|document) (?:does not|doesn't) exist|not found)\b", re.IGNORECASE
)
_OPTIONS = html_to_markdown.ConversionOptions(
    extract_metadata=False, skip_images=True, strip_tags=["a"], autolinks=False, compact_tables=True, bullets="-"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What a page gave: a document or the reason why not, and links as (address, reason, family)."""

    document: Document | None = None
    method: str = ""
    """`main`, `densest`, `trafilatura` or `plain`."""
    reason: str = ""
    detail: str = ""
    links: list[tuple[str, str, str]] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)


class _Worker:
    """What a worker process keeps between pages."""

    def __init__(self, config: HarvestConfig) -> None:
        self.config = config
        self.rules = Rules(config)
        self.guard = Guard(config.allow_networks)
        self.judge = lru_cache(maxsize=65_536)(self._judge)

    def _judge(self, url: str) -> tuple[str, str, str]:
        reason = self.guard.refusal_of_url(url) or self.rules.judge(url)
        return url, reason, "" if reason else pattern_of(url)


_worker: _Worker | None = None


def start(config: HarvestConfig) -> None:
    """Set up a worker process: limits, and signals that belong to the parent."""
    global _worker  # noqa: PLW0603 - a process pool has no other place for state
    _worker = _Worker(config)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    limit = config.page_megabytes << 20
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no orphan outlives a killed crawl


def _state() -> _Worker:
    if _worker is None:
        raise RuntimeError("start() was not called in this process")
    return _worker


@contextlib.contextmanager
def _deadline(seconds: int) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def extract(page: Page) -> Extracted:
    """Extract one page. The alarm ends the process where it takes too long; the pool sees to that."""
    worker = _state()
    with _deadline(worker.config.page_seconds):
        try:
            return _extract(worker, page)
        except (etree.LxmlError, ValueError, RecursionError, MemoryError, AttributeError, TypeError, KeyError) as error:
            return Extracted(reason="extraction_failed", detail=storable(f"{type(error).__name__}: {error}"[:200]))


def _extract(worker: _Worker, page: Page) -> Extracted:
    config = worker.config
    refused = header_opt_out(page.headers) if config.honour_opt_outs else ""
    by_header = directives(page.headers.get("x-robots-tag", "").split("\n"), config.user_agent)
    text = decode(page.body, page.content_type)
    if not text.strip():
        return Extracted(reason="empty_page")
    if _is_plain(page, text):
        reason = refused or _refused_by(by_header, config)
        return Extracted(reason=reason) if reason else _plain(worker, page, text)
    tree = markup.parse(text)
    meta = markup.meta_of(tree)
    by_meta = directives([*meta.get("robots", ()), *meta.get(config.user_agent.lower(), ())], "")
    base = markup.base_of(tree, page.url)
    canonical = _canonical(tree, base, page.url)
    links = [] if by_header.nofollow or by_meta.nofollow else _links(worker, tree, base)
    links += [worker.judge(canonical)] if canonical != page.url else []
    if config.honour_opt_outs and "1" in meta.get("tdm-reservation", ()):
        refused = refused or "opt_out_tdmrep"
    reason = refused or _refused_by(by_header, config) or _refused_by(by_meta, config)
    if reason:
        return Extracted(reason=reason, links=links)
    return _document(worker, page, tree, meta, canonical, links)


def _is_plain(page: Page, text: str) -> bool:
    kind = page.content_type.partition(";")[0].strip().lower()
    return kind in {"text/plain", "text/markdown", "text/x-markdown"} and not text.lstrip()[:200].lower().startswith(
        ("<!doctype html", "<html")
    )


def _refused_by(asked: Directives, config: HarvestConfig) -> str:
    if asked.noindex:
        return "noindex"
    return "opt_out_noai" if asked.noai and config.honour_opt_outs else ""


def _links(worker: _Worker, tree: html.HtmlElement, base: str) -> list[tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {}
    hrefs = dict.fromkeys(markup.links_of(tree, follow_nofollow=worker.config.follow_nofollow))
    for href in hrefs:
        url = resolve(base, href)
        if url and url not in found:
            found[url] = worker.judge(url)
            if len(found) >= MAX_LINKS:
                break
    return list(found.values())


def _canonical(tree: html.HtmlElement, base: str, url: str) -> str:
    """The page's identity: its canonical link where that stays on the site and is no mere home page."""
    declared = markup.canonical_of(tree, base)
    if not declared or site_of(declared) != site_of(url):
        return url
    return url if declared.endswith(f"{site_of(url)}/") else declared


def _document(
    worker: _Worker,
    page: Page,
    tree: html.HtmlElement,
    meta: dict[str, list[str]],
    canonical: str,
    links: list[tuple[str, str, str]],
) -> Extracted:
    modified = _modified(page, meta)
    licence = _licence(tree) or worker.rules.licence_of(page.url)
    language = (tree.get("lang") or "").split("-")[0].strip().lower()[:8]
    main = markup.main_of(tree)
    title = markup.title_of(tree, main)
    method, text = _by_guess(tree, page.url) if main is None else ("main", _by_main(main))
    text = text.strip()
    if not text:
        return Extracted(reason="no_text", links=links)
    if len(text) < SOFT_404_CHARACTERS and _NOT_FOUND.search(title):
        return Extracted(reason="soft_404", detail=title[:100], links=links)
    document = _record(
        page, canonical, title=title, text=text + "\n", language=language, licence=licence, modified=modified
    )
    return Extracted(document=document, method=method, links=links)


def _record(
    page: Page, canonical: str, *, title: str, text: str, language: str, licence: str, modified: str
) -> Document:
    title, text = storable(title), storable(text)
    return Document(
        id=hashlib.sha256(canonical.encode()).hexdigest()[:16], url=page.url, canonical_url=canonical,
        site=site_of(page.url), title=title[:500], text=text, language=language, licence=licence,
        fetched_at=page.fetched_at, modified_at=modified,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        raw_sha256=hashlib.sha256(page.body).hexdigest(),
    )  # fmt: skip


def _plain(worker: _Worker, page: Page, text: str) -> Extracted:
    heading = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
    title = heading[1].strip() if heading else page.url.rstrip("/").rpartition("/")[2]
    licence = worker.rules.licence_of(page.url)
    text = text.replace("\x00", "").replace("\r\n", "\n").strip() + "\n"
    document = _record(
        page, page.url, title=title, text=text, language="", licence=licence, modified=_modified(page, {})
    )
    return Extracted(document=document, method="plain")


def _by_main(main: html.HtmlElement) -> str:
    markup.clean(main)
    return _as_markdown(main)


def _as_markdown(main: html.HtmlElement) -> str:
    main.tail = None
    return html_to_markdown.convert(etree.tostring(main, encoding="unicode", method="html"), _OPTIONS).content or ""


def _by_guess(tree: html.HtmlElement, url: str) -> tuple[str, str]:
    """Read a page without a main part: by trafilatura, unless that loses the sections of its densest block."""
    text = _by_trafilatura(tree, url)
    markup.clean(tree)
    block = markup.densest_of(tree)
    headings = markup.headings_of(block)
    if len(headings) >= MIN_HEADINGS:
        lines = {
            line.lstrip("# ").replace("`", "").replace("*", "") for line in text.splitlines() if line.startswith("#")
        }
        kept = sum(heading in lines for heading in headings)
        if kept < len(headings) * KEPT_HEADINGS:
            return "densest", _as_markdown(block)
    return "trafilatura", text


def _by_trafilatura(tree: html.HtmlElement, url: str) -> str:
    for block in tree.iter("pre"):
        markup.flatten_code(block)
    return (
        trafilatura.extract(
            tree, url=url, fast=True, favor_recall=True, include_comments=False, include_tables=True,
            output_format="markdown", with_metadata=False,
        )
        or ""
    )  # fmt: skip


def _licence(tree: html.HtmlElement) -> str:
    stated = [e.get("href") or "" for e in tree.xpath("//*[@rel='license' or @rel='licence'][@href]")]
    footers = [a.get("href") or "" for f in tree.iterfind(".//footer") for a in f.iter("a")]
    return next((name for address in (*stated, *footers) if (name := spdx(address))), "")


def _modified(page: Page, meta: dict[str, list[str]]) -> str:
    """ISO 8601, UTC: what the page says of itself, else Last-Modified, else ''."""
    for name in ("article:modified_time", "og:updated_time", "last-modified", "dcterms.modified", "date.modified"):
        for value in meta.get(name, ()):
            with contextlib.suppress(ValueError, OverflowError):
                return _iso(datetime.fromisoformat(value.strip()))
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return _iso(parsedate_to_datetime(page.headers.get("last-modified", "")))
    return ""


def _iso(moment: datetime) -> str:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read_sitemap(page: Page) -> Extracted:
    """The addresses in a sitemap or an index of sitemaps, gzip or not; broken ones as far as they can be read.

    Entities are not resolved, so that a file cannot grow while it is read.
    """
    worker = _state()
    with _deadline(worker.config.page_seconds):
        try:
            return _read_sitemap(worker, page)
        except (etree.LxmlError, ValueError, OSError, EOFError, zlib.error, MemoryError) as error:
            return Extracted(reason="sitemap_unreadable", detail=storable(f"{type(error).__name__}: {error}"[:200]))


def _read_sitemap(worker: _Worker, page: Page) -> Extracted:
    body = page.body
    if body[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as opened:
            body = opened.read(MAX_SITEMAP_BYTES + 1)
    if len(body) > MAX_SITEMAP_BYTES:
        return Extracted(reason="sitemap_too_large")
    links: dict[str, tuple[str, str, str]] = {}
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
        if number > 10 * MAX_SITEMAP_URLS or len(links) >= MAX_SITEMAP_URLS:
            break
        if not isinstance(element.tag, str) or etree.QName(element).localname != "loc" or parent is None:
            continue
        url = normalise((element.text or "").strip()[:4000])
        if url and etree.QName(parent).localname == "sitemap":
            maps.append(url)
        elif url:
            links[url] = worker.judge(url)
        parent.clear()
    return Extracted(links=list(links.values()), sitemaps=maps, reason="sitemap")


def warm() -> None:
    """Import-time work that each worker process would otherwise do on its first page."""
    trafilatura.extract(f"<html><body><p>{'word ' * 100}</p></body></html>", fast=True)
    html_to_markdown.convert("<p>x</p>", _OPTIONS)
    sys.setrecursionlimit(2_000)
