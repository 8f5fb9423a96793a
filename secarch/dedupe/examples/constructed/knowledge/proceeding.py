"""Procedures: a task with commands, who may do it, the check that it worked, and the way back."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed.knowledge.tables import (
    Procedure,
    Step,
    names,
    plain,
    procedures,
    put,
    say,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.voice import tidy

_TWISTS = (0, 1, 1, 2)
"""How many conditions a question adds, drawn evenly."""
TRAPS = 2
"""Traps of a procedure that an answer tells."""


def task(rng: random.Random) -> Task:
    """One procedure for a workload, with up to two conditions."""
    known = rng.choice(procedures())
    workload = rng.choice(surroundings().workloads)
    twists = rng.sample(known.twists, min(rng.choice(_TWISTS), len(known.twists)))
    parts = [plain(rng, workload), rng.choice(known.ask), *(twist.given for twist in twists)]
    values = names(rng, workload)
    blocks = [
        f"**Who does it.** {known.who}",
        *(f"**{_point(twist.given)}** {twist.says}" for twist in twists),
        *_steps(known),
        f"**{say(rng, 'verify_head')}** {known.verify}",
        f"**Way back.** {known.back}",
    ]
    traps = "\n".join(f"- {text}" for text in rng.sample(known.traps, TRAPS))
    blocks.append(f"**{say(rng, 'traps_head')}**\n\n{traps}")
    return Task(
        scenario=f"howto/{known.id}",
        title=f"{workload.name}: {known.id.replace('-', ' ')}",
        category=known.category,
        asked=tidy(put(" ".join(parts), values)),
        answered=put("\n\n".join(blocks), values),
    )


def _point(given: str) -> str:
    """A condition as the head of what it changes."""
    return f"You say: {given[:1].lower()}{given[1:].rstrip('.')}." if given[1:2] != "P" else given


def _steps(known: Procedure) -> list[str]:
    return [_step(number, step) for number, step in enumerate(known.steps, 1)]


def _step(number: int, step: Step) -> str:
    if not step.code:
        return f"{number}. {step.text}"
    code = "\n".join(f"   {line}".rstrip() for line in step.code.rstrip().split("\n"))
    return f"{number}. {step.text}\n\n   ```{step.lang}\n{code}\n   ```"
