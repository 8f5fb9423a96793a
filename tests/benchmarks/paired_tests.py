"""How fast and how right the statistics are at full size. Run by hand: python
tests/benchmarks/paired_tests.py

10,000 questions, 10,000 draws, 12 metrics: under 20 s and 1 GB. False positive rates over 2,000
seeded runs within 0.05 +/- 0.015, coverage of the 95% BCa interval within 0.93..0.97.
"""

from __future__ import annotations

import json
import math
import resource
import time
from collections.abc import Callable

import numpy as np

from secarch import stats
from secarch.compare.difference import difference

QUESTIONS, DRAWS, METRICS, RUNS = 10_000, 10_000, 12, 2_000


def speed() -> dict[str, float]:
    rng = np.random.default_rng(0)
    started = time.monotonic()
    for seed in range(METRICS):
        gains = rng.normal(0.01, 0.3, QUESTIONS)
        stats.bca(gains, draws=DRAWS, seed=seed)
        stats.sign_flip(gains, draws=DRAWS, seed=seed)
        stats.mean_test(gains)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": round(time.monotonic() - started, 1), "peak_mib": round(peak)}


def rejections(p_of: Callable[[np.random.Generator], float]) -> float:
    return sum(p_of(np.random.default_rng(50_000 + run)) < 0.05 for run in range(RUNS)) / RUNS


def flips(rng: np.random.Generator) -> float:
    harmful, beneficial, _ = rng.multinomial(300, [0.1, 0.1, 0.8])
    return stats.mcnemar_p(int(harmful), int(beneficial))[1]


def scenarios(rng: np.random.Generator) -> float:
    gains = np.repeat(rng.normal(0, math.sqrt(0.2), 40), 4) + rng.normal(0, math.sqrt(0.8), 160)
    return stats.mean_test(gains, [f"s{i // 4}" for i in range(160)]).p


def clustered(groups: int, size: int) -> Callable[[np.random.Generator], float]:
    """A binary metric; each model's rate in each scenario is drawn from one distribution."""

    def p_of(rng: np.random.Generator) -> float:
        rates = rng.beta(2, 2, (2, groups)).repeat(size, axis=1)
        base, tuned = (rng.random(rates.shape) < rates).astype(float)
        names = [str(i // size) for i in range(groups * size)]
        return difference(base, tuned, names, draws=1_999).p

    return p_of


def uneven(rng: np.random.Generator) -> float:
    sizes = [1, 3, 5, 8, 12, 20, 30, 40]
    shift = np.repeat(rng.normal(0, 0.2, 8), sizes) + rng.normal(0, 0.1, sum(sizes))
    names = [str(g) for g, size in enumerate(sizes) for _ in range(size)]
    return difference(np.zeros(len(names)), shift, names).p


def ordinal(rng: np.random.Generator) -> float:
    base = rng.integers(0, 5, 80) / 4
    tuned = np.where(rng.random(80) < 0.5, base, rng.integers(0, 5, 80) / 4)
    return difference(base, tuned, draws=1_999).p


def verdict_nulls() -> dict[str, float]:
    """False positives of the procedure that decides the verdict."""
    zeros = np.zeros(40)
    return {
        "binary_20x5": rejections(clustered(20, 5)),
        "binary_10x10": rejections(clustered(10, 10)),
        "binary_30x4": rejections(clustered(30, 4)),
        "clusters_of_1_to_40": rejections(uneven),
        "skewed_40": rejections(lambda rng: difference(zeros, rng.exponential(1, 40) - 1).p),
        "ordinal_with_ties": rejections(ordinal),
    }


def coverage() -> float:
    """Skewed differences, as of a rubric where most answers do not change; true mean 0.1."""
    hit = 0
    for run in range(RUNS):
        rng = np.random.default_rng(90_000 + run)
        gains = rng.exponential(0.2, 120) * rng.integers(0, 2, 120)
        bounds = stats.bca(gains, draws=2_000, seed=run)
        hit += bounds.low <= 0.1 <= bounds.high
    return hit / RUNS


def main() -> None:
    steps = np.arange(-3, 4) / 6
    found = {
        "speed": speed(),
        "false_positives": {
            "t": rejections(lambda rng: stats.mean_test(rng.choice(steps, 125)).p),
            "sign_flip_mid_p": rejections(
                lambda rng: stats.sign_flip(rng.choice(steps, 125), draws=999).mid_p
            ),
            "sign_flip_exact": rejections(
                lambda rng: stats.sign_flip(rng.choice(steps, 125), draws=999).exact
            ),
            "mid_p": rejections(flips),
            "cluster_t": rejections(scenarios),
            "tost_on_the_margin": rejections(
                lambda rng: stats.tost(rng.normal(0.1, 0.3, 200), 0.1)
            ),
        },
        "verdict_false_positives": verdict_nulls(),
        "power_six_points_400": rejections(
            lambda rng: stats.mean_test(rng.normal(0.06, 0.3, 400)).p
        ),
        "bca_coverage": coverage(),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
