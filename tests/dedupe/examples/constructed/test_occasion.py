"""Tests for what an answer says to the occasion, and for weights that depend on what is beside."""

from __future__ import annotations

import random
import re

import pytest

from secarch.dedupe.examples.constructed import finding, fixing, occasion, question, triage
from secarch.dedupe.examples.constructed.answer import review
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose, written
from secarch.dedupe.examples.constructed.template import (
    Circumstance,
    Occasion,
    faults,
    occasions,
    pools,
    surroundings,
)
from secarch.dedupe.examples.constructed.values import values_of
from secarch.dedupe.examples.constructed.voice import Voice

SAID = Occasion(ask="x", block=("B {first}",), minor=("M {top}",), clean=("C",), fixed=("F",))


def scene(component: str, *slots: str, bad: int = 0) -> Scene:
    """One component of ours with these slots faulty, each by its text of that number."""
    pool = next(one for one in pools() if any(c.id == component for c in one.components))
    drawn = next(one for one in pool.components if one.id == component)
    workload = surroundings().workloads[0]
    values = values_of(random.Random(1), workload, (drawn,))
    chosen = {f"{component}/{name}": drawn.slots[name].bad[bad] for name in slots}
    return written(pool, [drawn], workload, values, {}, chosen)


def slot_of(component: str, kind: str) -> str:
    """The slot of a component that a kind of fault stands in."""
    every = (c for pool in pools() for c in pool.components if c.id == component)
    return next(name for name, slot in next(every).slots.items() if slot.kind == kind)


def test_the_occasion_is_answered_by_the_gravest_finding() -> None:
    """Blocked, with a remark, or clean; several findings are numbered, a single one is not."""
    voice = Voice(random.Random(1))
    grave = scene("tf-postgres", slot_of("tf-postgres", "database_public"))
    small = scene("tf-postgres", slot_of("tf-postgres", "deletion_unprotected"))
    assert occasion.answered(voice, grave, SAID) == ["B the finding"]
    assert occasion.answered(voice, grave, SAID, first="alert 2") == ["B alert 2"]
    assert occasion.answered(voice, small, SAID) == ["M a data store that one call deletes"]
    assert occasion.answered(voice, scene("tf-postgres"), SAID) == ["C"]
    assert occasion.after_fix(voice, grave, SAID) == ["F"]
    assert occasion.answered(voice, grave, None) == []
    both = scene(
        "tf-postgres",
        *(slot_of("tf-postgres", kind) for kind in ("database_public", "deletion_unprotected")),
    )
    assert occasion.answered(voice, both, SAID) == ["B finding 1"]


def test_no_occasion_is_contradicted_by_a_wish_and_no_place_stays_open() -> None:
    """What is not live yet is neither frozen nor rolled out without an outage."""
    for number in range(120):
        drawn = scene("tf-bucket", slot_of("tf-bucket", "versioning_off"))
        voice = Voice(random.Random(f"occasion/{number}"))
        asked, wish = question.review(voice, drawn)
        assert wish.occasion is not None
        if wish.occasion.state == "new":
            assert not wish.freeze
            assert not wish.rollout
        barred = {name: getattr(wish, name) for name in wish.occasion.bars}
        assert not any(barred.values())
        text = review(voice, drawn, wish, {})
        assert not re.search(r"\{[a-z_]+\}", asked.split("```")[0])
        assert not re.search(r"(?<!\$)\{(?:first|top|where|watch|lead_takes)\}", text)


def test_every_occasion_has_a_whole_set_of_answers_or_none() -> None:
    """One that is answered in one case is answered in all of them."""
    for one in occasions():
        told = [bool(texts) for texts in (one.block, one.minor, one.clean, one.fixed)]
        assert len(set(told)) == 1, one.ask


@pytest.mark.parametrize("component", ["tf-bucket", "cfn-bucket", "sh-bucket"])
def test_a_public_policy_weighs_less_behind_a_closed_block(component: str) -> None:
    """Alone it is refused by the block; beside an open block it is live, and the block is first."""
    policy, block = (slot_of(component, kind) for kind in ("policy_for_everyone", "storage_public"))
    (alone,) = scene(component, policy).planted
    assert (alone.severity, alone.eased) == ("high", True)
    assert "BlockPublicPolicy" in alone.because
    opened, public = scene(component, policy, block).planted
    assert [opened.kind, public.kind] == ["storage_public", "policy_for_everyone"]
    assert (opened.severity, public.severity) == ("critical", "critical")
    assert opened.leads
    (shut,) = scene(component, block).planted
    assert (shut.severity, shut.leads, shut.because) == ("high", False, "")


def test_a_sleeping_capability_weighs_less_than_one_of_root() -> None:
    """The user of the process decides what a capability is worth; the widest never waits."""
    added, root = (slot_of("tf-task", kind) for kind in ("added_capability", "runs_as_root"))
    (alone,) = scene("tf-task", added).planted
    assert (alone.severity, "SYS_ADMIN" in "".join(alone.evidence)) == ("high", True)
    (narrow,) = scene("tf-task", added, bad=1).planted
    assert narrow.severity == "medium"
    (first, *_) = scene("tf-task", added, root).planted
    assert (first.kind, first.severity) == ("added_capability", "critical")
    assert "SYS_ADMIN" in "".join(first.evidence)


def test_another_capability_of_root_stays_high() -> None:
    """Only the widest capability is the node at once."""
    root = slot_of("tf-task", "runs_as_root")
    added = slot_of("tf-task", "added_capability")
    pool = next(one for one in pools() if any(c.id == "tf-task" for c in one.components))
    drawn = next(one for one in pool.components if one.id == "tf-task")
    workload = surroundings().workloads[0]
    values = values_of(random.Random(1), workload, (drawn,))
    chosen = {f"tf-task/{root}": drawn.slots[root].bad[0]}
    chosen[f"tf-task/{added}"] = drawn.slots[added].bad[1]
    assert written(pool, [drawn], workload, values, {}, chosen).planted[0].severity == "high"


def test_what_cannot_wait_is_all_that_is_grave() -> None:
    """A closing names every grave finding and not the first alone."""
    voice = Voice(random.Random(1))
    said = Occasion(ask="x", block=("B {urgent}",))
    policy, block, versions = (
        slot_of("tf-bucket", kind)
        for kind in ("policy_for_everyone", "storage_public", "versioning_off")
    )
    two = scene("tf-bucket", policy, block)
    assert occasion.answered(voice, two, said) == [
        "B everything critical or high, finding 1 first,"
    ]
    one = scene("tf-bucket", block, versions)
    assert occasion.answered(voice, one, said) == ["B finding 1"]


def test_what_is_decided_at_creation_does_not_wait_for_the_start() -> None:
    """A small finding that needs a replacement later is no ticket while nothing is live."""
    voice = Voice(random.Random(1))
    late = scene("sh-cache", slot_of("sh-cache", "cache_unencrypted"))
    assert late.planted[0].severity == "medium"
    new = Occasion(ask="x", state="new", minor=("M",))
    assert "decided at creation" in occasion.answered(voice, late, new)[0]
    assert occasion.answered(voice, late, SAID) == ["M " + late.planted[0].name]


def test_a_short_answer_explains_only_the_values_that_it_shows() -> None:
    """What stands in none of its lines needs no explanation."""
    opened = scene("tf-cluster", slot_of("tf-cluster", "cluster_api_public"))
    assert "range of your operators" in finding.placeholders(opened)
    assert finding.placeholders(opened, "nothing of it") == ""
    assert finding.placeholders(opened, opened.fixed) == finding.placeholders(opened)


def test_a_weight_is_argued_by_what_is_beside_or_by_the_kind() -> None:
    """Eased weights say so; a weight of the kind's own has the kind's reason."""
    voice = Voice(random.Random(1))
    eased = scene("tf-bucket", slot_of("tf-bucket", "policy_for_everyone"))
    assert re.match(r"High and no more|Why only high", finding.weight(voice, eased, *eased.planted))
    usual = scene("tf-bucket", slot_of("tf-bucket", "versioning_off"))
    told = finding.weight(voice, usual, *usual.planted)
    assert "medium" in told.lower()
    assert "who may write already" in told
    assert all(fault.weighs for fault in faults().values())


def test_a_grave_weight_by_what_it_takes_says_what_goes_too() -> None:
    """One that is eased does not, and neither does one of a lower weight."""
    voice = Voice(random.Random(1))
    grave = scene("gc-project", slot_of("gc-project", "wide_scope_owner"))
    (one,) = grave.planted
    assert not one.weighs
    told = finding.weight(voice, grave, one)
    assert "code execution beside the service account" in told
    assert told.endswith(f", and {one.fault.loses}.")
    eased = scene("az-storage", slot_of("az-storage", "storage_public"))
    assert eased.planted[0].severity == "medium"
    assert eased.planted[0].fault.loses
    loses = eased.fill(eased.planted[0].fault.loses)
    assert loses not in finding.weight(voice, eased, *eased.planted)


def test_a_brief_change_keeps_what_has_to_be_ready_before() -> None:
    """An access log needs a bucket that can receive it, however short the answer is."""
    found = scene("tf-entry", slot_of("tf-entry", "access_logs_off"))
    told = fixing.fix(Voice(random.Random(1)), found, {}, fixing.Wanted(brief=True))
    assert "the bucket has to be able to receive them" in told.lower()


def test_a_circumstance_needs_all_that_it_names() -> None:
    """Place, what is beside it and what is not."""
    one = Circumstance(place="^aws", beside=("a",), without=("b",))
    assert one.holds("aws x", frozenset({"a", "c"}))
    assert not one.holds("azure x", frozenset({"a"}))
    assert not one.holds("aws x", frozenset({"c"}))
    assert not one.holds("aws x", frozenset({"a", "b"}))


def test_a_triage_names_the_finding_by_its_place_on_the_list() -> None:
    """Numbers of a scanner's list are not numbers by weight."""
    named = 0
    for number in range(40):
        voice = Voice(random.Random(f"triage/{number}"))
        drawn = scene("bicep-network", slot_of("bicep-network", "admin_port_open"))
        given, missed = triage.alerts(voice, drawn)
        text = triage.judged(voice, drawn, given, missed, SAID)
        place = next((n for n, one in enumerate(given, 1) if one.real), 0)
        assert f"B alert {place}" in text
        named += 1
    assert named == 40


def test_a_workload_moves_to_what_its_cloud_calls_a_tenancy() -> None:
    """A subscription, a project or an account, in question and answer."""
    names = {"azure": "subscription", "gcp": "project", "aws": "account"}
    move = next(one for one in occasions() if "{tenancy}" in one.ask)
    for number in range(40):
        rng = random.Random(f"move/{number}")
        drawn = compose(rng, drawn_pool(rng), least=1, most=1)
        name = names.get(drawn.pool.cloud)
        if name:
            text = occasion.opening(Voice(rng), drawn, move)
            assert f"to another {name} and" in text
            assert name in " ".join(occasion.after_fix(Voice(rng), drawn, move))


def test_a_listener_is_not_measured_by_a_log_that_is_off() -> None:
    """Beside a missing access log the log goes first, and nobody is sent to read it."""
    slots = [slot_of("tf-entry", kind) for kind in ("access_logs_off", "plaintext_listener")]
    both = scene("tf-entry", *slots)
    plain = next(one for one in both.planted if one.kind == "plaintext_listener")
    assert "this code keeps none" in plain.texts("rollout")[0]
    assert "access log" not in plain.text("watch")
    alone = scene("tf-entry", slots[1])
    assert "this code keeps none" not in alone.planted[0].texts("rollout")[0]


def test_a_published_port_is_not_called_local_in_the_network_of_the_host() -> None:
    """Docker ignores `--publish` there."""
    found = scene("sh-container", slot_of("sh-container", "host_namespace"))
    assert not any("loopback address only" in text for text in found.right)
    if "--network host" in found.code:
        assert "--publish" in found.planted[0].texts("why")[0]
