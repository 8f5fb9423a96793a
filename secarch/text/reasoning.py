"""Tell a model's reasoning from its answer, by the markers of the families of chat templates."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAGS = "think|thinking|thought|thoughts|reasoning|reason|analysis|scratchpad|reflection"
_OPEN = re.compile(
    rf"<(?:\w+:)?(?:{_TAGS})(?:\s[^<>]{{0,80}})?>|\[THINK\]|\u25c1think\u25b7"
    rf"|<\|(?:begin_of_thought|START_THINKING|inner_prefix|(?:{_TAGS})(?:_start)?)\|>"
    r"|<\|channel\|>\s*(?:analysis|commentary)\b[^<]{0,60}<\|message\|>"
    r"|<\|channel>\s*(?:thought|analysis)\b|<unused94>(?:thought\b)?",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    rf"</(?:\w+:)?(?:{_TAGS})>|\[/THINK\]|\u25c1/think\u25b7|<\|end\|>|(?=<\|channel\|>)"
    rf"|<\|(?:end_of_thought|END_THINKING|inner_suffix|/(?:{_TAGS})|(?:{_TAGS})_end)\|>"
    r"|<channel\|>|<unused95>",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"<\|start\|>\s*assistant|<\|channel\|>\s*final\b[^<]{0,60}<\|message\|>|<\|(?:return|end"
    r"|eot_id)\|>"
    r"|<\|(?:begin_of_solution|end_of_solution|START_RESPONSE|END_RESPONSE)\|>|</?answer>",
    re.IGNORECASE,
)
_LONE = re.compile(
    rf"</(?:\w+:)?(?:{_TAGS})>|\[/THINK\]|\u25c1/think\u25b7|<\|END_THINKING\|>|<channel\|>"
    r"|<unused95>",
    re.IGNORECASE,
)

_IN_WORDS = re.compile(
    r"\A\W{0,4}here(?: is|'s) my (?:thought process|thinking(?: process)?|reasoning)\b\W{0,4}"
    r"(?P<thought>.*?)\W{0,4}\bhere(?: is|'s) my (?:final )?(?:response|answer)\b\W{0,4}",
    re.IGNORECASE | re.DOTALL,
)
"""Sentences that some models (Granite 3) put before their thoughts and before their answer."""


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
    if worded := _IN_WORDS.match(text):
        return Parts(text[worded.end() :].strip(), worded["thought"].strip(), unfinished=False)
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
