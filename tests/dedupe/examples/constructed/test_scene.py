"""Every fault of every template is found by the detectors before, and by none of them after."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from secarch.danger.safety import inspect
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import (
    MOST_FAULTS,
    Scene,
    compose,
    filled,
    written,
)
from secarch.dedupe.examples.constructed.template import (
    Component,
    Pool,
    faults,
    pools,
    surroundings,
)
from secarch.dedupe.examples.constructed.values import values_of

CASES = [
    pytest.param(pool, component, as_json, id=f"{component.id}-{'json' if as_json else 'own'}")
    for pool in pools()
    for component in pool.components
    for as_json in ([False, True] if pool.also_json else [False])
]
LANGUAGES = {"yaml": "kubernetes", "hcl": "terraform", "bash": "shell"}


def scene_of(
    pool: Pool, component: Component, chosen: dict[str, str], *, as_json: bool, decoys: bool = True
) -> Scene:
    """One component alone, its decoys shown."""
    workload = surroundings().workloads[3]
    values = values_of(random.Random(component.id), workload, [component])
    shown = {f"{component.id}/{name}": decoys for name in component.decoys}
    return written(pool, [component], workload, values, shown, chosen, as_json=as_json)


@pytest.mark.slow
@pytest.mark.parametrize(("pool", "component", "as_json"), CASES)
def test_detectors_agree_with_every_fault_of_a_component(
    pool: Pool, component: Component, as_json: bool
) -> None:
    """Right code has no finding, decoys shown or not; each faulty text has exactly its own."""
    for decoys in (True, False):
        right = scene_of(pool, component, {}, as_json=as_json, decoys=decoys)
        assert inspect(right.code, right.language) == []
        assert right.code == right.fixed
    for name, slot in component.slots.items():
        for text in slot.bad if name not in component.omit else ():
            scene = scene_of(pool, component, {f"{component.id}/{name}": text}, as_json=as_json)
            (planted,) = scene.planted
            found = {danger.rule for danger in inspect(scene.code, scene.language)}
            assert agrees(found, scene), (name, text)
            assert scene.fixed == scene_of(pool, component, {}, as_json=as_json).code
            assert planted.rules or planted.slot.unknown or planted.fault.unknown
            check_structure(scene, text)


def agrees(found: set[str], scene: Scene) -> bool:
    """Whether the detectors find what was planted, all of it and nothing else."""
    wanted = {rule for one in scene.planted for rule in one.rules}
    return wanted <= found <= wanted | {rule for one in scene.planted for rule in one.slot.also}


def check_structure(scene: Scene, text: str) -> None:
    """What holds without a detector: the fault stands at its line, and the fixed code lacks it."""
    (planted,) = scene.planted
    before, after = scene.code.splitlines(), scene.fixed.splitlines()
    assert before != after
    assert 1 <= planted.line <= len(before)
    if text.strip():
        assert planted.evidence
        assert planted.evidence[0] in " ".join(before[planted.line - 1].split())
    else:
        assert planted.missing
        assert not planted.evidence
    for number in planted.right:
        assert after[number] not in before or before.count(after[number]) < after.count(
            after[number]
        )


def languages_of(pool: Pool, component: Component) -> set[str]:
    """The languages that a component is written in, by their own names."""
    if pool.also_json:
        return {"cloudformation", "json"}
    if component.id.startswith("helm"):
        return {"helm"}
    return {LANGUAGES.get(pool.language, pool.language)}


def test_thirty_kinds_of_faults_stand_in_four_languages_each() -> None:
    """The bar of the data set."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for pool in pools():
        for component in pool.components:
            for name, slot in component.slots.items():
                if slot.bad and name not in component.omit:
                    found[slot.kind] |= languages_of(pool, component)
    assert found.keys() == faults().keys()
    assert sum(len(languages) >= 4 for languages in found.values()) >= 30


def test_kinds_without_a_detector_say_why() -> None:
    """Nothing is left out of the agreement silently."""
    for name, fault in faults().items():
        assert bool(fault.rule) != bool(fault.unknown), name


@pytest.mark.slow
def test_drawn_scenes_agree_and_hold_between_none_and_five_faults() -> None:
    """Several faults in one file do not hide one another."""
    counts = set()
    for number in range(120):
        rng = random.Random(f"scenes/{number}")
        scene = compose(rng, drawn_pool(rng))
        counts.add(len(scene.planted))
        found = {danger.rule for danger in inspect(scene.code, scene.language)}
        assert agrees(found, scene), number
        assert inspect(scene.fixed, scene.language) == []
        kinds = [one.kind for one in scene.planted]
        assert len(kinds) == len(set(kinds))
    assert counts == set(range(MOST_FAULTS + 1))


def test_findings_come_gravest_first_and_right_things_exclude_what_is_wrong() -> None:
    """The order of the review and its praise follow from the plan."""
    order = ["critical", "high", "medium", "low"]
    for number in range(80):
        rng = random.Random(f"order/{number}")
        scene = compose(rng, drawn_pool(rng), least=2)
        ranks = [order.index(one.severity) for one in scene.planted]
        assert ranks == sorted(ranks)
        for one in scene.planted:
            assert not {filled(text, scene.values) for text in one.slot.fine} & set(scene.right)


def test_only_known_places_are_filled() -> None:
    """Braces of code stay."""
    text = filled('x = "${var.{slug}}" {other} {"a": 1}', {"slug": "a_b"})
    assert text == 'x = "${var.a_b}" {other} {"a": 1}'
