"""The templates that reviews are composed of: kinds of faults, pieces of code, and workloads.

Everything is written by us and kept as YAML in the folder beside this module. A component is a
piece of code with slots (`<<name>>`). A slot has a right text and, if it can be wrong, one or more
faulty ones, each of one kind of fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from secarch.located_yaml import parse_safe
from secarch.schema import Config

FOLDER = Path(__file__).parent / "templates"
Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
"""Gravest first."""


class ByLine(Config):
    """Wording for the places that a pattern matches, if the kind's own is too general for them."""

    name: str = ""
    title: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    rollout: tuple[str, ...] = ()
    verify: str = ""
    excuse: tuple[tuple[str, str], ...] = ()
    attack: str = ""
    takes: str = ""
    watch: str = ""
    back: str = ""


class Circumstance(ByLine):
    """Wording and weight of a fault that depend on what else is wrong in the same code."""

    place: str = ""
    """Regular expression on the place and its lines."""
    beside: tuple[str, ...] = ()
    """Kinds of faults that have to be there too."""
    without: tuple[str, ...] = ()
    """Kinds of faults that must not be there."""
    severity: Severity | None = None
    because: str = ""
    """Why it weighs this much here; continues a sentence."""
    first: bool = False
    """Whether it is fixed before the others of its weight."""

    def holds(self, shown: str, kinds: frozenset[str]) -> bool:
        """Whether it fits a place with its lines, among faults of these kinds."""
        there = kinds.issuperset(self.beside) and kinds.isdisjoint(self.without)
        return there and re.search(self.place, shown) is not None


class Fault(Config):
    """A kind of fault: what it is called, why it matters, and how it is fixed."""

    severity: Severity
    rule: str
    """Detector of `secarch.danger` that knows it; empty if none does."""
    unknown: str = ""
    """Why no detector knows it."""
    category: str
    control: str
    """Controls of NIST SP 800-53 Rev. 5 that it fails."""
    name: str
    """As a noun phrase inside a sentence."""
    title: tuple[str, ...]
    why: tuple[str, ...]
    fix: tuple[str, ...]
    rollout: tuple[str, ...]
    """What the change costs and in which order it is made."""
    verify: str
    excuse: tuple[tuple[str, str], ...] = ()
    """What a team says in its defence, and the reply."""
    explained: tuple[str, ...] = ()
    """Regular expressions that a sentence of a source must match, all of them, to explain it."""
    in_place: bool = True
    """Whether it can be fixed without replacing the resource."""
    attack: str = ""
    """How an attacker uses it, step by step."""
    takes: str = ""
    """What an attacker needs for that."""
    watch: str = ""
    """What to look at until it is fixed, as a noun phrase."""
    back: str = ""
    """What to do if the change hits somebody."""
    by_line: dict[str, ByLine] = Field(default_factory=dict)
    """Regular expression on the place and its lines -> wording that goes before the general one."""
    loses: str = ""
    """What goes if it is used; continues what an attacker needs."""
    weighs: str = ""
    """Why it has its usual weight; continues a sentence."""
    circumstances: tuple[Circumstance, ...] = ()
    """What goes before all other wording if it holds."""


class Slot(Config):
    """A place in a component, and what may stand there."""

    fixed: str | None = None
    """Text of a slot that is never wrong by itself; other slots may need another one there."""
    kind: str = ""
    good: str = ""
    bad: tuple[str, ...] = ()
    absent: str = ""
    """What to say of an empty faulty text."""
    at: str = ""
    """The resource, if it is not the component's."""
    fine: tuple[str, ...] = ()
    """What to say of the right text."""
    rules: tuple[str, ...] | None = None
    """Detectors that find it, if not the one of its kind."""
    also: tuple[str, ...] = ()
    """Detectors that may find it too, since two of them have a name for it."""
    unknown: str = ""
    """Why no detector finds it in this language."""
    excludes: tuple[str, ...] = ()
    """Slots that are not made faulty together with this one."""
    needs: dict[str, str] = Field(default_factory=dict)
    """Texts of other slots that go with the fault."""
    voids: tuple[str, ...] = ()
    """Words of what is fine or only looks wrong elsewhere and does not hold beside the fault."""
    severity: Severity | None = None
    """The weight here, if it is not the one of its kind."""
    name: str = ""
    title: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    rollout: tuple[str, ...] = ()
    verify: str = ""
    ran: str = ""
    """What brings about the fix if the faulty script has run already."""
    excuse: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()
    """What is left when it is fixed here, if not what its kind leaves."""
    step: str = ""
    """What is deployed first where something runs, if the right text would cut off its clients."""
    then: str = ""
    """What follows on that first step."""


class Decoy(Config):
    """A place that may look wrong and is right."""

    plain: str
    code: str
    looks: str
    says: str
    """Why it is right; continues a sentence."""


class Minor(Config):
    """A weakness of low weight in lines that are never faulty."""

    text: str
    unless: tuple[str, ...] = ()
    """Components beside which it does not hold."""


class Component(Config):
    """A piece of code with what there is to say of it."""

    id: str
    what: str
    called: tuple[str, ...] = ()
    """What people call it, if not as the others of its pool."""
    resource: str
    code: str
    slots: dict[str, Slot]
    omit: tuple[str, ...] = ()
    """Shared slots that this component does not have."""
    decoys: dict[str, Decoy] = Field(default_factory=dict)
    looks: tuple[tuple[str, str], ...] = ()
    """Lines that always stand there, look wrong and are right, each with the reason."""
    sound: tuple[str, ...] = ()
    """What is right in the lines that are never faulty, as sentences."""
    minor: tuple[Minor, ...] = ()
    """What a reviewer would note of the lines that are never faulty, the weightiest first."""
    unseen: tuple[str, ...] = ()
    """What the code does not show."""


class Pool(Config):
    """Components in one language that can stand in one file."""

    language: str
    """The word behind the fence."""
    called: tuple[str, ...]
    cloud: str
    prefix: str = ""
    joiner: str = "\n"
    single: bool = False
    """Whether a file holds one component only."""
    also_json: bool = False
    """Whether the file is also written as JSON."""
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Two kinds of faults that are worse together."""

    first: str
    second: str
    text: str
    apart: bool
    """Whether it also holds if they are in different resources."""
    clouds: tuple[str, ...] = ()
    """Clouds in which it holds; empty for all."""


class Workload(Config):
    """What a piece of code is for."""

    name: str
    data: str
    team: str
    unit: str
    regime: str


State = Literal["live", "new", "open"]


class Occasion(Config):
    """Why somebody asks, and what the answer says to that."""

    ask: str
    state: State = "open"
    """Whether the resources exist already."""
    bars: tuple[str, ...] = ()
    """Wishes that contradict it."""
    block: tuple[str, ...] = ()
    """Said if a finding is critical or high."""
    minor: tuple[str, ...] = ()
    """Said if all findings are medium or low."""
    clean: tuple[str, ...] = ()
    """Said if there is no finding."""
    fixed: tuple[str, ...] = ()
    """Said beside corrected code."""


class Surroundings(Config):
    """Names that a scene draws from."""

    workloads: tuple[Workload, ...]
    environments: tuple[str, ...]
    regions: tuple[str, ...]


class Wording(Config):
    """Sentences of questions and answers, by their place."""

    texts: dict[str, tuple[str, ...]] = Field(min_length=1)


def read_yaml(file: Path) -> Any:
    """A table of ours."""
    return parse_safe(file.read_text(encoding="utf-8"))


def _read(name: str) -> object:
    return read_yaml(FOLDER / f"{name}.yaml")


@lru_cache(maxsize=1)
def faults() -> dict[str, Fault]:
    """Every kind of fault by its name."""
    found: dict[str, Fault] = {}
    for file in sorted(FOLDER.glob("faults-*.yaml")):
        raw = read_yaml(file)
        found |= {name: Fault.model_validate(_practised(name, body)) for name, body in raw.items()}
    return found


@lru_cache(maxsize=1)
def _practice() -> dict[str, dict[str, Any]]:
    """What the practice files add to the kinds of faults."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(FOLDER.glob("practice-*.yaml")):
        found |= read_yaml(file)
    return found


def _practised(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """A kind of fault with what the practice files add; their wording for a place goes first."""
    more = dict(_practice().get(name, {}))
    first, then = more.pop("by", {}), body.get("by_line", {})
    both = {pattern: {**then.get(pattern, {}), **told} for pattern, told in first.items()}
    by_line = {**both, **{p: then[p] for p in then if p not in both}}
    beside = {
        "weighs": _per_kind("weights").get(name, ""),
        "loses": _per_kind("losses").get(name, ""),
        "circumstances": _per_kind("circumstances").get(name, ()),
    }
    return {**body, **more, "by_line": by_line, **beside}


@lru_cache(maxsize=3)
def _per_kind(table: str) -> dict[str, Any]:
    """A table by kind of fault."""
    found: dict[str, Any] = read_yaml(FOLDER / f"{table}.yaml")
    return found


@lru_cache(maxsize=1)
def occasions() -> tuple[Occasion, ...]:
    """Every occasion on which somebody asks about code."""
    raw = read_yaml(FOLDER / "occasions.yaml")
    return tuple(Occasion.model_validate(one) for one in raw)


@lru_cache(maxsize=1)
def pools() -> tuple[Pool, ...]:
    """Every pool of components, in the order of their files' names."""
    apart = {"chains", "circumstances", "occasions", "policy", "losses", "residual", "weights"}
    apart |= {"remarks", "wording", "workloads"}
    names = sorted(
        file.stem
        for file in FOLDER.glob("*.yaml")
        if file.stem not in apart and not file.stem.startswith(("faults-", "practice-"))
    )
    return tuple(Pool.model_validate(_read(name)) for name in names)


@lru_cache(maxsize=1)
def chains() -> tuple[Chain, ...]:
    """Pairs of kinds that are worse together."""
    raw = _read("chains")
    assert isinstance(raw, list)
    return tuple(
        Chain(first, second, text, "apart" in more, tuple(one for one in more if one != "apart"))
        for first, second, text, *more in raw
    )


@lru_cache(maxsize=1)
def surroundings() -> Surroundings:
    """Workloads, environments and regions."""
    return Surroundings.model_validate(_read("workloads"))


@lru_cache(maxsize=1)
def wording() -> dict[str, tuple[str, ...]]:
    """Sentences by their place."""
    return Wording.model_validate({"texts": _read("wording")}).texts
