"""Which model is meant, and that a run is only asked on its own base under its own prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import read_manifest, seal
from secarch.errors import Mismatch, MissingInput, TamperedArtifact
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.engines.local import Local, pair
from secarch.evaluate.engines.target import find
from secarch.evaluate.stage import run as evaluate
from secarch.models.chat_template import Chat
from secarch.models.prompt import question_messages
from secarch.models.weights import fingerprint
from secarch.session import Session

PROMPTS = [
    question_messages(text)
    for text in ("Which keys?", "How do you keep sixty buckets private in one account?")
]


@pytest.fixture(scope="module")
def adapter(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with an adapter that changes something, not sealed yet."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(tiny_base)
    config = LoraConfig(
        r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM"
    )
    folder = tmp_path_factory.mktemp("run")
    get_peft_model(model, config).save_pretrained(folder / "adapter")
    return folder


def sealed(folder: Path, of: Path, **changes: Any) -> Path:
    """The folder as a finished run of the base `of`."""
    recorded = {
        "base": {"name": "tiny", "fingerprint": fingerprint(of)},
        "prompt": Chat.load(of).digest,
        **changes,
    }
    names = ["adapter/adapter_config.json", "adapter/adapter_model.safetensors"]
    seal(folder, kind="run", parents=["d" * 64], config=recorded, counts={}, files=names)
    return folder


def test_a_run_is_its_adapter_on_its_base(tiny_base: Path, adapter: Path) -> None:
    """And the run's digest is the evaluation's parent."""
    target = find(str(sealed(adapter, tiny_base)), str(tiny_base))
    assert (target.base, target.adapter) == (tiny_base, adapter / "adapter")
    assert target.fingerprint() not in {fingerprint(tiny_base), ""}
    assert len(target.parents) == 1


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"base": {"name": "other", "fingerprint": "0" * 64}}, "base"),
        ({"prompt": "0" * 64}, "prompt"),
        ({"base": None}, "base"),
    ],
)
def test_a_run_of_another_base_or_prompt_is_refused(
    tiny_base: Path, adapter: Path, changes: dict[str, Any], what: str
) -> None:
    """Its answers would say nothing about the training."""
    with pytest.raises(Mismatch, match=f"another {what}") as caught:
        find(str(sealed(adapter, tiny_base, **changes)), str(tiny_base))
    assert caught.value.exit_code == 4


def test_an_unfinished_run_and_no_model_at_all(tiny_base: Path, tmp_path: Path) -> None:
    """Each is said for what it is."""
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    with pytest.raises(MissingInput, match="unfinished"):
        find(str(tmp_path / "run"), str(tiny_base))
    with pytest.raises(MissingInput):
        find(str(tmp_path / "nothing"), str(tiny_base))


def test_a_pair_shares_the_weights_and_answers_like_each_alone(
    tiny_base: Path, adapter: Path
) -> None:
    """The adapter switched off is the base, to the token and the nat."""
    base, tuned = pair(str(tiny_base), adapter, "nf4")
    alone = Local.load(tiny_base, None, "nf4")
    assert base.fingerprint == alone.fingerprint != tuned.fingerprint
    texts = [
        [(r.text, r.tokens, r.finish) for r in engine.answers(PROMPTS, 12)]
        for engine in (base, tuned, alone, base)
    ]
    assert texts[0] == texts[2] == texts[3]
    assert texts[0] != texts[1]
    references = [(messages, "Rotate them.") for messages in PROMPTS]
    assert base.likelihood(references) == pytest.approx(alone.likelihood(references), abs=1e-4)
    assert tuned.likelihood(references) != pytest.approx(base.likelihood(references), abs=1e-3)


def test_nats_are_those_of_the_reference_s_own_tokens(tiny_base: Path) -> None:
    """Equal to a plain softmax over the whole conversation, one token after the other."""
    import torch
    from transformers import AutoModelForCausalLM

    chat = Chat.load(tiny_base)
    prompt, text = chat.prompt_ids(PROMPTS[0]), chat.plain_ids("Rotate them.")
    model = AutoModelForCausalLM.from_pretrained(tiny_base).eval()
    with torch.no_grad():
        logs = torch.log_softmax(model(torch.tensor([prompt + text])).logits[0].double(), -1)
    wanted = -sum(float(logs[len(prompt) + n - 1, token]) for n, token in enumerate(text))
    (found,) = Local.load(tiny_base, None, "none").likelihood([(PROMPTS[0], "Rotate them.")])
    assert found == pytest.approx(wanted, rel=1e-4)


def test_a_tuned_model_is_evaluated_with_its_parent(
    tiny_base: Path, adapter: Path, suite_file: Path, tmp_path: Path
) -> None:
    """Base and tuned are two evaluations; an engine that is loaded already gives the same as one
    that is not.
    """
    run = sealed(adapter, tiny_base)
    config = EvalConfig(suites=(str(suite_file),), max_new_tokens=4)
    session, other = Session(workspace=tmp_path / "a"), Session(workspace=tmp_path / "b")
    engines = pair(str(tiny_base), run, "nf4")
    for model, engine in zip(("base", str(run)), engines, strict=True):
        one = evaluate(config, session, model=model, base=str(tiny_base), engine=engine)
        two = evaluate(config, other, model=model, base=str(tiny_base))
        assert one.digest == two.digest


def test_a_tampered_run_is_not_asked(tmp_path: Path) -> None:
    """An adapter that was changed after sealing is named, not evaluated."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "adapter.bin").write_bytes(b"sealed")
    seal(run, kind="run", parents=[], config={}, counts={}, files=["adapter.bin"])
    (run / "adapter.bin").write_bytes(b"edited")
    with pytest.raises(TamperedArtifact, match=r"adapter\.bin"):
        find(str(run), "base")


def test_a_name_is_a_run_or_an_export_of_the_workspace(
    tiny_base: Path, adapter: Path, tmp_path: Path
) -> None:
    """Runs before exports; an unknown name tells those that are there and the nearest."""
    import shutil

    shutil.copytree(sealed(adapter, tiny_base), tmp_path / "runs" / "architect")
    assert find("architect", str(tiny_base), tmp_path).adapter is not None
    with pytest.raises(MissingInput) as caught:
        find("architct", str(tiny_base), tmp_path)
    assert caught.value.why == "runs and exports here: architect"
    assert caught.value.fix == "did you mean architect?"
    with pytest.raises(MissingInput, match="there is no such model"):
        find("architect", str(tiny_base), tmp_path / "elsewhere")


def test_an_export_is_asked_as_it_is(tiny_base: Path, tmp_path: Path, suite_file: Path) -> None:
    """A merged model is not quantised once more, whatever the setting says of bases."""
    import shutil

    session = Session(workspace=tmp_path / "w")
    folder = session.workspace / "exports" / "merged"
    shutil.copytree(tiny_base, folder)
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    seal(folder, kind="export", parents=["d" * 64], config={}, counts={}, files=names)
    assert find("merged", "unused", session.workspace).whole
    config = EvalConfig(suites=(str(suite_file),), max_new_tokens=2, quantization="nf4")
    done = evaluate(config, session, model="merged", base="unused")
    recorded = read_manifest(Path(str(done.artifact))).config
    assert recorded["quantization"] == "none"
