"""A scanner's list: what is planted is real, what only looks wrong is not, the rest is found."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed import answer, question, triage
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose
from secarch.dedupe.examples.constructed.voice import Voice, capital, listed, lowered, tidy


def scenes(count: int) -> list[tuple[random.Random, Scene]]:
    """Scenes with something real and something that only looks wrong."""
    found = []
    number = 0
    while len(found) < count:
        rng = random.Random(f"triage/{number}")
        scene = compose(rng, drawn_pool(rng), least=1)
        number += 1
        if triage.fits(scene):
            found.append((rng, scene))
    return found


def test_each_alert_is_ruled_and_what_is_missing_is_named() -> None:
    """In the order of the list; nothing is both on the list and missing."""
    some_missed = some_complete = False
    for rng, scene in scenes(40):
        voice = Voice(rng)
        given, missed = triage.alerts(voice, scene)
        real = [one.real for one in given if one.real is not None]
        assert sorted(map(id, [*real, *missed])) == sorted(map(id, scene.planted))
        assert 1 <= len(given) - len(real) <= triage.MOST_NOISE
        asked, _ = question.triage(voice, scene, given)
        text = triage.judged(voice, scene, given, missed)
        assert scene.planted[0].name in text.split("\n")[0], "no verdict at the beginning"
        for number, one in enumerate(given, 1):
            assert f"{number}. {one.said}" in asked
            word = "Not a problem." if one.real is None else f"Real, {one.real.severity}."
            assert f"**{number}. {word}**" in text
        for one_missed in missed:
            assert f": {one_missed.name}, {one_missed.severity}.**" in text
            assert not any(one.real is one_missed for one in given)
        some_missed |= bool(missed)
        some_complete |= not missed
    assert some_missed
    assert some_complete


def test_a_scene_without_noise_or_without_a_fault_has_no_list() -> None:
    """There would be nothing to tell apart."""
    seen = set()
    for number in range(60):
        rng = random.Random(f"fits/{number}")
        scene = compose(rng, drawn_pool(rng))
        assert triage.fits(scene) == bool(scene.planted and scene.decoys)
        seen.add(triage.fits(scene))
    assert seen == {True, False}


def test_a_review_heeds_what_was_asked_for() -> None:
    """Controls, a register, a freeze, two changes, an excuse with its reply."""
    for rng, scene in scenes(25):
        voice = Voice(rng)
        first = scene.planted[0]
        controls = answer.review(voice, scene, Wish(controls=True), {})
        assert f"NIST SP 800-53 {first.fault.control}" in controls
        register = answer.review(voice, scene, Wish(register=True), {})
        assert "| Risk | Weight | Cause | Consequence | Treatment |" in register
        assert register.count("\n| ") >= len(scene.planted)
        freeze = answer.review(voice, scene, Wish(freeze=True), {})
        later = [one for one in scene.planted if not one.fault.in_place]
        assert "During the freeze" in freeze
        assert bool(later) == ("for the next window" in freeze)
        claim, reply = first.excuse[0]
        argued = answer.review(
            voice, scene, Wish(excuse=0, claim=claim, reply=capital(scene.fill(reply))), {}
        )
        assert scene.fill(reply)[5:40] in argued
        if len(scene.planted) > 2:
            two = answer.review(voice, scene, Wish(two_only=True), {})
            assert "The two for this release" in two
        looks, says = scene.decoys[0]
        told = answer.review(voice, scene, Wish(looks=looks), {})
        assert f"On {looks}: leave it, {says}" in told


def test_small_grammar() -> None:
    """Lists, capitals after a colon and after a full stop; code stays as it is."""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert listed(["a, x", "b"]) == "a, x, and b"
    assert listed(["a, x", "b", "c"]) == "a, x; b; and c"
    assert lowered("Turn it off.") == "turn it off."
    assert lowered("IAM decides.") == "IAM decides."
    assert lowered("`x` decides.") == "`x` decides."
    assert lowered("Session Manager helps.") == "Session Manager helps."
    assert tidy("it is. the next one\n```sh\nx. the y\n```\n") == (
        "it is. The next one\n```sh\nx. the y\n```\n"
    )
