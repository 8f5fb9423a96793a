"""Suites that users bring as files: JSON, CSV or text with a map of its columns becomes a suite of
ours.

Multiple choice, and sets of prompts alone that measure false refusals (benign) or whether a model
declines (harmful, bait).
"""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from secarch.errors import InvalidInput, UsageError
from secarch.files import write_jsonl
from secarch.records import Outcome
from secarch.schema import JsonDict, sha256_of
from secarch.suite.columns import ColumnMap, load_map
from secarch.suite.rows import read_rows
from secarch.suite.schema import Question

_TEXTS = ("text", "content", "option", "choice", "answer", "value")
_CORRECT = ("correct", "is_correct", "isCorrect", "right")
_OPTION = re.compile(r"^(?:option|choice|answer)\b\s*", re.IGNORECASE)
_LETTERED = re.compile(r"^\s*\(?([A-Za-z])\s*[:.)]\s+(?=\S)")


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
        next=f"secarch eval --suite {shlex.quote(str(target))}",
    )


def convert(path: Path, mapping: ColumnMap) -> tuple[list[Question], Counter[str]]:
    """The questions of a file, and how many rows were left out by reason.

    Raises MissingInput, InvalidInput.
    """
    rows = read_rows(path, mapping)
    if not rows:
        raise InvalidInput(
            "there are no rows in it", where=path, fix="give a file with at least one row"
        )
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
        raise InvalidInput(
            "no row makes a question",
            where=path,
            why="; ".join(left_out),
            fix="name other columns with --map",
        )
    return list(found.values()), +left_out


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        message = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        return "choices given twice" if "is given twice" in message else message[:80]
    return str(error)


def _check_columns(row: Mapping[str, Any], mapping: ColumnMap, path: Path) -> None:
    missing = [name for name in mapping.columns if name not in row]
    if not any(name in row for name in mapping.question):
        missing.insert(0, " or ".join(mapping.question))
    if missing:
        raise InvalidInput(
            f"there is no column {', '.join(map(repr, missing))}",
            where=path,
            why="it has " + ", ".join(repr(str(name)) for name in row),
            fix="name the columns as they are, in the map",
        )


def _question(row: Mapping[str, Any], number: int, mapping: ColumnMap) -> Question:
    """Raises ValueError where the row is not a question of one of the kinds."""
    given = str(row.get(mapping.id) or number) if mapping.id else f"{number:05d}"
    source = str(row.get(mapping.source) or "") if mapping.source else ""
    kind = _kind(row, mapping)
    asked = next((row.get(name) for name in mapping.question if name in row), None)
    return Question.model_validate(
        {
            "id": _slug(f"{mapping.prefix}-{given}"),
            "version": 1,
            "category": _category(row, mapping),
            "kind": kind,
            "difficulty": mapping.difficulty,
            "question": _prompt(asked),
            "licence": mapping.licence,
            "reference": str(row.get(mapping.reference) or "") if mapping.reference else "",
            "sources": [{"title": source}] if source else [],
            **(_options(row, mapping) if kind == "mcq" else {}),
        }
    )


def _prompt(asked: Any) -> str:
    """The question's text; of messages, that of the user's last one."""
    if isinstance(asked, list):
        said = [m for m in asked if isinstance(m, Mapping) and m.get("role") in {"user", "human"}]
        asked = said[-1].get("content") if said else "\n".join(map(str, asked))
    return str(asked or "")


def _kind(row: Mapping[str, Any], mapping: ColumnMap) -> str:
    if not mapping.kind_from:
        return mapping.kind
    value = str(row.get(mapping.kind_from) or "").strip()
    if value not in mapping.kinds:
        raise ValueError(f"{mapping.kind_from} is {value[:40] or 'empty'}")
    return mapping.kinds[value]


def _options(row: Mapping[str, Any], mapping: ColumnMap) -> JsonDict:
    letters, choices = _choices(row, mapping)
    value = row.get(mapping.answer, "")
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    given = str(value).strip()
    marked = _marked(row.get(mapping.choices[0])) if len(mapping.choices) == 1 else None
    if marked is not None and (not given or mapping.answer == mapping.choices[0]):
        return {"choices": choices, "answer": marked}
    return {"choices": choices, "answer": _answer(given, letters, choices)}


def _marked(value: Any) -> int | None:
    """The place of the one option that the options themselves mark as right: of a table with texts
    and ones and zeros, or of a list of tables.
    """
    if isinstance(value, Mapping):
        marks = next((value[name] for name in ("labels", "label") if name in value), None)
        marks = marks if isinstance(marks, list) and set(marks) <= {0, 1} else []
    elif isinstance(value, list):
        marks = [
            next((one[name] for name in _CORRECT if name in one), None)
            for one in value
            if isinstance(one, Mapping)
        ]
    else:
        marks = []
    right = [n for n, mark in enumerate(marks) if mark in (1, True)]
    return right[0] if len(right) == 1 else None


def _choices(row: Mapping[str, Any], mapping: ColumnMap) -> tuple[list[str], list[str]]:
    """Letters and texts of the options."""
    value: Any = (
        row.get(mapping.choices[0])
        if len(mapping.choices) == 1
        else [row.get(n) for n in mapping.choices]
    )
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        value = _written(value)
    if isinstance(value, str) and len(lines := value.strip().splitlines()) > 1:
        value = lines if all(map(_LETTERED.match, lines)) else value
    if isinstance(value, Mapping):
        listed = next((value[name] for name in ("text", "choices") if name in value), None)
        if isinstance(listed, list):  # a column of texts and one of labels
            labels = value.get("label") or []
            named = labels and all(isinstance(label, str) for label in labels)
            value = dict(zip(labels, listed, strict=False)) if named else listed
    if isinstance(value, Mapping):
        return [str(name).strip().upper() for name in value], [
            str(text).strip() for text in value.values()
        ]
    if not isinstance(value, list):
        raise ValueError("the options are no list")  # noqa: TRY004 - a row's fault, counted with the others
    value = [_text(one) if isinstance(one, Mapping) else one for one in value]
    texts = [str(text).strip() for text in value if text is not None and str(text).strip()]
    letters = [chr(ord("A") + n) for n in range(len(texts))]
    lettered = [_LETTERED.match(text) for text in texts]
    if all(
        match and match[1].upper() == letter
        for match, letter in zip(lettered, letters, strict=True)
    ):
        texts = [_LETTERED.sub("", text) for text in texts]
    return letters, texts


def _text(option: Mapping[str, Any]) -> Any:
    """The text of an option that is a table."""
    return next((option[name] for name in _TEXTS if name in option), str(dict(option)))


def _written(value: str) -> Any:
    """Options that are a list or a table as text, in JSON or as Python shows it."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(value)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return value


def _answer(given: str, letters: Sequence[str], choices: Sequence[str]) -> int:
    bare = _OPTION.sub("", given).strip("().: ").upper()
    if bare in letters:
        return letters.index(bare)
    if given in choices:
        return choices.index(given)
    if (lettered := _LETTERED.match(given)) and given[lettered.end() :].strip() in choices:
        return choices.index(given[lettered.end() :].strip())
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
    """An id of at most 64 characters; a longer one ends in its digest, so that two stay two."""
    slug = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._") or "outside"
    return slug if len(slug) <= 64 else f"{slug[:55].rstrip('-._')}-{sha256_of(text)[:8]}"
