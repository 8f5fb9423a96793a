"""What a run will take, reckoned from shapes."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.train.config import TrainConfig
from secarch.train.data.rows import Row
from secarch.train.estimate.cost import bins, fitting, plan

ROWS = [Row(str(n), [0] * 100, [False] * 50 + [True] * 50, 50) for n in range(10)]


@pytest.mark.parametrize(
    ("changes", "steps", "tokens"),
    [
        ({"max_steps": 7}, 7, 2333),
        ({"max_steps": 0, "epochs": 1.0}, 3, 1000),
        ({"max_steps": 0, "epochs": 2.5}, 8, 2667),
        ({"max_steps": 0, "epochs": 0.01}, 1, 333),
    ],
)
def test_steps_and_tokens(
    config: Callable[..., TrainConfig],
    tiny_base: Path,
    changes: dict[str, Any],
    steps: int,
    tokens: int,
) -> None:
    """Ten rows at four a step are three steps an epoch; the last is smaller."""
    made = plan(config(**changes), ROWS, len(ROWS), tiny_base)
    assert (made.steps, made.tokens, made.trained_share) == (steps, tokens, 0.5)


def test_trainable_parameters_are_those_of_peft(
    config: Callable[..., TrainConfig], tiny_base: Path
) -> None:
    """Rank times inputs plus outputs, over every linear layer but the head: what peft will make."""
    import torch
    from peft import LoraConfig, get_peft_model

    from secarch.models.local import load_base

    network = get_peft_model(
        load_base(tiny_base, "none", torch.float32), LoraConfig(r=4, target_modules="all-linear")
    )
    assert plan(config(), ROWS, 10, tiny_base).trainable == network.get_nb_trainable_parameters()[0]
    named = config(lora={"r": 4, "targets": ["q_proj", "v_proj"]})
    assert 0 < plan(named, ROWS, 10, tiny_base).trainable < network.get_nb_trainable_parameters()[0]


def test_the_reckoning_of_an_8b_base_is_near_what_is_published(
    tmp_path: Path, fake_weights: Callable[..., None], config: Callable[..., TrainConfig]
) -> None:
    """Llama 3.1 8B in NF4 is 5.2 to 6 GiB of weights; torchtune's table has 7.4 GiB for a step with
    checkpointing.
    """
    shapes = {"model.embed_tokens.weight": [128256, 4096], "lm_head.weight": [128256, 4096]}
    layer = {
        "self_attn.q_proj": [4096, 4096],
        "self_attn.k_proj": [1024, 4096],
        "self_attn.v_proj": [1024, 4096],
        "self_attn.o_proj": [4096, 4096],
        "mlp.gate_proj": [14336, 4096],
        "mlp.up_proj": [14336, 4096],
        "mlp.down_proj": [4096, 14336],
    }
    shapes |= {
        f"model.layers.{n}.{name}.weight": shape for n in range(32) for name, shape in layer.items()
    }
    fake_weights(tmp_path / "model.safetensors", shapes)
    text = (
        '{"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "vocab_size": '
        "128256,"
        ' "num_attention_heads": 32, "num_key_value_heads": 8}'
    )
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    settings = config(
        micro_batch=1, gradient_checkpointing=True, optimizer="paged_adamw_8bit", max_length=2048
    )
    rows = [Row("a", [0] * 2048, [True] * 2048, 1)]
    made = plan(settings, rows, 1, tmp_path)
    assert made.parameters == pytest.approx(8.03e9, rel=0.001)
    assert made.multiplied == pytest.approx(7.505e9, rel=0.001)
    assert 5.2 < (made.memory.weights + made.memory.quantization) / 2**30 < 6.0
    assert 7 < made.memory.total / 2**30 < 12
    whole = config(micro_batch=8, global_batch=8, max_length=2048)
    large, small = (plan(whole, rows, 1, tmp_path, limit=n << 30) for n in (640, 24))
    assert (large.checkpointing, small.checkpointing) == (False, True)
    assert plan(whole, rows, 1, tmp_path).checkpointing is False
    assert fitting(whole, rows, tmp_path, 24 << 30) == ["train.gradient_checkpointing=true"]
    assert fitting(whole, rows, tmp_path, 9 << 30)[:2] == [
        "train.gradient_checkpointing=true",
        "train.micro_batch=1",
    ]
    assert fitting(whole, rows, tmp_path, 4 << 30) == []


def test_packing_fills_bins_without_splitting_or_losing_rows() -> None:
    """Every row is in one bin, no bin overflows, and few are half empty."""
    rng = random.Random(0)
    lengths = [rng.randint(10, 256) for _ in range(500)]
    packed = bins(lengths, 256)
    assert sorted(n for group in packed for n in group) == list(range(500))
    assert max(sum(lengths[n] for n in group) for group in packed) <= 256
    assert len(packed) <= 1.1 * sum(lengths) / 256
    assert bins(lengths, 256) == packed
    assert bins([], 256) == []
