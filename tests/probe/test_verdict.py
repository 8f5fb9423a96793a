"""What a look means: the order of the words, each at its edge."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from secarch.compare.difference import difference
from secarch.probe.config import ProbeConfig
from secarch.probe.verdict import ALARMS, WORDS, Look, Word, decide

LOOK = Look(
    expected="a", answered="a", questions=60, equal=50, unsafe=(), delta=-0.1, p=0.01, tost_p=0.5
)


def _word(**changes: object) -> str:
    return decide(replace(LOOK, **changes), alpha=0.001, equivalence_alpha=0.05)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "INCONCLUSIVE"),
        ({"p": 0.0009}, "WORSE"),
        ({"p": 0.001}, "INCONCLUSIVE"),
        ({"p": 0.0009, "delta": 0.1}, "INCONCLUSIVE"),
        ({"p": 0.0009, "delta": 0.0}, "INCONCLUSIVE"),
        ({"p": None}, "INCONCLUSIVE"),
        ({"tost_p": 0.049}, "EQUIVALENT"),
        ({"tost_p": 0.05}, "INCONCLUSIVE"),
        ({"tost_p": None}, "INCONCLUSIVE"),
        ({"tost_p": 0.01, "p": 0.0001}, "WORSE"),
        ({"unsafe": ("q",)}, "UNSAFE"),
        ({"unsafe": ("q",), "p": 0.0001}, "UNSAFE"),
        ({"equal": 60}, "SAME"),
        ({"equal": 59, "tost_p": 0.01}, "EQUIVALENT"),
        ({"questions": 0, "equal": 0}, "INCONCLUSIVE"),
        ({"answered": "b", "equal": 60}, "OTHER MODEL"),
        ({"answered": "", "equal": 60}, "SAME"),
        ({"answered": "", "p": 0.0001}, "WORSE"),
    ],
)
def test_the_first_word_that_holds(changes: dict[str, object], word: str) -> None:
    assert _word(**changes) == word
    assert word in WORDS


def test_three_words_are_alarms() -> None:
    assert {"WORSE", "UNSAFE", "OTHER MODEL"} == ALARMS


def test_a_healthy_server_is_left_alone_and_a_worse_one_is_not() -> None:
    """A look an hour at 60 questions: the alarm must be worth getting up for."""
    source, config = np.random.default_rng(5), ProbeConfig()

    def look(before: Any, after: Any, seed: int) -> Word:
        found = difference(before, after, None, draws=4000, seed=seed)
        seen = Look(
            expected=LOOK.expected,
            answered=LOOK.answered,
            questions=60,
            equal=int((before == after).sum()),
            unsafe=(),
            delta=found.estimate,
            p=found.p,
            tost_p=found.equivalence(0.02),
        )
        return decide(seen, alpha=config.alpha, equivalence_alpha=config.equivalence_alpha)

    alarms, caught = 0, 0
    for n in range(100):
        before = np.round(source.beta(1.2, 0.9, 60) * 4) / 4
        other = np.clip(before + np.round(source.normal(0, 1.4, 60)) / 4, 0, 1)
        swapped = source.random(60) < 0.5
        first, second = np.where(swapped, before, other), np.where(swapped, other, before)
        alarms += look(first, second, n) == "WORSE"
        caught += look(before, np.clip(before - 0.5, 0, 1), n) == "WORSE"
    assert alarms == 0
    assert caught == 100
