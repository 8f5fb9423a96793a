"""From answers to an evaluation: scores, summary, pages and the seal.

A pure function of what a model said (responses.jsonl, likelihoods.jsonl, documents.jsonl) and of
the suite: a crash in a metric loses nothing, and a rerun gives the same bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from secarch import console
from secarch.artifact import Artifact, seal
from secarch.errors import InvalidInput, Mismatch
from secarch.evaluate import judge
from secarch.evaluate.ask import choices, held_out
from secarch.evaluate.ask.spoken import ANSWERED, spoken
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.metrics.metric import NOT_OF_THE_ANSWER, Item, Measured, MetricContext
from secarch.evaluate.rubric.grade import Grade, grade
from secarch.evaluate.scoring import clean, gate
from secarch.evaluate.scoring.record import Summary
from secarch.files import read_jsonl, sha256_file, write_json, write_jsonl, write_text
from secarch.records import Answer, Outcome, Score
from secarch.schema import JsonDict, sha256_of
from secarch.session import environment
from secarch.suite.schema import Question, Suite
from secarch.text.language import foreign

CONTENT = (
    "responses.jsonl",
    "likelihoods.jsonl",
    "documents.jsonl",
    "judgements.jsonl",
    "scores.jsonl",
    "summary.json",
)
OUTSIDE = ("report.html", "junit.xml", "environment.json")
ABOUT_REFUSING = frozenset({"refusal", "compliance"})
"""Metrics to which a refusal by the server is an answer."""
UNANSWERED = {
    "error": "the engine gave no answer",
    "abort": "the server broke the answer off",
    "content_filter": "the server's content filter took the answer",
    "refusal": "the server refused to answer",
    "truncated_reasoning": "the token budget was spent on reasoning",
    "no_content": "the server gave no content",
    "unknown": "the server did not say how the answer ended",
}
"""Ends of what is not scored, each with its reason."""


def suite_facts(suite: Suite) -> JsonDict:
    """Name, version and digest, as they are recorded."""
    return {"name": suite.name, "version": suite.version, "digest": suite.digest}


def encoder_digest(config: EvalConfig) -> str | None:
    """Hex SHA-256 of the BERTScore encoder's weights; None if none is configured."""
    folder = _encoder(config)
    return sha256_file(folder / "model.safetensors") if folder else None


def score_folder(config: EvalConfig, suite: Suite, directory: Path, facts: JsonDict) -> JsonDict:
    """Write scores.jsonl, summary.json, report.html and junit.xml from the answers in `directory`;
    returns the summary.

    A pure function of the answers, the likelihoods and the suite. Raises Mismatch where an answer
    is missing or was given to another version of its question.
    """
    from secarch.evaluate.report import junit, report
    from secarch.evaluate.scoring.summary import summarise

    items = list(_items(suite, directory, facts.get("choice_seed") or 0))
    if items and all(item.answer.finish == "error" for item in items):
        raise InvalidInput(
            "the model answered none of the questions",
            where=directory / "responses.jsonl",
            why="every request was refused; the log has the server's words",
            fix="look at the server, then run with --fresh",
        )
    context = MetricContext(_encoder(config))
    scores = [score for metric in config.metrics for score in _measure(metric, items, context)]
    order = {question.id: n for n, question in enumerate(suite.questions)}
    scores.sort(key=lambda score: order[score.question_id])
    scores += held_out.scores(directory / "documents.jsonl")
    write_jsonl(directory / "scores.jsonl", map(asdict, scores))
    summary = summarise(scores, items, facts, context.notes)
    summary["judge"] = judge.meter(directory)
    summary["contamination"] = clean.summarise(
        scores, directory / "contamination.jsonl", facts.get("training")
    )
    summary["held_out"] = held_out.overall(directory / "documents.jsonl")
    Summary.model_validate(summary)
    write_json(directory / "summary.json", summary)
    seen = list(read_jsonl(directory / "contamination.jsonl")) if facts.get("training") else []
    write_text(
        directory / "report.html",
        report(summary, items, scores, gate.failures(config, summary), seen, directory),
    )
    write_text(directory / "junit.xml", junit(summary, items, scores))
    return summary


def _encoder(config: EvalConfig) -> Path | None:
    if not config.bertscore_model:
        return None
    from secarch.evaluate.metrics.bertscore import locate

    return locate(config.bertscore_model)


def _items(suite: Suite, directory: Path, seed: int) -> Iterator[Item]:
    answers = {row["question_id"]: row for row in read_jsonl(directory / "responses.jsonl")}
    likelihoods = directory / "likelihoods.jsonl"
    nats = (
        {row["question_id"]: row for row in read_jsonl(likelihoods)} if likelihoods.exists() else {}
    )
    judged = judge.read(directory, suite)
    for question in suite.questions:
        row, likelihood = answers.get(question.id), nats.get(question.id, {})
        if row is None or row["question_sha256"] != question.sha256:
            raise Mismatch(
                "these answers are not to these questions",
                where=f"{directory / 'responses.jsonl'}: {question.id}",
                why="missing" if row is None else "the question has changed since",
                fix="evaluate again",
            )
        answer = spoken(Answer.of(row))
        graded = _graded(question, answer.texts)
        picked, undecided = (
            choices.decided(answer.text, question, seed) if question.choices else (None, "")
        )
        yield Item(
            question,
            answer,
            graded,
            likelihood.get("nats"),
            likelihood.get("reason", ""),
            picked=picked,
            undecided=undecided,
            letters=likelihood.get("letters"),
            cloze=likelihood.get("cloze"),
            judged=judged.get(question.id),
        )


def _measure(metric: Any, items: Sequence[Item], context: MetricContext) -> Iterator[Score]:
    """One metric over all items.

    An answer that the engine could not give is unscored by all that look at it.
    """
    given = [
        item
        for item in items
        if item.answer.finish in ANSWERED
        or metric.kind in NOT_OF_THE_ANSWER
        or (item.answer.finish == "refusal" and metric.kind in ABOUT_REFUSING)
    ]
    measured = dict(
        zip((item.question.id for item in given), metric.measure(given, context), strict=True)
    )
    for item in items:
        why = UNANSWERED.get(item.answer.finish, UNANSWERED["error"])
        found = measured.get(item.question.id, Measured(None, why))
        value = found.value if found.value is None or math.isfinite(found.value) else None
        reason = found.reason or ("" if value is not None else "the value is not finite")
        yield _score(item.question, metric.kind, value, reason)


def _graded(question: Question, texts: Sequence[str]) -> Grade | None:
    """The rubric's result; None for a multiple choice, and for an answer that breaks a parser.

    What a model writes must not end a run.
    """
    if not question.key_points or foreign("\n".join(texts)):
        return None
    try:
        return grade(question, *texts)
    except (RecursionError, ValueError, TypeError, AttributeError, LookupError) as error:
        console.log().warning(
            "unparsed", question=question.id, why=f"{type(error).__name__}: {error}"
        )
        return None


def _score(question: Question, metric: str, value: float | None, reason: str) -> Score:
    return Score(
        question_id=question.id,
        question_sha256=question.sha256,
        metric=metric,
        value=value,
        reason=reason,
        category=question.category,
        cluster=question.scenario,
    )


def finish(
    directory: Path, parents: Sequence[str], identity: JsonDict, summary: JsonDict
) -> Artifact:
    """Seal the evaluation; seconds, pages and the machine stand outside its digest."""
    write_json(directory / "environment.json", environment())
    rows = {
        name: sum(1 for _ in read_jsonl(directory / name))
        for name in ("responses.jsonl", "scores.jsonl")
    }
    timeless = [_timeless(row) for row in read_jsonl(directory / "responses.jsonl")]
    files = [name for name in CONTENT if (directory / name).exists()]
    return seal(
        directory,
        kind="evaluation",
        parents=parents,
        config=identity,
        counts=summary["counts"],
        files=files,
        outside=OUTSIDE,
        rows=rows,
        content={"responses.jsonl": sha256_of(timeless)},
    )


def _timeless(row: JsonDict) -> JsonDict:
    """A row of responses.jsonl without what differs from run to run."""
    further = [{**turn, "seconds": 0} for turn in row.get("further", ())]
    return {**row, "seconds": 0, **({"further": further} if further else {})}


def outcome(config: EvalConfig, artifact: Artifact, status: Any) -> Outcome:
    """What the command says; `gate_failed` where a threshold is not met."""
    summary = json.loads(artifact.file("summary.json").read_text(encoding="utf-8"))
    metrics = summary["metrics"]
    failed = gate.failures(config, summary)
    shown = ", ".join(
        f"{name} {facts['mean']:.3f}"
        for name, facts in metrics.items()
        if facts["mean"] is not None
    )
    done = "nothing to do: " if status == "nothing_to_do" else ""
    why = f"   gate: {'; '.join(failed)}" if failed else ""
    return Outcome(
        status="gate_failed" if failed else status,
        artifact=str(artifact.path),
        digest=artifact.digest,
        counts=artifact.manifest.counts,
        result={
            "metrics": metrics,
            "by_category": summary["by_category"],
            "by_capability": summary["by_capability"],
            "held_out": summary["held_out"],
            "gate": {"passed": not failed, "reasons": failed},
            "report": str(artifact.path / "report.html"),
        },
        summary=f"{done}{summary['model']}: {shown}   {artifact.path}{why}",
        next="secarch compare-baseline" if summary["model"] != "base" else "secarch train",
    )
