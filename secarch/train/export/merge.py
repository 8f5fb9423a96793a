"""Merging an adapter into its base, and measuring what the merge changed. A leaf: it imports torch
at its top.

The adapter was trained against the 4-bit base, so that it is added to the numbers which that base
stands for (dequantised), not to the original weights and never into 4 bits: the first is another
model, the second rounds most of the adapter away (transformers issue 31293, peft issue 2321).
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from secarch.errors import GateFailed
from secarch.files import disk_errors, sync
from secarch.models.adapters import adapted
from secarch.models.local import Model, Quantization, load_base, unfold
from secarch.models.weights import weight_files
from secarch.train.data.rows import Row
from secarch.train.export import shards

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
SHARD = "5GB"
SMALL_BYTES = 1 << 30
"""Bases up to this size fit into any memory, and are merged by peft itself."""


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

    A base of more than SMALL_BYTES is merged tensor by tensor (`shards`) if names alone say how;
    else the model is built and peft merges it. Raises what `load_base` raises, GateFailed (a
    weight that is not a number), Mismatch (an adapter of another base), DiskError.
    """
    held = DTYPES[dtype]
    large = sum(path.stat().st_size for path in weight_files(base)) > SMALL_BYTES
    added = shards.deltas(base, adapter) if large else None
    if added is not None:
        shards.write_merged(base, quantization, added, held, target)
        return
    network = load_base(base, quantization, torch.bfloat16 if held != torch.float32 else held)
    if quantization == "nf4":
        unfold(network, held)
    merged = adapted(network, adapter).merge_and_unload(safe_merge=True).to(held)
    _check_finite(merged, dtype)
    with disk_errors(target):
        merged.save_pretrained(target, max_shard_size=SHARD)
        for path in target.glob("*.safetensors"):
            sync(path)


def _check_finite(merged: torch.nn.Module, dtype: str) -> None:
    """Raise GateFailed where a merged weight is not a number: float16 makes such of large ones."""
    for name, weight in merged.named_parameters():
        if not torch.isfinite(weight).all():
            raise GateFailed(
                f"a merged weight is no number in {dtype}",
                where=name,
                why="float16 ends at 65,504" if dtype == "float16" else "the adapter is not sound",
                fix="export with --dtype bfloat16",
            )


def log_probabilities(model: Model, row: Row) -> torch.Tensor:
    """Next-token log-probabilities where a row is trained: (positions, vocabulary), fp32, on the
    CPU.
    """
    at = torch.tensor(row.mask[1:]).nonzero()[:, 0].to(model.device)
    ids = torch.tensor([row.ids], device=model.device)
    logits = model.network(input_ids=ids, use_cache=False, logits_to_keep=at).logits[0]
    found: torch.Tensor = logits.float().cpu().log_softmax(-1)
    return found


@torch.inference_mode()
def record(model: Model, rows: Sequence[Row], folder: Path) -> None:
    """Write what a model says of each row, so that it may leave the memory before the other one is
    loaded.
    """
    for n, row in enumerate(rows):
        save_file({"log": log_probabilities(model, row)}, folder / f"{n}.safetensors")


def recorded(rows: Sequence[Row], folder: Path) -> Iterator[torch.Tensor]:
    """What `record` wrote, row by row."""
    for n in range(len(rows)):
        yield load_file(folder / f"{n}.safetensors")["log"]


def free() -> None:
    """Give back what models that are gone held on the GPU."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@torch.inference_mode()
def divergence(
    reference: Model | Iterable[torch.Tensor], merged: Model, rows: Sequence[Row]
) -> Divergence:
    """Compare two models' next-token distributions where the rows are trained; fp32 softmax, one
    row at a time. Of the reference, what was recorded does as well.
    """
    said = (
        (log_probabilities(reference, row) for row in rows)
        if isinstance(reference, Model)
        else reference
    )
    found = Divergence([], [], [])
    for row, ours in zip(rows, said, strict=True):
        theirs = log_probabilities(merged, row)
        found.kl.extend((ours.exp() * (ours - theirs)).sum(-1).clamp(min=0).tolist())
        found.same_top.extend((ours.argmax(-1) == theirs.argmax(-1)).tolist())
        found.row.extend([row.id] * len(ours))
    return found
