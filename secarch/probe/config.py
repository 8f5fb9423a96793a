"""Settings of the probe."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from secarch.schema import Config


class ProbeConfig(Config):
    """How a running server is held to its version's own evaluation."""

    primary: str = "rubric"
    """The metric that decides; one that is made from an answer's text."""
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.001
    """Level of one look; at 0.001 an hourly probe of a healthy server cries once in 42 days."""
    equivalence_alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    """Level of the tests for EQUIVALENT at compare.margin."""
