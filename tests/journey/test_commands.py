"""The five commands one by one, and what a user does wrong with them."""

from __future__ import annotations

import json
import os
import random
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.journey.conftest import Shell, Tour

TRAIN = """
    train.max_steps=12 train.eval_steps=12 train.save_steps=12 train.micro_batch=4
    train.global_batch=8 train.lora.r=8 train.learning_rate=2e-3 train.max_length=256
    train.max_eval_rows=8 train.lora.alpha=16 eval.max_new_tokens=4 eval.smoke=true
    compare.draws=500
""".split()
SETS = [item for setting in TRAIN for item in ("--set", setting)]


def _base(shell: Shell) -> str:
    return str(next(shell.cache.glob("secarch/bases/*/base.json")).parent)


def _dataset(workspace: Path) -> Path:
    return next(workspace.glob("datasets/*/manifest.json")).parent


def _verdict(shell: Shell, dataset: Path) -> dict[str, Any]:
    common = ["--workspace", str(shell.cwd / "w"), *SETS, "--base", _base(shell)]
    trained = shell.run("train", *common, "--dataset", str(dataset), "--name", "r", "--json")
    assert trained.returncode == 0, trained.stderr
    run = json.loads(trained.stdout)["artifact"]
    asked = ["--tuned", run, "--primary", "reference_bits_per_byte", "--json"]
    compared = shell.run("compare-baseline", *common, *asked, "--fail-on", "unsafe")
    assert compared.returncode == 0, compared.stderr
    document: dict[str, Any] = json.loads(compared.stdout)
    return document


@pytest.mark.slow
def test_true_answers_make_it_better(tour: Tour, tmp_path: Path) -> None:
    """The control: what was harvested helps to predict reference answers that were written apart
    from it.
    """
    shell = tour.copy(tmp_path)
    assert _verdict(shell, _dataset(shell.workspace))["verdict"] == "BETTER"


@pytest.mark.slow
def test_shuffled_answers_do_not_make_it_better(tour: Tour, tmp_path: Path) -> None:
    """The same letters in no order teach nothing, and the verdict does not say BETTER."""
    shell, rng = tour.copy(tmp_path), random.Random(1)
    noise = tmp_path / "noise"
    noise.mkdir()
    for name in ("train.jsonl", "validation.jsonl"):
        rows = [
            json.loads(line)
            for line in (_dataset(shell.workspace) / name).read_text("utf-8").splitlines()
        ]
        for row in rows if name == "train.jsonl" else []:
            answer = row["messages"][-1]["content"]
            row["messages"][-1]["content"] = "".join(rng.sample(answer, len(answer))).strip()
        (noise / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert _verdict(shell, noise)["verdict"] != "BETTER"


@pytest.mark.slow
def test_a_finished_evaluation_is_not_repeated_and_a_gate_is_exit_5(
    tour: Tour, tmp_path: Path
) -> None:
    """The same evaluation is found again; a threshold that is not met fails the command, its
    results complete.
    """
    shell = tour.copy(tmp_path)
    common = ["--workspace", str(shell.workspace), *SETS, "--model", _base(shell), "--json"]
    first = shell.run("eval", *common)
    assert json.loads(first.stdout)["status"] == "done", first.stderr
    assert json.loads(shell.run("eval", *common).stdout)["status"] == "nothing_to_do"
    gated = shell.run("eval", *common, "--min-score", "0.99")
    assert gated.returncode == 5
    document = json.loads(gated.stdout)
    assert document["status"] == "gate_failed"
    assert Path(shell.cwd / document["artifact"], "manifest.json").is_file()


def _refused(shell: Shell, *args: str) -> tuple[int, str]:
    done = shell.run(*args)
    assert "Traceback" not in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) < 24, done.stderr
    assert not list(shell.cwd.rglob("manifest.json"))
    return done.returncode, done.stderr


def test_an_unreachable_host_is_exit_4_and_leaves_nothing_that_looks_finished(shell: Shell) -> None:
    """Nobody listens on the port; the error says which address and why."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = ["harvest.delay_s=0", "harvest.retries=0", "harvest.allow_networks=[127.0.0.0/8]"]
    sets = [item for setting in settings for item in ("--set", setting)]
    code, err = _refused(shell, "harvest", *sets, f"http://127.0.0.1:{port}/")
    assert code == 4
    assert f"127.0.0.1:{port}" in err


def test_a_public_host_without_contact_is_refused(shell: Shell) -> None:
    """The site's owner must be able to reach whoever crawls."""
    code, err = _refused(shell, "harvest", "https://docs.example.org/")
    assert code == 2
    assert "harvest.contact" in err


def test_malformed_yaml_unknown_key_and_missing_file(shell: Shell) -> None:
    """Each names its place and exits as the contract says."""
    (shell.cwd / "bad.yaml").write_text("train: {lora: {r: 3}\n", encoding="utf-8")
    (shell.cwd / "typo.yaml").write_text("dedupe:\n  treshold: 0.9\n", encoding="utf-8")
    assert _refused(shell, "dedupe", "--config", "bad.yaml")[0] == 2
    code, err = _refused(shell, "dedupe", "--config", "typo.yaml")
    assert code == 2
    assert "typo.yaml:2:3" in err
    assert "did you mean dedupe.threshold?" in err
    assert _refused(shell, "dedupe", "--config", "none.yaml")[0] == 4
    assert _refused(shell, "dedupe", "--documents", "none.jsonl")[0] == 4


@pytest.mark.parametrize("rows", [0, 1])
def test_a_dataset_without_rows_is_refused_and_one_row_is_said(
    shell: Shell, tour: Tour, rows: int
) -> None:
    """Zero rows cannot be trained on (exit 4); a single one trains or is refused, and is never a
    crash.
    """
    data = shell.cwd / "data"
    data.mkdir()
    lines = (_dataset(tour.workspace) / "train.jsonl").read_text("utf-8").splitlines(keepends=True)
    (data / "train.jsonl").write_text("".join(lines[:rows]), encoding="utf-8")
    done = shell.run(
        "train", "--dataset", str(data), "--base", _base(shell), *SETS, "--max-steps", "2"
    )
    assert done.returncode in ({4} if rows == 0 else {0, 4}), done.stderr
    assert "Traceback" not in done.stderr
    if rows == 0:
        assert "no training rows" in done.stderr
        assert "fix:" in done.stderr


def test_a_base_that_cannot_be_had_offline_is_exit_3(shell: Shell, tour: Tour) -> None:
    """The fix names the ways to get one."""
    data = _dataset(tour.workspace)
    code, err = _refused(
        shell, "train", "--dataset", str(data), "--base", "nobody/no-such-model", *SETS
    )
    assert code == 3
    assert "train.base" in err or "--base" in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_workspace_is_exit_3(shell: Shell, tour: Tour) -> None:
    """Nothing is half-written; the fix is another workspace."""
    (shell.cwd / "locked").mkdir(mode=0o555)
    documents = next(tour.workspace.glob("harvest/documents-*"))
    code, err = _refused(shell, "dedupe", "--workspace", "locked", "--documents", str(documents))
    assert code == 3
    assert "--workspace" in err


def test_a_file_in_the_place_of_the_workspace_is_exit_3(shell: Shell, tour: Tour) -> None:
    """A workspace that cannot be a folder is the same trouble, for root too."""
    (shell.cwd / "taken").write_text("", encoding="utf-8")
    documents = next(tour.workspace.glob("harvest/documents-*"))
    code, err = _refused(shell, "dedupe", "--workspace", "taken", "--documents", str(documents))
    assert code == 3
    assert "--workspace" in err


def test_an_unfinished_run_names_both_ways_out(shell: Shell, tour: Tour) -> None:
    """Exit 2 with --resume and --fresh; --resume goes on."""
    documents = str(next(tour.workspace.glob("harvest/documents-*")))
    sealed = _dataset(tour.workspace)
    half = shell.cwd / "w" / "datasets" / sealed.name
    half.mkdir(parents=True)
    (half / "train.jsonl").write_text("{", encoding="utf-8")
    args = (
        "dedupe",
        "--workspace",
        "w",
        "--documents",
        documents,
        "--config",
        str(_demo_settings()),
    )
    refused = shell.run(*args)
    assert refused.returncode == 2, refused.stderr
    assert "--resume" in refused.stderr
    assert "--fresh" in refused.stderr
    assert shell.run(*args, "--resume").returncode == 0
    assert (half / "train.jsonl").read_bytes() == (sealed / "train.jsonl").read_bytes()


def _demo_settings() -> Path:
    return Path(__file__).parents[2] / "configs" / "demo.yaml"
