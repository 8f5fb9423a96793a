"""What right code keeps out: the lines that carry most weight, each with the attack and a check."""

from __future__ import annotations

import re
from dataclasses import dataclass

from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import SEVERITIES, Component, Slot, faults
from secarch.dedupe.examples.constructed.voice import capital, lowered

MOST = 3
"""Lines that are argued in a review without a finding."""
_SERIOUS = SEVERITIES[:2]
_REPAIRED = re.compile(
    r"after the (?:fix|move|refresh|rotation)|no longer|\bold\b|as it was|must now"
)
"""Checks that only make sense for something that was wrong before."""
_ROOT = "runs_as_root"
"""What an argued line of a container is measured by, or its attack would wait for a mistake."""
_NONE = re.compile(r"^(?:There is no|Today )")


@dataclass(frozen=True, slots=True)
class Held:
    """A right line, the attack that it stops, and how to see that it is in force."""

    fine: str
    attack: str
    check: str


def held(scene: Scene) -> list[Held]:
    """The lines of a scene whose absence would be critical or high, the most serious first."""
    found = [
        (SEVERITIES.index(one.severity), fine, one)
        for component in scene.components
        for name, slot in component.slots.items()
        if name not in component.omit and slot.bad and slot.fine
        for one in [_undone(scene, component, name, slot)]
        for fine in [scene.fill(slot.fine[0])]
        if one.severity in _SERIOUS and fine in scene.right
    ]
    found.sort(key=lambda told: told[0])
    kinds: dict[str, Held] = {}
    for _, fine, one in found:
        attack, check = (
            scene.fill(text, resource=one.resource) for text in (one.text("attack"), one.verify)
        )
        if attack and not _NONE.match(attack) and not _REPAIRED.search(check):
            kinds.setdefault(one.kind, Held(fine, attack, check))
    return list(kinds.values())[:MOST]


def argued(ones: list[Held]) -> str:
    """The lines as a list."""
    lines = [
        f"{number}. {capital(one.fine)} The attack that it rules out: {lowered(one.attack)} "
        f"In the running environment: {lowered(one.check)}"
        for number, one in enumerate(ones, 1)
    ]
    return "\n".join(["**The lines that carry the most weight**", "", *lines])


def _undone(scene: Scene, component: Component, name: str, slot: Slot) -> Planted:
    """The fault that would be there if the right text of a slot were the wrong one."""
    wrong = scene.fill(slot.bad[0])
    place = f"{scene.pool.cloud} {component.id}/{name}"
    return Planted(
        kind=slot.kind,
        fault=faults()[slot.kind],
        slot=slot,
        component=component,
        resource=scene.fill(slot.at or component.resource),
        line=1,
        evidence=tuple(line.strip() for line in wrong.splitlines() if line.strip()),
        missing="",
        right=(),
        facts=f"{place} port={scene.values['adminport']} db={scene.values['dbport']}",
        kinds=frozenset({slot.kind, _ROOT}),
    )
