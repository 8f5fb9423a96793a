"""What an answer knows of a workload is said in its question: data, law and team."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import Workload, surroundings
from secarch.dedupe.examples.constructed.voice import capital

_OPENINGS = (
    "The data in {workload} are {data}{law}.",
    "For context: {workload} handles {data}{law}.",
    "What {workload} holds are {data}{law}.",
)
_LAWS = (
    "The service {workload} falls under {regime}.",
    "For context: {workload} is subject to {regime}.",
)
_TEAMS = (
    "{Team} looks after {workload}.",
    "The service {workload} is the work of {team}.",
)
_ROLE = re.compile(r"(?:You are|I look after) [^.]+\. ")
"""An opening sentence on who speaks, behind which the context stands."""


def stated(rng: random.Random, task: Task) -> Task:
    """The task with what its answer takes for known, if its question does not say it."""
    workload = next((one for one in surroundings().workloads if one.name in task.asked), None)
    said = _untold(rng, workload, task) if workload else ""
    if not said:
        return task
    role = _ROLE.match(task.asked)
    end = role.end() if role else 0
    return replace(task, asked=f"{task.asked[:end]}{said} {task.asked[end:]}")


def _untold(rng: random.Random, workload: Workload, task: Task) -> str:
    """Sentences on what the answer names and the question does not; '' if there is nothing."""
    asked, answered = task.asked.lower(), task.answered.lower()

    def missing(words: str) -> bool:
        return words.lower() in answered and words.lower() not in asked

    law = missing(workload.regime)
    texts = []
    if missing(workload.data):
        texts.append(rng.choice(_OPENINGS).replace("{law}", ", under {regime}" * law))
    elif law:
        texts.append(rng.choice(_LAWS))
    if missing(workload.team):
        texts.append(rng.choice(_TEAMS))
    return _filled(" ".join(texts), workload)


def _filled(text: str, workload: Workload) -> str:
    places = {
        "workload": workload.name,
        "data": workload.data,
        "regime": workload.regime,
        "team": workload.team,
    }
    for name, value in places.items():
        text = text.replace("{" + name + "}", value)
        text = text.replace("{" + name.capitalize() + "}", capital(value))
    return text
