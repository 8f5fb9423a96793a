"""What is said before code that a live resource would answer with its own replacement."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from secarch.dedupe.examples.constructed import answer, fixing
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.fixing import Wanted
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.replacing import before_code, replaced
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose
from secarch.dedupe.examples.constructed.voice import Voice

FORMS = ("whole", "part", "patch", "review", "short", "register")


def found(kind: str, language: str) -> Scene:
    return next(_scenes(kind, language))


def _scenes(kind: str, language: str) -> Iterator[Scene]:
    for seed in range(4000):
        rng = random.Random(seed)
        pool = drawn_pool(rng)
        if pool.language != language:
            continue
        scene = compose(rng, pool, least=1, most=3)
        if scene.language == language and any(one.kind == kind for one in scene.planted):
            yield scene


def of_kind(scene: Scene, kind: str) -> Planted:
    return next(one for one in scene.planted if one.kind == kind)


def written(scene: Scene, form: str) -> str:
    voice = Voice(random.Random(7))
    if form in {"review", "short", "register"}:
        wish = Wish(short=form == "short", register=form == "register")
        return answer.review(voice, scene, wish, {})
    return fixing.fix(voice, scene, {}, Wanted(form=form))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("kind", "language", "says"),
    [
        ("database_unencrypted", "hcl", "`snapshot_identifier` names the encrypted copy"),
        ("cache_unencrypted", "hcl", "a label and a `replication_group_id` of its own"),
        ("share_unencrypted", "hcl", "Terraform would destroy it and create an empty one"),
        ("share_unencrypted", "yaml", "only `UpdateReplacePolicy: Retain` keeps it"),
        ("volume_unencrypted", "hcl", "a new version of the launch template"),
    ],
)
def test_every_form_says_that_the_lines_are_for_a_new_resource(
    kind: str, language: str, says: str, form: str
) -> None:
    scene = found(kind, language)
    told = written(scene, form)
    assert says in told, told
    assert "The change is small" not in told


def test_a_change_in_place_and_a_script_have_nothing_to_say_before_the_code() -> None:
    script = found("database_unencrypted", "bash")
    assert not replaced(script, of_kind(script, "database_unencrypted"))
    assert before_code(script, script.planted) == ""
    plain = found("key_rotation_off", "hcl")
    assert before_code(plain, [of_kind(plain, "key_rotation_off")]) == ""


def test_one_of_several_is_named_by_its_number() -> None:
    scene = next(s for s in _scenes("cache_unencrypted", "yaml") if len(s.planted) > 1)
    number = scene.planted.index(of_kind(scene, "cache_unencrypted")) + 1
    assert before_code(scene, scene.planted).startswith(f"The lines of {number} are for")


@pytest.mark.parametrize("form", ["part", "patch", "review", "register"])
@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("database_port_open", "revoke-security-group-ingress --group-id"),
        ("cluster_api_public", "update-cluster-config --name"),
        ("pipeline_trust_any_repo", "update-assume-role-policy --role-name"),
        ("wide_scope_owner", "remove-iam-policy-binding"),
    ],
)
def test_a_script_that_has_run_gets_the_command_for_the_live_state(
    kind: str, command: str, form: str
) -> None:
    scene = next(s for s in _scenes(kind, "bash") if command in of_kind(s, kind).slot.ran)
    told = written(scene, form)
    assert "**If the script has run already**" in told
    assert command in told
    assert "{name}" not in told
