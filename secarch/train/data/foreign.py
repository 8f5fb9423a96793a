"""Training rows as other people keep them: a file or folder in, rows with `messages` out.

Read are JSONL (also gzipped), a JSON list, Parquet, a folder with such files for each split, and a
folder that the library `datasets` saved. A row may be messages, ShareGPT conversations, a prompt
with its completion, or Alpaca's instruction, input and output. Whatever cannot be trained on is
refused with file and row.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from secarch.artifact import read_jsonl
from secarch.errors import InvalidInput, MissingInput
from secarch.models.forms import as_messages
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

    Raises MissingInput where there is none.
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
        raise MissingInput(
            "there is no dataset here",
            where=place,
            why=f"no train.jsonl, and no other file that ends in {', '.join(SUFFIXES)}",
            fix="secarch dedupe, or name a file or folder of training rows with --dataset",
        )
    return {split: paths for split, paths in found.items() if paths}


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
    for number, row in enumerate(_raw(path), 1):
        messages = _plain(row)
        if why := fault(messages):
            raise InvalidInput(
                "this row cannot be trained on",
                where=f"{path}:{number}",
                why=why,
                fix=f"mend or remove it; all such rows: secarch dataset validate {path.parent}",
            )
        kept = {name: row[name] for name in KEPT if row.get(name) is not None}
        if "license" in kept:
            kept.setdefault("licence", kept.pop("license"))
        yield {**kept, "messages": messages}


def _raw(path: Path) -> Iterator[JsonDict]:
    if path.name.endswith(".parquet"):
        yield from _table(path)
    elif path.name.endswith(".arrow"):
        yield from _stream(path)
    elif path.name.endswith(".json"):
        yield from _list(path)
    elif path.name.endswith(".gz"):
        yield from _gzipped(path)
    else:
        yield from read_jsonl(path)


def _list(path: Path) -> Iterator[JsonDict]:
    """A JSON list of rows; what is no list is read line by line, as some call JSONL so too."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        yield from read_jsonl(path)
        return
    items = found if isinstance(found, list) else [found]
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise InvalidInput("this row is no JSON object", where=f"{path}:{number}")
        yield item


def _gzipped(path: Path) -> Iterator[JsonDict]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as handle:
            for number, line in enumerate(handle, 1):
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise InvalidInput("this row is no JSON object", where=f"{path}:{number}")
                yield row
    except (OSError, EOFError, ValueError) as error:
        raise InvalidInput("this file cannot be read", where=path, why=error) from error


def _table(path: Path) -> Iterator[JsonDict]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(1024):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise InvalidInput("this file is no Parquet", where=path, why=error) from error


def _stream(path: Path) -> Iterator[JsonDict]:
    """A file of the library `datasets`: an Arrow stream."""
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
            for batch in reader:
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise InvalidInput("this file is no Arrow stream", where=path, why=error) from error


def _plain(row: Mapping[str, Any]) -> Any:
    """A row's messages with role and text alone; a system prompt that stands beside them first."""
    _, found = as_messages(row)
    if not isinstance(found, list):
        return found
    messages = [_message(one) for one in found]
    system = row.get("system") or row.get("system_prompt")
    begins = bool(messages) and isinstance(messages[0], dict)
    if isinstance(system, str) and begins and messages[0].get("role") != "system":
        messages.insert(0, {"role": "system", "content": system})
    return messages


def _message(one: Any) -> Any:
    if not isinstance(one, dict):
        return one
    content = one.get("content")
    if isinstance(content, list) and all(
        isinstance(part, dict) and part.get("type") == "text" for part in content
    ):
        content = "".join(str(part.get("text", "")) for part in content)
    if one.get("tool_calls"):
        content = None  # an answer that calls a tool is none that we teach
    return {"role": one.get("role"), "content": content}


def fault(messages: object) -> str:
    """Why messages cannot be trained on; empty where they can."""
    if not isinstance(messages, list) or len(messages) < 2:
        return (
            "messages must be a list of at least a question and an answer; or conversations, a "
            "prompt with completion, or an instruction with output"
        )
    found = next((why for message in messages if (why := _message_fault(message))), "")
    return found or _order_fault([message["role"] for message in messages])


def _message_fault(message: object) -> str:
    if not isinstance(message, dict) or not isinstance(message.get("content"), str):
        return "a message must have role and content, both text"
    if message.get("role") not in ROLES:
        return f"role must be one of {', '.join(ROLES)}, not {message.get('role')!r}"
    return "" if message["content"].strip() else f"the {message['role']} message is empty"


def _order_fault(roles: list[str]) -> str:
    if roles[-1] != "assistant":
        return "the last message must be the assistant's"
    if "system" in roles[1:]:
        return "the system message must be the first"
    return "" if "user" in roles[:2] else "a user message must come before the first answer"
