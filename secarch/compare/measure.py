"""All figures of one comparison, from two joined evaluations. A leaf: it needs numpy and scipy."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from secarch import stats
from secarch.compare.config import CompareConfig
from secarch.compare.contamination import Seen
from secarch.compare.difference import LEAST_GROUPS, Difference, difference
from secarch.compare.inputs.labels import Label, judgements
from secarch.compare.inputs.pairs import (
    DIRECTIONLESS,
    LEAST_QUESTIONS,
    Arm,
    Pairs,
    answer_text,
    join,
)
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
)
from secarch.compare.sides import lonely, not_measured, side, suite, unscored
from secarch.compare.verdict import Evidence, contradictions, decide, explain, gate, silent
from secarch.evaluate.metrics.metric import NOT_OF_THE_ANSWER

NEARLY_ALL = 0.95
"""Share of questions at one end of the scale from which a metric has nothing left to show."""


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
    found = _difference(config, pairs, seed)
    primary = _primary(config, pairs, join(base, tuned, "length"), found, seed)
    power = _power(config, found)
    word = decide(_evidence(primary, power, config.alpha))
    categories, safety = _categories(config, pairs, seed), _safety(base, tuned)
    secondary = _secondary(config, base, tuned, seed)
    against = contradictions(word, primary, secondary, categories, config.alpha)
    blind = silent([primary, *secondary])
    record = Record(
        verdict=word,
        explanation=explain(
            word,
            primary,
            margin=config.margin,
            detectable=power.detectable,
            needed=power.needed,
            notes=(*against, *blind),
        ),
        against=against,
        blind=blind,
        primary=primary,
        gate=gate(config, word, safety=safety, categories=categories),
        power=power,
        categories=categories,
        secondary=secondary,
        safety=safety,
        clean=_clean(config, pairs, seen, seed),
        noise=_noise(base, config.primary),
        unscored=unscored(base, tuned),
        only_base=lonely(base, tuned),
        only_tuned=lonely(tuned, base),
        judgements=judgements(labels, pairs),
        not_measured=not_measured(
            config, base, tuned, safety, judged=bool(labels), traced=seen is not None
        ),
        base=side(base),
        tuned=side(tuned),
        suite=suite(base),
        alpha=config.alpha,
        draws=config.draws,
        seed=seed,
    )
    return Measured(record, pairs)


def _evidence(primary: Primary, power: Power, alpha: float) -> Evidence:
    """What the verdict is decided by; what could not be computed is NaN, which decides nothing."""

    def known(value: float | None) -> float:
        return math.nan if value is None else value

    return Evidence(
        delta=primary.delta,
        p=known(primary.p),
        tost_p=known(power.tost_p),
        alpha=alpha,
        low=known(primary.low),
        high=known(primary.high),
    )


def _there(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _difference(config: CompareConfig, pairs: Pairs, seed: int) -> Difference:
    return difference(
        pairs.base,
        pairs.tuned,
        pairs.clusters,
        lower_is_better=pairs.lower_is_better,
        draws=config.draws,
        seed=_stream(pairs, seed),
    )


def _stream(pairs: Pairs, seed: int) -> int:
    return seed + zlib.crc32(pairs.metric.encode())


def _estimate(
    config: CompareConfig, pairs: Pairs, seed: int, known: Difference | None = None
) -> Estimate:
    """One metric by the one procedure that gives its test and its interval."""
    found = known or _difference(config, pairs, seed)
    interval = found.interval(1 - config.alpha)
    tally = stats.tally(pairs.gains)
    return Estimate(
        metric=pairs.metric,
        lower_is_better=pairs.lower_is_better,
        n=found.n,
        groups=found.groups,
        base=math.fsum(pairs.base) / found.n,
        tuned=math.fsum(pairs.tuned) / found.n,
        delta=found.estimate,
        low=_there(interval.low),
        high=_there(interval.high),
        se=_there(found.se),
        p=_there(found.p),
        test=found.test,
        wins=tally.wins,
        ties=tally.ties,
        losses=tally.losses,
        separates=found.separates,
        extreme=_extreme(pairs),
    )


def _extreme(pairs: Pairs) -> str:
    """Where nearly all of a 0-to-1 metric's values lie at one end for both models."""
    both = list(zip(pairs.base, pairs.tuned, strict=True))
    if not all(0 <= value <= 1 for pair in both for value in pair):
        return ""
    for name, end in (("floor", 0.0), ("ceiling", 1.0)):
        if sum(pair == (end, end) for pair in both) >= NEARLY_ALL * len(both):
            return name
    return ""


def _primary(
    config: CompareConfig, pairs: Pairs, lengths: Pairs, found: Difference, seed: int
) -> Primary:
    """Every figure of the deciding metric."""
    estimate = _estimate(config, pairs, seed, found)
    clusters = pairs.clusters if stats.clustered(pairs.clusters) else None
    stream = _stream(pairs, seed)
    flipped = stats.sign_flip(pairs.gains, clusters, draws=config.draws, seed=stream)
    bounds = stats.bca(
        pairs.gains, clusters, draws=config.draws, seed=stream, confidence=1 - config.alpha
    )
    return Primary(
        **estimate.model_dump(),
        confidence=1 - config.alpha,
        bca_low=_there(bounds.low),
        bca_high=_there(bounds.high),
        sign_flip_p=_there(flipped.mid_p),
        sign_flip_exact_p=_there(flipped.exact),
        cohen_dz=_there(stats.cohen_dz(pairs.gains)),
        flips=_flips(pairs),
        length_controlled=_length_controlled(config, pairs, lengths),
    )


def _clean(config: CompareConfig, pairs: Pairs, seen: Seen | None, seed: int) -> Clean | None:
    """The estimate, by the same procedure, without the questions that the training data holds words
    of.
    """
    if seen is None:
        return None
    rest = [i for i, key in enumerate(pairs.keys) if key not in seen.keys]
    enough = LEAST_QUESTIONS <= len(rest) < len(pairs.keys)
    estimate = _estimate(config, pairs.take(rest), seed) if enough else None
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
        answer_text(base.texts[key]) != answer_text(again.texts[key])
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


def _power(config: CompareConfig, found: Difference) -> Power:
    tost_p = _there(found.equivalence(config.margin))
    if not (found.se > 0 and found.separates):
        return Power(margin=config.margin, tost_p=tost_p, detectable=None, needed=None)
    return Power(
        margin=config.margin,
        tost_p=tost_p,
        detectable=stats.detectable(found.se, alpha=config.alpha),
        needed=stats.needed(found.n, found.se, config.margin, alpha=config.alpha),
    )


def _categories(config: CompareConfig, pairs: Pairs, seed: int) -> tuple[Category, ...]:
    """The primary metric by category, by name, adjusted over all and over the protected ones."""
    names = sorted(set(pairs.categories))
    tests = [_category_test(config, pairs, name, seed) for name in names]
    p = [test.p if test.groups >= LEAST_GROUPS else math.nan for test in tests]
    adjusted = stats.holm(p)
    protected = [name in config.protected for name in names]
    guarded = stats.holm(
        [one if kept else math.nan for one, kept in zip(p, protected, strict=True)]
    )
    bounds = [test.interval(1 - config.alpha) for test in tests]
    return tuple(
        Category(
            category=name,
            n=test.n,
            groups=test.groups,
            delta=test.estimate,
            low=_there(interval.low),
            high=_there(interval.high),
            p=_there(p),
            p_holm=_there(holm),
            protected=kept,
            p_protected=_there(guard),
        )
        for name, test, interval, p, holm, kept, guard in zip(
            names, tests, bounds, p, adjusted, protected, guarded, strict=True
        )
    )


def _category_test(config: CompareConfig, pairs: Pairs, name: str, seed: int) -> Difference:
    rows = [i for i, category in enumerate(pairs.categories) if category == name]
    return _difference(config, pairs.take(rows), seed)


def _secondary(config: CompareConfig, base: Arm, tuned: Arm, seed: int) -> tuple[Estimate, ...]:
    names = sorted((base.scores.keys() & tuned.scores.keys()) - {config.primary} - DIRECTIONLESS)
    found = (join(base, tuned, name) for name in names)
    return tuple(_estimate(config, pairs, seed) for pairs in found if pairs.keys)


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
