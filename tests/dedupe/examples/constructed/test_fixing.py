"""A fix in the form that was asked for: rotation, placeholders, lines that go, and a way back."""

from __future__ import annotations

import random

from secarch.dedupe.examples.constructed import fixing, question
from secarch.dedupe.examples.constructed.finding import Citation, dropped, placeholders
from secarch.dedupe.examples.constructed.library import fits
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose, reach
from secarch.dedupe.examples.constructed.template import SEVERITIES, wording
from secarch.dedupe.examples.constructed.voice import Voice


def drawn(count: int, least: int = 1) -> list[tuple[Voice, Scene]]:
    """Scenes with at least so many faults, each with a voice."""
    found = []
    for number in range(count):
        rng = random.Random(f"fixing/{number}")
        scene = compose(rng, drawn_pool(rng), least=least, most=3)
        found.append((Voice(rng), scene))
    return found


def test_a_patch_is_given_when_a_patch_is_asked_for() -> None:
    """And the whole code when that is; what is asked decides, not the seed."""
    forms = set()
    for voice, scene in drawn(60, least=2):
        asked, form = question.fix(voice, scene)
        text = fixing.fix(voice, scene, {}, form)
        forms.add(form)
        assert (form == "patch") == ("patch" in asked or "at a glance" in asked)
        if form == "patch":
            assert "```diff" in text
        if form == "whole":
            assert scene.mended.rstrip() in text
    assert forms >= {"patch", "whole"}


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
        text = fixing.fix(voice, scene, {})
        for one in scene.planted[1:]:
            assert scene.fill(one.verify)[8:30] in text
        assert any(
            word in text for word in ("Way back", "If it fails", "If something breaks", "Rollback")
        )


def test_the_order_goes_by_weight_and_then_by_what_an_attacker_needs() -> None:
    """A role that everyone may assume comes before rights that need a foothold."""
    assert reach("trust_everyone") < reach("secret_in_code") < reach("escalation_action")
    assert reach("escalation_action") < reach("no_limits") == reach("key_rotation_off")
    for _, scene in drawn(80, least=2):
        keys = [(SEVERITIES.index(one.severity), reach(one.kind)) for one in scene.planted]
        assert keys == sorted(keys)


def test_what_only_the_reader_knows_is_named_as_a_placeholder() -> None:
    """A range that the mended code brings is said to stand for the reader's; an old one is not."""
    told = plain = 0
    for _, scene in drawn(150):
        text = placeholders(scene)
        office = scene.values["office"]
        if office in scene.mended and office not in scene.code:
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


def test_a_script_that_creates_has_nothing_to_migrate_yet() -> None:
    """Templates replace what holds data; a script is corrected before it runs."""
    seen = set()
    for voice, scene in drawn(300):
        if all(one.fault.in_place for one in scene.planted):
            continue
        script = scene.language == "bash"
        seen.add(script)
        way_back = fixing._way_back(voice, scene)
        assert script == (way_back in wording()["back_created"]), way_back
        assert script == (fixing._order_of_fixes(voice, scene) in wording()["order_created"])
    assert seen == {True, False}


def test_going_back_is_said_to_reopen_the_fault() -> None:
    """No rollback of a fix is called safe, and each has an end."""
    for text in wording()["back_setting"]:
        assert "fault" in text
        assert any(word in text for word in ("hour", "day"))


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


def test_a_subject_and_an_external_id_that_nobody_named_are_declared() -> None:
    """The reader has to put the own organisation and the issued ID in."""
    kinds = {"pipeline_trust_any_repo": "organisation", "external_id_missing": "external ID"}
    for _, scene in drawn(900):
        told = placeholders(scene)
        for one in scene.planted:
            fresh = "example-org" in scene.mended or "7f0be2c9" in scene.mended
            if scene.language == "json" and fresh and one.kind in kinds:
                assert kinds[one.kind] in told, told
