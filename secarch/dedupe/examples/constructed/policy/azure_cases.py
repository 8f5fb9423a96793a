"""Azure role definitions and their assignments."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from secarch.dedupe.examples.constructed.policy import azure as az
from secarch.dedupe.examples.constructed.policy import reach
from secarch.dedupe.examples.constructed.policy.case import (
    CALLS,
    Case,
    Ruling,
    block,
    kept_changes,
    parts,
)
from secarch.dedupe.examples.constructed.values import filled


def azure(rng: random.Random, values: dict[str, str]) -> Case:
    """Two role definitions and their assignments, for one group."""
    data = parts()["azure"]
    drawn = rng.sample(data["roles"], 2)
    roles = [_azure_role(one, values) for one in drawn]
    subscription = f"/subscriptions/00000000-0000-0000-0000-000000000{values['digits']}"
    group = f"{subscription}/resourceGroups/rg-{values['name']}"
    other = f"{group}-shared"
    assignments = [
        az.Assignment(roles[0].name, group),
        az.Assignment(roles[1].name, rng.choice([group, other])),
    ]
    rulings = _azure_rulings(rng, roles, assignments, group)
    shown = [block(_definition(role)) for role in roles]
    kinds = [one["name"].removeprefix("{name} ") for one in drawn]
    near = [
        (kind, role.name)
        for kind, role, one in zip(kinds, roles, assignments, strict=True)
        if one.scope == group
    ]
    quiet = {kind for kind, _ in near} <= _STILL
    lines = "\n".join(f"- `{one.role}` at `{one.scope}`" for one in assignments)
    return Case(
        scenario=f"policy+azure+{'+'.join(sorted(one['name'].split('} ')[-1] for one in drawn))}",
        category="azure",
        who=f"the group `{values['name']}-team`",
        shown="\n\n".join(
            [
                *shown,
                f"Assignments of the group `{values['name']}-team`:\n\n{lines}",
                f"{_PLACED} `rg-{values['name']}`.",
            ]
        ),
        rulings=rulings,
        miss=(
            *filter(None, [_general(roles, assignments, other)]),
            *(_naming(one["miss"], role.name) for one, role in zip(drawn, roles, strict=True)),
        ),
        reach=reach.ways(rulings, reach.azure(near), data["still"] if quiet else ""),
        proof=rng.choice(data["proof"]),
        change=(
            *_misplaced(assignments[1], other),
            *kept_changes(
                [
                    _naming(one["change"], role.name)
                    for one, role, at in zip(drawn, roles, assignments, strict=True)
                    if at.scope == group
                ]
                or ["Nothing else in what reaches the group."]
            ),
        ),
    )


def _general(roles: Sequence[az.Role], assignments: Sequence[az.Assignment], other: str) -> str:
    """How scopes or notActions work, whichever decides here; '' if neither does."""
    if assignments[1].scope == other:
        return (
            f"`{roles[1].name}` counts only for what is in `{other.rpartition('/')[2]}`. "
            "Resource groups inherit from the subscription and never from one another."
        )
    if any(role.not_actions for role in roles):
        return (
            "`notActions` are no Deny. They only shorten the role in which they are, "
            "and another assignment can give the same operation back."
        )
    return ""


def _misplaced(one: az.Assignment, other: str) -> tuple[str, ...]:
    """What to do with an assignment at a group that holds none of the resources."""
    if one.scope != other:
        return ()
    name = other.rsplit("/", 1)[-1]
    text = (
        f"Decide what the assignment of `{one.role}` at `{name}` is for: it reaches none of the "
        "resources named here. If one of them is meant, assign it at that resource and delete this "
        f"one; if something in `{name}` is meant, leave it and say so in its description."
    )
    return (text,)


_PLACED = "The web app, the storage account, the vault and the network security group are in"
_STILL = {"reader of blobs", "secrets reader", "Reader", "blob editor", "network operator"}
"""Roles by which nobody comes to rights that they do not name."""
_MEANS = re.compile(r"^The role\b|(?<=^Assign )it\b|(?<=^Constrain )it\b|(?<=: )the role is\b")


def _naming(text: str, name: str) -> str:
    """A remark with the role's name in it, since there are two."""
    return _MEANS.sub(
        lambda match: f"`{name}` is" if match[0].endswith(" is") else f"`{name}`", text
    )


def _azure_role(one: Mapping[str, Any], values: Mapping[str, str]) -> az.Role:
    return az.Role(
        filled(one["name"], values),
        tuple(one["actions"]),
        tuple(one["not_actions"]),
        tuple(one["data_actions"]),
    )


def _definition(role: az.Role) -> dict[str, Any]:
    return {
        "roleName": role.name,
        "permissions": [
            {
                "actions": list(role.actions),
                "notActions": list(role.not_actions),
                "dataActions": list(role.data_actions),
                "notDataActions": list(role.not_data_actions),
            }
        ],
    }


def _azure_rulings(
    rng: random.Random, roles: Sequence[az.Role], assignments: Sequence[az.Assignment], group: str
) -> tuple[Ruling, ...]:
    decided = []
    for one in parts()["azure"]["operations"]:
        below = "" if one["at"] == "group" else f"/providers/{one['at']}"
        operation = az.Operation(one["name"], group + below, bool(one.get("data")))
        decision = az.evaluate(operation, roles, assignments)
        word = "yes" if decision.allowed else "no"
        say = one["say"] + (" in the resource group" if one["at"] == "group" else "")
        decided.append(
            (
                decision,
                Ruling(
                    say,
                    word,
                    _azure_reason(operation, decision),
                    _shown(one, allowed=decision.allowed),
                    key=(operation.name,),
                ),
            )
        )
    telling = [r for d, r in decided if d.excluded_by or d.elsewhere or d.control_only]
    yes = [r for d, r in decided if d.allowed and r not in telling]
    no = [r for d, r in decided if not d.allowed and r not in telling]
    drawn = rng.sample(telling, min(3, len(telling))) + rng.sample(yes, min(2, len(yes)))
    drawn += rng.sample(no, min(max(1, CALLS - len(drawn)), len(no)))
    rng.shuffle(drawn)
    return tuple(drawn)


def _shown(one: Mapping[str, Any], *, allowed: bool) -> str:
    """The command that makes the call, with what it must say."""
    if "call" not in one:
        return ""
    if allowed:
        return f"`{one['call']}` must answer."
    return f"`{one['call']}` must end with {one.get('ends', 'AuthorizationFailed')}."


def _azure_reason(operation: az.Operation, decision: az.Decision) -> str:
    kind = "dataActions" if operation.data else "actions"
    if decision.by:
        beside = (
            (
                f" That `{decision.excluded_by.name}` excludes it does not matter: rights "
                "of several roles add up."
            )
            if decision.excluded_by
            else ""
        )
        return (
            f"`{decision.by.role}` covers `{operation.name}` by its {kind} at a scope that reaches "
            f"the resource.{beside}"
        )
    if decision.excluded_by:
        return (
            f"`{decision.excluded_by.name}` names it and takes it out again by "
            "notActions, and no other role gives it."
        )
    if decision.elsewhere:
        return (
            f"`{decision.elsewhere.role}` would allow `{operation.name}`, but it is assigned at "
            f"`{decision.elsewhere.scope.rsplit('/', 1)[-1]}`, which does not contain "
            "the resource."
        )
    if decision.control_only:
        return (
            f"`{decision.control_only.name}` covers `{operation.name}` by its actions, but this "
            "is a data operation and only dataActions count."
        )
    return f"No assignment that reaches the resource gives `{operation.name}` by its {kind}."
