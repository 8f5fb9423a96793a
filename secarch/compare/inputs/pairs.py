"""The scores of two models, checked to be comparable and joined by question."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from secarch.artifact import open_artifact
from secarch.errors import InvalidInput, Mismatch
from secarch.evaluate.metrics.metric import LOWER_IS_BETTER
from secarch.records import Score
from secarch.schema import JsonDict

# What may differ between the two: everything else in an evaluation's configuration must be equal.
# One server may hold both models under two names.
ABOUT_THE_MODEL = frozenset({"model", "model_fingerprint", "served_model", "repeat", "training"})
DIRECTIONLESS = frozenset({"length"})
"""Metrics of which more is neither better nor worse."""
LEAST_QUESTIONS = 10
"""Below this no test has a level or a power worth naming."""

Key = tuple[str, str]

NEXT = "\n\n----- answer to the next message -----\n\n"
"""Stands between the answers of a question that has several messages."""


def answer_text(row: JsonDict) -> str:
    """The answers in a row of responses.jsonl, with `NEXT` between."""
    further = (turn.get("text", "") for turn in row.get("further", ()))
    return NEXT.join(map(str, (row.get("text", ""), *further)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What is known of one model: a sealed evaluation, or scores that were given as a file."""

    path: Path
    digest: str
    """Hex SHA-256 over the content."""
    parents: Sequence[str] = ()
    """Digests of what a sealed evaluation was made from."""
    config: JsonDict = field(default_factory=dict)
    """How a sealed evaluation was made; empty where that is not known."""
    scores: Mapping[str, Mapping[Key, Score]]
    """Metric -> (question id, question sha256) -> score."""
    texts: Mapping[Key, JsonDict]
    """(question id, question sha256) -> row of responses.jsonl, with the answer as `text`."""
    summary: JsonDict = field(default_factory=dict)
    """summary.json: how the answers were got."""
    sealed: bool = True
    """Whether it is an evaluation artifact."""
    lower: frozenset[str] = LOWER_IS_BETTER
    """Metrics of which less is better."""
    again: Arm | None = None
    """The same model, asked the same a second time."""

    @property
    def questions(self) -> set[Key]:
        """Every question that has a score row."""
        return {key for rows in self.scores.values() for key in rows}


@dataclass(frozen=True, slots=True)
class Pairs:
    """One metric of both models over the questions that both have a value for, in the order of
    their ids.
    """

    metric: str
    keys: tuple[Key, ...]
    base: tuple[float, ...]
    tuned: tuple[float, ...]
    categories: tuple[str, ...]
    clusters: tuple[str, ...]
    lower_is_better: bool
    """Which way the metric runs."""

    @property
    def gains(self) -> tuple[float, ...]:
        """Difference of each question, above 0 where tuned is better."""
        sign = -1.0 if self.lower_is_better else 1.0
        return tuple(sign * (b - a) for a, b in zip(self.base, self.tuned, strict=True))

    def take(self, rows: Sequence[int]) -> Pairs:
        """Only these rows."""
        return replace(
            self,
            keys=tuple(self.keys[i] for i in rows),
            base=tuple(self.base[i] for i in rows),
            tuned=tuple(self.tuned[i] for i in rows),
            categories=tuple(self.categories[i] for i in rows),
            clusters=tuple(self.clusters[i] for i in rows),
        )


def read(directory: Path) -> Arm:
    """Open an evaluation.

    Raises MissingInput, TamperedArtifact (changed bytes), InvalidInput (another kind, a malformed
    row).
    """
    artifact = open_artifact(directory, "evaluation")
    scores: dict[str, dict[Key, Score]] = {}
    for number, row in enumerate(artifact.rows("scores.jsonl"), 1):
        score = _score(row, f"{artifact.path / 'scores.jsonl'}:{number}")
        rows = scores.setdefault(score.metric, {})
        key = (score.question_id, score.question_sha256)
        if key in rows:
            raise InvalidInput(
                f"{score.question_id} has two values of {score.metric}",
                where=artifact.path / "scores.jsonl",
                fix="make the evaluation again: secarch eval --fresh",
            )
        rows[key] = score
    texts = {
        (str(row["question_id"]), str(row["question_sha256"])): row
        for row in artifact.rows("responses.jsonl")
    }
    return Arm(
        path=artifact.path,
        digest=artifact.digest,
        parents=artifact.manifest.parents,
        config=artifact.manifest.config,
        scores=scores,
        texts=texts,
        summary=_summary(artifact.file("summary.json")),
    )


def _summary(path: Path) -> JsonDict:
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(
            "this summary is no JSON",
            where=path,
            why=error,
            fix="make the evaluation again: secarch eval --fresh",
        ) from error
    return summary if isinstance(summary, dict) else {}


def _score(row: JsonDict, where: str) -> Score:
    try:
        score = Score(**{name: row[name] for name in Score.__dataclass_fields__})
    except KeyError as error:
        raise InvalidInput(
            f"a score lacks {error.args[0]}",
            where=where,
            fix="make the evaluation again: secarch eval --fresh",
        ) from error
    value: Any = score.value
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value)
    ):
        raise InvalidInput(
            "a score's value is no number",
            where=where,
            why=repr(value)[:80],
            fix="make the evaluation again: secarch eval --fresh",
        )
    return score


def check(base: Arm, tuned: Arm, metric: str) -> None:
    """Raises Mismatch or InvalidInput where the two cannot be compared on this metric."""
    _check_comparable(base, tuned)
    if base.again:
        # It may be from another day: other library versions would be taken for noise.
        _check_comparable(base, base.again)
    _check_enough(join(base, tuned, metric), base, tuned)


def _check_comparable(base: Arm, tuned: Arm) -> None:
    """Name each difference other than the model itself."""
    first, second = (dict(_leaves(_circumstances(arm))) for arm in (base, tuned))
    names = sorted(first.keys() | second.keys())
    absent = "(absent)"
    differences = [
        f"{name}: {first.get(name, absent)} / {second.get(name, absent)}"
        for name in names
        if first.get(name, absent) != second.get(name, absent) and not _is_about_the_model(name)
    ]
    differences += [f"question {name}: other content" for name in _changed(base, tuned)]
    differences += _moved(base, tuned)
    if differences:
        raise Mismatch(
            "these two evaluations cannot be compared: they were not made in the same way",
            where=f"{base.path} / {tuned.path}",
            why="; ".join(differences[:20]),
            fix="evaluate both models with the same settings, questions and library versions",
        )


def _circumstances(arm: Arm) -> JsonDict:
    """Settings, suite and prompt from the seal; library versions, device and decoding from the
    summary.
    """
    found = {name: arm.summary.get(name, {}) for name in ("engine", "decoding")}
    return {"settings": arm.config, **found}


def _is_about_the_model(name: str) -> bool:
    return not ABOUT_THE_MODEL.isdisjoint(name.split("."))


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _changed(base: Arm, tuned: Arm) -> list[str]:
    """Ids that both have, with another content hash."""
    hashes = dict(base.questions)
    return sorted(name for name, sha256 in tuned.questions if hashes.get(name, sha256) != sha256)


def _moved(base: Arm, tuned: Arm) -> Iterator[str]:
    """Questions that the two put into different categories or scenarios, of which one would have to
    be wrong.
    """
    first, second = (
        {key: row for rows in arm.scores.values() for key, row in rows.items()}
        for arm in (base, tuned)
    )
    for key in sorted(first.keys() & second.keys()):
        a, b = first[key], second[key]
        if a.category != b.category:
            yield f"question {key[0]}: category {a.category} / {b.category}"
        if a.cluster != b.cluster:
            yield f"question {key[0]}: cluster {a.cluster} / {b.cluster}"


def join(base: Arm, tuned: Arm, metric: str) -> Pairs:
    """The questions for which both have a value, ordered by id; scores that are None are left
    out.
    """
    first, second = base.scores.get(metric, {}), tuned.scores.get(metric, {})
    keys = sorted(
        key
        for key in first.keys() & second.keys()
        if first[key].value is not None and second[key].value is not None
    )
    rows = [(first[key], second[key]) for key in keys]
    return Pairs(
        metric=metric,
        keys=tuple(keys),
        base=tuple(float(a.value or 0.0) for a, _ in rows),
        tuned=tuple(float(b.value or 0.0) for _, b in rows),
        categories=tuple(a.category for a, _ in rows),
        clusters=tuple(a.cluster or a.question_id for a, _ in rows),
        lower_is_better=metric in base.lower,
    )


def reasons(arm: Arm, metric: str) -> Counter[str]:
    """Why questions are unscored on one metric, with counts."""
    return Counter(
        row.reason or "no reason given"
        for row in arm.scores.get(metric, {}).values()
        if row.value is None
    )


def _check_enough(pairs: Pairs, base: Arm, tuned: Arm) -> None:
    """Refuse a metric that cannot be judged: unknown, nothing in common, unscored, too few."""
    metric = pairs.metric
    where = f"{base.path} / {tuned.path}"
    if metric not in base.scores and metric not in tuned.scores:
        known = ", ".join(sorted(base.scores.keys() | tuned.scores.keys()))
        raise InvalidInput(
            f"neither side has the metric {metric}",
            where=where,
            fix=f"name one with --primary, or set compare.primary to one of {known}",
        )
    for side, arm in (("base", base), ("tuned", tuned)):
        if metric not in arm.scores:
            raise InvalidInput(
                f"only one side has the metric {metric}",
                where=where,
                why=f"{side} has none",
                fix="evaluate both with the same metrics, or name another with --primary",
            )
    if base.questions.isdisjoint(tuned.questions):
        raise InvalidInput(
            "the two have no question in common",
            where=where,
            fix="give both sides from the same questions, with the same ids",
        )
    if len(pairs.keys) < LEAST_QUESTIONS:
        why = reasons(base, metric) + reasons(tuned, metric)
        raise InvalidInput(
            f"only {len(pairs.keys)} question{'s are' if len(pairs.keys) != 1 else ' is'} scored "
            f"on {metric} for both models; "
            f"{LEAST_QUESTIONS} are the least",
            where=where,
            why="; ".join(f"{text} ({count})" for text, count in why.most_common(3)) or None,
            fix="use a larger suite, or another compare.primary",
        )
