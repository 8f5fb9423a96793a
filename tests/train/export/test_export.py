"""An export is the trained model in one piece: plain transformers gives the same, and a bad merge
is refused.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import ModelCard
from transformers import AutoModelForCausalLM, AutoTokenizer

from secarch.artifact import open_artifact
from secarch.errors import GateFailed, InputError, Mismatch, MissingInput, UsageError
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.engines.target import find
from secarch.evaluate.stage import run as evaluate
from secarch.models.local import Model
from secarch.models.prompt import question_messages
from secarch.records import Outcome
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.export import merge
from secarch.train.export.export import export
from secarch.train.stage import run as fit


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return Session(workspace=tmp_path_factory.mktemp("ws"))


@pytest.fixture(scope="module")
def run(config: Callable[..., TrainConfig], dataset: Path, session: Session) -> Path:
    """A finished run whose adapter says something other than its base."""
    fast = config(max_steps=8, learning_rate=3e-2, lora={"r": 4, "alpha": 32, "variant": "rslora"})
    return Path(str(fit(fast, session, dataset=dataset).artifact))


@pytest.fixture
def made(run: Path, session: Session, dataset: Path, tiny_base: Path) -> Callable[..., Outcome]:
    """Export with the settings of the command line, changed at will."""

    def make(**changes: Any) -> Outcome:
        usual: dict[str, Any] = {
            "base": str(tiny_base),
            "to": None,
            "dataset": dataset,
            "dtype": "auto",
            "max_kl": 0.01,
        }
        return export(
            changes.pop("run", run), changes.pop("session", session), **{**usual, **changes}
        )

    return make


@pytest.mark.slow
def test_plain_transformers_answers_as_the_adapter_on_its_base(
    made: Callable[..., Outcome], run: Path, session: Session, tiny_base: Path
) -> None:
    """Loaded by its library alone, from safetensors, with tokenizer, template and every stop id
    beside them.
    """
    evaluated = evaluate(
        EvalConfig(smoke=True, max_new_tokens=4), session, model=str(run), base=str(tiny_base)
    )
    outcome = made()
    folder = Path(str(outcome.artifact))
    assert outcome.result["kl"]["mean"] < 1e-6
    assert outcome.result["golden"] == {"asked": 8, "same": 8, "parted_at_token": {}}
    trained = Model.load(tiny_base, quantization="nf4", adapter=run)
    network, tokenizer = (
        AutoModelForCausalLM.from_pretrained(folder),
        AutoTokenizer.from_pretrained(folder),
    )
    messages = question_messages("How do I set up key rotation?")
    ids = tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    assert ids["input_ids"][0].tolist() == trained.chat.prompt_ids(messages)
    written = network.generate(**ids, max_new_tokens=24, do_sample=False)[
        0, ids["input_ids"].shape[1] :
    ].tolist()
    (ours,) = trained.generate([trained.chat.prompt_ids(messages)], 24)
    assert [i for i in written if i not in trained.chat.stop_ids] == ours.ids
    with trained.without_adapter():
        assert trained.generate([trained.chat.prompt_ids(messages)], 24)[0].ids != ours.ids
    assert set(network.generation_config.eos_token_id) == set(trained.chat.stop_ids)
    assert not list(folder.glob("*.bin")) + list(folder.glob("*.pt"))
    card = ModelCard.load(folder / "README.md").data
    assert (card.library_name, card.license) == ("transformers", "other")
    rubric = json.loads((Path(str(evaluated.artifact)) / "summary.json").read_text())["metrics"][
        "rubric"
    ]["mean"]
    assert {result.metric_type: result.metric_value for result in card.eval_results or []}[
        "rubric"
    ] == rubric
    assert made().status == "nothing_to_do"
    assert find(str(folder), str(tiny_base)).parents == [outcome.digest]


@pytest.mark.slow
def test_rounding_is_measured_and_a_wrong_merge_refused(
    made: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """bf16 costs a little and says so; without the 4-bit base's own numbers the gate fails and
    nothing is left.
    """
    rounded = made(dtype="bfloat16", to=tmp_path / "half")
    assert 0 < rounded.result["kl"]["mean"] < 0.01
    assert rounded.result["kl"]["tokens"] > rounded.result["kl"]["rows"] > 1
    (weights,) = Path(str(rounded.artifact)).glob("*.safetensors")
    assert weights.stat().st_size < 2 * 400_000
    monkeypatch.setattr(merge, "adapted", _inverted(merge.adapted))
    with pytest.raises(GateFailed, match="diverges from the adapter") as caught:
        made(to=tmp_path / "bad")
    assert caught.value.exit_code == 5
    assert not (tmp_path / "bad").exists()


def _inverted(adapted: Callable[..., Any]) -> Callable[..., Any]:
    """A planted fault: the adapter's sign is lost on the way."""

    def faulty(network: Any, folder: Path) -> Any:
        made = adapted(network, folder)
        with torch.no_grad():
            for name, parameter in made.named_parameters():
                if "lora_B" in name:
                    parameter.mul_(-1)
        return made

    return faulty


def test_what_does_not_belong_together_is_refused(
    made: Callable[..., Outcome],
    run: Path,
    session: Session,
    write: Any,
    make_row: Any,
    tmp_path: Path,
    tiny_base: Path,
) -> None:
    """Another base, another dataset, a folder with something in it, a run that is none: before
    torch is asked.
    """
    other = tmp_path / "other"
    shutil.copytree(tiny_base, other)
    (other / "generation_config.json").write_text('{"eos_token_id": 1}', encoding="utf-8")
    with pytest.raises(Mismatch, match="another base"):
        made(base=str(other))
    with pytest.raises(Mismatch, match="another dataset"):
        made(dataset=write(tmp_path / "d", [make_row(1)]))
    with pytest.raises(MissingInput, match="not in the workspace"):
        made(dataset=None)
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty"):
        made(to=full)
    assert (full / "mine.txt").read_text(encoding="utf-8") == "keep"
    with pytest.raises(InputError):
        made(run=tmp_path / "none")
    told = made(session=replace(session, dry_run=True), to=tmp_path / "new", dtype="bfloat16")
    assert told.counts["bytes"] > 0
    assert told.result["push"] is None
    assert not (tmp_path / "new").exists()
    dry = replace(session, dry_run=True)
    told = made(session=dry, to=tmp_path / "new", push="team/architect")
    assert told.result["push"] == {
        "repository": "team/architect",
        "private": True,
        "files": None,
    }
    assert "then push it to the private repository team/architect" in str(told.summary)
    with pytest.raises(UsageError, match="no name of a repository"):
        made(to=tmp_path / "new", push="architect")


@pytest.mark.slow
def test_a_killed_export_is_written_again(made: Callable[..., Outcome], tmp_path: Path) -> None:
    """What it left has no manifest; the next one starts over and seals."""
    left = tmp_path / "left"
    left.mkdir()
    for name in ("export.lock", "model-00001-of-00009.safetensors", "config.json"):
        (left / name).write_bytes(b"half")
    outcome = made(to=left)
    assert {path.name for path in left.glob("*.safetensors")} == {"model.safetensors"}
    assert open_artifact(left, "export").digest == outcome.digest
