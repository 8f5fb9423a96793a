"""The right lines that a review without a finding argues."""

from __future__ import annotations

import random
from collections.abc import Iterator

from secarch.dedupe.examples.constructed import answer
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose
from secarch.dedupe.examples.constructed.standing import MOST, _undone, argued, held
from secarch.dedupe.examples.constructed.template import SEVERITIES
from secarch.dedupe.examples.constructed.voice import Voice


def clean(count: int) -> Iterator[Scene]:
    for seed in range(count):
        rng = random.Random(f"clean/{seed}")
        yield compose(rng, drawn_pool(rng), most=0)


def test_a_right_line_is_told_with_the_attack_that_it_stops_and_a_check() -> None:
    some = 0
    for scene in clean(120):
        assert not scene.planted
        ones = held(scene)
        some += bool(ones)
        assert len(ones) <= MOST
        for one in ones:
            assert one.fine in scene.right
            assert not one.attack.startswith(("There is no", "Today "))
            assert "after the fix" not in one.check
            assert "no longer" not in one.check
            assert "{" not in one.fine.replace("{{", "").replace("${", "")
    assert some > 60


def test_the_line_that_keeps_out_most_comes_first() -> None:
    """By the severity of the fault that its absence would be."""
    mixed = 0
    for scene in clean(120):
        weights = {
            scene.fill(slot.fine[0]): SEVERITIES.index(
                _undone(scene, component, name, slot).severity
            )
            for component in scene.components
            for name, slot in component.slots.items()
            if slot.bad and slot.fine
        }
        told = [weights[one.fine] for one in held(scene)]
        assert told == sorted(told)
        mixed += len(set(told)) > 1
    assert mixed > 3


def test_what_is_argued_is_not_listed_again() -> None:
    for scene in clean(40):
        ones = held(scene)
        told = answer.review(Voice(random.Random(3)), scene, Wish(), {})
        assert (argued(ones) in told) == bool(ones)
        for one in ones:
            assert f"\n- {one.fine}" not in told


def test_what_is_faulty_is_not_called_right() -> None:
    rng = random.Random(11)
    for _ in range(60):
        scene = compose(rng, drawn_pool(rng), least=2)
        wrong = {one.slot.fine[0] for one in scene.planted if one.slot.fine}
        assert not {one.fine for one in held(scene)} & {scene.fill(text) for text in wrong}
