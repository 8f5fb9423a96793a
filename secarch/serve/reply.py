"""Answers in the form that OpenAI's clients read; nothing here knows a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from secarch.danger.safety import Danger
from secarch.schema import JsonDict


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every part of one answer says of itself."""

    id: str
    created: int
    """Seconds since 1970."""
    model: str
    fingerprint: str
    """`secarch-` and the first 12 digits of the version's digest."""

    def _base(self, kind: str) -> JsonDict:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.fingerprint,
        }

    def whole(self, text: str, finish: str, usage: JsonDict) -> JsonDict:
        """A complete answer."""
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text, "refusal": None},
            "logprobs": None,
            "finish_reason": finish,
        }
        return {**self._base("chat.completion"), "choices": [choice], "usage": usage}

    def chunk(self, delta: JsonDict, finish: str | None = None) -> JsonDict:
        """A part of a stream."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**self._base("chat.completion.chunk"), "choices": [choice]}

    def usage_chunk(self, usage: JsonDict) -> JsonDict:
        """The part after the last, with `stream_options.include_usage`."""
        return {**self._base("chat.completion.chunk"), "choices": [], "usage": usage}


def usage(prompt: int, made: int) -> JsonDict:
    """Token counts; the token that ends an answer is not part of it."""
    return {"prompt_tokens": prompt, "completion_tokens": made, "total_tokens": prompt + made}


def event(data: JsonDict) -> bytes:
    """One server-sent event."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode("utf-8", "replace")


DONE = b"data: [DONE]\n\n"


def safety(found: Sequence[Danger]) -> str:
    """Value of the header X-Secarch-Safety: rules, or none."""
    return ",".join(sorted({danger.rule for danger in found})) or "none"
