"""Kinds of faults that stand apart: a scene plants these alone or none of them.

What is said of a fault recurs in every scene that has it, so a scene can be held out from training
only with all rows on its faults. Without a division that is every row, since faults are mixed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache, cached_property

from secarch.dedupe.examples.constructed.template import Component, Pool, pools

GROUPS = 2
"""Sets of kinds that stand apart, one for each split that is held out."""
SIZE = 2
"""Kinds of one set."""
NAME = "faults/"
"""How the names of their scenarios begin."""
SHARE = 0.02
"""Share of the scenes that are drawn from one set."""


@dataclass(frozen=True)
class Part:
    """Kinds of faults that may stand in one scene, with the code that can have them."""

    kinds: frozenset[str]
    scenario: str
    """Name of the scenario of all rows on these kinds; '' for what the code gives as a name."""

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """The pools, each with those components that can have a fault of these kinds."""
        found = []
        for pool in pools():
            fit = tuple(one for one in pool.components if self.kinds & plantable(one))
            if fit:
                found.append(pool.model_copy(update={"components": fit}))
        return tuple(found)


@dataclass(frozen=True)
class Parts:
    """The division of all kinds for one seed."""

    apart: tuple[Part, ...]
    others: Part

    def drawn(self, rng: random.Random) -> Part:
        """The part that a scene shows."""
        place = int(rng.random() / SHARE)
        return self.apart[place] if place < len(self.apart) else self.others

    def scenario(self, kind: str) -> str:
        """Name of the scenario of all rows on a kind; '' if it does not stand apart."""
        return next((part.scenario for part in self.apart if kind in part.kinds), "")


@cache
def parts(seed: int) -> Parts:
    """The kinds that stand apart, drawn by the seed, and the others."""
    known = sorted({kind for pool in pools() for one in pool.components for kind in plantable(one)})
    drawn = random.Random(f"{seed}/apart").sample(known, GROUPS * SIZE)  # noqa: S311 - no secret
    sets = [sorted(drawn[at : at + SIZE]) for at in range(0, len(drawn), SIZE)]
    return Parts(
        apart=tuple(Part(frozenset(one), f"{NAME}{'+'.join(one)}") for one in sets),
        others=Part(frozenset(known) - set(drawn), ""),
    )


def plantable(component: Component) -> set[str]:
    """The kinds of faults that a component can have."""
    return {
        slot.kind
        for name, slot in component.slots.items()
        if slot.bad and name not in component.omit
    }
