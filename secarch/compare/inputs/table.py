"""Scores from a table of comma-, semicolon- or tab-separated values: a column `id`, and `value` or
a column a metric.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from secarch.compare.inputs.sheet import Line, check_size, shown
from secarch.errors import InvalidInput

SUFFIXES = (".csv", ".tsv")
MAX_CELL = 1 << 20
_FACTS = ("id", "question_id", "metric", "category", "cluster")
"""Columns that say of what a score is; each other column of numbers holds scores."""
_WORDS = {"true": True, "false": False, "": None, "null": None}
_FIX = "give a header with id and value, or id and a column of numbers for each metric"


def rows(path: Path) -> Iterator[Line]:
    """The plain rows of a table, one a score; an empty cell is a question that was not scored.
    Columns without any number (questions, answers, notes) are left out.

    Raises MissingInput, or InvalidInput with file and line.
    """
    check_size(path)
    table = _cells(path)
    if not table:
        return
    header = [name.strip() for name in table[0][1]]
    ids = [name for name in ("id", "question_id") if name in header]
    if not ids:
        raise InvalidInput(
            "this table has no column id", where=f"{path}:1", why=shown(header), fix=_FIX
        )
    body = [(where, dict(zip(header, cells, strict=False))) for where, cells in table[1:]]
    metrics = ["value"] if "value" in header else _numeric(header, [row for _, row in body])
    if not metrics:
        raise InvalidInput(
            "this table has no column of numbers", where=f"{path}:1", why=shown(header), fix=_FIX
        )
    for where, row in body:
        facts = {name: row[name] for name in _FACTS[2:] if row.get(name)}
        facts["id"] = row[ids[0]].strip()
        for metric in metrics:
            named = {} if metric == "value" else {"metric": metric}
            yield Line({**facts, **named, "value": _value(row.get(metric, ""))}, where, "")


def _cells(path: Path) -> list[tuple[str, list[str]]]:
    """Each row that is not empty, with its place."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = text.split("\n", 1)[0]
        comma = max("\t;,", key=first.count)
        csv.field_size_limit(MAX_CELL)
        reader = csv.reader(text.splitlines(keepends=True), delimiter=comma, strict=True)
        return [(f"{path}:{reader.line_num}", cells) for cells in reader if any(cells)]
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidInput(
            "this is not a readable table of scores", where=path, why=error, fix=_FIX
        ) from error


def _numeric(header: list[str], body: list[dict[str, str]]) -> list[str]:
    """Columns that hold at least one number; in such a column each cell must then be one."""
    return [
        name
        for name in header
        if name
        and name not in _FACTS
        and any(isinstance(_value(row.get(name, "")), bool | float) for row in body)
    ]


def _value(cell: str) -> bool | float | str | None:
    """A cell as JSON would hold it; what is neither number, true, false nor empty stays text."""
    cell = cell.strip()
    if cell.lower() in _WORDS:
        return _WORDS[cell.lower()]
    try:
        return float(cell)
    except ValueError:
        return cell
