"""Write the review of a scene, or its fix, from the planted facts alone."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secarch.dedupe.examples.constructed.render import snippet
from secarch.dedupe.examples.constructed.scene import Planted, Scene
from secarch.dedupe.examples.constructed.template import SEVERITIES, chains
from secarch.dedupe.examples.constructed.voice import (
    Voice,
    capital,
    counted,
    in_words,
    listed,
    lowered,
    sentence,
    tidy,
)

MOST_QUOTED = 2
"""Faulty lines that are quoted of one fault."""
MOST_FINE = 4
"""Right things that are named besides findings."""
_WHEN = {
    "critical": "today",
    "high": "in this release",
    "medium": "in the next one",
    "low": "when the file is touched again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the question asks for beside the review."""

    short: bool = False
    freeze: bool = False
    two_only: bool = False
    attack: bool = False
    rollout: bool = False
    verify: bool = False
    excuse: int | None = None
    """Index of the finding whose excuse is given, with `claim` and `reply`."""
    claim: str = ""
    reply: str = ""
    looks: str = ""
    """What somebody takes for a problem."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence of a source that explains a kind of fault."""

    quote: str
    title: str
    url: str


def review(voice: Voice, scene: Scene, wish: Wish, cited: Mapping[str, Citation]) -> str:
    """The review: verdict, findings by severity with the lines that mend them, what is fine."""
    parts = [_verdict(voice, scene)]
    if wish.looks:
        parts.append(_on_looks(scene, wish.looks))
    if scene.planted and wish.attack:
        parts.append(_behind(voice.say("attack_head"), _why(voice, scene, scene.planted[0])))
    styles = voice.rng.choice(["heading", "bold", "bold", "table"])
    if styles == "table" and len(scene.planted) > 1:
        parts.append(_table(scene))
    skip_why = wish.attack
    for number, one in enumerate(scene.planted, 1):
        style = "heading" if styles == "heading" else "bold"
        parts += _finding(voice, scene, number, one, wish, style, told=skip_why and number == 1)
        if one.kind in cited and not wish.short:
            citation = cited[one.kind]
            parts.append(
                voice.say("cite", quote=citation.quote, title=citation.title, url=citation.url)
            )
    parts += _together(voice, scene)
    parts += _plan(voice, scene, wish)
    parts += _in_order(voice, scene, wish)
    return tidy("\n\n".join(part for part in parts if part))


def fix(voice: Voice, scene: Scene, cited: Mapping[str, Citation]) -> str:
    """The mended code, as a whole, in part or as a patch, with the reason for each change."""
    one = scene.planted[0] if len(scene.planted) == 1 else None
    style = voice.rng.choice(["part", "part", "patch"] if one else ["whole", "whole", "patch"])
    parts: list[str] = []
    if one and style == "part":
        shown = snippet(scene.mended, one.right, scene.language)
        if shown:
            parts += [voice.say("fix_open_one"), _fenced(scene.language, shown)]
        else:
            parts.append(f"Remove line {one.line} (`{_redacted(scene, one.evidence[0])}`).")
    elif style == "patch":
        parts += [voice.say("diff_open"), _fenced("diff", _patch(scene))]
    else:
        count = counted(len(scene.planted), "finding")
        problems = counted(len(scene.planted), "problem")
        parts += [
            voice.say("fix_open_many", count=count, count_problems=problems),
            _fenced(scene.language, scene.mended.rstrip()),
        ]
    parts += _reason_one(voice, scene, one) if one else _reasons(voice, scene)
    for planted in scene.planted:
        if planted.kind in cited:
            citation = cited[planted.kind]
            parts.append(
                voice.say("cite", quote=citation.quote, title=citation.title, url=citation.url)
            )
            break
    parts += _together(voice, scene)
    parts += _kept(voice, scene)
    return tidy("\n\n".join(part for part in parts if part))


# -- parts of a review


def _verdict(voice: Voice, scene: Scene) -> str:
    planted = scene.planted
    common = {
        "data": scene.workload.data,
        "workload": scene.workload.name,
        "what": scene.components[0].what,
    }
    if not planted:
        return voice.say("verdict_clean", **common)
    blocking = planted[0].severity in {"critical", "high"}
    place = "verdict_block" if blocking else "verdict_minor"
    return voice.say(
        place + ("_one" if len(planted) == 1 else ""),
        where=planted[0].resource,
        severity=planted[0].severity,
        count=counted(len(planted), "finding"),
        weights=_weights(planted),
        top=planted[0].name,
        are="is" if len(planted) == 1 else "are",
        verb="has" if len(planted) == 1 else "have",
        **common,
    )


def _weights(planted: Sequence[Planted]) -> str:
    counts = Counter(one.severity for one in planted)
    return listed([f"{in_words(counts[s])} {s}" for s in SEVERITIES if counts[s]])


def _table(scene: Scene) -> str:
    rows = [
        f"| {number} | {one.severity} | {one.resource}, line {one.line} | {capital(one.name)} |"
        for number, one in enumerate(scene.planted, 1)
    ]
    return "\n".join(["| # | Severity | Place | Finding |", "|---|---|---|---|", *rows])


def _finding(
    voice: Voice,
    scene: Scene,
    number: int,
    one: Planted,
    wish: Wish,
    style: str,
    *,
    told: bool,
) -> list[str]:
    title = _filled(scene, one, voice.rng.choice(one.texts("title")))
    weight = f"{one.severity}, line {one.line}"
    head = f"**{number}. {title}** ({weight})" + ("\n\n" if style == "heading" else ". ")
    said = [_evidence(voice, scene, one)]
    if not told:
        said.append(_why(voice, scene, one))
    if wish.excuse == number - 1:
        said.append(voice.say("reply_lead", claim=wish.claim, reply=wish.reply))
    parts = [head + " ".join(said)]
    parts += _mended(voice, scene, one)
    extra: list[str] = []
    if wish.rollout or wish.freeze or (not wish.short and voice.rng.random() < 0.3):
        text = _filled(scene, one, voice.rng.choice(one.texts("rollout")))
        extra.append(voice.say("rollout_lead", rollout=text))
    if wish.verify or (not wish.short and voice.rng.random() < 0.2):
        extra.append(voice.say("verify_lead", verify=_filled(scene, one, one.verify)))
    return [*parts, " ".join(extra)]


def _why(voice: Voice, scene: Scene, one: Planted) -> str:
    return _filled(scene, one, voice.rng.choice(one.texts("why")))


def _evidence(voice: Voice, scene: Scene, one: Planted) -> str:
    if not one.evidence:
        return sentence(voice.say("evidence_absent", missing=one.missing, line=str(one.line)))
    quoted = [f"`{_redacted(scene, line)}`" for line in one.evidence[:MOST_QUOTED]]
    place = "evidence_line" if len(one.evidence) == 1 else "evidence_lines"
    return sentence(voice.say(place, quote=listed(quoted), line=str(one.line)))


def _redacted(scene: Scene, line: str) -> str:
    """A faulty line as it may be repeated: without the credential in it."""
    shown = line.replace(scene.values["secret"], "<redacted>").rstrip("\\, ")
    return shown.replace("`", "'")


def _mended(voice: Voice, scene: Scene, one: Planted) -> list[str]:
    text = _filled(scene, one, voice.rng.choice(one.texts("fix")))
    shown = snippet(scene.mended, one.right, scene.language)
    if not shown:
        return [f"{text} Remove line {one.line}."] if "emove" not in text else [text]
    return [voice.say("fix_lead", fix=text), _fenced(scene.language, shown)]


def _fenced(language: str, code: str) -> str:
    return f"```{language}\n{code}\n```"


def _filled(scene: Scene, one: Planted, text: str) -> str:
    return capital(scene.fill(text, resource=one.resource))


def _together(voice: Voice, scene: Scene) -> list[str]:
    for chain in chains():
        first = [one for one in scene.planted if one.kind == chain.first]
        second = [one for one in scene.planted if one.kind == chain.second]
        if first and second and (chain.apart or first[0].component == second[0].component):
            return [_behind(voice.say("together_head"), chain.text)]
    return []


def _behind(head: str, text: str) -> str:
    return head + (lowered(text) if head.endswith(": ") else text)


def _plan(voice: Voice, scene: Scene, wish: Wish) -> list[str]:
    planted = scene.planted
    if wish.two_only and len(planted) > MOST_QUOTED:
        return [_two(planted)]
    if wish.freeze and planted:
        return [_frozen(planted)]
    ranks = {one.severity for one in planted}
    if len(ranks) > 1 and len(planted) > MOST_QUOTED and voice.rng.random() < 0.5:
        return [voice.say("order_head", order=_order(planted))]
    return []


def _numbers(planted: Sequence[Planted], wanted: Sequence[Planted]) -> str:
    return listed([str(planted.index(one) + 1) for one in wanted])


def _two(planted: Sequence[Planted]) -> str:
    first, second, *rest = planted
    late = listed([one.name for one in rest])
    return (
        f"**The two for this release** are 1 and 2: {first.name} and {second.name} are what an "
        f"outsider or one leaked credential can use now. Until the next release you live with "
        f"{late}. Write that down as an accepted risk with an owner and a date, and watch the "
        "logs of these resources closely until then."
    )


def _frozen(planted: Sequence[Planted]) -> str:
    now = [one for one in planted if one.fault.in_place]
    later = [one for one in planted if not one.fault.in_place]
    if not later:
        return (
            "**During the freeze.** Every one of these fixes changes a setting in place; none "
            "replaces a resource."
        )
    text = (
        f"{capital(listed([one.name for one in later]))} (finding "
        f"{_numbers(planted, later)}) needs a new resource and a migration, so it "
        "waits"
    )
    if len(later) > 1:
        text = (
            text.replace("needs a new", "need a new")
            .replace("so it waits", "so they wait")
            .replace("(finding ", "(findings ")
        )
    if now:
        word = "Finding" if len(now) == 1 else "Findings"
        return (
            f"**During the freeze.** {word} {_numbers(planted, now)} can be mended in "
            f"place. {text} for the next window; prepare the copy now."
        )
    return (
        f"**During the freeze.** {text} for the next window; prepare the copy "
        "now, and restrict who may read snapshots meanwhile."
    )


def _order(planted: Sequence[Planted]) -> str:
    steps = []
    for severity in SEVERITIES:
        same = [one for one in planted if one.severity == severity]
        if same:
            steps.append(f"{_numbers(planted, same)} {_WHEN[severity]}")
    return "; ".join(steps) + "."


def _on_looks(scene: Scene, looks: str) -> str:
    says = next(says for seen, says in scene.decoys if seen == looks)
    return f"On {looks}: leave it, {says}"


def _in_order(voice: Voice, scene: Scene, wish: Wish) -> list[str]:
    parts: list[str] = []
    short = wish.short and bool(scene.planted)
    most = 2 if short else (6 if not scene.planted else MOST_FINE)
    fine = voice.rng.sample(scene.right, min(most, len(scene.right)))
    fine.sort(key=scene.right.index)
    if fine:
        parts.append("\n".join([voice.say("fine_head"), "", *(f"- {text}" for text in fine)]))
    odd = [pair for pair in scene.decoys if pair[0] != wish.looks]
    if odd and not short:
        lines = [f"- {capital(looks)}: {says}" for looks, says in odd[:3]]
        parts.append("\n".join([voice.say("looks_head"), "", *lines]))
    if scene.unseen and not short and (not scene.planted or voice.rng.random() < 0.7):
        parts.append(voice.say("unseen_head", list=listed(scene.unseen[:2])))
    return parts


# -- parts of a fix


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
    rollout = _filled(scene, one, voice.rng.choice(one.texts("rollout")))
    return [
        f"{_evidence(voice, scene, one)} {_why(voice, scene, one)}",
        _filled(scene, one, voice.rng.choice(one.texts("fix"))),
        f"{voice.say('rollout_lead', rollout=rollout)} "
        + voice.say("verify_lead", verify=_filled(scene, one, one.verify)),
    ]


def _reasons(voice: Voice, scene: Scene) -> list[str]:
    lines = []
    for one in scene.planted:
        why = _why(voice, scene, one)
        line = f"- {capital(one.resource)} ({one.severity}): {_evidence(voice, scene, one)} {why}"
        if voice.rng.random() < 0.5:
            line += " " + _filled(scene, one, voice.rng.choice(one.texts("rollout")))
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
    check = lowered(_filled(scene, first, first.verify))
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
