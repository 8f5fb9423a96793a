"""The metrics. To add one, write a frozen model with its thresholds as fields (`metric.Metric`) and
put it into the union.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from secarch.evaluate.metrics.answered import McqAnswer, McqCloze, McqLetter, ReferenceBitsPerByte
from secarch.evaluate.metrics.conduct import Compliance, Length, Refusal, Unsafe
from secarch.evaluate.metrics.graded import (
    FindingPrecision,
    FindingRecall,
    FirstTurn,
    FollowUps,
    Judge,
    KeyPoints,
    Keywords,
    Rubric,
)
from secarch.evaluate.metrics.likeness import BertScore, RougeL

AnyMetric = Annotated[
    Rubric
    | McqAnswer
    | McqLetter
    | McqCloze
    | KeyPoints
    | FindingRecall
    | FindingPrecision
    | FirstTurn
    | FollowUps
    | Judge
    | Keywords
    | RougeL
    | BertScore
    | ReferenceBitsPerByte
    | Length
    | Refusal
    | Compliance
    | Unsafe,
    Field(discriminator="kind"),
]
ALL: tuple[AnyMetric, ...] = (
    Rubric.defaults(),
    McqAnswer.defaults(),
    McqLetter.defaults(),
    McqCloze.defaults(),
    KeyPoints.defaults(),
    FindingRecall.defaults(),
    FindingPrecision.defaults(),
    FirstTurn.defaults(),
    FollowUps.defaults(),
    Judge.defaults(),
    Keywords.defaults(),
    RougeL.defaults(),
    BertScore.defaults(),
    ReferenceBitsPerByte.defaults(),
    Length.defaults(),
    Refusal.defaults(),
    Compliance.defaults(),
    Unsafe.defaults(),
)
