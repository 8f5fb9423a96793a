"""When a run logs, evaluates, saves and stops. A leaf: it imports torch at its top."""

from __future__ import annotations

import signal
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState

from secarch.errors import SecarchError
from secarch.models.local import device
from secarch.session import processes
from secarch.train.loop import checkpoints, live
from secarch.train.loop.guard import Guard
from secarch.train.loop.journal import EARLY, Journal
from secarch.train.loop.work import Work


def _held() -> int | None:
    """Most bytes that the GPU held so far; None on a CPU."""
    return int(torch.cuda.max_memory_allocated()) if torch.cuda.is_available() else None


LOGGED = {"loss", "grad_norm", "learning_rate", "eval_loss", "accuracy", "eval_accuracy"}
"""Figures that the journal keeps; accuracies are shares of pairs with the chosen side ahead."""


class TrainingCallback(TrainerCallback):  # type: ignore[misc]  # transformers has no types here
    """Says when to log, evaluate, save and stop; writes the journal; stops a run that has gone
    wrong.
    """

    def __init__(self, work: Work, journal: Journal) -> None:
        self.work, self.journal = work, journal
        self.guard = Guard(work.config.guard, work.config.learning_rate)
        for row in journal.rows:  # a resumed run judges by what the one before it saw
            self.guard.see(row["step"], row)

    def on_step_end(
        self, _args: Any, state: TrainerState, control: TrainerControl, **_kwargs: Any
    ) -> TrainerControl:
        """Decide after each step; the last one is always evaluated and saved."""
        step, config = state.global_step, self.work.config
        last = step >= state.max_steps
        control.should_log = True
        control.should_evaluate = bool(self.work.validation) and (
            last or step % config.eval_steps == 0
        )
        control.should_save = last or step % config.save_steps == 0
        if self._stop_asked() and not last:
            self.work.stop.signum = (
                self.work.stop.signum or signal.SIGTERM
            )  # it may have reached another process
            control.should_save = control.should_training_stop = True
        self.work.advance(1)
        return control

    def _stop_asked(self) -> bool:
        """Whether any process was asked to stop: all of them stop at the same step."""
        asked = self.work.stop.requested
        if processes() > 1:
            flag = torch.tensor([float(asked)], device=device())
            torch.distributed.all_reduce(flag)
            asked = bool(flag.item())
        return asked

    def on_evaluate(
        self, _args: Any, state: TrainerState, control: TrainerControl, **_kwargs: Any
    ) -> TrainerControl:
        """End the run, with a checkpoint, where the last evaluations brought nothing better."""
        if 0 < state.global_step < state.max_steps and self.journal.stale(
            self.work.config.early_stopping
        ):
            self.journal.event(
                state.global_step, EARLY, evaluations=self.work.config.early_stopping
            )
            control.should_save = control.should_training_stop = True
        return control

    def on_log(
        self,
        _args: Any,
        state: TrainerState,
        _control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_kwargs: Any,
    ) -> None:
        """Write a row as it is; raise SecarchError where the guard sees that the run has gone
        wrong.
        """
        facts = {name: value for name, value in (logs or {}).items() if name in LOGGED}
        if not facts:
            return
        self.journal.log(state.global_step, facts)
        if "loss" in facts:
            self.work.advance(0, **live.facts(self.journal, state.max_steps, _held()))
        fault = self.guard.see(state.global_step, facts)
        self.journal.sound_until = self.guard.since(state.global_step) - 1
        if fault:
            good = checkpoints.newest_until(self.work.directory / "checkpoints", fault.since - 1)
            raise SecarchError(
                f"{fault.what}, so training was stopped",
                where=self.work.directory,
                why="the weights would be ruined from here on; "
                + (
                    f"the last good checkpoint is kept: {good.name}"
                    if good
                    else "there was no checkpoint yet"
                ),
                fix=fault.fix,
            )
