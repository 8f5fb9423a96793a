"""What fixes leave: every kind has a limit, and the gravest findings are told first."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed import residual
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import compose
from secarch.dedupe.examples.constructed.template import faults
from secarch.dedupe.examples.constructed.voice import Voice


def test_every_kind_of_fault_has_a_limit_of_its_own() -> None:
    assert set(residual.limits()) == set(faults())
    texts = [text for ones in residual.limits().values() for text in ones]
    assert len(texts) == len(set(texts))
    assert all(text.endswith(".") for text in texts)


def test_the_limits_of_the_first_two_kinds_are_told() -> None:
    """No third, none twice, and nothing where nothing is wrong."""
    counts = set()
    own = 0
    for number in range(60):
        rng = random.Random(f"left/{number}")
        scene = compose(rng, drawn_pool(rng), least=0, most=5)
        told = residual.left(Voice(rng), scene)
        kinds = list(dict.fromkeys(one.kind for one in scene.planted))
        known = {kind: [scene.fill(text) for text in residual.limits()[kind]] for kind in faults()}
        for one in reversed(scene.planted):
            if one.slot.left:
                known[one.kind] = [scene.fill(text) for text in one.slot.left]
                own += 1
            else:
                known[one.kind] = [scene.fill(text) for text in residual.limits()[one.kind]]
        for place, kind in enumerate(kinds):
            shown = [text for text in known[kind] if told and text in told[0]]
            assert len(shown) == (1 if place < residual.MOST else 0)
            if shown and len(kinds) > 1:
                first = next(n for n, one in enumerate(scene.planted, 1) if one.kind == kind)
                assert f" {first}: {shown[0]}" in told[0]
        assert len(told) == bool(kinds)
        counts.add(min(len(kinds), 3))
    assert counts == {0, 1, 2, 3}
    assert own
