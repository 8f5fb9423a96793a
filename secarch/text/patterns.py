"""Regular expressions that come from a file: taken only where matching cannot take exponential
time.

The parser that is asked is the one of the standard library itself, which has no public name.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

MAX_CHARS = 600
"""Characters of a pattern."""
_SRE: Any = importlib.import_module("re._parser")


def bounded(text: str) -> str:
    """Return the pattern, checked. Raises ValueError if it is too long, malformed, or can
    explode.

    What explodes is an unbounded repeat that holds another one, or alternatives that can begin
    alike.
    """
    if len(text) > MAX_CHARS:
        raise ValueError(f"a pattern of {len(text)} characters; at most {MAX_CHARS} are taken")
    try:
        tree = _SRE.parse(text, re.IGNORECASE)
        re.compile(text, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    if _explodes(tree, within=False):
        raise ValueError(
            f"{text!r} repeats without bound what repeats without bound or has alternatives that "
            "begin alike, which "
            "can take exponential time; write {0,9} for one of them"
        )
    return text


def _explodes(node: Any, *, within: bool) -> bool:
    for op, argument in node:
        name = str(op)
        inside = within
        if name in {"MAX_REPEAT", "MIN_REPEAT"}:
            unbounded = argument[1] == _SRE.MAXREPEAT
            if unbounded and within:
                return True
            inside = within or unbounded
        elif name == "BRANCH" and within and not _told_apart(argument[1]):
            return True
        if any(_explodes(inner, within=inside) for inner in _children(name, argument)):
            return True
    return False


def _told_apart(alternatives: Any) -> bool:
    """Whether each alternative begins with a letter of its own, so that at most one of them can
    match.
    """
    firsts = [alternative[0] if len(alternative) else None for alternative in alternatives]
    letters = {first[1] for first in firsts if first is not None and str(first[0]) == "LITERAL"}
    return len(letters) == len(firsts)


def _children(name: str, argument: Any) -> list[Any]:
    if name in {"SUBPATTERN", "MAX_REPEAT", "MIN_REPEAT"}:
        return [argument[-1]]
    if name == "BRANCH":
        return list(argument[1])
    return [argument[1]] if name in {"ASSERT", "ASSERT_NOT"} else []
