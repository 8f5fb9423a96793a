"""What people decided about items: one row a decision, whoever drew the page, and how far reviewers
agree.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from secarch.errors import InvalidInput
from secarch.files import read_jsonl
from secarch.schema import JsonDict

LONGEST = 1 << 20
"""Characters of a note or of an edited text."""


class Label(BaseModel):
    """One reviewer's decision on one item."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    artifact: str
    """Digest of what the item was drawn from."""
    item_id: str = Field(min_length=1, max_length=200)
    item_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    """Of the item's content: a decision counts for what was seen."""
    kind: str
    decision: str
    value: int | dict[str, str] | None = None
    """A number, or for an edit the new texts by name."""
    note: str = Field("", max_length=LONGEST)
    reviewer: str = Field("reviewer", min_length=1, max_length=80)
    at: str = ""
    """ISO 8601."""

    def row(self) -> JsonDict:
        """JSON-ready."""
        return self.model_dump(mode="json")


def read(path: Path, kind: str | Collection[str], decisions: Mapping[str, type]) -> list[Label]:
    """The labels of a JSONL file, of one kind or of any of several. `decisions` has the type that
    each decision's value must have.

    Raises MissingInput, and InvalidInput with file and line for a row that is not such a label.
    """
    return latest(
        parse(row, kind, decisions, f"{path}:{n}") for n, row in enumerate(read_jsonl(path), 1)
    )


def parse(
    row: JsonDict, kind: str | Collection[str], decisions: Mapping[str, type], where: str
) -> Label:
    """A label from a row. Raises InvalidInput."""
    try:
        label = Label.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise InvalidInput(
            f"a label's {name} is wrong: {first['msg']}",
            where=where,
            fix="save the labels again from the page",
        ) from error
    kinds = [kind] if isinstance(kind, str) else kind
    if label.kind not in kinds:
        raise InvalidInput(
            f"these labels are of kind {label.kind[:40]!r}, not {' or '.join(kinds)}",
            where=where,
            fix="give the labels that this page's own save button wrote",
        )
    wanted = decisions.get(label.decision)
    if wanted is None or (wanted is dict and not isinstance(label.value, dict)):
        fix = f"one of {', '.join(decisions)}; an edit has its texts as value"
        raise InvalidInput(f"{label.decision[:40]!r} is no decision on it", where=where, fix=fix)
    return label


def latest(labels: Iterable[Label]) -> list[Label]:
    """Of several decisions by one reviewer on one content the last, in the order of item and
    reviewer.
    """
    found: dict[tuple[str, str, str], Label] = {}
    for label in labels:
        key = (label.item_id, label.item_sha256, label.reviewer)
        if key not in found or label.at >= found[key].at:
            found[key] = label
    return [found[key] for key in sorted(found)]


def by_content(labels: Iterable[Label]) -> dict[tuple[str, str], list[Label]]:
    """Labels by (item, content)."""
    groups: dict[tuple[str, str], list[Label]] = defaultdict(list)
    for label in labels:
        groups[label.item_id, label.item_sha256].append(label)
    return dict(groups)


def agreement(groups: Iterable[Sequence[Label]]) -> dict[str, Any]:
    """How far reviewers agree: items judged twice, share of agreeing pairs (0..1), Krippendorff's
    alpha (nominal).

    alpha = 1 - observed / expected disagreement (Krippendorff 2004, Content Analysis, chapter 11);
    None if nothing was judged twice, or where everybody always decided the same and chance
    explains that too.
    """
    twice = [[label.decision for label in group] for group in groups if len(group) > 1]
    totals = Counter(decision for group in twice for decision in group)
    n = sum(totals.values())
    pairs = agreed = 0
    observed = 0.0
    for group in twice:
        same = sum(count * (count - 1) for count in Counter(group).values())
        ordered = len(group) * (len(group) - 1)
        pairs, agreed = pairs + ordered, agreed + same
        observed += (ordered - same) / (len(group) - 1)
    expected = n * n - sum(count * count for count in totals.values())
    alpha = 1 - (n - 1) * observed / expected if expected else None
    return {"items": len(twice), "share": agreed / pairs if pairs else None, "alpha": alpha}
