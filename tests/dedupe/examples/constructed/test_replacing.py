"""What is said before code that a live resource would answer with its own replacement."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache

import pytest

from secarch.dedupe.examples.constructed import answer, fixing
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.beside import new_name, put_beside
from secarch.dedupe.examples.constructed.finding import carried
from secarch.dedupe.examples.constructed.fixing import Wanted
from secarch.dedupe.examples.constructed.planted import Planted
from secarch.dedupe.examples.constructed.replacing import (
    before_code,
    before_start,
    replaced,
    waits,
)
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose
from secarch.dedupe.examples.constructed.template import occasions
from secarch.dedupe.examples.constructed.voice import Voice

FORMS = ("whole", "part", "patch", "review", "short", "register")


@cache
def found(kind: str, language: str) -> Scene:
    return next(_scenes(kind, language))


def _scenes(kind: str, language: str) -> Iterator[Scene]:
    for seed in range(4000):
        rng = random.Random(seed)
        pool = drawn_pool(rng)
        if pool.language != ("yaml" if language == "json" else language):
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


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("kind", "language", "says"),
    [
        ("database_unencrypted", "hcl", "`snapshot_identifier` names the encrypted copy"),
        ("cache_unencrypted", "hcl", "_encrypted` stands beside the live `aws_elasticache"),
        ("share_unencrypted", "hcl", "by destroying it and creating an empty one"),
        ("share_unencrypted", "yaml", "answers the same lines on the live one with a replacement"),
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


@pytest.mark.slow
@pytest.mark.parametrize("form", ["whole", "part", "patch", "review", "register"])
@pytest.mark.parametrize("kind", ["database_unencrypted", "cache_unencrypted", "share_unencrypted"])
@pytest.mark.parametrize("language", ["hcl", "yaml", "json"])
def test_the_code_leaves_the_live_resource_and_shows_a_new_one(
    kind: str, language: str, form: str
) -> None:
    scene = found(kind, language)
    one = of_kind(scene, kind)
    new = new_name(one.resource, scene.language).strip("`").split(".")[-1]
    told = written(scene, form)
    blocks = "\n".join(re.findall(r"^```\w+\n(.*?)^```", told, re.DOTALL | re.MULTILINE))
    assert new in blocks, told
    # What still waits on the live resource is not set there, neither in lines nor in a patch.
    for line in one.evidence:
        assert f"-{line}" not in re.sub(r"(?m)^- +", "-", blocks)
    assert f"Line {one.line} goes" not in told


def test_a_new_resource_has_names_of_its_own_and_all_that_the_live_one_lacks() -> None:
    live = (
        'resource "aws_db_instance" "x" {\n  identifier = "x-prod"\n'
        '  final_snapshot_identifier = "x-prod-final"\n}\n\nresource "b" "c" {\n}'
    )
    fixed = live.replace("}", "  storage_encrypted = true\n}", 1)
    put = put_beside(live, fixed, ["`aws_db_instance.x`"], "hcl")
    assert put.startswith(live.split("\n\n", maxsplit=1)[0])
    assert put.endswith('resource "b" "c" {\n}')
    new = put.split("\n\n")[1]
    assert new.splitlines() == [
        'resource "aws_db_instance" "x_encrypted" {',
        '  identifier = "x-prod-encrypted"',
        "  snapshot_identifier = var.encrypted_snapshot_id",
        '  final_snapshot_identifier = "x-prod-encrypted-final"',
        "  storage_encrypted = true",
        "}",
    ]


def test_a_restored_database_repeats_nothing_that_its_snapshot_brings() -> None:
    scene = found("database_unencrypted", "yaml")
    name = of_kind(scene, "database_unencrypted").resource.strip("`")
    resources = scene.proposed.split("Resources:\n", 1)[1]
    new = re.split(r"\n(?=  \S)", resources.split(f"  {name}Encrypted:\n", 1)[1])[0]
    assert "DBSnapshotIdentifier: !Ref EncryptedSnapshotId" in new
    assert "StorageEncrypted" not in new
    assert "MasterUsername" not in new
    assert "KmsKeyId" not in new
    assert "  EncryptedSnapshotId: {Type: String}" in scene.proposed


def test_what_is_serious_is_fixed_on_the_live_resource_and_what_is_mild_is_not() -> None:
    def shared(kind: str) -> Scene:
        return next(
            s
            for s in _scenes("database_unencrypted", "hcl")
            if any(o.kind == kind and "aws_db_instance" in o.resource for o in s.planted)
        )

    public = shared("database_public")
    assert not waits(public, of_kind(public, "database_public"))
    assert waits(public, of_kind(public, "database_unencrypted"))
    assert public.proposed.count("publicly_accessible    = false") == 2
    mild = shared("backups_short")
    assert waits(mild, of_kind(mild, "backups_short"))
    assert "aws_db_instance" in carried(mild, of_kind(mild, "backups_short"))


def test_nothing_moves_before_the_first_deployment() -> None:
    scene = before_start(found("share_unencrypted", "hcl"))
    one = of_kind(scene, "share_unencrypted")
    assert not replaced(scene, one)
    assert not waits(scene, one)
    assert scene.proposed == scene.fixed
    assert before_code(scene, [one]).startswith("Nothing is deployed by this file yet")
    template = before_start(found("volume_unencrypted", "hcl"))
    assert before_code(template, [of_kind(template, "volume_unencrypted")]) == ""
    new = next(one for one in occasions() if one.state == "new")
    told = fixing.fix(Voice(random.Random(7)), scene, {}, Wanted(form="patch", occasion=new))
    assert "_encrypted" not in told


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
