"""The regular expressions of questions, compiled, and what they match.

Most of the time that an answer takes to be graded goes into compiling what its question looks for,
once each. To compile an expression that ignores case takes half as long again, and to search with
it takes longer too; answers are read in lower case (`plain`), where nearly none needs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from secarch.suite.decisions import Phrasing
from secarch.text.polarity.clauses import asks_for_beginning, opened
from secarch.text.polarity.windows import Window

MAX_TRIES = 50
"""Matches of one pattern in one window that are examined for what they amount to."""
_FLAGS = re.DOTALL | re.MULTILINE
_ESCAPE = re.compile(r"\\[sSwWbBdDntr.^$*+?()\[\]{}|/,:;'\"<>=!&@#%~ -]|\\[1-9]|\(\?P")
"""Escapes that mean the same whether case counts or not, and the beginning of a named group."""
_CASED = re.compile(r"[A-Z\\]|[^\x00-\x7f]")
"""Capitals, other escapes and letters outside ASCII."""
_CLASS = re.compile(r"\[\^?\]?([^\]]*)\]")
_RANGE = re.compile(r"(?!(?:[a-z]-[a-z]|\d-\d))[^-]-[^-]")
"""A range of neither small letters nor digits, in which capitals may be."""


_LIKE_ASCII = frozenset("\u0131\u017f")
"""Small letters that match i and s where case does not count: dotless i and long s."""


def compiled(pattern: str, text: str) -> re.Pattern[str]:
    """The expression for searching a text; upper and lower case are the same."""
    exact = _small(pattern) and text == text.lower() and _LIKE_ASCII.isdisjoint(text)
    return _compiled(pattern, _FLAGS if exact else _FLAGS | re.IGNORECASE)


@lru_cache(maxsize=65_536)
def _small(pattern: str) -> bool:
    """Whether a pattern means the same in lower-case ASCII whether case counts or not."""
    bare = _ESCAPE.sub("", pattern)
    return not (_CASED.search(bare) or any(map(_RANGE.search, _CLASS.findall(bare))))


@lru_cache(maxsize=65_536)
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    return re.compile(pattern, flags)


def matches(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """Matches that may overlap: a second one can start inside the first."""
    expression, start = compiled(pattern, text), 0
    for _ in range(MAX_TRIES):
        match = expression.search(text, start)
        if match is None:
            return
        if match.group():
            yield match
        start = match.start() + 1


def of_clauses(phrasing: Phrasing, window: Window) -> Iterator[re.Match[str]]:
    """Matches in a window, and those at the beginning of a clause behind a preamble."""
    text, pattern = window.joined, phrasing.pattern
    if _has_turn(phrasing, text):
        yield from matches(pattern, text)
    if window.code or not asks_for_beginning(pattern):
        return
    apart, starts = opened(text)
    if starts and _has_turn(phrasing, apart):
        found = (compiled(pattern, apart).match(apart, start) for start in starts)
        yield from (match for match in found if match and match.group())


def _has_turn(phrasing: Phrasing, text: str) -> bool:
    turn = phrasing.turn
    return not turn or compiled(turn, text).search(text) is not None
