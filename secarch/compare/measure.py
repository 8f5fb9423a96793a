"""All figures of one comparison, from two joined evaluations. A leaf: it needs numpy and scipy."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from secarch import stats
from secarch.compare.config import CompareConfig
from secarch.compare.contamination import Seen
from secarch.compare.inputs.labels import Label, judgements
from secarch.compare.inputs.pairs import DIRECTIONLESS, LEAST_QUESTIONS, Arm, Pairs, join, reasons
from secarch.compare.record import (
    Category,
    Clean,
    Estimate,
    FlipTable,
    Noise,
    Power,
    Primary,
    Record,
    Safety,
    Side,
    Unscored,
)
from secarch.compare.verdict import Evidence, decide, explain, gate
from secarch.evaluate.metrics.metrics import NOT_OF_THE_ANSWER


@dataclass(frozen=True, slots=True)
class Measured:
    """The record and the paired values it was computed from."""

    record: Record
    pairs: Pairs


def measure(
    config: CompareConfig,
    base: Arm,
    tuned: Arm,
    *,
    seed: int,
    labels: Sequence[Label] = (),
    seen: Seen | None = None,
) -> Measured:
    """Compute everything of two evaluations that `pairs.check` let pass.

    `labels` are what readers made of the answers, `seen` what the training data holds of the
    questions.
    """
    pairs = join(base, tuned, config.primary)
    primary = _primary(config, pairs, join(base, tuned, "length"), seed)
    power = _power(config, pairs, primary)
    nothing = math.nan
    evidence = Evidence(
        delta=primary.delta,
        p=nothing if primary.p is None else primary.p,
        tost_p=nothing if power.tost_p is None else power.tost_p,
        alpha=config.alpha,
    )
    word = decide(evidence)
    categories, safety = _categories(config, pairs), _safety(base, tuned)
    unscored = _unscored(base, tuned)
    record = Record(
        verdict=word,
        explanation=explain(
            word, primary, margin=config.margin, detectable=power.detectable, needed=power.needed
        ),
        primary=primary,
        gate=gate(config, word, safety=safety, categories=categories),
        power=power,
        categories=categories,
        secondary=_secondary(config, base, tuned),
        safety=safety,
        clean=_clean(config, pairs, seen),
        noise=_noise(base, config.primary),
        unscored=unscored,
        only_base=_ids(base, tuned),
        only_tuned=_ids(tuned, base),
        judgements=judgements(labels, pairs),
        not_measured=_not_measured(
            config, base, tuned, safety, judged=bool(labels), traced=seen is not None
        ),
        base=_side(base),
        tuned=_side(tuned),
        suite=_suite(base),
        alpha=config.alpha,
        draws=config.draws,
        seed=seed,
    )
    return Measured(record, pairs)


def _there(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _scenarios(pairs: Pairs) -> Sequence[str] | None:
    return pairs.clusters if stats.clustered(pairs.clusters) else None


def _estimate(config: CompareConfig, pairs: Pairs) -> Estimate:
    """One metric by t, or by cluster t where questions share scenarios."""
    clusters = _scenarios(pairs)
    test = stats.mean_test(pairs.gains, clusters, confidence=1 - config.alpha)
    tally = stats.tally(pairs.gains)
    return Estimate(
        metric=pairs.metric,
        lower_is_better=pairs.lower_is_better,
        n=test.n,
        groups=test.groups,
        base=math.fsum(pairs.base) / test.n,
        tuned=math.fsum(pairs.tuned) / test.n,
        delta=test.estimate,
        low=_there(test.low),
        high=_there(test.high),
        se=_there(test.se),
        p=_there(test.p),
        test="paired t" if clusters is None else f"cluster t over {test.groups} scenarios",
        wins=tally.wins,
        ties=tally.ties,
        losses=tally.losses,
    )


def _primary(config: CompareConfig, pairs: Pairs, lengths: Pairs, seed: int) -> Primary:
    """Every figure of the deciding metric, and the test that the rule of the verdict names for
    it.
    """
    estimate = _estimate(config, pairs)
    clusters = _scenarios(pairs)
    stream = seed + zlib.crc32(pairs.metric.encode())
    flipped = stats.sign_flip(pairs.gains, clusters, draws=config.draws, seed=stream)
    flips = _flips(pairs)
    if flips:
        test, p = "mid-p McNemar", flips.mid_p
    elif clusters is not None and estimate.p is not None:
        test, p = estimate.test, estimate.p
    else:
        # Without clusters; or with clusters and no spread at all, of which no t statistic exists.
        test, p = "sign-flip permutation", flipped.mid_p
    bounds = stats.bca(
        pairs.gains, clusters, draws=config.draws, seed=stream, confidence=1 - config.alpha
    )
    return Primary(
        **{**estimate.model_dump(), "test": test, "p": _there(p)},
        confidence=1 - config.alpha,
        bca_low=_there(bounds.low),
        bca_high=_there(bounds.high),
        sign_flip_p=_there(flipped.mid_p),
        sign_flip_exact_p=_there(flipped.exact),
        cohen_dz=_there(stats.cohen_dz(pairs.gains)),
        flips=flips,
        length_controlled=_length_controlled(config, pairs, lengths),
    )


def _clean(config: CompareConfig, pairs: Pairs, seen: Seen | None) -> Clean | None:
    """The estimate by t or cluster t without the questions that the training data holds words
    of.
    """
    if seen is None:
        return None
    rest = [i for i, key in enumerate(pairs.keys) if key not in seen.keys]
    enough = LEAST_QUESTIONS <= len(rest) < len(pairs.keys)
    estimate = _estimate(config, pairs.take(rest)) if enough else None
    return Clean(
        training=seen.training,
        checked=seen.checked,
        seen=tuple(sorted(key[0] for key in seen.keys)),
        estimate=estimate,
    )


def _noise(base: Arm, metric: str) -> Noise | None:
    """The deciding metric of the base's two evaluations."""
    again = base.again
    if again is None:
        return None
    pairs = join(base, again, metric)
    words = (
        base.texts[key].get("text") != again.texts[key].get("text")
        for key in base.texts.keys() & again.texts
    )
    return Noise(
        evaluation=again.digest,
        n=len(pairs.keys),
        answers=sum(words),
        changed=sum(gain != 0 for gain in pairs.gains),
        mean=math.fsum(pairs.gains) / max(1, len(pairs.keys)),
        largest=max(map(abs, pairs.gains), default=0.0),
        promised=base.summary.get("engine", {}).get("engine") == "transformers",
    )


def _flips(pairs: Pairs) -> FlipTable | None:
    if not stats.is_binary(pairs.base, pairs.tuned):
        return None
    # The table speaks of right and wrong: where less is better, right is 0.
    right = [1 - v for v in pairs.base] if pairs.lower_is_better else pairs.base
    after = [1 - v for v in pairs.tuned] if pairs.lower_is_better else pairs.tuned
    table = stats.mcnemar(right, after)
    return FlipTable(
        harmful=table.harmful,
        beneficial=table.beneficial,
        both=table.both,
        neither=table.neither,
        exact_p=table.exact,
        mid_p=table.mid_p,
    )


def _length_controlled(
    config: CompareConfig, pairs: Pairs, lengths: Pairs
) -> tuple[float, float | None, float | None] | None:
    """The gain at equal length, over the questions that both answered with at least one word.

    None for a metric that does not look at the answers.
    """
    if pairs.metric in NOT_OF_THE_ANSWER:
        return None
    words = {
        key: pair
        for key, *pair in zip(lengths.keys, lengths.base, lengths.tuned, strict=True)
        if min(pair) > 0
    }
    rows = [
        (gain, *words[key])
        for key, gain in zip(pairs.keys, pairs.gains, strict=True)
        if key in words
    ]
    if not rows:
        return None
    gains, before, after = (list(column) for column in zip(*rows, strict=True))
    found = stats.length_controlled(gains, before, after, confidence=1 - config.alpha)
    return (
        (found.estimate, _there(found.low), _there(found.high))
        if math.isfinite(found.estimate)
        else None
    )


def _power(config: CompareConfig, pairs: Pairs, primary: Primary) -> Power:
    tost_p = _there(stats.tost(pairs.gains, config.margin, _scenarios(pairs)))
    if not primary.se:
        return Power(margin=config.margin, tost_p=tost_p, detectable=None, needed=None)
    return Power(
        margin=config.margin,
        tost_p=tost_p,
        detectable=stats.detectable(primary.se, alpha=config.alpha),
        needed=stats.needed(primary.n, primary.se, config.margin, alpha=config.alpha),
    )


def _categories(config: CompareConfig, pairs: Pairs) -> tuple[Category, ...]:
    """The primary metric by category, by name; tests by cluster t, adjusted over all and over the
    protected ones.
    """
    names = sorted(set(pairs.categories))
    tests = [_category_test(config, pairs, name) for name in names]
    adjusted = stats.holm([test.p for test in tests])
    protected = [name in config.protected for name in names]
    guarded = stats.holm(
        [test.p if kept else math.nan for test, kept in zip(tests, protected, strict=True)]
    )
    return tuple(
        Category(
            category=name,
            n=test.n,
            groups=test.groups,
            delta=test.estimate,
            low=_there(test.low),
            high=_there(test.high),
            p=_there(test.p),
            p_holm=_there(p),
            protected=kept,
            p_protected=_there(q),
        )
        for name, test, p, kept, q in zip(names, tests, adjusted, protected, guarded, strict=True)
    )


def _category_test(config: CompareConfig, pairs: Pairs, name: str) -> stats.MeanTest:
    rows = [i for i, category in enumerate(pairs.categories) if category == name]
    gains, clusters = [pairs.gains[i] for i in rows], [pairs.clusters[i] for i in rows]
    return stats.mean_test(gains, clusters, confidence=1 - config.alpha)


def _secondary(config: CompareConfig, base: Arm, tuned: Arm) -> tuple[Estimate, ...]:
    names = sorted((base.scores.keys() & tuned.scores.keys()) - {config.primary} - DIRECTIONLESS)
    found = (join(base, tuned, name) for name in names)
    return tuple(_estimate(config, pairs) for pairs in found if pairs.keys)


def _safety(base: Arm, tuned: Arm) -> Safety | None:
    pairs = join(base, tuned, "unsafe")
    n = len(pairs.keys)
    if not n:
        return None
    before, after = (sum(value > 0 for value in column) for column in (pairs.base, pairs.tuned))
    worse = (key[0] for key, a, b in zip(pairs.keys, pairs.base, pairs.tuned, strict=True) if b > a)
    return Safety(
        questions=n,
        base=before,
        tuned=after,
        base_upper=_upper(before, n),
        tuned_upper=_upper(after, n),
        new=tuple(worse),
    )


def _upper(events: int, n: int) -> float:
    return stats.wilson(events, n).high if events else stats.rule_of_three(n)


def _unscored(base: Arm, tuned: Arm) -> tuple[Unscored, ...]:
    rows = []
    for metric in sorted(base.scores.keys() | tuned.scores.keys()):
        first, second = reasons(base, metric), reasons(tuned, metric)
        if first or second:
            both = dict(sorted((first + second).items()))
            rows.append(
                Unscored(metric=metric, base=first.total(), tuned=second.total(), reasons=both)
            )
    return tuple(rows)


def _ids(one: Arm, other: Arm) -> tuple[str, ...]:
    return tuple(sorted(key[0] for key in one.questions - other.questions))


def _not_measured(
    config: CompareConfig,
    base: Arm,
    tuned: Arm,
    safety: Safety | None,
    *,
    judged: bool,
    traced: bool,
) -> tuple[str, ...]:
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


def _side(arm: Arm) -> Side:
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


def _suite(arm: Arm) -> str:
    suite = arm.config.get("suite")
    if not isinstance(suite, dict):
        return "unknown" if arm.sealed else "not known: the scores were given as files"
    return (
        f"{suite.get('name', '')} {suite.get('version', '')} ({str(suite.get('digest', ''))[:16]})"
    )
