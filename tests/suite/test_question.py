"""Design reviews and follow-ups: what the schema asks for, and what of them must not leak."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from secarch.suite.schema import Question

POINT = {"id": "k1", "text": "Hold it", "weight": 1, "any_of": ["hold"]}
REVIEW: dict[str, Any] = {
    "id": "design-0001",
    "version": 1,
    "category": "aws",
    "kind": "review_design",
    "difficulty": 3,
    "question": "What is wrong?",
    "files": {"main.tf": "acl = public", "notes.md": "The site is public."},
    "reference": "Hold it.",
    "key_points": [POINT],
    "findings": [{"id": "f1", "text": "Open", "severity": "critical", "any_of": ["open bucket"]}],
    "decoys": [{"id": "d1", "text": "Meant so", "pattern": "close the site", "alarm": "Do it."}],
}
TALK: dict[str, Any] = {
    "id": "followup-0001",
    "version": 1,
    "category": "gcp",
    "kind": "open",
    "difficulty": 2,
    "question": "Which key?",
    "reference": "Hold it.",
    "key_points": [POINT],
    "turns": [
        {
            "message": "The regulator forbids it.",
            "reference": "Keep the key outside.",
            "key_points": [{"id": "t1", "text": "Outside", "weight": 2, "any_of": ["outside"]}],
        }
    ],
}


@pytest.mark.parametrize(
    ("item", "change", "why"),
    [
        (REVIEW, {"files": {}}, "needs files and the findings"),
        (REVIEW, {"findings": []}, "needs files and the findings"),
        (REVIEW, {"kind": "review_code"}, "findings and decoys are for kind review_design"),
        (REVIEW, {"kind": "open", "findings": []}, "findings and decoys are for kind"),
        (REVIEW, {"findings": [{**REVIEW["findings"][0], "id": "k1"}]}, "k1 is given twice"),
        (REVIEW, {"findings": [{"id": "f1", "text": "t", "severity": "minor"}]}, "no pattern"),
        (REVIEW, {"decoys": [REVIEW["decoys"][0]] * 2}, "d1 is given twice"),
        (REVIEW, {"decoys": [{"id": "d1", "text": "t", "alarm": "a"}]}, "neither names nor"),
        (TALK, {"turns": [{**TALK["turns"][0], "key_points": [POINT]}]}, "k1 is given twice"),
        (TALK, {"turns": [{**TALK["turns"][0], "key_points": []}]}, "at least 1 item"),
        (TALK, {"turns": [{**TALK["turns"][0], "message": " "}]}, "at least 1 character"),
        (
            TALK,
            {"kind": "mcq", "choices": ["a", "b"], "answer": 0},
            "turns are for questions that are answered in words",
        ),
    ],
)
def test_what_does_not_fit_the_kind_is_refused(
    item: dict[str, Any], change: dict[str, Any], why: str
) -> None:
    """An item that could not be scored is an error of its author."""
    with pytest.raises(ValidationError, match=why):
        Question.model_validate({**item, **change})


def test_severity_is_the_weight_of_a_finding() -> None:
    """A critical finding weighs three minor ones."""
    finding = Question.model_validate(REVIEW).findings[0]
    for severity, weight in (("critical", 3), ("major", 2), ("minor", 1)):
        assert finding.replace(severity=severity).point.weight == weight


def test_every_text_of_a_question_is_kept_from_the_training_data() -> None:
    """Files, findings, decoys, and each further message with its reference."""
    review = {t.part: t.text for t in Question.model_validate(REVIEW).leak_texts()}
    assert review == {
        "question": "What is wrong?",
        "files": "acl = public\nThe site is public.",
        "reference": "Hold it.",
        "k1": "Hold it",
        "f1": "Open",
        "d1": "Meant so",
    }
    talk = {t.part: t.text for t in Question.model_validate(TALK).leak_texts()}
    assert talk["turn 2"] == "The regulator forbids it."
    assert talk["turn 2 reference"] == "Keep the key outside."
    assert talk["t1"] == "Outside"


def test_a_question_of_two_messages_is_two_that_are_graded() -> None:
    """The second has its own points, and knows both messages."""
    question = Question.model_validate(TALK)
    first, second = question.asked()
    assert (first.turns, first.key_points) == ((), question.key_points)
    assert second.question == "Which key?\n\nThe regulator forbids it."
    assert [point.id for point in second.key_points] == ["t1"]
    assert [point.id for point in question.points] == ["k1", "t1"]
    assert Question.model_validate(REVIEW).asked()[0].findings


def test_a_changed_turn_or_finding_moves_the_hash() -> None:
    """Scores of an older message are never taken for those of a newer one."""
    talk, review = Question.model_validate(TALK), Question.model_validate(REVIEW)
    turn = talk.turns[0].replace(message="The auditor forbids it.")
    assert talk.replace(turns=[turn]).sha256 != talk.sha256
    finding = review.findings[0].replace(severity="minor")
    assert review.replace(findings=[finding]).sha256 != review.sha256
