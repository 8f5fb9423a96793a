"""Raised characters: powers are kept as such, the marks of footnotes go."""

from __future__ import annotations

import re

from lxml import html

from secarch.harvest.extract.markup import has_class

_PROSE_BEFORE = re.compile(r"[A-Za-z]{4,}$")
"""A word and no unit or variable: what is raised after it is the number of a footnote."""
_POWER = re.compile(r"[+\-\u2212]?\w{1,6}([+\-\u2212*/\u00b7]\w{1,4})*")
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
            raised.drop_tree()
        elif (
            (power := _POWER.fullmatch(text))
            and text.lower() not in _NOT_RAISED
            and (_before(raised)[-1:].isalnum() or _before(raised)[-1:] in {")", "]"})
        ):
            tail = raised.tail
            raised.clear()
            raised.text, raised.tail = f"^({text})" if power[1] else f"^{text}", tail
            raised.drop_tag()


def _before(element: html.HtmlElement) -> str:
    previous = element.getprevious()
    if previous is not None:
        return str(previous.tail or previous.text_content() or "")
    parent = element.getparent()
    return str(parent.text or "") if parent is not None else ""
