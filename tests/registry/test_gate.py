"""The gate of a promotion: every single reason, alone and at its edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from secarch.registry.config import ModelsConfig
from secarch.registry.gate import Compared, Evaluated, Evidence, Judged, Weights, refusals

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CANDIDATE = Weights(ref="architect/2", digest="export2", run="run2", kl=1e-8)
CHAMPION = Weights(ref="architect/1", digest="export1", run="run1", kl=1e-8)
CONFIG = ModelsConfig()


def _evaluated(*parents: str, **facts: Any) -> Evaluated:
    known: dict[str, Any] = {
        "digest": "e",
        "created": NOW,
        "suite": "s",
        "prompt": "p",
        "decoding": "d",
        "quantization": "none",
    }
    return Evaluated(parents=parents, **(known | facts))


def _compared(verdict: str = "BETTER", **facts: Any) -> Compared:
    known: dict[str, Any] = {
        "key": "c1",
        "digest": "c",
        "passed": True,
        "reasons": (),
        "unsafe": (),
        "worse": (),
        "created": NOW,
        "base": _evaluated(),
        "tuned": _evaluated("export2"),
    }
    return Compared(verdict=verdict, **(known | facts))


GOOD = Evidence(candidate=CANDIDATE, comparison=_compared())
SECOND = replace(
    GOOD,
    champion=CHAMPION,
    against=_compared("EQUIVALENT", key="c2", base=_evaluated("export1")),
)


def _reasons(evidence: Evidence, config: ModelsConfig = CONFIG) -> list[str]:
    return refusals(config, evidence, NOW)


def _with(**facts: Any) -> Evidence:
    return replace(GOOD, comparison=_compared(**facts))


def test_a_better_version_goes_live_first_and_over_another() -> None:
    assert _reasons(GOOD) == []
    assert _reasons(SECOND) == []


def test_without_a_comparison_nothing_goes_live() -> None:
    assert _reasons(replace(GOOD, comparison=None)) == [
        "there is no comparison of architect/2 with its base"
    ]
    (reason,) = _reasons(replace(GOOD, comparison=None, sealed=False))
    assert "files of scores" in reason


@pytest.mark.parametrize("verdict", ["WORSE", "INCONCLUSIVE", "EQUIVALENT"])
def test_only_accepted_verdicts(verdict: str) -> None:
    assert _reasons(_with(verdict=verdict)) == [f"comparison c1: {verdict}, and BETTER is accepted"]
    wide = CONFIG.replace(accept=("BETTER", verdict))
    assert _reasons(_with(verdict=verdict), wide) == []


def test_equivalent_is_enough_to_replace_a_live_version_and_inconclusive_is_not() -> None:
    assert _reasons(replace(SECOND, comparison=_compared("EQUIVALENT"))) == []
    (reason,) = _reasons(replace(SECOND, comparison=_compared("INCONCLUSIVE")))
    assert reason == "comparison c1: INCONCLUSIVE, and BETTER or EQUIVALENT is accepted"


def test_a_comparison_of_another_model_does_not_count() -> None:
    (reason,) = _reasons(_with(tuned=_evaluated("other")))
    assert reason == "comparison c1: it is of another model than architect/2"
    none = replace(GOOD, candidate=replace(CANDIDATE, run=""))
    assert _reasons(replace(none, comparison=_compared(tuned=_evaluated("", "x"))))


@pytest.mark.parametrize(("kl", "open_"), [(0.01, True), (0.0100001, False), (None, False)])
def test_a_comparison_of_the_run_counts_if_the_export_is_close(
    kl: float | None, open_: bool
) -> None:
    of_run = _with(tuned=_evaluated("run2"))
    reasons = _reasons(replace(of_run, candidate=replace(CANDIDATE, kl=kl)))
    assert (not reasons) is open_
    assert open_ or "nats a token (0.01 allowed)" in reasons[0]


def test_an_export_that_was_evaluated_in_four_bits_is_not_what_is_served() -> None:
    (reason,) = _reasons(_with(tuned=_evaluated("export2", quantization="nf4")))
    assert "evaluated in nf4, not as served" in reason
    # A run was trained in 4 bits, so that is what its evaluation is of.
    assert _reasons(_with(tuned=_evaluated("run2", quantization="nf4"))) == []


def test_a_server_counts_if_it_said_which_weights_it_has() -> None:
    served = _evaluated("export2", server=True, quantization="", prompt="x")
    assert _reasons(_with(tuned=served)) == []
    assert _reasons(_with(tuned=_evaluated(server=True, quantization="")))


@pytest.mark.parametrize("what", ["suite", "prompt", "decoding"])
def test_both_sides_were_asked_in_one_way(what: str) -> None:
    tuned = _evaluated("export2", **{what: "other"})
    assert _reasons(_with(tuned=tuned)) == [f"comparison c1: its two sides differ in {what}"]


@pytest.mark.parametrize("side", ["base", "tuned"])
def test_both_evaluations_are_at_hand(side: str) -> None:
    assert "comparison c1: its evaluations are not in the workspace" in _reasons(
        _with(**{side: None})
    )


@pytest.mark.parametrize("old", ["created", "base", "tuned"])
def test_evidence_ages_by_its_oldest_part(old: str) -> None:
    config = CONFIG.replace(max_age_days=30)
    for days, open_ in ((30, True), (30.5, False)):
        then = NOW - timedelta(days=days)
        parents = ("export2",) if old == "tuned" else ()
        part = then if old == "created" else _evaluated(*parents, created=then)
        reasons = _reasons(_with(**{old: part}), config)
        assert (not reasons) is open_
    assert reasons == ["comparison c1: 30 days old, 30 are allowed"]


def test_danger_and_protected_categories_close_it_whatever_compare_was_told() -> None:
    assert _reasons(_with(unsafe=("q1", "q2"))) == [
        "comparison c1: new critical statements in q1, q2"
    ]
    assert _reasons(_with(worse=("iam",))) == ["comparison c1: the protected category iam is worse"]
    many = _reasons(_with(unsafe=tuple(f"q{n}" for n in range(7))))
    assert many[0].endswith("q0, q1, q2, q3, q4 and 2 more")


def test_every_reason_is_given() -> None:
    reasons = _reasons(
        _with(
            verdict="WORSE",
            passed=False,
            reasons=("worse: it is", "unsafe: it is"),
            unsafe=("q",),
            tuned=_evaluated("other", suite="x"),
            created=NOW - timedelta(days=90),
        )
    )
    assert len(reasons) == 7


def test_a_live_version_is_compared_with_too() -> None:
    assert _reasons(replace(SECOND, against=None)) == [
        "there is no comparison from architect/1, which is live, to the candidate"
    ]
    worse = _compared("WORSE", key="c2", base=_evaluated("export1"))
    assert _reasons(replace(SECOND, against=worse)) == [
        "comparison c2 with architect/1: WORSE than what is live"
    ]
    protected = replace(worse, verdict="BETTER", worse=("iam",))
    assert len(_reasons(replace(SECOND, against=protected))) == 1
    old = replace(worse, verdict="BETTER", created=NOW - timedelta(days=31))
    assert len(_reasons(replace(SECOND, against=old))) == 1
    swapped = replace(
        worse, verdict="BETTER", base=_evaluated("export2"), tuned=_evaluated("export1")
    )
    assert len(_reasons(replace(SECOND, against=swapped))) == 2


def test_people_count_if_they_are_asked_for() -> None:
    config = CONFIG.replace(min_labels=20, min_kappa=0.6)
    for judged, want in (
        (None, "people labelled 0 key points, 20 are needed"),
        (Judged(19, 0.9), "people labelled 19 key points, 20 are needed"),
        (Judged(20, 0.59), "people and matcher agree with kappa 0.59, 0.6 is needed"),
        (Judged(20, None), "people and matcher agree with kappa unknown, 0.6 is needed"),
    ):
        assert _reasons(replace(GOOD, judged=judged), config) == [want]
    assert _reasons(replace(GOOD, judged=Judged(20, 0.6)), config) == []
    assert _reasons(replace(GOOD, judged=Judged(0, None))) == []
    assert _reasons(GOOD, CONFIG.replace(min_labels=1))
