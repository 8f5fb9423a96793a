"""What a run will take before it takes it: steps, tokens, memory and disk, reckoned without torch."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from secarch import weights
from secarch.session import processes
from secarch.train.config import TrainConfig
from secarch.train.rows import Row

GIB = 1 << 30
NF4_BYTES = (4 + 8 / 64 + 32 / (64 * 256)) / 8
"""Bytes a weight: 4 bits, an 8-bit scale for 64 of them, an fp32 one for 256 of those (arXiv:2305.14314, section 3)."""
OPTIMIZER_BYTES = {"adamw": 8, "adamw_8bit": 2, "paged_adamw_8bit": 2}
OVERHEAD = 1.0 * GIB
"""CUDA context, kernels' workspaces and fragments; a round figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes on the device at the peak of a step, reckoned from shapes; expect 20% either way."""

    base: int
    adapters: int
    """Weights and gradients in fp32 and the optimiser's state."""
    activations: int
    logits: int

    @property
    def total(self) -> int:
        """Sum of the parts and a GiB of overhead."""
        return int(self.base + self.adapters + self.activations + self.logits + OVERHEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the run will do."""

    rows: int
    """Rows of one epoch; with packing, filled ones."""
    steps: int
    epochs: float
    tokens: int
    """Tokens of all steps."""
    trained_share: float
    """Share of them that the loss sees (0..1)."""
    accumulation: int
    """Micro-batches that each process takes to a step."""
    parameters: int
    trainable: int
    memory: Memory
    checkpoint_bytes: int
    """Bytes of one checkpoint."""
    checkpointing: bool
    """Whether activations are computed again instead of kept."""


def plan(config: TrainConfig, rows: Sequence[Row], packed: int, base: Path) -> Plan:
    """Reckon a run. `packed` is the number of rows that the trainer sees in an epoch."""
    per_epoch = max(1, math.ceil(packed / config.global_batch))
    steps = config.max_steps or max(1, math.ceil(config.epochs * per_epoch))
    tokens = sum(len(row.ids) for row in rows)
    shapes = weights.tensors(base)
    trainable = sum(config.lora.r * sum(shape) for shape in _targets(config, shapes).values())
    return Plan(
        rows=packed, steps=steps, epochs=round(steps / per_epoch, 3), tokens=round(tokens * steps / per_epoch),
        trained_share=round(sum(row.trained for row in rows) / max(1, tokens), 4),
        accumulation=config.global_batch // (config.micro_batch * processes()), parameters=weights.parameters(base),
        trainable=trainable, memory=_memory(config, shapes, trainable, rows, base),
        checkpointing=config.gradient_checkpointing is True,
        checkpoint_bytes=trainable * (4 + OPTIMIZER_BYTES[config.optimizer]),
    )  # fmt: skip


def _linear(shapes: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Weights of the linear layers inside the blocks: matrices, but neither the embedding nor the head."""
    return {
        name: shape
        for name, shape in shapes.items()
        if len(shape) == 2
        and name.endswith(".weight")
        and not any(part in name for part in ("embed", "lm_head", "norm"))
    }


def _targets(config: TrainConfig, shapes: Mapping[str, list[int]]) -> dict[str, list[int]]:
    linear = _linear(shapes)
    if config.lora.targets == "all-linear":
        return linear
    wanted = tuple(f"{name}.weight" for name in config.lora.targets)
    return {name: shape for name, shape in linear.items() if name.endswith(wanted)}


def _memory(
    config: TrainConfig, shapes: Mapping[str, list[int]], trainable: int, rows: Sequence[Row], base: Path
) -> Memory:
    linear = sum(a * b for a, b in _linear(shapes).values())
    rest = sum(math.prod(shape) for shape in shapes.values()) - linear
    tokens = config.micro_batch * (config.max_length if config.packing else max((len(r.ids) for r in rows), default=0))
    hidden, inner, layers, vocabulary = _shape(base)
    kept = 2 * hidden if config.gradient_checkpointing is True else 34 * hidden + 10 * inner
    once = 34 * hidden + 10 * inner if config.gradient_checkpointing is True else 0
    return Memory(
        base=int(linear * (NF4_BYTES if config.quantization == "nf4" else 2) + rest * 2),
        adapters=trainable * (8 + OPTIMIZER_BYTES[config.optimizer]),
        activations=tokens * (kept * layers + once),
        logits=min(tokens, 4096) * vocabulary * 8,
    )


def _shape(base: Path) -> tuple[int, int, int, int]:
    """Hidden size, feed-forward size, layers and vocabulary; 0 where the architecture calls them otherwise."""
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    names = ("hidden_size", "intermediate_size", "num_hidden_layers", "vocab_size")
    hidden, inner, layers, vocabulary = (int(config.get(name) or 0) for name in names)
    return hidden, inner, layers, vocabulary


def bins(lengths: Sequence[int], size: int) -> list[list[int]]:
    """Rows packed into bins of `size` tokens, best fit, longest first; each bin lists indices of rows.

    Deterministic. Rows longer than `size` get a bin of their own.
    """
    import bisect

    out: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (free tokens, bin), ascending
    for n in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        at = bisect.bisect_left(room, (lengths[n], -1))
        free, which = room.pop(at) if at < len(room) else (size, len(out))
        if which == len(out):
            out.append([])
        out[which].append(n)
        bisect.insort(room, (free - lengths[n], which))
    return out
