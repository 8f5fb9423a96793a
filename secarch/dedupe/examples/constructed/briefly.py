"""A review for somebody who has no time: a line for each finding, and little beside it."""

from __future__ import annotations

from collections.abc import Sequence

from secarch.dedupe.examples.constructed import residual
from secarch.dedupe.examples.constructed.finding import (
    carried,
    consequence,
    fenced,
    filled_for,
    inline,
    shortened,
    weight,
)
from secarch.dedupe.examples.constructed.replacing import fixing_code
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.standing import held
from secarch.dedupe.examples.constructed.voice import Voice, capital

MOST_FINE = 2
"""Right things that are named beside findings."""
MOST_CLEAN = 4
"""Right lines that are named if there is no finding."""


def findings(voice: Voice, scene: Scene) -> list[str]:
    """A line for each finding, the check of the gravest, what stays, and what else is weak."""
    parts = [_brief(voice, scene)]
    if fine := scene.right[:MOST_FINE]:
        parts.append(f"{voice.say('fine_brief')} {' '.join(map(capital, fine))}")
    return [*parts, *residual.smaller(voice, scene, 1)]


def clean(voice: Voice, scene: Scene) -> list[str]:
    """The right lines that carry most weight, and what else is weak or out of sight."""
    first = [one.fine for one in held(scene)]
    told = [*first, *(text for text in scene.right if text not in first)][:MOST_CLEAN]
    parts = ["\n".join(f"- {capital(text)}" for text in told)]
    if scene.unseen:
        parts.append(voice.say("unseen_head", list=scene.unseen[0]))
    return [*parts, *residual.smaller(voice, scene, 1)]


def _brief(voice: Voice, scene: Scene) -> str:
    """A line for each finding: place, reason and what to write instead."""
    lines = []
    for number, one in enumerate(scene.planted, 1):
        why = shortened(consequence(voice, scene, one), 1)
        mark = f"{number}. " if len(scene.planted) > 1 else ""
        lead = f"{mark}**{capital(one.name)}** ({one.severity}), {one.resource}, line {one.line}."
        moved = f" {weight(voice, scene, one)}" if one.because else ""
        lines.append(f"{lead} {why}{moved} {inline(scene, one)}")
    first = scene.planted[0]
    of = " for 1" if len(scene.planted) > 1 else ""
    check = f"\n\nCheck{of}: {filled_for(scene, first, first.verify)}"
    return "\n".join(lines) + _shortest_code(scene, lines) + check


def _shortest_code(scene: Scene, lines: Sequence[str]) -> str:
    """The code of the first finding that has none in its line and is not carried by another."""
    for number, (one, line) in enumerate(zip(scene.planted, lines, strict=True), 1):
        code = "" if carried(scene, one) else fixing_code(scene, [one])
        if code and "Write `" not in line and "In the command: `" not in line:
            lead = f"For {number}:" if len(lines) > 1 else "In code:"
            return f"\n\n{lead}\n\n{fenced(scene.language, code)}"
    return ""
