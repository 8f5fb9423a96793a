"""The base that a run is compared with, where nobody names one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from secarch.artifact import seal
from secarch.compare.stage import _own_base
from secarch.files import write_json
from secarch.models.weights import fingerprint

DEFAULT = "someone/a-model-that-is-not-here"


@pytest.fixture
def base(tmp_path: Path, fake_weights: Callable[[Path, dict[str, list[int]]], None]) -> Path:
    """A model's folder, as far as a fingerprint needs one."""
    folder = tmp_path / "base"
    write_json(folder / "config.json", {"model_type": "llama"})
    fake_weights(folder / "model.safetensors", {"w": [2, 2]})
    return folder


def sealed_run(workspace: Path, base: Path, print_: str) -> Path:
    """A run that recorded this base and fingerprint."""
    run = workspace / "runs" / "r"
    write_json(run / "environment.json", {"base": {"path": str(base)}})
    config = {"base": {"name": "tiny", "fingerprint": print_}}
    files = ["environment.json"]
    seal(run, kind="run", parents=[], config=config, counts={}, files=files, outside=[])
    return run


def test_a_run_is_compared_with_the_base_that_it_was_trained_on(base: Path, tmp_path: Path) -> None:
    """By folder or by name in the workspace."""
    run = sealed_run(tmp_path, base, fingerprint(base))
    assert _own_base(DEFAULT, run, tmp_path) == str(base)
    assert _own_base(DEFAULT, "r", tmp_path) == str(base)


def test_a_folder_or_server_that_was_named_is_kept(base: Path, tmp_path: Path) -> None:
    """So that the stage can say that it is another one; servers have no folder."""
    run = sealed_run(tmp_path, base, fingerprint(base))
    other = tmp_path / "other"
    other.mkdir()
    assert _own_base(str(other), run, tmp_path) == str(other)
    assert _own_base("http://127.0.0.1:1", run, tmp_path) == "http://127.0.0.1:1"
    assert _own_base(DEFAULT, "http://127.0.0.1:1", tmp_path) == DEFAULT


def test_what_knows_no_base_leaves_the_settings_alone(base: Path, tmp_path: Path) -> None:
    """A bare adapter, and a run whose base was changed in place."""
    bare = tmp_path / "adapter"
    bare.mkdir()
    assert _own_base(DEFAULT, bare, tmp_path) == DEFAULT
    assert _own_base(DEFAULT, sealed_run(tmp_path, base, "0" * 64), tmp_path) == DEFAULT
