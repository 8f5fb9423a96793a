"""Answers to several messages are one text that can be cut again."""

from __future__ import annotations

from secarch.compare.inputs.pairs import NEXT, said


def test_all_answers_of_a_row_are_kept_in_order() -> None:
    """A row of one answer is that answer; no row is no text."""
    assert said({"text": "a"}) == "a"
    both = said({"text": "a", "further": [{"text": "b"}, {"text": "c"}]})
    assert both.split(NEXT) == ["a", "b", "c"]
    assert said({}) == ""
