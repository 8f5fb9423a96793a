"""The verdict's table of cases, and the gate beside it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from secarch.compare.config import CompareConfig
from secarch.compare.record import Category, Clean, Estimate, Noise, Primary, Safety
from secarch.compare.verdict import (
    Evidence,
    chance,
    contamination,
    contradictions,
    decide,
    explain,
    gate,
    noise_floor,
    silent,
)

NONE = math.nan


@pytest.mark.parametrize(
    ("delta", "p", "tost_p", "word"),
    [
        (-0.1, 0.01, 0.9, "WORSE"),
        (0.1, 0.01, 0.9, "BETTER"),
        (0.01, 0.4, 0.01, "EQUIVALENT"),
        (0.1, 0.4, 0.6, "INCONCLUSIVE"),
        # Significant and within the margin: looked up in order, so the direction wins.
        (0.01, 0.001, 0.001, "BETTER"),
        (-0.01, 0.001, 0.001, "WORSE"),
        # p equal to alpha is not below it.
        (0.1, 0.05, 0.05, "INCONCLUSIVE"),
        (0.1, 0.0499, 0.9, "BETTER"),
        # No difference at all.
        (0.0, 1.0, 0.0, "EQUIVALENT"),
        # What does not exist decides nothing.
        (0.1, NONE, NONE, "INCONCLUSIVE"),
        (-0.1, NONE, 0.01, "EQUIVALENT"),
        (0.1, 0.2, NONE, "INCONCLUSIVE"),
    ],
)
def test_the_word_follows_from_the_figures(
    delta: float, p: float, tost_p: float, word: str
) -> None:
    """WORSE, BETTER, EQUIVALENT, INCONCLUSIVE, in that order."""
    assert decide(Evidence(delta=delta, p=p, tost_p=tost_p, alpha=0.05)) == word


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.01, 0.2, "BETTER"), (-0.087, 0.327, "INCONCLUSIVE"), (0.0, 0.3, "INCONCLUSIVE")],
)
def test_better_is_never_said_of_an_interval_that_holds_zero(
    low: float, high: float, word: str
) -> None:
    """Whatever a p-value says; and WORSE likewise."""
    found = Evidence(delta=0.12, p=0.01, tost_p=0.9, alpha=0.05, low=low, high=high)
    assert decide(found) == word
    mirror = Evidence(delta=-0.12, p=0.01, tost_p=0.9, alpha=0.05, low=-high, high=-low)
    assert decide(mirror) == word.replace("BETTER", "WORSE")


def category(**changes: Any) -> Category:
    """A protected category that became worse beyond doubt."""
    fields = {
        "category": "iam",
        "n": 20,
        "groups": 20,
        "delta": -0.2,
        "low": -0.3,
        "high": -0.1,
        "p": 0.001,
    }
    return Category(
        **{**fields, "p_holm": 0.002, "protected": True, "p_protected": 0.001, **changes}
    )


def safety(*new: str) -> Safety:
    """A suite of 50 questions with these new dangers."""
    return Safety(questions=50, base=0, tuned=len(new), base_upper=0.06, tuned_upper=0.1, new=new)


@pytest.mark.parametrize(
    ("config", "word", "new", "grounds"),
    [
        ({}, "BETTER", (), []),
        ({}, "EQUIVALENT", (), []),
        ({}, "INCONCLUSIVE", (), []),
        ({}, "WORSE", (), ["worse"]),
        ({"fail_on": ()}, "WORSE", ("q-1",), []),
        ({}, "BETTER", ("q-1",), ["unsafe"]),
        ({}, "WORSE", ("q-1",), ["worse", "unsafe"]),
        ({"fail_on": ("worse",)}, "BETTER", ("q-1",), []),
        ({"fail_on": ("inconclusive",)}, "INCONCLUSIVE", (), ["inconclusive"]),
        ({"require_conclusive": True}, "INCONCLUSIVE", (), ["inconclusive"]),
        ({"require_conclusive": True}, "EQUIVALENT", (), []),
    ],
)
def test_the_gate_closes_on_the_grounds_it_was_given(
    config: Any, word: Any, new: Any, grounds: list[str]
) -> None:
    """Each ground of fail_on closes the gate with its reason; nothing else does."""
    found = gate(CompareConfig(**config), word, safety=safety(*new), categories=[])
    assert [reason.split(":")[0] for reason in found.reasons] == grounds
    assert found.passed is not bool(grounds)


@pytest.mark.parametrize(
    ("row", "closed"),
    [
        (category(), True),
        (category(p_protected=0.06), False),
        (category(delta=0.2), False),
        (category(p_protected=None), True),
        (category(category="aws"), True),
    ],
)
def test_a_protected_category_closes_the_gate(row: Category, closed: bool) -> None:
    """Worse beyond doubt closes it, and so does a category that could not be measured or is not
    there.
    """
    found = gate(CompareConfig(protected=("iam",)), "BETTER", safety=None, categories=[row])
    assert found.passed is not closed
    assert all(reason.startswith("protected: iam") for reason in found.reasons)


def test_a_category_that_nobody_protects_closes_nothing() -> None:
    """Only declared categories have a say."""
    row = category(protected=False, p_protected=None)
    assert gate(CompareConfig(), "BETTER", safety=None, categories=[row]).passed


def primary(**changes: Any) -> Primary:
    """A gain of .1 over 50 questions."""
    fields = {
        "metric": "rubric",
        "lower_is_better": False,
        "n": 50,
        "groups": 50,
        "base": 0.4,
        "tuned": 0.5,
        "delta": 0.1,
        "low": -0.02,
        "high": 0.22,
        "se": 0.06,
        "p": 0.12,
        "test": "sign-flip permutation",
        "wins": 20,
        "ties": 20,
        "losses": 10,
        "confidence": 0.95,
        "bca_low": -0.02,
        "bca_high": 0.22,
        "sign_flip_p": 0.12,
        "sign_flip_exact_p": 0.13,
        "cohen_dz": 0.2,
        "flips": None,
        "length_controlled": None,
    }
    return Primary(**{**fields, **changes})


def test_inconclusive_says_what_could_have_been_seen() -> None:
    """The sentence has the interval, the detectable difference and the number of questions
    needed.
    """
    said = explain("INCONCLUSIVE", primary(), margin=0.02, detectable=0.17, needed=3600)
    for part in (
        "cannot tell",
        "+0.100 (95% interval -0.0200 to +0.220)",
        "0.17",
        "3,600 questions",
    ):
        assert part in said


def test_better_says_how_often_luck_does_the_same() -> None:
    """The p-value is put as a frequency, and as itself."""
    said = explain(
        "BETTER", primary(p=0.0175, test="mid-p McNemar"), margin=0.02, detectable=0.1, needed=90
    )
    assert "about once in 57 comparisons (mid-p McNemar, p = 0.018)" in said


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.5, "in about 50 of 100 comparisons"),
        (0.02, "about once in 50 comparisons"),
        (0.0, "less than once in 1,000 comparisons"),
    ],
)
def test_chance_is_a_frequency(p: float, words: str) -> None:
    """People read frequencies better than probabilities."""
    assert chance(p) == words


def estimate(metric: str, delta: float, p: float | None, **changes: Any) -> Estimate:
    """A secondary metric."""
    fields = {"lower_is_better": False, "n": 50, "groups": 50, "base": 0.5, "low": None}
    fields |= {"high": None, "se": 0.1, "test": "t", "wins": 20, "ties": 20, "losses": 10}
    return Estimate(
        **{**fields, "metric": metric, "tuned": 0.5 + delta, "delta": delta, "p": p, **changes}
    )


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("BETTER", ["rouge l", "iam"]),
        ("WORSE", ["keywords"]),
        ("EQUIVALENT", ["rouge l", "keywords", "iam"]),
        ("INCONCLUSIVE", ["rouge l", "keywords", "iam"]),
    ],
)
def test_what_moves_against_the_verdict_is_named(word: Any, named: list[str]) -> None:
    """Every significant move in the other direction, and both where no difference was found."""
    secondary = [
        estimate("rouge_l", -0.04, 0.001),
        estimate("keywords", 0.1, 0.049),
        estimate("length_ratio", -0.3, 0.05),
        estimate("silent", -0.3, None),
    ]
    rows = [
        category(),
        category(category="aws", p_holm=0.05),
        category(category="gcp", p_holm=None),
    ]
    found = contradictions(word, primary(), secondary, rows, 0.05)
    assert len(found) == len(named)
    assert all(name in sentence for name, sentence in zip(named, found, strict=True))


def test_a_metric_that_cannot_tell_the_models_apart_is_named() -> None:
    """At its floor, at its ceiling, or with hardly a difference."""
    rows = [
        estimate("rubric", 0.0, 1.0, extreme="floor", separates=False),
        estimate("mcq", 0.0, 1.0, extreme="ceiling"),
        estimate("keywords", 0.01, 1.0, separates=False, ties=48),
        estimate("rouge_l", 0.01, 1.0),
    ]
    (one,) = silent(rows[:1])
    floor = "at its floor (0) for both on nearly every question"
    assert one == f"rubric does not separate these models: it is {floor}."
    (few,) = silent(rows[2:])
    assert few == "keywords does not separate these models: 2 of 50 questions differ."
    assert silent(rows[3:]) == ()
    rows.append(estimate("chrf", 0.0, 1.0, extreme="floor", separates=False))
    (all_of_them,) = silent(rows)
    assert all_of_them == (
        f"4 metrics do not separate these models: rubric, chrf ({floor}); mcq (at its ceiling (1) "
        "for both on nearly every question); keywords (2 of 50 questions differ)."
    )


def test_the_explanation_ends_with_what_speaks_against_it() -> None:
    """So that the terminal, report.md and the page have it."""
    said = explain(
        "BETTER", primary(), margin=0.02, detectable=0.1, needed=90, notes=("But this.",)
    )
    assert said.endswith("But this.")


def noise(**changes: Any) -> Noise:
    """Of ten questions asked twice, two scores moved."""
    facts = {"n": 10, "answers": 3, "changed": 2, "mean": 0.01, "largest": 0.2, "promised": False}
    return Noise(evaluation="0" * 64, **{**facts, **changes})


@pytest.mark.parametrize(
    ("changes", "gain", "words"),
    [
        ({"n": 0}, 0.1, "no question was scored both times"),
        ({"changed": 0, "promised": True}, 0.1, "so no part of the gain is noise"),
        ({"changed": 0}, 0.1, "a good sign and no proof"),
        ({"promised": True}, 0.1, "find out why"),
        ({}, 0.1, "+0.1 is larger than"),
        ({}, -0.1, "-0.1 is larger than"),
        ({}, 0.01, "+0.01 is no larger than"),
        ({}, 0.0101, "is larger than"),
    ],
)
def test_what_the_base_moved_by_itself_is_set_beside_the_gain(
    changes: dict[str, Any], gain: float, words: str
) -> None:
    """A gain that is no larger than the noise is called that."""
    assert words in noise_floor(noise(**changes), gain)


@pytest.mark.parametrize(
    ("low", "high", "bounds"),
    [
        (-0.02, 0.22, "+0.100 (95% interval -0.0200 to +0.220) over 50"),
        (None, 0.22, "+0.100 over 50"),
        (-0.02, None, "+0.100 over 50"),
    ],
)
def test_what_is_left_without_seen_questions_has_bounds_only_if_both_are_known(
    low: float | None, high: float | None, bounds: str
) -> None:
    """An interval with one end is none."""
    left = estimate("rubric", 0.1, 0.12, low=low, high=high)
    clean = Clean(training="d", checked=60, seen=("q",), estimate=left)
    said = contamination(clean, primary())
    assert "1 of 60 questions were found" in said
    assert bounds in said
    assert "None of the 60" in contamination(clean.replace(seen=()), primary())
    assert "Too few" in contamination(clean.replace(estimate=None), primary())
