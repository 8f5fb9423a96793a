"""Controls in our own words: how they are built, what shows it, what teams claim and hand in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from pydantic import Field

from secarch.dedupe.examples.constructed.knowledge.tables import FOLDER
from secarch.dedupe.examples.constructed.template import read_yaml
from secarch.schema import Config


class Proof(Config):
    """How a control is implemented on one platform and what shows it."""

    do: str
    code: str
    lang: str
    evidence: tuple[str, ...] = Field(min_length=3)
    passes: str = ""
    """What decides it on this platform; '' if a demand says it, or the control's criterion does."""
    limit: str = ""
    """What the evidence cannot show; '' if a demand on this platform says it."""
    test: str = ""
    """Commands that decide it, if no demand has them and the code only builds."""


class Claim(Config):
    """What a team says on a control, and what it comes to."""

    claim: str
    verdict: Literal["met", "partly met", "not met", "not shown"]
    says: str
    ask: str
    """The proof that would settle it; continues "Ask for"."""
    cloud: str = ""
    """The one platform for which it can be said; empty: any."""


class Exhibit(Config):
    """Something that is handed in as evidence."""

    cloud: str
    shown: str
    proves: str
    misses: str


class Control(Config):
    """A control of NIST SP 800-53 Rev. 5 in our words."""

    id: str
    title: str
    group: str
    category: str
    need: str
    """Continues "It asks that"."""
    weak: str
    """What is often handed in and does not prove it."""
    criterion: str
    """What a tester answers with yes or no."""
    claims: tuple[Claim, ...] = Field(min_length=2)
    """What teams say, each with the ruling."""
    exhibits: tuple[Exhibit, ...] = Field(min_length=2)
    sample: str
    """Out of what the evidence is drawn, how much, and by whom."""
    keeper: str
    """Who hands the evidence over."""
    aws: Proof | None = None
    azure: Proof | None = None
    gcp: Proof | None = None
    kubernetes: Proof | None = None

    @property
    def proofs(self) -> dict[str, Proof]:
        """By the platform's name."""
        found = {name: getattr(self, key) for key, name in CLOUDS.items()}
        return {name: proof for name, proof in found.items() if proof}


CLOUDS = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud", "kubernetes": "Kubernetes"}


@lru_cache(maxsize=1)
def controls() -> tuple[Control, ...]:
    """Every control."""
    rulings, samples, tests = (
        read_yaml(FOLDER / name)
        for name in ("rulings.yaml", "control-samples.yaml", "control-tests.yaml")
    )
    return tuple(
        Control.model_validate(_tested(raw, tests) | rulings[raw["id"]] | samples[raw["id"]])
        for file in sorted(FOLDER.glob("controls-*.yaml"))
        for raw in read_yaml(file)
    )


def _tested(raw: dict[str, Any], tests: dict[str, dict[str, str]]) -> dict[str, Any]:
    """A control as it is read, with the tests of its platforms."""
    own = tests.get(raw["id"], {})
    return raw | {cloud: raw[cloud] | {"test": test} for cloud, test in own.items()}
