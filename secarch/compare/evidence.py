"""What stands behind the figures: the answers that changed, the points they met, the dangerous things said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from secarch.compare.pairs import Arm, Key, Pairs
from secarch.errors import SecarchError
from secarch.evaluate import safety
from secarch.evaluate.rubric import grade
from secarch.schema import JsonDict
from secarch.suite import Question, load

Questions = Mapping[Key, Question]
Which = Literal["base", "tuned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One critical dangerous statement."""

    question_id: str
    side: Which
    rule: str
    quoted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One key point of a question and where each answer meets it; empty where it does not."""

    text: str
    weight: int
    critical: bool
    base: str
    tuned: str


def questions(names: Sequence[str], *, smoke: bool) -> Questions:
    """The suite's questions by id and content, or none where the suite is not at hand: figures do not need them."""
    try:
        return {(question.id, question.sha256): question for question in load(names, smoke=smoke).questions}
    except SecarchError:
        return {}


def flips(pairs: Pairs, base: Arm, tuned: Arm) -> Iterator[JsonDict]:
    """Every question whose primary value changed, with both answers; what got worse first, by size."""
    rows = zip(pairs.gains, pairs.keys, pairs.base, pairs.tuned, pairs.categories, strict=True)
    for gain, key, before, after, category in sorted(rows, key=lambda row: (row[0] > 0, -abs(row[0]), row[1])):
        if abs(gain) > 1e-12:
            yield {
                "question_id": key[0], "question_sha256": key[1], "category": category, "metric": pairs.metric,
                "base": before, "tuned": after, "delta": gain, "direction": "beneficial" if gain > 0 else "harmful",
                "base_text": text_of(base, key), "tuned_text": text_of(tuned, key),
            }  # fmt: skip


def text_of(arm: Arm, key: Key) -> str:
    """The answer to one question; empty where there is none."""
    return str(arm.texts.get(key, {}).get("text", ""))


def points(question: Question, base: str, tuned: str) -> list[Point]:
    """The question's key points against both answers; none for multiple choice."""
    if not question.key_points:
        return []
    found = zip(grade(question, base).points, grade(question, tuned).points, strict=True)
    return [
        Point(
            text=a.text, weight=a.weight, critical=a.critical,
            base=a.evidence if a.met else "", tuned=b.evidence if b.met else "",
        )
        for a, b in found
    ]  # fmt: skip


def statements(known: Questions, **arms: Arm) -> list[Statement]:
    """Every critical statement of both models, by question: detectors on all answers, must-nots where known."""
    found = [
        Statement(question_id=key[0], side=side, rule=rule, quoted=quoted)  # type: ignore[arg-type]
        for side, arm in arms.items()
        for key in arm.texts
        for rule, quoted in _critical(known.get(key), text_of(arm, key))
    ]
    return sorted(found, key=lambda row: (row.question_id, row.side))


def _critical(question: Question | None, answer: str) -> Iterator[tuple[str, str]]:
    yield from ((d.rule, d.evidence) for d in safety.examine(answer) if d.severity == "critical")
    if question and question.key_points:
        yield from ((v.text, v.evidence) for v in grade(question, answer).violations if v.severity == "critical")
