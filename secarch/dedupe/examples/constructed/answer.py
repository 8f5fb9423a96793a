"""Write the review of a scene from the planted facts alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secarch.dedupe.examples.constructed import briefly, residual, schedule
from secarch.dedupe.examples.constructed.chain import together
from secarch.dedupe.examples.constructed.finding import (
    Citation,
    after_run,
    attack,
    behind,
    carried,
    consequence,
    dropped,
    evidence,
    fenced,
    filled_for,
    fixed_lines,
    joined,
    placeholders,
    redacted,
    rollout,
    shortened,
    treated,
    weight,
)
from secarch.dedupe.examples.constructed.fixing import way_back
from secarch.dedupe.examples.constructed.occasion import answered
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.replacing import (
    as_it_runs,
    before_code,
    before_start,
    fixing_code,
    joint_code,
    replaced,
)
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.standing import argued, held
from secarch.dedupe.examples.constructed.template import SEVERITIES, Occasion
from secarch.dedupe.examples.constructed.voice import (
    Voice,
    capital,
    counted,
    in_words,
    listed,
    lowered,
)

_CLOUDS = frozenset({"aws", "azure", "gcp"})
_RECORDED = re.compile(r"logs?\b|logging|_log|diagnostic|audit|trail", re.IGNORECASE)
"""What shows that a file keeps records of access."""
MOST_FINE = 4
"""Right things that are named besides findings."""
MOST_CLEAN = 7
"""Right things that are named beside those which are argued, if there is no finding."""
ROLLED_OUT = 0.5
"""Share of the changes in place whose roll-out is told if nobody asks for it."""


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
    sign: bool = False
    """Whether the question is if the reviewer would sign it."""
    occasion: Occasion | None = None
    """Why it is asked."""


def review(voice: Voice, scene: Scene, wish: Wish, cited: Mapping[str, Citation]) -> str:
    """The review: verdict, findings by severity with the lines that fix them, what is fine."""
    if wish.occasion is not None and wish.occasion.state == "new":
        scene = before_start(scene)
    else:
        scene = as_it_runs(scene)
    parts = [_verdict(voice, scene, wish)]
    if wish.looks:
        parts.append(_on_looks(scene, wish.looks))
    if wish.short:
        told = briefly.findings(voice, scene) if scene.planted else briefly.clean(voice, scene)
        ending = [*_unrecorded(scene), *answered(voice, scene, wish.occasion)]
        text = joined([*parts, *told, *(shortened(one, 1) for one in ending)])
        return joined([text, placeholders(scene, text)])
    if scene.planted and wish.attack:
        first = scene.planted[0]
        parts.append(behind(voice.say("attack_head"), attack(scene, first)))
        parts += together(voice, scene)
    if wish.register and scene.planted:
        parts += [*_register(voice, scene), *after_run(scene), *residual.left(voice, scene)]
        parts += residual.smaller(voice, scene)
        parts += _in_order(voice, scene, wish)
        parts += answered(voice, scene, wish.occasion, told="\n".join(parts))
        return joined([*parts, placeholders(scene)])
    parts += _findings(voice, scene, wish, cited)
    if not wish.attack:
        parts += together(voice, scene)
    new = wish.occasion is not None and wish.occasion.state == "new"
    parts += schedule.plan(voice, scene, freeze=wish.freeze, two_only=wish.two_only, new=new)
    parts += after_run(scene)
    parts += residual.left(voice, scene)
    small, order = residual.smaller(voice, scene), _in_order(voice, scene, wish)
    parts += [*small, *order] if scene.planted else [*order, *small]
    parts += answered(voice, scene, wish.occasion, told="\n".join(parts))
    return joined([*parts, placeholders(scene)])


def _findings(voice: Voice, scene: Scene, wish: Wish, cited: Mapping[str, Citation]) -> list[str]:
    styles = voice.rng.choice(["heading", "bold", "bold", "table"])
    parts = [_table(scene)] if styles == "table" and len(scene.planted) > 1 else []
    shown: dict[str, int] = {}
    code = joint_code(scene)
    for number, one in enumerate(scene.planted, 1):
        style = "heading" if styles == "heading" else "bold"
        parts += _finding(voice, scene, number, one, wish, style, shown=None if code else shown)
        if one.kind in cited:
            quoted = cited[one.kind]
            parts.append(voice.say("cite", quote=quoted.quote, title=quoted.title, url=quoted.url))
    return [*parts, voice.say("joint_head"), fenced(scene.language, code)] if code else parts


def _verdict(voice: Voice, scene: Scene, wish: Wish) -> str:
    """Whether it goes in or may stay, in the first sentence, by the gravest finding."""
    planted = scene.planted
    place = _verdict_place(scene, wish)
    given: dict[str, str] = {}
    if planted:
        given = {
            "where": _placed(planted[0]),
            "severity": planted[0].severity,
            "weights": _weights(planted),
            "top": planted[0].name,
        }
    return voice.say(
        place,
        count=counted(len(planted), "finding"),
        are="is" if len(planted) == 1 else "are",
        verb="has" if len(planted) == 1 else "have",
        data=scene.workload.data,
        workload=scene.workload.name,
        what=scene.components[0].what,
        **given,
    )


def _placed(one: Planted) -> str:
    """Where it is, without the word that its name has already."""
    return one.resource.removeprefix("the container ") if "container" in one.name else one.resource


_BARRED = frozenset({"host_namespace", "host_mount", "privileged_container", "added_capability"})
"""Kinds that give up a container's wall to its node in one line, which no merge has to carry."""


def _verdict_place(scene: Scene, wish: Wish) -> str:
    """The wording: what runs already is not merged, and who signs says so."""
    if not scene.planted:
        if wish.short and not wish.sign:
            return "verdict_clean_brief"
        return "signed_clean" if wish.sign else "verdict_clean"
    live = "_live" if wish.occasion is not None and wish.occasion.state == "live" else ""
    alone = "_one" if len(scene.planted) == 1 else ""
    grave = scene.planted[0].severity in {"critical", "high"}
    if not grave and not live and scene.planted[0].kind in _BARRED:
        return "signed_block" if wish.sign else f"verdict_barred{alone}"
    weight_of = "block" if grave else "minor"
    if wish.sign:
        return f"signed_{weight_of}"
    return f"verdict_{weight_of}{live}{alone}"


def _weights(planted: Sequence[Planted]) -> str:
    counts = Counter(one.severity for one in planted)
    if len(counts) == 1 and len(planted) > 1:
        return f"{'both' if len(planted) == 2 else 'all'} {planted[0].severity}"
    return listed([f"{in_words(counts[s])} {s}" for s in SEVERITIES if counts[s]])


def _table(scene: Scene) -> str:
    rows = [
        f"| {number} | {one.severity} | {one.resource}, line {one.line} | {capital(one.name)} |"
        for number, one in enumerate(scene.planted, 1)
    ]
    return "\n".join(["| # | Severity | Place | Finding |", "|---|---|---|---|", *rows])


def _register(voice: Voice, scene: Scene) -> list[str]:
    """The findings as a table, and the lines that fix each after it."""
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
    parts += _treatments(scene)
    first = scene.planted[0]
    parts.append(_checks(scene))
    if not scene.empty:
        parts.append(f"Roll-out of 1: {rollout(voice, scene, first)}")
    return [*parts, *together(voice, scene)]


def _treatments(scene: Scene) -> list[str]:
    """The code of all treatments at once, if it is one piece, or of each behind its number."""
    if code := joint_code(scene):
        gone = "".join(dropped(scene, one) for one in scene.planted)
        return [f"The treatments in code:{gone}", fenced(scene.language, code)]
    parts: list[str] = []
    shown: dict[str, int] = {}
    for number, one in enumerate(scene.planted, 1):
        if carried(scene, one):
            parts.append(f"Treatment of {number}: {lowered(carried(scene, one))}")
            continue
        code = fixing_code(scene, [one])
        if code in shown:
            parts.append(f"Treatment of {number}: the code under {shown[code]} has it already.")
        elif code:
            shown[code] = number
            said = f"{dropped(scene, one)} {before_code(scene, [one])}".rstrip()
            lead = f"Treatment of {number}:{said}"
            parts += [lead if lead.endswith(":") else f"{lead} Then:", fenced(scene.language, code)]
    return parts


def _checks(scene: Scene) -> str:
    """How each treatment is checked; those with the same check share a line."""
    texts: dict[str, list[str]] = {}
    for number, one in enumerate(scene.planted, 1):
        texts.setdefault(filled_for(scene, one, one.verify), []).append(str(number))
    if len(texts) == 1:
        ((text, numbers),) = texts.items()
        return f"Check of {listed(numbers)}: {text}"
    lines = [f"- {listed(numbers)}: {capital(text)}" for text, numbers in texts.items()]
    return "\n".join(["Checks:", "", *lines])


def _finding(
    voice: Voice,
    scene: Scene,
    number: int,
    one: Planted,
    wish: Wish,
    style: str,
    *,
    shown: dict[str, int] | None,
) -> list[str]:
    """One finding; without `shown` its code stands behind all of them."""
    title = filled_for(scene, one, voice.rng.choice(one.texts("title")))
    rank = f"{one.severity}, line {one.line}"
    if wish.controls:
        rank += f"; NIST SP 800-53 {one.fault.control}"
    mark = f"{number}. " if len(scene.planted) > 1 else ""
    head = f"**{mark}{title}** ({rank})" + ("\n\n" if style == "heading" else ". ")
    said = [evidence(voice, scene, one)]
    if not (wish.attack and number == 1):
        said.append(consequence(voice, scene, one))
    said.append(weight(voice, scene, one))
    if wish.excuse == number - 1:
        said.append(voice.say("reply_lead", claim=wish.claim, reply=wish.reply))
    parts = [head + " ".join(said)]
    if shown is None:
        parts.append(treated(voice, scene, one))
    else:
        parts += fixed_lines(voice, scene, one, shown, number)
    return [*parts, " ".join(_change(voice, scene, one, wish))]


def _change(voice: Voice, scene: Scene, one: Planted, wish: Wish) -> list[str]:
    """How the change goes in and how to see that it holds."""
    extra: list[str] = []
    live = wish.rollout or wish.freeze
    if carried(scene, one):
        extra.append(carried(scene, one))
    elif scene.empty:  # nothing runs that a change could disturb
        pass
    elif live:
        text = filled_for(scene, one, voice.rng.choice(one.texts("rollout")))
        extra.append(voice.say("rollout_lead", rollout=text))
        extra += [f"Way back: {lowered(way_back(voice, scene, one))}"] if wish.rollout else []
    elif replaced(scene, one) or voice.rng.random() < ROLLED_OUT:
        extra.append(voice.say("rollout_lead", rollout=rollout(voice, scene, one)))
    return [*extra, voice.say("verify_lead", verify=filled_for(scene, one, one.verify))]


def _on_looks(scene: Scene, looks: str) -> str:
    says = next(says for seen, says in scene.decoys if seen == looks)
    return f"On {looks}: leave it, {says}"


def _in_order(voice: Voice, scene: Scene, wish: Wish) -> list[str]:
    parts: list[str] = []
    weighty = [] if scene.planted else held(scene)
    if weighty:
        parts.append(argued(weighty))
    right = [text for text in scene.right if text not in {one.fine for one in weighty}]
    most = MOST_FINE if scene.planted else MOST_CLEAN
    fine = voice.rng.sample(right, min(most, len(right)))
    fine.sort(key=scene.right.index)
    if fine:
        parts.append("\n".join([voice.say("fine_head"), "", *(f"- {text}" for text in fine)]))
    odd = [pair for pair in scene.decoys if pair[0] != wish.looks]
    if odd:
        lines = [f"- {capital(looks)}: {says}" for looks, says in odd[:3]]
        parts.append("\n".join([voice.say("looks_head"), "", *lines]))
    if scene.unseen and (not scene.planted or voice.rng.random() < 0.7):
        parts.append(voice.say("unseen_head", list=listed(scene.unseen[:2])))
    return [*parts, *_unrecorded(scene)]


def _unrecorded(scene: Scene) -> list[str]:
    """That a file without a finding keeps no record of access either, if it keeps none."""
    whole = scene.pool.cloud in _CLOUDS and scene.pool.language != "json"
    if scene.planted or not whole or _RECORDED.search(scene.code):
        return []
    return [
        (
            f"**On audit.** Nothing in this file records who reads or changes "
            f"{scene.workload.data}, and an audit under {scene.workload.regime} asks for it. Show "
            f"where audit logs of the {scene.components[0].what} go and how long they stay, or add "
            f"them as a change of its own; this approval does not depend on it."
        )
    ]
