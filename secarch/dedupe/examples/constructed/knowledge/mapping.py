"""Mappings: from a requirement over its implementation to the evidence, and back."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import NamedTuple

from secarch.dedupe.examples.constructed.knowledge.catalogue import (
    CLOUDS,
    Claim,
    Control,
    Proof,
    controls,
)
from secarch.dedupe.examples.constructed.knowledge.demanding import (
    SCENARIO,
    followed,
    limit,
    reason,
    tested,
    tested_first,
)
from secarch.dedupe.examples.constructed.knowledge.tables import (
    about,
    put,
    say,
    scene,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import Workload, surroundings
from secarch.dedupe.examples.constructed.voice import (
    capital,
    listed,
    lowered,
    sentence,
    tidy,
)

_NUMBER = re.compile(
    r"\b(?:\d+|two|three|five|ten|an?|the last)( working)? (?:minute|hour|day|quarter|week)s?\b"
)
"""A limit in time, which no control of the catalogue fixes."""
_MANY = (1, 1, 2, 2, 3)
"""How many requirements one question asks for, drawn evenly."""


def task(rng: random.Random) -> Task:
    """Requirements to evidence, evidence to requirement, or claims to rulings."""
    workload = rng.choice(surroundings().workloads)
    make = rng.choice([_forward, _forward, _forward, _backward, _ruled, _ruled])
    group = rng.choice(sorted({one.group for one in controls()}))
    known = [one for one in controls() if one.group == group]
    asked, answered = make(rng, known, workload)
    if _NUMBER.search(answered):
        told, last = answered.rsplit("\n\n", 1)
        answered = f"{told}\n\n{say(rng, 'own_numbers', **about(workload))}\n\n{last}"
    return _task(group, known[0].category, workload, asked, answered)


def _named(control: Control) -> str:
    return f"{control.id} ({control.title})"


def _claims(control: Control, cloud: str) -> list[Claim]:
    return [one for one in control.claims if one.cloud in ("", cloud)]


def _forward(rng: random.Random, known: Sequence[Control], workload: Workload) -> tuple[str, str]:
    cloud = rng.choice(["AWS", "AWS", "Azure", "Azure", "Google Cloud", "Kubernetes"])
    fit = [one for one in known if cloud in one.proofs]
    if not fit:
        cloud, fit = "AWS", [one for one in known if "AWS" in one.proofs]
    drawn = rng.sample(fit, min(rng.choice(_MANY), len(fit)))
    names = listed([one.id for one in drawn])
    told = {"list": names, "cloud": cloud, "scene": scene(rng, workload)}
    asked = say(rng, "map_ask", **told, **about(workload))
    claimed = rng.choice(drawn) if rng.random() < CLAIMED else None
    claim = rng.choice(_claims(claimed, cloud)) if claimed else None
    if claimed and claim:
        asked += " " + say(rng, "claim_ask", id=claimed.id, claim=claim.claim)
    blocks = []
    for control in drawn:
        blocks += _row(rng, control, cloud)
        if claim and control is claimed:
            blocks.append(
                f'*"{capital(claim.claim)}":* {claim.verdict}. {claim.says} Ask for {claim.ask}.'
            )
    if len(drawn) > 1:
        first, lead = tested_first(drawn)
        blocks.append(say(rng, "map_close", id=first.id, lead=lead, others=followed(drawn)))
    return asked, "\n\n".join(blocks)


CLAIMED = 0.6
"""Share of mappings in which a team's claim is asked about too."""


ALIKE = 40
"""Characters of code and test that are equal if the one is the beginning of the other."""
_CHANGES = re.compile(r"\b(?:create|put|update|enable|set|modify|deny|allow|add|restore|label)\b")
"""Words of a command that builds something; others only look, as the test does better."""


def _looks(proof: Proof) -> bool:
    """Whether the implementation's code only looks, as a test does."""
    return proof.lang == "bash" and not _CHANGES.search(proof.code)


def _code(control: Control, cloud: str) -> list[str]:
    """The implementation's code, unless it is the test or what that begins with."""
    proof = control.proofs[cloud]
    if _looks(proof) or _trial(control, cloud)[1][:ALIKE] == proof.code[:ALIKE]:
        return []
    return [f"```{proof.lang}\n{proof.code.rstrip()}\n```"]


def _trial(control: Control, cloud: str) -> tuple[str, str]:
    """Language and commands of the test that decides it."""
    if trial := tested(control.id, cloud):
        return trial.lang, trial.test
    proof = control.proofs[cloud]
    return "bash", proof.test or proof.code * _looks(proof)


def _test(control: Control, cloud: str, head: str) -> list[str]:
    lang, code = _trial(control, cloud)
    return [head, f"```{lang}\n{code.rstrip()}\n```"]


def _decided(control: Control, cloud: str) -> str:
    """What has to be seen for a yes, by the commands that were shown or by the evidence."""
    trial = tested(control.id, cloud)
    if trial:
        return f"{trial.passes}. *A no looks like this:* {trial.fails}."
    return f"{control.proofs[cloud].passes or control.criterion}."


def _ends(control: Control, cloud: str) -> str:
    """What is accepted all the same, and what is not shown by any of it."""
    trial = tested(control.id, cloud)
    return trial.exception if trial else limit(control, cloud)


def _row(rng: random.Random, control: Control, cloud: str) -> list[str]:
    proof = control.proofs[cloud]
    evidence = "\n".join(f"- {capital(text)}" for text in proof.evidence)
    return [
        f"**{control.id} {control.title}** asks that {control.need}.",
        f"*Implementation on {cloud}.* {' '.join([proof.do, reason(control.id, cloud)]).strip()}",
        *_code(control, cloud),
        *_test(control, cloud, "*Test.*"),
        f"*Passed if* {_decided(control, cloud)}",
        f"{rng.choice(['*Evidence*', '*What to show*', '*Proof for the assessor*'])}\n\n{evidence}",
        _drawn("*Sample.*", control),
        f"*Does not count:* {lowered(control.weak)}",
        f"*Where it ends.* {_ends(control, cloud)}",
    ]


def _drawn(head: str, control: Control) -> str:
    """How the evidence is drawn, and who hands it over."""
    return f"{head} {control.sample} It is handed over by {control.keeper}."


def _backward(rng: random.Random, known: Sequence[Control], workload: Workload) -> tuple[str, str]:
    control = rng.choice(list(known))
    exhibit = rng.choice(control.exhibits)
    cloud = exhibit.cloud
    told = {"evidence": exhibit.shown, "cloud": cloud, "scene": scene(rng, workload)}
    asked = say(rng, "evidence_ask", **told, **about(workload))
    proof = control.proofs[cloud]
    rest = "\n".join(f"- {sentence(text)}" for text in proof.evidence)
    blocks = [
        f"Evidence for {_named(control)}, which asks that {control.need}.",
        f"**What it proves.** {exhibit.proves}",
        f"**What is missing.** {exhibit.misses} By itself it is not sufficient.",
        f"**What meets {control.id} on {cloud}.** {proof.do}",
        *_code(control, cloud),
        *_test(control, cloud, "**The test that decides it**"),
        f"**What belongs beside it**\n\n{rest}",
        _drawn("**How it is drawn.**", control),
        f"**It is enough when** {_decided(control, cloud)}",
        f"**Where it ends.** {_ends(control, cloud)}",
    ]
    return asked, "\n\n".join(blocks)


def _ruled(rng: random.Random, known: Sequence[Control], workload: Workload) -> tuple[str, str]:
    drawn = rng.sample(list(known), min(rng.choice([2, 3, 3]), len(known)))
    clouds = [name for name in CLOUDS.values() if all(name in one.proofs for one in drawn)]
    cloud = rng.choice(clouds)
    points = [(one, rng.choice(_claims(one, cloud))) for one in drawn]
    asked = say(rng, "ruling_ask", scene=scene(rng, workload), cloud=cloud, **about(workload))
    asked += "\n\n" + "\n".join(
        f'{number}. {_named(one)}: "{capital(claim.claim)}."'
        for number, (one, claim) in enumerate(points, 1)
    )
    told = "; ".join(f"{n} {claim.verdict}" for n, (_, claim) in enumerate(points, 1))
    blocks = [f"In short: {told}."]
    for number, (one, claim) in enumerate(points, 1):
        need = "" if "control" in claim.says else f" {one.id} asks that {one.need}."
        blocks.append(
            f"**{number}. {one.id}: {claim.verdict}.** {claim.says}{need}\n\n"
            f"- Ask for {claim.ask}.\n"
            f"- Draw it so: {lowered(one.sample)}\n"
            f"- It is met when {one.criterion}.\n"
            f"- What good looks like on {cloud}: {lowered(one.proofs[cloud].do)}\n"
            f"- Do not accept {lowered(one.weak)}"
        )
    first = _taken_first(points)
    return asked, "\n\n".join([*blocks, *_settling(first, cloud), _told(rng, first, workload)])


VERDICTS = ("not met", "not shown", "partly met", "met")
"""What a claim comes to, the worst first."""


class _First(NamedTuple):
    """The statement that is taken up first, and why before those that stand no better."""

    number: int
    control: Control
    verdict: str
    lead: str
    others: list[str]


def _taken_first(points: Sequence[tuple[Control, Claim]]) -> _First:
    worst = min(VERDICTS.index(claim.verdict) for _, claim in points)
    equal = [control for control, claim in points if VERDICTS.index(claim.verdict) == worst]
    first, lead = tested_first(equal)
    number = next(n for n, (one, _) in enumerate(points, 1) if one is first)
    return _First(number, first, VERDICTS[worst], lead, [o.id for o in equal if o is not first])


def _settling(first: _First, cloud: str) -> list[str]:
    """The commands that settle the first statement, and their limit."""
    control = first.control
    lang, code = _trial(control, cloud)
    after = ", once it is changed" if first.verdict == "not met" else ""
    return [
        f"**{control.id} as a whole is tested so{after}** (number {first.number})",
        f"```{lang}\n{code.rstrip()}\n```",
        f"*Passed if* {_decided(control, cloud)}",
        f"*Where it ends.* {_ends(control, cloud)}",
    ]


def _told(rng: random.Random, first: _First, workload: Workload) -> str:
    """Which statement is taken up first, and why."""
    told = {"number": str(first.number), "id": first.control.id}
    text = say(rng, f"settle_{first.verdict.replace(' ', '_')}", **told, **about(workload))
    if not first.others:
        return text
    verb = "stands" if len(first.others) == 1 else "stand"
    before = f"{first.control.id} goes first, since {first.lead}"
    return f"{text} {listed(first.others)} {verb} no better; {before}."


def _task(group: str, category: str, workload: Workload, asked: str, answered: str) -> Task:
    places = {"workload": workload.name, "bucket": f"{workload.name}-data"}
    return Task(
        scenario=f"{SCENARIO}{group}",
        title=f"{workload.name}: controls and evidence",
        category=category,
        asked=tidy(asked),
        answered=put(answered, places),
    )
