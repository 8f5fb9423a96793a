"""Better or luck: intervals and paired tests, pure and seeded.

A difference is tuned minus base on one question, so the unit of every estimate is the metric's own.
Where a figure does not exist (no value, one value, no spread) it is NaN, never a guess; what that
means is said at each function. `clusters` names the scenario of each value: questions of one
scenario are not independent, so spread is taken over scenarios. Scipy and statsmodels hold the same
figures to 1e-9 in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Values = Sequence[float] | Floats
Clusters = Sequence[str] | None

NAN = math.nan
_CHUNK = 500_000
"""Numbers drawn at once; bounds memory at some MB whatever the number of draws, and fits a cache.
"""


class Interval(NamedTuple):
    """An estimate with its confidence bounds, all in the unit of the values."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanTest:
    """A mean with its standard error, t interval and two-sided p against 0; NaN if it does not
    exist.
    """

    n: int
    groups: int
    """Independent units: the clusters, or n if none has two members."""
    estimate: float
    se: float
    low: float
    high: float
    p: float

    @property
    def df(self) -> int:
        """Degrees of freedom of the t distribution."""
        return self.groups - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """The two-by-two table of a binary metric, and McNemar's p-values (0..1)."""

    harmful: int
    """Right by base, wrong by tuned."""
    beneficial: int
    both: int
    neither: int
    exact: float
    mid_p: float


class Tally(NamedTuple):
    """How many differences are above, at and below 0."""

    wins: int
    ties: int
    losses: int


def known(values: Iterable[float | None]) -> Floats:
    """The values that are there, shape (n,): None means unscored and counts as nothing, not as
    0.
    """
    return np.array([value for value in values if value is not None], dtype=np.float64)


def mean_interval(values: Iterable[float | None], confidence: float = 0.95) -> Interval:
    """Mean and its t interval (Student 1908).

    Without values all NaN; of one value the bounds are NaN.
    """
    test = mean_test(known(values), confidence=confidence)
    return Interval(test.estimate, test.low, test.high)


def mean_test(values: Values, clusters: Clusters = None, *, confidence: float = 0.95) -> MeanTest:
    """Mean, t interval and p, by the residual sums of the clusters with k-1 degrees of freedom.

    Variance k/(k-1) * sum(u_g^2) / n^2, u_g the sum of cluster g's residuals (Liang & Zeger 1986
    with the small-sample factor; Miller 2024, arXiv 2411.00640, section 2.2). With clusters of one
    it is the plain t test. Without spread there is no t statistic: the interval is the estimate,
    and p the exact one of the sign flips, 2^(1-k), or 1 at a mean of 0. Below two clusters all is
    NaN but the mean.
    """
    data = np.asarray(values, dtype=np.float64)
    sums, sizes = grouped(data, clusters)
    n, k = len(data), len(sums)
    mean = float(data.mean()) if n else NAN
    if k < 2:
        return MeanTest(n=n, groups=k, estimate=mean, se=NAN, low=NAN, high=NAN, p=NAN)
    se = _no_dust(math.sqrt(k / (k - 1) * float(np.sum((sums - mean * sizes) ** 2))) / n, data)
    half = float(stats.t.ppf(0.5 + confidence / 2, k - 1)) * se
    without = 2.0 ** (1 - k) if abs(mean) > 1e-12 else 1.0
    p = float(2 * stats.t.sf(abs(mean) / se, k - 1)) if se else without
    return MeanTest(n=n, groups=k, estimate=mean, se=se, low=mean - half, high=mean + half, p=p)


def grouped(data: Floats, clusters: Clusters) -> tuple[Floats, Floats]:
    """Sum and size of each cluster, in the order of the names; every value its own if there are
    none.
    """
    if clusters is None:
        return data, np.ones_like(data)
    _, member = np.unique(np.asarray(clusters, dtype=np.str_), return_inverse=True)
    sums = np.bincount(member, weights=data)
    return np.asarray(sums, dtype=np.float64), np.asarray(np.bincount(member), dtype=np.float64)


def _no_dust(spread: float, data: Floats) -> float:
    """0 where a spread is only rounding error of equal values."""
    return 0.0 if spread <= 1e-12 * float(np.abs(data).max()) else spread


def clustered(clusters: Sequence[str]) -> bool:
    """Whether any cluster has two members, so that questions are not independent."""
    return len(set(clusters)) < len(clusters)


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Share of successes (0..1) with Wilson's score interval (Wilson 1927); all NaN where n is
    0.
    """
    if n == 0:
        return Interval(NAN, NAN, NAN)
    return _score_interval(successes / n, n, float(stats.norm.ppf(0.5 + confidence / 2)))


def _score_interval(share: float, n: float, z: float) -> Interval:
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def rule_of_three(n: int, confidence: float = 0.95) -> float:
    """Upper bound (0..1) of a rate of which no event was seen in n: exact 1 - (1-c)^(1/n), nearly
    3/n.

    Hanley & Lippman-Hand 1983. 1.0 where n is 0: nothing was seen, so nothing is excluded.
    """
    return 1.0 - (1.0 - confidence) ** (1.0 / n) if n else 1.0


def level_interval(
    values: Values, clusters: Clusters = None, *, confidence: float = 0.95, bounded: bool = False
) -> Interval:
    """A mean of one model's scores with its t interval, and what equal scores leave open.

    Where all values are equal and lie in 0..1 there is no spread to go by: the bounds are those of
    a share that was never seen to differ (`rule_of_three` over the units, two-sided), cut to 0..1.
    `bounded`: a t interval that leaves 0..1 gives way to Wilson's of as many units as would have
    this error, with Student's quantile (Korn & Graubard 1998).
    """
    test = mean_test(values, clusters, confidence=confidence)
    if bounded and test.se > 0 and not 0 <= test.low <= test.high <= 1:
        units = test.estimate * (1 - test.estimate) / test.se**2
        t = float(stats.t.ppf(0.5 + confidence / 2, test.df))
        return _score_interval(test.estimate, units, t)
    if test.se != 0 or not 0 <= test.estimate <= 1:
        return Interval(test.estimate, test.low, test.high)
    reach = rule_of_three(test.groups, 0.5 + confidence / 2)
    return Interval(test.estimate, max(0.0, test.estimate - reach), min(1.0, test.estimate + reach))


def bca(
    values: Values,
    clusters: Clusters = None,
    *,
    draws: int = 10_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Interval:
    """Bias-corrected and accelerated bootstrap interval of the mean, resampling whole clusters.

    Efron 1987; acceleration from the jackknife over clusters (Efron & Tibshirani 1993, 14.3). Below
    two clusters the bounds are NaN; without spread they are the estimate.
    """
    data = np.asarray(values, dtype=np.float64)
    sums, sizes = grouped(data, clusters)
    test = mean_test(data, clusters)
    if not test.se > 0:
        return Interval(test.estimate, test.low, test.high)
    means = np.concatenate([s / n for s, n in _resampled(sums, sizes, draws, seed)])
    below = (np.count_nonzero(means < test.estimate) + np.count_nonzero(means <= test.estimate)) / (
        2 * draws
    )
    bias = stats.norm.ppf(below)
    left_out = (sums.sum() - sums) / (sizes.sum() - sizes)
    gap = left_out.mean() - left_out
    acceleration = float(np.sum(gap**3) / (6 * np.sum(gap**2) ** 1.5))
    z = stats.norm.ppf([0.5 - confidence / 2, 0.5 + confidence / 2])
    levels = stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
    low, high = np.quantile(means, levels)
    return Interval(test.estimate, float(low), float(high))


def _resampled(
    sums: Floats, sizes: Floats, draws: int, seed: int
) -> Iterator[tuple[Floats, Floats]]:
    """Sums and sizes of resampled datasets, chunk by chunk; one stream whatever the chunk."""
    rng = np.random.default_rng(seed)
    k = len(sums)
    equal = bool((sizes == sizes[0]).all())
    for count in _chunks(draws, k):
        picked = rng.integers(0, k, (count, k))
        size = np.full(count, sizes.sum()) if equal else np.take(sizes, picked).sum(axis=1)
        yield np.take(sums, picked).sum(axis=1), size


def _chunks(draws: int, width: int) -> Iterator[int]:
    step = max(1, _CHUNK // width)
    yield from (min(step, draws - done) for done in range(0, draws, step))


class SignFlip(NamedTuple):
    """P-values (0..1) of the sign-flip permutation test: exact, and mid-p, which counts ties
    half.
    """

    exact: float
    mid_p: float


def sign_flip(
    values: Values, clusters: Clusters = None, *, draws: int = 10_000, seed: int = 0
) -> SignFlip:
    """Two-sided p of the mean when the sign of each cluster's sum is as likely + as - (Fisher
    1935).

    All 2^k sign patterns if they are no more than `draws`, else that many at random, the
    observed one counted among them (Phipson & Smyth 2010), so p is never 0. Scores lie on a grid,
    so many patterns tie with what was observed; counting them whole makes `exact` reject less often
    than its level says, and `mid_p` counts them half (Lancaster 1961). Of differences of one size
    it is McNemar's mid-p. NaN if there is no value; 1.0 where the differences add up to 0.
    """
    data = np.asarray(values, dtype=np.float64)
    sums, _ = grouped(data, clusters)
    k = len(sums)
    if k == 0:
        return SignFlip(NAN, NAN)
    total, size = float(sums.sum()), float(np.abs(sums).sum())
    dust = 1e-9 * size  # absorbs the order in which floating-point sums were taken
    if abs(total) <= dust:
        return SignFlip(1.0, 1.0)
    whole = k < 63 and 2**k <= draws
    above = ties = 0
    for bits in signs(k, draws, seed, exact=whole):
        excess = np.abs(2 * (bits @ sums) - total) - abs(total)
        above += int(np.count_nonzero(excess > dust))
        ties += int(np.count_nonzero(np.abs(excess) <= dust))
    observed, patterns = (0, 2**k) if whole else (1, draws + 1)
    ties += observed
    return SignFlip((above + ties) / patterns, (above + ties / 2) / patterns)


def signs(k: int, draws: int, seed: int, *, exact: bool) -> Iterator[Floats]:
    """Rows of 0 and 1, shape (chunk, k): every pattern, or random ones."""
    if exact:
        yield ((np.arange(2**k)[:, None] >> np.arange(k)) & 1).astype(np.float64)
        return
    rng = np.random.default_rng(seed)
    for count in _chunks(draws, k):
        packed = rng.integers(0, 256, (count, -(-k // 8)), dtype=np.uint8)
        yield np.unpackbits(packed, axis=1, count=k).astype(np.float64)


def is_binary(*columns: Values) -> bool:
    """Whether every value is 0 or 1; false if there is none."""
    data = np.concatenate([np.asarray(column, dtype=np.float64) for column in columns])
    return bool(len(data)) and bool(np.isin(data, (0.0, 1.0)).all())


def mcnemar(base: Values, tuned: Values) -> Flips:
    """McNemar's test of paired 0/1 values (n,): exact binomial, and mid-p, which keeps its level at
    more power.

    McNemar 1947; Fagerland, Lydersen & Laake 2013 for mid-p. Both are 1.0 if nothing flipped.
    """
    before, after = np.asarray(base) > 0.5, np.asarray(tuned) > 0.5
    harmful, beneficial = int(np.sum(before & ~after)), int(np.sum(~before & after))
    exact, mid_p = mcnemar_p(harmful, beneficial)
    both, neither = int(np.sum(before & after)), int(np.sum(~before & ~after))
    return Flips(
        harmful=harmful, beneficial=beneficial, both=both, neither=neither, exact=exact, mid_p=mid_p
    )


def mcnemar_p(harmful: int, beneficial: int) -> tuple[float, float]:
    """The exact and the mid-p value (0..1) from the two counts of flips."""
    n, least = harmful + beneficial, min(harmful, beneficial)
    tail, point = float(stats.binom.cdf(least, n, 0.5)), float(stats.binom.pmf(least, n, 0.5))
    return min(1.0, 2 * tail), min(1.0, 2 * tail - point)


def cohen_dz(values: Values) -> float:
    """Mean difference in standard deviations of the differences (Cohen 1988, 2.3.5); NaN without
    spread.
    """
    data = np.asarray(values, dtype=np.float64)
    sd = _no_dust(float(data.std(ddof=1)), data) if len(data) > 1 else 0.0
    return float(data.mean()) / sd if sd else NAN


def tost(values: Values, margin: float, clusters: Clusters = None) -> float:
    """Give p of the two one-sided t tests that the mean lies within (-margin, margin) (Schuirmann
    1987).

    Below alpha means equivalent. Without spread it is 0.0 or 1.0 by where the mean lies; NaN below
    two clusters.
    """
    test = mean_test(values, clusters)
    if math.isnan(test.se):
        return NAN
    if test.se == 0:
        return 0.0 if abs(test.estimate) < margin else 1.0
    return float(stats.t.sf((margin - abs(test.estimate)) / test.se, test.df))


def detectable(se: float, *, alpha: float = 0.05, power: float = 0.80) -> float:
    """Least true difference that a two-sided test finds with `power`, in the values' unit.

    Normal approximation (Cohen 1988, 2.4; Miller 2024, arXiv 2411.00640, section 5).
    """
    return (float(stats.norm.ppf(1 - alpha / 2)) + float(stats.norm.ppf(power))) * se


def needed(n: int, se: float, effect: float, *, alpha: float = 0.05, power: float = 0.80) -> int:
    """Questions needed to find `effect` (> 0) with `power`, where n of them gave the standard error
    `se`.

    The spread is taken to stay what it was, and the clusters of the same size.
    """
    return max(2, math.ceil(n * (detectable(se, alpha=alpha, power=power) / effect) ** 2 - 1e-9))


def tally(values: Values) -> Tally:
    """Wins, ties and losses; a tie is a difference of at most 1e-12."""
    data = np.asarray(values, dtype=np.float64)
    wins, losses = int(np.sum(data > 1e-12)), int(np.sum(data < -1e-12))
    return Tally(wins, len(data) - wins - losses, losses)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for being several (Holm 1979), in their order; NaN stays NaN and is not
    counted.
    """
    order = sorted((p, i) for i, p in enumerate(p_values) if not math.isnan(p))
    adjusted = [NAN] * len(p_values)
    running = 0.0
    for rank, (p, i) in enumerate(order):
        running = max(running, min(1.0, (len(order) - rank) * p))
        adjusted[i] = running
    return adjusted


def length_controlled(
    values: Values, base_lengths: Values, tuned_lengths: Values, *, confidence: float = 0.95
) -> Interval:
    """Mean difference at equal length: the intercept of least squares on log(tuned / base length).

    So that a model cannot win by verbosity (idea: Dubois et al. 2024, arXiv 2404.04475). Lengths
    above 0, any unit. All NaN below three values, or where every ratio is the same and not 1; where
    every ratio is 1 the plain mean.
    """
    data = np.asarray(values, dtype=np.float64)
    ratio = np.log(
        np.asarray(tuned_lengths, dtype=np.float64) / np.asarray(base_lengths, dtype=np.float64)
    )
    n = len(data)
    spread = float(np.sum((ratio - ratio.mean()) ** 2)) if n else 0.0
    if n < 3 or (spread < 1e-12 and abs(float(ratio.mean())) > 1e-12):
        return Interval(NAN, NAN, NAN)
    if spread < 1e-12:
        return mean_interval(data.tolist(), confidence)
    slope = float(np.sum((ratio - ratio.mean()) * (data - data.mean()))) / spread
    intercept = float(data.mean() - slope * ratio.mean())
    residual = float(np.sum((data - intercept - slope * ratio) ** 2)) / (n - 2)
    se = math.sqrt(residual * (1 / n + float(ratio.mean()) ** 2 / spread))
    half = float(stats.t.ppf(0.5 + confidence / 2, n - 2)) * se
    return Interval(intercept, intercept - half, intercept + half)
