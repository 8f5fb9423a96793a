"""The file for Prometheus is one that its own client can read, whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from secarch.errors import UsageError
from secarch.probe.stage import seconds
from secarch.probe.textfile import write


def _samples(path: Path) -> dict[tuple[str, str], float]:
    parser = pytest.importorskip("prometheus_client.parser")
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in parser.text_string_to_metric_families(path.read_text())
        for sample in family.samples
    }


def test_one_verdict_is_set(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "probe.prom"
    write(path, "WORSE", at=1700000000.5, scores={"rubric": 0.25, "rouge_l": 0.1})
    found = _samples(path)
    assert found["secarch_probe_verdict", "WORSE"] == 1
    assert sum(v for (name, _), v in found.items() if name == "secarch_probe_verdict") == 1
    assert found["secarch_probe_score", "rubric"] == 0.25
    assert found["secarch_probe_finished_timestamp_seconds", ""] == 1700000000.5
    write(path, None, at=1.0, scores={})
    assert _samples(path)["secarch_probe_verdict", "NO ANSWERS"] == 1
    assert [p.name for p in path.parent.iterdir()] == ["probe.prom"]


@pytest.mark.parametrize(("text", "value"), [("15m", 900), ("30s", 30), ("1h", 3600)])
def test_intervals(text: str, value: int) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["15", "m", "0m", "-1m", "1d", "1.5h"])
def test_what_is_no_interval(text: str) -> None:
    with pytest.raises(UsageError, match="not an interval"):
        seconds(text)
