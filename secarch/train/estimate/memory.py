"""What a step will hold on the GPU at its peak, part by part, estimated from shapes without torch.

Weights, their quantisation, adapters and the optimiser follow from counting. Activations are what
autograd keeps: their two constants are fitted on two shapes (Llama 3.1 8B and Qwen2.5 1.5B) by
counting every tensor of a real forward and backward, and a test holds them on four others. What a
GPU's allocator adds in fragments cannot be counted so; it is an allowance here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from secarch.models.layers import adaptable, has_experts
from secarch.models.weights import read_config
from secarch.train.config import TrainConfig

GIB = 1 << 30
NF4_BYTES = 4 / 8
"""Bytes a weight."""
STATE_BYTES = (8 / 64 + 32 / (64 * 256)) / 8
"""Bytes a weight of its scales: an 8-bit one for 64, an fp32 one for 256 of those
(arXiv:2305.14314, section 3).
"""
OPTIMIZER_BYTES = {"adamw": 8, "adamw_8bit": 2, "paged_adamw_8bit": 2}
"""Bytes a trained parameter; paged ones may leave the GPU for the host."""
STREAM, INNER = 14.835, 10.171
"""Bytes that a block keeps, for each token and each number of the residual stream, and of the
feed-forward layer.
"""
KEYS, NORMED = 8, 4
"""The same for each number of keys and values, and for each that is normalised once more (Qwen3).
"""
DORA, DORA_WEIGHTS = 1.62, 26
"""DoRA: how much more a block keeps, and bytes for each number of the widest weight while its
lengths are taken.
"""
HEAD = 16
"""Bytes for each token and number of the stream around the final norm, and for each logit of the
loss.
"""
CONTEXT = 0.8 * GIB
"""CUDA's own and its kernels' workspaces."""
FRAGMENTS = 0.05
"""Allowance for an allocator's fragments, as a share of everything else."""
ERROR = 0.15
"""Relative error that the prediction claims: the activations' is under a tenth, the rest is the
allocator's.
"""
DIRECT_BYTES = 256 << 20
"""Bytes of fp32 logits up to which the loss is taken in one piece."""
EVALUATED = (8192, 2 << 30)
"""Tokens that an evaluation takes at once, and bytes at 8 for each of their logits (models/local).
"""
TILE = (4096, 32768)
"""Tokens and words of the tiles in which it is taken beyond that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes on the device at the peak of a step."""

    weights: int
    """The base: 4-bit or bfloat16 weights of the blocks, bfloat16 embeddings and head."""
    quantization: int
    """Scales of the 4-bit weights."""
    adapters: int
    """Adapters in fp32, their gradients, and the bfloat16 copies that products take."""
    optimizer: int
    activations: int
    """What the backward pass needs, and the widest layer's passing tensors."""
    logits: int
    """What the loss takes beyond the blocks' passing tensors, and an evaluation beyond a step."""
    overhead: int
    """CUDA's own (`context`), and an allowance for fragments (`allocator`)."""

    @property
    def allocated(self) -> int:
        """What tensors hold: torch's max_memory_allocated, which other programs publish."""
        return self.total - self.overhead

    @property
    def context(self) -> int:
        """CUDA's own and its kernels' workspaces."""
        return min(self.overhead, int(CONTEXT))

    @property
    def allocator(self) -> int:
        """The allowance for what an allocator holds beyond its tensors."""
        return self.overhead - self.context

    @property
    def total(self) -> int:
        """Sum of the parts."""
        return (
            self.weights
            + self.quantization
            + self.adapters
            + self.optimizer
            + self.activations
            + self.logits
            + self.overhead
        )

    @property
    def least(self) -> int:
        """The total less the claimed error: what does not fit even so is refused."""
        return int(self.total * (1 - ERROR))

    @property
    def most(self) -> int:
        """The total and the claimed error: what fits even so is safe."""
        return int(self.total * (1 + ERROR))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The sizes that decide memory; 0 where an architecture calls them otherwise."""

    hidden: int
    inner: int
    queries: int
    """Numbers of a token's queries: heads times their size."""
    keys: int
    layers: int
    vocabulary: int
    normed: bool
    """Whether queries and keys have norms of their own."""


def shape(base: Path, tensors: Mapping[str, list[int]]) -> Shape:
    """Read the sizes from a base's config.json and the names of its tensors."""
    config = read_config(base)
    hidden, heads = int(config.get("hidden_size") or 0), int(config.get("num_attention_heads") or 1)
    size = int(config.get("head_dim") or hidden // heads)
    return Shape(
        hidden=hidden,
        inner=int(config.get("intermediate_size") or 4 * hidden),
        queries=heads * size,
        keys=int(config.get("num_key_value_heads") or heads) * size,
        layers=int(config.get("num_hidden_layers") or 0),
        vocabulary=int(config.get("vocab_size") or 0),
        normed=any("q_norm" in name for name in tensors),
    )


def block_bytes(s: Shape, *, dropout: bool) -> float:
    """Bytes that one block keeps of one token for the backward pass.

    Dropout keeps a mask byte and a bfloat16 copy of each adapted layer's input, in place of the
    input.
    """
    kept = STREAM * (s.hidden + s.queries) + INNER * s.inner + KEYS * s.keys
    kept += NORMED * (s.queries + s.keys) if s.normed else 0
    return kept if dropout else kept - (11 * s.hidden + 3 * s.queries + s.inner)


def activation_bytes(
    s: Shape, tokens: int, *, dropout: bool, checkpointing: bool, dora: bool = False
) -> int:
    """Bytes of activations at the peak of a step of `tokens` tokens.

    With checkpointing a block keeps its bfloat16 input alone, and one block at a time is whole.
    What passes is either the final norm's, or a dequantised weight and a feed-forward gradient.
    """
    kept, passing = _passing(s, tokens, dropout=dropout, checkpointing=checkpointing, dora=dora)
    return int(kept + max(passing, HEAD * s.hidden * tokens))


def _passing(
    s: Shape, tokens: int, *, dropout: bool, checkpointing: bool, dora: bool
) -> tuple[float, float]:
    """Bytes that stay from the forward pass, and those that a block's backward pass adds."""
    block = block_bytes(s, dropout=dropout) * tokens * (DORA if dora else 1)
    inside = (DORA_WEIGHTS if dora else 2) * s.hidden * s.inner + s.inner * tokens
    if checkpointing:
        return 2 * s.hidden * tokens * s.layers, block + inside
    return block * s.layers, inside


def loss_bytes(
    s: Shape, tokens: int, trained: int, *, dropout: bool, checkpointing: bool, dora: bool = False
) -> int:
    """Bytes that the loss takes beyond `activation_bytes`.

    It is over before the first block's backward pass begins, so the two are never held at once.
    """
    _, passing = _passing(s, tokens, dropout=dropout, checkpointing=checkpointing, dora=dora)
    head = HEAD * s.hidden * tokens
    return max(0, int(head + logit_bytes(s, trained) - max(passing, head)))


def logit_bytes(s: Shape, trained: int) -> int:
    """Bytes of the loss over `trained` positions: one piece in fp32 if it is small, tiles where
    it is not.
    """
    if trained * s.vocabulary * 4 <= DIRECT_BYTES:
        return HEAD * trained * s.vocabulary
    return 2 * min(trained, TILE[0]) * min(s.vocabulary, TILE[1]) + 8 * trained * s.hidden


def mask_bytes(config: TrainConfig) -> int:
    """Bytes of the dense mask that packed rows take where they attend by `sdpa`: one byte and one
    bfloat16 number for each pair of positions.
    """
    dense = config.packing and config.attention == "sdpa"
    return 3 * config.micro_batch * config.max_length**2 if dense else 0


def evaluation_bytes(s: Shape, held_out: int) -> int:
    """Bytes that an evaluation takes beyond the model: logits of a batch in bfloat16, in fp32 and
    after the softmax, and the stream around the final norm.

    `held_out` are the tokens of all held-out rows.
    """
    at_once = min(held_out, EVALUATED[0], EVALUATED[1] // (8 * max(1, s.vocabulary)))
    return at_once * (10 * s.vocabulary + HEAD * s.hidden)


def predict(
    config: TrainConfig,
    s: Shape,
    *,
    linear: int,
    rest: int,
    trainable: int,
    tokens: int,
    trained: int,
    checkpointing: bool,
    held_out: int = 0,
    copies: int = 1,
) -> Memory:
    """Estimate a step's peak, or an evaluation's where that is higher.

    `linear` and `rest` are the base's parameters inside and outside the adapted blocks, `tokens`
    and `trained` those of the heaviest micro-batch, `held_out` those of the validation rows.
    `copies` are data-parallel processes: each holds the whole base (nothing is sharded), and the
    gradients once more in buckets.
    """
    four = config.quantization == "nf4"
    how = {
        "dropout": config.lora.dropout > 0,
        "checkpointing": checkpointing,
        "dora": config.lora.variant == "dora",
    }
    parts = {
        "weights": int(linear * (NF4_BYTES if four else 2) + rest * 2),
        "quantization": int(linear * STATE_BYTES) if four else 0,
        "adapters": trainable * (4 + 4 + 2 + (4 if copies > 1 else 0)),
        "optimizer": trainable * OPTIMIZER_BYTES[config.optimizer],
        "activations": activation_bytes(s, tokens, **how),
        "logits": loss_bytes(s, tokens, trained, **how),
    }
    parts["activations"] += mask_bytes(config)
    step = parts["activations"] + parts["logits"]
    parts["logits"] += max(0, evaluation_bytes(s, held_out) - step)
    return Memory(**parts, overhead=int(CONTEXT + FRAGMENTS * sum(parts.values())))


def widths(tensors: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Weights of the linear layers inside the blocks that adapters go on (`layers.adaptable`)."""
    experts = has_experts(tensors)
    return {
        name: size
        for name, size in tensors.items()
        if len(size) == 2
        and name.endswith(".weight")
        and adaptable(name.removesuffix(".weight"), experts=experts)
    }


def blocks(tensors: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Matrices inside the blocks, experts' included: what 4 bits hold, and what tokens meet."""
    return {
        name: size
        for name, size in tensors.items()
        if len(size) == 2
        and name.endswith(".weight")
        and not any(x in name for x in ("embed", "lm_head", "norm", "wte", "wpe"))
    }


def count(tensors: Mapping[str, list[int]]) -> int:
    """Numbers in all of them."""
    return sum(math.prod(size) for size in tensors.values())
