"""The trainer of answers: TRL's SFTTrainer with a loss of our own, and how a run of any objective
goes.

The loss is taken at the trained positions alone; the evaluation loss is total nats over total
trained tokens (the library's mean of batch means depends on the batch size). This is a leaf: it
imports torch at its top.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from datasets import Dataset as Columns
from torch.nn import functional
from trl import SFTConfig, SFTTrainer

from secarch import console
from secarch.errors import PrerequisiteError
from secarch.models.local import Model
from secarch.session import processes, rank
from secarch.train.data.rows import Row
from secarch.train.estimate import cost
from secarch.train.estimate.memory import DIRECT_BYTES
from secarch.train.loop import checkpoints, probe
from secarch.train.loop.conductor import TrainingCallback
from secarch.train.loop.even import BLANK_TOKENS
from secarch.train.loop.exact import Exact, arguments, on_one_gpu, tokenizer
from secarch.train.loop.journal import Journal
from secarch.train.loop.network import network
from secarch.train.loop.work import Work

IGNORED = -100
"""Label of a token that the loss passes over (torch.nn.CrossEntropyLoss)."""


def gather(*, on_cpu: bool) -> None:
    """Wait until every process that `accelerate launch` or `torchrun` started for this run has come
    here.
    """
    PartialState(cpu=on_cpu).wait_for_everyone()


def columns(work: Work) -> Columns:
    """The training rows as the trainer reads them: ids, labels and, packed, the lengths of the
    parts; a blank one behind them where several processes share them.
    """
    rows = [{"input_ids": row.ids, "labels": labels(row)} for row in work.train]
    if work.config.packing:
        packed = cost.bins([len(row.ids) for row in work.train], work.config.max_length)
        rows = [_joined([rows[n] for n in group]) for group in packed]
    if processes() > 1:
        ids = [work.chat.pad_id] * BLANK_TOKENS
        blank = {"input_ids": ids, "labels": [IGNORED] * BLANK_TOKENS}
        rows.append(_joined([blank]) if work.config.packing else blank)
    return Columns.from_list(rows)


def labels(row: Row) -> list[int]:
    """The row's ids if they are trained, IGNORED elsewhere."""
    return [i if trained else IGNORED for i, trained in zip(row.ids, row.mask, strict=True)]


def _joined(rows: Sequence[dict[str, list[int]]]) -> dict[str, list[int]]:
    joined = {name: [i for row in rows for i in row[name]] for name in ("input_ids", "labels")}
    return {**joined, "seq_lengths": [len(row["input_ids"]) for row in rows]}


class Tuner(Exact, SFTTrainer):  # type: ignore[misc]  # trl has no types
    """SFTTrainer with our evaluation, checkpoints and loss."""

    def measured(self) -> dict[str, float]:
        """Nats per trained token over the validation rows, independent of how they are batched."""
        share = self.work.validation[rank() :: processes()]
        nats = Model(self.model, self.work.chat, adapted=True).nats(
            [(row.ids, row.mask) for row in share]
        )
        trained = sum(row.trained for row in self.work.validation)
        return {"eval_loss": -self.summed(math.fsum(nats))[0] / trained}

    def trained(self, inputs: dict[str, Any]) -> int:
        """Tokens that are not IGNORED."""
        return int((inputs["labels"] != IGNORED).sum())

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Nats of the trained tokens over the number of them in the whole step.

        Where the logits of the trained positions are small they are made at once, and at no other
        position; the library's loss goes over all of them in chunks, and takes their entropy too.
        """
        wanted = inputs["labels"][:, 1:]
        columns = (wanted != IGNORED).any(0).nonzero()[:, 0]
        size = len(wanted) * len(columns) * self.model.config.get_text_config().vocab_size * 4
        if size > DIRECT_BYTES or return_outputs or num_items_in_batch is None:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        rest = {name: value for name, value in inputs.items() if name != "labels"}
        if not len(columns):  # blank rows alone: no nats, and every adapter takes part
            return model(**rest, use_cache=False, logits_to_keep=1).logits.float().sum() * 0.0
        logits = model(**rest, use_cache=False, logits_to_keep=columns).logits
        nats = functional.cross_entropy(
            logits.float().flatten(0, 1),
            wanted[:, columns].flatten(),
            ignore_index=IGNORED,
            reduction="sum",
        )
        return nats / num_items_in_batch * self.accelerator.num_processes


def tuner(work: Work, journal: Journal) -> Exact:
    """The trainer of the run's objective."""
    if work.config.objective == "dpo":
        from secarch.train.loop import preference

        return preference.made(work, journal)
    args = SFTConfig(**arguments(work), packing=False, padding_free=work.config.packing)
    made = Tuner(
        model=network(work.config, work.base, seed=work.seed, bf16=work.bf16),
        args=on_one_gpu(args),
        train_dataset=columns(work),
        processing_class=tokenizer(work),
        callbacks=[TrainingCallback(work, journal)],
    )
    made.begun(work, journal)
    return made


def run(work: Work, journal: Journal, checkpoint: Path | None) -> None:
    """Train to the end, or to where a stop was asked for; the journal and the checkpoints hold what
    came out.

    Raises SecarchError where the device's memory does not suffice, naming the settings.
    """
    # The library's own housekeeping, such as names that go away in its next version, is not a
    # user's business.
    warnings.simplefilter("ignore", FutureWarning)
    with memory_explained(work):
        trainer = tuner(work, journal)
        look(trainer)
        if checkpoint is None and work.validation:
            trainer.evaluate()
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


def look(trainer: Exact) -> None:
    """Check what needs the model, before the first step: adapters in fp32, documents blind to one
    another.
    """
    facts: dict[str, Any] = {"adapters": probe.adapters(trainer.model)}
    if trainer.work.config.packing:
        rows = sorted(trainer.work.train, key=lambda row: (len(row.ids), row.id))
        pair = [{"input_ids": row.ids, "labels": labels(row)} for row in (rows[0], rows[-1])]
        facts["leak"], facts["leak_if_seen"] = (
            float(f"{value:.3g}") for value in probe.packing(trainer, pair)
        )
    console.log().info("preflight", **facts)


@contextlib.contextmanager
def memory_explained(work: Work) -> Iterator[None]:
    """Raise PrerequisiteError, which names the setting to change, if the memory does not suffice;
    the checkpoints stay as they are.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise _out_of_memory(work, error) from error
    except RuntimeError as error:
        if "not enough memory" in str(error) or "can't allocate memory" in str(
            error
        ):  # how a CPU says it
            raise _out_of_memory(work, error) from error
        raise


def _out_of_memory(work: Work, error: Exception) -> PrerequisiteError:
    micro, good = (
        work.config.micro_batch,
        checkpoints.newest_until(work.directory / "checkpoints", work.plan.steps),
    )
    if micro > 1:
        fix = (
            f"--resume --set train.micro_batch={max(n for n in range(1, micro) if micro % n == 0)}"
        )
    elif not work.plan.checkpointing:
        fix = "--resume --set train.gradient_checkpointing=true"
    else:
        fix = (
            "--fresh with a smaller train.max_length or train.lora.r, or optimizer "
            "paged_adamw_8bit; or a larger GPU"
        )
    return PrerequisiteError(
        "the memory does not suffice",
        where=f"train.micro_batch {micro}",
        why=str(error).splitlines()[0],
        fix=f"{fix} (the global batch stays{f', and {good.name} is gone on from' if good else ''})",
    )
