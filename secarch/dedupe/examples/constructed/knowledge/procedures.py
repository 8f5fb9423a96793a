"""Procedures as their tables hold them: steps, what a condition changes in them, checks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Self

from pydantic import Field, model_validator

from secarch.dedupe.examples.constructed.knowledge.tables import FOLDER, Condition
from secarch.dedupe.examples.constructed.template import read_yaml
from secarch.schema import Config


class Step(Config):
    """One step of a procedure."""

    text: str
    code: str = ""
    lang: str = "bash"


class Case(Condition):
    """A condition, and the steps as they are done under it."""

    steps: Mapping[int, Step] = Field(min_length=1)
    """By their numbers, which are those of the general steps."""
    verify: str = ""
    """The check under this condition; '' if the general one holds."""
    back: str = ""

    def clashes(self, other: Case) -> bool:
        """Whether two conditions change the same part, so that no answer can follow both."""
        twice = (self.verify and other.verify) or (self.back and other.back)
        return bool(twice or self.steps.keys() & other.steps.keys())


class Procedure(Config):
    """A task with its commands, and how one sees that it worked."""

    id: str
    category: str
    ask: tuple[str, ...] = Field(min_length=2)
    who: str
    """Who may do it, and with which rights."""
    why: str
    """Why it is done in this way, and what that costs."""
    left: str
    """What stays open when it is done."""
    steps: tuple[Step, ...] = Field(min_length=4)
    verify: str
    back: str
    traps: tuple[str, ...] = Field(min_length=2)
    twists: tuple[Case, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _steps_exist(self) -> Self:
        """A condition changes steps that there are."""
        known = range(1, len(self.steps) + 1)
        if wrong := {n for twist in self.twists for n in twist.steps if n not in known}:
            raise ValueError(f"{self.id} has no step {min(wrong)}")
        return self


@lru_cache(maxsize=1)
def procedures() -> tuple[Procedure, ...]:
    """Every procedure."""
    files = sorted(FOLDER.glob("procedures-*.yaml"))
    return tuple(Procedure.model_validate(raw) for file in files for raw in read_yaml(file))
