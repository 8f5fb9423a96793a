"""Checkpoints are whole or not there."""

from pathlib import Path

import pytest

from secarch.train.loop.checkpoints import (
    SEAL,
    all_of,
    newest_whole,
    prune,
    publish,
    step_of,
    whole,
)


def _checkpoint(folder: Path, step: int) -> Path:
    staged = folder / ".staging" / f"checkpoint-{step}"
    staged.mkdir(parents=True)
    (staged / "adapter_model.safetensors").write_bytes(b"weights" * step)
    (staged / "optimizer.pt").write_bytes(b"state")
    publish(staged, folder / staged.name)
    return folder / staged.name


def test_the_newest_whole_one_is_used(tmp_path: Path) -> None:
    """Steps are numbers: 10 is later than 9."""
    for step in (2, 9, 10):
        _checkpoint(tmp_path, step)
    assert [step_of(path) for path in all_of(tmp_path)] == [2, 9, 10]
    assert newest_whole(tmp_path) == tmp_path / "checkpoint-10"
    assert newest_whole(tmp_path / "none") is None


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "optimizer.pt", SEAL])
@pytest.mark.parametrize("damage", ["truncate", "remove", "change"])
def test_a_damaged_one_is_skipped_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, damage: str
) -> None:
    """Whatever file is hurt, the one before is used."""
    _checkpoint(tmp_path, 4)
    hurt = _checkpoint(tmp_path, 8) / name
    data = hurt.read_bytes()
    hurt.unlink()
    if damage != "remove":
        hurt.write_bytes(data[: len(data) // 2] if damage == "truncate" else b"X" + data[1:])
    assert not whole(tmp_path / "checkpoint-8")
    assert newest_whole(tmp_path) == tmp_path / "checkpoint-4"
    assert "checkpoint_damaged" in capsys.readouterr().err


def test_publishing_replaces_what_is_there(tmp_path: Path) -> None:
    """A step that is reached again after a resume is written anew."""
    path = _checkpoint(tmp_path, 4)
    (path / "optimizer.pt").write_bytes(b"torn")
    assert whole(_checkpoint(tmp_path, 4))


def test_pruning_keeps_what_it_is_told(tmp_path: Path) -> None:
    """The best and the newest stay."""
    for step in (1, 2, 3):
        _checkpoint(tmp_path, step)
    (tmp_path / "other").mkdir()
    prune(tmp_path, {1, 3})
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != ".staging") == [
        "checkpoint-1",
        "checkpoint-3",
        "other",
    ]
