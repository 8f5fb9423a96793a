"""In which order the threats of a kind of system are met, and what two of them make together."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field

from secarch.dedupe.examples.constructed.knowledge.tables import FOLDER
from secarch.dedupe.examples.constructed.template import read_yaml
from secarch.schema import Config


class Place(Config):
    """Why a threat stands where it does in the order of its system."""

    threat: str
    because: str


class Urgency(Config):
    """The threats of a kind of system, the one that is met first at the beginning."""

    order: tuple[Place, ...] = Field(min_length=5)
    together: tuple[tuple[str, str, str], ...] = Field(min_length=1)
    """Two threats, and what they make together."""


@lru_cache(maxsize=1)
def urgency() -> dict[str, Urgency]:
    """The order of threats by group of systems."""
    read = read_yaml(FOLDER / "urgency.yaml")
    assert isinstance(read, dict)
    return {group: Urgency.model_validate(raw) for group, raw in read.items()}
