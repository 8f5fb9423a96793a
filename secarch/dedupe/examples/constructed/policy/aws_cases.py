"""AWS policies: one alone, one below a ceiling, and two sides of a bucket."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from secarch.dedupe.examples.constructed.policy import iam, reach
from secarch.dedupe.examples.constructed.policy.aws_reasons import near, reason
from secarch.dedupe.examples.constructed.policy.case import (
    CALLS,
    Case,
    Ruling,
    block,
    kept_changes,
    parts,
)
from secarch.dedupe.examples.constructed.policy.ceilings import below, overruled, stands, taken_up
from secarch.dedupe.examples.constructed.values import filled

OTHER_ACCOUNT = "444455556666"


def identity(rng: random.Random, values: dict[str, str]) -> Case:
    """An identity policy alone."""
    drawn = _statements(rng, values, rng.choice([3, 4, 4, 5]))
    policy = _policy([one["body"] for one in drawn])
    given = iam.statements(policy, "the identity policy")
    who = f"the role `{values['name']}-{values['env']}`"
    rulings = _iam_rulings(rng, values, given, {}, who=_arn(values))
    idle = _idle(drawn)
    changed = [one for one in _telling(drawn) if f"`{one['body']['Sid']}`" not in " ".join(idle)]
    return Case(
        scenario="policy+iam+identity+" + "+".join(sorted(one["body"]["Sid"] for one in drawn)[:2]),
        category="iam",
        who=who,
        shown=f"Identity policy of {who}:\n\n{block(policy)}",
        rulings=rulings,
        miss=(*idle, *_pairs(drawn)[:1], *(one["miss"] for one in changed))[:3],
        change=_changes(changed),
        code=_written(changed, values),
        reach=_reach(rulings, given, {}, values, drawn),
    )


def guarded(rng: random.Random, values: dict[str, str]) -> Case:
    """An identity policy below a service control policy or a permissions boundary."""
    drawn = _statements(rng, values, 3)
    guard = rng.choice(parts()["iam"]["guards"])
    kind = rng.choice(["scp", "boundary"])
    name = "the SCP" if kind == "scp" else "the permissions boundary"
    policy, above = (
        _policy([one["body"] for one in drawn]),
        _policy(_put(guard["statement"], values)),
    )
    given = iam.statements(policy, "the identity policy")
    who = f"the role `{values['name']}-{values['env']}`"
    ceilings = {kind: iam.statements(above, name)}
    told = below(_open(drawn, above), ceilings[kind], name)
    rulings = _iam_rulings(rng, values, given, ceilings, who=_arn(values))
    title = (
        "Service control policy on the account"
        if kind == "scp"
        else "Permissions boundary of the role"
    )
    ceiling = (
        guard["miss"]
        if kind == "scp"
        else "A permissions boundary grants nothing. It is a ceiling: what it does not allow stays "
        "refused, and what it allows still needs a statement in the identity policy."
    )
    return Case(
        scenario=f"policy+iam+{kind}+{guard['statement'][-1]['Sid']}",
        category="iam",
        who=who,
        shown=f"Identity policy of {who}:\n\n{block(policy)}\n\n{title}:\n\n{block(above)}",
        rulings=rulings,
        miss=(
            ceiling,
            *[text for text in _pairs(drawn) if stands(text, told, ceilings[kind])][:1],
            *(one["miss"] for one in told),
        )[:3],
        change=(*([guard["change"]] if kind == "scp" else []), *_changes(told)[:1]),
        code=_written(told[:1], values),
        reach=_reach(rulings, given, ceilings, values, drawn),
    )


_STILL = {
    *("ReadObjects", "WriteReports", "ListReports", "NoRawData", "KeepObjects", "UseKey"),
    *("Items", "PassRuntime", "DropFiles"),
    "WriteLogs",
}
"""Statements by which nobody comes to rights that they do not name."""


def _reach(
    rulings: Sequence[Ruling],
    given: Sequence[iam.Statement],
    ceilings: Mapping[str, Sequence[iam.Statement]],
    values: Mapping[str, str],
    drawn: Sequence[Mapping[str, Any]],
) -> tuple[str, ...]:
    """What the role reaches by other rights than those that a call is about."""

    def able(action: str, resource: str) -> bool:
        return (
            iam.evaluate(
                iam.Request(action, resource),
                given,
                scp=ceilings.get("scp"),
                boundary=ceilings.get("boundary"),
            ).verdict
            == "allowed"
        )

    quiet = {one["body"]["Sid"] for one in drawn} <= _STILL
    ways = reach.aws(able, f"{values['name']}-{values['env']}")
    return reach.ways(rulings, ways, parts()["iam"]["still"] if quiet else "")


def _written(drawn: Sequence[Mapping[str, Any]], values: Mapping[str, str]) -> str:
    """The first statement of these that is changed, as it is written then."""
    coded = [one for one in drawn if not one["change"].startswith("Nothing")][:2]
    for one in coded:
        if "code" in one:
            body = _put([one["code"]], values)[0]
            return f"`{one['body']['Sid']}` as I would write it:\n\n{block(body)}"
    return ""


def across(rng: random.Random, values: dict[str, str]) -> Case:
    """An identity policy and a bucket policy, in one account or across two."""
    far = rng.random() < 0.6
    cross = parts()["iam"]["cross"]
    kind, hangs = rng.choice(cross["sets"]), cross["hangs"]
    account = OTHER_ACCOUNT if far else values["account"]
    caller = f"arn:aws:iam::{account}:role/{values['name']}-partner"
    more = {**values, "caller": caller, "other": account}
    drawn = [one for one in _statements(rng, values, 4) if "s3:" in json.dumps(one["body"])][:2]
    if not any(one["body"]["Effect"] == "Allow" for one in drawn):
        drawn = [_reader(values), *drawn][:2]
    policy = _policy([one["body"] for one in drawn])
    bucket = _policy(_put_all(kind["statement"], more))
    theirs = iam.statements(bucket, "the bucket policy")
    rulings = _iam_rulings(
        rng,
        values,
        iam.statements(policy, "the identity policy"),
        {"resource": theirs},
        principal=caller,
        same_account=not far,
        only="s3:",
    )
    suffix = "far" if far else "near"
    # Where the bucket policy grants no write, a word on overwriting across accounts is wrong.
    telling = [
        one
        for one in _telling(drawn)
        if not (far and "s3:PutObject" in one["body"]["Action"]) or taken_up(one["body"], theirs)
    ]
    dead = overruled(drawn, theirs)
    telling = [one for one in telling if one["body"]["Sid"] not in dead]
    wide = kind.get("wide", {}) if far else {}
    where = f"account {account}" + (f", the bucket belongs to {values['account']}" if far else "")
    return Case(
        scenario=f"policy+iam+{kind['statement'][0]['Sid']}+{suffix}",
        category="iam",
        who=f"the role `{values['name']}-partner`",
        shown=(
            f"Identity policy of `{caller}` ({where}):\n\n{block(policy)}\n\n"
            f"Policy of the bucket:\n\n{block(bucket)}"
        ),
        rulings=rulings,
        miss=(
            rng.choice(cross[f"miss_{suffix}"]),
            *itertools.islice(dead.values(), 1),
            *(one["miss"] for one in telling[:1]),
            kind["miss"],
        ),
        change=(
            *(_DEAD.format(sid=sid) for sid in itertools.islice(dead, 1)),
            *(wide[sid] for sid in wide if any(one["body"]["Sid"] == sid for one in drawn)),
            *_lone(rulings, kind["lone"]),
            rng.choice(cross["change_far"]) if far else kind["near"],
        ),
        reach=reach.sides(rulings, hangs, far=far, told=rng.randrange(len(hangs["deny"]))),
    )


_DEAD = (
    "Take `{sid}` out of the role's policy, or ask the bucket's owner for an exception by name: "
    "one of the two is a mistake, and a reader of either policy cannot tell which."
)


def _lone(rulings: Sequence[Ruling], told: Mapping[str, str]) -> tuple[str, ...]:
    """What to do with grants that only one side makes."""
    lone = (
        text
        for sid, text in told.items()
        if any(f"`{sid}` in the bucket policy allows it, but" in one.reason for one in rulings)
    )
    return tuple(itertools.islice(lone, 1))


def _telling(drawn: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The statements that are worth a remark: next to a NotAction only that and the Denies."""
    if any(one["body"]["Sid"] == "ListReports" for one in drawn):
        drawn = [one for one in drawn if "has to know each key" not in one["miss"]]
    wide = [one for one in drawn if "NotAction" in one["body"]]
    denies = [one for one in drawn if one["body"]["Effect"] == "Deny"]
    return [*wide, *denies] if wide else list(drawn)


def _changes(drawn: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    return kept_changes([one["change"] for one in drawn])


def _open(drawn: Sequence[dict[str, Any]], above: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements worth a remark, without the Deny whose gap the policy above closes."""
    closed = "s3:PutLifecycleConfiguration" in str(above)
    return [one for one in _telling(drawn) if not (closed and one["body"]["Sid"] == "KeepObjects")]


def _reader(values: Mapping[str, str]) -> dict[str, Any]:
    """The statement that reads objects."""
    one = parts()["iam"]["statements"][0]
    return {**one, "body": _put([one["body"]], values)[0]}


def _idle(drawn: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Statements about S3 that come to nothing, since the policy grants nothing on S3."""
    granted = any(
        "NotAction" in one["body"] or "s3:" in json.dumps(one["body"])
        for one in drawn
        if one["body"]["Effect"] == "Allow" and one["body"]["Sid"] != "UseKey"
    )
    told = parts()["iam"]["idle"]
    sids = [one["body"]["Sid"] for one in drawn]
    return () if granted else tuple(told[sid] for sid in sids if sid in told)


def _pairs(drawn: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What two of the statements make together."""
    sids = {one["body"]["Sid"] for one in drawn}
    return tuple(text for first, second, text in parts()["iam"]["pairs"] if {first, second} <= sids)


def _statements(rng: random.Random, values: Mapping[str, str], count: int) -> list[dict[str, Any]]:
    drawn = rng.sample([one for one in parts()["iam"]["statements"] if "apart" not in one], count)
    if not any(one["body"]["Effect"] == "Allow" for one in drawn):
        drawn[0] = parts()["iam"]["statements"][0]
    return [{**one, "body": _put([one["body"]], values)[0]} for one in drawn]


def _put(given: Sequence[Mapping[str, Any]], values: Mapping[str, str]) -> list[dict[str, Any]]:
    loaded = json.loads(filled(json.dumps(list(given)), values))
    assert isinstance(loaded, list)
    return loaded


def _put_all(given: Sequence[Mapping[str, Any]], values: Mapping[str, str]) -> list[dict[str, Any]]:
    text = filled(json.dumps(list(given)), values)
    for name in ("caller", "other"):
        text = text.replace("{" + name + "}", values[name])
    loaded = json.loads(text)
    assert isinstance(loaded, list)
    return loaded


def _policy(statements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _iam_rulings(
    rng: random.Random,
    values: Mapping[str, str],
    given: Sequence[iam.Statement],
    others: Mapping[str, Sequence[iam.Statement]],
    *,
    principal: str = "",
    who: str = "",
    same_account: bool = True,
    only: str = "",
) -> tuple[Ruling, ...]:
    """Rulings on calls of which some are allowed, some are not, and most concern a statement."""
    decided = []
    for one in parts()["iam"]["requests"]:
        if "apart" in one or not one["action"].startswith(only):
            continue
        context = {key: filled(value, values) for key, value in one.get("context", {}).items()}
        request = iam.Request(one["action"], filled(one["resource"], values), context)
        decision = iam.evaluate(
            request,
            given,
            resource=others.get("resource", ()),
            scp=others.get("scp"),
            boundary=others.get("boundary"),
            principal=principal,
            same_account=same_account,
        )
        touched = decision.by or decision.allow or near(request, given)
        decided.append((bool(touched), filled(one["say"], values), request, decision))
    close = [one for one in decided if one[0]]
    far = [one for one in decided if not one[0]]
    yes = [one for one in close if one[3].verdict == "allowed"]
    no = [one for one in close if one[3].verdict != "allowed"]
    drawn = rng.sample(yes, min(2, len(yes))) + rng.sample(no, min(CALLS - 2, len(no)))
    drawn += rng.sample(far, min(max(1, CALLS - len(drawn)), len(far)))
    rng.shuffle(drawn)
    guard = "the SCP" if "scp" in others else "the permissions boundary"
    return tuple(
        Ruling(
            say,
            _word(decision.verdict),
            reason(request, decision, given, guard),
            _call(request, decision, principal)
            if principal
            else _simulated(request, decision, who),
            key=(request.action,),
            firm=_by_scp(decision),
        )
        for _, say, request, decision in drawn
    )


def _by_scp(decision: iam.Decision) -> bool:
    """Whether the SCP refuses it, which binds every identity of the account."""
    return decision.reason == "scp" or (decision.by is not None and "SCP" in decision.by.policy)


def _arn(values: Mapping[str, str]) -> str:
    return f"arn:aws:iam::{values['account']}:role/{values['name']}-{values['env']}"


_SIMULATED = {"allow": "allowed", "no_allow": "implicitDeny", "deny": "explicitDeny"}
"""What decided -> what the simulator of IAM says of it."""


def _simulated(request: iam.Request, decision: iam.Decision, who: str) -> str:
    """The call in the simulator; '' if a condition or a ceiling decides."""
    above = decision.by is not None and "identity" not in decision.by.policy
    if request.context or above or decision.reason not in _SIMULATED or not who:
        return ""
    return (
        f"`aws iam simulate-principal-policy --policy-source-arn {who} --action-names "
        f"{request.action} --resource-arns '{request.resource}'` must say "
        f"`{_SIMULATED[decision.reason]}`."
    )


def _call(request: iam.Request, decision: iam.Decision, principal: str) -> str:
    """The call itself with the caller's own session, since no simulator reads both sides."""
    command = _command(request)
    if not command or decision.verdict == "depends":
        return ""
    refused = "403" if command.startswith("head") else "AccessDenied"
    ends = "must answer" if decision.verdict == "allowed" else f"must end with {refused}"
    name = principal.rsplit("/", 1)[-1]
    told = f"In a session of `{name}`, `aws s3api {command}` {ends}"
    if decision.reason == "deny" and not decision.allow:
        return f"{told}; nothing allows it either, so that alone does not test the Deny."
    return f"{told}."


def _command(request: iam.Request) -> str:
    """The call as a command; '' for one that would change what others read."""
    bucket, _, key = request.resource.removeprefix("arn:aws:s3:::").partition("/")
    if request.action == "s3:GetObject":
        return f"head-object --bucket {bucket} --key {key}"
    if request.action == "s3:PutObject" and key.startswith("exchange/"):
        return f"put-object --bucket {bucket} --key exchange/test-of-rights --body empty.txt"
    prefix = request.context.get("s3:prefix", "")
    if request.action == "s3:ListBucket" and prefix:
        return f"list-objects-v2 --bucket {bucket} --prefix {prefix}"
    return ""


def _word(verdict: str) -> str:
    return {"allowed": "yes", "denied": "no"}.get(verdict, "it depends")
