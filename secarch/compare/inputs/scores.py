"""Anyone's results: scores by question from plain JSON lines, from a table (CSV), or from the
logs of lm-eval, inspect_ai and promptfoo.

A plain row is `{"id", "value", "metric"?, "category"?, "cluster"?}`; `value` is a number, true or
false, or null where the question could not be scored. A row with `doc_id` is taken for one of
lm-eval's; a folder stands for all logs in it, the newest of each task, with the task as the
category. `.eval` files are inspect_ai's; what a `.json` file is follows from its fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from secarch import console
from secarch.compare.config import CompareConfig
from secarch.compare.inputs import inspect_log, lm_eval, promptfoo, table
from secarch.compare.inputs.pairs import Arm
from secarch.compare.inputs.sheet import UNCATEGORISED, Line, Sheet, lines, shown, tree
from secarch.errors import InvalidInput, MissingInput
from secarch.evaluate.metrics.metric import LOWER_IS_BETTER
from secarch.files import sha256_file
from secarch.records import Score
from secarch.schema import JsonDict, sha256_of

PLAIN_METRIC = "score"
"""Name of the metric where a plain row has none."""

_ROW = 'give one score a row: {"id": ..., "value": NUMBER}, or null if it was not scored'


def read_scores(path: Path, lower: Sequence[str] = ()) -> Arm:
    """Read a file of scores, or a folder of logs; `lower` are further metrics of which less is
    better. `FILE#NAME` names one of several models of a file of promptfoo's.

    Raises MissingInput, or InvalidInput with file and line.
    """
    path, name = _named(path)
    files = _files(path)
    sheet = Sheet()
    for file, task in files:
        _read(file, task, sheet, name=name, many=path.is_dir() or len(files) > 1)
    if not sheet.scores:
        raise InvalidInput(
            "there is no score in it",
            where=path,
            fix=_ROW,
        )
    digests = [sha256_file(file) for file, _ in files]
    only = digests[0] if len(digests) == 1 else sha256_of(digests)
    return Arm(
        path=path,
        digest=sha256_of([only, name]) if name else only,
        scores=sheet.scores,
        texts=sheet.texts,
        sealed=False,
        lower=LOWER_IS_BETTER | lm_eval.lower_of(sheet.scores) | frozenset(lower),
    )


def _named(path: Path) -> tuple[Path, str]:
    """The file and the model in it, for FILE#NAME; a name may hold slashes."""
    whole = str(path)
    if path.exists() or "#" not in whole:
        return path, ""
    file, _, name = whole.partition("#")
    return Path(file), name


def _files(path: Path) -> list[tuple[Path, str]]:
    """The file, or the folder's logs, each with the name of its task."""
    if not path.is_dir():
        return lm_eval.logs_of(path) or [(path, lm_eval.task_of(path))]
    found = lm_eval.logs(path) or [(file, "") for file in inspect_log.logs(path)]
    if not found:
        raise MissingInput(
            "this folder has no samples_*.jsonl and no *.eval",
            where=path,
            fix="run lm-eval with --log_samples, or name a file",
        )
    return found


def _read(file: Path, task: str, sheet: Sheet, *, name: str, many: bool) -> None:
    """Add the scores of one file, whoever wrote it."""
    if file.suffix == ".eval":
        inspect_log.read_zip(file, sheet, many=many)
        return
    if file.suffix.lower() in table.SUFFIXES:
        for line in table.rows(file):
            for score in _plain(line):
                sheet.add(score, line.where)
        return
    whole = tree(file) if file.suffix == ".json" else None
    if isinstance(whole, dict) and inspect_log.is_log(whole):
        inspect_log.read_tree(whole, file, sheet, many=many)
        return
    many = many or len(lm_eval.dumped(whole)) > 1
    rows = iter(_rows(whole, file)) if whole is not None else lines(file, task)
    first = next(rows, None)
    if first is None:
        return
    rows = chain([first], rows)
    if promptfoo.is_row(first.row):
        promptfoo.read_rows(rows, file, name, sheet)
        return
    for line in rows:
        logged = "doc_id" in line.row
        for score in lm_eval.logged(line, sheet, many=many) if logged else _plain(line):
            sheet.add(score, line.where)


def _rows(whole: Any, file: Path) -> Iterator[Line]:
    """The rows of a `.json` file: promptfoo's results, or a list of rows."""
    if logged := lm_eval.dumped(whole):
        for task, found in logged:
            yield from (
                Line(_row(row, f"{file}: {task}"), f"{file}: {task}", task) for row in found
            )
        return
    results = promptfoo.rows_of(whole)
    rows = results if results is not None else whole
    if isinstance(rows, dict) and {"id", "value"} <= rows.keys():
        rows = [rows]
    if not isinstance(rows, list):
        raise InvalidInput(
            "this JSON holds no scores by question",
            where=file,
            why=shown(list(rows)[:8]) if isinstance(rows, dict) else shown(rows),
            fix="give per-sample logs: lm-eval --log_samples, inspect's .eval, promptfoo --output",
        )
    for number, row in enumerate(rows, 1):
        where = f"{file}: row {number}"
        yield Line(_row(row, where), where, "")


def _row(row: Any, where: str) -> JsonDict:
    if not isinstance(row, dict):
        raise InvalidInput("this row is not a JSON object", where=where, why=shown(row), fix=_ROW)
    return row


def _plain(line: Line) -> Iterator[Score]:
    if "id" not in line.row and "question_id" in line.row:
        line = Line({**line.row, "id": line.row["question_id"]}, line.where, line.task)
    for name in ("id", "value"):
        if name not in line.row:
            raise InvalidInput(
                f"this row has no {name}",
                where=line.where,
                why=shown(line.row),
                fix=_ROW,
            )
    yield Score(
        question_id=line.text("id"),
        question_sha256="",
        metric=line.text("metric", PLAIN_METRIC),
        value=(value := line.number("value", line.row["value"])),
        reason="" if value is not None else "value is null",
        category=line.text("category", UNCATEGORISED),
        cluster=line.text("cluster"),
    )


def primary_of(config: CompareConfig, base: Arm, tuned: Arm) -> CompareConfig:
    """The settings with the metric that decides: where the files hold only one, there is nothing to
    declare. One that was declared is replaced only if the rows name no metric at all, or one alone
    by it after a scorer's name: a gate must not pass on another figure than the one it was set for.
    """
    common = sorted(base.scores.keys() & tuned.scores.keys())
    if config.primary in common or not common:
        return config
    declared = config.primary != CompareConfig().primary
    ends = [metric for metric in common if metric.endswith(f"/{config.primary}")]
    if declared and len(ends) == 1:
        return config.replace(primary=ends[0])
    if not _are_one(common, base, tuned) or (declared and common[0] != PLAIN_METRIC):
        return config
    console.log().info("primary", metric=common[0], why="the only figure that both files have")
    return config.replace(primary=common[0])


def _are_one(common: list[str], base: Arm, tuned: Arm) -> bool:
    """Whether there is one figure: one metric, or promptfoo's score and success if each case is
    passed or failed, so that both say the same of every question.
    """
    if len(common) == 1:
        return True
    return common == ["score", "success"] and all(
        {key: score.value for key, score in arm.scores["score"].items()}
        == {key: score.value for key, score in arm.scores["success"].items()}
        for arm in (base, tuned)
    )
