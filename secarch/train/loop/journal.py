"""metrics.jsonl: what happened at every step, in a form that two equal runs write byte for byte
alike.

No seconds in it: those go to timing.jsonl, which is outside the digest. A resumed run first
cuts both back to its checkpoint, so that a killed and resumed run leaves the file of an
uninterrupted one.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from secarch.files import read_jsonl, write_jsonl
from secarch.schema import JsonDict, canonical_json

METRICS, TIMING = "metrics.jsonl", "timing.jsonl"
EARLY = "early_stopping"
"""Event: the run ended here since its evaluations got no better."""

Listener = Callable[[int, Mapping[str, float]], list[JsonDict]]
"""Is told every row of figures; returns events to be written, such as that it can follow no longer.
"""


class Journal:
    """The rows of one run: `{step, loss, learning_rate, grad_norm, tokens, trained}`, `{step,
    eval_loss}` and events.

    Losses are nats per trained token. `tokens` and `trained` are running totals, padding not
    counted.
    """

    def __init__(self, directory: Path, *, upto: int | None = None, writes: bool = True) -> None:
        """Begin, or go on after step `upto`: what a killed run wrote beyond its checkpoint is cut
        off.

        One that does not write (`writes`) keeps its rows in memory: of several processes one
        writes.
        """
        self.directory, self.writes = directory, writes
        self.rows: list[JsonDict] = []
        self.saves: set[int] = set()
        self.listeners: list[Listener] = []
        self.tokens = self.trained = 0
        self.peak_bytes: int | None = None
        """Measured peak of the heaviest batch; None on a CPU."""
        self.sound_until = 0
        """Last step at which nothing looked wrong."""
        self._started = time.monotonic()
        self.clock: dict[int, float] = {}
        """Step -> seconds since this process began."""
        if upto is None:
            for name in (METRICS, TIMING) if writes else ():
                write_jsonl(directory / name, [])
            return
        self.rows = _until(directory / METRICS, upto)
        if writes:
            write_jsonl(directory / METRICS, self.rows)
            write_jsonl(directory / TIMING, _until(directory / TIMING, upto))
        for row in self.rows:
            self.tokens, self.trained = (
                row.get("tokens", self.tokens),
                row.get("trained", self.trained),
            )

    def count(self, tokens: int, trained: int) -> None:
        """Add a micro-batch's tokens to the totals."""
        self.tokens += tokens
        self.trained += trained

    def log(self, step: int, facts: Mapping[str, float]) -> None:
        """Append a row; a value that is not a number is written as text, since JSON has none."""
        row: JsonDict = {
            "step": step,
            **{
                name: value if math.isfinite(value) else str(value) for name, value in facts.items()
            },
        }
        if "loss" in facts:
            row |= {"tokens": self.tokens, "trained": self.trained}
            self.clock[step] = time.monotonic() - self._started
            self._append(TIMING, {"step": step, "seconds": round(self.clock[step], 3)})
        self.rows.append(row)
        self._append(METRICS, row)
        for listener in self.listeners:
            for event in listener(
                step, {**facts, **({"tokens": self.tokens} if "loss" in facts else {})}
            ):
                self.event(step, event.pop("event"), **event)

    def event(self, step: int, name: str, **facts: Any) -> None:
        """Append something that happened to the run, such as a resume with another micro-batch."""
        row = {"step": step, "event": name, **facts}
        self.rows.append(row)
        self._append(METRICS, row)

    def saved(self, step: int) -> None:
        """Remember that a checkpoint of this step exists."""
        self.saves.add(step)

    def _append(self, name: str, row: JsonDict) -> None:
        if not self.writes:
            return
        with (self.directory / name).open("a", encoding="utf-8") as handle:
            handle.write(canonical_json(row) + "\n")

    def curve(self, name: str) -> list[tuple[float, float]]:
        """(step, value) of one quantity; values that are not numbers are left out."""
        return [
            (float(row["step"]), float(row[name]))
            for row in self.rows
            if isinstance(row.get(name), (int, float))
        ]

    @property
    def best_step(self) -> int | None:
        """The saved step with the lowest evaluation loss (the earliest of equals), None before
        there is one.
        """
        candidates = [
            (value, step) for step, value in self.curve("eval_loss") if int(step) in self.saves
        ]
        return int(min(candidates)[1]) if candidates else None

    @property
    def last_step(self) -> int:
        """Optimiser steps done."""
        return max((int(step) for step, _ in self.curve("loss")), default=0)

    def stale(self, patience: int) -> bool:
        """Whether the last `patience` evaluations (0: never) are no better than the best before
        them.
        """
        losses = [value for _, value in self.curve("eval_loss")]
        return 0 < patience < len(losses) and min(losses[-patience:]) >= min(losses[:-patience])

    def ended_early(self, step: int) -> bool:
        """Whether the run was ended at this step since its evaluations got no better."""
        return any(row.get("event") == EARLY and row["step"] == step for row in self.rows)

    def tokens_per_second(self) -> float | None:
        """Median over the steps that this process took, evaluations and checkpoints left out; None
        below two steps.
        """
        totals = {row["step"]: row["tokens"] for row in self.rows if "tokens" in row}
        clock = list(self.clock.items())
        rates = [
            (totals[step] - totals[before]) / (now - then)
            for (before, then), (step, now) in pairwise(clock)
            if now > then and step in totals and before in totals
        ]
        return statistics.median(rates) if rates else None


def _until(path: Path, step: int) -> list[JsonDict]:
    """Rows up to a step.

    A last line that a kill cut in half is dropped with everything after it.
    """
    rows: list[JsonDict] = []
    if not path.is_file():
        return rows
    try:
        rows.extend(
            row
            for row in read_jsonl(path)
            if isinstance(row.get("step"), int) and row["step"] <= step
        )
    except Exception:  # noqa: BLE001 - a torn line is the end of what counts
        return rows
    return rows


def identity(rows: list[JsonDict]) -> str:
    """The rows without events, as text: what two runs of one seed must have in common."""
    return "".join(canonical_json(row) + "\n" for row in rows if "event" not in row)
