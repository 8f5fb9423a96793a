"""One question of a golden suite: what is asked, and all that is needed to grade the answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from secarch.schema import Config, sha256_of
from secarch.suite.parts import (
    Decoy,
    KeyPoint,
    LeakText,
    MustNot,
    PlantedFinding,
    Slug,
    Source,
    Text,
    Turn,
)

QuestionKind = Literal[
    "open",
    "review_code",
    "review_design",
    "generate_code",
    "false_premise",
    "bait",
    "benign",
    "harmful",
    "mcq",
]
PROMPT_KINDS = frozenset({"benign", "harmful", "bait"})
"""Kinds that can be asked without key points: whether the model declines is measured at least."""


def _index(value: object) -> object:
    """`B` is the second option, as people and exam files write it."""
    if isinstance(value, str) and re.fullmatch(r"\s*[A-Za-z]\s*", value):
        return ord(value.strip().upper()) - ord("A")
    return value


Capability = Literal["diagnose", "decide", "sequence", "refuse", "evidence", "limits"]
"""Find what is wrong; choose and say why; put steps in order; turn down what is dangerous; say what
proves it; know what a control or a rule does not do.
"""
CAPABILITIES: tuple[Capability, ...] = get_args(Capability)
OF_KIND: Mapping[str, Capability] = {
    "review_code": "diagnose",
    "review_design": "diagnose",
    "bait": "refuse",
    "harmful": "refuse",
    "false_premise": "limits",
}
"""What a kind asks where a question names nothing; any other asks for a decision."""


class Question(Config):
    """One thing to ask, with all that is needed to grade the answer."""

    id: Slug
    """Stable for ever."""
    version: Annotated[int, Field(ge=1)]
    """Rises with each change of content."""
    category: Slug
    """Such as aws, iam, threat-modelling."""
    tags: tuple[str, ...] = ()
    """Lower-case words; `smoke` marks the short selection."""
    kind: QuestionKind
    """What sort of task it is."""
    capability: Capability | None = None
    """What it mainly asks of an architect; None takes what its kind asks."""
    difficulty: Annotated[int, Field(ge=1, le=4)]
    """1 administrator .. 4 principal architect."""
    cluster: str = ""
    """Scenario that several questions share; empty where it stands alone."""
    question: Text
    """The question."""
    files: dict[str, str] = Field(default_factory=dict)
    """File name -> content: the code or the documents that the question is about."""
    reference: Annotated[str, StringConstraints(max_length=20_000, strip_whitespace=True)] = ""
    """The best answer, 80-250 words; of a multiple choice, why the right option is right (may be
    left out).
    """
    key_points: tuple[KeyPoint, ...] = ()
    """What a good answer says."""
    must_not: tuple[MustNot, ...] = ()
    """What it never says."""
    findings: tuple[PlantedFinding, ...] = ()
    """Design review: the faults that are in the files."""
    decoys: tuple[Decoy, ...] = ()
    """Design review: what looks wrong in the files and is right."""
    turns: tuple[Turn, ...] = ()
    """Further messages, each put after the answer before."""
    choices: tuple[Text, ...] = ()
    """Multiple choice: 2 to 26 options, without their letters; they are shown in an order that the
    seed decides.
    """
    answer: Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_index)] = None
    """Multiple choice: the right option, by its index from 0 or its letter."""
    wrong: str = ""
    """A plausible answer with the common mistake, for the validator."""
    paraphrase: str = ""
    """The reference in other words, for the validator."""
    sources: tuple[Source, ...] = ()
    """Where to check."""
    valid_from: date | None = None
    """Day from which the answer is right, if it ages."""
    valid_until: date | None = None
    """Day from which it is not any more."""
    licence: str = ""
    """SPDX identifier."""

    @cached_property
    def sha256(self) -> str:
        """Hex SHA-256 of all that is set in the question, so that any change of it shows.

        What is left at its default is not part of it: a field that a later version adds moves no
        hash.
        """
        return sha256_of(self.model_dump(mode="json", exclude_defaults=True))

    @property
    def main_capability(self) -> Capability:
        """The capability given, else the one that the kind stands for."""
        return self.capability or OF_KIND.get(self.kind, "decide")

    @property
    def scenario(self) -> str:
        """The cluster, or the question's own id where it stands alone."""
        return self.cluster or self.id

    def asked(self) -> tuple[Question, ...]:
        """The question turn by turn, each as one that stands alone; itself if it has one turn.

        The text of a later turn holds the messages before it, whose repetition says nothing.
        """
        return self._asked if self.turns else (self,)

    @cached_property
    def _asked(self) -> tuple[Question, ...]:
        first, told = self.replace(turns=()), self.question
        later = []
        for turn in self.turns:
            told = f"{told}\n\n{turn.message}"
            later.append(
                Question(
                    id=self.id,
                    version=self.version,
                    category=self.category,
                    kind="open",
                    difficulty=self.difficulty,
                    question=told,
                    files=self.files,
                    reference=turn.reference,
                    key_points=turn.key_points,
                    must_not=turn.must_not,
                    wrong=turn.wrong,
                    paraphrase=turn.paraphrase,
                )
            )
        return (first, *later)

    @property
    def points(self) -> tuple[KeyPoint, ...]:
        """All that answers are looked through for: key points, findings, key points of turns."""
        return (
            *self.key_points,
            *(finding.point for finding in self.findings),
            *(point for turn in self.turns for point in turn.key_points),
        )

    @property
    def never(self) -> tuple[MustNot, ...]:
        """All that answers must not say: to the first message, and to those of turns."""
        return (*self.must_not, *(item for turn in self.turns for item in turn.must_not))

    def leak_texts(self) -> tuple[LeakText, ...]:
        """What must not be in training data: the one definition for the dataset, the evaluation and
        the comparison.

        The question, its files, the reference, the options of a multiple choice (in any order), the
        text of each key point, finding and decoy, and message and reference of each further turn.
        Example: `[t.part for t in question.leak_texts()]` is
        `["question", "reference", "k1", "k2"]` for an open question with two key points.
        """
        parts = (
            ("question", (self.question,)),
            ("files", tuple(self.files.values())),
            ("reference", (self.reference,)),
            ("choices", self.choices),
            *((point.id, (point.text,)) for point in self.points),
            *((decoy.id, (decoy.text,)) for decoy in self.decoys),
            *chain.from_iterable(
                ((f"turn {n}", (turn.message,)), (f"turn {n} reference", (turn.reference,)))
                for n, turn in enumerate(self.turns, 2)
            ),
        )
        given = ((part, tuple(text for text in texts if text)) for part, texts in parts)
        return tuple(LeakText(part=part, pieces=pieces) for part, pieces in given if pieces)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        self._names_each_once()
        if self.kind == "mcq":
            self._has_choices()
        elif self.kind in PROMPT_KINDS and not (self.key_points or self.must_not):
            self._has_no_choices()
        elif not self.key_points:
            raise ValueError("no key points: at least one is needed")
        elif not self.reference:
            raise ValueError("no reference: the best answer is needed")
        else:
            self._has_no_choices()
        self._has_documents()
        return self

    def _has_no_choices(self) -> None:
        if self.choices or self.answer is not None:
            raise ValueError(f"choices and answer are for kind mcq, and this is {self.kind}")

    def _names_each_once(self) -> None:
        ids = {
            "key point": [point.id for point in self.points],
            "must_not": [item.id for item in self.never] + [decoy.id for decoy in self.decoys],
        }
        for name, given in ids.items():
            if twice := [identifier for identifier, n in Counter(given).items() if n > 1]:
                raise ValueError(f"{name} {twice[0]} is given twice")

    def _has_documents(self) -> None:
        """A design review has files and faults in them; nothing else has findings."""
        if self.kind == "review_design":
            if not (self.files and self.findings):
                raise ValueError("a design review needs files and the findings that are in them")
        elif self.findings or self.decoys:
            raise ValueError(
                f"findings and decoys are for kind review_design, and this is {self.kind}"
            )
        if self.turns and (self.kind == "mcq" or not self.key_points):
            raise ValueError("turns are for questions that are answered in words")

    def _has_choices(self) -> None:
        if (
            not 2 <= len(self.choices) <= 26
            or self.answer is None
            or self.answer >= len(self.choices)
        ):
            raise ValueError(
                "a multiple-choice question needs 2 to 26 choices and the index of the right one"
            )
        if twice := [
            text for text, n in Counter(text.casefold() for text in self.choices).items() if n > 1
        ]:
            raise ValueError(f"the choice {twice[0][:60]!r} is given twice")
