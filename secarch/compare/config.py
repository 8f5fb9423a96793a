"""Settings of the comparison."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from secarch.schema import Config

Ground = Literal["worse", "unsafe", "inconclusive"]


class CompareConfig(Config):
    """What is compared, declared before the run, and what fails the gate."""

    primary: str = "rubric"
    """The one metric that decides the verdict; every other is secondary."""
    margin: Annotated[float, Field(gt=0)] = 0.02
    """Difference, in the primary metric's unit, below which two models count as equivalent (TOST).
    """
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    """Two-sided significance level (0..0.5)."""
    protected: tuple[str, ...] = ()
    """Categories in which a significant regression fails the gate."""
    repeat_base: bool = False
    """Put the questions to the base twice, to see how far its scores move by themselves (A/A
    noise).
    """
    draws: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    """Bootstrap and permutation draws."""
    fail_on: tuple[Ground, ...] = ("worse", "unsafe")
    """Grounds that fail the gate (exit code 5)."""
    require_conclusive: bool = False
    """Also fail where the verdict is INCONCLUSIVE."""
    lower_is_better: tuple[str, ...] = ()
    """Further metrics of which less is better, for scores of other programs."""
    note: str = ""
    """Sentence shown at the top of the report, such as what the models are."""

    # The gate and the note are in the sealed result, so they are part of its identity: another gate
    # on the same two evaluations is another comparison, made in seconds.
