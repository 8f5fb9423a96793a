"""Which refused calls a right leads to by another way."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from secarch.dedupe.examples.constructed.policy import reach
from secarch.dedupe.examples.constructed.policy.aws_cases import across, guarded, identity
from secarch.dedupe.examples.constructed.policy.azure_cases import azure
from secarch.dedupe.examples.constructed.policy.case import Case, Ruling
from secarch.dedupe.examples.constructed.policy.cluster_cases import cluster
from secarch.dedupe.examples.constructed.policy.tasks import policy_task
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.values import values_of


def drawn(make: Callable[..., Case], count: int = 120) -> Iterator[Case]:
    for seed in range(count):
        rng = random.Random(f"reach/{seed}")
        yield make(rng, values_of(rng, rng.choice(surroundings().workloads), ()))


def named(case: Case) -> set[int]:
    """The numbers of the calls that are told as within reach."""
    numbers = "".join(
        found[1]
        for text in case.reach
        if (found := re.match(r"Calls? ([\d, and]+) (?:is|are)", text))
    )
    return set(map(int, re.findall(r"\d", numbers)))


@pytest.mark.parametrize("make", [identity, guarded, cluster, azure])
def test_only_refused_calls_are_within_reach(make: Callable[..., Case]) -> None:
    """What is allowed needs no other way, and every kind of case has some and lacks some."""
    seen = Counter[bool]()
    for case in drawn(make):
        assert all(case.rulings[number - 1].word == "no" for number in named(case))
        seen[bool(named(case))] += 1
    assert min(seen[True], seen[False]) > 5


def test_a_right_leads_only_to_what_it_is_about() -> None:
    """By namespace, and by what it does."""
    calls = [
        Ruling("a", "no", "", key=("get secrets", "shop")),
        Ruling("b", "no", "", key=("get secrets", "edge")),
        Ruling("c", "yes", "", key=("get secrets", "shop")),
        Ruling("d", "no", "", key=("watch configmaps", "shop")),
    ]
    (text,) = reach.ways(calls, reach.cluster([("deploy", "shop")]))
    assert text.startswith("Call 1 is refused and may be within reach")
    (text,) = reach.ways(calls, reach.cluster([("deploy", "")]))
    assert text.startswith("Calls 1 and 2 are refused")
    made = [Ruling("a", "no", "", key=("create deployments", "edge"))]
    (text,) = reach.ways(made, reach.cluster([("debug", "")]))
    assert "A shell by `debug` in every namespace" in text
    assert reach.ways(made, reach.cluster([("debug", "edge")])) == ()
    assert reach.ways(calls, reach.cluster([("logs", "shop")]), "none") == ("none",)
    assert reach.ways(calls, reach.cluster([("logs", "shop")])) == ()


def test_a_refusal_for_all_identities_holds_against_other_roles_but_not_against_overwriting() -> (
    None
):
    """An SCP binds the role of a function too; nothing stops what it does not name."""
    calls = [
        Ruling("a", "no", "", key=("iam:CreateUser",), firm=True),
        Ruling("b", "no", "", key=("s3:DeleteObject",), firm=True),
    ]
    every = reach.aws(lambda *_: True, "x-prod")
    (text,) = reach.ways(calls, every)
    assert text.startswith("Call 2 is")
    assert "`s3:PutObject` on the same key" in text
    loose = [Ruling("a", "no", "", key=("iam:CreateUser",))]
    (text,) = reach.ways(loose, every)
    assert "`lambda:UpdateFunctionCode`" in text
    invoked = [Ruling("a", "no", "", key=("lambda:InvokeFunction",))]
    assert reach.ways(invoked, every) == ()


@pytest.mark.parametrize(
    ("granted", "call"),
    [
        ("s3:PutObject", "s3:DeleteObject"),
        ("s3:PutLifecycleConfiguration", "s3:DeleteObject"),
        ("s3:PutBucketPolicy", "s3:GetObject"),
        ("lambda:UpdateFunctionCode", "iam:PassRole"),
    ],
)
def test_each_way_needs_its_own_right(granted: str, call: str) -> None:
    """The right is there and the way is told; without it there is none."""
    calls = [Ruling("a", "no", "", key=(call,))]
    (text,) = reach.ways(calls, reach.aws(lambda action, _: action == granted, "x-prod"))
    assert granted in text
    others = reach.ways(calls, reach.aws(lambda action, _: action != granted, "x-prod"))
    assert not any(f"`{granted}`" in one for one in others)


def test_a_writer_of_assignments_reaches_every_refused_call_of_its_group() -> None:
    """And none if it is assigned elsewhere."""
    some = 0
    for case in drawn(azure):
        if "access manager" not in case.scenario:
            continue
        text = next((one for one in case.reach if "writes role assignments" in one), "")
        refused = {n for n, one in enumerate(case.rulings, 1) if one.word == "no"}
        own = re.search(r"access manager` at `[^`]+/rg-([\w-]+?)(-shared)?`", case.shown)
        assert own
        assert bool(text) == (not own[2] and bool(refused)), case.shown
        if text:
            some += 1
            assert set(map(int, re.findall(r"\d", text.split(" refused")[0]))) == refused
    assert some


def test_what_is_told_as_a_way_is_not_told_again_as_a_remark() -> None:
    for seed in range(150):
        answer = policy_task(random.Random(f"twice/{seed}")).answered
        if "`s3:PutObject` on the same key" in answer:
            assert "also overwrites" not in answer
        if "By `deploy`" in answer:
            assert "includes the right to read" not in answer
        assert "{reach}" not in answer
        assert "{within}" not in answer


def test_all_rights_in_one_namespace_reach_out_of_it_and_in_all_need_no_way() -> None:
    calls = [Ruling("a", "no", "", key=("watch configmaps", "edge"))]
    (text,) = reach.ways(calls, reach.cluster([("everything", "shop")]))
    assert "`everything` in `shop`" in text
    assert reach.cluster([("everything", "")]) == []


@pytest.mark.parametrize("far", [True, False])
def test_every_refusal_of_two_policies_hangs_on_one_side_or_both(*, far: bool) -> None:
    """Each refused call once, by the reason that its ruling tells."""
    marks = {
        "refused by a Deny": " den(?:ies|y) ",
        "caller's side alone": "but the identity policy",
        "bucket's side alone": "but the bucket policy",
    }
    seen = set()
    for case in drawn(across):
        if case.scenario.endswith("far") != far:
            continue
        told = {}
        for text in case.reach:
            for number in re.findall(r"\d", text.split(" refused")[0].split(" allowed")[0]):
                assert number not in told
                told[number] = text
        refused = {str(n): one for n, one in enumerate(case.rulings, 1) if one.word == "no"}
        assert set(told) == set(refused)
        for number, one in refused.items():
            word = next(
                (w for w, mark in marks.items() if re.search(mark, one.reason)), "by neither side"
            )
            assert word in told[number]
            seen.add(word)
    assert {"refused by a Deny", "by neither side"} <= seen
    assert ("caller's side alone" in seen) == far


def test_refusals_hold_only_without_a_right_that_leads_on() -> None:
    """Passing a role starts nothing alone; secrets, user data and functions may lead on."""
    held = 0
    for case in drawn(identity, 300):
        if any("The refusals hold" in text for text in case.reach):
            held += 1
            for sid in ("AllButIdentity", "OwnSecrets", "Inventory", "RunFunction"):
                assert f'"{sid}"' not in case.shown
            assert not named(case)
    assert held


def test_a_contributor_sets_a_secret_without_a_data_right() -> None:
    """A secret is a resource of ARM as well, and a deployment writes its value."""
    calls = [Ruling("a", "no", "", key=("Microsoft.KeyVault/vaults/secrets/setSecret/action",))]
    (text,) = reach.ways(calls, reach.azure([("Contributor", "Contributor")]))
    assert text.startswith("Call 1 is refused and may be within reach")
    assert "`Microsoft.KeyVault/vaults/secrets/write`" in text
    assert reach.ways(calls, reach.azure([("operator", "shop operator")])) == ()
