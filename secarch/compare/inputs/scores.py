"""Anyone's results: scores by question from plain JSON lines, or from the per-sample logs of
lm-eval.

A plain row is `{"id", "value", "metric"?, "category"?, "cluster"?}`; `value` is a number, true or
false, or null where the question could not be scored. A row with `doc_id` is taken for one of
lm-eval's (`--log_samples`, version 0.4): its metrics are those that `metrics` names or, in older
logs, every number that is none of the log's own fields; the hash of the document tells whether both
models were asked the same. A folder stands for all `samples_*.jsonl` in it, the newest of each
task, with the task as the category.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from secarch import console
from secarch.artifact import sha256_file
from secarch.compare.config import CompareConfig
from secarch.compare.inputs.pairs import Arm, Key
from secarch.errors import InvalidInput, MissingInput
from secarch.evaluate.metrics.metrics import LOWER_IS_BETTER
from secarch.records import Score
from secarch.schema import JsonDict, sha256_of

MAX_BYTES = 1 << 30
"""Of one file: a million questions with their answers are less."""
MAX_LINE = 64 << 20
PLAIN_METRIC = "score"
"""Name of the metric where a plain row has none."""
UNCATEGORISED = "uncategorised"
LM_EVAL_LOWER = frozenset(
    {"perplexity", "word_perplexity", "byte_perplexity", "bits_per_byte", "brier_score", "ter"}
)
"""Metrics of lm-eval of which less is better (`higher_is_better: false` in its tasks)."""

_LOG = re.compile(r"samples_(.+?)_\d{4}-\d{2}-\d{2}T[\d.:-]+\.jsonl")
_LOG_FIELDS = frozenset(
    {
        "doc_id",
        "doc",
        "target",
        "arguments",
        "resps",
        "filtered_resps",
        "filter",
        "metrics",
        "doc_hash",
        "prompt_hash",
        "target_hash",
    }
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One row and where it stands."""

    row: JsonDict
    where: str
    task: str

    def text(self, name: str, otherwise: str = "") -> str:
        """A field that is a name: text, or a whole number."""
        value = self.row.get(name)
        if value is None:
            return otherwise
        if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
            raise InvalidInput(f"{name} is no name", where=self.where, why=_shown(value))
        return str(value)

    def number(self, name: str, value: Any) -> float | None:
        """A value as a number; true and false count as 1 and 0, null as unscored."""
        if value is None:
            return None
        with contextlib.suppress(OverflowError):
            if isinstance(value, bool | int | float) and math.isfinite(value):
                return float(value)
        raise InvalidInput(f"{name} is no number", where=self.where, why=_shown(value))


@dataclass(slots=True)
class _Sheet:
    """What has been read so far."""

    scores: dict[str, dict[Key, Score]] = field(default_factory=dict)
    texts: dict[Key, JsonDict] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, score: Score, where: str) -> None:
        """Keep one score; a second of the same question and metric is an error that names both
        lines.
        """
        first = self.places.setdefault((score.metric, score.question_id), where)
        if first != where:
            raise InvalidInput(
                f"{score.question_id} has a second value of {score.metric}",
                where=where,
                why=f"the first is {first}",
            )
        self.scores.setdefault(score.metric, {})[score.question_id, score.question_sha256] = score


def read_scores(path: Path, lower: Sequence[str] = ()) -> Arm:
    """Read a file of scores, or a folder of lm-eval's logs; `lower` are further metrics of which
    less is better.

    Raises MissingInput, or InvalidInput with file and line.
    """
    files = _files(path)
    sheet = _Sheet()
    for file, task in files:
        for line in _lines(file, task):
            for score in (
                _logged(line, sheet, many=path.is_dir()) if "doc_id" in line.row else _plain(line)
            ):
                sheet.add(score, line.where)
    if not sheet.scores:
        raise InvalidInput("there is no score in it", where=path)
    digests = [sha256_file(file) for file, _ in files]
    return Arm(
        path=path,
        digest=digests[0] if len(digests) == 1 else sha256_of(digests),
        scores=sheet.scores,
        texts=sheet.texts,
        sealed=False,
        lower=LOWER_IS_BETTER | _log_names(sheet.scores) | frozenset(lower),
    )


def _log_names(metrics: Iterable[str]) -> frozenset[str]:
    """Those of lm-eval's metrics, with or without a filter's name, of which less is better."""
    return frozenset(name for name in metrics if name.split(",")[0] in LM_EVAL_LOWER)


def _files(path: Path) -> list[tuple[Path, str]]:
    """The file, or the folder's logs, each with the name of its task."""
    if not path.is_dir():
        return [(path, _task(path))]
    newest = {_task(file): file for file in sorted(path.glob("samples_*.jsonl"))}
    if not newest:
        raise MissingInput(
            "this folder has no samples_*.jsonl", where=path, fix="run lm-eval with --log_samples"
        )
    return [(file, task) for task, file in sorted(newest.items())]


def _task(path: Path) -> str:
    match = _LOG.fullmatch(path.name)
    return (
        match[1]
        if match
        else path.stem.removeprefix("samples_")
        if path.name.startswith("samples_")
        else ""
    )


def _lines(path: Path, task: str) -> Iterator[_Line]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput(
                "this file is too large for scores", where=path, why=f"over {MAX_BYTES >> 20} MiB"
            )
        handle = path.open("rb")
    except OSError as error:
        raise MissingInput("cannot read the scores", where=path, why=error.strerror) from error
    with handle:
        for number, raw in enumerate(iter(lambda: handle.readline(MAX_LINE), b""), 1):
            if raw.strip():
                yield _Line(_row(raw, f"{path}:{number}"), f"{path}:{number}", task)


def _row(raw: bytes, where: str) -> JsonDict:
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("this line is no JSON", where=where, why=error) from error
    if not isinstance(row, dict):
        raise InvalidInput("this line is no JSON object", where=where, why=_shown(row))
    return row


def _plain(line: _Line) -> Iterator[Score]:
    for name in ("id", "value"):
        if name not in line.row:
            raise InvalidInput(f"this row has no {name}", where=line.where, why=_shown(line.row))
    yield Score(
        question_id=line.text("id"),
        question_sha256="",
        metric=line.text("metric", PLAIN_METRIC),
        value=(value := line.number("value", line.row["value"])),
        reason="" if value is not None else "value is null",
        category=line.text("category", UNCATEGORISED),
        cluster=line.text("cluster"),
    )


def _logged(line: _Line, sheet: _Sheet, *, many: bool) -> Iterator[Score]:
    """The scores of one row of lm-eval's log; its answer goes into the sheet."""
    row, kept = line.row, line.text("filter", "none")
    name, sha256 = line.text("doc_id"), line.text("doc_hash")
    name = f"{line.task}/{name}" if many else name
    doc = row.get("doc")
    topics = [doc.get(field) for field in ("subject", "category")] if isinstance(doc, dict) else []
    category = next(
        (topic for topic in topics if isinstance(topic, str) and topic), line.task or UNCATEGORISED
    )
    sheet.texts[name, sha256] = {"text": _answer(row.get("filtered_resps"))}
    for metric in _metrics(line):
        value = row.get(metric)
        # Some metrics log what they are summed up from, such as a likelihood with a length.
        single = not isinstance(value, list | dict)
        yield Score(
            question_id=name,
            question_sha256=sha256,
            metric=metric if kept == "none" else f"{metric},{kept}",
            value=line.number(metric, value) if single else None,
            reason="" if single and value is not None else "no single number for each question",
            category=line.task if many else category,
            cluster="",
        )


def _metrics(line: _Line) -> list[str]:
    named = line.row.get("metrics")
    if named is None:
        return [
            name
            for name, value in line.row.items()
            if name not in _LOG_FIELDS and isinstance(value, bool | int | float)
        ]
    if not isinstance(named, list) or not all(
        isinstance(name, str) and name in line.row for name in named
    ):
        raise InvalidInput(
            "metrics names what this row does not have", where=line.where, why=_shown(named)
        )
    return named


def _answer(responses: Any) -> str:
    """The text that the model generated; empty for multiple choice, where it only weighed
    options.
    """
    while isinstance(responses, list) and len(responses) == 1:
        responses = responses[0]
    return responses if isinstance(responses, str) else ""


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 80 else text[:80] + "..."


def primary_of(config: CompareConfig, base: Arm, tuned: Arm) -> CompareConfig:
    """The settings with the metric that decides: where the files hold only one, there is nothing to
    declare.
    """
    common = base.scores.keys() & tuned.scores.keys()
    if config.primary in common or len(common) != 1:
        return config
    only = next(iter(common))
    console.log().info("primary", metric=only, why="the only metric that both files have")
    return config.replace(primary=only)
