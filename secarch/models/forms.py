"""The forms in which other programs keep training rows, as messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from secarch.schema import JsonDict

_SPEAKERS = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "system": "system",
}


def as_messages(row: Mapping[str, Any]) -> tuple[str, Any]:
    """(form, messages) of a row in any known form; messages are as they stand where the form is
    `messages`.

    Forms: `messages` (OpenAI, TRL, axolotl), `conversations` (ShareGPT), `prompt` and `completion`
    (TRL), `instruction`, `input` and `output` (Alpaca). An unknown row has the form `messages` and
    what it holds there.
    """
    if "messages" not in row and isinstance(row.get("conversations"), list):
        return "conversations", [_turn(turn) for turn in row["conversations"]]
    if "messages" not in row and "prompt" in row and "completion" in row:
        return "prompt", _pair(row["prompt"], row["completion"])
    if "messages" not in row and "instruction" in row and "output" in row:
        asked = row["instruction"]
        if isinstance(row.get("input"), str) and row["input"] and isinstance(asked, str):
            asked = f"{asked}\n{row['input']}"
        return "instruction", _pair(asked, row["output"])
    return "messages", row.get("messages")


def _turn(turn: Any) -> Any:
    if not isinstance(turn, dict):
        return turn
    return {
        "role": _SPEAKERS.get(str(turn.get("from")), turn.get("from")),
        "content": turn.get("value"),
    }


def _pair(asked: Any, answer: Any) -> list[JsonDict]:
    """Two messages; TRL also takes lists of messages on either side."""
    if isinstance(asked, list) and isinstance(answer, list):
        return [*asked, *answer]
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
