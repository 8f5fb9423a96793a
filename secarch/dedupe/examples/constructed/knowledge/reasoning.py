"""Reasons: why a kind of fault matters for a service, and what to say to its defence."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed.knowledge.tables import about, say, scene
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.scene import filled, values_of
from secarch.dedupe.examples.constructed.template import (
    Component,
    Slot,
    faults,
    pools,
    surroundings,
)
from secarch.dedupe.examples.constructed.voice import capital, sentence, tidy

ARGUED_FIRST = 0.5
"""Share of answers that take up the argument before the reason."""
_HEADS = (
    "The finding stands.",
    "I side with the finding.",
    "Mend it, and here is why.",
)


def task(rng: random.Random) -> Task:
    """One kind of fault in one component, with what its authors say."""
    component, slot = rng.choice(_places())
    fault = faults()[slot.kind]
    workload = rng.choice(surroundings().workloads)
    values = {
        **values_of(rng, workload, (component,)),
        "resource": f"the {component.what}",
    }

    def fill(text: str) -> str:
        return capital(filled(text, values))

    claim, reply = rng.choice(fault.excuse)
    told = {"name": fault.name, "what": component.what, "claim": filled(claim, values)}
    asked = say(rng, "explain_ask", scene=scene(rng, workload), **told, **about(workload))
    whys = [fill(text) for text in rng.sample(fault.why, min(2, len(fault.why)))]
    blocks = [
        " ".join(whys),
        f'**On their argument.** "{sentence(fill(claim))}" {fill(reply)}',
        f"**What mends it.** {fill(rng.choice(fault.fix))}",
        f"**What it costs.** {fill(rng.choice(fault.rollout))}",
        f"**How they can see it for themselves.** {fill(fault.verify)}",
    ]
    if rng.random() < ARGUED_FIRST:
        blocks[0], blocks[1] = blocks[1], blocks[0]
    blocks.insert(0, rng.choice(_HEADS))
    return Task(
        scenario=f"explain/{slot.kind}",
        title=f"{workload.name}: {fault.name}",
        category=fault.category,
        asked=tidy(asked),
        answered=tidy("\n\n".join(blocks)),
    )


def _places() -> list[tuple[Component, Slot]]:
    """Components with slots whose fault is told in the general words."""
    return [
        (component, slot)
        for pool in pools()
        for component in pool.components
        for name, slot in component.slots.items()
        if slot.kind and name not in component.omit and not (slot.why or slot.name or slot.excuse)
        if faults()[slot.kind].excuse
    ]
