"""The stage: documents in, dataset out. Every row, removal and number can be explained from its
files.

read -> exact duplicates -> scrub, measure, judge -> near-duplicates -> examples -> decontaminate ->
split -> files
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from secarch import console
from secarch.artifact import Artifact, claim, lock, make_key, seal
from secarch.dedupe.build.documents import Sources, locate
from secarch.dedupe.examples import decisions
from secarch.dedupe.examples.decisions import Decisions
from secarch.errors import InputError
from secarch.files import write_json
from secarch.records import Outcome
from secarch.schema import JsonDict, sha256_of

if TYPE_CHECKING:
    from secarch.dedupe.build.pipeline import Pipeline
    from secarch.dedupe.build.result import Result
    from secarch.dedupe.config import DedupeConfig
    from secarch.session import Session
    from secarch.suite.schema import Suite

MARKER = "unfinished.json"
"""Kept in the directory until the artifact is sealed, so that a killed run is seen as one."""


def run(
    config: DedupeConfig,
    session: Session,
    *,
    documents: Sequence[Path] = (),
    onto: Path | None = None,
) -> Outcome:
    """Build the dataset artifact from `documents` (default: the newest harvest), and the documents
    of `onto`.

    `onto` is a dataset: the result is the one that its documents and the new ones give together,
    at the cost of the new ones. Raises MissingInput (nothing to read), InvalidInput (too many bad
    rows, or nothing left after the rules), Mismatch (`onto` has other settings), UnfinishedRun,
    Busy, DiskError, Interrupted.
    """
    sources = locate(documents, session.harvest)
    suite = _suite(config)
    decided = decisions.load(session.workspace)
    identity = _identity(config, session, suite, decided)
    if onto:
        from secarch.dedupe.build.store import parents_of

        parents = {*parents_of(onto, identity), *sources.parents}
        sources = dataclasses.replace(sources, parents=tuple(sorted(parents)))
    directory = session.datasets / make_key(sources.parents, sha256_of(identity))[:8]
    if session.dry_run:
        return _plan(config, sources, directory)
    with lock(directory.with_name(f".{directory.name}.lock")):
        if done := claim(directory, resume=session.resume, fresh=session.fresh):
            return _gated(config, _outcome(done, "nothing_to_do", {}))
        _clear(directory)
        from secarch.dedupe.build.pipeline import Pipeline

        with console.run_log(directory), session.stop.listening():
            return _work(
                config,
                session,
                sources,
                Pipeline(config, session, suite, decided),
                identity,
                directory,
                onto,
            )


def _suite(config: DedupeConfig) -> Suite | None:
    if not config.decontaminate:
        return None
    from secarch.suite.schema import load

    return load(config.decontaminate)


def _identity(
    config: DedupeConfig, session: Session, suite: Suite | None, decided: Decisions | None
) -> JsonDict:
    """Everything that decides the result; recorded in the manifest."""
    from secarch.models.prompt import SYSTEM

    return {
        **config.identity(),
        "seed": session.seed,
        "system": SYSTEM,
        "prompt_digest": sha256_of(SYSTEM),
        "suite": None
        if suite is None
        else {"name": suite.name, "version": suite.version, "digest": suite.digest},
        "reviews": None if decided is None else decided.digest,
    }


def _plan(config: DedupeConfig, sources: Sources, directory: Path) -> Outcome:
    size = sum(file.stat().st_size for file in sources.files)
    console.say(
        f"would read {len(sources.files)} files ({size / 1e6:.1f} MB): "
        f"{', '.join(sources.names[:5])}"
    )
    if config.generate.url:
        asked = config.generate
        console.say(
            f"would ask {asked.model} about up to {asked.max_spans} spans, {asked.max_tokens:,} "
            "tokens at most"
        )
    made = " (finished: nothing to do)" if (directory / "manifest.json").exists() else ""
    return Outcome(
        status="done",
        result={
            "dry_run": True,
            "files": len(sources.files),
            "bytes": size,
            "would_make": str(directory),
        },
        summary=f"would build {directory}{made}; nothing was touched",
        next="secarch dedupe",
    )


def _clear(directory: Path) -> None:
    """Remove half-written files that a killed run left; what is whole in the work folder is gone on
    with.
    """
    for entry in directory.iterdir():
        if entry.is_file() and entry.suffix != ".log":
            entry.unlink()
    write_json(directory / MARKER, {"stage": "dedupe"})


def _work(
    config: DedupeConfig,
    session: Session,
    sources: Sources,
    pipeline: Pipeline,
    identity: JsonDict,
    directory: Path,
    base: Path | None,
) -> Outcome:
    from secarch.dedupe.build.output import SEMANTIC, write
    from secarch.dedupe.build.store import clear
    from secarch.dedupe.split import decontaminate

    started = monotonic()
    try:
        result = pipeline.run(sources, directory, base)
    except InputError:
        clear(directory)
        (directory / MARKER).unlink(missing_ok=True)
        raise
    _show_funnel(result)
    decontaminate.show(result.hits)
    files, rows = write(directory, result, config, identity, sources)
    session.stop.check()
    (directory / MARKER).unlink()
    artifact = seal(
        directory,
        kind="dataset",
        parents=sources.parents,
        config=identity,
        counts=result.counts,
        files=files,
        outside=["report.html", *result.index, *([SEMANTIC] if result.neighbours else [])],
        rows=rows,
    )
    console.log().info(
        "dataset_built", seconds=round(monotonic() - started, 1), **_main_counts(result.counts)
    )
    told = {
        "funnel": result.funnel,
        "rules": [rule.row() for rule in result.rules],
        "boilerplate": [dataclasses.asdict(line) for line in result.boilerplate],
        "contamination": [hit.row() for hit in result.hits],
        "meter": result.meter,
    }
    return _gated(config, _outcome(artifact, "done", told))


def _gated(config: DedupeConfig, outcome: Outcome) -> Outcome:
    found = sum(outcome.counts.get(f"contamination_{name}", 0) for name in ("dropped", "flagged"))
    if not config.fail_on_contamination or not found:
        return outcome
    return dataclasses.replace(
        outcome, status="gate_failed", summary=f"{outcome.summary}; contamination: {found}"
    )


def _main_counts(counts: dict[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in ("documents_read", "documents_kept", "examples")}


def _show_funnel(result: Result) -> None:
    from rich.table import Table

    table = Table("step", "documents", "examples", "dropped here", box=None, pad_edge=False)
    for step in result.funnel:
        reasons = ", ".join(f"{name} {count}" for name, count in step["reasons"].items())
        table.add_row(step["step"], str(step["documents"]), str(step["examples"]), reasons)
    console.show(table)


def _outcome(artifact: Artifact, status: str, result: JsonDict) -> Outcome:
    counts = artifact.manifest.counts
    made = "is there already: nothing to do" if status == "nothing_to_do" else "built"
    return Outcome(
        status="nothing_to_do" if status == "nothing_to_do" else "done",
        artifact=str(artifact.path),
        digest=artifact.digest,
        counts=counts,
        result=result,
        summary=f"dataset of {_origins(counts)} {made}: {artifact.path}",
        next="secarch train",
    )


def _origins(counts: dict[str, int]) -> str:
    """How many examples there are, and whence."""
    total, documents = counts["examples"], f"{counts['documents_kept']} documents"
    if not (composed := counts.get("examples_composed", 0)):
        return f"{total} examples from {documents}"
    return f"{total} examples ({total - composed} from {documents}, {composed} composed)"
