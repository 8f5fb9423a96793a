"""The rows of an outside file: JSON lines, JSON, JSON behind a JavaScript name, CSV, TSV, text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from secarch.errors import InvalidInput, MissingInput
from secarch.files import json_object
from secarch.schema import JsonDict
from secarch.suite.columns import ColumnMap

MAX_BYTES = 256 << 20
MAX_FIELD = 1 << 20
"""Characters of one field of a CSV file."""
TEXT_COLUMN = "prompt"
"""Name of the one column of a text file, which has a prompt on each line."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
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
        ".jsonl": _lines,
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
    return [_unwrapped(row) for row in readers[path.suffix.lower()](path)]


def _unwrapped(row: JsonDict) -> JsonDict:
    """A row without what the hub's dataset viewer puts around it."""
    inner = row.get("row")
    return inner if isinstance(inner, dict) and "row_idx" in row else row


def _lines(path: Path) -> Iterator[JsonDict]:
    """JSON lines; empty ones are none."""
    for number, line in enumerate(_decoded(path).split("\n"), 1):
        if line.strip():
            yield json_object(line, f"{path}:{number}")


def _decoded(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 if a byte order mark says so."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-16" if raw[:2] in _UTF_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "this text cannot be read",
            where=path,
            why=error,
            fix="secarch help suite   (the forms that are read)",
        ) from error


def _json(path: Path, name: str) -> Iterator[JsonDict]:
    tree = _tree(path)
    rows = tree
    for part in [name] if isinstance(tree, dict) and name in tree else name.split("."):
        rows = rows.get(part) if part and isinstance(rows, dict) else rows
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
        text = _decoded(path)
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
    text = _decoded(path)
    tabs = path.suffix.lower() == ".tsv"
    first = text.partition("\n")[0]
    csv.field_size_limit(MAX_FIELD)
    try:
        rows = csv.reader(
            io.StringIO(text, newline=""),
            delimiter="\t" if tabs else ";" if "," not in first and ";" in first else ",",
            quoting=csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL,
        )
        names = next(rows, None) if header else None
        for row in rows:
            if row:
                known = names or [str(number) for number in range(len(row))]
                padded = [*row, *([None] * (len(known) - len(row)))]
                yield dict(zip(known, padded, strict=False))
    except csv.Error as error:
        raise InvalidInput(
            "this table cannot be read",
            where=path,
            why=error,
            fix="secarch help suite   (the forms that are read)",
        ) from error


def _text(path: Path) -> Iterator[JsonDict]:
    """One prompt a line; empty lines and lines that begin with # are none."""
    for line in _decoded(path).splitlines():
        if line.strip() and not line.startswith("#"):
            yield {TEXT_COLUMN: line.strip(), "0": line.strip()}
