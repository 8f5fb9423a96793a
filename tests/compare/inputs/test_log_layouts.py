"""Where the logs of lm-eval and inspect_ai lie, and which model they are of."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from secarch.compare.inputs.scores import read_scores
from secarch.errors import InvalidInput

STAMP = "2026-03-04T05-06-07.000008"
ROWS = [
    {"doc_id": n, "doc": {}, "filter": "none", "metrics": ["acc"], "acc": n % 2} for n in (0, 1)
]


def values(path: Path) -> dict[str, list[float | None]]:
    """Each metric's values, in the order of the log."""
    return {
        metric: [score.value for score in rows.values()]
        for metric, rows in read_scores(path).scores.items()
    }


def write(path: Path, text: str) -> Path:
    """Write a file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def inspected(path: Path, values: list[Any], model: str = "m") -> None:
    """A log of inspect_ai in the zip form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        eval_ = {"task": "cloud", "model": model}
        archive.writestr("header.json", json.dumps({"status": "success", "eval": eval_}))
        for n, value in enumerate(values):
            scores = None if value is None else {"match": {"value": value}}
            one = {"id": n, "epoch": 1, "input": f"q{n}", "scores": scores}
            archive.writestr(f"samples/{n}_epoch_1.json", json.dumps(one))


LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def test_logs_lie_any_number_of_folders_deep(tmp_path: Path) -> None:
    """The folder of a series of runs is as good as that of one run."""
    write(tmp_path / "a" / "b" / "org__m" / f"samples_arc_{STAMP}.jsonl", LINES)
    assert values(tmp_path) == {"acc": [0, 1]}
    inspected(tmp_path / "i" / "logs" / "1.eval", ["C", "I"])
    assert values(tmp_path / "i") == {"match": [1, 0]}


def test_logs_without_a_time_are_found_by_the_tasks_of_the_results(tmp_path: Path) -> None:
    """Version 0.4.0 wrote the model's arguments into the name, which differ between two sides."""
    write(tmp_path / "results.json", json.dumps({"results": {"easy": {}, "arc_easy": {}}}))
    write(tmp_path / "pretrained=org__m_arc_easy.jsonl", LINES)
    write(tmp_path / "other.jsonl", "{}\n")
    assert [key[0] for key in read_scores(tmp_path).scores["acc"]] == ["arc_easy/0", "arc_easy/1"]


def test_results_that_hold_their_samples_are_read(tmp_path: Path) -> None:
    """As the library returns them, in one document."""
    one = write(tmp_path / "one.json", json.dumps({"results": {}, "samples": {"arc": ROWS}}))
    assert values(one) == {"acc": [0, 1]}
    two = {"results": {}, "samples": {"arc": ROWS, "law": ROWS}}
    assert len(values(write(tmp_path / "two.json", json.dumps(two)))["acc"]) == 4


def test_a_log_s_number_that_is_not_finite_is_unscored(tmp_path: Path) -> None:
    """lm-eval writes NaN where a metric could not be computed."""
    log = write(tmp_path / f"samples_a_{STAMP}.jsonl", LINES.replace('"acc": 0', '"acc": NaN'))
    assert values(log) == {"acc": [None, 1]}


def test_a_sample_without_scores_is_unscored_and_not_left_out(tmp_path: Path) -> None:
    """Otherwise the mean would be that of the samples that went well."""
    inspected(tmp_path / "1.eval", ["C", None, "I"])
    assert sorted(values(tmp_path / "1.eval")["match"], key=str) == [0, 1, None]


def test_logs_of_two_models_in_one_folder_are_refused(tmp_path: Path) -> None:
    """Their names tell the task and the time alone, so that the newer one would stand for both."""
    inspected(tmp_path / "2026-01-01T00-00-00_cloud_a.eval", ["C"])
    inspected(tmp_path / "2026-01-02T00-00-00_cloud_b.eval", ["I"])
    assert values(tmp_path) == {"match": [0]}
    inspected(tmp_path / "2026-01-02T00-00-00_cloud_b.eval", ["I"], model="other")
    with pytest.raises(InvalidInput, match="several models"):
        read_scores(tmp_path)
