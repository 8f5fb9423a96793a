"""The reading level of a dataset's answers is textstat's own."""

from __future__ import annotations

import pytest
import textstat

from secarch.dedupe.quality.reading_level import offline_textstat, reading_level

EASY = "Keep the key in the vault. Change it each month. Tell the owner what you did and why."
HARD = (
    "Organisational accountability necessitates comprehensive documentation of authorisation "
    "decisions, irrespective of administrative convenience or operational considerations."
)


def test_the_medians_are_those_of_textstat() -> None:
    """Over texts with words; hard prose has a higher grade and less ease."""
    found = reading_level([EASY, "  ", HARD, EASY])
    assert found is not None
    assert found.answers == 3
    assert offline_textstat() is textstat
    assert found.grade == pytest.approx(textstat.flesch_kincaid_grade(EASY), abs=0.01)
    assert found.ease == pytest.approx(textstat.flesch_reading_ease(EASY), abs=0.01)
    hard = reading_level([HARD])
    assert hard is not None
    assert hard.grade > found.grade
    assert hard.ease < found.ease


def test_nothing_to_read_has_no_level() -> None:
    """Code alone, for example, once its fences are gone."""
    assert reading_level(["", " \n"]) is None
