"""Procedures: a task with commands, who may do it, the check that it worked, and the way back."""

from __future__ import annotations

import random
from collections.abc import Sequence

from secarch.dedupe.examples.constructed.knowledge.procedures import (
    Case,
    Procedure,
    Step,
    procedures,
)
from secarch.dedupe.examples.constructed.knowledge.tables import names, plain, put, say
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.voice import listed, tidy

_TWISTS = (0, 1, 1, 2)
"""How many conditions a question adds, drawn evenly."""
TRAPS = 2
"""Traps of a procedure that an answer tells."""


def task(rng: random.Random) -> Task:
    """One procedure for a workload, with up to two conditions."""
    known = rng.choice(procedures())
    workload = rng.choice(surroundings().workloads)
    twists = _drawn(rng, known)
    parts = [plain(rng, workload), rng.choice(known.ask), *(twist.given for twist in twists)]
    values = names(rng, workload)
    verify = next((twist.verify for twist in twists if twist.verify), known.verify)
    back = next((twist.back for twist in twists if twist.back), known.back)
    blocks = [
        f"**Who does it.** {known.who}",
        f"**{say(rng, 'why_so_head')}** {known.why}",
        *(_told(twist) for twist in twists),
        *_steps(known, twists),
        f"**{say(rng, 'verify_head')}** {verify}",
        f"**Way back.** {back}",
    ]
    traps = "\n".join(f"- {text}" for text in rng.sample(known.traps, TRAPS))
    blocks.append(f"**{say(rng, 'traps_head')}**\n\n{traps}")
    blocks.append(f"**{say(rng, 'left_head')}** {known.left}")
    return Task(
        scenario=f"howto/{known.id}",
        title=f"{workload.name}: {known.id.replace('-', ' ')}",
        category=known.category,
        asked=tidy(put(" ".join(parts), values)),
        answered=put("\n\n".join(blocks), values),
    )


def _drawn(rng: random.Random, known: Procedure) -> list[Case]:
    """Conditions of which no two change the same step."""
    drawn: list[Case] = []
    for one in rng.sample(known.twists, min(rng.choice(_TWISTS), len(known.twists))):
        if not any(one.clashes(other) for other in drawn):
            drawn.append(one)
    return drawn


def _told(twist: Case) -> str:
    """What a condition changes, and in which steps that is done."""
    noun = "Step" if len(twist.steps) == 1 else "Steps"
    steps = listed([str(number) for number in sorted(twist.steps)])
    verb = "is" if len(twist.steps) == 1 else "are"
    return f"**{_point(twist.given)}** {twist.says} {noun} {steps} below {verb} written for that."


def _point(given: str) -> str:
    """A condition as the head of what it changes."""
    return f"You say: {given[:1].lower()}{given[1:].rstrip('.')}." if given[1:2] != "P" else given


def _steps(known: Procedure, twists: Sequence[Case]) -> list[str]:
    """The steps, each as it is done under the conditions."""
    changed = {number: step for twist in twists for number, step in twist.steps.items()}
    return [_step(n, changed.get(n, step)) for n, step in enumerate(known.steps, 1)]


def _step(number: int, step: Step) -> str:
    if not step.code:
        return f"{number}. {step.text}"
    code = "\n".join(f"   {line}".rstrip() for line in step.code.rstrip().split("\n"))
    return f"{number}. {step.text}\n\n   ```{step.lang}\n{code}\n   ```"
