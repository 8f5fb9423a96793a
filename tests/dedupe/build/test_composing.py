"""Tests for rows that are composed in shards, on an engine."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from secarch.dedupe.build import composing
from secarch.dedupe.build.composing import Composer, here
from secarch.dedupe.build.engine import Job
from secarch.dedupe.examples import gate
from secarch.records import Example

SEED = 7


class Backwards:
    """An engine that runs the jobs in the other order."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.rested: list[int] = []
        """How many jobs had run, at each rest."""

    def run(self, jobs: Sequence[Job]) -> Iterator[int]:
        """Run them, last first."""
        for job in reversed(jobs):
            job.run()
            self.ran.append(job.target.name)
            yield os.getpid()

    def rest(self) -> None:
        """Note when."""
        self.rested.append(len(self.ran))

    def close(self) -> None:
        """Nothing is held."""


def span() -> Example:
    """A passage that explains a fault."""
    text = "A database instance that is publicly accessible can be reached from the internet."
    return Example(
        id="s",
        document_id="d",
        url="https://docs.example.org/database",
        title="Databases",
        licence="CC-BY-4.0",
        category="network",
        kind="question",
        instruction="Why?",
        answer=text,
        start=3,
        end=90,
    )


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "SIZE", 6)


def test_shards_in_any_order_give_what_one_process_gives(tmp_path: Path) -> None:
    """Rows, reasons and quoted sources are equal, in the order of the attempts."""
    engine = Backwards()
    composed = Composer(engine, tmp_path, lambda: None)(SEED, 12, [span()])
    made = list(itertools.islice(composed, 18))
    assert made == list(itertools.islice(here(SEED, 12, [span()]), 18))
    assert {why for _, why in made} == {""}
    assert len(engine.ran) == 3  # the first wave has some to spare
    assert engine.ran == sorted(engine.ran, reverse=True)


def test_shards_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    """As for every job; other spans are other shards."""
    for spans, more in (([span()], 2), ([span()], 0), ([], 2)):
        engine = Backwards()
        list(itertools.islice(Composer(engine, tmp_path, lambda: None)(SEED, 6, spans), 7))
        assert len(engine.ran) == more


def test_what_speaks_against_a_row_comes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate judges where the row is made."""
    monkeypatch.setattr(gate, "problem", lambda kind, _asked, _answer: f"bad {kind}")
    composed = Composer(Backwards(), tmp_path, lambda: None)(SEED, 1, [])
    assert [why for _, why in itertools.islice(composed, 2)] == ["bad review", "bad fix"]


def test_nothing_wanted_is_nothing_made(tmp_path: Path) -> None:
    """A mix without room runs no job."""
    engine = Backwards()
    assert list(Composer(engine, tmp_path, lambda: None)(SEED, 0, [])) == []
    assert engine.ran == []


def test_an_engine_rests_as_soon_as_a_wave_is_composed(tmp_path: Path) -> None:
    """What its processes hold is free for the steps that follow, before the rows are read."""
    engine = Backwards()
    composed = Composer(engine, tmp_path, lambda: None)(SEED, 12, [span()])
    next(composed)
    assert engine.rested == [3]
    list(itertools.islice(composed, 17 + 6))
    assert engine.rested[-1] == 4  # a further wave is a shard


class Forwards(Backwards):
    """An engine that runs the jobs in their order, each when it is asked for."""

    def run(self, jobs: Sequence[Job]) -> Iterator[int]:
        """Run them, first first."""
        return super().run([*reversed(jobs)])


def test_an_engine_does_not_rest_while_jobs_are_left(tmp_path: Path) -> None:
    """The rows of the first shard are read while the others are composed."""
    engine = Forwards()
    composed = Composer(engine, tmp_path, lambda: None)(SEED, 12, [span()])
    next(composed)
    assert (len(engine.ran), engine.rested) == (1, [])
    list(itertools.islice(composed, 17))
    assert engine.rested == [3]
