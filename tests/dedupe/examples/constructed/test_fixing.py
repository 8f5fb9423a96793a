"""A fix in the form that was asked for: rotation, placeholders, lines that go, and a way back."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from secarch.dedupe.examples.constructed import fixing, question, schedule
from secarch.dedupe.examples.constructed.finding import Citation, created, dropped, placeholders
from secarch.dedupe.examples.constructed.fixing import Wanted
from secarch.dedupe.examples.constructed.library import fits, names
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.ranking import reach
from secarch.dedupe.examples.constructed.replacing import replaced, waits
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose, written
from secarch.dedupe.examples.constructed.template import (
    SEVERITIES,
    faults,
    pools,
    surroundings,
    wording,
)
from secarch.dedupe.examples.constructed.values import values_of
from secarch.dedupe.examples.constructed.voice import Voice


def drawn(count: int, least: int = 1) -> list[tuple[Voice, Scene]]:
    """Scenes with at least so many faults, each with a voice."""
    found = []
    for number in range(count):
        rng = random.Random(f"fixing/{number}")
        scene = compose(rng, drawn_pool(rng), least=least, most=3)
        found.append((Voice(rng), scene))
    return found


def test_code_is_shown_in_the_form_that_was_asked_for() -> None:
    """A patch is a patch, and code of more lines than a reader compares is not repeated."""
    seen = set()
    for voice, scene in drawn(80, least=2):
        asked, wanted = question.fix(voice, scene)
        text = fixing.fix(voice, scene, {}, wanted)
        whole = len(scene.fixed.splitlines()) <= fixing.MOST_WHOLE
        seen.add((wanted.form, whole))
        if wanted.form == "patch":
            assert "```diff" in text, asked
        shown = scene.fixed.rstrip() in text
        assert shown == (wanted.form == "whole" and whole), asked
    assert {("patch", False), ("whole", True), ("whole", False)} <= seen


def test_longer_code_is_shown_in_its_changed_parts_with_every_new_line() -> None:
    """Nothing that fixes a fault is left out of the parts, and what only goes needs a patch."""
    seen = 0
    for voice, scene in drawn(80, least=2):
        form = fixing.shown_as(voice, scene, "whole")
        if form != "part":
            continue
        seen += 1
        text = fixing.fix(voice, scene, {}, Wanted(form="whole"))
        lines = scene.fixed.splitlines()
        for one in scene.planted:
            assert one.right
            assert all(lines[number].strip() in text for number in one.right)
    assert seen > 5


def test_the_words_of_a_task_say_what_is_wanted() -> None:
    """A sentence on each change, notes for a board, an order, a form."""
    assert question.wanted_by("Explain each change in a sentence or two.") == Wanted(brief=True)
    assert question.wanted_by("A patch, and notes for the change board.") == Wanted(
        form="patch", board=True
    )
    assert question.wanted_by("Return it; in which order?") == Wanted(form="whole", order=True)
    assert question.wanted_by("Fix it.") == Wanted()


def test_a_sentence_or_two_on_each_change_are_no_more() -> None:
    """Beside the reasons stand the checks alone; a full answer tells the way in and back too."""
    for voice, scene in drawn(30, least=2):
        if len(scene.planted) == 1:
            continue
        brief = fixing.fix(voice, scene, {}, Wanted(form="patch", brief=True))
        full = fixing.fix(voice, scene, {}, Wanted(form="patch", board=True))
        assert len(brief) < len(full)
        assert full.count(" Check: ") == len(scene.planted)
        assert any(head in brief for head in wording()["checks_head"])
        assert not any(head.strip() in brief for head in wording()["back_head"])


def test_a_leaked_credential_is_rotated_and_never_restored() -> None:
    """Whatever the form: the reader is told to change it, and a rollback does not bring it back."""
    seen = 0
    for voice, scene in drawn(150):
        if not any(one.kind == "secret_in_code" for one in scene.planted):
            continue
        seen += 1
        text = fixing.fix(voice, scene, {})
        assert "rotat" in text.lower() or "revoke" in text or "change it" in text, text
        assert scene.values["secret"] not in text
        if "```diff" in text:
            assert "git apply" in text
    assert seen > 3


def test_every_fix_says_how_it_is_checked_and_undone() -> None:
    """A verification for each fault, and what to do if a change breaks something."""
    for voice, scene in drawn(60, least=2):
        text = fixing.fix(voice, scene, {}, Wanted(board=True))
        for one in scene.planted:
            assert scene.fill(one.verify)[8:30] in text
            if not any(created(scene, other) for other in scene.planted):
                assert scene.fill(one.text("back"))[8:40] in text
        heads = ["**For the change board.**", *wording()["back_head"]]
        assert any(head.strip() in text for head in heads)


def test_the_order_goes_by_weight_and_then_by_what_an_attacker_needs() -> None:
    """A role that everyone may assume comes before rights that need a foothold."""
    assert reach("trust_everyone") < reach("secret_in_code") < reach("escalation_action")
    assert reach("escalation_action") < reach("no_limits") == reach("key_rotation_off")
    for _, scene in drawn(80, least=2):
        keys = [
            (SEVERITIES.index(one.severity), not one.leads, reach(one.kind))
            for one in scene.planted
        ]
        assert keys == sorted(keys)


def test_what_only_the_reader_knows_is_named_as_a_placeholder() -> None:
    """A range that the fixed code brings is said to stand for the reader's; an old one is not."""
    told = plain = 0
    for _, scene in drawn(150):
        text = placeholders(scene)
        office = scene.values["office"]
        if office in scene.fixed and office not in scene.code:
            told += 1
            assert f"`{office}` stands for the range of your operators" in text
        elif office in scene.code:
            plain += 1
            assert office not in text
    assert told
    assert plain


def test_a_line_that_gives_way_to_another_name_is_said_to_go() -> None:
    """`password` beside `manage_master_user_password` would stay; a changed value would not."""
    gone = kept = 0
    for _, scene in drawn(150):
        for one in scene.planted:
            text = dropped(scene, one)
            if one.component.id == "tf-postgres" and one.kind == "secret_in_code":
                gone += 1
                assert f"Line {one.line} goes: `password" in text
            if one.kind == "versioning_off" and one.evidence:
                kept += 1
                assert not text
    assert kept
    assert gone or kept


def test_an_entry_of_a_list_that_gives_way_is_said_to_go_with_its_value() -> None:
    """The old variable beside the new one would stay in force."""
    gone = 0
    for _, scene in drawn(400):
        lines = scene.code.splitlines()
        for one in scene.planted:
            text = dropped(scene, one)
            if "from `- name:" in text:
                gone += 1
                first, last = map(int, re.findall(r"Lines (\d+) to (\d+) go", text)[0])
                assert lines[first - 1].strip() in text
                assert lines[last - 1].strip() == one.evidence[last - first].strip()
    assert gone


def test_a_quotation_is_about_the_cloud_of_the_code() -> None:
    """And names no product that the code does not hold."""
    said = Citation(
        "A bucket policy should name its readers", "S3", "https://docs.aws.amazon.com/x"
    )
    assert fits(said, "aws", "bucket")
    assert not fits(said, "gcp", "bucket")
    assert fits(Citation(said.quote, "Any", "https://docs.example.com/x"), "gcp", "")
    hubs = Citation("You can let Event Hubs read the key", "x", "https://learn.microsoft.com/azure")
    assert not fits(hubs, "azure", "resource vault")
    assert fits(hubs, "azure", "event hubs namespace")


def test_a_quotation_names_the_setting_that_is_at_fault() -> None:
    """In one word or in several; a sentence about the subject at large is none."""
    assert names("Set publicly accessible to false.", "publicly_accessible = true")
    assert names("Set BlockPublicPolicy on the bucket.", "BlockPublicPolicy=false")
    assert not names("Public access should be blocked.", "BlockPublicPolicy=false")
    assert not names("A true value is bad.", "x = true")


def test_a_script_that_creates_has_nothing_to_migrate_yet() -> None:
    """Templates replace what holds data; a script is corrected before it runs."""
    seen = set()
    for voice, scene in drawn(300):
        late = [one for one in scene.planted if not one.fault.in_place]
        if not late:
            continue
        script = scene.language == "bash"
        seen.add(script)
        text = fixing.fix(voice, scene, {}, Wanted(board=True))
        assert script == any(told in text for told in wording()["back_created"]), text
        assert script == any(told[1:] in text for told in wording()["rollout_created"])
        assert script != replaced(scene, late[0])
    assert seen == {True, False}


def test_what_changes_in_place_goes_before_what_is_replaced() -> None:
    """And what a new resource carries anyway is not changed on the old one first."""
    carried = 0
    for _, scene in drawn(300, least=2):
        order = schedule.steps(scene)
        assert sorted(map(id, order)) == sorted(map(id, scene.planted))
        marks = [waits(scene, one) or replaced(scene, one) for one in order]
        assert marks == sorted(marks)
        for one in order:
            told = schedule.carried(scene, one)
            carried += bool(told)
            assert bool(told) == (one.fault.in_place and waits(scene, one))
    assert carried


def test_every_kind_says_how_it_is_used_watched_and_undone() -> None:
    """By the place if it has wording of its own; a pattern that fits nothing would be dead."""
    used = set()
    for number, one in enumerate(each_planted()):
        for what in ("attack", "takes", "watch", "back"):
            assert one.text(what), number
        shown = "\n".join([one.facts, *one.evidence, one.missing])
        told = set(one.slot.model_fields_set)
        for pattern, here in one.fault.by_line.items():
            if re.search(pattern, shown):
                used |= {(one.kind, pattern, what) for what in here.model_fields_set - told}
                told |= here.model_fields_set
    known = {
        (kind, pattern, what)
        for kind, fault in faults().items()
        for pattern, here in fault.by_line.items()
        for what in here.model_fields_set
    }
    assert known - used == set()


def each_planted() -> Iterator[Planted]:
    """Every faulty text of every template, with each of a few seeds for the values."""
    for seed in range(5):
        for pool in pools():
            for component in pool.components:
                values = values_of(random.Random(seed), surroundings().workloads[0], [component])
                for name, slot in component.slots.items():
                    for text in slot.bad if name not in component.omit else ():
                        chosen = {f"{component.id}/{name}": text}
                        scene = written(
                            pool, [component], surroundings().workloads[0], values, {}, chosen
                        )
                        yield from scene.planted


@pytest.mark.slow
def test_a_shared_namespace_is_explained_by_its_own_line() -> None:
    """The process namespace by `/proc`, the network by the node's, IPC by shared memory."""
    telling = {"pid": "/proc", "ipc": "shared memory", "network": "the node's"}
    seen = set()
    for _, scene in drawn(900):
        for one in scene.planted:
            if one.kind != "host_namespace" or one.slot.why:
                continue
            shown = " ".join(one.evidence).lower()
            which = next(name for name in telling if name in shown)
            seen.add(which)
            whys = " ".join(one.texts("why"))
            assert [word for word in telling.values() if word in whys][:1] == [telling[which]]
            assert one.texts("title") == one.fault.title
    assert seen == set(telling)


@pytest.mark.slow
def test_a_subject_and_an_external_id_that_nobody_named_are_declared() -> None:
    """The reader has to put the own organisation and the issued ID in."""
    kinds = {"pipeline_trust_any_repo": "organisation", "external_id_missing": "external ID"}
    for _, scene in drawn(900):
        told = placeholders(scene)
        for one in scene.planted:
            fresh = "example-org" in scene.fixed or "7f0be2c9" in scene.fixed
            if scene.language == "json" and fresh and one.kind in kinds:
                assert kinds[one.kind] in told, told
