"""What every reader of another program's results shares: rows with their place, checked fields, and
the sheet of scores that the rows fill.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from secarch.compare.inputs.pairs import Key
from secarch.errors import InvalidInput, MissingInput
from secarch.records import Score
from secarch.schema import JsonDict

MAX_BYTES = 1 << 30
"""Of one file: a million questions with their answers are less."""
MAX_LINE = 64 << 20
UNCATEGORISED = "uncategorised"


@dataclass(frozen=True, slots=True)
class Line:
    """One row and where it is."""

    row: JsonDict
    where: str
    task: str

    def text(self, name: str, otherwise: str = "") -> str:
        """A field that is a name: text, or a whole number."""
        value = self.row.get(name)
        return otherwise if value is None else name_of(value, name, self.where)

    def number(self, name: str, value: Any) -> float | None:
        """A value as a number; true and false count as 1 and 0, null as unscored."""
        return number_of(value, name, self.where)


@dataclass(slots=True)
class Sheet:
    """What has been read so far."""

    scores: dict[str, dict[Key, Score]] = field(default_factory=dict)
    texts: dict[Key, JsonDict] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, score: Score, where: str) -> None:
        """Keep one score.

        Raises InvalidInput, which names both lines, for a second of the same question and metric.
        """
        first = self.places.setdefault((score.metric, score.question_id), where)
        if first != where:
            raise InvalidInput(
                f"{score.question_id} has a second value of {score.metric}",
                where=where,
                why=f"the first is {first}",
                fix="keep one, or name the metrics apart in the rows",
            )
        self.scores.setdefault(score.metric, {})[score.question_id, score.question_sha256] = score

    def add_repeated(self, rows: Iterable[tuple[Score, str, JsonDict]]) -> None:
        """Keep scores that come with their place and the answer's text; repetitions (epochs) of one
        question and metric are averaged, and placed where the first is. Raises as `add`.
        """
        found: dict[tuple[str, str, str], list[Score]] = {}
        places: dict[tuple[str, str, str], str] = {}
        for score, where, text in rows:
            key = (score.metric, score.question_id, score.question_sha256)
            found.setdefault(key, []).append(score)
            places.setdefault(key, where)
            self.texts.setdefault((score.question_id, score.question_sha256), text)
        for key, scores in found.items():
            self.add(averaged(scores), places[key])


def averaged(scores: Sequence[Score]) -> Score:
    """The mean of one question's repetitions (epochs), over those that were scored."""
    values = [score.value for score in scores if score.value is not None]
    if not values:
        return scores[0]
    return replace(scores[0], value=math.fsum(values) / len(values), reason="")


def name_of(value: Any, field_name: str, where: str) -> str:
    """Text or a whole number, as a name. Raises InvalidInput for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise InvalidInput(
            f"{field_name} is no name",
            where=where,
            why=shown(value),
            fix="give text or a whole number",
        )
    return str(value)


def number_of(value: Any, field_name: str, where: str) -> float | None:
    """A finite number; null is None. Raises InvalidInput for anything else."""
    if value is None:
        return None
    with contextlib.suppress(OverflowError):
        if isinstance(value, bool | int | float) and math.isfinite(value):
            return float(value)
    raise InvalidInput(
        f"{field_name} is no number",
        where=where,
        why=shown(value),
        fix='give one score a row: {"id": ..., "value": NUMBER}, or null if it was not scored',
    )


def lines(path: Path, task: str) -> Iterator[Line]:
    """The rows of a file of JSON lines. Raises MissingInput, or InvalidInput with file and line."""
    check_size(path)
    with path.open("rb") as handle:
        for number, raw in enumerate(iter(lambda: handle.readline(MAX_LINE), b""), 1):
            if raw.strip():
                yield Line(_row(raw, f"{path}:{number}"), f"{path}:{number}", task)


def tree(path: Path) -> Any:
    """The whole file as one JSON document; None if it is none (JSON lines, or broken)."""
    check_size(path)
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None


def check_size(path: Path) -> None:
    """Raises MissingInput (cannot be read) and InvalidInput (over MAX_BYTES)."""
    try:
        size = path.stat().st_size
        path.open("rb").close()
    except OSError as error:
        raise MissingInput(
            "cannot read the scores",
            where=path,
            why=error.strerror,
            fix="correct the path; it is a file of scores, or a folder of lm-eval's logs",
        ) from error
    if size > MAX_BYTES:
        raise InvalidInput(
            "this file is too large for scores",
            where=path,
            why=f"over {MAX_BYTES >> 20} MiB",
            fix="give the logs of one run alone, or split the file",
        )


def _row(raw: bytes, where: str) -> JsonDict:
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "this line is not JSON",
            where=where,
            why=error,
            fix='give one score a row: {"id": ..., "value": NUMBER}, or null if it was not scored',
        ) from error
    if not isinstance(row, dict):
        raise InvalidInput(
            "this line is not a JSON object",
            where=where,
            why=shown(row),
            fix='give one score a row: {"id": ..., "value": NUMBER}, or null if it was not scored',
        )
    return row


def shown(value: object) -> str:
    """A value as JSON for an error, 80 characters at most."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 80 else text[:80] + "..."
