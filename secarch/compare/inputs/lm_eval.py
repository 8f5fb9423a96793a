"""Per-sample logs of lm-eval (`--log_samples`, version 0.4): one file for each task, in a folder
for each model.

The metrics of a row are those that `metrics` names or, in older logs, every number that is none of
the log's own fields; the hash of the document tells whether both models were asked the same.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from secarch.compare.inputs.sheet import UNCATEGORISED, Line, Sheet, shown
from secarch.errors import InvalidInput
from secarch.records import Score

LOWER = frozenset(
    {"perplexity", "word_perplexity", "byte_perplexity", "bits_per_byte", "brier_score", "ter"}
)
"""Metrics of which less is better (`higher_is_better: false` in lm-eval's tasks)."""

_LOG = re.compile(r"samples_(?P<task>.+?)_(?P<at>\d{4}-\d{2}-\d{2}T[\d.:-]+)\.jsonl")
_RESULTS = re.compile(r".+_(?P<at>\d{4}-\d{2}-\d{2}T[\d.:-]+)\.json")
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


def lower_of(metrics: Iterable[str]) -> frozenset[str]:
    """Those of lm-eval's metrics, with or without a filter's name, of which less is better."""
    return frozenset(name for name in metrics if name.split(",")[0] in LOWER)


def logs(folder: Path) -> list[tuple[Path, str]]:
    """The newest log of each task with the task's name: of this folder or, for the folder that
    `--output_path` named or one above it, of the one model's folder in it; empty if there is none.

    Raises InvalidInput if several models have logs in it.
    """
    if own := _newest(folder) or _first_layout(folder):
        return own
    models = sorted({file.parent for file in folder.glob("**/samples_*.jsonl")})
    if len(models) > 1:
        raise InvalidInput(
            "this folder has the logs of several models",
            where=folder,
            why=", ".join(str(inner.relative_to(folder)) for inner in models),
            fix=f"name one: {models[0]}",
        )
    return _newest(models[0]) if models else []


def _first_layout(folder: Path) -> list[tuple[Path, str]]:
    """Logs as version 0.4.0 named them: `<model's arguments>_<task>.jsonl` beside results.json."""
    try:
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))["results"]
        tasks = sorted(results, key=len, reverse=True)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    files = sorted(folder.glob("*.jsonl"))
    named = ((file, [task for task in tasks if file.stem.endswith(f"_{task}")]) for file in files)
    return [(file, fitting[0]) for file, fitting in named if fitting]


def dumped(tree: Any) -> list[tuple[str, list[Any]]]:
    """Each task's rows in a JSON document that holds results and samples, as the library's
    `simple_evaluate` returns them; empty where it holds none.
    """
    samples = tree.get("samples") if isinstance(tree, dict) and "results" in tree else None
    found = samples.items() if isinstance(samples, dict) else ()
    return [(task, rows) for task, rows in found if isinstance(rows, list)]


def logs_of(results: Path) -> list[tuple[Path, str]]:
    """The logs that were written together with a `results_<time>.json`; empty if there is none."""
    match = _RESULTS.fullmatch(results.name)
    return [
        (file, task_of(file))
        for file in sorted(results.parent.glob("samples_*.jsonl"))
        if (log := _LOG.fullmatch(file.name)) and match and log["at"] == match["at"]
    ]


def _newest(folder: Path) -> list[tuple[Path, str]]:
    newest = {task_of(file): file for file in sorted(folder.glob("samples_*.jsonl"))}
    return [(file, task) for task, file in sorted(newest.items())]


def task_of(path: Path) -> str:
    """The task that a log's name gives; empty if it is not a log's name."""
    if match := _LOG.fullmatch(path.name):
        return match["task"]
    return path.stem.removeprefix("samples_") if path.name.startswith("samples_") else ""


def logged(line: Line, sheet: Sheet, *, many: bool) -> Iterator[Score]:
    """The scores of one row; its answer goes into the sheet."""
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
        value, reason = _value(line, metric)
        yield Score(
            question_id=name,
            question_sha256=sha256,
            metric=metric if kept == "none" else f"{metric},{kept}",
            value=value,
            reason=reason,
            category=line.task if many else category,
            cluster="",
        )


def _value(line: Line, metric: str) -> tuple[float | None, str]:
    """A row's value of a metric, or None with the reason.

    Some metrics log what they are summed up from. Bits per byte log the log-likelihood in nats and
    the number of bytes, which give the value of the one document.
    """
    value = line.row.get(metric)
    if metric == "bits_per_byte" and isinstance(value, list) and len(value) == 2:
        nats, size = (line.number(metric, part) for part in value)
        if nats is None or not size or size < 0:
            return None, "no bytes"
        return -nats / (size * math.log(2)), ""
    if value is None or isinstance(value, list | dict):
        return None, "no single number for each question"
    if isinstance(value, float) and not math.isfinite(value):
        return None, "the log has no finite number"
    return line.number(metric, value), ""


def _metrics(line: Line) -> list[str]:
    named = line.row.get("metrics")
    if named is None:
        return [
            name
            for name, value in line.row.items()
            if name not in _LOG_FIELDS
            and (isinstance(value, bool | int | float) or name == "bits_per_byte")
        ]
    if not isinstance(named, list) or not all(
        isinstance(name, str) and name in line.row for name in named
    ):
        raise InvalidInput(
            "metrics names what this row does not have",
            where=line.where,
            why=shown(named),
            fix="give the log as lm-eval --log_samples wrote it",
        )
    return named


def _answer(responses: Any) -> str:
    """The text that the model generated; empty for multiple choice, where it only weighed
    options.
    """
    while isinstance(responses, list) and len(responses) == 1:
        responses = responses[0]
    return responses if isinstance(responses, str) else ""
