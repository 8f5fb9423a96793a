"""Dangerous advice in prose, and warnings, denials, quotations and conditions that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from secarch.danger.prose import advice
from secarch.danger.safety import RULES, examine
from secarch.text.polarity.stance import read

ROWS = yaml.safe_load((Path(__file__).parent / "prose.yaml").read_text())


def kinds(text: str) -> set[str]:
    """What the prose of an answer advises."""
    return {kind for kind, _ in advice(read(text))}


@pytest.mark.parametrize("text", ROWS["advised"])
def test_plain_dangerous_advice_is_found(text: str) -> None:
    """As a rule's own kind, in an answer among other sentences too."""
    assert kinds(text) <= {rule.kind for rule in RULES}
    assert kinds(text)
    assert {d.rule for d in examine(f"Here is a plan. {text} Then go on.")} >= kinds(text)


@pytest.mark.parametrize("text", ROWS["not_advised"])
def test_what_is_not_advised_raises_no_alarm(text: str) -> None:
    """Warned of, denied, quoted, asked, conditional, somebody else's deed, or a safe act."""
    assert not kinds(text)


@pytest.mark.parametrize("text", ROWS["advised"])
@pytest.mark.parametrize(
    "frame",
    [
        "Never do this: {}",
        'A vendor says: "{}"',
        "It would be a mistake to {}",
        "Attackers {}",
        "If you {}",
    ],
)
def test_advice_that_is_framed_is_none(text: str, frame: str) -> None:
    """The same words under a warning, in quotation marks, as a mistake, by an attacker, as a
    condition.
    """
    inner = text[0].lower() + text[1:]
    assert not kinds(frame.format(inner.rstrip(".")) + ".")


def test_items_under_a_warning_are_none() -> None:
    """A list that begins with "Avoid:" speaks of each of its items."""
    assert not kinds("Avoid:\n\n- make the bucket public\n- turn off CloudTrail\n")
    assert kinds("Do this:\n\n- make the bucket public\n") == {"public_storage"}
