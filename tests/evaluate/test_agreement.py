"""People's labels judge the judges: kappa and F1 by category, for what they saw and nothing
else.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from secarch.errors import InvalidInput, Mismatch
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.stage import run as evaluate
from secarch.review.agreement import agree, draw, measures
from secarch.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "w")


@pytest.fixture
def done(suite_file: Path, session: Session, loopback: Any) -> Path:
    """Answers that require MFA: k1 of the identity question is met, nothing else."""
    config = EvalConfig(
        suites=(str(suite_file),), concurrency=2, retries=0, timeout_s=5, likelihood=False
    )
    return Path(str(evaluate(config, session, model=loopback.url, base="unused").artifact))


def labelled(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(["question_id,point_id,met,reviewer", *rows]) + "\n")
    return path


def table(outcome: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["category"], row["layer"]): row for row in outcome.result["agreement"]}


def test_kappa_and_f1_against_the_formulas() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: kappa 0.4 (Cohen's own example), F1 40/55."""
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    found = measures(pairs)
    assert (found["kappa"], found["f1"]) == (0.4, round(40 / 55, 4))
    assert (found["too_kind"], found["too_strict"], found["trusted"]) == (5, 10, False)
    assert measures([(True, True)] * 3)["kappa"] is None, "chance alone explains that"
    assert measures([(False, False)] * 3)["f1"] is None


def test_labels_from_a_table(done: Path, suite_file: Path, tmp_path: Path) -> None:
    """The matcher agrees on one of two categories."""
    rows = ("iam-0001,k1,yes,x", "iam-0001,k2,no,x", "aws-0001,k1,1,x", "aws-0001,k2,0,x")
    found = table(
        agree(
            evaluation=done,
            suites=[str(suite_file)],
            files=[labelled(tmp_path, *rows)],
        )
    )
    assert (found["iam", "matcher"]["kappa"], found["iam", "matcher"]["f1"]) == (1.0, 1.0)
    assert found["aws", "matcher"]["too_strict"] == 1
    assert found["all", "matcher"]["n"] == 4
    assert ("all", "judge") not in found


def test_the_page_s_labels_are_read_back(
    done: Path, suite_file: Path, session: Session, tmp_path: Path
) -> None:
    """Its items carry the hash of what is shown; two reviewers who differ are counted as tied."""
    page = Path(draw(session, done, [str(suite_file)], size=10).result["page"])
    items = re.findall(r'data-id="([^"]+)" data-sha256="([0-9a-f]{64})"', page.read_text())
    assert len(items) == 5
    path = tmp_path / "labels.jsonl"
    row = {"artifact": "x", "kind": "key_point", "value": 1, "decision": "met", "at": "2026-01-01"}
    lines = [{**row, "item_id": i, "item_sha256": s, "reviewer": "a"} for i, s in items]
    lines.append({**lines[0], "reviewer": "b", "decision": "missed", "value": 0})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    outcome = agree(evaluation=done, suites=[str(suite_file)], files=[path])
    assert outcome.counts == {"labels": 6, "points": 5, "tied": 1}
    assert outcome.result["people"]["items"] == 1


@pytest.mark.parametrize(
    ("row", "error"),
    [("iam-0001,k9,1,x", Mismatch), ("iam-0001,k1,perhaps,x", InvalidInput)],
)
def test_labels_that_fit_nothing_are_named(
    done: Path, suite_file: Path, tmp_path: Path, row: str, error: type[Exception]
) -> None:
    """By file and line."""
    with pytest.raises(error, match=r"labels\.csv:2"):
        agree(evaluation=done, suites=[str(suite_file)], files=[labelled(tmp_path, row)])


def test_a_table_without_its_columns_is_refused(
    done: Path, suite_file: Path, tmp_path: Path
) -> None:
    """The missing ones are named."""
    path = tmp_path / "l.csv"
    path.write_text("question,met\nx,1\n")
    with pytest.raises(InvalidInput, match="point_id, question_id"):
        agree(evaluation=done, suites=[str(suite_file)], files=[path])


def test_a_label_of_another_answer_is_refused(done: Path, suite_file: Path, tmp_path: Path) -> None:
    """A decision counts for what was seen."""
    path = tmp_path / "labels.jsonl"
    row = {
        "artifact": "x",
        "kind": "key_point",
        "value": 1,
        "decision": "met",
        "item_id": "iam-0001/k1",
    }
    path.write_text(json.dumps({**row, "item_sha256": "0" * 64}) + "\n")
    with pytest.raises(Mismatch, match="another answer"):
        agree(evaluation=done, suites=[str(suite_file)], files=[path])


def test_questions_that_were_not_asked_are_no_part_of_it(
    done: Path, suite_file: Path, session: Session, tmp_path: Path
) -> None:
    """A part of a suite may be evaluated; another suite is refused, and so is a changed
    question.
    """
    text = suite_file.read_text()
    more = tmp_path / "more.yaml"
    more.write_text(text + text.replace("-0001", "-0091").replace("-0002", "-0092"))
    assert draw(session, done, [str(more)], size=10).counts["drawn"] == 5
    more.write_text(text.replace("-0001", "-0091").replace("-0002", "-0092"))
    with pytest.raises(Mismatch, match="other questions"):
        draw(session, done, [str(more)], size=10)
    more.write_text(text.replace("Sixty", "Fifty"))
    with pytest.raises(Mismatch, match="has changed"):
        draw(session, done, [str(more)], size=10)
