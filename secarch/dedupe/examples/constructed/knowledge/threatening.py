"""Threat models: the facts of a system, and the threat, control and residual risk of each."""

from __future__ import annotations

import random
from collections.abc import Sequence

from secarch.dedupe.examples.constructed.knowledge.fitting import fitting
from secarch.dedupe.examples.constructed.knowledge.tables import (
    System,
    Threat,
    plain,
    say,
    systems,
)
from secarch.dedupe.examples.constructed.knowledge.urgency import urgency
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.voice import (
    capital,
    counted,
    in_words,
    lowered,
    tidy,
)

_FACTS = (2, 3, 3, 3, 3, 4, 4, 5)
"""How many facts a question shows, drawn evenly."""


TRIES = 4
"""Draws of facts until two of them make something together; the last one counts anyway."""
MANY = 4
"""Threats of a model from which on two pairs are told."""


def task(rng: random.Random) -> Task:
    """A system with two to five facts, and the threats that follow from these alone."""
    system = rng.choice(systems())
    facts = _drawn(rng, system)
    told = " ".join(f"{capital(one.fact)}." for one in facts)
    workload = fitting(rng, f"{system.base} {told}")
    asked = f"{plain(rng, workload)} {system.base}. {told} {say(rng, 'threat_ask')}"
    return Task(
        scenario=f"threat/{system.group}",
        title=f"{workload.name}: threat model",
        category=system.category,
        asked=tidy(asked),
        answered=tidy(_answered(rng, system.group, ranked(system.group, facts))),
    )


def _drawn(rng: random.Random, system: System) -> list[Threat]:
    """Facts, most times with two that are worse together, as those of a real system are."""
    count = rng.choice(_FACTS)
    for _ in range(TRIES):
        facts = rng.sample(system.facts, count)
        if _together(system.group, facts):
            break
    return facts


def ranked(group: str, facts: Sequence[Threat]) -> list[Threat]:
    """The threats of a system in the order in which they are met."""
    order = [one.threat for one in urgency()[group].order]
    return sorted(facts, key=lambda one: order.index(one.threat))


def _answered(rng: random.Random, group: str, facts: Sequence[Threat]) -> str:
    names = "; ".join(f"{lowered(one.threat)} ({one.level})" for one in facts)
    count, small = counted(len(facts), "threat"), in_words(len(facts))
    head = say(rng, "threat_open", count=count, names=names).replace("{count_small}", small)
    form = rng.choice([_labelled, _labelled, _prose, _table])
    return "\n\n".join([head, *form(facts), *_close(rng, group, facts)])


def _named(one: Threat) -> str:
    """The technique with the catalogue that it is from; some risks are no technique."""
    if not one.technique:
        return "a matter of contract, no technique"
    return f"{'ATLAS' if one.technique.startswith('AML.') else 'ATT&CK'} {one.technique}"


def _close(rng: random.Random, group: str, facts: Sequence[Threat]) -> list[str]:
    """Why the threats stand in this order, and what two of them make together."""
    reasons = {one.threat: one.because for one in urgency()[group].order}
    parts = []
    for number, one in enumerate(facts, 1):
        equal = number > 1 and one.level == facts[number - 2].level
        rank = f"{number} is {'also ' if equal else ''}{one.level}"
        place = "comes first" if number == 1 else "stands after it" if equal else "comes later"
        parts.append(f"{rank} and {place}: {reasons[one.threat]}.")
    return [say(rng, "threat_close", reason=" ".join(parts)), *_together(group, facts)]


def _together(group: str, facts: Sequence[Threat]) -> list[str]:
    """What two of the threats make that neither makes alone; of several the worst ones."""
    shown = {one.threat: number for number, one in enumerate(facts, 1)}
    pairs = sorted(
        (sorted((shown[first], shown[second])), text)
        for first, second, text in urgency()[group].together
        if first in shown and second in shown
    )
    most = 2 if len(facts) >= MANY else 1
    return [f"**{low} and {high} together.** {text}" for (low, high), text in pairs[:most]]


def _labelled(facts: Sequence[Threat]) -> list[str]:
    return [
        "\n".join(
            [
                f"**{number}. {one.threat}** ({one.level}, {_named(one)})",
                "",
                f"- Path: {one.way}",
                f"- Needs: {one.needs}.",
                f"- Control: {one.control}",
                f"- Detection: {one.detect}",
                f"- Residual risk: {one.rest}",
            ]
        )
        for number, one in enumerate(facts, 1)
    ]


def _prose(facts: Sequence[Threat]) -> list[str]:
    return [
        f"**{number}. {one.threat}** ({one.level}, {_named(one)}). {one.way} "
        f"What it takes: {one.needs}.\n\n"
        f"What stops it: {one.control}\n\n"
        f"How you notice it: {one.detect} What is left: {one.rest}"
        for number, one in enumerate(facts, 1)
    ]


def _table(facts: Sequence[Threat]) -> list[str]:
    rows = [
        f"| {number} | {one.threat} | {one.level} | {_named(one)} | {capital(one.needs)} |"
        for number, one in enumerate(facts, 1)
    ]
    head = ["| # | Threat | Level | Technique | What it takes |", "|---|---|---|---|---|"]
    details = [
        f"**On {number}.** {one.way} Control: {lowered(one.control)} Detection: "
        f"{lowered(one.detect)} What remains: {lowered(one.rest)}"
        for number, one in enumerate(facts, 1)
    ]
    return ["\n".join([*head, *rows]), *details]
