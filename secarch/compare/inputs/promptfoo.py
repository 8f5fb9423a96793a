"""Results of promptfoo (`promptfoo eval --output results.json` or `.jsonl`), format versions 2 and
3.

One file can hold several models and prompts; `FILE#NAME` names the one that is meant, by its
provider's id or label, or by `PROVIDER PROMPT_NUMBER`. A test is known by its number and by what
its variables are. Its metrics are `score` (0..1), `success` (1 or 0) and each of its named scores;
what ended with an error was not scored. Repetitions are averaged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from secarch.compare.inputs.sheet import UNCATEGORISED, Line, Sheet, number_of, shown
from secarch.errors import InvalidInput, MissingInput
from secarch.records import Score
from secarch.schema import JsonDict, sha256_of

ERRORED = 2
"""`failureReason`: 0 none, 1 an assertion failed, 2 there is no answer."""


def rows_of(tree: Any) -> list[Any] | None:
    """The list of results in a document; None if it is not a document of promptfoo's."""
    inner = tree.get("results") if isinstance(tree, dict) else None
    rows = inner.get("results") if isinstance(inner, dict) else inner
    if isinstance(rows, list) and (not rows or is_row(rows[0])):
        return rows
    return None


def is_row(row: Any) -> bool:
    """Whether it is one result."""
    return isinstance(row, dict) and "success" in row and ("provider" in row or "promptIdx" in row)


def read_rows(rows: Iterable[Line], path: Path, name: str, sheet: Sheet) -> None:
    """Add the scores of one model (`name`; empty: the only one).

    Raises InvalidInput (several models and none named, a malformed row) and MissingInput (no model
    of that name).
    """
    sheet.add_repeated(
        (score, line.where, {"text": _answer(line.row)})
        for number, line in enumerate(_chosen(list(rows), path, name))
        for score in _scores(line, str(number))
    )


def _chosen(rows: list[Line], path: Path, name: str) -> list[Line]:
    """The rows of the one model that is meant."""
    sides: dict[tuple[str, str, str], list[Line]] = {}
    for line in rows:
        if not is_row(line.row):
            raise InvalidInput(
                "this row is no result of promptfoo",
                where=line.where,
                why=shown(line.row),
                fix="give the file that promptfoo --output wrote",
            )
        sides.setdefault(_side(line.row), []).append(line)
    meant = {side: own for side, own in sides.items() if not name or name in _names(side)}
    if len(meant) == 1:
        return next(iter(meant.values()))
    known = ", ".join(sorted(_names(side)[-1] for side in meant or sides))
    if not meant:
        raise MissingInput(
            f"there is no model {name!r}",
            where=path,
            why=f"it has: {known}",
            fix="name one of these after #",
        )
    example = f"{path}#{_names(next(iter(meant)))[-1]}"
    raise InvalidInput(
        "this file holds several models", where=path, why=known, fix=f"name one: '{example}'"
    )


def _side(row: JsonDict) -> tuple[str, str, str]:
    """Id and label of the provider, and the number of the prompt."""
    provider = row.get("provider")
    table = provider if isinstance(provider, dict) else {"id": provider}
    return (
        str(table.get("id") or ""),
        str(table.get("label") or ""),
        str(row.get("promptIdx") or 0),
    )


def _names(side: tuple[str, str, str]) -> list[str]:
    identifier, label, prompt = side
    return [n for n in (identifier, label) if n] + [f"{label or identifier} {prompt}"]


def _scores(line: Line, place: str) -> Iterator[Score]:
    row = line.row
    given = row.get("testCase")
    case: JsonDict = given if isinstance(given, dict) else {}
    variables = row.get("vars") or case.get("vars") or {}
    index = row.get("testIdx")
    metrics: JsonDict = {"score": row.get("score"), "success": row.get("success")}
    named = row.get("namedScores")
    metrics |= named if isinstance(named, dict) else {}
    failed = _failed(row)
    for metric, value in metrics.items():
        number = None if failed else number_of(value, metric, line.where)
        yield Score(
            question_id=str(index if isinstance(index, int) else place),
            question_sha256=sha256_of(variables),
            metric=metric,
            value=number,
            reason=failed or ("" if number is not None else "value is null"),
            category=_category(case),
            cluster="",
        )


def _failed(row: JsonDict) -> str:
    """Why there is no answer to score; empty if there is one.

    Where an assertion failed, `error` says which: that is a score, and no error.
    """
    response = row.get("response")
    broken = response.get("error") if isinstance(response, dict) else None
    if row.get("failureReason") == ERRORED or broken:
        return f"error: {str(broken or row.get('error') or 'no answer')[:120]}"
    if "failureReason" not in row and row.get("error") and not row.get("gradingResult"):
        return f"error: {str(row['error'])[:120]}"
    return ""


def _category(case: JsonDict) -> str:
    metadata = case.get("metadata")
    known = metadata if isinstance(metadata, dict) else {}
    topics = (known.get(name) for name in ("category", "pluginId", "subject"))
    return next((topic for topic in topics if isinstance(topic, str) and topic), UNCATEGORISED)


def _answer(row: JsonDict) -> str:
    response = row.get("response")
    output = response.get("output") if isinstance(response, dict) else None
    return output if isinstance(output, str) else ""
