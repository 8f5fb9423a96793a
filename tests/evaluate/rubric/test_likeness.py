"""A second look at points that no pattern finds: what right answers say in other words, and nothing
else.
"""

from __future__ import annotations

import pytest

from secarch.evaluate.rubric.grade import grade
from secarch.evaluate.rubric.likeness import SAYS_SO, _literals, _ways, likeness, passages
from secarch.suite.schema import KeyPoint, MustNot, Question, Turn
from secarch.text.polarity.stance import read

REFERENCE = (
    "Delegate the resource groups with Azure Lighthouse instead of inviting guest accounts. "
    "Give each task a narrow built-in role. Make privileged roles eligible, with approval. "
    "Export the activity log to an immutable workspace. Rehearse the removal of the provider."
)
POINTS = (
    ("k1", r"\blighthouse\b.{0,40}\bin place of guests\b", True),
    ("k2", r"\bnarrow\b.{0,40}\broles?\b", False),
    ("k3", r"\beligible\b.{0,40}\bapproval\b", False),
    ("k4", r"\bactivity log\b.{0,60}\bimmutable\b", False),
    ("k5", r"\bquarterly drill\b", False),
)
TEXTS = (
    "Delegate with Azure Lighthouse instead of guest accounts",
    "Narrow roles",
    "Eligible roles with approval",
    "The activity log is exported",
    "The removal of the provider is rehearsed",
)
PROVIDER = Question(
    id="q-1",
    version=1,
    category="azure",
    kind="open",
    difficulty=2,
    question="A provider runs our virtual machines. How do its employees get access?",
    reference=REFERENCE,
    paraphrase="",
    wrong="Invite the employees as guest accounts with the owner role. Lighthouse is too slow.",
    key_points=tuple(
        KeyPoint(id=name, text=text, weight=2, critical=critical, any_of=(pattern,))
        for (name, pattern, critical), text in zip(POINTS, TEXTS, strict=True)
    ),
    must_not=(
        MustNot(id="m1", text="owner", severity="major", pattern="give them the owner role"),
    ),
)
REST = (
    "Give each task a narrow role. Make strong roles eligible, with approval. "
    "Send the activity log to an immutable workspace."
)
SAID = "Azure Lighthouse delegates the resource groups to them, so that no guest accounts exist."


def test_a_right_sentence_in_other_words_meets_its_point_and_says_how() -> None:
    """The pattern does not know it; the reference does."""
    found = grade(PROVIDER, f"{SAID} {REST}").points[0]
    assert found.met
    assert found.evidence.startswith(SAYS_SO)
    assert "lighthouse delegates the resource groups" in found.evidence
    assert not grade(PROVIDER, f"{SAID} {REST}").points[1].evidence.startswith(SAYS_SO)


def test_what_an_answer_does_not_say_stays_absent() -> None:
    """However right the rest of it is."""
    result = grade(PROVIDER, REST)
    assert [p.met for p in result.points] == [False, True, True, True, False]
    assert result.score <= 0.5


@pytest.mark.parametrize(
    "sentence",
    [
        "It is a myth that Azure Lighthouse delegates the resource groups, so no guests exist.",
        "The vendor claims that Azure Lighthouse delegates the resource groups, not guests.",
        "Azure Lighthouse, resource groups, delegation, guest accounts, access, tenant, provider.",
        "Do not delegate the resource groups with Azure Lighthouse instead of guest accounts.",
    ],
)
def test_what_is_not_asserted_is_like_nothing(sentence: str) -> None:
    """Denied, attributed, or bare terms."""
    assert not grade(PROVIDER, f"{sentence}\n\n{REST}").points[0].met


def test_it_leans_on_what_else_is_met() -> None:
    """In an answer that meets little else, a similar sentence is no sign that it is right."""
    assert not grade(PROVIDER, SAID).points[0].met
    assert not grade(PROVIDER, f"{SAID} Give each task a narrow role.").points[0].met


def test_no_second_look_where_a_must_not_is_advised() -> None:
    """Who advises what is refused gets points by patterns alone."""
    result = grade(PROVIDER, f"{SAID} {REST} Then give them the owner role.")
    assert result.violations
    assert not result.points[0].met


def test_no_second_look_at_a_later_message() -> None:
    """The answer before has its words and says nothing to what changed."""
    answer = f"{SAID} {REST}"
    assert not grade(PROVIDER, answer, later=True).points[0].met
    turn = Turn(
        message="The provider may not use Lighthouse any more. What changes?",
        reference=REFERENCE,
        key_points=tuple(p.model_copy(update={"id": f"t-{p.id}"}) for p in PROVIDER.key_points),
    )
    twice = PROVIDER.model_copy(update={"turns": (turn,)})
    points = grade(twice, answer, answer).points
    assert (points[0].met, points[5].met) == (True, False)


def test_a_sentence_that_sides_with_the_wrong_answer_is_not_taken() -> None:
    """It has the words of the point and a setting that weakens it."""
    said = "Azure Lighthouse delegates the resource groups in audit mode, so that no guests exist."
    assert not grade(PROVIDER, f"{said} {REST}").points[0].met
    assert grade(PROVIDER, f"{said} {REST}".replace(" in audit mode", "")).points[0].met


def test_words_of_the_question_count_little() -> None:
    """They come free: of the point's own, those that the question has not say more."""
    asked = PROVIDER.model_copy(update={"question": "Is Azure Lighthouse good for delegation?"})
    (passage,) = passages(read("Azure Lighthouse delegates.").windows)
    free, own = (likeness(q).features("k1", passage, 0.5) for q in (asked, PROVIDER))
    assert free[0] < own[0]
    assert free[1] < own[1]


def test_words_of_other_points_count_against_a_passage() -> None:
    """A sentence that makes another point is not this one's."""
    (passage,) = passages(read("Make the privileged roles eligible, with approval.").windows)
    known = likeness(PROVIDER)
    margins = [known.features(name, passage, 0.8)[-1] for name, *_ in POINTS]
    assert margins[2] > 0 > max(margins[:2] + margins[3:])


def test_a_pattern_is_cut_into_the_words_that_it_needs() -> None:
    """Alternatives, and what stands between gaps; beginnings of words stay open."""
    ways = _ways(r"\b(?:exempt\w*|waivers?)\b.{0,40}\b(?:end dates?|expir\w+)\b|\bonce only\b")
    assert [[_literals(part) for part in way] for way in ways] == [
        [("exempt", "waiver"), ("end date", "expir")],
        [("once only",)],
    ]
