"""Checkpoints that are whole or not there: written aside, hashed, synced to disk, then renamed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from secarch import console
from secarch.files import disk_errors, sha256_file, sync, unchanged, write_json

SEAL = "checkpoint.json"
_NAME = re.compile(r"checkpoint-(\d+)")


def publish(staged: Path, target: Path) -> None:
    """Seal the files of `staged` and move it to `target`, replacing what is there.

    A process killed at any moment leaves either no `target` or a whole one.
    """
    with disk_errors(target):
        files = sorted(path for path in staged.rglob("*") if path.is_file())
        for path in files:
            sync(path)
        write_json(
            staged / SEAL,
            {"files": {str(path.relative_to(staged)): sha256_file(path) for path in files}},
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        staged.rename(target)
        sync(target.parent)


def step_of(checkpoint: Path) -> int:
    """Optimiser steps done when it was taken."""
    match = _NAME.fullmatch(checkpoint.name)
    return int(match[1]) if match else -1


def all_of(folder: Path) -> list[Path]:
    """The checkpoints in a folder, whole or not, ascending by step."""
    return sorted(
        (path for path in folder.glob("checkpoint-*") if _NAME.fullmatch(path.name)), key=step_of
    )


def whole(checkpoint: Path) -> bool:
    """Whether every file has the hash it was sealed with."""
    return unchanged(checkpoint, SEAL)


def newest_whole(folder: Path) -> Path | None:
    """The latest checkpoint that is undamaged; damaged ones are skipped with a warning."""
    for path in reversed(all_of(folder)):
        if whole(path):
            return path
        console.log().warning(
            "checkpoint_damaged", checkpoint=path.name, what="skipped; an earlier one is used"
        )
    return None


def newest_until(folder: Path, step: int) -> Path | None:
    """The latest checkpoint of at most `step`, None if there is none; its hashes are not looked
    at.
    """
    return next((path for path in reversed(all_of(folder)) if step_of(path) <= step), None)


def prune(folder: Path, keep: set[int]) -> None:
    """Remove the checkpoints whose steps are not in `keep`."""
    for path in all_of(folder):
        if step_of(path) not in keep:
            shutil.rmtree(path, ignore_errors=True)
