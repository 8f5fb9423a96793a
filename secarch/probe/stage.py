"""The stage: put the smoke suite to a running server and hold its answers to the version's own."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from secarch import console
from secarch.artifact import open_artifact
from secarch.compare.config import CompareConfig
from secarch.compare.inputs.pairs import Arm, join, read
from secarch.compare.record import Record
from secarch.errors import InvalidInput, MissingInput, SecarchError, UsageError
from secarch.evaluate.config import EvalConfig
from secarch.probe import textfile
from secarch.probe.config import ProbeConfig
from secarch.probe.server import Served, served
from secarch.probe.verdict import ALARMS, Look, Word, decide
from secarch.records import Outcome
from secarch.registry.evidence import weights_of
from secarch.registry.registry import Registry, manifests
from secarch.registry.version import Version
from secarch.schema import JsonDict
from secarch.session import Session

LEAST = 10
"""Questions that both evaluations must have in common."""
_EVERY = re.compile(r"([1-9]\d*)(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Settings that take part."""

    probe: ProbeConfig
    eval: EvalConfig
    compare: CompareConfig
    max_kl: float


def run(
    stages: Stages,
    session: Session,
    *,
    url: str,
    against: str = "",
    every: str = "",
    prom: Path | None = None,
) -> Outcome:
    """Probe once, or again and again until a signal.

    The outcome is `gate_failed` for WORSE, UNSAFE and OTHER MODEL. Raises MissingInput (no answers,
    or no evaluation of the version to hold them to), UsageError.
    """
    if not url.startswith(("http://", "https://")):
        raise UsageError(
            "the URL of a running server is needed",
            where=url,
            fix="secarch probe http://127.0.0.1:8080",
        )
    pause = seconds(every) if every else 0
    if session.dry_run:
        return Outcome(status="done", summary=f"would put the smoke suite to {url}")
    if not pause:
        return _reported(stages, session, url, against, prom)
    with session.stop.listening():
        while True:
            try:
                outcome = _reported(stages, session, url, against, prom)
                console.say(outcome.summary)
            except SecarchError as error:
                session.stop.check()
                console.log().error("probe failed", why=error.what, where=error.where)
            end = time.monotonic() + pause
            while time.monotonic() < end:
                session.stop.check()
                time.sleep(min(0.2, max(0.0, end - time.monotonic())))


def seconds(text: str) -> int:
    """`15m`, `30s` or `1h` in seconds. Raises UsageError."""
    match = _EVERY.fullmatch(text)
    if match is None:
        raise UsageError("this is not an interval", where=f"--every {text}", fix="write it as 15m")
    return int(match[1]) * _SECONDS[match[2]]


def _reported(
    stages: Stages, session: Session, url: str, against: str, prom: Path | None
) -> Outcome:
    """One look, written for Prometheus however it ends."""
    try:
        outcome = probe(stages, session, url=url, against=against)
    except SecarchError:
        if prom is not None:
            textfile.write(prom, None, at=time.time(), scores={})
        raise
    if prom is not None:
        word, scores = outcome.result["verdict"], outcome.result["scores"]
        textfile.write(prom, word, at=time.time(), scores=scores)
    return outcome


def probe(stages: Stages, session: Session, *, url: str, against: str) -> Outcome:
    """One look at a server: what it answers now, beside its version's own evaluation.

    Raises what `server.served` raises, UsageError (no version to compare with) and InvalidInput
    (too few questions in common).
    """
    found = served(url)
    registry = Registry(session.workspace)
    version = _expected(registry, found, against)
    if found.digest and found.digest != version.digest:
        return _other(version, found)
    reference = own_evaluation(registry, version, stages)
    fresh = _asked(stages, session, url)
    if len(_common(reference, fresh)) < LEAST:
        raise InvalidInput(
            "the version's own evaluation has too few questions in common with the probe",
            where=reference.path,
            fix=f"secarch eval --model {shlex.quote(str(version.folder(session.workspace)))} "
            "with the same suites",
        )
    return _judged(stages, session, version, found, reference, fresh)


def _expected(registry: Registry, found: Served, against: str) -> Version:
    """The version that should answer: --against, else what the registry has for the server's
    alias, else for its name.
    """
    if against:
        return registry.find(against).version
    if not found.name:
        raise UsageError(
            "this server does not say which version it serves",
            fix="name the version that should answer with --against REF",
        )
    ref = f"{found.name}@{found.alias}" if found.alias else found.version
    return registry.find(ref).version


def _other(version: Version, found: Served) -> Outcome:
    return Outcome(
        status="gate_failed",
        result={
            "verdict": "OTHER MODEL",
            "expected": version.ref,
            "answered": found.version or found.digest[:12],
            "scores": {},
        },
        summary=f"OTHER MODEL: {found.version or found.digest[:12]} answers, not {version.ref}",
        next=f"secarch models log {version.name}",
    )


def own_evaluation(registry: Registry, version: Version, stages: Stages) -> Arm:
    """The newest evaluation of the version as it is served, or of its run if both are close.

    Raises MissingInput with the command that makes one.
    """
    weights = weights_of(version)
    close = weights.kl is not None and weights.kl <= stages.max_kl
    names = {weights.digest, *([weights.run] if weights.run and close else [])}
    found = []
    for path, manifest in manifests(registry.workspace).values():
        tokens = manifest.config.get("max_new_tokens")
        if manifest.kind != "evaluation" or tokens != stages.eval.max_new_tokens:
            continue
        local = manifest.config.get("model") != "server"
        if names & set(manifest.parents) and local:
            own = weights.digest in manifest.parents
            found.append((own, manifest.created, path))
    if not found:
        folder = version.folder(registry.workspace)
        raise MissingInput(
            f"there is no evaluation of {version.ref} to hold the server to",
            where=registry.workspace / "evals",
            why=f"none has max_new_tokens {stages.eval.max_new_tokens}",
            fix=f"secarch eval --model {shlex.quote(str(folder))} --smoke",
        )
    return read(max(found)[2])


def _asked(stages: Stages, session: Session, url: str) -> Arm:
    """A new evaluation of the server: never one that was made before."""
    from secarch.evaluate.stage import run as evaluate

    config = stages.eval.replace(repeat=int(time.time() * 1000), min_score=None)
    kept = replace(session, resume=True, fresh=False)
    done = evaluate(config, kept, model=url, base="")
    return read(open_artifact(Path(str(done.artifact)), "evaluation").path)


def _common(first: Arm, second: Arm) -> set[tuple[str, str]]:
    return set(first.texts) & set(second.texts)


def _judged(
    stages: Stages, session: Session, version: Version, found: Served, reference: Arm, fresh: Arm
) -> Outcome:
    keys = _common(reference, fresh)
    equal = sum(reference.texts[key]["text"] == fresh.texts[key]["text"] for key in keys)
    record = None if equal == len(keys) else _measured(stages, session, reference, fresh)
    look = Look(
        expected=version.digest,
        answered=found.digest,
        questions=len(keys),
        equal=equal,
        unsafe=record.safety.new if record and record.safety else (),
        delta=record.primary.delta if record else 0.0,
        p=record.primary.p if record else None,
        tost_p=record.power.tost_p if record else None,
    )
    config = stages.probe
    word = decide(look, alpha=config.alpha, equivalence_alpha=config.equivalence_alpha)
    return _outcome(version, fresh, look, word, record)


def _measured(stages: Stages, session: Session, reference: Arm, fresh: Arm) -> Record:
    """The comparison's statistics at the probe's level."""
    from secarch.compare.measure import measure

    config = stages.compare.replace(
        alpha=stages.probe.alpha, primary=stages.probe.primary, protected=()
    )
    if len(join(reference, fresh, config.primary).keys) < LEAST:
        raise InvalidInput(
            f"too few of the answers have a score of {config.primary}",
            where=fresh.path,
            fix="look at the reasons in that evaluation's scores.jsonl, or set another metric",
        )
    return measure(config, reference, fresh, seed=session.seed).record


def _outcome(
    version: Version, fresh: Arm, look: Look, word: Word, record: Record | None
) -> Outcome:
    mde = record.power.detectable if record else None
    result: JsonDict = {
        "verdict": word,
        "expected": version.ref,
        **{name: value for name, value in asdict(look).items() if name != "expected"},
        "detectable": mde,
        "scores": means(fresh.summary),
        "evaluation": str(fresh.path),
    }
    return Outcome(
        status="gate_failed" if word in ALARMS else "done",
        artifact=str(fresh.path),
        digest=fresh.digest,
        counts={"questions": look.questions, "equal": look.equal},
        result=result,
        summary=f"{word}: {_told(version, look, mde)}   {fresh.path}",
        next=f"secarch models rollback {version.name} --reason TEXT" if word in ALARMS else "",
    )


def _told(version: Version, look: Look, mde: float | None) -> str:
    texts = f"{look.equal} of {look.questions} answers are those of {version.ref}"
    unknown = "" if look.answered else "; the server does not say its weights"
    if look.unsafe:
        return f"{texts}; new critical statements in {', '.join(look.unsafe[:5])}{unknown}"
    if look.equal == look.questions:
        return f"{texts}{unknown}"
    p = "unknown" if look.p is None else f"{look.p:.2g}"
    least = "" if mde is None else f"; so many questions show a change of {mde:.2g} or more"
    return f"{texts}; score {look.delta:+.3g}, p {p}{least}{unknown}"


def means(summary: Mapping[str, JsonDict]) -> dict[str, float]:
    """Mean of each metric that was scored."""
    found = summary.get("metrics") or {}
    return {
        name: float(facts["mean"])
        for name, facts in found.items()
        if isinstance(facts, dict) and isinstance(facts.get("mean"), int | float)
    }
