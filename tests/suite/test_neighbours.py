"""Questions that ask the same are found by the words they share, and judged pairs are kept."""

from __future__ import annotations

import pytest

from secarch.suite import neighbours
from secarch.suite.question import Question
from secarch.suite.schema import load


def asked(identifier: str, text: str, category: str = "aws", cluster: str = "") -> Question:
    """A question with one point."""
    return Question.model_validate(
        {
            "id": identifier,
            "version": 1,
            "category": category,
            "cluster": cluster,
            "kind": "open",
            "difficulty": 2,
            "question": text,
            "reference": "So.",
            "key_points": [{"id": "k1", "text": "it holds", "weight": 1, "any_of": ["holds"]}],
        }
    )


SAME = "Genomes stay confidential for decades; which cryptography do you replace first?"
OTHER = "How does a bastion host get retired without locking administrators out?"


def test_the_same_decision_in_one_category_comes_first() -> None:
    """The pair that shares rare words leads; other categories and one scenario are no pair."""
    questions = [
        asked("q3", OTHER),
        asked("q2", SAME.replace("Genomes", "Sequences")),
        asked("q1", SAME),
        asked("q4", SAME, category="iam"),
    ]
    pairs = neighbours.nearest(questions)
    assert (pairs[0].one, pairs[0].two) == ("q1", "q2")
    assert len(pairs) == 3
    assert pairs[0].similarity > neighbours.CLOSE > pairs[1].similarity
    assert not neighbours.nearest([asked("a", SAME, cluster="c"), asked("b", SAME, cluster="c")])


def test_equal_texts_have_similarity_one() -> None:
    """The vectors have length one."""
    (pair,) = neighbours.nearest([asked("b", SAME), asked("a", SAME)])
    assert (pair.one, pair.two, pair.similarity) == ("a", "b", pytest.approx(1.0))


@pytest.mark.parametrize(("verdict", "left"), [("differ", 0), ("part", 0), ("same", 1)])
def test_only_what_was_judged_to_differ_is_settled(
    monkeypatch: pytest.MonkeyPatch, verdict: str, left: int
) -> None:
    """A pair that asks the same stays on the list until one of the two goes."""
    questions = [asked("a", SAME), asked("b", SAME)]
    assert len(neighbours.unjudged(questions)) == 1
    monkeypatch.setattr(neighbours, "judged", lambda: {("a", "b"): verdict})
    assert len(neighbours.unjudged(questions)) == left


def test_judged_pairs_are_of_the_suite() -> None:
    """A record about a question that was retired says nothing."""
    known = {question.id for question in load(["core"]).questions}
    for (one, two), verdict in neighbours.judged().items():
        assert {one, two} <= known
        assert one < two
        assert verdict in {"differ", "part", "same"}
