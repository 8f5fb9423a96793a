"""A scanner's alerts about a scene: which are real, which are noise, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secarch.dedupe.examples.constructed import residual
from secarch.dedupe.examples.constructed.chain import together
from secarch.dedupe.examples.constructed.finding import (
    joined,
    placeholders,
    ruled,
    takes,
)
from secarch.dedupe.examples.constructed.occasion import answered
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import SEVERITIES, Occasion
from secarch.dedupe.examples.constructed.voice import Voice, capital, in_words

LEAST_TO_ORDER = 2
"""Faults from which on an order is worth saying."""
MOST_NOISE = 3
"""False alerts of one list."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One line of a scanner's list."""

    said: str
    real: Planted | None
    """The fault that it is about; None for noise."""
    why: str = ""
    """Why it is noise."""


def fits(scene: Scene) -> bool:
    """Whether there is something real and something that only looks wrong."""
    return bool(scene.planted and scene.decoys)


def alerts(voice: Voice, scene: Scene) -> tuple[list[Alert], list[Planted]]:
    """The list, and the faults that are not on it: one at times, if there are several."""
    planted = list(scene.planted)
    missed: list[Planted] = []
    if len(planted) > 1 and voice.rng.random() < 0.6:
        missed.append(planted.pop(voice.rng.randrange(len(planted))))
    found = [Alert(f"{capital(one.name)}: {one.resource}.", one) for one in planted]
    noise = voice.rng.sample(scene.decoys, min(MOST_NOISE, len(scene.decoys)))
    found += [Alert(voice.say("alert", looks=looks), None, says) for looks, says in noise]
    voice.rng.shuffle(found)
    return found, missed


def judged(
    voice: Voice,
    scene: Scene,
    given: Sequence[Alert],
    missed: Sequence[Planted],
    occasion: Occasion | None = None,
) -> str:
    """The answer: each alert in the order of the list, then what it misses, then what is fine."""
    real = sum(one.real is not None for one in given)
    noise = len(given) - real
    head = voice.say(
        "triage_head",
        total=in_words(len(given)),
        real=f"{in_words(real)} {'is' if real == 1 else 'are'} real",
        noise=f"{in_words(noise)} {'is' if noise == 1 else 'are'} not",
    )
    top = scene.planted[0]
    place = "triage_grave" if top.severity in SEVERITIES[:2] else "triage_mild"
    parts = [f"{head} {voice.say(place, top=top.name, severity=top.severity)}"]
    shown: dict[str, int] = {}
    for number, one in enumerate(given, 1):
        if one.real is None:
            parts.append(f"**{number}. Not a problem.** {capital(one.why)}")
        else:
            label = f"{number}. Real, {one.real.severity}."
            parts += ruled(voice, scene, label, one.real, shown, number)
    for one_missed in missed:
        label = voice.say("missed", name=one_missed.name, severity=one_missed.severity)
        parts += ruled(voice, scene, label, one_missed, shown, 0)
    if not missed:
        parts.append(voice.say("complete"))
    at = [n for n, one in enumerate(given, 1) if one.real is scene.planted[0]]
    first = f"alert {at[0]}" if at else "the finding that the list does not have"
    parts += [*together(voice, scene), *_order(scene), *residual.smaller(voice, scene, 1)]
    parts += answered(voice, scene, occasion, first=first, told="\n".join(parts))
    return joined([*parts, placeholders(scene)])


def _order(scene: Scene) -> list[str]:
    """What to fix first, as the list of a scanner does not say it."""
    if len(scene.planted) < LEAST_TO_ORDER:
        return []
    first, second = scene.planted[:2]
    mark = f"**First.** {capital(first.name)} in {first.resource}"
    if first.severity != second.severity:
        return [f"{mark}: it is the only one that is {first.severity}."]
    return [f"{mark}: {takes(scene, first)}."]
