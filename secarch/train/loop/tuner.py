"""The trainer itself: TRL's SFTTrainer with exact checkpoints, an honest evaluation loss and a
guard.

Three things differ from the library's defaults, each for a measured reason: adapters stay fp32
(TRL casts those of a quantised base to bf16, in which most small updates vanish, and peft's loader
brings them back as fp32, so that a resumed run differs); the evaluation loss is total nats over
total trained tokens (the library's mean of batch means depends on the batch size); and a
checkpoint is renamed into place only when it is whole. This is a leaf: it imports torch at its top.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from datasets import Dataset as Columns
from safetensors import SafetensorError
from torch.nn import functional
from transformers import (
    PreTrainedTokenizerFast,
    PrinterCallback,
    Trainer,
    TrainerControl,
)
from trl import SFTConfig, SFTTrainer

from secarch import console
from secarch.artifact import disk_errors
from secarch.errors import DiskError, PrerequisiteError
from secarch.models.local import Model, device, keep_weights_as_loaded
from secarch.session import processes, rank
from secarch.train.data.rows import Row
from secarch.train.estimate import cost
from secarch.train.estimate.memory import DIRECT_BYTES, GIB, OPTIMIZER_BYTES
from secarch.train.loop import checkpoints, probe
from secarch.train.loop.conductor import Conductor
from secarch.train.loop.journal import Journal
from secarch.train.loop.network import network
from secarch.train.loop.work import Work

IGNORED = -100
"""Label of a token that the loss passes over (torch.nn.CrossEntropyLoss)."""
SCHEDULES = {
    "cosine": "cosine",
    "linear": "linear",
    "constant": "constant_with_warmup",
    "wsd": "warmup_stable_decay",
}
OPTIMIZERS = {
    "adamw": "adamw_torch_fused",
    "adamw_8bit": "adamw_8bit",
    "paged_adamw_8bit": "paged_adamw_8bit",
}
ROOM = "free some space, then run the same command with --resume"
KEPT = 2
"""Newest checkpoints that are kept, beside the best one."""


def gather(*, on_cpu: bool) -> None:
    """Wait until every process that `accelerate launch` or `torchrun` started for this run has come
    here.
    """
    PartialState(cpu=on_cpu).wait_for_everyone()


def arguments(work: Work) -> SFTConfig:
    """Our settings in the library's words; when to log, evaluate and save is our callback's
    decision.
    """
    config, steps = work.config, work.plan.steps
    on_cpu = device().type == "cpu"
    decay = {"num_decay_steps": max(1, steps // 5)} if config.schedule == "wsd" else {}
    return SFTConfig(
        output_dir=str(work.directory / "checkpoints"),
        max_steps=steps,
        seed=work.seed,
        data_seed=work.seed,
        per_device_train_batch_size=config.micro_batch,
        gradient_accumulation_steps=work.plan.accumulation,
        learning_rate=config.learning_rate,
        lr_scheduler_type=SCHEDULES[config.schedule],
        lr_scheduler_kwargs=decay,
        warmup_steps=math.ceil(config.warmup * steps),
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        optim=OPTIMIZERS[config.optimizer],
        bf16=work.bf16,
        use_cpu=on_cpu,
        gradient_checkpointing=work.plan.checkpointing,
        neftune_noise_alpha=config.neftune or None,
        full_determinism=config.full_determinism,
        max_length=None,
        packing=False,
        padding_free=config.packing,
        eval_strategy="no",
        save_strategy="no",
        logging_strategy="no",
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=not on_cpu,
        remove_unused_columns=True,
        router_aux_loss_coef=0.0,  # routers are not trained: see models/layers
    )


def columns(work: Work) -> Columns:
    """The training rows as the trainer reads them: ids, labels and, packed, the lengths of the
    parts.
    """
    rows = [{"input_ids": row.ids, "labels": labels(row)} for row in work.train]
    if work.config.packing:
        packed = cost.bins([len(row.ids) for row in work.train], work.config.max_length)
        rows = [_joined([rows[n] for n in group]) for group in packed]
    return Columns.from_list(rows)


def labels(row: Row) -> list[int]:
    """The row's ids where they are trained, IGNORED elsewhere."""
    return [i if trained else IGNORED for i, trained in zip(row.ids, row.mask, strict=True)]


def _joined(rows: Sequence[dict[str, list[int]]]) -> dict[str, list[int]]:
    joined = {name: [i for row in rows for i in row[name]] for name in ("input_ids", "labels")}
    return {**joined, "seq_lengths": [len(row["input_ids"]) for row in rows]}


def tuner(work: Work, journal: Journal) -> Tuner:
    """The trainer, its adapters in fp32 whatever the library made of them."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(work.base)
    tokenizer.pad_token = work.chat.tokenizer.id_to_token(work.chat.pad_id)
    args = arguments(work)
    if processes() == 1 and args.n_gpu > 1:  # asked, so that the library has counted them
        args._n_gpu = 1  # noqa: SLF001 - the base is on one GPU, whatever else is visible
    made = Tuner(
        model=network(work.config, work.base, seed=work.seed, bf16=work.bf16),
        args=args,
        train_dataset=columns(work),
        processing_class=tokenizer,
        callbacks=[Conductor(work, journal)],
    )
    made.work, made.journal = work, journal
    made.remove_callback(PrinterCallback)
    keep_weights_as_loaded(made.model)
    for parameter in made.model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return made


class Tuner(SFTTrainer):  # type: ignore[misc]  # trl has no types
    """SFTTrainer with our evaluation and our checkpoints."""

    work: Work
    journal: Journal
    control: TrainerControl
    tried = False
    """Whether the heaviest batch has been tried."""

    def evaluate(self, *_args: Any, **_kwargs: Any) -> dict[str, float]:
        """Nats per trained token over the validation rows, independent of how they are batched."""
        was_training = self.model.training
        self.model.eval()
        try:
            with self.compute_loss_context_manager():
                share = self.work.validation[rank() :: processes()]
                nats = Model(self.model, self.work.chat, adapted=True).nats(
                    [(row.ids, row.mask) for row in share]
                )
        finally:
            self.model.train(was_training)
        metrics = {
            "eval_loss": -self._summed(math.fsum(nats))[0]
            / sum(row.trained for row in self.work.validation)
        }
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics

    def _summed(self, *values: float) -> list[float]:
        """Totals over the processes."""
        if processes() == 1:
            return list(values)
        on_gpu = self.args.device.type == "cuda"
        total = torch.tensor(
            values, dtype=torch.float64, device=self.args.device if on_gpu else "cpu"
        )
        torch.distributed.all_reduce(total)
        return [float(x) for x in total]

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
        if size > DIRECT_BYTES or return_outputs or num_items_in_batch is None or not len(columns):
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        rest = {name: value for name, value in inputs.items() if name != "labels"}
        logits = model(**rest, use_cache=False, logits_to_keep=columns).logits
        nats = functional.cross_entropy(
            logits.float().flatten(0, 1),
            wanted[:, columns].flatten(),
            ignore_index=IGNORED,
            reduction="sum",
        )
        return nats / num_items_in_batch * self.accelerator.num_processes

    def training_step(
        self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """One micro-batch; counts its tokens.

        The first of a run has the heaviest batch before it, as a trial.
        """
        if not self.tried:
            self.tried = True
            state_bytes = self.work.plan.trainable * OPTIMIZER_BYTES[self.work.config.optimizer]
            if peak := probe.longest_batch(self, model, state_bytes):
                self.journal.peak_bytes = peak
                predicted = self.work.plan.memory.total
                console.log().info(
                    "heaviest_batch",
                    peak_gib=round(peak / GIB, 2),
                    predicted=round(predicted / GIB, 2),
                )
        padding = (
            inputs["attention_mask"].numel() - int(inputs["attention_mask"].sum())
            if "attention_mask" in inputs
            else 0
        )
        seen = inputs["input_ids"].numel() - padding, int((inputs["labels"] != IGNORED).sum())
        self.journal.count(*(int(n) for n in self._summed(*seen)))
        loss: torch.Tensor = super().training_step(model, inputs, *args, **kwargs)
        return loss

    def log(self, logs: dict[str, float], *_args: Any) -> None:
        """Hand the library's log to the callbacks without TRL's additions."""
        self._metrics["train"].clear()
        Trainer.log(self, logs)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Save as the library does, into a staging folder, and publish the whole."""
        folder = self.work.directory / "checkpoints"
        staging = folder / ".staging"
        if not rank():
            shutil.rmtree(staging, ignore_errors=True)
        self.accelerator.wait_for_everyone()
        self._staging = staging
        try:
            with disk_errors(folder):
                Trainer._save_checkpoint(self, model, trial)  # noqa: SLF001 - the library's only hook for the place
        except SafetensorError as error:  # how a full disk looks through that library
            raise DiskError(
                "a checkpoint cannot be written", where=folder, why=error, fix=ROOM
            ) from error
        finally:
            del self._staging
        self.accelerator.wait_for_everyone()
        self.journal.saved(self.state.global_step)
        if not rank():
            self._publish(folder, staging)
        self.accelerator.wait_for_everyone()

    def _publish(self, folder: Path, staging: Path) -> None:
        staged = staging / f"checkpoint-{self.state.global_step}"
        (staged / "training_args.bin").unlink(missing_ok=True)  # a pickle that nobody needs
        checkpoints.publish(staged, folder / staged.name)
        shutil.rmtree(staging, ignore_errors=True)
        newest = [checkpoints.step_of(path) for path in checkpoints.all_of(folder)[-KEPT:]]
        good = checkpoints.newest_until(folder, self.journal.sound_until)
        best = self.journal.best_step
        keep = {
            *newest,
            *([] if best is None else [best]),
            *([] if good is None else [checkpoints.step_of(good)]),
        }
        checkpoints.prune(folder, keep)

    def _get_output_dir(self, trial: Any) -> str:
        return str(getattr(self, "_staging", None) or super()._get_output_dir(trial))


def run(work: Work, journal: Journal, checkpoint: Path | None) -> None:
    """Train to the end, or to where a stop was asked for; the journal and the checkpoints hold what
    came out.

    Raises SecarchError where the device's memory does not suffice, naming the settings.
    """
    # The library's own housekeeping, such as names that go away in its next version, is no user's
    # business.
    warnings.simplefilter("ignore", FutureWarning)
    with memory_explained(work):
        trainer = tuner(work, journal)
        look(trainer)
        if checkpoint is None and work.validation:
            trainer.evaluate()
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


def look(trainer: Tuner) -> None:
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
    """Say which setting to change where the memory does not suffice; the checkpoints stay as they
    are.
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
