"""Write the review of a scene from the planted facts alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secarch.dedupe.examples.constructed.finding import (
    MOST_QUOTED,
    Citation,
    behind,
    consequence,
    created,
    dropped,
    evidence,
    fenced,
    filled_for,
    joined,
    mended_lines,
    placeholders,
    redacted,
    rollout,
    together,
)
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.render import snippet
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import SEVERITIES
from secarch.dedupe.examples.constructed.voice import Voice, capital, counted, in_words, listed

MOST_FINE = 4
"""Right things that are named besides findings."""
_REPLACED = "It cannot be changed in place: plan a new resource and a copy of the data."
_WHEN = {
    "critical": "today",
    "high": "in this release",
    "medium": "in the next release",
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
    controls: bool = False
    register: bool = False
    """Whether the findings are wanted as rows of a risk register."""


def review(voice: Voice, scene: Scene, wish: Wish, cited: Mapping[str, Citation]) -> str:
    """The review: verdict, findings by severity with the lines that mend them, what is fine."""
    parts = [_verdict(voice, scene)]
    if wish.looks:
        parts.append(_on_looks(scene, wish.looks))
    if scene.planted and wish.attack:
        parts.append(behind(voice.say("attack_head"), consequence(voice, scene, scene.planted[0])))
    if wish.register and scene.planted:
        parts += [*_register(voice, scene), *_in_order(voice, scene, wish)]
        return joined([*parts, placeholders(scene)])
    styles = voice.rng.choice(["heading", "bold", "bold", "table"])
    if styles == "table" and len(scene.planted) > 1:
        parts.append(_table(scene))
    skip_why = wish.attack
    shown: set[str] = set()
    for number, one in enumerate(scene.planted, 1):
        style = "heading" if styles == "heading" else "bold"
        told = skip_why and number == 1
        parts += _finding(voice, scene, number, one, wish, style, told=told, shown=shown)
        if one.kind in cited and not wish.short:
            citation = cited[one.kind]
            parts.append(
                voice.say("cite", quote=citation.quote, title=citation.title, url=citation.url)
            )
    parts += together(voice, scene)
    parts += _plan(voice, scene, wish)
    parts += _in_order(voice, scene, wish)
    return joined([*parts, "" if wish.short else placeholders(scene)])


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


def _register(voice: Voice, scene: Scene) -> list[str]:
    """The findings as a table, and the lines that mend each after it."""
    rows = []
    for number, one in enumerate(scene.planted, 1):
        cause = one.missing or f"`{redacted(scene, one.evidence[0])}`"
        fixed = filled_for(scene, one, voice.rng.choice(one.texts("fix")))
        cells = [
            f"{number}. {capital(one.name)}",
            one.severity,
            f"{one.resource}, line {one.line}: {cause}",
            consequence(voice, scene, one),
            fixed,
        ]
        rows.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    head = ["| Risk | Weight | Cause | Consequence | Treatment |", "|---|---|---|---|---|"]
    parts = ["\n".join([*head, *rows])]
    shown: set[str] = set()
    for number, one in enumerate(scene.planted, 1):
        code = snippet(scene.mended, one.right, scene.language)
        if code and code not in shown:
            shown.add(code)
            lead = f"Treatment of {number}:{dropped(scene, one)}"
            parts += [lead if lead.endswith(":") else f"{lead} Then:", fenced(scene.language, code)]
    return [*parts, *together(voice, scene)]


def _finding(
    voice: Voice,
    scene: Scene,
    number: int,
    one: Planted,
    wish: Wish,
    style: str,
    *,
    told: bool,
    shown: set[str],
) -> list[str]:
    title = filled_for(scene, one, voice.rng.choice(one.texts("title")))
    weight = f"{one.severity}, line {one.line}"
    if wish.controls:
        weight += f"; NIST SP 800-53 {one.fault.control}"
    head = f"**{number}. {title}** ({weight})" + ("\n\n" if style == "heading" else ". ")
    said = [evidence(voice, scene, one)]
    if not told:
        said.append(consequence(voice, scene, one))
    if wish.excuse == number - 1:
        said.append(voice.say("reply_lead", claim=wish.claim, reply=wish.reply))
    parts = [head + " ".join(said)]
    parts += mended_lines(voice, scene, one, shown)
    extra: list[str] = []
    if wish.rollout or wish.freeze or (not wish.short and voice.rng.random() < 0.4):
        live = wish.rollout or wish.freeze
        text = filled_for(scene, one, voice.rng.choice(one.texts("rollout"))) if live else ""
        text = text or rollout(voice, scene, one)
        extra.append(voice.say("rollout_lead", rollout=text))
    elif not one.fault.in_place and not created(scene, one):
        extra.append(_REPLACED)
    if wish.verify or (not wish.short and voice.rng.random() < 0.5):
        extra.append(voice.say("verify_lead", verify=filled_for(scene, one, one.verify)))
    return [*parts, " ".join(extra)]


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
            "**During the freeze.** Every one of these fixes can go in: none of them moves data "
            "or rebuilds what holds it."
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
