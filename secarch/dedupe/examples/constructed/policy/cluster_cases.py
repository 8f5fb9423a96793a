"""Roles and bindings of a Kubernetes cluster."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from secarch.dedupe.examples.constructed.policy import rbac, reach
from secarch.dedupe.examples.constructed.policy.case import CALLS, Case, Ruling, kept_changes, parts
from secarch.dedupe.examples.constructed.values import filled

_GROUP = "rbac.authorization.k8s.io"
LEAST_CALLS = 4
"""Calls that are asked about even if all of them succeed."""
_NARROW = "Replace the ClusterRoleBinding by a RoleBinding in each namespace that needs"


def cluster(rng: random.Random, values: dict[str, str]) -> Case:
    """Roles and bindings of a cluster, for one service account and calls in two namespaces."""
    data = parts()["rbac"]
    own, other = values["ns"], rng.choice(["payments", "monitoring", "edge", "batch"])
    first, second = rng.sample(data["rules"], 2)
    account = f"serviceaccount:{own}/{values['name']}"
    roles = [_role(first, values), _role(second, values)]
    wide = rng.random() < 0.35
    bindings = [
        rbac.Binding(f"{values['name']}-{first['id']}", first["id"], (account,), own),
        rbac.Binding(
            f"{values['name']}-{second['id']}", second["id"], (account,), "" if wide else other
        ),
    ]
    rulings = _rbac_rulings(rng, values, roles, bindings, account, (own, other))
    shown = "\n---\n".join(
        [*map(_role_yaml, roles), *(_binding_yaml(b, own, values) for b in bindings)]
    )
    told = _telling(first, second)
    miss = [one["miss"].replace("The rule", f"`{one['id']}`", 1) for one in told]
    bound = "A ClusterRole says what; the binding says where. " + (
        "The ClusterRoleBinding makes the second one hold in every namespace."
        if wide
        else (
            "Through a RoleBinding each of the two holds in the binding's namespace "
            f"only: `{own}` and `{other}`."
        )
    )
    return Case(
        scenario=f"policy+rbac+{'+'.join(sorted([first['id'], second['id']]))}",
        category="kubernetes",
        who=f"the service account `{values['name']}` of namespace `{own}`",
        shown=f"```yaml\n{shown}\n```",
        rulings=rulings,
        miss=(bound, *miss),
        reach=_reach(rulings, bindings),
        code=_written(first, second, bindings[1], values, own),
        change=_widest_first(
            _bound(second["id"]) if wide else _across(own, other, second["id"], first["id"]),
            *kept_changes([one["change"] for one in told]),
        ),
    )


_STILL = {"view-settings", "one-secret", "logs"}
"""Roles by which nobody comes to rights that they do not name."""


def _reach(rulings: Sequence[Ruling], bindings: Sequence[rbac.Binding]) -> tuple[str, ...]:
    """What the account reaches by other rights than those that a call is about."""
    quiet = {one.role for one in bindings} <= _STILL
    ways = reach.cluster([(one.role, one.namespace) for one in bindings])
    return reach.ways(rulings, ways, parts()["rbac"]["still"] if quiet else "")


def _written(
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    wide: rbac.Binding,
    values: Mapping[str, str],
    own: str,
) -> str:
    """The role or binding that changes most, as it is written then."""
    if "everything" in {first["id"], second["id"]}:
        return ""
    if not wide.namespace:
        narrow = dataclasses.replace(wide, namespace=own)
        text = _binding_yaml(narrow, own, values)
        lead = "For its own namespace; each other one that needs it takes a binding like it:"
        return f"{lead}\n\n```yaml\n{text}\n```"
    if second["id"] in _AT_HOME and not _held(first["id"], second["id"]):
        text = _binding_yaml(dataclasses.replace(wide, namespace=own), own, values)
        return (
            "If the namespace was a slip, the binding as it was meant; the one in "
            f"`{wide.namespace}` goes with it:\n\n```yaml\n{text}\n```"
        )
    if first["id"] == "read-secrets":  # elsewhere the name of the secret is not known
        rule = rbac.Rule(("",), ("secrets",), ("get",), (f"{values['name']}-db",))
        text = _role_yaml(rbac.Role("read-secrets", (rule,)))
        return f"`read-secrets` as I would write it:\n\n```yaml\n{text}\n```"
    return ""


_LISTS_PODS = {"view-settings", "everything"}


def _telling(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rules that are worth a remark: logs lack a way to find pods only if nobody lists them."""
    both = [first, second]
    if "everything" in {one["id"] for one in both}:
        return [one for one in both if one["id"] == "everything"]
    if {"one-secret", "read-secrets"} == {one["id"] for one in both}:
        # What reads all secrets also lists them, so the narrow role refuses nothing.
        return [one for one in both if one["id"] == "read-secrets"]
    if _LISTS_PODS & {one["id"] for one in both}:
        both = [one for one in both if one["id"] != "logs"]
    return both


def _widest_first(*changes: str) -> tuple[str, ...]:
    """The changes in their order, but what ends a role of stars before all others."""
    return tuple(sorted(changes, key=lambda text: "the stars" not in text))


def _bound(role: str) -> str:
    """What to do with a role that is bound in every namespace."""
    if role == "everything":
        return (
            "Delete the ClusterRoleBinding first: with it the account is administrator of the "
            "cluster, whatever the other binding says. Replace the stars by the list of what is "
            "used, and bind that in the namespaces that need it."
        )
    return f"{_NARROW} `{role}`."


_AT_HOME = {"deploy": "deploy", "one-secret": "read that secret"}
"""Roles that a service needs in its own namespace -> what it does with them."""


_READS_ALL = {"read-secrets", "everything"}
"""Roles that read every secret where they are bound."""


def _held(first: str, second: str) -> bool:
    """Whether the account has at home by its first role what the second one would give there."""
    return first == "everything" or (second == "one-secret" and first in _READS_ALL)


def _across(own: str, other: str, role: str, first: str) -> str:
    """What to ask about a right in a namespace that is not the account's own."""
    if role == "read-secrets" and first == "one-secret":
        return (
            f"Delete the binding of `read-secrets` in `{other}` unless somebody names the secret "
            f"there that the account needs: what it needs in `{own}` it has by `one-secret`."
        )
    if role in _AT_HOME and _held(first, role):
        return (
            f"Delete the binding of `{role}` in `{other}`: in `{own}` the account may do this by "
            f"`{first}` already, and `{other}` gains nothing from a guest with rights."
        )
    if role in _AT_HOME:
        return (
            f"Ask first which namespace is meant: `{role}` holds in `{other}` and not in `{own}`, "
            f"so this binding does not let the account {_AT_HOME[role]} where it lives. If that is "
            f"a slip, bind it in `{own}`; if it is meant, give the work an account of its own in "
            f"`{other}`, since whoever takes over a pod of `{own}` does it there too."
        )
    return (
        f"Ask why an account of `{own}` holds `{role}` in `{other}`: whoever takes over a pod of "
        "it acts there too. If the need is real, give that work an account of its own in "
        f"`{other}`."
    )


def _role(rule: Mapping[str, Any], values: Mapping[str, str]) -> rbac.Role:
    names = tuple(filled(name, values) for name in rule.get("names", ()))
    given = rbac.Rule(tuple(rule["groups"]), tuple(rule["resources"]), tuple(rule["verbs"]), names)
    return rbac.Role(rule["id"], (given,))


def _rbac_rulings(
    rng: random.Random,
    values: Mapping[str, str],
    roles: Sequence[rbac.Role],
    bindings: Sequence[rbac.Binding],
    account: str,
    namespaces: tuple[str, str],
) -> tuple[Ruling, ...]:
    decided = []
    for one in parts()["rbac"]["requests"]:
        for namespace in namespaces:
            request = rbac.Request(
                account,
                one["verb"],
                one["resource"],
                namespace,
                one.get("group", ""),
                filled(one.get("name", ""), values),
            )
            decision = rbac.evaluate(request, roles, bindings)
            say = f"{filled(one['say'], values)} in `{namespace}`"
            decided.append(
                (
                    decision,
                    Ruling(
                        say,
                        "yes" if decision.allowed else "no",
                        _rbac_reason(request, decision, roles),
                        _asked(request, allowed=decision.allowed),
                        (f"{request.verb} {request.resource}", namespace),
                    ),
                )
            )
    yes = [ruling for decision, ruling in decided if decision.allowed]
    near = [ruling for decision, ruling in decided if decision.nearly]
    no = [ruling for decision, ruling in decided if not decision.allowed and not decision.nearly]
    drawn = rng.sample(yes, min(2, len(yes))) + rng.sample(near, min(2, len(near)))
    drawn += rng.sample(no, min(CALLS - len(drawn), len(no)))
    rest = [ruling for ruling in yes if ruling not in drawn]
    drawn += rng.sample(rest, min(max(0, LEAST_CALLS - len(drawn)), len(rest)))
    rng.shuffle(drawn)
    return tuple(drawn)


def _asked(request: rbac.Request, *, allowed: bool) -> str:
    """The question to the API server itself."""
    kind, _, part = request.resource.partition("/")
    named = f"{kind}.{request.group}" if request.group else kind
    named += f"/{request.name}" if request.name and not part else ""
    sub = f" --subresource={part}" if part else ""
    account = request.subject.removeprefix("serviceaccount:").replace("/", ":")
    return (
        f"`kubectl auth can-i {request.verb} {named}{sub} -n {request.namespace} "
        f"--as=system:serviceaccount:{account}` must say {'yes' if allowed else 'no'}."
    )


def _rbac_reason(request: rbac.Request, decision: rbac.Decision, roles: Sequence[rbac.Role]) -> str:
    """Why, with the object's name only if a rule for that kind of object is bound to names."""
    bound = any(
        rule.names and request.resource in rule.resources for role in roles for rule in role.rules
    )
    named = f" named `{request.name}`" if request.name and bound else ""
    call = f"`{request.verb}` on `{request.resource}`{named}"
    if decision.allowed and decision.binding and decision.role:
        where = decision.binding.namespace
        scope = f"in `{where}`" if where else "in every namespace"
        return (
            f"`{decision.binding.name}` gives the role `{decision.role.name}` {scope}, and its "
            f"rule covers {call}."
        )
    if decision.nearly:
        return (
            f"The role `{decision.nearly.role}` would cover {call}, but `{decision.nearly.name}` "
            f"binds it in `{decision.nearly.namespace}` only."
        )
    return (
        f"No bound rule covers {call} in `{request.namespace}`; RBAC has no denials, so what is "
        "not granted is refused."
    )


def _role_yaml(role: rbac.Role) -> str:
    (rule,) = role.rules
    lines = [
        "apiVersion: rbac.authorization.k8s.io/v1",
        "kind: ClusterRole",
        f"metadata: {{name: {role.name}}}",
        "rules:",
        f"  - apiGroups: {json.dumps(list(rule.groups))}",
        f"    resources: {json.dumps(list(rule.resources))}",
    ]
    if rule.names:
        lines.append(f"    resourceNames: {json.dumps(list(rule.names))}")
    return "\n".join([*lines, f"    verbs: {json.dumps(list(rule.verbs))}"])


def _binding_yaml(binding: rbac.Binding, own: str, values: Mapping[str, str]) -> str:
    kind = "RoleBinding" if binding.namespace else "ClusterRoleBinding"
    place = f", namespace: {binding.namespace}" if binding.namespace else ""
    return "\n".join(
        [
            f"kind: {kind}",
            "apiVersion: rbac.authorization.k8s.io/v1",
            f"metadata: {{name: {binding.name}{place}}}",
            f"roleRef: {{apiGroup: {_GROUP}, kind: ClusterRole, name: {binding.role}}}",
            f"subjects: [{{kind: ServiceAccount, name: {values['name']}, namespace: {own}}}]",
        ]
    )
