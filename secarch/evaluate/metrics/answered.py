"""Metrics of multiple choices, and of what the model finds likely."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from secarch.evaluate.metrics.metric import (
    NO_CHOICES,
    NO_REFERENCE,
    NOT_MEASURED,
    Item,
    Measured,
    Metric,
)


class McqAnswer(Metric):
    """Multiple choice: whether the generated answer names the right letter, 0 or 1; naming none is
    wrong.
    """

    kind: Literal["mcq_answer"] = "mcq_answer"

    def one(self, item: Item) -> Measured:
        """Compares the option that stood at the letter."""
        if item.question.kind != "mcq":
            return Measured(None, NO_CHOICES)
        if item.undecided:
            return Measured(None, item.undecided)
        return Measured(float(item.picked == item.question.answer))


class McqLetter(Metric):
    """Multiple choice: whether the right letter is the likeliest one, 0 or 1 (lm-eval's acc over
    letters).
    """

    kind: Literal["mcq_letter"] = "mcq_letter"

    def one(self, item: Item) -> Measured:
        """By the log-likelihood after the lettered options."""
        return _likeliest(item, item.letters)


class McqCloze(Metric):
    """Multiple choice: whether the right option's text is the likeliest per byte, 0 or 1 (lm-eval's
    acc_bytes).
    """

    kind: Literal["mcq_cloze"] = "mcq_cloze"

    def one(self, item: Item) -> Measured:
        """By the log-likelihood after the question alone, in which no option is named."""
        sizes = [len(text.encode()) for text in item.question.choices]
        return _likeliest(
            item, item.cloze and [n / size for n, size in zip(item.cloze, sizes, strict=True)]
        )


def _likeliest(item: Item, nats: Sequence[float] | None) -> Measured:
    if item.question.kind != "mcq":
        return Measured(None, NO_CHOICES)
    if not nats:
        return Measured(None, item.nats_reason or NOT_MEASURED)
    return Measured(float(first_of_least(nats) == item.question.answer))


class ReferenceBitsPerByte(Metric):
    """Bits that the model needs for the reference answer, per UTF-8 byte: nats / ln 2 / bytes.

    Lower is better.
    """

    kind: Literal["reference_bits_per_byte"] = "reference_bits_per_byte"

    def one(self, item: Item) -> Measured:
        """From the likelihoods file; unscored where the engine has none."""
        if not item.question.reference:
            return Measured(None, NO_REFERENCE)
        if item.nats is None:
            return Measured(None, item.nats_reason or NOT_MEASURED)
        return Measured(item.nats / math.log(2) / len(item.question.reference.encode()))


def first_of_least(nats: Sequence[float]) -> int:
    """Index of the option that the model finds likeliest; of equal ones the first."""
    return min(range(len(nats)), key=lambda n: (nats[n], n))
