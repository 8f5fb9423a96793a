"""What is asked about a scene: who asks, what for, and under which constraints."""

from __future__ import annotations

from collections.abc import Sequence

from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.fixing import Wanted
from secarch.dedupe.examples.constructed.scene import Scene
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
    "at a glance": Wanted(form="patch"),
    "smallest change": Wanted(form="part"),
    "corrected version": Wanted(form="whole"),
    "Rewrite": Wanted(form="whole"),
    "Return it": Wanted(form="whole", order=True),
    "code first": Wanted(form="whole"),
    "sentence": Wanted(brief=True),
    "one line": Wanted(brief=True),
    "board": Wanted(board=True),
    "go wrong": Wanted(board=True),
    "order": Wanted(order=True),
}
"""Words of a task -> what they ask for."""
AFTER = 0.3
"""Share of the questions whose task stands behind the code."""
LEAST_TO_CHOOSE = 3
"""Findings from which on it makes sense to ask which two come first."""


def review(voice: Voice, scene: Scene) -> tuple[str, Wish]:
    """The question for a review, and what its answer has to heed."""
    wish, asides = _wish(voice, scene)
    task = [voice.say("review_task", team=scene.workload.team), *asides]
    return _asked(voice, scene, _context(voice, scene), task), wish


def triage(voice: Voice, scene: Scene, alerts: Sequence[Alert]) -> str:
    """The question which alerts of a scanner are real."""
    listed = "\n".join(f"{number}. {one.said}" for number, one in enumerate(alerts, 1))
    task = voice.say("triage_task", team=scene.workload.team)
    return f"{_asked(voice, scene, _context(voice, scene), [task])}\n\nAlerts:\n{listed}"


def fix(voice: Voice, scene: Scene) -> tuple[str, Wanted]:
    """The question for a fix, and what it asks for beside the code."""
    if len(scene.planted) == 1:
        one = scene.planted[0]
        task = voice.say("fix_task_one", name=one.name, at=one.resource)
    else:
        task = voice.say("fix_task_many")
    asked = _asked(voice, scene, _context(voice, scene), [sentence(task)])
    return asked, wanted_by(task)


def wanted_by(task: str) -> Wanted:
    """What the words of a task ask for."""
    found = [one for word, one in _WANTED.items() if word in task]
    return Wanted(
        form=next((one.form for one in found if one.form), ""),
        brief=any(one.brief for one in found),
        board=any(one.board for one in found),
        order=any(one.order for one in found),
    )


def _asked(voice: Voice, scene: Scene, context: str, task: list[str]) -> str:
    """The question: what it is about, the code, and what is to be done, before or behind it."""
    code = f"```{scene.language}\n{scene.code.rstrip()}\n```"
    if voice.rng.random() < AFTER:
        return "\n\n".join([tidy(context), code, tidy(" ".join(task))])
    return tidy(" ".join([context, *task])) + "\n\n" + code


def _context(voice: Voice, scene: Scene) -> str:
    work = scene.workload
    called = voice.rng.choice(scene.components[0].called or scene.pool.called)
    if scene.language == "json" and scene.pool.also_json:
        called = "CloudFormation template in JSON"
    return voice.say(
        "context",
        team=work.team,
        unit=work.unit,
        workload=work.name,
        data=work.data,
        regime=work.regime,
        env=scene.values["env"],
        called=called,
        what=scene.components[0].what,
    )


def _wish(voice: Voice, scene: Scene) -> tuple[Wish, list[str]]:
    choices = ["plain", "plain", "short", "verify", "rollout"]
    if scene.planted:
        choices += ["freeze", "attack", "excuse", "excuse", "controls", "register"]
    if len(scene.planted) >= LEAST_TO_CHOOSE:
        choices.append("two_only")
    if scene.decoys:
        choices += ["looks", "looks"]
    if not scene.planted:
        choices = ["plain", "short", *(["looks", "looks"] if scene.decoys else [])]
    drawn = voice.rng.choice(choices)
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
