"""Whether the code of an answer has the properties that a task asks for, by parsing it.

HCL, CloudFormation, ARM, Bicep, Kubernetes YAML and policies become tables of dotted paths in snake
case (`secarch.danger`), so that names, order, loops, modules of files and JSON or YAML make no
difference. Functional tests of generated code are the model (Chen et al. 2021, arXiv:2107.03374);
what cannot be deployed offline is asked for its properties instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from secarch.danger import safety
from secarch.danger.tree import MAX_NODES, Code, Unknown, items, snake, walk
from secarch.suite.parts import Requirement

SHOWN = 3
"""Values of a table that its evidence shows."""
_BOUND = re.compile(r"([<>]=)\s*(-?\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:\s*\*\s*\d+)*")
"""A number, or a product of numbers, as in `14 * 24 * 3600`."""
_COMMENT = re.compile(r"(?:^|(?<=\s))(?:#|//)[^\n]*", re.MULTILINE)
_FUNCTION = re.compile(r"Fn::\w+|Ref")

Leaf = tuple[str, str]
"""A dotted path and a value, both in lower case; a block has the value `{}`."""


@dataclass(frozen=True, slots=True)
class Table:
    """One resource, object or statement."""

    kind: str
    name: str
    leaves: tuple[Leaf, ...]


def met(required: Sequence[Requirement], answer: str) -> tuple[bool, str]:
    """Whether all requirements are met by the code that the answer offers, and by what."""
    code = _code(answer)
    if not code.text:
        return False, ""
    found = [_met(one, code) for one in required]
    return all(found), " ".join(found) if all(found) else ""


@dataclass(frozen=True, slots=True)
class _Offered:
    text: str
    tables: tuple[Table, ...]


@lru_cache(maxsize=64)
def _code(answer: str) -> _Offered:
    blocks = safety.offered(answer)
    tables = tuple(dict.fromkeys(table for code, _ in blocks for table in _tables(code)))
    return _Offered("\n".join(_COMMENT.sub("", raw) for _, raw in blocks).strip(), tables)


def _met(one: Requirement, code: _Offered) -> str:
    """The evidence; empty if the requirement is not met."""
    if one.any_of:
        return next((found for choice in one.any_of if (found := _met(choice, code))), "")
    if one.text:
        return _in_text(one, code.text)
    candidates = [table for table in code.tables if _of_kind(one, table)]
    fitting = [table for table in candidates if _fits(one, table)]
    if one.absent:
        return "" if fitting or not code.tables else "nothing of the kind"
    if not fitting or (one.every and len(fitting) < len(candidates)):
        return ""
    return _evidence(one, fitting[0])


def _in_text(one: Requirement, text: str) -> str:
    found = re.search(one.text, text, re.IGNORECASE | re.DOTALL | re.MULTILINE)
    if one.absent:
        return "" if found else "nothing of the kind"
    return " ".join(found.group().split())[:120] if found else ""


def _of_kind(one: Requirement, table: Table) -> bool:
    return not one.kind or bool(re.fullmatch(one.kind, table.kind, re.IGNORECASE))


def _fits(one: Requirement, table: Table) -> bool:
    has = all(_leaf(table, path, value) for path, value in one.has.items())
    return has and not any(_leaf(table, path, value) for path, value in one.lacks.items())


def _leaf(table: Table, path: str, value: str) -> Leaf | None:
    end = _end(path)
    return next(
        (leaf for leaf in table.leaves if end.search(leaf[0]) and _is(value, leaf[1])), None
    )


@lru_cache(maxsize=4096)
def _end(path: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\.)(?:{path})$", re.IGNORECASE)


def _is(wanted: str, value: str) -> bool:
    """Whether a value is what is wanted: a whole match, or a number at or beyond the bound."""
    bound = _BOUND.fullmatch(wanted)
    if bound is None:
        return bool(re.fullmatch(wanted, value, re.IGNORECASE | re.DOTALL))
    if not _NUMBER.fullmatch(value):
        return False
    number = math.prod(float(factor) for factor in value.split("*"))
    return number >= float(bound[2]) if bound[1] == ">=" else number <= float(bound[2])


def _evidence(one: Requirement, table: Table) -> str:
    leaves = (_leaf(table, path, value) for path, value in one.has.items())
    shown = [f"{leaf[0]} = {leaf[1][:60]}" for leaf in leaves if leaf][:SHOWN]
    label = ".".join(part for part in (table.kind, table.name) if part) or "code"
    return f"{label}: {', '.join(shown)}" if shown else label


# ---------------------------------------------------------------- tables


def _tables(code: Code) -> Iterator[Table]:
    for resource in code.resources:
        yield Table(resource.kind, resource.name, tuple(_leaves(resource.body)))
        yield from _blocks(resource.body)
        yield from _statements(resource.body)
    for tree in code.documents:
        if isinstance(tree, Mapping) and "kind" in tree:
            yield Table(str(tree["kind"]), _named(tree), tuple(_leaves(tree)))
        elif isinstance(tree, Mapping):
            yield Table("", "", tuple(_leaves(tree)))
        yield from _blocks(tree)
        yield from _statements(tree)


def _blocks(tree: Any) -> Iterator[Table]:
    """Each table within a tree by itself, such as one rule of a list of rules."""
    for node in walk(tree):
        if node is not tree:
            yield Table("block", "", tuple(_leaves(node)))


def _named(tree: Mapping[str, Any]) -> str:
    metadata = tree.get("metadata")
    return str(metadata.get("name", "")) if isinstance(metadata, Mapping) else ""


def _statements(tree: Any) -> Iterator[Table]:
    """Statements of IAM policies, in JSON's form and in that of Terraform's data source."""
    for node in walk(tree):
        given = {str(name).lower().rstrip("s"): value for name, value in node.items()}
        data = {"action", "notaction", "not_action"} & given.keys()
        if data and ({"effect", "principal", "resource", "condition"} & given.keys()):
            plain = {"effect": "Allow", **given}
            condition = plain.pop("condition", None)
            principal = plain.pop("principal", None)
            leaves = [
                *_leaves(plain),
                *_conditions(condition),
                *_principals(principal),
            ]
            yield Table("statement", "", tuple(leaves))


def _conditions(given: Any) -> Iterator[Leaf]:
    for block in items(given):
        if isinstance(block, Mapping) and "variable" in block:
            head = f"condition.{_text(block.get('test'))}.{_text(block['variable'])}"
            yield from ((head, _text(value)) for value in items(block.get("values")))
        elif isinstance(block, Mapping):
            for operator, keys in block.items():
                for key, values in keys.items() if isinstance(keys, Mapping) else ():
                    head = f"condition.{operator}.{key}".lower()
                    yield from ((head, _text(value)) for value in items(values))


def _principals(given: Any) -> Iterator[Leaf]:
    for block in items(given):
        if isinstance(block, Mapping) and "identifiers" in block:
            head = f"principal.{_text(block.get('type'))}"
            yield from ((head, _text(value)) for value in items(block["identifiers"]))
        elif isinstance(block, Mapping):
            for kind, values in block.items():
                yield from ((f"principal.{kind}".lower(), _text(v)) for v in items(values))
        else:
            yield "principal", _text(block)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _called(value) if isinstance(value, Mapping) else str(value).strip().lower()


def _called(tree: Mapping[str, Any]) -> str:
    """A function of a template, such as `{"Fn::GetAtt": ["Key", "Arn"]}`, as one text."""
    return " ".join(
        f"{name} {' '.join(map(_text, items(value)))}" for name, value in tree.items()
    ).lower()


def _leaves(body: Any) -> Iterator[Leaf]:
    """Every value with its path, blocks and unknown expressions among them; bounded."""
    waiting: list[tuple[str, Any]] = [("", body)]
    left = MAX_NODES
    while waiting and left:
        left -= 1
        path, node = waiting.pop()
        if (
            isinstance(node, Mapping)
            and len(node) == 1
            and _FUNCTION.fullmatch(str(next(iter(node))))
        ):
            yield path, _called(node)
        elif isinstance(node, Mapping):
            if path:
                yield path, "{}"
            waiting += reversed(
                [(f"{path}.{snake(str(name))}".lstrip("."), value) for name, value in node.items()]
            )
        elif isinstance(node, list | tuple):
            if not node:
                yield path, "[]"
            waiting += reversed([(path, item) for item in node])
        elif node is not None:
            yield path, _text(str(node) if isinstance(node, Unknown) else node)
