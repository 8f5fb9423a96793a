"""The evaluator of Azure role assignments."""

from __future__ import annotations

from secarch.dedupe.examples.constructed.policy.azure import (
    Assignment,
    Operation,
    Role,
    evaluate,
    within,
)

GROUP = "/subscriptions/s/resourceGroups/rg"
WIDE = Role("wide", ("Microsoft.Web/*",), ("Microsoft.Web/sites/delete",))
GIVES = Role("gives", ("Microsoft.Web/sites/Delete",))
DATA = Role("data", (), (), ("Microsoft.Storage/*/read",), ("Microsoft.Storage/secret/read",))
DELETE = Operation("Microsoft.Web/sites/delete", f"{GROUP}/providers/x")


def test_not_actions_shorten_their_own_role_only() -> None:
    """They are no Deny: another assignment gives the operation back."""
    alone = evaluate(DELETE, [WIDE], [Assignment("wide", GROUP)])
    assert not alone.allowed
    assert alone.excluded_by == WIDE
    both = evaluate(DELETE, [WIDE, GIVES], [Assignment("wide", GROUP), Assignment("gives", GROUP)])
    assert both.allowed
    assert both.by == Assignment("gives", GROUP)
    assert both.excluded_by == WIDE
    restart = Operation("microsoft.web/sites/RESTART/action", GROUP)
    assert evaluate(restart, [WIDE], [Assignment("wide", GROUP)]).allowed


def test_an_assignment_holds_at_its_scope_and_below() -> None:
    """A neighbour whose name begins alike is no part of it."""
    away = evaluate(DELETE, [GIVES], [Assignment("gives", f"{GROUP}-shared")])
    assert not away.allowed
    assert away.elsewhere == Assignment("gives", f"{GROUP}-shared")
    assert evaluate(DELETE, [GIVES], [Assignment("gives", "/subscriptions/S")]).allowed
    assert within(GROUP, f"{GROUP}/")
    assert not within(GROUP, f"{GROUP}/providers/x")


def test_data_operations_need_data_actions() -> None:
    """Actions of the same name do not count, and notDataActions take away."""
    read = Operation("Microsoft.Storage/blob/read", GROUP, data=True)
    control = Role("control", ("Microsoft.Storage/*",))
    refused = evaluate(read, [control], [Assignment("control", GROUP)])
    assert not refused.allowed
    assert refused.control_only == control
    assert evaluate(read, [DATA], [Assignment("data", GROUP)]).allowed
    secret = Operation("Microsoft.Storage/secret/read", GROUP, data=True)
    assert evaluate(secret, [DATA], [Assignment("data", GROUP)]).excluded_by == DATA
    as_control = Operation("Microsoft.Storage/blob/read", GROUP)
    assert not evaluate(as_control, [DATA], [Assignment("data", GROUP)]).allowed


def test_the_first_role_that_says_why_not_is_named() -> None:
    """One reason is enough, and the same one at every run."""
    first, second = (Role(name, ("Microsoft.Storage/*",)) for name in ("first", "second"))
    given = [Assignment("first", GROUP), Assignment("second", GROUP)]
    read = Operation("Microsoft.Storage/blob/read", GROUP, data=True)
    assert evaluate(read, [first, second], given).control_only == first
    again = Role("again", WIDE.actions, WIDE.not_actions)
    both = [Assignment("wide", GROUP), Assignment("again", GROUP)]
    assert evaluate(DELETE, [WIDE, again], both).excluded_by == WIDE
    away = [Assignment("gives", f"{GROUP}-1"), Assignment("gives", f"{GROUP}-2")]
    assert evaluate(DELETE, [GIVES], away).elsewhere == away[0]
