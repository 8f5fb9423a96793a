"""Reasoning is told from the answer by the markers of the templates."""

from __future__ import annotations

import pytest

from secarch.text.reasoning import Parts, split


@pytest.mark.parametrize(
    "text",
    [
        "<think>weigh it</think>Least privilege.",
        "weigh it</think>\nLeast privilege.",
        "<thinking>\nweigh it\n</thinking>\n\nLeast privilege.",
        "[THINK]weigh it[/THINK]Least privilege.",
        (
            "<|channel|>analysis<|message|>weigh it<|end|><|start|>assistant"
            "<|channel|>final<|message|>"
            "Least privilege.<|return|>"
        ),
        (
            "<|begin_of_thought|>weigh it<|end_of_thought|><|begin_of_solution|>Least privilege."
            "<|end_of_solution|>"
        ),
        "<seed:think>weigh it</seed:think>Least privilege.",
        "weigh it</seed:think>Least privilege.",
        '<thinking kind="long">weigh it</thinking>Least privilege.',
        "<|channel>thought\nweigh it<channel|>Least privilege.",
        "<unused94>thought\nweigh it<unused95>Least privilege.",
        "<|inner_prefix|>weigh it<|inner_suffix|>Least privilege.",
        "<|thought_start|>weigh it<|thought_end|>Least privilege.",
        "Here is my thought process: weigh it\n\nHere is my response: Least privilege.",
    ],
)
def test_the_answer_is_what_stands_outside(text: str) -> None:
    """Whatever marks the reasoning, and if the template has opened it."""
    assert split(text) == Parts("Least privilege.", "weigh it", unfinished=False)


@pytest.mark.parametrize("text", ["<think>weigh", "<|channel|>analysis<|message|>weigh"])
def test_an_answer_that_ends_in_its_reasoning_is_none(text: str) -> None:
    """The budget is spent, and nothing was answered."""
    assert split(text) == Parts("", "weigh", unfinished=True)


@pytest.mark.parametrize(
    "text",
    [
        "Plain.",
        "",
        "a < b and c > d",
        "I think: <b>bold</b>",
        "Here is my reasoning: it is narrow.",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    """Markup that is no marker is left alone."""
    assert split(text) == Parts(text, "", unfinished=False)
