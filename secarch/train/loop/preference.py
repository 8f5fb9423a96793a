"""Preferences by TRL's DPOTrainer (Rafailov et al. 2023, arXiv:2305.18290), with our checkpoints.

The reference is the base itself, the adapter switched off, so that one model is in memory. The
library trains without dropout. This is a leaf: it imports torch at its top.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from datasets import Dataset as Columns
from trl import DPOConfig, DPOTrainer

from secarch.session import processes
from secarch.train.data.rows import Row
from secarch.train.loop.conductor import TrainingCallback
from secarch.train.loop.exact import Exact, arguments, on_one_gpu, tokenizer
from secarch.train.loop.journal import Journal
from secarch.train.loop.network import adapter, frozen
from secarch.train.loop.work import Work

AHEAD = "rewards/accuracies"
"""TRL's name for the share of pairs of which the chosen side is ahead."""


def made(work: Work, journal: Journal) -> Preference:
    """The trainer of a run's pairs."""
    base = frozen(work.config, work.base, seed=work.seed, bf16=work.bf16)
    found = Preference(
        model=base,
        args=on_one_gpu(DPOConfig(**arguments(work), beta=work.config.beta)),
        train_dataset=Columns.from_list([*columns(work.train), *_blank(work.chat.pad_id)]),
        processing_class=tokenizer(work),
        peft_config=adapter(work.config.lora, base),
        callbacks=[TrainingCallback(work, journal)],
    )
    found.loss_is_scaled_for_ga = True  # by `compute_loss`
    found.begun(work, journal)
    return found


def _blank(pad: int) -> list[dict[str, list[int]]]:
    """A pair that teaches nothing, where several processes share the pairs: its sides are alike."""
    names = ("prompt_ids", "chosen_ids", "rejected_ids")
    return [{name: [pad] for name in names}] if processes() > 1 else []


def columns(sides: Sequence[Row]) -> list[dict[str, list[int]]]:
    """Pairs as the trainer reads them, from their sides by turns."""
    return [
        {
            "prompt_ids": chosen.ids[: chosen.prompt],
            "chosen_ids": answer(chosen),
            "rejected_ids": answer(rejected),
        }
        for chosen, rejected in zip(sides[::2], sides[1::2], strict=True)
    ]


def answer(side: Row) -> list[int]:
    """The last answer's tokens, up to and with its stop token."""
    end = len(side.mask) - side.mask[::-1].index(True)
    return side.ids[side.prompt : end]


class Preference(Exact, DPOTrainer):  # type: ignore[misc]  # trl has no types
    """DPOTrainer with our evaluation and our checkpoints."""

    def _prepare_dataset(self, dataset: Any, *_args: Any, **_kwargs: Any) -> Any:
        """Rows come in tokens: the library would render them otherwise than they were checked."""
        return dataset

    @torch.no_grad()
    def measured(self) -> dict[str, float]:
        """Mean loss of the validation pairs, one at a time, and the share with the chosen ahead.

        Each of several processes takes all of them: the library gathers the metrics of every batch,
        so one with a pair less would leave the others waiting for ever.
        """
        pairs = columns(self.work.validation)
        losses, ahead = [], []
        for pair in pairs:
            self._metrics["eval"].clear()
            batch = self._prepare_inputs(self.data_collator([pair]))
            losses.append(float(self.compute_loss(self.model, batch)))
            ahead.append(float(self._metrics["eval"][AHEAD][-1]))
        self._metrics["eval"].clear()
        loss, won = math.fsum(losses), math.fsum(ahead)
        return {"eval_loss": loss / len(pairs), "eval_accuracy": won / len(pairs)}

    def trained(self, inputs: dict[str, Any]) -> int:
        """Tokens of both sides' answers."""
        words = inputs["input_ids"] != self.work.chat.pad_id
        return int((inputs["completion_mask"].bool() & words).sum())

    def _pairs(self, inputs: dict[str, Any]) -> int:
        """Pairs of a batch that are not blank; the chosen sides come first."""
        words = (inputs["input_ids"] != self.work.chat.pad_id).any(1)
        return int(words[: len(words) // 2].sum())

    def _get_num_items_in_batch(self, batch_samples: Any, device: Any) -> torch.Tensor:
        """Pairs of a step, over all processes and their micro-batches."""
        (found,) = self.summed(sum(map(self._pairs, batch_samples)))
        return torch.tensor(found, device=device)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """The library's mean over the batch's pairs; in training their sum over the pairs of the
        whole step, so that it does not depend on how they are batched.

        A blank pair's sides are alike: it adds ln 2 to the sum and nothing to the gradient.
        """
        found = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        if num_items_in_batch is None or return_outputs:
            return found
        all_, own = len(inputs["input_ids"]) // 2, self._pairs(inputs)
        (of_step,) = self.summed(own)
        share = self._metrics["train"][AHEAD].pop() * all_ * processes()
        self._metrics["train"][AHEAD].append((share, of_step))
        nats = found * all_ - (all_ - own) * math.log(2)
        return nats / num_items_in_batch * processes()

    def log(self, logs: dict[str, float], *_args: Any) -> None:
        """Add the share of the step's pairs with the chosen side ahead."""
        ahead = self._metrics["train"].get(AHEAD, [])
        if "loss" in logs and ahead:
            won, pairs = (math.fsum(each) for each in zip(*ahead, strict=True))
            logs = {**logs, "accuracy": won / pairs}
        super().log(logs)
