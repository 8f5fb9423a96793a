"""A machine that cannot build Triton's kernels is known before the base is loaded."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from secarch.train import compiler, machine
from secarch.train.config import TrainConfig


def test_a_machine_without_compiler_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty PATH has none; a compiler that fails is quoted; headers are asked for by name."""
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no C compiler" in compiler.fault()
    broken = tmp_path / "gcc"
    broken.write_text("#!/bin/sh\necho cannot find crt >&2\nexit 1\n", encoding="ascii")
    broken.chmod(0o755)
    monkeypatch.setattr("sysconfig.get_paths", lambda: {"include": str(tmp_path)})
    assert "no Python.h" in compiler.fault()
    (tmp_path / "Python.h").touch()
    assert compiler.fault().endswith("cannot compile: cannot find crt")
    broken.write_text("#!/bin/sh\nexit 0\n", encoding="ascii")
    assert compiler.fault() == ""


def test_cc_is_taken_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As Triton does."""
    own = tmp_path / "mycc"
    own.write_text("#!/bin/sh\nexit 0\n", encoding="ascii")
    own.chmod(0o755)
    monkeypatch.setenv("CC", str(own))
    assert compiler.compiler() == str(own)


@pytest.mark.parametrize(
    ("change", "builds"), [({}, False), ({"objective": "dpo"}, True), ({"liger": True}, True)]
)
def test_preferences_and_liger_always_build_a_kernel(
    tiny_base: Path, change: dict[str, Any], builds: bool
) -> None:
    """Short answers alone build none: their logits are taken in one piece."""
    rows = [SimpleNamespace(trained=10)]
    prepared: Any = SimpleNamespace(
        config=TrainConfig.model_validate(change), base=tiny_base, train=SimpleNamespace(rows=rows)
    )
    assert machine._compiles(prepared) is builds
