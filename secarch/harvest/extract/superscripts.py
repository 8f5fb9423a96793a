"""Raised characters: powers are kept as such, the marks of footnotes go."""

from __future__ import annotations

import re

from lxml import etree, html

from secarch.harvest.extract.markup import has_class

_PROSE_BEFORE = re.compile(r"[A-Za-z]{4,}$")
"""A word and no unit or variable: what is raised after it is the number of a footnote."""
_POWER = re.compile(r"[+\-\u2212]?\w{1,6}([+\-\u2212*/\u00b7]\w{1,4})*")
_DONE = "x-raised"
_MARKS = 8
"""Marks of footnotes that stand at one word."""
_NOT_RAISED = frozenset(
    {"st", "nd", "rd", "th", "tm", "sm", "r", "c", "\u00ae", "\u2122", "\u00a9"}
)


def raise_exponents(main: html.HtmlElement) -> None:
    """`2<sup>128</sup>` is 2^128 and not 2128; the mark of a footnote goes."""
    for raised in list(main.iter("sup")):
        text = "".join(raised.text_content().split())
        if (
            raised.find(".//a") is not None
            or re.fullmatch(r"\[\w+\]", text)
            or has_class(raised, "footnote-ref")
            or (text.isdigit() and _PROSE_BEFORE.search(_before(raised)))
        ):
            _put(raised, "")
        elif (
            (power := _POWER.fullmatch(text))
            and text.lower() not in _NOT_RAISED
            and (_before(raised)[-1:].isalnum() or _before(raised)[-1:] in {")", "]"})
        ):
            _put(raised, f"^({text})" if power[1] else f"^{text}")
    etree.strip_tags(main, _DONE)


def _put(raised: html.HtmlElement, text: str) -> None:
    """Text in an element's place. The tag goes with all others in the end: taken out one by one,
    each would copy the text before it.
    """
    tail = raised.tail
    raised.clear()
    raised.tag, raised.text, raised.tail = _DONE, text, tail


def _before(element: html.HtmlElement) -> str:
    previous = element.getprevious()
    for _ in range(_MARKS):  # of footnotes, which are gone by now
        if previous is None or previous.tag != _DONE or previous.text or previous.tail:
            break
        previous = previous.getprevious()
    if previous is not None:
        return str(previous.tail or previous.text_content() or "")
    parent = element.getparent()
    return str(parent.text or "") if parent is not None else ""
