"""Confluence's storage format as HTML: XHTML with macros in namespaces of its own, each of which
becomes what it stands for.

Confluence Storage Format, Atlassian's documentation for Data Center.
"""

from __future__ import annotations

import html
import re
from html.entities import name2codepoint
from typing import Any

from lxml import etree

TYPE = "application/vnd.confluence.storage+xml; charset=utf-8"
"""The content type of a page of `whole_page`; the format has none of its own."""
_AC, _RI = "{urn:ac}", "{urn:ri}"
_BOXES = {"info": "Info", "note": "Note", "warning": "Warning", "tip": "Tip"}
_TITLED = frozenset({"panel", "expand", "ui-expand", "details"})
_UNWRAPPED = frozenset(
    {
        *("link-body", "plain-text-link-body", "task-body", "adf-fallback", "adf-extension"),
        *("layout", "layout-section", "layout-cell", "inline-comment-marker"),
    }
)
_ENTITY = re.compile(r"<!\[CDATA\[.*?\]\]>|&([a-zA-Z]\w{1,30});", re.DOTALL)
_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})


def whole_page(title: str, storage: str) -> str:
    """A page of storage format with its title, which `as_html` reads."""
    name = html.escape(title)
    return (
        f'<html xmlns:ac="urn:ac" xmlns:ri="urn:ri"><head><title>{name}</title></head>'
        f"<body><main><h1>{name}</h1>{storage}</main></body></html>"
    )


def as_html(page: str) -> str:
    """A `whole_page` as HTML: code, boxes, links and tasks as what they are, other macros with
    their text, or gone if they have none.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    root = etree.fromstring(_ENTITY.sub(_number, page).encode("utf-8", "replace"), parser)
    if root is None:
        return ""
    for element in reversed(list(root.iter(etree.Element))):
        if element is not root and str(element.tag).startswith((_AC, _RI)):
            _replace(element)
    return str(etree.tostring(root, encoding="unicode", method="html"))


def _number(entity: re.Match[str]) -> str:
    """A named character of HTML as XML knows it; CDATA stays to the letter."""
    if entity[1] is None or entity[1] in _OWN:
        return entity[0]
    code = name2codepoint.get(entity[1])
    return f"&#{code};" if code else html.escape(entity[0])


def _replace(element: Any) -> None:
    """Put HTML in an element's place; what is inside has been replaced already."""
    name = etree.QName(element).localname
    if name in {"structured-macro", "macro"}:
        _macro(element)
    elif name in {"link", "task"}:
        _rename(element, "span" if name == "link" else "li")
    elif name == "page" and element.tag.startswith(_RI):
        parent = element.getparent()
        bodies = [c for c in parent if c is not element]  # a link with words of its own
        _put(element, "" if bodies else element.get(f"{_RI}content-title") or "")
    elif name == "task-list":
        _rename(element, "ul")
    elif name in {"parameter", "plain-text-body", "rich-text-body"}:
        return  # of a macro, which takes it up itself
    elif name in _UNWRAPPED:
        _unwrap(element)
    else:
        _put(element, "")


def _macro(macro: Any) -> None:
    name = macro.get(f"{_AC}name") or ""
    parameters = {
        p.get(f"{_AC}name") or "": "".join(p.itertext()) for p in macro.findall(f"{_AC}parameter")
    }
    plain, rich = macro.find(f"{_AC}plain-text-body"), macro.find(f"{_AC}rich-text-body")
    for part in macro.findall(f"{_AC}parameter"):
        macro.remove(part)
    if plain is not None:
        block = etree.Element("pre")
        code = etree.SubElement(block, "code")
        language = parameters.get("language", "")
        if re.fullmatch(r"[\w+#.-]{1,30}", language):
            code.set("class", f"language-{language}")
        code.text = "".join(plain.itertext()).strip("\n")
        _swap(macro, block)
    elif name == "status":
        _put(macro, parameters.get("title", ""))
    elif rich is not None:
        block = etree.Element("div")
        label = _BOXES.get(name) or (parameters.get("title", "") if name in _TITLED else "")
        if label:
            strong = etree.SubElement(etree.SubElement(block, "p"), "strong")
            strong.text = f"{label}:"
        block.append(rich)
        _unwrap(rich)
        _swap(macro, block)
    else:
        _put(macro, "")


def _swap(old: Any, new: Any) -> None:
    new.tail = old.tail
    old.getparent().replace(old, new)


def _rename(element: Any, tag: str) -> None:
    element.tag = tag
    for name in list(element.attrib):
        del element.attrib[name]


def _put(element: Any, text: str) -> None:
    """Put text in an element's place."""
    parent, before = element.getparent(), element.getprevious()
    text += element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + text
    else:
        parent.text = (parent.text or "") + text
    parent.remove(element)


def _unwrap(element: Any) -> None:
    """Leave an element's content in its place."""
    element.tag = "div" if len(element) else "span"
    for name in list(element.attrib):
        del element.attrib[name]
