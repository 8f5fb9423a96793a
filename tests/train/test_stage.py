"""The train stage end to end on a tiny base: exact, resumable, and refusing what cannot go well."""

import json
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from secarch.artifact import open_artifact, read_manifest
from secarch.errors import (
    Interrupted,
    MissingExtra,
    MissingInput,
    MissingModel,
    PrerequisiteError,
    SecarchError,
    UnfinishedRun,
    UsageError,
)
from secarch.files import sha256_file
from secarch.models.local import Model
from secarch.models.weights import fingerprint
from secarch.session import Session
from secarch.train import trackers
from secarch.train.config import TrainConfig
from secarch.train.loop.checkpoints import newest_whole
from secarch.train.stage import run as fit

Make = Callable[..., TrainConfig]


@pytest.fixture(scope="module")
def run(config: Make, dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of eight steps."""
    session = Session(workspace=tmp_path_factory.mktemp("run"))
    return Path(str(fit(config(), session, dataset=dataset).artifact))


def _adapter(run: Path) -> str:
    return sha256_file(run / "adapter" / "adapter_model.safetensors")


def test_a_run_is_sealed_with_what_others_need(run: Path, dataset: Path, tiny_base: Path) -> None:
    """Adapter, tokenizer, template, every stop id, metrics and card, under the dataset's digest."""
    artifact = open_artifact(run, "run")
    names = {entry.path for entry in artifact.manifest.files if entry.content}
    assert names == {
        "README.md",
        "adapter/adapter_config.json",
        "adapter/adapter_model.safetensors",
        "chat_template.jinja",
        "generation_config.json",
        "metrics.jsonl",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert artifact.manifest.parents == [read_manifest(dataset).digest]
    chat = Model.load(tiny_base, quantization="none").chat
    recorded = artifact.manifest.config
    assert recorded["base"] == {"name": tiny_base.name, "fingerprint": fingerprint(tiny_base)}
    assert (recorded["prompt"], recorded["seed"], recorded["max_steps"]) == (chat.digest, 0, 8)
    stops = json.loads((run / "generation_config.json").read_text(encoding="utf-8"))["eos_token_id"]
    assert set(stops) == set(chat.stop_ids)


def test_nothing_of_this_machine_is_in_the_run(run: Path) -> None:
    """No absolute path in any sealed text."""
    for entry in open_artifact(run).manifest.files:
        if not entry.path.endswith(".safetensors"):
            text = (run / entry.path).read_text(encoding="utf-8")
            assert str(run.parent) not in text
            assert str(Path.home()) not in text or str(Path.home()) == "/"


def test_losses_fall_and_each_step_has_its_row(run: Path, read_metrics: Any) -> None:
    """Eight rows of training, an evaluation before the first step and at every fourth."""
    rows = read_metrics(run)
    assert [row["step"] for row in rows if "loss" in row] == list(range(1, 9))
    evals = {row["step"]: row["eval_loss"] for row in rows if "eval_loss" in row}
    assert list(evals) == [0, 4, 8]
    assert evals[8] < evals[0]
    assert all(
        row["grad_norm"] > 0 and row["tokens"] > row["trained"] > 0 for row in rows if "loss" in row
    )


def test_adapters_are_fp32_and_every_layer_learnt(run: Path) -> None:
    """In bf16 most small updates would vanish; no half of any adapter stayed where it began."""
    tensors = load_file(run / "adapter" / "adapter_model.safetensors")
    assert {str(t.dtype) for t in tensors.values()} == {"torch.float32"}
    assert all(bool(t.abs().sum() > 0) for name, t in tensors.items() if "lora_B" in name)


def test_the_evaluation_loss_is_total_nats_over_total_tokens(
    run: Path, dataset: Path, tiny_base: Path, read_metrics: Any
) -> None:
    """What is logged for the kept step is what the finished adapter gives, counted by hand."""
    model = Model.load(tiny_base, quantization="nf4", adapter=run)
    nats = tokens = 0.0
    for line in (dataset / "validation.jsonl").read_text(encoding="utf-8").splitlines():
        messages = json.loads(line)["messages"]
        ids, prompt = model.chat.encode(messages).ids, len(model.chat.prompt_ids(messages[:-1]))
        nats -= model.log_likelihood([(ids[:prompt], ids[prompt:])])[0]
        tokens += len(ids) - prompt
    logged = [row["eval_loss"] for row in read_metrics(run) if "eval_loss" in row][-1]
    assert logged == pytest.approx(
        nats / tokens, rel=0.02
    )  # training multiplies in bf16 where that is faster


def test_the_card_reads_as_yaml_and_markdown(run: Path) -> None:
    """The hub's own parser takes the front matter."""
    from huggingface_hub import ModelCard

    card = ModelCard.load(run / "README.md")
    assert card.data.to_dict()["library_name"] == "peft"
    assert "before," in card.text
    assert "CC-BY-4.0 | 48" in card.text


def test_the_same_run_again_is_nothing_to_do(run: Path, config: Make, dataset: Path) -> None:
    """Equal settings on equal data are done; a path or micro-batch that differs changes nothing."""
    outcome = fit(config(micro_batch=2), Session(workspace=run.parent.parent), dataset=dataset)
    assert outcome.status == "nothing_to_do"
    assert outcome.digest == read_manifest(run).digest


def test_the_same_name_with_other_settings_is_refused(
    run: Path, config: Make, dataset: Path
) -> None:
    """A finished run is never overwritten: --name or --fresh."""
    with pytest.raises(UsageError, match="finished run called t") as caught:
        fit(
            config(learning_rate=1e-3),
            Session(workspace=run.parent.parent, resume=True),
            dataset=dataset,
        )
    assert "--name" in str(caught.value.fix)
    assert "--fresh" in str(caught.value.fix)


def test_one_seed_gives_one_adapter_and_another_seed_another(
    run: Path, config: Make, dataset: Path, session: Session
) -> None:
    """Byte for byte, digest for digest."""
    again = fit(config(), session, dataset=dataset)
    assert again.digest == read_manifest(run).digest
    assert _adapter(Path(str(again.artifact))) == _adapter(run)
    other = fit(config(name="u"), replace(session, seed=1), dataset=dataset)
    assert _adapter(Path(str(other.artifact))) != _adapter(run)


def _child(config: TrainConfig, workspace: Path, dataset: Path) -> subprocess.Popen[bytes]:
    code = (
        "import sys; from pathlib import Path\n"
        "from secarch.session import Session\n"
        "from secarch.train.config import TrainConfig\n"
        "from secarch.train.stage import run as fit\n"
        "fit(TrainConfig.model_validate_json(sys.argv[1]), Session(workspace=Path(sys.argv[2])), "
        "dataset=Path(sys.argv[3]))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, config.model_dump_json(), str(workspace), str(dataset)]
    )


def _wait_for_step(metrics: Path, step: int, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and child.poll() is None:
        if metrics.is_file() and f'"step":{step},' in metrics.read_text(encoding="utf-8"):
            return
        time.sleep(0.02)
    raise AssertionError("the child ended, or took too long")


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_very_same_result(
    run: Path, config: Make, dataset: Path, session: Session
) -> None:
    """SIGKILL after a step of chance from 4 to 7: metrics, adapter and digest of the uninterrupted
    run.
    """
    child = _child(config(), session.workspace, dataset)
    directory = session.runs / "t"
    _wait_for_step(directory / "metrics.jsonl", random.SystemRandom().randint(4, 7), child)
    child.kill()
    child.wait()
    assert not (directory / "manifest.json").exists()
    with pytest.raises(UnfinishedRun, match="--resume"):
        fit(config(), session, dataset=dataset)
    with pytest.raises(UsageError, match=r"learning_rate: 0.005 -> 0.001") as caught:
        fit(config(learning_rate=1e-3), replace(session, resume=True), dataset=dataset)
    assert "--allow-drift" in str(caught.value.fix)
    outcome = fit(config(), replace(session, resume=True), dataset=dataset)
    assert (directory / "metrics.jsonl").read_bytes() == (run / "metrics.jsonl").read_bytes()
    assert _adapter(directory) == _adapter(run)
    assert outcome.digest == read_manifest(run).digest


@pytest.mark.slow
def test_sigterm_saves_and_the_rest_equals_an_unbroken_run(
    run: Path, config: Make, dataset: Path, session: Session
) -> None:
    """A stop between two checkpoints takes one of its own; exit 143."""
    session.stop.signum = signal.SIGTERM  # as the handler does, before the first step ends
    with pytest.raises(Interrupted) as caught:
        fit(config(), session, dataset=dataset)
    assert caught.value.exit_code == 143
    assert [path.name for path in (session.runs / "t" / "checkpoints").iterdir()] == [
        "checkpoint-1"
    ]
    fit(config(), Session(workspace=session.workspace, resume=True), dataset=dataset)
    assert _adapter(session.runs / "t") == _adapter(run)


@pytest.mark.slow
def test_a_damaged_checkpoint_costs_its_steps_and_nothing_else(
    run: Path, config: Make, dataset: Path, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one before is used, with a warning; the result is the same."""
    fit(config(), session, dataset=dataset)
    directory = session.runs / "t"
    (directory / "manifest.json").unlink()
    last = directory / "checkpoints" / "checkpoint-8"
    for path in last.iterdir():  # whatever file of a real checkpoint is hurt, it is known
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        assert newest_whole(last.parent) == last.with_name("checkpoint-4")
        path.write_bytes(whole)
    assert newest_whole(last.parent) == last
    (last / "optimizer.pt").write_bytes(b"")
    fit(config(), replace(session, resume=True), dataset=dataset)
    assert "checkpoint_damaged" in capsys.readouterr().err
    assert _adapter(directory) == _adapter(run)


def test_killed_between_the_last_step_and_the_seal(run: Path, config: Make, dataset: Path) -> None:
    """What is left to do is to seal: no step is taken again."""
    before = read_manifest(run).digest
    (run / "manifest.json").unlink()
    outcome = fit(config(), Session(workspace=run.parent.parent, resume=True), dataset=dataset)
    assert outcome.digest == before


@pytest.mark.slow
def test_out_of_memory_is_gone_on_from_with_a_smaller_micro_batch(
    config: Make,
    dataset: Path,
    session: Session,
    read_metrics: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Step 6 does not fit: half the micro-batch goes on exactly from step 4, and the change is
    recorded.
    """
    from secarch.train.loop.tuner import Tuner

    exact = {"precision": "fp32", "lora": {"r": 4, "alpha": 8, "dropout": 0.0}}
    whole = Path(str(fit(config(name="whole", **exact), session, dataset=dataset).artifact))
    step = Tuner.training_step

    def scarce(self: Any, model: Any, inputs: Any, *rest: Any, **named: Any) -> Any:
        if self.state.global_step == 5 and len(inputs["input_ids"]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return step(self, model, inputs, *rest, **named)

    monkeypatch.setattr(Tuner, "training_step", scarce)
    with pytest.raises(PrerequisiteError, match="memory does not suffice") as caught:
        fit(config(**exact), session, dataset=dataset)
    assert "--resume --set train.micro_batch=2" in str(caught.value.fix)
    assert "checkpoint-4" in str(caught.value.fix)
    run = Path(
        str(
            fit(
                config(micro_batch=2, **exact), replace(session, resume=True), dataset=dataset
            ).artifact
        )
    )
    rows, expected = read_metrics(run), read_metrics(whole)
    assert {"step": 4, "event": "micro_batch_changed", "before": 4, "now": 2} in rows
    for name in ("loss", "grad_norm", "eval_loss", "tokens", "learning_rate"):
        curves = [[row[name] for row in found if name in row] for found in (rows, expected)]
        assert curves[0] == pytest.approx(curves[1], rel=1e-5)


@pytest.mark.slow
def test_packed_rows_learn_as_unpacked_ones(
    config: Make, dataset: Path, session: Session, read_metrics: Any
) -> None:
    """Documents in one row do not see one another: the first loss, before anything was learnt, is
    the same.
    """
    one = {"max_steps": 1, "lora": {"r": 4, "alpha": 8, "dropout": 0.0}}
    wide = {"name": "b", "max_length": 512, "packing": True, "micro_batch": 1, **one}
    filled = fit(config(**wide), replace(session, dry_run=True), dataset=dataset).result["plan"][
        "rows"
    ]
    plain = fit(config(name="a", micro_batch=48, global_batch=48, **one), session, dataset=dataset)
    packed = fit(config(**wide, global_batch=filled), session, dataset=dataset)
    first = [read_metrics(Path(str(made.artifact)))[1] for made in (plain, packed)]
    assert filled <= 48 / 2
    assert first[0]["tokens"] == first[1]["tokens"]
    assert first[0]["loss"] == pytest.approx(first[1]["loss"], abs=2e-2)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": "wsd", "neftune": 5.0},
        {"gradient_checkpointing": True, "schedule": "constant"},
        {"lora": {"r": 4, "variant": "dora", "init": "gaussian"}},
        {"lora": {"r": 4, "variant": "rslora"}},
        {"quantization": "none", "lora": {"r": 4, "init": "orthogonal"}},
        {
            "optimizer": "adamw_8bit",
            "packing": True,
            "max_length": 512,
            "global_batch": 4,
            "micro_batch": 1,
        },
    ],
)
def test_other_choices_train_too(
    config: Make, dataset: Path, session: Session, changes: Any, read_metrics: Any
) -> None:
    """Schedules, checkpointing and variants that are offered work on a quantised base."""
    made = fit(config(max_steps=4, **changes), session, dataset=dataset)
    evals = [
        row["eval_loss"] for row in read_metrics(Path(str(made.artifact))) if "eval_loss" in row
    ]
    assert evals[-1] < evals[0]


def test_a_loss_that_is_no_number_stops_the_run(
    config: Make, dataset: Path, session: Session
) -> None:
    """The guard says what to try, and leaves no artifact."""
    with pytest.raises(SecarchError, match="at step") as caught:
        fit(
            config(
                learning_rate=0.99, max_grad_norm=1e30, max_steps=40, lora={"r": 4, "alpha": 10**38}
            ),
            session,
            dataset=dataset,
        )
    assert "learning_rate" in str(caught.value.fix)
    assert not (session.runs / "t" / "manifest.json").exists()


def test_one_row_and_no_validation_still_train(
    config: Make, write: Any, make_row: Any, session: Session, tmp_path: Path
) -> None:
    """The last checkpoint is kept, and it is said that nothing was held out."""
    outcome = fit(config(max_steps=2), session, dataset=write(tmp_path / "d", [make_row(1)]))
    assert outcome.result["eval_loss"] is None
    assert outcome.counts["rows"] == 1
    assert "no validation" in outcome.summary


def test_zero_rows_leave_no_trace(
    config: Make, write: Any, session: Session, tmp_path: Path
) -> None:
    """A refused run makes no directory."""
    with pytest.raises(MissingInput):
        fit(config(), session, dataset=write(tmp_path / "d", []))
    assert not session.runs.exists()


def test_a_missing_base_or_tracker_is_said_before_anything_is_made(
    config: Make, dataset: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 3, and no directory."""
    with pytest.raises(MissingModel):
        fit(config(base="nobody/nothing"), session, dataset=dataset)
    monkeypatch.setitem(trackers.MODULES, "wandb", "no_such_package_here")
    with pytest.raises(MissingExtra):
        fit(config(trackers=["wandb"]), session, dataset=dataset)
    assert not session.runs.exists()


def test_a_dry_run_touches_nothing_and_tells_the_truth(
    run: Path, config: Make, dataset: Path, session: Session
) -> None:
    """What it says of steps, rows and parameters is what the run then has."""
    outcome = fit(config(), replace(session, dry_run=True), dataset=dataset)
    assert not session.workspace.exists()
    counts = read_manifest(run).counts
    assert outcome.counts["steps"] == counts["steps"]
    assert outcome.counts["rows"] == counts["rows"]
    assert outcome.result["manifest"]["config"] == read_manifest(run).config
    tensors = load_file(run / "adapter" / "adapter_model.safetensors")
    assert outcome.result["plan"]["trainable"] == sum(t.numel() for t in tensors.values())


@pytest.mark.slow
def test_a_run_that_gets_no_better_ends_early(
    config: Make, dataset: Path, session: Session, read_metrics: Any
) -> None:
    """With no rate to speak of nothing improves: it ends at the second stale evaluation, and says
    so.
    """
    outcome = fit(
        config(learning_rate=1e-30, early_stopping=2, eval_steps=1, save_steps=1),
        session,
        dataset=dataset,
    )
    rows = read_metrics(Path(str(outcome.artifact)))
    assert outcome.counts["steps"] == 2
    assert {"step": 2, "event": "early_stopping", "evaluations": 2} in rows
    (Path(str(outcome.artifact)) / "manifest.json").unlink()
    again = fit(
        config(learning_rate=1e-30, early_stopping=2, eval_steps=1, save_steps=1),
        replace(session, resume=True),
        dataset=dataset,
    )
    assert again.digest == outcome.digest


@pytest.mark.slow
def test_a_run_that_diverges_stops_and_keeps_the_checkpoint_before(
    config: Make, dataset: Path, session: Session
) -> None:
    """A rate far too high: stopped at the spike, and the checkpoint from before it is there."""
    wild = {
        "learning_rate": 0.9,
        "warmup": 0.9,
        "max_grad_norm": 1e9,
        "max_steps": 60,
        "eval_steps": 1,
        "save_steps": 1,
        "max_eval_rows": 1,
        "guard": {"patience": 1, "spike": 10},
    }
    with pytest.raises(SecarchError, match="gradients spike") as caught:
        fit(config(**wild), session, dataset=dataset)
    kept = str(caught.value.why).rsplit(" ", 1)[-1]
    assert (session.runs / "t" / "checkpoints" / kept / "checkpoint.json").is_file()
    assert "train.learning_rate=0.3" in str(caught.value.fix)


@pytest.mark.slow
def test_a_resume_under_other_libraries_is_refused_or_recorded(
    config: Make, dataset: Path, session: Session, read_metrics: Any
) -> None:
    """What changed is named; with --allow-drift it stands in the manifest and in metrics.jsonl."""
    session.stop.signum = signal.SIGTERM
    with pytest.raises(Interrupted):
        fit(config(), session, dataset=dataset)
    state = session.runs / "t" / "run.json"
    found = json.loads(state.read_text(encoding="utf-8"))
    assert set(found["around"]) == {"code", "device", "libraries"}
    now = found["around"]["libraries"]["torch"]
    found["around"]["libraries"]["torch"] = "1.0"
    state.write_text(json.dumps(found), encoding="utf-8")
    again = Session(workspace=session.workspace, resume=True)
    with pytest.raises(UsageError, match=rf"libraries\.torch: 1\.0 -> {re.escape(now)}"):
        fit(config(), again, dataset=dataset)
    with pytest.raises(UsageError, match="another base or adapter"):
        fit(config(lora={"r": 8}), again, dataset=dataset, allow_drift=True)
    run = Path(str(fit(config(), again, dataset=dataset, allow_drift=True).artifact))
    assert read_manifest(run).config["drift"] == [f"libraries.torch: 1.0 -> {now}"]
    assert next(row for row in read_metrics(run) if row.get("event") == "drift")["step"] == 1
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "What happened to it" in page
    assert "tokens a second" in page
    assert fit(config(), again, dataset=dataset).status == "nothing_to_do"
