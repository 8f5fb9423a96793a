"""One GPU of several is pinned before anything is loaded, and named."""

import os
from pathlib import Path

import pytest

from secarch.train import one_gpu


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A driver's tool that lists two GPUs."""
    path = tmp_path / "nvidia-smi"
    path.write_text("#!/bin/sh\nprintf '0\\n1\\n'\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return path


def test_the_first_of_several_is_pinned(tool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process sees afterwards is one GPU."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert one_gpu.visible() == ["0", "1"]
    assert one_gpu.pin() == "0"
    assert one_gpu.visible() == ["0"]
    assert one_gpu.pin() is None
    os.environ.pop("CUDA_VISIBLE_DEVICES")


@pytest.mark.parametrize(
    ("said", "seen"),
    [("3,1", ["3", "1"]), ("", []), ("-1", []), ("0,-1,1", ["0"]), ("GPU-a", ["GPU-a"])],
)
def test_the_environment_decides(
    tool: Path, monkeypatch: pytest.MonkeyPatch, said: str, seen: list[str]
) -> None:
    """As CUDA reads it: a negative index ends the list."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", said)
    assert one_gpu.visible() == seen
    assert one_gpu.pin() == (seen[0] if len(seen) > 1 else None)


def test_launched_processes_share_the_gpus(tool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its own already."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert one_gpu.pin() is None
