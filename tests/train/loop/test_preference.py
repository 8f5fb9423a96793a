"""Preferences: the loss is the paper's, and a killed run resumes to the very same result."""

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from secarch.artifact import read_manifest
from secarch.errors import MissingInput
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.data.rows import Row
from secarch.train.export.export import export
from secarch.train.loop.preference import answer, columns
from secarch.train.stage import run as fit

TOPICS = ("key rotation", "segmentation", "least privilege", "audit logs", "backups", "identity")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """16 training and 8 validation pairs."""
    folder = tmp_path_factory.mktemp("pairs")
    rows = [
        {
            "id": f"p{n:02}",
            "prompt": f"How do I set up {TOPICS[n % 6]}?",
            "chosen": f"Use {TOPICS[n % 6]} in every account (rule {n}).",
            "rejected": f"Leave {TOPICS[n % 6]} for later, nobody looks (rule {n}).",
        }
        for n in range(24)
    ]
    for name, part in (("train", rows[:16]), ("validation", rows[16:])):
        text = "\n".join(json.dumps(row) for row in part)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def settings(config: Callable[..., TrainConfig]) -> TrainConfig:
    """Eight steps of preferences."""
    return config(objective="dpo", micro_batch=2, precision="fp32", quantization="none")


@pytest.fixture(scope="module")
def run(settings: TrainConfig, pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unbroken run."""
    session = Session(workspace=tmp_path_factory.mktemp("whole"))
    return Path(str(fit(settings, session, dataset=pairs).artifact))


def _logged(run: Path) -> list[dict[str, float]]:
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_it_begins_without_preference_and_learns_one(run: Path) -> None:
    """Ln 2 before the first step (the adapter changes nothing), less after; the chosen ahead."""
    evals = [row for row in _logged(run) if "eval_loss" in row]
    assert evals[0]["eval_loss"] == pytest.approx(math.log(2), abs=1e-6)
    assert evals[-1]["eval_loss"] < 0.68
    assert evals[-1]["eval_accuracy"] > 0.9
    steps = [row for row in _logged(run) if "loss" in row]
    assert steps[0]["loss"] == pytest.approx(math.log(2), abs=1e-6)
    assert {"accuracy", "tokens", "trained"} <= set(steps[-1])
    card = (run / "README.md").read_text(encoding="utf-8")
    assert "8 held-out pairs: 0.6931 nats a pair before" in card
    assert "on 16 pairs" in card
    assert "Preference loss 0.6931 before" in (run / "report.html").read_text(encoding="utf-8")
    assert read_manifest(run).counts["rows"] == 16


def test_the_loss_is_the_papers(run: Path, settings: TrainConfig, pairs: Path) -> None:
    """Equal to a plain computation with peft's adapter switched on and off, to 1e-5."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from secarch.models.chat_template import Chat
    from secarch.train.data.pairs import open_dataset, tokenise

    base = Path(settings.base)
    chat = Chat.load(base, run)
    found = open_dataset(pairs, Session(workspace=run.parent)).validation
    sides = tokenise(found, chat, max_length=512, over_length="raise").rows
    model = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), run / "adapter"
    ).eval()

    def said(row: Row) -> torch.Tensor:
        ids = torch.tensor([row.ids])
        scores = model(ids).logits[0, :-1].log_softmax(-1)
        each = scores.gather(1, ids[0, 1:, None])[:, 0]
        return (each * torch.tensor(row.mask[1:])).sum()

    losses = []
    with torch.no_grad():
        for chosen, rejected in zip(sides[::2], sides[1::2], strict=True):
            tuned = said(chosen) - said(rejected)
            with model.disable_adapter():
                before = said(chosen) - said(rejected)
            losses.append(-functional.logsigmoid(settings.beta * (tuned - before)))
    wanted = float(torch.stack(losses).mean())
    last = [row["eval_loss"] for row in _logged(run) if "eval_loss" in row]
    assert min(last) == pytest.approx(wanted, abs=1e-5)


def test_a_run_of_preferences_is_exported(run: Path, settings: TrainConfig, pairs: Path) -> None:
    """Checked on the chosen answers of the held-out pairs, which a dry run counts."""
    session = Session(workspace=run.parents[1], dry_run=True)
    told = export(
        run, session, base=settings.base, to=None, dataset=pairs, dtype="auto", max_kl=0.01
    )
    assert told.counts["rows"] == 8
    with pytest.raises(MissingInput, match="no such file of pairs"):
        export(run, session, base=settings.base, to=None, dataset=None, dtype="auto", max_kl=0.01)


def test_an_answer_ends_with_its_stop_token() -> None:
    """What stands behind it in the row is no part of a side."""
    row = Row("a", [1, 2, 3, 4, 5], [False, False, True, True, False], 2)
    other = replace(row, ids=[1, 2, 6, 7, 5])
    assert answer(row) == [3, 4]
    assert columns([row, other]) == [
        {"prompt_ids": [1, 2], "chosen_ids": [3, 4], "rejected_ids": [6, 7]}
    ]


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_very_same_result(
    run: Path, settings: TrainConfig, pairs: Path, session: Session
) -> None:
    """SIGKILL after step 5: metrics, adapter and digest of the unbroken run."""
    code = (
        "import sys; from pathlib import Path\n"
        "from secarch.session import Session\n"
        "from secarch.train.config import TrainConfig\n"
        "from secarch.train.stage import run as fit\n"
        "fit(TrainConfig.model_validate_json(sys.argv[1]), Session(workspace=Path(sys.argv[2])), "
        "dataset=Path(sys.argv[3]))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, settings.model_dump_json(), str(session.workspace), str(pairs)]
    )
    directory = session.runs / "t"
    metrics = directory / "metrics.jsonl"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and child.poll() is None:
        if metrics.is_file() and '"step":5,' in metrics.read_text(encoding="utf-8"):
            break
        time.sleep(0.02)
    child.kill()
    child.wait()
    assert not (directory / "manifest.json").exists()
    outcome = fit(settings, replace(session, resume=True), dataset=pairs)
    assert metrics.read_bytes() == (run / "metrics.jsonl").read_bytes()
    assert outcome.digest == read_manifest(run).digest
    ours, theirs = (
        load_file(place / "adapter" / "adapter_model.safetensors") for place in (directory, run)
    )
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
