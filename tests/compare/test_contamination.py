"""Questions that the training data holds words of: found through the lineage, and the result
without them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import seal
from secarch.compare.config import CompareConfig
from secarch.compare.contamination import Training
from secarch.compare.stage import run as compare
from secarch.errors import TamperedArtifact
from secarch.evaluate.config import EvalConfig
from secarch.files import write_jsonl
from secarch.records import Outcome
from secarch.session import Session
from secarch.suite.schema import Question, load

Make = Callable[..., Path]
Train = Callable[[Sequence[str]], str]


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    """Thirty questions of the built-in suite."""
    return [question for question in load(["core"]).questions if question.key_points][:30]


@pytest.fixture
def train(session: Session) -> Train:
    """Seal a data set with these answers and a run made from it; returns the run's digest."""

    def make(answers: Sequence[str]) -> str:
        rows = [
            {
                "messages": [
                    {"role": "system", "content": "s"},
                    {"role": "user", "content": "Explain."},
                    {"role": "assistant", "content": answer},
                ]
            }
            for answer in answers
        ]
        parents: list[str] = []
        for kind, name, content in (("dataset", "train.jsonl", rows), ("run", "metrics.jsonl", [])):
            folder = session.workspace / f"{kind}s" / "made"
            write_jsonl(folder / name, content)
            sealed = seal(folder, kind=kind, parents=parents, config={}, counts={}, files=[name])  # type: ignore[arg-type]
            parents = [sealed.digest]
        return parents[0]

    return make


@pytest.fixture
def judged(asked: list[Question], session: Session, evaluation: Make) -> Callable[..., Outcome]:
    """Compare a base with a tuned model of that run, which gains .5 on the first ten questions and
    .01 elsewhere.
    """

    def run(parent: str, suites: tuple[str, ...] = ("core",)) -> Outcome:
        made: dict[str, Any] = {"ids": [q.id for q in asked], "shas": [q.sha256 for q in asked]}
        made["categories"] = [q.category for q in asked]
        gains = [0.5 if i < 10 else 0.01 + 0.0001 * i for i in range(30)]
        a = evaluation("base", metrics={"rubric": [0.2] * 30}, **made)
        b = evaluation(
            "tuned", metrics={"rubric": [0.2 + gain for gain in gains]}, parents=[parent], **made
        )
        config = CompareConfig(draws=500)
        return compare(
            config, EvalConfig(suites=suites), session, base="", tuned=[], evaluations=(a, b)
        )

    return run


def clean_of(outcome: Outcome) -> Any:
    """The field `clean` of comparison.json."""
    return json.loads((Path(str(outcome.artifact)) / "comparison.json").read_text())["clean"]


@pytest.mark.slow
def test_without_the_seen_questions_the_gain_shrinks(
    asked: list[Question], train: Train, judged: Callable[..., Outcome]
) -> None:
    """Ten references in the training rows are found; without them the gain is a hundredth, and the
    verdict stays.
    """
    outcome = judged(train([f"As we know. {q.reference.upper()} So it is." for q in asked[:10]]))
    clean = clean_of(outcome)
    assert clean["seen"] == sorted(q.id for q in asked[:10])
    assert clean["checked"] == 30
    assert clean["estimate"]["n"] == 20
    assert clean["estimate"]["delta"] == pytest.approx(0.012, abs=0.001)
    assert outcome.result["primary"]["n"] == 30
    for name in ("report.html", "report.md"):
        assert (
            "10 of 30 questions were found in the training data"
            in (Path(str(outcome.artifact)) / name).read_text()
        )


def test_twelve_words_are_not_enough(
    asked: list[Question], train: Train, judged: Callable[..., Outcome]
) -> None:
    """Runs of thirteen words count; one word less is no evidence."""
    words = [q.reference.split() for q in asked]
    short = clean_of(judged(train([" ".join(row[:8]) for row in words])))
    assert (short["seen"], short["estimate"]) == ([], None)


def test_too_few_left_give_no_figure(
    asked: list[Question], train: Train, judged: Callable[..., Outcome]
) -> None:
    """Where nearly all was seen there is nothing to estimate, and that is said."""
    outcome = judged(train([q.reference for q in asked[:25]]))
    assert clean_of(outcome)["estimate"] is None
    assert (
        "Too few scored questions are left"
        in (Path(str(outcome.artifact)) / "report.html").read_text()
    )


def test_what_is_not_at_hand_is_said(train: Train, judged: Callable[..., Outcome]) -> None:
    """A run that is not in this workspace tells nothing of its training data."""
    outcome = judged("f" * 64)
    record = json.loads((Path(str(outcome.artifact)) / "comparison.json").read_text())
    assert record["clean"] is None
    assert any(line.startswith("contamination:") for line in record["not_measured"])


@pytest.mark.slow
def test_changed_training_data_are_refused(
    asked: list[Question], train: Train, judged: Callable[..., Outcome], session: Session
) -> None:
    """Rows that were not sealed prove nothing."""
    parent = train([asked[0].reference])
    (session.workspace / "datasets" / "made" / "train.jsonl").write_text("{}\n")
    with pytest.raises(TamperedArtifact, match=r"train\.jsonl"):
        judged(parent)


def test_a_comparison_with_less_at_hand_is_another_one(asked: list[Question]) -> None:
    """The digest covers the dataset and which questions are looked for, in any order."""

    def digest(dataset: str, questions: list[Question]) -> str:
        found = {(question.id, question.sha256): question for question in questions}
        return Training(path=Path("t"), dataset=dataset, asked=found).digest

    one = digest("d", asked[:3])
    assert len(one) == 64
    assert one == digest("d", asked[2::-1])
    assert len({one, digest("e", asked[:3]), digest("d", asked[:2])}) == 3
