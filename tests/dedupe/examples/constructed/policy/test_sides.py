"""Two sides of a bucket, what hangs on a condition, and statements that come to nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from secarch.dedupe.examples.constructed.policy.aws_cases import across, identity
from secarch.dedupe.examples.constructed.policy.azure_cases import azure
from secarch.dedupe.examples.constructed.policy.case import Case, parts
from secarch.dedupe.examples.constructed.policy.tasks import policy_task
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.values import values_of


def drawn(make: Callable[..., Case] = across, count: int = 400) -> list[Case]:
    found = []
    for seed in range(count):
        rng = random.Random(f"sides/{seed}")
        workload = rng.choice(surroundings().workloads)
        found.append(make(rng, values_of(rng, workload, ())))
    return found


def test_the_buckets_policies_differ_and_each_is_advised_on_its_own() -> None:
    """Advice on a statement that is not there was what one fixed policy allowed."""
    sets = parts()["iam"]["cross"]["sets"]
    seen = set()
    for case in drawn():
        shown = set(re.findall(r'"Sid": "(\w+)"', case.shown))
        said = " ".join([*case.change, case.miss[-1]])
        known = {one["Sid"] for kind in sets for one in kind["statement"]}
        assert {word for word in re.findall(r"`(\w+)`", said) if word in known} <= shown
        seen.add(case.scenario)
    assert len(seen) == 2 * len(sets)


def test_a_grant_of_both_sides_under_a_condition_is_no_plain_yes() -> None:
    """Who is in the organisation stands in neither policy, so no command may promise an answer."""
    some = 0
    for case in drawn():
        for one in case.rulings:
            if one.word == "it depends":
                some += 1
                assert "`aws:PrincipalOrgID`" in one.reason
                assert "both do" not in one.reason
                assert not one.check
    assert some


def test_a_deny_on_storage_that_nothing_grants_is_called_idle() -> None:
    """Otherwise the Deny is praised as a limit of rights that are not there."""
    seen = {True: 0, False: 0}
    for case in drawn(identity):
        sids = re.findall(r'"Sid": "(\w+)"', case.shown)
        if not {"NoRawData", "KeepObjects", "UseKey"} & set(sids):
            continue
        grants = {"ReadObjects", "WriteReports", "ListReports", "DropFiles", "AllButIdentity"}
        idle = not grants & set(sids)
        said = any(word in " ".join(case.miss) for word in ("is idle:", "opens nothing by itself"))
        assert said is idle, case.shown
        seen[idle] += 1
    assert all(seen.values())


def test_a_reason_is_told_once_and_then_referred_to() -> None:
    referred = 0
    for seed in range(120):
        answer = policy_task(random.Random(f"once/{seed}")).answered
        lines = re.findall(r"(?m)^(\d)\. .*?: \*\*.+?\*\*\. (.+)$", answer)
        reasons = [text for _, text in lines]
        own = [text for text in reasons if not text.startswith("For the reason of call")]
        assert len(own) == len(set(own))
        for number, text in lines:
            if found := re.match(r"For the reason of call (\d)\.$", text):
                referred += 1
                assert int(found[1]) < int(number)
    assert referred


def test_a_call_in_azure_is_shown_by_a_command_that_ends_as_it_was_ruled() -> None:
    """Data planes refuse in words of their own, so one message for all proves nothing."""
    ends = {
        "AuthorizationFailed": "az storage account",
        "AuthorizationPermissionMismatch": "az storage blob",
        "ForbiddenByRbac": "az keyvault secret",
    }
    seen = set()
    for case in drawn(azure):
        for one in case.rulings:
            if not one.check:
                continue
            assert ("must answer" in one.check) is (one.word == "yes")
            for word, command in ends.items():
                if word in one.check:
                    seen.add(word)
                    assert word == "AuthorizationFailed" or command in one.check
    assert seen == set(ends)


def test_a_policy_that_only_root_can_lift_cannot_be_deleted_either() -> None:
    """Who may delete the bucket's policy is rid of its Deny; then the root user is not needed."""
    told = [case.shown for case in drawn() if "the root user of its account" in " ".join(case.miss)]
    assert told
    assert all('"s3:DeleteBucketPolicy"' in shown for shown in told)
