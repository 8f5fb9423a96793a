"""Plain dangerous advice in prose: "make the bucket public", "disable TLS verification".

The patterns are data (prose.yaml). Whether the answer advises what one of them finds is decided by
`secarch.danger.context`: a warning, a denial, a condition, a quotation or somebody else's deed is
not advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from secarch.danger.context import clauses, instructed
from secarch.text.polarity.plain import plain
from secarch.text.polarity.stance import Reading
from secarch.text.polarity.windows import Window

_NAME = re.compile(r"<([a-z_]+)>")
_GERUND = re.compile(
    r"\b(recommend|suggest|advise|propose|consider|try|by)((?: simply| just)?) (\w[\w-]*?)ing\b"
)
_SILENT_E = frozenset(
    """mak disabl giv us expos leav stor shar remov enabl hard-cod hardcod ignor delet bak sav plac
    writ configur""".split()  # noqa: SIM905 - a word list reads better as words
)
_DOUBLED = re.compile(r"([tnpmd])\1$")


@cache
def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(kind of danger, pattern) of every row."""
    data = yaml.safe_load((Path(__file__).parent / "prose.yaml").read_text(encoding="utf-8"))
    words = {name: "".join(pieces) for name, pieces in data["words"].items()}
    return tuple((row["kind"], _compiled(row["pattern"], words)) for row in data["advice"])


def _compiled(pieces: Sequence[str], words: Mapping[str, Any]) -> re.Pattern[str]:
    text = "".join(pieces)
    while (filled := _NAME.sub(lambda match: words[match[1]], text)) != text:
        text = filled
    return re.compile(rf"(?<![\w-]){text}")


def _imperative(match: re.Match[str]) -> str:
    """`recommend disabling` as `recommend to disable`."""
    stem = match[3]
    verb = f"{stem}e" if stem in _SILENT_E else _DOUBLED.sub(r"\1", stem)
    return f"{match[1]}{match[2]} to {verb}"


def mentions(text: str) -> bool:
    """Whether a text has the words of a danger, whatever it makes of them: a cheap first look."""
    flat = _GERUND.sub(_imperative, plain(text))
    return any(pattern.search(flat) for _, pattern in patterns())


def advice(reading: Reading) -> Iterator[tuple[str, str]]:
    """(kind of danger, the sentence) of everything dangerous that an answer's prose advises."""
    for window in reading.windows:
        if not window.code:
            yield from _advised(reading, window)


def _advised(reading: Reading, window: Window) -> Iterator[tuple[str, str]]:
    for clause in clauses(window.text):
        at = max(0, window.joined.find(clause, len(window.joined) - len(window.text)))
        sentence = _GERUND.sub(_imperative, clause)
        for kind, pattern in patterns():
            match = pattern.search(sentence)
            if match is None or not instructed(sentence, match.start(), match.end()):
                continue
            span = at + match.start(), at + min(match.end(), len(clause))
            if reading.advice(window, *span, pattern.pattern).advised:
                yield kind, clause
