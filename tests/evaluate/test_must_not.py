"""A must-not of the core suite fires on the claim and not on its refutation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secarch.evaluate.rubric.grade import grade
from secarch.suite.question import Question
from secarch.suite.schema import load
from secarch.text.polarity.windows import sentences

EVERY = 30
"""One question in so many is read here; with all of them it takes minutes."""
REFUTED = (
    "The team argues that {}. I disagree.",
    "Some say that {}, but this does not hold.",
    "| advice | verdict |\n|---|---|\n| {} | rejected |",
)


def claims() -> Iterator[tuple[Question, str]]:
    """A question with one must-not alone, and the sentence of its wrong answer that triggers it."""
    written = [q for q in load(["core"]).questions if q.wrong and q.key_points and not q.turns]
    for question in written[::EVERY]:
        said = sentences(question.wrong.replace("\n", " "))
        for item in question.must_not:
            one = question.replace(must_not=(item,))
            claim = next((s for s in said if item.pattern and grade(one, s).violations), None)
            if claim:
                yield one, claim


@pytest.mark.slow
def test_refuting_a_must_not_costs_nothing() -> None:
    """Beside the best answer: said plainly it counts, attributed, contrasted or rejected not."""
    found = list(claims())
    fired = [
        (question.id, form)
        for question, claim in found
        for form in REFUTED
        if grade(question, _beside(question, form, claim)).violations
    ]
    assert len(found) >= 12
    assert len(fired) <= 0.05 * len(REFUTED) * len(found), fired


def _beside(question: Question, form: str, claim: str) -> str:
    bare = claim[0].lower() + claim[1:].rstrip(".")
    return f"{question.reference}\n\n{form.format(bare)}"
