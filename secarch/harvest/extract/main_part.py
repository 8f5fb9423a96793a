"""Which part of a page is its text: the subtree that a page marks, if it is worth its name."""

from __future__ import annotations

import functools

from lxml import etree, html

from secarch.harvest.extract.markup import HEADINGS, Names, characters, classes_of, ids_of

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
    "mdx-content",
    "sl-markdown-content",
    "vp-doc",
    "theme-default-content",
)
"""Classes in which documentation generators put a page's text if they set no landmark."""
GENERATOR_IDS = ("main-col-body", "main-content", "page-content", "article-body", "content-main")
GENERATOR_NAMES = (
    "sphinx",
    "docutils",
    "mkdocs",
    "docusaurus",
    "docbook",
    "antora",
    "asciidoctor",
    "vitepress",
    "vuepress",
    "starlight",
    "gitbook",
    "doxygen",
    "mdbook",
    "rustdoc",
    "javadoc",
    "pdoc",
    "docfx",
    "latex2html",
    "pandoc",
    "texinfo",
    "mintlify",
    "rspress",
    "retype",
    "zensical",
)
"""What documentation generators write into `<meta name="generator">`."""


def _has_class(name: str) -> str:
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


_LANDMARKS = etree.XPath("//main | //@role[. = 'main']/..")
_ARTICLES = etree.XPath("descendant-or-self::article")
_BARS = etree.XPath(
    f"boolean(//div[{_has_class('navheader')}] | //div[{_has_class('sphinxsidebar')}]"
    f" | //div[@role='main' and {_has_class('body')}])"
)
"""DocBook's bars of navigation, Sphinx's sidebar and its text."""
_PROSE = etree.XPath(
    ".//p | .//pre | .//li | .//dd | .//td[not(.//p or .//pre or .//li or .//table or "
    ".//div[br])]"
    " | .//div[br and not(.//p or .//div or .//ul or .//table)]"
)
_STRUCTURE = etree.XPath(
    "boolean(.//pre | .//table[.//th]"
    " | .//dl[count(dt) > 2 and string-length(normalize-space()) > 60 * count(dt)])"
)
"""A list of terms with sentences; short ones are an article's date, author and place."""
MIN_CHARACTERS = 200
_FRAMES = frozenset({"div", "section", "article"})
_NAMELESS = frozenset({"p", "ul", "ol", "li", "blockquote", "dl", "dt", "dd"})
_TEXT_TAGS = frozenset(
    {
        *_NAMELESS,
        *HEADINGS,
        *("a", "abbr", "b", "br", "cite", "code", "del", "em", "hr", "i", "ins", "kbd", "mark"),
        *("pre", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var", "wbr"),
    }
)
LEAST_PARAGRAPHS = 2
_SHARE_OF_LINKS = 0.25
_SHARE_OF_ARTICLE = 0.5
_SHARE_OF_SECOND = 0.3
"""Of the largest article: one that is larger belongs to the text as well."""
_SHARE_OF_CONTAINER = 0.85
_SHARE_OF_BLOCK = 0.6
_SHARE_OF_PROSE = 0.5
"""Of the page's prose that a marked part must hold to be believed."""


def has_structure(main: html.HtmlElement) -> bool:
    """Whether a main part has the structure of documentation: code, tables with heads, definition
    lists.
    """
    return bool(_STRUCTURE(main))


def is_generated(tree: html.HtmlElement, meta: dict[str, list[str]], names: Names) -> bool:
    """Whether a documentation generator wrote the page, by its name or its marks."""
    stated = " ".join(meta.get("generator", ())).lower()
    if any(name in stated for name in GENERATOR_NAMES):
        return True
    classes = names.classes
    if any(f" {name} " in classes for name in GENERATORS) or "main-col-body" in names.ids:
        return True
    bars = any(f" {name} " in classes for name in ("navheader", "sphinxsidebar", "body"))
    return bars and bool(_BARS(tree))


def main_of(tree: html.HtmlElement, *, generated: bool = False) -> html.HtmlElement | None:
    """The subtree with the text, if the page marks one that is worth its name.

    A landmark first; within it the one article that holds most of it; else a generator's container.
    What holds less than half of the page's prose, such as a reader's comment in an article of its
    own, is not believed, unless a documentation generator wrote the page.
    """
    prose = {} if generated else _prose_of(tree)
    for find in (_LANDMARKS, _ARTICLES, _containers):
        sizes = [(characters(element), element) for element in find(tree)]
        if sizes:
            size, best = max(sizes, key=lambda pair: pair[0])
            if find is _LANDMARKS:
                size, best = _together(sizes, size, best)
            held = prose.get(best, 0) >= _SHARE_OF_PROSE * max(prose.values(), default=0)
            if held and (size >= MIN_CHARACTERS or size * 3 >= _paragraphs(tree)):
                return _container_in(_article_in(best, size))
    return None


def _container_in(element: html.HtmlElement) -> html.HtmlElement:
    """The one container of a generator that holds nearly all of a marked part."""
    inside = [e for e in _containers(element) if element in e.iterancestors()]
    outer = [e for e in inside if not any(other in e.iterancestors() for other in inside)]
    if len(outer) != 1 or characters(outer[0]) < _SHARE_OF_CONTAINER * characters(element):
        return element
    return outer[0]


def _containers(element: html.HtmlElement) -> list[html.HtmlElement]:
    """The containers of generators at and below an element, in the page's order."""
    classes, ids = classes_of(element), ids_of(element)
    found = [f"self::*[@id='{name}']" for name in GENERATOR_IDS if name in ids]
    found += [f"self::*[{_has_class(name)}]" for name in GENERATORS if f" {name} " in classes]
    if " navheader " in classes:  # DocBook: the page between its two bars of navigation
        found.append(f"div[{_has_class('navheader')}]")
    return list(_search(" or ".join(found))(element)) if found else []


@functools.cache
def _search(condition: str) -> etree.XPath:
    return etree.XPath(f"descendant-or-self::*[{condition}]")


def _together(
    sizes: list[tuple[int, html.HtmlElement]], size: int, best: html.HtmlElement
) -> tuple[int, html.HtmlElement]:
    """What holds all landmarks of like size, for a page that has its text in several."""
    alike = [e for n, e in sizes if n >= _SHARE_OF_SECOND * size and e is not best]
    alike = [e for e in alike if best not in e.iterancestors() and e not in best.iterancestors()]
    for above in best.iterancestors() if alike else ():
        inside = set(above.iter(*{e.tag for e in alike}))
        if inside.issuperset(alike):
            return characters(above), above
    return size, best


def _paragraphs(tree: html.HtmlElement) -> int:
    return sum(characters(p) for p in tree.iterfind(".//p"))


def _article_in(element: html.HtmlElement, size: int) -> html.HtmlElement:
    """The article that is the text, unless there are several of like size."""
    articles = [(characters(a), a) for a in _ARTICLES(element) if a is not element]
    ordered = sorted(articles, key=lambda pair: -pair[0])
    if not ordered or ordered[0][0] < _SHARE_OF_ARTICLE * size:
        return element
    length, best = ordered[0]
    apart = [n for n, other in ordered[1:] if best not in other.iterancestors()]
    return element if apart and apart[0] >= _SHARE_OF_SECOND * length else best


def has_parts(element: html.HtmlElement) -> bool:
    """Whether the text is in several articles of like size, so that none of them is the text."""
    sizes = sorted(
        (
            characters(a)
            for a in _ARTICLES(element)
            if a is not element and not any(up.tag == "article" for up in a.iterancestors())
        ),
        reverse=True,
    )
    return len(sizes) > 1 and sizes[1] >= _SHARE_OF_SECOND * sizes[0]


def _prose_of(tree: html.HtmlElement) -> dict[html.HtmlElement, int]:
    """Characters of prose below each element; text within links does not count, so that a
    navigation never has much of it.
    """
    weights: dict[html.HtmlElement, int] = {}
    below: dict[html.HtmlElement, int] = {}
    for block in _PROSE(tree):
        if _is_link_alone(block):
            continue  # most items of a navigation
        linked = sum(characters(a) for a in block.iter("a"))
        weight = max(0, characters(block) - 2 * linked)
        weights[block] = weights.get(block, 0) + weight
        parent = block.getparent()
        below[parent] = below.get(parent, 0) + weight
    for parent, weight in below.items():  # most blocks share their ancestors
        for ancestor in (parent, *parent.iterancestors()):
            weights[ancestor] = weights.get(ancestor, 0) + weight
    return weights


def _is_link_alone(block: html.HtmlElement) -> bool:
    if len(block) != 1 or block[0].tag != "a" or (block.text and not block.text.isspace()):
        return False
    tail = block[0].tail
    return not tail or tail.isspace()


def is_plain(main: html.HtmlElement) -> bool:
    """Whether a part holds a text and nothing beside it: headings, paragraphs, lists, quotes and
    inline elements in one frame, without a name of their own, few of whose words are links. There
    is nothing that a reader of articles would have to leave out.
    """
    frame = main
    while len(frame) == 1 and frame[0].tag in _FRAMES and not (frame.text or "").strip():
        frame = frame[0]
    paragraphs = 0
    for element in frame.iterdescendants():
        if element.tag not in _TEXT_TAGS:
            return False
        if element.tag in _NAMELESS and (element.get("class") or element.get("id")):
            return False
        paragraphs += element.tag == "p"
    linked = sum(characters(a) for a in frame.iter("a"))
    return paragraphs >= LEAST_PARAGRAPHS and linked <= _SHARE_OF_LINKS * characters(frame)


def prose_in(tree: html.HtmlElement) -> int:
    """Characters of prose of a page, without text within links."""
    most = max(_prose_of(tree).values(), default=0)  # a paragraph of an item counts with both
    return min(most, characters(tree))


def densest_of(tree: html.HtmlElement) -> html.HtmlElement:
    """The deepest element that holds most of the page's prose, for pages that mark no main part."""
    weights = _prose_of(tree)
    body = tree.find("body")
    best = tree if body is None else body
    while weights.get(best):
        heir = max(best, key=lambda child: weights.get(child, 0), default=None)
        titled = best is not body and any(child.tag in HEADINGS for child in best)
        if titled or heir is None or weights.get(heir, 0) < _SHARE_OF_BLOCK * weights[best]:
            break  # what is beside a heading belongs to it
        if heir.tag in {"p", "pre", "li", "dd", "ul", "ol"}:
            break
        best = heir
    return best
