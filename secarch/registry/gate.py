"""May a version go live? Every reason why not, decided here and nowhere else.

The verdict itself is compare's; this gate only asks whether there is one, of these very weights as
they are served, made lately and in one way for both sides, and that nothing in it says no.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from secarch.registry.config import ModelsConfig
from secarch.text.prose import named


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """One side of a comparison: an evaluation, and which weights it is of."""

    digest: str
    created: datetime
    parents: tuple[str, ...]
    suite: str
    """Digest or name and version of the questions."""
    prompt: str
    decoding: str
    quantization: str
    """none, or how its base was loaded; empty for a server, which answers as it is served."""
    server: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A sealed comparison with both of its evaluations; None if one is not in the workspace."""

    key: str
    """Name of its folder."""
    digest: str
    verdict: str
    passed: bool
    reasons: tuple[str, ...]
    unsafe: tuple[str, ...]
    """Questions with new critical statements."""
    worse: tuple[str, ...]
    """Protected categories that are significantly worse."""
    created: datetime
    base: Evaluated | None
    tuned: Evaluated | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What identifies a version's weights: its own digest, and that of its run."""

    ref: str
    digest: str
    run: str
    kl: float | None
    """Nats a token between run and export."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What people said of the version's answers."""

    labels: int
    kappa: float | None
    """Cohen's, of matcher and people; None if chance explains everything."""
    reviewers: tuple[str, ...] = ()
    """Who labelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that the gate looks at."""

    candidate: Weights
    comparison: Compared | None
    champion: Weights | None = None
    """What the alias points to now, if that is another version."""
    against: Compared | None = None
    """The comparison from the champion to the candidate."""
    judged: Judged | None = None
    sealed: bool = True
    """False if the comparison is of `--scores`, so that nothing says whose scores they are."""


def refusals(config: ModelsConfig, evidence: Evidence, now: datetime) -> list[str]:
    """Every reason against the promotion, in the order of the gate; empty means it may go live."""
    return list(_refusals(config, evidence, now))


def _refusals(config: ModelsConfig, evidence: Evidence, now: datetime) -> Iterator[str]:
    compared, candidate = evidence.comparison, evidence.candidate
    if not evidence.sealed:
        yield "the comparison was made from files of scores, which say nothing of whose they are"
    elif compared is None:
        yield f"there is no comparison of {candidate.ref} with its base"
    else:
        yield from _of_base(config, evidence, compared, now)
    yield from _of_champion(config, evidence, now)
    yield from _of_people(config, evidence.judged)


def _of_base(
    config: ModelsConfig, evidence: Evidence, compared: Compared, now: datetime
) -> Iterator[str]:
    accepted = {*config.accept, *(("EQUIVALENT",) if evidence.champion else ())}
    where = f"comparison {compared.key}"
    if compared.verdict not in accepted:
        yield f"{where}: {compared.verdict}, and {' or '.join(sorted(accepted))} is accepted"
    yield from _of_weights(config, evidence.candidate, compared.tuned, where)
    yield from _common(config, compared, where, now)
    if not compared.passed:
        yield from (f"{where}: {reason}" for reason in compared.reasons)


def _of_champion(config: ModelsConfig, evidence: Evidence, now: datetime) -> Iterator[str]:
    champion, against = evidence.champion, evidence.against
    if champion is None:
        return
    if against is None:
        yield f"there is no comparison from {champion.ref}, which is live, to the candidate"
        return
    where = f"comparison {against.key} with {champion.ref}"
    if against.verdict == "WORSE":
        yield f"{where}: WORSE than what is live"
    yield from _of_weights(config, champion, against.base, where)
    yield from _of_weights(config, evidence.candidate, against.tuned, where)
    yield from _common(config, against, where, now)


def _common(config: ModelsConfig, compared: Compared, where: str, now: datetime) -> Iterator[str]:
    """What every comparison must be: recent, of one way of asking, and without new dangers."""
    made = [compared.created, *(e.created for e in (compared.base, compared.tuned) if e)]
    age = now - min(made)
    if age > timedelta(days=config.max_age_days):
        yield f"{where}: {age.days} days old, {config.max_age_days:g} are allowed"
    yield from _of_pairing(compared, where)
    if compared.unsafe:
        yield f"{where}: new critical statements in {named(compared.unsafe)}"
    for category in compared.worse:
        yield f"{where}: the protected category {category} is worse"


def _of_pairing(compared: Compared, where: str) -> Iterator[str]:
    base, tuned = compared.base, compared.tuned
    if base is None or tuned is None:
        yield f"{where}: its evaluations are not in the workspace"
        return
    for what in ("suite", "prompt", "decoding"):
        unknown = what == "prompt" and (base.server or tuned.server)
        if not unknown and getattr(base, what) != getattr(tuned, what):
            yield f"{where}: its two sides differ in {what}"


def _of_weights(
    config: ModelsConfig, weights: Weights, evaluated: Evaluated | None, where: str
) -> Iterator[str]:
    """The evaluation must be of the version as it is served, or of its run if both are close."""
    if evaluated is None:
        return
    if weights.digest in evaluated.parents:
        if evaluated.quantization not in {"", "none"}:
            yield f"{where}: {weights.ref} was evaluated in {evaluated.quantization}, not as served"
        return
    if not weights.run or weights.run not in evaluated.parents:
        yield f"{where}: it is of another model than {weights.ref}"
    elif weights.kl is None or weights.kl > config.max_kl:
        shown = "unknown" if weights.kl is None else f"{weights.kl:.2g}"
        yield (
            f"{where}: it is of the run, and {weights.ref} differs from it by {shown} nats a token"
            f" ({config.max_kl:g} allowed)"
        )


def _of_people(config: ModelsConfig, judged: Judged | None) -> Iterator[str]:
    if config.min_labels < 1:
        return
    labels = judged.labels if judged else 0
    if labels < config.min_labels:
        yield f"people labelled {labels} key points, {config.min_labels} are needed"
    elif judged is None or judged.kappa is None or judged.kappa < config.min_kappa:
        kappa = "unknown" if judged is None or judged.kappa is None else f"{judged.kappa:.2f}"
        yield f"people and matcher agree with kappa {kappa}, {config.min_kappa:g} is needed"
