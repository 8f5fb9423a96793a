"""Remarks on what no line shows as wrong: in every form of answer, and only where they hold."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from secarch.dedupe.examples.constructed import answer, fixing, remarks, triage
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.fixing import Wanted
from secarch.dedupe.examples.constructed.scene import Scene, compose
from secarch.dedupe.examples.constructed.template import pools, wording
from secarch.dedupe.examples.constructed.voice import Voice

HEADS = wording()["remark_head"]


def scene_with(component: str, words: str = "", *, least: int = 1) -> Scene:
    """A scene of one component whose code holds some words."""
    pool = next(p for p in pools() if any(c.id == component for c in p.components))
    only = pool.model_copy(
        update={"components": tuple(c for c in pool.components if c.id == component)}
    )
    scenes = (compose(random.Random(f"remark/{n}"), only, least=least) for n in range(400))
    return next(one for one in scenes if words in one.code)


def told(scene: Scene) -> str:
    return "".join(remarks.remarked(Voice(random.Random(1)), scene))


def test_remarks_are_on_components_that_exist() -> None:
    assert set(remarks.known()) <= {one.id for pool in pools() for one in pool.components}


@pytest.mark.parametrize("form", ["review", "short", "register", "fix", "brief", "triage"])
def test_a_role_for_two_is_named_in_every_form(form: str) -> None:
    """Whoever reads only the lines praises a vendor that has the pipeline's rights."""
    scene = scene_with("json-trust")
    voice = Voice(random.Random(3))
    if form in {"fix", "brief"}:
        text = fixing.fix(voice, scene, {}, Wanted(brief=form == "brief"))
    elif form == "triage":
        text = triage.judged(voice, scene, [triage.Alert("Flagged.", scene.planted[0])], ())
    else:
        text = answer.review(
            voice, scene, Wish(short=form == "short", register=form == "register"), {}
        )
    assert "role" in told(scene)
    assert sum(head in text for head in HEADS) == 1
    assert "the rights of the other" in text or "One role for two" in text


def test_a_remark_is_left_out_where_a_finding_says_the_same() -> None:
    """The public address is remarked as long as its ranges are narrow, and is a finding else."""
    narrow, wide = scene_with("tfgc-sql"), scene_with("tfgc-sql", 'value = "0.0.0.0/0"')
    while '"0.0.0.0/0"' in narrow.code:
        narrow = replace(narrow, code=narrow.fixed)
    assert "ipv4_enabled" in told(narrow)
    assert told(wide) == ""


def test_what_is_not_deployed_yet_is_set_from_the_start() -> None:
    scene = scene_with("tfgc-sql")
    scene = replace(scene, code=scene.fixed)
    assert "a change of its own" in told(scene)
    assert "from the start" in told(replace(scene, empty=True))


def test_the_tag_of_front_door_needs_its_header() -> None:
    """The tag admits every customer's profile; the address of the public needs no such word."""
    behind = scene_with("bicep-network", "AzureFrontDoor.Backend")
    opened = replace(
        behind,
        code=behind.code.replace("AzureFrontDoor.Backend", "Internet"),
        fixed=behind.fixed.replace("AzureFrontDoor.Backend", "Internet"),
    )
    assert "X-Azure-FDID" in told(behind)
    assert "X-Azure-FDID" not in told(opened)
    assert "'VirtualNetwork'" in told(opened)


def test_a_remark_has_to_hold_for_the_corrected_code_too() -> None:
    """What the fix takes away is a finding, and no remark beside it."""
    scenes = (scene_with(name) for name, ones in remarks.known().items() if ones[0].where)
    found = next(one for one in scenes if told(one))
    assert not told(replace(found, fixed=""))
