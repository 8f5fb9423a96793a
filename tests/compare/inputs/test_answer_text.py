"""Answers to several messages are one text that can be cut again."""

from __future__ import annotations

from secarch.compare.inputs.pairs import NEXT, answer_text


def test_all_answers_of_a_row_are_kept_in_order() -> None:
    """A row of one answer is that answer; no row is no text."""
    assert answer_text({"text": "a"}) == "a"
    both = answer_text({"text": "a", "further": [{"text": "b"}, {"text": "c"}]})
    assert both.split(NEXT) == ["a", "b", "c"]
    assert answer_text({}) == ""
