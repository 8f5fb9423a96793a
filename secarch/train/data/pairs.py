"""Preference rows: a prompt with a chosen and a rejected answer, as messages and as tokens.

Rows have `prompt`, `chosen` and `rejected`, each text or a list of messages; or `chosen` and
`rejected` alone, as two conversations with the same beginning (TRL's implicit prompt).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from secarch.artifact import MANIFEST
from secarch.errors import InvalidInput, MissingInput
from secarch.files import sha256_file
from secarch.models import foreign
from secarch.models.chat_template import Chat
from secarch.models.forms import ASIDE, LISTS, QUESTIONS, SIDES, role
from secarch.models.row_files import raw
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session
from secarch.train.data import rows as one_sided
from secarch.train.data.rows import Dataset, Rows

PLACE = Path("reviews", "pairs.jsonl")
"""Where `secarch review --pairs` puts them in the workspace."""
CHOSEN, REJECTED = "+", "-"
"""Behind a pair's id, the names of its sides."""


def open_dataset(path: Path | None, session: Session) -> Dataset:
    """The pairs of a file or folder, else those of the workspace's reviews.

    Each row is `{id, messages, rejected}`: the conversation with the chosen answer, and the text of
    the rejected one. Raises MissingInput, and InvalidInput with file and row.
    """
    place = path or session.workspace / PLACE
    if not place.exists() or (place / MANIFEST).exists():
        raise MissingInput(
            "there are no preference pairs" if place.exists() else "there is no such file of pairs",
            where=place,
            why="train.objective dpo learns from rows with prompt, chosen and rejected",
            fix="name a file of them with --dataset, or make one: secarch review --pairs",
        )
    files = foreign.files(place)
    digest = sha256_of(
        {name: [sha256_file(path) for path in paths] for name, paths in files.items()}
    )
    found = {name: [row for path in paths for row in _pairs(path)] for name, paths in files.items()}
    if not found.get("train"):
        raise MissingInput("there is no pair in it", where=place, fix="name another with --dataset")
    return Dataset(place, digest, found["train"], found.get("validation", []), (digest,))


def _pairs(path: Path) -> Iterator[JsonDict]:
    for number, found in raw(path):
        row = _named(found)
        sides = [foreign.plain(_side(row, name)) for name in ("chosen", "rejected")]
        if why := _fault(row, sides):
            raise InvalidInput(
                "this pair cannot be trained on",
                where=f"{path}:{number}",
                why=why,
                fix="correct or remove it; a pair has prompt, chosen and rejected",
            )
        chosen, rejected = sides
        said = rejected[-1]["content"]
        yield {**foreign.kept(row), "messages": chosen, "rejected": said}


def _named(row: Mapping[str, Any]) -> JsonDict:
    """A row with its answers under the names that ours have; OpenAI's prompt lies in `input`."""
    found = dict(row)
    for chosen, rejected in SIDES:
        if {chosen, rejected} <= set(found):
            found |= {"chosen": found.pop(chosen), "rejected": found.pop(rejected)}
            break
    if isinstance(found.get("input"), dict):
        found["prompt"] = found.pop("input").get("messages")
    return found


_SPOKEN = re.compile(r"\n\n(Human|Assistant): ?")


def _talk(text: Any) -> Any:
    """The messages of a transcript (Anthropic's preference sets keep such); else what it is."""
    if not isinstance(text, str) or not text.startswith("\n\nHuman:"):
        return text
    _, *parts = _SPOKEN.split(text)
    return [
        {"role": role(who), "content": said}
        for who, said in zip(parts[::2], parts[1::2], strict=True)
    ]


def _side(row: Mapping[str, Any], name: str) -> JsonDict:
    """A row with one of its answers, in a form that other rows have."""
    rest = {key: row[key] for key in foreign.SYSTEMS if row.get(key)}
    asked = {key: row[key] for key in (*QUESTIONS, *ASIDE, "history") if row.get(key)}
    turns = next((row[key] for key in LISTS if isinstance(row.get(key), list)), None)
    answer = _talk(row.get(name))
    if isinstance(answer, dict):
        answer = [answer]
    if _is_whole(answer, turns, asked.get("prompt")):
        return {**rest, "messages": answer}
    if turns:
        said = [{"role": "assistant", "content": answer}] if isinstance(answer, str) else answer
        return {**rest, "conversations": [*turns, *(said or [])]}
    if not asked:
        return {**rest, "messages": answer}
    if isinstance(asked.get("prompt"), list) and isinstance(answer, str):
        answer = [{"role": "assistant", "content": answer}]
    if isinstance(asked.get("prompt"), str) and isinstance(answer, list):
        asked["prompt"] = [{"role": "user", "content": asked["prompt"]}]
    return {**rest, **asked, "completion": answer}


def _is_whole(answer: Any, turns: list[Any] | None, prompt: Any) -> bool:
    """Whether an answer is the conversation from its beginning, which other fields have again
    (UltraFeedback keeps it as `prompt` and `messages`).
    """
    asked = turns or _talk(prompt)
    if isinstance(asked, str):
        asked = [{"role": "user", "content": asked}]
    if not (isinstance(answer, list) and isinstance(asked, list)):
        return False
    found, begun = (foreign.plain({"messages": messages}) for messages in (answer, asked))
    first = _first_asked(found)
    return len(found) > 1 and first != "" and first == _first_asked(begun)


def _first_asked(messages: Any) -> str:
    """The first words of the one who asks, "" if there are none."""
    said = (m.get("content") for m in messages if isinstance(m, dict) and m.get("role") == "user")
    return str(next(said, "") or "").strip()


def _fault(row: Mapping[str, Any], sides: Sequence[Any]) -> str:
    """Why a pair cannot be trained on; empty if it can."""
    if missing := [name for name in ("chosen", "rejected") if not row.get(name)]:
        return f"it has no {' and no '.join(missing)} answer: a pair is prompt, chosen and rejected"
    for name, messages in zip(("chosen", "rejected"), sides, strict=True):
        if why := foreign.fault(messages):
            return f"{name}: {why}"
    chosen, rejected = sides
    if chosen[:-1] != rejected[:-1]:
        return "its sides answer different prompts"
    if chosen[-1]["content"].strip() == rejected[-1]["content"].strip():
        return "chosen and rejected are the same, so that there is nothing to prefer"
    return ""


def tokenise(
    examples: Sequence[JsonDict],
    chat: Chat,
    *,
    max_length: int,
    over_length: Literal["split", "drop", "raise"],
) -> Rows:
    """The sides of every pair by turns, chosen first.

    A pair of which a side has more than `max_length` tokens is left out and counted (as `drop` and
    `split`), or refused with the counts (InvalidInput is raised).
    """
    sided = [
        {"id": f"{row.get('id') or n}{mark}", "messages": [*row["messages"][:-1], answer]}
        for n, row in enumerate(examples)
        for mark, answer in (
            (CHOSEN, row["messages"][-1]),
            (REJECTED, {"role": "assistant", "content": row["rejected"]}),
        )
    ]
    whole = one_sided.tokenise(sided, chat, max_length=sys.maxsize, over_length="raise").rows
    pairs = list(zip(whole[::2], whole[1::2], strict=True))
    fitting = [pair for pair in pairs if max(len(side.ids) for side in pair) <= max_length]
    long = len(pairs) - len(fitting)
    if long and over_length == "raise":
        raise InvalidInput(
            f"{long} of {len(pairs)} pairs have a side longer than {max_length} tokens",
            why="train.over_length is raise",
            fix="raise train.max_length, or set train.over_length to drop",
        )
    return Rows([side for pair in fitting for side in pair], over_length=long, dropped=long)
