"""Which questions the tuned model may have seen: their words against the rows that it was trained
on.

`dedupe` keeps a suite's questions out of the training data. This looks again, from the other end:
at the dataset that the tuned model's lineage names, for the questions that were really asked, by
the same definition (`Question.leak_texts`, `secarch.text.overlap`). A run of 13 words counts as
seen; boilerplate counts too, so the result without these questions errs on the side of leaving out
too many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from secarch.compare.inputs.pairs import Arm, Key
from secarch.compare.pages.evidence import Questions
from secarch.schema import sha256_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was looked for and found."""

    training: str
    """Digest of the dataset."""
    checked: int
    """Questions of which the words are at hand."""
    keys: frozenset[Key]
    """Those of which a run of words is in a training row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """The dataset that the tuned model was trained on, and the questions to look for in it."""

    path: Path
    dataset: str
    """Its digest."""
    asked: Questions

    @property
    def digest(self) -> str:
        """Of what is to be compared with what, so that a comparison with less at hand is another
        one.
        """
        return sha256_of([self.dataset, sorted(map(list, self.asked))])

    def seen(self) -> Seen:
        """Look for every question in every training row. Raises TamperedArtifact."""
        from secarch.evaluate.scoring.contamination import overlaps

        found = overlaps(list(self.asked.values()), self.path)
        seen = {row["question_id"] for row in found if row["seen"]}
        keys = frozenset(key for key, question in self.asked.items() if question.id in seen)
        return Seen(training=self.dataset, checked=len(self.asked), keys=keys)


def trace(workspace: Path, tuned: Arm, load: Callable[[], Questions]) -> Training | None:
    """What can be compared: None where the dataset is not in this workspace or no question's words
    are at hand.
    """
    from secarch.evaluate.scoring.contamination import training

    found = training(workspace, tuned.parents)
    if found is None:
        return None
    known = load()
    asked = {key: known[key] for key in tuned.questions if key in known}
    return Training(path=found[0], dataset=found[1], asked=asked) if asked else None
