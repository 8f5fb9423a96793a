"""What reviewers decided about examples, folded into the next build by example id.

A decision counts for the content that was seen: where the example reads differently today, it is
stale and changes nothing. An edited example can be reviewed again; its decisions follow one
another. Where reviewers disagree, the stricter side wins a tie: reject, then edit, then accept.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from secarch.records import Example
from secarch.report import labels
from secarch.report.labels import Label
from secarch.schema import JsonDict, sha256_of

KIND = "example_review"
DECISIONS: Mapping[str, type] = {"accept": int, "reject": int, "edit": dict}
FOLDER, FILE = "reviews", "decisions.jsonl"
"""Where they lie in the workspace."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Every label, by example and content."""

    groups: Mapping[tuple[str, str], list[Label]]
    digest: str
    """Of all of them; part of the dataset's identity."""


@dataclass(slots=True)
class Folded:
    """Examples after review, and what review did to them."""

    examples: list[Example] = field(default_factory=list)
    rejected: list[Example] = field(default_factory=list)
    rows: list[JsonDict] = field(default_factory=list)
    """One for each example that was reviewed: id, decision, reviewers, whether they agree."""
    stale: int = 0
    """Reviewed contents that no example has today."""


def content_sha256(instruction: str, answer: str) -> str:
    """What a decision is tied to."""
    return sha256_of([instruction, answer])


def load(workspace: Path) -> Decisions | None:
    """The workspace's decisions; None where there are none.

    Raises InvalidInput with file and line.
    """
    path = workspace / FOLDER / FILE
    if not path.is_file():
        return None
    found = labels.read(path, KIND, DECISIONS)
    decided = [
        [label.item_id, label.item_sha256, label.decision, label.value, label.reviewer]
        for label in found
    ]
    return Decisions(labels.by_content(found), sha256_of(decided)) if found else None


def fold(examples: Sequence[Example], decisions: Decisions) -> Folded:
    """Leave out what was rejected, change what was edited."""
    out = Folded()
    used: set[tuple[str, str]] = set()
    for example in examples:
        final, groups = _followed(example, decisions, used)
        if groups:
            said = [label.decision for label in groups[-1]]
            out.rows.append(
                {
                    "id": example.id,
                    "decision": verdict(groups[-1]),
                    "edited": final != example and final is not None,
                    "reviewers": sorted({label.reviewer for group in groups for label in group}),
                    "agreed": len(set(said)) == 1,
                }
            )
        if final is None:
            out.rejected.append(example)
        else:
            out.examples.append(final)
    out.rows.sort(key=lambda row: row["id"])
    out.stale = len(decisions.groups.keys() - used)
    return out


def _followed(
    example: Example, decisions: Decisions, used: set[tuple[str, str]]
) -> tuple[Example | None, list[list[Label]]]:
    """The example after its decisions, None where it goes, and the decisions on each of its
    contents in turn.
    """
    groups: list[list[Label]] = []
    key = (example.id, content_sha256(example.instruction, example.answer))
    while key in decisions.groups and key not in used:
        used.add(key)
        groups.append(decisions.groups[key])
        decided = verdict(groups[-1])
        if decided == "reject":
            return None, groups
        if decided == "accept":
            break
        example = _edited(example, groups[-1])
        key = (example.id, content_sha256(example.instruction, example.answer))
    return example, groups


def verdict(group: Sequence[Label]) -> str:
    """What reviewers of one content decided together."""
    said = Counter(label.decision for label in group)
    if 2 * said["reject"] >= len(group):
        return "reject"
    return "edit" if said["edit"] >= said["accept"] else "accept"


def _edited(example: Example, group: Sequence[Label]) -> Example:
    """With the texts of the latest edit; an empty text changes nothing."""
    edits = [label for label in group if label.decision == "edit"]
    value = max(edits, key=lambda label: (label.at, label.reviewer)).value
    texts = value if isinstance(value, dict) else {}
    return dataclasses.replace(
        example,
        instruction=texts.get("instruction", "").strip() or example.instruction,
        answer=texts.get("answer", "").strip() or example.answer,
    )
