"""Training rows as other people keep them: a file or folder in, rows with `messages` out.

Read are JSONL (also gzipped), a JSON list or an object that holds one, Parquet, a folder with such
files for each split, and a folder that the library `datasets` saved. A row may be messages,
ShareGPT conversations, a prompt with its completion or response, Alpaca's instruction, input and
output, or question and answer. Whatever cannot be trained on is refused with file and row.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from secarch.errors import InvalidInput, MissingInput
from secarch.models.forms import SIDES, as_messages, parts_of, role
from secarch.models.row_files import SUFFIXES, raw
from secarch.schema import JsonDict

SPLITS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "eval"),
}
"""Our name of a split -> how others call it."""
ROLES = ("system", "user", "assistant")
KEPT = ("id", "document_id", "url", "licence", "license", "category", "kind")
"""Fields of a row that travel with it."""
NAMES = ("id", "document_id")
"""Those that name a row or where it is from; others number them."""


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
    for paths in found.values():
        _check_shards(paths)
    return {split: paths for split, paths in found.items() if paths}


_SHARD = re.compile(r"(.*-)(\d{5})-of-(\d{5})(\..+)")
"""How files of one table are numbered, from 0 on, by the hub and by the library `datasets`."""


def _check_shards(paths: Sequence[Path]) -> None:
    """Raise MissingInput where some files of a numbered set are not there: rows would be lost."""
    named = {(path.parent, path.name) for path in paths}
    for path in paths:
        if not (found := _SHARD.fullmatch(path.name)):
            continue
        for n in range(int(found[3])):
            other = f"{found[1]}{n:05}-of-{found[3]}{found[4]}"
            if (path.parent, other) not in named:
                raise MissingInput(
                    "a file of this dataset is missing",
                    where=path.parent / other,
                    why=f"{path.name} says that there are {int(found[3])}",
                    fix="download it again, whole; to train on one of them alone, name that file",
                )


_PROSE = (".md", ".html", ".rst", ".adoc", ".txt", ".pdf")
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
    elif not place.exists():
        why = "no file or folder has this name"
    elif place.is_dir() and any(path.suffix.lower() in _PROSE for path in place.rglob("*.*")):
        fix = f"secarch harvest {shlex.quote(str(place))}, then secarch dedupe (makes rows of it)"
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
        fault, fix = row_fault(row, messages, path)
        if fault:
            raise InvalidInput(
                "this row cannot be trained on", where=f"{path}:{number}", why=fault, fix=fix
            )
        yield {**kept(row), "messages": messages}


def row_fault(row: JsonDict, messages: Any, path: Path) -> tuple[str, str]:
    """Why a row cannot be trained on, and what to do; empty if it can."""
    if why := _preferences(row):
        return why, "train on it with --set train.objective=dpo, or name other rows"
    if why := _messages_fault(messages, row):
        validate = f"secarch dataset validate {shlex.quote(str(path))}"
        return why, f"correct or remove it; all such rows: {validate}"
    if offered := [name for name in TOOLS if row.get(name) not in EMPTY]:
        why = f"it has {offered[0]}, which the prompt that is trained would not show"
        return why, f"take {offered[0]} out where the answer needs none; leave out other such rows"
    if odd := [name for name in NAMES if isinstance(row.get(name), (dict, list, bool))]:
        return (
            f"{odd[0]} is neither text nor a number",
            f"name the row by text, or leave out {odd[0]}",
        )
    return _beside(row), "remove it, and all others like it"


def _messages_fault(messages: object, row: Mapping[str, Any]) -> str:
    """The fault of a row's messages, and which fields it has if none of them was known."""
    why = fault(messages)
    if not why or as_messages(row)[1] is not None:
        return why
    if isinstance(row.get("text"), str):
        return "it has one text, in which question and answer are not told apart: name them"
    return f"{why}; it has {', '.join(map(str, list(row)[:8])) or 'no field at all'}"


def _beside(row: Mapping[str, Any]) -> str:
    """Why a row's messages are not all of it; empty if they are."""
    if seen := [name for name in SEEN if row.get(name)]:
        return f"only text is trained, and it has {seen[0]}"
    if row.get("label") is False:
        return "its label says that this is no answer to learn from"
    return ""


TOOLS = ("tools", "functions")
"""Fields of what a model may call (OpenAI's messages)."""
EMPTY: tuple[Any, ...] = (None, "", [], {}, "[]", "{}", "null")
"""How rows say that they have none."""
SEEN = ("image", "images", "audio", "audios", "video", "videos")
"""Fields of what a model would have to see or hear."""


def kept(row: Mapping[str, Any]) -> JsonDict:
    """The fields of a row that travel with its messages."""
    found = {name: row[name] for name in KEPT if row.get(name) is not None}
    if "license" in found:
        found.setdefault("licence", found.pop("license"))
    return {**found, **{name: str(found[name]) for name in NAMES if name in found}}


def _preferences(row: Mapping[str, Any]) -> str:
    """That a row holds a preferred and a rejected answer, which another objective trains on."""
    if any(set(pair) <= set(row) for pair in SIDES) and not row.get("messages"):
        return "it has chosen and rejected answers: train on those with train.objective dpo"
    return ""


def plain(row: Mapping[str, Any]) -> Any:
    """A row's messages with role and text alone; a system prompt that is beside them first."""
    messages = row.get("messages")
    if not (messages and isinstance(messages, list) and all(map(_is_plain, messages))):
        _, found = as_messages(row)
        if not isinstance(found, list):
            return found
        messages = [_message(one) for one in found]
    if messages and _is_blank_system(messages[0]):
        messages = messages[1:]
    system = next((row[name] for name in SYSTEMS if row.get(name)), None)
    begins = bool(messages) and isinstance(messages[0], dict)
    if system is not None and begins and messages[0].get("role") != "system":
        first = _message({"role": "system", "content": parts_of(system)})
        messages = messages if _is_blank_system(first) else [first, *messages]
    return messages


def _is_plain(one: Any) -> bool:
    """Whether a message has role and text and nothing else, as most have."""
    return (
        isinstance(one, dict)
        and len(one) == len(("role", "content"))
        and one.get("role") in ROLES
        and isinstance(one.get("content"), str)
    )


SYSTEMS = (
    "system",
    "system_prompt",
    "System",
    "system_message",
    "systemInstruction",
    "system_instruction",
)
"""Fields of a system prompt that stands beside the messages."""


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
    """The text of a message's parts as its content, or why there is none; thoughts are left out."""
    kinds = [part.get("type", "text" if set(part) == {"text"} else "") for part in parts]
    if any("tool" in str(kind) or "function" in str(kind) for kind in kinds):
        return {"refused": "an answer that calls a tool is not trained, nor what a tool says"}
    parts = [part for part, kind in zip(parts, kinds, strict=True) if kind not in THOUGHTS]
    if not set(kinds) <= {*TEXTS, *THOUGHTS}:
        return {"refused": "only text is trained, no images, audio or video"}
    if not all(isinstance(part.get("text"), str) for part in parts):
        return {"refused": "a part of type text has no text"}
    return {"content": "".join(part["text"] for part in parts)}


TEXTS = ("text", "input_text", "output_text")
THOUGHTS = ("thinking", "redacted_thinking", "reasoning")
"""Types of a message's parts, as OpenAI and Anthropic name them."""


def fault(messages: object) -> str:
    """Why messages cannot be trained on; empty if they can."""
    if not isinstance(messages, list) or len(messages) < 2:
        return (
            "messages must be a list of at least a question and an answer; or conversations, a "
            "prompt with completion, a question with answer, or an instruction with output"
        )
    found = next((why for message in messages if (why := _message_fault(message))), "")
    return found or _order_fault([message["role"] for message in messages])


def _is_writable(text: str) -> bool:
    """Whether a tokenizer takes it as text: without NUL and lone surrogates."""
    if text.isascii():
        return "\x00" not in text
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


def _message_fault(message: object) -> str:
    if isinstance(message, dict) and message.get("refused"):
        return str(message["refused"])
    if not isinstance(message, dict) or not {"role", "content"} <= set(message):
        return "a message must have role and content, both text"
    for name in ("role", "content"):
        if not isinstance(message[name], str):
            found = message[name]
            kind = "null" if found is None else type(found).__name__
            return f"a message must have role and content, both text: its {name} is {kind}"
    if message.get("role") not in ROLES:
        return f"role must be one of {', '.join(ROLES)}, not {message.get('role')!r}"
    text = message["content"]
    if not _is_writable(text):
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
