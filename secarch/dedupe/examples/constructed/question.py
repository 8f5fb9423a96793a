"""What is asked about a scene: who asks, what for, and under which constraints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from secarch.dedupe.examples.constructed import occasion
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.fixing import MOST_WHOLE, Wanted
from secarch.dedupe.examples.constructed.scene import Scene
from secarch.dedupe.examples.constructed.template import Occasion
from secarch.dedupe.examples.constructed.triage import Alert
from secarch.dedupe.examples.constructed.voice import Voice, capital, sentence, tidy

_PLAIN = {
    "short": Wish(short=True),
    "freeze": Wish(freeze=True),
    "two_only": Wish(two_only=True),
    "attack": Wish(attack=True),
    "rollout": Wish(rollout=True),
    "verify": Wish(verify=True),
    "controls": Wish(controls=True),
    "register": Wish(register=True),
}
_WANTED = {
    "patch": Wanted(form="patch"),
    "diff": Wanted(form="patch"),
    "at a glance": Wanted(form="patch", glance=True),
    "one paragraph": Wanted(paragraph=True),
    "smallest change": Wanted(form="part"),
    "corrected version": Wanted(form="whole", why=True),
    "Rewrite": Wanted(form="whole", why=True),
    "Return it": Wanted(form="whole", order=True),
    "code first": Wanted(form="whole", why=True),
    "sentence": Wanted(brief=True),
    "one line": Wanted(line=True),
    "board": Wanted(board=True),
    "go wrong": Wanted(board=True, lead="wrong_lead"),
    "order": Wanted(order=True),
    "could hit": Wanted(lead="hit_lead"),
    "tell the team": Wanted(lead="tell_lead"),
    "roll it out": Wanted(lead="roll_lead"),
}
"""Words of a task -> what they ask for."""
_WHOLE = ("corrected version", "Rewrite", "Return it")
"""Words of a task that only the whole file answers."""
_LIVE = ("freeze", "rollout")
"""Wishes that take what is asked about for live."""
AFTER = 0.3
"""Share of the questions whose task is behind the code."""
LEAST_TO_CHOOSE = 3
"""Findings from which on it makes sense to ask which two come first."""


def review(voice: Voice, scene: Scene) -> tuple[str, Wish]:
    """The question for a review, and what its answer has to consider."""
    why = occasion.drawn(voice)
    wish, asides = _wish(voice, scene, why)
    task = [voice.say("review_task", team=scene.workload.team), *asides]
    asked = _asked(voice, scene, occasion.opening(voice, scene, why), task)
    return asked, replace(wish, occasion=why, sign="your name under it" in task[0])


def triage(voice: Voice, scene: Scene, alerts: Sequence[Alert]) -> tuple[str, Occasion]:
    """The question which alerts of a scanner are real, and why it is asked."""
    why = occasion.drawn(voice)
    listed = "\n".join(f"{number}. {one.said}" for number, one in enumerate(alerts, 1))
    task = voice.say("triage_task", team=scene.workload.team)
    asked = _asked(voice, scene, occasion.opening(voice, scene, why), [task])
    return f"{asked}\n\nAlerts:\n{listed}", why


def fix(voice: Voice, scene: Scene) -> tuple[str, Wanted]:
    """The question for a fix, and what it asks for beside the code."""
    if len(scene.planted) == 1:
        one = scene.planted[0]
        task = voice.say("fix_task_one", name=one.name, at=one.resource)
    else:
        task = _fitting(voice, scene)
    why = occasion.drawn(voice)
    asked = _asked(voice, scene, occasion.opening(voice, scene, why), [sentence(task)])
    return asked, replace(wanted_by(task), occasion=why)


def _fitting(voice: Voice, scene: Scene) -> str:
    """A task whose form the answer can keep: nobody asks for a long file to be repeated."""
    long = len(scene.proposed.splitlines()) > MOST_WHOLE
    task = voice.say("fix_task_many")
    while long and any(word in task for word in _WHOLE):
        task = voice.say("fix_task_many")
    return task


def wanted_by(task: str) -> Wanted:
    """What the words of a task ask for."""
    found = [one for word, one in _WANTED.items() if word in task]
    return Wanted(
        form=next((one.form for one in found if one.form), ""),
        brief=any(one.brief for one in found),
        line=any(one.line for one in found),
        glance=any(one.glance for one in found),
        paragraph=any(one.paragraph for one in found),
        board=any(one.board for one in found),
        why=any(one.why for one in found),
        order=any(one.order for one in found),
        lead=next((one.lead for one in found if one.lead), ""),
    )


def _asked(voice: Voice, scene: Scene, context: str, task: list[str]) -> str:
    """The question: what it is about, the code, and what is to be done, before or behind it."""
    code = f"```{scene.language}\n{scene.code.rstrip()}\n```"
    if voice.rng.random() < AFTER:
        return "\n\n".join([tidy(context), code, tidy(" ".join(task))])
    return tidy(" ".join([context, *task])) + "\n\n" + code


def _wish(voice: Voice, scene: Scene, why: Occasion) -> tuple[Wish, list[str]]:
    choices = ["plain", "plain", "short", "verify", "rollout"]
    if scene.planted:
        choices += ["freeze", "attack", "excuse", "excuse", "controls", "register"]
    if len(scene.planted) >= LEAST_TO_CHOOSE:
        choices.append("two_only")
    if scene.decoys:
        choices += ["looks", "looks"]
    if not scene.planted:
        choices = ["plain", "short", *(["looks", "looks"] if scene.decoys else [])]
    barred = {*why.bars, *(_LIVE if why.state == "new" else ())}
    drawn = voice.rng.choice([one for one in choices if one not in barred])
    if drawn == "plain":
        return Wish(), []
    if drawn == "excuse":
        return _excuse(voice, scene)
    if drawn == "looks":
        looks, _ = voice.rng.choice(scene.decoys)
        return Wish(looks=looks), [capital(voice.say("looks", looks=looks))]
    return _PLAIN[drawn], [voice.say(drawn)]


def _excuse(voice: Voice, scene: Scene) -> tuple[Wish, list[str]]:
    index = voice.rng.randrange(len(scene.planted))
    one = scene.planted[index]
    claim, reply = (
        scene.fill(text, resource=one.resource) for text in voice.rng.choice(one.excuse)
    )
    aside = voice.say("excuse", name=one.name, claim=claim)
    return Wish(excuse=index, claim=claim, reply=capital(reply)), [aside]
