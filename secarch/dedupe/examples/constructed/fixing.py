"""Write the fix of a scene: the fixed code, whole, in part or as a patch, and the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from secarch.dedupe.examples.constructed import compact, remarks, residual, schedule
from secarch.dedupe.examples.constructed.chain import together
from secarch.dedupe.examples.constructed.finding import (
    Citation,
    after_run,
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
    shortened,
    unlived,
    weight,
)
from secarch.dedupe.examples.constructed.occasion import after_fix
from secarch.dedupe.examples.constructed.patch import patch
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.replacing import (
    as_it_runs,
    before_code,
    before_start,
    fixing_code,
)
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import Occasion
from secarch.dedupe.examples.constructed.voice import Voice, capital, counted, lowered

MOST_WHOLE = 60
"""Lines of code that are still shown whole; of longer code only the changed parts."""
MOST_BACK = 3
"""Changes whose way back is told if a change board does not ask for all."""
EMPTIED = (
    "Nothing holds data yet: destroy what the first apply has made, correct the file and apply "
    "it again."
)
"""The way back of whatever was not deployed before."""
_REDACTED = (
    "The value is not repeated here, so read this as a list of changes and make that one by hand: "
    "`git apply` would not find the line. Rotate the value as well."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the question asks for beside the corrected code."""

    form: str = ""
    """`whole`, `patch` or `part`; '' leaves the choice to the seed."""
    brief: bool = False
    """Whether a sentence or two on each change are asked for."""
    line: bool = False
    """Whether one line of reason for each change is asked for."""
    glance: bool = False
    """Whether the changes are wanted at a glance."""
    paragraph: bool = False
    """Whether one paragraph is asked for."""
    board: bool = False
    """Whether it goes before a change board: what the change may break, and the way back."""
    order: bool = False
    """Whether the order of the roll-out is asked for."""
    why: bool = False
    """Whether reasons are asked for and no roll-out."""
    lead: str = ""
    """Wording under which the way in is told; '' leaves it to the general one."""
    occasion: Occasion | None = None
    """Why it is asked."""

    @property
    def reasons(self) -> bool:
        """Whether the way in and the way back are left out, since nobody asked for them."""
        return self.brief or (self.why and not (self.order or self.board))

    @property
    def compact(self) -> bool:
        """Whether the form leaves no room for more than the changes and their reasons."""
        return self.line or self.glance or self.paragraph


def fix(
    voice: Voice, scene: Scene, cited: Mapping[str, Citation], wanted: Wanted | None = None
) -> str:
    """The fixed code with the reason for each change."""
    wanted = wanted or Wanted()
    if wanted.occasion is not None and wanted.occasion.state == "new":
        scene = before_start(scene)
    else:
        scene = as_it_runs(scene)
    one = scene.planted[0] if len(scene.planted) == 1 else None
    parts = _code(voice, scene, shown_as(voice, scene, wanted.form))
    if wanted.compact:
        parts += [*_compact(voice, scene, wanted), *after_run(scene)]
        parts += [
            shortened(text, 1)
            for text in [
                *remarks.remarked(voice, scene),
                *after_fix(voice, scene, wanted.occasion),
            ]
        ]
        return joined([*parts, placeholders(scene)])
    parts += _one(voice, scene, one, wanted) if one else _many(voice, scene, wanted)
    parts += after_run(scene)
    if not wanted.brief:
        parts += residual.left(voice, scene)
        parts += [*_cited(voice, scene, cited), *_kept(voice, scene)]
        parts += residual.smaller(voice, scene, 2)
    else:
        parts += remarks.remarked(voice, scene)
    parts += after_fix(voice, scene, wanted.occasion, told="\n".join(parts))
    return joined([*parts, placeholders(scene)])


def _compact(voice: Voice, scene: Scene, wanted: Wanted) -> list[str]:
    if wanted.line:
        return compact.lines(voice, scene)
    if wanted.glance or len(scene.planted) > 1:
        return compact.table(scene)
    (one,) = scene.planted
    return compact.paragraph(voice, scene, one, way_back(voice, scene, one))


def shown_as(voice: Voice, scene: Scene, form: str) -> str:
    """The form of the code: long code is not repeated, and a line that only goes needs a patch."""
    single = len(scene.planted) == 1
    drawn = voice.rng.choice(["part", "part", "patch"] if single else ["part", "patch"])
    # A patch that hides a credential cannot be applied, so nobody gets one unasked.
    form = form or ("part" if scene.values["secret"] in scene.code else drawn)
    if form == "whole" and len(scene.proposed.splitlines()) > MOST_WHOLE:
        form = "part"
    gone = any(not one.right for one in scene.planted)
    many_in_json = scene.language == "json" and not single
    return "patch" if form == "part" and not single and (gone or many_in_json) else form


def _code(voice: Voice, scene: Scene, form: str) -> list[str]:
    if form == "patch":
        opened = "As a patch:" if _moved(scene) else voice.say("diff_open")
        parts = [_moved(scene), opened, fenced("diff", _patch(scene))]
        return [*parts, _REDACTED] if scene.values["secret"] in scene.code else parts
    if form == "part":
        return _part(voice, scene)
    count = counted(len(scene.planted), "finding")
    opened = voice.say("fix_open_many", count=count)
    return [_moved(scene), opened, fenced(scene.language, scene.proposed.rstrip())]


def _moved(scene: Scene) -> str:
    return before_code(scene, scene.planted)


def _part(voice: Voice, scene: Scene) -> list[str]:
    shown = fixing_code(scene, scene.planted)
    gone = [text for one in scene.planted if (text := dropped(scene, one).strip())]
    if not shown:
        (one,) = scene.planted
        return [f"Remove line {one.line} (`{redacted(scene, one.evidence[0])}`)."]
    single = len(scene.planted) == 1
    open_with = voice.say("fix_open_one" if single else "fix_open_parts")
    open_with = "The lines:" if _moved(scene) else open_with
    return [_moved(scene), open_with, fenced(scene.language, shown), " ".join(gone)]


def _cited(voice: Voice, scene: Scene, cited: Mapping[str, Citation]) -> list[str]:
    known = [cited[one.kind] for one in scene.planted if one.kind in cited]
    return [
        voice.say("cite", quote=citation.quote, title=citation.title, url=citation.url)
        for citation in known[:1]
    ]


def _patch(scene: Scene) -> str:
    before = [_redacted_line(scene, line) for line in scene.code.splitlines()]
    return patch(before, scene.proposed.splitlines())


def _redacted_line(scene: Scene, line: str) -> str:
    return line.replace(scene.values["secret"], "<redacted>")


def _one(voice: Voice, scene: Scene, one: Planted, wanted: Wanted) -> list[str]:
    """The reason, the way in, the check and the way back for a single change."""
    why = f"{evidence(voice, scene, one)} {consequence(voice, scene, one)}"
    fixed = filled_for(scene, one, voice.rng.choice(one.texts("fix")))
    way_in = "" if scene.empty else rollout(voice, scene, one)
    check = voice.say("verify_lead", verify=filled_for(scene, one, one.verify))
    if wanted.board:
        head = f"**For the change board.** {capital(one.name)}, {one.severity}."
        told = [head, why, weight(voice, scene, one), fixed, *([way_in] * bool(way_in)), check]
        return [" ".join([*told, f"*Way back.* {way_back(voice, scene, one)}"])]
    return [
        f"{why} {weight(voice, scene, one)}",
        fixed,
        *([voice.say(wanted.lead or "rollout_lead", rollout=way_in)] if way_in else []),
        check,
        f"{voice.say('back_head')}{way_back(voice, scene, one)}",
    ]


def _many(voice: Voice, scene: Scene, wanted: Wanted) -> list[str]:
    lines = [
        f"{number}. " + _reason(voice, scene, one, brief=wanted.brief)
        for number, one in enumerate(scene.planted, 1)
    ]
    parts = ["\n".join([voice.say("changes_head"), "", *lines]), *together(voice, scene)]
    if wanted.reasons:
        return [*parts, schedule.rolled_out(voice, scene, checks_only=True)]
    parts += [schedule.reason_for_first(scene), schedule.rolled_out(voice, scene)]
    return [*parts, *_ways_back(voice, scene, all_of_them=wanted.board)]


def _reason(voice: Voice, scene: Scene, one: Planted, *, brief: bool) -> str:
    lead = f"**{capital(one.name)}**, {one.resource} ({one.severity})."
    why = consequence(voice, scene, one)
    fixed = filled_for(scene, one, voice.rng.choice(one.texts("fix")))
    if brief:
        own = one.slot.fix or one.needs_before  # what the change asks of its surroundings
        return f"{lead} {shortened(why, 1)} {fixed if own else shortened(fixed, 1)}"
    moved = f" {weight(voice, scene, one)}" if one.because else ""
    return f"{lead} {evidence(voice, scene, one)} {why}{moved} {fixed}"


def way_back(voice: Voice, scene: Scene, one: Planted) -> str:
    """What to do if a change breaks something."""
    if created(scene, one):
        return voice.say("back_created")
    text = one.text("back")
    if scene.empty and (one.slot.then or not one.fault.in_place or unlived(text) != text):
        return EMPTIED
    return filled_for(scene, one, text)


def _ways_back(voice: Voice, scene: Scene, *, all_of_them: bool) -> list[str]:
    """The way back of each change in the order of the work, or of the first two if it is short."""
    order = schedule.steps(scene)
    told = order if all_of_them else order[:MOST_BACK]
    texts: dict[str, list[Planted]] = {}
    emptied = voice.say("back_created") if any(created(scene, one) for one in told) else ""
    for one in told:
        text = emptied if created(scene, one) else way_back(voice, scene, one)
        texts.setdefault(text, []).append(one)
    if len(texts) == 1:
        ((text, ones),) = texts.items()
        return [f"{voice.say('back_head')}{schedule.changes(scene, ones)}: {lowered(text)}"]
    lines = [f"- {schedule.changes(scene, ones)}: {text}" for text, ones in texts.items()]
    return ["\n".join([voice.say("back_head").strip(), "", *lines])]


def _kept(voice: Voice, scene: Scene) -> list[str]:
    if scene.decoys and voice.rng.random() < 0.6:
        looks, says = voice.rng.choice(scene.decoys)
        return [f"I left {looks} alone: {says}"]
    fine = voice.rng.sample(scene.right, min(2, len(scene.right)))
    return (
        [voice.say("kept_head", list=" ".join(fine))] if fine and voice.rng.random() < 0.6 else []
    )
