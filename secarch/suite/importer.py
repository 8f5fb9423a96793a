"""Suites that users bring as files: JSONL, JSON, CSV or TSV with a map of its columns become a
suite of ours.

Three maps are shipped (`secarch/suite/data/maps`); one of one's own is a YAML file with the fields
of `ColumnMap`.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from secarch.artifact import read_jsonl, write_jsonl
from secarch.errors import ConfigError, InvalidInput, MissingInput, UsageError
from secarch.located_yaml import load_located
from secarch.records import Outcome
from secarch.schema import Config, JsonDict
from secarch.suite.schema import SUITES, Question, Slug

MAPS = SUITES / "maps"
MAX_BYTES = 256 << 20
MAX_FIELD = 1 << 20
"""Characters of one field of a CSV file."""
_LETTERED = re.compile(r"^\s*\(?([A-Za-z])\s*[:.)]\s+(?=\S)")


class ColumnMap(Config):
    """Which column of an outside file means what."""

    prefix: Slug
    """First part of the ids that are made."""
    question: str
    """Column of the question."""
    answer: str
    """Column of the right option: its letter, its index from 0, or its text."""
    choices: Annotated[tuple[str, ...], Field(min_length=1)]
    """Columns of the options; or one column that holds a list, or a table of letters."""
    id: str = ""
    """Column of an id; empty: the row's number."""
    rows: str = ""
    """JSON: name of the list of rows; empty: the file is the list."""
    reference: str = ""
    """Column of an explanation."""
    source: str = ""
    """Column that says where the question is from."""
    category: Slug = "outside"
    """Category of all questions."""
    category_from: str = ""
    """Column of the category (the first of a list), where it differs; `category` where it is empty.
    """
    difficulty: Annotated[int, Field(ge=1, le=4)] = 2
    """Difficulty of all questions."""
    licence: str = ""
    """SPDX identifier of the file."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that must be there."""
        optional = (self.id, self.reference, self.source, self.category_from)
        return tuple(
            dict.fromkeys([self.question, *self.choices, self.answer, *filter(None, optional)])
        )


def bring(path: Path, columns: str, out: Path | None) -> Outcome:
    """Write the suite of an outside file: JSONL beside it, or at `out`; stays where it is valid as
    a whole.

    Raises MissingInput, InvalidInput (malformed, columns that are not there, no question left),
    UsageError (no such map, the target exists).
    """
    mapping = load_map(columns)
    target = out or path.with_name(f"{path.stem}.suite.jsonl")
    if target.exists():
        raise UsageError("this file exists already", where=target, fix="name another with --out")
    questions, left_out = convert(path, mapping)
    write_jsonl(
        target, (question.model_dump(mode="json", exclude_defaults=True) for question in questions)
    )
    why = "".join(f"; left out: {reason} {count}" for reason, count in sorted(left_out.items()))
    return Outcome(
        status="done",
        counts={"questions": len(questions), "left_out": sum(left_out.values())},
        shown=(str(target),),
        result={"suite": str(target), "left_out": dict(sorted(left_out.items()))},
        summary=f"{len(questions)} questions: {target}{why}",
        next=f"secarch eval --suite {target}",
    )


def load_map(name: str) -> ColumnMap:
    """A shipped map by name, or a YAML file. Raises UsageError and InvalidInput."""
    path = (
        MAPS / f"{name}.yaml"
        if re.fullmatch(r"\w+", name) and (MAPS / f"{name}.yaml").is_file()
        else Path(name)
    )
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in MAPS.glob("*.yaml")))
        raise UsageError(
            f"there is no column map {name!r}",
            why=f"shipped: {known}",
            fix="name one, or a YAML file",
        )
    try:
        return ColumnMap.model_validate(load_located(path).tree)
    except ConfigError as error:
        raise InvalidInput(
            "this column map cannot be read", where=path, why="; ".join(error.problems)
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise InvalidInput("this column map is malformed", where=path, why=why) from None


def convert(path: Path, mapping: ColumnMap) -> tuple[list[Question], Counter[str]]:
    """The questions of a file, and how many rows were left out by reason.

    Raises MissingInput, InvalidInput.
    """
    rows = _rows(path, mapping)
    if not rows:
        raise InvalidInput("there are no rows in it", where=path)
    _check_columns(rows[0], mapping, path)
    found: dict[str, Question] = {}
    left_out: Counter[str] = Counter()
    for number, row in enumerate(rows, 1):
        try:
            question = _question(row, number, mapping)
        except ValueError as error:
            left_out[_reason(error)] += 1
            continue
        left_out["id given twice"] += question.id in found
        found.setdefault(question.id, question)
    if not found:
        raise InvalidInput("no row makes a question", where=path, why="; ".join(left_out))
    return list(found.values()), +left_out


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        message = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        return "choices given twice" if "is given twice" in message else message[:80]
    return str(error)


def _rows(path: Path, mapping: ColumnMap) -> list[JsonDict]:
    if not path.is_file():
        raise MissingInput("there is no such file", where=path)
    if path.stat().st_size > MAX_BYTES:
        raise InvalidInput("this file is too large for a suite", where=path)
    readers = {
        ".jsonl": read_jsonl,
        ".json": lambda p: _json(p, mapping.rows),
        ".csv": _table,
        ".tsv": _table,
    }
    if path.suffix.lower() not in readers:
        raise InvalidInput(
            f"{path.suffix or 'a file without suffix'} is no form of a suite",
            where=path,
            fix=f"give {', '.join(readers)}",
        )
    return list(readers[path.suffix.lower()](path))


def _json(path: Path, name: str) -> Iterator[JsonDict]:
    try:
        tree = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidInput("this file is no JSON", where=path, why=error) from error
    rows = tree.get(name) if name and isinstance(tree, dict) else tree
    if not isinstance(rows, list):
        given = ", ".join(map(str, list(tree)[:10])) if isinstance(tree, dict) else "no table"
        raise InvalidInput(
            f"there is no list {name!r} of rows" if name else "this is no list",
            where=path,
            why=given,
        )
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise InvalidInput("this row is no JSON object", where=f"{path}: row {number}")
        yield row


def _table(path: Path) -> Iterator[JsonDict]:
    """CSV or TSV with a head. TSV has no quoting of its own: a quotation mark is one."""
    tabs = path.suffix.lower() == ".tsv"
    csv.field_size_limit(MAX_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            yield from csv.DictReader(
                handle,
                delimiter="\t" if tabs else ",",
                quoting=csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL,
            )
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidInput("this table cannot be read", where=path, why=error) from error


def _check_columns(row: Mapping[str, Any], mapping: ColumnMap, path: Path) -> None:
    missing = [name for name in mapping.columns if name not in row]
    if missing:
        raise InvalidInput(
            f"there is no column {', '.join(map(repr, missing))}",
            where=path,
            why="it has " + ", ".join(repr(str(name)) for name in row),
            fix="name the columns as they are, in the map",
        )


def _question(row: Mapping[str, Any], number: int, mapping: ColumnMap) -> Question:
    """Raises ValueError where the row is no question with one right answer."""
    letters, choices = _choices(row, mapping)
    given = str(row.get(mapping.id) or number) if mapping.id else f"{number:05d}"
    source = str(row.get(mapping.source) or "") if mapping.source else ""
    return Question.model_validate(
        {
            "id": _slug(f"{mapping.prefix}-{given}"),
            "version": 1,
            "category": _category(row, mapping),
            "kind": "mcq",
            "difficulty": mapping.difficulty,
            "question": str(row.get(mapping.question) or ""),
            "choices": choices,
            "answer": _answer(str(row.get(mapping.answer, "")).strip(), letters, choices),
            "licence": mapping.licence,
            "reference": str(row.get(mapping.reference) or "") if mapping.reference else "",
            "sources": [{"title": source}] if source else [],
        }
    )


def _choices(row: Mapping[str, Any], mapping: ColumnMap) -> tuple[list[str], list[str]]:
    """Letters and texts of the options."""
    value: Any = (
        row.get(mapping.choices[0])
        if len(mapping.choices) == 1
        else [row.get(n) for n in mapping.choices]
    )
    if isinstance(value, Mapping):
        return [str(name).strip().upper() for name in value], [
            str(text).strip() for text in value.values()
        ]
    if not isinstance(value, list):
        raise ValueError("the options are no list")  # noqa: TRY004 - a row's fault, counted with the others
    texts = [str(text).strip() for text in value if text is not None and str(text).strip()]
    letters = [chr(ord("A") + n) for n in range(len(texts))]
    lettered = [_LETTERED.match(text) for text in texts]
    if all(
        match and match[1].upper() == letter
        for match, letter in zip(lettered, letters, strict=True)
    ):
        texts = [_LETTERED.sub("", text) for text in texts]
    return letters, texts


def _answer(given: str, letters: Sequence[str], choices: Sequence[str]) -> int:
    bare = given.strip("().: ").upper()
    if bare in letters:
        return letters.index(bare)
    if given in choices:
        return choices.index(given)
    if given.isdigit() and int(given) < len(choices):
        return int(given)
    several = len(bare) > 1 and set(re.sub(r"[\s,;]", "", bare)) <= set(letters)
    raise ValueError(
        "several right answers" if several else "the right answer is none of the options"
    )


def _category(row: Mapping[str, Any], mapping: ColumnMap) -> str:
    value = row.get(mapping.category_from) if mapping.category_from else None
    first = value[0] if isinstance(value, list) and value else value
    return _slug(re.sub(r"(?<=[a-z])(?=[A-Z])", "-", str(first))) if first else mapping.category


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:64] or "outside"
