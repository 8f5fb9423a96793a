"""What the model is shown of a question, and that people read the same."""

from __future__ import annotations

from typing import Any

import pytest

from secarch.evaluate.ask.prompt import asked_whole, messages
from secarch.models.prompt import SYSTEM
from secarch.suite.schema import Question, load


def _first(**having: Any) -> Question:
    return next(
        q
        for q in load(["core"]).questions
        if all(bool(getattr(q, k)) is v for k, v in having.items())
    )


def test_a_choice_is_shown_with_its_options_in_the_order_of_the_seed() -> None:
    """The system prompt comes first; another seed is another order."""
    question = _first(choices=True)
    system, asked = messages(question, 0)
    assert (system["role"], system["content"], asked["role"]) == ("system", SYSTEM, "user")
    assert all(option in asked["content"] for option in question.choices)
    assert len({messages(question, seed)[1]["content"] for seed in range(8)}) > 1


@pytest.mark.parametrize("turns", [True, False])
def test_people_read_what_the_model_is_asked(turns: bool) -> None:
    """Files and further messages included."""
    question = _first(turns=turns, choices=False, files=not turns)
    read = asked_whole(question)
    assert read.startswith(messages(question, 0)[1]["content"])
    assert all(turn.message in read for turn in question.turns)
    assert all(text.strip() in read for text in question.files.values())
