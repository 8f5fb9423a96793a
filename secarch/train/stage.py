"""The train stage: a dataset and a base in, a sealed run with its adapter out.

Everything that can be refused is refused before torch is imported, and a dry run never imports it.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from secarch import console
from secarch.artifact import (
    MANIFEST,
    Artifact,
    claim,
    lock,
    make_key,
    open_artifact,
    read_manifest,
    seal,
)
from secarch.errors import UsageError
from secarch.files import write_json, write_text
from secarch.records import Outcome
from secarch.report.origin import origin
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session, environment, processes, rank
from secarch.train import forgetting, machine, measured, one_gpu, report, samples, trackers
from secarch.train.config import TrainConfig
from secarch.train.data import preflight
from secarch.train.data.prepare import Prepared, prepare
from secarch.train.estimate.cost import sides
from secarch.train.estimate.dry_run import dry_run
from secarch.train.loop import checkpoints
from secarch.train.loop.drift import STATE, check, read_state, surroundings
from secarch.train.loop.journal import METRICS, TIMING, Journal, identity
from secarch.train.loop.work import Work

NO_PARENT = "The rows were given as files; no artifact stands behind them."


def run(
    config: TrainConfig, session: Session, *, dataset: Path | None, allow_drift: bool = False
) -> Outcome:
    """Train an adapter on a dataset (the newest of the workspace if none is given) -> artifact
    `run`.

    With `allow_drift` a run is resumed although its settings, data, code, libraries or GPU
    are others now; what changed is recorded in the manifest and in metrics.jsonl.

    Raises MissingInput, InvalidInput, Mismatch (the dataset), MissingModel, MissingExtra,
    PrerequisiteError (the machine), UsageError (the name is taken by another run), UnfinishedRun,
    Busy, DiskError, Interrupted (a checkpoint is saved), SecarchError (a loss that is not a
    number).
    """
    prepared = prepare(config, session, dataset)
    directory = session.runs / config.name
    if session.dry_run:
        return dry_run(prepared, directory)
    if rank():
        return _follow(prepared, directory, session)
    if finished := _finished(prepared, directory, session):
        return _outcome(
            "nothing_to_do", finished, f"{directory} is finished already: nothing to do", {}
        )
    one_gpu.pin()
    machine.check(prepared)
    with lock(directory / "train.lock"), console.run_log(directory), session.stop.listening():
        return _train(prepared, directory, session, allow_drift=allow_drift)


def _follow(prepared: Prepared, directory: Path, session: Session) -> Outcome:
    """Take part as one of several processes; the first one refuses, writes, seals and speaks."""
    if (directory / MANIFEST).exists() and not session.fresh:
        return Outcome(status="nothing_to_do")
    from secarch.train.loop import tuner

    tuner.gather(on_cpu=machine.on_cpu())
    state = read_state(directory)
    checkpoint = (
        checkpoints.newest_whole(directory / "checkpoints") if state.get("resumed") else None
    )
    journal = Journal(
        directory, upto=checkpoints.step_of(checkpoint) if checkpoint else None, writes=False
    )
    with session.stop.listening(), _quietly():
        _run(
            prepared,
            directory,
            session,
            journal,
            checkpoint,
            bf16=bool(state["bf16"]),
            advance=lambda *_, **__: None,
        )
    session.stop.check()
    return Outcome(status="done")


def _finished(prepared: Prepared, directory: Path, session: Session) -> Artifact | None:
    """The sealed run of this name and these settings, or None with the directory ready to be worked
    in.
    """
    if (directory / MANIFEST).exists() and not session.fresh:
        manifest = read_manifest(directory)
        settings = {name: value for name, value in manifest.config.items() if name != "drift"}
        if make_key(list(prepared.dataset.parents), sha256_of(settings)) != prepared.key:
            raise UsageError(
                f"there is a finished run called {prepared.config.name}, made with another "
                "dataset, base or settings",
                where=directory,
                fix="choose another name with --name, or set it aside with --fresh",
            )
        return open_artifact(directory, "run")
    return claim(directory, resume=session.resume, fresh=session.fresh)


# ---------------------------------------------------------------- the run


def _check_as_many(state: JsonDict, directory: Path) -> None:
    """Raise UsageError if a resumed run has another number of processes than before."""
    if state.get("processes", 1) != processes():
        raise UsageError(
            f"this run was started with {state.get('processes', 1)} processes and would go on "
            f"with {processes()}",
            where=directory,
            why="each has random numbers of its own, which a checkpoint holds",
            fix="launch as many as before, or set the run aside with --fresh",
        )


def _train(prepared: Prepared, directory: Path, session: Session, *, allow_drift: bool) -> Outcome:
    folder = directory / "checkpoints"
    preflight.check_disk(directory, preflight.CHECKPOINTS * prepared.plan.checkpoint_bytes)
    state = read_state(directory)
    around = surroundings(machine.device_name())
    drift = check(state, prepared.recorded, around, directory, allow=allow_drift) if state else []
    checkpoint = checkpoints.newest_whole(folder) if session.resume and state else None
    if not state:
        state = {
            "bf16": machine.bf16(prepared.config),
            "micro_batch": prepared.config.micro_batch,
            "processes": processes(),
        }
    _check_as_many(state, directory)
    journal = Journal(directory, upto=checkpoints.step_of(checkpoint) if checkpoint else None)
    _remember(journal, folder, checkpoint, state, prepared.config.micro_batch)
    if drift:
        journal.event(journal.last_step, "drift", changes=drift)
        console.log().warning(
            "drift", changes=drift, what="recorded; this run is no longer one of a piece"
        )
    now = {
        "recorded": prepared.recorded,
        "around": around,
        "drift": [*state.get("drift", []), *drift],
        "micro_batch": prepared.config.micro_batch,
        "resumed": checkpoint is not None,
    }
    write_json(directory / STATE, {**state, **now})
    if processes() > 1:
        from secarch.train.loop import tuner

        tuner.gather(on_cpu=machine.on_cpu())  # from here on the others read run.json
    _say(prepared, checkpoint)
    started = time.monotonic()
    since = checkpoints.step_of(checkpoint) if checkpoint else 0
    with trackers.following(
        prepared.config.trackers, directory, prepared.key, prepared.recorded, since=since
    ) as follow:
        journal.listeners.append(follow)
        with _quietly(), console.progress("training", prepared.plan.steps) as advance:
            advance(since)
            _run(
                prepared,
                directory,
                session,
                journal,
                checkpoint,
                bf16=bool(state["bf16"]),
                advance=advance,
            )
        session.stop.check()
        outcome = _sealed(prepared, directory, journal, time.monotonic() - started)
        follow.close({"digest": str(outcome.digest), "key": prepared.key})
    return replace(outcome, result={**outcome.result, "trackers_lost": follow.lost})


def _remember(
    journal: Journal, folder: Path, checkpoint: Path | None, state: JsonDict, micro_batch: int
) -> None:
    """After a resume: which checkpoints there are, and that the micro-batch is another one now."""
    if checkpoint is None:
        return
    step = checkpoints.step_of(checkpoint)
    for path in checkpoints.all_of(folder):
        if checkpoints.step_of(path) <= step and checkpoints.whole(path):
            journal.saved(checkpoints.step_of(path))
    if state.get("micro_batch") != micro_batch:
        journal.event(step, "micro_batch_changed", before=state.get("micro_batch"), now=micro_batch)


def _run(
    prepared: Prepared,
    directory: Path,
    session: Session,
    journal: Journal,
    checkpoint: Path | None,
    *,
    bf16: bool,
    advance: Any,
) -> None:
    from secarch.train.loop import tuner

    done = checkpoints.step_of(checkpoint) if checkpoint else 0
    if done >= prepared.plan.steps or journal.ended_early(done):
        return  # killed between the last checkpoint and the seal
    work = Work(
        config=prepared.config,
        plan=prepared.plan,
        base=prepared.base,
        base_name=prepared.base_name,
        chat=prepared.chat,
        train=prepared.train.rows,
        validation=prepared.validation.rows,
        seed=prepared.seed,
        directory=directory,
        bf16=bf16,
        stop=session.stop,
        advance=advance,
    )
    tuner.run(work, journal, checkpoint)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Warn where other programs hold the cores: two that spin for them make a step many times
    slower.

    Inside, what libraries print goes to stderr: stdout is for data.
    """
    cores = os.cpu_count() or 1
    if os.getloadavg()[0] > cores:
        console.log().warning(
            "cores_busy",
            load=round(os.getloadavg()[0], 1),
            cores=cores,
            what="training will be slow",
        )
    with contextlib.redirect_stdout(sys.stderr):
        yield


def _say(prepared: Prepared, checkpoint: Path | None) -> None:
    plan, train = prepared.plan, prepared.train
    console.log().info(
        "training",
        rows=len(train.rows) // sides(prepared.config),
        steps=plan.steps,
        parameters=plan.parameters,
        trainable=plan.trainable,
        over_length=train.over_length,
        pieces=train.pieces,
        dropped=train.dropped,
        trained_share=plan.trained_share,
        checks=len(prepared.checked),
        resumed_from=checkpoint.name if checkpoint else None,
    )
    if not prepared.validation.rows:
        console.log().warning(
            "no_validation_rows",
            what="training goes on without evaluation; the last checkpoint is kept",
        )


def _sealed(prepared: Prepared, directory: Path, journal: Journal, seconds: float) -> Outcome:
    step = journal.best_step if journal.best_step is not None else max(journal.saves)
    files = report.write_model(
        directory,
        directory / "checkpoints" / f"checkpoint-{step}",
        prepared.base_name,
        prepared.base,
        prepared.chat,
    )
    made, answers = _asked(prepared, directory)
    files += made
    facts, speed = measured.facts(prepared, journal, step), measured.speed(prepared, journal)
    facts["guards"] = forgetting.read(directory)
    card = report.card(prepared, facts)
    write_text(directory / "README.md", card)
    state = read_state(directory)
    machine_facts = {"device": state["around"].get("device", ""), "seconds": round(seconds, 1)}
    made_from = origin(prepared.dataset.parents, directory, none=NO_PARENT)
    page = report.report(
        prepared,
        journal,
        facts,
        speed,
        machine=machine_facts,
        answers=answers,
        further=[made_from],
    )
    write_text(directory / "report.html", page)
    timed = {**speed, "seconds": round(seconds, 1)}
    write_json(
        directory / "environment.json",
        {
            **environment(),
            **timed,
            "bf16": state["bf16"],
            "peak_bytes": journal.peak_bytes,
            "around": state["around"],
            "base": prepared.place,
        },
    )
    artifact = _manifest(prepared, directory, journal, card, files)
    console.log().info(
        "speed", **{name: value for name, value in speed.items() if value is not None}
    )
    summary = (
        f"trained {journal.last_step} steps in {seconds:.0f} s, {_change(facts)} (step {step} "
        f"kept): {directory}"
    )
    return _outcome("done", artifact, summary, {**facts, **timed})


def _manifest(
    prepared: Prepared, directory: Path, journal: Journal, card: str, files: Sequence[str]
) -> Artifact:
    """Seal the run: its model's `files`, its journal and its card count, its speed does not."""
    state = read_state(directory)
    drift = {"drift": state["drift"]} if state.get("drift") else {}
    return seal(
        directory,
        kind="run",
        parents=list(prepared.dataset.parents),
        config={**prepared.recorded, **drift},
        counts=measured.counts(prepared, journal),
        files=[*files, METRICS, "README.md"],
        outside=["report.html", "environment.json", TIMING],
        rows={METRICS: len(journal.rows)},
        content={
            METRICS: sha256_of(identity(journal.rows)),
            # Two runs that differ in their names alone are the same run.
            "README.md": sha256_of(card.replace(f"# {prepared.config.name}\n", "#\n", 1)),
        },
    )


def _change(facts: JsonDict) -> str:
    """How the validation loss went, in words."""
    if facts["eval_loss"] is None:
        return "no validation"
    return f"validation loss {facts['eval_loss_base']:.3f} -> {facts['eval_loss']:.3f}"


def _asked(prepared: Prepared, directory: Path) -> tuple[list[str], list[JsonDict]]:
    """Score the guard suites and take sample answers with the adapter that was kept; returns the
    names of files that were made, and the samples.
    """
    held_out = prepared.validation.rows[:: sides(prepared.config)]
    rows = samples.picked(held_out, prepared.config.samples)
    if not rows and not prepared.guards:
        return [], []
    from secarch.models.local import Model
    from secarch.train.export.merge import free

    free()
    model = Model.load(prepared.base, quantization=prepared.config.quantization, adapter=directory)
    if prepared.guards:
        forgetting.measured(directory, prepared.guards, model)
    return [forgetting.GUARDS] if prepared.guards else [], samples.taken(
        model, rows, samples.questions(prepared.dataset.validation)
    )


def _outcome(status: Any, artifact: Artifact, summary: str, result: JsonDict) -> Outcome:
    return Outcome(
        status=status,
        artifact=str(artifact.path),
        digest=artifact.digest,
        counts=artifact.manifest.counts,
        result={**result, "report": str(artifact.path / "report.html")},
        summary=summary,
        next=f"secarch compare-baseline --tuned {shlex.quote(str(artifact.path))}",
    )
