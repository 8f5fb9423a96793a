"""Mappings: from a requirement over its implementation to the evidence, and back."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from secarch.dedupe.examples.constructed.knowledge.tables import (
    CLOUDS,
    Control,
    about,
    controls,
    say,
    scene,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import Workload, surroundings
from secarch.dedupe.examples.constructed.voice import capital, listed, lowered, tidy

_MANY = (1, 1, 2, 2, 3)
"""How many requirements one question asks for, drawn evenly."""


def task(rng: random.Random) -> Task:
    """Requirements to evidence, evidence to requirement, or claims to rulings."""
    workload = rng.choice(surroundings().workloads)
    make = rng.choice([_forward, _forward, _forward, _backward, _ruled, _ruled])
    group = rng.choice(sorted({one.group for one in controls()}))
    known = [one for one in controls() if one.group == group]
    asked, answered = make(rng, known, workload)
    return _task(group, known[0].category, workload, asked, answered)


def _named(control: Control) -> str:
    return f"{control.id} ({control.title})"


def _forward(rng: random.Random, known: Sequence[Control], workload: Workload) -> tuple[str, str]:
    cloud = rng.choice(["AWS", "AWS", "Azure", "Azure", "Google Cloud", "Kubernetes"])
    fit = [one for one in known if cloud in one.proofs]
    if not fit:
        cloud, fit = "AWS", [one for one in known if "AWS" in one.proofs]
    drawn = rng.sample(fit, min(rng.choice(_MANY), len(fit)))
    names = listed([one.id for one in drawn])
    told = {"list": names, "cloud": cloud, "scene": scene(rng, workload)}
    asked = say(rng, "map_ask", **told, **about(workload))
    claimed = rng.choice(drawn) if rng.random() < 0.6 else None
    claim, ruling = rng.choice(claimed.claims) if claimed else ("", "")
    if claimed:
        asked += " " + say(rng, "claim_ask", id=claimed.id, claim=claim)
    blocks = []
    for control in drawn:
        blocks += _row(rng, control, cloud)
        if control is claimed:
            blocks.append(f'*"{capital(claim)}":* {ruling}')
    return asked, "\n\n".join(blocks)


def _code(control: Control, cloud: str) -> str:
    proof = control.proofs[cloud]
    return f"```{proof.lang}\n{proof.code.rstrip()}\n```"


def _row(rng: random.Random, control: Control, cloud: str) -> list[str]:
    proof = control.proofs[cloud]
    evidence = "\n".join(f"- {capital(text)}" for text in proof.evidence)
    return [
        f"**{control.id} {control.title}** asks that {control.need}.",
        f"*Implementation on {cloud}.* {proof.do}",
        _code(control, cloud),
        f"{rng.choice(['*Evidence*', '*What to show*', '*Proof for the assessor*'])}\n\n{evidence}",
        f"*Does not count:* {lowered(control.weak)}",
    ]


def _backward(rng: random.Random, known: Sequence[Control], workload: Workload) -> tuple[str, str]:
    control = rng.choice(list(known))
    cloud = rng.choice(sorted(control.proofs))
    proof = control.proofs[cloud]
    given = rng.choice(alone(proof.evidence))
    told = {"evidence": given, "cloud": cloud, "scene": scene(rng, workload)}
    asked = say(rng, "evidence_ask", **told, **about(workload))
    rest = "\n".join(f"- {capital(text)}" for text in proof.evidence if text != given)
    blocks = [
        f"Evidence for {_named(control)}, which asks that {control.need}.",
        f"**What stands behind it.** {proof.do}",
        _code(control, cloud),
        f"**Sufficient?** Not alone: it shows one part. Ask besides for\n\n{rest}",
        f"**Do not accept in its place** {lowered(control.weak)}",
    ]
    return asked, "\n\n".join(blocks)


_POINTS_BACK = re.compile(
    r"\b(?:this|both|that|the (?:lists?|result|output|object|rule|rules|summary|policy|state|three|"
    r"assignments|setting|sink|perimeter|version)|outputs?|by type|these)\b"
)
"""What leans on the code that stands before a piece of evidence."""


def alone(evidence: Sequence[str]) -> list[str]:
    """Evidence that is understood without the code before it; all of it if none is."""
    return [text for text in evidence if not _POINTS_BACK.search(text)] or list(evidence)


_VERDICTS = (
    ("met", ("It meets",)),
    ("partly met", ("Good;", "Of resources", "The place is", "Its part", "Signing", "They may be")),
    (
        "not met",
        (
            *("A yearly review", "They are in scope", "That is allow", "Not from a KMS"),
            *(
                "Give it a hardware",
                "Replication",
                "They inherit",
                "Whoever takes",
                "They do, and",
                "Then the separation",
            ),
        ),
    ),
)
"""Verdict -> how the rulings begin that come to it; all others lack the proof."""


def verdict(ruling: str) -> str:
    """What a ruling comes to."""
    return next((word for word, heads in _VERDICTS if ruling.startswith(heads)), "not shown")


def _ruled(rng: random.Random, known: Sequence[Control], workload: Workload) -> tuple[str, str]:
    drawn = rng.sample(list(known), min(rng.choice([2, 3, 3]), len(known)))
    points = [(one, *rng.choice(one.claims)) for one in drawn]
    clouds = [name for name in CLOUDS.values() if all(name in one.proofs for one in drawn)]
    cloud = rng.choice(clouds)
    asked = say(rng, "ruling_ask", scene=scene(rng, workload), cloud=cloud, **about(workload))
    asked += "\n\n" + "\n".join(
        f'{number}. {_named(one)}: "{capital(claim)}."'
        for number, (one, claim, _) in enumerate(points, 1)
    )
    told = "; ".join(f"{n} {verdict(ruling)}" for n, (*_, ruling) in enumerate(points, 1))
    blocks = [f"In short: {told}."]
    for number, (one, _, ruling) in enumerate(points, 1):
        wanted = "; ".join(alone(one.proofs[cloud].evidence)[:2])
        blocks.append(
            f"**{number}. {one.id}: {verdict(ruling)}.** {ruling} "
            f"{one.id} asks that {one.need}.\n\n"
            f"What would meet it: {lowered(one.proofs[cloud].do)} Ask for {wanted}. Do not accept "
            f"{lowered(one.weak)}"
        )
    return asked, "\n\n".join(blocks)


def requirement(rng: random.Random) -> Task:
    """Requirements with a test each, for the controls of one field."""
    workload = rng.choice(surroundings().workloads)
    group = rng.choice(sorted({one.group for one in controls()}))
    cloud = rng.choice(["AWS", "Azure"])
    fit = [one for one in controls() if one.group == group and cloud in one.proofs]
    drawn = rng.sample(fit, min(rng.choice([2, 3, 4]), len(fit)))
    told = {"list": listed([one.id for one in drawn]), "cloud": cloud}
    asked = say(rng, "requirement_ask", scene=scene(rng, workload), **told, **about(workload))
    blocks = []
    for number, one in enumerate(drawn, 1):
        tests = "; ".join(alone(one.proofs[cloud].evidence))
        blocks.append(
            f"- **R{number} ({one.id} {one.title}).** The operator ensures that {one.need}.\n"
            f"  - Implementation: {one.proofs[cloud].do}\n"
            f"  - Test: {tests}.\n"
            f"  - Fails if all that is handed in is {lowered(one.weak)}"
        )
    return _task(group, fit[0].category, workload, asked, "\n".join(blocks))


def _task(group: str, category: str, workload: Workload, asked: str, answered: str) -> Task:
    return Task(
        scenario=f"map/{group}",
        title=f"{workload.name}: controls and evidence",
        category=category,
        asked=tidy(asked),
        answered=answered,
    )
