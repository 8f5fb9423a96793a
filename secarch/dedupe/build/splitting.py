"""The step that divides examples into train, validation and test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from secarch.dedupe.duplicates import near
from secarch.dedupe.examples.constructed.rows import ALONE
from secarch.dedupe.quality.reasons import Reason
from secarch.dedupe.split import split
from secarch.dedupe.split.leaks import overlapping
from secarch.records import Example

if TYPE_CHECKING:
    from secarch.dedupe.build.result import Result
    from secarch.dedupe.config import SplitConfig

CONSTRUCTED = "constructed:"
"""How the identifiers of scenarios begin that no document is behind."""
MOSTLY = 0.9
"""Share of a held-out scenario's rows that overlap training from which on it belongs there."""
MOST_HELD = 0.3
"""Largest share of the rows of the families of a field that is held out for its sake."""
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

    Documents of one component stay together; constructed rows go by their scenario. A scenario that
    says what training says is training's as a whole; other held-out rows whose text overlaps a
    training row are left out. Raises AssertionError if similar documents came
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
    leaky = _hold_out(rows, config, seed)
    held_out = [*rows["validation"], *rows["test"]]
    left = [(example, Reason.OVERLAPS_TRAINING) for example in held_out if example.id in leaky]
    for name in ("validation", "test"):
        rows[name] = [example for example in rows[name] if example.id not in leaky]
    out.rows = rows
    out.example_step("splits", [example for part in rows.values() for example in part], left)
    out.counts["split_components"] = len(set(places))


def _hold_out(rows: dict[split.Split, list[Example]], config: SplitConfig, seed: int) -> set[str]:
    """See that each field of scenarios which stand alone is held out by one of them at least; ids
    of held-out rows that overlap training.

    By their hashes alone, a field of few scenarios often has none in a split.
    """
    tried: set[str] = set()
    while True:
        moved = _more(rows, config, seed, tried)
        tried |= moved
        leaky = _give_back(rows, config.max_overlap)
        if not moved & {one.document_id for one in rows["train"]}:
            return leaky


def _more(
    rows: dict[split.Split, list[Example]], config: SplitConfig, seed: int, tried: set[str]
) -> set[str]:
    """Move a scenario of each field into each split that has none of it; the names of those moved.

    The first by its place is taken which is no larger than the split's share of all rows, as long
    as training keeps most rows of the field's families.
    """
    size = Counter(one.document_id for one in rows["train"])
    total = sum(map(len, rows.values()))
    chosen: dict[str, split.Split] = {}
    shares: tuple[tuple[split.Split, float], ...] = (
        ("validation", config.validation),
        ("test", config.test),
    )
    for field in (f"{CONSTRUCTED}{name}" for name in ALONE):
        known = sorted((name for name in size if name.startswith(field)), key=_by_place(seed))
        room = _room(rows, field)
        for name, share in shares:
            if share and not any(one.document_id.startswith(field) for one in rows[name]):
                left = (one for one in known if one not in chosen and one not in tried)
                fit = next((one for one in left if size[one] <= min(share * total, room)), "")
                chosen |= {fit: name} if fit else {}
                room -= size[fit]
    for one in rows["train"]:
        if one.document_id in chosen:
            rows[chosen[one.document_id]].append(one)
    rows["train"] = [one for one in rows["train"] if one.document_id not in chosen]
    return set(chosen)


def _room(rows: dict[split.Split, list[Example]], field: str) -> float:
    """How many more rows of a field may be held out."""
    every = [(one, name) for name, part in rows.items() for one in part]
    families = {one.kind for one, _ in every if one.document_id.startswith(field)}
    held = [name != "train" for one, name in every if one.kind in families]
    return MOST_HELD * len(held) - sum(held)


def _by_place(seed: int) -> Callable[[str], float]:
    return lambda name: split.place_of(name, seed)


def _give_back(rows: dict[split.Split, list[Example]], most: float) -> set[str]:
    """Move scenarios whose rows nearly all overlap training into it; ids of rows that still do.

    Nothing would be left to measure on them, and their rows would be lost. What is moved is
    training text from then on, so the rest is compared anew until no scenario moves.
    """
    while True:
        held_out = [*rows["validation"], *rows["test"]]
        leaky = overlapping(rows["train"], held_out, most)
        size = Counter(example.document_id for example in held_out)
        taken = Counter(example.document_id for example in held_out if example.id in leaky)
        given = {
            name
            for name, count in taken.items()
            if name.startswith(CONSTRUCTED) and count >= MOSTLY * size[name]
        }
        if not given:
            return leaky
        rows["train"] += [example for example in held_out if example.document_id in given]
        for name in ("validation", "test"):
            rows[name] = [example for example in rows[name] if example.document_id not in given]


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
