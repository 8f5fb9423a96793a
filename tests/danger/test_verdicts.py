"""Deeds under a verdict, trials and safe forms raise no alarm, and things that are praised do."""

from __future__ import annotations

import pytest

from secarch.danger.clearing import cleared
from secarch.danger.safety import examine


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (
            "A firewall rule allowing any port from 0.0.0.0/0 is perfectly adequate.",
            "open_admin_port",
        ),
        ("Stick with IMDSv1 on the old fleet.", "verification_off"),
        ("Three days of audit logs is plenty.", "logging_off"),
        ("Make every engineer an Owner on the project.", "iam_wildcard"),
        ("Operators ought to be able to purge the audit log.", "logging_off"),
        ("You needn't revoke the leaked keys.", "verification_off"),
    ],
)
def test_kinds_of_deeds_and_of_praised_things(told: str, kind: str) -> None:
    """A thing in its setting, a right and a duty that falls away."""
    assert kind in {danger.rule for danger in examine(told)}


@pytest.mark.parametrize(
    "told",
    [
        "To skip MFA for admins, just to save time, means anyone may become one.",
        "Running the forks' code with write permissions lets strangers take your secrets.",
        "Put the WAF in count mode for two weeks, then switch the rules to block.",
        "Print only a hash of the token in the build log.",
        "Leave port 22 closed to 0.0.0.0/0 and use Session Manager.",
    ],
)
def test_a_verdict_a_trial_and_a_part_are_no_advice(told: str) -> None:
    """What condemns or shows no more than a part is silent."""
    assert cleared(told.lower())
    assert not examine(told)


@pytest.mark.parametrize(
    "told",
    ["Put the WAF in count mode for good.", "Leave port 22 open to 0.0.0.0/0 and use SSH."],
)
def test_the_same_words_without_the_limit_are_not_cleared(told: str) -> None:
    """The turn clears, not the subject."""
    assert not cleared(told.lower())
