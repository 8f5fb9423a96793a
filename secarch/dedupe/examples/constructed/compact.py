"""A fix in the short forms that people ask for: a line each, a table, one paragraph."""

from __future__ import annotations

from secarch.dedupe.examples.constructed import schedule
from secarch.dedupe.examples.constructed.finding import (
    filled_for,
    rollout,
    shortened,
)
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.voice import Voice, capital, lowered


def lines(voice: Voice, scene: Scene) -> list[str]:
    """One line of reason for each change, and the check of the gravest one."""
    told = [
        f"{number}. **{capital(one.name)}** ({one.resource}, {one.severity}): "
        f"{lowered(_reason(scene, one))}"
        for number, one in enumerate(scene.planted, 1)
    ]
    return ["\n".join([voice.say("changes_head"), "", *told]), _check(scene, "Check of 1")]


def table(scene: Scene) -> list[str]:
    """What changes, why, and how it is seen, as a table with a row for each change."""
    rows = [
        (
            f"{number}. {capital(one.name)}, {one.resource} ({one.severity})",
            shortened(filled_for(scene, one, one.texts("fix")[0]), 1),
            _reason(scene, one),
            capital(filled_for(scene, one, one.verify)),
        )
        for number, one in enumerate(scene.planted, 1)
    ]
    told = ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows]
    head = ["| Finding | Change | Why | Check |", "|---|---|---|---|"]
    return ["\n".join([*head, *told]), schedule.reason_for_first(scene)]


def paragraph(voice: Voice, scene: Scene, one: Planted, back: str) -> list[str]:
    """One paragraph for a change board: risk, change, way in, check, and the way `back`."""
    told = [
        f"**For the change board.** {capital(one.name)} in {one.resource}, {one.severity}.",
        _reason(scene, one),
        shortened(filled_for(scene, one, voice.rng.choice(one.texts("fix"))), 1),
        "" if scene.empty else f"*Way in.* {shortened(rollout(voice, scene, one), 1)}",
        f"*Check.* {capital(filled_for(scene, one, one.verify))}",
        f"*Way back.* {shortened(back, 1)}",
    ]
    return [" ".join(part for part in told if part)]


def _reason(scene: Scene, one: Planted) -> str:
    """Why a change is made, in the shortest of its wordings."""
    return min((shortened(filled_for(scene, one, text), 1) for text in one.texts("why")), key=len)


def _check(scene: Scene, lead: str) -> str:
    first = scene.planted[0]
    mark = lead if len(scene.planted) > 1 else "Check"
    return f"{mark}: {filled_for(scene, first, first.verify)}"
