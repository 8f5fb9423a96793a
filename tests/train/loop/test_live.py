"""The live line says what is known, and how long it will take."""

from pathlib import Path

import pytest

from secarch.train.loop.journal import Journal
from secarch.train.loop.live import facts, seconds_left


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Three steps, a second each, of 100 tokens."""
    made = Journal(tmp_path)
    for step in (1, 2, 3):
        made.count(100, 50)
        made.log(step, {"loss": 3.0 - step, "learning_rate": 1e-4 * step})
        made.clock[step] = float(step)
    return made


def test_the_line_has_the_last_figures(journal: Journal) -> None:
    """Loss and rate of the last step, tokens a second, time left, memory."""
    told = facts(journal, 63, memory=3 << 29)
    assert told == {
        "loss": "0.0000",
        "learning_rate": "3.00e-04",
        "tokens_per_second": "100",
        "left": "0:01:00",
        "memory": "1.5 GiB",
    }
    assert float(facts(journal, 63)["memory"].removesuffix(" GiB")) > 0


def test_what_is_not_known_is_left_out(tmp_path: Path) -> None:
    """Before the second step nothing is told of time."""
    empty = Journal(tmp_path)
    assert list(facts(empty, 9)) == ["memory"]
    empty.log(1, {"loss": 1.0})
    assert "left" not in facts(empty, 9)


def test_the_time_left_counts_from_this_process(journal: Journal) -> None:
    """A second a step; none after the last, or beyond it."""
    assert seconds_left(journal, 10) == pytest.approx(7.0)
    assert seconds_left(journal, 3) == 0
    assert seconds_left(journal, 2) == 0
    journal.clock[4] = 9.0
    assert seconds_left(journal, 5) == pytest.approx(8 / 3)
