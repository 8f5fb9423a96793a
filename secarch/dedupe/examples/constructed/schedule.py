"""In which order the faults of a scene are mended, what each needs, and what to watch meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from secarch.dedupe.examples.constructed.finding import (
    MOST_QUOTED,
    created,
    filled_for,
    rollout,
)
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import SEVERITIES
from secarch.dedupe.examples.constructed.voice import Voice, capital, listed, lowered

_WHEN = {
    "critical": "today",
    "high": "in this release",
    "medium": "in the next release",
    "low": "when the file is touched again",
}


def replaced(scene: Scene, one: Planted) -> bool:
    """Whether mending it means a new resource for one that exists."""
    return not one.fault.in_place and not created(scene, one)


def steps(scene: Scene) -> list[Planted]:
    """The faults in the order of work: what changes in place first, then what is replaced."""
    late = {one.resource for one in scene.planted if replaced(scene, one)}
    return [
        *(one for one in scene.planted if one.resource not in late),
        *(one for one in scene.planted if one.resource in late),
    ]


def carried(scene: Scene, one: Planted) -> str:
    """That a change comes with the new resource which another one needs anyway; '' if not."""
    if not one.fault.in_place:
        return ""
    for number, other in enumerate(scene.planted, 1):
        if other.resource == one.resource and replaced(scene, other):
            return f"Set it on the new resource that {number} needs anyway."
    return ""


def numbered(scene: Scene, wanted: Sequence[Planted]) -> str:
    """Numbers of findings as a list in words."""
    return listed([str(scene.planted.index(one) + 1) for one in wanted])


def changes(scene: Scene, ones: Sequence[Planted]) -> str:
    """The changes by their numbers, such as "Changes 1 and 3"."""
    return f"Change{'s' if len(ones) > 1 else ''} {numbered(scene, ones)}"


def takes(scene: Scene, one: Planted) -> str:
    """What an attacker needs for it, as the rest of a sentence without its full stop."""
    return lowered(filled_for(scene, one, one.text("takes"))).rstrip(".")


def plan(voice: Voice, scene: Scene, *, freeze: bool, two_only: bool) -> list[str]:
    """The order of work: for a freeze, for two changes only, or by weight."""
    planted = scene.planted
    if two_only and len(planted) > MOST_QUOTED:
        return [_two(scene)]
    if freeze and planted:
        return [_frozen(scene)]
    if len(planted) > 1:
        return [voice.say("order_head", order=_order(scene))]
    return []


def _order(scene: Scene) -> str:
    """Which findings when, with what an attacker needs for the first of each weight."""
    said = []
    for severity in SEVERITIES:
        same = [one for one in scene.planted if one.severity == severity]
        if same:
            head = f"{numbered(scene, same)} {_WHEN[severity]}"
            first = f", {numbered(scene, same[:1])} first" if len(same) > 1 else ""
            said.append(f"{head}{first}: {takes(scene, same[0])}")
    return "; ".join(said) + "."


def _two(scene: Scene) -> str:
    first, second, *rest = scene.planted
    late = numbered(scene, rest)
    watched = listed(list(dict.fromkeys(filled_for_watch(scene, one) for one in rest)))
    needs = "; ".join(
        f"for {numbered(scene, [one])} {takes(scene, one)}" for one in (first, second)
    )
    return (
        f"**The two for this release** are 1 and 2, since they need the least: {needs}. "
        f"Until the next release you live with {late}. Write that down as an accepted risk with "
        f"an owner and a date, and until then watch {watched}."
    )


def filled_for_watch(scene: Scene, one: Planted) -> str:
    """What to look at until a fault is mended, as a noun phrase."""
    return scene.fill(one.text("watch"), resource=one.resource)


def _frozen(scene: Scene) -> str:
    planted = scene.planted
    late = [one for one in planted if not one.fault.in_place]
    now = [one for one in planted if one.fault.in_place]
    if not late:
        return (
            "**During the freeze.** Every one of these fixes can go in: none of them moves data "
            "or rebuilds what holds it."
        )
    many = len(late) > 1
    watched = listed(list(dict.fromkeys(filled_for_watch(scene, one) for one in late)))
    text = (
        f"{capital(listed([one.name for one in late]))} (finding{'s' if many else ''} "
        f"{numbered(scene, late)}) need{'' if many else 's'} a new resource and a migration, so "
        f"{'they wait' if many else 'it waits'} for the next window. Prepare the copy now, and "
        f"until then watch {watched}."
    )
    if not now:
        return f"**During the freeze.** {text}"
    word = "Finding" if len(now) == 1 else "Findings"
    return f"**During the freeze.** {word} {numbered(scene, now)} can be mended in place. {text}"


def rolled_out(voice: Voice, scene: Scene, *, checks_only: bool = False) -> str:
    """The order of work as a list: how each change goes in, and how to see that it holds."""
    lines = []
    for place, one in enumerate(steps(scene), 1):
        text = lowered(filled_for(scene, one, one.verify))
        if not checks_only:
            told = carried(scene, one) or rollout(voice, scene, one)
            text = f"{lowered(told)} Check: {text}"
        lines.append(f"{place}. Change {numbered(scene, [one])}, {one.resource}: {text}")
    head = voice.say("checks_head" if checks_only else "steps_head")
    return "\n".join([head, "", *lines])


def reason_for_first(scene: Scene) -> str:
    """Why the first step of the order is the first."""
    first = steps(scene)[0]
    number = numbered(scene, [first])
    late = [one for one in scene.planted if replaced(scene, one)]
    if carried(scene, first):
        return f"All of it goes in with the new resource that {numbered(scene, late[:1])} needs."
    if late and first is not scene.planted[0]:
        return f"{number} goes first, since it changes in place; what has to be replaced follows."
    return f"{number} goes first: {takes(scene, first)}."
