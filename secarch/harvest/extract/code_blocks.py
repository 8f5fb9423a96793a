"""Code as it was written: one line a line, without line numbers, whatever highlighter drew it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from lxml import etree, html

_LANGUAGE_CLASS = re.compile(
    r"(?:language|lang|highlight-source|highlight|brush)[-:]\s*([A-Za-z0-9+#_-]+)"
)
_LANGUAGE_NAME = re.compile(
    r"(?:^|\s)(json|ya?ml|bash|sh|shell|console|powershell|python|javascript|typescript|hcl"
    r"|terraform"
    r"|rego|go|java|csharp|ruby|rust|xml|html|sql|toml|ini|dockerfile|diff|http|kotlin|php)(?:\s"
    r"|$)",
    re.IGNORECASE,
)
"""A class that is the language's name alone."""
_LANGUAGE_ATTRIBUTES = ("data-lang", "data-language", "syntax")
_BRUSH = re.compile(r"brush:\s*(\w+)")
_NUMBER_CLASS = re.compile(
    r"(?:^|[\s_-])(?:linenos?|lineno|line-?numbers?|lnt?|gutter|rouge-gutter|hljs-ln-n\w*|ln-num|"
    r"react-syntax-highlighter-line-number|blob-num|code-lines?-num\w*)(?:$|[\s_-])",
    re.IGNORECASE,
)
_LINE_CLASS = re.compile(
    r"(?:^|\s)(?:line|token-line|code-?line|view-line|CodeMirror-line|cl|loc|row)(?:$|\s)"
)
_CODE_CELLS = etree.XPath(
    "boolean(.//td[contains(@class, 'blob-code') or contains(@class, 'hljs-ln-code')"
    " or contains(@class, 'js-file-line') or contains(@class, 'code-line')])"
)
"""Cells of one line of code each, as GitHub and Gitea draw files."""
_CALLOUTS = etree.XPath(
    ".//*[contains(concat(' ', @class, ' '), ' conum ')]"
    " | .//*[contains(concat(' ', @class, ' '), ' conum ')]/following-sibling::*[1][self::b]"
)
"""Numbers that AsciiDoc draws into code, for the list below it."""
_DIGITS = re.compile(r"[\s\d.:|]*")
_BLOCKS = {"div", "li", "p", "tr"}
_NO_LANGUAGE = {"none", "text", "plaintext", "default"}


_SIGNATURES = etree.XPath(".//dt[contains(concat(' ', @class, ' '), ' sig ')]")
"""Of a function, as Sphinx writes it."""


def prepare_code(main: html.HtmlElement) -> None:
    """Turn tables that number the lines of code into the code, and tables that hold code of several
    lines, which no cell of a Markdown table can, into paragraphs; a signature has no emphasis.
    """
    for signature in _SIGNATURES(main):
        etree.strip_tags(signature, "em", "strong")
    for table in list(main.iter("table")):
        if table.getparent() is None:
            continue
        if table.find(".//pre") is None and not _CODE_CELLS(table):
            continue
        if (code := _numbered(table)) is not None:
            _replace(table, [code])
        elif any("\n" in _text(block).strip() for block in table.iter("pre")):
            _replace(table, _paragraphs(table))


def flatten_code(block: html.HtmlElement) -> None:
    """Reduce a code block to its text, with its language: markup within it would break its fence
    and its indentation.
    """
    marks = [block, *block.iterfind(".//code"), *block.iterancestors()][:4]
    language = _language_of(marks)
    text, tail = _text(block), block.tail
    block.clear()
    block.tail = tail
    code = etree.SubElement(block, "code")
    code.text = text
    if language and language not in _NO_LANGUAGE:
        code.set("class", f"language-{language}")


def _language_of(marks: Sequence[html.HtmlElement]) -> str:
    """The language that one of the elements names, as the highlighters of the field do, or ''."""
    found = (m[1] for mark in marks if (m := _LANGUAGE_CLASS.search(mark.get("class") or "")))
    stated = (
        value.lower()
        for mark in marks
        for name in _LANGUAGE_ATTRIBUTES
        if re.fullmatch(r"[A-Za-z0-9+#_-]{1,20}", value := mark.get(name) or "")
    )
    bare = (
        m[1].lower()
        for mark in marks
        if mark.tag in {"code", "pre"}
        and (
            (m := _LANGUAGE_NAME.search(mark.get("class") or ""))
            or (m := _BRUSH.search(mark.get("data-syntaxhighlighter-params") or ""))
        )
    )
    return next(itertools.chain(found, stated, bare), "")


def _text(block: html.HtmlElement) -> str:
    """The text of a code block, line by line."""
    for mark in _CALLOUTS(block):
        if mark.getparent() is not None:
            mark.drop_tree()
    for number in [e for e in block.iter() if isinstance(e.tag, str) and _is_number(e, block)]:
        if number.getparent() is not None:
            number.drop_tree()
    for line_break in list(block.iter("br")):
        line_break.tail = "\n" + (line_break.tail or "")
        line_break.drop_tag()
    for element in list(block.iter()):
        if element is not block and isinstance(element.tag, str) and _is_line(element):
            _end_line(element)
    return str(block.text_content()).replace("\u00a0", " ")


def _is_number(element: html.HtmlElement, block: html.HtmlElement) -> bool:
    if element is block:
        return False
    named = _NUMBER_CLASS.search(element.get("class") or "")
    return bool(named and _DIGITS.fullmatch(element.text_content()))


def _is_line(element: html.HtmlElement) -> bool:
    classes = element.get("class") or ""
    return (
        element.tag in _BLOCKS
        or bool(element.tag in {"span", "code"} and _LINE_CLASS.search(classes))
        or (element.tag == "code" and _alike(element.getnext()))
    )


def _alike(element: html.HtmlElement | None) -> bool:
    return element is not None and element.tag == "code"


def _end_line(element: html.HtmlElement) -> None:
    """A line break after a line, if none is there and something follows."""
    text, tail = element.text_content(), element.tail or ""
    follows = element.getnext() is not None or tail.strip()
    if follows and not text.endswith("\n") and not tail.startswith(("\n", "\r")):
        element.tail = "\n" + tail


def _numbered(table: html.HtmlElement) -> html.HtmlElement | None:
    """The code of a table that has its line numbers in one column and the code in another."""
    rows = list(table.iter("tr"))
    cells = [[c for c in row if c.tag in {"td", "th"}] for row in rows]
    if any(len(row) != 2 for row in cells) or not rows:
        return None
    if any(not _DIGITS.fullmatch(row[0].text_content()) for row in cells):
        return None
    blocks = [list(row[1].iter("pre")) or [row[1]] for row in cells]
    code = etree.Element("pre")
    inner = etree.SubElement(code, "code")
    inner.text = "\n".join(_text(block).rstrip("\n") for found in blocks for block in found)
    marks = [m for m in table.iter() if isinstance(m.tag, str)]
    parent = table.getparent()
    if language := _language_of([*marks, *([] if parent is None else [parent])]):
        inner.set("class", f"language-{language}")
    return html.fromstring(etree.tostring(code, encoding="unicode"))


def _paragraphs(table: html.HtmlElement) -> list[html.HtmlElement]:
    """A row after the other, each cell under its column's name."""
    rows = [[c for c in row if c.tag in {"td", "th"}] for row in table.iter("tr")]
    heads = (
        [" ".join(c.text_content().split()) for c in rows[0]]
        if rows and all(c.tag == "th" for c in rows[0])
        else []
    )
    out: list[html.HtmlElement] = []
    for row in rows[1:] if heads else rows:
        for number, cell in enumerate(row):
            name = heads[number] if number < len(heads) else ""
            cell.tag = "div"
            if name:
                label = html.fromstring("<p><strong></strong></p>")
                label[0].text = f"{name}:"
                if cell.find(".//pre") is None and len(cell) == 0:
                    label[0].tail = f" {cell.text or ''}"
                    out.append(label)
                    continue
                out.append(label)
            out.append(cell)
    return out


def _replace(old: html.HtmlElement, new: list[html.HtmlElement]) -> None:
    parent = old.getparent()
    at, tail = parent.index(old), old.tail
    parent.remove(old)
    for offset, element in enumerate(new):
        element.tail = None
        parent.insert(at + offset, element)
    if tail and tail.strip() and new:
        new[-1].tail = tail
