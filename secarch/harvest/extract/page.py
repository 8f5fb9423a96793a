"""A page to a document, in a worker process: the page is parsed once, for its links and for its
text.
"""

from __future__ import annotations

import contextlib
import re
import resource
import signal
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree, html

from secarch.harvest.config import HarvestConfig
from secarch.harvest.extract import (
    confluence,
    main_part,
    main_text,
    markup,
    sitemap,
    texts,
)
from secarch.harvest.extract.charset import decode
from secarch.harvest.extract.extracted import UNREAD, Extracted
from secarch.harvest.extract.provenance import language_of, licence_of, modified_of
from secarch.harvest.extract.reader import Reader, id_of, record
from secarch.harvest.extract.sniff import kind_of
from secarch.harvest.extract.texts import MAX_LINKS, PDF_PATIENCE
from secarch.harvest.kept import pack
from secarch.harvest.robots.opt_out import Directives, directives, header_opt_out, meta_opt_out
from secarch.harvest.sources.urls import host_of, site_of, storable
from secarch.records import Page

SOFT_404_CHARACTERS = 600
SHELL_CHARACTERS = 300
"""Characters below which a page that asks for JavaScript or for a password has no text."""
CHECKED = 50
"""One page in so many, chosen by its id's hash, is read by trafilatura too."""
_NOT_FOUND = re.compile(
    r"\b(?:404|page not found|(?:page|document) (?:does not|doesn['\u2019]t) exist|not found"
    r"|(?:page|file|document)\b.{0,30}(?:can ?not|can['\u2019]t|could not|couldn['\u2019]t) be"
    r" found"
    r"|nothing found|nicht gefunden|introuvable|no encontrad[ao]|non trovat[ao]|niet gevonden"
    r"|n[\u00e3a]o encontrad[ao]|(?:page|content) (?:is )?no longer (?:exists|available))\b",
    re.IGNORECASE,
)
LONG_404_CHARACTERS = 6_000
_ONLY_NOT_FOUND = re.compile(
    r"\W*(?:(?:error|http|sorry|oops)\W+)*"
    r"(?:404(?:\W+error)?(?:\W+(?:page |file |document )?not found)?"
    r"|(?:(?:the |that |this )?(?:page|file|document)(?: you \w+(?: \w+){0,2})? )?"
    r"(?:was |could |is )?not (?:be )?found"
    r"|(?:the |this |that )?page (?:does not|doesn.t|no longer) exists?"
    r"|we (?:can.?t|cannot|could ?n.t|could not) find (?:the|that|this) page(?: you \w+(?: \w+)?)?)"
    r"\W*(?:\s[|\u2013\u2014\u00b7:-]\s.*)?$",
    re.IGNORECASE,
)
NO_REFUSAL = ("", "")


_worker: Reader | None = None


def start(config: HarvestConfig) -> None:
    """Set up a worker process: limits, and signals that belong to the parent."""
    global _worker  # noqa: PLW0603 - a process pool has no other place for state
    _worker = Reader(config)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    limit = config.page_megabytes << 20
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
    )


def _state() -> Reader:
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
    """Extract one page.

    The alarm ends the process if it takes too long; the pool sees to that.
    """
    worker = _state()
    patience = PDF_PATIENCE if page.body[:64].lstrip().startswith(b"%PDF-") else 1
    with _deadline(patience * worker.config.page_seconds):
        try:
            found = _extract(worker, page)
        except (
            etree.LxmlError,
            ValueError,
            RecursionError,
            MemoryError,
            AttributeError,
            TypeError,
            KeyError,
        ) as error:
            detail = storable(f"{type(error).__name__}: {error}"[:200])
            found = Extracted(reason="extraction_failed", detail=detail)
        cut = (
            f"of its links the first {MAX_LINKS:,} were taken"
            if len(found.links) >= MAX_LINKS
            else ""
        )
        fresh, raw = worker.unreported(found.links), _raw(worker.config, page, found)
        return replace(found, links=fresh, raw=raw, detail=found.detail or cut)


def _raw(config: HarvestConfig, page: Page, found: Extracted) -> bytes:
    """The page compressed, unless it came that way and the crawl has it so already."""
    wanted = config.keep_raw and (found.document is not None or found.reason in UNREAD)
    came_compressed = "gzip" in page.headers.get("content-encoding", "")
    return pack(page.body) if wanted and not came_compressed else b""


def _extract(worker: Reader, page: Page) -> Extracted:
    config = worker.config
    refused = (
        header_opt_out(page.headers, config.tdm_policies) if config.honour_opt_outs else NO_REFUSAL
    )
    by_header = directives(page.headers.get("x-robots-tag", "").split("\n"), config.user_agent)
    kind = kind_of(page.body, page.content_type, page.url)
    if kind in {"binary", "data"}:
        return Extracted(reason="binary" if kind == "binary" else "no_text_type")
    if kind != "html":
        reason, words = _refused_by(by_header, config) if not refused[0] else refused
        if reason:
            return Extracted(reason=reason, detail=words)
        return texts.read(worker, page, kind)
    text = decode(page.body, page.content_type)
    if page.content_type == confluence.TYPE:
        text = confluence.as_html(text)
    if not text.strip():
        return Extracted(reason="empty_page")
    tree = markup.parse(text)
    meta = markup.meta_of(tree, page.headers)
    by_meta = directives([*meta.get("robots", ()), *meta.get(config.user_agent.lower(), ())], "")
    base = markup.base_of(tree, page.url)
    canonical = _canonical(tree, base, page.url)
    if canonical == page.url:
        canonical = _twin(worker, page, tree, base)
    following = markup.header_links(page.headers.get("link", ""))
    links = [] if by_header.nofollow or by_meta.nofollow else _links(worker, tree, base, following)
    links += [worker.judge(canonical)] if canonical != page.url else []
    if target := markup.refresh_of(meta, base):
        links.append(worker.judge(target))
    by_page = meta_opt_out(meta, config.tdm_policies) if config.honour_opt_outs else NO_REFUSAL
    for reason, words in (
        refused,
        by_page,
        _refused_by(by_header, config),
        _refused_by(by_meta, config),
    ):
        if reason:
            return Extracted(reason=reason, detail=storable(words), links=links)
    named = any(kind in text for kind in markup.FEED_TYPES) and not by_meta.nofollow
    feeds = markup.feeds_of(tree, base) if named and config.sitemaps else []
    found = _document(worker, page, _Parsed(text, tree, meta, canonical), links)
    return replace(found, sitemaps=feeds) if feeds else found


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A page's source and what was read off it."""

    text: str
    tree: html.HtmlElement
    meta: dict[str, list[str]]
    canonical: str


def _refused_by(asked: Directives, config: HarvestConfig) -> tuple[str, str]:
    if asked.noindex:
        return "noindex", asked.words
    return ("opt_out_noai", asked.words) if asked.noai and config.honour_opt_outs else NO_REFUSAL


def _links(
    worker: Reader, tree: html.HtmlElement, base: str, more: list[str]
) -> list[tuple[str, str, str]]:
    origin, folder = host_of(base) + "/", base.partition("?")[0].rpartition("/")[0] + "/"
    found: dict[str, tuple[str, str, str]] = {}
    hrefs = [*markup.links_of(tree, follow_nofollow=worker.config.follow_nofollow), *more]
    for href in dict.fromkeys(href.partition("#")[0] for href in hrefs):
        link = worker.link(_anchor(href, base, origin, folder), href)
        if link and link[0] not in found:
            found[link[0]] = link
            if len(found) >= MAX_LINKS:
                break
    return list(found.values())


def _anchor(href: str, base: str, origin: str, folder: str) -> str:
    """As much of the base as a link's target hangs on, so that a site's navigation is resolved once
    for all pages.
    """
    if href.startswith("/") and not href.startswith("//"):
        return origin
    return base if href.startswith(("?", ";", "//")) else folder


def _canonical(tree: html.HtmlElement, base: str, url: str) -> str:
    """The page's identity: its canonical link where that stays on the site and is not merely a home
    page.
    """
    declared = markup.canonical_of(tree, base)
    if not declared or site_of(declared) != site_of(url):
        return url
    return url if declared.endswith(f"{site_of(url)}/") else declared


def _twin(worker: Reader, page: Page, tree: html.HtmlElement, base: str) -> str:
    """The page's own Markdown, which is taken in its place if it is there and says the same (see
    `documents.settle`); the page itself if it names none that may be asked.
    """
    twin = markup.twin_of(tree, base, page.headers.get("link", ""))
    if not twin or site_of(twin) != site_of(page.url):
        return page.url
    return page.url if worker.judge(twin)[1] else twin


def _document(
    worker: Reader, page: Page, parsed: _Parsed, links: list[tuple[str, str, str]]
) -> Extracted:
    tree, meta = parsed.tree, parsed.meta
    names = markup.names_of(tree)
    generated = main_part.is_generated(tree, meta, names)
    main = main_part.main_of(tree, generated=generated)
    title = markup.title_of(tree, main)
    language = language_of(tree, main, meta, (page.headers.get("content-language", ""), page.url))
    modified = modified_of(tree, meta, page.headers.get("last-modified", ""), names)
    licence = licence_of(tree, meta, parsed.text, names) or worker.rules.licence_of(page.url)
    shell = main_text.is_shell(tree)
    asks_who = tree.find(".//input[@type='password']") is not None
    checked = not int(id_of(parsed.canonical), 16) % CHECKED
    method, text, agreement = main_text.read(
        parsed.text,
        tree,
        main,
        meta,
        url=page.url,
        title=title,
        checked=checked,
        generated=generated,
        names=names,
    )
    text = text.strip()
    if shell and len(text) < SHELL_CHARACTERS:
        return Extracted(reason="needs_javascript", links=links)
    if not text:
        leads_on = bool(markup.refresh_of(meta, page.url))
        filled = main_text.is_empty_but_scripted(markup.parse(parsed.text))
        reason = "meta_refresh" if leads_on else "needs_javascript" if filled else "no_text"
        return Extracted(reason=reason, links=links)
    if asks_who and len(text) < SHELL_CHARACTERS:
        return Extracted(reason="login", links=links)
    if _is_not_found(title, len(text)):
        return Extracted(reason="soft_404", detail=title[:100], links=links)
    document = record(
        page,
        parsed.canonical,
        title=title,
        text=text + "\n",
        language=language,
        licence=licence,
        modified=modified,
    )
    return Extracted(document=document, method=method, agreement=agreement, links=links)


def _is_not_found(title: str, characters: int) -> bool:
    """An error page that answered 200: short and about what is missing, or longer (a search form, a
    list of popular pages) under a title that says nothing else.
    """
    if characters < SOFT_404_CHARACTERS:
        return bool(_NOT_FOUND.search(title))
    return characters < LONG_404_CHARACTERS and bool(_ONLY_NOT_FOUND.match(title))


def read_sitemap(page: Page) -> Extracted:
    """The addresses in a sitemap or an index of sitemaps; see `sitemap.read`."""
    worker = _state()
    with _deadline(worker.config.page_seconds):
        try:
            return sitemap.read(page, worker.judge)
        except (etree.LxmlError, ValueError, OSError, EOFError, zlib.error, MemoryError) as error:
            return Extracted(
                reason="sitemap_unreadable",
                detail=storable(f"{type(error).__name__}: {error}"[:200]),
            )
