"""What a run will take before it takes it: steps, tokens, memory and disk, estimated without
torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from secarch.models import weights
from secarch.session import processes
from secarch.train.config import TrainConfig
from secarch.train.data.rows import Row
from secarch.train.estimate.memory import (
    OPTIMIZER_BYTES,
    Memory,
    blocks,
    count,
    predict,
    shape,
    widths,
)


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
    """Micro-batches to a step."""
    parameters: int
    multiplied: int
    """Parameters that a token is multiplied with: linear layers and head, not the embedding's
    look-up.
    """
    trainable: int
    memory: Memory
    """Peak on a GPU."""
    checkpoint_bytes: int
    """Bytes of one checkpoint."""
    checkpointing: bool
    """Whether activations are computed again instead of kept."""


def plan(
    config: TrainConfig,
    rows: Sequence[Row],
    packed: int,
    base: Path,
    limit: int | None = None,
    held_out: int = 0,
) -> Plan:
    """Estimate a run. `packed` is the number of rows that the trainer sees in an epoch.

    `held_out` are the tokens of the validation rows. `limit` is the GPU's memory in bytes:
    gradient_checkpointing `auto` is on if it does not suffice otherwise. Without a GPU it is
    off.
    """
    per_epoch = max(1, math.ceil(packed / config.global_batch))
    steps = config.max_steps or max(1, math.ceil(config.epochs * per_epoch))
    tokens = sum(len(row.ids) for row in rows)
    tensors = weights.tensors(base)
    trainable = adapter_parameters(config, tensors)
    on = config.gradient_checkpointing
    known: dict[str, Any] = {"held_out": held_out if sides(config) == 1 else 0}
    memory = peak(config, rows, base, tensors, checkpointing=on is True, **known)
    if on == "auto":
        on = limit is not None and memory.most > limit
        memory = peak(config, rows, base, tensors, checkpointing=on, **known)
    return Plan(
        rows=packed,
        steps=steps,
        epochs=round(steps / per_epoch, 3),
        tokens=round(tokens * steps / per_epoch),
        trained_share=round(sum(row.trained for row in rows) / max(1, tokens), 4),
        accumulation=config.global_batch // (config.micro_batch * processes()),
        parameters=weights.parameters(base),
        multiplied=count(blocks(tensors)) + count(_head(tensors)),
        trainable=trainable,
        memory=memory,
        checkpointing=on,
        checkpoint_bytes=trainable * (4 + OPTIMIZER_BYTES[config.optimizer]),
    )


def sides(config: TrainConfig) -> int:
    """Rows of tokens to a training row: a preference is a pair of them."""
    return 2 if config.objective == "dpo" else 1


def _head(tensors: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """The output head: its own matrix, or the embedding that it shares."""
    for part in ("lm_head", "embed_tokens", "embed"):
        found = {name: size for name, size in tensors.items() if part in name and len(size) == 2}
        if found:
            return found
    return {}


def adapter_parameters(config: TrainConfig, tensors: Mapping[str, list[int]]) -> int:
    """Trained parameters: rank times inputs and outputs of each adapted layer, and DoRA's length of
    each output.
    """
    targets = _targets(config, tensors).values()
    lengths = sum(size[0] for size in targets) if config.lora.variant == "dora" else 0
    return config.lora.r * sum(sum(size) for size in targets) + lengths


def _targets(config: TrainConfig, tensors: Mapping[str, list[int]]) -> dict[str, list[int]]:
    linear = widths(tensors)
    if config.lora.targets == "all-linear":
        return linear
    wanted = tuple(f"{name}.weight" for name in config.lora.targets)
    return {name: size for name, size in linear.items() if name.endswith(wanted)}


def missing_targets(config: TrainConfig, tensors: Mapping[str, list[int]]) -> list[str]:
    """Names in lora.targets that no linear layer has: they would be skipped in silence."""
    linear = widths(tensors)
    if isinstance(config.lora.targets, str):
        return [] if linear else [config.lora.targets]
    return [
        t for t in config.lora.targets if not any(name.endswith(f"{t}.weight") for name in linear)
    ]


def peak(
    config: TrainConfig,
    rows: Sequence[Row],
    base: Path,
    tensors: Mapping[str, list[int]],
    *,
    checkpointing: bool,
    held_out: int = 0,
) -> Memory:
    """Estimate the memory of a run's heaviest micro-batch, or of its evaluations."""
    linear = count(blocks(tensors))
    longest = max((len(row.ids) for row in rows), default=0)
    at_once = config.micro_batch * sides(config)
    tokens = at_once * (config.max_length if config.packing else longest)
    answers = max((row.trained for row in rows), default=0)
    whole = sum(len(row.ids) for row in rows)
    packed = round(tokens * sum(row.trained for row in rows) / max(1, whole))
    return predict(
        config,
        shape(base, tensors),
        linear=linear,
        rest=count(tensors) - linear,
        trainable=adapter_parameters(config, tensors),
        tokens=tokens,
        trained=packed if config.packing else at_once * answers,
        checkpointing=checkpointing,
        held_out=held_out,
        copies=processes(),
    )


def fitting(config: TrainConfig, rows: Sequence[Row], base: Path, limit: int) -> list[str]:
    """Settings, least costly first, with which a run fits `limit` bytes; empty if none of these
    suffices.
    """
    tensors = weights.tensors(base)
    changes: dict[str, Any] = {}
    steps: list[dict[str, Any]] = [
        {"gradient_checkpointing": True},
        {"micro_batch": 1},
        {"optimizer": "paged_adamw_8bit"},
        {"quantization": "nf4"},
        *({"max_length": n} for n in (4096, 2048, 1024, 512) if n < config.max_length),
    ]
    for step in steps:
        changes |= step
        tried = config.replace(**changes)
        short = [
            replace(row, ids=row.ids[: tried.max_length], mask=row.mask[: tried.max_length])
            for row in rows
        ]
        if (
            peak(tried, short, base, tensors, checkpointing=changes["gradient_checkpointing"]).most
            <= limit
        ):
            now = config.model_dump()
            return [
                f"train.{name}={str(value).lower()}"
                for name, value in changes.items()
                if now[name] != value
            ]
    return []


def bins(lengths: Sequence[int], size: int) -> list[list[int]]:
    """Rows packed into bins of `size` tokens, best fit, longest first; each bin lists indices of
    rows.

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
