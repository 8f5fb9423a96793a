"""Families of architectures, tiny and random: each trains adapters that are counted beforehand, or
is refused before it is loaded.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForCausalLM

from secarch.errors import InvalidInput
from secarch.models.bases import base_of
from secarch.session import Session
from secarch.train.config import TrainConfig
from secarch.train.data.prepare import _check_ids
from secarch.train.data.rows import Row
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
FAMILIES: dict[str, dict[str, Any]] = {
    "gemma2": {},
    "qwen3": {},
    "mixtral": EXPERTS,
    "gpt_oss": EXPERTS,
    "qwen3_moe": {**EXPERTS, "moe_intermediate_size": 32},
}


@pytest.fixture
def family(tiny_base: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A random model of a family, with the tiny base's tokenizer."""

    def make(name: str) -> Path:
        folder = tmp_path / name
        words = json.loads((tiny_base / "config.json").read_text(encoding="utf-8"))["vocab_size"]
        ends = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
        config = AutoConfig.for_model(
            name, vocab_size=words, **ends, **SIZES, **FAMILIES.get(name, {})
        )
        torch.manual_seed(0)
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
        for path in tiny_base.iterdir():
            if path.name.startswith(("tokenizer", "special", "chat", "generation")):
                shutil.copy(path, folder / path.name)
        return folder

    return make


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_trains_what_was_counted(
    name: str,
    family: Callable[[str], Path],
    config: Callable[..., TrainConfig],
    dataset: Path,
    session: Session,
) -> None:
    """Four steps lower the loss; the adapter has the parameters of the dry run; the run finds its
    base by itself.
    """
    base = family(name)
    settings = config(base=str(base), max_steps=4, quantization="none", precision="fp32")
    outcome = run(settings, session, dataset=dataset)
    made = Path(str(outcome.artifact))
    adapter = load_file(made / "adapter" / "adapter_model.safetensors")
    assert sum(tensor.numel() for tensor in adapter.values()) == outcome.result["trainable"]
    assert outcome.result["eval_loss"] < outcome.result["eval_loss_base"]
    assert base_of(made, "meta-llama/Llama-3.1-8B-Instruct") == base


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
