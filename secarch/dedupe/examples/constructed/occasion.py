"""Why somebody asks about a scene, and what the answer says to that beside its findings."""

from __future__ import annotations

import re

from secarch.dedupe.examples.constructed.finding import takes
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import Occasion, occasions
from secarch.dedupe.examples.constructed.voice import Voice, put

_GRAVE = frozenset({"critical", "high"})
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
"""What is left out if the answer has said it already."""
_AT_CREATION = (
    "**Before the start.** No finding here is serious, yet one should not wait: what is "
    "decided at creation is a line today and a migration once data is in it."
)


def drawn(voice: Voice) -> Occasion:
    """An occasion; none comes oftener than another."""
    return voice.rng.choice(occasions())


_TENANCY = {"azure": "subscription", "gcp": "project", "kubernetes": "cluster"}
"""What a workload moves to, by cloud."""


def opening(voice: Voice, scene: Scene, occasion: Occasion) -> str:
    """The sentence with which the question begins."""
    work = scene.workload
    called = voice.rng.choice(scene.components[0].called or scene.pool.called)
    if scene.language == "json" and scene.pool.also_json:
        called = "CloudFormation template in JSON"
    return put(
        occasion.ask,
        team=work.team,
        unit=work.unit,
        workload=work.name,
        data=work.data,
        regime=work.regime,
        env=scene.values["env"],
        called=called,
        what=scene.components[0].what,
        tenancy=_TENANCY.get(scene.pool.cloud, "account"),
    )


def answered(
    voice: Voice, scene: Scene, occasion: Occasion | None, *, first: str = "", told: str = ""
) -> list[str]:
    """What a review says to the occasion: by the weight of the most serious finding.

    `first` is what the answer calls that finding, if it does not number them by weight; what
    the text `told` says already is not said again.
    """
    if occasion is None:
        return []
    if not scene.planted:
        return _said(voice, scene, occasion.clean, first, told)
    if scene.planted[0].severity in _GRAVE:
        return _said(voice, scene, occasion.block, first, told)
    if occasion.state == "new" and any(not one.fault.in_place for one in scene.planted):
        return [_AT_CREATION]
    return _said(voice, scene, occasion.minor, first, told)


def after_fix(
    voice: Voice, scene: Scene, occasion: Occasion | None, *, told: str = ""
) -> list[str]:
    """What a fix says to the occasion, beside what the text `told` says already."""
    return _said(voice, scene, occasion.fixed, "", told) if occasion else []


def _said(voice: Voice, scene: Scene, texts: tuple[str, ...], name: str, before: str) -> list[str]:
    if not texts:
        return []
    told = {"tenancy": _TENANCY.get(scene.pool.cloud, "account")}
    if scene.planted:
        first = scene.planted[0]
        called = name or ("finding 1" if len(scene.planted) > 1 else "the finding")
        told |= {
            "first": called,
            "urgent": _urgent(scene, called),
            "top": first.name,
            "where": first.resource,
            "lead_takes": takes(scene, first),
            "watch": scene.fill(first.text("watch"), resource=first.resource),
        }
    known = bool(scene.planted) and told["lead_takes"].lower() in before.lower()
    text = _OPTIONAL.sub("" if known else r"\1", voice.rng.choice(texts))
    return [scene.fill(put(text, **told))]


def _urgent(scene: Scene, first: str) -> str:
    """What cannot wait, whichever somebody asked about; `first` is the most serious finding."""
    if sum(one.severity in _GRAVE for one in scene.planted) < 2:
        return first
    return f"everything critical or high, {first} first,"
