"""Short orders and fragments: how experts answer in lists, and what a list of terms is not."""

from __future__ import annotations

import pytest

from secarch.evaluate.rubric.language import statements
from secarch.text.polarity.stance import read

QUESTION = (
    "We retire the bastion. Which target for SSH, and what about logging on a cluster's node?"
)


def said(answer: str, question: str = QUESTION) -> list[str]:
    """The texts of an answer that assert something."""
    return [window.text for window in statements(read(answer).windows, question)]


@pytest.mark.parametrize("order", ["Cordon the node.", "- Quiesce every writer"])
def test_a_short_order_says_something(order: str) -> None:
    """Only a verb stands before an article, whether or not it is a known one."""
    assert len(said(order, "")) == 1


@pytest.mark.parametrize(
    "terms", ["Key rotation", "Only the node", "Running the node", "Vault key"]
)
def test_bare_terms_say_nothing(terms: str) -> None:
    """Nouns, and what begins with a small word or a participle."""
    assert said(f"- {terms}", "") == []


@pytest.mark.parametrize(
    "fragment",
    ["Target: SSM Session Manager.", "SSH: IAP TCP forwarding plus OS Login.", "- SSH: IAP tunnel"],
)
def test_a_label_of_the_question_makes_a_fragment_an_answer(fragment: str) -> None:
    """It answers what was asked; without the question it is a term."""
    assert len(said(fragment)) == 1
    assert said(fragment, "How are keys rotated?") == []


def test_many_terms_below_a_label_of_the_question_are_none() -> None:
    """Three or more are an enumeration, and a label counts once."""
    assert said("Logging: CloudTrail, Config, GuardDuty.") == []
    assert len(said("- SSH: IAP tunnel\n- SSH: OS Login\n- SSH: audit log")) == 1
