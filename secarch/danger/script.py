"""TypeScript and JavaScript of CDK and Pulumi: what `new Some.Resource(...)` is given.

No program is run: literals are read, everything else is unknown. The reader never looks back, so
its time grows with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from secarch.danger.documents import renamed
from secarch.danger.names import terraformed
from secarch.danger.tree import Parts, Resource, Unknown, snaked

MAX_DEPTH = 25
MAX_CALLS = 400
"""Calls of one block that are read."""
_MADE = re.compile(r"\bnew\s+([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)\s*\(")
_TABLE = re.compile(r"=\s*(?=\{\s*(?://[^\n]*\s*)?[\"']?(?:Version|Statement|Id)\b)")
"""What is before a policy that a name is given."""
_GAP = re.compile(r"(?:\s|//[^\n]*|/\*.{0,2000}?\*/)*", re.DOTALL)
_KEY = re.compile(r"(?:([A-Za-z_$][\w$]*)|\"([^\"\n]*)\"|'([^'\n]*)'|\[([^\]\n]*)\])\s*:")
_STRING = re.compile(
    r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`", re.DOTALL
)
_WORD = re.compile(r"[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)*|-?\d+(?:\.\d+)?")
_OPEN, _CLOSE = "{[(", "}])"
_INNER = re.compile(
    r"(?:JSON\.stringify|pulumi\.(?:jsonStringify|output|interpolate)|new\s+[\w.$]+)$"
)

_EVERYBODY = re.compile(r"\b(?:Any|Star)Principal$")


def read(text: str) -> Parts:
    """Every construct that is made, with its literal arguments; tables in them are documents."""
    found = Parts(parsed=True)
    for n, match in enumerate(_TABLE.finditer(text)):
        table = _Reader(text, match.end()).value() if n < MAX_CALLS else None
        if isinstance(table, dict) and "Statement" in table:
            found.documents.append(table)
    for n, match in enumerate(_MADE.finditer(text)):
        if n >= MAX_CALLS:
            break
        values = _Reader(text, match.end()).arguments()
        tables = [value for value in values if isinstance(value, dict)]
        found.documents += tables
        kind = terraformed(match[1])
        name = next((value for value in values if isinstance(value, str)), "")
        if kind:
            body: dict[str, Any] = renamed(snaked(tables[0])) if tables else {}
            found.resources.append(Resource(kind, str(name), body, partial=True))
    return found


class _Reader:
    """Values of a text, one after the other; each step moves on by one character at least."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at = text, at

    def value(self) -> Any:
        """The one value that begins here."""
        return self._value(MAX_DEPTH)

    def arguments(self) -> list[Any]:
        """What is up to the closing parenthesis."""
        return self._values(")", MAX_DEPTH)

    def _values(self, bracket: str, depth: int) -> list[Any]:
        values: list[Any] = []
        while not self._closed(bracket):
            values.append(self._value(depth))
        return values

    def _value(self, depth: int) -> Any:
        self._gap()
        opening = self.text[self.at : self.at + 1]
        if opening in {"{", "["} and depth:
            self.at += 1
            return (
                dict(self._entries(depth - 1)) if opening == "{" else self._values("]", depth - 1)
            )
        string = _STRING.match(self.text, self.at)
        if string:
            self.at = string.end()
            plain = next((part for part in string.groups() if part is not None), "")
            value: Any = Unknown(plain) if "${" in plain else plain
            return value if self._ends() else self._rest(value)
        word = _WORD.match(self.text, self.at)
        if word:
            return self._named(word, depth)
        return self._rest(Unknown("expression"))

    def _named(self, word: re.Match[str], depth: int) -> Any:
        """A constant, or a call whose own literal argument is what is meant."""
        self.at = word.end()
        name = word[0]
        if name == "new":
            following = re.compile(r"\s+([\w.$]+)").match(self.text, self.at)
            if following:
                self.at, name = following.end(), f"new {following[1]}"
        if self.text[self.at : self.at + 1] == "(" and depth:
            self.at += 1
            return self._called(name, depth - 1)
        constants: dict[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}
        if not self._ends():
            return self._rest(Unknown(name))
        if name in constants:
            return constants[name]
        if re.fullmatch(r"-?\d{1,18}", name):
            return int(name)
        # `s3.BucketEncryption.UNENCRYPTED` is recognised by its last part.
        last = name.rpartition(".")[2]
        return last if last.isupper() or re.fullmatch(r"[A-Z][A-Z0-9_]+", last) else Unknown(name)

    def _called(self, name: str, depth: int) -> Any:
        """What a call comes to: the table or list that it is given, or everybody."""
        inner = self._values(")", depth)
        self._rest(None)
        if _EVERYBODY.search(name) or (name.endswith("ArnPrincipal") and inner[:1] == ["*"]):
            return "*"
        if _INNER.match(name) and inner and isinstance(inner[-1], dict | list):
            return inner[-1]
        return Unknown(name)

    def _entries(self, depth: int) -> Iterator[tuple[str, Any]]:
        while not self._closed("}"):
            key = _KEY.match(self.text, self.at)
            if key:
                self.at = key.end()
                yield (
                    next((part for part in key.groups() if part is not None), ""),
                    self._value(depth),
                )
            else:
                self._rest(None)

    def _gap(self) -> None:
        gap = _GAP.match(self.text, self.at)
        self.at = gap.end() if gap else self.at

    def _closed(self, bracket: str) -> bool:
        """Whether this list ends here, with its bracket, another one or the text."""
        self._gap()
        while self.text[self.at : self.at + 1] == ",":
            self.at += 1
            self._gap()
        if self.at >= len(self.text):
            return True
        if self.text[self.at] in _CLOSE:
            self.at += self.text[self.at] == bracket or bracket == ")"
            return True
        return False

    def _ends(self) -> bool:
        self._gap()
        return self.at >= len(self.text) or self.text[self.at] in f",;{_CLOSE}"

    def _rest(self, value: Any) -> Any:
        """Skip to the end of this expression; one character at least, unless it ends here."""
        start, open_ = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            string = _STRING.match(self.text, self.at) if char in "\"'`" else None
            if string:
                self.at = string.end()
                continue
            if not open_ and (char in _CLOSE or (char in ",;" and self.at >= start)):
                break
            open_ += (char in _OPEN) - (char in _CLOSE)
            self.at += 1
        if self.at < len(self.text) and self.text[self.at] == ";":
            self.at += 1
        return value


_BRACKET = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|=>\s*\{|\)\s*(?::[^{}()\n]{1,80})?\{|[()\[\]{}]|\n\s*"
)


def joined(text: str) -> str:
    """A program's text with each call on one line, for patterns that look at one line."""
    held: list[str] = []

    def put(match: re.Match[str]) -> str:
        found = match[0]
        if found[0] == "\n":
            return " " if held and held[-1] != "block" else found
        if found[-1] == "{" and len(found) > 1:
            if found[0] == ")" and held:
                held.pop()
            held.append("block")
        elif found in _OPEN:
            held.append(found if held or found != "{" else "block")
        elif found in _CLOSE and held:
            held.pop()
        return found

    return _BRACKET.sub(put, text)
