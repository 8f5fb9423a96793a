"""From a dataset to rows of tokens: which dataset, is it whole, and what happens to rows that are too long.

No torch: a dry run counts exactly what a run would train on. Nothing is ever cut silently.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from secarch.artifact import MANIFEST, newest, open_artifact, read_jsonl, sha256_file
from secarch.errors import InvalidInput, Mismatch, MissingInput
from secarch.prompt import SYSTEM, Chat, Message
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session

ROLES = ("system", "user", "assistant")
SPLITS = ("train", "validation")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows of a dataset's train and validation splits as they lie in its files."""

    path: Path
    digest: str
    train: list[JsonDict]
    validation: list[JsonDict]

    def licences(self) -> dict[str, int]:
        """Training rows by licence, most frequent first; '' where unknown."""
        return dict(Counter(str(row.get("licence", "")) for row in self.train).most_common())


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in tokens; `mask` marks the trained ones."""

    id: str
    ids: list[int]
    mask: list[bool]
    prompt: int
    """Tokens up to where the last answer begins, as the model will be asked; -1 where those are no prefix of `ids`."""

    @property
    def trained(self) -> int:
        """Tokens that the loss sees."""
        return sum(self.mask)


@dataclass(slots=True)
class Rows:
    """Tokenised rows and what became of the others."""

    rows: list[Row] = field(default_factory=list)
    over_length: int = 0
    """Rows longer than max_length."""
    pieces: int = 0
    """Rows made by splitting those."""
    dropped: int = 0
    """Rows left out since they, or their question alone, were too long."""

    @property
    def tokens(self) -> int:
        """Tokens of all rows."""
        return sum(len(row.ids) for row in self.rows)

    @property
    def trained(self) -> int:
        """Trained tokens of all rows."""
        return sum(row.trained for row in self.rows)

    @property
    def longest(self) -> int:
        """Tokens of the longest row, 0 where there is none."""
        return max((len(row.ids) for row in self.rows), default=0)


def open_dataset(path: Path | None, session: Session) -> Dataset:
    """The dataset in `path` (an artifact, or a folder with train.jsonl), else the newest of the workspace.

    Raises MissingInput (none there, or no training row), InvalidInput with file and line (a row
    without messages, wrong roles, an empty answer), TamperedArtifact, and Mismatch where a row's
    system prompt is not the one that eval will use.
    """
    folder = path or newest(session.datasets, "dataset")
    if (folder / MANIFEST).exists():
        artifact = open_artifact(folder, "dataset")
        digest = artifact.digest
        files = {name: folder / f"{name}.jsonl" for name in SPLITS if _has(artifact.manifest.files, f"{name}.jsonl")}
    else:
        files = {name: folder / f"{name}.jsonl" for name in SPLITS if (folder / f"{name}.jsonl").is_file()}
        digest = sha256_of({name: sha256_file(file) for name, file in files.items()})
    if "train" not in files:
        raise MissingInput("there is no dataset here", where=folder, why="no train.jsonl", fix="secarch dedupe")
    found = {name: list(_checked(file)) for name, file in files.items()}
    if not found["train"]:
        raise MissingInput(
            "this dataset has no training rows", where=folder,
            fix="look at its report for what was rejected and why, then harvest more or lower dedupe.min_words",
        )  # fmt: skip
    return Dataset(folder, digest, found["train"], found.get("validation", []))


def _has(files: Sequence[object], name: str) -> bool:
    return any(getattr(entry, "path", None) == name for entry in files)


def _checked(path: Path) -> Iterator[JsonDict]:
    for number, row in enumerate(read_jsonl(path), 1):
        if why := _fault(row.get("messages")):
            raise InvalidInput(
                "this row cannot be trained on",
                where=f"{path}:{number}",
                why=why,
                fix=f"secarch dataset validate {path.parent}",
            )
        system = row["messages"][0]["content"] if row["messages"][0]["role"] == "system" else None
        if system != SYSTEM:
            raise Mismatch(
                "this dataset was made with another system prompt", where=f"{path}:{number}",
                why="training and evaluation must put the same words before a question", fix="secarch dedupe --fresh",
            )  # fmt: skip
        yield row


def _fault(messages: object) -> str:
    if not isinstance(messages, list) or len(messages) < 2:
        return "messages must be a list of at least a question and an answer"
    for message in messages:
        if not isinstance(message, dict) or not isinstance(message.get("content"), str):
            return "a message must have role and content, both text"
        if message.get("role") not in ROLES:
            return f"role must be one of {', '.join(ROLES)}, not {message.get('role')!r}"
        if not message["content"].strip():
            return f"the {message['role']} message is empty"
    if messages[-1]["role"] != "assistant":
        return "the last message must be the assistant's"
    return ""


def tokenise(
    examples: Sequence[JsonDict], chat: Chat, *, max_length: int, over_length: Literal["split", "drop", "raise"]
) -> Rows:
    """Rows of at most `max_length` tokens, longer ones dealt with as `over_length` says and counted.

    Raises InvalidInput with the counts where it says `raise`.
    """
    out = Rows()
    for n, example in enumerate(examples):
        name = str(example.get("id") or n)
        messages = [{"role": m["role"], "content": m["content"]} for m in example["messages"]]
        row = _row(name, messages, chat)
        if len(row.ids) <= max_length:
            out.rows.append(row)
            continue
        out.over_length += 1
        pieces = list(_pieces(name, messages, chat, max_length)) if over_length == "split" else []
        out.rows += pieces
        out.pieces += len(pieces)
        out.dropped += not pieces
    if out.over_length and over_length == "raise":
        raise InvalidInput(
            f"{out.over_length} of {len(examples)} rows are longer than {max_length} tokens",
            why="train.over_length is raise", fix="raise train.max_length, or set train.over_length to split or drop",
        )  # fmt: skip
    return out


def _row(name: str, messages: Sequence[Message], chat: Chat) -> Row:
    encoded = chat.encode(messages)
    prompt = chat.prompt_ids(messages[:-1])
    return Row(name, encoded.ids, encoded.mask, len(prompt) if encoded.ids[: len(prompt)] == prompt else -1)


def _pieces(name: str, messages: Sequence[Message], chat: Chat, limit: int) -> Iterator[Row]:
    """Rows with the same question and consecutive parts of the answer, each a row of its own."""
    *before, answer = messages
    overhead = len(chat.encode([*before, {**answer, "content": "."}]).ids)
    if overhead + 16 > limit:
        return
    parts = _fitting(answer["content"].strip(), chat, limit - overhead)
    for n, text in enumerate(parts, 1):
        row = _row(f"{name}#{n}", [*before, {**answer, "content": text}], chat)
        if len(row.ids) <= limit:
            yield row
        else:  # tokens may merge differently at the seams: cut this part in two
            for m, half in enumerate(_fitting(text, chat, (limit - overhead) // 2), 1):
                yield _row(f"{name}#{n}.{m}", [*before, {**answer, "content": half}], chat)


_SEAMS = (r"(?<=\n)\n+", r"(?<=\n)", r"(?<=[.!?]) +", r"(?<=\s)")
"""Where text may be cut, best first: paragraphs, lines, sentences, words."""


def _fitting(text: str, chat: Chat, budget: int, seam: int = 0) -> list[str]:
    """Consecutive parts of `text` of at most `budget` tokens each, as few as a greedy fill gives."""
    if len(chat.plain_ids(text)) <= budget:
        return [text.strip()] if text.strip() else []
    if seam == len(_SEAMS):
        half = len(text) // 2
        return [*_fitting(text[:half], chat, budget, seam), *_fitting(text[half:], chat, budget, seam)]
    parts: list[str] = []
    held = ""
    for piece in _split_keeping(text, _SEAMS[seam]):
        if len(chat.plain_ids(held + piece)) <= budget:
            held += piece
            continue
        parts += [held.strip()] if held.strip() else []
        held = ""
        if len(chat.plain_ids(piece)) <= budget:
            held = piece
        else:
            parts += _fitting(piece, chat, budget, seam + 1)
    return [*parts, *([held.strip()] if held.strip() else [])]


def _split_keeping(text: str, pattern: str) -> Iterator[str]:
    """The pieces of `text` between matches, each with what separates it from the next: they join to `text`."""
    start = 0
    for match in re.finditer(pattern, text):
        if match.end() > start:
            yield text[start : match.end()]
            start = match.end()
    if start < len(text):
        yield text[start:]
