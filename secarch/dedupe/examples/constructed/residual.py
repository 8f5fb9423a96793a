"""What a fix does not solve: the limit that a reviewer names beside the check."""

from __future__ import annotations

from functools import lru_cache

from pydantic import TypeAdapter

from secarch.dedupe.examples.constructed import remarks
from secarch.dedupe.examples.constructed.finding import unlived
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import FOLDER, read_yaml
from secarch.dedupe.examples.constructed.voice import Voice

MOST = 2
"""Findings whose limit is told."""
MOST_SMALL = 2
"""Small weaknesses that are told."""


@lru_cache(maxsize=1)
def limits() -> dict[str, tuple[str, ...]]:
    """For each kind of fault what is left when it is fixed."""
    read = read_yaml(FOLDER / "residual.yaml")
    return TypeAdapter(dict[str, tuple[str, ...]]).validate_python(read)


def _lasting(scene: Scene, texts: tuple[str, ...]) -> tuple[str, ...]:
    """The limits that hold for what was never deployed too; all of them if nothing else is left."""
    if not scene.empty:
        return texts
    return tuple(text for text in texts if unlived(text) == text) or texts


def left(voice: Voice, scene: Scene) -> list[str]:
    """What is left behind the most serious findings, at most two; empty without a finding."""
    first: dict[str, tuple[int, Planted]] = {}
    for number, one in enumerate(scene.planted, 1):
        first.setdefault(one.kind, (number, one))
    texts = [
        (f"{number}: " if len(first) > 1 else "")
        + scene.fill(voice.rng.choice(_lasting(scene, one.slot.left or limits()[one.kind])))
        for number, one in list(first.values())[:MOST]
    ]
    return [f"{voice.say('left_head')} {' '.join(texts)}"] if texts else []


def smaller(voice: Voice, scene: Scene, most: int = MOST_SMALL) -> list[str]:
    """What else is weak in the file, of low weight, the remark on it too; empty if nothing is."""
    told = [*scene.minor[:most]]
    if not told:
        return remarks.remarked(voice, scene)
    told += [one] if (one := remarks.remark(voice, scene)) else []
    if most == 1 or len(told) == 1:
        return [f"{voice.say('small_one')} {told[-1]}"]
    return ["\n".join([voice.say("small_head"), "", *(f"- {text}" for text in told)])]
