"""What is asked about a scene: who asks, what for, and under which constraints."""

from __future__ import annotations

from collections.abc import Sequence

from secarch.dedupe.examples.constructed.answer import Wish
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
_FORMS = {
    "patch": "patch",
    "at a glance": "patch",
    "smallest change": "part",
    "corrected version": "whole",
    "Rewrite": "whole",
    "Return it": "whole",
    "code first": "whole",
}
"""Words of a task -> the form of code that answers it."""
LEAST_TO_CHOOSE = 3
"""Findings from which on it makes sense to ask which two come first."""


def review(voice: Voice, scene: Scene) -> tuple[str, Wish]:
    """The question for a review, and what its answer has to heed."""
    wish, asides = _wish(voice, scene)
    parts = [_context(voice, scene), voice.say("review_task", team=scene.workload.team), *asides]
    return _asked(scene, parts), wish


def triage(voice: Voice, scene: Scene, alerts: Sequence[Alert]) -> str:
    """The question which alerts of a scanner are real."""
    listed = "\n".join(f"{number}. {one.said}" for number, one in enumerate(alerts, 1))
    task = voice.say("triage_task", team=scene.workload.team)
    return f"{_asked(scene, [_context(voice, scene), task])}\n\nAlerts:\n{listed}"


def fix(voice: Voice, scene: Scene) -> tuple[str, str]:
    """The question for a fix, and the form of code that it asks for; '' for any."""
    if len(scene.planted) == 1:
        one = scene.planted[0]
        task = voice.say("fix_task_one", name=one.name, at=one.resource)
    else:
        task = voice.say("fix_task_many")
    asked = _asked(scene, [_context(voice, scene), sentence(task)])
    return asked, next((form for word, form in _FORMS.items() if word in task), "")


def _asked(scene: Scene, parts: list[str]) -> str:
    code = f"```{scene.language}\n{scene.code.rstrip()}\n```"
    return tidy(" ".join(parts)) + "\n\n" + code


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
