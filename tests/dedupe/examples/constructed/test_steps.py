"""Fixes that take several deployments where something runs, and none where nothing does."""

from __future__ import annotations

import random
from functools import cache

import pytest

from secarch.dedupe.examples.constructed import answer, fixing
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.finding import dropped, placeholders, unlived
from secarch.dedupe.examples.constructed.fixing import Wanted
from secarch.dedupe.examples.constructed.replacing import as_it_runs, before_start
from secarch.dedupe.examples.constructed.residual import limits
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose
from secarch.dedupe.examples.constructed.template import occasions
from secarch.dedupe.examples.constructed.voice import Voice

NEW = next(one for one in occasions() if one.state == "new")


@cache
def caches(language: str, *, both: bool) -> list[Scene]:
    """Scenes with a cache in clear text, with or without encryption at rest."""
    found = []
    for seed in range(6000):
        rng = random.Random(seed)
        pool = drawn_pool(rng)
        if pool.language == "bash" or pool.cloud != "aws":
            continue
        scene = compose(rng, pool, least=1, most=4)
        kinds = {one.kind for one in scene.planted}
        fits = "cache_plaintext" in kinds and both == ("cache_unencrypted" in kinds)
        if fits and scene.language == language:
            found.append(scene)
    return found[:6]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["hcl", "yaml", "json"])
def test_code_for_what_runs_is_the_first_step(language: str) -> None:
    """A live cache gets the mode that takes both; the next steps are named, and not done."""
    scenes = caches(language, both=False)
    assert scenes
    for scene in scenes:
        staged = as_it_runs(scene)
        assert "preferred" in staged.fixed
        assert "preferred" not in scene.fixed
        for form in ("part", "patch"):
            told = fixing.fix(Voice(random.Random(5)), scene, {}, Wanted(form=form))
            code = "".join(told.split("```")[1::2])
            assert "preferred" in code
            assert not any(word in code for word in ("user_group_ids", "UserGroupIds"))
            assert all(f"Step {word}" in told for word in ("two", "three"))


@pytest.mark.slow
@pytest.mark.parametrize("both", [False, True])
def test_code_before_the_start_is_the_last_step(both: bool) -> None:
    """Where nothing runs the whole fix goes in at once, and nobody has to be moved."""
    for scene in caches("hcl", both=both):
        empty = before_start(scene)
        assert "user_group_ids" in empty.proposed
        for text in (
            fixing.fix(Voice(random.Random(5)), scene, {}, Wanted(occasion=NEW)),
            answer.review(Voice(random.Random(5)), scene, Wish(occasion=NEW), {}),
        ):
            for word in ("preferred", "old group", "move the clients", "Step one", "time before"):
                assert word not in text


def test_what_never_ran_has_no_past() -> None:
    """Sentences on the time before go; a text that is nothing else stays."""
    text = "`x` must be denied. For the time before, the log must show no stranger."
    assert unlived(text) == "`x` must be denied."
    assert unlived("For the time before, look.") == "For the time before, look."


@pytest.mark.slow
def test_a_service_that_nothing_shows_is_to_be_filled_in() -> None:
    """A pass right is bound to a service; without a sign of it in the code that is a guess."""
    seen = {True: 0, False: 0}
    for seed in range(3000):
        rng = random.Random(seed)
        scene = compose(rng, drawn_pool(rng), least=1)
        if not any(one.kind == "escalation_action" for one in scene.planted):
            continue
        if "ecs-tasks" in scene.fixed and "ecs-tasks" not in scene.code:
            shown = "ecs" in scene.code.lower()
            seen[shown] += 1
            assert ("stands for the service that runs" in placeholders(scene)) != shown
    assert all(seen.values())


@pytest.mark.slow
def test_a_list_that_goes_is_named() -> None:
    """The capabilities that were added leave no line in the fixed code, so a word says it."""
    seen = 0
    for seed in range(4000):
        rng = random.Random(seed)
        scene = compose(rng, drawn_pool(rng), least=1)
        for one in scene.planted:
            if one.kind == "added_capability" and len(one.evidence) > 1 and one.right:
                seen += "add" in dropped(scene, one)
    assert seen


@pytest.mark.slow
def test_a_brief_reason_names_the_change() -> None:
    """A sentence on each change says what is done and not the risk alone."""
    scene = next(one for one in caches("hcl", both=False) if len(one.planted) > 1)
    told = fixing.fix(Voice(random.Random(5)), scene, {}, Wanted(form="part", brief=True))
    assert "Turn on encryption in transit" in told
    assert all(limit not in told for limit in limits()["cache_plaintext"])
