"""The stage: put a suite to a model, keep the answers, score them.

Answers are on disk before any metric runs. Scores are a pure function of responses.jsonl,
likelihoods.jsonl and the suite, so a crash in a metric loses nothing and a rerun gives the same
bytes.
"""

from __future__ import annotations

import math
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from secarch import console
from secarch.artifact import MANIFEST, Artifact, claim, lock, make_key
from secarch.errors import UsageError
from secarch.evaluate import judge
from secarch.evaluate.ask import held_out
from secarch.evaluate.ask.again import unchanged
from secarch.evaluate.ask.ask import Runner
from secarch.evaluate.config import EvalConfig
from secarch.evaluate.engines.target import Target, find, served
from secarch.evaluate.scoring.scoring import (
    encoder_digest,
    finish,
    outcome,
    score_folder,
    suite_facts,
)
from secarch.files import write_jsonl
from secarch.records import Outcome
from secarch.schema import JsonDict, sha256_of
from secarch.session import Session
from secarch.suite.schema import Suite, load

if TYPE_CHECKING:
    from secarch.evaluate.engines.protocol import Engine
    from secarch.models.client import Chat


def run(
    config: EvalConfig, session: Session, *, model: str, base: str, engine: Engine | None = None
) -> Outcome:
    """Ask every question of the suites, score the answers, and seal the evaluation at
    evals/<key8>/.

    `model` is `base`, a run folder, a model folder or an http(s) address; `engine` is that model
    where it is loaded already. The outcome is `gate_failed` where the mean rubric score is below
    `config.min_score`; the artifact is complete then too. Raises what loading a suite or model
    raises, UnfinishedRun, and Interrupted.
    """
    suite = load(config.suites, smoke=config.smoke)
    target = find(model, base, session.workspace)
    if target.whole:
        config = config.replace(quantization="none")
    if config.engine == "openai" and not target.url:
        raise UsageError(
            "the engine openai needs a server",
            where="--model",
            fix="give an http(s) address as --model",
        )
    if session.dry_run:
        return _plan(config, suite, target)
    if engine is None and target.url:
        engine = target.load(config)
        target = served(target, engine)
    chat = judge.connect(config)
    trained = _trained(session, target)
    identity = _identity(config, session, suite, target, engine) | {
        "judge": judge.judge_digest(config, chat),
        "training": trained[1] if trained else None,
    }
    identity, directory = _placed(config, session, suite, target, engine, identity)
    with lock(directory.with_name(f".{directory.name}.lock")):
        if done := claim(directory, resume=session.resume, fresh=session.fresh):
            return outcome(config, done, "nothing_to_do")
        with console.run_log(directory):
            artifact = _work(
                config,
                session,
                suite,
                target,
                engine or target.load(config),
                chat,
                trained,
                identity,
                directory,
            )
    return outcome(config, artifact, "done")


def _placed(
    config: EvalConfig,
    session: Session,
    suite: Suite,
    target: Target,
    engine: Engine | None,
    identity: JsonDict,
) -> tuple[JsonDict, Path]:
    """Identity and folder; a finished evaluation stands for a server whose weights are not known
    only as long as that still answers in the same way.
    """
    for look in count():
        known = {**identity, "look": look} if look else identity
        directory = session.evals / make_key(target.parents, sha256_of(known))[:8]
        done = (directory / MANIFEST).exists() and not session.fresh
        if not done or not target.url or target.parents or engine is None:
            break
        if unchanged(config, suite, engine, directory, seed=session.seed):
            break
        console.log().warning("server_changed", why="it answers otherwise than before")
    return known, directory


def _trained(session: Session, target: Target) -> tuple[Path, str] | None:
    """Path and digest of the dataset that the model was trained on, where its lineage leads to one
    that is here.
    """
    if not target.parents:
        return None
    from secarch.evaluate.scoring.contamination import training

    return training(session.workspace, target.parents)


def _identity(
    config: EvalConfig, session: Session, suite: Suite, target: Target, engine: Engine | None
) -> JsonDict:
    """What decides the result, without any path of this machine."""
    files = {"suites", "bertscore_model", "engine", "held_out", "judge_url", "judge_model"}
    kept = {name: value for name, value in config.identity().items() if name not in files}
    return {
        **kept,
        "suite": suite_facts(suite),
        "bertscore_model": encoder_digest(config),
        "held_out": held_out.digest(held_out.documents(config.held_out, config.held_out_documents)),
        "choice_seed": session.seed
        if any(question.choices for question in suite.questions)
        else None,
        "model": target.name if not target.url else "server",
        "model_fingerprint": engine.fingerprint if engine else target.fingerprint(),
        "prompt_digest": engine.prompt_digest if engine else _prompt_digest(target),
    }


def _prompt_digest(target: Target) -> str:
    from secarch.models.chat_template import Chat

    return Chat.load(target.base).digest if target.base else ""


def _work(
    config: EvalConfig,
    session: Session,
    suite: Suite,
    target: Target,
    engine: Engine,
    chat: Chat | None,
    trained: tuple[Path, str] | None,
    identity: JsonDict,
    directory: Path,
) -> Artifact:
    runner = Runner(config, session, suite, engine, directory)
    with session.stop.listening():
        runner.answers()
        runner.likelihoods()
        runner.documents(held_out.documents(config.held_out, config.held_out_documents))
        runner.finish()
        if chat is not None:
            judge.judge(config, session, suite, chat, directory)
    if trained is not None:
        from secarch.evaluate.scoring.contamination import overlaps

        write_jsonl(directory / "contamination.jsonl", overlaps(suite.questions, trained[0]))
    facts = {
        "model": target.name,
        "parents": target.parents,
        "suite": identity["suite"],
        "model_fingerprint": engine.fingerprint,
        "prompt_digest": engine.prompt_digest,
        "engine": _described(target, engine),
        "choice_seed": identity["choice_seed"],
        "training": identity["training"],
        "decoding": {
            "greedy": True,
            "max_new_tokens": config.max_new_tokens,
            "batch_size": config.batch_size,
        },
    }
    summary = score_folder(config, suite, directory, facts)
    return finish(directory, target.parents, identity, summary)


def _described(target: Target, engine: Engine) -> JsonDict:
    if not target.url:
        return engine.describe()
    from secarch.evaluate.engines.server import Server

    return engine.describe_asked() if isinstance(engine, Server) else engine.describe()


def _plan(config: EvalConfig, suite: Suite, target: Target) -> Outcome:
    prompts = len(suite.questions)
    return Outcome(
        status="done",
        counts={"questions": prompts, "batches": math.ceil(prompts / config.batch_size)},
        summary=f"would put {prompts} questions of {suite.name} {suite.version} to {target.name}, "
        "up to "
        f"{prompts * config.max_new_tokens} tokens, and compute {len(config.metrics)} metrics",
    )
