"""One parsed page: its links, its directives and its title."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lxml import etree, html

from secarch.harvest.sources.urls import resolve

_PARSER = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
# One class for all elements: lxml.html's own lookup asks Python for each element that is touched.
_PARSER.set_element_class_lookup(
    etree.ElementDefaultClassLookup(
        element=html.HtmlElement,
        comment=html.HtmlComment,
        pi=html.HtmlProcessingInstruction,
        entity=html.HtmlEntity,
    )
)

# libxml2 walks to the attributes of a name several times faster than it asks each element for one,
# so expressions here and elsewhere begin at the attribute and go up to its element.
_ANCHORS = etree.XPath("//a | //area")
"""In all of a broken page, which may have a second root that is not below the first."""
_TIPS = etree.XPath("//@role[. = 'tooltip']/.. | //devsite-feature-tooltip")
"""Text that appears over other text, such as over a title."""
_PHRASES = frozenset(
    {
        *("a", "abbr", "b", "br", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark"),
        *("q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var"),
    }
)
_LENGTH = etree.XPath("string-length(normalize-space())")
_CLASSES = etree.XPath("descendant-or-self::*/@class", smart_strings=False)
_IDS = etree.XPath("descendant-or-self::*/@id", smart_strings=False)
_BASE = etree.XPath("//base/@href", smart_strings=False)
_REFRESH = re.compile(
    r"\s*(?:[\d.]++\s*[;,]?\s*(?:url\s*=\s*)?+|[;,]?\s*url\s*=\s*)(.+)", re.IGNORECASE
)
"""`url=` may be missing (HTML, shared declarative refresh steps)."""
_WAYS_ON = etree.XPath(
    "//frame/@src | //link[contains(concat(' ', translate(@rel, 'NEXT', 'next'), ' '), ' next ')]"
    "/@href",
    smart_strings=False,
)
"""Pages that a frameset shows, and the next part of a divided page."""
_LINK_HEADER = re.compile(r"<([^<>]*)>[^,<]*?;\s*rel\s*=\s*(\"[^\"]*\"|[^\s;,]+)", re.IGNORECASE)
_MARKDOWN_TYPES = frozenset({"text/markdown", "text/x-markdown"})
_MARKDOWN_HEADER = re.compile(
    r"<([^<>]*)>(?=[^,<]*;\s*rel\s*=\s*\"?alternate)[^,<]*;\s*type\s*=\s*\"?text/(?:x-)?markdown",
    re.IGNORECASE,
)
_MARKDOWN_LINK = re.compile(
    r"(?<!!)\[[^\]\n]{0,300}\]\(\s*<?([^\s()<>]+(?:\([^\s()]*\))?)"
    r"|^ {0,3}\[[^\]\n]{1,200}\]:\s*<?([^\s<>]+)"
    r"|<(https?://[^\s<>]+)>"
    r"|<a\s[^<>]{0,200}?\bhref\s*=\s*[\"']?([^\s\"'<>]+)"
    r"|(?<![(<\[\w\"'=])(https?://[^\s<>()\[\]\"'`]+[^\s<>()\[\]\"'`.,;:!?])",
    re.MULTILINE,
)
FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml"})
MOST_FEEDS = 5
"""Feeds of one page that are read: a site may name one for each of its categories."""
_FENCED = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def parse(text: str) -> html.HtmlElement:
    """Parse a page's text, however broken.

    Raises lxml.etree.ParserError if there is nothing in it.
    """
    tree = html.document_fromstring(
        text.replace("\x00", "").encode("utf-8", "replace"), parser=_PARSER
    )
    for tip in _TIPS(tree):
        tip.drop_tree()
    if "<p></p>" in text or "<p/>" in text or "<p />" in text:
        _fill_paragraphs(tree)
    return tree


def _fill_paragraphs(tree: html.HtmlElement) -> None:
    """Text behind an empty paragraph is that paragraph: some wikis write `<p></p>` between them."""
    for paragraph in [p for p in tree.iter("p") if not len(p) and not p.text and p.tail]:
        paragraph.text, paragraph.tail = paragraph.tail, None
        after = paragraph.getnext()
        while after is not None and after.tag in _PHRASES:
            paragraph.append(after)  # with the text behind it
            after = paragraph.getnext()


def base_of(tree: html.HtmlElement, url: str) -> str:
    """The address that relative links are relative to."""
    found = _BASE(tree)
    return (resolve(url, found[0]) or url) if found else url


def links_of(tree: html.HtmlElement, *, follow_nofollow: bool) -> list[str]:
    """Addresses as the page writes them, in its order; those marked rel=nofollow where asked
    for.
    """
    found = [
        href
        for element in _ANCHORS(tree)
        if (href := element.get("href")) is not None
        and (follow_nofollow or "nofollow" not in (element.get("rel") or "").lower())
    ]
    return [*found, *_WAYS_ON(tree)]


def header_links(value: str) -> list[str]:
    """Targets with `rel=next` of a Link header (RFC 8288); several fields are lines."""
    return [
        match[1]
        for match in _LINK_HEADER.finditer(value)
        if "next" in match[2].lower().replace('"', " ").split()
    ]


def markdown_links(text: str) -> list[str]:
    """The link targets of a Markdown text as written: inline, reference and automatic links, and
    those of HTML within it; not those of its code.
    """
    prose = _FENCED.sub("", text)
    return [next(filter(None, match.groups())) for match in _MARKDOWN_LINK.finditer(prose)]


def meta_of(
    tree: html.HtmlElement, headers: Mapping[str, str] = MappingProxyType({})
) -> dict[str, list[str]]:
    """Contents of the meta elements by lower-case name or property, with the Refresh header among
    them.
    """
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = (
            element.get("name") or element.get("property") or element.get("http-equiv") or ""
        ).lower()
        if name:
            found.setdefault(name, []).append(element.get("content") or "")
    if moved := headers.get("refresh"):
        found.setdefault("refresh", []).append(moved)
    return found


def refresh_of(meta: dict[str, list[str]], base: str) -> str:
    """Where a `<meta http-equiv="refresh">` leads to, in normal form, or ''."""
    for content in meta.get("refresh", ()):
        found = _REFRESH.match(content)
        if found and (target := resolve(base, found[1].strip().strip("'\""))):
            return target if target != base else ""
    return ""


def canonical_of(tree: html.HtmlElement, base: str) -> str:
    """The canonical address that the page declares, in normal form, or ''."""
    for element in tree.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            return resolve(base, element.get("href") or "")
    return ""


def feeds_of(tree: html.HtmlElement, base: str) -> list[str]:
    """The feeds that the page names as its own (RSS and Atom autodiscovery), in normal form."""
    found = []
    for element in tree.iter("link"):
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        if kind in FEED_TYPES and "alternate" in (element.get("rel") or "").lower().split():
            found.append(resolve(base, element.get("href") or ""))
    return [url for url in dict.fromkeys(found) if url][:MOST_FEEDS]


def twin_of(tree: html.HtmlElement, base: str, header: str) -> str:
    """The page's own Markdown (`rel="alternate"` of type text/markdown, in a link element or a Link
    header), in normal form, or ''.
    """
    for element in tree.iter("link"):
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        if kind in _MARKDOWN_TYPES and "alternate" in (element.get("rel") or "").lower().split():
            return resolve(base, element.get("href") or "")
    found = _MARKDOWN_HEADER.search(header)
    return resolve(base, found[1]) if found else ""


def classes_of(element: html.HtmlElement) -> str:
    """The classes at and below an element, each once between spaces: what is not in them need not
    be searched for by an expression that reads every element.
    """
    return f" {' '.join({name for names in set(_CLASSES(element)) for name in names.split()})} "


@dataclass(frozen=True, slots=True)
class Names:
    """The classes and ids of a page, which several steps ask for."""

    classes: str
    ids: frozenset[str]

    def split(self) -> list[str]:
        """Each of them, alone."""
        return [*self.classes.split(), *" ".join(self.ids).split()]


def names_of(tree: html.HtmlElement) -> Names:
    """What the elements of a page are called."""
    return Names(classes_of(tree), frozenset(ids_of(tree)))


def ids_of(element: html.HtmlElement) -> set[str]:
    """The ids at and below an element."""
    return set(_IDS(element))


def characters(element: html.HtmlElement) -> int:
    """Characters of text below an element, white space folded."""
    return int(_LENGTH(element))


def has_class(element: html.HtmlElement, name: str) -> bool:
    """Whether the element has this class."""
    return name in (element.get("class") or "").split()


def title_of(tree: html.HtmlElement, main: html.HtmlElement | None) -> str:
    """The first heading of the documentation, else the page's title."""
    for element in (
        [] if main is None else main.iter("h1"),
        tree.iterfind(".//title"),
        tree.iter("h1"),
    ):
        for found in element:
            text = re.sub(r"[\s\u200b\ufeff]+", " ", found.text_content()).strip(" ¶#§")
            if text:
                return text
    return ""
