"""Families of architectures, tiny and random: each trains adapters that are counted beforehand, or
is refused before it is loaded.
"""

import json
import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import AutoConfig, AutoModelForCausalLM

from secarch.errors import InvalidInput
from secarch.models.bases import base_of
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.data.prepare import _check_ids, prepare
from secarch.train.data.rows import Row
from secarch.train.export.export import export
from secarch.train.loop.tuner import IGNORED, Tuner, labels
from secarch.train.stage import run

SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 512,
}
EXPERTS = {"num_experts": 4, "num_local_experts": 4, "num_experts_per_tok": 2}
WINDOW = {"sliding_window": 16}
FAMILIES: dict[str, dict[str, Any]] = {
    "llama": {},
    "mistral": WINDOW,
    "qwen2": {},
    "qwen3": {},
    "qwen3_5_text": {"layer_types": ["linear_attention", "full_attention"]},
    "gemma": {},
    "gemma2": WINDOW,
    "gemma3_text": WINDOW,
    "phi3": {"original_max_position_embeddings": 512},
    "olmo2": {},
    "granite": {},
    "smollm3": {},
    "falcon": {"head_dim": None},
    "mixtral": EXPERTS,
    "gpt_oss": EXPERTS,
    "qwen3_moe": {**EXPERTS, "moe_intermediate_size": 32},
}
"""Families by the names of transformers; each has what the sizes of all leave open."""


@pytest.fixture
def family(tiny_base: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A random model of a family, with the tiny base's tokenizer."""

    def make(name: str) -> Path:
        folder = tmp_path / name
        words = json.loads((tiny_base / "config.json").read_text(encoding="utf-8"))["vocab_size"]
        ends = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
        facts = {**SIZES, **ends, **FAMILIES.get(name, {})}
        given = {fact: value for fact, value in facts.items() if value is not None}
        config = AutoConfig.for_model(name, vocab_size=words, **given)
        torch.manual_seed(0)
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
        for path in tiny_base.iterdir():
            if path.name.startswith(("tokenizer", "special", "chat", "generation")):
                shutil.copy(path, folder / path.name)
        return folder

    return make


@pytest.fixture
def steps(config: Callable[..., TrainConfig]) -> Callable[[Path], TrainConfig]:
    """Four steps of two micro-batches, without dropout."""

    def make(base: Path) -> TrainConfig:
        return config(
            base=str(base),
            max_steps=4,
            micro_batch=2,
            eval_steps=2,
            save_steps=2,
            quantization="none",
            precision="fp32",
            schedule="constant",
            warmup=0.0,
            lora={"r": 4, "alpha": 8, "dropout": 0.0},
        )

    return make


def _nats(model: Any, ids: list[int], wanted: list[int]) -> torch.Tensor:
    """Of one row alone, all of its logits taken."""
    logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits.float()
    after = torch.tensor(wanted[1:])
    return cross_entropy(logits[0, :-1], after, ignore_index=IGNORED, reduction="sum")


def _plain_losses(settings: TrainConfig, trainer: Tuner) -> list[float]:
    """The losses of the same steps by a plain loop: row after row, torch's own optimizer."""
    learnt = [p for p in trainer.model.parameters() if p.requires_grad]
    rate, decay = settings.learning_rate, settings.weight_decay
    optimizer = torch.optim.AdamW(learnt, lr=rate, weight_decay=decay)
    batches = iter(trainer.get_train_dataloader())
    losses = []
    trainer.model.train()
    for _ in range(4):
        rows = [row for _ in range(2) for row in _unpadded(next(batches))]
        counted = sum(label != IGNORED for _, wanted in rows for label in wanted[1:])
        nats = [_nats(trainer.model, ids, wanted) for ids, wanted in rows]
        optimizer.zero_grad()
        (sum(nats) / counted).backward()  # type: ignore[union-attr]
        torch.nn.utils.clip_grad_norm_(learnt, settings.max_grad_norm)
        optimizer.step()
        losses.append(math.fsum(float(n.detach()) for n in nats) / counted)
    return losses


def _unpadded(batch: dict[str, torch.Tensor]) -> Iterator[tuple[list[int], list[int]]]:
    for ids, wanted, there in zip(
        batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True
    ):
        length = int(there.sum())
        yield ids[:length].tolist(), wanted[:length].tolist()


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_learns_resumes_and_is_exported_as_a_plain_loop_would(
    name: str,
    family: Callable[[str], Path],
    steps: Callable[[Path], TrainConfig],
    dataset: Path,
    session: Session,
    tmp_path: Path,
    read_metrics: Any,
    trainer_of: Callable[..., Tuner],
) -> None:
    """Losses of a plain loop to 1e-5 whatever the micro-batch; parameters of the dry run; the same
    bytes after a stop; an export that plain transformers reads to the run's own loss.
    """
    base = family(name)
    settings = steps(base)
    outcome = run(settings, session, dataset=dataset)
    made = Path(str(outcome.artifact))
    adapter = made / "adapter" / "adapter_model.safetensors"
    before = adapter.read_bytes()
    assert sum(t.numel() for t in load_file(adapter).values()) == outcome.result["trainable"]
    assert outcome.result["eval_loss"] < outcome.result["eval_loss_base"]
    assert base_of(made, "meta-llama/Llama-3.1-8B-Instruct") == base
    losses = [row["loss"] for row in read_metrics(made) if "loss" in row]
    (tmp_path / "plain").mkdir()
    begun = trainer_of(settings, dataset, Session(workspace=tmp_path / "plain"), tmp_path / "plain")
    assert losses == pytest.approx(_plain_losses(settings, begun), abs=1e-5)
    (made / "manifest.json").unlink()
    shutil.rmtree(made / "checkpoints" / "checkpoint-4")
    run(settings, Session(workspace=session.workspace, resume=True), dataset=dataset)
    assert adapter.read_bytes() == before
    plain = Session(workspace=session.workspace)
    exported = export(
        made, plain, base=str(base), to=None, dataset=dataset, dtype="float32", max_kl=0.01
    )
    model = AutoModelForCausalLM.from_pretrained(Path(str(exported.artifact)), dtype=torch.float32)
    model.eval()
    rows = prepare(settings, Session(workspace=tmp_path / "again"), dataset).validation.rows
    with torch.no_grad():
        nats = math.fsum(float(_nats(model, row.ids, labels(row))) for row in rows)
    counted = sum(row.trained for row in rows)
    assert nats / counted == pytest.approx(outcome.result["eval_loss"], abs=1e-5)


@pytest.mark.parametrize(
    ("facts", "changes", "why"),
    [
        ({"layer_types": ["linear_attention"] * 2}, {"packing": True}, "see one another"),
        ({"model_type": "gpt_oss"}, {"packing": True}, "see one another"),
        ({"quantization_config": {"quant_method": "gptq"}}, {}, "quantised by gptq"),
        (
            {
                "quantization_config": {
                    "quant_method": "bitsandbytes",
                    "load_in_4bit": True,
                    "bnb_4bit_quant_type": "nf4",
                }
            },
            {"quantization": "none"},
            "stored in 4 bits",
        ),
        ({"max_position_embeddings": 20}, {}, "20 positions"),
        ({"vocab_size": 100}, {}, "1024 rows and its configuration says 100"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_it_is_loaded(
    facts: dict[str, Any],
    changes: dict[str, Any],
    why: str,
    tiny_base: Path,
    tmp_path: Path,
    config: Callable[..., TrainConfig],
    dataset: Path,
) -> None:
    """A dry run says it, and what to do."""
    base = tmp_path / "base"
    shutil.copytree(tiny_base, base)
    found = json.loads((base / "config.json").read_text(encoding="utf-8"))
    (base / "config.json").write_text(json.dumps({**found, **facts}), encoding="utf-8")
    dry = Session(workspace=tmp_path / "ws", dry_run=True)
    with pytest.raises(InvalidInput, match=why) as caught:
        run(config(base=str(base), **changes), dry, dataset=dataset)
    assert caught.value.fix


def test_tokens_that_the_base_has_no_row_for_are_refused(
    tiny_base: Path, tmp_path: Path, config: Callable[..., TrainConfig], dataset: Path
) -> None:
    """In a row, and as padding, which no row shows: each would be an IndexError while training."""
    words = json.loads((tiny_base / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    _check_ids(config(), tiny_base, [Row("r", [words - 1], [True], 0)])
    with pytest.raises(InvalidInput, match=f"row r has the token {words} "):
        _check_ids(config(), tiny_base, [Row("r", [3, words], [True, True], 0)])
    base = tmp_path / "base"
    shutil.copytree(tiny_base, base)
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.add_special_tokens(["[PAD]"])
    tokenizer.save(str(base / "tokenizer.json"))
    path = base / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**settings, "pad_token": "[PAD]"}), encoding="utf-8")
    dry = Session(workspace=tmp_path / "ws", dry_run=True)
    with pytest.raises(InvalidInput, match=f"padding token is number {words} ") as caught:
        run(config(base=str(base)), dry, dataset=dataset)
    named = str(caught.value.fix).rpartition(" ")[2]
    path.write_text(json.dumps({**settings, "pad_token": named}), encoding="utf-8")
    assert run(config(base=str(base)), dry, dataset=dataset).status == "done"
