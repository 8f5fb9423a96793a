"""Other datasets mixed into a run's own, such as general chat against forgetting.

Which rows are taken is decided by the seed and the part's place in the list alone.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from secarch import console
from secarch.errors import InvalidInput, MissingInput
from secarch.schema import JsonDict
from secarch.session import Session
from secarch.train.config import MixPart
from secarch.train.data.rows import Dataset, Row, open_dataset


@dataclass(frozen=True, slots=True)
class Share:
    """What a dataset gives to a run."""

    name: str
    digest: str
    rows: int
    """Rows with repetitions."""
    tokens: int = 0
    share: float = 0.0
    """Of all tokens (0..1)."""


def mixed(
    own: Dataset, parts: Sequence[MixPart], session: Session
) -> tuple[Dataset, list[JsonDict]]:
    """The dataset with the rows of each part behind its own, and what was taken of each.

    A part gives `rows` rows, or `weight` times as many as the dataset has, each as often as
    `repeat` says; rows are drawn without replacement as far as they go, then again. Their ids
    begin with `mix1:` and so on. Raises what `open_dataset` raises.
    """
    train, taken, parents = list(own.train), [], list(own.parents)
    for number, part in enumerate(parts, 1):
        other = _opened(part, session)
        wanted = part.rows or round((part.weight or 0) * len(own.train))
        _check_amount(part, wanted, len(other.train))
        rng = random.Random(f"{session.seed}:{number}")  # noqa: S311 - a reproducible draw
        order: list[int] = []
        while len(order) < wanted:
            order += rng.sample(range(len(other.train)), len(other.train))
        drawn = sorted(order[:wanted])
        for again in range(part.repeat):
            train += [_named(other.train[n], number, n, again) for n in drawn]
        parents.append(other.digest)
        taken.append({"digest": other.digest, "rows": len(drawn), "repeat": part.repeat})
    return replace(own, train=train, parents=tuple(dict.fromkeys(parents))), taken


def _opened(part: MixPart, session: Session) -> Dataset:
    try:
        return open_dataset(Path(part.dataset).expanduser(), session)
    except MissingInput as error:
        fix = "correct this path in train.mix: a file or folder of training rows"
        raise MissingInput(str(error.what), where=error.where, why=error.why, fix=fix) from error


MOST = 5_000_000
"""Rows that one part may give, repetitions counted: more do not fit into memory."""


def _check_amount(part: MixPart, wanted: int, there: int) -> None:
    """Raise InvalidInput where a part would give no row or too many to hold; warn if it has
    fewer rows than are asked for.
    """
    if not 0 < wanted * part.repeat <= MOST:
        raise InvalidInput(
            f"this part would give {wanted * part.repeat:,} rows",
            where=f"train.mix {part.dataset}",
            why=f"a part gives between 1 and {MOST:,} rows, its repetitions counted",
            fix="set its rows, or its weight as a multiple of the run's own rows, such as 0.1",
        )
    if wanted > there:
        console.log().warning(
            "mix_repeats",
            dataset=Path(part.dataset).name,
            rows=there,
            wanted=wanted,
            what="it has fewer rows than are asked for, so that some are seen again",
        )


def _named(row: JsonDict, part: int, number: int, again: int) -> JsonDict:
    return {**row, "id": f"mix{part}:{row.get('id') or number}" + (f"@{again}" if again else "")}


def shares(own: Dataset, parts: Sequence[MixPart], rows: Sequence[Row]) -> list[Share]:
    """Rows and tokens of the dataset itself and of each part, among the rows that are trained."""
    names = [own.path.name, *(Path(part.dataset).name for part in parts)]
    digests = own.parents if len(own.parents) == len(names) else (own.digest,) * len(names)
    counted = [[0, 0] for _ in names]
    for row in rows:
        head, _, rest = row.id.partition(":")
        mixed_in = rest and head.startswith("mix") and head[3:].isdigit()
        at = int(head[3:]) if mixed_in and int(head[3:]) < len(names) else 0
        counted[at][0] += 1
        counted[at][1] += len(row.ids)
    total = max(1, sum(tokens for _, tokens in counted))
    return [
        Share(name, digest, n, tokens, round(tokens / total, 4))
        for name, digest, (n, tokens) in zip(names, digests, counted, strict=True)
    ]
