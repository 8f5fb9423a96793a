"""Patches: they apply, and a new block stands whole beside the one that it resembles."""

from __future__ import annotations

import random
import re

import pytest

from secarch.dedupe.examples.constructed.patch import patch
from secarch.dedupe.examples.constructed.replacing import as_it_runs
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import compose


def applied(before: list[str], hunks: str) -> list[str]:
    """What `patch` makes of the lines."""
    made, at = [], 0
    for line in hunks.split("\n"):
        if found := re.match(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@$", line):
            start = int(found[1]) - (found[2] != "0")
            made += before[at:start]
            at = start
        elif line.startswith("+"):
            made.append(line[1:])
        else:
            assert line[1:] == before[at]
            made += [line[1:]] * line.startswith(" ")
            at += 1
    return made + before[at:]


@pytest.mark.parametrize("seed", range(60))
def test_a_patch_applies_and_gives_the_proposed_code(seed: int) -> None:
    rng = random.Random(f"patch/{seed}")
    scene = as_it_runs(compose(rng, drawn_pool(rng), least=1))
    before, after = scene.code.splitlines(), scene.proposed.splitlines()
    assert applied(before, patch(before, after)) == after


def test_a_new_block_that_ends_like_the_old_one_is_inserted_whole() -> None:
    """Otherwise its first lines read as a change of the live block."""
    block = ["resource a {", "  encrypted = false", "  tls = true", "  users = true", "}"]
    other = ["", "resource c {", "}"]
    new = ["", "resource b {", "  encrypted = true", *block[2:]]
    told = patch([*block, *other], [*block, *new, *other]).split("\n")
    added = [line for line in told if line.startswith("+")]
    assert added == [f"+{line}" for line in [*new[1:], ""]]
    assert told[1:3] == [" }", " "]


def test_a_long_end_does_not_tear_the_old_block() -> None:
    """The longest run of equal lines then begins in the middle of the old block."""
    block = ["resource a {", "  encrypted = false", "  tls = true", "  users = true", "}"]
    other = ["", "resource c {", *[f"  line {n} = true" for n in range(9)], "}"]
    new = ["", "resource b {", "  encrypted = true", *block[2:]]
    told = patch([*block, *other], [*block, *new, *other]).split("\n")
    assert [line[1:] for line in told if line.startswith("+")] == [*new[1:], ""]
    assert not [line for line in told if line.startswith("-")]
