"""Whether a window sets the right tool wrongly, by what the right answers settle."""

from __future__ import annotations

import pytest

from secarch.evaluate.rubric.contrast import contrast
from secarch.evaluate.rubric.settings import settled
from secarch.suite.schema import load

RIGHT = ("deny unsigned images at admission.", "give each tenant its own key.")


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("run the admission policy in audit mode.", True),
        ("the policy only warns when an image has no signature.", True),
        ("the signature check is optional for the teams.", True),
        ("it fails open if the webhook is down.", True),
        ("assign the pipeline the contributor role.", True),
        ("grant it at subscription level.", True),
        ("block keys at subscription level.", False),
        ("a fork gets the same rights.", False),
        ("nothing about this is optional.", False),
        ("each tenant gets an access point, optionally for one network only.", False),
        ("findings are sent to a shared mailbox.", True),
        ("the token is valid for 90 days.", True),
        ("all tenants use a shared key.", True),
        ("deny unsigned images, and do not stay in audit mode.", False),
        ("audit mode for two weeks, then enforce.", False),
        ("each tenant has its own key in place of the shared one.", False),
        ("never grant the contributor role.", False),
        ("deny unsigned images at admission.", False),
    ],
)
def test_a_weak_setting_turns_a_right_tool(text: str, turned: bool) -> None:
    """Not where it is denied, nor on the way to the right one."""
    assert settled(["give each tenant its own key."]).turned(text) is turned


def test_what_a_right_answer_names_is_no_turn() -> None:
    """In whatever way it names it."""
    assert settled(RIGHT).turned("run it in audit mode.")
    assert not settled([*RIGHT, "begin in audit mode."]).turned("run it in audit mode.")
    assert not settled([RIGHT[0]]).turned("all tenants use a shared key.")


def test_a_point_is_not_met_with_the_weak_setting() -> None:
    """The sides of a question weigh it."""
    asked = next(q for q in load(["core"]).questions if q.key_points and q.wrong)
    sides = contrast(asked)
    text = "all of it is run in report-only mode."
    assert sides.contrary(text) is ("lax" not in sides.settled.named)
    assert sides.contrary(text)
