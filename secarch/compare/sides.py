"""What is known of the two sides of a comparison, and what is not: names, gaps, reasons."""

from __future__ import annotations

from secarch.compare.config import CompareConfig
from secarch.compare.inputs.pairs import Arm, join, reasons
from secarch.compare.record import Safety, Side, Unscored


def unscored(base: Arm, tuned: Arm) -> tuple[Unscored, ...]:
    """Each metric with the questions that it could not score, and why."""
    rows = []
    for metric in sorted(base.scores.keys() | tuned.scores.keys()):
        first, second = reasons(base, metric), reasons(tuned, metric)
        if first or second:
            both = dict(sorted((first + second).items()))
            rows.append(
                Unscored(metric=metric, base=first.total(), tuned=second.total(), reasons=both)
            )
    return tuple(rows)


def lonely(one: Arm, other: Arm) -> tuple[str, ...]:
    """Ids of the questions that only the first has rows for."""
    return tuple(sorted(key[0] for key in one.questions - other.questions))


def not_measured(
    config: CompareConfig,
    base: Arm,
    tuned: Arm,
    safety: Safety | None,
    *,
    judged: bool,
    traced: bool,
) -> tuple[str, ...]:
    """What a reader might expect in the record and will not find, and why."""
    silent = [
        metric
        for metric in sorted(base.scores.keys() | tuned.scores.keys())
        if not join(base, tuned, metric).keys
    ]
    notes = [f"{metric}: no question has a value for both models" for metric in silent]
    notes += [] if safety else ["dangerous statements: the evaluations have no metric named unsafe"]
    notes += [] if judged else ["human judgement: no answer was graded by a person"]
    notes += [] if base.again else [_no_noise(config, base)]
    notes += [] if traced else ["contamination: the training data or the questions are not at hand"]
    if not base.sealed:
        notes += [
            (
                "how the answers were got: only scores were given, so nothing says that both were "
                "asked alike"
            )
        ]
    return tuple(notes)


def _no_noise(config: CompareConfig, base: Arm) -> str:
    if config.repeat_base:
        return (
            "run-to-run noise: finished results hold one answer a question, so the base "
            "could not be asked again"
        )
    return "run-to-run noise: each model answered once" + (
        ", greedily; compare.repeat_base asks the base twice" if base.sealed else ""
    )


def side(arm: Arm) -> Side:
    """One of the two models, named for people."""
    return Side(
        name=_name(arm),
        evaluation=arm.digest,
        fingerprint=str(arm.config.get("model_fingerprint", "")),
    )


def _name(arm: Arm) -> str:
    """What people call the model; of a server, what it serves and where."""
    name = str(arm.config.get("model", "")) or arm.path.name
    served = arm.summary.get("engine", {}).get("model")
    return f"{served} at {arm.summary.get('model', name)}" if name == "server" and served else name


def suite(arm: Arm) -> str:
    """Name, version and digest of the suite, if they are known."""
    found = arm.config.get("suite")
    if not isinstance(found, dict):
        return "unknown" if arm.sealed else "not known: the scores were given as files"
    return (
        f"{found.get('name', '')} {found.get('version', '')} ({str(found.get('digest', ''))[:16]})"
    )
