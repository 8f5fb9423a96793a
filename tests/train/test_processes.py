"""Several processes over gloo: the run of one process, at the same global batch."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import open_artifact
from secarch.errors import UsageError
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.stage import run as fit

LAUNCH = (
    "-m",
    "torch.distributed.run",
    "--nproc_per_node=2",
    "--rdzv_backend=c10d",
    "--rdzv_endpoint=127.0.0.1:0",
)
"""What `accelerate launch --num_processes 2` runs for GPUs; on CPUs that command starts one
process.
"""


def _launch(
    config: TrainConfig, workspace: Path, dataset: Path, *flags: str
) -> subprocess.CompletedProcess[str]:
    settings = workspace.with_suffix(".yaml")
    settings.write_text(
        json.dumps({"train": config.model_dump(mode="json")}), encoding="utf-8"
    )  # JSON is YAML
    command = [
        "train",
        "--config",
        settings,
        "--workspace",
        workspace,
        "--dataset",
        dataset,
        "--json",
        *flags,
    ]
    return subprocess.run(
        [sys.executable, *LAUNCH, "-m", "secarch", *map(str, command)],
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=False,
    )


@pytest.mark.slow
def test_two_processes_learn_what_one_does(
    config: Callable[..., TrainConfig], dataset: Path, tmp_path: Path, read_metrics: Any
) -> None:
    """Losses, evaluations and token counts of one process within 1e-4; one writes, seals and
    speaks.
    """
    few = {
        "max_steps": 3,
        "eval_steps": 3,
        "save_steps": 3,
        "precision": "fp32",
        "lora": {"r": 4, "dropout": 0.0},
    }
    alone = fit(config(**few, micro_batch=1), Session(workspace=tmp_path / "one"), dataset=dataset)
    ended = _launch(config(**few, micro_batch=1), tmp_path / "two", dataset)
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)  # exactly one document
    run = open_artifact(Path(said["artifact"]), "run")
    assert json.loads((run.path / "run.json").read_text(encoding="utf-8"))["processes"] == 2
    one, two = read_metrics(Path(str(alone.artifact))), read_metrics(run.path)
    for name in ("loss", "eval_loss", "grad_norm"):
        ours = [row[name] for row in two if name in row]
        assert ours == pytest.approx([row[name] for row in one if name in row], abs=1e-4), name
        assert ours, name
    assert run.manifest.counts == open_artifact(Path(str(alone.artifact))).manifest.counts
    assert (run.path / "checkpoints" / "checkpoint-3" / "rng_state_1.pth").is_file()
    (run.path / "manifest.json").unlink()
    with pytest.raises(UsageError, match="started with 2 processes"):
        fit(
            config(**few, micro_batch=1),
            Session(workspace=tmp_path / "two", resume=True),
            dataset=dataset,
        )


@pytest.mark.slow
@pytest.mark.parametrize("packing", [False, True])
def test_rows_that_do_not_divide_are_learnt_once(
    packing: bool,
    config: Callable[..., TrainConfig],
    make_row: Callable[..., dict[str, Any]],
    write: Callable[..., Path],
    tmp_path: Path,
    read_metrics: Any,
) -> None:
    """Losses, evaluations and counts of one process within 1e-5 over ends of epochs at which one
    process has rows and the other none; killed after a step and resumed, the run is the same.
    """
    held_out = [make_row(n, split="validation") for n in range(48, 53)]
    data = write(tmp_path / "d", [make_row(n) for n in range(13)], held_out)
    few = {
        "max_steps": 6,
        "eval_steps": 2,
        "save_steps": 2,
        "precision": "fp32",
        "global_batch": 8,
        "micro_batch": 2,
        "packing": packing,
        **({"max_length": 260} if packing else {}),
        "lora": {"r": 4, "dropout": 0.0},
    }
    alone = fit(config(**few), Session(workspace=tmp_path / "one"), dataset=data)
    ended = _launch(config(**few), tmp_path / "two", data)
    assert ended.returncode == 0, ended.stderr
    run = open_artifact(Path(json.loads(ended.stdout)["artifact"]), "run")
    one, two = read_metrics(Path(str(alone.artifact))), read_metrics(run.path)
    for name in ("loss", "eval_loss", "grad_norm", "tokens"):
        ours = [row[name] for row in two if name in row]
        assert ours == pytest.approx([row[name] for row in one if name in row], abs=1e-5), name
        assert ours, name
    assert run.manifest.counts == open_artifact(Path(str(alone.artifact))).manifest.counts
    before = (run.path / "adapter" / "adapter_model.safetensors").read_bytes()
    (run.path / "manifest.json").unlink()
    for step in (4, 6):
        shutil.rmtree(run.path / "checkpoints" / f"checkpoint-{step}")
    again = _launch(config(**few), tmp_path / "two", data, "--resume")
    assert again.returncode == 0, again.stderr
    assert (run.path / "adapter" / "adapter_model.safetensors").read_bytes() == before
    assert read_metrics(run.path) == two


@pytest.mark.slow
def test_two_processes_prefer_what_one_does(
    config: Callable[..., TrainConfig], tmp_path: Path, read_metrics: Any
) -> None:
    """With a pair more for one of them, in training and held out: neither waits for the other for
    ever, and no pair counts twice.
    """
    rows = [{"prompt": f"Rule {n}?", "chosen": f"Use {n}.", "rejected": "No."} for n in range(11)]
    (tmp_path / "pairs").mkdir()
    for name, part in (("train", rows[:7]), ("validation", rows[7:])):
        text = "\n".join(json.dumps(row) for row in part)
        (tmp_path / "pairs" / f"{name}.jsonl").write_text(text, encoding="utf-8")
    settings = config(
        objective="dpo",
        max_steps=4,
        eval_steps=2,
        save_steps=2,
        precision="fp32",
        quantization="none",
        micro_batch=1,
        lora={"r": 4, "dropout": 0.0},
    )
    alone = fit(settings, Session(workspace=tmp_path / "one"), dataset=tmp_path / "pairs")
    ended = _launch(settings, tmp_path / "two", tmp_path / "pairs")
    assert ended.returncode == 0, ended.stderr
    one = read_metrics(Path(str(alone.artifact)))
    two = read_metrics(Path(json.loads(ended.stdout)["artifact"]))
    for name in ("loss", "accuracy", "tokens", "eval_loss", "eval_accuracy"):
        ours = [row[name] for row in two if name in row]
        assert ours == pytest.approx([row[name] for row in one if name in row], abs=1e-5), name
        assert ours, name


def test_processes_that_cannot_share_the_batch_are_refused(
    config: Callable[..., TrainConfig],
    dataset: Path,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Said before anything is loaded, with the multiple that would do."""
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(UsageError, match="3 processes of micro_batch 4") as caught:
        fit(config(), session, dataset=dataset)
    assert "multiple of 12" in str(caught.value.fix)
