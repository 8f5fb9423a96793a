"""A draft of an example: a question that somebody would ask, and an answer composed of parts of
its source.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from secarch.dedupe.examples.outline import Part, table
from secarch.dedupe.examples.phrases import voiced
from secarch.text.finder import Finder
from secarch.text.words import count_runs

_WORD = re.compile(r"\w+")
_NUMBERED = re.compile(r"^(?:\d{1,3}|[a-z])[.)][ \t]+")
_UNAVAILABLE = Finder(
    r"\b(?:not|isn't|aren't) (?:supported|available|currently)\b[^.]{0,40}\bregions?\b",
    re.IGNORECASE,
)
_LEADS = re.compile(r":[\s*_`]*$")
_FIGURE = re.compile(
    r"^\W*(?:(?:the following|this) (?:image|diagram|figure|screenshot|illustration|"
    r"graphic|video)\b|diagram |screenshot |"
    r"image |figure \d|photo |icon )",
    re.IGNORECASE,
)
_SLOT = re.compile(r"\{(\w+)\}")
LISTED = ("item", "step", "code", "table")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One thing to learn before it was judged."""

    kind: str
    """Its family."""
    questions: tuple[tuple[str, str], ...]
    """Template and question, the preferred one first; each asks for the same answer."""
    answer: str
    spans: tuple[tuple[int, int], ...]
    """Offsets of the passages that the answer is composed of, in the document's text."""
    about: tuple[str, ...] = ()
    """Headings that tell the category."""


@lru_cache(maxsize=1)
def _wording() -> dict[str, tuple[str, ...]]:
    read: dict[str, Any] = yaml.safe_load(
        resources.files(__package__).joinpath("wording.yaml").read_text("utf-8")
    )
    return {name: tuple(templates) for name, templates in read.items()}


def ask(
    name: str, seed: str, slots: Mapping[str, str], most: int = 4
) -> tuple[tuple[str, str], ...]:
    """Up to `most` questions from the templates of `name`, in an order that the seed decides."""
    templates = _wording()[name]
    n = int.from_bytes(hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=4).digest()) % len(
        templates
    )
    ordered = [*templates[n:], *templates[:n]][:most]
    return tuple((template, _filled(template, slots)) for template in ordered)


def _filled(template: str, slots: Mapping[str, str]) -> str:
    text = _SLOT.sub(lambda slot: voiced(slot[1], slots[slot[1]], template), template)
    return text if text[0] in '`"' else text[0].upper() + text[1:]


# ---------------------------------------------------------------- answers

Block = tuple[str, Sequence[Part]]
"""A label ('' for none) and the parts below it."""


def compose(blocks: Iterable[Block], longest: int) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of labelled parts and the spans that it is made of; ('', ()) if nothing usable is
    left.

    Lead-ins without what they lead to, figures, and notes on regions are left out. Too long a text
    loses the last
    parts of its longest block, whole ones only.
    """
    kept = [(label, _usable(parts)) for label, parts in blocks]
    kept = [(label, parts) for label, parts in kept if parts]
    while kept and sum(part.words for _, parts in kept for part in parts) > longest:
        n = max(range(len(kept)), key=lambda i: sum(part.words for part in kept[i][1]))
        label, parts = kept[n]
        if len(parts) < 2:
            return "", ()
        shorter = _usable(parts[:-1])
        kept[n : n + 1] = [(label, shorter)] if shorter else []
    texts = [_block(label, parts) for label, parts in kept]
    spans = tuple(dict.fromkeys((part.start, part.end) for _, parts in kept for part in parts))
    return "\n\n".join(texts), spans


def _usable(parts: Sequence[Part]) -> list[Part]:
    out: list[Part] = []
    good = [
        part
        for part in parts
        if part.text and not _UNAVAILABLE.search(part.text) and not _FIGURE.match(part.text)
    ]
    for n, part in enumerate(good):
        follower = good[n + 1].kind if n + 1 < len(good) else ""
        dangling = part.kind != "code" and _LEADS.search(part.text) and follower not in LISTED
        if not dangling:
            out.append(part)
    while out and out[-1].kind != "code" and _LEADS.search(out[-1].text):
        out.pop()
    return out


def _block(label: str, parts: Sequence[Part]) -> str:
    text = join(parts)
    if not label:
        return text
    if parts[-1].kind in ("paragraph", "quote") and text[-1:].isalnum():
        text += "."
    return (
        f"**{label}.** {text}"
        if parts[0].kind in ("paragraph", "quote")
        else f"**{label}**\n\n{text}"
    )


def join(parts: Sequence[Part]) -> str:
    """Parts as one text: list items on lines of their own, steps numbered from 1, tables as lists
    where they are wide.
    """
    out: list[str] = []
    number = 0
    for n, part in enumerate(parts):
        text = part.text
        if part.kind == "step":
            number += 1
            text = f"{number}. {_NUMBERED.sub('', text, count=1)}"
        elif part.kind == "item":
            text = re.sub(r"^[-*+\u2022] ?", "- ", text)
        elif part.kind in ("paragraph", "quote") and n and parts[n - 1].kind == "step":
            text = f"   {text}" if n + 1 < len(parts) and parts[n + 1].kind == "step" else text
        elif part.kind == "table":
            text = _plain_table(part)
        number = number if part.kind in ("step", "code", "paragraph", "item", "quote") else 0
        tight = n and part.kind in ("item", "step") and parts[n - 1].kind == part.kind
        out.append(("\n" if tight else "\n\n") + text if n else text)
    return "".join(out)


def _plain_table(part: Part) -> str:
    read = table(part)
    if read is None:
        return part.text
    head, rows = read
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def words(text: str) -> int:
    """Words of a text, code and all."""
    return count_runs(text)
