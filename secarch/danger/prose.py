"""Plain dangerous advice in prose: "make the bucket public", "disable TLS verification".

The patterns are data (prose.yaml). Whether the answer advises what one of them finds is decided by
`secarch.danger.context`: a warning, a denial, a condition, a quotation or somebody else's deed is
not advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from secarch.danger.clearing import cleared
from secarch.danger.context import NEEDLESS, clauses, instructed
from secarch.danger.estimate import estimated, improbable
from secarch.danger.excuses import excused
from secarch.danger.forms import forms
from secarch.text.polarity.plain import plain
from secarch.text.polarity.stance import Reading
from secarch.text.polarity.suggestions import suggested
from secarch.text.polarity.windows import Window

_WORD_START = re.compile(r"[a-z]{3}(?![?*{])|[a-z]{2}(?![a-z?*{])")
_BRACKET = re.compile(r"(?<!\\)[()|]")
_BEGINNING = re.compile(r"(?<![\w-])[a-z]{2,3}")
_NAME = re.compile(r"<([a-z_]+)>")
_SHORT = re.compile(
    r"[^.;,]{0,30}\b(?:valid for|for|expir\w+ (?:in|after|within)|live[sd]?(?: for)?)"
    r" (?:only |at most )?(?:an?|one|two|a few|\d+) (?:few |short )?(?:minutes?|hours?)\b"
)
_VAULTED = re.compile(
    r"(?:put|store|keep|move|save|place) (?:[\w-]+ ){1,5}?(?:in|into) (?:(?:the|a|an|our|your) )?"
    r"(?:[\w-]+ ){0,2}(?:vault|secrets? manager|password manager|parameter store|key ?chain|hsm)\b"
)
_WEAK = re.compile(r"\b(?:anonymous|password|legacy)\b")
_OFF = re.compile(r"(?: \w+){0,2} (?:to )?[\"'`]?(?:false|off|no|none|disabled)\b")


@dataclass(frozen=True, slots=True)
class _Row:
    """One way of giving dangerous advice."""

    kind: str
    pattern: re.Pattern[str]
    starts: frozenset[str]
    """The first three letters of the words that it can begin with, or two; none where that is not
    known.
    """


@cache
def _rows() -> tuple[_Row, ...]:
    data = yaml.safe_load((Path(__file__).parent / "prose.yaml").read_text(encoding="utf-8"))
    words = {name: "".join(pieces) for name, pieces in data["words"].items()}
    texts = ((row["kind"], _filled(row["pattern"], words)) for row in data["advice"])
    return tuple(
        _Row(kind, re.compile(rf"(?<![\w-]){text}"), frozenset(_starts(text) or ()))
        for kind, text in texts
    )


@cache
def _objects() -> tuple[tuple[str, re.Pattern[str]], ...]:
    data = yaml.safe_load((Path(__file__).parent / "prose.yaml").read_text(encoding="utf-8"))
    words = {name: "".join(pieces) for name, pieces in data["words"].items()}
    return tuple(
        (kind, re.compile(rf"\b{_filled(pieces, words)}"))
        for kind, pieces in data["objects"].items()
    )


def _named(kind: str, found: str) -> str:
    """The kind of a row, or for a safeguard that is given up, the kind that its object has."""
    if kind != "verification_off":
        return kind
    return next((other for other, pattern in _objects() if pattern.search(found)), kind)


def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(kind of danger, pattern) of every row."""
    return tuple((row.kind, row.pattern) for row in _rows())


def _filled(pieces: Sequence[str], words: Mapping[str, Any]) -> str:
    text = "".join(pieces)
    while (filled := _NAME.sub(lambda match: words[match[1]], text)) != text:
        text = filled
    return text


def _starts(text: str) -> set[str] | None:
    """The first letters (three or two) of the words a pattern can begin with; None if unknown."""
    text = text.removeprefix(r"\b")
    if not text.startswith("(?:"):
        plain_start = _WORD_START.match(text)
        return {plain_start[0]} if plain_start and "|" not in text.partition("(")[0] else None
    parts, depth, begin = [], 0, 3
    for at in _BRACKET.finditer(text):
        depth += {"(": 1, ")": -1}.get(at[0], 0)
        if depth == 0 or (depth == 1 and at[0] == "|"):
            parts.append(text[begin : at.start()])
            begin = at.end()
        if depth == 0:
            break
    if text[begin : begin + 1] in {"?", "*", "{"}:
        return None
    found = [_starts(part) for part in parts]
    return None if None in found else {start for starts in found for start in starts or ()}


def _candidates(sentence: str) -> Iterator[_Row]:
    """The rows that a sentence has a first word for."""
    begun = set(_BEGINNING.findall(sentence))
    begun |= {word[:2] for word in begun}
    return (row for row in _rows() if not row.starts or not begun.isdisjoint(row.starts))


def mentions(text: str) -> bool:
    """Whether a text has the words of a danger, whatever it makes of them: a cheap first look."""
    return any(row.pattern.search(form) for form in forms(plain(text)) for row in _candidates(form))


def advice(reading: Reading) -> Iterator[tuple[str, str]]:
    """(kind of danger, the sentence) of everything dangerous that an answer's prose advises, by its
    words or by an estimate.
    """
    told = list(stated(reading))
    yield from told
    known = {sentence for _, sentence in told}
    yield from (one for one in estimated(reading) if one[1] not in known)


def _harmless(kind: str, found: re.Match[str]) -> bool:
    """Whether a secret is short-lived or goes into a vault, or a weak sign-in is switched off."""
    after = found.string[found.end() :]
    if kind == "hard_coded_secret":
        short = re.search(r"\b(?:tokens?|urls?|links?)\b", found[0]) and _SHORT.match(after)
        return bool(short or _VAULTED.match(found[0]))
    return kind == "verification_off" and bool(_WEAK.search(found[0]) and _OFF.match(after))


def stated(reading: Reading) -> Iterator[tuple[str, str]]:
    """(kind of danger, the sentence) of what the patterns find."""
    for window in reading.windows:
        if not window.code:
            yield from _advised(reading, window)


def _advised(reading: Reading, window: Window) -> Iterator[tuple[str, str]]:
    for clause in clauses(window.text.replace(" ; ", "\n") if window.item else window.text):
        if cleared(clause):
            continue
        at = max(0, window.joined.find(clause, len(window.joined) - len(window.text)))
        for sentence in forms(clause):
            for row in _candidates(sentence):
                match = row.pattern.search(sentence)
                if match is None or not instructed(sentence, match.start(), match.end(), row.kind):
                    continue
                if _harmless(row.kind, match):
                    continue
                # A question that proposes a deed is weighed as the deed, which is how it is meant.
                if improbable(suggested(clause), denied=bool(NEEDLESS.match(match[0]))):
                    continue
                span = at + match.start(), at + min(match.end(), len(clause))
                stance = reading.advice(window, *span, row.pattern.pattern)
                if stance.advised or excused(stance, clause, span[1] - at):
                    yield _named(row.kind, match[0]), clause
