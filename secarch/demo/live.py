"""The tour's last stop, `demo --serve`: the tuned model is exported, registered, and answers."""

from __future__ import annotations

from dataclasses import dataclass

from secarch import console
from secarch.demo.config import DemoConfig
from secarch.errors import GateFailed
from secarch.records import Outcome
from secarch.registry.config import ModelsConfig
from secarch.registry.promote import Promotion, promote
from secarch.registry.register import Request, register
from secarch.serve.config import ServeConfig
from secarch.session import Session
from secarch.train.config import TrainConfig

NAME = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The settings of the last stop."""

    demo: DemoConfig
    train: TrainConfig
    models: ModelsConfig
    serve: ServeConfig


def answer(live: Live, session: Session) -> Outcome:
    """Export, register, promote and serve the tour's run, until a signal.

    A closed gate is said and passed with a reason that the log keeps: a tour may end on a model
    that is worse. Raises what those commands raise.
    """
    from secarch.demo.base import build
    from secarch.serve.stage import run as serve
    from secarch.train.export.export import export

    base, _ = build(live.demo, seed=session.seed, stop=session.stop)
    console.say("--- export, register, promote, serve")
    made = export(
        session.runs / live.train.name,
        session,
        base=str(base),
        to=None,
        dataset=None,
        dtype="auto",
        max_kl=0.01,
    )
    version = register(session, Request(export=str(made.artifact), name=NAME, tags={}))
    ref = str(version.result["ref"])
    try:
        promote(live.models, session, Promotion(ref=ref))
    except GateFailed as error:
        console.say(f"{error.what}: {error.why}")
        promote(live.models, session, Promotion(ref=ref, force=True, reason="the tour"))
    return serve(live.serve, session, ref=f"{NAME}@champion")
