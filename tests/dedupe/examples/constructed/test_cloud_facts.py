"""What is said of a fault fits the cloud and the file in which it stands."""

from __future__ import annotations

import random
import re

import pytest

from secarch.dedupe.examples.constructed import answer
from secarch.dedupe.examples.constructed.answer import Wish
from secarch.dedupe.examples.constructed.scene import Scene, compose
from secarch.dedupe.examples.constructed.template import Pool, pools
from secarch.dedupe.examples.constructed.voice import Voice


def alone(component: str) -> Pool:
    """The pool of a component without the others."""
    pool = next(p for p in pools() if any(c.id == component for c in p.components))
    return pool.model_copy(
        update={"components": tuple(c for c in pool.components if c.id == component)}
    )


def reviewed(component: str, kinds: set[str]) -> str:
    """A review of a component that has these faults."""
    for number in range(900):
        rng = random.Random(f"facts/{number}")
        scene = compose(rng, alone(component), least=len(kinds))
        if kinds <= {one.kind for one in scene.planted}:
            return answer.review(Voice(rng), scene, Wish(), {})
    raise AssertionError


def test_a_cluster_without_workload_logs_still_has_the_audit_log_of_its_cloud() -> None:
    """On Google Cloud the calls of administration are recorded whatever the cluster logs."""
    google = reviewed("tfgc-sql", {"cluster_api_public", "control_plane_logs_off"})
    amazon = reviewed("tf-cluster", {"cluster_api_public", "control_plane_logs_off"})
    assert "nobody records who uses it" in amazon
    assert "nobody records who uses it" not in google
    assert "cannot be found out afterwards" not in google


@pytest.mark.parametrize(
    ("component", "words"),
    [("json-trust", "the pipeline"), ("sh-vendor", "the rights|the policies")],
)
def test_a_confused_deputy_gets_what_the_role_has_and_no_data_that_nobody_gave_it(
    component: str, words: str
) -> None:
    told = reviewed(component, {"external_id_missing"})
    assert re.search(words, told)
    assert "it is reading" not in told


def scenes(place: str) -> list[Scene]:
    """Scenes with a fault in a place such as "sh-roles/rights"."""
    pool = alone(place.partition("/")[0])
    made = (compose(random.Random(f"place/{n}"), pool, least=1) for n in range(40))
    return [scene for scene in made if any(f" {place} " in one.facts for one in scene.planted)]


def test_a_pipelines_role_is_no_runtime_role() -> None:
    """Code in the service does not hold it, and a run of the pipeline does."""
    found = scenes("sh-roles/rights")
    assert found
    for scene in found:
        one = next(one for one in scene.planted if " sh-roles/rights " in one.facts)
        assert one.name == "administrator rights for a pipeline"
        assert "one run of the pipeline" in one.text("takes")
        said = " ".join([*one.texts("why"), *(text for pair in one.excuse for text in pair)])
        assert "code gets into" not in said


def test_a_pass_right_is_critical_only_where_the_file_lets_something_start() -> None:
    """What the role may start stands in a policy that the script only attaches."""
    found = scenes("sh-roles/pass")
    assert found
    for scene in found:
        one = next(one for one in scene.planted if " sh-roles/pass " in one.facts)
        assert one.severity == "high"
        assert one.because


def test_an_open_block_and_a_public_statement_tell_the_caveat_of_the_key_once() -> None:
    """The finding on the block says what a key keeps back; the other one has its own point."""
    pool = alone("sh-bucket")
    found = 0
    for number in range(120):
        scene = compose(random.Random(f"bucket/{number}"), pool, least=2)
        by_kind = {one.kind: one for one in scene.planted}
        if not {"storage_public", "policy_for_everyone"} <= set(by_kind):
            continue
        found += 1
        block, policy = by_kind["storage_public"], by_kind["policy_for_everyone"]
        assert all("KMS" in text for text in block.texts("why"))
        assert not any("KMS" in text for text in (*policy.texts("why"), policy.text("takes")))
        assert scene.planted.index(block) < scene.planted.index(policy)
    assert found


@pytest.mark.parametrize("place", ["bicep-storage/public", "tfaz-storage/public"])
def test_nothing_is_said_to_be_disclosed_where_no_stranger_could_read(place: str) -> None:
    """The network of these accounts is closed, so the limit of the fix is another one."""
    found = scenes(place)
    assert found
    for scene in found:
        one = next(one for one in scene.planted if f" {place} " in one.facts)
        assert one.slot.left
        assert not any("stays disclosed" in text for text in one.slot.left)


@pytest.mark.parametrize("place", ["tfaz-network/role", "az-network/role"])
def test_ownership_of_a_pipeline_is_no_matter_of_the_service(place: str) -> None:
    """Code in the service does not hold the pipeline's assignment."""
    found = scenes(place)
    assert found
    for scene in found:
        one = next(one for one in scene.planted if f" {place} " in one.facts)
        assert "run of the pipeline" in one.text("takes")
        assert not any("Whoever controls {workload}" in text for text in one.texts("why"))
        assert all("pipeline" in text for text in one.texts("title"))
