"""The one procedure behind the word and the interval: how sure a mean difference is.

A `Difference` answers one question, `p_above(m)`: how likely are data like these if the true mean
is at most m; `p_below` is its mirror. The two-sided p, the interval and the equivalence test are
all read from these two, so an interval holds 0 exactly where p is not below alpha. Which data get
which test:

- clusters (some questions share a scenario), any metric: sign flips of whole clusters, inverted to
  an interval through the means of the flipped subsets (Hartigan 1969, "typical values");
- no clusters, a binary metric: mid-p McNemar, and its interval given the flips, widened by what is
  not known of their rate;
- no clusters, any other metric: the same sign flips, which take gains and losses to be mirror
  images if nothing changed; differences that are clearly skewed get Hall's t (1992) instead.

Nearly all pairs tied: what was never seen may still be there, so the bounds reach at least as far
as a binomial bound on the rate of differences does (the rule of three if none differs).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy import stats as scipy_stats

from secarch import stats
from secarch.stats import NAN, Clusters, Floats, Interval, Values

LEAST_GROUPS = 6
"""Independent units below which no sign-flip test can be significant at .05: 2/2^5 > .05."""
FEW_DIFFERENT = 5
"""Below so many units that differ at all, the spread says little of what was not seen."""
LEAST_FOR_SKEW = 12
"""Values that moved below which their skewness is not worth estimating."""
SKEWED = 2.0
"""Skewness, in its standard errors under a normal curve (sqrt(6/n)), from which flips mislead."""
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean difference (tuned minus base, above 0 better) with everything that is read from it."""

    estimate: float
    n: int
    groups: int
    """Independent units: clusters, or n."""
    se: float
    """Standard error by t or cluster t, for power; NaN below two units."""
    test: str
    """The name of the test, for people."""
    p_above: Callable[[float], float]
    """One-sided p (0..1) of a true mean at or below the given one; non-decreasing."""
    p_below: Callable[[float], float]
    """One-sided p (0..1) of a true mean at or above the given one; non-increasing."""
    bounds: Callable[[float], tuple[float, float]]
    """Lower and upper bound at a one-sided level; infinite if there is none."""
    separates: bool = True
    """Whether enough pairs differ to tell two models apart at all."""

    @property
    def p(self) -> float:
        """Two-sided p against 0; NaN if there is no value."""
        if not self.n:
            return NAN
        return min(1.0, 2 * min(self.p_above(0.0), self.p_below(0.0)))

    def interval(self, confidence: float) -> Interval:
        """The values that a two-sided test at 1 - confidence does not reject; NaN for no bound."""
        low, high = self.bounds(round((1 - confidence) / 2, 12)) if self.n else (NAN, NAN)
        return Interval(self.estimate, *(v if math.isfinite(v) else NAN for v in (low, high)))

    def equivalence(self, margin: float) -> float:
        """P of the two one-sided tests that the mean lies within (-margin, margin) (Schuirmann
        1987).
        """
        return max(self.p_above(-margin), self.p_below(margin)) if self.n else NAN


def difference(
    base: Values,
    tuned: Values,
    clusters: Clusters = None,
    *,
    lower_is_better: bool = False,
    draws: int = 10_000,
    seed: int = 0,
) -> Difference:
    """The mean gain of paired values, shape (n,) each, with its tests.

    `clusters` names the scenario of each pair; if no two pairs share one it is as none.
    """
    before, after = np.asarray(base, dtype=np.float64), np.asarray(tuned, dtype=np.float64)
    gains = before - after if lower_is_better else after - before
    span = _span(before, after)
    shared = clusters is not None and stats.clustered(clusters)
    if not shared and stats.is_binary(before, after):
        return _binary(gains)
    return _general(gains, clusters if shared else None, span, draws, seed)


def _span(before: Floats, after: Floats) -> float:
    """The largest difference that one pair can show: 1 for scores of 0 to 1, else what was seen."""
    both = np.concatenate([before, after])
    return max(1.0, float(both.max() - both.min())) if len(both) else 1.0


# ---------------------------------------------------------------- sign flips


def _general(gains: Floats, clusters: Clusters, span: float, draws: int, seed: int) -> Difference:
    test = stats.mean_test(gains, clusters)
    skew = _Skew.of(gains) if clusters is None else None
    main = skew or _Flips.of(gains, clusters, draws, seed)
    unseen = _Unseen(_different(gains, clusters), test.groups, span)
    parts = [main, *([unseen] if unseen.matters else [])]
    return Difference(
        estimate=test.estimate,
        n=test.n,
        groups=test.groups,
        se=test.se,
        test="Hall's t for skewed differences" if skew else _named(clusters, test.groups),
        p_above=lambda m: max(part.p_above(m) for part in parts),
        p_below=lambda m: max(part.p_below(m) for part in parts),
        bounds=lambda level: _widest([part.bounds(level) for part in parts]),
        separates=not unseen.matters,
    )


def _named(clusters: Clusters, groups: int) -> str:
    if clusters is None:
        return "sign-flip permutation"
    few = "" if groups >= LEAST_GROUPS else ", too few for any test"
    return f"cluster sign-flip over {groups} scenarios{few}"


def _widest(bounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return min(low for low, _ in bounds), max(high for _, high in bounds)


def _different(gains: Floats, clusters: Clusters) -> int:
    """Units in which anything differs."""
    changed = np.abs(gains) > _TINY
    if clusters is None:
        return int(np.count_nonzero(changed))
    return len({name for name, moved in zip(clusters, changed, strict=True) if moved})


@dataclass(frozen=True, slots=True)
class _Flips:
    """Sign flips of units; flipping a subset is as extreme as what was seen exactly if the subset's
    mean lies beyond the tested one, so the means of subsets are both the test and its interval.

    Between two means the p-value is interpolated, so that it is continuous and can be inverted.
    """

    points: Floats
    """Means of the flipped subsets, distinct and rising."""
    above: Floats
    """`p_above` at each point."""
    below: Floats
    least: float
    """P beyond all points: of the patterns that are as extreme whatever is tested."""

    @classmethod
    def of(cls, gains: Floats, clusters: Clusters, draws: int, seed: int) -> _Flips:
        """Every pattern if there are no more than `draws`, else so many and their mirrors."""
        sums, sizes = stats.grouped(gains, clusters)
        tie = 0.5 if len(sums) >= LEAST_GROUPS else 1.0
        whole = len(sums) < 63 and 2 ** len(sums) <= draws
        found: list[Floats] = [np.zeros(0)]
        always = 0 if whole else 1
        for chosen in stats.signs(len(sums), draws, seed, exact=whole):
            for picked in (chosen,) if whole else (chosen, 1 - chosen):
                size = picked @ sizes
                always += int(np.count_nonzero(size == 0))
                found.append((picked @ sums)[size > 0] / size[size > 0])
        means = np.concatenate(found)
        scale = float(np.abs(means).max(initial=0.0)) or 1.0
        points, counts = np.unique(np.round(means / scale, 10) * scale, return_counts=True)
        patterns = 2.0 ** len(sums) if whole else 2.0 * (draws + 1)
        least = tie * always / patterns
        upto = np.cumsum(counts) - counts
        above = least + (upto + tie * counts) / patterns
        below = least + (len(means) - upto - (1 - tie) * counts) / patterns
        return cls(points, above, below, least)

    def p_above(self, m: float) -> float:
        """Share of patterns with a flipped mean below m, ties weighted."""
        return min(1.0, float(np.interp(m, self.points, self.above, left=self.least)))

    def p_below(self, m: float) -> float:
        """The mirror of `p_above`."""
        return min(1.0, float(np.interp(m, self.points, self.below, right=self.least)))

    def bounds(self, level: float) -> tuple[float, float]:
        """Where each p reaches the level."""
        if self.least >= level or not len(self.points):
            return -math.inf, math.inf
        low = np.interp(level, self.above, self.points)
        high = np.interp(level, self.below[::-1], self.points[::-1])
        return float(low), float(high)


@dataclass(frozen=True, slots=True)
class _Unseen:
    """What so few differing units say of the rate of differences (binomial; Clopper & Pearson 1934;
    Hanley & Lippman-Hand 1983 for none).
    """

    different: int
    groups: int
    span: float

    @property
    def matters(self) -> bool:
        """Whether so few units differ that their spread is not a guide."""
        return self.different < FEW_DIFFERENT

    def p_above(self, m: float) -> float:
        """Chance of so few differing units if losses of the largest size made the mean m."""
        if m >= 0 or self.different >= self.groups:
            return 0.0 if self.different else float(m >= 0)
        share = min(1.0, -m / self.span)
        return float(scipy_stats.binom.cdf(self.different, self.groups, share))

    def p_below(self, m: float) -> float:
        """The mirror of `p_above`."""
        return self.p_above(-m)

    def bounds(self, level: float) -> tuple[float, float]:
        """As far as unseen differences can move the mean."""
        if self.different >= self.groups:
            return 0.0, 0.0
        share = scipy_stats.beta.ppf(1 - level, self.different + 1, self.groups - self.different)
        return -float(share) * self.span, float(share) * self.span


@dataclass(frozen=True, slots=True)
class _Skew:
    """Hall's t (Hall 1992, Journal of the Royal Statistical Society B 54): a cubic of the t
    statistic that is nearly normal although the values are skewed, and that can be inverted.
    """

    mean: float
    sd: float
    n: int
    skewness: float

    @classmethod
    def of(cls, gains: Floats) -> _Skew | None:
        """None where too few values moved, have no spread, or are not clearly skewed.

        Those that moved have to be skewed too, and without their most extreme one as well: where
        most are tied or a few are large, a sample looks skewed although flips are exact for what it
        is from.
        """
        moved = gains[np.abs(gains) > _TINY]
        if len(moved) < LEAST_FOR_SKEW:
            return None
        rest = np.delete(moved, int(np.abs(moved - moved.mean()).argmax()))
        shown = [_skewness(part) / math.sqrt(6 / len(part)) for part in (gains, moved, rest)]
        if not (min(shown) > SKEWED or max(shown) < -SKEWED):
            return None
        mean, sd = float(gains.mean()), float(gains.std(ddof=1))
        return cls(mean, sd, len(gains), _skewness(gains))

    def p_above(self, m: float) -> float:
        """By Student's t with n - 1 degrees of freedom."""
        return float(scipy_stats.t.sf(self._bent((self.mean - m) / self.sd), self.n - 1))

    def p_below(self, m: float) -> float:
        """The mirror of `p_above`."""
        return float(scipy_stats.t.cdf(self._bent((self.mean - m) / self.sd), self.n - 1))

    def bounds(self, level: float) -> tuple[float, float]:
        """The transformation inverted."""
        t = float(scipy_stats.t.ppf(1 - level, self.n - 1))
        return self.mean - self.sd * self._straight(t), self.mean - self.sd * self._straight(-t)

    def _bent(self, w: float) -> float:
        g = self.skewness
        return math.sqrt(self.n) * (w + g * w**2 / 3 + g**2 * w**3 / 27 + g / (6 * self.n))

    def _straight(self, t: float) -> float:
        g = self.skewness
        y = t / math.sqrt(self.n) - g / (6 * self.n)
        return y if abs(g) < 1e-6 else 3 / g * (float(np.cbrt(1 + g * y)) - 1)


def _skewness(values: Floats) -> float:
    """0 where there is no spread."""
    n, sd = len(values), float(values.std(ddof=1))
    if sd <= _TINY * max(1.0, float(np.abs(values).max(initial=0.0))):
        return 0.0
    return n / ((n - 1) * (n - 2)) * float(np.sum(((values - values.mean()) / sd) ** 3))


# ---------------------------------------------------------------- right and wrong


def _binary(gains: Floats) -> Difference:
    better, worse = int(np.sum(gains > 0.5)), int(np.sum(gains < -0.5))
    test, n = stats.mean_test(gains), len(gains)
    part = _McNemar(_Rated(better, worse, n), _Rated(worse, better, n), test.estimate)
    unseen = _Unseen(0, n, 1.0)
    known = better + worse > 0
    return Difference(
        estimate=test.estimate,
        n=n,
        groups=n,
        se=test.se,
        test="mid-p McNemar",
        p_above=part.p_above if known else unseen.p_above,
        p_below=part.p_below if known else unseen.p_below,
        bounds=part.bounds if known else unseen.bounds,
        separates=better + worse >= FEW_DIFFERENT,
    )


@dataclass(frozen=True, slots=True)
class _McNemar:
    """The two one-sided halves, put together at the estimate."""

    rated: _Rated
    mirror: _Rated
    estimate: float

    def p_above(self, m: float) -> float:
        """Below one half up to the estimate, above it beyond."""
        return self.rated.p_above(m) if m <= self.estimate else 1 - self.mirror.p_above(-m)

    def p_below(self, m: float) -> float:
        """The mirror of `p_above`."""
        return self.mirror.p_above(-m) if m >= self.estimate else 1 - self.rated.p_above(m)

    def bounds(self, level: float) -> tuple[float, float]:
        """A lower bound from each side."""
        return self.rated.low(level), -self.mirror.low(level)


@dataclass(frozen=True, slots=True)
class _Rated:
    """A mean difference as the rate of flips times their direction, 2 * share - 1.

    The direction's bound is that of mid-p McNemar (mid-p Clopper-Pearson of better against worse),
    so the product leaves 0 where that test does; the rate's is Wilson's. The two are combined by
    their distances (MOVER; Zou & Donner 2008), on the log scale where both have one sign.
    """

    better: int
    worse: int
    n: int

    def low(self, level: float) -> float:
        """Lower bound at a one-sided level."""
        flips = self.better + self.worse
        rate = stats.wilson(flips, self.n, 1 - 2 * level)
        direction = (self.better - self.worse) / flips
        least = 2 * self._share(level) - 1
        if least > 0:
            apart = math.hypot(math.log(rate.estimate / rate.low), math.log(direction / least))
            return rate.estimate * direction * math.exp(-apart)
        if direction < 0:
            apart = math.hypot(math.log(rate.high / rate.estimate), math.log(least / direction))
            return rate.estimate * direction * math.exp(apart)
        reach = math.hypot(rate.estimate * (direction - least), least * (rate.high - rate.estimate))
        return rate.estimate * direction - reach

    def _share(self, level: float) -> float:
        """Mid-p lower bound of the share of flips that are for the better."""
        if not self.better:
            return 0.0
        return _solved(
            lambda share: _mid_sf(self.better, self.better + self.worse, share), level, 0.0, 1.0
        )

    def p_above(self, m: float) -> float:
        """The level at which the lower bound is m; at 0 McNemar's one-sided mid-p."""
        if m == 0:
            return _mid_sf(self.better, self.better + self.worse, 0.5)
        # Above the estimate nothing speaks for a larger mean, at whatever level.
        return _solved(self.low, m, 1e-9, 0.5) if self.low(0.5) > m else 0.5


def _mid_sf(successes: int, n: int, share: float) -> float:
    """Chance of at least so many successes, those equal counted half."""
    beyond = float(special.bdtrc(successes, n, share))
    return (beyond + (float(special.bdtrc(successes - 1, n, share)) if successes else 1.0)) / 2


def _solved(rising: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Where a rising function reaches the target, by bisection."""
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < target else (low, middle)
    return (low + high) / 2
