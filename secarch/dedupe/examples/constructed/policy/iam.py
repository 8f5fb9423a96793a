"""AWS policies evaluated for one request, as far as the request tells its context.

The order is that of the IAM User Guide, "Policy evaluation logic": an explicit Deny anywhere wins;
then the service control policies and the permissions boundary must each allow; then the identity
policy or, inside the account, a resource policy that names the caller. Across accounts both sides
must allow. A condition is evaluated if the request says the value of its key (StringEquals and
StringLike); otherwise it is named, and the verdict depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

Verdict = Literal["allowed", "denied", "depends"]
JsonPolicy = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One call: an action such as "s3:GetObject" on a resource's ARN."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys that are known of the call -> their values; '' for a key that it lacks."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one policy."""

    policy: str
    """Which policy it is in, as a word for people."""
    sid: str
    allows: bool
    actions: tuple[str, ...]
    other_actions: bool
    """Whether `actions` are those that are left out (NotAction)."""
    resources: tuple[str, ...]
    other_resources: bool
    condition: tuple[str, ...]
    """Keys of its condition, such as "aws:SourceVpce"."""
    principals: tuple[str, ...] = ()
    tests: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Operator, key and values of each part of its condition."""

    def on_action(self, action: str) -> bool:
        """Whether the action is covered; names of actions know no case."""
        hit = any(matches(one.lower(), action.lower()) for one in self.actions)
        return hit is not self.other_actions

    def on_resource(self, resource: str) -> bool:
        """Whether the resource is covered."""
        return any(matches(one, resource) for one in self.resources) is not self.other_resources

    def covers(self, request: Request) -> bool:
        """Whether it speaks of the request, its condition aside."""
        return self.on_action(request.action) and self.on_resource(request.resource)


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes out for a request, and what decided it."""

    verdict: Verdict
    reason: Literal["deny", "allow", "scp", "boundary", "no_allow", "other_account"]
    by: Statement | None
    """The statement that decided, if one did."""
    allow: Statement | None = None
    """The Allow that it overrides or rests on."""
    also: tuple[Statement, ...] = ()
    """Other Denies that refuse it each by itself."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Condition keys on which it depends."""
        return self.by.condition if self.by and self.verdict == "depends" else ()


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"([*?])", pattern)
    return re.compile(
        "".join(".*" if p == "*" else "." if p == "?" else re.escape(p) for p in parts), re.DOTALL
    )


def matches(pattern: str, value: str) -> bool:
    """Whether a pattern with `*` and `?` covers the whole value."""
    return _pattern(pattern).fullmatch(value) is not None


def statements(policy: JsonPolicy, name: str) -> tuple[Statement, ...]:
    """The statements of a policy document."""
    given = policy["Statement"]
    listed = given if isinstance(given, list) else [given]
    return tuple(_statement(one, name, number) for number, one in enumerate(listed, 1))


def _statement(one: Mapping[str, Any], name: str, number: int) -> Statement:
    return Statement(
        policy=name,
        sid=str(one.get("Sid") or f"statement {number}"),
        allows=one["Effect"] == "Allow",
        actions=texts(one.get("Action", one.get("NotAction"))),
        other_actions="NotAction" in one,
        resources=texts(one.get("Resource", one.get("NotResource", "*"))),
        other_resources="NotResource" in one,
        condition=tuple(key for table in one.get("Condition", {}).values() for key in table),
        principals=_principals(one.get("Principal")),
        tests=tuple(
            (operator, key, texts(value))
            for operator, table in one.get("Condition", {}).items()
            for key, value in table.items()
        ),
    )


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringLike": matches,
}


def settled(one: Statement, request: Request) -> Statement | None:
    """The statement as it holds for a request: without a condition that is met, None if it is not.

    A condition on a key that the request does not tell, or with another operator, stays.
    """
    known = all(operator in _TESTS and key in request.context for operator, key, _ in one.tests)
    if not one.tests or not known:
        return one
    met = all(
        any(request.context[key] and _TESTS[operator](value, request.context[key]) for value in ok)
        for operator, key, ok in one.tests
    )
    return replace(one, condition=(), tests=()) if met else None


def _all_settled(given: Sequence[Statement], request: Request) -> list[Statement]:
    return [held for one in given if (held := settled(one, request)) is not None]


def _principals(given: Any) -> tuple[str, ...]:
    if isinstance(given, Mapping):
        return tuple(text for value in given.values() for text in texts(value))
    return texts(given)


def texts(value: Any) -> tuple[str, ...]:
    """A field of a statement that may be one text or a list of them, or be missing."""
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def evaluate(
    request: Request,
    identity: Sequence[Statement],
    *,
    resource: Sequence[Statement] = (),
    scp: Sequence[Statement] | None = None,
    boundary: Sequence[Statement] | None = None,
    principal: str = "",
    same_account: bool = True,
) -> Decision:
    """Who wins for a request. `scp` and `boundary` None means that there is none."""
    identity = _all_settled(identity, request)
    scp = None if scp is None else _all_settled(scp, request)
    boundary = None if boundary is None else _all_settled(boundary, request)
    on_caller = [one for one in _all_settled(resource, request) if _names(one, principal)]
    every = [*(scp or ()), *(boundary or ()), *identity, *on_caller]
    allow = _first(identity, request) or _first(on_caller, request)
    denies = [one for one in every if not one.allows and one.covers(request)]
    firm = [one for one in denies if not one.condition]
    if firm:
        return Decision("denied", "deny", firm[0], allow, tuple(firm[1:]))
    for guard, reason in ((scp, "scp"), (boundary, "boundary")):
        if guard is not None and _first(guard, request) is None:
            return Decision("denied", "scp" if reason == "scp" else "boundary", None, allow)
    granted = _granted(request, identity, on_caller, same_account=same_account)
    if granted.verdict == "denied":
        return granted
    if denies:
        return Decision("depends", "deny", denies[0], granted.by)
    return granted


def _granted(
    request: Request,
    identity: Sequence[Statement],
    on_caller: Sequence[Statement],
    *,
    same_account: bool,
) -> Decision:
    mine, theirs = _first(identity, request), _first(on_caller, request)
    if same_account:
        # A statement for the account's root only lets identity policies decide.
        named = [one for one in on_caller if not all(p.endswith(":root") for p in one.principals)]
        theirs = _first(named, request)
        by = _surest(mine, theirs)
        if by is None:
            return Decision("denied", "no_allow", None)
        return Decision("depends" if by.condition else "allowed", "allow", by, by)
    if mine is None or theirs is None:
        return Decision("denied", "other_account", None, mine or theirs)
    by = mine if mine.condition else theirs
    return Decision("depends" if by.condition else "allowed", "allow", by, mine)


def _surest(first: Statement | None, second: Statement | None) -> Statement | None:
    """The Allow without a condition, if there is one."""
    if first is None or (first.condition and second is not None and not second.condition):
        return second
    return first


def _first(given: Sequence[Statement], request: Request) -> Statement | None:
    """The Allow that covers the request, one without a condition before others."""
    found = [one for one in given if one.allows and one.covers(request)]
    return min(found, key=lambda one: bool(one.condition), default=None)


def _names(one: Statement, principal: str) -> bool:
    account = re.search(r"::(\d{12}):", principal)
    root = f"arn:aws:iam::{account[1]}:root" if account else ""
    return any(name in {"*", principal, root} for name in one.principals)
