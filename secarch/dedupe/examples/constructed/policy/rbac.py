"""Kubernetes RBAC evaluated for one request: rights only add up, and nothing denies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a role."""

    groups: tuple[str, ...]
    resources: tuple[str, ...]
    """Such as "pods" or "pods/exec"; "*" covers all, subresources too."""
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()
    """Names of objects; empty for all."""


@dataclass(frozen=True, slots=True)
class Role:
    """A Role of a namespace, or a ClusterRole if there is none."""

    name: str
    rules: tuple[Rule, ...]
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """Who gets a role: in one namespace, or everywhere if `namespace` is empty."""

    name: str
    role: str
    subjects: tuple[str, ...]
    """Such as "group:auditors" or "serviceaccount:shop/worker"."""
    namespace: str = ""
    cluster_role: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """One call to the API server."""

    subject: str
    verb: str
    resource: str
    namespace: str = ""
    """Empty for objects that belong to no namespace, or for a call over all of them."""
    group: str = ""
    name: str = ""
    """Empty for calls without one, such as list and create."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it is allowed, by which binding and role."""

    allowed: bool
    binding: Binding | None = None
    role: Role | None = None
    nearly: Binding | None = None
    """A binding with a fitting role that holds in another namespace only."""


def evaluate(request: Request, roles: Sequence[Role], bindings: Sequence[Binding]) -> Decision:
    """The first binding that allows the request; without one it is refused."""
    nearly: Binding | None = None
    for binding in bindings:
        role = _role(binding, roles)
        if role is None or request.subject not in binding.subjects:
            continue
        if not any(covers(rule, request) for rule in role.rules):
            continue
        if binding.namespace in {"", request.namespace}:
            return Decision(True, binding, role)
        nearly = nearly or binding
    return Decision(False, nearly=nearly)


def _role(binding: Binding, roles: Sequence[Role]) -> Role | None:
    """The role that a binding names: a ClusterRole, or a Role of the binding's namespace."""
    wanted = "" if binding.cluster_role else binding.namespace
    return next((r for r in roles if r.name == binding.role and r.namespace == wanted), None)


def covers(rule: Rule, request: Request) -> bool:
    """Whether a rule speaks of the request; a rule with names does not cover list and create."""
    if rule.names and request.name not in rule.names:
        return False
    return all(
        "*" in given or wanted in given
        for given, wanted in (
            (rule.groups, request.group),
            (rule.resources, request.resource),
            (rule.verbs, request.verb),
        )
    )
