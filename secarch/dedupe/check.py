"""`secarch dataset validate`: is this file, or folder, what a trainer may learn from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from secarch import console
from secarch.artifact import MANIFEST, open_artifact
from secarch.errors import InvalidInput, MissingInput
from secarch.records import Outcome

ROLES = ("system", "user", "assistant")
SPLITS = ("train", "validation", "test")
MAX_LISTED = 50
MAX_ROW_BYTES = 32 << 20


@dataclass(slots=True)
class _Findings:
    problems: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    """Where each id was seen first."""
    texts: dict[str, str] = field(default_factory=dict)
    """Where each pair of instruction and answer was seen first."""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """Instruction -> split -> where."""
    documents: dict[str, dict[str, str]] = field(default_factory=dict)
    """Document -> split -> where."""


def validate(path: Path, *, as_json: bool = False) -> Outcome:
    """Check rows for schema, roles, empties, doubles, and documents or questions that leak across splits.

    `path` is a dataset folder or a JSONL file. Raises InvalidInput naming file and line of each problem (the first
    50), MissingInput where there is nothing, TamperedArtifact where a sealed file was changed.
    """
    files = _files(path)
    found = _Findings()
    for file in files:
        found.rows[file.name] = 0
        for where, row in _rows(file):
            found.rows[file.name] += 1
            found.problems += [f"{where}: {problem}" for problem in _row_problems(row)]
            if not isinstance(row, str):
                _remember(found, where, file.stem, row)
    found.problems += _leaks(found)
    if not sum(found.rows.values()):
        raise InvalidInput("this dataset holds no rows", where=path, fix="secarch dedupe")
    if found.problems:
        raise _invalid(path, found.problems)
    total = sum(found.rows.values())
    if not as_json:
        console.say(", ".join(f"{name}: {count} rows" for name, count in found.rows.items()))
    return Outcome(
        status="done", artifact=str(path), counts={"rows": total}, result={"files": found.rows, "problems": []},
        summary=f"{path} is valid: {total} rows in {len(files)} files", next="secarch train",
    )  # fmt: skip


def _invalid(path: Path, problems: list[str]) -> InvalidInput:
    more = f" (the first {MAX_LISTED} are listed)" if len(problems) > MAX_LISTED else ""
    for problem in problems[:MAX_LISTED]:
        console.say(f"  {problem}")
    noun = "problem" if len(problems) == 1 else "problems"
    return InvalidInput(
        f"this dataset has {len(problems)} {noun}{more}", where=problems[0].split(": ", 1)[0] if problems else path,
        why="; ".join(problems[:5]), fix="mend the rows, or build the dataset again: secarch dedupe --fresh",
    )  # fmt: skip


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if (path / MANIFEST).is_file():
        open_artifact(path, "dataset")
    files = [path / f"{split}.jsonl" for split in SPLITS if (path / f"{split}.jsonl").is_file()]
    if not files:
        why = "it holds none of train.jsonl, validation.jsonl and test.jsonl" if path.is_dir() else "no such path"
        raise MissingInput("there is no dataset", where=path, why=why, fix="secarch dedupe")
    return files


def _rows(file: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    with file.open("rb") as handle:
        for number, line in enumerate(iter(lambda: handle.readline(MAX_ROW_BYTES), b""), 1):
            yield f"{file.name}:{number}", _parsed(line)


def _parsed(line: bytes) -> dict[str, Any] | str:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"no JSON: {error}"
    return row if isinstance(row, dict) else "no JSON object"


def _row_problems(row: dict[str, Any] | str) -> list[str]:
    if isinstance(row, str):
        return [row]
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        return ["messages is missing, empty or no list"]
    if not all(isinstance(m, dict) and isinstance(m.get("content"), str) and m.get("role") in ROLES for m in messages):
        return [f"each message needs a role ({', '.join(ROLES)}) and a content that is a string"]
    return [*_role_problems([m["role"] for m in messages]), *_content_problems(messages), *_field_problems(row)]


def _role_problems(roles: Sequence[str]) -> Iterator[str]:
    """At most one system message, first; then user and assistant by turns, the assistant last."""
    turns = list(roles[1:] if roles[:1] == ["system"] else roles)
    wanted = ["user", "assistant"] * (len(turns) // 2)
    if not turns or turns != wanted:
        yield f"roles are {', '.join(roles)}; after an optional system message user and assistant take turns"


def _content_problems(messages: Sequence[dict[str, Any]]) -> Iterator[str]:
    for message in messages:
        text = message["content"]
        if not text.strip():
            yield f"the {message['role']} message is empty"
        if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text if not text.isascii()):
            yield f"the {message['role']} message holds NUL bytes or lone surrogates"


def _field_problems(row: dict[str, Any]) -> Iterator[str]:
    for name in ("id", "document_id", "url", "split", "kind", "category"):
        if name in row and not isinstance(row[name], str):
            yield f"{name} is no string"


def _remember(found: _Findings, where: str, stem: str, row: dict[str, Any]) -> None:
    split = row["split"] if isinstance(row.get("split"), str) else stem
    if stem in SPLITS and split != stem:
        found.problems.append(f"{where}: split is {split}, in the file of {stem}")
    name = row.get("id")
    if isinstance(name, str) and found.ids.setdefault(name, where) != where:
        found.problems.append(f"{where}: id {name} is used at {found.ids[name]} already")
    contents = {m.get("role"): str(m.get("content")) for m in row.get("messages") or [] if isinstance(m, dict)}
    asked, answer = contents.get("user", ""), contents.get("assistant", "")
    if not asked or not answer:
        return
    if found.texts.setdefault(f"{asked}\0{answer}", where) != where:
        found.problems.append(f"{where}: repeats the question and answer of {found.texts[f'{asked}{chr(0)}{answer}']}")
    found.asked.setdefault(asked, {}).setdefault(split, where)
    if isinstance(row.get("document_id"), str):
        found.documents.setdefault(row["document_id"], {}).setdefault(split, where)


def _leaks(found: _Findings) -> Iterator[str]:
    for what, seen in (("document", found.documents), ("question", found.asked)):
        for name, places in seen.items():
            if len(places) > 1:
                shown = name if len(name) <= 60 else name[:60] + "..."
                listed = " and ".join(f"{split} ({where})" for split, where in sorted(places.items()))
                yield f"{next(iter(places.values()))}: the {what} {shown!r} is in {listed}"
