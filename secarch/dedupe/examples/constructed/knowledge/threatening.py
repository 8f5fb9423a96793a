"""Threat models: the facts of a system, and the threat, control and residual risk of each."""

from __future__ import annotations

import random
from collections.abc import Sequence

from secarch.dedupe.examples.constructed.knowledge.fitting import fitting
from secarch.dedupe.examples.constructed.knowledge.tables import (
    Threat,
    plain,
    say,
    systems,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import SEVERITIES
from secarch.dedupe.examples.constructed.voice import (
    capital,
    counted,
    in_words,
    listed,
    lowered,
    tidy,
)

_FACTS = (2, 2, 2, 3, 3, 3, 4, 4)
"""How many facts a question shows, drawn evenly."""


def task(rng: random.Random) -> Task:
    """A system with two to four facts, and the threats that follow from these alone."""
    system = rng.choice(systems())
    facts = rng.sample(system.facts, rng.choice(_FACTS))
    told = " ".join(f"{capital(one.fact)}." for one in facts)
    workload = fitting(rng, f"{system.base} {told}")
    asked = f"{plain(rng, workload)} {system.base}. {told} {say(rng, 'threat_ask')}"
    return Task(
        scenario=f"threat/{system.group}",
        title=f"{workload.name}: threat model",
        category=system.category,
        asked=tidy(asked),
        answered=tidy(_answered(rng, ranked(facts))),
    )


def ranked(facts: Sequence[Threat]) -> list[Threat]:
    """The most serious first; equal ones in the order in which they are told."""
    return sorted(facts, key=lambda one: SEVERITIES.index(one.level))


def _answered(rng: random.Random, facts: Sequence[Threat]) -> str:
    names = "; ".join(f"{lowered(one.threat)} ({one.level})" for one in facts)
    count, small = counted(len(facts), "threat"), in_words(len(facts))
    head = say(rng, "threat_open", count=count, names=names).replace("{count_small}", small)
    form = rng.choice([_labelled, _labelled, _prose, _table])
    return "\n\n".join([head, *form(facts), _close(rng, facts)])


def _named(one: Threat) -> str:
    """The technique with the catalogue that it is from; some risks are no technique."""
    if not one.technique:
        return "a matter of contract, no technique"
    return f"{'ATLAS' if one.technique.startswith('AML.') else 'ATT&CK'} {one.technique}"


def _close(rng: random.Random, facts: Sequence[Threat]) -> str:
    """What is done first, and why in this order."""
    first, second = facts[0], facts[1]
    alone = first.level != second.level
    same = [number for number, one in enumerate(facts, 1) if one.level == first.level]
    reason = (
        f"Number 1 is the only one that is {first.level}."
        if alone
        else f"Numbers {listed([str(number) for number in same])} are {first.level}; between "
        "equals take the control first that one team can ship without another."
    )
    needs = "; ".join(f"{number} {lowered(one.needs)}" for number, one in enumerate(facts, 1))
    detected = lowered(first.detect)
    return say(rng, "threat_close", reason=reason, all_needs=needs, detect_first=detected)


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
