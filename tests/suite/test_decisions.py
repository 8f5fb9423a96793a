"""Turns of phrase that keep a thing, go for it, or do without it."""

from __future__ import annotations

from typing import Any

import pytest

from secarch.evaluate.rubric.grade import grade, violations
from secarch.suite.schema import Question


def question(**form: str) -> Question:
    """With a must-not of one form, and a key point that any word on logging meets."""
    return Question.model_validate(
        {
            "id": "q",
            "version": 1,
            "category": "aws",
            "kind": "open",
            "difficulty": 1,
            "question": "What do you decide?",
            "reference": "r",
            "key_points": [{"id": "k1", "text": "t", "weight": 1, "any_of": ["audit log"]}],
            "must_not": [{"id": "m1", "text": "t", "severity": "minor", **form}],
        }
    )


KEEPS = question(keeps="access keys?")
DROPS = question(drops="resource polic(?:y|ies)")
USES = question(uses="vpc peering")
TRUSTS = question(trusts="prefix lists?")
PILOTED = question(keeps="access keys?", unless=r"\b(?:robot|sandbox)\b")
ACCEPTS = question(accepts="(?:the )?(?:plan|cfo)")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (KEEPS, "The access key can stay."),
        (KEEPS, "Keep the access keys and rotate them yearly."),
        (KEEPS, "An access key is fine here."),
        (KEEPS, "Rotated access keys are perfectly sufficient."),
        (KEEPS, "There is no need to replace the access keys."),
        (KEEPS, "The access keys needn't be changed, but must not be changed by hand either."),
        (KEEPS, "Access keys are no risk for a small tool."),
        (DROPS, "A resource policy isn't needed."),
        (DROPS, "A resource policy would be redundant."),
        (DROPS, "Skip the resource policy."),
        (DROPS, "The resource policy can wait."),
        (DROPS, "You don't need a resource policy."),
        (USES, "I would set up VPC peering between both."),
        (USES, "VPC peering is the best way."),
        (USES, "VPC peering covers it."),
        (TRUSTS, "The prefix list is enough."),
        (TRUSTS, "Rely on the prefix list."),
        (TRUSTS, "A prefix list is no risk."),
        (PILOTED, "Keep the access keys."),
        (PILOTED, "Keep the access keys. The sandbox is closed."),
        (ACCEPTS, "The plan is sound."),
        (ACCEPTS, "I would approve the plan."),
        (ACCEPTS, "I agree with the CFO."),
        (ACCEPTS, "The plan can be signed."),
    ],
)
def test_a_decision_for_the_wrong_thing_fires(asked: Question, sentence: str) -> None:
    assert [one.id for one in violations(asked, sentence)] == ["m1"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (TRUSTS, "Keep the prefix list as a further layer."),
        (TRUSTS, "The prefix list can stay."),
        (TRUSTS, "The prefix list is fine as a second layer."),
        (PILOTED, "Keep the access keys in the sandbox."),
        (KEEPS, "Keep the access keys disabled."),
        (KEEPS, "The access keys can stay during the pilot."),
        (KEEPS, "The access keys are fine after they are narrowed."),
        (USES, "Use PrivateLink and delete the VPC peering."),
        (USES, "Add a rule that forbids VPC peering."),
        (USES, "Set up VPC peering if the partner asks for it."),
        (ACCEPTS, "The CFO is half right."),
        (ACCEPTS, "The plan is right on one point."),
        (ACCEPTS, "I would adopt another plan."),
        (ACCEPTS, "Follow this plan: keys go first."),
        (ACCEPTS, "I would approve the plan once the keys are gone."),
        (KEEPS, "Keep no access keys."),
        (KEEPS, "Access keys are not enough."),
        (KEEPS, "Do not keep the access keys."),
        (KEEPS, "Keep the access key out of the image."),
        (KEEPS, "An access key is fine only if it expires."),
        (KEEPS, "It is a myth that access keys are enough."),
        (KEEPS, "If you keep the access keys, they leak."),
        (DROPS, "Do not skip the resource policy."),
        (DROPS, "A resource policy isn't optional."),
        (DROPS, "A resource policy is needed."),
        (USES, "Use PrivateLink instead of VPC peering."),
        (USES, "Nobody should set up VPC peering."),
        (USES, "VPC peering is not the right tool."),
        (USES, "To use VPC peering would join the networks."),
        (ACCEPTS, "The plan is right about cost only."),
        (ACCEPTS, "The plan is fine for the test, not for production."),
        (ACCEPTS, "I would not approve the plan."),
        (ACCEPTS, "None of the plan holds."),
        (KEEPS, "Keep in mind that access keys leak."),
        (KEEPS, "Access keys are acceptable for nobody."),
    ],
)
def test_a_decision_against_it_is_silent(asked: Question, sentence: str) -> None:
    assert violations(asked, sentence) == ()


def test_a_sentence_with_the_wrong_decision_meets_no_point() -> None:
    """The right words in it are a mention."""
    right = grade(KEEPS, "The audit log shows each use of the role.")
    wrong: Any = grade(KEEPS, "Keep the access keys since the audit log shows each use of them.")
    assert right.score == 1.0
    assert [point.met for point in wrong.points] == [False]
    assert [one.id for one in wrong.violations] == ["m1"]
