"""What a server's message holds: the answer, the reasoning that it gives apart, a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from secarch.records import Finish

_APART = frozenset({"thinking", "reasoning", "reasoning_text", "reasoning.text", "thought"})
"""Types of parts that are reasoning, whatever field their text is in."""
_TEXTS = ("text", "thinking", "reasoning", "content", "refusal", "summary", "value")
"""Fields of a part that its text may be in."""

_ENDS: dict[Finish, str] = {
    "stop": "stop eos eos_token end_turn end_of_turn stop_sequence stop_token complete completed",
    "length": "length max_tokens model_length max_length token_limit max_output_tokens",
    "content_filter": "content_filter content_filtered safety image_safety recitation blocklist"
    " prohibited_content spii guardrail_intervened blocked",
    "refusal": "refusal",
    "abort": "abort aborted cancel canceled cancelled interrupted",
    "error": "error",
}
FINISH = {name: finish for finish, names in _ENDS.items() for name in names.split()}
"""What servers call the end of an answer; anything else is `unknown`."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a reply, read."""

    text: str
    reasoning: str
    refused: bool
    empty: bool
    """Whether the server gave nothing at all, which is not the same as an empty answer."""


def read(message: dict[str, Any]) -> Message:
    """The parts of a message: its content is a string, null, or a list of typed parts.

    Raises TypeError if the content is something else.
    """
    content = message.get("content")
    if not (content is None or isinstance(content, str | list)):
        raise TypeError("the reply's content is no text")
    parts = content if isinstance(content, list) else []
    text = content if isinstance(content, str) else "".join(_said(parts))
    refused = any(_type(part) == "refusal" for part in parts) or bool(message.get("refusal"))
    apart = [
        *(message.get(name) for name in ("reasoning_content", "reasoning", "thinking")),
        *(part for part in parts if _type(part) in _APART),
        message.get("reasoning_details"),
        message.get("thinking_blocks"),
    ]
    told = (flat for one in apart if (flat := "".join(_flat(one)).strip()))
    reasoning = next(told, "") if not parts else "\n\n".join(told)
    empty = content is None and not reasoning and not refused
    return Message(text=text, reasoning=reasoning, refused=refused, empty=empty)


def _said(parts: list[Any]) -> Iterator[str]:
    for part in parts:
        if _type(part) not in _APART and _type(part) != "refusal":
            yield from _flat(part)


def _type(part: Any) -> str:
    return str(part.get("type", "")) if isinstance(part, dict) else ""


def _flat(value: Any) -> Iterator[str]:
    """The texts in a string, a part, or a list of either."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _flat(next((value[name] for name in _TEXTS if value.get(name)), None))
    elif isinstance(value, list):
        for one in value:
            yield from _flat(one)


def thought(usage: Any) -> bool:
    """Whether the server counts tokens of reasoning that it does not show."""
    details = usage.get("completion_tokens_details") if isinstance(usage, dict) else None
    tokens = details.get("reasoning_tokens") if isinstance(details, dict) else None
    return isinstance(tokens, int) and tokens > 0
