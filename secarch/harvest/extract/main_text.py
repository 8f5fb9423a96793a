"""The text of a page as Markdown, by one procedure for documentation and for articles.

Documentation lives in its headings, code and tables, so the part that a page marks goes through
html-to-markdown whole. Of any other page trafilatura (fast, favouring recall) says which blocks are
the article's, and those are written with the same structure; what it does not read well is read by
structure alone.
"""

from __future__ import annotations

import copy
import re
from collections import Counter

import html_to_markdown
import trafilatura
from lxml import etree, html

from secarch.harvest.extract import main_part, markup, threads
from secarch.harvest.extract.clean import blocks_of, clean, drop_beside, is_side_heading
from secarch.harvest.extract.code_blocks import flatten_code
from secarch.harvest.extract.markup import HEADINGS
from secarch.harvest.extract.panels import SHOWN

_WORD = re.compile(r"\w+")
_OPTIONS = html_to_markdown.ConversionOptions(
    extract_metadata=False,
    skip_images=True,
    autolinks=False,
    compact_tables=True,
    bullets="-",
    # Its own defaults, given as members, since it looks each of its names up at every call.
    heading_style=html_to_markdown.HeadingStyle.ATX,
    list_indent_type=html_to_markdown.ListIndentType.SPACES,
    highlight_style=html_to_markdown.HighlightStyle.DOUBLE_EQUAL,
    whitespace_mode=html_to_markdown.WhitespaceMode.NORMALIZED,
    newline_style=html_to_markdown.NewlineStyle.SPACES,
    code_block_style=html_to_markdown.CodeBlockStyle.BACKTICKS,
    inline_data_media=html_to_markdown.InlineDataMedia.KEEP,
    hidden_content=html_to_markdown.HiddenContent.DROP,
    url_escape_style=html_to_markdown.UrlEscapeStyle.ANGLE,
    link_style=html_to_markdown.LinkStyle.INLINE,
    output_format=html_to_markdown.OutputFormat.MARKDOWN,
    tier_strategy=html_to_markdown.TierStrategy.AUTO,
)
_RAISED = re.compile(r"(?<=\w)<sup>(\w{1,6})</sup>")
_FOOTNOTE = re.compile(r"(?<=[A-Za-z]{4})<sup>\d{1,3}</sup>|<sup>\\?\[[^<]{1,6}\]</sup>")
_TAGS = re.compile(r"</?(?:sub|sup|u|mark|del|kbd|small)>")
"""Elements that trafilatura writes as they are."""
_ROOTS = ("root", "app", "__next", "__nuxt", "___gatsby", "main-app", "react-root", "ember-app")
_SHELL_TEXT = 200
"""Characters of text below which a page may be a shell."""
_ASKS = re.compile(
    r"(?:enable|requires?|needs?|turn on|without|activate)\b.{0,40}\bjavascript"
    r"|javascript\b.{0,40}\b(?:required|disabled|enabled|not supported)"
    r"|^\W*(?:loading|please wait|just a moment|one moment|checking your browser)\b.{0,80}$",
    re.IGNORECASE | re.DOTALL,
)
_PREFIX = 80
"""Characters of a block that are looked for in what trafilatura found."""
_TOGETHER = frozenset({"p", "li", "dd", "dt"})
"""Blocks that are kept if their like beside them are."""
_WITHIN = frozenset({"p", "li", "dd", "dt", "td", "th", "pre", "table", "blockquote", *HEADINGS})
_LOOSE = 60
_NOTE = re.compile(
    r"(?:^|[\s_-])(?:warning|caution|danger|important|admonition|callout|notice|note|hint)"
    r"(?:-?(?:message|box|block))?(?:$|[\s_-])",
    re.IGNORECASE,
)
_FACT = re.compile(
    r"\W*(?:severity|cvss|cve|cwe|affected|fixed|patched|vulnerable|impact|mitigation|workaround"
    r"|products?|versions?|vector|attack)\b",
    re.IGNORECASE,
)
_POOR = 0.6
"""Share of a part's words below which trafilatura's quick way is taken to have missed the text."""
_LEAST_KEPT = 0.8
"""Share of trafilatura's words that the kept blocks must have to be believed."""
_NEARLY_ALL = 0.9


def read(
    source: str,
    tree: html.HtmlElement,
    main: html.HtmlElement | None,
    meta: dict[str, list[str]],
    *,
    url: str,
    title: str,
    checked: bool,
    generated: bool,
    names: markup.Names,
) -> tuple[str, str, float | None]:
    """How the text was found (`main`, `article`, `thread`, `densest`, `trafilatura`), as Markdown,
    and the word F1 (0..1) of two ways of reading if both were gone.

    Changes the tree. `checked` asks for the second way for a page that would not need it.
    """
    thread = threads.posts_of(tree, meta, names)
    if main is not None and not thread and (generated or main_part.has_structure(main)):
        outside = _title_outside(tree, main, title)
        untouched = _copied(tree) if checked else None
        clean(main, article=not generated)
        text = outside + as_markdown(main)
        if untouched is None:
            return "main", text, None
        return "main", text, agreement(text, _by_trafilatura(untouched, url))
    thread = thread or threads.posts_by_structure(tree, names)
    if thread:
        return "thread", _of_thread(tree, thread, title), None
    return _of_any(source, tree, main, url=url, title=title, checked=checked, generated=generated)


def _of_any(
    source: str,
    tree: html.HtmlElement,
    main: html.HtmlElement | None,
    *,
    url: str,
    title: str,
    checked: bool,
    generated: bool,
) -> tuple[str, str, float | None]:
    """A page that is neither documentation with its marks nor a thread; see `read`."""
    root = main_part.densest_of(tree) if main is None else main
    outside = _title_outside(tree, root, title)
    parts = main is not None and main_part.has_parts(main)
    plain = main is not None and not checked and main_part.is_plain(main)
    untouched = None if plain else _copied(tree)
    clean(root, article=True)
    whole = (outside + as_markdown(root)).strip()
    if untouched is None:
        return "main", whole, None
    drop_beside(untouched)
    found = _by_trafilatura(untouched, url).strip()
    if len(_WORD.findall(found)) < _POOR * len(_WORD.findall(whole)):
        slow = _by_trafilatura(_without_beside(source), url, quick=False).strip()
        found = max(found, slow, key=len)
    missed = parts and len(_WORD.findall(found)) < _POOR * len(_WORD.findall(whole))
    if not found or missed:
        return ("densest" if main is None else "main"), whole, None
    if main is None and (generated or main_part.has_structure(root)):
        return "densest", whole, agreement(whole, found)
    method, text = _of_article(root, outside, found, len(_WORD.findall(whole)))
    return method, text, agreement(found, whole)


def _copied(tree: html.HtmlElement) -> html.HtmlElement:
    """A page's tree for a second way of reading, in a third of the time that parsing takes."""
    return copy.deepcopy(tree.getroottree()).getroot()


def _without_beside(source: str) -> html.HtmlElement:
    tree = markup.parse(source)
    drop_beside(tree)
    return tree


def _of_thread(tree: html.HtmlElement, posts: list[html.HtmlElement], title: str) -> str:
    """The posts of a thread one after another, below its title."""
    top = next((h for h in tree.iter("h1", "h2") if h.text_content().strip()), None)
    name = title if top is None else " ".join(top.text_content().split())
    parts = [f"# {name}"] if name else []
    for post in posts:
        threads.drop_signatures(post)
        clean(post)
        parts.append(as_markdown(post).strip())
    return "\n\n".join(filter(None, parts))


def _of_article(root: html.HtmlElement, title: str, found: str, whole: int) -> tuple[str, str]:
    """The blocks of `root` that trafilatura took too, with the headings, code and tables among
    them; what trafilatura wrote if the two hardly agree. `whole` is the number of words of `root`:
    if nearly all of them were kept, what trafilatura has beyond is from beside the text.
    """
    words = _squeezed(found)
    blocks = list(blocks_of(root))
    kept = [_is_in(block, words) for block in blocks]
    texts = [at for at, keep in enumerate(kept) if keep and blocks[at].tag not in HEADINGS]
    if not texts:
        return "trafilatura", found
    _keep_companions(blocks, kept, texts)
    for block, keep in zip(blocks, kept, strict=True):
        if not keep and block.getparent() is not None:
            block.drop_tree()
    _drop_loose(root, words)
    text = (title + as_markdown(root)).strip()
    length = len(_WORD.findall(text))
    share = length / max(1, len(_WORD.findall(found)))
    entire = length >= _NEARLY_ALL * whole and share >= _POOR
    return ("article", text) if share >= _LEAST_KEPT or entire else ("trafilatura", found)


def _keep_companions(blocks: list[html.HtmlElement], kept: list[bool], texts: list[int]) -> None:
    """Keep what belongs to the kept blocks: short paragraphs and repeated ones, which trafilatura
    drops, the other items of a kept list, code and tables between kept text, and headings.
    """
    first, last = texts[0], texts[-1]
    parents = {blocks[at].getparent() for at in texts if blocks[at].tag in _TOGETHER}
    for at, block in enumerate(blocks):
        if at > first and any(a.get(SHOWN) is not None for a in block.iterancestors()):
            kept[at] = True  # the reader opens it; a program that reads drops it
        together = block.tag in _TOGETHER and block.getparent() in parents
        if together and (block.tag != "p" or _is_sentence(block)):
            kept[at] = True
        kept[at] = kept[at] or _is_fact(block)
        if not kept[at] and first <= at <= last:
            whole = block.tag in {"pre", "table"}
            kept[at] = whole or any(map(_is_note, block.iterancestors()))
    _keep_sections(blocks, kept, parents)
    for at, block in enumerate(blocks):
        if block.tag in HEADINGS:
            kept[at] = _heads_text(blocks, kept, at)


def _keep_sections(
    blocks: list[html.HtmlElement], kept: list[bool], parents: set[html.HtmlElement]
) -> None:
    """Keep lists and short lines below a heading that is among the kept paragraphs, such as
    "Next steps" or "References": trafilatura takes a list of links for navigation.
    """
    at = 0
    while at < len(blocks):
        heading = blocks[at]
        at += 1
        if heading.tag not in HEADINGS or heading.getparent() not in parents:
            continue
        own = not is_side_heading(heading)
        while at < len(blocks) and blocks[at].tag not in HEADINGS:
            inside = heading.getparent() in blocks[at].iterancestors()
            kept[at] = kept[at] or (own and inside)
            at += 1


def _drop_loose(root: html.HtmlElement, words: str) -> None:
    """Drop short innermost elements outside any block that trafilatura left out, such as a date."""
    for element in list(root.iter("div", "span", "time", "section")):
        if element is root or element.getparent() is None or len(element):
            continue
        if any(a.tag in _WITHIN for a in element.iterancestors()):
            continue
        text = _squeezed(element.text or "")
        loose = len(text) < _LOOSE and text not in words
        if loose and not any(map(_is_note, element.iterancestors())):
            element.drop_tree()


def _is_note(element: html.HtmlElement) -> bool:
    return bool(_NOTE.search(element.get("class") or ""))


def _is_fact(block: html.HtmlElement) -> bool:
    """Whether it is of a list of an advisory's facts; those of dates and authors are dropped."""
    above = next(block.iterancestors("dl"), None) if block.tag in {"dt", "dd", "p"} else None
    terms = [] if above is None else [str(e.text_content()) for e in above.iter("dt")]
    return any(map(_FACT.match, terms))


def _is_in(block: html.HtmlElement, words: str) -> bool:
    text = _squeezed(block.text_content())
    if not text:
        return False
    return text[:_PREFIX] in words or (len(text) > 2 * _PREFIX and text[-_PREFIX:] in words)


def _squeezed(text: str) -> str:
    """Letters and digits alone: spaces and marks differ between two ways of writing Markdown."""
    return "".join(_WORD.findall(text.lower().replace("_", "")))


def _is_sentence(block: html.HtmlElement) -> bool:
    """Links are gone by now, so a list of them is recognised by its lack of a full stop."""
    text = str(block.text_content()).rstrip(" \"')\u201d\u2019")
    return text.endswith((".", "!", "?", ":"))


def _heads_text(blocks: list[html.HtmlElement], kept: list[bool], at: int) -> bool:
    """Whether a heading has kept text below it, before the next heading of its rank."""
    rank = blocks[at].tag
    for after in range(at + 1, len(blocks)):
        tag = blocks[after].tag
        if tag in HEADINGS and tag <= rank:
            return False
        if kept[after] and tag not in HEADINGS:
            return True
    return False


def _title_outside(tree: html.HtmlElement, main: html.HtmlElement, title: str) -> str:
    """The page's one first-rank heading as Markdown, if it is outside the main part."""
    tops = [h for h in tree.iter("h1") if h.text_content().strip()]
    if len(tops) != 1 or any(ancestor is main for ancestor in tops[0].iterancestors()):
        return ""
    text = re.sub(r"\s+", " ", tops[0].text_content()).strip(" \u00b6#\u00a7")
    site = any(a.tag == "nav" or a.get("role") == "banner" for a in tops[0].iterancestors())
    alike = not site and (text in title or title in text)
    return f"# {text}\n\n" if alike or _in_title(tree, text) else ""


def _in_title(tree: html.HtmlElement, text: str) -> bool:
    stated = tree.findtext(".//title") or ""
    return bool(text) and " ".join(stated.split()).startswith(text)


def as_markdown(main: html.HtmlElement) -> str:
    """A cleaned subtree as Markdown."""
    main.tail = None
    text = etree.tostring(main, encoding="unicode", method="html")
    return html_to_markdown.convert(text, _OPTIONS).content or ""


def is_shell(tree: html.HtmlElement) -> bool:
    """Whether the page is a shell whose text a script would fetch: it asks for JavaScript, or it
    has scripts and an empty place for an application.
    """
    body = tree.find("body")
    if body is None:
        return False
    placed = not markup.ids_of(body).isdisjoint(_ROOTS)
    if not placed and _has_text(body):
        return False  # so much text is not a shell's, and the rest of the page need not be copied
    asks = any(_ASKS.search(e.text_content()) for e in body.iter("noscript"))
    text = copy.deepcopy(body)
    etree.strip_elements(text, "script", "style", "noscript", "template", with_tail=False)
    shown = " ".join(text.text_content().split())
    if len(shown) < _SHELL_TEXT and _ASKS.search(shown):
        return True
    empty = any(
        e.get("id") in _ROOTS and not " ".join(e.text_content().split())
        for e in text.iter("div", "main", "section")
    )
    scripted = any(True for _ in tree.iter("script"))
    return (asks and len(shown) < 150) or (empty and scripted)


def _has_text(body: html.HtmlElement) -> bool:
    """Whether a page shows more text than a shell does."""
    shown = 0
    for paragraph in body.iter("p"):
        length = len(" ".join((paragraph.text or "").split()))
        if length and not any(a.tag in {"noscript", "template"} for a in paragraph.iterancestors()):
            shown += length
            if shown > 2 * _SHELL_TEXT:
                return True
    unseen = sum(map(markup.characters, body.iter("script", "style", "noscript", "template")))
    return markup.characters(body) - unseen > 2 * _SHELL_TEXT


def is_empty_but_scripted(tree: html.HtmlElement) -> bool:
    """Whether a page has scripts and shows no word, such as one that is an application's element
    alone.
    """
    body = tree.find("body")
    if body is None or tree.find(".//script") is None or tree.find(".//frameset") is not None:
        return False
    etree.strip_elements(body, "script", "style", "noscript", "template", with_tail=False)
    return not body.text_content().strip()


def agreement(one: str, other: str) -> float:
    """F1, 0..1, over the words of two texts as multisets; 1 if both have none."""
    left, right = Counter(_WORD.findall(one.lower())), Counter(_WORD.findall(other.lower()))
    total = left.total() + right.total()
    return round(2 * (left & right).total() / total, 4) if total else 1.0


def _by_trafilatura(tree: html.HtmlElement, url: str, *, quick: bool = True) -> str:
    for block in tree.iter("pre"):
        flatten_code(block)
    found = (
        trafilatura.extract(
            tree,
            url=url,
            fast=quick,
            favor_recall=quick,
            include_comments=False,
            include_tables=True,
            output_format="markdown",
            with_metadata=False,
        )
        or ""
    )
    if "<" not in found:
        return found
    return _TAGS.sub("", _RAISED.sub(r"^\1", _FOOTNOTE.sub("", found)))
