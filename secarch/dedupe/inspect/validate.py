"""`secarch dataset validate`: is this file, or folder, what a trainer may learn from."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from secarch import console
from secarch.artifact import MANIFEST
from secarch.dedupe.inspect import content
from secarch.dedupe.inspect.files import SPLITS, rows, split_files
from secarch.errors import InvalidInput
from secarch.models import foreign
from secarch.models.forms import as_messages
from secarch.records import Example, Outcome
from secarch.text.words import fingerprint, normalise

ROLES = ("system", "user", "assistant")
MAX_LISTED = 50
NO_ROWS = "put training rows into it, or name a file or folder that has some"
RENAME = "rename the fields, for instance to question and answer, or remove these rows"
MAX_WORDS = 8_192
"""Words of the longest answer: about what fits beside its question into a window of 12,000 tokens.
"""
MAX_OVERLAP = 0.2
"""As `dedupe.split.max_overlap`."""


@dataclass(slots=True)
class _Findings:
    problems: list[str] = field(default_factory=list)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    """What is wrong with rows in no known form, by their fields -> where they are."""
    rows: dict[str, int] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    """Where each id was seen first."""
    texts: dict[str, str] = field(default_factory=dict)
    """Where each pair of instruction and answer was seen first, by the words of both."""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """Instruction -> split -> where."""
    documents: dict[str, dict[str, str]] = field(default_factory=dict)
    """Document -> split -> where."""
    words: list[int] = field(default_factory=list)
    """Of each answer."""
    forms: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    answers: dict[str, list[Example]] = field(default_factory=dict)
    """By split; where and text alone, for the overlap of held-out answers with training ones."""


def validate(path: Path, *, longest: int = MAX_WORDS, max_overlap: float = MAX_OVERLAP) -> Outcome:
    """Check rows: schema, roles, empties, lengths, duplicates, and documents, questions or answers
    that leak over splits.

    `path` is whatever `secarch train --dataset` takes (`secarch.models.foreign`); `longest` is in
    words of an answer, `max_overlap` the share of a held-out answer's 13-grams that training
    answers may hold (0..1). Raises InvalidInput naming file and line of each problem (the first
    50), MissingInput if there is nothing, TamperedArtifact where a sealed file was changed.
    """
    files = split_files(path)
    found = _Findings()
    for split, file in files:
        found.rows[file.name] = 0
        for where, row in rows(file):
            found.rows[file.name] += 1
            messages = None if isinstance(row, str) else foreign.plain(row)
            if isinstance(row, dict) and as_messages(row)[1] is None:
                found.unknown.setdefault(foreign.row_fault(row, messages, file)[0], []).append(
                    where
                )
            else:
                faults = _row_problems(row, messages, file)
                found.problems += [f"{where}: {what}" for what in faults]
            if not isinstance(row, str):
                _remember(found, where, split, row, messages)
    unknown = list(_in_no_form(found.unknown))
    found.problems = [
        *unknown,
        *found.problems,
        *_leaks(found),
        *_lengths(found, longest),
        *_overlaps(found, max_overlap),
    ]
    if not sum(found.rows.values()):
        raise InvalidInput("this dataset holds no rows", where=path, fix=NO_ROWS)
    if path.is_dir() and not any(found.rows[file.name] for s, file in files if s == "train"):
        found.problems.append(f"{path.name}: it has no training rows, held-out ones alone")
    if found.problems:
        raise _invalid(path, found.problems, rename=bool(unknown))
    total = sum(found.rows.values())
    console.say(", ".join(f"{name}: {count} rows" for name, count in found.rows.items()))
    return Outcome(
        status="done",
        artifact=str(path),
        counts={"rows": total},
        result={
            "files": found.rows,
            "problems": [],
            "forms": dict(found.forms),
            "answer_words": _quantiles(found.words),
            "licences": {name or "unknown": n for name, n in sorted(found.licences.items())},
        },
        summary=f"{path} is valid: {total} rows in {len(files)} files",
        next=f"secarch train --dataset {shlex.quote(str(path))}",
    )


def _in_no_form(unknown: dict[str, list[str]]) -> Iterator[str]:
    """Rows of which no field is known, once for all that have the same ones."""
    for why, places in unknown.items():
        rest = len(places) - 1
        also = f"; so has {rest:,} row more" if rest == 1 else f"; so have {rest:,} rows more"
        yield f"{places[0]}: {why}{also if rest else ''}"


def _invalid(path: Path, problems: list[str], *, rename: bool) -> InvalidInput:
    more = f" (the first {MAX_LISTED} are listed)" if len(problems) > MAX_LISTED else ""
    for problem in problems[:MAX_LISTED]:
        console.say(f"  {problem}")
    noun = "problem" if len(problems) == 1 else "problems"
    fix = "correct or remove these rows"
    if (path / MANIFEST).is_file() or (path.parent / MANIFEST).is_file():
        fix = "correct the rows, or build the dataset again: secarch dedupe --fresh"
    elif rename:
        fix = RENAME
    return InvalidInput(
        f"this dataset has {len(problems)} {noun}{more}",
        where=problems[0].split(": ", 1)[0] if problems else path,
        why="; ".join(problems[:5]),
        fix=fix,
    )


def _row_problems(row: dict[str, Any] | str, messages: Any, file: Path) -> list[str]:
    if isinstance(row, str):
        return [row]
    why, _ = foreign.row_fault(row, messages, file)
    form, _ = as_messages(row)
    if not isinstance(messages, list) or not messages:
        missing = f"{form} is missing, empty or no list"
        return [why if "dpo" in why else missing]
    if refused := next((m["refused"] for m in messages if "refused" in (m or {})), ""):
        return [refused]
    if not all(
        isinstance(m, dict) and isinstance(m.get("content"), str) and m.get("role") in ROLES
        for m in messages
    ):
        return [f"each message needs a role ({', '.join(ROLES)}) and a content that is a string"]
    return _problems_of(messages) or [why] * bool(why)


def _problems_of(messages: Sequence[dict[str, Any]]) -> list[str]:
    return [
        *_role_problems([m["role"] for m in messages]),
        *_content_problems(messages),
        *content.problems(messages),
    ]


def _role_problems(roles: Sequence[str]) -> Iterator[str]:
    """At most one system message, first; then user and assistant by turns, the assistant last."""
    turns = list(roles[1:] if roles[:1] == ["system"] else roles)
    wanted = ["user", "assistant"] * (len(turns) // 2)
    if not turns or turns != wanted:
        yield (
            f"roles are {', '.join(roles)}; after an optional system message user and "
            "assistant take turns"
        )


def _content_problems(messages: Sequence[dict[str, Any]]) -> Iterator[str]:
    for message in messages:
        said = message["content"]
        if not said.strip():
            yield f"the {message['role']} message is empty"
        if "\x00" in said or any("\ud800" <= c <= "\udfff" for c in said if not said.isascii()):
            yield f"the {message['role']} message holds NUL bytes or lone surrogates"


def _lengths(found: _Findings, longest: int) -> Iterator[str]:
    for examples in found.answers.values():
        for example in examples:
            if (words := len(example.answer.split())) > longest:
                yield f"{example.id}: an answer of {words:,} words; at most {longest:,} are wanted"


def _overlaps(found: _Findings, most: float) -> Iterator[str]:
    """Held-out answers that training answers hold already."""
    from secarch.dedupe.split.leaks import overlapping

    for split in ("validation", "test"):
        held = found.answers.get(split, [])
        for where in sorted(overlapping(found.answers.get("train", []), held, most)):
            yield f"{where}: more than {most:.0%} of its answer's 13-grams are in training answers"


def _quantiles(words: list[int]) -> dict[str, int]:
    ordered = sorted(words) or [0]
    at = {"least": 0.0, "p10": 0.1, "median": 0.5, "p90": 0.9, "most": 1.0}
    return {name: ordered[round(share * (len(ordered) - 1))] for name, share in at.items()}


def _remember(found: _Findings, where: str, stem: str, row: dict[str, Any], messages: Any) -> None:
    split = row["split"] if isinstance(row.get("split"), str) else stem
    if stem in SPLITS and split != stem:
        found.problems.append(f"{where}: split is {split}, in the file of {stem}")
    names = foreign.kept(row)
    if (name := names.get("id")) and found.ids.setdefault(name, where) != where:
        found.problems.append(f"{where}: id {name} is used at {found.ids[name]} already")
    found.forms[as_messages(row)[0]] += 1
    if "licence" in row or "license" in row:
        found.licences[str(row.get("licence") or row.get("license") or "")] += 1
    listed = messages if isinstance(messages, list) else []
    contents = {m.get("role"): str(m.get("content")) for m in listed if isinstance(m, dict)}
    asked, answer = contents.get("user", ""), contents.get("assistant", "")
    if not asked or not answer:
        return
    found.words.append(len(answer.split()))
    found.answers.setdefault(split, []).append(_bare(where, answer))
    pair = fingerprint(asked) + fingerprint(answer)
    if (normalise(asked) or normalise(answer)) and found.texts.setdefault(pair, where) != where:
        found.problems.append(f"{where}: repeats the question and answer of {found.texts[pair]}")
    found.asked.setdefault(asked, {}).setdefault(split, where)
    if document := names.get("document_id"):
        found.documents.setdefault(document, {}).setdefault(split, where)


def _bare(where: str, answer: str) -> Example:
    return Example(
        id=where,
        document_id="",
        url="",
        title="",
        licence="",
        category="",
        kind="",
        instruction="",
        answer=answer,
        start=0,
        end=0,
    )


def _leaks(found: _Findings) -> Iterator[str]:
    for what, seen in (("document", found.documents), ("question", found.asked)):
        for name, places in seen.items():
            if len(places) > 1:
                shown = name if len(name) <= 60 else name[:60] + "..."
                listed = " and ".join(
                    f"{split} ({where})" for split, where in sorted(places.items())
                )
                yield f"{next(iter(places.values()))}: the {what} {shown!r} is in {listed}"
