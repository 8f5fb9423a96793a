"""Settings of the registry: what a version must show before it goes live."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from secarch.schema import Config

Word = Literal["WORSE", "BETTER", "EQUIVALENT", "INCONCLUSIVE"]


class ModelsConfig(Config):
    """The gate of `models promote`, and the optional mirror."""

    accept: Annotated[tuple[Word, ...], Field(min_length=1)] = ("BETTER",)
    """Verdicts against the base that may go live; EQUIVALENT too if a live version is replaced."""
    max_age_days: Annotated[float, Field(gt=0, le=3650)] = 30.0
    """Days after which a comparison is too old to promote with."""
    max_kl: Annotated[float, Field(ge=0)] = 0.01
    """Nats a token that an export may differ from its run, if the run was evaluated instead."""
    min_labels: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """People's labels of key points that a promotion needs (`review --evaluation`)."""
    min_kappa: Annotated[float, Field(ge=-1, le=1)] = 0.6
    """Cohen's kappa of matcher and people that those labels must show (0.6: substantial)."""
    mirror: Literal["none", "mlflow"] = "none"
    """Registry that versions and aliases are also written to (MLFLOW_TRACKING_URI names it)."""


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """What the commands of `secarch models` need of the settings."""

    workspace: Path
    seed: int
    models: ModelsConfig
