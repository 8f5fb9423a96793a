"""Terraform's HCL as resources: locals, defaults of variables and dynamic blocks put in.

A leaf: it imports hcl2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import hcl2
from hcl2 import SerializationOptions

from secarch.danger.tree import Parts, Resource, Unknown

MAX_DEPTH = 24
"""Steps from an expression to its value."""
MAX_NESTING = 40
"""Brackets within brackets."""
MAX_COPIES = 30
"""Copies of a dynamic block."""
_OPTIONS = SerializationOptions(with_comments=False, explicit_blocks=False, preserve_heredocs=True)
_BLOCKS = (
    "resource",
    "data",
    "module",
    "locals",
    "variable",
    "provider",
    "terraform",
    "output",
    "moved",
    "import",
)
_TOP = re.compile(rf"^(?=(?:{'|'.join(_BLOCKS)})\b)", re.MULTILINE)
_WHOLE = re.compile(r"\$\{(.*)\}", re.DOTALL)
_HEREDOC = re.compile(r"<<-?(\w+)\n(.*?)\n?\s*\1\s*", re.DOTALL)
_REFERENCE = re.compile(r"(var|local|each|\w+)((?:\.\w+|\[\d+\]|\[\"[^\"]*\"\])+)")
_CALL = re.compile(
    r"(jsonencode|yamlencode|tolist|toset|tostring|concat|flatten|tomap|distinct)\((.*)\)",
    re.DOTALL,
)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]|\[\"([^\"]*)\"\]")
MAX_PIECE = 12_000
"""Characters of one top-level block that are parsed: the parser takes a second for that."""


def read(text: str, *, partial: bool) -> Parts:
    """The resources of HCL text; of text that cannot be parsed whole, those of its top-level blocks
    that can.
    """
    found = Parts()
    trees = list(_trees(text, found))
    scope = _Scope(trees)
    for tree in trees:
        found.parsed = True
        found.resources += _resources(tree, scope, partial=partial)
    return found


def _trees(text: str, found: Parts) -> Iterator[dict[str, Any]]:
    whole = _loaded(text, Parts())
    if whole is not None:
        yield whole
        return
    for piece in _TOP.split(text):
        tree = _loaded(piece, found) if piece.strip() else None
        if tree is not None:
            yield tree


def _loaded(text: str, found: Parts) -> dict[str, Any] | None:
    if len(text) > MAX_PIECE or _too_deep(text):
        found.fail("hcl", ValueError("too long or too deep to be read"))
        return None
    try:
        tree = hcl2.loads(text, serialization_options=_OPTIONS)
    except Exception as error:  # noqa: BLE001 - the grammar's transformer raises what it likes
        found.fail("hcl", error)
        return None
    return tree if isinstance(tree, dict) else None


def _too_deep(text: str) -> bool:
    """Whether brackets nest deeper than anybody writes: the parser's time grows with that."""
    depth = deepest = 0
    for bracket in re.findall(r"[{}\[\]()]", text):
        depth += 1 if bracket in "{[(" else -1
        deepest = max(deepest, depth)
    return deepest > MAX_NESTING


def _resources(tree: Mapping[str, Any], scope: _Scope, *, partial: bool) -> Iterator[Resource]:
    loose = {name: value for name, value in tree.items() if name not in _BLOCKS}
    for block in ("resource", "data"):
        for labelled in _listed(tree.get(block)):
            for kind, name, body in _labelled(labelled):
                yield from scope.resource(
                    ("data." if block == "data" else "") + kind, name, body, partial=partial
                )
    for block in ("module", "variable", "provider"):
        for labelled in _listed(tree.get(block)):
            for name, body in labelled.items() if isinstance(labelled, Mapping) else ():
                if isinstance(body, Mapping):
                    yield from scope.resource(block, _bare(name), body, partial=True)
    if loose:
        yield from scope.resource("", "", loose, partial=True)


def _labelled(block: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for kind, named in block.items() if isinstance(block, Mapping) else ():
        for name, body in named.items() if isinstance(named, Mapping) else ():
            if isinstance(body, Mapping):
                yield _bare(kind), _bare(name), body


def _listed(value: Any) -> list[Any]:
    """Blocks of one name; an attribute of that name is none."""
    return value if isinstance(value, list) else []


def _bare(text: Any) -> str:
    return str(text).strip('"')


class _Scope:
    """What names stand for in one block of code."""

    def __init__(self, trees: list[dict[str, Any]]) -> None:
        self.names: dict[str, Any] = {"local": {}, "var": {}}
        for tree in trees:
            for block in _listed(tree.get("locals")):
                self.names["local"] |= block if isinstance(block, Mapping) else {}
            for block in _listed(tree.get("variable")):
                for name, body in block.items() if isinstance(block, Mapping) else ():
                    if isinstance(body, Mapping) and "default" in body:
                        self.names["var"][_bare(name)] = body["default"]

    def resource(
        self, kind: str, name: str, body: Mapping[str, Any], *, partial: bool
    ) -> Iterator[Resource]:
        """The resource, once for each item of a `for_each` that is known."""
        for each in self._each(body.get("for_each")):
            values = self._body(body, {"each": each} if each else {}, MAX_DEPTH)
            yield Resource(kind, name, values, partial=partial)

    def _each(self, given: Any, extra: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Key and value of each item; one empty table where nothing is repeated or nothing is
        known.
        """
        items = self.value(given, extra or {}, MAX_DEPTH) if given is not None else None
        if isinstance(items, Mapping):
            return [{"key": key, "value": value} for key, value in list(items.items())[:MAX_COPIES]]
        if isinstance(items, list):
            return [{"key": value, "value": value} for value in items[:MAX_COPIES]]
        return [{}]

    def _body(
        self, body: Mapping[str, Any], extra: Mapping[str, Any], depth: int
    ) -> dict[str, Any]:
        values = {_bare(n): self.value(v, extra, depth) for n, v in body.items() if n != "dynamic"}
        for block in _listed(body.get("dynamic")) if depth else ():
            for label, dynamic in block.items() if isinstance(block, Mapping) else ():
                name = _bare(label)
                copies = values.setdefault(name, [])
                if isinstance(dynamic, Mapping) and isinstance(copies, list):
                    copies += self._copies(name, dynamic, extra, depth - 1)
        return values

    def _copies(
        self, name: str, dynamic: Mapping[str, Any], extra: Mapping[str, Any], depth: int
    ) -> list[Any]:
        iterator = _bare(dynamic.get("iterator", name)).strip("${}")
        return [
            self._body(content, {**extra, iterator: each}, depth)
            for each in self._each(dynamic.get("for_each"), extra)
            for content in _listed(dynamic.get("content"))
            if isinstance(content, Mapping)
        ]

    def value(self, value: Any, extra: Mapping[str, Any], depth: int) -> Any:
        """A value with its names resolved; `Unknown` where the code does not give it."""
        if not depth:
            return Unknown()
        if isinstance(value, Mapping):
            return self._body(value, extra, depth - 1)
        if isinstance(value, list):
            return [self.value(item, extra, depth - 1) for item in value]
        return self._text(value, extra, depth - 1) if isinstance(value, str) else value

    def _text(self, text: str, extra: Mapping[str, Any], depth: int) -> Any:
        if text.startswith('"') and text.endswith('"') and len(text) > 1:
            return self._literal(text[1:-1], extra, depth)
        if heredoc := _HEREDOC.fullmatch(text):
            return _document(heredoc[2])
        whole = _WHOLE.fullmatch(text)
        return self._expression(whole[1].strip(), extra, depth) if whole else text

    def _literal(self, text: str, extra: Mapping[str, Any], depth: int) -> Any:
        """A quoted string; one that holds an unknown name is unknown."""
        if heredoc := _HEREDOC.fullmatch(text):
            return _document(heredoc[2])
        parts = re.split(r"\$\{([^{}]*)\}", text)
        for n in range(1, len(parts), 2):
            value = self._expression(parts[n].strip(), extra, depth)
            if isinstance(value, Unknown | Mapping | list):
                return Unknown(text)
            parts[n] = str(value)
        plain = "".join(parts).replace('\\"', '"').replace("\\n", "\n")
        return _document(plain)

    def _expression(self, text: str, extra: Mapping[str, Any], depth: int) -> Any:
        if reference := _REFERENCE.fullmatch(text):
            return self._reference(reference[1], reference[2], extra, depth)
        if call := _CALL.fullmatch(text):
            return self._call(call[1], call[2], extra, depth)
        if re.fullmatch(r'"[^"$]*"|-?\d+|true|false', text):
            return json.loads(text)
        return Unknown(text)

    def _reference(self, root: str, path: str, extra: Mapping[str, Any], depth: int) -> Any:
        value = {**self.names, **extra}.get(root)
        for name, index, key in _STEP.findall(path):
            if isinstance(value, str):
                value = self.value(value, extra, depth)
            if isinstance(value, list) and index and int(index) < len(value):
                value = value[int(index)]
            elif isinstance(value, Mapping) and (name or key):
                value = value.get(name or key, value.get(f'"{name or key}"'))
            else:
                return Unknown(root + path)
        return Unknown(root + path) if value is None else self.value(value, extra, depth)

    def _call(self, name: str, arguments: str, extra: Mapping[str, Any], depth: int) -> Any:
        tree = _loaded(f"x = [{arguments}]", Parts())
        if tree is None:
            return Unknown(name)
        values = self.value(tree["x"], extra, depth)
        if not isinstance(values, list) or not values:
            return Unknown(name)
        if name in {"concat", "flatten"}:
            return [
                item for value in values for item in (value if isinstance(value, list) else [value])
            ]
        return values[0]


def _document(text: str) -> Any:
    """The tree of a JSON document that is given as a string, else the string."""
    if text.lstrip().startswith(("{", "[")):
        for readable in (text, _plain(text)):
            try:
                return json.loads(readable)
            except (ValueError, RecursionError):
                continue
    return text


def _plain(text: str) -> str:
    """A document without bare `${expressions}` and commas that nothing follows."""
    filled = re.sub(r"(?<=[:\[,\s])\$\{[^{}\n]*\}(?=\s*[,}\]])", '"${unknown}"', text)
    return re.sub(r",(\s*[\]}])", r"\1", filled)
