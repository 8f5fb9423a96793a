"""Sample answers of a run's page: what base and adapter say to the same prompts."""

from __future__ import annotations

from collections.abc import Sequence
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


def taken(model: Model, rows: Sequence[Row]) -> list[JsonDict]:
    """Prompt, the row's own answer, and greedy answers with the adapter off and on."""
    prompts = [row.ids[: row.prompt] for row in rows]
    with model.without_adapter():
        before = model.generate(prompts, TOKENS)
    after = model.generate(prompts, TOKENS)
    decode = model.chat.decode
    return [
        {
            "prompt": decode(row.ids[: row.prompt]).strip(),
            "row": decode(row.ids[row.prompt :]).strip(),
            "before": decode(a.ids).strip(),
            "after": decode(b.ids).strip(),
        }
        for row, a, b in zip(rows, before, after, strict=True)
    ]
