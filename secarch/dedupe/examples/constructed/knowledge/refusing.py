"""Dangerous requests: what would happen, what to do instead, how to check it, and its limit."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed.knowledge.tables import (
    names,
    plain,
    pressures,
    put,
    refusals,
    say,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.voice import tidy

PRESSED = 0.75
"""Share of requests that come with a pressing reason."""


def task(rng: random.Random) -> Task:
    """One request, as a rule with a reason why it should be done all the same."""
    known = rng.choice(refusals())
    workload = rng.choice(surroundings().workloads)
    fit = [one for one in pressures() if not any(word in one.given for word in known.unlike)]
    pressed = rng.choice(fit) if rng.random() < PRESSED else None
    parts = [plain(rng, workload), rng.choice(known.ask)]
    blocks = [known.reply]
    if pressed:
        parts.append(pressed.given)
        blocks.append(f"*{pressed.given}* {pressed.says}")
    blocks += [
        f"**{say(rng, 'instead_head')}** {known.instead}",
        f"```{known.lang}\n{known.code.rstrip()}\n```",
        f"**{say(rng, 'check_head')}** {known.check}",
        f"**{say(rng, 'limit_head')}** {known.limit}",
    ]
    values = names(rng, workload)
    return Task(
        scenario=f"refuse/{known.id}",
        title=f"{workload.name}: {known.id.replace('-', ' ')}",
        category=known.category,
        asked=tidy(put(" ".join(parts), values)),
        answered=put("\n\n".join(blocks), values),
    )
