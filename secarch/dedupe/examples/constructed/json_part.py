"""The part of a JSON document that holds some of its lines, as JSON that can be read by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

_KEY = re.compile(r'^\s*"([^"]+)":')


def json_part(lines: Sequence[str], wanted: Sequence[int]) -> str:
    """The part that holds the wanted lines.

    Of a template, these are the properties with the keys that lead to them; of another document the
    whole element of its list, such as a statement. Several elements come as a list.
    """
    tree = json.loads("\n".join(lines))
    telling = [number for number in wanted if lines[number].strip(" {}[],")]
    if "Resources" in tree:
        part: dict[str, Any] = {}
        for number in telling:
            _copy(tree, part, _keys(lines, number))
        return json.dumps(part, indent=2)
    blocks = dict.fromkeys(_element(lines, number) for number in telling)
    texts = [_text(lines, block) for block in blocks]
    return texts[0] if len(texts) == 1 else "[\n" + ",\n".join(texts) + "\n]"


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _above(lines: Sequence[str], number: int) -> list[int]:
    """Indexes of the lines that enclose a line, outermost first; the document's own is left out."""
    found: list[int] = []
    depth = _depth(lines[number])
    for n in range(number - 1, 0, -1):
        opens = lines[n].rstrip().endswith(("{", "["))
        if opens and _depth(lines[n]) < depth:
            found.append(n)
            depth = _depth(lines[n])
    return found[::-1]


def _keys(lines: Sequence[str], number: int) -> list[str]:
    """The keys that lead to a line, as far as no list comes in between."""
    keys: list[str] = []
    for n in [*_above(lines, number), number]:
        match = _KEY.match(lines[n])
        if match is None:
            break
        keys.append(match[1])
        if lines[n].rstrip().endswith("["):
            break
    return keys


def _copy(tree: dict[str, Any], part: dict[str, Any], keys: Sequence[str]) -> None:
    for key in keys[:-1]:
        tree = tree[key]
        part = part.setdefault(key, {})
    part[keys[-1]] = tree[keys[-1]]


def _element(lines: Sequence[str], number: int) -> tuple[int, int]:
    """First and last line of the list's element that a line belongs to, or of the line itself."""
    above = [n for n in _above(lines, number) if lines[n].strip() == "{"]
    if lines[number].strip() == "{":
        above.append(number)
    if not above:
        return number, number
    start = above[0]
    depth = _depth(lines[start])
    end = next(
        n for n in range(start + 1, len(lines)) if _depth(lines[n]) == depth and lines[n].strip()
    )
    return start, end


def _text(lines: Sequence[str], block: tuple[int, int]) -> str:
    start, end = block
    depth = _depth(lines[start])
    shown = [line[depth:] for line in lines[start : end + 1]]
    return "\n".join(shown).rstrip().rstrip(",")
