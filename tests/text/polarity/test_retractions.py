"""Remarks that take back the sentence before them in other words than a plain verdict."""

from __future__ import annotations

import pytest

from secarch.text.polarity.retractions import retracts
from secarch.text.polarity.stance import read

CLAIM = "root keys are harmless"


def asserted(text: str) -> bool:
    """Whether an answer says the claim."""
    reading = read(text)
    window = next(w for w in reading.windows if CLAIM in w.joined)
    at = window.joined.index(CLAIM)
    return reading.assertion(window, at, at + len(CLAIM), CLAIM).asserted


@pytest.mark.parametrize(
    "remark",
    [
        "Said no auditor ever.",
        "Or so we used to think.",
        "Utter nonsense, please do not act on it.",
        "Not in the slightest.",
        "In truth it is just the other way round.",
        "It took us years to unlearn this.",
        "Kindly treat this remark as withdrawn.",
        "That sentence has since been deleted.",
        "You have been misled.",
        "Alas, it isn't.",
        "Most of the evidence points against.",
        "Later everybody knew that this was a fairy tale.",
        "A: Sadly wrong.",
        "Right? Sadly wrong.",
    ],
)
def test_remarks_that_take_back(remark: str) -> None:
    """The sentence before them is not asserted."""
    assert not asserted(f"{CLAIM}. {remark}")


@pytest.mark.parametrize(
    "remark",
    [
        "The old keys have been removed.",
        "This policy is not attached to users.",
        "The earlier certificate was revoked and replaced in the other region.",
        "If you have been misled, ask again.",
        "It is not a secret.",
        "That text is short.",
        "You have not been misled.",
        "Only what is hard to reverse goes to a second engineer.",
    ],
)
def test_remarks_that_say_something_else(remark: str) -> None:
    """What is removed or wrong may be another thing."""
    assert not retracts(remark.lower())
    assert asserted(f"{CLAIM}. {remark}")


def test_a_long_sentence_is_no_remark() -> None:
    """It says something itself."""
    assert retracts("utter nonsense.")
    assert not retracts("utter nonsense " + "and more " * 20)


@pytest.mark.parametrize(
    "text",
    [
        "If waves fail, rules come in: root keys are harmless, and cannot be overridden.",
        "Keep the hardest lines elsewhere: root keys are harmless, a label should not hold alone.",
        "Summary: root keys are harmless.\n\n- Encryption: the claim is wrong. It is always on.",
    ],
)
def test_a_noun_or_a_label_that_names_no_statement(text: str) -> None:
    """Neither a noun without its article nor the label of an item makes what follows a verdict."""
    assert asserted(text)
