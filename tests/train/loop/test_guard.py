"""The guard stops what goes wrong within a stated number of steps, and nothing else."""

import math
import random
from collections.abc import Iterable

import pytest

from secarch.train.config import GuardConfig
from secarch.train.loop.guard import DOUBT, SETTLING, SLOW, Average, Fault, Guard

CONFIG = GuardConfig(patience=5)


def _watch(losses: Iterable[float], norms: Iterable[float]) -> tuple[int, Fault] | None:
    guard = Guard(CONFIG, 2e-4)
    for step, (loss, norm) in enumerate(zip(losses, norms, strict=True), 1):
        if fault := guard.see(step, {"loss": loss, "grad_norm": norm}):
            return step, fault
    return None


@pytest.mark.parametrize("seed", range(5))
def test_a_noisy_run_that_learns_is_left_alone(seed: int) -> None:
    """Losses that fall with noise, and norms that vary fourfold, are how training looks."""
    rng = random.Random(seed)
    losses = [2 * math.exp(-n / 200) + 0.5 + rng.gauss(0, 0.3) for n in range(600)]
    assert _watch(losses, [rng.lognormvariate(0, 0.7) for _ in losses]) is None


@pytest.mark.parametrize("seed", range(12))
def test_single_rows_of_very_different_difficulty_are_left_alone(seed: int) -> None:
    """A batch of one row for thousands of steps: losses from near nought to six, and no trend."""
    rng = random.Random(seed)
    losses = [rng.gammavariate(4, 0.5) for _ in range(5000)]
    assert _watch(losses, [rng.lognormvariate(0, 1.0) for _ in losses]) is None


@pytest.mark.parametrize("name", ["loss", "grad_norm", "eval_loss"])
@pytest.mark.parametrize("value", [math.nan, math.inf, "nan"])
def test_what_is_no_number_stops_at_once(name: str, value: object) -> None:
    """At the first step, whichever figure it is, in a journal's own spelling too."""
    fault = Guard(CONFIG, 2e-4).see(1, {"loss": 1.0, "grad_norm": 1.0, name: value})
    assert fault
    assert name in fault.what
    assert fault.since == 1


def test_spikes_stop_after_patience_and_single_ones_do_not() -> None:
    """Five in a row, counted from the first; one every ten steps is weather."""
    quiet, spikes = [1.0] * 50, [100.0] * 10
    found = _watch([1.0] * 60, quiet + spikes)
    assert found
    step, fault = found
    assert (step, fault.since) == (55, 51)
    assert "gradients spike" in fault.what
    assert _watch([1.0] * 60, [100.0 if n % 10 == 9 else 1.0 for n in range(60)]) is None


def test_divergence_stops_after_patience_and_names_a_lower_rate() -> None:
    """From 1 nat to 4: the average passes two nats within ten steps and the run ends five later."""
    found = _watch([1.0] * 50 + [4.0] * 50, [1.0] * 100)
    assert found
    step, fault = found
    assert 55 <= step <= 66
    assert fault.since == step + 1 - CONFIG.patience
    assert fault.since > 50
    assert "train.learning_rate=6.7e-05" in fault.fix


def test_a_divergence_in_the_first_steps_is_found() -> None:
    """Before there is a lowest to compare with: against the average so far."""
    found = _watch([2.0] * 15 + [9.0] * 30, [1.0] * 45)
    assert found
    assert found[0] <= 30


def test_a_slow_divergence_is_found_too() -> None:
    """Each step a little worse: measured against the lowest average, not the last."""
    found = _watch([1.0 + 0.02 * n for n in range(400)], [1.0] * 400)
    assert found
    assert found[0] < 140


def test_a_resumed_guard_judges_as_an_unbroken_one() -> None:
    """It is a function of the rows alone, and passes events and evaluations over."""
    rows = [{"step": n, "loss": 1.0 if n < 20 else 9.0, "grad_norm": 1.0} for n in range(1, 40)]
    rows.insert(10, {"step": 10, "event": "micro_batch_changed"})
    one, other = Guard(CONFIG, 1e-4), Guard(CONFIG, 1e-4)
    first = [one.see(int(row["step"]), row) for row in rows]
    second = [other.see(int(row["step"]), row) for row in rows]
    assert first == second
    assert one == other
    assert any(first)


def test_an_average_starts_at_its_first_value() -> None:
    """No pull towards nought."""
    average = Average(0.9)
    assert average.value == 0
    average.add(3.0)
    assert average.value == pytest.approx(3.0)
    average.add(3.0)
    assert average.value == pytest.approx(3.0)


def test_a_new_guard_suspects_nothing() -> None:
    """Before the first step, and while all is well."""
    guard = Guard(CONFIG, 2e-4)
    assert guard.since(0) == 1
    for step in range(1, 60):
        assert guard.see(step, {"loss": 1.0, "grad_norm": 1.0}) is None
        assert guard.since(step) == step + 1
    assert guard.see(60, {"loss": 1.0, "grad_norm": 100.0}) is None
    assert guard.since(60) == 60


def test_the_lowest_average_carries_the_doubt_of_as_many_rows_as_it_remembers() -> None:
    """The doubt falls with the root of the steps, down to that of the slow average's memory."""
    guard = Guard(CONFIG, 2e-4)
    for step in range(1, 5001):
        guard.see(step, {"loss": 1.0})
        if step == SETTLING + 1:
            early = guard.lowest - guard.usual.value
            assert early == pytest.approx(DOUBT / math.sqrt(SETTLING + 1))
    assert guard.lowest - guard.usual.value == pytest.approx(DOUBT * math.sqrt(1 - SLOW))
