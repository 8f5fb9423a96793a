"""What a rule is, and faults that are a value of one argument or its absence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from secarch.danger.tree import Code, Resource, Unknown, lookup, said
from secarch.schema import Config
from secarch.suite.schema import Severity


@dataclass(frozen=True, slots=True)
class Found:
    """One fault."""

    evidence: str
    absent: bool = False
    """Whether it is an unsafe default that was left, which weighs less than an unsafe value that
    was set.
    """
    severity: Severity | None = None
    """Where this fault weighs another than the rule says."""


class Rule(Config):
    """Base of all rules."""

    kind: str
    severity: Severity = "critical"
    """Of what is written; a default that was left is `minor`, since more may stand where nobody
    shows it.
    """

    def find(self, code: Code) -> Iterator[Found]:
        """Every fault in one block of code."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Setting:
    """An argument of some resources, the values that are faults, and whether leaving it out is
    one.
    """

    kinds: tuple[str, ...]
    path: str
    """Dotted."""
    bad: tuple[str, ...] = ()
    """Lower-case values."""
    absent: bool = False
    """Whether its default is unsafe."""
    unless: tuple[str, ...] = ()
    """Arguments with which its absence is not a fault."""
    inside: str = ""
    """A block of the resource that is looked at instead, each one that is there."""


def setting(
    kinds: str, path: str, *bad: str, absent: bool = False, unless: str = "", inside: str = ""
) -> Setting:
    """A `Setting`, its kinds and exceptions given as words."""
    return Setting(tuple(kinds.split()), path, bad, absent, tuple(unless.split()), inside)


def faults(code: Code, settings: Sequence[Setting]) -> Iterator[Found]:
    """Every setting of every resource that is unsafe or was left so."""
    for one in settings:
        for resource in code.resources:
            if resource.kind in one.kinds:
                yield from _faults(resource, one)
            elif not resource.kind and one.bad and "." not in one.path and not one.inside:
                yield from _given(resource, one)


def _faults(resource: Resource, one: Setting) -> Iterator[Found]:
    if one.inside:
        for block in lookup(resource.body, one.inside):
            if isinstance(block, dict):
                yield from _faults(
                    Resource(resource.kind, resource.name, block, partial=resource.partial),
                    Setting(one.kinds, one.path, one.bad, one.absent, one.unless),
                )
        return
    yield from _given(resource, one)
    left = one.absent and not resource.partial and not lookup(resource.body, one.path)
    if left and not any(_is_set(resource, name) for name in one.unless):
        yield Found(f"{resource.label}: {one.path} is not set", absent=True)


def _is_set(resource: Resource, path: str) -> bool:
    return bool(lookup(resource.body, path))


def _given(resource: Resource, one: Setting) -> Iterator[Found]:
    for value in lookup(resource.body, one.path):
        empty = one.absent and isinstance(value, list) and not value
        if not isinstance(value, Unknown) and (said(value) in one.bad or empty):
            yield Found(f"{resource.label}: {one.path} = {'[]' if empty else said(value)}")
