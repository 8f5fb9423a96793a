"""Metrics of what the rubric and the judge find in an answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from secarch.evaluate.metrics.metric import (
    NO_FINDINGS,
    NO_POINTS,
    ONE_TURN,
    UNNAMED,
    Item,
    Measured,
    Metric,
    MetricContext,
    ungraded,
)
from secarch.evaluate.rubric.terms import concepts


class Rubric(Metric):
    """Weighted key points minus must-nots, 0..1 (secarch.evaluate.rubric.grade)."""

    kind: Literal["rubric"] = "rubric"

    def one(self, item: Item) -> Measured:
        """The grade's score; a multiple choice has none, so that many of them cannot drown the open
        questions.
        """
        return Measured(item.grade.score) if item.grade else Measured(None, ungraded(item))


class KeyPoints(Metric):
    """Share of the key points' weights met, 0..1, whatever else the answer says."""

    kind: Literal["key_points"] = "key_points"

    def one(self, item: Item) -> Measured:
        """The grade's coverage."""
        return Measured(item.grade.coverage) if item.grade else Measured(None, ungraded(item))


class Judge(Metric):
    """Share of the key points' weights that the optional judge finds met, 0..1
    (secarch.evaluate.judge).
    """

    kind: Literal["judge"] = "judge"

    def measure(self, items: Sequence[Item], context: MetricContext) -> list[Measured]:
        """Over the points that it judged; what abstentions may hide is noted as bounds of the
        mean.
        """
        from secarch.evaluate.judge import (
            coverage,
        )  # it needs the settings, which hold this module's union

        found = [
            (item.question, item.judged)
            for item in items
            if item.judged is not None and item.question.key_points
        ]
        if found:
            shares = [
                coverage(question, judged) for question, judged in found if judged is not None
            ]
            context.notes["judge_mean_if_abstentions_missed"] = round(
                math.fsum(s[1] for s in shares) / len(shares), 6
            )
            context.notes["judge_mean_if_abstentions_met"] = round(
                math.fsum(s[2] for s in shares) / len(shares), 6
            )
        return [self.one(item) for item in items]

    def one(self, item: Item) -> Measured:
        """Unscored without a judge, for a multiple choice, and where it abstained from every
        point.
        """
        if not item.question.key_points:
            return Measured(None, NO_POINTS)
        if item.judged is None:
            return Measured(None, "no judge: eval.judge_url is not set")
        from secarch.evaluate.judge import coverage

        value, *_ = coverage(item.question, item.judged)
        return Measured(value) if value is not None else Measured(None, "the judge abstained")


class Keywords(Metric):
    """Share of the reference's security concepts that the answer names, 0..1
    (secarch.evaluate.rubric.terms).
    """

    kind: Literal["keywords"] = "keywords"

    def one(self, item: Item) -> Measured:
        """Coverage of the concepts; unscored where the reference names none."""
        wanted = concepts(item.question.reference)
        if not wanted:
            return Measured(None, "the reference names no term of the vocabulary")
        return Measured(len(wanted & concepts(item.answer.text)) / len(wanted))


class FindingRecall(Metric):
    """Design review: share of the weights of the planted findings that are found, 0..1."""

    kind: Literal["finding_recall"] = "finding_recall"

    def one(self, item: Item) -> Measured:
        """The grade's recall; unscored if nothing was planted."""
        if not item.question.findings:
            return Measured(None, NO_FINDINGS)
        return Measured(item.grade.recall) if item.grade else Measured(None, ungraded(item))


class FindingPrecision(Metric):
    """Design review: weight of the findings that are found, of that and of the decoys called
    faults, 0..1. What is neither planted nor a decoy counts for nothing.
    """

    kind: Literal["finding_precision"] = "finding_precision"

    def one(self, item: Item) -> Measured:
        """The grade's precision; unscored if nothing was planted, or nothing was named."""
        if not item.question.findings:
            return Measured(None, NO_FINDINGS)
        if item.grade is None:
            return Measured(None, ungraded(item))
        return Measured(item.grade.precision, "" if item.grade.precision is not None else UNNAMED)


class FirstTurn(Metric):
    """Rubric score of the answer to the first of several messages, 0..1."""

    kind: Literal["first_turn"] = "first_turn"

    def one(self, item: Item) -> Measured:
        """Before anything changed."""
        return _turns(item, slice(0, 1))


class FollowUps(Metric):
    """Mean rubric score of the answers to the further messages of a question, 0..1."""

    kind: Literal["follow_up"] = "follow_up"

    def one(self, item: Item) -> Measured:
        """After a constraint changed."""
        return _turns(item, slice(1, None))


def _turns(item: Item, which: slice) -> Measured:
    if not item.question.turns:
        return Measured(None, ONE_TURN)
    if item.grade is None:
        return Measured(None, ungraded(item))
    scores = item.grade.turns[which]
    return Measured(math.fsum(scores) / len(scores))
