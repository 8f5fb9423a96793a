"""One invocation of one stage: where it works, how it may stop, and what it leaves behind."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from secarch import __version__
from secarch.errors import Interrupted


def cache_home() -> Path:
    """Folder of everything that can be made again: $XDG_CACHE_HOME/secarch (XDG Base Directory
    Specification).
    """
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "secarch"


class Stop:
    """A request to stop, set by SIGINT or SIGTERM and obeyed by stages at their next safe point.

    The second signal ends the process at once: journals are append-only or transactional, so
    nothing that was written is lost.
    """

    def __init__(self) -> None:
        self.signum: int | None = None

    @property
    def requested(self) -> bool:
        """True once a signal came."""
        return self.signum is not None

    def check(self) -> None:
        """Raise Interrupted where a stop was requested; called where the state is saved."""
        if self.signum is not None:
            raise Interrupted(self.signum)

    def _on_signal(self, signum: int, _frame: FrameType | None) -> None:
        if self.signum is not None:
            os._exit(128 + signum)
        self.signum = signum
        os.write(2, b"\nstopping at the next safe point; press Ctrl-C again to stop at once\n")

    @contextlib.contextmanager
    def listening(self) -> Iterator[Stop]:
        """Handle the two signals inside the block; restores what was there. Main thread only."""
        before = {s: signal.signal(s, self._on_signal) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)


WORKSPACE = Path("workspace")
"""Folder for everything that is made, where no other is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What every stage is given beside its own settings."""

    workspace: Path
    seed: int = 0
    resume: bool = False
    fresh: bool = False
    dry_run: bool = False
    stop: Stop = field(default_factory=Stop)

    @property
    def harvest(self) -> Path:
        """Folder of the frontier and the documents artifacts."""
        return self.workspace / "harvest"

    @property
    def datasets(self) -> Path:
        """Folder of the dataset artifacts."""
        return self.workspace / "datasets"

    @property
    def grades(self) -> Path:
        """Folder of the grades of datasets."""
        return self.workspace / "grades"

    @property
    def runs(self) -> Path:
        """Folder of the training runs."""
        return self.workspace / "runs"

    @property
    def exports(self) -> Path:
        """Folder of the merged models."""
        return self.workspace / "exports"

    @property
    def evals(self) -> Path:
        """Folder of the evaluation artifacts."""
        return self.workspace / "evals"

    @property
    def models(self) -> Path:
        """Folder of the registered models."""
        return self.workspace / "models"

    @property
    def comparisons(self) -> Path:
        """Folder of the comparison artifacts."""
        return self.workspace / "comparisons"


def processes() -> int:
    """Processes that share this run: WORLD_SIZE, which `accelerate launch` and `torchrun` set; 1
    without them.
    """
    return _launched("WORLD_SIZE", 1)


def rank() -> int:
    """Which of them this is, from 0 (RANK). Only 0 writes and speaks."""
    return _launched("RANK", 0)


def _launched(name: str, alone: int) -> int:
    value = os.environ.get(name, "")
    return int(value) if value.isdigit() else alone


def environment() -> dict[str, Any]:
    """What the machine and the installed libraries are; no names of users, hosts or paths."""
    import platform
    from importlib import metadata

    packages = (
        "torch",
        "transformers",
        "peft",
        "trl",
        "bitsandbytes",
        "datasets",
        "trafilatura",
        "datasketch",
    )
    versions: dict[str, str] = {}
    for name in packages:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return {
        "secarch": __version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "packages": versions,
    }
