"""Take out of a main part what is not its text, and bring the rest into a form for Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from secarch.harvest.extract.code_blocks import flatten_code, prepare_code
from secarch.harvest.extract.layout_tables import build_tables, unwrap_tables
from secarch.harvest.extract.markup import HEADINGS, characters
from secarch.harvest.extract.noise import (
    drop_cards,
    drop_empty_ends,
    drop_name,
    drop_noise,
    drop_teasers,
)
from secarch.harvest.extract.panels import head_panels, is_panel, show
from secarch.harvest.extract.superscripts import raise_exponents

NO_CONTENT = (
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "footer",
    "button",
    "input",
    "select",
    "textarea",
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
_ROLES = frozenset(
    {"navigation", "search", "banner", "contentinfo", "dialog", "menu", "toolbar", "tablist"}
)
_CLASSES = frozenset(
    {
        "headerlink",
        "permalink",
        "anchor-link",
        "heading-anchor",
        "anchorjs-link",
        "hash-link",
        "heading-link",
        "header-anchor",
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
        "page-metadata",
        "mw-editsection",
        "mw-jump-link",
        "navbox",
        "catlinks",
        "printfooter",
    }
)
_IDS = frozenset(
    {
        *("catlinks", "siteSub", "contentSub", "jump-to-nav", "mw-navigation"),
        *("js_error_message", "main-col-footer"),
    }
)
"""Of MediaWiki and AWS, whose pages have what surrounds their text within the main part."""
_CONTENTS = re.compile(
    r"(?:^|[\s_-])(?:toc|table-?of-?contents|contents-list)(?:-?(?:list|nav|container|box))?(?:$"
    r"|\s)",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"(?:^|[-_ ])(?:comments?(?:-?(?:list|section|area|form|body|respond))?|disqus\w*|respond"
    r"|related(?:-?(?:articles?|posts?|content|links|stories|topics))?|recommend(?:ed|ations?)"
    r"|more-?(?:stories|articles|posts|from)|read-?(?:next|more)|you-?may-?also"
    r"|shar(?:e|ing)(?:-?(?:bar|box|buttons?|icons?|links?|list|on|post|this|tools|via))?"
    r"|social(?:-?(?:bar|buttons?|follow|icons?|links?|list|media|nav|shar\w+))?|newsletter\w*"
    r"|subscri(?:be|ption)|sign-?up"
    r"|(?:post|entry|article)-?(?:meta(?:data)?|info|footer|nav\w*)|byline|reading-?time|prev-?next"
    r"|author-?(?:bio|box|info|card)|about-?(?:the-?)?author|post-?(?:tags|nav\w*|footer)"
    r"|tag-?(?:list|cloud)"
    r"|sidebar|(?<!elementor-)(?<!pb_)widget(?:-?area|s)?|promo\w*|advert\w*|ads?|sponsor\w*"
    r"|banner|cookie\w*|gdpr"
    r"|modal|popup|tooltip|paywall|print-?only|page-?tools|was-?this-?helpful|rating"
    r"|survey)(?:$|[-_ ])",
    re.IGNORECASE,
)
"""Class names and ids of what is beside an article, as site templates call it."""
_BESIDE = frozenset({"side", "aside", "rail", "left-col", "right-col", "side-col", "secondary"})
"""Whole names of the same; as parts of a name they say nothing."""
_LETTER = re.compile(r"\w")
_SIDE_HEADING = re.compile(
    r"(?:related (?:articles?|posts?|stories|content|reading)|(?:\d+ )?comments?(?: \(\d+\))?"
    r"|leave a (?:reply|comment)|share this.*|you (?:may|might) also like|read (?:next|more)"
    r"|more (?:from|stories|articles|posts).*|recommended.*|about the author|newsletter"
    r"|subscribe.*|sign up.*|latest (?:news|posts|articles)|popular posts|tags)\W*",
    re.IGNORECASE,
)
_MARKED = etree.XPath(".//*[@class or @role or @hidden or @aria-hidden or @id or @style]")
_NAMED = etree.XPath(".//*[@class or @id]")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HAS_TEXT = etree.XPath("boolean(.//p | .//pre | .//li | .//table | self::p | self::pre)")
_HIDDEN_TEXT = 40
"""Characters from which something hidden is text in a state, such as a closed accordion, and not an
icon's label."""
_OPENED = re.compile(
    r"(?:accordion|collaps\w*|expan(?:d\w*|sion))(?:[-_]+\w+)*[-_]+(?:content|body|panel|text)",
    re.IGNORECASE,
)
"""What a title opens, by its class: text however short."""
_FORM_TEXT = 200
_UP = re.compile(r"\W*(?:(?:back )?to (?:the )?top|top|permalink|link|anchor|up)\W*", re.IGNORECASE)
"""What a link in a heading says that leads up, or to the heading itself."""
_BAR = re.compile(r"(?:^|[-_])nav(?:bar|igation|-?menu)?(?:$|[-_])", re.IGNORECASE)
_ONLY_LINKS = 0.8
_LINKS_ALONE = 0.5
"""Share of its text within links from which a block is a list of links."""
_LOOSE = ("div", "section", "article", "main", "blockquote", "td")
_LOOSE_TEXT = 20
"""Characters from which text between the children of a block is a paragraph of its own."""
_INLINE = frozenset(
    {
        *("a", "abbr", "b", "bdi", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd"),
        *("label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time"),
        *("tt", "u", "var"),
    }
)


def clean(main: html.HtmlElement, *, article: bool = False) -> None:
    """Prepare the main part for Markdown, in place.

    `article` also takes out what is beside the text of an ordinary page: comments, related
    links, sharing, the author. Documentation keeps its sections whatever they are called.
    """
    for block in main.iter("pre"):
        drop_name(block)
    head_panels(main)
    _unwrap_forms(main)
    build_tables(main)
    unwrap_tables(main, article=article)
    etree.strip_elements(main, *NO_CONTENT, with_tail=False)
    for child in _MARKED(main):
        if _is_outside(child, main) or _is_boilerplate(child, main, article=article):
            _drop(child, main)
    for section in list(main.iter("section", "aside", "div")):
        if _is_side_section(section, main, article=article):
            _drop(section, main)
    drop_noise(main)
    drop_empty_ends(main)
    if article:
        drop_teasers(main)
        drop_cards(main)
        for element in [main, *main.iter(*_LOOSE)]:
            _wrap_text(element)
    prepare_code(main)
    for block in list(main.iter("pre")):
        flatten_code(block)
    for heading in list(main.iter(*HEADINGS)):
        _flatten_heading(heading)
    raise_exponents(main)
    etree.strip_tags(main, "a")  # the text of links stays


def drop_beside(tree: html.HtmlElement) -> None:
    """Take out of a page what its classes and ids call comments, related links or a sidebar, and
    take the names off its own sections, since trafilatura drops what is called `social`.
    """
    body = tree.find("body")
    for element in [] if body is None else _NAMED(body):
        if element.getparent() is None:
            continue
        if _is_boilerplate(element, body, article=True):
            element.drop_tree()
        elif element.tag in {"section", "div"} and _is_section(element, _names_of(element)):
            element.attrib.pop("id", None)
            element.attrib.pop("class", None)


def _drop(element: html.HtmlElement, main: html.HtmlElement) -> None:
    if element is not main and element.getparent() is not None:
        element.drop_tree()


def _is_outside(element: html.HtmlElement, main: html.HtmlElement) -> bool:
    """Navigation, and what is hidden because it is not text; text that a tab or an accordion hides
    stays.
    """
    if element.get("role") in _ROLES:
        return True
    unseen = bool(_UNSEEN.search(element.get("style") or ""))
    if unseen or element.get("hidden") is not None or element.get("aria-hidden") == "true":
        if not _is_state(element):
            return True
        show(element)
    classes = (element.get("class") or "").lower().split()
    # A list of contents goes, unless the page is little else.
    listed = _is_contents(element) and 3 * characters(element) < characters(main)
    listed = listed or _is_bar(element, main)
    named = not _CLASSES.isdisjoint(classes) and not _is_whole_heading(element)
    return listed or named or element.get("id") in _IDS


def _is_whole_heading(element: html.HtmlElement) -> bool:
    """Whether a link to a heading has the heading's words, as in VuePress 2, and no mark alone."""
    above = element.getparent()
    if element.tag != "a" or above is None or above.tag not in HEADINGS:
        return False
    words = " ".join(element.text_content().split())
    return bool(_LETTER.search(words)) and words == " ".join(above.text_content().split())


def _is_bar(element: html.HtmlElement, main: html.HtmlElement) -> bool:
    """A row of links that is called a navigation."""
    named = any(_BAR.search(name) for name in (element.get("class") or "").split())
    small = named and 3 * characters(element) < characters(main)
    return small and _linked(element) > _ONLY_LINKS and element.tag in {"div", "ul", "section"}


def _is_contents(element: html.HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return bool(_CONTENTS.search(names)) and element.tag in {"div", "ul", "ol", "aside", "section"}


def _is_state(element: html.HtmlElement) -> bool:
    if is_panel(element) or any(a.tag == "details" for a in element.iterancestors()):
        return True
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return (
        (characters(element) >= _HIDDEN_TEXT or bool(_OPENED.search(named)))
        and bool(_HAS_TEXT(element))
        and not _BOILERPLATE.search(named)
    )


def _is_boilerplate(element: html.HtmlElement, main: html.HtmlElement, *, article: bool) -> bool:
    if element.tag in HEADINGS or element.tag in {"body", "pre", "code", "span", "a", "td", "th"}:
        return False
    named = _names_of(element) if article else (element.get("class") or "").split()
    if not any(_BOILERPLATE.search(name) or name.lower() in _BESIDE for name in named):
        return False
    share = characters(element) / max(1, characters(main))
    if share > 0.5 or _is_section(element, named):
        return False
    # Documentation writes about comments, tags and sharing; there only an aside or a block without
    # code and tables is believed to be what its class says.
    plain = not any(True for _ in element.iter("pre", "table", *HEADINGS[:2]))
    return article or (plain and (element.tag == "aside" or _linked(element) > _LINKS_ALONE))


def _names_of(element: html.HtmlElement) -> list[str]:
    return [*(element.get("class") or "").split(), element.get("id") or ""]


def _is_section(element: html.HtmlElement, named: list[str]) -> bool:
    """Whether a name is that of the section's own heading, such as `recommendations` or
    `social-engineering` of a text about them.
    """
    heading = next(element.iter(*HEADINGS), None)
    if heading is None or element.tag == "aside" or is_side_heading(heading):
        return False
    slug = "-".join(re.findall(r"[a-z0-9]+", heading.text_content().lower()))
    own = any(slug == name.lower().replace("_", "-") for name in named)
    return own and _linked(element) <= _LINKS_ALONE


def _linked(element: html.HtmlElement) -> float:
    """The share of an element's text that is within links, 0..1."""
    return sum(map(characters, element.iter("a"))) / max(1, characters(element))


def _is_side_section(element: html.HtmlElement, main: html.HtmlElement, *, article: bool) -> bool:
    """A section whose first heading says that it is not the article's, at most a third of it; in
    documentation, which may be about comments and tags, one of links.
    """
    if element is main or element.getparent() is None:
        return False
    first = next((child for child in element if isinstance(child.tag, str)), None)
    if first is None or first.tag not in HEADINGS:
        return False
    small = 3 * characters(element) < characters(main)
    small = small and (article or element.tag == "aside" or _linked(element) > _LINKS_ALONE)
    return small and is_side_heading(first) and not list(element.iter("pre", "table"))


def is_side_heading(heading: html.HtmlElement) -> bool:
    """Whether a heading says that what follows is not the article's."""
    return bool(_SIDE_HEADING.fullmatch(" ".join(heading.text_content().split())))


def _wrap_text(element: html.HtmlElement) -> None:
    """Text that stands loose in a block, with `<br>` for its paragraphs, becomes paragraphs."""
    loose = [element.text or "", *(child.tail or "" for child in element)]
    if sum(len(text.strip()) for text in loose) < _LOOSE_TEXT:
        return
    children, text = list(element), element.text
    for child in children:
        element.remove(child)
    element.text = None
    paragraph: html.HtmlElement | None = None
    after_break = False
    for child in [None, *children]:
        if child is not None:
            text, child.tail = child.tail, None
            if child.tag == "br":
                paragraph = None if after_break else paragraph
                after_break = True
                if paragraph is not None:
                    paragraph.append(child)
            elif child.tag in _INLINE:
                paragraph = _open(element, paragraph)
                paragraph.append(child)
                after_break = False
            else:
                element.append(child)
                paragraph, after_break = None, False
        if text and text.strip():
            paragraph = _open(element, paragraph)
            if (last := next(paragraph.iterchildren(reversed=True), None)) is not None:
                last.tail = text  # to count the children of a long paragraph for each takes long
            else:
                paragraph.text = text
            after_break = False


def _open(element: html.HtmlElement, paragraph: html.HtmlElement | None) -> html.HtmlElement:
    return etree.SubElement(element, "p") if paragraph is None else paragraph


def _unwrap_forms(main: html.HtmlElement) -> None:
    """A form around the text (ASP.NET puts one around every page) is unwrapped; a real one goes."""
    for form in list(main.iter("form")):
        if form is main or form.getparent() is None:
            continue
        text = sum(characters(p) for p in form.iter("p", "pre", "li", *HEADINGS))
        if text >= _FORM_TEXT:
            form.drop_tag()
        else:
            form.drop_tree()


def _flatten_heading(heading: html.HtmlElement) -> None:
    if len(heading):
        for link in list(heading.iter("a")):
            if (link.get("href") or "").startswith("#") and _UP.fullmatch(link.text_content()):
                link.drop_tree()
        text, tail = heading.text_content(), heading.tail
        heading.clear()
        heading.text, heading.tail = text, tail
    heading.text = re.sub(r"[\s\u200b\ufeff]+", " ", heading.text or "").strip(" \u00b6#\u00a7")


_BLOCKS = {"p", "li", "dd", "dt", "blockquote", "figcaption", *HEADINGS}
_WHOLE = {"pre", "table"}


def blocks_of(main: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The innermost blocks of a main part in order: headings, paragraphs, items, code, tables."""
    for element in main.iter():
        if element.tag not in _BLOCKS | _WHOLE:
            continue
        if any(ancestor.tag in _WHOLE for ancestor in _up_to(element, main)):
            continue
        inner = any(child.tag in _BLOCKS | _WHOLE for child in element.iterdescendants())
        if element.tag in _WHOLE or not inner:
            yield element


def _up_to(element: html.HtmlElement, main: html.HtmlElement) -> Iterator[html.HtmlElement]:
    for ancestor in element.iterancestors():
        if ancestor is main:
            return
        yield ancestor
