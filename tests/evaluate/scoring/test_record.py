"""summary.json is typed: its schema is shipped, and what does not fit is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from secarch.evaluate.scoring import record

FACTS: dict[str, Any] = {
    "mean": None,
    "n": 0,
    "sd": None,
    "low": None,
    "high": None,
    "unscored": 1,
    "unscored_why": {"no judge": 1},
    "lower_is_better": False,
}
SUMMARY: dict[str, Any] = {
    "schema": 1,
    "model": "base",
    "parents": [],
    "suite": {"name": "own", "version": "1", "digest": "d"},
    "model_fingerprint": "f",
    "prompt_digest": "p",
    "engine": {},
    "decoding": {},
    "counts": dict.fromkeys(
        [
            "questions",
            "answers_cut",
            "answers_failed",
            "answers_unanswered",
            "tokens",
            "scores",
            "unscored",
        ],
        0,
    ),
    "metrics": {"judge": FACTS},
    "by_category": {"aws": {"judge": FACTS}},
    "notes": {},
    "judge": {},
    "contamination": None,
    "held_out": None,
}


def test_the_shipped_schema_is_the_model_s() -> None:
    """Written by `Summary.model_json_schema()`."""
    shipped = Path(record.__file__).with_name("evaluation.schema.json")
    assert json.loads(shipped.read_text()) == record.Summary.model_json_schema()


def test_a_summary_that_fits_is_read() -> None:
    """No value is null and stays null."""
    read = record.Summary.model_validate(SUMMARY)
    assert (read.metrics["judge"].mean, read.by_category["aws"]["judge"].unscored) == (None, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 0},
        {"metrics": {"judge": {**FACTS, "n": -1}}},
        {"metrics": {"judge": {**FACTS, "mean": "high"}}},
        {"unknown": 1},
        {"counts": {}},
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    """A misspelt field, a figure that is none, a count below 0."""
    with pytest.raises(ValidationError):
        record.Summary.model_validate({**SUMMARY, **change})
