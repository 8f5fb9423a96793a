"""Mechanisms asked about in a situation: why it is so, and what follows for the design."""

from __future__ import annotations

import random
from collections.abc import Sequence

from secarch.dedupe.examples.constructed.knowledge.tables import (
    Concept,
    concepts,
    names,
    plain,
    put,
    say,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.voice import capital, tidy

NAME = "question/"
"""How the names of its scenarios begin; the field follows."""
_MANY = (1, 2, 2)
"""How many mechanisms one question asks about, drawn evenly."""


def task(rng: random.Random) -> Task:
    """One or two mechanisms of one field, each in its situation."""
    workload = rng.choice(surroundings().workloads)
    first = rng.choice(concepts())
    like = [one for one in concepts() if one.group == first.group and one is not first]
    drawn = [first, *rng.sample(like, rng.choice(_MANY) - 1)]
    before = plain(rng, workload)
    if len(drawn) == 1:
        asked = f"{before} {_asked(drawn[0])}"
        answered = _answered(rng, drawn[0])
    else:
        asked, answered = _several(rng, drawn, before)
    values = names(rng, workload)
    return Task(
        scenario=f"{NAME}{first.group}",
        title=f"{workload.name}: {drawn[0].id.replace('-', ' ')}",
        category=drawn[0].category,
        asked=tidy(put(asked, values)),
        answered=tidy(put(answered, values)),
    )


def _asked(concept: Concept) -> str:
    return f"{capital(concept.given)}. {capital(concept.ask)}?"


def _answered(rng: random.Random, concept: Concept) -> str:
    told = f"{concept.why}\n\n**{say(rng, 'design_head')}** {concept.so}"
    return f"{told}\n\n**{say(rng, 'verify_head')}** {concept.check}"


def _several(rng: random.Random, drawn: Sequence[Concept], before: str) -> tuple[str, str]:
    asked = "\n".join(f"{number}. {_asked(one)}" for number, one in enumerate(drawn, 1))
    head, check = say(rng, "design_head"), say(rng, "verify_head")
    blocks = [
        f"**{number}.** {one.why}\n\n*{head}* {one.so}\n\n*{check}* {one.check}"
        for number, one in enumerate(drawn, 1)
    ]
    return f"{before} {say(rng, 'mechanisms_ask')}\n\n{asked}", "\n\n".join(blocks)
