"""The figures of a graded dataset, counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secarch.dedupe.inspect import grades
from secarch.dedupe.inspect.grades import (
    Grade,
    Grades,
    agreed,
    counted,
    figures,
    place,
    read,
    summed,
)
from secarch.errors import InvalidInput


def test_defects_are_counted_by_family_and_reason() -> None:
    """A row with two reasons is one defective row."""
    rows = [("fix", "q", "bad short"), ("fix", "q", "fine"), ("map", "q", "bad")]

    def reasons(_family: str, _question: str, answer: str) -> tuple[str, ...]:
        return tuple(word for word in ("bad", "short") if word in answer)

    found = counted(rows, reasons)
    assert list(found) == ["fix", "map"]
    assert (found["fix"].rows, found["fix"].defective) == (2, 1)
    assert found["fix"].reasons == {"bad": 1, "short": 1}
    grade = Grade(artifact="a", seed=0, drawn={}, defects=found)
    assert grade.defective == pytest.approx(2 / 3)
    assert Grade(artifact="a", seed=0, drawn={}, defects={}).defective == 0


def test_grades_are_summed_by_family_and_together() -> None:
    """An abstention is no grade."""
    found = summed({"fix": [5, 3, None], "map": [1]})
    assert (found["fix"].graded, found["fix"].abstained, found["fix"].mean) == (2, 1, 4.0)
    assert found["all"].counts == {1: 1, 2: 0, 3: 1, 4: 0, 5: 1}
    assert found["all"].mean == 3.0
    assert found["all"].usable == pytest.approx(2 / 3)
    assert found["all"].worst == pytest.approx(1 / 3)
    nothing = summed({"fix": [None]})["fix"]
    assert (nothing.graded, nothing.mean, nothing.usable, nothing.worst) == (0, None, None, None)


def test_agreement_of_graders() -> None:
    """Krippendorff's alpha with squared distances, worked out by hand."""
    found = agreed([[4, 4], [3, 5], [2]])
    assert (found.rows, found.exact, found.within_one) == (2, 0.5, 0.5)
    # observed: (0 + 2*4/1) = 8; expected: 2 * (sum over pairs of 4,4,3,5 = 1+1+1+1+4 = 8) / 3
    assert found.alpha == pytest.approx(1 - 8 / (16 / 3))
    assert agreed([[4, 5]]).within_one == 1.0
    assert agreed([[4, 4], [4, 4]]).alpha is None
    assert agreed([[1], [5]]).rows == 0


def test_grades_lie_beside_the_datasets_and_count_for_their_content(tmp_path: Path) -> None:
    """Another digest, no file, and a file that is none of ours."""
    dataset = tmp_path / "datasets" / "abc"
    dataset.mkdir(parents=True)
    assert place(dataset) == tmp_path / "grades" / "abc"
    assert read(dataset, "d") is None
    path = place(dataset) / grades.FILE
    path.parent.mkdir(parents=True)
    grade = Grade(
        artifact="d", seed=1, drawn={"fix": 1}, defects={}, people=summed({"fix": [4, 2]})
    )
    path.write_text(json.dumps(grade.model_dump(mode="json")))
    assert read(dataset, "d") == grade
    assert read(dataset, "other") is None
    path.write_text("{]")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read(dataset, "d")


def test_figures_are_flat_and_leave_out_what_was_not_graded() -> None:
    """For a comparison line by line."""
    assert figures(None) == {}
    grade = Grade(artifact="d", seed=1, drawn={}, defects={}, judged=summed({"fix": [4, 1]}))
    found = figures(grade)
    assert found["judge fix mean"] == 2.5
    third = Grade(artifact="d", seed=1, drawn={}, defects={}, people=summed({"map": [4, 1, 3]}))
    assert figures(third) == {
        "defective": 0,
        "people map mean": 2.67,
        "people map at 3 or more": 0.667,
        "people map at 1": 0.333,
        "people all mean": 2.67,
        "people all at 3 or more": 0.667,
        "people all at 1": 0.333,
    }
    assert found["judge all at 3 or more"] == 0.5
    assert found["judge all at 1"] == 0.5
    assert found["defective"] == 0
    assert not any(name.startswith("people") for name in found)


def test_a_record_without_abstentions_has_none() -> None:
    """Older records have no such field."""
    found = Grades(graded=1, mean=4.0, usable=1.0, worst=0.0, counts={4: 1})
    assert found.abstained == 0
