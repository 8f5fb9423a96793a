"""The verdict and the gate: what the figures mean, decided here and nowhere else.

The word is statistical only. Danger and protected categories never change it; they close the gate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from secarch.compare.config import CompareConfig
from secarch.compare.record import Category, Clean, Estimate, Gate, Noise, Primary, Safety, Word
from secarch.text.prose import named


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the word depends on. `delta` above 0 means that tuned is better; p-values and bounds may
    be NaN.
    """

    delta: float
    p: float
    tost_p: float
    alpha: float
    low: float = math.nan
    """Bounds of the interval that is reported."""
    high: float = math.nan


def decide(evidence: Evidence) -> Word:
    """The first that holds of WORSE, BETTER, EQUIVALENT, else INCONCLUSIVE.

    WORSE and BETTER need p < alpha in the primary test and an interval without 0, EQUIVALENT needs
    p < alpha in both one-sided tests of TOST at the margin. A NaN is below nothing, so figures that
    do not exist decide nothing.
    """
    significant = evidence.p < evidence.alpha and not evidence.low <= 0 <= evidence.high
    if significant and evidence.delta < 0:
        return "WORSE"
    if significant and evidence.delta > 0:
        return "BETTER"
    return "EQUIVALENT" if evidence.tost_p < evidence.alpha else "INCONCLUSIVE"


def gate(
    config: CompareConfig, word: Word, *, safety: Safety | None, categories: Sequence[Category]
) -> Gate:
    """Open unless a ground of `fail_on` holds or a protected category regressed or was not
    measured.
    """
    grounds = {*config.fail_on, *(("inconclusive",) if config.require_conclusive else ())}
    reasons: list[str] = []
    if "worse" in grounds and word == "WORSE":
        reasons.append(f"worse: the tuned model is worse on {config.primary}")
    if "inconclusive" in grounds and word == "INCONCLUSIVE":
        reasons.append("inconclusive: these questions cannot tell the models apart")
    if "unsafe" in grounds and safety and safety.new:
        reasons.append(f"unsafe: new critical statements in {named(safety.new)}")
    measured = {row.category: row for row in categories}
    reasons += [_regression(name, measured.get(name), config.alpha) for name in config.protected]
    kept = tuple(reason for reason in reasons if reason)
    return Gate(passed=not kept, fail_on=tuple(sorted(grounds)), reasons=kept)


def _regression(name: str, row: Category | None, alpha: float) -> str:
    if row is None or row.p_protected is None:
        # A category that somebody wanted watched and that nobody could watch is not a pass.
        return f"protected: {name} has too few scored questions to see a regression"
    if row.p_protected < alpha and row.delta < 0:
        return (
            f"protected: {name} is worse by {abs(row.delta):.3g} ({shown_p(row.p_protected)}, Holm)"
        )
    return ""


def explain(
    word: Word,
    primary: Primary,
    *,
    margin: float,
    detectable: float | None,
    needed: int | None,
    notes: Sequence[str] = (),
) -> str:
    """The verdict in plain words, with its uncertainty and what speaks against it."""
    told = _claim(word, primary, margin), _reading(word, primary, margin, detectable, needed)
    return " ".join(part for part in (*told, *notes) if part)


def contradictions(
    word: Word,
    primary: Primary,
    secondary: Sequence[Estimate],
    categories: Sequence[Category],
    alpha: float,
) -> tuple[str, ...]:
    """Every significant move that the word does not tell of.

    Against BETTER what became worse, against WORSE what became better, and either if no
    difference was found. Categories count by the p-value that Holm adjusts.
    """
    hidden = {"BETTER": (-1,), "WORSE": (1,)}.get(word, (-1, 1))
    found = [
        f"{_metric(row.metric)} is significantly {_direction(row.delta)}: {row.base:.3g} before, "
        f"{row.tuned:.3g} after ({shown_p(row.p)})."
        for row in secondary
        if row.p is not None and row.p < alpha and math.copysign(1, row.delta) in hidden
    ]
    found += [
        f"In the category {row.category} {_metric(primary.metric)} is significantly "
        f"{_direction(row.delta)}: {row.delta:+.3g} ({shown_p(row.p_holm)}, Holm)."
        for row in categories
        if row.p_holm is not None and row.p_holm < alpha and math.copysign(1, row.delta) in hidden
    ]
    return tuple(found)


def _direction(delta: float) -> str:
    return "better" if delta > 0 else "worse"


def _metric(name: str) -> str:
    return name.replace("_", " ")


def silent(estimates: Sequence[Estimate]) -> tuple[str, ...]:
    """The metrics that cannot tell these models apart, in one sentence, and why of each."""
    found = {}
    for row in estimates:
        if row.extreme:
            value = 0 if row.extreme == "floor" else 1
            why = f"at its {row.extreme} ({value}) for both on nearly every question"
            found[_metric(row.metric)] = why
        elif not row.separates:
            found[_metric(row.metric)] = f"{row.n - row.ties} of {row.n} questions differ"
    if not found:
        return ()
    if len(found) == 1:
        ((name, why),) = found.items()
        why = why.replace("at its", "it is at its", 1)
        return (f"{name} does not separate these models: {why}.",)
    named: dict[str, list[str]] = {}
    for name, why in found.items():
        named.setdefault(why, []).append(name)
    parts = (f"{', '.join(names)} ({why})" for why, names in named.items())
    return (f"{len(found)} metrics do not separate these models: {'; '.join(parts)}.",)


def _claim(word: Word, primary: Primary, margin: float) -> str:
    claims = {
        "BETTER": "The tuned model is better than its base",
        "WORSE": "The tuned model is worse than its base",
        "EQUIVALENT": f"The two models differ by less than {margin:g}",
        "INCONCLUSIVE": "These questions cannot tell whether the tuned model is better or worse",
    }
    metric = primary.metric.replace("_", " ")
    return (
        f"{claims[word]} on {metric}: {figures(primary)} over {primary.n} questions, "
        "above 0 being better."
    )


def figures(primary: Primary) -> str:
    """The gain with its interval, such as `+0.120 (95% interval +0.0400 to +0.200)`."""
    if primary.low is None or primary.high is None:
        return f"{primary.delta:+#.3g}"
    return (
        f"{primary.delta:+#.3g} ({primary.confidence:.0%} interval {primary.low:+#.3g} to "
        f"{primary.high:+#.3g})"
    )


def _reading(
    word: Word, primary: Primary, margin: float, detectable: float | None, needed: int | None
) -> str:
    if word == "INCONCLUSIVE":
        return _short_of(detectable, needed, margin)
    if word == "EQUIVALENT" or primary.p is None:
        return ""
    test = f"{primary.test}, {shown_p(primary.p)}"
    return f"Between equal models a difference this large is seen {chance(primary.p)} ({test})."


def _short_of(detectable: float | None, needed: int | None, margin: float) -> str:
    if not detectable:
        return ""
    seen = (
        "The least true difference that so many questions show four times out of five is "
        f"{detectable:.2g}"
    )
    return (
        f"{seen}; to find one of {margin:g}, about {needed:,} questions are needed."
        if needed
        else f"{seen}."
    )


def contamination(clean: Clean, primary: Primary) -> str:
    """What is left of the gain without the questions that the training data holds words of."""
    if not clean.seen:
        return (
            f"None of the {clean.checked} questions whose words are at hand was found in "
            "the training data."
        )
    found = f"{len(clean.seen)} of {clean.checked} questions were found in the training data."
    if clean.estimate is None:
        return (
            f"{found} Too few scored questions are left without them, or none of them was scored."
        )
    low, high = clean.estimate.low, clean.estimate.high
    bounds = (
        ""
        if low is None or high is None
        else f" ({primary.confidence:.0%} interval {low:+#.3g} to {high:+#.3g})"
    )
    rest = f"{clean.estimate.delta:+#.3g}{bounds} over {clean.estimate.n} questions"
    return (
        f"{found} Without them the gain is {rest}, {clean.estimate.test}, "
        f"{shown_p(clean.estimate.p)}."
    )


def noise_floor(noise: Noise, gain: float) -> str:
    """What the base's difference from itself says of `gain`, its mean difference from the tuned
    model.
    """
    if not noise.n:
        return "The base was asked twice, and no question was scored both times."
    if not noise.changed:
        same = f"The base was asked twice, and none of {noise.n} scores changed."
        if noise.promised:
            why = (
                "Greedy decoding on one machine repeats itself, so no part of the gain is "
                "noise between runs."
            )
        else:
            why = (
                "A server promises no repetition: this is a good sign and no proof that it "
                "always does so."
            )
        return f"{same} {why} How far other questions would move it is what the interval says."
    moved = (
        f"The base was asked twice, and {noise.changed} of {noise.n} scores changed: by "
        f"{noise.mean:+.3g} in the mean, "
        f"by up to {noise.largest:.3g}."
    )
    if noise.promised:
        return (
            f"{moved} Greedy decoding on one machine should repeat itself: find out why "
            "before you trust the gain."
        )
    ratio = "no larger" if abs(gain) <= abs(noise.mean) else "larger"
    return (
        f"{moved} That is a server's own noise, which is in the gain too and widens its interval; "
        "the gain of "
        f"{gain:+.3g} is {ratio} than the mean that the base moved by itself."
    )


def chance(p: float) -> str:
    """A p-value as a frequency for people: `less than once in 1,000 comparisons`."""
    if p >= 0.1:
        return f"in about {round(100 * p)} of 100 comparisons"
    if p < 0.001:
        return "less than once in 1,000 comparisons"
    return f"about once in {math.floor(1 / p):,} comparisons"


def shown_p(p: float | None) -> str:
    """A p-value as it is printed: `p = 0.018`, `p < 0.0001`, or that there is none."""
    if p is None:
        return "no p-value"
    return f"p = {p:.2g}" if p >= 0.0001 else "p < 0.0001"
