"""What calls a decoy a fault is seen in the clause that names it; what lets it stand is not."""

from __future__ import annotations

from typing import Any

import pytest

from secarch.evaluate.rubric.grade import grade
from secarch.suite.schema import Question


def alarms(answer: str, **decoy: Any) -> list[str]:
    """Ids of the decoys that an answer calls faults."""
    known = {"id": "d1", "text": "Only the proxy gets in", "alarm": "x", **decoy}
    question = Question.model_validate(
        {
            "id": "design-0001",
            "version": 1,
            "category": "gcp",
            "kind": "review_design",
            "difficulty": 2,
            "question": "?",
            "files": {"a": "b"},
            "reference": "r",
            "key_points": [{"id": "k1", "text": "t", "weight": 1, "any_of": ["zebra"]}],
            "findings": [{"id": "f1", "text": "t", "severity": "minor", "any_of": ["quagga"]}],
            "decoys": [known],
        }
    )
    return [alarm.id for alarm in grade(question, answer).alarms]


NAMES = r"ssh(?: rule)?|port 22"


@pytest.mark.parametrize(
    "answer",
    [
        "The SSH rule is too broad.",
        "The SSH rule is too broad and must be removed.",
        "Port 22 is a serious risk in this design.",
        "- SSH rule: medium. The SSH rule exposes the nodes.",
        "The SSH rule should be deleted because anybody can connect.",
        "You need to close port 22 on the nodes.",
        "Remove the SSH rule before the release.",
        "The SSH rule looks dangerous.",
        "The SSH rule is open to all, which is a critical problem.",
        "I see a problem: the SSH rule is a hole in the perimeter.",
    ],
)
def test_calling_it_a_fault_is_seen(answer: str) -> None:
    """As a statement, as an order, with the name first or last."""
    assert alarms(answer, names=NAMES) == ["d1"]


@pytest.mark.parametrize(
    "answer",
    [
        "The SSH rule is not a finding.",
        "The SSH rule is fine, but the debug rule is a problem.",
        "Leave the SSH rule as it is.",
        "I would not remove the SSH rule.",
        "It would be a mistake to remove the SSH rule.",
        "The SSH rule looks too broad, but only the proxy reaches it.",
        "The SSH rule may be taken for a risk, though only the proxy can use it.",
        "The SSH rule needs no change.",
        "The SSH rule must admit the proxy.",
        "The SSH rule must be left as it is.",
        "The SSH rule is just as it should be.",
        "The SSH rule should stay.",
        "Some would call the SSH rule a risk; it is the proxy's range.",
        "The debug rule is a serious problem.",
        "",
    ],
)
def test_letting_it_stand_costs_nothing(answer: str) -> None:
    """Denied, contrasted, attributed, or about something else."""
    assert alarms(answer, names=NAMES) == []


def test_a_pattern_of_its_own_adds_to_the_names() -> None:
    """Some alarms do not name the thing at all."""
    added = "add a bastion host"
    assert alarms("You must add a bastion host here.", names=NAMES, pattern=added) == ["d1"]
    assert alarms("You must add a bastion host here.", pattern=added) == ["d1"]
    assert alarms("You must add a bastion host here.", names=NAMES) == []
    assert alarms("The SSH rule is too broad.", names=NAMES, pattern=added) == ["d1"]
