"""Azure role assignments evaluated for one operation.

Effective rights of a role are its actions without its notActions; those of a caller are the union
over all assignments, so that notActions of one role take nothing from another (Azure RBAC,
"Understand role definitions"). Data operations are looked up in dataActions alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A role definition."""

    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role at a scope, which holds for everything below it."""

    role: str
    scope: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on one resource."""

    name: str
    scope: str
    data: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it is allowed, and by which assignment."""

    allowed: bool
    by: Assignment | None = None
    excluded_by: Role | None = None
    """A role in scope that names the operation and takes it out again by notActions."""
    elsewhere: Assignment | None = None
    """An assignment of a fitting role at a scope that does not reach the resource."""
    control_only: Role | None = None
    """A role in scope that covers a data operation on the control plane only."""


def evaluate(
    operation: Operation, roles: Sequence[Role], assignments: Sequence[Assignment]
) -> Decision:
    """The first assignment that allows the operation; else what comes nearest."""
    known = {role.name: role for role in roles}
    excluded = control = None
    elsewhere = None
    for assignment in assignments:
        role = known[assignment.role]
        inside = within(operation.scope, assignment.scope)
        if _allows(role, operation):
            if inside:
                return Decision(True, assignment, excluded)
            elsewhere = elsewhere or assignment
        elif inside and _excludes(role, operation):
            excluded = excluded or role
        elif inside and operation.data and _hit(role.actions, operation.name):
            control = control or role
    return Decision(False, None, excluded, elsewhere, control)


def within(scope: str, outer: str) -> bool:
    """Whether a resource's scope is at or below another; letters know no case."""
    inner, outer = scope.lower().rstrip("/"), outer.lower().rstrip("/")
    return inner == outer or inner.startswith(f"{outer}/")


def _allows(role: Role, operation: Operation) -> bool:
    return _named(role, operation) and not _excludes(role, operation)


def _named(role: Role, operation: Operation) -> bool:
    return _hit(role.data_actions if operation.data else role.actions, operation.name)


def _excludes(role: Role, operation: Operation) -> bool:
    taken = role.not_data_actions if operation.data else role.not_actions
    return _named(role, operation) and _hit(taken, operation.name)


def _hit(patterns: Sequence[str], name: str) -> bool:
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name, re.IGNORECASE)
        for pattern in patterns
    )
