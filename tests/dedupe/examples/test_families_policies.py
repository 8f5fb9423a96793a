"""What a Kyverno policy is said to do, and where."""

from __future__ import annotations

import pytest

from secarch.dedupe.examples.families import policies

_RULE = "kind: {kind}\nspec:\n  validationFailureAction: Audit\n  kinds:\n    - Pod\n"
_CEL = "kind: {kind}\nspec:\n  validationActions:\n    - Audit\n  resources:\n    - pods\n"


@pytest.mark.parametrize(("text", "word"), [(_RULE, "Enforce"), (_CEL, "Deny")])
def test_the_stricter_action_is_the_one_that_the_kind_has(text: str, word: str) -> None:
    assert f"switch to {word} once" in policies._effect(text)


@pytest.mark.parametrize(
    ("kind", "reach"),
    [
        ("Policy", "in its namespace."),
        ("NamespacedValidatingPolicy", "in its namespace."),
        ("ClusterPolicy", "in the whole cluster."),
        ("MutatingPolicy", "in the whole cluster."),
        ("GeneratingPolicy", "in the whole cluster."),
    ],
)
def test_a_policy_reaches_as_far_as_its_kind(kind: str, reach: str) -> None:
    assert policies._scope(kind, _CEL).endswith(reach)


def test_a_policy_covers_what_all_of_its_rules_match() -> None:
    """The second rule's kinds count too, and those under `exclude` do not."""
    rule = (
        "    - match:\n        any:\n        - resources:\n            kinds:\n            - %s\n"
    )
    left = (rule % "Node").replace("    - match", "      exclude")
    body = "spec:\n  rules:\n" + rule % "Pod" + left + rule % "Job"
    assert policies._scope("ClusterPolicy", body).startswith("It matches `Pod` and `Job` in")
