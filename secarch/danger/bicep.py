"""Bicep: the resources and parameters of a template, as the JSON template would have them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from secarch.danger.documents import of_tree
from secarch.danger.tree import Parts, Resource, Unknown

MAX_DEPTH = 30
"""Braces within braces."""
_DECLARED = re.compile(
    r"^(?:(?P<what>param|var)[ \t]+(?P<name>\w+)(?:[ \t]+[\w|?\[\]]+)?[ \t]*=[ \t]*"
    r"|resource[ \t]+(?P<symbol>\w+)[ \t]+'(?P<type>[^'@\n]+)@[^'\n]*'[ \t]*=[ \t]*(?:if[ "
    r"\t]*\([^\n]*\)[ \t]*)?)",
    re.MULTILINE,
)
_LOOP = re.compile(r"^\[\s*for\b[^\n{]*:[ \t]*(?=\{)")
"""What is before the body of a resource that is repeated; its names are unknown values."""
_GAP = re.compile(r"(?:[\s,]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_KEY = re.compile(r"(?:(\w+)|'([^'\n]*)')[ \t]*:[ \t]*")
_STRING = re.compile(r"'''(.*?)'''|'((?:[^'\\\n]|\\.)*)'", re.DOTALL)
_END = re.compile(r"(?=[ \t]*(?:[\n,}\]]|//|$))")


def read(text: str, *, partial: bool) -> Parts:
    """Every declaration that can be read; an `existing` resource makes nothing, and a loop makes
    its resource once, with unknown values where its variable is, and nothing is concluded
    from what it lacks.
    """
    found = Parts(parsed=True)
    known: dict[str, Any] = {}
    declared = list(_DECLARED.finditer(text))
    ends = [*(one.start() for one in declared[1:]), len(text)]
    bodies = [text[one.end() : end] for one, end in zip(declared, ends, strict=False)]
    for one, body in zip(declared, bodies, strict=True):
        if one["what"]:
            known[one["name"]] = value = _Reader(body, {}).value()
            if one["what"] == "param":
                found.resources.append(
                    Resource("variable", one["name"], {"default": value}, partial=True)
                )
    for one, body in zip(declared, bodies, strict=True):
        plain, loops = _LOOP.subn("", body)
        tree = _Reader(plain, known).value() if one["type"] else None
        if isinstance(tree, dict):
            found.add(of_tree({**tree, "type": one["type"]}, partial=partial or bool(loops)))
    return found


class _Reader:
    """Values of a text, one after the other."""

    def __init__(self, text: str, known: dict[str, Any]) -> None:
        self.text, self.known, self.at = text, known, 0

    def value(self, depth: int = MAX_DEPTH) -> Any:
        """The value that begins here; `Unknown` where it has to be evaluated."""
        opening = self.text[self.at : self.at + 1]
        if opening in {"{", "["} and depth:
            self.at += 1
            return dict(self._entries(depth - 1)) if opening == "{" else self._list(depth - 1)
        string = _STRING.match(self.text, self.at)
        if string and _END.match(self.text, string.end()):
            self.at = string.end()
            plain = string[1] if string[1] is not None else string[2]
            return Unknown(plain) if "${" in plain else plain
        return self._expression()

    def _entries(self, depth: int) -> Iterator[tuple[str, Any]]:
        while not self._closed("}"):
            key = _KEY.match(self.text, self.at)
            if key:
                self.at = key.end()
                yield key[1] or key[2] or "", self.value(depth)
            else:
                self._expression()

    def _list(self, depth: int) -> list[Any] | Unknown:
        values: list[Any] = []
        loop = re.compile(r"\s*for\b").match(self.text, self.at)
        while not self._closed("]"):
            values.append(self.value(depth))
        return Unknown("for") if loop else values

    def _closed(self, bracket: str) -> bool:
        """Whether this list or table ends here, with its bracket or with the text."""
        gap = _GAP.match(self.text, self.at)
        self.at = gap.end() if gap else self.at
        if self.at < len(self.text) and self.text[self.at] != bracket:
            return False
        self.at += 1
        return True

    def _expression(self) -> Any:
        """The rest of the line, and further while a bracket is open; it moves on by one character
        at least.
        """
        start, open_ = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            string = _STRING.match(self.text, self.at) if char == "'" else None
            if string:
                self.at = string.end()
                continue
            if not open_ and char in "\n,}]" and self.at > start:
                break
            open_ += (char in "([{") - (char in ")]}")
            self.at += 1
        word = self.text[start : self.at].split("//")[0].strip()
        if re.fullmatch(r"true|false", word):
            return word == "true"
        return (
            int(word) if re.fullmatch(r"-?\d{1,18}", word) else self.known.get(word, Unknown(word))
        )
