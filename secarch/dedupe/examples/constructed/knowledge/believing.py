"""Beliefs of teams: who is right, why, when it turns, what to do and its price, how to see it."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed.knowledge.tables import (
    Belief,
    Turn,
    beliefs,
    names,
    put,
    say,
    scene,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.voice import capital, lowered, tidy

NAME = "explain/beliefs-"
"""How the names of its scenarios begin; the field follows."""
_MANY = (1, 1, 2)
"""How many beliefs one question takes up, drawn evenly."""
GIVEN = 0.8
"""Share of beliefs that come with a circumstance, on which the answer turns."""
RULINGS = {
    "right": (
        "Yes, as things are with you.",
        "In your case yes.",
        "The team is right, as things are.",
    ),
    "half": ("Partly.", "Half of it holds.", "In part."),
    "wrong": (
        "No, and what you add makes it weaker.",
        "No, and your own case shows why.",
        "No, least of all in your case.",
    ),
}
"""How a verdict begins under a circumstance."""
PLAIN = ("As it stands, no.", "No, not as it is written.", "No.")
"""The same for a belief without one; every one of them is false as it stands."""


def task(rng: random.Random) -> Task:
    """One or two sentences of a team, explained to it for its circumstances."""
    workload = rng.choice(surroundings().workloads)
    first = rng.choice(beliefs())
    like = [one for one in beliefs() if one.category == first.category and one is not first]
    drawn = [first, *rng.sample(like, min(rng.choice(_MANY) - 1, len(like)))]
    turns = [rng.choice(one.cases) if rng.random() < GIVEN else None for one in drawn]
    values = names(rng, workload)
    if len(drawn) == 1:
        given = turns[0].given if turns[0] else ""
        asked = say(rng, "belief_ask", claim=first.claim, given=given)
        ruling = _ruling(rng, turns[0])
        answered = "\n\n".join(rng.choice([_blocks, _letter])(ruling, first, turns[0]))
    else:
        told = zip(drawn, turns, strict=True)
        listed = "\n".join(_quoted(n, one, turn) for n, (one, turn) in enumerate(told, 1))
        asked = f"{say(rng, 'beliefs_ask')}\n\n{listed}"
        told = zip(drawn, turns, strict=True)
        part = rng.choice([_part, _part_in_prose])
        answered = "\n\n".join(
            part(f"**{n}.** {_ruling(rng, turn)}", one, turn)
            for n, (one, turn) in enumerate(told, 1)
        )
    return Task(
        scenario=f"{NAME}{first.category}",
        title=f"{workload.name}: {first.id.replace('-', ' ')}",
        category=first.category,
        asked=tidy(put(f"{scene(rng, workload)} {asked}", values).replace("  ", " ")),
        answered=put(answered, values),
    )


def _quoted(number: int, one: Belief, turn: Turn | None) -> str:
    return f'{number}. "{capital(one.claim)}."' + (f" {turn.given}" if turn else "")


def _ruling(rng: random.Random, turn: Turn | None) -> str:
    """Who is right, under the circumstance if there is one."""
    return f"{rng.choice(RULINGS[turn.verdict])} {turn.says}" if turn else rng.choice(PLAIN)


_HAPPENS = {"right": "What would happen otherwise", "half": "How it goes wrong in general"}
"""What is said of the harm where a circumstance has taken it away, or a part of it."""


def _happens(one: Belief, turn: Turn | None) -> tuple[str, str]:
    """What goes wrong, and whether it does here, does elsewhere or would."""
    return _HAPPENS.get(turn.verdict if turn else "wrong", "What can happen"), one.happens


def _do(one: Belief, turn: Turn | None) -> str:
    return turn.do if turn and turn.do else one.do


def _blocks(ruling: str, one: Belief, turn: Turn | None) -> list[str]:
    head, happens = _happens(one, turn)
    return [
        ruling if turn else f"{ruling} {one.why}",
        *([f"**The mechanism.** {one.why}"] if turn else []),
        f"**What is right in it, and when it turns.** {one.grain}",
        f"**{head}.** {happens}",
        f"**What to do.** {_do(one, turn)}",
        f"**The price.** {one.cost}",
        f"**How they can see it for themselves.** {one.see}",
        f"**What is left.** {one.left}",
        f"**Next time,** {one.rule}",
    ]


def _letter(ruling: str, one: Belief, turn: Turn | None) -> list[str]:
    """The same as it would be told in person, with the test before the remedy."""
    head, happens = _happens(one, turn)
    return [
        f"{ruling} {one.grain}",
        f"**The reason.** {one.why}",
        f"**{head}.** {happens}",
        f"Let them try it before you argue: {lowered(one.see)}",
        f"**Then do this.** {_do(one, turn)} **It costs something.** {one.cost}",
        f"**What stays open.** {one.left}",
        f"**Next time,** {one.rule}",
    ]


def _part(ruling: str, one: Belief, turn: Turn | None) -> str:
    head, happens = _happens(one, turn)
    return (
        f"{ruling}\n\n"
        f"- The mechanism: {one.why}\n"
        f"- What is right in it: {lowered(one.grain)}\n"
        f"- {head}: {lowered(happens)}\n"
        f"- What to do: {lowered(_do(one, turn))}\n"
        f"- The price: {lowered(one.cost)}\n"
        f"- How they can see it: {lowered(one.see)}\n"
        f"- What is left: {lowered(one.left)}\n"
        f"- Next time, {one.rule}"
    )


def _part_in_prose(ruling: str, one: Belief, turn: Turn | None) -> str:
    head, happens = _happens(one, turn)
    return (
        f"{ruling} {one.grain}\n\n"
        f"{one.why} **{head}.** {happens}\n\n"
        f"**Do this.** {_do(one, turn)} The price: {lowered(one.cost)}\n\n"
        f"**Let them see it.** {one.see} What is left afterwards: {lowered(one.left)}\n\n"
        f"Next time, {one.rule}"
    )
