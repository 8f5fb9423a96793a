"""What every objective's trainer has in common: exact checkpoints, counted tokens, our evaluation.

Three things differ from the library's defaults, each for a measured reason: adapters stay fp32
(TRL casts those of a quantised base to bf16, in which most small updates vanish, and peft's loader
brings them back as fp32, so that a resumed run differs); the evaluation loss does not depend on
how rows are batched; and a checkpoint is renamed into place only when it is whole. This is a leaf:
it imports torch at its top.
"""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import PreTrainedTokenizerFast, PrinterCallback, Trainer, TrainerControl

from secarch import console
from secarch.errors import DiskError
from secarch.files import disk_errors
from secarch.models.local import device, keep_weights_as_loaded
from secarch.session import processes, rank
from secarch.train.estimate.memory import GIB, OPTIMIZER_BYTES
from secarch.train.loop import checkpoints, even, probe
from secarch.train.loop.journal import Journal
from secarch.train.loop.work import Work

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


def arguments(work: Work) -> dict[str, Any]:
    """Our settings in the library's words; when to log, evaluate and save is our callback's
    decision.
    """
    config, steps = work.config, work.plan.steps
    on_cpu = device().type == "cpu"
    decay = {"num_decay_steps": max(1, steps // 5)} if config.schedule == "wsd" else {}
    return {
        "output_dir": str(work.directory / "checkpoints"),
        "max_steps": steps,
        "seed": work.seed,
        "data_seed": work.seed,
        "per_device_train_batch_size": config.micro_batch,
        "gradient_accumulation_steps": work.plan.accumulation,
        "learning_rate": config.learning_rate,
        "lr_scheduler_type": SCHEDULES[config.schedule],
        "lr_scheduler_kwargs": decay,
        "warmup_steps": math.ceil(config.warmup * steps),
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.max_grad_norm,
        "optim": OPTIMIZERS[config.optimizer],
        "bf16": work.bf16,
        "use_cpu": on_cpu,
        "gradient_checkpointing": work.plan.checkpointing,
        "neftune_noise_alpha": config.neftune or None,
        "full_determinism": config.full_determinism,
        "max_length": None,
        "eval_strategy": "no",
        "save_strategy": "no",
        "logging_strategy": "no",
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": not on_cpu,
        "remove_unused_columns": True,
        "router_aux_loss_coef": 0.0,  # routers are not trained: see models/layers
    }


def tokenizer(work: Work) -> PreTrainedTokenizerFast:
    """The base's, padding with a token that ends no answer."""
    found = PreTrainedTokenizerFast.from_pretrained(work.base)
    found.pad_token = work.chat.tokenizer.id_to_token(work.chat.pad_id)
    return found


def on_one_gpu(args: Any) -> Any:
    """The library's arguments for the GPU that the base is on, whatever else is visible."""
    if processes() == 1 and args.n_gpu > 1:  # asked, so that the library has counted them
        args._n_gpu = 1  # noqa: SLF001 - the only way to say so
    return args


class Exact(Trainer):  # type: ignore[misc]  # transformers has no types here
    """The library's trainer with our counts, evaluation and checkpoints."""

    work: Work
    journal: Journal
    control: TrainerControl
    tried = False
    """Whether the heaviest batch has been tried."""

    def begun(self, work: Work, journal: Journal) -> None:
        """Take a run's work; adapters become fp32 whatever the library made of them."""
        self.work, self.journal = work, journal
        self.remove_callback(PrinterCallback)
        keep_weights_as_loaded(self.model)
        for parameter in self.model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.float()

    def measured(self) -> dict[str, float]:
        """`eval_loss` and whatever else is measured on the validation rows; the model is in
        evaluation mode.
        """
        raise NotImplementedError

    def trained(self, inputs: dict[str, Any]) -> int:
        """Tokens of a batch that the loss sees."""
        raise NotImplementedError

    def evaluate(self, *_args: Any, **_kwargs: Any) -> dict[str, float]:
        """Measure the validation rows, independent of how they are batched."""
        was_training = self.model.training
        self.model.eval()
        try:
            with self.compute_loss_context_manager():
                metrics = self.measured()
        finally:
            self.model.train(was_training)
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics

    def get_train_dataloader(self) -> Any:
        """The library's, in which no row of an epoch is shown twice to make it even."""
        rows = len(self.train_dataset) - (processes() > 1)
        return even.evened(super().get_train_dataloader(), rows)

    def summed(self, *values: float) -> list[float]:
        """Totals over the processes."""
        if processes() == 1:
            return list(values)
        on_gpu = self.args.device.type == "cuda"
        total = torch.tensor(
            values, dtype=torch.float64, device=self.args.device if on_gpu else "cpu"
        )
        torch.distributed.all_reduce(total)
        return [float(x) for x in total]

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
        seen = int((inputs["input_ids"] != self.work.chat.pad_id).sum()), self.trained(inputs)
        self.journal.count(*(int(n) for n in self.summed(*seen)))
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
