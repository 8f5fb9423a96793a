"""What a policy answer says beside its rulings."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from secarch.dedupe.examples.constructed.policy.aws_cases import across, guarded, identity
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
                fails = ("Deny`.", "must end with 403.", "must say no.", "test the Deny.")
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
