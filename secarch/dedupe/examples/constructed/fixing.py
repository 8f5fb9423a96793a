"""Write the fix of a scene: the mended code, whole, in part or as a patch, and the reasons."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from secarch.dedupe.examples.constructed.finding import (
    Citation,
    consequence,
    created,
    dropped,
    evidence,
    fenced,
    filled_for,
    joined,
    placeholders,
    redacted,
    rollout,
    together,
)
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.render import snippet
from secarch.dedupe.examples.constructed.scene import Scene, reach
from secarch.dedupe.examples.constructed.voice import Voice, capital, counted, listed, lowered

ROLLED_OUT = 0.4
"""Share of the changes in place whose rollout is told."""
_REDACTED = (
    "The removed line shows `<redacted>` instead of the value. Put the value in before you run "
    "`git apply`, or delete the line by hand."
)


def fix(voice: Voice, scene: Scene, cited: Mapping[str, Citation], form: str = "") -> str:
    """The mended code with the reason for each change.

    `form` is `whole`, `patch` or `part` (the changed lines) if the question asks for one; '' leaves
    the choice to the seed.
    """
    one = scene.planted[0] if len(scene.planted) == 1 else None
    form = form or voice.rng.choice(["part", "part", "patch"] if one else ["whole", "patch"])
    parts = _code(voice, scene, form if one or form != "part" else "patch")
    parts += _reason_one(voice, scene, one) if one else _reasons(voice, scene)
    parts += _cited(voice, scene, cited)
    parts += together(voice, scene)
    parts += _kept(voice, scene)
    return joined([*parts, placeholders(scene)])


def _code(voice: Voice, scene: Scene, form: str) -> list[str]:
    if form == "part":
        return _part(voice, scene, scene.planted[0])
    if form == "patch":
        parts = [voice.say("diff_open"), fenced("diff", _patch(scene))]
        return [*parts, _REDACTED] if scene.values["secret"] in scene.code else parts
    count = counted(len(scene.planted), "finding")
    problems = counted(len(scene.planted), "problem")
    return [
        voice.say("fix_open_many", count=count, count_problems=problems),
        fenced(scene.language, scene.mended.rstrip()),
    ]


def _part(voice: Voice, scene: Scene, one: Planted) -> list[str]:
    shown = snippet(scene.mended, one.right, scene.language)
    if not shown:
        return [f"Remove line {one.line} (`{redacted(scene, one.evidence[0])}`)."]
    return [voice.say("fix_open_one"), fenced(scene.language, shown), dropped(scene, one).strip()]


def _cited(voice: Voice, scene: Scene, cited: Mapping[str, Citation]) -> list[str]:
    known = [cited[one.kind] for one in scene.planted if one.kind in cited]
    return [
        voice.say("cite", quote=citation.quote, title=citation.title, url=citation.url)
        for citation in known[:1]
    ]


def _patch(scene: Scene) -> str:
    lines = difflib.unified_diff(
        [_redacted_line(scene, line) for line in scene.code.splitlines()],
        scene.mended.splitlines(),
        lineterm="",
        n=2,
    )
    return "\n".join(list(lines)[2:])


def _redacted_line(scene: Scene, line: str) -> str:
    return line.replace(scene.values["secret"], "<redacted>")


def _reason_one(voice: Voice, scene: Scene, one: Planted) -> list[str]:
    return [
        f"{evidence(voice, scene, one)} {consequence(voice, scene, one)}",
        filled_for(scene, one, voice.rng.choice(one.texts("fix"))),
        f"{voice.say('rollout_lead', rollout=rollout(voice, scene, one))} "
        + voice.say("verify_lead", verify=filled_for(scene, one, one.verify)),
        _way_back(voice, scene),
    ]


def _reasons(voice: Voice, scene: Scene) -> list[str]:
    lines = []
    for one in scene.planted:
        texts = [
            f"- **{capital(one.name)}**, {one.resource} ({one.severity}).",
            evidence(voice, scene, one),
            consequence(voice, scene, one),
            filled_for(scene, one, voice.rng.choice(one.texts("fix"))),
        ]
        apart = not one.fault.in_place and not created(scene, one)
        if apart or voice.rng.random() < ROLLED_OUT:
            texts.append(rollout(voice, scene, one))
        lines.append(" ".join(texts))
    return [
        "\n".join([voice.say("changes_head"), "", *lines]),
        _order_of_fixes(voice, scene),
        _checks(voice, scene),
        _way_back(voice, scene),
    ]


def _checks(voice: Voice, scene: Scene) -> str:
    """How to see that the others hold too; the first is checked with the order."""
    rest = [filled_for(scene, one, one.verify) for one in scene.planted[1:]]
    lines = list(dict.fromkeys(rest))
    return "\n".join([voice.say("checks_head"), "", *(f"- {line}" for line in lines)])


def _way_back(voice: Voice, scene: Scene) -> str:
    """What to do if a change breaks something."""
    kinds = {one.kind for one in scene.planted}
    if any(created(scene, one) for one in scene.planted):
        return voice.say("back_created")
    if any(not one.fault.in_place for one in scene.planted):
        return voice.say("back_replaced")
    return voice.say("back_secret" if "secret_in_code" in kinds else "back_setting")


def _order_of_fixes(voice: Voice, scene: Scene) -> str:
    planted = scene.planted
    if any(created(scene, one) for one in planted):
        return voice.say("order_created")
    later = [one for one in planted if not one.fault.in_place]
    replaced = list(dict.fromkeys(one.resource for one in later))
    now = [one for one in planted if one.resource not in replaced]
    if later and now:
        names = listed(replaced)
        return voice.say("order_replaced", names=names, first=_placed(now[0]))
    if later:
        return voice.say("order_only_replaced")
    first, *others = planted
    rest = listed([_placed(one) for one in others])
    check = lowered(filled_for(scene, first, first.verify))
    same = all(one.resource == first.resource for one in others)
    if same:
        return voice.say("order_same", check=check)
    reason = "it weighs most"
    if first.severity == others[0].severity and reach(first.kind) < reach(others[0].kind):
        reason = "among equals it needs the least from an attacker"
    return voice.say("order_in_place", first=_placed(first), rest=rest, check=check, reason=reason)


def _placed(one: Planted) -> str:
    return f"{one.name} ({one.resource})"


def _kept(voice: Voice, scene: Scene) -> list[str]:
    if scene.decoys and voice.rng.random() < 0.6:
        looks, says = voice.rng.choice(scene.decoys)
        return [f"I left {looks} alone: {says}"]
    fine = voice.rng.sample(scene.right, min(2, len(scene.right)))
    return (
        [voice.say("kept_head", list=" ".join(fine))] if fine and voice.rng.random() < 0.6 else []
    )
