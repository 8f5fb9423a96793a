"""Facts that are looked up: a table of what was asked for, and what it means for the purpose."""

from __future__ import annotations

import random
import re

from secarch.dedupe.examples.constructed.knowledge.tables import (
    Topic,
    Use,
    names,
    plain,
    put,
    say,
    topics,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.voice import capital, listed, tidy

_MANY = (5, 6, 6, 7, 8)
"""How many facts one question asks for, drawn evenly."""
MOST = 6
"""Facts that a conclusion names at most."""
CHECKED = 4
"""Facts that are told with a way to see them, at most."""


def task(rng: random.Random) -> Task:
    """Some facts of one topic for one purpose."""
    topic = rng.choice(topics())
    workload = rng.choice(surroundings().workloads)
    use = rng.choice(topic.uses)
    entries = _drawn(rng, topic, use)
    weighty = [name for name in use.first if name in {entry[0] for entry in entries}][:MOST]
    picked = use.pick.replace("{picked}", listed([marked(name) for name in weighty]))
    others = [entry[0] for entry in entries if entry[0] not in weighty]
    left = use.rest.replace("{others}", listed([marked(name) for name in others]))
    points = "; ".join(entry[0] for entry in entries)
    asked = say(rng, "facts_ask", topic=topic.topic, list=points, given=use.given)
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
        answered=put(
            "\n\n".join(
                [
                    "\n".join(table),
                    _seen(rng, topic, weighty),
                    f"**{say(rng, 'table_limit_head')}** {topic.limit}",
                    f"**{say(rng, 'use_head')}** {use.says} {picked}",
                    *([left] if others else []),
                ]
            ),
            values,
        ),
    )


def _seen(rng: random.Random, topic: Topic, weighty: list[str]) -> str:
    """How those facts on which the purpose turns are seen in one's own estate."""
    lines = [f"- {capital(marked(name))}: {topic.see[name]}" for name in weighty[:CHECKED]]
    return "\n".join([f"**{say(rng, 'see_head')}**", "", *lines])


def marked(name: str) -> str:
    """A name of the table in a sentence: code as it is, words in bold."""
    return name if "`" in name else f"**{name}**"


def _drawn(rng: random.Random, topic: Topic, use: Use) -> list[tuple[str, str, str]]:
    """Facts in the order of the topic: two of which the purpose turns on, if it has two, and those
    that its conclusion names, or it would speak of what nobody asked for.
    """
    needed = {*rng.sample(use.first, min(2, len(use.first))), *concluded(topic, use)}
    others = [entry[0] for entry in topic.entries if entry[0] not in needed]
    told = {*needed, *rng.sample(others, max(0, rng.choice(_MANY) - len(needed)))}
    return [entry for entry in topic.entries if entry[0] in told]


def concluded(topic: Topic, use: Use) -> list[str]:
    """The entries that the conclusion of a purpose names."""
    return [name for name, *_ in topic.entries if _named(name).search(use.says)]


def _named(name: str) -> re.Pattern[str]:
    """A name without its code marks and what stands in brackets, wherever a text has it."""
    plain_name = re.sub(r"`| \(.*?\)", "", name)
    return re.compile(rf"(?<![\w:]){re.escape(plain_name)}(?!\w)", re.IGNORECASE)
