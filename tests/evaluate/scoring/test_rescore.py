"""Finished answers are scored again without a model: equal bytes, or an evaluation of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from secarch.artifact import open_artifact
from secarch.errors import Mismatch, TamperedArtifact
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.scoring import scoring
from secarch.evaluate.scoring.rescore import rescore
from secarch.evaluate.stage import run as evaluate
from secarch.files import read_jsonl
from secarch.session import Session


@pytest.fixture
def config(suite_file: Path) -> EvalConfig:
    return EvalConfig(
        suites=(str(suite_file),), max_new_tokens=6, batch_size=2, quantization="none"
    )


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "w", seed=3)


@pytest.fixture
def done(config: EvalConfig, session: Session, tiny_base: Path) -> Path:
    return Path(str(evaluate(config, session, model="base", base=str(tiny_base)).artifact))


def test_equal_input_gives_equal_bytes_and_needs_no_model(
    config: EvalConfig, session: Session, done: Path
) -> None:
    """The artifact is found again and every byte of it compared."""
    outcome = rescore(config, session, source=done)
    assert (outcome.status, outcome.artifact) == ("nothing_to_do", str(done))


def test_the_answers_alone_make_the_evaluation_anew(
    config: EvalConfig, session: Session, done: Path, tmp_path: Path
) -> None:
    """In another workspace the same artifact comes out, digest, scores, summary and pages."""
    moved = shutil.copytree(done, tmp_path / "moved")
    again = rescore(config, Session(workspace=tmp_path / "v", seed=3), source=moved)
    assert again.digest == open_artifact(done).digest
    for name in (*scoring.CONTENT, "report.html", "junit.xml"):
        if (done / name).exists():
            assert (Path(str(again.artifact)) / name).read_bytes() == (done / name).read_bytes(), (
                name
            )


def test_scores_that_come_out_otherwise_are_said(
    config: EvalConfig, session: Session, done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A metric that is no pure function of the answers does not pass unseen."""
    original = scoring._score
    monkeypatch.setattr(
        scoring, "_score", lambda q, metric, _value, reason: original(q, metric, 0.5, reason)
    )
    with pytest.raises(Mismatch, match="other bytes"):
        rescore(config, session, source=done)


def test_a_changed_key_point_needs_no_new_answers(
    config: EvalConfig, session: Session, done: Path, suite_file: Path
) -> None:
    """The prompt is what it was, so the answers are; a further evaluation is made beside the
    first.
    """
    suite_file.write_text(
        suite_file.read_text().replace("text: Deny removal, weight: 2", "text: Deny it, weight: 3")
    )
    outcome = rescore(config, session, source=done)
    assert outcome.status == "done"
    assert outcome.artifact != str(done)
    texts = [
        [row["text"] for row in read_jsonl(Path(p) / "responses.jsonl")]
        for p in (done, str(outcome.artifact))
    ]
    assert texts[0] == texts[1]
    measured = outcome.result["metrics"]["reference_bits_per_byte"]
    assert (
        measured
        == json.loads((done / "summary.json").read_text())["metrics"]["reference_bits_per_byte"]
    )


def test_a_changed_reference_loses_its_likelihood_and_no_more(
    config: EvalConfig, session: Session, done: Path, suite_file: Path
) -> None:
    """What was measured of the old text is not taken for the new one's."""
    suite_file.write_text(
        suite_file.read_text().replace("Encrypt the objects with", "Encrypt all objects with")
    )
    metrics = rescore(config, session, source=done).result["metrics"]
    assert (metrics["reference_bits_per_byte"]["n"], metrics["rubric"]["n"]) == (2, 2)


def test_another_question_is_not_answered(
    config: EvalConfig, session: Session, done: Path, suite_file: Path
) -> None:
    """A changed question, a new one and another seed's order of options are other prompts."""
    text = suite_file.read_text()
    suite_file.write_text(text.replace("Sixty teams", "Seventy teams"))
    with pytest.raises(Mismatch, match="asked otherwise"):
        rescore(config, session, source=done)
    suite_file.write_text(text.replace("id: iam-0001", "id: iam-0009"))
    with pytest.raises(Mismatch, match="not asked"):
        rescore(config, session, source=done)


def test_a_tampered_answer_is_refused(config: EvalConfig, session: Session, done: Path) -> None:
    """Before anything is computed."""
    path = done / "responses.jsonl"
    path.write_text(path.read_text().replace("aws-0001", "aws-0002"))
    with pytest.raises(TamperedArtifact):
        rescore(config, session, source=done)


def test_a_smoke_run_is_scored_again_without_saying_so(
    config: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """The evaluation knows that it asked the short selection."""
    smoke = config.replace(smoke=True)
    first = evaluate(smoke, session, model="base", base=str(tiny_base))
    again = rescore(config, session, source=Path(str(first.artifact)))
    assert (again.status, again.artifact) == ("nothing_to_do", first.artifact)
