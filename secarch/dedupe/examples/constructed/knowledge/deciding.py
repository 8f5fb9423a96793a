"""Choices: a decision under constraints, with the price and the point at which it turns."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from secarch.dedupe.examples.constructed.knowledge.fitting import fitting
from secarch.dedupe.examples.constructed.knowledge.tables import (
    Decision,
    Facts,
    about,
    decisions,
    plain,
    say,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.voice import capital, listed, tidy

Point = tuple[Decision, Facts]
"""A decision and the facts under which it is made."""
_MANY = (1, 1, 2, 2, 2, 3)
"""How many decisions one question asks for, drawn evenly."""
_SMALL = "start-up"
SHORT = 50
"""Characters below which a sentence is no reason without the next one."""
RECORDS = 0.2
"""Share of single decisions that are asked for, and answered, as a decision record."""


def task(rng: random.Random) -> Task:
    """One to three decisions of one field, each with the facts that decide it."""
    group = rng.choice([one.group for one in decisions() for _ in one.cases])
    known = [one for one in decisions() if one.group == group]
    drawn = rng.sample(known, min(rng.choice(_MANY), len(known)))
    points = [(one, rng.choice(_cases(one, alone=len(drawn) == 1))) for one in drawn]
    workload = fitting(rng, " ".join(facts.given for _, facts in points))
    parts = about(workload)
    before = plain(rng, workload)
    if len(points) == 1:
        asked, answered = _one(rng, points[0], before, parts)
    else:
        asked, answered = _several(rng, points, before)
    return Task(
        scenario=f"choose/{group}",
        title=f"{workload.name}: decisions",
        category=points[0][0].category,
        asked=tidy(asked),
        answered=tidy(answered),
    )


def _cases(decision: Decision, *, alone: bool) -> Sequence[Facts]:
    """The situations to draw from: a start-up stands alone, since other points name other sizes."""
    return decision.cases if alone else [one for one in decision.cases if _SMALL not in one.given]


def _options(rng: random.Random, decision: Decision) -> list[str]:
    names = list(decision.options.values())
    rng.shuffle(names)
    return names


def _one(rng: random.Random, point: Point, before: str, parts: dict[str, str]) -> tuple[str, str]:
    decision, facts = point
    options = listed(_options(rng, decision), "or")
    told = {"ask": decision.ask, "given": facts.given, "options": options, **parts}
    if rng.random() < RECORDS:
        return f"{before} {say(rng, 'choose_record', **told)}", _record(rng, point, parts["team"])
    blocks = _verdict(rng, point)
    blocks.insert(1, _against(rng, point))
    blocks += [f"{say(rng, 'contrast_head')} {text}" for text in _contrast(rng, point)]
    return f"{before} {say(rng, 'choose_one', **told)}", "\n\n".join(blocks)


def _record(rng: random.Random, point: Point, team: str) -> str:
    """An architecture decision record: status, context, decision, alternatives, consequences."""
    decision, facts = point
    others = "\n".join(f"- {capital(name)}: {clause}." for name, clause in _others(rng, point))
    parts = {
        "Status": f" Proposed; accepted once {team} and the owner of the data agree to the "
        "consequences below.",
        "Context": f" {capital(facts.given)}. To be decided: {decision.ask}.",
        "Decision": f" {capital(decision.options[facts.pick])}. {facts.because}",
        "Alternatives": f"\n\n{others}",
        "Consequences": f" {facts.price}\n\nFirst step: {facts.step}",
        "Confirmation": f" {facts.check}",
    }
    told = [f"**{head}.**{text}" for head, text in parts.items()]
    turned = [f"**Decided otherwise.** {text}" for text in _contrast(rng, point)]
    return "\n\n".join([*told, f"**Superseded when** {facts.revisit}", *turned])


def _verdict(rng: random.Random, point: Point) -> list[str]:
    decision, facts = point
    pick = decision.options[facts.pick]
    return [
        say(rng, "choose_head", pick=pick, because=facts.because),
        say(rng, "price_head", price=facts.price),
        say(rng, "step_head", step=facts.step),
        f"{say(rng, 'choice_head')} {facts.check}",
        say(rng, "revisit_head", revisit=facts.revisit),
    ]


def _others(rng: random.Random, point: Point) -> list[tuple[str, str]]:
    decision, facts = point
    found = [(decision.options[key], clause) for key, clause in facts.against.items()]
    rng.shuffle(found)
    return found


def _contrast(rng: random.Random, point: Point) -> list[str]:
    """Facts under which another option is taken, so that the reader sees what turns the choice."""
    decision, facts = point
    turned = [case for case in decision.cases if case.pick != facts.pick]
    if not turned:
        return []
    case = rng.choice(turned)
    first, *rest = re.split(r"(?<=[a-z)`]\.) ", case.because)
    reason = " ".join([first, *rest[: len(first) < SHORT]])
    return [f"If {case.given}, I would take {decision.options[case.pick]}. {reason}"]


def _against(rng: random.Random, point: Point) -> str:
    lines = [f"- {capital(name)}: {clause}." for name, clause in _others(rng, point)]
    head = say(rng, "others_head" if len(lines) > 1 else "other_head")
    return "\n".join([head, "", *lines])


def _several(rng: random.Random, points: Sequence[Point], before: str) -> tuple[str, str]:
    lines = [
        f"{number}. {capital(decision.ask)}. {capital(facts.given)}."
        for number, (decision, facts) in enumerate(points, 1)
    ]
    asked = f"{before} {say(rng, 'choose_many')}\n\n" + "\n".join(lines)
    picks = [decision.options[facts.pick] for decision, facts in points]
    blocks = [
        "I would choose: " + "; ".join(f"{n}. {pick}" for n, pick in enumerate(picks, 1)) + "."
    ]
    for number, point in enumerate(points, 1):
        blocks += _short(rng, number, point)
    return asked, "\n\n".join(blocks)


def _short(rng: random.Random, number: int, point: Point) -> list[str]:
    decision, facts = point
    others = "\n".join(f"- Not {name}: {clause}." for name, clause in _others(rng, point))
    return [
        f"**{number}. {capital(decision.options[facts.pick])}.** {facts.because}",
        others,
        f"*Price:* {facts.price}\n\n*First:* {facts.step}\n\n*Test:* {facts.check}",
        f"*Decide again when* {facts.revisit}",
    ]
