"""What can only be looked at with the model loaded, before the first step: precision, packing, and
the longest batch.

A fault met here costs seconds; the same one in hour three costs the three hours. This is a leaf: it
imports torch at its top.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from secarch.errors import SecarchError

NOISE = 1e-3
"""Mean difference of logits, in standard deviations, that the order of additions explains in any
number format.
"""
SHARE = 1 / 3
"""Share of the difference that full sight of the document before would make; rounding in bf16 stays
below it.
"""
APART = (
    "position_ids",
    "cu_seq_lens_q",
    "cu_seq_lens_k",
    "max_length_q",
    "max_length_k",
    "seq_idx",
)
"""What tells packed documents apart, by the names of the library's collator."""
DOCUMENT = 256
"""Tokens of a document that the packing check looks at."""


def adapters(network: Any) -> int:
    """Count the trained tensors; raise SecarchError where one is not an adapter, or not fp32.

    bfloat16 has eight bits of fraction: most updates of a decaying rate are smaller than its steps.
    """
    trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
    wrong = [name for name, p in trained.items() if p.dtype != torch.float32]
    wrong += [name for name in trained if "lora_" not in name]
    if wrong or not trained:
        raise SecarchError(
            f"{len(wrong)} of {len(trained)} trained tensors are no fp32 adapters",
            where=wrong[0] if wrong else None,
            why="in bf16 most small updates would be lost",
            fix="use the library versions of requirements.lock",
        )
    return len(trained)


@torch.no_grad()
def packing(trainer: Any, columns: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """How far document B after A is from B alone, and how far it would be if it saw A.

    Mean differences in standard deviations of B's logits. `columns` are two rows as the trainer
    packs them. Raises SecarchError where B sees A.
    """
    a, b = (_cut(row) for row in columns)
    joined = {name: [*a[name], *b[name]] for name in ("input_ids", "labels")}
    joined["seq_lengths"] = [len(a["input_ids"]), len(b["input_ids"])]
    alone = {**b, "seq_lengths": [len(b["input_ids"])]}
    with _evaluating(trainer.model), trainer.compute_loss_context_manager():
        single = _logits(trainer, alone)
        packed, seeing = (
            _logits(trainer, joined, without)[-len(single) :] for without in ((), APART)
        )
    if not torch.isfinite(single).all():
        raise SecarchError(
            "this base's logits are no numbers before anything was learnt",
            where="the base",
            why="its weights, or its number format, are not sound",
            fix="set train.precision to fp32, or try another base",
        )
    spread = single.std().clamp(min=1e-6)
    found, full = (float((logits - single).abs().mean() / spread) for logits in (packed, seeing))
    if not (found <= NOISE or found <= SHARE * full):
        raise SecarchError(
            f"packed documents see one another: a document's logits differ by {found:.2g} "
            "standard deviations "
            f"when another stands before it, and by {full:.2g} when it may read that one",
            where="train.packing",
            why="this base's attention passes over where documents end",
            fix="set train.packing to false, or train.attention to sdpa",
        )
    return found, full


def _cut(row: dict[str, Any]) -> dict[str, Any]:
    return {name: list(row[name])[:DOCUMENT] for name in ("input_ids", "labels")}


def _logits(trainer: Any, row: dict[str, Any], without: Sequence[str] = ()) -> torch.Tensor:
    batch = trainer._prepare_inputs(trainer.data_collator([row]))  # noqa: SLF001 - the trainer's own way to the device
    batch = {name: value for name, value in batch.items() if name not in {"labels", *without}}
    logits: torch.Tensor = trainer.model(**batch, use_cache=False).logits[0]
    return logits.float()


@contextmanager
def _evaluating(network: Any) -> Iterator[None]:
    was_training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(was_training)


def heaviest(columns: Any, count: int) -> list[dict[str, Any]]:
    """The `count` longest rows of a dataset: the batch that takes most memory."""
    lengths = _lengths(columns)
    order = sorted(range(len(lengths)), key=lambda n: (-lengths[n], n))
    return [columns[n] for n in order[:count]]


def _lengths(columns: Any) -> list[int]:
    """Tokens of each row; of a preference those of its longer side."""
    if "input_ids" in columns.column_names:
        return [len(ids) for ids in columns["input_ids"]]
    sides = zip(columns["prompt_ids"], columns["chosen_ids"], columns["rejected_ids"], strict=True)
    return [len(asked) + max(len(a), len(b)) for asked, a, b in sides]


def longest_batch(trainer: Any, model: Any, state_bytes: int) -> int | None:
    """Take the heaviest batch forward and backward, with room held for the optimiser's state, and
    forget it.

    `state_bytes` is what the optimiser will allocate at its first step. Random numbers, gradients
    and the journal are left as they were. Returns the peak in bytes on CUDA, None on a CPU. Raises
    SecarchError where the loss is not a number; out of memory is the caller's to explain.
    """
    on_cuda = trainer.args.device.type == "cuda"
    batch = trainer._prepare_inputs(  # noqa: SLF001 - the trainer's own way to the device
        trainer.data_collator(
            heaviest(trainer.train_dataset, trainer.args.per_device_train_batch_size)
        )
    )
    if on_cuda:
        torch.cuda.reset_peak_memory_stats(trainer.args.device)
    items = torch.tensor(trainer.trained(batch), device=trainer.args.device)
    with torch.random.fork_rng(devices=[trainer.args.device] if on_cuda else []):
        held = (
            torch.empty(state_bytes, dtype=torch.uint8, device=trainer.args.device)
            if on_cuda
            else None
        )
        model.train()
        with trainer.compute_loss_context_manager():
            loss = trainer.compute_loss(model, batch, num_items_in_batch=items)
        trainer.accelerator.backward(loss)
        value = float(loss.detach())
        del loss, held
    model.zero_grad(set_to_none=True)
    if not torch.isfinite(torch.tensor(value)):
        raise SecarchError(
            f"the loss of the longest batch is {value} before anything was learnt",
            where="the base",
            why="its weights, or its number format, are not sound",
            fix="set train.precision to fp32, or try another base",
        )
    return int(torch.cuda.max_memory_allocated(trainer.args.device)) if on_cuda else None
