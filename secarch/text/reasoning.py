"""Tell a model's reasoning from its answer, by the markers of the families of chat templates."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

_STRONG = "think(?:ing)?"
"""Names of tags that mark nothing but reasoning, closed or not."""
_TAGS = (
    rf"(?:\w{{1,20}}_)?{_STRONG}(?:_\w{{1,20}})?|thoughts?|reasoning|reason|analysis|scratch_?pad|reflection|cot|chain_of_thought"
    r"|(?:inner|internal|hidden)_(?:thoughts?|reasoning|monologue)"
    r"|(?:thought|reasoning)_(?:process|content)"
)
_SQUARE = "THINK|THINKING|THOUGHTS?|REASONING"
_MESSAGE = r"\b[^<]{0,60}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>"
_OPEN = re.compile(
    rf"(?P<weak><\s?(?:\w+:)?(?!{_STRONG}[\s>])(?:{_TAGS})(?:\s[^<>]{{0,80}})?>"
    rf"|\[(?:BEGIN[ _])?(?!THINK\])(?:{_SQUARE})\])"
    rf"|<\s?(?:\w+:)?{_STRONG}(?:\s[^<>]{{0,80}})?>|\[THINK\]|\u25c1think\u25b7"
    rf"|<\|(?:begin_of_thought|START_THINKING|inner_prefix|(?:{_TAGS})(?:_start)?)\|>"
    rf"|<\|channel\|>\s*(?:analysis|commentary){_MESSAGE}"
    r"|<\|channel>\s*(?:thought|analysis)\b|<unused94>(?:thought\b)?",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    rf"<\s?/\s?(?:\w+:)?(?:{_TAGS})\s?>|\[(?:/|END[ _])(?:{_SQUARE})\]|\u25c1/think\u25b7"
    r"|<\|end\|>|(?=<\|channel\|>)"
    rf"|<\|(?:end_of_thought|END_THINKING|inner_suffix|/(?:{_TAGS})|(?:{_TAGS})_end)\|>"
    r"|<channel\|>|<unused95>",
    re.IGNORECASE,
)
_FINAL = re.compile(
    rf"<\|start\|>\s*assistant|<\|channel\|>\s*final{_MESSAGE}|<\|(?:return|end"
    r"|eot_id|im_end|endoftext|end_of_text)\|>|<end_of_turn>|</s>\s*\Z"
    r"|<\|(?:begin_of_solution|end_of_solution|START_RESPONSE|END_RESPONSE)\|>"
    r"|</?(?:answer|output|response)>",
    re.IGNORECASE,
)
_LONE = re.compile(
    rf"<\s?/\s?(?:\w+:)?(?:{_TAGS})\s?>|\[/(?:{_SQUARE})\]|\u25c1/think\u25b7"
    r"|<\|END_THINKING\|>|<channel\|>|<unused95>",
    re.IGNORECASE,
)
_THINKING = re.compile(
    r"<\|(?:START|END)_(?:RESPONSE|THINKING)\|>|<\|channel>|<\|\w+_of_thought\|>"
)
_CHANNELS = frozenset(
    {"<|channel|>", "<|message|>", "<|start|>", "<|end|>", "<|constrain|>", "<|return|>"}
)
_TAG = re.compile(rf"<(?:\w+:)?(?:{_TAGS})>", re.IGNORECASE)
_MOST_NESTED = 20
"""Tags within tags that are followed."""
_BACKTICKS = re.compile(
    r"^(?P<fence>[ \t]{0,3}(?:```|~~~))[^\n`]{0,60}$|`[^`\n]{1,200}`", re.MULTILINE
)
_HEADLESS = re.compile(
    r"(?P<thought>.+?)<\|end\|>\s*<\|start\|>\s*assistant\s*"
    rf"(?=<\|channel\|>\s*final{_MESSAGE})",
    re.IGNORECASE | re.DOTALL,
)
"""Reasoning whose opening marker the template wrote."""

_IN_WORDS = re.compile(
    r"\A\W{0,4}here(?: is|'s) my (?:thought process|thinking(?: process)?|reasoning)\b\W{0,4}"
    r"(?P<thought>.*?)\W{0,4}\bhere(?: is|'s) my (?:final )?(?:response|answer)\b\W{0,4}",
    re.IGNORECASE | re.DOTALL,
)
"""Sentences that some models (Granite 3) put before their thoughts and before their answer."""
_BARE_CHANNELS = re.compile(
    r"\A\s*(?:assistant)?analysis(?P<thought>\S.*?|\s.*?)assistant\s?final(?:\s?json)?(?=[\W\dA-Z]):?\s*"
    r"|\A\s*(?:assistant)?analysis(?P<cut>[A-Z]\w*'?\w* .*)\Z",
    re.DOTALL,
)
"""Harmony's channels where a server has dropped the special tokens and kept their words."""
_FOLDED = re.compile(
    r"\A\s*<details(?:[^<>]{0,80}\btype=[\"']?reasoning[^<>]{0,80}>(?:\s*<summary>[^<]{0,80}</summary>)?"
    r"|>\s*<summary>\W*(?:think|thought|reason)[^<]{0,80}</summary>)"
    r"(?P<thought>.*?)</details>"
    r"|\A\s*```[ ]?(?:think|thinking|thoughts?|reasoning)\n(?P<fenced>.*?)\n```[ ]*(?:\n|\Z)"
    r"|\A\s*thinking\.\.\.\n(?P<shown>.*?)\n\.\.\.\s?done thinking\.",
    re.DOTALL | re.IGNORECASE,
)
"""A block that front ends fold the reasoning into, or fence, or put between two lines."""


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
    if (found := _BARE_CHANNELS.match(text)) or (found := _FOLDED.match(text)):
        said = found.groupdict()
        thought = next(filter(None, said.values()), "").strip()
        return Parts(text[found.end() :].strip(), thought, unfinished=bool(said.get("cut")))
    code = _code(text)
    opened = _told(_OPEN, text, code)
    lone = _told(_LONE, text, code)
    thoughts: list[str] = []
    if lone and (opened is None or lone.start() < opened.start()):
        thoughts.append(text[: lone.start()])
        text = text[lone.end() :]
    elif opened is None and (headless := _HEADLESS.match(text)):
        thoughts.append(headless["thought"])
        text = text[headless.end() :]
    code = _code(text) if thoughts else code
    kept: list[str] = []
    at = 0
    last = max((close.start() for close in _CLOSE.finditer(text)), default=-1)
    while found := _told(_OPEN, text, code, at):
        unclosed = bool(found["weak"]) and found.end() > last
        if unclosed and (any(map(str.strip, kept)) or text[at : found.start()].strip()):
            kept.append(text[at : found.end()])
            at = found.end()
            continue
        kept.append(text[at : found.start()])
        close = _close(text, found.end())
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


def markers(tokens: Iterable[str]) -> frozenset[str]:
    """Those of a tokenizer's special tokens that tell reasoning from the answer."""
    tokens = frozenset(tokens)
    channels = _CHANNELS & tokens if "<|channel|>" in tokens else frozenset()
    marks = (_OPEN, _LONE, _THINKING)
    return channels | {one for one in tokens if any(mark.fullmatch(one) for mark in marks)}


def _told(
    pattern: re.Pattern[str], text: str, code: list[tuple[int, int]], at: int = 0
) -> re.Match[str] | None:
    """The first marker that is one, and no quotation of one in code."""
    for marker in pattern.finditer(text, at):
        n = bisect_right(code, (marker.start(), len(text))) - 1
        if n < 0 or marker.start() >= code[n][1]:
            return marker
    return None


def _code(text: str) -> list[tuple[int, int]]:
    """Where code stands, in a line or in a fence, with other text around it."""
    spans: list[tuple[int, int]] = []
    fence = -1
    for mark in _BACKTICKS.finditer(text):
        if not mark["fence"]:
            spans += [mark.span()] if fence < 0 else []
        elif fence < 0:
            fence = mark.start()
        else:
            spans.append((fence, mark.end()))
            fence = -1
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())
    return [(start, end) for start, end in spans if first < start or end < last]


def _close(text: str, at: int) -> re.Match[str] | None:
    """The end of the reasoning: of the outermost tag, where tags stand within it."""
    first = close = _CLOSE.search(text, at)
    within = 0
    for _ in range(_MOST_NESTED):
        if close is None:
            break
        within += sum(1 for _ in _TAG.finditer(text, at, close.start()))
        if not within:
            return close
        within -= 1
        at = max(close.end(), close.start() + 1)
        close = _CLOSE.search(text, at)
    return first


def _joined(thoughts: list[str]) -> str:
    return "\n\n".join(part.strip() for part in thoughts if part.strip())
