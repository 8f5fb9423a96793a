"""A window that names a point meets it only if it does not side with the wrong answer."""

from __future__ import annotations

import pytest

from secarch.evaluate.rubric.contrast import Contrast, contrast
from secarch.evaluate.rubric.grade import grade
from secarch.suite.schema import KeyPoint, MustNot, Question

RIGHT = "Revoke the access key today. Let the pipeline assume a role by federation instead."
WRONG = "Move the access key into the vault. Rotation once a year is what the auditor asks for."


def question(wrong: str = WRONG, reference: str = RIGHT) -> Question:
    """One point with a pattern as loose as bare nouns."""
    return Question(
        id="q-1",
        version=1,
        category="aws",
        kind="open",
        difficulty=1,
        question="How?",
        reference=reference,
        wrong=wrong,
        key_points=(KeyPoint(id="k1", text="revoke", weight=2, any_of=("access key|rotation",)),),
        must_not=(MustNot(id="m1", text="bad", severity="major", pattern="never seen"),),
    )


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("Revoke the access key now, before anything else.", ""),
        ("The stolen access key has to be revoked at once.", ""),
        ("Move the access key into a vault first.", "contrary"),
        ("The auditor asks for a rotation once a year.", "contrary"),
        ("The team should talk about the weather.", "absent"),
        ("Move the access key into a vault. Revoke the access key today.", ""),
        ("```sh\nmove access key into the vault\n```", ""),
    ],
)
def test_a_point_is_met_by_a_window_of_the_right_side(answer: str, reason: str) -> None:
    """Whatever the pattern accepts; another window can still meet it, and code has no sides."""
    point = grade(question(), answer).points[0]
    assert (point.met, point.reason) == (not reason, reason)


def test_a_question_without_a_wrong_answer_has_no_sides() -> None:
    """As suites of one's own may have."""
    found = grade(question(wrong=""), "Move the access key into a vault first.").points[0]
    assert found.met


BOTH = Contrast(
    (frozenset({"key", "role"}),), (frozenset({"vault", "year"}),), (False,), False, False
)


@pytest.mark.parametrize(
    ("text", "contrary"),
    [
        ("key role", False),
        ("key vault", False),
        ("weather report", False),
        ("vault year", True),
        ("key vault year", True),
        ("key vault is optional", True),
        ("key vault is enough", True),
        ("weather can wait", True),
        ("weather must wait until the key is there", False),
        ("weather turns no later than today", False),
        ("weather turns later than that", True),
        ("weather is reliable", True),
        ("key role is optional", False),
        ("key role is enough", False),
        ("i won't have a vault year", False),
        ("we strongly advise against a vault year", False),
        ("we will have a vault year", True),
        ("no vault holds for a year", False),
        ("a vault need not hold for a year", True),
    ],
)
def test_dismissal_and_assurance_weigh_against_a_window(text: str, contrary: bool) -> None:
    """Less than what it shares with the right side, if that is much."""
    assert BOTH.contrary(text) is contrary


def test_what_a_right_answer_does_itself_costs_nothing() -> None:
    """A reference that calls a control enough makes the same of an answer no fault."""
    right, wrong = (frozenset({"key"}),), (frozenset({"vault"}),)
    text = "vault key can wait and is enough"
    for dismisses, assures, contrary in (
        (False, False, True),
        (True, False, True),
        (False, True, True),
        (True, True, False),
    ):
        assert (
            Contrast(right, wrong, (False,) * len(wrong), dismisses, assures).contrary(text)
            is contrary
        )


def test_what_denies_the_wrong_answer_is_of_the_right_side() -> None:
    """Unless the wrong answer's nearest window denies something itself."""
    wrong = (frozenset({"vault", "year"}), frozenset({"log", "month"}))
    sides = Contrast((frozenset({"key"}),), wrong, (False, True), False, False)
    assert not sides.contrary("a vault does not hold for a year")
    assert sides.contrary("a log does not hold for a month")
    assert sides.contrary("a vault holds for a year")


def test_a_dismissal_weighs_more_than_an_assurance() -> None:
    """Half of one word in common outweighs calling it enough, and not putting it off."""
    right = (frozenset(map(str, range(36))),)
    some = Contrast(right, (frozenset({"vault"}),), (False,), False, False)
    assert not some.contrary("1 enough")
    assert some.contrary("1 optional")


def test_the_sides_of_a_question() -> None:
    """Words without their endings and the common ones, a bag for each sentence."""
    sides = contrast(question(reference="Revoking keys is simpler. It can wait, no need to hurry."))
    assert sides.right[0] == {"revok", "key", "simpler"}
    assert sides.wrong[0] == {"move", "access", "key", "vault"}
    assert len(sides.wrong) == 2
    assert sides.dismisses
    assert sides.assures
    assert not contrast(question()).dismisses
    assert not contrast(question()).assures
