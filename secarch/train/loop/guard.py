"""Stops a run that has gone wrong while the money is not yet spent: no number, spikes, divergence.

It reads what the journal holds and nothing else, so that a resumed run judges exactly as an
unbroken one would. Nothing is filtered or smoothed before it is written: the averages here are for
the decision alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from secarch.train.config import GuardConfig

SETTLING = 5
"""Steps before an average is worth comparing with."""
DOUBT = 3.0
"""Three standard errors of an average of n single rows, times the root of n: their losses differ by
about a nat.
"""
FAST, SLOW = 0.95, 0.99
"""Weight of the past in the moving averages: they look back over about twenty and a hundred steps.
"""


@dataclass(slots=True)
class Average:
    """An exponential moving average without the pull of its start (Kingma and Ba 2014,
    arXiv:1412.6980, section 3).
    """

    weight: float
    total: float = 0.0
    steps: int = 0

    def add(self, value: float) -> None:
        """Take in one more value."""
        self.total = self.weight * self.total + (1 - self.weight) * value
        self.steps += 1

    @property
    def value(self) -> float:
        """The average so far; 0 before the first value."""
        return self.total / (1 - self.weight**self.steps) if self.steps else 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a run must stop: what was seen, since which step, and what to try."""

    what: str
    since: int
    fix: str


@dataclass(slots=True)
class Guard:
    """Judges each step's loss and gradient norm; says at most once what is wrong.

    A value that is not a number is a fault at once. A gradient norm above `spike` times its
    average, or a fast average of the loss above the lowest slow one by `divergence` nats, is one
    after `patience` steps in a row. The lowest is a slow average with its doubt added: that of few
    noisy rows dips by chance.
    """

    config: GuardConfig
    learning_rate: float
    losses: Average = field(default_factory=lambda: Average(FAST))
    usual: Average = field(default_factory=lambda: Average(SLOW))
    norms: Average = field(default_factory=lambda: Average(FAST))
    lowest: float = math.inf
    """Lowest slow average of the loss so far, and its doubt (nats per trained token)."""
    spikes: int = 0
    rises: int = 0
    """Steps in a row with a gradient too large, and with a loss too high."""

    def see(self, step: int, facts: Mapping[str, object]) -> Fault | None:
        """Judge one row of the journal; None while all is well, and for rows that are no step."""
        values = {
            name: _number(facts[name])
            for name in ("loss", "grad_norm", "eval_loss")
            if name in facts
        }
        for name, value in values.items():
            if not math.isfinite(value):
                return Fault(f"{name} is {value} at step {step}", step, self._lower())
        if "loss" not in values:
            return None
        return self._diverged(step, values["loss"]) or self._spiked(step, values.get("grad_norm"))

    def since(self, step: int) -> int:
        """The step at which what is suspected now began; `step` + 1 if nothing is."""
        return step + 1 - max(self.spikes, self.rises)

    def _diverged(self, step: int, loss: float) -> Fault | None:
        self.losses.add(loss)
        self.usual.add(loss)
        if self.losses.steps <= SETTLING:
            return None
        doubt = DOUBT / math.sqrt(min(self.usual.steps, 1 / (1 - SLOW)))
        self.lowest = min(self.lowest, self.usual.value + doubt)
        self.rises = (
            self.rises + 1 if self.losses.value > self.lowest + self.config.divergence else 0
        )
        if self.rises < self.config.patience:
            return None
        return Fault(
            f"the loss diverges: its average is {self.losses.value:.3f} nats a token at step "
            f"{step} "
            f"and was {self.lowest:.3f} at most",
            step + 1 - self.rises,
            self._lower(),
        )

    def _spiked(self, step: int, norm: float | None) -> Fault | None:
        if norm is None:
            return None
        high = self.norms.steps >= SETTLING and norm > self.config.spike * self.norms.value
        self.spikes = self.spikes + 1 if high else 0
        if not high:  # a spike must not raise what the next one is measured by
            self.norms.add(norm)
        if self.spikes < self.config.patience:
            return None
        return Fault(
            f"gradients spike: their norm is {norm:.3g} at step {step} and {self.norms.value:.3g} "
            "on average",
            step + 1 - self.spikes,
            self._lower(),
        )

    def _lower(self) -> str:
        return (
            f"run again with --fresh --set train.learning_rate={self.learning_rate / 3:.2g}, or a "
            "longer train.warmup"
            " or a larger train.global_batch; then look at the rows of that step"
        )


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float, str)) else math.nan
