"""The tour: every stage, one after the other, on the embedded site and the embedded tiny base.

It calls the stages that the commands call, with real HTTP, real files and a real (tiny) model.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from secarch import console
from secarch.compare.config import CompareConfig
from secarch.dedupe.config import DedupeConfig
from secarch.demo.config import DemoConfig
from secarch.demo.server import LICENCE, pages, serve
from secarch.evaluate.config import EvalConfig
from secarch.harvest.config import HarvestConfig, Seed
from secarch.records import Outcome
from secarch.session import Session
from secarch.train.config import TrainConfig

SETTINGS_FILE = Path(__file__).parent / "demo.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The settings of everything that the tour visits."""

    demo: DemoConfig
    harvest: HarvestConfig
    dedupe: DedupeConfig
    train: TrainConfig
    eval: EvalConfig
    compare: CompareConfig


def tour(stages: Stages, session: Session) -> Outcome:
    """Run all stages; finished ones are not repeated. Returns `done` whatever the verdict says."""
    if session.dry_run:
        return _plan(stages, session)
    session = replace(session, resume=not session.fresh)
    visits: list[tuple[str, Outcome, float]] = []

    def visit(name: str, work: Callable[[], Outcome]) -> Outcome:
        console.say(f"--- {name}")
        started = time.monotonic()
        outcome = work()
        visits.append((name, outcome, time.monotonic() - started))
        console.say(outcome.summary)
        return outcome

    base = visit("base", lambda: _base(stages.demo, session))
    visit("harvest", lambda: _harvest(stages.harvest, session))
    visit("dedupe", lambda: _dedupe(stages.dedupe, session))
    visit("train", lambda: _train(stages.train, session, str(base.artifact)))
    last = visit("eval and compare-baseline", lambda: _compare(stages, session, str(base.artifact)))
    return _farewell(visits, last, stages.compare, session.workspace)


def _plan(stages: Stages, session: Session) -> Outcome:
    return Outcome(
        status="done",
        counts={
            "pages": len(pages()),
            "pretraining_steps": stages.demo.steps,
            "steps": stages.train.max_steps,
        },
        summary=(
            f"would serve {len(pages())} pages on loopback, pre-train a tiny base "
            f"({stages.demo.steps} steps, once), "
            f"harvest, dedupe, train {stages.train.max_steps} steps, evaluate and compare in "
            f"{session.workspace}"
        ),
        next="secarch demo",
    )


def _base(config: DemoConfig, session: Session) -> Outcome:
    from secarch.demo.base import build

    path, cached = build(config, seed=session.seed, stop=session.stop)
    summary = f"{'re-used the cached' if cached else 'pre-trained a'} tiny base: {path}"
    return Outcome(
        status="nothing_to_do" if cached else "done", artifact=str(path), summary=summary
    )


def _harvest(config: HarvestConfig, session: Session) -> Outcome:
    from secarch.harvest.stage import run as harvest

    with serve() as address:
        seeded = config.replace(seeds=[Seed(url=f"{address}/", licence=LICENCE)])
        return harvest(seeded, session, refresh=False)


def _dedupe(config: DedupeConfig, session: Session) -> Outcome:
    from secarch.dedupe.stage import run as dedupe

    return dedupe(config, session, documents=[])


def _train(config: TrainConfig, session: Session, base: str) -> Outcome:
    from secarch.train.stage import run as fit

    return fit(config.replace(base=base), session, dataset=None)


def _compare(stages: Stages, session: Session, base: str) -> Outcome:
    from secarch.compare.stage import run as compare

    run = session.runs / stages.train.name
    return compare(stages.compare, stages.eval, session, base=base, tuned=[run], evaluations=None)


def _farewell(
    visits: list[tuple[str, Outcome, float]],
    last: Outcome,
    config: CompareConfig,
    workspace: Path,
) -> Outcome:
    table = Table("stage", "status", "seconds", box=None, pad_edge=False)
    for name, outcome, seconds in visits:
        table.add_row(name, outcome.status.replace("_", " "), f"{seconds:.1f}")
    console.show(table)
    result: dict[str, Any] = {
        **last.result,
        "stages": {
            name: {"status": outcome.status, "seconds": round(seconds, 1)}
            for name, outcome, seconds in visits
        },
    }
    console.say(f"verdict on {config.primary}: {last.result.get('verdict')}")
    if config.note:
        console.say(config.note)
    return Outcome(
        status="done",
        artifact=last.artifact,
        digest=last.digest,
        counts=last.counts,
        result=result,
        summary=f"the tour is done: {last.result.get('report')}",
        next=f"secarch report --workspace {shlex.quote(str(workspace))}",
    )
