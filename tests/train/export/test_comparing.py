"""What a comparison needs is known before a merge, and said where it is not there."""

from pathlib import Path

import pytest

from secarch.errors import PrerequisiteError
from secarch.models.weights import parameters
from secarch.train.export import comparing


@pytest.mark.parametrize(
    ("dtype", "quantization", "size"),
    [("bfloat16", "nf4", 2), ("float32", "nf4", 4), ("float16", "none", 4)],
)
def test_the_larger_model_counts(tiny_base: Path, dtype: str, quantization: str, size: int) -> None:
    """One is loaded after the other; an unquantised base is float32 on a CPU."""
    found = comparing.needed_bytes(tiny_base, dtype, quantization)
    assert found == size * parameters(tiny_base)


def test_free_memory_is_what_programs_may_take(tmp_path: Path) -> None:
    """Linux names it in KiB; elsewhere nothing is known."""
    place = tmp_path / "meminfo"
    place.write_text("MemTotal: 900 kB\nMemFree: 7 kB\nMemAvailable:   12 kB\n", encoding="ascii")
    assert comparing.free_bytes(place) == 12 * 1024
    place.write_text("MemTotal: 900 kB\n", encoding="ascii")
    assert comparing.free_bytes(place) is None
    assert comparing.free_bytes(tmp_path / "none") is None


def test_too_little_memory_is_refused_before_the_merge(
    tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the byte; with a GPU, or where nothing is known, it is tried."""
    needed = comparing.needed_bytes(tiny_base, "bfloat16", "nf4")
    monkeypatch.setattr("secarch.train.machine.on_cpu", lambda: True)
    for free in (needed, None):
        monkeypatch.setattr(comparing, "free_bytes", lambda free=free: free)
        comparing.check_memory(tiny_base, "bfloat16", "nf4")
    monkeypatch.setattr(comparing, "free_bytes", lambda: needed - 1)
    with pytest.raises(PrerequisiteError, match="GB are free") as caught:
        comparing.check_memory(tiny_base, "bfloat16", "nf4")
    assert "layer by layer" in str(caught.value.why)
    monkeypatch.setattr("secarch.train.machine.on_cpu", lambda: False)
    comparing.check_memory(tiny_base, "bfloat16", "nf4")
