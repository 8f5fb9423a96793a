"""The stage: put a suite to a model, keep the answers, score them.

Answers are on disk before any metric runs. Scores are a pure function of responses.jsonl, likelihoods.jsonl and the
suite, so a crash in a metric loses nothing and a rerun gives the same bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secarch import console
from secarch.artifact import (
    Artifact,
    claim,
    lock,
    make_key,
    read_jsonl,
    seal,
    write_json,
    write_jsonl,
    write_text,
)  # fmt: skip
from secarch.errors import Mismatch, UsageError
from secarch.evaluate import choices, held_out
from secarch.evaluate.ask import Asker
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.metrics import NOT_OF_THE_ANSWER, Bench, Item, Measured
from secarch.evaluate.rubric import grade
from secarch.evaluate.target import Target, find
from secarch.records import Answer, Outcome, Score
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session, environment
from secarch.suite import Question, Suite, load

if TYPE_CHECKING:
    from secarch.evaluate.protocol import Engine

CONTENT = ("responses.jsonl", "scores.jsonl", "summary.json")
OUTSIDE = ("report.html", "junit.xml", "environment.json")


def evaluate(config: EvalConfig, session: Session, *, model: str, base: str, engine: Engine | None = None) -> Outcome:
    """Ask every question of the suites, score the answers, and seal the evaluation at evals/<key8>/.

    `model` is `base`, a run folder, a model folder or an http(s) address; `engine` is that model where it is loaded
    already. The outcome is `gate_failed` where the mean rubric score is below `config.min_score`; the artifact is
    complete then too. Raises what loading a suite or model raises, UnfinishedRun, and Interrupted.
    """
    if config.judge_url:
        raise UsageError("this version has no judge", where="eval.judge_url", fix="leave eval.judge_url empty")
    suite = load(config.suites, smoke=config.smoke)
    target = find(model, base)
    if config.engine == "openai" and not target.url:
        raise UsageError("the engine openai needs a server", where="--model", fix="give an http(s) address as --model")
    if session.dry_run:
        return _plan(config, suite, target)
    if engine is None and target.url:
        engine = target.load(config)
    identity = _identity(config, session, suite, target, engine)
    directory = session.evals / make_key(target.parents, sha256_of(identity))[:8]
    with lock(directory.with_name(f".{directory.name}.lock")):
        if done := claim(directory, resume=session.resume, fresh=session.fresh):
            return _outcome(config, done, "nothing_to_do")
        with console.run_log(directory):
            artifact = _work(config, session, suite, target, engine or target.load(config), identity, directory)
    return _outcome(config, artifact, "done")


def _identity(config: EvalConfig, session: Session, suite: Suite, target: Target, engine: Engine | None) -> JsonDict:
    """What decides the result, without any path of this machine."""
    files = {"suites", "bertscore_model", "engine", "held_out"}
    kept = {name: value for name, value in config.identity().items() if name not in files}
    encoder = None
    if config.bertscore_model:
        from secarch.artifact import sha256_file
        from secarch.evaluate.bertscore import locate

        folder = locate(config.bertscore_model)
        encoder = sha256_file(folder / "model.safetensors") if folder else None
    return {
        **kept,
        "suite": {"name": suite.name, "version": suite.version, "digest": suite.digest},
        "bertscore_model": encoder,
        "held_out": held_out.digest(held_out.documents(config.held_out, config.held_out_documents)),
        "choice_seed": session.seed if any(question.choices for question in suite.questions) else None,
        "model": target.name if not target.url else "server",
        "model_fingerprint": engine.fingerprint if engine else target.fingerprint(),
        "prompt_digest": engine.prompt_digest if engine else _prompt_digest(target),
    }


def _prompt_digest(target: Target) -> str:
    from secarch.prompt import Chat

    return Chat.load(target.base).digest if target.base else ""


def _work(
    config: EvalConfig,
    session: Session,
    suite: Suite,
    target: Target,
    engine: Engine,
    identity: JsonDict,
    directory: Path,
) -> Artifact:
    asker = Asker(config, session, suite, engine, directory)
    with session.stop.listening():
        asker.answers()
        asker.likelihoods()
        asker.documents(held_out.documents(config.held_out, config.held_out_documents))
    asker.finish()
    facts = {
        "model": target.name, "parents": target.parents, "suite": identity["suite"],
        "model_fingerprint": engine.fingerprint, "prompt_digest": engine.prompt_digest, "engine": engine.describe(),
        "choice_seed": identity["choice_seed"],
        "decoding": {"greedy": True, "max_new_tokens": config.max_new_tokens, "batch_size": config.batch_size},
    }  # fmt: skip
    summary = score_folder(config, suite, directory, facts)
    return _seal(directory, target, identity, summary)


def score_folder(config: EvalConfig, suite: Suite, directory: Path, facts: JsonDict) -> JsonDict:
    """Write scores.jsonl, summary.json, report.html and junit.xml from the answers in `directory`; returns the summary.

    A pure function of the answers, the likelihoods and the suite. Raises Mismatch where an answer is missing or was
    given to another version of its question.
    """
    from secarch.evaluate.present import junit, report
    from secarch.evaluate.summary import summarise

    items = list(_items(suite, directory, facts.get("choice_seed") or 0))
    bench = Bench(_encoder(config))
    scores = [score for metric in config.metrics for score in _measure(metric, items, bench)]
    order = {question.id: n for n, question in enumerate(suite.questions)}
    scores.sort(key=lambda score: order[score.question_id])
    scores += held_out.scores(directory / "documents.jsonl")
    write_jsonl(directory / "scores.jsonl", map(asdict, scores))
    summary = summarise(scores, items, facts, bench.notes)
    summary["held_out"] = held_out.overall(directory / "documents.jsonl")
    write_json(directory / "summary.json", summary)
    write_text(directory / "report.html", report(summary, items, scores))
    write_text(directory / "junit.xml", junit(summary, items, scores))
    return summary


def _encoder(config: EvalConfig) -> Path | None:
    if not config.bertscore_model:
        return None
    from secarch.evaluate.bertscore import locate

    return locate(config.bertscore_model)


def _items(suite: Suite, directory: Path, seed: int) -> Iterator[Item]:
    answers = {row["question_id"]: row for row in read_jsonl(directory / "responses.jsonl")}
    likelihoods = directory / "likelihoods.jsonl"
    nats = {row["question_id"]: row for row in read_jsonl(likelihoods)} if likelihoods.exists() else {}
    for question in suite.questions:
        row, likelihood = answers.get(question.id), nats.get(question.id, {})
        if row is None or row["question_sha256"] != question.sha256:
            raise Mismatch(
                "these answers are not to these questions", where=f"{directory / 'responses.jsonl'}: {question.id}",
                why="missing" if row is None else "the question has changed since", fix="evaluate again",
            )  # fmt: skip
        answer = Answer(**row)
        graded = grade(question, answer.text) if question.key_points else None
        yield Item(
            question, answer, graded, likelihood.get("nats"), likelihood.get("reason", ""),
            picked=choices.picked(answer.text, question, seed) if question.choices else None,
            letters=likelihood.get("letters"), cloze=likelihood.get("cloze"),
        )  # fmt: skip


def _measure(metric: Any, items: Sequence[Item], bench: Bench) -> Iterator[Score]:
    """One metric over all items. An answer that the engine could not give is unscored by all that look at it."""
    given = [item for item in items if item.answer.finish != "error" or metric.kind in NOT_OF_THE_ANSWER]
    measured = dict(zip((item.question.id for item in given), metric.measure(given, bench), strict=True))
    for item in items:
        found = measured.get(item.question.id, Measured(None, "the engine gave no answer"))
        value = found.value if found.value is None or math.isfinite(found.value) else None
        reason = found.reason or ("" if value is not None else "the value is not finite")
        yield _score(item.question, metric.kind, value, reason)


def _score(question: Question, metric: str, value: float | None, reason: str) -> Score:
    return Score(
        question_id=question.id, question_sha256=question.sha256, metric=metric, value=value, reason=reason,
        category=question.category, cluster=question.scenario,
    )  # fmt: skip


def _seal(directory: Path, target: Target, identity: JsonDict, summary: JsonDict) -> Artifact:
    write_json(directory / "environment.json", environment())
    rows = {name: sum(1 for _ in read_jsonl(directory / name)) for name in ("responses.jsonl", "scores.jsonl")}
    timeless = [{**row, "seconds": 0} for row in read_jsonl(directory / "responses.jsonl")]
    files = [name for name in (*CONTENT, "likelihoods.jsonl", "documents.jsonl") if (directory / name).exists()]
    return seal(
        directory, kind="evaluation", parents=target.parents, config=identity, counts=summary["counts"], files=files,
        outside=OUTSIDE, rows=rows, content={"responses.jsonl": sha256_of(timeless)},
    )  # fmt: skip


def _plan(config: EvalConfig, suite: Suite, target: Target) -> Outcome:
    prompts = len(suite.questions)
    return Outcome(
        status="done",
        counts={"questions": prompts, "batches": math.ceil(prompts / config.batch_size)},
        summary=f"would put {prompts} questions of {suite.name} {suite.version} to {target.name}, up to "
        f"{prompts * config.max_new_tokens} tokens, and compute {len(config.metrics)} metrics",
    )


def _outcome(config: EvalConfig, artifact: Artifact, status: Any) -> Outcome:
    summary = json.loads(artifact.file("summary.json").read_text(encoding="utf-8"))
    metrics = summary["metrics"]
    mean = metrics.get("rubric", {}).get("mean")
    failed = config.min_score is not None and (mean is None or mean < config.min_score)
    shown = ", ".join(f"{name} {facts['mean']:.3f}" for name, facts in metrics.items() if facts["mean"] is not None)
    done = "nothing to do: " if status == "nothing_to_do" else ""
    gate = f"   gate: rubric {'unscored' if mean is None else f'{mean:.3f}'} < {config.min_score}" if failed else ""
    return Outcome(
        status="gate_failed" if failed else status, artifact=str(artifact.path), digest=artifact.digest,
        counts=artifact.manifest.counts,
        result={
            "metrics": metrics, "by_category": summary["by_category"], "report": str(artifact.path / "report.html"),
        },
        summary=f"{done}{summary['model']}: {shown}   {artifact.path}{gate}",
        next="secarch compare-baseline" if summary["parents"] else "secarch eval --model runs/NAME",
    )  # fmt: skip
