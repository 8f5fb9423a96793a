"""Beliefs of teams: why a sentence does not hold, what happens, what to do, how to see it."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed.knowledge.tables import (
    Belief,
    beliefs,
    names,
    put,
    say,
    scene,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.voice import capital, tidy

_MANY = (1, 2, 2)
"""How many beliefs one question takes up, drawn evenly."""


def task(rng: random.Random) -> Task:
    """One or two sentences of a team, explained to it."""
    workload = rng.choice(surroundings().workloads)
    drawn = rng.sample(beliefs(), rng.choice(_MANY))
    values = names(rng, workload)
    if len(drawn) == 1:
        asked = say(rng, "belief_ask", claim=drawn[0].claim)
        answered = "\n\n".join(_blocks(drawn[0]))
    else:
        listed = "\n".join(f'{n}. "{capital(one.claim)}."' for n, one in enumerate(drawn, 1))
        asked = f"{say(rng, 'beliefs_ask')}\n\n{listed}"
        answered = "\n\n".join(_part(number, one) for number, one in enumerate(drawn, 1))
    return Task(
        scenario="explain/beliefs",
        title=f"{workload.name}: {drawn[0].id.replace('-', ' ')}",
        category=drawn[0].category,
        asked=tidy(put(f"{scene(rng, workload)} {asked}", values)),
        answered=put(answered, values),
    )


def _blocks(one: Belief) -> list[str]:
    return [
        f"No, that does not hold. {one.why}",
        f"**What happens because of it.** {one.happens}",
        f"**What to do.** {one.do}",
        f"**How they can see it for themselves.** {one.see}",
    ]


def _part(number: int, one: Belief) -> str:
    return (
        f"**{number}. It does not hold.** {one.why}\n\n"
        f"- What happens because of it: {one.happens}\n"
        f"- What to do: {one.do}\n"
        f"- How they can see it: {one.see}"
    )
