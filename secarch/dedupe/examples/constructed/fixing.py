"""Write the fix of a scene: the mended code, whole, in part or as a patch, and the reasons."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from secarch.dedupe.examples.constructed.finding import (
    Citation,
    consequence,
    evidence,
    fenced,
    filled_for,
    joined,
    redacted,
    together,
)
from secarch.dedupe.examples.constructed.render import snippet
from secarch.dedupe.examples.constructed.scene import Planted, Scene
from secarch.dedupe.examples.constructed.voice import Voice, capital, counted, listed, lowered


def fix(voice: Voice, scene: Scene, cited: Mapping[str, Citation]) -> str:
    """The mended code, as a whole, in part or as a patch, with the reason for each change."""
    one = scene.planted[0] if len(scene.planted) == 1 else None
    style = voice.rng.choice(["part", "part", "patch"] if one else ["whole", "whole", "patch"])
    parts: list[str] = []
    if one and style == "part":
        shown = snippet(scene.mended, one.right, scene.language)
        if shown:
            parts += [voice.say("fix_open_one"), fenced(scene.language, shown)]
        else:
            parts.append(f"Remove line {one.line} (`{redacted(scene, one.evidence[0])}`).")
    elif style == "patch":
        parts += [voice.say("diff_open"), fenced("diff", _patch(scene))]
    else:
        count = counted(len(scene.planted), "finding")
        problems = counted(len(scene.planted), "problem")
        parts += [
            voice.say("fix_open_many", count=count, count_problems=problems),
            fenced(scene.language, scene.mended.rstrip()),
        ]
    parts += _reason_one(voice, scene, one) if one else _reasons(voice, scene)
    for planted in scene.planted:
        if planted.kind in cited:
            citation = cited[planted.kind]
            parts.append(
                voice.say("cite", quote=citation.quote, title=citation.title, url=citation.url)
            )
            break
    parts += together(voice, scene)
    parts += _kept(voice, scene)
    return joined(parts)


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
    rollout = filled_for(scene, one, voice.rng.choice(one.texts("rollout")))
    return [
        f"{evidence(voice, scene, one)} {consequence(voice, scene, one)}",
        filled_for(scene, one, voice.rng.choice(one.texts("fix"))),
        f"{voice.say('rollout_lead', rollout=rollout)} "
        + voice.say("verify_lead", verify=filled_for(scene, one, one.verify)),
    ]


def _reasons(voice: Voice, scene: Scene) -> list[str]:
    lines = []
    for one in scene.planted:
        why = consequence(voice, scene, one)
        line = f"- {capital(one.resource)} ({one.severity}): {evidence(voice, scene, one)} {why}"
        if voice.rng.random() < 0.5:
            line += " " + filled_for(scene, one, voice.rng.choice(one.texts("rollout")))
        lines.append(line)
    return ["\n".join([voice.say("changes_head"), "", *lines]), _order_of_fixes(voice, scene)]


def _order_of_fixes(voice: Voice, scene: Scene) -> str:
    planted = scene.planted
    later = [one for one in planted if not one.fault.in_place]
    replaced = list(dict.fromkeys(one.resource for one in later))
    now = [one for one in planted if one.resource not in replaced]
    if later and now:
        names = listed(replaced)
        return voice.say("order_replaced", names=names, first=now[0].resource)
    if later:
        return voice.say("order_only_replaced")
    first, *others = planted
    rest = listed(list(dict.fromkeys(one.resource for one in others)))
    check = lowered(filled_for(scene, first, first.verify))
    same = all(one.resource == first.resource for one in others)
    if same:
        return voice.say("order_same", check=check)
    return voice.say("order_in_place", first=first.resource, rest=rest, check=check)


def _kept(voice: Voice, scene: Scene) -> list[str]:
    if scene.decoys and voice.rng.random() < 0.6:
        looks, says = voice.rng.choice(scene.decoys)
        return [f"I left {looks} alone: {says}"]
    fine = voice.rng.sample(scene.right, min(2, len(scene.right)))
    return (
        [voice.say("kept_head", list=" ".join(fine))] if fine and voice.rng.random() < 0.6 else []
    )
