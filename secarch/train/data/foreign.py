"""Training rows as other people keep them: a file or folder in, rows with `messages` out.

Read are JSONL (also gzipped), a JSON list or an object that holds one, Parquet, a folder with such
files for each split, and a folder that the library `datasets` saved. A row may be messages,
ShareGPT conversations, a prompt with its completion or response, Alpaca's instruction, input and
output, or question and answer. Whatever cannot be trained on is refused with file and row.
"""

from __future__ import annotations

import gzip
import json
import re
import shlex
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from secarch.errors import InvalidInput, MissingInput
from secarch.models.forms import as_messages, role
from secarch.models.tokenizer_files import LFS, LFS_FIX, download_fix
from secarch.schema import JsonDict

SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".json", ".parquet", ".arrow")
SPLITS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "eval"),
}
"""Our name of a split -> how others call it."""
ROLES = ("system", "user", "assistant")
KEPT = ("id", "document_id", "url", "licence", "license", "category", "kind")
"""Fields of a row that travel with it."""


def files(place: Path) -> dict[str, list[Path]]:
    """The files of each split below `place`, in the order of their names; a single file is train.

    Raises MissingInput if there is none.
    """
    if place.is_file():
        return {"train": [place]}
    found = {
        split: sorted({path for name in names for path in _of_split(place, name)})
        for split, names in SPLITS.items()
    }
    if not found["train"]:
        loose = [path for path in sorted(place.glob("*")) if _readable(path)]
        taken = set(found["validation"])
        found["train"] = [path for path in loose if path not in taken]
    if not found["train"]:
        raise _none_here(place)
    return {split: paths for split, paths in found.items() if paths}


_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def _none_here(place: Path) -> MissingInput:
    """That there are no rows in a place, and where they may be instead."""
    found = {path.parent for path in place.glob("*/*") if _readable(path)}
    inside = sorted(found, key=lambda path: (not path.name.startswith("train"), path.name))
    fix = "secarch dedupe, or name a file or folder of training rows with --dataset"
    why = f"no train.jsonl, and no other file that ends in {', '.join(SUFFIXES)}"
    if inside:
        why = f"no train.jsonl; there are rows in {', '.join(path.name for path in inside[:5])}"
        fix = f"name one of these folders: --dataset {shlex.quote(str(inside[0]))}"
    elif not place.exists() and _HUB_NAME.fullmatch(str(place)):
        why = "there is no such file or folder, and datasets of the hub are not fetched"
        fix = (
            f"hf download {place} --repo-type dataset --local-dir {place.name}, "
            f"then --dataset {place.name}"
        )
    return MissingInput("there is no dataset here", where=place, why=why, fix=fix)


def _of_split(place: Path, name: str) -> Iterator[Path]:
    for pattern in (f"{name}.*", f"{name}-*", f"{name}/*", f"data/{name}-*"):
        yield from (path for path in place.glob(pattern) if _readable(path))


def _readable(path: Path) -> bool:
    about = {"dataset_info.json", "state.json", "dataset_dict.json", "manifest.json"}
    return path.is_file() and path.name.endswith(SUFFIXES) and path.name not in about


def rows(path: Path) -> Iterator[JsonDict]:
    """The rows of a file, each with `messages`.

    Raises InvalidInput with file and row where one cannot be trained on.
    """
    for number, row in raw(path):
        messages = plain(row)
        if why := _preferences(row) or _row_fault(messages, row):
            raise InvalidInput(
                "this row cannot be trained on",
                where=f"{path}:{number}",
                why=why,
                fix=f"correct or remove it; all such rows: secarch dataset validate {path}",
            )
        yield {**kept(row), "messages": messages}


def _row_fault(messages: object, row: Mapping[str, Any]) -> str:
    """The fault of a row's messages, and which fields it has if none of them was known."""
    why = fault(messages)
    if not why or as_messages(row)[1] is not None:
        return why
    return f"{why}; it has {', '.join(map(str, list(row)[:8])) or 'no field at all'}"


def kept(row: Mapping[str, Any]) -> JsonDict:
    """The fields of a row that travel with its messages."""
    found = {name: row[name] for name in KEPT if row.get(name) is not None}
    if "license" in found:
        found.setdefault("licence", found.pop("license"))
    return found


def _preferences(row: Mapping[str, Any]) -> str:
    """That a row holds a preferred and a rejected answer, which another objective trains on."""
    if {"chosen", "rejected"} <= set(row) and not row.get("messages"):
        return "it has chosen and rejected answers: train on those with train.objective dpo"
    return ""


def raw(path: Path) -> Iterator[tuple[int, JsonDict]]:
    """(line or number, row) of a file, as it stands there. Raises InvalidInput."""
    if path.name.endswith(".parquet"):
        yield from enumerate(_table(path), 1)
    elif path.name.endswith(".arrow"):
        yield from enumerate(_stream(path), 1)
    elif path.suffix and not path.name.endswith(SUFFIXES):
        raise InvalidInput(
            f"files that end in {path.suffix} are not read",
            where=path,
            fix=_CONVERSIONS.get(path.suffix, f"convert it to one of {', '.join(SUFFIXES)}").format(
                path=shlex.quote(str(path)), stem=shlex.quote(str(path.with_suffix("")))
            ),
        )
    else:
        yield from _text(path)


_CONVERSIONS = {
    ".csv": "python -c 'import sys; from pyarrow import csv, parquet; "
    "parquet.write_table(csv.read_csv(sys.argv[1]), sys.argv[2])' {path} {stem}.parquet",
    ".gz": "gunzip -k {path}",
    ".zst": "unzstd {path}",
    ".xz": "unxz -k {path}",
    ".zip": "unzip {path}",
}
"""Suffix -> the command that makes a file of rows of another one."""

WRAPPERS = ("data", "train", "rows", "examples", "instances")
"""Fields under which a JSON object may keep its rows."""


def _text(path: Path) -> Iterator[tuple[int, JsonDict]]:
    """Rows of JSONL, gzipped or not, and of a JSON list or an object that holds one, whatever the
    file is called. A byte order mark and blank lines are skipped.
    """
    opened = gzip.open if path.name.endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8-sig") as handle:
            if path.name.endswith(".json") or _begins_a_list(handle):
                handle.seek(0)
                if (found := _document(handle.read())) is not None:
                    yield from _objects(enumerate(found, 1), path)
                    return
            handle.seek(0)
            yield from _objects(_lines(handle, path), path)
    except UnicodeError as error:
        raise InvalidInput(
            "this file is no UTF-8 text", where=path, why=error, fix="save it again as UTF-8"
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(
            "this file cannot be read",
            where=path,
            why=error,
            fix="look at its rights and name; a file that ends in .gz must be gzipped, and whole",
        ) from error


def _begins_a_list(handle: TextIO) -> bool:
    """Whether a list begins a file; white space before it does not matter."""
    first = next((line for line in iter(handle.readline, "") if line.strip()), "")
    return first.lstrip().startswith("[")


def _document(text: str) -> list[Any] | None:
    """The rows of one JSON document; None if it is none, as JSONL is not."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if isinstance(found, dict):
        inside = [found[name] for name in WRAPPERS if isinstance(found.get(name), list)]
        return list(inside[0]) if inside else [found]
    return found if isinstance(found, list) else [found]


def _lines(handle: TextIO, path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(handle, 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except ValueError as error:
            raise InvalidInput(
                "this line is not JSON",
                where=f"{path}:{number}",
                why="it is a pointer of Git LFS, not the file itself"
                if line.startswith(LFS)
                else error,
                fix=LFS_FIX if line.startswith(LFS) else _line_fix(line, path),
            ) from error


def _line_fix(line: str, path: Path) -> str:
    """What makes rows of a line that is not a JSON object."""
    whole = shlex.quote(str(path))
    if line.lstrip().startswith("{'"):
        return "it is Python's notation: write each row with json.dumps"
    if line.lstrip().startswith(("{", "[")):
        return f"correct it; where rows span lines or share one: jq -c . {whole} > rows.jsonl"
    return "correct or remove it: each line is a JSON object of its own"


def _objects(items: Iterable[tuple[int, Any]], path: Path) -> Iterator[tuple[int, JsonDict]]:
    for number, item in items:
        if not isinstance(item, dict):
            raise InvalidInput(
                "this row is not a JSON object",
                where=f"{path}:{number}",
                why=f"it is {'null' if item is None else type(item).__name__}",
                fix="correct or remove it: each row is an object with named fields",
            )
        yield number, item


def _table(path: Path) -> Iterator[JsonDict]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(1024):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise InvalidInput(
            "this file is no Parquet", where=path, why=error, fix=download_fix(path)
        ) from error


def _stream(path: Path) -> Iterator[JsonDict]:
    """A file of the library `datasets`: an Arrow stream."""
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
            for batch in reader:
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise InvalidInput(
            "this file is no Arrow stream", where=path, why=error, fix=download_fix(path)
        ) from error


def plain(row: Mapping[str, Any]) -> Any:
    """A row's messages with role and text alone; a system prompt that is beside them first."""
    _, found = as_messages(row)
    if not isinstance(found, list):
        return found
    messages = [_message(one) for one in found]
    if messages and _is_blank_system(messages[0]):
        messages = messages[1:]
    names = ("system", "system_prompt", "System", "system_message")
    system = next((row[name] for name in names if row.get(name)), None)
    begins = bool(messages) and isinstance(messages[0], dict)
    if isinstance(system, str) and begins and messages[0].get("role") != "system":
        messages.insert(0, {"role": "system", "content": system})
    return messages


def _is_blank_system(one: Any) -> bool:
    """Whether a message is a system prompt without a word, as if there were none."""
    return (
        isinstance(one, dict) and one["role"] == "system" and not str(one["content"] or "").strip()
    )


def _message(one: Any) -> Any:
    """Role and text of a message; what cannot be trained on has `refused`, which says why."""
    if not isinstance(one, dict):
        return one
    content = one.get("content")
    plain = {"role": role(one.get("role")), "content": content}
    if one.get("tool_calls") or one.get("function_call"):
        return {**plain, "refused": "an answer that calls a tool is not trained"}
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        return {**plain, **_joined(content)}
    unweighted = one.get("weight") == 0 or one.get("train") is False or one.get("loss") is False
    if unweighted and plain["role"] == "assistant":
        return {**plain, "refused": "an answer that is not to be trained (weight 0) is not masked"}
    return plain


def _joined(parts: list[Any]) -> JsonDict:
    """The text of a message's parts as its content, or why there is none."""
    if any(part.get("type") != "text" for part in parts):
        return {"refused": "only text is trained, no images, audio or video"}
    if not all(isinstance(part.get("text"), str) for part in parts):
        return {"refused": "a part of type text has no text"}
    return {"content": "".join(part["text"] for part in parts)}


def fault(messages: object) -> str:
    """Why messages cannot be trained on; empty if they can."""
    if not isinstance(messages, list) or len(messages) < 2:
        return (
            "messages must be a list of at least a question and an answer; or conversations, a "
            "prompt with completion, or an instruction with output"
        )
    found = next((why for message in messages if (why := _message_fault(message))), "")
    return found or _order_fault([message["role"] for message in messages])


_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
"""What no tokenizer takes as text."""


def _message_fault(message: object) -> str:
    if isinstance(message, dict) and message.get("refused"):
        return str(message["refused"])
    if not isinstance(message, dict) or not isinstance(message.get("content"), str):
        return "a message must have role and content, both text"
    if message.get("role") not in ROLES:
        return f"role must be one of {', '.join(ROLES)}, not {message.get('role')!r}"
    text = message["content"]
    if _UNWRITABLE.search(text):
        return f"the {message['role']} message holds NUL characters or lone surrogates"
    return "" if text.strip() else f"the {message['role']} message is empty"


def _order_fault(roles: list[str]) -> str:
    """Turns as `dataset validate` wants them, since most templates refuse others."""
    if roles[-1] != "assistant":
        return "the last message must be the assistant's"
    if "system" in roles[1:]:
        return "the system message must be the first"
    turns = roles[roles[0] == "system" :]
    if turns[0] != "user":
        return "a user message must come before the first answer"
    if turns != ["user", "assistant"] * (len(turns) // 2):
        return f"user and assistant must take turns, not {', '.join(roles)}"
    return ""
