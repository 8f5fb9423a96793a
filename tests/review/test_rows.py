"""Rows of a dataset: every split, the two texts of a row, and figures as a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.artifact import seal
from secarch.cli import output
from secarch.files import write_jsonl
from secarch.review.rows import SPLITS, figures_table, rows_of, texts


def test_rows_come_from_every_split_in_order(tmp_path: Path) -> None:
    """Training, validation, test."""
    names = [f"{split}.jsonl" for split in SPLITS]
    for name in reversed(names):
        write_jsonl(tmp_path / name, [{"id": name}, {"id": f"{name} again"}])
    made = seal(tmp_path, kind="dataset", parents=[], config={}, counts={}, files=names)
    expected = [text for name in names for text in (name, f"{name} again")]
    assert [row["id"] for row in rows_of(made)] == expected


def test_texts_are_question_and_answer() -> None:
    """The system prompt is neither."""
    messages = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "a"},
    ]
    assert texts({"messages": messages}) == ("q", "a")


def test_an_unknown_figure_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    """Zero is a figure; underscores are spaces for people."""
    rows = [{"n": 0, "too_kind": None, "other": 1}, {"n": 12, "too_kind": 3}]
    output.show((figures_table(rows, ("n", "too_kind")),))
    assert capsys.readouterr().out.splitlines() == ["n   too kind", "0   -", "12  3"]
