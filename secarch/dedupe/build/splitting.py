"""The step that divides examples into train, validation and test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from secarch.dedupe.duplicates import near
from secarch.dedupe.quality.reasons import Reason
from secarch.dedupe.split import split
from secarch.dedupe.split.leaks import overlapping
from secarch.records import Example

if TYPE_CHECKING:
    from secarch.dedupe.build.result import Result
    from secarch.dedupe.config import SplitConfig

Related = Sequence[tuple[int, int, float]]
"""Pairs of documents by their indices, with their Jaccard similarity (0..1)."""


def divide(
    examples: Sequence[Example],
    members: Sequence[split.Member],
    component: Sequence[int],
    kept: Sequence[int],
    related: Related,
    config: SplitConfig,
    seed: int,
    out: Result,
) -> None:
    """Put the rows of each split, and the largest similarity between splits, into `out`.

    Documents of one component stay together; constructed rows go by their scenario. Held-out rows
    whose text overlaps a training row are left out. Raises AssertionError if similar documents came
    into two splits, which is a fault of this program.
    """
    places = [component[i] for i in kept]
    names = split.assign([members[i] for i in kept], places, config, seed)
    chosen = dict(zip(kept, names, strict=True))
    out.closest = _closest(chosen, related)
    if out.closest >= near.RELATED:
        raise AssertionError("similar documents stand on two sides of a split")
    by_document = {members[i].id: name for i, name in chosen.items()}
    rows: dict[split.Split, list[Example]] = {name: [] for name in split.SPLITS}
    for example in examples:
        name = by_document.get(example.document_id) or split.of_scenario(
            example.document_id, config, seed
        )
        rows[name].append(example)
    _keep_training(rows)
    held_out = [*rows["validation"], *rows["test"]]
    leaky = overlapping(rows["train"], held_out, config.max_overlap)
    left = [(example, Reason.OVERLAPS_TRAINING) for example in held_out if example.id in leaky]
    for name in ("validation", "test"):
        rows[name] = [example for example in rows[name] if example.id not in leaky]
    out.rows = rows
    out.example_step("splits", [example for part in rows.values() for example in part], left)
    out.counts["split_components"] = len(set(places))


def _closest(chosen: dict[int, split.Split], related: Related) -> float:
    return max(
        (
            jaccard
            for i, j, jaccard in related
            if i in chosen and j in chosen and chosen[i] != chosen[j]
        ),
        default=0.0,
    )


def _keep_training(rows: dict[split.Split, list[Example]]) -> None:
    """If all that yielded examples was held out, training gets it."""
    for name in ("test", "validation"):
        if not rows["train"] and rows[name]:
            rows["train"], rows[name] = rows[name], []
