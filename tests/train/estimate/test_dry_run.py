"""A dry run: everything a user wants to know before the first GPU second, and no torch."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from secarch.errors import InvalidInput, PrerequisiteError
from secarch.models.weights import plain_attention
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.estimate import price
from secarch.train.stage import run as fit

Make = Callable[..., TrainConfig]


def test_a_dry_run_of_the_command_imports_no_torch(
    dataset: Path, tiny_base: Path, tmp_path: Path
) -> None:
    """Neither torch nor what would bring it, on the way from the command line to the last
    figure.
    """
    code = (
        "import sys\n"
        "from secarch.cli.app import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'torch', 'transformers', 'peft', 'trl', 'datasets', 'accelerate'} & "
        "set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    command = [
        sys.executable,
        "-c",
        code,
        "train",
        "--dry-run",
        "--json",
        "--base",
        str(tiny_base),
        "--dataset",
        str(dataset),
        "--workspace",
        str(tmp_path / "ws"),
        "--set",
        "train.gpu=L4",
        "--set",
        "train.max_length=256",
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    memory = said["plan"]["memory"]
    parts = (
        "weights",
        "quantization",
        "adapters",
        "optimizer",
        "activations",
        "logits",
        "overhead",
    )
    assert memory["total"] == sum(memory[name] for name in parts)
    assert memory["relative_error"] == 0.15
    assert said["manifest"]["kind"] == "run"
    assert said["cost"]["device"] == "L4"
    assert said["cost"]["usd"] is not None
    assert "give or take" in done.stderr
    assert not (tmp_path / "ws").exists()


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_cannot_fit_is_refused_before_anything_is_loaded(
    config: Make, dataset: Path, session: Session, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    """Before torch is loaded and before anything is written; here not even the context would
    fit.
    """
    small = price.Device(name="tiny GPU", memory=512 << 20, known=None)
    monkeypatch.setattr(price, "device", lambda _: small)
    with pytest.raises(PrerequisiteError, match="this run needs about") as caught:
        fit(config(), replace(session, dry_run=dry_run), dataset=dataset)
    assert not session.workspace.exists()
    assert "larger GPU" in str(caught.value.fix)
    assert "overhead 0.8 GiB" in str(caught.value.why)


def test_a_target_that_no_layer_has_is_refused(
    config: Make, dataset: Path, session: Session
) -> None:
    """One wrong name among right ones would be skipped by the library."""
    with pytest.raises(InvalidInput, match="no linear layer called qkv_proj") as caught:
        fit(
            config(lora={"targets": ["q_proj", "qkv_proj"]}),
            replace(session, dry_run=True),
            dataset=dataset,
        )
    assert "down_proj, gate_proj, k_proj" in str(caught.value.why)


@pytest.mark.parametrize("change", [{"sliding_window": 128}, {"attn_logit_softcapping": 50.0}])
def test_attending_by_documents_is_refused_where_a_base_attends_otherwise(
    config: Make,
    dataset: Path,
    session: Session,
    tiny_base: Path,
    tmp_path: Path,
    change: dict[str, float],
) -> None:
    """Its windows would be skipped in silence; auto takes the mask there."""
    base = shutil.copytree(tiny_base, tmp_path / "base")
    settings = json.loads((base / "config.json").read_text(encoding="utf-8"))
    (base / "config.json").write_text(json.dumps({**settings, **change}), encoding="utf-8")
    assert (plain_attention(tiny_base), plain_attention(base)) == (True, False)
    asked = config(base=str(base), packing=True, attention="varlen")
    with pytest.raises(InvalidInput, match="attends in windows"):
        fit(asked, replace(session, dry_run=True), dataset=dataset)
