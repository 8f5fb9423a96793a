"""Sample answers of a run's page: what base and adapter say to the same prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from secarch.schema import JsonDict
from secarch.train.data.rows import Row

if TYPE_CHECKING:
    from secarch.models.local import Model

TOKENS = 64
"""Tokens of an answer at most."""


def picked(rows: Sequence[Row], count: int) -> list[Row]:
    """The first `count` rows by id of those whose prompt is known."""
    return sorted((row for row in rows if row.prompt > 0), key=lambda row: row.id)[:count]


def questions(rows: Sequence[JsonDict]) -> dict[str, str]:
    """What is asked in each row, by id: the messages before the last without the system's, which is
    the same for all; turns are named where there are several.
    """
    found = {}
    for row in rows:
        if not row.get("id") or not row.get("messages"):
            continue
        asked = [turn for turn in row["messages"][:-1] if turn["role"] != "system"]
        turns = [f"{turn['role']}: {turn['content']}" for turn in asked]
        found[str(row["id"])] = asked[0]["content"] if len(asked) == 1 else "\n\n".join(turns)
    return found


def taken(model: Model, rows: Sequence[Row], asked: Mapping[str, str]) -> list[JsonDict]:
    """Prompt, the row's own answer, and greedy answers with the adapter off and on.

    `asked` are the rows' questions by id; of a row that is not among them the whole prompt is told.
    """
    prompts = [row.ids[: row.prompt] for row in rows]
    with model.without_adapter():
        before = model.generate(prompts, TOKENS)
    after = model.generate(prompts, TOKENS)
    decode = model.chat.decode
    return [
        {
            "prompt": asked.get(row.id) or decode(row.ids[: row.prompt]).strip(),
            "row": decode(row.ids[row.prompt :]).strip(),
            "before": decode(a.ids).strip(),
            "after": decode(b.ids).strip(),
        }
        for row, a, b in zip(rows, before, after, strict=True)
    ]
