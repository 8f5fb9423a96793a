"""From two arms to one sealed comparison at comparisons/<key8>/."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from secarch import console
from secarch.artifact import Artifact, claim, find, lock, make_key, read_manifest, seal
from secarch.compare.config import CompareConfig
from secarch.compare.inputs.labels import MOST, Label, items, pair_digest, read_labels
from secarch.compare.inputs.pairs import Arm, check
from secarch.compare.pages.evidence import Questions, flips, questions, statements
from secarch.compare.record import Forgotten
from secarch.evaluate.config import EvalConfig
from secarch.files import sha256_file, write_json, write_jsonl, write_text
from secarch.records import Outcome, Status
from secarch.report.origin import linked
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session, environment
from secarch.train.forgetting import read as guards_of

if TYPE_CHECKING:
    from secarch.compare.contamination import Training
    from secarch.compare.measure import Measured

CONTENT = ("comparison.json", "flips.jsonl", "report.md", "junit.xml")
OUTSIDE = ("report.html", "environment.json")
MOST_ANCESTORS = 32


def compare_arms(
    config: CompareConfig,
    evaluation: EvalConfig,
    session: Session,
    arms: tuple[Arm, Arm],
    labels: Path | None = None,
) -> Outcome:
    """Compare what was read, or find that it was compared before; `labels` is a file of readers'
    choices.

    Raises what `pairs.check` and `labels.read_labels` raise.
    """
    check(*arms, config.primary)
    job = _Job(config, evaluation, session, arms, read_labels(labels, *arms) if labels else [])
    identity = {"compare": config.identity(), "seed": session.seed}
    identity |= {"labels": sha256_file(labels)} if labels else {}
    identity |= {"training": job.training.digest} if job.training else {}
    # flips.jsonl shows where the questions at hand are met.
    identity |= (
        {"questions": sha256_of(known)}
        if (known := sorted(arms[0].questions & job.questions.keys()))
        else {}
    )
    directory = session.comparisons / make_key(job.parents, sha256_of(identity))[:8]
    if session.dry_run:
        return _planned_join(arms[0], directory)
    with lock(directory.with_name(f".{directory.name}.lock")):
        if done := claim(directory, resume=session.resume, fresh=session.fresh):
            return _outcome(done, "nothing_to_do")
        with console.run_log(directory):
            return _outcome(_work(job, identity, directory), "done")


@dataclass(frozen=True)
class _Job:
    """Everything that one comparison is made from."""

    config: CompareConfig
    evaluation: EvalConfig
    session: Session
    arms: tuple[Arm, Arm]
    labels: Sequence[Label]

    @property
    def sources(self) -> list[Arm]:
        """The evaluations that it rests on: base, tuned, and the base a second time."""
        again = self.arms[0].again
        return [*self.arms, *([again] if again else [])]

    @property
    def parents(self) -> list[str]:
        """Their digests."""
        return [arm.digest for arm in self.sources]

    @cached_property
    def questions(self) -> Questions:
        """The suite's questions, if they are at hand."""
        return questions(self.evaluation.suites, smoke=self.evaluation.smoke)

    @cached_property
    def training(self) -> Training | None:
        """What the tuned model was trained on, if it is at hand."""
        from secarch.compare.contamination import trace

        return trace(self.session.workspace, self.arms[1], lambda: self.questions)


def _planned_join(base: Arm, directory: Path) -> Outcome:
    questions = len(base.questions)
    return Outcome(
        status="done",
        counts={"questions": questions},
        next="secarch compare-baseline",
        summary=f"would compare {questions} questions in {directory}",
    )


def _work(job: _Job, identity: JsonDict, directory: Path) -> Artifact:
    """Compute, write every file, seal."""
    from secarch.compare.measure import measure
    from secarch.compare.pages.texts import junit, markdown

    seen = job.training.seen() if job.training else None
    measured = measure(job.config, *job.arms, seed=job.session.seed, labels=job.labels, seen=seen)
    measured = dataclasses.replace(
        measured, record=measured.record.replace(forgotten=forgotten(job.session, job.arms[1]))
    )
    rows = list(flips(measured.pairs, *job.arms, job.questions))
    console.log().info(
        "compared", verdict=measured.record.verdict, questions=measured.record.primary.n
    )
    write_json(directory / "comparison.json", measured.record.model_dump(mode="json"))
    write_jsonl(directory / "flips.jsonl", rows)
    write_text(directory / "report.md", markdown(measured.record, job.config.note))
    write_text(directory / "junit.xml", junit(measured.record))
    write_json(directory / "environment.json", environment())
    write_text(directory / "report.html", _page(job, measured, rows, directory))
    primary = measured.record.primary
    counts = {
        "questions": primary.n,
        "better": primary.wins,
        "same": primary.ties,
        "worse": primary.losses,
        "unscored": sum(row.base + row.tuned for row in measured.record.unscored),
        "flips": len(rows),
    }
    return seal(
        directory,
        kind="comparison",
        parents=job.parents,
        config=identity,
        counts=counts,
        files=CONTENT,
        outside=OUTSIDE,
        rows={"flips.jsonl": len(rows)},
    )


def forgotten(session: Session, tuned: Arm) -> tuple[Forgotten, ...]:
    """The guard suites of the run that the tuned model is, or was exported from."""
    places = [_located(session.workspace, parent) for parent in tuned.parents]
    above = [
        _located(session.workspace, parent)
        for place in places
        if place is not None and read_manifest(place).kind == "export"
        for parent in read_manifest(place).parents
    ]
    rows = next((rows for place in [*places, *above] if place and (rows := guards_of(place))), [])
    return tuple(_forgotten(row) for row in rows)


def _forgotten(row: JsonDict) -> Forgotten:
    sign = -1 if row["lower_is_better"] else 1
    bounds = sorted(sign * x for x in (row["low"], row["high"]) if x is not None)
    low, high = bounds or (None, None)
    return Forgotten(
        suite=row["name"],
        metric=row["metric"],
        lower_is_better=row["lower_is_better"],
        n=row["n"],
        base=row["before"],
        tuned=row["after"],
        delta=sign * row["change"],
        low=low,
        high=high,
    )


def _page(job: _Job, measured: Measured, rows: list[JsonDict], directory: Path) -> str:
    from secarch.compare.report import Material, draw

    known, arms = job.questions, job.arms
    engine = arms[1].summary.get("engine", {})
    facts = {name: value for name, value in environment().items() if name != "packages"}
    return draw(
        Material(
            record=measured.record,
            pairs=measured.pairs,
            flips=rows,
            questions=known,
            note=job.config.note,
            statements=statements(known, base=arms[0], tuned=arms[1]),
            lineage=list(lineage(job.session, job.sources, directory)),
            environment={**facts, **(engine if isinstance(engine, dict) else {})},
            items=items(*arms)[:MOST],
            artifact=pair_digest(*arms),
        )
    )


def lineage(
    session: Session, arms: Sequence[Arm], directory: Path
) -> Iterator[tuple[str, str, Markup | str, str]]:
    """Kind, digest, directory and counts of both sides and of all their ancestors in the
    workspace.
    """
    files = [arm for arm in arms if not arm.sealed]
    yield from (
        ("scores", arm.digest, arm.path.name, f"questions {len(arm.questions):,}") for arm in files
    )
    waiting: list[tuple[str, Path | None]] = [(arm.digest, arm.path) for arm in arms if arm.sealed]
    seen: set[str] = set()
    while waiting and len(seen) < MOST_ANCESTORS:
        digest, path = waiting.pop(0)
        if digest in seen:
            continue
        seen.add(digest)
        if path is None:
            yield "not in this workspace", digest, "", ""
            continue
        manifest = read_manifest(path)
        counts = ", ".join(f"{name} {count:,}" for name, count in manifest.counts.items())
        yield manifest.kind, digest, linked(path, directory), counts
        waiting += [(parent, _located(session.workspace, parent)) for parent in manifest.parents]


def _located(workspace: Path, digest: str) -> Path | None:
    return find(workspace, lambda manifest: manifest.digest == digest)


def _outcome(artifact: Artifact, status: Status) -> Outcome:
    record = json.loads(artifact.file("comparison.json").read_text(encoding="utf-8"))
    gate, page = record["gate"], str(artifact.path / "report.html")
    done = "nothing to do: " if status == "nothing_to_do" else ""
    reasons = f"   gate failed: {'; '.join(gate['reasons'])}" if gate["reasons"] else ""
    return Outcome(
        status=status if gate["passed"] else "gate_failed",
        artifact=str(artifact.path),
        digest=artifact.digest,
        counts=artifact.manifest.counts,
        result={
            "verdict": record["verdict"],
            "explanation": record["explanation"],
            "against": record["against"],
            "blind": record["blind"],
            "primary": record["primary"],
            "forgotten": record["forgotten"],
            "power": record["power"],
            "gate": gate,
            "report": page,
        },
        summary=f"{done}{record['verdict']}: {record['explanation']}   {page}{reasons}",
        next="secarch report --html",
    )
