"""Reasons: why a line of code matters for a service, and what to say to its defence."""

from __future__ import annotations

import random
from functools import lru_cache

from secarch.dedupe.examples.constructed import finding
from secarch.dedupe.examples.constructed.knowledge.tables import FOLDER, about, say, scene
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.render import snippet
from secarch.dedupe.examples.constructed.replacing import before_code, fixing_code
from secarch.dedupe.examples.constructed.scene import Scene, written
from secarch.dedupe.examples.constructed.template import (
    Component,
    Pool,
    faults,
    pools,
    read_yaml,
    surroundings,
)
from secarch.dedupe.examples.constructed.values import values_of
from secarch.dedupe.examples.constructed.voice import Voice, sentence, tidy
from secarch.schema import Config

NAME = "explain/"
"""How the names of its scenarios begin; the kind of fault follows."""
ARGUED_FIRST = 0.5
"""Share of answers that take up the argument before the reason."""
MOST_LINES = 16
"""Lines of fixed code that an explanation shows."""
MOST_WHOLE = 60
"""Lines of code that a question still shows whole, so that what is argued can be looked up."""


class Lesson(Config):
    """What remains of a fault that was explained."""

    rule: str
    """Continues "next time,": how the like is decided."""
    left: str
    """What the fix leaves open."""


@lru_cache(maxsize=1)
def lessons() -> dict[str, Lesson]:
    """By kind of fault."""
    read = read_yaml(FOLDER / "lessons.yaml")
    return {kind: Lesson.model_validate(raw) for kind, raw in read.items()}


def task(rng: random.Random) -> Task:
    """One fault in one component, with its lines and what its authors say of it."""
    places = _places()
    pool, component, name = rng.choice(places[rng.choice(sorted(places))])
    workload = rng.choice(surroundings().workloads)
    values = values_of(rng, workload, (component,))
    chosen = {f"{component.id}/{name}": rng.choice(component.slots[name].bad)}
    drawn = written(pool, [component], workload, values, {}, chosen)
    (one,) = drawn.planted
    claim, reply = (drawn.fill(text, resource=one.resource) for text in rng.choice(one.excuse))
    told = {"name": one.name, "shown": _shown(drawn, one), "claim": claim}
    told |= {"called": rng.choice(component.called or pool.called)}
    asked = say(rng, "explain_ask", scene=scene(rng, workload), **told, **about(workload))
    return Task(
        scenario=f"{NAME}{one.kind}",
        title=f"{workload.name}: {one.name}",
        category=one.fault.category,
        asked=f"{tidy(asked)}\n\n{_excerpt(drawn, one)}",
        answered=finding.joined(_blocks(Voice(rng), drawn, one, claim, reply)),
    )


def _shown(drawn: Scene, one: Planted) -> str:
    """The faulty lines, or what is missing, as a part of a sentence."""
    if one.evidence:
        return " and ".join(f"`{finding.redacted(drawn, line)}`" for line in one.evidence[:2])
    return one.missing


def _excerpt(drawn: Scene, one: Planted) -> str:
    """The code as a whole, or the faulty place in it if it is long."""
    shown = drawn.code.rstrip()
    if shown.count("\n") > MOST_WHOLE:
        faulty = range(one.line - 1, one.line - 1 + max(1, len(one.evidence)))
        shown = snippet(drawn.code, [*faulty], drawn.language)
    return finding.fenced(drawn.language, shown.replace(drawn.values["secret"], "<redacted>"))


def _blocks(voice: Voice, drawn: Scene, one: Planted, claim: str, reply: str) -> list[str]:
    why = f"{finding.attack(drawn, one)} {finding.weight(voice, drawn, one)}"
    first = f"{finding.consequence(voice, drawn, one)}"
    argued = f'**On "{claim}".** {sentence(finding.filled_for(drawn, one, reply))}'
    blocks = [f"{first}\n\n**How it goes wrong.** {why}", argued]
    if voice.rng.random() < ARGUED_FIRST:
        blocks.reverse()
    fixed = finding.filled_for(drawn, one, voice.rng.choice(one.texts("fix")))
    code = fixing_code(drawn, [one])
    blocks = [voice.say("side"), *blocks, f"**What fixes it.** {fixed}"]
    if code and code.count("\n") < MOST_LINES:
        blocks.append(before_code(drawn, [one]))
        blocks.append(finding.fenced(drawn.language, code))
    elif finding.inline(drawn, one) not in fixed:
        blocks[-1] += f" {finding.inline(drawn, one)}"
    return [
        *blocks,
        f"**What the change takes.** {finding.rollout(voice, drawn, one)}",
        f"**Try it.** {finding.filled_for(drawn, one, one.verify)}",
        f"**Next time,** {lessons()[one.kind].rule}",
        f"**What is left.** {lessons()[one.kind].left}",
        *finding.after_run(drawn),
        finding.placeholders(drawn),
    ]


@lru_cache(maxsize=1)
def _places() -> dict[str, list[tuple[Pool, Component, str]]]:
    """By kind of fault: components with slots whose fault is defended by somebody."""
    found: dict[str, list[tuple[Pool, Component, str]]] = {}
    for pool in pools():
        for component in pool.components:
            for name, slot in component.slots.items():
                if _defended(component, name):
                    found.setdefault(slot.kind, []).append((pool, component, name))
    return found


def _defended(component: Component, name: str) -> bool:
    slot = component.slots[name]
    planted = bool(slot.kind and slot.bad) and name not in component.omit
    return planted and bool(slot.excuse or faults()[slot.kind].excuse)
