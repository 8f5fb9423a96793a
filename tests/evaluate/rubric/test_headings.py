"""In a review the heading above a finding says whether it is one."""

from __future__ import annotations

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
        "question": "?",
        "files": {"a": "b"},
        "reference": "r",
        "key_points": [
            {"id": "k1", "text": "Hold", "weight": 1, "any_of": ["postpone the release"]}
        ],
        "findings": [
            {
                "id": "f1",
                "text": "Open",
                "severity": "critical",
                "any_of": [r"bucket\b.{0,40}(?:public|everybody)"],
            }
        ],
    }
)


@pytest.mark.parametrize(
    "title",
    [
        "## Mistakes",
        "## Incorrect",
        "Wrong:",
        "The following is wrong:",
        "## Findings",
        "## Must be fixed",
        "**Do not ship**",
        "## Not acceptable",
        "## Unacceptable",
        "Critical issues:",
        "",
    ],
)
def test_a_fault_below_a_word_for_fault_is_stated(title: str) -> None:
    """Findings and the decision count, whatever the author calls his faults."""
    listed = f"{title}\n\n- The bucket is open to everybody who asks.\n- Postpone the release.\n"
    assert grade(REVIEW, listed).recall == 1


@pytest.mark.parametrize("title", ["## Mistakes", "## Findings", "**Do not ship**"])
def test_the_decision_counts_below_it_too(title: str) -> None:
    """A short review has one heading."""
    assert grade(REVIEW, f"{title}\n\nYou should postpone the release for now.").score == 0.25


@pytest.mark.parametrize(
    "title",
    [
        "## False positives",
        "## Not findings",
        "May stay:",
        "## Looks wrong, but is right",
        "Acceptable:",
        "## No issues",
        "I would leave these as they are:",
    ],
)
def test_what_is_let_stand_is_no_finding(title: str) -> None:
    """Who lists a planted fault among the false positives has not found it."""
    listed = f"{title}\n\n- The bucket is open to everybody who asks.\n"
    assert grade(REVIEW, listed).recall == 0


def test_a_denied_fault_is_no_finding_below_any_heading() -> None:
    """The sentence itself still decides."""
    assert grade(REVIEW, "## Mistakes\n\n- The bucket is not open to everybody.\n").recall == 0


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("The bucket is public, which is fine for a site.", False),
        ("The bucket for everybody may stay.", False),
        ("The bucket is public and that is perfectly acceptable.", False),
        ("The bucket is public; it is fine for a site but not for scans.", True),
        ("The bucket may stay public only if the scans go.", True),
        ("The bucket is public and finely tuned.", True),
    ],
)
def test_a_fault_that_the_sentence_calls_right_is_no_finding(text: str, met: bool) -> None:
    assert grade(REVIEW, text).points[-1].met is met
