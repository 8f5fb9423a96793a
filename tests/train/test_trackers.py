"""Trackers are told what the journal is told, in their own stores; one that is down costs nothing
but its picture.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import read_manifest
from secarch.errors import MissingExtra, PrerequisiteError
from secarch.session import Session
from secarch.train import trackers
from secarch.train.config import TrainConfig
from secarch.train.stage import run as fit

MANIFEST = {"learning_rate": 0.01, "lora": {"r": 4}}


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test may find, or write to, the developer's own trackers."""
    for name in ("WANDB_API_KEY", "MLFLOW_TRACKING_URI", "WANDB_PROJECT", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))


def _scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    events = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="no tensorboard"
    )
    read = events.EventAccumulator(str(folder / "trackers" / "tensorboard"))
    read.Reload()
    return {tag: [(e.step, e.value) for e in read.Scalars(tag)] for tag in read.Tags()["scalars"]}


def _mlflow(folder: Path) -> Any:
    tracking = pytest.importorskip("mlflow.tracking", reason="no mlflow")
    return tracking.MlflowClient(f"sqlite:///{folder / 'trackers' / 'mlflow.db'}")


@pytest.mark.slow
def test_a_run_is_in_all_three_with_its_manifest(
    config: Callable[..., TrainConfig],
    dataset: Path,
    session: Session,
    read_metrics: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """TensorBoard's events, MLflow's SQLite store and W&B's offline file hold every loss, and the
    seal's digest.
    """
    for name in trackers.MODULES.values():
        pytest.importorskip(name, reason=f"no {name}")
    few = {"max_steps": 2, "eval_steps": 2, "save_steps": 2}
    plain = fit(config(**few), Session(workspace=tmp_path / "plain"), dataset=dataset)
    outcome = fit(config(**few, trackers=list(trackers.MODULES)), session, dataset=dataset)
    assert capsys.readouterr().out == ""
    run = Path(str(outcome.artifact))
    assert outcome.result["trackers_lost"] == {}
    assert outcome.digest == plain.digest
    losses = [(row["step"], row["loss"]) for row in read_metrics(run) if "loss" in row]
    assert [(step, pytest.approx(value)) for step, value in losses] == _scalars(run)["train/loss"]
    client = _mlflow(run)
    (found,) = client.search_runs([client.get_experiment_by_name("secarch").experiment_id])
    assert [
        (m.step, m.value) for m in client.get_metric_history(found.info.run_id, "loss")
    ] == losses
    recorded = read_manifest(run).config
    assert found.data.params["lora.r"] == str(recorded["lora"]["r"])
    assert found.data.params["dataset"] == recorded["dataset"]
    assert found.data.tags["secarch.digest"] == outcome.digest
    assert found.info.status == "FINISHED"
    (offline,) = (run / "trackers" / "wandb").glob("offline-run-*/run-*.wandb")
    assert recorded["dataset"].encode() in offline.read_bytes()


def test_one_that_is_down_is_lost_and_the_run_goes_on(
    config: Callable[..., TrainConfig],
    dataset: Path,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """A server that nobody listens at: an event, a warning without its password, and the same
    digest.
    """
    pytest.importorskip("mlflow", reason="no mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://someone:hunter2@127.0.0.1:9")
    monkeypatch.setitem(trackers.PATIENCE, "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)
    few = {"max_steps": 1, "eval_steps": 1, "save_steps": 1}
    outcome = fit(config(**few, trackers=["mlflow"]), session, dataset=dataset)
    assert set(outcome.result["trackers_lost"]) == {"mlflow"}
    rows = (Path(str(outcome.artifact)) / "metrics.jsonl").read_text(encoding="utf-8")
    assert '"event":"tracker_lost"' in rows
    said = capsys.readouterr().err
    assert "tracker_lost" in said
    assert "hunter2" not in said + rows + json.dumps(outcome.result)
    assert (
        fit(config(**few), Session(workspace=tmp_path / "plain"), dataset=dataset).digest
        == outcome.digest
    )


@pytest.mark.slow
def test_one_that_breaks_in_the_middle_is_let_go(tmp_path: Path) -> None:
    """Its store is overwritten: one event, and no further call reaches it."""
    pytest.importorskip("mlflow", reason="no mlflow")
    with trackers.following(["mlflow"], tmp_path, "k" * 64, MANIFEST, since=0) as follow:
        assert follow(1, {"loss": 2.0}) == []
        (tmp_path / "trackers" / "mlflow.db").write_bytes(b"no database" * 1000)
        (event,) = follow(2, {"loss": 1.9})
        assert (event["event"], event["tracker"]) == ("tracker_lost", "mlflow")
        assert follow(3, {"loss": 1.8}) == []


@pytest.mark.slow
def test_a_resumed_run_goes_on_in_the_same_record(tmp_path: Path) -> None:
    """MLflow's run is found by its key; TensorBoard forgets what lay beyond the checkpoint."""
    names = ["tensorboard", "mlflow"]
    for name in names:
        pytest.importorskip(name, reason=f"no {name}")
    for since, steps in ((0, (1, 2, 3)), (2, (3, 4))):
        with trackers.following(names, tmp_path, "k" * 64, MANIFEST, since=since) as follow:
            for step in steps:
                assert follow(step, {"loss": 10.0 * since + step}) == []
            follow.close({} if since == 0 else {"digest": "d"})
    assert _scalars(tmp_path)["train/loss"] == [(1, 1.0), (2, 2.0), (3, 23.0), (4, 24.0)]
    client = _mlflow(tmp_path)
    (found,) = client.search_runs([client.get_experiment_by_name("secarch").experiment_id])
    assert found.info.status == "FINISHED"
    assert found.data.params == {"learning_rate": "0.01", "lora.r": "4"}


def test_a_missing_package_or_account_is_said_before_anything_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 3, with the pip line or the variable to set."""
    trackers.check([])
    monkeypatch.setenv("WANDB_MODE", "online")
    if trackers.importlib.util.find_spec("wandb"):
        with pytest.raises(PrerequisiteError, match="no account") as asked:
            trackers.check(["wandb"])
        assert "WANDB_API_KEY" in str(asked.value.fix)
        monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
        trackers.check(["wandb"])
    monkeypatch.setitem(trackers.MODULES, "mlflow", "no_such_package_here")
    with pytest.raises(MissingExtra, match=r"pip install 'secarch\[mlflow\]'") as caught:
        trackers.check(["mlflow"])
    assert caught.value.exit_code == 3
