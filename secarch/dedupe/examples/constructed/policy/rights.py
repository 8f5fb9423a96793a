"""Rights of one AWS role with the calls that are asked of it, as a thing that can be changed."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from secarch.dedupe.examples.constructed.policy import iam
from secarch.dedupe.examples.constructed.policy.aws_reasons import reason
from secarch.dedupe.examples.constructed.policy.case import parts
from secarch.dedupe.examples.constructed.values import filled

FIELDS = ("messages", "machines")
"""Services whose statements and calls stand in no other question."""
Bodies = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One call with its name for people."""

    say: str
    request: iam.Request


@dataclass(frozen=True, slots=True)
class Rights:
    """An identity policy, and the calls that are asked."""

    role: str
    bodies: Bodies
    calls: tuple[Call, ...]
    told: Mapping[str, Mapping[str, Any]]
    """Sid -> what the table says of the statement."""

    def decide(self, call: Call, bodies: Bodies | None = None) -> iam.Decision:
        """What comes out for a call, by this policy or another one."""
        return iam.evaluate(call.request, self.given(bodies))

    def allowed(self, bodies: Bodies | None = None) -> tuple[bool, ...]:
        """For each call whether it succeeds."""
        return tuple(self.decide(call, bodies).verdict == "allowed" for call in self.calls)

    def why(self, call: Call, bodies: Bodies | None = None) -> str:
        """What decides a call, as a sentence."""
        return reason(call.request, self.decide(call, bodies), self.given(bodies), "")

    def given(self, bodies: Bodies | None = None) -> tuple[iam.Statement, ...]:
        """The statements for the evaluator."""
        return iam.statements(policy(bodies or self.bodies), "the identity policy")


def policy(bodies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(bodies)}


def rights(rng: random.Random, values: Mapping[str, str], field: str, count: int) -> Rights:
    """Statements of one field ('' for what is in none), and all its calls."""
    table = parts()["iam"]
    known = [one for one in table["statements"] if one.get("apart", "") == field]
    known = [one for one in known if "NotAction" not in one["body"]]
    drawn = rng.sample(known, min(count, len(known)))
    bodies = json.loads(filled(json.dumps([one["body"] for one in drawn]), values))
    calls = []
    for one in table["requests"]:
        if one.get("apart", "") == field:
            context = {key: filled(text, values) for key, text in one.get("context", {}).items()}
            request = iam.Request(one["action"], filled(one["resource"], values), context)
            calls.append(Call(filled(one["say"], values), request))
    return Rights(
        role=f"{values['name']}-{values['env']}",
        bodies=tuple(bodies),
        calls=tuple(calls),
        told={one["body"]["Sid"]: one for one in drawn},
    )


def simulated(call: Call, file: str, verdict: str) -> str:
    """The call in the simulator, against a policy that is not attached to anybody yet."""
    context = "".join(
        f" --context-entries ContextKeyName={key},ContextKeyValues={value},ContextKeyType=string"
        for key, value in call.request.context.items()
        if value
    )
    return (
        f"`aws iam simulate-custom-policy --policy-input-list file://{file} --action-names "
        f"{call.request.action} --resource-arns '{call.request.resource}'{context}` must say "
        f"`{verdict}`"
    )
