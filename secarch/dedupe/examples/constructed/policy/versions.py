"""Two versions of a policy: which calls come out differently, and whether the change goes in."""

from __future__ import annotations

import difflib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from secarch.dedupe.examples.constructed.policy.case import block, parts
from secarch.dedupe.examples.constructed.policy.iam import texts
from secarch.dedupe.examples.constructed.policy.rights import (
    Bodies,
    Call,
    Rights,
    policy,
    rights,
    simulated,
)
from secarch.dedupe.examples.constructed.values import filled
from secarch.dedupe.examples.constructed.voice import capital, listed

SHOWN = 5
"""Calls that are asked about."""
NARROWED = 0.35
"""Share of the changes that take something away."""
_SIMULATED = {"allow": "allowed", "no_allow": "implicitDeny", "deny": "explicitDeny"}
"""What the policy simulator calls a decision."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One statement before and after a change; None where it does not stand."""

    kind: str
    sid: str
    wide: Bodies
    narrow: Bodies


def edits(given: Bodies) -> list[Edit]:
    """Every change of one statement that gives more than the policy as it stands."""
    made = []
    for at, body in enumerate(given):

        def wider(at: int = at, body: Mapping[str, Any] = body, **changed: Any) -> Bodies:
            kept = {key: value for key, value in body.items() if key != "Condition"}
            return (*given[:at], {**kept, **changed}, *given[at + 1 :])

        sid = str(body["Sid"])
        left = (*given[:at], *given[at + 1 :])
        if body["Effect"] == "Deny":
            made.append(Edit("deny", sid, left, given))
            continue
        service = texts(body["Action"])[0].split(":")[0]
        if service != "logs":  # what only appends is no right to argue about
            made.append(Edit("statement", sid, given, left))
        if "Condition" in body:
            made.append(Edit("condition", sid, wider(), given))
        elif body["Resource"] != "*" and service != "sts":  # a role is nothing that one keeps
            made.append(Edit("actions", sid, wider(Action=f"{service}:*"), given))
            made.append(Edit("resource", sid, wider(Resource="*"), given))
    return [one for one in made if one.wide and one.narrow]


def _drawn(
    rng: random.Random, values: Mapping[str, str], field: str
) -> tuple[Rights, Edit, list[Call], list[Call]]:
    """Rights, a change that shows in some call, and the calls that it changes and leaves."""
    while True:
        held = rights(rng, values, field, rng.choice([3, 4]))
        known = edits(held.bodies)
        if not known:
            continue
        kind = rng.choice(sorted({one.kind for one in known}))
        edit = rng.choice([one for one in known if one.kind == kind])
        before, after = held.allowed(edit.narrow), held.allowed(edit.wide)
        changed = [call for call, a, b in zip(held.calls, before, after, strict=True) if a != b]
        same = [call for call, a, b in zip(held.calls, before, after, strict=True) if a == b]
        near = [one for one in same if held.decide(one).by or _on(held, one)]
        if changed and near:
            rng.shuffle(changed)
            return held, edit, changed[:3], rng.sample(near, min(2, len(near)))


def _on(held: Rights, call: Call) -> bool:
    return any(one.on_action(call.request.action) for one in held.given())


def versions(rng: random.Random, values: dict[str, str], field: str = "") -> tuple[str, str, str]:
    """The name of the kind of change, the question and the answer."""
    held, edit, changed, same = _drawn(rng, values, field)
    narrows = rng.random() < NARROWED
    old, new = (edit.wide, edit.narrow) if narrows else (edit.narrow, edit.wide)
    calls = [*changed, *same][:SHOWN]
    rng.shuffle(calls)
    text = parts()["versions"]
    lead = filled(rng.choice(text["ask"]), values)
    asked = "\n\n".join(
        [
            capital(lead),
            f"{rng.choice(text['before'])}\n\n{block(policy(old))}",
            f"{rng.choice(text['change'])}\n\n```diff\n{_diff(old, new)}\n```",
            "\n".join(f"{n}. {capital(one.say)}?" for n, one in enumerate(calls, 1)),
        ]
    )
    place = "narrower" if narrows else "wider"
    told = listed([one.say for one in calls if one in changed])
    reasons = [held.why(call, new) for call in calls]
    rows = [
        f"| {n}. {capital(call.say)} | {_word(held, call, old)} | {_word(held, call, new)} "
        f"| {_once(reasons, n - 1)} |"
        for n, call in enumerate(calls, 1)
    ]
    first = next(one for one in calls if one in changed)
    verdict = _SIMULATED[held.decide(first, new).reason]
    head = rng.choice(text[place]).replace("{calls}", told)
    if "Right or wrong?" in lead:
        head = f"{rng.choice(text['colleague'])} {head}"
    lines = [
        head,
        "\n".join(
            ["| Call | Before | After | What decides after it |", "|---|---|---|---|", *rows]
        ),
        _meaning(rng, text[edit.kind], held, edit, narrows=narrows),
    ]
    if not narrows:
        about = held.told[edit.sid]["miss"] if edit.kind == "statement" else ""
        lines += [filled(about, values)] if about else []
        lines.append(_instead(rng, text, edit))
    proof = f"{simulated(first, 'new.json', verdict)}; by the policy as it was it says "
    proof += f"`{_SIMULATED[held.decide(first, old).reason]}`."
    lines.append(f"**{rng.choice(text['proof'])}** {proof}")
    return edit.kind, asked, filled("\n\n".join(lines), values)


def _once(reasons: Sequence[str], at: int) -> str:
    first = reasons.index(reasons[at])
    return reasons[at] if first == at else f"As for call {first + 1}."


def _word(held: Rights, call: Call, bodies: Bodies) -> str:
    return "yes" if held.decide(call, bodies).verdict == "allowed" else "no"


def _meaning(
    rng: random.Random, text: Mapping[str, Any], held: Rights, edit: Edit, *, narrows: bool
) -> str:
    """What the change comes to, in the words of the statement that it touches."""
    body = next(one for one in (*edit.wide, *edit.narrow) if one["Sid"] == edit.sid)
    narrow = next((one for one in edit.narrow if one["Sid"] == edit.sid), body)
    service = texts(narrow["Action"])[0].split(":")[0]
    keys = [key for table in narrow.get("Condition", {}).values() for key in table]
    given = {
        "sid": edit.sid,
        "actions": listed([f"`{one}`" for one in texts(narrow["Action"])]),
        "service": service,
        "key": keys[0] if keys else "",
        "resource": texts(narrow["Resource"])[0],
        "role": held.role,
    }
    of_key = text.get("keys", {}).get(given["key"])
    told = str(rng.choice(text["taken" if narrows else "given"]))
    if of_key and not narrows:
        told = str(of_key)
    for name, value in given.items():
        told = told.replace("{" + name + "}", value)
    return told


def _instead(rng: random.Random, text: Mapping[str, Any], edit: Edit) -> str:
    """What to ask for in place of the change."""
    told = str(rng.choice(text[edit.kind]["instead"]))
    return told.replace("{sid}", edit.sid)


def _diff(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> str:
    before, after = (json.dumps(policy(one), indent=2).splitlines() for one in (old, new))
    lines = list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]
    return "\n".join(lines)
