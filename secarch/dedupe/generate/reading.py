"""What a model's reply holds, however it was dressed: no reasoning, its JSON, its score."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from secarch.schema import JsonDict

LONGEST = 200_000
"""Characters of a reply that are read."""
_TAGS = r"(?:think|thinking|thought|reasoning|analysis|scratchpad|reflection)"
MOST_TRIES = 30
"""Opening brackets at which JSON is looked for, so that a row of nothing else costs no time."""
_REASONING = re.compile(
    rf"<({_TAGS})\b[^>]*>.*?</\1>|"
    r"<\|channel\|>analysis<\|message\|>.*?(?:<\|end\|>|<\|return\|>)|"
    r"\[THINK\].*?\[/THINK\]",
    re.DOTALL | re.IGNORECASE,
)
_UNOPENED = re.compile(rf".*</{_TAGS}>", re.DOTALL | re.IGNORECASE)
_UNCLOSED = re.compile(rf"^\s*<{_TAGS}>.*", re.DOTALL | re.IGNORECASE)
_CONTROL = re.compile(r"<\|[^|<>]{1,40}\|>")


def without_reasoning(said: str) -> str:
    """The reply without its thinking, whichever tags it is in; '' if that never ends."""
    said = _UNOPENED.sub("", _REASONING.sub("", said[:LONGEST]))
    return _CONTROL.sub("", _UNCLOSED.sub("", said)).strip()


def json_in(said: str) -> Any:
    """The last whole JSON object or list of a reply that is not within another; None without one.

    Fences and talk around it are skipped, and a comma before a closing bracket, a Python literal
    and typographic quotes around keys are forgiven.
    """
    said = without_reasoning(said)
    best: Any = None
    at = tries = 0
    while (at := _opening(said, at)) >= 0 and tries < MOST_TRIES:
        tries += 1
        found, end = _decoded(said, at)
        if end:
            if isinstance(found, dict | list) and found:
                best = found
            at = end
        else:
            at += 1
    return best


def _opening(said: str, at: int) -> int:
    places = [place for mark in "[{" if (place := said.find(mark, at)) >= 0]
    return min(places, default=-1)


_DECODER = json.JSONDecoder(strict=False)
_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"'})
_COMMA = re.compile(r",(?=\s*[\]}])")


def _decoded(said: str, at: int) -> tuple[Any, int]:
    """The value that begins at `at` and where it ends; end 0 if none does."""
    try:
        return _DECODER.raw_decode(said, at)
    except (ValueError, RecursionError):
        pass
    end = _closing(said, at)
    if not end:
        return None, 0
    fixed = _COMMA.sub("", said[at:end]).translate(_QUOTES)
    fixed = re.sub(r"\bTrue\b", "true", re.sub(r"\bFalse\b", "false", fixed))
    try:
        return _DECODER.raw_decode(fixed)[0], end
    except (ValueError, RecursionError):
        return None, 0


def _closing(said: str, at: int) -> int:
    """Where the bracket at `at` is closed, 0 if it is not; strings are skipped."""
    depth, quoted, escaped = 0, False, False
    for n in range(at, min(len(said), at + 20_000)):
        mark = said[n]
        if quoted:
            escaped, quoted = mark == "\\" and not escaped, mark != '"' or escaped
        elif mark == '"':
            quoted = True
        elif mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
            if not depth:
                return n + 1
    return 0


def rows_in(said: str, name: str) -> list[JsonDict]:
    """The objects of the list `name` in a reply, or of a bare list, or one bare object."""
    found = json_in(said)
    if isinstance(found, dict):
        listed = next(
            (found[key] for key in (name, "pairs", "items", "data") if key in found), None
        )
        found = listed if isinstance(listed, list) else [found]
    return [row for row in found or [] if isinstance(row, dict)]


def text_of(row: JsonDict, *names: str) -> str:
    """The first of the fields that is a text; '' if none is. No NUL, no half surrogates."""
    for name in names:
        if isinstance(value := row.get(name), str) and value.strip():
            return value.encode("utf-8", "replace").decode().replace("\x00", "").strip()
    return ""


def pairs_in(said: str) -> Iterator[tuple[str, str]]:
    """The question and answer pairs of a reply; nothing if there are none."""
    for row in rows_in(said, "pairs"):
        asked, answer = text_of(row, "question", "instruction"), text_of(row, "answer", "response")
        if asked and answer:
            yield asked, answer


_SCALE = re.compile(
    r"(?:scale|range|score|rate\w*|from|between)?\s*(?:of|from)?\s*"
    r"\b1\s*(?:to|-|\u2013|and|\.\.|through)\s*5\b|"
    r"(?<=\d)\s*(?:/|out of|of)\s*5\b",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:score|rating|grade|verdict|final|answer|result)\b[\"'*\s:=is]{1,12}([1-5])(?![\d.]*\d)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"(?<![\d.,#])([1-5])(?:\.0)?(?![\d,]|\.\d|\))")


def score_in(said: str) -> int | None:
    """The score of 1 to 5 that a judge gave; None if it gave none.

    JSON's `score` counts, else the last labelled digit, else the last digit; a scale that is
    mentioned ("1 to 5", "4/5") is not a score.
    """
    found = json_in(said)
    if isinstance(found, dict) and isinstance(found.get("score"), int | float | str):
        said = str(found["score"])
    text = _SCALE.sub(" ", without_reasoning(said))
    digits = _LABELLED.findall(text) or _DIGIT.findall(text)
    return int(digits[-1]) if digits else None
