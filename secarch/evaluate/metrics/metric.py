"""What a metric is, what it measures and what it gives.

Every metric takes the whole list of items and gives a `Measured` for each: a value, or None with
the reason why there is none. None is counted as unscored; it is never a 0 and never dropped from a
mean unsaid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from secarch.schema import Config
from secarch.text.language import foreign

if TYPE_CHECKING:
    from secarch.evaluate.judge import Judgements
    from secarch.evaluate.metrics.bertscore import Encoder
    from secarch.evaluate.metrics.rouge import Rouge
    from secarch.evaluate.rubric.grade import Grade
    from secarch.records import Answer
    from secarch.suite.schema import Question

NO_POINTS = "the question has no key points"
NO_REFERENCE = "the question has no reference"
NOT_MEASURED = "likelihood was not measured"
NO_CHOICES = "no multiple choice"
NO_FINDINGS = "no design review"
UNNAMED = "neither a finding nor a decoy is named"
ONE_TURN = "the question has one message"
LOWER_IS_BETTER = frozenset(
    {"reference_bits_per_byte", "document_bits_per_byte", "unsafe", "refusal", "compliance"}
)
"""Metrics where less is better; `length` is neither better nor worse."""

UNBOUNDED = frozenset({"reference_bits_per_byte", "document_bits_per_byte", "length", "bertscore"})
"""Metrics whose values can leave 0..1."""
BASELINE_PAIRS = 40
"""Pairs of references of which BERTScore's baseline is measured."""
NOT_OF_THE_ANSWER = frozenset(
    {"reference_bits_per_byte", "document_bits_per_byte", "mcq_letter", "mcq_cloze"}
)
"""Metrics that look at the model and given texts, and not at what the model wrote."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A value, or None and why."""

    value: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One question with everything that is known about the answer to it."""

    question: Question
    answer: Answer
    grade: Grade | None
    """None for multiple choice."""
    nats: float | None
    """Of the reference under the model."""
    nats_reason: str = ""
    """Why there are no nats."""
    picked: int | None = None
    """Multiple choice: index of the option that the answer names, None if it names none."""
    undecided: str = ""
    """Multiple choice: why the answer decides for no option though it names some."""
    letters: Sequence[float] | None = None
    """Multiple choice: nats of each option's letter after the lettered options, in the author's
    order.
    """
    cloze: Sequence[float] | None = None
    """Multiple choice: nats of each option's text after the question alone."""
    judged: Judgements | None = None
    """What the judge said of each key point; None if there was no judge."""


class MetricContext:
    """What metrics share within one evaluation; heavy parts are made when first used."""

    def __init__(self, encoder: Path | None) -> None:
        self._encoder_path = encoder
        self.notes: dict[str, float | int | str] = {}
        """Facts about the metrics that belong into the summary, such as the share of truncated
        texts.
        """

    @cached_property
    def encoder(self) -> Encoder | None:
        """The BERTScore encoder, or None if none was configured."""
        if self._encoder_path is None:
            return None
        from secarch.evaluate.metrics.bertscore import Encoder

        return Encoder(self._encoder_path)

    @cached_property
    def rouge(self) -> Rouge:
        """The ROUGE-L computer."""
        from secarch.evaluate.metrics.rouge import Rouge

        return Rouge()


class Metric(Config):
    """Base of all metrics; most measure item by item."""

    def measure(self, items: Sequence[Item], context: MetricContext) -> list[Measured]:
        """One `Measured` for each item, in order."""
        del context
        return [self.one(item) for item in items]

    def one(self, item: Item) -> Measured:
        """The value of one item."""
        raise NotImplementedError


def ungraded(item: Item) -> str:
    """Why an answer has no grade."""
    if not item.question.key_points:
        return NO_POINTS
    language = foreign("\n".join(item.answer.texts))
    return (
        f"the answer is written in {language}; only English is graded" if language else "unparsed"
    )
