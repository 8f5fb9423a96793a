"""Where jobs on shards run.

A job whose target is there already is done: that is all there is to resuming.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from secarch import console
from secarch.errors import MissingExtra

if TYPE_CHECKING:
    from secarch.dedupe.config import DedupeConfig


class Job(Protocol):
    """Work on one shard: reads files, writes `target` atomically, depends on nothing else."""

    @property
    def target(self) -> Path:
        """The file whose existence means that the job is done."""

    def run(self) -> None:
        """Do it."""


class Engine(Protocol):
    """Runs jobs, in any order."""

    def run(self, jobs: Sequence[Job]) -> Iterator[int]:
        """Run them; yields for each that has ended the process that ran it."""

    def rest(self) -> None:
        """Give back what idle processes hold; a later `run` begins anew."""

    def close(self) -> None:
        """Let go of processes."""


class Local:
    """Processes of this machine; one job, or one worker, runs in this process."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def run(self, jobs: Sequence[Job]) -> Iterator[int]:
        """Run the jobs in their order."""
        if self._workers == 1 or (len(jobs) == 1 and self._pool is None):
            for job in jobs:
                yield run_here(job)
            return
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=context, initializer=_ignore_interrupts
            )
        for future in [self._pool.submit(run_here, job) for job in jobs]:
            yield future.result()

    def rest(self) -> None:
        """End the processes, which hold a fifth of a gigabyte each over a large corpus."""
        self.close()
        self._pool = None

    def close(self) -> None:
        """End the processes; jobs that have not begun are dropped."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def run_here(job: Job) -> int:
    """Run a job in this process; returns its id."""
    job.run()
    return os.getpid()


def _ignore_interrupts() -> None:
    """The parent decides when to stop; a Ctrl-C at the terminal reaches the whole group."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def engine(config: DedupeConfig) -> Iterator[Engine]:
    """The engine that the settings name.

    Raises MissingExtra, PrerequisiteError (no cluster there).
    """
    chosen = _ray(config) if config.engine == "ray" else Local(config.workers)
    try:
        yield chosen
    finally:
        chosen.close()


def _ray(config: DedupeConfig) -> Engine:
    try:
        from secarch.dedupe.build.ray_engine import Ray
    except ImportError as error:
        raise MissingExtra("--engine ray", "ray") from error
    return Ray(config.ray_address, config.workers)


def run_all(chosen: Engine, name: str, jobs: Sequence[Job], check: Callable[[], None]) -> None:
    """Run the jobs that are not done yet; `check` may raise to stop between two."""
    deque(run_in_turn(chosen, name, jobs, check), maxlen=0)


def run_in_turn(
    chosen: Engine, name: str, jobs: Sequence[Job], check: Callable[[], None]
) -> Iterator[Job]:
    """As `run_all`; yields each job, in their order, as soon as it and those before it are done."""
    left = [job for job in jobs if not job.target.is_file()]
    waiting = deque(jobs)
    with console.progress(name, len(jobs)) as advance:
        advance(len(jobs) - len(left))
        check()
        processes = set()
        for process in chosen.run(left) if left else ():
            processes.add(process)
            advance(1)
            check()
            while waiting and waiting[0].target.is_file():
                yield waiting.popleft()
        yield from waiting
        console.log().debug("shards_done", what=name, shards=len(left), processes=len(processes))
