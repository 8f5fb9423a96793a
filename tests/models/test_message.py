"""A server's message in the forms in which servers give it."""

from __future__ import annotations

from typing import Any

import pytest

from secarch.models.message import Message, read

SAID = Message(text="Use roles.", reasoning="weigh it", refused=False, empty=False)


@pytest.mark.parametrize(
    "message",
    [
        {"content": "Use roles.", "reasoning_content": "weigh it"},
        {"content": "Use roles.", "reasoning": "weigh it"},
        {"content": "Use roles.", "thinking": "weigh it"},
        {"content": "Use roles.", "reasoning_details": [{"type": "x", "text": "weigh it"}]},
        {"content": [{"type": "thinking", "thinking": "weigh it"}, {"text": "Use roles."}]},
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "weigh it"}]},
                {"type": "output_text", "text": "Use "},
                "roles.",
            ]
        },
        {"content": [{"type": "reasoning", "text": "weigh it"}, {"text": "Use roles."}]},
        {
            "content": [
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "weigh it"}]},
                {"type": "text", "text": "Use roles."},
            ]
        },
    ],
)
def test_the_reasoning_is_kept_apart(message: dict[str, Any]) -> None:
    """In a field of its own or as a part of the content."""
    assert read(message) == SAID


def test_a_refusal_and_nothing_at_all_are_no_answers() -> None:
    """An empty string is an answer, null is none."""
    assert read({"content": None, "refusal": "I cannot."}).refused
    part = read({"content": [{"type": "refusal", "refusal": "I cannot."}]})
    assert (part.refused, part.text) == (True, "")
    assert read({"content": None}) == Message("", "", refused=False, empty=True)
    assert read({}).empty
    assert not read({"content": ""}).empty
    assert not read({"content": None, "reasoning": "weigh it"}).empty


def test_the_same_reasoning_in_two_fields_counts_once() -> None:
    """Servers repeat it under an older name."""
    twice = {"content": "Use roles.", "reasoning": "weigh it", "reasoning_content": "weigh it"}
    assert read(twice) == SAID


@pytest.mark.parametrize("content", [7, {"text": "Use roles."}])
def test_a_content_of_another_type_is_a_fault(content: Any) -> None:
    """The reply is asked for again."""
    with pytest.raises(TypeError):
        read({"content": content})
