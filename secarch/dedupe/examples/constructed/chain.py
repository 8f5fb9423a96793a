"""What faults of one file make together, if they are worse together."""

from __future__ import annotations

from secarch.dedupe.examples.constructed import escape
from secarch.dedupe.examples.constructed.finding import LIVED, behind
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import Chain, chains
from secarch.dedupe.examples.constructed.voice import Voice


def together(voice: Voice, scene: Scene) -> list[str]:
    """The path out of a container, and else the first pair of faults that join."""
    text = escape.path(scene) or next(
        (one.text for one in chains() if _joins(scene, one)),
        "",
    )
    return [behind(voice.say("together_head"), text)] if text else []


def _joins(scene: Scene, chain: Chain) -> bool:
    first = [one for one in scene.planted if one.kind == chain.first]
    second = [one for one in scene.planted if one.kind == chain.second]
    near = first and second and (chain.apart or first[0].component == second[0].component)
    fits = not chain.clouds or scene.pool.cloud in chain.clouds
    return bool(near and fits and not (scene.empty and LIVED.search(chain.text)))
