"""The ways in which a text can hold a statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "asserted", "denied", "quoted", "attributed", "conditional", "guarded", "hedged", "asked"
]
"""`guarded`: prevented, detected, or done by an attacker; `conditional`: only supposed."""


@dataclass(frozen=True, slots=True)
class Stance:
    """How a text holds one span of it, and the words that decide."""

    kind: Kind
    cue: str = ""

    @property
    def advised(self) -> bool:
        """Whether it is put forward as true or to be done; leaving both ways open offers it."""
        return self.kind in {"asserted", "hedged"}

    @property
    def asserted(self) -> bool:
        """Whether it is said, be it under a condition or as what is to be prevented."""
        return self.kind in {"asserted", "conditional", "guarded"}


ASSERTED = Stance("asserted")
