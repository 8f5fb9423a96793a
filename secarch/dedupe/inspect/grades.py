"""The figures of a graded dataset: what is in grade.json, how it is counted and read again."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from secarch.dedupe.quality.reading_level import ReadingLevel
from secarch.errors import InvalidInput
from secarch.schema import Config

FOLDER = "grades"
"""Folder of the workspace, with a folder for each graded dataset."""
FILE = "grade.json"
SCALE = (1, 2, 3, 4, 5)
"""1 useless or harmful, 2 weak, 3 usable, 4 good, 5 excellent."""
USABLE = 3
WORST = 1


class Defects(Config):
    """Mechanical defects of all rows of a family."""

    rows: int
    defective: int
    reasons: dict[str, int]


class Grades(Config):
    """Grades of the rows that were drawn of a family, by one kind of grader."""

    graded: int
    abstained: int = 0
    """Rows that were asked about without a grade to read."""
    mean: float | None
    usable: float | None
    """Share of grades of 3 or more, 0 to 1."""
    worst: float | None
    """Share of grades of 1, 0 to 1."""
    counts: dict[int, int]


class Agreement(Config):
    """How far two people agree on the same row."""

    rows: int
    """Rows that two or more graded."""
    exact: float | None
    """Share of pairs of grades that are equal, 0 to 1."""
    within_one: float | None
    alpha: float | None
    """Krippendorff's alpha with squared distances (2004, chapter 11); None if all grades are
    equal."""


class Grade(Config):
    """What `secarch dataset grade` found."""

    artifact: str
    """Digest of the dataset."""
    seed: int
    drawn: dict[str, int]
    """Rows by family."""
    defects: dict[str, Defects]
    judge: str = ""
    """Model that judged."""
    judged: dict[str, Grades] | None = None
    people: dict[str, Grades] | None = None
    agreement: Agreement | None = None
    reading_level: ReadingLevel | None = None
    """Readability of the answers that were drawn."""

    @property
    def defective(self) -> float:
        """Share of all rows that have a mechanical defect, 0 to 1."""
        rows = sum(one.rows for one in self.defects.values())
        return sum(one.defective for one in self.defects.values()) / rows if rows else 0.0


def counted(
    rows: Iterable[tuple[str, str, str]], defects: Callable[[str, str, str], Sequence[str]]
) -> dict[str, Defects]:
    """Mechanical defects by family of (family, question, answer); `defects` gives the reasons."""
    total: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for family, question, answer in rows:
        found = set(defects(family, question, answer))
        total[family] += 1
        bad[family] += bool(found)
        reasons[family].update(found)
    return {
        family: Defects(
            rows=total[family], defective=bad[family], reasons=dict(sorted(reasons[family].items()))
        )
        for family in sorted(total)
    }


def summed(given: Mapping[str, Sequence[int | None]]) -> dict[str, Grades]:
    """Grades by family, with all families together under "all"; None is an abstention."""
    every = [grade for grades in given.values() for grade in grades]
    return {family: _summed(grades) for family, grades in [*sorted(given.items()), ("all", every)]}


def _summed(grades: Sequence[int | None]) -> Grades:
    known = [grade for grade in grades if grade is not None]
    n = len(known)
    return Grades(
        graded=n,
        abstained=len(grades) - n,
        mean=sum(known) / n if n else None,
        usable=sum(grade >= USABLE for grade in known) / n if n else None,
        worst=sum(grade == WORST for grade in known) / n if n else None,
        counts={grade: known.count(grade) for grade in SCALE},
    )


def agreed(groups: Iterable[Sequence[int]]) -> Agreement:
    """How far graders agree; each group holds the grades of one row.

    >>> agreed([[4, 4], [3, 5]]).exact
    0.5
    """
    twice = [group for group in groups if len(group) > 1]
    pairs = [pair for group in twice for pair in combinations(group, 2)]
    if not pairs:
        return Agreement(rows=0, exact=None, within_one=None, alpha=None)
    near = sum(abs(a - b) <= 1 for a, b in pairs)
    return Agreement(
        rows=len(twice),
        exact=sum(a == b for a, b in pairs) / len(pairs),
        within_one=near / len(pairs),
        alpha=_alpha(twice),
    )


def _alpha(groups: Sequence[Sequence[int]]) -> float | None:
    every = [grade for group in groups for grade in group]
    n = len(every)
    observed = sum(
        2 * sum((a - b) ** 2 for a, b in combinations(group, 2)) / (len(group) - 1)
        for group in groups
    )
    expected = 2 * sum((a - b) ** 2 for a, b in combinations(every, 2)) / (n - 1)
    return 1 - observed / expected if expected else None


def place(dataset: Path) -> Path:
    """The folder of a dataset's grades: beside the folder of datasets, under the same name."""
    return dataset.resolve().parent.parent / FOLDER / dataset.resolve().name


def read(dataset: Path, digest: str) -> Grade | None:
    """The grades of a dataset, if it was graded and is the same still.

    Raises InvalidInput for a file that is none of ours.
    """
    path = place(dataset) / FILE
    if not path.is_file():
        return None
    try:
        grade = Grade.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, ValidationError) as error:
        raise InvalidInput(
            "these grades cannot be read",
            where=path,
            why=str(error).splitlines()[0],
            fix="remove the file and run `secarch dataset grade` again",
        ) from error
    return grade if grade.artifact == digest else None


def figures(grade: Grade | None) -> dict[str, Any]:
    """Flat figures by name, for comparing two datasets; empty for one that was not graded."""
    if grade is None:
        return {}
    found: dict[str, Any] = {"defective": round(grade.defective, 4)}
    if grade.reading_level:
        found["Flesch-Kincaid grade of drawn answers"] = grade.reading_level.grade
    for who, given in (("judge", grade.judged), ("people", grade.people)):
        for family, one in (given or {}).items():
            if one.mean is not None and one.usable is not None and one.worst is not None:
                found[f"{who} {family} mean"] = round(one.mean, 2)
                found[f"{who} {family} at 3 or more"] = round(one.usable, 3)
                found[f"{who} {family} at 1"] = round(one.worst, 3)
    return found
