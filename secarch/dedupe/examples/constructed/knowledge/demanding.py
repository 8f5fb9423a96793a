"""Requirements that a tester decides: what is asked, how it is built, the test, the exception."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import lru_cache

from secarch.dedupe.examples.constructed.knowledge.catalogue import Control, controls
from secarch.dedupe.examples.constructed.knowledge.tables import (
    FOLDER,
    about,
    put,
    say,
    scene,
)
from secarch.dedupe.examples.constructed.policy.tasks import Task
from secarch.dedupe.examples.constructed.template import read_yaml, surroundings
from secarch.dedupe.examples.constructed.voice import counted, listed, lowered, sentence, tidy
from secarch.schema import Config

SCENARIO = "controls/"
"""How scenarios about controls begin; their field follows, since mappings say the same of it."""
CLOUDS = {"AWS": "aws", "Azure": "azure"}
"""A platform's name -> its key in the tables."""
_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z`0-9])")
_OF_THE_TEST = re.compile(
    r"\b(?:the (?:tests?|lists?|quer(?:y|ies)|first|second|third|probe|sample|figure|restore runs"
    r"|presigned|simulation)|th(?:is|ese) (?:tests?|lists?|requirement)|one probe|in these"
    r"|it proves|domain test|own test|tested under|so (?:a )?test|single miss|false yes"
    r"|both histories|no value|that property|use comes|longer target|real incident)\b",
    re.IGNORECASE,
)
"""A sentence that speaks of a trial's own commands, and means nothing without them."""


class Trial(Config):
    """What one platform has to show for a control, and the test that decides it."""

    must: str
    """Continues "It is met if"."""
    do: str = ""
    """How it is built; '' if the control's own implementation fits."""
    because: str
    lang: str = "bash"
    test: str
    passes: str
    fails: str
    exception: str
    """What is accepted all the same, and what the test cannot show."""


class Demand(Config):
    """The trials of a control, and why it is tested before those that follow in the tables."""

    id: str
    lead: str
    """Continues "since"."""
    aws: Trial
    azure: Trial | None = None

    def on(self, cloud: str) -> Trial | None:
        """The trial on a platform by its name, if there is one."""
        found: Trial | None = getattr(self, CLOUDS[cloud])
        return found


@lru_cache(maxsize=1)
def demands() -> tuple[Demand, ...]:
    """Every demand; those of one group stand in the order in which they are tested."""
    files = sorted(FOLDER.glob("demands-*.yaml"))
    return tuple(Demand.model_validate(raw) for file in files for raw in read_yaml(file))


@lru_cache(maxsize=1)
def _controls() -> dict[str, Control]:
    return {one.id: one for one in controls()}


def reason(control: str, cloud: str) -> str:
    """Why a control is implemented as its own table says; '' if no demand says that."""
    trial = tested(control, cloud)
    return sentence(trial.because) if trial else ""


def tested(control: str, cloud: str) -> Trial | None:
    """The trial of a control that is built as its own table says; None if there is none."""
    found = next((one for one in demands() if one.id == control), None)
    trial = found.on(cloud) if found and cloud in CLOUDS else None
    return trial if trial and not trial.do else None


def limit(control: Control, cloud: str) -> str:
    """What is accepted all the same on a platform, and what no evidence for a control shows."""
    found = next((one for one in demands() if one.id == control.id), None)
    trial = found.on(cloud) if found and cloud in CLOUDS else None
    if not trial:
        return control.proofs[cloud].limit
    told = _SENTENCE.split(trial.exception)
    apart = " ".join(text for text in told if not _OF_THE_TEST.search(text))
    return apart or control.proofs[cloud].limit


def tested_first(drawn: Sequence[Control]) -> tuple[Control, str]:
    """The control to begin with, and why: the first in the order in which they are tested."""
    order = {one.id: place for place, one in enumerate(demands())}
    first = min(drawn, key=lambda one: order[one.id])
    return first, demands()[order[first.id]].lead


def followed(drawn: Sequence[object]) -> str:
    """That what is not first comes after it, for two or more.

    >>> followed(["AC-2", "AC-6"])
    'the other follows'
    """
    return "the other follows" if len(drawn) == 2 else "the others follow"


def task(rng: random.Random) -> Task:
    """Requirements with a test each, for two to four controls of one field."""
    workload = rng.choice(surroundings().workloads)
    known = _controls()
    group = rng.choice(sorted({known[one.id].group for one in demands()}))
    cloud = rng.choice(list(CLOUDS))
    fit = [one for one in demands() if known[one.id].group == group and one.on(cloud)]
    drawn = rng.sample(fit, min(rng.choice([2, 3, 4]), len(fit)))
    told = {"list": listed([one.id for one in drawn]), "cloud": cloud}
    asked = say(rng, "requirement_ask", scene=scene(rng, workload), **told, **about(workload))
    count = counted(len(drawn), "requirement").split(" ")[0]
    blocks = [say(rng, "requirement_open", cloud=cloud, count=count, **about(workload))]
    for number, one in enumerate(drawn, 1):
        if trial := one.on(cloud):
            blocks.append(_block(number, known[one.id], trial, cloud))
    first = min(drawn, key=fit.index)
    called = {"first": f"R{drawn.index(first) + 1}", "lead": first.lead}
    called["others"] = followed(drawn)
    blocks.append(say(rng, "requirement_close", **called, **about(workload)))
    places = {"workload": workload.name, "bucket": f"{workload.name}-data"}
    return Task(
        scenario=f"{SCENARIO}{group}",
        title=f"{workload.name}: requirements and their tests",
        category=known[fit[0].id].category,
        asked=tidy(asked),
        answered=put("\n\n".join(blocks), places),
    )


def _block(number: int, control: Control, trial: Trial, cloud: str) -> str:
    """A requirement: what is asked, the choice with its reason, the test, and its limit."""
    do = trial.do or control.proofs[cloud].do
    return (
        f"**R{number}. {control.title} ({control.id}).** The control asks that {control.need}. "
        f"It is met if {trial.must}.\n\n"
        f"*Built so.* {do} {sentence(trial.because)}\n\n"
        f"*Test.*\n\n```{trial.lang}\n{trial.test.rstrip()}\n```\n\n"
        f"- *Yes:* {trial.passes}.\n"
        f"- *No:* {trial.fails}.\n"
        f"- *Exception and limit:* {lowered(trial.exception)}\n"
        f"- *Does not count:* {lowered(control.weak)}"
    )
