"""What a policy answer says beside its rulings."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

from secarch.dedupe.examples.constructed.policy.aws_cases import across, guarded, identity
from secarch.dedupe.examples.constructed.policy.azure_cases import azure
from secarch.dedupe.examples.constructed.policy.case import Case
from secarch.dedupe.examples.constructed.policy.cluster_cases import LEAST_CALLS, cluster
from secarch.dedupe.examples.constructed.template import surroundings
from secarch.dedupe.examples.constructed.values import values_of


def drawn(make: Callable[..., Case], count: int = 150) -> Iterator[Case]:
    for seed in range(count):
        rng = random.Random(f"cases/{seed}")
        yield make(rng, values_of(rng, rng.choice(surroundings().workloads), ()))


def test_a_command_says_what_the_ruling_says() -> None:
    """The simulator for one side, the call itself for two, the API server for a cluster."""
    some = 0
    for make in (identity, guarded, across, cluster):
        for case in drawn(make, 60):
            for one in (one for one in case.rulings if one.check):
                some += 1
                fails = (
                    "Deny`.",
                    "must end with 403.",
                    "AccessDenied.",
                    "must say no.",
                    "test the Deny.",
                )
                assert one.check.endswith(fails) == (one.word == "no"), (one.word, one.check)
    assert some > 400


def test_a_ceiling_is_not_asked_of_the_simulator() -> None:
    for case in drawn(guarded, 60):
        for one in case.rulings:
            if "SCP" in one.reason or "boundary" in one.reason:
                assert not one.check


def test_all_rights_of_a_cluster_are_taken_back_and_not_spread() -> None:
    wide = 0
    for case in drawn(cluster):
        assert len(case.rulings) >= LEAST_CALLS
        if "ClusterRoleBinding" in case.shown and "name: everything}\nsubjects" in case.shown:
            last = case.shown.rsplit("kind: ClusterRoleBinding", 1)[-1]
            if "name: everything}" in last:
                wide += 1
                assert case.change[0].startswith("Delete the ClusterRoleBinding first")
                assert not any(
                    "in each namespace that needs `everything`" in t for t in case.change
                )
    assert wide


def test_a_narrow_role_is_no_limit_beside_one_that_lists_all() -> None:
    for case in drawn(cluster):
        if "one-secret" in case.scenario and "read-secrets" in case.scenario:
            assert not any("stay refused" in text for text in case.miss)


def test_a_right_that_the_account_has_at_home_is_not_bound_there_again() -> None:
    seen = 0
    for case in drawn(cluster, 600):
        told = " ".join(case.change)
        for first in ("read-secrets", "everything"):
            if f"-{first}, namespace: " in case.shown.split("kind: RoleBinding")[1]:
                assert "bind it in" not in told or "one-secret" not in case.scenario
                seen += "one-secret" in case.scenario and "Delete the binding of" in told
    assert seen > 10


def test_a_role_that_reads_secrets_elsewhere_is_not_narrowed_to_a_name_of_home() -> None:
    for case in drawn(cluster, 600):
        if case.code.startswith("`read-secrets` as I would write it"):
            assert "-read-secrets, namespace: " in case.shown.split("kind: RoleBinding")[1]


def test_an_assignment_that_reaches_nothing_is_asked_about_and_not_refined() -> None:
    seen = 0
    for case in drawn(azure, 200):
        if "-shared`" in case.shown:
            seen += 1
            assert case.change[0].startswith("Decide what the assignment of")
            (role,) = re.findall(r"- `([^`]+)` at `[^`]+-shared`", case.shown)
            assert not any(f"`{role}`" in text for text in case.change[1:])
    assert seen > 50


def test_what_a_deny_of_the_bucket_takes_whole_is_called_dead() -> None:
    seen = 0
    for case in drawn(across, 400):
        whole = '"Sid": "ReadObjects"' in case.shown and '"Sid": "NoReadBack"' in case.shown
        dead = "`ReadObjects` is dead: `NoReadBack`" in " ".join(case.miss)
        assert dead == whole
        seen += dead
    assert seen > 5


def test_an_upload_by_two_policies_is_shown_by_an_upload() -> None:
    checks = [one.check for case in drawn(across, 200) for one in case.rulings if one.check]
    assert any("put-object" in one and "must answer" in one for one in checks)
    assert any("list-objects-v2" in one for one in checks)
