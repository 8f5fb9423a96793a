"""While a checkpoint is written the disk fills up, or the process is told to stop: nothing half is
left to be used.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from secarch.errors import DiskError, Interrupted
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.loop import checkpoints
from secarch.train.stage import run as fit

pytestmark = pytest.mark.slow


def _when(true: Callable[[], bool], act: Callable[[], Any]) -> threading.Thread:
    """Do something as soon as something is so."""

    def watch() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if true():
                act()
                return
            time.sleep(0.001)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True, check=False
    ).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_disk_that_fills_up_while_saving_loses_no_checkpoint(
    config: Callable[..., TrainConfig], dataset: Path, small_disk: Path, tmp_path: Path
) -> None:
    """Exit 3 with the way out; with room again --resume ends in the very same run."""
    settings = config(max_steps=6, eval_steps=1, save_steps=1)
    session = Session(workspace=small_disk)
    folder, filler = session.runs / "t" / "checkpoints", small_disk / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as out:
            try:
                while True:
                    out.write(bytes(4096))
            except OSError:
                pass

    filling = _when((folder / "checkpoint-2").is_dir, fill)
    with pytest.raises(DiskError) as caught:
        fit(settings, session, dataset=dataset)
    filling.join()
    assert caught.value.exit_code == 3
    assert "--resume" in str(caught.value.fix)
    filler.unlink()
    assert checkpoints.newest_whole(folder) is not None
    resumed = fit(settings, Session(workspace=small_disk, resume=True), dataset=dataset)
    assert (
        resumed.digest
        == fit(settings, Session(workspace=tmp_path / "whole"), dataset=dataset).digest
    )


def test_sigterm_while_saving_leaves_whole_checkpoints(
    config: Callable[..., TrainConfig], dataset: Path, session: Session
) -> None:
    """The signal comes while the files are written aside; what is published is whole, and goes on
    to the end.
    """
    settings = config(max_steps=4, eval_steps=1, save_steps=1)
    folder = session.runs / "t" / "checkpoints"
    sending = _when((folder / ".staging").is_dir, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(Interrupted) as caught:
        fit(settings, session, dataset=dataset)
    sending.join()
    assert caught.value.exit_code == 143
    kept = checkpoints.all_of(folder)
    assert kept
    assert all(checkpoints.whole(path) for path in kept)
    done = fit(settings, Session(workspace=session.workspace, resume=True), dataset=dataset)
    assert done.counts["steps"] == 4
