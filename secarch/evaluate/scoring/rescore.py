"""Score the answers of a finished evaluation again, without any model.

With the program and suite that they were scored with, the bytes must come out equal, and that is
checked. With other metrics, or with a suite whose key points were fixed, a further evaluation is
made: an answer stays the answer as long as engine, prompt and decoding are what they were.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from secarch import console
from secarch.artifact import Artifact, claim, lock, make_key, open_artifact
from secarch.errors import InvalidInput, Mismatch
from secarch.evaluate.ask.ask import answer_key, engine_digest, likelihood_key
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.scoring.scoring import (
    CONTENT,
    encoder_digest,
    finish,
    outcome,
    score_folder,
    suite_facts,
)
from secarch.files import read_jsonl, write_jsonl
from secarch.records import Outcome
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session
from secarch.suite.schema import Question, Suite, load

GIVEN = (
    "responses.jsonl",
    "likelihoods.jsonl",
    "documents.jsonl",
    "judgements.jsonl",
    "contamination.jsonl",
)
"""What a model or a judge said."""
_FACTS = (
    "model",
    "parents",
    "suite",
    "model_fingerprint",
    "prompt_digest",
    "engine",
    "choice_seed",
    "training",
    "decoding",
)
"""In the order in which summary.json has them, since its bytes are compared."""


def rescore(config: EvalConfig, session: Session, *, source: Path) -> Outcome:
    """Compute scores, summary and pages from the answers of the evaluation `source`.

    Raises MissingInput, TamperedArtifact, and Mismatch: where an answer is to another prompt, or
    where equal answers, suite and program give other bytes than before.
    """
    artifact = open_artifact(source, "evaluation")
    smoke = config.smoke or bool(artifact.manifest.config.get("smoke"))
    suite = load(config.suites, smoke=smoke)
    facts = {**_facts(artifact), "suite": suite_facts(suite)}
    identity = {
        **artifact.manifest.config,
        "suite": suite_facts(suite),
        "bertscore_model": encoder_digest(config),
        "metrics": config.identity()["metrics"],
    }
    directory = session.evals / make_key(facts["parents"], sha256_of(identity))[:8]
    if session.dry_run:
        return Outcome(
            status="done",
            summary=f"would score {len(suite.questions)} answers again into {directory}",
        )
    with lock(directory.with_name(f".{directory.name}.lock")):
        done = claim(directory, resume=True, fresh=session.fresh)
        if done is None:
            _copy(artifact, directory, suite, facts)
            summary = score_folder(config, suite, directory, facts)
            return outcome(config, finish(directory, facts["parents"], identity, summary), "done")
    _verify(config, artifact, done, suite, facts)
    return outcome(config, done, "nothing_to_do")


def _facts(artifact: Artifact) -> JsonDict:
    summary = json.loads(artifact.file("summary.json").read_text(encoding="utf-8"))
    if "choice_seed" not in summary:
        raise InvalidInput(
            "this evaluation was made by an older program",
            where=artifact.path,
            fix="evaluate again",
        )
    return {name: summary[name] for name in _FACTS if name in summary}


def _copy(artifact: Artifact, directory: Path, suite: Suite, facts: JsonDict) -> None:
    """What was given, for the questions of the suite as they are now."""
    engine = engine_digest(facts["model_fingerprint"], facts["prompt_digest"], facts["engine"])
    seed, decoding = facts["choice_seed"] or 0, facts["decoding"]

    def to_answer(question: Question) -> str:
        return answer_key(
            engine,
            question,
            seed=seed,
            max_new_tokens=decoding["max_new_tokens"],
            batch_size=decoding["batch_size"],
        )

    rows = {row["question_id"]: row for row in read_jsonl(artifact.path / "responses.jsonl")}
    answers = [
        _current(question, rows.get(question.id), to_answer(question))
        for question in suite.questions
    ]
    write_jsonl(directory / "responses.jsonl", answers)
    _copy_likelihoods(
        artifact, directory, suite, lambda question: likelihood_key(engine, question, seed)
    )
    for name in GIVEN[2:]:
        if (artifact.path / name).exists():
            shutil.copy(artifact.path / name, directory / name)


def _current(question: Question, row: JsonDict | None, key: str) -> JsonDict:
    if row is None or row["key"] != key:
        raise Mismatch(
            "these answers are not to these questions",
            where=question.id,
            why="it was not asked" if row is None else "it was asked otherwise",
            fix="evaluate again",
        )
    return {**row, "question_sha256": question.sha256}


def _copy_likelihoods(
    artifact: Artifact, directory: Path, suite: Suite, key: Callable[[Question], str]
) -> None:
    """Rows of references and options that are still the ones that were measured; the others become
    unscored.
    """
    path = artifact.path / "likelihoods.jsonl"
    known = {row["question_id"]: row for row in read_jsonl(path)} if path.exists() else {}
    kept = [
        {**row, "question_sha256": question.sha256}
        for question in suite.questions
        if (row := known.get(question.id)) and row["key"] == key(question)
    ]
    if known:
        write_jsonl(directory / "likelihoods.jsonl", kept)


def _verify(
    config: EvalConfig, source: Artifact, done: Artifact, suite: Suite, facts: JsonDict
) -> None:
    """Equal answers, suite and program must give equal bytes."""
    with tempfile.TemporaryDirectory(dir=done.path.parent, prefix=".again-") as name:
        again = Path(name)
        _copy(source, again, suite, facts)
        score_folder(config, suite, again, facts)
        differing = [n for n in CONTENT if _bytes(again / n) != _bytes(done.path / n)]
    differing = [n for n in differing if n != "responses.jsonl" or source.path == done.path]
    if differing:
        raise Mismatch(
            "scoring again gives other bytes",
            where=done.path,
            why=", ".join(differing),
            fix="score with the version that made it, or make it again: secarch eval --fresh",
        )
    console.log().info("identical", files=len(CONTENT), where=str(done.path))


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
