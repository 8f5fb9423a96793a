"""Hours and money: from runs that were made, else from a dated table, and never from nothing."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from secarch.errors import ConfigError
from secarch.train.config import TrainConfig
from secarch.train.estimate.price import ASSUMED_MFU, cost, device, table

Make = Callable[..., TrainConfig]
PARAMETERS, TOKENS = 7_500_000_000, 10_000_000


def test_every_price_has_its_day_and_source() -> None:
    """A price without a date is a rumour."""
    rows = table()
    assert len({row.name for row in rows}) == len(rows) > 8
    assert all(
        (row.usd_per_hour is None) == (row.as_of is None) == (row.source is None) for row in rows
    )


def test_a_gpu_is_found_by_name_and_an_unknown_one_is_refused() -> None:
    """The names that are known stand in the error."""
    found = device("h100")
    assert found
    assert (found.name, found.memory >> 30) == ("H100", 80)
    with pytest.raises(ConfigError, match="H200, H100"):
        device("H1000")


@pytest.mark.parametrize(
    ("said", "name", "gib"),
    [
        ("NVIDIA H100 80GB HBM3, 81559", "H100", 79),
        ("NVIDIA A100-SXM4-80GB, 81920", "A100-80GB", 80),
        ("NVIDIA A100-SXM4-40GB, 40960", "A100-40GB", 40),
        ("NVIDIA L40S, 46068", "L40S", 44),
        ("NVIDIA L4, 23034", "L4", 22),
        ("NVIDIA A10G, 23028", "A10G", 22),
        ("Tesla T4, 15360", None, 15),
    ],
)
def test_the_driver_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, name: str | None, gib: int
) -> None:
    """As the driver's tool prints it; a GPU outside the table has its memory all the same."""
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\necho '{said}'\n", encoding="utf-8")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    found = device("")
    assert found
    assert (found.known.name if found.known else None, found.memory >> 30) == (name, gib)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert device("") is None
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    tool.write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    assert device("") is None


def test_without_a_run_the_table_is_taken_and_said_to_be(config: Make, tmp_path: Path) -> None:
    """Compute times a stated share over four operations a parameter; the user's price beats the
    list's.
    """
    made = cost(config(), device("H100"), tmp_path, multiplied=PARAMETERS, tokens=TOKENS)
    assert made.tokens_per_second == pytest.approx(
        989e12 * ASSUMED_MFU / (4 * PARAMETERS), rel=0.01
    )
    assert "not measured" in made.basis
    assert made.hours
    assert made.usd == pytest.approx(made.hours * 3.95, rel=0.01)
    own = cost(
        config(price_per_hour=2.0), device("H100"), tmp_path, multiplied=PARAMETERS, tokens=TOKENS
    )
    assert own.usd == pytest.approx(made.hours * 2, rel=0.01)
    unpriced = cost(config(), device("H200"), tmp_path, multiplied=PARAMETERS, tokens=TOKENS)
    assert (unpriced.usd, unpriced.hours) == (None, made.hours)
    assert "price_per_hour" in unpriced.price


def test_what_was_measured_beats_the_table(config: Make, tmp_path: Path) -> None:
    """The median of runs on that device, whatever their base; torn files are skipped."""
    for n, (name, flops) in enumerate(
        (("NVIDIA L4", 1e13), ("NVIDIA L4", 3e13), ("NVIDIA L4", 2e13), ("cpu", 1e10))
    ):
        (tmp_path / str(n)).mkdir()
        facts = {"around": {"device": name}, "flops_4p": flops}
        (tmp_path / str(n) / "environment.json").write_text(json.dumps(facts), encoding="utf-8")
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "environment.json").write_text("{", encoding="utf-8")
    seen = device("L4")
    assert seen
    made = cost(config(), seen, tmp_path, multiplied=PARAMETERS, tokens=TOKENS)
    assert made.tokens_per_second == pytest.approx(2e13 / (4 * PARAMETERS), rel=0.01)
    assert "3 earlier runs" in made.basis
    here = cost(config(), None, tmp_path, multiplied=PARAMETERS, tokens=TOKENS)
    assert here.tokens_per_second == pytest.approx(1e10 / (4 * PARAMETERS), rel=0.01)
    nowhere = cost(config(), None, tmp_path / "none", multiplied=PARAMETERS, tokens=TOKENS)
    assert (nowhere.hours, nowhere.usd) == (None, None)
