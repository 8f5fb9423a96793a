"""metrics.jsonl: raw, without clock times, and cut back where a run goes on."""

from pathlib import Path
from typing import Any

import pytest

from secarch.train.loop.journal import Journal, identity


def _three(folder: Path) -> Journal:
    journal = Journal(folder)
    journal.log(0, {"eval_loss": 3.0})
    for step, loss in ((1, 2.5), (2, 2.0), (3, 1.5)):
        journal.count(100, 60)
        journal.log(step, {"loss": loss, "learning_rate": 0.1, "grad_norm": 1.0})
    return journal


def test_totals_run_on_and_seconds_stand_apart(tmp_path: Path, read_metrics: Any) -> None:
    """Tokens add up; the clock is in timing.jsonl alone."""
    _three(tmp_path)
    rows = read_metrics(tmp_path)
    assert [row.get("tokens") for row in rows] == [None, 100, 200, 300]
    assert not any("seconds" in row for row in rows)
    assert "seconds" in (tmp_path / "timing.jsonl").read_text(encoding="utf-8")


def test_going_on_cuts_what_came_after_the_checkpoint(tmp_path: Path, read_metrics: Any) -> None:
    """Also a last line that the kill tore apart; the totals are those of the checkpoint."""
    _three(tmp_path)
    with (tmp_path / "metrics.jsonl").open("a", encoding="utf-8") as handle:
        handle.write('{"step":4,"lo')
    journal = Journal(tmp_path, upto=2)
    assert (journal.tokens, journal.trained) == (200, 120)
    assert [row["step"] for row in read_metrics(tmp_path)] == [0, 1, 2]
    assert journal.curve("loss") == [(1.0, 2.5), (2.0, 2.0)]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_kept_as_text(tmp_path: Path, read_metrics: Any, value: float) -> None:
    """It is neither filtered nor made 0, and the file stays JSON."""
    journal = Journal(tmp_path)
    journal.log(1, {"loss": value})
    assert read_metrics(tmp_path)[0]["loss"] == str(value)
    assert journal.curve("loss") == []


def test_the_best_step_is_a_saved_one(tmp_path: Path) -> None:
    """The lowest evaluation loss among saved steps; of equals the earliest; none before the
    first.
    """
    journal = Journal(tmp_path)
    assert journal.best_step is None
    for step, loss in ((2, 1.5), (4, 1.0), (6, 1.0), (8, 0.5)):
        journal.log(step, {"eval_loss": loss})
    for step in (2, 4, 6):
        journal.saved(step)
    assert journal.best_step == 4


def test_events_are_written_and_have_no_part_in_identity(tmp_path: Path, read_metrics: Any) -> None:
    """A resume with another micro-batch is told, and the run is still the same run."""
    journal = _three(tmp_path)
    before = identity(journal.rows)
    journal.event(3, "micro_batch_changed", before=4, now=2)
    assert read_metrics(tmp_path)[-1] == {
        "step": 3,
        "event": "micro_batch_changed",
        "before": 4,
        "now": 2,
    }
    assert identity(journal.rows) == before
