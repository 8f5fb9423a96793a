"""From a dataset to rows of tokens: which dataset, is it whole, and what happens to rows that are
too long.

No torch: a dry run counts exactly what a run would train on. Nothing is ever cut silently.
"""

from __future__ import annotations

import contextlib
import gc
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from secarch.artifact import MANIFEST, newest, open_artifact
from secarch.errors import InvalidInput, Mismatch, MissingInput
from secarch.files import sha256_file
from secarch.models import foreign
from secarch.models.chat_template import Chat
from secarch.models.prompt import SYSTEM, Message
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session

SPLITS = ("train", "validation")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows of a dataset's train and validation splits as they are in its files."""

    path: Path
    digest: str
    train: list[JsonDict]
    validation: list[JsonDict]
    parents: tuple[str, ...] = ()
    """Digests of this dataset and of those that are mixed into it."""

    def systems(self) -> dict[str, int]:
        """Training rows with our system prompt, with another one and with none."""
        first = [row["messages"][0] for row in self.train]
        kinds = Counter(
            "none"
            if message["role"] != "system"
            else "own"
            if message["content"] == SYSTEM
            else "other"
            for message in first
        )
        return dict(sorted(kinds.items()))

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
    """Tokens up to where the last answer begins, as the model will be asked; -1 where those are no
    prefix of `ids`.
    """

    fault: str = ""
    """Which text of the conversation the chat template lost or changed; empty if none."""

    @property
    def trained(self) -> int:
        """Tokens that the loss sees."""
        return self.mask.count(True)


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
        """Tokens of the longest row, 0 if there is none."""
        return max((len(row.ids) for row in self.rows), default=0)


def open_dataset(path: Path | None, session: Session) -> Dataset:
    """The dataset in `path`, else the newest of the workspace.

    A path is an artifact, or a file or folder of training rows as others keep them
    (`foreign.rows`). Raises MissingInput (none there, or no training row), InvalidInput with file
    and line (a row that cannot be trained on), TamperedArtifact, and Mismatch where an artifact's
    system prompt is not the one that eval will use.
    """
    place = path or newest(session.datasets, "dataset")
    if (place / MANIFEST).exists():
        artifact = open_artifact(place, "dataset")
        digest = artifact.digest
        known = {entry.path for entry in artifact.manifest.files}
        files = {name: [place / f"{name}.jsonl"] for name in SPLITS if f"{name}.jsonl" in known}
        found = {name: list(_own(paths[0])) for name, paths in files.items()}
    else:
        files = foreign.files(place)
        digest = sha256_of(
            {name: [sha256_file(path) for path in paths] for name, paths in files.items()}
        )
        found = {
            name: [row for path in paths for row in foreign.rows(path)]
            for name, paths in files.items()
        }
    if not found.get("train"):
        own = (place / MANIFEST).exists()
        raise MissingInput(
            "this dataset has no training rows",
            where=place,
            fix="look at its report for what was rejected and why, then harvest more or lower "
            "dedupe.min_words"
            if own
            else "name a file or folder that has some with --dataset",
        )
    return Dataset(place, digest, found["train"], found.get("validation", []), (digest,))


def _own(path: Path) -> Iterator[JsonDict]:
    """The rows of an artifact: their system prompt must be ours."""
    for number, row in enumerate(foreign.rows(path), 1):
        first = row["messages"][0]
        if (first["content"] if first["role"] == "system" else None) != SYSTEM:
            raise Mismatch(
                "this dataset was made with another system prompt",
                where=f"{path}:{number}",
                why="training and evaluation must put the same words before a question",
                fix="secarch dedupe --fresh",
            )
        yield row


BATCH = 512
"""Conversations that are rendered and tokenised at a time."""


def tokenise(
    examples: Sequence[JsonDict],
    chat: Chat,
    *,
    max_length: int,
    over_length: Literal["split", "drop", "raise"],
) -> Rows:
    """Rows of at most `max_length` tokens, longer ones dealt with as `over_length` says and
    counted.

    Raises InvalidInput with the counts if it says `raise`.
    """
    named = [
        (
            str(example.get("id") or n),
            [{"role": m["role"], "content": _opened(m)} for m in example["messages"]],
        )
        for n, example in enumerate(examples)
    ]
    with _uncollected():
        whole = list(_encoded(named, chat))
    long = [n for n, row in enumerate(whole) if len(row.ids) > max_length]
    if long and over_length == "raise":
        raise InvalidInput(
            f"{len(long)} of {len(examples)} rows are longer than {max_length} tokens",
            why="train.over_length is raise",
            fix="raise train.max_length, or set train.over_length to split or drop",
        )
    batches = (
        [long[start : start + BATCH] for start in range(0, len(long), BATCH)]
        if over_length == "split"
        else []
    )
    split = [
        found for batch in batches for found in _pieces([named[n] for n in batch], chat, max_length)
    ]
    pieces = dict(zip(long, split or [[] for _ in long], strict=True))
    return Rows(
        rows=[row for n, one in enumerate(whole) for row in pieces.get(n, [one])],
        over_length=len(long),
        pieces=sum(map(len, split)),
        dropped=sum(not found for found in pieces.values()),
    )


_BLANK = re.compile(r"(?:[^\S\n]*\n)+")


def _opened(message: Message) -> str:
    """A message's text; an answer without blank lines at its front, which tokenizers join to the
    line before it, so that it would be learnt after another prompt than it is asked with.
    """
    text = message["content"]
    blank = _BLANK.match(text) if message["role"] == "assistant" else None
    return text[blank.end() :] if blank else text


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without searches for garbage, which take a sixth of the time: nothing here is cyclic. What
    was made counts as old afterwards, so that the next search does not walk through every row.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if enabled:
            gc.enable()


def _encoded(named: Sequence[tuple[str, Sequence[Message]]], chat: Chat) -> Iterator[Row]:
    """A row for each (name, conversation), whatever its length."""
    for start in range(0, len(named), BATCH):
        batch = named[start : start + BATCH]
        try:
            asked = chat.asked([messages[:-1] for _, messages in batch])
            whole = chat.encode_all([messages for _, messages in batch], asked)
        except InvalidInput as error:
            raise _of_row(error, batch, chat) from error
        for (name, _), found in zip(batch, whole, strict=True):
            yield Row(name, found.ids, found.mask, found.prompt, found.fault)


def _of_row(
    error: InvalidInput, batch: Sequence[tuple[str, Sequence[Message]]], chat: Chat
) -> InvalidInput:
    """The error with the name of the first row that causes it."""
    for name, messages in batch:
        try:
            chat.asked([messages[:-1]])
            chat.encode(messages)
        except InvalidInput as found:
            return InvalidInput(
                str(found.what), where=f"row {name}; {found.where}", why=found.why, fix=found.fix
            )
    return error


def _pieces(
    long: Sequence[tuple[str, Sequence[Message]]], chat: Chat, limit: int
) -> list[list[Row]]:
    """For each (name, conversation), rows with its question and consecutive parts of its answer.

    Empty where the question alone leaves no room. All of them are tokenised together.
    """
    answers = [chat.disarm(messages[-1]["content"]) for _, messages in long]
    cuts: list[list[tuple[str, Sequence[Message]]]] = []
    asked = chat.encode_all([_with(messages, ".") for _, messages in long])
    for (name, messages), answer, starts, short in zip(
        long, answers, chat.token_starts(answers), asked, strict=True
    ):
        room = limit - len(short.ids)
        parts = _cut(answer, starts, room) if room >= SMALLEST else []
        cuts.append([(f"{name}#{n}", _with(messages, part)) for n, part in enumerate(parts, 1)])
    rows = _encoded([named for cut in cuts for named in cut], chat)
    return [
        [row for named in cut for row in _fitted(next(rows), named[1], chat, limit)] for cut in cuts
    ]


SMALLEST = 16
"""Tokens of an answer that are worth a row."""


def _with(messages: Sequence[Message], answer: str) -> list[Message]:
    return [*messages[:-1], {**messages[-1], "content": answer}]


def _fitted(row: Row, messages: Sequence[Message], chat: Chat, limit: int) -> Iterator[Row]:
    """The row itself; or, where its tokens merge differently than in the whole and it is too long,
    its halves.
    """
    if len(row.ids) <= limit:
        yield row
        return
    text = messages[-1]["content"]
    (starts,) = chat.token_starts([text])
    parts = [_with(messages, part) for part in _cut(text, starts, (len(starts) + 1) // 2)]
    for half, part in zip(
        _encoded([(f"{row.id}.{n}", part) for n, part in enumerate(parts, 1)], chat),
        parts,
        strict=True,
    ):
        yield from _fitted(half, part, chat, limit)


_SEAMS = (r"(?<=\n)\n+", r"(?<=\n)", r"(?<=[.!?]) +", r"(?<=\s)")
"""Where text may be cut, best first: paragraphs, lines, sentences, words."""


def _cut(text: str, starts: Sequence[int], budget: int) -> list[str]:
    """Consecutive parts of `text` of at most `budget` tokens each, as few as a greedy fill gives.

    `starts` says where its tokens begin, so that no part is tokenised to be measured.
    """

    def count(a: int, z: int) -> int:
        return bisect_left(starts, z) - bisect_left(starts, a)

    def spans(a: int, z: int, seam: int) -> Iterator[tuple[int, int]]:
        if count(a, z) <= budget or z - a < 2:
            yield a, z
            return
        if seam == len(_SEAMS):
            middle = (a + z) // 2
            yield from (*spans(a, middle, seam), *spans(middle, z, seam))
            return
        held = a
        for start, end in _between(text, a, z, _SEAMS[seam]):
            if count(held, end) <= budget:
                continue
            if held < start:
                yield held, start
            held = start
            if count(start, end) > budget:
                yield from spans(start, end, seam + 1)
                held = end
        if held < z:
            yield held, z

    found = (text[a:z].strip() for a, z in spans(0, len(text), 0))
    return [part for part in found if part]


def _between(text: str, a: int, z: int, pattern: str) -> Iterator[tuple[int, int]]:
    """The spans of text[a:z] between matches, each with what separates it from the next: they cover
    it.
    """
    start = a
    for match in re.compile(pattern).finditer(text, a, z):
        if match.end() > start:
            yield start, match.end()
            start = match.end()
    if start < z:
        yield start, z
