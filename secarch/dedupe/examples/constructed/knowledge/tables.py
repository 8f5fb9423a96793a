"""Tables of decisions, threats, controls and playbooks that we wrote, and how they are read."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from secarch.dedupe.examples.constructed.template import (
    Severity,
    Workload,
    read_yaml,
    surroundings,
)
from secarch.dedupe.examples.constructed.voice import capital
from secarch.schema import Config

FOLDER = Path(__file__).parent / "tables"
LICENCE = "Apache-2.0"
"""Of everything in the tables."""


class Facts(Config):
    """The facts of one situation and what they decide."""

    given: str
    pick: str
    """Key of the option that fits."""
    because: str
    against: dict[str, str]
    """What each other option lacks under these facts, as a clause."""
    price: str
    step: str
    check: str
    """A test with the outcome that shows the choice to hold."""
    revisit: str
    """Continues "when"."""


class Decision(Config):
    """A decision that comes up again and again."""

    id: str
    group: str
    category: str
    ask: str
    """Continues "We have to decide"."""
    options: dict[str, str]
    """Their names by key."""
    cases: tuple[Facts, ...] = Field(min_length=2)


class Threat(Config):
    """A fact of a system and the threat that follows from it."""

    fact: str
    threat: str
    level: Severity
    technique: str
    """Identifier of MITRE ATT&CK."""
    way: str
    needs: str
    control: str
    detect: str
    rest: str


class System(Config):
    """A kind of system with facts, each of which brings a threat."""

    group: str
    category: str
    cloud: str
    base: str
    facts: tuple[Threat, ...] = Field(min_length=5)


class Twist(Config):
    """A condition that changes one step of a playbook."""

    given: str
    at: str
    says: str = ""
    """What is added to that step; '' if `rewrites` holds all of it."""
    bare: bool = False
    """Whether the commands of that step fail in this case, since they read what is not there."""
    rewrites: Mapping[str, str] = Field(default_factory=dict)
    """Steps that read otherwise in this case, by key; an empty text leaves the step out."""
    why: str = ""
    """Why this order, if another reason holds than the playbook's."""
    back: str = ""
    """The way back, if it is another."""
    stop: str = ""
    """What stops the work, if it is another."""
    done: str = ""
    """What shows that it is over, if that is another."""


class Playbook(Config):
    """Steps whose order matters."""

    id: str
    category: str
    ask: str
    steps: tuple[tuple[str, str], ...] = Field(min_length=5)
    """Text and key of each."""
    why: str
    back: str
    stop: str
    """Continues "Stop if"."""
    keep: str
    """The evidence of the work; continues a colon."""
    done: str
    """What shows that it is over."""
    twists: tuple[Twist, ...] = Field(min_length=2)


class Condition(Config):
    """Something that an asker adds, and what it changes."""

    given: str
    says: str


class Use(Condition):
    """A purpose for which facts are looked up, and which of them it turns on."""

    pick: str
    """The conclusion on the facts that were asked for, with a place for their names."""
    first: tuple[str, ...]  # names of entries, the weightiest first
    rest: str
    """Why the other facts that were asked for are not among these, with a place for their names."""


class Refusal(Config):
    """A dangerous request and the concrete way in its place."""

    id: str
    category: str
    ask: tuple[str, ...] = Field(min_length=2)
    reply: str
    instead: str
    code: str
    lang: str = "bash"
    check: str
    limit: str
    """What the way does not solve, and what would be accepted beside it."""
    unlike: tuple[str, ...] = ()
    """Words of pressing reasons that contradict the request."""


class Concept(Config):
    """A mechanism that is asked about in a situation, and what follows for the design."""

    id: str
    group: str
    category: str
    given: str
    ask: str  # continues the situation; a question without its mark
    why: str
    so: str
    check: str


class Turn(Condition):
    """A circumstance on which it depends who is right."""

    verdict: Literal["right", "half", "wrong"]
    do: str = ""
    """What to do in this case, if it is something else; needed where the team is right."""


class Belief(Config):
    """What a team believes, why it does not hold as it stands, and when it does."""

    id: str
    category: str
    claim: str
    """A clause."""
    why: str
    happens: str
    do: str
    see: str
    """How the team sees it for itself."""
    grain: str
    """What is right in it, and when it would hold."""
    cost: str
    """What the remedy takes or breaks."""
    left: str
    """What the remedy does not solve."""
    rule: str
    """How the next case like it is decided; continues "Next time,"."""
    cases: tuple[Turn, ...] = Field(min_length=2)


class Topic(Config):
    """Facts that are looked up, and what they mean for a purpose."""

    id: str
    category: str
    topic: str
    """Continues "I need to know"."""
    head: tuple[str, str, str]
    entries: tuple[tuple[str, str, str], ...] = Field(min_length=8)
    uses: tuple[Use, ...] = Field(min_length=2)
    see: Mapping[str, str]
    """How an entry is seen in one's own estate, by its name."""
    limit: str
    """What the table cannot say."""


def _read(pattern: str) -> list[Any]:
    found: list[Any] = []
    for file in sorted(FOLDER.glob(pattern)):
        found += read_yaml(file)
    return found


@lru_cache(maxsize=1)
def decisions() -> tuple[Decision, ...]:
    """Every decision."""
    return tuple(Decision.model_validate(raw) for raw in _read("choose-*.yaml"))


@lru_cache(maxsize=1)
def systems() -> tuple[System, ...]:
    """Every kind of system."""
    return tuple(System.model_validate(raw) for raw in _read("threats-*.yaml"))


@lru_cache(maxsize=1)
def playbooks() -> tuple[Playbook, ...]:
    """Every playbook."""
    return tuple(Playbook.model_validate(raw) for raw in _read("sequences*.yaml"))


@lru_cache(maxsize=1)
def refusals() -> tuple[Refusal, ...]:
    """Every dangerous request."""
    return tuple(Refusal.model_validate(raw) for raw in _read("refusals.yaml"))


@lru_cache(maxsize=1)
def pressures() -> tuple[Condition, ...]:
    """What people add to a dangerous request."""
    return tuple(Condition.model_validate(raw) for raw in _read("pressures.yaml"))


@lru_cache(maxsize=1)
def concepts() -> tuple[Concept, ...]:
    """Every mechanism."""
    return tuple(Concept.model_validate(raw) for raw in _read("concepts-*.yaml"))


@lru_cache(maxsize=1)
def beliefs() -> tuple[Belief, ...]:
    """Every belief."""
    rules = read_yaml(FOLDER / "belief-rules.yaml")
    return tuple(
        Belief.model_validate({**raw, "rule": rules[raw["id"]]}) for raw in _read("beliefs-*.yaml")
    )


@lru_cache(maxsize=1)
def topics() -> tuple[Topic, ...]:
    """Every table of facts."""
    seen = read_yaml(FOLDER / "fact-checks.yaml")
    return tuple(Topic.model_validate(raw | seen[raw["id"]]) for raw in _read("facts-*.yaml"))


@lru_cache(maxsize=1)
def _wording() -> dict[str, list[str]]:
    read = read_yaml(FOLDER / "wording.yaml")
    assert isinstance(read, dict)
    return read


def say(rng: random.Random, place: str, **parts: str) -> str:
    """A wording of a place with its places filled; `{Name}` is the capital form of `name`."""
    return put(rng.choice(_wording()[place]), parts)


ACCOUNTS = ("111122223333", "123456789012", "444455556666", "555555555555")
"""Account numbers of AWS documentation."""


def names(rng: random.Random, workload: Workload) -> dict[str, str]:
    """What commands and texts may name: the workload's words, its places and its account."""
    return {
        **about(workload),
        "short": workload.name.replace("-", ""),
        "env": rng.choice(surroundings().environments),
        "region": rng.choice(surroundings().regions),
        "account": rng.choice(ACCOUNTS),
    }


def put(text: str, values: Mapping[str, str]) -> str:
    """`text` with its places filled; `{Name}` is the capital form of `name`.

    >>> put("{Team} runs {workload}", {"team": "the fares squad", "workload": "fare-engine"})
    'The fares squad runs fare-engine'
    """
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
        text = text.replace("{" + name.capitalize() + "}", capital(value))
    return text


def about(workload: Workload) -> dict[str, str]:
    """What a question may say of a workload."""
    return {
        "workload": workload.name,
        "unit": workload.unit,
        "data": workload.data,
        "team": workload.team,
        "regime": workload.regime,
    }


def scene(rng: random.Random, workload: Workload) -> str:
    """A sentence on what the question is about."""
    return say(rng, "scene", **about(workload))


def plain(rng: random.Random, workload: Workload) -> str:
    """A sentence on who asks, for questions that bring facts of their own."""
    return say(rng, "plain", **about(workload))
