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
from secarch.dedupe.examples.constructed.voice import capital, lowered, tidy

_MANY = (1, 2, 2)
"""How many beliefs one question takes up, drawn evenly."""


def task(rng: random.Random) -> Task:
    """One or two sentences of a team, explained to it."""
    workload = rng.choice(surroundings().workloads)
    first = rng.choice(beliefs())
    like = [one for one in beliefs() if one.category == first.category and one is not first]
    drawn = [first, *rng.sample(like, min(rng.choice(_MANY) - 1, len(like)))]
    values = names(rng, workload)
    if len(drawn) == 1:
        asked = say(rng, "belief_ask", claim=drawn[0].claim)
        answered = "\n\n".join(rng.choice([_blocks, _letter])(drawn[0]))
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
        f"**What is right in it.** {one.grain}",
        f"**What happens because of it.** {one.happens}",
        f"**What to do.** {one.do}",
        f"**How they can see it for themselves.** {one.see}",
    ]


def _letter(one: Belief) -> list[str]:
    """The same as it would be told in person, with the test before the remedy."""
    return [
        f"The sentence does not hold, though there is something in it. {one.grain}",
        f"The reason is this. {one.why} {one.happens}",
        f"Let them try it before you argue: {lowered(one.see)}",
        f"**Then change it.** {one.do}",
    ]


def _part(number: int, one: Belief) -> str:
    return (
        f"**{number}. It does not hold.** {one.why}\n\n"
        f"- What is right in it: {one.grain}\n"
        f"- What happens because of it: {one.happens}\n"
        f"- What to do: {one.do}\n"
        f"- How they can see it: {one.see}"
    )
