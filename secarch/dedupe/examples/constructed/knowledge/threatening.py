"""Threat models: the facts of a system, and the threat, control and residual risk of each."""

from __future__ import annotations

import random
import re
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
    lowered,
    sentence,
    tidy,
)

_FACTS = (2, 2, 2, 3, 3, 3, 4, 4)
"""How many facts a question shows, drawn evenly."""
_SENTENCE = re.compile(r"(?<=[a-z)`][.;]) ")


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


def _close(rng: random.Random, facts: Sequence[Threat]) -> str:
    """What is done first, and why in this order."""
    first, last = facts[0], facts[-1]
    told = {"last": str(len(facts)), "last_needs": lowered(last.needs)}
    told |= {"rest": lowered(last.rest), "detect_first": lowered(first.detect)}
    # A part that ends at a semicolon gets the full stop of its sentence instead.
    control = sentence(_SENTENCE.split(first.control, maxsplit=1)[0].rstrip(";"))
    return say(rng, "threat_close", needs=lowered(first.needs), control=lowered(control), **told)


def _labelled(facts: Sequence[Threat]) -> list[str]:
    return [
        "\n".join(
            [
                f"**{number}. {one.threat}** ({one.level}, ATT&CK {one.technique})",
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
        f"**{number}. {one.threat}** ({one.level}, ATT&CK {one.technique}). {one.way} "
        f"What it takes: {one.needs}.\n\n"
        f"What stops it: {one.control}\n\n"
        f"How you notice it: {one.detect} What is left: {one.rest}"
        for number, one in enumerate(facts, 1)
    ]


def _table(facts: Sequence[Threat]) -> list[str]:
    rows = [
        f"| {number} | {one.threat} | {one.level} | {one.technique} | {capital(one.needs)} |"
        for number, one in enumerate(facts, 1)
    ]
    head = ["| # | Threat | Level | ATT&CK | What it takes |", "|---|---|---|---|---|"]
    details = [
        f"**On {number}.** {one.way} Control: {lowered(one.control)} Detection: "
        f"{lowered(one.detect)} What remains: {lowered(one.rest)}"
        for number, one in enumerate(facts, 1)
    ]
    return ["\n".join([*head, *rows]), *details]
