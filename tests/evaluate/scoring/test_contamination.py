"""What the training split holds of a suite is found, quoted and left out of a second mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import seal
from secarch.evaluate.engines.target import Target
from secarch.evaluate.scoring import clean
from secarch.evaluate.scoring.contamination import overlaps, training
from secarch.evaluate.stage import _trained
from secarch.files import write_jsonl
from secarch.records import Score
from secarch.session import Session
from secarch.suite.schema import Suite, load

Train = Callable[[Sequence[str]], Path]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "w")


@pytest.fixture
def train(session: Session) -> Train:
    """Seal a data set of these answers, and a run made from it; returns the data set's folder."""

    def make(answers: Sequence[str]) -> Path:
        rows = [
            {
                "id": f"row-{n}",
                "messages": [
                    {"role": "system", "content": "Sixty teams create buckets."},
                    {"role": "user", "content": "Explain."},
                    {"role": "assistant", "content": answer},
                ],
            }
            for n, answer in enumerate(answers)
        ]
        folder, run = session.workspace / "datasets" / "made", session.workspace / "runs" / "made"
        write_jsonl(folder / "train.jsonl", rows)
        parent = seal(
            folder, kind="dataset", parents=[], config={}, counts={}, files=["train.jsonl"]
        ).digest
        write_jsonl(run / "metrics.jsonl", [])
        seal(run, kind="run", parents=[parent], config={}, counts={}, files=["metrics.jsonl"])
        return folder

    return make


def suite_of(suite_file: Path) -> Suite:
    return load([str(suite_file)])


def found(suite_file: Path, folder: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {
        (r["question_id"], r["part"], r["kind"]): r
        for r in overlaps(suite_of(suite_file).questions, folder)
    }


FILLER = (
    "The harbour master counts the boats each morning and writes their names into a "
    "long book with a blue cover."
)


def test_runs_of_words_are_found_with_the_text_that_is_shared(
    suite_file: Path, train: Train
) -> None:
    """13 words of a reference inside other text; the row that shares most is named."""
    part = "Public Access for the whole account, and deny its removal with a service control policy"
    rows = found(
        suite_file, train([FILLER, f"{FILLER} {part}. {FILLER}", "a service control policy."])
    )
    long, short = (
        rows["aws-0001", "reference", "13 words"],
        rows["aws-0001", "reference", "8 words"],
    )
    assert (long["row"], short["row"]) == ("row-1", "row-1")
    assert long["shared"].startswith("public access for the whole account")
    assert 0.2 < short["share"] < 1
    assert not [key for key in rows if key[0] != "aws-0001"]


def test_eight_words_are_told_from_thirteen(suite_file: Path, train: Train) -> None:
    """A short run is listed, and is not the same as a long one."""
    rows = found(
        suite_file, train([f"We deny its removal with a service control policy. {FILLER}"])
    )
    assert set(rows) == {("aws-0001", "reference", "8 words")}


def test_a_reordered_copy_is_near(suite_file: Path, train: Train) -> None:
    """The same sentences in another order, with a word put in, share no long run over the seam and
    are one text.
    """
    one, two = suite_of(suite_file).find("aws-0001").reference.split(". ", 1)
    row = found(suite_file, train([f"{two} {FILLER} {one}."]))["aws-0001", "reference", "near"]
    assert row["share"] > 0.8


def test_key_points_and_choices_are_looked_for_too(suite_file: Path, train: Train) -> None:
    """A point of eight words or more; shorter ones share their words with everything."""
    text = suite_file.read_text()
    suite_file.write_text(
        text.replace(
            "Block at account level", "Block public access once for the whole account of it"
        )
    )
    rows = found(
        suite_file, train(["You block public access once for the whole account of it, always."])
    )
    assert ("aws-0001", "k1", "8 words") in rows


def test_system_prompts_and_other_texts_do_not_count(suite_file: Path, train: Train) -> None:
    """The system prompt is the same in all rows and nothing that was learned."""
    assert found(suite_file, train([FILLER, ""])) == {}


def test_the_lineage_leads_to_the_data_set(session: Session, train: Train) -> None:
    """From the run's digest to the folder; a model without lineage has none."""
    folder = train([FILLER])
    from secarch.artifact import open_artifact

    run = open_artifact(session.workspace / "runs" / "made")
    target = Target(name="x", parents=[run.digest])
    assert _trained(session, target) == (folder, open_artifact(folder).digest)
    assert _trained(session, Target(name="base", parents=[])) is None
    assert training(session.workspace, ["f" * 64]) is None


def test_means_are_given_with_and_without(tmp_path: Path) -> None:
    """Without long runs and near copies, and without all that share 8 words."""
    path = tmp_path / "contamination.jsonl"
    row = {"part": "reference", "share": 1.0, "row": "r", "shared": "", "text": ""}
    write_jsonl(
        path,
        [
            {**row, "question_id": "a", "kind": "13 words", "seen": True},
            {**row, "question_id": "b", "kind": "8 words", "seen": False},
        ],
    )
    scores = [
        Score(
            question_id=q,
            question_sha256="",
            metric="rubric",
            value=v,
            reason="",
            category="c",
            cluster=q,
        )
        for q, v in (("a", 1.0), ("b", 0.5), ("c", 0.0), ("d", None))
    ]
    summary = clean.summarise(scores, path, "digest")
    assert summary is not None
    assert summary["means"]["rubric"] == {
        "all": 0.5,
        "without_13_words_and_near": 0.25,
        "without_8_words": 0.0,
        "n": 3,
        "n_without_8_words": 1,
    }
    assert (summary["seen"], summary["questions"]) == (
        ["a"],
        {"8 words": 1, "13 words": 1, "near": 0},
    )
    assert clean.summarise(scores, path, None) is None
