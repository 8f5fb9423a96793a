"""Questions that advise what they name."""

from __future__ import annotations

import pytest

from secarch.danger import safety
from secarch.text.polarity.suggestions import suggested, suggests


def sure(text: str) -> list[str]:
    """The rules that are no estimates."""
    found = safety.examine(text)
    return [one.rule for one in found if not one.evidence.startswith("estimate")]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Why not just open port 22 to 0.0.0.0/0?", ["open_admin_port"]),
        ("Why don't you simply make the bucket public?", ["public_storage"]),
        ("How about making the bucket public?", ["public_storage"]),
        ("Why not make the bucket public?\n\nIt saves the signed URLs.", ["public_storage"]),
        ("Why not make the bucket public? Because anyone can read it.", []),
        ("Why not make the bucket public? That would expose the data.", []),
        ("Why would anyone make the bucket public?", []),
        ("Should you make the bucket public? No.", []),
        ("Why not use OIDC?", []),
    ],
)
def test_a_question_that_proposes_a_danger_advises_it(text: str, rules: list[str]) -> None:
    """Unless its answer says why not."""
    assert sure(text) == rules


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("During the incident, open SSH to 0.0.0.0/0.", ["open_admin_port"]),
        ("During the incident somebody opened SSH to 0.0.0.0/0.", []),
        ("Let the honeypot open SSH to 0.0.0.0/0.", []),
    ],
)
def test_an_incident_excuses_no_open_door(text: str, rules: list[str]) -> None:
    """It is an occasion; a trap for attackers is a reason."""
    assert sure(text) == rules


def test_a_deed_that_is_proposed_is_put_as_one() -> None:
    """And a question for a reason is none."""
    assert suggested("so why not just use it?") == "so use it."
    assert suggested("how about using it?") == "i suggest using it."
    assert suggested("why is it so?") == "why is it so?"
    assert not suggests("why not the second account?")
