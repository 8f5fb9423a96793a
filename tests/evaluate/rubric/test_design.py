"""Design reviews are graded by recall times precision, follow-ups turn by turn."""

from __future__ import annotations

from typing import Any

import pytest

from secarch.evaluate.rubric.grade import grade
from secarch.suite.schema import Question

REVIEW = Question.model_validate(
    {
        "id": "design-0001",
        "version": 1,
        "category": "aws",
        "kind": "review_design",
        "difficulty": 3,
        "question": "What do you find?",
        "files": {
            "main.tf": 'acl = "public-read"\nrole = "admin" for the nightly export job of the team',
            "notes.md": "The gateway answers on the public internet because customers need it.",
        },
        "reference": "r",
        "key_points": [
            {"id": "k1", "text": "Hold", "weight": 2, "any_of": ["(hold|stop) the release"]}
        ],
        "findings": [
            {
                "id": "f1",
                "text": "Bucket",
                "severity": "critical",
                "any_of": [r"bucket\b.{0,40}public"],
            },
            {"id": "f2", "text": "Role", "severity": "minor", "any_of": [r"role\b.{0,40}admin"]},
        ],
        "decoys": [
            {
                "id": "d1",
                "text": "The gateway is meant to be public",
                "pattern": r"(close|make)\b.{0,20}gateway\b.{0,30}(private|internet)?",
                "alarm": "You must make the gateway private.",
            }
        ],
        "must_not": [
            {"id": "m1", "text": "Ship", "severity": "critical", "pattern": "ship it as it is"}
        ],
    }
)
BUCKET = "The bucket is readable by the whole public."
ROLE = "The export role is an admin of the account."
HOLD = "I would hold the release until this is fixed."
ALARM = "You must make the gateway private."


@pytest.mark.parametrize(
    ("said", "recall", "precision", "score"),
    [
        ((BUCKET, ROLE, HOLD), 1.0, 1.0, 1.0),
        ((BUCKET, HOLD), 3 / 4, 1.0, 5 / 6),
        ((ROLE, HOLD), 1 / 4, 1.0, 3 / 6),
        ((BUCKET, ROLE, HOLD, ALARM), 1.0, 4 / 7, (2 + 4 * 4 / 7) / 6),
        ((BUCKET, ROLE), 1.0, 1.0, 4 / 6),
        ((HOLD,), 0.0, None, 2 / 6),
        ((HOLD, ALARM), 0.0, 0.0, 2 / 6),
    ],
)
def test_false_alarms_cost_what_a_finding_brings(
    said: tuple[str, ...], recall: float, precision: float | None, score: float
) -> None:
    """The findings' share is recall times precision; the decision's points are added."""
    found = grade(REVIEW, "\n\n".join(said))
    assert found.recall == pytest.approx(recall)
    assert found.precision == (None if precision is None else pytest.approx(precision))
    assert found.score == pytest.approx(score)


def test_the_evidence_of_findings_and_false_alarms_is_kept() -> None:
    """A reader sees which sentence counted for what."""
    found = grade(REVIEW, f"{BUCKET}\n\n{ALARM}")
    (bucket,) = (point for point in found.points if point.planted and point.met)
    assert "readable by the whole public" in bucket.evidence
    assert [(alarm.id, alarm.evidence) for alarm in found.alarms] == [
        ("d1", "you must make the gateway private.")
    ]


def test_a_decoy_that_is_called_right_costs_nothing() -> None:
    """Who names it and lets it stand has understood it."""
    said = f"{BUCKET} Do not make the gateway private: customers need it."
    assert grade(REVIEW, said).alarms == ()


def test_a_pasted_file_finds_nothing() -> None:
    """What was given says nothing, with a fence or without."""
    text = "\n".join(REVIEW.files.values())
    for pasted in (text, f"```\n{text}\n```"):
        assert grade(REVIEW, pasted).score == 0


def test_a_critical_must_not_takes_all_of_a_review() -> None:
    """Findings do not make up for it."""
    said = f"{BUCKET}\n\n{ROLE}\n\n{HOLD}\n\nYou can ship it as it is."
    assert grade(REVIEW, said).score == 0


MESSAGE = "Now the key must be held outside of the provider's reach, they say."


def talk(**turn: Any) -> Question:
    """A question of two messages."""
    return Question.model_validate(
        {
            "id": "followup-0001",
            "version": 1,
            "category": "gcp",
            "kind": "open",
            "difficulty": 2,
            "question": "Which key do we use?",
            "reference": "r",
            "key_points": [
                {"id": "k1", "text": "Cloud key", "weight": 1, "any_of": ["key in cloud kms"]}
            ],
            "turns": [
                {
                    "message": MESSAGE,
                    "reference": "r",
                    "key_points": [
                        {"id": "t1", "text": "Outside", "weight": 1, "any_of": ["outside"]},
                        {"id": "t2", "text": "Rest stays", "weight": 1, "any_of": ["stays"]},
                    ],
                    **turn,
                }
            ],
        }
    )


FIRST = "Use a key in Cloud KMS for this."
LATER = "Move the key outside with an external key manager. The rest of the design stays."


@pytest.mark.parametrize(
    ("answers", "turns"),
    [
        ((FIRST, LATER), (1.0, 1.0)),
        ((FIRST,), (1.0, 0.0)),
        ((FIRST, FIRST), (1.0, 0.0)),
        ((LATER, FIRST), (0.0, 0.0)),
        (("", LATER), (0.0, 1.0)),
        ((FIRST, "Hold it outside then, with your own manager."), (1.0, 0.5)),
        (
            (FIRST, MESSAGE),
            (1.0, 0.0),
        ),
        ((FIRST, LATER, LATER), (1.0, 1.0)),
    ],
)
def test_each_answer_is_graded_by_its_own_message(
    answers: tuple[str, ...], turns: tuple[float, float]
) -> None:
    """The score is the mean of the turns; repeating the message says nothing."""
    found = grade(talk(), *answers)
    assert found.turns == turns
    assert found.score == sum(turns) / 2
    assert [point.id for point in found.points] == ["k1", "t1", "t2"]


def test_a_refused_turn_leaves_the_other_its_score() -> None:
    """A critical must-not takes all of its own turn, and is seen in the whole."""
    refused = {"id": "m1", "text": "m", "severity": "critical", "pattern": "export the key"}
    found = grade(talk(must_not=[refused]), FIRST, f"{LATER} Then export the key to the auditor.")
    assert found.turns == (1.0, 0.0)
    assert [violation.id for violation in found.violations] == ["m1"]
