"""Lines that a fix takes out: the whole element, with its children and its closing bracket."""

from __future__ import annotations

import json
import random
import re

import pytest

from secarch.dedupe.examples.constructed import answer
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.finding import dropped, whole
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import compose
from secarch.dedupe.examples.constructed.voice import Voice


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Environment:\n  - Name: A\n    Value: b\nCpu: 1", 3),
        ("env:\n- name: A\n  value: b\nimage: c", 3),
        ("- name: A\n  value: b\n- name: C", 2),
        ('  "Add": [\n    "SYS_ADMIN"\n  ]\n}', 3),
        ("ingress {\n  port = 22\n}\negress {", 3),
        ('port = 22\n}\nresource "a" "b" {', 1),
        ("Cpu: 1", 1),
    ],
)
def test_an_element_ends_with_its_children_and_its_bracket(text: str, count: int) -> None:
    assert whole(text.splitlines()) == count


def test_no_sentence_on_lines_that_go_leaves_a_child_or_a_bracket() -> None:
    seen = 0
    for seed in range(500):
        rng = random.Random(seed)
        scene = compose(rng, drawn_pool(rng), least=1, most=2)
        if scene.language == "bash":
            continue
        lines = scene.code.splitlines()
        for one in scene.planted:
            found = re.match(r" Lines? (\d+)(?: to (\d+))? go", dropped(scene, one))
            if not found:
                continue
            seen += 1
            first, last = int(found[1]), int(found[2] or found[1])
            gone = "\n".join(lines[first - 1 : last])
            assert all(gone.count(a) == gone.count(b) for a, b in ("[]", "{}", "()")), gone
            after = [*lines, ""][last]
            depth = len(lines[first - 1]) - len(lines[first - 1].lstrip())
            assert len(after) - len(after.lstrip()) <= depth, json.dumps([gone, after])
    assert seen >= 5


def test_a_database_that_is_restored_repeats_nothing_that_its_snapshot_brings() -> None:
    seen = 0
    for seed in range(1500):
        rng = random.Random(seed)
        pool = drawn_pool(rng)
        if pool.language != "yaml" or pool.cloud != "aws":
            continue
        scene = compose(rng, pool, least=1, most=2)
        if not any(one.kind == "database_unencrypted" for one in scene.planted):
            continue
        told = answer.review(Voice(rng), scene, Wish(), {})
        for block in re.findall(r"```yaml\n(.*?)```", told, re.DOTALL):
            if "DBSnapshotIdentifier" in block:
                seen += 1
                database = block[block.index("DBInstanceIdentifier") :]
                assert "StorageEncrypted" not in database, block
    assert seen >= 1


def test_a_secret_of_a_task_names_the_right_without_which_no_task_starts() -> None:
    seen = 0
    for seed in range(1200):
        rng = random.Random(seed)
        pool = drawn_pool(rng)
        if pool.language != "yaml" or pool.cloud != "aws":
            continue
        for one in compose(rng, pool, least=1, most=2).planted:
            fix = " ".join(one.texts("fix"))
            if "under `Secrets`" in fix:
                seen += 1
                assert "secretsmanager:GetSecretValue" in fix
    assert seen >= 1
