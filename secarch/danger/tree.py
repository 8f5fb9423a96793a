"""Code in an answer as trees: what the rules look at, whatever language it was written in.

HCL, JSON, YAML, CloudFormation, Azure templates, boto3 calls and command lines become `Resource`s
under Terraform's names, so that a rule states a fault and its default once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_MESSAGE = 160
"""Characters of a library's message that are kept."""
PROGRAMS = frozenset({"typescript", "ts", "tsx", "javascript", "js", "python", "py", "python3"})
"""Languages whose code makes resources by calls."""
MAX_NODES = 20_000
"""Nodes of one tree that are visited: aliases in YAML can multiply without end."""


_ABOUT_THE_REQUEST = {"aws:securetransport", "s3:tlsversion", "s3:x-amz-server-side-encryption"}
"""Keys of conditions that anybody can meet."""
_LIKE = {"ipaddress", "stringlike", "arnlike"}
_EVERYTHING = {"*", "0.0.0.0/0", "::/0"}
"""Values that every request has."""


class Unknown(str):
    """An expression whose value the code does not give. It equals no fault and no absence."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that the code makes or changes."""

    kind: str
    """Terraform's name of it where there is one, else its own; empty for a bare fragment."""
    name: str
    body: Mapping[str, Any]
    partial: bool = False
    """Whether more of it may stand elsewhere (a change, a fragment, an omission): nothing is
    concluded from absence.
    """

    @property
    def label(self) -> str:
        """Kind and name for people."""
        return ".".join(part for part in (self.kind, self.name) if part) or "this block"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a shell script."""

    words: tuple[str, ...]
    text: str

    def starts(self, *words: str) -> bool:
        """Whether these words come first, flags between them left out."""
        plain = [word for word in self.words if not word.startswith("-")]
        return tuple(plain[: len(words)]) == words

    def option(self, *names: str) -> str | None:
        """The value of the first of these options; empty for a bare flag, None where it is not
        given.
        """
        found = self.options(*names)
        return found[0] if found else None

    def options(self, *names: str) -> list[str]:
        """Every value of these options, as `--name value ...` or `--name=value`."""
        values: list[str] = []
        for n, word in enumerate(self.words):
            head, equals, tail = word.partition("=")
            if head in names:
                following = _values(self.words[n + 1 :])
                values += [tail] if equals else following or [""]
        return values


def _values(words: Sequence[str]) -> list[str]:
    taken: list[str] = []
    for word in words:
        if re.match(r"--?[A-Za-z]", word):
            break
        taken.append(word)
    return taken


@dataclass(frozen=True, slots=True)
class Code:
    """One fenced block as the rules see it."""

    text: str
    """Without comments, with continued shell lines joined."""
    language: str = ""
    resources: tuple[Resource, ...] = ()
    documents: tuple[Any, ...] = ()
    """Whole trees: JSON, YAML, the policies inside HCL and commands."""
    commands: tuple[Command, ...] = ()
    parsed: bool = False
    """Whether a parser read it; if not, only patterns over the text can say something."""
    unparsed: tuple[str, ...] = ()
    """What parsers said of parts that they could not read."""

    def of(self, *kinds: str) -> Iterator[Resource]:
        """The resources of these kinds."""
        return (resource for resource in self.resources if resource.kind in kinds)

    @property
    def narrows_an_endpoint(self) -> bool:
        """Whether its policy is that of a VPC endpoint alone, which grants nothing: what everybody
        may there, the bucket and the caller's own policy still have to allow.
        """
        kinds = {resource.kind for resource in self.resources}
        others = {kind for kind in kinds if kind.lower().endswith("policy")} - _ENDPOINTS
        return bool(kinds & _ENDPOINTS) and not others

    def nodes(self) -> Iterator[Mapping[str, Any]]:
        """Every table in every tree."""
        for tree in [*self.documents, *(resource.body for resource in self.resources)]:
            yield from walk(tree)


_ENDPOINTS = frozenset({"aws_vpc_endpoint", "aws_vpc_endpoint_policy", "AWS::EC2::VPCEndpoint"})


@dataclass(slots=True)
class Parts:
    """What a parser found, before it is made into `Code`."""

    resources: list[Resource] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    parsed: bool = False
    unparsed: list[str] = field(default_factory=list)
    """What libraries said of text that they could not read."""

    def add(self, other: Parts) -> None:
        """Take over all that another parser found."""
        self.resources += other.resources
        self.documents += other.documents
        self.commands += other.commands
        self.parsed = self.parsed or other.parsed
        self.unparsed += other.unparsed

    def fail(self, reader: str, error: Exception) -> None:
        """Keep what a reader said, on one short line."""
        told = " ".join(str(error).split())[:MAX_MESSAGE]
        self.unparsed.append(f"{reader}: {type(error).__name__}: {told}")


def walk(tree: Any) -> Iterator[Mapping[str, Any]]:
    """Every table in a tree, outer ones first; bounded."""
    waiting, left = [tree], MAX_NODES
    while waiting and left:
        left -= 1
        node = waiting.pop()
        if isinstance(node, Mapping):
            yield node
            waiting += reversed(list(node.values()))
        elif isinstance(node, list | tuple):
            waiting += reversed(node)


def items(value: Any) -> list[Any]:
    """A list as it is, nothing as an empty one, anything else as a list of it."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def lookup(body: Mapping[str, Any], path: str) -> list[Any]:
    """Every value at a dotted path; a block that is given several times gives several."""
    found: list[Any] = [body]
    for name in path.split("."):
        found = [value for node in found for value in _step(node, name)]
    return found


def _step(node: Any, name: str) -> list[Any]:
    if isinstance(node, Unknown):
        return [node]
    if not isinstance(node, Mapping) or name not in node:
        return []
    value = node[name]
    return (
        list(value)
        if isinstance(value, list | tuple) and any(isinstance(v, Mapping) for v in value)
        else [value]
    )


def said(value: Any) -> str:
    """A scalar as lower-case text, empty where it is unknown or no scalar."""
    if value is None or isinstance(value, Unknown | Mapping | list | tuple):
        return ""
    return str(value).strip().lower()


def texts(value: Any) -> list[str]:
    """Scalars of a list, or a scalar, as lower-case texts; unknown ones are left out."""
    return [text for item in items(value) if (text := said(item))]


def conditions(given: Any) -> Iterator[tuple[str, str, Any]]:
    """(operator, key, values) of a statement's condition, in lower case; JSON's tables and
    Terraform's blocks.
    """
    for block in items(given):
        if isinstance(block, Mapping) and "variable" in block:
            yield said(block.get("test")), said(block["variable"]), block.get("values")
        elif isinstance(block, Mapping):
            for operator, keys in block.items():
                for key, values in keys.items() if isinstance(keys, Mapping) else ():
                    yield str(operator).lower(), str(key).lower(), values


def narrows(condition: Any) -> bool:
    """Whether a condition may say who or what: not if there is none, or only about transport or
    encryption.
    """
    found = [
        key in _ABOUT_THE_REQUEST or (operator in _LIKE and bool(_EVERYTHING & set(texts(values))))
        for operator, key, values in conditions(condition)
    ]
    return bool(condition) and not (found and all(found))


def snake(name: str) -> str:
    """`PubliclyAccessible` and `publicly-accessible` as `publicly_accessible`."""
    words = re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip().lstrip("-")
    )
    return words.replace("-", "_").lower()


def snaked(tree: Any) -> Any:
    """A tree with all its names in snake case."""
    if isinstance(tree, Mapping):
        return {snake(str(name)): snaked(value) for name, value in tree.items()}
    return [snaked(value) for value in tree] if isinstance(tree, list | tuple) else tree
