"""Containers: how faults join into one path, what weighs less for a plain user, what is small."""

from __future__ import annotations

import random
import re

import pytest

from secarch.dedupe.examples.constructed import answer, chain, compact, escape, residual
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.rows import drawn_pool
from secarch.dedupe.examples.constructed.scene import Scene, compose, written
from secarch.dedupe.examples.constructed.template import Occasion, pools, surroundings
from secarch.dedupe.examples.constructed.values import values_of
from secarch.dedupe.examples.constructed.voice import Voice


def scene(component: str, beside: str = "", **bad: int) -> Scene:
    """A component of ours, with another one at times, and these slots faulty by their texts."""
    pool = next(one for one in pools() if any(c.id == component for c in one.components))
    drawn = [c for c in pool.components if c.id in {component, beside}]
    first = next(c for c in drawn if c.id == component)
    workload = surroundings().workloads[0]
    values = values_of(random.Random(1), workload, drawn)
    chosen = {f"{component}/{name}": first.slots[name].bad[n] for name, n in bad.items()}
    return written(pool, drawn, workload, values, {}, chosen)


@pytest.mark.parametrize("component", ["k8s-deployment", "k8s-job", "tfk-deployment"])
def test_a_mount_of_the_host_weighs_by_who_may_use_it(component: str) -> None:
    """A plain user without a way to root is refused the files of root."""
    (alone,) = scene(component, volume=0).planted
    assert (alone.severity, alone.eased) == ("high", True)
    assert "10001" in alone.because
    mount = next(p for p in scene(component, volume=0, user=0).planted if p.kind == "host_mount")
    assert mount.severity == "critical"
    assert "no second mistake" in mount.because
    setuid = scene(component, volume=0, escalation=0).planted[0]
    assert (setuid.kind, setuid.severity) == ("host_mount", "critical")
    assert "setuid" in setuid.because


def test_a_plain_user_is_not_said_to_read_the_keys_of_the_node() -> None:
    """Neither by the mount of everything nor by a shared list of processes."""
    (mount,) = scene("k8s-deployment", volume=2).planted
    assert "/etc/cron.d" not in mount.text("attack")
    assert "refused" in mount.text("attack")
    (logs,) = scene("k8s-deployment", volume=1).planted
    assert logs.severity == "medium"
    (processes,) = scene("k8s-deployment", hostns=1).planted
    assert (processes.severity, "10001" in processes.because) == ("medium", True)
    network = scene("k8s-deployment", hostns=0).planted[0]
    assert network.severity == "high"


def test_a_capability_sleeps_behind_no_new_privs() -> None:
    """No setuid file is named as the way where the flag bars it; where it is allowed, it is."""
    (asleep,) = scene("k8s-deployment", caps=0).planted
    assert asleep.severity == "high"
    assert "Nobody can use it today" in asleep.text("attack")
    awake = scene("k8s-deployment", caps=0, escalation=0).planted[0]
    assert "Nobody" not in awake.text("attack")
    (task,) = scene("tf-task", caps=0).planted
    assert "no_new_privs" not in " ".join(task.texts("why"))


def test_the_user_of_one_container_says_nothing_of_another() -> None:
    """The weight of a mount depends on the user of its own container."""
    pool = next(one for one in pools() if any(c.id == "k8s-job" for c in one.components))
    drawn = [c for c in pool.components if c.id in {"k8s-job", "k8s-deployment"}]
    workload = surroundings().workloads[0]
    values = values_of(random.Random(1), workload, drawn)
    slots = drawn[0].slots
    chosen = {
        "k8s-deployment/user": slots["user"].bad[1],
        "k8s-job/volume": slots["volume"].bad[0],
    }
    both = written(pool, drawn, workload, values, {}, chosen)
    mount = next(one for one in both.planted if one.kind == "host_mount")
    assert mount.severity == "high"
    assert escape.path(both) == ""


def test_faults_of_one_container_are_told_as_one_path() -> None:
    """Entry, root, way out; nothing that a plain user does needs root first."""
    whole = escape.path(scene("k8s-deployment", volume=0, user=1, image=0))
    assert "moving tag" in whole
    assert "runs as root" in whole
    assert "socket of the runtime" in whole
    assert "the user first" in whole
    setuid = escape.path(scene("k8s-deployment", caps=0, escalation=0))
    assert "setuid program" in setuid
    assert "`SYS_ADMIN`" in setuid
    plain = escape.path(scene("k8s-deployment", hostns=0, image=0))
    assert "as a plain user already" in plain
    traced = escape.path(scene("k8s-deployment", hostns=1, caps=2, user=1))
    assert "processes of the node itself" in traced
    assert escape.path(scene("k8s-deployment", volume=0)) == ""
    assert escape.path(scene("k8s-deployment", user=1, image=0)) == ""
    assert chain.together(Voice(random.Random(1)), scene("k8s-job", volume=0, user=1))


def test_what_is_weak_in_lines_that_are_never_faulty_is_named() -> None:
    """With low weight, in every review that has it; not what another part of the file holds."""
    named = 0
    for number in range(60):
        rng = random.Random(f"small/{number}")
        found = compose(rng, drawn_pool(rng))
        text = answer.review(Voice(rng), found, Wish(), {})
        for one in found.minor[: residual.MOST_SMALL]:
            named += 1
            assert one in text
    assert named > 10
    alone = scene("k8s-deployment").minor
    assert any("NetworkPolicy" in one for one in alone)
    assert any("named and not in this file" in one for one in alone)
    beside = scene("k8s-deployment", beside="k8s-rights").minor
    assert not any("named and not in this file" in one for one in beside)
    assert not any("No workload in this file" in one for one in beside)
    assert any("No workload in this file" in one for one in scene("k8s-rights").minor)


def test_a_privileged_container_is_not_praised_for_its_seccomp_profile() -> None:
    """The profile does not hold there."""
    for component in ("k8s-deployment", "tfk-deployment", "helm-service"):
        assert any("seccomp" in one for one in scene(component).right)
        assert not any("seccomp" in one for one in scene(component, privileged=0).right)


def test_an_acquittal_of_a_container_names_an_attack_that_works() -> None:
    """Not one that waits for a mistake, and the small points stand behind what is right."""
    for component in ("helm-service", "k8s-deployment", "tfk-deployment"):
        found = scene(component)
        text = answer.review(Voice(random.Random(1)), found, Wish(), {})
        assert "obody can use it today" not in text
        assert "waits for" not in text
        assert text.index("carry the most weight") < text.index(found.minor[0])


def test_every_review_begins_with_a_verdict() -> None:
    """Merge or not; what runs may stay or not; who signs says so."""
    states = {"live": 0, "open": 0}
    for number in range(120):
        rng = random.Random(f"verdict/{number}")
        found = compose(rng, drawn_pool(rng))
        state = rng.choice(["live", "open"])
        said = Occasion(ask="x", state=state)  # type: ignore[arg-type]
        wish = Wish(occasion=said, short=rng.random() < 0.3, sign=rng.random() < 0.2)
        text = answer.review(Voice(rng), found, wish, {})
        first = text.split("\n")[0]
        grave = any(one.severity in {"critical", "high"} for one in found.planted)
        barred = {"host_namespace", "host_mount", "privileged_container", "added_capability"}
        if found.planted and state != "live":
            grave = grave or found.planted[0].kind in barred
        no = re.search(
            r"(?i)not (?:merge|acceptable|approved|sign)|must not stay|hold the merge"
            r"|does not pass|no merge|blocked|merge (?:only )?after",
            first,
        )
        yes = re.search(
            r"(?i)\bmerge\b|approved|would sign|would approve|can stay|acceptable"
            r"|let it in",
            first,
        )
        assert no if grave else yes and not no, first
        states[state] += 1
    assert min(states.values()) > 20


def test_a_pair_is_told_in_place_of_its_namespace() -> None:
    """With `SYS_PTRACE` the shared list of processes is not told a second time."""
    both = escape.path(scene("k8s-deployment", hostns=1, caps=2, user=0))
    assert "attaches with `SYS_PTRACE`" in both
    assert "reads the environment" not in both
    assert "reads the environment" in escape.path(scene("k8s-deployment", hostns=1, user=0))


def test_a_pipe_of_a_command_ends_no_cell() -> None:
    """A check may be two commands; the table has four columns all the same."""
    both = scene("k8s-deployment", hostns=1, user=0)
    assert any("|" in one.verify for one in both.planted)
    rows = [line for line in compact.table(both)[0].split("\n") if line.startswith("| ")]
    assert {row.count("|") for row in rows} == {5}
