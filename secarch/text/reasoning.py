"""Tell a model's reasoning from its answer, by the markers of the families of chat templates."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAGS = "think|thinking|thought|thoughts|reasoning|reason|analysis|scratchpad|reflection"
_OPEN = re.compile(
    rf"<(?:{_TAGS})>|\[THINK\]|<\|(?:begin_of_thought|START_THINKING|think)\|>|\u25c1think\u25b7"
    r"|<\|channel\|>\s*(?:analysis|commentary)\b[^<]{0,60}<\|message\|>|<seed:think>",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    rf"</(?:{_TAGS})>|\[/THINK\]|<\|(?:end_of_thought|END_THINKING|/think)\|>|\u25c1/think\u25b7"
    r"|<\|end\|>|</seed:think>|(?=<\|channel\|>)",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"<\|start\|>\s*assistant|<\|channel\|>\s*final\b[^<]{0,60}<\|message\|>|<\|(?:return|end"
    r"|eot_id)\|>"
    r"|<\|(?:begin_of_solution|end_of_solution|START_RESPONSE|END_RESPONSE)\|>|</?answer>",
    re.IGNORECASE,
)
_LONE = re.compile(rf"</(?:{_TAGS})>|\[/THINK\]|\u25c1/think\u25b7", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a model said, in two."""

    answer: str
    reasoning: str
    unfinished: bool
    """Whether the text ends within the reasoning, so that no answer was given."""


def split(text: str) -> Parts:
    """Cut the reasoning out of a model's text.

    A template may have opened the reasoning itself, so that only its end is in the text.
    """
    opened = _OPEN.search(text)
    lone = _LONE.search(text)
    thoughts: list[str] = []
    if lone and (opened is None or lone.start() < opened.start()):
        thoughts.append(text[: lone.start()])
        text = text[lone.end() :]
    kept: list[str] = []
    at = 0
    while found := _OPEN.search(text, at):
        kept.append(text[at : found.start()])
        close = _CLOSE.search(text, found.end())
        if close is None:
            thoughts.append(text[found.end() :])
            answer = _FINAL.sub("", "".join(kept)).strip()
            return Parts(answer, _joined(thoughts), unfinished=not answer)
        thoughts.append(text[found.end() : close.start()])
        at = close.end()
    answer = _FINAL.sub("", "".join([*kept, text[at:]])).strip() if thoughts else text
    if not thoughts and "<|channel|>" in text:
        answer = _FINAL.sub("", text).strip()
    return Parts(answer, _joined(thoughts), unfinished=False)


def _joined(thoughts: list[str]) -> str:
    return "\n\n".join(part.strip() for part in thoughts if part.strip())
