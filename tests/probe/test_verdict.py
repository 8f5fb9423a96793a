"""What a look means: the order of the words, each at its edge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secarch.probe.verdict import ALARMS, WORDS, Look, decide

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
