"""Confluence's storage format as HTML: XHTML with macros in namespaces of its own, each of which
becomes what it stands for.

Confluence Storage Format, Atlassian's documentation for Data Center.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import partial
from html.entities import name2codepoint
from typing import Any

from lxml import etree
from markdown_it import MarkdownIt

from secarch.harvest.extract.panels import SHOWN

TYPE = "application/vnd.confluence.storage+xml; charset=utf-8"
"""The content type of a page of `whole_page`; the format has none of its own."""
_AC, _RI = "{urn:ac}", "{urn:ri}"
_BOXES = {"info": "Info", "note": "Note", "warning": "Warning", "tip": "Tip"}
_TITLED = frozenset(
    {
        *("panel", "expand", "ui-expand", "details"),
        *("card", "ui-tab", "tab", "tab-pane", "localtab", "auitabspage", "easy-heading"),
    }
)
"""Macros with a title of their own, such as the panels of tabs."""
_UNWRAPPED = frozenset(
    {
        *("link-body", "plain-text-link-body", "task-body", "caption"),
        *("layout", "layout-section", "layout-cell", "inline-comment-marker"),
    }
)
_INLINE = frozenset({"a", "b", "code", "em", "i", "span", "strong", "sub", "sup", "time", "u"})
_FILES = frozenset({"view-file", "viewpdf", "viewdoc", "viewxls", "viewppt"})
_SIGNS = {
    "tick": "\u2713",
    "cross": "\u2717",
    "plus": "+",
    "minus": "\u2212",
    "warning": "\u26a0",
    "question": "?",
}
"""Emoticons that say something, as in a table of what is met."""
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
        elif element.tag == "time" and not "".join(element.itertext()).strip():
            element.text = element.get("datetime")
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
    if element.tag.startswith(_RI):
        _put(element, _name_of(element))
    elif name in _TAKEN_UP:
        return
    elif name in _BY_NAME:
        _BY_NAME[name](element)
    elif name.startswith("adf-"):
        _adf(element, name)
    elif name in _UNWRAPPED:
        _unwrap(element)
    else:
        _put(element, "")


def _name_of(target: Any) -> str:
    """What a link leads to, if the link has no words of its own: a page or an attached file."""
    parent = target.getparent()
    if parent.tag == f"{_AC}image" or any(child is not target for child in parent):
        return ""
    return target.get(f"{_RI}content-title") or target.get(f"{_RI}filename") or ""


def _task(task: Any) -> None:
    status = task.find(f"{_AC}task-status")
    done = status is not None and (status.text or "").strip() == "complete"
    if status is not None:
        _put(status, "")
    task.text = "[x] " if done else "[ ] "
    _rename(task, "li")


def _image(image: Any) -> None:
    """A picture is gone, its caption stays."""
    if "".join(image.itertext()).strip():
        image.text = None
        _unwrap(image)
    else:
        _put(image, "")


def _adf(element: Any, name: str) -> None:
    """What the new editor writes twice: the fallback is HTML, and counts if it has words."""
    if name == "adf-extension":
        fallback = next((part for part in element if part.get(SHOWN) is not None), None)
        for part in list(element):
            if fallback is not None and part is not fallback:
                element.remove(part)
        _unwrap(element)
    elif name == "adf-fallback" and "".join(element.itertext()).strip():
        _unwrap(element)
        element.set(SHOWN, "")
    elif name in {"adf-attribute", "adf-fallback"}:
        _put(element, "")
    else:
        _unwrap(element)


def _macro(macro: Any) -> None:
    name = macro.get(f"{_AC}name") or ""
    parameters = {
        p.get(f"{_AC}name") or "": "".join(p.itertext()) for p in macro.findall(f"{_AC}parameter")
    }
    plain, rich = macro.find(f"{_AC}plain-text-body"), macro.find(f"{_AC}rich-text-body")
    for part in macro.findall(f"{_AC}parameter"):
        macro.remove(part)
    title = parameters.get("title") or (parameters.get("label", "") if name in _TITLED else "")
    if plain is not None and name == "markdown":
        _swap(macro, _from_markdown("".join(plain.itertext())))
    elif plain is not None:
        block = etree.Element("pre")
        code = etree.SubElement(block, "code")
        language = parameters.get("language", "")
        if re.fullmatch(r"[\w+#.-]{1,30}", language):
            code.set("class", f"language-{language}")
        code.text = "".join(plain.itertext()).strip("\n")
        _swap(macro, _titled(title, block) if title else block)
    elif name == "status":
        _put(macro, title)
    elif name == "jira":
        _put(macro, parameters.get("key", ""))
    elif name in _FILES:
        _put(macro, parameters.get("name", ""))
    elif rich is not None:
        box = _BOXES.get(name, "")
        label = ": ".join(filter(None, (box, title))) if box or name in _TITLED else ""
        block = _titled(label, rich) if label else etree.Element("div")
        block.append(rich)
        _unwrap(rich)
        _swap(macro, block)
    else:
        _put(macro, "")


def _titled(label: str, content: Any) -> Any:
    """A division with a line in bold above the content."""
    block = etree.Element("div")
    strong = etree.SubElement(etree.SubElement(block, "p"), "strong")
    strong.text = label if label.endswith((":", ".", "?", "!")) else f"{label}:"
    block.append(content)
    return block


def _from_markdown(text: str) -> Any:
    rendered = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    return etree.fromstring(f"<div>{rendered}</div>", parser)


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
    element.tag = "span" if all(child.tag in _INLINE for child in element) else "div"
    for name in list(element.attrib):
        del element.attrib[name]


def _emoticon(element: Any) -> None:
    sign = _SIGNS.get(element.get(f"{_AC}name") or "", "")
    _put(element, element.get(f"{_AC}emoji-fallback") or sign)


_BY_NAME: dict[str, Callable[[Any], None]] = {
    "structured-macro": _macro,
    "macro": _macro,
    "link": partial(_rename, tag="span"),
    "task": _task,
    "task-list": partial(_rename, tag="ul"),
    "image": _image,
    "emoticon": _emoticon,
}
_TAKEN_UP = frozenset({"parameter", "plain-text-body", "rich-text-body", "task-status"})
"""Parts of a macro or a task, which takes them up itself."""
