"""Search with a regular expression in a fraction of the time, with the outcome of `re`.

`re` tries each alternative at each character, and more slowly where case is ignored. A `Finder`
looks for words first that a match cannot be without, tries only the alternatives whose words the
text holds, and ignores case by matching in the lower-cased text. What the parser of the standard
library (which has no public name) tells it nothing about is left to `re`.
"""

from __future__ import annotations

import importlib
import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

MOST_WORDS = 24
"""Words that are looked for, at most, before a pattern is tried."""
MOST_IN_ALL = 96
"""Words that are looked for, at most, before the first of the alternatives is."""
MOST_PARTS = 24
"""Alternatives that are tried one by one, at most, where case is ignored; more are faster as one
pattern."""
_PARSER: Any = importlib.import_module("re._parser")
_COMPILER: Any = importlib.import_module("re._compiler")
_FOREIGN = ("\u0130", "\u0131", "\u017f", "\u212a")
"""Letters that match i, s or k where case is ignored, and whose lower case is another letter."""
_ZERO_WIDTH = frozenset({"AT", "ASSERT", "ASSERT_NOT"})
_PLAIN = frozenset({"ANY", "AT", "CATEGORY", "GROUPREF", "NEGATE"})
"""Nodes that name no letter."""
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


class Finder:
    r"""Looks for a pattern; `pattern` is the same for `re`, for questions other than those here.

    >>> Finder(r"\b(?:see|shown) above\b", re.IGNORECASE).search("As SHOWN above.")
    True
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = re.compile(pattern, flags)
        self._folds = bool(self.pattern.flags & re.IGNORECASE)
        tree = _PARSER.parse(pattern, flags)
        self._exact = not self._folds or _lowered(tree)
        tree.state.flags &= ~re.IGNORECASE
        self._whole = _Part(tree)
        parts = [_Part(part) for part in _alternatives(tree)]
        split = not self._folds or len(parts) <= MOST_PARTS
        self._parts = parts if split and any(part.words for part in parts) else [self._whole]
        known = all(part.words for part in parts)
        every = dict.fromkeys(word for part in parts for word in part.words) if known else ()
        self._words = tuple(every) if len(every) <= MOST_IN_ALL else ()

    def search(self, text: str) -> bool:
        """Whether the pattern occurs in a text."""
        within = self._within(text)
        if within is None:
            return self.pattern.search(text) is not None
        return self._may_hold(within) and any(part.occurs(within) for part in self._parts)

    def full(self, text: str) -> bool:
        """Whether the whole text is one match."""
        within = self._within(text)
        may = within is None or self._may_hold(within)
        return may and self.pattern.fullmatch(text) is not None

    def count(self, text: str) -> int:
        """How often it occurs, no two across each other: the length of `findall`."""
        within = self._within(text)
        return len(
            (self.pattern if within is None else self._whole.pattern).findall(within or text)
        )

    def at_least(self, least: int, text: str) -> bool:
        """Whether it occurs `least` times or more often."""
        within = self._within(text)
        pattern = self.pattern if within is None else self._whole.pattern
        found = pattern.finditer(text if within is None else within)
        return sum(1 for _ in itertools.islice(found, least)) == least

    def _may_hold(self, within: str) -> bool:
        return not self._words or any(map(within.__contains__, self._words))

    def _within(self, text: str) -> str | None:
        """The text to look in; None if only the pattern itself gives the right answer."""
        if not self._folds:
            return text
        if not self._exact or not (text.isascii() or all(c not in text for c in _FOREIGN)):
            return None
        return text.lower()


class _Part:
    """A pattern, and words one of which is in each text that it matches; none if none are known."""

    def __init__(self, tree: Any) -> None:
        words = _words(tree)
        self.words = words if _cost(words) < _cost(()) else ()
        self._tree = tree

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is first needed."""
        found: re.Pattern[str] = _COMPILER.compile(self._tree)
        return found

    def occurs(self, text: str) -> bool:
        """Whether the pattern occurs in a text."""
        if self.words and not any(map(text.__contains__, self.words)):
            return False
        return self.pattern.search(text) is not None


# ---------------------------------------------------------------- case


def _lowered(tree: Any) -> bool:
    """Make the letters that a tree names lower case; False if it then matches other texts."""
    return all(_lower_node(tree, at, str(op), part) for at, (op, part) in enumerate(tree))


def _lower_node(tree: Any, at: int, name: str, argument: Any) -> bool:
    if name in {"LITERAL", "NOT_LITERAL"}:
        letter = chr(argument)
        tree[at] = (tree[at][0], ord(letter.lower()[0]))
        return letter.isascii() or letter.lower() == letter.upper()
    if name == "RANGE":
        first, last = map(chr, argument)
        if "A" <= first <= last <= "Z":
            tree[at] = (tree[at][0], (ord(first.lower()), ord(last.lower())))
        return last < "A" or (first.isalpha() and last <= "z" and first.isupper() == last.isupper())
    if name == "SUBPATTERN" and any(argument[1:3]):
        return False
    return name in _PLAIN or (
        (inside := _inside(name, argument)) != () and all(map(_lowered, inside))
    )


def _inside(name: str, argument: Any) -> Sequence[Any]:
    """The trees in a node."""
    if name == "SUBPATTERN" or name in _REPEATS:
        return [argument[-1]]
    if name == "BRANCH":
        return list(argument[1])
    if name in {"ASSERT", "ASSERT_NOT"}:
        return [argument[1]]
    return [argument] if name == "IN" else ()


# ---------------------------------------------------------------- alternatives and their words


def _alternatives(tree: Any) -> list[Any]:
    """Trees of which one matches in a text if and only if `tree` does: its alternatives, each with
    what is before and behind them.
    """
    for at, (op, argument) in enumerate(tree):
        if branches := _branches(str(op), argument):
            before, behind = list(tree[:at]), list(tree[at + 1 :])
            return [_PARSER.SubPattern(tree.state, [*before, *part, *behind]) for part in branches]
    return [tree]


def _branches(name: str, argument: Any) -> Sequence[Any]:
    """The alternatives that a node is, or that a group without a number and flags holds alone."""
    if name == "BRANCH":
        return list(argument[1])
    if name != "SUBPATTERN" or argument[:3] != (None, 0, 0) or len(argument[-1]) != 1:
        return ()
    op, inner = argument[-1][0]
    return _branches(str(op), inner)


def _words(tree: Any) -> tuple[str, ...]:
    """Strings one of which is in each text that the tree matches; none if nothing is known."""
    found: list[Sequence[str]] = [()]
    run = [""]
    for op, argument in tree:
        name = str(op)
        if name in _ZERO_WIDTH:
            continue
        spelt = _spelt(name, argument)
        if spelt and len(run) * len(spelt) <= MOST_WORDS:
            run = _joined(run, spelt)
            continue
        found += [run, _needed(name, argument)]
        run = spelt or [""]
    found.append(run)
    best: Sequence[str] = min(found, key=_cost)
    return tuple(dict.fromkeys(best))


def _cost(words: Sequence[str]) -> float:
    """What a search takes that these words come before, where 20 is one without them: each word is
    looked for, and the shorter it is the likelier it is there.
    """
    if not words or "" in words or len(words) > MOST_WORDS:
        return 20
    return 0.3 * len(words) + 20 * min(1, sum(2.0 ** (1 - len(word)) for word in words))


def _spelt(name: str, argument: Any) -> list[str]:
    """All that a node can match, if it is a few strings; none if it is not."""
    if name == "LITERAL":
        return [chr(argument)]
    if name == "IN" and all(str(op) == "LITERAL" for op, _ in argument) and len(argument) <= 3:
        return [chr(letter) for _, letter in argument]
    if name == "SUBPATTERN" and not any(argument[1:3]):
        return _spelt_in_row(argument[-1])
    if name == "BRANCH":
        parts = [_spelt_in_row(part) for part in argument[1]]
        return [one for part in parts for one in part] if all(parts) else []
    return []


def _spelt_in_row(tree: Any) -> list[str]:
    found = [""]
    for op, argument in tree:
        spelt = _spelt(str(op), argument)
        if not spelt or len(found) * len(spelt) > MOST_WORDS:
            return []
        found = _joined(found, spelt)
    return found


def _joined(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return [first + second for first, second in itertools.product(one, other)]


def _needed(name: str, argument: Any) -> Sequence[str]:
    """Strings one of which is in whatever a node matches; none if nothing is known."""
    if (name in _REPEATS and not argument[0]) or (name == "SUBPATTERN" and any(argument[1:3])):
        return ()
    if name == "BRANCH":
        parts = [_words(part) for part in argument[1]]
        return [word for part in parts for word in part] if all(parts) else ()
    return _words(argument[-1]) if name == "SUBPATTERN" or name in _REPEATS else ()
