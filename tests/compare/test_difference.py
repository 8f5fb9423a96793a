"""One procedure for word and interval: known cases, coherence, and false positives on nulls."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from secarch import stats
from secarch.compare.difference import Difference, difference

Draw = Callable[[np.random.Generator], Difference]


def flipped(harmful: int, beneficial: int, n: int) -> Difference:
    """A binary metric with so many flips."""
    rest = [0.0] * (n - harmful - beneficial)
    return difference(
        [1.0] * harmful + [0.0] * beneficial + rest, [0.0] * harmful + [1.0] * beneficial + rest
    )


@pytest.mark.parametrize(
    ("harmful", "beneficial", "n", "p"),
    [(17, 34, 300, 0.0175), (11, 31, 200, 0.0019), (4, 20, 100, 0.0009), (5, 4, 50, 0.754)],
)
def test_binary_metrics_are_decided_by_mid_p(
    harmful: int, beneficial: int, n: int, p: float
) -> None:
    """The p-value is McNemar's mid-p, and the interval leaves 0 exactly where it is below .05."""
    found, mirror = flipped(harmful, beneficial, n), flipped(beneficial, harmful, n)
    low, high = found.interval(0.95)[1:]
    assert found.p == pytest.approx(p, rel=0.02)
    assert found.p == pytest.approx(stats.mcnemar_p(harmful, beneficial)[1])
    assert (low > 0) is (found.p < 0.05)
    assert (low, high) == pytest.approx((-mirror.interval(0.95).high, -mirror.interval(0.95).low))
    assert low < found.estimate < high
    assert found.test == "mid-p McNemar"


def test_the_binary_interval_is_near_that_of_a_large_sample() -> None:
    """With many flips it is the Wald interval of paired shares, to a hundredth."""
    found = flipped(300, 420, 3000).interval(0.95)
    half = 1.96 * math.sqrt((720 / 3000 - (120 / 3000) ** 2) / 3000)
    assert found.low == pytest.approx(0.04 - half, abs=0.001)
    assert found.high == pytest.approx(0.04 + half, abs=0.001)


def test_flips_in_one_direction_bound_the_rate_too() -> None:
    """20 of 100 better and none worse: the true gain may be above .2, as Wilson's bound says."""
    found = flipped(0, 20, 100).interval(0.95)
    assert found.high == pytest.approx(stats.wilson(20, 100).high, abs=1e-6)
    assert 0.1 < found.low < 0.15


@pytest.mark.parametrize(
    ("n", "different", "equivalent"),
    [(148, 0, False), (149, 0, True), (235, 1, False), (236, 1, True), (10, 0, False)],
)
def test_tied_data_prove_nothing_until_there_are_enough(
    n: int, different: int, equivalent: bool
) -> None:
    """Nearly all pairs tie: the rule of three bounds what was not seen, the spread does not."""
    before = np.full(n, 0.5)
    after = before.copy()
    after[:different] += 0.01
    found = difference(before, after)
    assert (found.equivalence(0.02) < 0.05) is equivalent
    assert not found.separates
    assert found.interval(0.9).low < 0 < found.interval(0.9).high


def test_what_one_pair_can_show_is_the_range_of_the_metric() -> None:
    """A metric that runs to 30 may hide a difference of 30 in what was not seen."""
    tied = [30.0, 0.0] * 100
    assert difference(tied, tied).equivalence(0.02) > 0.05
    assert difference([1.0, 0.0] * 100, [1.0, 0.0] * 100).equivalence(0.02) < 0.05


def test_without_clusters_the_sign_flips_decide() -> None:
    """The two-sided p is that of `stats.sign_flip`, and the interval is its inversion."""
    rng = np.random.default_rng(1)
    base = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], 60)
    tuned = np.clip(base + rng.choice([-0.25, 0.0, 0.25, 0.25], 60), 0, 1)
    found = difference(base, tuned, draws=4000, seed=9)
    assert found.p == pytest.approx(stats.sign_flip(tuned - base, draws=4000, seed=9).mid_p)
    low, high = found.interval(0.95)[1:]
    assert found.p_above(low) == pytest.approx(0.025)
    assert found.p_below(high) == pytest.approx(0.025)
    assert difference(base + low, tuned, draws=4000, seed=9).p == pytest.approx(0.05, abs=0.005)


def test_less_can_be_better() -> None:
    """The gain is turned round, and so are its bounds."""
    base, tuned = [float(i % 7) for i in range(30)], [i % 7 - 1 + 0.1 * (i % 3) for i in range(30)]
    up, down = difference(base, tuned), difference(base, tuned, lower_is_better=True)
    assert down.estimate == pytest.approx(-up.estimate)
    assert down.p == pytest.approx(up.p, abs=0.01)


def test_clusters_decide_for_binary_metrics_too() -> None:
    """Twelve gains that all come from two scenarios of ten are not twelve independent ones."""
    names = [f"s{i // 10}" for i in range(100)]
    base = np.zeros(100)
    tuned = np.zeros(100)
    tuned[[*range(6), *range(10, 16)]] = 1
    alone, together = difference(base, tuned), difference(base, tuned, names)
    assert alone.p < 0.001
    assert together.p > 0.2
    assert together.interval(0.95).low <= 0
    assert together.test == "cluster sign-flip over 10 scenarios"
    assert (together.n, together.groups) == (100, 10)


def test_too_few_scenarios_are_no_test() -> None:
    """Five scenarios that all gain: 2 of 32 sign patterns are as extreme, so no interval at 95%."""
    names = [f"s{i // 4}" for i in range(20)]
    found = difference([0.1] * 20, [0.5 + 0.01 * i for i in range(20)], names)
    assert found.p == pytest.approx(2 / 32)
    assert math.isnan(found.interval(0.95).low)
    assert "too few" in found.test
    six = difference(
        [0.1] * 24, [0.5 + 0.01 * i for i in range(24)], [f"s{i // 4}" for i in range(24)]
    )
    assert six.p == pytest.approx(1 / 64)
    assert six.interval(0.95).low > 0


def test_skewed_differences_get_halls_t() -> None:
    """Few large gains among small losses: the sign flips take them for mirror images."""
    rng = np.random.default_rng(3)
    skewed = difference(np.zeros(60), rng.exponential(1, 60) - 1)
    even = difference(np.zeros(60), rng.normal(0, 1, 60))
    assert (skewed.test, even.test) == ("Hall's t for skewed differences", "sign-flip permutation")
    low, high = skewed.interval(0.95)[1:]
    assert skewed.p_above(low) == pytest.approx(0.025)
    assert skewed.p_below(high) == pytest.approx(0.025)
    assert high - skewed.estimate > skewed.estimate - low


def test_nothing_and_one_value_have_no_figures() -> None:
    """No value is no figure; one value has no interval."""
    none = difference([], [])
    assert math.isnan(none.p)
    assert math.isnan(none.equivalence(0.1))
    one = difference([0.2], [0.9])
    assert one.p == 1.0
    assert math.isnan(one.interval(0.95).low)


def clustered_binary(groups: int, size: int) -> Draw:
    """Each model's rate in each scenario is drawn from one distribution."""

    def draw(rng: np.random.Generator) -> Difference:
        rates = rng.beta(2, 2, (2, groups)).repeat(size, axis=1)
        base, tuned = (rng.random(rates.shape) < rates).astype(float)
        names = [str(i // size) for i in range(groups * size)]
        return difference(base, tuned, names, draws=999, seed=int(rng.integers(1 << 30)))

    return draw


def uneven(rng: np.random.Generator) -> Difference:
    """Eight scenarios of 1 to 40 questions."""
    sizes = [1, 3, 5, 8, 12, 20, 30, 40]
    shift = np.repeat(rng.normal(0, 0.2, 8), sizes)
    names = [str(g) for g, size in enumerate(sizes) for _ in range(size)]
    base = rng.normal(0.5, 0.1, len(names))
    return difference(base, base + shift + rng.normal(0, 0.1, len(names)), names)


def skewed(rng: np.random.Generator) -> Difference:
    """Forty exponential differences whose true mean is 0."""
    return difference(np.zeros(40), rng.exponential(1, 40) - 1, draws=999)


def ordinal(rng: np.random.Generator) -> Difference:
    """Scores of five steps, equal for both models in half of the pairs."""
    base = rng.integers(0, 5, 80) / 4
    tuned = np.where(rng.random(80) < 0.5, base, rng.integers(0, 5, 80) / 4)
    return difference(base, tuned, draws=999, seed=int(rng.integers(1 << 30)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "draw",
    [
        clustered_binary(20, 5),
        clustered_binary(10, 10),
        clustered_binary(30, 4),
        uneven,
        skewed,
        ordinal,
    ],
    ids=["20x5", "10x10", "30x4", "uneven", "skewed", "ordinal"],
)
def test_equal_models_differ_by_luck_as_often_as_alpha_says(draw: Draw) -> None:
    """400 runs of each null: far from the 10 to 25% of tests that overlook clusters or skew; and
    no significant difference has an interval that holds 0.
    """
    found = [draw(np.random.default_rng(40_000 + run)) for run in range(400)]
    assert 0.02 <= sum(one.p < 0.05 for one in found) / 400 <= 0.085
    for one in found:
        low, high = one.interval(0.95)[1:]
        assert one.p >= 0.05 or low > 0 or high < 0


def test_sparse_moves_are_tested_by_flips() -> None:
    """Where most answers do not change, the few that do look skewed in nearly every sample."""
    rejected = 0
    for run in range(300):
        rng = np.random.default_rng(run)
        base = rng.integers(0, 5, 80) / 4
        tuned = np.where(rng.random(80) < 0.9, base, rng.integers(0, 5, 80) / 4)
        found = difference(base, tuned, draws=999)
        rejected += found.p < 0.05
        interval = found.interval(0.95)
        assert (found.p < 0.05) == (not interval.low <= 0 <= interval.high)
    assert rejected / 300 <= 0.08


def test_one_large_value_is_no_skewness() -> None:
    """It says nothing of the direction that further ones would have."""
    gains = np.r_[np.linspace(-1, 1, 39), 9.0]
    assert "sign-flip" in difference(np.zeros(40), gains).test
    skewed = np.random.default_rng(3).exponential(1, 40) - 1
    assert "Hall" in difference(np.zeros(40), skewed).test
