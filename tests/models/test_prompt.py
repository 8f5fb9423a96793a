"""What a model is asked with, and that people are shown the same."""

from __future__ import annotations

from secarch.models.prompt import asked_text, question_messages


def test_people_read_the_files_as_the_model_does() -> None:
    """In the same form, and further messages after them."""
    files = {"a.tf": "x = 1", "b.md": "```\ny\n```"}
    put = question_messages("Why?", files)[1]["content"]
    assert asked_text("Why?", files) == put
    assert asked_text("Why?", files, ["And now?"]) == f"{put}\n\nAnd now?"
    assert asked_text("Why?", {}) == "Why?"
