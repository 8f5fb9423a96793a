"""Scores with and without the questions that the training data holds words of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from secarch.files import read_jsonl
from secarch.records import Score
from secarch.schema import JsonDict

KINDS = ("8 words", "13 words", "near")


def summarise(scores: Sequence[Score], path: Path, training: str | None) -> JsonDict | None:
    """Questions that overlap, by kind, and each metric's mean with and without them; None without
    training data.

    Left out are first those that the model may know (`secarch.text.overlap.is_seen`), then all that
    share 8 words.
    """
    if training is None:
        return None
    found = list(read_jsonl(path))
    long = {row["question_id"] for row in found if row["seen"]}
    every = {row["question_id"] for row in found}
    return {
        "training": training,
        "questions": {
            kind: len({r["question_id"] for r in found if r["kind"] == kind}) for kind in KINDS
        },
        "parts": dict(sorted(Counter(_kind_of_part(row["part"]) for row in found).items())),
        "seen": sorted(long),
        "means": dict(_means(scores, long, every)),
    }


def _kind_of_part(part: str) -> str:
    return part if part in {"question", "reference", "choices"} else "key point"


def _means(
    scores: Sequence[Score], long: set[str], every: set[str]
) -> Iterator[tuple[str, JsonDict]]:
    for metric in dict.fromkeys(score.metric for score in scores):
        rows = [s for s in scores if s.metric == metric and s.value is not None]
        if rows:
            yield (
                metric,
                {
                    "all": _mean(rows),
                    "without_13_words_and_near": _mean(
                        [s for s in rows if s.question_id not in long]
                    ),
                    "without_8_words": _mean([s for s in rows if s.question_id not in every]),
                    "n": len(rows),
                    "n_without_8_words": sum(s.question_id not in every for s in rows),
                },
            )


def _mean(rows: Sequence[Score]) -> float | None:
    values = [row.value for row in rows if row.value is not None]
    return round(math.fsum(values) / len(values), 6) if values else None
