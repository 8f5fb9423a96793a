"""Why a call to AWS is allowed or refused, as sentences."""

from __future__ import annotations

from collections.abc import Sequence

from secarch.dedupe.examples.constructed.policy import iam
from secarch.dedupe.examples.constructed.voice import listed


def near(request: iam.Request, given: Sequence[iam.Statement]) -> iam.Statement | None:
    """An Allow that fits in the action or in the service and misses otherwise."""
    return next((one for one in given if one.allows and one.on_action(request.action)), None)


def reason(
    request: iam.Request, decision: iam.Decision, given: Sequence[iam.Statement], guard: str
) -> str:
    """What decides the request, in one sentence or two."""
    by, allow = decision.by, decision.allow
    if decision.reason == "deny" and by:
        return _denied(request.action, by, allow, decision)
    if decision.reason in {"scp", "boundary"}:
        rest = (
            f"`{allow.sid}` in {allow.policy} would allow it"
            if allow
            else "no statement allows it either"
        )
        return (
            f"{guard[0].upper()}{guard[1:]} has no Allow that covers "
            f"`{request.action}`, and it is a ceiling; {rest}."
        )
    if decision.reason == "other_account":
        return _one_sided(request, allow)
    if by and allow and allow is not by and by.policy != allow.policy:
        if decision.verdict == "depends":
            return (
                f"`{allow.sid}` in {allow.policy} allows it, and `{by.sid}` in {by.policy} does "
                f"so only if its condition on {listed([f'`{key}`' for key in decision.keys])} is "
                "met, which neither policy tells."
            )
        return (
            f"Across accounts both sides must allow it, and both do: `{allow.sid}` in "
            f"{allow.policy} and `{by.sid}` in {by.policy}."
        )
    return _allowed(request, by, given) if by else _missed(request, given)


def _allowed(request: iam.Request, by: iam.Statement, given: Sequence[iam.Statement]) -> str:
    if by.condition:
        keys = listed([f"`{key}`" for key in by.condition])
        return (
            f"`{by.sid}` in {by.policy} covers it, but only if its condition on "
            f"{keys} is met, which the policy alone does not tell."
        )
    met = next((one.condition for one in given if one.sid == by.sid and one.condition), ())
    if met:
        keys = listed([f"`{key}` (`{request.context[key]}`)" for key in met])
        return (
            f"`{by.sid}` in {by.policy} covers it, and the call meets its condition on {keys}."
            f"{_other_side(request, given)}"
        )
    if by.other_actions:
        return (
            f"`{by.sid}` allows whatever its NotAction does not name, and "
            f"`{request.action}` is not named.{_other_side(request, given)}"
        )
    return (
        f"`{by.sid}` in {by.policy} covers `{request.action}` on this resource, "
        f"and nothing denies it.{_other_side(request, given)}"
    )


def _other_side(request: iam.Request, given: Sequence[iam.Statement]) -> str:
    """What else has to agree before an allowed call does what it says."""
    if request.action.startswith("kms:"):
        read = next((one.sid for one in given if one.allows and one.on_action("s3:GetObject")), "")
        told = " The key's own policy has to let IAM policies of the account decide."
        if not request.context.get("kms:ViaService"):
            return told
        held = f"`{read}` grants" if read else "no statement grants"
        return f"{told} It is half of a read: the other half is `s3:GetObject`, which {held}."
    if request.action == "sts:AssumeRole":
        return " The role's trust policy has to admit the caller as well."
    if request.action == "iam:PassRole":
        makes = any(one.allows and one.on_action("lambda:CreateFunction") for one in given)
        lead = "With `lambda:CreateFunction`, which is granted too," if makes else "Alone it"
        end = "it is code under that role." if makes else "starts nothing: no statement creates"
        return f" {lead} {end}" if makes else f" {lead} {end} or changes a function."
    return ""


def _denied(
    action: str, by: iam.Statement, allow: iam.Statement | None, decision: iam.Decision
) -> str:
    if decision.verdict == "depends":
        return f"It is allowed, but `{by.sid}` denies it if {listed(list(by.condition))} matches."
    beside = f", whatever `{allow.sid}` allows" if allow else ""
    rest = "" if allow else ", and no statement would allow it anyway"
    if decision.also:
        names = listed([f"`{one.sid}` in {one.policy}" for one in (by, *decision.also)])
        return f"{names} deny `{action}`, each of them by itself{beside}{rest}."
    return f"`{by.sid}` in {by.policy} denies `{action}`{beside}{rest}."


def _one_sided(request: iam.Request, allow: iam.Statement | None) -> str:
    if allow is None:
        return f"Neither side allows `{request.action}` on this resource."
    other = "bucket policy" if "identity" in allow.policy else "identity policy"
    return (
        f"`{allow.sid}` in {allow.policy} allows it, but the {other} of the other "
        "account does not, and across accounts both must."
    )


def _missed(request: iam.Request, given: Sequence[iam.Statement]) -> str:
    found = near(request, given)
    if found and found.on_resource(request.resource) and found.condition:
        key = found.condition[0]
        said = request.context.get(key)
        told = f"carries `{said}` there" if said else "does not carry that key"
        return (
            f"`{found.sid}` covers action and resource, but its condition on `{key}` is not met, "
            f"since this call {told}; what no statement allows is refused."
        )
    if found:
        return (
            f"`{found.sid}` allows the action on `{found.resources[0]}` only, and the "
            f"call is about `{request.resource}`; what no statement allows is refused."
        )
    return f"No statement allows `{request.action}`, and what is not allowed is refused."
