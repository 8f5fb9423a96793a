"""Rows by construction in shards: each job makes the rows of some attempts and judges them.

An attempt depends on its number alone, so the rows are the same whatever the number of workers.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from secarch.dedupe.build.engine import Engine, run_in_turn
from secarch.dedupe.examples import gate
from secarch.dedupe.examples.constructed.library import Library
from secarch.dedupe.examples.constructed.rows import attempted
from secarch.files import write_atomic
from secarch.records import Example, Source

SIZE = 400
"""Attempts of one shard."""
SPARE = 1.1
"""Attempts of the first wave for each row that is wanted; some rows are too alike."""
Judged = tuple[Example, str]
"""A row, with the reason why it is not fit to learn from; '' if it is."""
Compose = Callable[[int, int, Sequence[Example]], Iterator[Judged]]
"""Seed, rows wanted and spans to quote -> the rows of all attempts in their order, without end."""


def here(seed: int, wanted: int, spans: Sequence[Example]) -> Iterator[Judged]:  # noqa: ARG001 - a Compose
    """Compose in this process."""
    library = Library(spans)
    return (_judged(attempted(seed, number, library)) for number in itertools.count())


class Composer:
    """Composes in shards below a folder, on an engine."""

    def __init__(self, engine: Engine, folder: Path, check: Callable[[], None]) -> None:
        self._engine, self._folder, self._check = engine, folder, check

    def __call__(self, seed: int, wanted: int, spans: Sequence[Example]) -> Iterator[Judged]:
        """Rows of all attempts; the first wave is about what is wanted, later ones are a shard."""
        text = json.dumps([dataclasses.asdict(span) for span in spans])
        key = hashlib.sha256(f"{seed}\n{text}".encode()).hexdigest()[:16]
        known = self._folder / f"spans-{key}.json"
        write_atomic(known, text.encode())
        jobs = (
            ComposeShard(known, self._folder / f"composed-{key}-{number:04}.jsonl", seed, number)
            for number in itertools.count()
        )
        wave = math.ceil(SPARE * wanted / SIZE)
        while batch := list(itertools.islice(jobs, wave)):
            for job in run_in_turn(self._engine, "rows composed", batch, self._check):
                if all(one.target.is_file() for one in batch):
                    # What follows is this process's work, and its memory is at its peak there.
                    self._engine.rest()
                yield from _read(job.target)
            wave = 1


@dataclass(frozen=True, slots=True)
class ComposeShard:
    """The rows of `SIZE` attempts, each with what speaks against it."""

    spans: Path
    target: Path
    seed: int
    number: int

    def run(self) -> None:
        """Do it."""
        library = _library(self.spans)
        numbers = range(self.number * SIZE, (self.number + 1) * SIZE)
        made = (_judged(attempted(self.seed, number, library)) for number in numbers)
        lines = [json.dumps([dataclasses.asdict(row), why]) for row, why in made]
        write_atomic(self.target, ("\n".join(lines) + "\n").encode())


@lru_cache(maxsize=1)
def _library(spans: Path) -> Library:
    return Library([_example(row) for row in json.loads(spans.read_text(encoding="utf-8"))])


def _judged(row: Example) -> Judged:
    return row, gate.problem(row.kind, row.instruction, row.answer)


def _read(path: Path) -> Iterator[Judged]:
    with path.open(encoding="utf-8") as handle:
        for line in handle:
            row, why = json.loads(line)
            yield _example(row), why


def _example(row: dict[str, object]) -> Example:
    sources = row["sources"]
    assert isinstance(sources, list)
    return Example(**{**row, "sources": tuple(Source(**one) for one in sources)})  # type: ignore[arg-type]
