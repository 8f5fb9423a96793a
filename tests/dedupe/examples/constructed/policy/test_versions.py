"""Two versions of a policy: the evaluator decides both, and services of a field stand apart."""

from __future__ import annotations

import json
import random
import re

import pytest

from secarch.dedupe.examples.constructed.policy import iam
from secarch.dedupe.examples.constructed.policy.rights import FIELDS, rights
from secarch.dedupe.examples.constructed.policy.tasks import APART, policy_task
from secarch.dedupe.examples.constructed.policy.versions import edits, versions
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.values import values_of


def drawn(field: str, count: int) -> list[tuple[str, str, str]]:
    made = []
    for seed in range(count):
        rng = random.Random(f"versions/{seed}")
        values = values_of(rng, rng.choice(surroundings().workloads), ())
        made.append(versions(rng, values, field))
    return made


@pytest.mark.parametrize("field", ["", *FIELDS])
def test_a_wider_version_allows_more_and_nothing_less(field: str) -> None:
    for seed in range(40):
        rng = random.Random(seed)
        values = values_of(rng, rng.choice(surroundings().workloads), ())
        held = rights(rng, values, field, 4)
        for edit in edits(held.bodies):
            narrow, wide = held.allowed(edit.narrow), held.allowed(edit.wide)
            assert all(b or not a for a, b in zip(narrow, wide, strict=True)), edit.kind


@pytest.mark.parametrize("field", ["", *FIELDS])
def test_the_table_says_what_the_evaluator_says_of_the_version_that_is_shown(field: str) -> None:
    for kind, asked, answered in drawn(field, 40):
        shown = json.loads(asked.split("```json\n")[1].split("\n```")[0])
        before = iam.statements(shown, "the identity policy")
        words = re.findall(r"^\| \d\. (.+?) \| (yes|no) \| (yes|no) \|", answered, re.MULTILINE)
        assert any(old != new for _, old, new in words), kind
        assert any(old == new for _, old, new in words), kind
        command = re.search(
            r"--action-names (\S+) --resource-arns '([^']+)'((?: --context-entries \S+)*)", answered
        )
        assert command
        context = dict(re.findall(r"ContextKeyName=([^,]+),ContextKeyValues=([^,]+),", command[3]))
        allowed = iam.evaluate(iam.Request(command[1], command[2], context), before).verdict
        said = answered.rsplit("it says `", 1)[1].split("`")[0]
        assert (allowed == "allowed") == (said == "allowed")


def test_every_kind_of_change_comes_in_both_directions() -> None:
    found = drawn("", 200)
    assert {kind for kind, _, _ in found} == {
        *("statement", "condition", "actions", "resource", "deny")
    }
    lost = [one for one in found if "| yes | no |" in one[2]]
    assert 30 < len(lost) < 120
    for _, _, answered in found:
        assert ("| yes | no |" in answered) != ("| no | yes |" in answered)


def test_services_that_stand_apart_are_in_no_other_question() -> None:
    services = {"messages": ("sqs:", "sns:", "ses:", "kinesis:"), "machines": ("ec2:St", "ssm:St")}
    seen = set()
    for seed in range(600):
        task = policy_task(random.Random(f"apart/{seed}"))
        for field, names in services.items():
            if task.scenario == f"{APART}{field}":
                seen.add(field)
            else:
                assert not any(name in task.asked for name in names), task.scenario
    assert seen == set(FIELDS)
