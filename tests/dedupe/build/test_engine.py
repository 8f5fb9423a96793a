"""Where shards are worked on, and that it changes nothing."""

from __future__ import annotations

import multiprocessing
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from secarch.dedupe.build import engine, shards
from secarch.dedupe.build.documents import locate
from secarch.dedupe.build.prepare import CleanShard, CutShard, PrepareShard
from secarch.dedupe.config import DedupeConfig
from secarch.errors import MissingExtra
from secarch.records import Outcome

Pages = Callable[[int], list[dict[str, Any]]]


SMALL = 0.004
"""Megabytes: shards of a few documents, so that a handful of pages makes many."""


def content(outcome: Outcome) -> dict[str, bytes]:
    """The bytes of the files, without those that name the time."""
    skipped = {"manifest.json", "report.html"}
    files = Path(str(outcome.artifact)).iterdir()
    return {
        path.name: path.read_bytes()
        for path in files
        if path.is_file() and path.name not in skipped and path.suffix != ".log"
    }


class Shuffled:
    """An engine that takes the jobs in another order and notes who ran them."""

    def __init__(self, inner: engine.Engine) -> None:
        self._inner = inner
        self.processes: set[int] = set()

    def run(self, jobs: Sequence[engine.Job]) -> Iterator[int]:
        """Run them shuffled."""
        for process in self._inner.run(random.Random(7).sample(list(jobs), len(jobs))):
            self.processes.add(process)
            yield process

    def rest(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Close the inner one."""
        self._inner.close()


def shard_bytes(folder: Path, chosen: engine.Engine, source: Path) -> dict[str, bytes]:
    """What the three kinds of job make of the documents in `source`."""
    config = DedupeConfig()
    found = shards.cut(locate([source], folder), folder / "documents", 0, SMALL, lambda: None)
    clean = [
        CleanShard(p, folder / f"clean-{p.name}", folder / f"lines-{p.name}", config)
        for p in found.shards
    ]
    prepared = [
        PrepareShard(job.target, folder / f"prepared-{job.target.name}", config, {})
        for job in clean
    ]
    cut = [
        CutShard(j.source, j.target, folder / f"pieces-{j.source.name}", config) for j in prepared
    ]
    for name, jobs in (("cleaned", clean), ("prepared", prepared), ("cut", cut)):
        engine.run_all(chosen, name, jobs, lambda: None)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*.parquet"))
    }


def test_ray_gives_the_same_bytes(tmp_path: Path, pages: Pages, jsonl: Callable[..., Path]) -> None:
    """Two Ray processes, shards in another order: every shard has the bytes that one local process
    writes.
    """
    pytest.importorskip("ray", reason="the extra ray is not installed")
    from secarch.dedupe.build.ray_engine import Ray

    source = jsonl(pages(60))
    chosen = Shuffled(Ray("", 2))
    try:
        spread = shard_bytes(tmp_path / "ray", chosen, source)
    finally:
        chosen.close()
    assert len(chosen.processes) >= 2
    assert len(spread) >= 5 * 8
    assert spread == shard_bytes(tmp_path / "here", engine.Local(1), source)


def test_processes_change_nothing(
    pages: Pages, jsonl: Callable[..., Path], run: Callable[..., Outcome]
) -> None:
    """Two local processes give the data set that one gives."""
    source = jsonl(pages(25))
    assert content(run(source, workers=2, shard_mb=SMALL, workspace="two")) == content(
        run(source, workspace="one")
    )


def test_without_ray_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
    pages: Pages,
    jsonl: Callable[..., Path],
    run: Callable[..., Outcome],
) -> None:
    """Exit code 3 with the pip line, before anything is read."""
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "secarch.dedupe.build.ray_engine", raising=False)
    with pytest.raises(MissingExtra, match="ray") as error:
        run(jsonl(pages(3)), engine="ray")
    assert error.value.exit_code == 3
    assert "pip install 'secarch[ray]'" in str(error.value.fix)


def test_a_shard_that_is_there_is_not_made_again(
    tmp_path: Path, pages: Pages, jsonl: Callable[..., Path]
) -> None:
    """A second run over the same folder runs no job."""
    source = jsonl(pages(20))
    first = shard_bytes(tmp_path / "a", engine.Local(1), source)
    again = Shuffled(engine.Local(1))
    assert shard_bytes(tmp_path / "a", again, source) == first
    assert not again.processes


def test_reading_spills_and_gives_the_same_shards(
    tmp_path: Path, pages: Pages, jsonl: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little text may be held, and in whatever order it comes, the shards are the same."""
    rows = pages(30)
    whole = shards.cut(locate([jsonl(rows)], tmp_path), tmp_path / "whole", 0, SMALL, lambda: None)
    monkeypatch.setattr(shards, "HELD_BYTES", 5000)
    turned = shards.cut(
        locate([jsonl(rows[::-1], "b.jsonl")], tmp_path),
        tmp_path / "spilled",
        0,
        SMALL,
        lambda: None,
    )
    assert [p.name for p in whole.shards] == [p.name for p in turned.shards]
    assert [p.read_bytes() for p in whole.shards] == [p.read_bytes() for p in turned.shards]
    assert not list((tmp_path / "spilled").glob("spill-*"))


@dataclass
class Note:
    """A job that writes its number."""

    target: Path

    def run(self) -> None:
        """Do it."""
        self.target.write_text("done")


class Drawn:
    """An engine that takes the jobs in a given order, and notes what it ran."""

    def __init__(self, order: Sequence[int]) -> None:
        self._order = order
        self.ran: list[str] = []

    def run(self, jobs: Sequence[engine.Job]) -> Iterator[int]:
        """Run them."""
        for n in self._order:
            jobs[n].run()
            self.ran.append(jobs[n].target.name)
            yield 0

    def rest(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is held."""


def test_jobs_come_in_their_order_as_soon_as_those_before_them_are_done(tmp_path: Path) -> None:
    """So that their outcome is taken while others still run; a done one is not run again."""
    jobs = [Note(tmp_path / str(n)) for n in range(5)]
    jobs[3].run()
    drawn = Drawn([1, 0, 3, 2])
    seen = [
        (job.target.name, list(drawn.ran))
        for job in engine.run_in_turn(drawn, "notes", jobs, lambda: None)
    ]
    assert seen == [
        ("0", ["1", "0"]),
        ("1", ["1", "0"]),
        ("2", ["1", "0", "4", "2"]),
        ("3", ["1", "0", "4", "2"]),
        ("4", ["1", "0", "4", "2"]),
    ]
    again = engine.run_in_turn(Drawn([]), "notes", jobs, lambda: None)
    assert [job.target.name for job in again] == list("01234")


def test_a_resting_engine_has_no_processes_and_runs_again(
    tmp_path: Path, pages: Pages, jsonl: Callable[..., Path]
) -> None:
    """A pool of processes is let go and begun anew, with the same results."""
    before = set(multiprocessing.active_children())
    chosen, source = engine.Local(2), jsonl(pages(60))
    first = shard_bytes(tmp_path / "a", chosen, source)
    assert set(multiprocessing.active_children()) - before
    chosen.rest()
    assert set(multiprocessing.active_children()) <= before
    assert shard_bytes(tmp_path / "b", chosen, source) == first
    assert set(multiprocessing.active_children()) - before
    chosen.close()
