"""The option that an answer in JSON decides for: one that it names, or the one that it calls right.

Under a key such as `answer` the letter or the option's text is taken; of letters with a verdict or
a number each (`{"A": false, "B": true}`) the one that is right, or has the most.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from secarch.evaluate.ask.named import exact

_KEY = re.compile(
    r"^(?:(?:my|the|final|best|correct|right|selected|chosen|model|predicted)[ _-]?)*"
    r"(?:ans(?:wer)?|choice|option|letter|pick|final|result|selection|selected|prediction"
    r"|predicted|label|output|response|solution|decision|verdict|value|chosen|correct)s?$",
    re.IGNORECASE,
)
_NAME = re.compile(r"^(?:option|letter|choice|id|label|key|name|answer)$", re.IGNORECASE)
_LETTER = re.compile(
    r"^\W*(?:(?:option|answer|choice) )?\(?(?P<letter>[a-z])\)?(?:\s*$|[).:,]|\s+[-\u2013])",
    re.IGNORECASE,
)
_RIGHT = re.compile(r"^(?:correct|right|true|yes|best|t|y|accepted|selected|\u2705|\u2713|\u2714)$")
SEVERAL = -1
"""In the place of a place: more than one is given."""
_FENCED = re.compile(r"```\w*\s*([\[{].*?)```", re.DOTALL)


def structured(text: str, options: Sequence[str], count: int) -> int | None:
    """Place of the option that JSON in an answer decides for, `SEVERAL`, or None."""
    for data in _parsed(text):
        places = [*_named(data, options, count)]
        found = places[-1] if places else _judged(data, count)
        if found is not None:
            return found
    return None


def _parsed(text: str) -> Iterator[Any]:
    """What of a text can be read as JSON, or as a literal of Python."""
    fenced = [match[1] for match in _FENCED.finditer(text)]
    begin = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
    end = max(text.rfind("}"), text.rfind("]"))
    whole = [text[begin : end + 1]] if 0 <= begin < end else []
    for part in (*fenced, *whole):
        for reader in (json.loads, ast.literal_eval):
            try:
                data = reader(part)
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                continue
            if isinstance(data, Mapping | list):
                yield data
            break


def _named(data: Any, options: Sequence[str], count: int) -> Iterator[int]:
    """Places under keys that announce a decision; `SEVERAL` where more than one is given."""
    for key, value in data.items() if isinstance(data, Mapping) else ():
        if isinstance(value, Mapping):
            yield from _named(value, options, count)
        elif _KEY.match(str(key)):
            one = value[0] if isinstance(value, list) and len(value) == 1 else value
            place = SEVERAL if _are_several(one, count) else _place(one, count)
            if place is None and isinstance(one, str):
                place = exact(one, options)
            if place is not None:
                yield place


def _are_several(value: Any, count: int) -> bool:
    """Whether a value names more than one letter and nothing else."""
    if isinstance(value, str):
        value = re.split(r"\s*(?:,|;|/|&|\+|\band\b|\bor\b)\s*", value.strip())
        value = value if all(len(str(part).strip(" ().")) == 1 for part in value) else []
    given = value if isinstance(value, list) else []
    return len({_place(one, count) for one in given} - {None}) > 1


def _judged(data: Any, count: int) -> int | None:
    """The one letter of several that is right, or has the highest number."""
    pairs = [*_pairs(data, count)]
    if len(pairs) < 2:
        return None
    right = [place for place, verdict in pairs if _is_right(verdict)]
    numbers = [v for _, v in pairs if isinstance(v, int | float) and not isinstance(v, bool)]
    if not right and len(numbers) == len(pairs):
        right = [place for place, verdict in pairs if verdict == max(numbers)]
    return right[0] if len(right) == 1 else None


def _pairs(data: Any, count: int) -> Iterator[tuple[int, Any]]:
    """Each letter with what is said of it."""
    if isinstance(data, Mapping):
        own = [(place, v) for k, v in data.items() if (place := _place(k, count)) is not None]
        if own:
            yield from own
        else:
            for value in data.values():
                yield from _pairs(value, count)
    elif isinstance(data, list):
        for row in (row for row in data if isinstance(row, Mapping)):
            names = [_place(v, count) for k, v in row.items() if _NAME.match(str(k))]
            rest = [v for k, v in row.items() if not _NAME.match(str(k))]
            verdicts = [v for v in rest if isinstance(v, bool | int | float) or _is_right(v)]
            if len(names) == 1 and names[0] is not None:
                yield names[0], verdicts[0] if verdicts else None


def _place(value: Any, count: int) -> int | None:
    found = _LETTER.match(value) if isinstance(value, str) else None
    place = ord(found["letter"].lower()) - ord("a") if found else count
    return place if place < count else None


def _is_right(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_is_right(one) for one in value.values())
    return value is True or (isinstance(value, str) and bool(_RIGHT.match(value.strip().lower())))
