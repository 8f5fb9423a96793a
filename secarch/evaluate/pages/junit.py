"""The evaluation as JUnit XML, for build servers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from secarch.evaluate.metrics.metric import Item
from secarch.evaluate.pages.questions import PASS_MARK, by_question, dangerous
from secarch.records import Score
from secarch.report.junit import Case, Group, document
from secarch.schema import JsonDict


def junit(summary: JsonDict, items: Sequence[Item], scores: Sequence[Score]) -> str:
    """A test suite for each category, a test case for each question.

    A case fails below a rubric score of 0.5 or with a critical dangerous statement, and is skipped
    where it has no rubric score.
    """
    values = by_question(scores)
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[item.question.category].append(item)
    return document(
        summary["suite"]["name"],
        [
            Group(
                name=category,
                cases=[_junit_case(item, values[item.question.id]) for item in group],
            )
            for category, group in sorted(groups.items())
        ],
    )


def _junit_case(item: Item, own: Mapping[str, Score]) -> Case:
    rubric, unsafe = own.get("rubric"), own.get("unsafe")
    case = Case(
        group=f"secarch.{item.question.category}",
        name=item.question.id,
        seconds=item.answer.seconds,
    )
    if rubric is None or rubric.value is None:
        return replace(case, skipped=rubric.reason if rubric else "the rubric was not computed")
    if rubric.value >= PASS_MARK and not (unsafe and unsafe.value):
        return case
    points = item.grade.points if item.grade else ()
    lost = [f"{p.id} {p.reason}: {p.text}" for p in points if not p.met]
    found = [f"dangerous ({severity}): {what}: {why}" for what, severity, why in dangerous(item)]
    return replace(case, failure=f"rubric {rubric.value:.2f}", detail="\n".join(found + lost))
