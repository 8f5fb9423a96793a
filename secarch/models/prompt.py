"""What a model is asked with: the system prompt, and a question with its files as messages.

The dataset is made, the model trained and the suite asked with these words; `chat_template` turns
them into tokens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

SYSTEM = (
    "You are a senior cloud security architect. Answer precisely, name the controls and settings "
    "that matter, prefer least privilege and defence in depth, and say what you do not know."
)
Message = dict[str, str]


def question_messages(question: str, files: Mapping[str, str] | None = None) -> list[Message]:
    """System and user message of a question; files follow it, each in a fence longer than any
    inside it.
    """
    parts = [question, files_text(files or {})]
    asked = "\n\n".join(part for part in parts if part)
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": asked}]


def next_messages(messages: Sequence[Message], answer: str, message: str) -> list[Message]:
    """The conversation with the model's answer and what the person writes after it.

    An empty answer is put as "(no answer)": some templates and servers refuse an empty turn.
    """
    said = {"role": "assistant", "content": answer.strip() or "(no answer)"}
    return [*messages, said, {"role": "user", "content": message}]


def files_text(files: Mapping[str, str]) -> str:
    """The files as they are in a prompt; empty if there are none."""
    return "\n\n".join(_fenced(name, text) for name, text in files.items())


def asked_text(question: str, files: Mapping[str, str], further: Sequence[str] = ()) -> str:
    """All that a person asks, for people to read: question, files, and further messages."""
    return "\n\n".join(part for part in (question, files_text(files), *further) if part)


def _fenced(name: str, text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"File: {name}\n{fence}\n{text.rstrip()}\n{fence}"
