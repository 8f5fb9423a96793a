"""The parts of a question: where it can be checked, what a good answer says, what it never says.

Patterns are checked while they are read: one that does not compile, or that could take exponential
time, is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator

from secarch.schema import Config
from secarch.suite import decisions
from secarch.text.patterns import bounded

Severity = Literal["critical", "major", "minor"]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]
CHECKED = {"checked": True}
"""Validation context of what was checked before."""
FINDING_WEIGHT = {"critical": 3, "major": 2, "minor": 1}
"""Weight of a planted finding by its severity."""


def _bounded(text: str, info: ValidationInfo) -> str:
    """Checking is most of the time that loading takes, so what was checked before is believed."""
    return text if info.context == CHECKED else bounded(text)


Pattern = Annotated[str, AfterValidator(_bounded)]


class Source(Config):
    """Where a reader can check the answer."""

    title: Text
    """Name of the document."""
    section: str = ""
    """Heading within it."""
    checked: Annotated[str, StringConstraints(pattern=r"^(no|corpus:\S+)$")] = "no"
    """`corpus:<host/path>` where that text was really read, else `no`."""
    url: str = ""
    """Address, only if it was really seen."""
    read: date | None = None
    """Day on which it was read."""


class Requirement(Config):
    r"""A property that code must have, whatever its language, names and structure.

    Code is parsed; each resource, Kubernetes object and policy statement (kind `statement`) is a
    table of dotted paths in snake case. Example, met by HCL, CloudFormation and jsonencode alike::

        kind: statement
        has: {effect: deny, 'condition\\.bool\\.aws:securetransport': 'false'}
    """

    kind: Pattern = ""
    """The whole of a resource type (Terraform's name or, where it has none, the template's own),
    a Kubernetes kind, `statement`, or `block`: one table within another, such as a rule of a list;
    empty: any table.
    """
    has: dict[Pattern, Pattern] = Field(default_factory=dict)
    """End of a path -> the whole of a value in lower case, or `>=N`, `<=N`; `.*` means there."""
    lacks: dict[Pattern, Pattern] = Field(default_factory=dict)
    """Likewise what the same table must not have."""
    every: bool = False
    """Whether every table of the kind has to meet it, rather than one."""
    absent: bool = False
    """Whether no table may meet it; code has to be there all the same."""
    text: Pattern = ""
    """What is in the code without its comments, for languages that no reader parses."""
    any_of: tuple[Requirement, ...] = ()
    """Alternatives: one of them is enough, and nothing else is given."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        table = bool(self.kind or self.has or self.lacks)
        if [table, bool(self.text), bool(self.any_of)].count(True) != 1:
            raise ValueError("a requirement is a table (kind, has, lacks), a text or any_of")
        return self


class KeyPoint(Config):
    """One atomic thing that a good answer says."""

    id: Slug
    """Unique within the question."""
    text: Text
    """The point, for people."""
    weight: Annotated[int, Field(ge=1, le=3)]
    """Share of the score."""
    critical: bool = False
    """Missing it squares the score, and caps it at 0.5."""
    any_of: tuple[Pattern, ...] = ()
    """One of these must match in a window of the answer."""
    all_of: tuple[Pattern, ...] = ()
    """All of these must match in the same window."""
    requires: tuple[Requirement, ...] = ()
    """Instead of patterns: what the answer's code must have, all of it."""

    @model_validator(mode="after")
    def _has_patterns(self) -> Self:
        if not (self.any_of or self.all_of or self.requires):
            raise ValueError(f"key point {self.id} has no pattern: give any_of or all_of")
        if self.requires and (self.any_of or self.all_of):
            raise ValueError(f"key point {self.id} has patterns and requires: give one of them")
        return self


class MustNot(Config):
    """Something that a good answer never advises."""

    id: Slug
    """Unique within the question."""
    text: Text
    """What is wrong, for people."""
    severity: Severity
    """critical: the score becomes 0; major: 3 points are taken off; minor: 1."""
    pattern: Pattern | None = None
    """What it looks like in an answer."""
    keeps: Pattern | None = None
    """A thing that must not be said to be fine, enough or here to stay."""
    accepts: Pattern | None = None
    """A plan, claim or person that must not be called right or be followed."""
    uses: Pattern | None = None
    """A thing that must not be recommended."""
    drops: Pattern | None = None
    """A thing that must not be called needless or put off."""
    trusts: Pattern | None = None
    """A thing that may stay, but must not be called enough or safe."""
    unless: Pattern | None = None
    """What, in the same sentence, makes it the right advice: a pilot, a condition, a part alone."""
    detector: Slug | None = None
    """Name of a rule of `eval.safety` that finds it in the answer's code, instead of words."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.named or self.pattern) == (self.detector is not None):
            raise ValueError(
                f"must_not {self.id} needs a pattern or the name of a detector, and not both"
            )
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The things that `keeps` and its like name, without turns of phrase."""
        things = (self.keeps, self.accepts, self.uses, self.drops, self.trusts)
        return tuple(thing for thing in things if thing)

    @property
    def phrasings(self) -> tuple[decisions.Phrasing, ...]:
        """All that it may look like, with the turns of phrase of `secarch.suite.decisions`."""
        forms = (
            (decisions.keeps, self.keeps),
            (decisions.accepts, self.accepts),
            (decisions.uses, self.uses),
            (decisions.drops, self.drops),
            (decisions.trusts, self.trusts),
        )
        turned = (found for form, thing in forms if thing for found in form(thing))
        return (*((decisions.Phrasing(self.pattern),) if self.pattern else ()), *turned)

    @property
    def patterns(self) -> tuple[str, ...]:
        """The same as regular expressions alone."""
        return tuple(phrasing.pattern for phrasing in self.phrasings)


class PlantedFinding(Config):
    """A fault that is in the files of a design review."""

    id: Slug
    """Unique within the question."""
    text: Text
    """The fault and where it is, for people."""
    severity: Severity
    """Its weight in the recall: critical 3, major 2, minor 1."""
    any_of: tuple[Pattern, ...] = ()
    """One of these must match in a window of the answer."""
    all_of: tuple[Pattern, ...] = ()
    """All of these must match in the same window."""

    @model_validator(mode="after")
    def _has_patterns(self) -> Self:
        if not (self.any_of or self.all_of):
            raise ValueError(f"finding {self.id} has no pattern: give any_of or all_of")
        return self

    @property
    def point(self) -> KeyPoint:
        """The finding as a key point, so that it is looked for as one."""
        given = {"id": self.id, "text": self.text, "weight": FINDING_WEIGHT[self.severity]}
        # The patterns were checked as the finding's own.
        return KeyPoint.model_validate(
            {**given, "any_of": self.any_of, "all_of": self.all_of}, context=CHECKED
        )


class Decoy(Config):
    """Something in the files that looks wrong and is right; to call it a fault costs precision."""

    id: Slug
    """Unique within the question."""
    text: Text
    """Why it is right, for people."""
    names: Pattern | None = None
    """How it is named; that it is called a fault is seen from the rest of the clause."""
    pattern: Pattern | None = None
    """Further ways in which an answer calls it a fault or has it changed."""
    alarm: Text
    """A sentence that does so, for the validator."""

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.names is None and self.pattern is None:
            raise ValueError(f"decoy {self.id} has neither names nor a pattern")
        return self


class Turn(Config):
    """A further message of the person who asks, and what a good answer to it says."""

    message: Text
    """What the person writes after the answer before."""
    reference: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    """The best answer: what changes and what stays."""
    key_points: Annotated[tuple[KeyPoint, ...], Field(min_length=1)]
    """What a good answer says; ids are unique within the question."""
    must_not: tuple[MustNot, ...] = ()
    """What it never says."""
    wrong: str = ""
    """A plausible answer with the common mistake, for the validator."""
    paraphrase: str = ""
    """The reference in other words, for the validator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakText:
    """One text of a question that no training row may hold."""

    part: str
    """question, files, reference, choices, the id of a key point, finding or decoy; `turn 2` and
    `turn 2 reference` of a follow-up.
    """
    pieces: tuple[str, ...]
    """Texts that are looked for together, whatever is between them: options, files."""

    @property
    def text(self) -> str:
        """The pieces as one text, for people."""
        return "\n".join(self.pieces)
