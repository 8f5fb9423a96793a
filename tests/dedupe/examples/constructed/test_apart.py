"""Kinds of faults of which a scene shows either these alone or none."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed import rows as made
from secarch.dedupe.examples.constructed.apart import GROUPS, SIZE, parts
from secarch.dedupe.examples.constructed.library import Library
from secarch.dedupe.examples.constructed.scene import compose


def test_the_parts_share_no_kind_and_follow_the_seed() -> None:
    divided = parts(0)
    sets = [part.kinds for part in (*divided.apart, divided.others)]
    assert [len(kinds) for kinds in sets[:-1]] == [SIZE] * GROUPS
    assert len(frozenset().union(*sets)) == sum(map(len, sets))
    assert len({parts(seed).apart[0].kinds for seed in range(6)}) > 3


def test_a_scene_plants_kinds_of_one_part_alone() -> None:
    """One that mixed them would carry text of held-out kinds into training."""
    rng = random.Random(5)
    for part in (*parts(0).apart, parts(0).others):
        seen = set()
        for _ in range(25):
            pool = made.drawn_pool(rng, part.pools)
            scene = compose(rng, pool, least=1, kinds=part.kinds)
            assert scene.planted
            seen |= {one.kind for one in scene.planted}
        assert seen
        assert seen <= part.kinds


def test_rows_on_kinds_that_stand_apart_are_one_scenario() -> None:
    """Reviews, fixes and explanations alike, since they say the same of a fault."""
    divided = parts(0)
    found: dict[str, set[str]] = {}
    for number in range(1600):
        family = made.FAMILIES[number % len(made.FAMILIES)]
        if family in {"review", "fix", "explain"}:
            row = made.attempted(0, number, Library([]))
            found.setdefault(row.document_id.removeprefix("constructed:"), set()).add(family)
    apart = {name for part in divided.apart for name in part.kinds}
    assert not {name for name in found if name.removeprefix("explain/") in apart}
    assert all({"review", "fix"} <= found[part.scenario] for part in divided.apart)
