"""The stage: what is compared with what, and the way there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from secarch import console
from secarch.artifact import MANIFEST, newest, read_manifest
from secarch.compare.config import CompareConfig
from secarch.errors import Mismatch, MissingModel, UsageError
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.engines.target import is_server
from secarch.records import Outcome
from secarch.session import Session


def run(
    config: CompareConfig,
    evaluation: EvalConfig,
    session: Session,
    *,
    base: str,
    tuned: Sequence[Path | str],
    evaluations: tuple[Path, Path] | None,
    scores: tuple[Path, Path] | None = None,
    labels: Path | None = None,
) -> Outcome:
    """Compare base and tuned model, decide, and seal comparison.json with its reports.

    `evaluations` joins two finished evaluations (base, tuned); `scores` joins two files of scores
    that any program made. Otherwise both models are evaluated first, on one set of loaded weights,
    or their finished evaluations re-used; `tuned` empty means the newest run, and several are
    candidates against the one base; both may be http(s) addresses of servers. `labels` folds in
    what readers chose on a report's page between two sets of answers, which has no part in the
    verdict. The outcome is `gate_failed` where a gate is closed; the artifact is complete then too.
    Raises Mismatch (the two were not made in the same way), InvalidInput (too few scored
    questions), UsageError, and what `evaluate` raises.
    """
    from secarch.compare.output import compare_arms

    _one_way(scores=scores, evaluations=evaluations, tuned=tuned)
    if scores is not None:
        from secarch.compare.inputs.scores import primary_of, read_scores

        arms = (
            read_scores(scores[0], config.lower_is_better),
            read_scores(scores[1], config.lower_is_better),
        )
        return compare_arms(primary_of(config, *arms), evaluation, session, arms, labels)
    if evaluations is None:
        if labels and len(tuned) > 1:
            raise UsageError(
                "labels are of one pair of models", where="--labels", fix="give one --tuned"
            )
        return _runs(
            config, evaluation, session, base, list(tuned) or [newest(session.runs, "run")], labels
        )
    from secarch.compare.inputs.pairs import read

    arms = read(evaluations[0]), read(evaluations[1])
    if arms[0].parents and not arms[1].parents:
        console.log().warning(
            "order", base="a training run", tuned="no training run", fix="--from BASE TUNED"
        )
    return compare_arms(config, evaluation, session, arms, labels)


def _one_way(**ways: object) -> None:
    """What is compared is named in one way, so that none is skipped in silence."""
    flags = {"scores": "--scores", "evaluations": "--from", "tuned": "--tuned"}
    given = [flags[name] for name, way in ways.items() if way]
    if len(given) > 1:
        raise UsageError(
            f"{' and '.join(given)} exclude each other",
            where="the command line",
            fix="give one of them",
        )


def _runs(
    config: CompareConfig,
    evaluation: EvalConfig,
    session: Session,
    base: str,
    runs: list[Path | str],
    labels: Path | None,
) -> Outcome:
    """Evaluate and compare; several runs get a comparison each and a table over them."""
    names = _names(runs)
    base = _own_base(base, runs[0], session.workspace)
    if session.dry_run:
        return _plan(config, evaluation, session, base, runs)
    from secarch.compare.candidates import compare_candidates
    from secarch.compare.inputs.arms import arms_of
    from secarch.compare.output import compare_arms

    if len(runs) == 1:
        arms = arms_of(evaluation, session, base=base, tuned=runs[0], twice=config.repeat_base)
        return compare_arms(config, evaluation, session, arms, labels)
    # One after the other, so that what is finished stays when a later one fails; the base is made
    # anew at most once.
    made = (
        (
            name,
            arms_of(
                evaluation,
                session,
                base=base,
                tuned=run,
                fresh_base=n == 0,
                twice=config.repeat_base,
            ),
        )
        for n, (name, run) in enumerate(zip(names, runs, strict=True))
    )
    return compare_candidates(config, evaluation, session, made)


def _names(runs: Sequence[Path | str]) -> list[str]:
    """What the candidates are called: their folders' names, with the parent's where two are alike,
    or the address.
    """
    places = [
        PurePosixPath(str(run).split("@")[-1]) if is_server(run) else Path(run).resolve()
        for run in runs
    ]
    if len(set(places)) < len(places):
        raise UsageError("one run is named twice", where="--tuned", fix="name each candidate once")
    short = [place.name for place in places]
    return [
        name if short.count(name) == 1 else f"{place.parent.name}/{name}"
        for name, place in zip(short, places, strict=True)
    ]


def _own_base(base: str, run: Path | str, workspace: Path) -> str:
    """The base that the run was trained on, where `base` is the name of a model (the default's, as
    a rule) rather than a folder or a server, and the run knows a folder with its own.
    """
    if is_server(base) or is_server(run) or Path(base).expanduser().is_dir():
        return base
    from secarch.evaluate.engines.target import named
    from secarch.models.bases import base_of

    folder = named(str(run), workspace)
    if not (folder / MANIFEST).is_file() or read_manifest(folder).kind != "run":
        return base
    try:
        return str(base_of(folder, base))
    except (Mismatch, MissingModel):
        return base


def _plan(
    config: CompareConfig,
    evaluation: EvalConfig,
    session: Session,
    base: str,
    runs: Sequence[Path | str],
) -> Outcome:
    from secarch.evaluate.stage import run as evaluate

    asked = [base if is_server(base) else "base"] * (2 if config.repeat_base else 1)
    plans = [
        evaluate(evaluation, session, model=model, base=base) for model in (*asked, *map(str, runs))
    ]
    counts = {name: sum(plan.counts[name] for plan in plans) for name in plans[0].counts}
    return Outcome(
        status="done",
        counts=counts,
        summary="; ".join(plan.summary for plan in plans) + "; then compare them",
        next="secarch compare-baseline",
    )
