"""Intervals and paired tests, held to known answers, to scipy and statsmodels, and to simulations
with fixed seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from secarch import stats

EXACT = 1e-9
RNG = np.random.default_rng(20)
DELTAS = RNG.normal(0.05, 0.3, 60)
SCENARIOS = [f"s{i // 4}" for i in range(60)]


def test_a_real_pair_of_models_differs_by_mid_p() -> None:
    """17 harmful and 34 beneficial flips give mid-p 0.0175 and exact 0.024."""
    exact, mid_p = stats.mcnemar_p(17, 34)
    assert round(mid_p, 4) == 0.0175
    assert round(exact, 3) == 0.024


@pytest.mark.parametrize(("harmful", "beneficial"), [(17, 34), (0, 5), (9, 9), (3, 40), (1, 0)])
def test_exact_mcnemar_equals_statsmodels(harmful: int, beneficial: int) -> None:
    """The exact p is statsmodels' for any table of flips."""
    expected = reference_mcnemar([[5, harmful], [beneficial, 5]], exact=True).pvalue
    assert stats.mcnemar_p(harmful, beneficial)[0] == pytest.approx(expected, abs=EXACT)


def test_without_flips_there_is_no_evidence() -> None:
    """No flip at all gives p 1 by both methods."""
    assert stats.mcnemar_p(0, 0) == (1.0, 1.0)


def test_flips_are_counted_in_a_two_by_two_table() -> None:
    """Each question falls into one of four cells."""
    flips = stats.mcnemar([1, 1, 0, 0, 0], [1, 0, 1, 1, 0])
    assert (flips.both, flips.harmful, flips.beneficial, flips.neither) == (1, 1, 2, 1)


def test_the_t_interval_equals_statsmodels() -> None:
    """Mean, interval and p are those of a one-sample t test."""
    reference = DescrStatsW(DELTAS)
    test = stats.mean_test(DELTAS)
    assert (test.low, test.high) == pytest.approx(reference.tconfint_mean(), abs=EXACT)
    assert test.p == pytest.approx(scipy_stats.ttest_1samp(DELTAS, 0).pvalue, abs=EXACT)
    assert test.df == 59


def test_cluster_t_equals_a_cluster_robust_regression() -> None:
    """Standard error and p equal ordinary least squares on a constant with clustered covariance."""
    groups = np.array([int(name[1:]) for name in SCENARIOS])
    fit = sm.OLS(DELTAS, np.ones(60)).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    test = stats.mean_test(DELTAS, SCENARIOS)
    assert test.se == pytest.approx(float(fit.bse[0]), abs=EXACT)
    assert test.p == pytest.approx(float(fit.pvalues[0]), abs=EXACT)
    assert test.groups == 15


def test_clusters_of_one_change_nothing() -> None:
    """A scenario a question is the plain t test."""
    names = [str(i) for i in range(60)]
    alone, plain = stats.mean_test(DELTAS, names), stats.mean_test(DELTAS)
    assert (alone.se, alone.p) == pytest.approx((plain.se, plain.p), abs=EXACT)


def test_wilson_equals_statsmodels() -> None:
    """The interval of a share is statsmodels' Wilson interval."""
    found = stats.wilson(7, 60)
    assert (found.low, found.high) == pytest.approx(
        proportion_confint(7, 60, method="wilson"), abs=EXACT
    )


def test_no_event_in_sixty_bounds_the_rate_below_five_percent() -> None:
    """The exact bound of zero events in 60 is 4.87%."""
    assert stats.rule_of_three(60) == pytest.approx(0.0487, abs=5e-5)
    assert stats.rule_of_three(0) == 1.0


@pytest.mark.slow
def test_holm_equals_statsmodels_and_passes_over_nan() -> None:
    """Adjusted values are statsmodels' over the tests that exist."""
    values = [0.01, 0.2, 0.03, 0.04, 0.5]
    expected = multipletests(values, method="holm")[1]
    assert stats.holm(values) == pytest.approx(list(expected), abs=EXACT)
    assert math.isnan(stats.holm([0.01, math.nan])[1])
    assert stats.holm([0.01, math.nan])[0] == 0.01


def test_tost_equals_statsmodels() -> None:
    """The equivalence p is the larger of two one-sided t tests."""
    expected = DescrStatsW(DELTAS).ttost_mean(-0.1, 0.1)[0]
    assert stats.tost(DELTAS, 0.1) == pytest.approx(expected, abs=EXACT)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_bca_equals_scipy_with_the_same_draws() -> None:
    """With one seed the interval is scipy's BCa interval to rounding."""
    rng = np.random.default_rng(5)
    reference = scipy_stats.bootstrap(
        (DELTAS,), np.mean, n_resamples=2000, method="BCa", rng=rng
    ).confidence_interval
    found = stats.bca(DELTAS, draws=2000, seed=5)
    assert (found.low, found.high) == pytest.approx((reference.low, reference.high), abs=EXACT)


def test_the_clustered_bootstrap_is_wider_where_scenarios_agree() -> None:
    """Resampling scenarios widens the interval of values that are equal within a scenario."""
    values = np.repeat(RNG.normal(0, 1, 15), 4)
    plain, grouped = stats.bca(values, draws=1000), stats.bca(values, SCENARIOS, draws=1000)
    assert grouped.high - grouped.low > 1.5 * (plain.high - plain.low)


def test_sign_flips_are_enumerated_for_few_questions() -> None:
    """Ten equal gains leave two of 1,024 sign patterns as extreme."""
    assert stats.sign_flip([0.2] * 10) == (2 / 1024, 1 / 1024)


def test_sign_flips_agree_with_scipy() -> None:
    """Few questions give scipy's exact permutation p."""
    values = DELTAS[:10]
    reference = scipy_stats.permutation_test(
        (values,), np.mean, permutation_type="samples", n_resamples=10_000
    )
    assert stats.sign_flip(values).exact == pytest.approx(reference.pvalue, abs=EXACT)


@pytest.mark.parametrize(("harmful", "beneficial"), [(2, 9), (4, 5), (6, 6), (0, 5)])
def test_sign_flips_of_right_and_wrong_are_mcnemars(harmful: int, beneficial: int) -> None:
    """Of differences of one size, both forms of the test are both forms of McNemar's, zeros left
    aside.
    """
    differences = [-1.0] * harmful + [1.0] * beneficial + [0.0]
    assert stats.sign_flip(differences) == pytest.approx(
        stats.mcnemar_p(harmful, beneficial), abs=EXACT
    )


def test_random_sign_flips_count_ties_half_as_well() -> None:
    """With drawn patterns the mid-p of differences of one size comes near McNemar's, and lies below
    the exact p.
    """
    found, (exact, mid_p) = stats.sign_flip([-1.0] * 17 + [1.0] * 34), stats.mcnemar_p(17, 34)
    assert found.mid_p == pytest.approx(mid_p, abs=0.004)
    assert found.exact == pytest.approx(exact, abs=0.004)
    assert found.mid_p < found.exact


def test_random_sign_flips_come_near_the_t_test() -> None:
    """For many bell-shaped differences both tests say the same, within the error of the draws."""
    p = stats.mean_test(DELTAS).p
    assert stats.sign_flip(DELTAS, draws=10_000).mid_p == pytest.approx(p, abs=0.02)


def test_equal_seeds_give_equal_results() -> None:
    """The random methods are functions of their seed."""
    assert stats.bca(DELTAS, draws=500, seed=3) == stats.bca(DELTAS, draws=500, seed=3)
    assert stats.bca(DELTAS, draws=500, seed=3) != stats.bca(DELTAS, draws=500, seed=4)


def test_memory_chunks_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bootstrap cut into chunks is the same bootstrap."""
    whole = stats.bca(DELTAS, draws=500)
    monkeypatch.setattr(stats, "_CHUNK", 60 * 7)
    assert stats.bca(DELTAS, draws=500) == whole


def test_sizes_of_effects_have_known_values() -> None:
    """Cohen's d_z of 1, 2, 3 is 2, and wins, ties and losses are counted."""
    assert stats.cohen_dz([1, 2, 3]) == 2.0
    assert stats.tally([0.1, 0, -0.2, 0.3]) == (2, 1, 1)


def test_five_points_need_283_questions_at_a_spread_of_thirty() -> None:
    """The planning table's figure: sd .30, difference .05, power .80."""
    assert stats.needed(100, 0.03, 0.05) == 283
    assert stats.detectable(0.30 / math.sqrt(400)) == pytest.approx(0.042, abs=5e-4)


def test_length_control_takes_out_what_length_explains() -> None:
    """A gain that is only length is 0 at equal length; the intercept is that of statsmodels."""
    ratio = np.exp(RNG.normal(0.4, 0.3, 80))
    gains = 0.5 * np.log(ratio) + RNG.normal(0, 0.05, 80)
    found = stats.length_controlled(gains, np.ones(80), ratio)
    fit = sm.OLS(gains, sm.add_constant(np.log(ratio))).fit()
    assert found.estimate == pytest.approx(float(fit.params[0]), abs=EXACT)
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int()[0]), abs=EXACT)
    assert abs(found.estimate) < 0.05 < gains.mean()


def test_length_control_says_when_it_cannot_tell() -> None:
    """Where every answer grew by the same factor, length and model cannot be told apart."""
    assert math.isnan(stats.length_controlled([1, 2, 3, 4], [1] * 4, [2] * 4).estimate)
    assert stats.length_controlled([1, 2, 3, 4], [5] * 4, [5] * 4).estimate == 2.5


# ---------------------------------------------------------------- what does not exist


def test_no_value_has_no_mean() -> None:
    """Nothing scored gives NaN everywhere, not 0."""
    assert all(map(math.isnan, stats.mean_interval([None, None])))
    assert all(map(math.isnan, stats.sign_flip([])))
    assert all(map(math.isnan, stats.wilson(0, 0)))


def test_one_value_has_a_mean_and_no_interval() -> None:
    """A single score says nothing of its spread."""
    mean, low, high = stats.mean_interval([0.4, None])
    assert mean == 0.4
    assert math.isnan(low)
    assert math.isnan(high)
    assert math.isnan(stats.tost([0.4], 0.1))
    assert math.isnan(stats.bca([0.4]).low)


@pytest.mark.parametrize(("value", "p"), [(0.1, 2.0**-9), (0.0, 1.0), (-0.7, 2.0**-9)])
def test_equal_differences_are_judged_by_their_signs(value: float, p: float) -> None:
    """Without spread the interval is the estimate and p is that of the sign flips."""
    test = stats.mean_test([value] * 10)
    assert (test.low, test.high, test.se) == (test.estimate, test.estimate, 0.0)
    assert test.p == p
    assert stats.sign_flip([value] * 10).exact == p
    assert math.isnan(stats.cohen_dz([value] * 10))


def test_equal_differences_are_equivalent_only_within_the_margin() -> None:
    """Without spread TOST asks where the mean lies."""
    assert stats.tost([0.01] * 10, 0.02) == 0.0
    assert stats.tost([0.03] * 10, 0.02) == 1.0


def test_one_scenario_is_one_observation() -> None:
    """Questions that all share a scenario have a mean and no interval."""
    test = stats.mean_test([0.1, 0.2, 0.3], ["s", "s", "s"])
    assert test.estimate == pytest.approx(0.2)
    assert math.isnan(test.p)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=40))
def test_an_interval_holds_its_estimate(values: list[float]) -> None:
    """Low <= mean <= high, and p lies in 0..1, whatever the values."""
    test = stats.mean_test(values)
    assert test.low <= test.estimate <= test.high
    assert 0 <= test.p <= 1
    flipped = stats.sign_flip(values, draws=200)
    assert 0 < flipped.mid_p <= flipped.exact <= 1


# ---------------------------------------------------------------- simulations; seeds fixed before
# the first run

RUNS = 400
# Of 400 runs at a true rate of 5%, 8 to 34 hold with probability 0.998.
FEWEST, MOST = (int(v) for v in scipy_stats.binom.ppf([0.001, 0.999], RUNS, 0.05))
Test = Callable[[np.ndarray], float]


def _rejections(test: Test, draw: Callable[[np.random.Generator], np.ndarray]) -> int:
    return sum(test(draw(np.random.default_rng(1000 + run))) < 0.05 for run in range(RUNS))


@pytest.mark.parametrize(
    "test",
    [
        lambda d: stats.mean_test(d).p,
        lambda d: stats.sign_flip(d, draws=999).mid_p,
        lambda d: stats.sign_flip(d, draws=999).exact,
    ],
    ids=["t", "sign flip", "sign flip, ties whole"],
)
def test_equal_models_are_told_apart_in_one_of_twenty_comparisons(test: Test) -> None:
    """The false positive rate is the level: rubric-like differences around 0, n = 125."""
    steps = np.arange(-3, 4) / 6
    found = _rejections(test, lambda rng: rng.choice(steps, 125))
    assert FEWEST <= found <= MOST


def test_mid_p_keeps_its_level() -> None:
    """McNemar's mid-p rejects equal models no more often than its level allows; discordance 20%, n
    = 300.
    """

    def flips(rng: np.random.Generator) -> np.ndarray:
        return rng.multinomial(300, [0.1, 0.1, 0.8])

    found = _rejections(lambda table: stats.mcnemar_p(int(table[0]), int(table[1]))[1], flips)
    assert FEWEST <= found <= MOST


def test_shared_scenarios_keep_the_level_by_cluster_t() -> None:
    """Four questions a scenario with correlation .2: the cluster t keeps 6.5%, within the error of
    400 runs.
    """
    names = [f"s{i // 4}" for i in range(160)]

    def draw(rng: np.random.Generator) -> np.ndarray:
        return np.repeat(rng.normal(0, math.sqrt(0.2), 40), 4) + rng.normal(0, math.sqrt(0.8), 160)

    found = _rejections(lambda d: stats.mean_test(d, names).p, draw)
    assert found <= int(scipy_stats.binom.ppf(0.999, RUNS, 0.065))


def test_a_difference_as_large_as_the_margin_is_rarely_equivalent() -> None:
    """A true difference that lies on the margin passes TOST in one of twenty comparisons; one of 0
    nearly always.
    """
    found = _rejections(lambda d: stats.tost(d, 0.1), lambda rng: rng.normal(0.1, 0.3, 200))
    assert FEWEST <= found <= MOST
    assert (
        _rejections(lambda d: stats.tost(d, 0.1), lambda rng: rng.normal(0, 0.3, 200))
        >= 0.95 * RUNS
    )


def test_the_bootstrap_interval_holds_the_truth_in_nineteen_of_twenty() -> None:
    """Coverage of the 95% BCa interval: skewed differences, most of them 0, of a true mean of .1; n
    = 120.
    """
    misses = 0
    for run in range(RUNS):
        rng = np.random.default_rng(9000 + run)
        found = stats.bca(rng.exponential(0.2, 120) * rng.integers(0, 2, 120), draws=500, seed=run)
        misses += not found.low <= 0.1 <= found.high
    # At a true coverage of .95 as of .93, which is what may be.
    assert FEWEST <= misses <= int(scipy_stats.binom.ppf(0.999, RUNS, 0.07))


def test_six_points_are_found_nine_times_of_ten() -> None:
    """Power at n = 400, sd .30, a true gain of .06."""
    found = _rejections(lambda d: stats.mean_test(d).p, lambda rng: rng.normal(0.06, 0.30, 400))
    assert found >= 0.9 * RUNS


def test_equal_scores_are_no_proof() -> None:
    """Sixty zeros: the true share may be 6%, not [0, 0]; spread, other scales and one value are as
    the t interval has them.
    """
    zero, one, half = (stats.level_interval([v] * 60) for v in (0.0, 1.0, 0.5))
    reach = 1 - 0.025 ** (1 / 60)
    assert (zero.low, zero.high) == (0.0, pytest.approx(reach))
    assert (one.low, one.high) == (pytest.approx(1 - reach), 1.0)
    assert (half.low, half.high) == (pytest.approx(0.5 - reach), pytest.approx(0.5 + reach))
    assert stats.level_interval([0.0] * 60, [str(i // 6) for i in range(60)]).high == (
        pytest.approx(1 - 0.025 ** (1 / 10))
    )
    assert stats.level_interval([3.0] * 9) == (3.0, 3.0, 3.0)
    test = stats.mean_test([0.1, 0.4, 0.9])
    assert stats.level_interval([0.1, 0.4, 0.9]) == (test.estimate, test.low, test.high)
    assert math.isnan(stats.level_interval([0.5]).low)


def test_a_bounded_interval_stays_within_its_bounds() -> None:
    """Wilson's where the t interval leaves 0..1, of the units that have the same error."""
    data = [0.0] * 9 + [1.0]
    loose, tight = stats.level_interval(data), stats.level_interval(data, bounded=True)
    assert loose.low < 0 < tight.low < tight.estimate == loose.estimate
    assert tight.estimate < tight.high < 1
    mirror = stats.level_interval([1 - v for v in data], bounded=True)
    assert (mirror.low, mirror.high) == pytest.approx((1 - tight.high, 1 - tight.low))
    inside = [0.1, 0.4, 0.5, 0.5, 0.9, 0.5, 0.4, 0.6]
    assert stats.level_interval(inside, bounded=True) == stats.level_interval(inside)
    large = [0.0] * 990 + [1.0] * 1
    wilson = stats.wilson(1, 991)
    found = stats.level_interval(large, bounded=True)
    assert (found.low, found.high) == pytest.approx((wilson.low, wilson.high), rel=0.01)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_bca_of_right_and_wrong_equals_scipy() -> None:
    """Many resampled means equal the estimate; half of them count as below it."""
    values = [1.0] * 7 + [0.0] * 13
    reference = scipy_stats.bootstrap(
        (values,), np.mean, n_resamples=2000, method="BCa", rng=np.random.default_rng(5)
    ).confidence_interval
    found = stats.bca(values, draws=2000, seed=5)
    assert (found.low, found.high) == pytest.approx((reference.low, reference.high), abs=EXACT)
