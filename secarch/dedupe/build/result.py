"""What the steps of a build hand on: counts, rejected rows, and the funnel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from secarch.dedupe.build.rejects import Rejects
from secarch.dedupe.quality.reasons import meaning_of
from secarch.errors import InvalidInput
from secarch.records import Example
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from secarch.dedupe.build.mix import Mixed
    from secarch.dedupe.build.shards import Prepared
    from secarch.dedupe.duplicates.semantic import Neighbours
    from secarch.dedupe.examples.decisions import Folded
    from secarch.dedupe.quality.boilerplate import Repeated
    from secarch.dedupe.quality.rule_counts import RuleCount
    from secarch.dedupe.split.decontaminate import Hit
    from secarch.dedupe.split.split import Split

REMEDIES = {
    "too_short": "--set dedupe.min_words=10 --set dedupe.min_example_words=10",
    "teaches_nothing": "add pages with paragraphs under headings that say what to do and why, or "
    "let a model write pairs of these (dedupe.generate.url)",
    "not_english": "add English pages; no others are cut",
    "language": "add English pages; no others are cut",
    "duplicate_": "add other documents, or --set dedupe.threshold=0.95",
}
"""What helps, by the beginning of a reason's code."""
OTHERWISE = "add other documents, or widen this rule; secarch help dedupe names the settings"


@dataclass(slots=True)
class Result:
    """Everything that the files and the report are written from."""

    documents: list[Prepared] = field(default_factory=list)
    """Kept, by id."""
    rows: dict[Split, list[Example]] = field(default_factory=dict)
    rejected: Rejects = field(default_factory=Rejects)
    duplicates: list[JsonDict] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    funnel: list[JsonDict] = field(default_factory=list)
    rules: list[RuleCount] = field(default_factory=list)
    """What each quality rule drops, counted before any did."""
    boilerplate: list[Repeated] = field(default_factory=list)
    """Lines that were blanked because a site repeats them at the edges of its pages."""
    index: list[str] = field(default_factory=list)
    """Files that later additions are compared with."""
    counts: dict[str, int] = field(default_factory=dict)
    secrets: Counter[str] = field(default_factory=Counter)
    review: Folded | None = None
    """What reviewers' decisions changed; None if there are none."""
    agreement: JsonDict = field(default_factory=dict)
    """How far reviewers agree, over all their decisions."""
    neighbours: Neighbours | None = None
    """What means the same in other words; None where nobody asked."""
    mixed: Mixed | None = None
    """Shares of the families, and what was left out for them."""
    meter: JsonDict = field(default_factory=dict)
    """What asking a language model took; empty if none was asked."""
    bad: list[dict[str, str]] = field(default_factory=list)
    closest: float = 0.0
    """Largest Jaccard of two documents in different splits (0..1)."""

    def step(self, name: str, documents: int, examples: int, reasons: Counter[str]) -> None:
        """Add a line to the funnel; reasons in the order of their counts."""
        ordered = dict(
            sorted(
                ((reason, count) for reason, count in reasons.items() if count),
                key=lambda pair: (-pair[1], pair[0]),
            )
        )
        self.funnel.append(
            {"step": name, "documents": documents, "examples": examples, "reasons": ordered}
        )

    def example_step(
        self, name: str, examples: Sequence[Example], left: Sequence[tuple[Example, str]] = ()
    ) -> None:
        """Add a line to the funnel, and what was left out with its reason."""
        self.rejected.extend(rejected_example(example, reason) for example, reason in left)
        reasons = Counter(reason for _, reason in left)
        documents = len({example.document_id for example in examples})
        self.step(name, documents, len(examples), reasons)


def rejected_document(stage: str, item: Prepared, reason: str, text: str) -> JsonDict:
    """The row of a document that a rule dropped."""
    return {
        "stage": stage,
        "reason": reason,
        "document_id": item.head.id,
        "url": item.head.url,
        "sha256": item.head.sha256,
        "start": 0,
        "end": item.signals.characters,
        "text": text,
    }


def rejected_example(example: Example, reason: str) -> JsonDict:
    """The row of an example that a step left out; of a generated one with its question, since the
    answer may be the worse one of a preference.
    """
    row = rejected_span(
        example.document_id, example.url, reason, example.start, example.end, example.answer
    )
    asked = {"instruction": example.instruction} if reason.startswith("generated_") else {}
    return {**row, **asked}


def rejected_span(
    document_id: str, url: str, reason: str, start: int, end: int, text: str
) -> JsonDict:
    """The row of a piece of a document that gave no example."""
    return {
        "stage": "example",
        "reason": reason,
        "document_id": document_id,
        "url": url,
        "sha256": "",
        "start": start,
        "end": end,
        "text": text,
    }


def nothing_left(out: Result) -> InvalidInput:
    """The error when everything was rejected, with the funnel and what most of it fell to."""
    lines = []
    fell: Counter[str] = Counter()
    for step in out.funnel:
        fell.update(step["reasons"])
        reasons = ", ".join(f"{name} {count}" for name, count in step["reasons"].items())
        lines.append(
            f"{step['step']}: {step['documents']} documents, {step['examples']} examples"
            + (f" ({reasons})" if reasons else "")
        )
    return InvalidInput(
        "nothing is left to learn from",
        why=" -> ".join(lines),
        fix=_remedy(max(fell, key=lambda name: fell[name], default="")),
    )


def _remedy(reason: str) -> str:
    """What helps against the reason that took most, with its meaning."""
    found = next((told for name, told in REMEDIES.items() if reason.startswith(name)), OTHERWISE)
    return f"{reason}: {meaning_of(reason)}; {found}" if reason else found
