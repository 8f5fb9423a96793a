"""Facts that are looked up: a table of what was asked for, and what it means for the purpose."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed.knowledge.tables import names, plain, put, say, topics
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.voice import capital, tidy

_MANY = (5, 6, 6, 7, 8)
"""How many facts one question asks for, drawn evenly."""


def task(rng: random.Random) -> Task:
    """Some facts of one topic for one purpose."""
    topic = rng.choice(topics())
    workload = rng.choice(surroundings().workloads)
    drawn = rng.sample(range(len(topic.entries)), rng.choice(_MANY))
    entries = [topic.entries[place] for place in sorted(drawn)]
    use = rng.choice(topic.uses)
    listed = "; ".join(entry[0] for entry in entries)
    asked = say(rng, "facts_ask", topic=topic.topic, list=listed, given=use.given)
    table = [
        f"| {' | '.join(topic.head)} |",
        "|---|---|---|",
        *(f"| {' | '.join(map(capital, entry))} |" for entry in entries),
    ]
    values = names(rng, workload)
    return Task(
        scenario=f"reference/{topic.id}",
        title=f"{workload.name}: {topic.id.replace('-', ' ')}",
        category=topic.category,
        asked=tidy(put(f"{plain(rng, workload)} {asked}", values)),
        answered=put("\n".join(table) + f"\n\n**{say(rng, 'use_head')}** {use.says}", values),
    )
