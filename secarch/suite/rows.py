"""The rows of an outside file: JSON lines, JSON, JSON behind a JavaScript name, CSV, TSV, text."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from secarch.errors import InvalidInput, MissingInput
from secarch.files import read_jsonl
from secarch.schema import JsonDict
from secarch.suite.columns import ColumnMap

MAX_BYTES = 256 << 20
MAX_FIELD = 1 << 20
"""Characters of one field of a CSV file."""
TEXT_COLUMN = "prompt"
"""Name of the one column of a text file, which has a prompt on each line."""

_WRAPPER = re.compile(
    r"\s*(?:(?:/\*.*?\*/|//[^\n]*\n)\s*)*"
    r"(?:export\s+default\s|(?:export\s+)?(?:const|let|var)\s+[\w$]+\s*=|[\w$.]+\s*=)\s*(?=[\[{])",
    re.DOTALL,
)
"""What is before the JSON in a file that a web page loads: `const questions = [`."""


def read_rows(path: Path, mapping: ColumnMap) -> list[JsonDict]:
    """All rows of a file, by its suffix. Raises MissingInput and InvalidInput."""
    if not path.is_file():
        raise MissingInput("there is no such file", where=path, fix="correct the path")
    if path.stat().st_size > MAX_BYTES:
        raise InvalidInput(
            "this file is too large for a suite", where=path, fix="split it into smaller files"
        )
    readers: dict[str, Callable[[Path], Iterator[JsonDict]]] = {
        ".jsonl": read_jsonl,
        ".json": lambda p: _json(p, mapping.rows),
        ".js": lambda p: _json(p, mapping.rows),
        ".csv": lambda p: _table(p, header=mapping.header),
        ".tsv": lambda p: _table(p, header=mapping.header),
        ".txt": _text,
    }
    if path.suffix.lower() not in readers:
        raise InvalidInput(
            f"{path.suffix or 'a file without suffix'} is no form of a suite",
            where=path,
            fix=f"give {', '.join(readers)}",
        )
    return list(readers[path.suffix.lower()](path))


def _json(path: Path, name: str) -> Iterator[JsonDict]:
    tree = _tree(path)
    rows = tree.get(name) if name and isinstance(tree, dict) else tree
    if not isinstance(rows, list):
        given = ", ".join(map(str, list(tree)[:10])) if isinstance(tree, dict) else "no table"
        raise InvalidInput(
            f"there is no list {name!r} of rows" if name else "this is no list",
            where=path,
            why=given,
            fix="secarch help suite   (the forms that are read)",
        )
    for number, row in enumerate(rows, 1):
        if isinstance(row, str):
            yield {TEXT_COLUMN: row}
        elif isinstance(row, dict):
            yield row
        else:
            raise InvalidInput(
                "this row is not a JSON object",
                where=f"{path}: row {number}",
                fix="secarch help suite   (the forms that are read)",
            )


def _tree(path: Path) -> Any:
    """The JSON document, without the JavaScript that may stand around it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        wrapper = _WRAPPER.match(text)
        if wrapper is None:
            return json.loads(text)
        tree, end = json.JSONDecoder().raw_decode(text, wrapper.end())
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "this file is no JSON",
            where=path,
            why=error,
            fix="secarch help suite   (the forms that are read)",
        ) from error
    rest = text[end:].strip().lstrip(";").strip()
    if rest and not rest.startswith(("//", "/*", "export", "module.exports", "window.")):
        raise InvalidInput(
            "more follows the list of rows",
            where=path,
            why=repr(rest[:40]),
            fix="secarch help suite   (the forms that are read)",
        )
    return tree


def _table(path: Path, *, header: bool) -> Iterator[JsonDict]:
    """CSV or TSV. TSV has no quoting of its own: a quotation mark is one.

    Without a header the columns are called 0, 1, 2, ...
    """
    tabs = path.suffix.lower() == ".tsv"
    csv.field_size_limit(MAX_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = csv.reader(
                handle,
                delimiter="\t" if tabs else ",",
                quoting=csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL,
            )
            names = next(rows, None) if header else None
            for row in rows:
                if row:
                    known = names or [str(number) for number in range(len(row))]
                    padded = [*row, *([None] * (len(known) - len(row)))]
                    yield dict(zip(known, padded, strict=False))
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidInput(
            "this table cannot be read",
            where=path,
            why=error,
            fix="secarch help suite   (the forms that are read)",
        ) from error


def _text(path: Path) -> Iterator[JsonDict]:
    """One prompt a line; empty lines and lines that begin with # are none."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "this text cannot be read",
            where=path,
            why=error,
            fix="secarch help suite   (the forms that are read)",
        ) from error
    for line in lines:
        if line.strip() and not line.startswith("#"):
            yield {TEXT_COLUMN: line.strip()}
