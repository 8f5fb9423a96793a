"""Base and tuned model on one loaded model, evaluated and compared with real weights."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from secarch.artifact import open_artifact
from secarch.compare.config import CompareConfig
from secarch.compare.inputs import arms
from secarch.compare.stage import run as compare
from secarch.evaluate.config import EvalConfig
from secarch.models.local import Model
from secarch.records import Outcome
from secarch.session import Session

QUESTION = """
- id: aws-{n:04}
  version: 1
  category: aws
  kind: open
  difficulty: 1
  question: How is bucket number {n} kept private?
  reference: Block public access at account level for bucket {n}, and deny its removal.
  key_points:
    - {{id: k1, text: Block at account level, weight: 1,
        any_of: ['block public access.{{0,40}}account']}}
"""


@pytest.fixture(scope="module")
def adapter(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter of the tiny base with random weights in both its halves."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("tuned")
    config = LoraConfig(
        r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM"
    )
    get_peft_model(AutoModelForCausalLM.from_pretrained(tiny_base), config).save_pretrained(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> EvalConfig:
    """Twelve questions, short answers."""
    suite = tmp_path / "twelve.yaml"
    suite.write_text("".join(QUESTION.format(n=n) for n in range(1, 13)))
    return EvalConfig(suites=(str(suite),), max_new_tokens=8, quantization="none")


def compared(
    settings: EvalConfig, session: Session, base: Path, tuned: Path, *, note: str = ""
) -> Outcome:
    """Run the whole command."""
    config = CompareConfig(primary="reference_bits_per_byte", draws=500, fail_on=(), note=note)
    return compare(config, settings, session, base=str(base), tuned=[tuned], evaluations=None)


def test_an_adapter_is_compared_with_its_base(
    settings: EvalConfig,
    session: Session,
    tiny_base: Path,
    adapter: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A random adapter is WORSE, by weights loaded once; both evaluations are re-used without
    loading any.
    """
    loaded: list[Path] = []
    load = Model.load
    monkeypatch.setattr(
        Model, "load", lambda base, **how: (loaded.append(base), load(base, **how))[1]
    )
    outcome = compared(settings, session, tiny_base, adapter)
    assert len(loaded) == 1
    assert outcome.result["verdict"] == "WORSE"
    assert outcome.result["primary"]["n"] == 12
    sealed = [
        open_artifact(path.parent, "evaluation") for path in session.evals.glob("*/manifest.json")
    ]
    fingerprints = {artifact.manifest.config["model_fingerprint"] for artifact in sealed}
    record = json.loads((Path(str(outcome.artifact)) / "comparison.json").read_text())
    assert {record["base"]["fingerprint"], record["tuned"]["fingerprint"]} == fingerprints
    assert len(fingerprints) == 2

    monkeypatch.setattr(
        arms.Shared, "engines", property(lambda _: pytest.fail("a model was loaded"))
    )
    assert compared(settings, session, tiny_base, adapter).status == "nothing_to_do"
    again = compared(
        settings, session, tiny_base, adapter, note="With a note it is another comparison."
    )
    assert (again.status, again.result["verdict"]) == ("done", "WORSE")


def test_the_base_alone_is_found_by_its_key(
    settings: EvalConfig, session: Session, tiny_base: Path, adapter: Path
) -> None:
    """An evaluation of the base made by `secarch eval` is the one that the comparison uses."""
    from secarch.evaluate.stage import run as evaluate

    alone = evaluate(settings, session, model="base", base=str(tiny_base))
    outcome = compared(settings, session, tiny_base, adapter)
    record = json.loads((Path(str(outcome.artifact)) / "comparison.json").read_text())
    assert record["base"]["evaluation"] == alone.digest
    assert len(list(session.evals.glob("*/manifest.json"))) == 2


def test_a_dry_run_says_what_it_would_ask(
    settings: EvalConfig, session: Session, tiny_base: Path, adapter: Path
) -> None:
    """Both evaluations are announced and nothing is written."""
    outcome = compared(settings, replace(session, dry_run=True), tiny_base, adapter)
    assert outcome.counts["questions"] == 24
    assert not session.evals.exists()


def test_candidates_share_one_evaluation_of_the_base(
    settings: EvalConfig, session: Session, tiny_base: Path, adapter: Path, tmp_path: Path
) -> None:
    """Two adapters give three evaluations and two comparisons with a table, also where all is made
    anew.
    """
    other = shutil.copytree(adapter, tmp_path / "other")
    config = CompareConfig(primary="reference_bits_per_byte", draws=500, fail_on=())
    for fresh in (False, True):
        outcome = compare(
            config,
            settings,
            replace(session, fresh=fresh),
            base=str(tiny_base),
            tuned=[adapter, other],
            evaluations=None,
        )
        assert [row["verdict"] for row in outcome.result["candidates"]] == ["WORSE", "WORSE"]
        finished = [path.parent.name for path in session.evals.glob("*/manifest.json")]
        assert len([name for name in finished if "aside" not in name]) == 3
    assert len([name for name in finished if "aside" in name]) == 3
    planned = compare(
        config,
        settings,
        replace(session, dry_run=True),
        base=str(tiny_base),
        tuned=[adapter, other],
        evaluations=None,
    )
    assert planned.counts["questions"] == 36


def test_a_merged_model_is_compared_by_two_engines(
    settings: EvalConfig, session: Session, tiny_base: Path, adapter: Path, tmp_path: Path
) -> None:
    """The adapter's weights merged into the base give the same comparison as the adapter on it."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    folder = shutil.copytree(
        tiny_base, tmp_path / "merged", ignore=shutil.ignore_patterns("*.safetensors")
    )
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_base), adapter)
    model.merge_and_unload().save_pretrained(folder)
    primary = compared(settings, session, tiny_base, folder).result["primary"]
    other = compared(settings, session, tiny_base, adapter).result["primary"]
    assert primary["delta"] == pytest.approx(other["delta"], abs=1e-3)
    assert primary["delta"] < 0
    assert len(list(session.evals.glob("*/manifest.json"))) == 3
