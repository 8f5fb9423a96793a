"""What a run would do, hold, take and cost, told without touching anything and without torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from secarch import __version__, console
from secarch.models.endings import made_whole
from secarch.records import Outcome
from secarch.schema import JsonDict, sha256_of
from secarch.train.data import mix, preflight
from secarch.train.data.prepare import Prepared
from secarch.train.data.rows import Row
from secarch.train.estimate.cost import sides
from secarch.train.estimate.memory import ERROR, GIB


def dry_run(prepared: Prepared, directory: Path) -> Outcome:
    """A table on stderr, and the same as the command's result.

    Raises DiskError where checkpoints have no room.
    """
    plan, train = prepared.plan, prepared.train
    preflight.check_disk(directory, preflight.CHECKPOINTS * plan.checkpoint_bytes)
    shown = Table("what", "figure", box=None, pad_edge=False)
    for name, figure in {**_data(prepared), **_machine(prepared)}.items():
        shown.add_row(name, figure)
    console.show(shown)
    names = ("total", "allocated", "context", "allocator")
    sums = {name: getattr(plan.memory, name) for name in names}
    memory = {**asdict(plan.memory), **sums, "relative_error": ERROR}
    result = {
        "plan": {**asdict(plan), "memory": memory},
        "mix": [asdict(share) for share in _shares(prepared)],
        "guards": [guard.recorded for guard in prepared.guards],
        "template_adapted": made_whole(prepared.chat.template),
        "system": {"placed_by": prepared.chat.system, "rows": prepared.dataset.systems()},
        "checked": prepared.checked,
        "key": prepared.key if prepared.fingerprint else None,
        "cost": asdict(prepared.estimate),
        "manifest": _manifest(prepared),
    }
    counts = {
        "rows": _count(prepared, train.rows),
        "over_length": train.over_length,
        "pieces": train.pieces,
        "dropped": train.dropped,
        "steps": plan.steps,
        "tokens": plan.tokens,
    }
    return Outcome(
        status="done",
        counts=counts,
        result=result,
        next="secarch train",
        summary=f"would train {plan.steps} steps on {counts['rows']} "
        f"{'rows' if sides(prepared.config) == 1 else 'pairs'} into {directory}",
    )


def _count(prepared: Prepared, rows: Sequence[Row]) -> int:
    return len(rows) // sides(prepared.config)


def _shares(prepared: Prepared) -> list[mix.Share]:
    return mix.shares(prepared.dataset, prepared.config.mix, prepared.train.rows)


def _manifest(prepared: Prepared) -> JsonDict:
    """The parts of the manifest that are known before the run."""
    return {
        "kind": "run",
        "parents": list(prepared.dataset.parents),
        "config": prepared.recorded,
        "config_digest": sha256_of(prepared.recorded),
        "secarch": __version__,
    }


def _data(prepared: Prepared) -> dict[str, str]:
    plan, train, config = prepared.plan, prepared.train, prepared.config
    over = (
        f"{train.over_length:,} rows: {train.pieces:,} pieces made of them, "
        f"{train.dropped:,} dropped"
    )
    systems = ", ".join(f"{count:,} {name}" for name, count in prepared.dataset.systems().items())
    shares = {
        f"  of which {share.name}": f"{share.rows:,} rows, {share.share:.1%} of the tokens"
        for share in _shares(prepared)
        if config.mix
    }
    return {
        "base": f"{prepared.base_name}, {plan.parameters:,} parameters"
        + ("" if prepared.fingerprint else " (large: its files are hashed when it is trained)"),
        "dataset": f"{prepared.dataset.path}, {len(prepared.dataset.train):,} training rows",
        **shares,
        "system prompt": f"{systems}; placed by {prepared.chat.system}",
        "chat template": "prompts and endings made to agree with the rows"
        if made_whole(prepared.chat.template)
        else "as it is",
        "objective": "answers (sft)" if config.objective == "sft" else "preferences (dpo)",
        "rows" if sides(config) == 1 else "pairs": f"{_count(prepared, train.rows):,} for training,"
        f" {_count(prepared, prepared.validation.rows):,} for validation",
        "checked": f"{len(prepared.checked)} checks on each of "
        f"{max(prepared.checked.values(), default=0):,} rows",
        "over length": over,
        "longest row": f"{train.longest:,} of {config.max_length:,} tokens",
        "steps": f"{plan.steps:,} of {config.global_batch} rows ({plan.epochs:g} epochs)",
        "micro-batches": f"{plan.accumulation} of {config.micro_batch} rows to a step",
        "tokens": f"{plan.tokens:,}, {plan.trained_share:.1%} of them trained",
        "trainable": f"{plan.trainable:,} parameters of rank {config.lora.r}",
        "checkpoints": f"{math.ceil(plan.checkpoint_bytes / 1e6):,} MB each",
    }


def _machine(prepared: Prepared) -> dict[str, str]:
    plan, gpu, cost = prepared.plan, prepared.gpu, prepared.estimate
    parts = ", ".join(
        f"{name} {size / GIB:.2f}" for name, size in asdict(plan.memory).items() if size
    )
    room = (
        f" of {gpu.memory / GIB:.0f} on the {gpu.name}"
        if gpu
        else " on a GPU; this machine shows none"
    )
    hours = (
        f"{cost.hours:g} h at {cost.tokens_per_second:,.0f} tokens/s"
        if cost.hours is not None
        else "not known"
    )
    return {
        "memory": f"{plan.memory.total / GIB:.1f} GiB (give or take {ERROR:.0%}){room}",
        "  of which": parts,
        "  in other words": f"{plan.memory.allocated / GIB:.2f} held by tensors (what torch counts "
        f"as allocated), {plan.memory.context / GIB:.2f} context, "
        f"{plan.memory.allocator / GIB:.2f} for the allocator",
        "recomputing": "activations are computed again"
        if plan.checkpointing
        else "activations are kept",
        "time": f"{hours} ({cost.basis})",
        "price": f"${cost.usd:,.2f}, {cost.price}" if cost.usd is not None else cost.price,
    }
