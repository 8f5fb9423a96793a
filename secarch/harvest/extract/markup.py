"""One parsed page: its links, its directives, and the subtree that holds the documentation."""

from __future__ import annotations

import re

from lxml import etree, html

from secarch.harvest.sources.urls import resolve

_PARSER = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)

GENERATORS = (
    "theme-doc-markdown",
    "md-content__inner",
    "td-content",
    "rst-content",
    "markdown-body",
    "gitbook-markdown",
    "docs-content",
    "devsite-article-body",
    "book-body",
)
"""Classes in which documentation generators put a page's text where they set no landmark."""
GENERATOR_IDS = ("main-col-body", "main-content", "page-content", "article-body", "content-main")


def _has_class(name: str) -> str:
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


_LANDMARKS = etree.XPath("//main | //*[@role='main']")
_ARTICLES = etree.XPath("descendant-or-self::article")
_CONTAINERS = etree.XPath(
    "//*[@id and (" + " or ".join(f"@id='{i}'" for i in GENERATOR_IDS) + ")]"
    " | //*[@class and (" + " or ".join(map(_has_class, GENERATORS)) + ")]"
    " | //div["
    + _has_class("navheader")
    + "]/.."  # DocBook: the page between its two bars of navigation
)
_LINKS = etree.XPath("//*[self::a or self::area]/@href", smart_strings=False)
_FOLLOWED = etree.XPath(
    "//*[self::a or self::area][not(contains(translate(@rel, 'NOFLW', 'noflw'), "
    "'nofollow'))]/@href",
    smart_strings=False,
)
_LENGTH = etree.XPath("string-length(normalize-space())")
_BASE = etree.XPath("//base/@href", smart_strings=False)
_MARKED = etree.XPath(".//*[@class or @role or @hidden or @aria-hidden]")

NO_CONTENT = (
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "footer",
    "form",
    "button",
    "input",
    "select",
    "svg",
    "canvas",
    "iframe",
    "object",
    "dialog",
    "video",
    "audio",
    "img",
    "picture",
)
_NO_CONTENT_ROLES = frozenset(
    {"navigation", "search", "banner", "contentinfo", "dialog", "menu", "toolbar"}
)
_NO_CONTENT_CLASSES = frozenset(
    {
        "headerlink",
        "permalink",
        "anchor-link",
        "heading-anchor",
        "anchorjs-link",
        "hash-link",
        "heading-link",
        "sr-only",
        "visually-hidden",
        "breadcrumb",
        "breadcrumbs",
        "pagination",
        "pagination-nav",
        "prevnext",
        "pager",
        "edit-this-page",
        "feedback",
        "page-feedback",
        "copybtn",
        "copy-button",
        "cookie",
        "skip-link",
        "linenos",
        "navheader",
        "navfooter",
        "sphinxsidebar",
        "related-pages",
        "md-source-file",
        "td-page-meta",
    }
)
_CONTENTS = frozenset({"toc", "table-of-contents", "contents-list"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LANGUAGE_CLASS = re.compile(
    r"(?:language|lang|highlight-source|highlight|brush)[-:]\s*([A-Za-z0-9+#_-]+)"
)
MIN_CHARACTERS = 200
_SHARE_OF_ARTICLE = 0.5


def parse(text: str) -> html.HtmlElement:
    """Parse a page's text, however broken.

    Raises lxml.etree.ParserError where there is nothing in it.
    """
    return html.document_fromstring(
        text.replace("\x00", "").encode("utf-8", "replace"), parser=_PARSER
    )


def base_of(tree: html.HtmlElement, url: str) -> str:
    """The address that relative links are relative to."""
    found = _BASE(tree)
    return (resolve(url, found[0]) or url) if found else url


def links_of(tree: html.HtmlElement, *, follow_nofollow: bool) -> list[str]:
    """Addresses as the page writes them, in its order; those marked rel=nofollow where asked
    for.
    """
    found: list[str] = (_LINKS if follow_nofollow else _FOLLOWED)(tree)
    return found


def meta_of(tree: html.HtmlElement) -> dict[str, list[str]]:
    """Contents of the meta elements by lower-case name or property."""
    found: dict[str, list[str]] = {}
    for element in tree.iterfind(".//meta"):
        name = (
            element.get("name") or element.get("property") or element.get("http-equiv") or ""
        ).lower()
        if name:
            found.setdefault(name, []).append(element.get("content") or "")
    return found


def canonical_of(tree: html.HtmlElement, base: str) -> str:
    """The canonical address that the page declares, in normal form, or ''."""
    for element in tree.iterfind(".//link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            return resolve(base, element.get("href") or "")
    return ""


def characters(element: html.HtmlElement) -> int:
    """Characters of text below an element, white space folded."""
    return int(_LENGTH(element))


def main_of(tree: html.HtmlElement) -> html.HtmlElement | None:
    """The subtree with the documentation, where the page marks one that is worth its name.

    A landmark first; within it the one article that holds most of it; else a generator's container.
    """
    for find in (_LANDMARKS, _ARTICLES, _CONTAINERS):
        sizes = [(characters(element), element) for element in find(tree)]
        if sizes:
            size, best = max(sizes, key=lambda pair: pair[0])
            if size >= MIN_CHARACTERS or size * 3 >= sum(
                characters(p) for p in tree.iterfind(".//p")
            ):
                return _article_in(best, size)
    return None


def _article_in(element: html.HtmlElement, size: int) -> html.HtmlElement:
    articles = [(characters(a), a) for a in _ARTICLES(element) if a is not element]
    length, best = max(articles, key=lambda pair: pair[0], default=(0, element))
    return best if length >= _SHARE_OF_ARTICLE * size else element


_PROSE = etree.XPath(
    ".//p | .//pre | .//li | .//dd | .//td[not(.//p or .//pre or .//li or .//table)]"
)
_SHARE_OF_BLOCK = 0.6


def densest_of(tree: html.HtmlElement) -> html.HtmlElement:
    """The deepest element that holds most of the page's prose, for pages that mark no main part.

    Text within links does not count as prose, so that a navigation is never the winner.
    """
    weights: dict[html.HtmlElement, int] = {}
    for block in _PROSE(tree):
        linked = sum(characters(a) for a in block.iter("a"))
        weight = max(0, characters(block) - 2 * linked)
        for ancestor in block.iterancestors():
            weights[ancestor] = weights.get(ancestor, 0) + weight
    body = tree.find("body")
    best = tree if body is None else body
    while weights.get(best):
        heir = max(best, key=lambda child: weights.get(child, 0), default=None)
        titled = best is not body and any(child.tag in _HEADINGS for child in best)
        if titled or heir is None or weights.get(heir, 0) < _SHARE_OF_BLOCK * weights[best]:
            break  # what stands beside a heading belongs to it
        best = heir
    return best


def headings_of(element: html.HtmlElement) -> list[str]:
    """The texts of the section headings below an element, white space folded."""
    texts = (
        re.sub(r"\s+", " ", h.text_content()).strip(" ¶#§")
        for h in element.iter("h1", "h2", "h3", "h4")
    )
    return [text for text in texts if text]


def code_of(element: html.HtmlElement) -> list[str]:
    """The lines of the code blocks below an element, blank ones left out."""
    return [
        line.rstrip()
        for block in element.iter("pre")
        for line in block.text_content().split("\n")
        if line.strip()
    ]


def clean(element: html.HtmlElement) -> None:
    """Take out, in place, what is no documentation, and flatten code and headings to their text."""
    etree.strip_elements(element, *NO_CONTENT, with_tail=False)
    for child in _MARKED(element):
        if _is_chrome(child, element) and child.getparent() is not None:
            child.drop_tree()
    for block in element.iter("pre"):
        flatten_code(block)
    for heading in list(element.iter(*_HEADINGS)):
        _flatten_heading(heading)
    etree.strip_tags(element, "a")  # the text of links stays


def _is_chrome(element: html.HtmlElement, main: html.HtmlElement) -> bool:
    if (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or element.get("role") in _NO_CONTENT_ROLES
    ):
        return True
    classes = (element.get("class") or "").lower().split()
    # A list of contents goes, unless the page is little else.
    listed = not _CONTENTS.isdisjoint(classes) and 3 * characters(element) < characters(main)
    return listed or not _NO_CONTENT_CLASSES.isdisjoint(classes)


def flatten_code(block: html.HtmlElement) -> None:
    """Reduce a code block to its text: inline markup within a code block breaks its fence and its
    indentation.
    """
    marks = [block, *block.iterfind(".//code"), *block.iterancestors()][:4]
    language = next(
        (m[1] for mark in marks if (m := _LANGUAGE_CLASS.search(mark.get("class") or ""))), ""
    )
    for line_break in list(block.iter("br")):
        line_break.tail = "\n" + (line_break.tail or "")
    text, tail = block.text_content(), block.tail
    block.clear()
    block.tail = tail
    code = etree.SubElement(block, "code")
    code.text = text
    if language and language not in {"none", "text", "plaintext", "default"}:
        code.set("class", f"language-{language}")


def _flatten_heading(heading: html.HtmlElement) -> None:
    if len(heading):
        text, tail = heading.text_content(), heading.tail
        heading.clear()
        heading.text, heading.tail = text, tail
    heading.text = re.sub(r"\s+", " ", heading.text or "").strip(" ¶#§")


def title_of(tree: html.HtmlElement, main: html.HtmlElement | None) -> str:
    """The first heading of the documentation, else the page's title."""
    for element in (
        [] if main is None else main.iter("h1"),
        tree.iterfind(".//title"),
        tree.iter("h1"),
    ):
        for found in element:
            text = re.sub(r"\s+", " ", found.text_content()).strip(" ¶#§")
            if text:
                return text
    return ""
