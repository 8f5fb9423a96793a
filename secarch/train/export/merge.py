"""Merging an adapter into its base, and measuring what the merge changed. A leaf: it imports torch
at its top.

The adapter was trained against the 4-bit base, so that it is added to the numbers which that base
stands for (dequantised), not to the original weights and never into 4 bits: the first is another
model, the second rounds most of the adapter away (transformers issue 31293, peft issue 2321).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from secarch.artifact import disk_errors, sync
from secarch.models.local import Model, Quantization, adapted, load_base, unfold
from secarch.train.data.rows import Row

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
SHARD = "5GB"


@dataclass(frozen=True, slots=True)
class Divergence:
    """Adapter on its base against the merged model, at every trained token of some rows."""

    kl: list[float]
    """KL(adapter on base || merged) in nats, one for each token."""
    row: list[str]
    """Id of the row that the token is in."""
    same_top: list[bool]
    """Whether the likeliest token is the same."""


def write_merged(
    base: Path, quantization: Quantization, adapter: Path, dtype: str, target: Path
) -> None:
    """Write config.json and safetensors of base plus adapter, every weight in `dtype`, into
    `target`.

    Raises what `load_base` raises, Mismatch (an adapter of another base), DiskError.
    """
    held = DTYPES[dtype]
    network = load_base(base, quantization, torch.bfloat16 if held != torch.float32 else held)
    if quantization == "nf4":
        unfold(network, held)
    merged = adapted(network, adapter).merge_and_unload(safe_merge=True).to(held)
    with disk_errors(target):
        merged.save_pretrained(target, max_shard_size=SHARD)
        for path in target.glob("*.safetensors"):
            sync(path)


@torch.inference_mode()
def divergence(reference: Model, merged: Model, rows: Sequence[Row]) -> Divergence:
    """Compare two models' next-token distributions where the rows are trained; fp32 softmax, one
    row at a time.
    """
    found = Divergence([], [], [])
    for row in rows:
        ids = torch.tensor([row.ids])
        at = torch.tensor(row.mask[1:]).nonzero()[:, 0]
        ours, theirs = (
            model.network(
                input_ids=ids.to(model.device), use_cache=False, logits_to_keep=at.to(model.device)
            )
            .logits[0]
            .float()
            .cpu()
            .log_softmax(-1)
            for model in (reference, merged)
        )
        found.kl.extend((ours.exp() * (ours - theirs)).sum(-1).clamp(min=0).tolist())
        found.same_top.extend((ours.argmax(-1) == theirs.argmax(-1)).tolist())
        found.row.extend([row.id] * len(at))
    return found
