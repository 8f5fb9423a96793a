"""What the core suite's patterns make of sentences that experts and mistaken answers write."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import yaml

from secarch.evaluate.rubric.grade import grade
from secarch.suite import schema

TABLES = sorted(Path(__file__).parent.glob("right_sentences*.yaml"))


@cache
def core() -> Mapping[str, schema.Question]:
    """The core suite's questions by their ids."""
    return {question.id: question for question in schema.load(["core"]).questions}


def outcome(question: schema.Question, item: str, text: str) -> str:
    """What becomes of a must-not (`fires`, `silent`) or a key point (`met`, `missed`)."""
    turn = next(t for t in question.asked() if item in {x.id for x in (*t.points, *t.must_not)})
    graded = grade(turn, text)
    if item in {refused.id for refused in turn.must_not}:
        return "fires" if item in {one.id for one in graded.violations} else "silent"
    return "met" if item in {one.id for one in graded.points if one.met} else "missed"


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_each_sentence_is_taken_for_what_it_says(table: Path) -> None:
    rows = yaml.safe_load(table.read_text(encoding="utf-8"))
    found = {
        (row["id"], row["item"], row["text"]): outcome(core()[row["id"]], row["item"], row["text"])
        for row in rows
    }
    expected = {(row["id"], row["item"], row["text"]): row["expected"] for row in rows}
    assert len(found) == len(rows) > 0
    assert found == expected
