"""The whole application as a user runs it: a process a command, real HTTP, real files, a real tiny
model.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SMALL = """
    demo.vocabulary=2048 demo.hidden=96 demo.layers=2 demo.steps=150 demo.context=128
    train.max_steps=8 train.eval_steps=4 train.save_steps=4 train.max_length=256
    train.max_eval_rows=8 eval.max_new_tokens=8 eval.smoke=true compare.draws=500
""".split()
SETS = [item for setting in SMALL for item in ("--set", setting)]


@dataclass(frozen=True, slots=True)
class Shell:
    """A folder to work in and a cache of its own."""

    cwd: Path
    cache: Path
    warm: Any = None
    """Runs what `run` is asked for without importing PyTorch each time; None starts it cold."""

    @property
    def workspace(self) -> Path:
        """Where the demo works."""
        return self.cwd / "secarch-demo"

    def manifests(self) -> dict[str, list[dict[str, Any]]]:
        """All sealed manifests of the workspace, by kind."""
        found: dict[str, list[dict[str, Any]]] = {}
        for path in sorted(self.workspace.rglob("manifest.json")):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found.setdefault(manifest["kind"], []).append(manifest)
        return found

    def env(self) -> dict[str, str]:
        """The environment of every command: offline, wide, plain."""
        fixed = {
            "XDG_CACHE_HOME": str(self.cache),
            "HF_HUB_OFFLINE": "1",
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }
        return {**os.environ, **fixed, "OMP_WAIT_POLICY": "PASSIVE"}

    def popen(self, args: Sequence[str], **kwargs: Any) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        command = [sys.executable, "-m", "secarch", *args]
        return subprocess.Popen(
            command, cwd=self.cwd, env=self.env(), text=True, start_new_session=True, **kwargs
        )

    def demo(self, **kwargs: Any) -> subprocess.Popen[str]:
        """Start the demo with its small settings."""
        return self.popen(["demo", *SETS], **kwargs)

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its output is kept. `demo` gets its small settings."""
        args = (*args, *SETS) if args[0] == "demo" else args
        if self.warm is not None and args[0] != "demo":
            done: subprocess.CompletedProcess[str] = self.warm.run(
                args, cwd=self.cwd, env=self.env()
            )
            return done
        with self.popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(args, process.returncode, out, err)


@dataclass(frozen=True, slots=True)
class Tour:
    """A finished `secarch demo` with a small base."""

    shell: Shell
    done: subprocess.CompletedProcess[str]

    @property
    def workspace(self) -> Path:
        """Where the demo worked."""
        return self.shell.workspace

    def copy(self, to: Path) -> Shell:
        """A copy of the finished workspace to do harm to."""
        shutil.copytree(self.workspace, to / "secarch-demo")
        return Shell(to, self.shell.cache, self.shell.warm)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all journeys, so that the small base is built once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shell(tmp_path: Path, cache: Path, warm: Any) -> Shell:
    """An empty folder."""
    return Shell(tmp_path, cache, warm)


@pytest.fixture(scope="session")
def tour(tmp_path_factory: pytest.TempPathFactory, cache: Path, warm: Any) -> Tour:
    """`secarch demo` once, from nothing."""
    shell = Shell(tmp_path_factory.mktemp("tour"), cache, warm)
    return Tour(shell, shell.run("demo"))
