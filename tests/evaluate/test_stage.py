"""The stage end to end on a tiny model: answers first, scores as a pure function of them, resume,
gate.
"""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from secarch.artifact import open_artifact
from secarch.errors import (
    Interrupted,
    InvalidInput,
    Mismatch,
    TamperedArtifact,
    UnfinishedRun,
    UsageError,
)
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.scoring.scoring import score_folder
from secarch.evaluate.stage import run as evaluate
from secarch.session import Session, Stop
from secarch.suite.schema import load


@pytest.fixture
def config(suite_file: Path) -> EvalConfig:
    return EvalConfig(
        suites=(str(suite_file),), max_new_tokens=6, batch_size=2, quantization="none"
    )


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "w")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


CONTENT = ("responses.jsonl", "likelihoods.jsonl", "scores.jsonl", "summary.json")


def bytes_of(folder: Path) -> dict[str, Any]:
    """Content files; of the answers without the seconds."""
    timeless = [{**row, "seconds": 0} for row in rows(folder / "responses.jsonl")]
    return {**{name: (folder / name).read_bytes() for name in CONTENT[1:]}, "responses": timeless}


def test_an_evaluation_has_its_files_in_suite_order(
    config: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """Every question has one answer and one row of every metric, in the order of the suite."""
    outcome = evaluate(config, session, model="base", base=str(tiny_base))
    folder = Path(str(outcome.artifact))
    artifact = open_artifact(folder, "evaluation")
    assert artifact.manifest.parents == []
    assert [row["question_id"] for row in rows(folder / "responses.jsonl")] == [
        "aws-0001",
        "iam-0001",
        "iam-0002",
    ]
    scores = rows(folder / "scores.jsonl")
    assert len(scores) == 3 * len(config.metrics)
    assert {row["cluster"] for row in scores} == {"aws-0001", "people"}
    assert all((row["value"] is None) == bool(row["reason"]) for row in scores)
    bits = [row["value"] for row in scores if row["metric"] == "reference_bits_per_byte"]
    assert all(1 < value < 20 for value in bits)
    assert outcome.result["metrics"]["bertscore"]["unscored"] == 3
    assert outcome.result["metrics"]["bertscore"]["mean"] is None


def test_reruns_are_byte_identical_and_a_second_run_has_nothing_to_do(
    config: EvalConfig, session: Session, tiny_base: Path, tmp_path: Path
) -> None:
    """Equal keys give equal digests; seconds stand outside."""
    one = evaluate(config, session, model="base", base=str(tiny_base))
    two = evaluate(config, Session(workspace=tmp_path / "other"), model="base", base=str(tiny_base))
    assert one.digest == two.digest
    assert bytes_of(Path(str(one.artifact))) == bytes_of(Path(str(two.artifact)))
    again = evaluate(config, session, model="base", base=str(tiny_base))
    assert (again.status, again.digest) == ("nothing_to_do", one.digest)


def test_scores_are_a_pure_function_of_the_answers(
    config: EvalConfig, session: Session, tiny_base: Path, tmp_path: Path
) -> None:
    """Scoring a copy of the answers again gives the same bytes, without any model."""
    done = Path(str(evaluate(config, session, model="base", base=str(tiny_base)).artifact))
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("responses.jsonl", "likelihoods.jsonl"):
        shutil.copy(done / name, copy / name)
    summary = json.loads((done / "summary.json").read_text())
    made = {
        "schema",
        "counts",
        "metrics",
        "by_category",
        "by_capability",
        "notes",
        "held_out",
        "judge",
        "contamination",
    }
    facts = {name: value for name, value in summary.items() if name not in made}
    score_folder(config, load(config.suites), copy, facts)
    for name in ("scores.jsonl", "summary.json", "report.html", "junit.xml"):
        assert (copy / name).read_bytes() == (done / name).read_bytes(), name


def test_answers_to_another_wording_are_refused(
    config: EvalConfig, session: Session, tiny_base: Path, suite_file: Path
) -> None:
    """A question that changed since it was answered is no question that was answered."""
    done = Path(str(evaluate(config, session, model="base", base=str(tiny_base)).artifact))
    suite_file.write_text(suite_file.read_text().replace("Sixty teams", "Seventy teams"))
    with pytest.raises(Mismatch, match="the question has changed since"):
        score_folder(config, load(config.suites), done, {})


class StopAfter(Stop):
    """Asks for a stop at the n-th safe point."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.left = n

    def check(self) -> None:
        """One safe point more."""
        self.left -= 1
        if self.left < 0:
            self.signum = 15
        super().check()


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_an_interrupted_run_goes_on_to_the_same_bytes(
    config: EvalConfig, session: Session, tiny_base: Path, tmp_path: Path, after: int
) -> None:
    """Stopped between any two batches, then torn in mid-line, then resumed: nothing is lost or
    asked twice.
    """
    whole = evaluate(
        config, Session(workspace=tmp_path / "whole"), model="base", base=str(tiny_base)
    )
    with pytest.raises(Interrupted) as caught:
        evaluate(config, replace(session, stop=StopAfter(after)), model="base", base=str(tiny_base))
    assert caught.value.exit_code == 143
    folder = session.evals / Path(str(whole.artifact)).name
    journal = folder / "responses.jsonl"
    kept = journal.read_bytes() if journal.exists() else b""
    assert kept.count(b"\n") == min(3, 2 * after)
    journal.write_bytes(kept + b'{"finish": "st')
    with pytest.raises(UnfinishedRun):
        evaluate(config, session, model="base", base=str(tiny_base))
    resumed = evaluate(config, replace(session, resume=True), model="base", base=str(tiny_base))
    assert resumed.digest == whole.digest
    times = {row["key"]: row["seconds"] for row in rows(folder / "responses.jsonl")}
    assert all(times[row["key"]] == row["seconds"] for row in map(json.loads, kept.splitlines()))


def test_fresh_sets_the_old_evaluation_aside(
    config: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """It is renamed, never deleted."""
    one = evaluate(config, session, model="base", base=str(tiny_base))
    two = evaluate(config, replace(session, fresh=True), model="base", base=str(tiny_base))
    assert two.status == "done"
    assert Path(f"{one.artifact}.aside-1").is_dir()


def test_the_gate_fails_after_the_work_is_done(
    config: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """Below min_score the status is gate_failed, with a complete artifact, also when there was
    nothing to do.
    """
    strict = config.replace(min_score=0.99)
    first = evaluate(strict, session, model="base", base=str(tiny_base))
    second = evaluate(strict, session, model="base", base=str(tiny_base))
    assert (first.status, second.status) == ("gate_failed", "gate_failed")
    open_artifact(Path(str(first.artifact)), "evaluation")
    assert (
        evaluate(config.replace(min_score=0.0), session, model="base", base=str(tiny_base)).status
        == "nothing_to_do"
    )


def test_an_unscored_primary_never_passes_the_gate(
    config: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """No value is no success."""
    blind = config.replace(metrics=[{"kind": "length"}], min_score=0.0)
    assert evaluate(blind, session, model="base", base=str(tiny_base)).status == "gate_failed"


def test_a_changed_file_is_found(config: EvalConfig, session: Session, tiny_base: Path) -> None:
    """An evaluation whose answers were edited is not taken for the one that was sealed."""
    done = evaluate(config, session, model="base", base=str(tiny_base))
    path = Path(str(done.artifact)) / "scores.jsonl"
    path.write_text(path.read_text().replace("0.0", "1.0"))
    with pytest.raises(TamperedArtifact, match="scores"):
        evaluate(config, session, model="base", base=str(tiny_base))


def test_another_batch_size_is_another_evaluation(
    config: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """What may change an answer is part of the key; the gate is not."""
    names = [
        evaluate(c, session, model="base", base=str(tiny_base)).artifact
        for c in (config, config.replace(batch_size=3), config.replace(min_score=0.0))
    ]
    assert len(set(names)) == 2


def test_a_dry_run_touches_nothing(config: EvalConfig, session: Session, tiny_base: Path) -> None:
    """It says how much would be asked."""
    outcome = evaluate(config, replace(session, dry_run=True), model="base", base=str(tiny_base))
    assert outcome.counts == {"questions": 3, "batches": 2}
    assert not session.workspace.exists()


def test_likelihood_can_be_left_out(config: EvalConfig, session: Session, tiny_base: Path) -> None:
    """Then bits per byte are unscored, and the reason is counted."""
    outcome = evaluate(config.replace(likelihood=False), session, model="base", base=str(tiny_base))
    facts = outcome.result["metrics"]["reference_bits_per_byte"]
    assert (facts["mean"], facts["unscored"]) == (None, 3)
    assert facts["unscored_why"] == {"likelihood was not measured": 3}


def test_no_path_of_this_machine_is_in_the_content(
    config: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """The evaluation of one team can be read by another."""
    folder = Path(str(evaluate(config, session, model=str(tiny_base), base="unused/base").artifact))
    for name in (*CONTENT, "manifest.json", "report.html", "junit.xml", "environment.json"):
        assert str(tiny_base.parent) not in (folder / name).read_text(), name


def test_a_model_that_is_no_run_is_refused(
    config: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """Another kind of artifact is no model."""
    done = evaluate(config, session, model="base", base=str(tiny_base))
    with pytest.raises(InvalidInput, match="evaluation artifact, not a run"):
        evaluate(config, session, model=str(done.artifact), base=str(tiny_base))


def test_settings_that_mean_nothing_are_refused(
    config: EvalConfig, session: Session, tiny_base: Path
) -> None:
    """A server engine without a server, and a metric that is asked for twice."""
    with pytest.raises(UsageError, match="needs a server"):
        evaluate(config.replace(engine="openai"), session, model="base", base=str(tiny_base))
    with pytest.raises(ValidationError, match="length is given twice"):
        EvalConfig(metrics=[{"kind": "length"}, {"kind": "length"}])


def test_junit_and_report_hold_hostile_text(
    config: EvalConfig, session: Session, tiny_base: Path, suite_file: Path
) -> None:
    """Markup and control characters in a question or answer stay text."""
    evil = "<script>alert(1)</script> ]]> \\u0007 &amp;"
    suite_file.write_text(
        suite_file.read_text()
        .replace("Sixty teams", f'"{evil}')
        .replace("them private?", 'them private?"')
    )
    suite_file.write_text(
        suite_file.read_text().replace("text: Block at account level", f'text: "{evil}"')
    )
    folder = Path(str(evaluate(config, session, model="base", base=str(tiny_base)).artifact))
    root = ET.parse(folder / "junit.xml").getroot()
    assert [case.get("name") for case in root.iter("testcase")] == [
        "aws-0001",
        "iam-0001",
        "iam-0002",
    ]
    assert "<script>alert(1)</script> ]]> \ufffd &amp;" in next(root.iter("failure")).text
    page = (folder / "report.html").read_text()
    assert page.count("<script") == 1  # the page's own, at its foot
    assert "&lt;script&gt;" in page


def test_a_crash_in_a_metric_loses_no_answer(
    config: EvalConfig, session: Session, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answer is on disk before the first metric runs; the next run asks nothing."""
    from secarch.evaluate.engines.local import Local
    from secarch.evaluate.metrics import metrics

    def crash(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(metrics.Length, "one", crash)
        with pytest.raises(ZeroDivisionError):
            evaluate(config, session, model="base", base=str(tiny_base))
    monkeypatch.setattr(Local, "answers", crash)
    monkeypatch.setattr(Local, "likelihood", crash)
    again = replace(session, resume=True)
    assert evaluate(config, again, model="base", base=str(tiny_base)).status == "done"


def test_a_torn_last_answer_is_asked_again(
    config: EvalConfig, session: Session, tiny_base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A crash in mid-write: the line is cut off, that is said, and the result is that of a whole
    run.
    """
    done = Path(str(evaluate(config, session, model="base", base=str(tiny_base)).artifact))
    whole = bytes_of(done)
    answers = (done / "responses.jsonl").read_bytes()
    for path in done.iterdir():
        if path.name not in {"responses.jsonl", "likelihoods.jsonl"}:
            path.unlink()
    (done / "responses.jsonl").write_bytes(answers[:-25])
    evaluate(config, replace(session, resume=True), model="base", base=str(tiny_base))
    assert "repaired_torn_line" in capsys.readouterr().err
    assert bytes_of(done) == whole


def test_a_model_without_a_chat_template_is_refused(
    config: EvalConfig, session: Session, tiny_base: Path, tmp_path: Path
) -> None:
    """Before anything is loaded or asked; a template of our own would be another model."""
    bare = shutil.copytree(tiny_base, tmp_path / "bare")
    (bare / "chat_template.jinja").unlink(missing_ok=True)
    settings = json.loads((bare / "tokenizer_config.json").read_text())
    settings.pop("chat_template", None)
    (bare / "tokenizer_config.json").write_text(json.dumps(settings))
    with pytest.raises(InvalidInput, match="no chat template"):
        evaluate(config, session, model="base", base=str(bare))
    assert not list(session.evals.glob("*/responses.jsonl"))
