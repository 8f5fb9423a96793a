"""Means with their intervals: what summary.json holds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import stdev

from secarch.evaluate.metrics.metric import LOWER_IS_BETTER, UNBOUNDED, Item
from secarch.records import Score
from secarch.schema import JsonDict
from secarch.suite.question import CAPABILITIES


def summarise(
    scores: Sequence[Score], items: Sequence[Item], facts: JsonDict, notes: JsonDict
) -> JsonDict:
    """Facts, then each metric's mean, sd and 95% interval over the scored questions, overall and by
    category.
    """
    metrics = list(dict.fromkeys(score.metric for score in scores))
    categories = sorted({score.category for score in scores})
    finishes = Counter(item.answer.finish for item in items)
    unsafe = [
        score.value for score in scores if score.metric == "unsafe" and score.value is not None
    ]
    unscored = sum(score.value is None for score in scores)
    return {
        "schema": 1,
        **facts,
        "counts": {
            "questions": len(items),
            "answers_cut": finishes["length"],
            "answers_failed": finishes["error"],
            "answers_unanswered": len(items) - finishes["stop"] - finishes["length"],
            **({"answers_unsafe": sum(value > 0 for value in unsafe)} if unsafe else {}),
            "tokens": sum(item.answer.tokens for item in items),
            "scores": len(scores),
            "unscored": unscored,
        },
        "metrics": _by_metric(scores, metrics),
        "by_category": {
            category: _by_metric([score for score in scores if score.category == category], metrics)
            for category in categories
        },
        "by_capability": _by_capability(scores, items, metrics),
        "notes": notes,
    }


def _by_capability(
    scores: Sequence[Score], items: Sequence[Item], metrics: Sequence[str]
) -> JsonDict:
    """The same figures by what the questions ask of an architect, in the order of the schema."""
    asked = {item.question.id: item.question.main_capability for item in items}
    groups: dict[str, list[Score]] = {name: [] for name in CAPABILITIES}
    for score in scores:
        if score.question_id in asked:
            groups[asked[score.question_id]].append(score)
    return {name: _by_metric(group, metrics) for name, group in groups.items() if group}


def _by_metric(scores: Sequence[Score], metrics: Sequence[str]) -> JsonDict:
    return {
        name: _facts([score for score in scores if score.metric == name], name) for name in metrics
    }


def _facts(scores: Sequence[Score], name: str) -> JsonDict:
    """Mean (None if nothing was scored), n, sd, the t interval's bounds, and what stayed
    unscored and why.
    """
    from secarch.stats import level_interval

    values = [score.value for score in scores if score.value is not None]
    reasons = Counter(score.reason for score in scores if score.value is None)
    test = (
        level_interval(
            values,
            [score.cluster for score in scores if score.value is not None],
            bounded=name not in UNBOUNDED,
        )
        if values
        else None
    )
    return {
        "mean": _rounded(test.estimate) if test else None,
        "n": len(values),
        "sd": _rounded(stdev(values)) if len(values) > 1 else None,
        "low": _rounded(test.low) if test else None,
        "high": _rounded(test.high) if test else None,
        "unscored": len(scores) - len(values),
        "unscored_why": dict(sorted(reasons.items())),
        "lower_is_better": name in LOWER_IS_BETTER,
    }


def _rounded(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None
