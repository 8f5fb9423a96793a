"""What an expert says of a scene beside its findings, though no single line is wrong."""

from __future__ import annotations

import re
from functools import lru_cache

from pydantic import Field, TypeAdapter

from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import FOLDER, read_yaml
from secarch.dedupe.examples.constructed.voice import Voice
from secarch.schema import Config


class Remark(Config):
    """A remark on a component, and the code for which it holds."""

    where: str = ""
    """Regular expression on the code; empty for all of it."""
    says: tuple[str, ...] = Field(min_length=1)
    fresh: tuple[str, ...] = ()
    """The wordings where nothing is deployed yet, if they differ."""


@lru_cache(maxsize=1)
def known() -> dict[str, tuple[Remark, ...]]:
    """The remarks on each component."""
    read = read_yaml(FOLDER / "remarks.yaml")
    return TypeAdapter(dict[str, tuple[Remark, ...]]).validate_python(read)


def remarked(voice: Voice, scene: Scene) -> list[str]:
    """One remark on the scene under its head; empty if there is none."""
    text = remark(voice, scene)
    return [f"{voice.say('remark_head')} {text}"] if text else []


def remark(voice: Voice, scene: Scene) -> str:
    """One remark on the scene; '' if there is none.

    It has to hold for the corrected code as well, or the finding says it already.
    """
    fit = [
        one
        for component in scene.components
        for one in known().get(component.id, ())
        if re.search(one.where, scene.code) and re.search(one.where, scene.fixed)
    ]
    if not fit:
        return ""
    drawn = voice.rng.choice(fit)
    texts = (scene.empty and drawn.fresh) or drawn.says
    return scene.fill(voice.rng.choice(texts))
