"""What makes right a choice that a must-not names: a condition, a step on the way, a part alone."""

from __future__ import annotations

import re

from secarch.evaluate.rubric.expressions import compiled
from secarch.suite.schema import MustNot

_INTRODUCES = re.compile(
    r"[.!?]\s|\b(?:is|was|remains|fact|reason|means?|find|see|notice|know|clear|true) that\b"
)
"""Ends a preamble, which is no part of the choice that follows it."""


def governed(text: str, start: int) -> str:
    """A window without the sentence or the governor that stands before the match at `start`, and
    without a lead that only happens to stand above.
    """
    line = text.rfind("\n", 0, start) + 1
    above = 0 if text[:line].rstrip().endswith(":") else line
    begin = max((end.end() for end in _INTRODUCES.finditer(text, line, start)), default=above)
    return text[begin:]


_QUALIFIED = re.compile(
    r"\b(?:(?<!at )once|unless|together with (?!it\b)|as one"
    r"|as an? (?:\w+ )?(?:layer|source|fallback|supplement)|nowhere|nothing else"
    r"|then (?:delete|remove|replace)|and copy"
    r"|but (?:bind|limit|mark|narrow|remove|take|tie|with)|in addition)\b"
)
"""What makes the choice that a must-not names the part of another, or a step on the way to it."""


def may_name(item: MustNot, text: str) -> bool:
    """Whether a text names what the must-not is about; the turns of phrase are slow to look for."""
    return item.pattern is not None or any(
        compiled(thing, text).search(text) for thing in item.named
    )


def makes_right(item: MustNot, text: str) -> bool:
    """Whether a text has what makes right advice of what the must-not is about."""
    if item.unless is not None and compiled(item.unless, text).search(text):
        return True
    return item.pattern is None and bool(_QUALIFIED.search(text))
