"""In which order the faults of a scene are fixed, what each needs, and what to watch meanwhile."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from secarch.dedupe.examples.constructed.beside import renewed
from secarch.dedupe.examples.constructed.finding import (
    MOST_QUOTED,
    carried,
    filled_for,
    rollout,
    takes,
)
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.replacing import replaced, waits
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import SEVERITIES, Severity
from secarch.dedupe.examples.constructed.voice import Voice, capital, listed, lowered

_WHEN: Mapping[Severity, str] = {
    "critical": "today",
    "high": "in this release",
    "medium": "in the next release",
    "low": "in the next release",
}
_BEFORE: Mapping[Severity, str] = {
    "critical": "before it goes live",
    "high": "before it goes live",
    "medium": "in the same change, as long as nothing depends on it",
    "low": "in the same change, as long as nothing depends on it",
}
"""The same for what is not live yet."""
_ALONG = "along with the first change, since no client notices"
_UNNOTICED = frozenset(
    {
        *("access_logs_off", "control_plane_logs_off", "deletion_unprotected"),
        *("flow_logs_missing", "key_rotation_off", "trail_incomplete", "versioning_off"),
    }
)
"""Kinds whose fix is a line that no client notices, so that nothing is gained by waiting."""
_WITH_THE_STAR = ("escalation_action", "admin_rights")
"""A right that adds nothing beside a star and is all that is left of it afterwards."""
_CONTAINERS = re.compile(r"ontainer_?definitions|\bimage\b|docker run", re.IGNORECASE)


def steps(scene: Scene) -> list[Planted]:
    """The faults in the order of work: what changes in place first, then what is replaced."""
    late = [one for one in scene.planted if waits(scene, one) or replaced(scene, one)]
    return [*(one for one in scene.planted if one not in late), *late]


def numbered(scene: Scene, wanted: Sequence[Planted]) -> str:
    """Numbers of findings as a list in words."""
    return listed([str(scene.planted.index(one) + 1) for one in wanted])


def changes(scene: Scene, ones: Sequence[Planted]) -> str:
    """The changes by their numbers, such as "Changes 1 and 3"."""
    return f"Change{'s' if len(ones) > 1 else ''} {numbered(scene, ones)}"


def plan(
    voice: Voice,
    scene: Scene,
    *,
    freeze: bool,
    two_only: bool,
    new: bool = False,
    argued: bool = True,
) -> list[str]:
    """The order of work: for a freeze, for two changes only, or by weight.

    `new` says that nothing is deployed yet, `argued` that each finding has told its weight.
    """
    planted = scene.planted
    if two_only and len(planted) > MOST_QUOTED:
        return [_two(scene)]
    if freeze and planted:
        return [_frozen(scene)]
    if len(planted) > 1:
        return [voice.say("order_head", order=_order(scene, new=new, argued=argued))]
    return []


def _order(scene: Scene, *, new: bool, argued: bool) -> str:
    """Which findings when, with what an attacker needs for the first of each weight if that is
    not told yet.
    """
    said = []
    for when, same in _dated(scene, new=new):
        head = f"{numbered(scene, same)} {when}"
        if when == _ALONG:
            said.append(head)
            continue
        first = f", {numbered(scene, same[:1])} first" if len(same) > 1 else ""
        said.append(f"{head}{first}" + ("" if argued else f": {takes(scene, same[0])}"))
    return "; ".join(said) + "." + _slow(scene, new=new)


def _dated(scene: Scene, *, new: bool) -> list[tuple[str, list[Planted]]]:
    """The findings by the time at which they are fixed."""
    when = _BEFORE if new else _WHEN
    found: dict[str, list[Planted]] = {}
    for one in scene.planted:
        urgency = _urgency(scene, one)
        late = SEVERITIES.index(urgency) > SEVERITIES.index(scene.planted[0].severity)
        quiet = one.kind in _UNNOTICED or any("no client that works" in t for t in one.slot.rollout)
        goes_along = not new and late and quiet
        found.setdefault(_ALONG if goes_along else when[urgency], []).append(one)
    return list(found.items())


def _urgency(scene: Scene, one: Planted) -> Severity:
    """The weight by which a fault is dated: that of the gravest which comes with its resource."""
    with_it = [
        other
        for other in scene.planted
        if (other.component.id == one.component.id and (one.kind, other.kind) == _WITH_THE_STAR)
        or (
            other.resource == one.resource
            and (
                (replaced(scene, one) and carried(scene, other))
                or (one.kind, other.kind) == ("cache_unencrypted", "cache_plaintext")
            )
        )
    ]
    return min((o.severity for o in [one, *with_it]), key=SEVERITIES.index)


def _slow(scene: Scene, *, new: bool) -> str:
    """That a replacement takes longer than the date by its weight allows; '' if none does."""
    late = [one for one in scene.planted if replaced(scene, one) and renewed(one)]
    if new or not late:
        return ""
    many = len(late) > 1
    with_it = [one for one in scene.planted if carried(scene, one)]
    if with_it:
        comes = "comes" if len(with_it) == 1 else "come"
        return (
            f" {numbered(scene, with_it)} {comes} with the new resource that "
            f"{numbered(scene, late)} needs, so that migration begins at that date."
        )
    return (
        f" {numbered(scene, late)} need{'' if many else 's'} a new resource and a migration, so "
        "the date is that of the beginning."
    )


def _two(scene: Scene) -> str:
    first, second, *rest = scene.planted
    needs = "; ".join(
        f"for {numbered(scene, [one])} {takes(scene, one)}" for one in (first, second)
    )
    text = (
        "**The two for this release** are 1 and 2, the most serious ones, with what they need: "
        f"{needs}. Until the next release you live with {numbered(scene, rest)}. Write that down "
        "as an accepted risk with an owner and a date, and until then watch "
        f"{_signs(scene, rest)}."
    )
    grave = [one for one in rest if one.severity == "critical"]
    if not grave:
        return text
    are = "is" if len(grave) == 1 else "are"
    return (
        f"{text} But {numbered(scene, grave)} {are} critical too, and no risk to accept for a "
        "release: ask for a third change, or switch off what it exposes until there is time for it."
    )


def _signs(scene: Scene, ones: Sequence[Planted]) -> str:
    """What to look at until some faults are fixed."""
    return listed(list(dict.fromkeys(filled_for_watch(scene, one) for one in ones)))


def filled_for_watch(scene: Scene, one: Planted) -> str:
    """What to look at until a fault is fixed, as a noun phrase."""
    return scene.fill(one.text("watch"), resource=one.resource)


def _frozen(scene: Scene) -> str:
    planted = scene.planted
    late = [one for one in planted if not one.fault.in_place or waits(scene, one)]
    now = [one for one in planted if one not in late]
    if not late:
        return (
            "**During the freeze.** Every one of these fixes can go in: none of them moves data "
            f"or rebuilds what holds it.{_restarted(scene)}"
        )
    many = len(late) > 1
    watched = _signs(scene, late)
    text = (
        f"{capital(listed([one.name for one in late]))} (finding{'s' if many else ''} "
        f"{numbered(scene, late)}) need{'' if many else 's'} a new resource and a migration, so "
        f"{'they wait' if many else 'it waits'} for the next window. Prepare the copy now, and "
        f"until then watch {watched}."
    )
    if not now:
        return f"**During the freeze.** {text}"
    word = "Finding" if len(now) == 1 else "Findings"
    head = f"**During the freeze.** {word} {numbered(scene, now)} can be fixed in place."
    left = numbered(scene, late)
    apart = f"Until then leave the lines of {left} out of what you apply."
    return f"{head} {text} {apart}"


def _restarted(scene: Scene) -> str:
    """That containers restart, if the code has any."""
    starts = " A container or pod whose lines change restarts."
    return starts if _CONTAINERS.search(scene.code) else ""


def rolled_out(voice: Voice, scene: Scene, *, checks_only: bool = False) -> str:
    """The order of work as a list: how each change goes in, and how to see that it holds."""
    lines = []
    checks_only = checks_only or scene.empty  # what does not run yet is changed at will
    for place, one in enumerate(steps(scene), 1):
        text = lowered(filled_for(scene, one, one.verify))
        if not checks_only:
            told = carried(scene, one) or rollout(voice, scene, one)
            text = f"{lowered(told)} Check: {text}"
        lines.append(f"{place}. Change {numbered(scene, [one])}, {one.resource}: {text}")
    head = voice.say("checks_head" if checks_only else "steps_head")
    if scene.empty:
        head = "**Checks after the first deployment, in the order of the work**"
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
    same = [one for one in scene.planted if one.severity == first.severity]
    if len(same) == 1:
        only = f"{number} goes first as the only one that is {first.severity}"
        return f"{only}: {takes(scene, first)}."
    return (
        f"{numbered(scene, same)} are {first.severity}; {number} goes first, since it asks "
        f"least of an attacker: {takes(scene, first)}."
    )
