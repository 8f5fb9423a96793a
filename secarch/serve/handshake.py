"""The only proof that an engine runs the weights one thinks: it repeats recorded golden answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secarch import console
from secarch.errors import Mismatch
from secarch.models.chat_template import Chat
from secarch.serve.engines.protocol import Ask, Engine

TOKENS = 16
"""Tokens of each answer that are compared: later ones may part at a tie of two logits."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A prompt in ids and the ids that the exported model answered greedily."""

    name: str
    prompt: tuple[int, ...]
    answer: tuple[int, ...]


def recorded(export: Path) -> list[Golden]:
    """The golden answers of an export; none if it was made before they were kept."""
    for name, path in (("golden.json", ()), ("export.json", ("golden",))):
        try:
            data: Any = json.loads((export / name).read_text(encoding="utf-8"))
            for key in path:
                data = data[key]
            return [_golden(row) for row in data["answers"]]
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return []


def _golden(row: dict[str, Any]) -> Golden:
    prompt, answer = tuple(map(int, row["prompt_ids"])), tuple(map(int, row["ids"]))
    return Golden(str(row.get("question_id", "")), prompt, answer)


def named(engine: Engine) -> str:
    """An engine for people: its URL, and the version that it says."""
    facts = engine.describe()
    version = f" (version {facts['version']})" if facts.get("version") else ""
    return f"{facts.get('url', 'the embedded engine')}{version}"


async def shake(
    engine: Engine, chat: Chat, golden: Sequence[Golden], *, ref: str, least: float
) -> int:
    """How many golden answers the engine repeats.

    Raises Mismatch if they are fewer than `least` (a share, 0..1), or if it counts the prompt's
    tokens otherwise; EngineLost, EngineRefused.
    """
    if not golden:
        console.log().warning(
            "no golden answers",
            version=ref,
            why="the engine's weights are not proven",
            fix="export the run again, and register it",
        )
        return 0
    equal = await _compared(engine, chat, golden)
    parted = [one.name for one, repeats in zip(golden, equal, strict=True) if not repeats]
    same = len(golden) - len(parted)
    console.log().info("handshake", version=ref, same=same, of=len(golden))
    if same < least * len(golden):
        raise Mismatch(
            f"this engine does not answer as {ref} does",
            where=named(engine),
            why=f"{same} of {len(golden)} golden answers are the same, first other: {parted[0]}",
            fix="start the engine as `secarch serve REF --print-engine vllm` says",
        )
    return same


async def _compared(engine: Engine, chat: Chat, golden: Sequence[Golden]) -> list[bool]:
    """Whether each answer is repeated; asked at once if the engine's answers allow it."""
    if not engine.independent:
        return [await _repeats(engine, chat, one) for one in golden]
    tasks = [asyncio.create_task(_repeats(engine, chat, one)) for one in golden]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _repeats(engine: Engine, chat: Chat, one: Golden) -> bool:
    """Whether an answer begins as it was recorded.

    Compared is the text: engines give no ids in common.
    """
    wanted = chat.decode(one.answer[:TOKENS])
    length = min(TOKENS, len(one.answer)) or 1
    ask = Ask(ids=one.prompt, max_tokens=length)
    text, read = "", None
    async for piece in engine.generate(ask):
        text += piece.text
        read = piece.prompt_tokens if piece.prompt_tokens is not None else read
    if read is not None and read != len(one.prompt):
        raise Mismatch(
            "this engine does not take token ids as they are sent",
            where=named(engine),
            why=f"{len(one.prompt)} were sent for {one.name}, it counts {read}",
            fix="use an engine whose /v1/completions takes a list of token ids",
        )
    return text.strip() == wanted.strip()
