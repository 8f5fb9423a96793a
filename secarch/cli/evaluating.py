"""The command line's group about evaluations: `eval`, `eval score` and `eval agree`."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secarch.cli import completion
from secarch.cli.invocation import Invocation, command
from secarch.cli.order import Group

if TYPE_CHECKING:
    from secarch.records import Outcome
    from secarch.session import Session

Suites = Annotated[
    list[str] | None,
    typer.Option(help="Suites by name or path; repeatable.", autocompletion=completion.suites),
]
Smoke = Annotated[bool | None, typer.Option(help="Only the questions tagged smoke.")]
Tuned = Annotated[
    list[str] | None,
    typer.Option(
        help="Run, adapter, merged model or http(s) URL; repeatable.",
        autocompletion=completion.tuned,
    ),
]
Metric = Annotated[
    str | None,
    typer.Option(help="Metric that decides the verdict.", autocompletion=completion.metrics),
]
OtherScores = Annotated[
    tuple[Path, Path] | None,
    typer.Option(
        help="Scores of another program (JSONL, logs of lm-eval, inspect_ai or promptfoo): "
        "BASE TUNED."
    ),
]
MinScore = Annotated[
    float | None, typer.Option(help="Mean rubric score below which the gate fails.")
]

eval_app = typer.Typer(
    cls=Group, help="Put the golden suite to a model and score its answers -> evaluation."
)


@command(eval_app, "eval", resumable=True, group=True)
def evaluate(
    invocation: Invocation,
    model: Annotated[
        str,
        typer.Option(
            help="base, a run or model folder, or an http(s) address.",
            autocompletion=completion.models,
        ),
    ] = "base",
    base: Annotated[str | None, typer.Option(help="Base model; train.base if not given.")] = None,
    suite: Suites = None,
    smoke: Smoke = None,
    min_score: MinScore = None,
) -> Outcome:
    """Put the golden suite to a model and score its answers -> evaluation."""
    flags = {"eval.suites": suite or None, "eval.smoke": smoke or None, "eval.min_score": min_score}
    settings = invocation.load({**flags, "train.base": base}).settings
    from secarch.evaluate.stage import run

    session = invocation.session(settings)
    outcome = run(settings.eval, session, model=model, base=settings.train.base)
    return replace(outcome, next=_after(session)) if model == "base" else outcome


def _after(session: Session) -> str:
    """What follows an evaluation of the base: comparing the newest run, else training one."""
    from secarch.artifact import newest
    from secarch.errors import MissingInput

    if session.dry_run:
        return ""
    try:
        run = newest(session.runs, "run")
    except MissingInput:
        return "secarch train"
    return f"secarch compare-baseline --tuned {shlex.quote(str(run))}"


@command(eval_app, "score")
def evaluate_score(
    invocation: Invocation,
    from_: Annotated[Path, typer.Option("--from", help="A finished evaluation.")],
    suite: Suites = None,
    smoke: Smoke = None,
    min_score: MinScore = None,
) -> Outcome:
    """Score the answers of a finished evaluation again, without any model; equal input gives equal
    bytes.
    """
    flags = {"eval.suites": suite or None, "eval.smoke": smoke or None, "eval.min_score": min_score}
    settings = invocation.load(flags).settings
    from secarch.evaluate.scoring.rescore import rescore

    outcome = rescore(settings.eval, invocation.session(settings), source=from_)
    return replace(outcome, next="secarch report")


@command(eval_app, "agree")
def evaluate_agree(
    invocation: Invocation,
    from_: Annotated[Path, typer.Option("--from", help="A finished evaluation.")],
    labels: Annotated[
        list[Path], typer.Option(help="What people said: saved labels, or CSV; repeatable.")
    ],
    suite: Suites = None,
) -> Outcome:
    """Hold the matcher and the judge to people's labels: kappa and F1 by category and kind."""
    settings = invocation.load({"eval.suites": suite or None}).settings
    from secarch.review.agreement import agree

    return agree(evaluation=from_, suites=settings.eval.suites, files=labels, seed=settings.seed)
