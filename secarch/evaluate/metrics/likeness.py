"""Metrics of the likeness of an answer to the reference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from secarch.evaluate.metrics.metric import (
    BASELINE_PAIRS,
    NO_REFERENCE,
    Item,
    Measured,
    Metric,
    MetricContext,
)

if TYPE_CHECKING:
    from secarch.evaluate.metrics.bertscore import Encoder


class RougeL(Metric):
    """F-measure of the longest common subsequence with the reference, 0..1 (Lin 2004); blind to
    negation.
    """

    kind: Literal["rouge_l"] = "rouge_l"

    def measure(self, items: Sequence[Item], context: MetricContext) -> list[Measured]:
        """Equal to rouge-score's rougeL with stemming."""
        return [
            Measured(context.rouge.f_measure(item.question.reference, item.answer.text))
            if item.question.reference
            else Measured(None, NO_REFERENCE)
            for item in items
        ]


class BertScore(Metric):
    """F1 of greedily matched token embeddings (Zhang et al. 2020, arXiv:1904.09675), not
    rescaled.
    """

    kind: Literal["bertscore"] = "bertscore"

    def measure(self, items: Sequence[Item], context: MetricContext) -> list[Measured]:
        """All items at once; blank answers are 0 without asking the encoder."""
        if context.encoder is None:
            return [Measured(None, "no encoder: eval.bertscore_model is not set") for _ in items]
        texts = [(item.answer.text, item.question.reference) for item in items]
        values, truncated = context.encoder.f1(texts)
        context.notes["bertscore_truncated"] = truncated
        if (baseline := _random_pairs(items, context.encoder)) is not None:
            context.notes["bertscore_of_random_pairs"] = round(baseline, 6)
        return [
            Measured(value) if item.question.reference else Measured(None, NO_REFERENCE)
            for item, value in zip(items, values, strict=True)
        ]


def _random_pairs(items: Sequence[Item], encoder: Encoder) -> float | None:
    """Mean F1 of references with one another: what unrelated texts of this suite score, and so
    where the scale begins.

    The package's own baselines are for encoders that are fetched from a hub. None for fewer than
    two references.
    """
    texts = sorted({item.question.reference for item in items if item.question.reference})[
        :BASELINE_PAIRS
    ]
    if len(texts) < 2:
        return None
    values, _ = encoder.f1(list(zip(texts, [*texts[1:], texts[0]], strict=True)))
    return math.fsum(values) / len(values)
