"""The evaluator of AWS policies against the documented order."""

from __future__ import annotations

from typing import Any

import pytest

from secarch.dedupe.examples.constructed.policy.iam import (
    Decision,
    Request,
    evaluate,
    matches,
    statements,
)

ROLE = "arn:aws:iam::111122223333:role/app"
READ = {"Sid": "R", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}
DENY = {"Sid": "D", "Effect": "Deny", "Action": "S3:GETOBJECT", "Resource": "arn:aws:s3:::b/raw/*"}
ALL = {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*given: dict[str, Any]) -> Any:
    return statements({"Version": "2012-10-17", "Statement": list(given)}, "p")


def ask(key: str, identity: Any, **more: Any) -> Decision:
    return evaluate(Request("s3:GetObject", f"arn:aws:s3:::b/{key}"), identity, **more)


def test_allow_deny_and_silence() -> None:
    """An explicit Deny wins; what nothing allows is refused."""
    assert ask("a", policy(READ)).verdict == "allowed"
    denied = ask("raw/a", policy(READ, DENY))
    assert (denied.verdict, denied.reason) == ("denied", "deny")
    assert denied.by is not None
    assert denied.by.sid == "D"
    assert denied.allow is not None
    assert denied.allow.sid == "R"
    other = evaluate(Request("s3:PutObject", "arn:aws:s3:::b/a"), policy(READ))
    assert (other.verdict, other.reason) == ("denied", "no_allow")
    assert evaluate(Request("s3:GetObject", "arn:aws:s3:::c/a"), policy(READ)).verdict == "denied"


@pytest.mark.parametrize(
    ("pattern", "value", "hit"),
    [
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:Get?", "s3:GetObject", False),
        ("a.c", "abc", False),
        ("*", "anything/with:all", True),
        ("arn:aws:s3:::b", "arn:aws:s3:::b/x", False),
    ],
)
def test_patterns_know_two_wildcards_and_cover_the_whole(
    pattern: str, value: str, hit: bool
) -> None:
    """A dot is a dot."""
    assert matches(pattern, value) is hit


def test_not_action_and_not_resource() -> None:
    """They cover what they do not name."""
    given = policy(
        {"Sid": "N", "Effect": "Allow", "NotAction": ["iam:*"], "NotResource": "arn:aws:s3:::b/x"}
    )
    assert ask("a", given).verdict == "allowed"
    assert ask("x", given).verdict == "denied"
    assert evaluate(Request("iam:CreateUser", "u"), given).verdict == "denied"


def test_conditions_are_named_and_not_evaluated() -> None:
    """On an Allow and on a Deny; a second Allow without one makes it sure."""
    when = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    depends = ask("a", policy({**READ, "Condition": when}))
    assert (depends.verdict, depends.keys) == ("depends", ("aws:SourceVpce",))
    assert ask("a", policy({**READ, "Condition": when}, READ)).verdict == "allowed"
    unless = ask("raw/a", policy(READ, {**DENY, "Condition": when}))
    assert (unless.verdict, unless.reason) == ("depends", "deny")
    assert ask("raw/a", policy({**DENY, "Condition": when})).verdict == "denied"


def test_a_condition_is_decided_if_the_call_tells_its_key() -> None:
    """Met it holds like none, unmet it grants nothing; a key that is not told leaves it open."""
    only = {**READ, "Condition": {"StringEquals": {"kms:ViaService": "s3"}}}

    def verdict(context: dict[str, str], *given: dict[str, Any]) -> str:
        request = Request("s3:GetObject", "arn:aws:s3:::b/raw/a", context)
        return evaluate(request, policy(*given)).verdict

    assert verdict({"kms:ViaService": "s3"}, only) == "allowed"
    assert verdict({"kms:ViaService": "ec2"}, only) == "denied"
    assert verdict({"kms:ViaService": ""}, only) == "denied"
    assert verdict({}, only) == "depends"
    like = {**READ, "Condition": {"StringLike": {"s3:prefix": ["x/*", "reports/*"]}}}
    assert verdict({"s3:prefix": "reports/2026"}, like) == "allowed"
    assert verdict({"s3:prefix": "raw"}, like) == "denied"
    deny = {**DENY, "Condition": only["Condition"]}
    assert verdict({"kms:ViaService": "s3"}, READ, deny) == "denied"
    assert verdict({"kms:ViaService": "ec2"}, READ, deny) == "allowed"
    both = {**READ, "Condition": {"StringEquals": {"kms:ViaService": "s3", "a": "b"}}}
    assert verdict({"kms:ViaService": "s3"}, both) == "depends"
    assert verdict({"kms:ViaService": "s3", "a": "c"}, both) == "denied"
    other = {**READ, "Condition": {"Bool": {"kms:ViaService": "s3"}}}
    assert verdict({"kms:ViaService": "s3"}, other) == "depends"


def test_ceilings_grant_nothing_and_refuse_what_they_do_not_name() -> None:
    """Service control policies and permissions boundaries."""
    only_kms = policy({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    assert ask("a", policy(READ), scp=only_kms).reason == "scp"
    assert ask("a", policy(READ), boundary=only_kms).reason == "boundary"
    assert ask("a", policy(READ), scp=policy(ALL), boundary=policy(ALL)).verdict == "allowed"
    assert ask("a", policy(), scp=policy(ALL)).reason == "no_allow"
    assert ask("raw/a", policy(READ), scp=policy(ALL, DENY)).reason == "deny"
    assert ask("a", policy(READ), scp=()).reason == "scp"


def bucket(principal: Any, **more: Any) -> Any:
    return policy({**READ, "Sid": "B", "Principal": principal, **more})


def test_a_resource_policy_inside_the_account() -> None:
    """Naming the role is enough; naming the account's root only lets identity policies decide."""
    assert ask("a", policy(), resource=bucket({"AWS": ROLE}), principal=ROLE).verdict == "allowed"
    assert ask("a", policy(), resource=bucket("*"), principal=ROLE).verdict == "allowed"
    root = bucket({"AWS": "arn:aws:iam::111122223333:root"})
    assert ask("a", policy(), resource=root, principal=ROLE).verdict == "denied"
    assert ask("a", policy(READ), resource=root, principal=ROLE).verdict == "allowed"
    other = bucket({"AWS": "arn:aws:iam::111122223333:role/other"})
    assert ask("a", policy(), resource=other, principal=ROLE).verdict == "denied"
    refused = bucket("*", Effect="Deny")
    assert ask("a", policy(READ), resource=refused, principal=ROLE).verdict == "denied"


def test_across_accounts_both_sides_must_allow() -> None:
    """Either alone is not enough, and the reason says so."""
    side = {"resource": bucket({"AWS": ROLE}), "principal": ROLE, "same_account": False}
    assert ask("a", policy(READ), **side).verdict == "allowed"
    lone = ask("a", policy(), **side)
    assert (lone.verdict, lone.reason) == ("denied", "other_account")
    assert ask("a", policy(READ), principal=ROLE, same_account=False).reason == "other_account"
    root = {**side, "resource": bucket({"AWS": "arn:aws:iam::111122223333:root"})}
    assert ask("a", policy(READ), **root).verdict == "allowed"
