"""The predicted activations are those that autograd keeps: counted on real architectures without
their weights.
"""

import json
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen3Config

from secarch.train.config import TrainConfig
from secarch.train.estimate.memory import (
    GIB,
    Shape,
    activation_bytes,
    block_bytes,
    evaluation_bytes,
    logit_bytes,
    loss_bytes,
    mask_bytes,
    predict,
    shape,
)


def _sizes(hidden: int, inner: int, queries: int, keys: int, *, normed: bool = False) -> Shape:
    return Shape(
        hidden=hidden,
        inner=inner,
        queries=queries,
        keys=keys,
        layers=6,
        vocabulary=128256,
        normed=normed,
    )


FITTED = {
    "Llama 3.1 8B": (LlamaConfig, _sizes(4096, 14336, 4096, 1024)),
    "Qwen2.5 1.5B": (Qwen2Config, _sizes(1536, 8960, 1536, 256)),
}
OTHERS = {
    "Llama 3.2 3B": (LlamaConfig, _sizes(3072, 8192, 3072, 1024)),
    "Llama 3.2 1B": (LlamaConfig, _sizes(2048, 8192, 2048, 512)),
    "Qwen3 8B": (Qwen3Config, _sizes(4096, 12288, 4096, 1024, normed=True)),
    "Qwen3 1.7B": (Qwen3Config, _sizes(2048, 6144, 2048, 1024, normed=True)),
    "Qwen3 0.6B": (Qwen3Config, _sizes(1024, 3072, 2048, 1024, normed=True)),
}
TOKENS = 2048


class Meter(TorchDispatchMode):
    """Bytes of all tensors that are alive, and their peak, from when it was entered."""

    def __init__(self, known: Iterator[torch.Tensor]) -> None:
        super().__init__()
        self.known = WeakIdKeyDictionary()
        self.now = self.peak = 0
        for tensor in known:
            self.known[tensor.untyped_storage()] = True

    def _gone(self, size: int) -> None:
        self.now -= size

    def __torch_dispatch__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if (
                isinstance(tensor, torch.Tensor)
                and (storage := tensor.untyped_storage()) not in self.known
            ):
                self.known[storage] = True
                self.now += storage.nbytes()
                weakref.finalize(storage, self._gone, storage.nbytes())
        self.peak = max(self.peak, self.now)
        return out


class _Product(torch.autograd.Function):
    """What bitsandbytes keeps of a 4-bit layer: the packed weight, unpacked anew in each
    direction.
    """

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, packed: torch.Tensor, size: tuple[int, int]
    ) -> torch.Tensor:
        ctx.packed, ctx.size = packed, size
        return x.to(torch.bfloat16) @ torch.empty(size, dtype=torch.bfloat16).t()

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> Any:
        return grads[0] @ torch.empty(ctx.size, dtype=torch.bfloat16), None, None


class Packed(nn.Linear):
    """A linear layer in 4 bits."""

    def __init__(self, inputs: int, outputs: int) -> None:
        nn.Module.__init__(self)
        self.in_features, self.out_features, self.bias = inputs, outputs, None
        self.weight = nn.Parameter(
            torch.empty(inputs * outputs // 2, dtype=torch.uint8), requires_grad=False
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply, and keep nothing but the packed weight."""
        out: torch.Tensor = _Product.apply(x, self.weight, (self.out_features, self.in_features))
        return out.clone()  # as peft does with a 4-bit layer's


def _network(
    kind: Any,
    s: Shape,
    layers: int,
    dropout: float,
    *,
    checkpointing: bool,
    dora: bool,
    words: int,
) -> Any:
    config = kind(
        hidden_size=s.hidden,
        intermediate_size=s.inner,
        num_hidden_layers=layers,
        head_dim=128,
        vocab_size=words,
        num_attention_heads=s.queries // 128,
        num_key_value_heads=s.keys // 128,
        use_cache=False,
        dtype="bfloat16",
    )
    config._attn_implementation = "sdpa"
    network = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if (
                isinstance(child, nn.Linear) and name != "lm_head" and not dora
            ):  # DoRA asks for the weight itself
                setattr(parent, name, Packed(child.in_features, child.out_features))
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    adapter = LoraConfig(
        r=32,
        lora_dropout=dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
        use_dora=dora,
    )
    with patch.object(
        nn.Module, "to", lambda self, *_args, **_kwargs: self
    ):  # tensors without data cannot be moved
        network = get_peft_model(network, adapter)
    for module in network.modules():
        if hasattr(module, "cast_input_dtype_enabled"):
            module.cast_input_dtype_enabled = False  # as with a 4-bit layer under autocast
    for parameter in network.parameters():
        parameter.data = parameter.data.float() if parameter.requires_grad else parameter.data
    network.train()
    if checkpointing:
        network.enable_input_require_grads()
        network.activation_checkpointing_enable()
    return network


def _sum(hidden: torch.Tensor) -> torch.Tensor:
    return hidden.float().pow(2).mean()


def _loss(logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    return nn.functional.cross_entropy(logits.float(), ids)


def _step(
    kind: Any,
    s: Shape,
    layers: int,
    *,
    dropout: float = 0.05,
    checkpointing: bool = False,
    dora: bool = False,
    words: int = 0,
) -> tuple[int, int]:
    """Bytes alive after a forward, and at the peak of forward and backward.

    With `words` the loss is that of every position over a vocabulary of so many, else a sum.
    """

    def as_on_cuda(
        x: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> torch.Tensor:
        return torch.native_dropout(x, p, training)[0] if training and p else x

    with (
        FakeTensorMode(allow_non_fake_inputs=True),
        patch("torch.nn.functional.dropout", as_on_cuda),
    ):
        network = _network(
            kind, s, layers, dropout, checkpointing=checkpointing, dora=dora, words=words or 512
        )
        known = [*network.parameters(), *network.buffers()]
        with Meter(iter(known)) as meter:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                ids = torch.zeros(1, TOKENS, dtype=torch.long)
                inner = network.get_base_model()
                hidden = inner.model(input_ids=ids).last_hidden_state
                loss = _loss(inner.lm_head(hidden)[0], ids[0]) if words else _sum(hidden)
                del hidden
            kept = meter.now
            loss.backward()
    return kept, meter.peak


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "dropout", "bound"),
    [
        *((name, 0.05, 0.02) for name in FITTED),
        *((name, 0.05, 0.08) for name in OTHERS),
        ("Llama 3.2 3B", 0.0, 0.08),
        ("Qwen3 1.7B", 0.0, 0.08),
    ],
)
def test_what_a_block_keeps_is_what_was_predicted(name: str, dropout: float, bound: float) -> None:
    """On the two shapes that the constants come from, and on five that they have not seen."""
    kind, s = (FITTED | OTHERS)[name]
    two, three = (_step(kind, s, layers, dropout=dropout)[0] for layers in (2, 3))
    assert block_bytes(s, dropout=dropout > 0) * TOKENS == pytest.approx(three - two, rel=bound)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "checkpointing", "dora"),
    [
        ("Llama 3.1 8B", True, False),
        ("Llama 3.2 3B", True, False),
        ("Llama 3.2 1B", True, False),
        ("Qwen3 8B", False, False),
        ("Qwen3 1.7B", False, True),
    ],
)
def test_the_peak_of_a_step_is_what_was_predicted(
    name: str, checkpointing: bool, dora: bool
) -> None:
    """All blocks, or each block's input and one block whole, and what passes: within the claimed
    error.
    """
    kind, s = (FITTED | OTHERS)[name]
    _, peak = _step(kind, s, s.layers, checkpointing=checkpointing, dora=dora)
    said = activation_bytes(s, TOKENS, dropout=True, checkpointing=checkpointing, dora=dora)
    assert said == pytest.approx(peak, rel=0.10)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Llama 3.2 1B", "Qwen2.5 1.5B"])
@pytest.mark.parametrize("checkpointing", [True, False])
def test_the_loss_is_over_before_a_block_goes_backward(name: str, checkpointing: bool) -> None:
    """The peak is the higher one of the two, not their sum; over a vocabulary in one piece."""
    kind, s = (FITTED | OTHERS)[name]
    for words in (4096, 8192):
        small = replace(s, vocabulary=words)
        _, peak = _step(kind, s, s.layers, checkpointing=checkpointing, words=words)
        how: dict[str, Any] = {"dropout": True, "checkpointing": checkpointing}
        said = activation_bytes(small, TOKENS, **how)
        said += loss_bytes(small, TOKENS, TOKENS, **how)
        assert said == pytest.approx(peak, rel=0.10), words


def test_the_loss_takes_tiles_where_it_is_large() -> None:
    """In one piece up to 256 MiB of fp32, beyond that no more than a tile and the hidden states."""
    s = FITTED["Llama 3.1 8B"][1]
    assert logit_bytes(s, 500) == 16 * 500 * s.vocabulary
    assert logit_bytes(s, 5000) < logit_bytes(s, 500)


def test_parts_add_up_and_settings_tell() -> None:
    """Each choice that saves memory saves it in its own part."""
    s = FITTED["Llama 3.1 8B"][1]
    sizes: dict[str, Any] = {
        "linear": 6_979_321_856,
        "rest": 1_050_939_392,
        "trainable": 83_886_080,
        "tokens": 2048,
        "trained": 1024,
    }
    plain = predict(TrainConfig(), s, **sizes, checkpointing=False)
    assert plain.total == sum(getattr(plain, name) for name in plain.__slots__)
    assert plain.least < plain.total < plain.most
    assert (
        predict(TrainConfig(), s, **sizes, checkpointing=True).activations < plain.activations / 4
    )
    assert (
        predict(TrainConfig(optimizer="adamw_8bit"), s, **sizes, checkpointing=False).optimizer
        < plain.optimizer / 3
    )
    dense = predict(TrainConfig(quantization="none"), s, **sizes, checkpointing=False)
    assert dense.quantization == 0
    assert dense.weights == pytest.approx(2 * 8.03e9, rel=0.01)
    assert plain.weights + plain.quantization == pytest.approx(5.3 * 2**30, rel=0.02)


PUBLISHED: dict[
    str, tuple[tuple[int, int, int, int, int, int], dict[str, Any], int, str, float]
] = {
    # hidden, inner, keys, layers, vocabulary, embeddings; settings; tokens; what they count; GiB
    "torchtune 8B QLoRA": (
        (4096, 14336, 1024, 32, 128256, 2),
        {"r": 8},
        4096,
        "allocated",
        7.4,
    ),
    "torchtune 8B LoRA": (
        (4096, 14336, 1024, 32, 128256, 2),
        {"r": 8, "quantization": "none"},
        4096,
        "allocated",
        16.2,
    ),
    "torchtune 3B LoRA": (
        (3072, 8192, 1024, 28, 128256, 1),
        {"r": 8, "quantization": "none"},
        8192,
        "allocated",
        8.5,
    ),
    "torchtune 3B QLoRA": (
        (3072, 8192, 1024, 28, 128256, 1),
        {"r": 8},
        8192,
        "allocated",
        4.6,
    ),
    "QLoRA paper 65B": (
        (8192, 22016, 8192, 80, 32000, 2),
        {"r": 64, "optimizer": "paged_adamw_8bit"},
        512,
        "total",
        48,
    ),
    "QLoRA paper 33B": (
        (6656, 17920, 6656, 60, 32000, 2),
        {"r": 64, "optimizer": "paged_adamw_8bit"},
        512,
        "total",
        24,
    ),
    "LLaMA-Factory 7B": ((4096, 11008, 4096, 32, 32000, 2), {"r": 16}, 1024, "total", 6),
    "LLaMA-Factory 70B": ((8192, 28672, 1024, 80, 128256, 2), {"r": 16}, 512, "total", 48),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_peaks_are_within_a_tenth(name: str) -> None:
    """Like with like: torchtune publishes what is allocated, the others what a card needs."""
    (hidden, inner, keys, layers, words, embeddings), settings, tokens, counted, published = (
        PUBLISHED[name]
    )
    s = Shape(
        hidden=hidden,
        inner=inner,
        queries=hidden,
        keys=keys,
        layers=layers,
        vocabulary=words,
        normed=False,
    )
    given = dict(settings)
    lora = {"r": given.pop("r"), "dropout": 0.0 if counted == "allocated" else 0.05}
    config = TrainConfig.model_validate({**given, "lora": lora})
    found = predict(
        config,
        s,
        linear=layers * (2 * hidden * hidden + 2 * hidden * keys + 3 * hidden * inner),
        rest=embeddings * words * hidden,
        trainable=lora["r"] * layers * (4 * hidden + 2 * (hidden + keys) + 3 * (hidden + inner)),
        tokens=tokens,
        trained=tokens,
        checkpointing=True,
    )
    assert getattr(found, counted) / GIB == pytest.approx(published, rel=0.10)


def test_what_is_context_and_what_is_allocator_is_named() -> None:
    """They are the overhead; the rest is what torch counts as allocated."""
    s = FITTED["Llama 3.1 8B"][1]
    sizes: dict[str, Any] = {
        "linear": 7 << 30,
        "rest": 1 << 30,
        "trainable": 80 << 20,
        "tokens": 2048,
        "trained": 1024,
        "checkpointing": True,
    }
    plain = predict(TrainConfig(), s, **sizes)
    assert plain.context + plain.allocator == plain.overhead
    assert plain.allocated + plain.overhead == plain.total
    assert plain.context == int(0.8 * GIB)
    several = predict(TrainConfig(), s, **sizes, copies=2)
    assert several.adapters - plain.adapters == 4 * sizes["trainable"]
    assert several.weights == plain.weights


def test_an_evaluation_counts_where_it_takes_more_than_a_step() -> None:
    """Its logits, bounded by what is evaluated at once; few held-out tokens take little."""
    s = FITTED["Llama 3.1 8B"][1]
    assert evaluation_bytes(s, 0) == 0
    assert evaluation_bytes(s, 100) == 100 * (10 * s.vocabulary + 16 * s.hidden)
    assert evaluation_bytes(s, 10**6) == evaluation_bytes(s, 10**5)
    assert 2.4 * GIB < evaluation_bytes(s, 10**6) < 2.8 * GIB
    sizes: dict[str, Any] = {
        "linear": 7 << 30,
        "rest": 1 << 30,
        "trainable": 80 << 20,
        "trained": 64,
        "checkpointing": True,
    }
    short = predict(TrainConfig(), s, **sizes, tokens=64)
    judged = predict(TrainConfig(), s, **sizes, tokens=64, held_out=10**6)
    assert judged.activations + judged.logits == evaluation_bytes(s, 10**6)
    assert judged.logits > short.logits
    heavy = predict(TrainConfig(), s, **sizes, tokens=1 << 16)
    assert predict(TrainConfig(), s, **sizes, tokens=1 << 16, held_out=10**6) == heavy


@pytest.mark.parametrize(
    ("packing", "attention", "wanted"),
    [(True, "sdpa", 3 * 2 * 4096**2), (True, "auto", 0), (False, "sdpa", 0)],
)
def test_a_dense_mask_is_counted(packing: bool, attention: str, wanted: int) -> None:
    """Of packed rows that attend by it alone."""
    config = TrainConfig.model_validate(
        {"packing": packing, "attention": attention, "max_length": 4096, "micro_batch": 2}
    )
    assert mask_bytes(config) == wanted


def test_a_base_without_an_inner_size_has_four_times_its_width(tmp_path: Path) -> None:
    """GPT-2 and its kin leave it out of config.json."""
    sizes = {"hidden_size": 64, "num_attention_heads": 4, "num_hidden_layers": 2}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", **sizes}))
    found = shape(tmp_path, {})
    assert (found.inner, found.queries, found.keys, found.layers) == (256, 64, 64, 2)


def test_a_base_that_names_no_sizes_has_none(tmp_path: Path) -> None:
    """An architecture that calls them otherwise is not guessed: one head, and nothing in it."""
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}))
    found = shape(tmp_path, {})
    assert (found.hidden, found.inner, found.queries, found.keys) == (0, 0, 0, 0)
    assert (found.layers, found.vocabulary, found.normed) == (0, 0, False)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", "hidden_size": 64}))
    assert shape(tmp_path, {}).queries == 64
