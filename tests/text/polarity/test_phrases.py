"""Which runs of words stand where around a span."""

from __future__ import annotations

import pytest

from secarch.text.polarity.phrases import MOST, PLACES, phrases, runs
from secarch.text.polarity.setting import REACH


def test_runs_have_up_to_three_words_and_know_the_first() -> None:
    """The first of a text begin with a mark, which alone is none."""
    ones, twos, threes = "it is so .", "^ it/it is/is so/so .", "^ it is/it is so/is so ."
    assert runs("It is so.") == {*ones.split(), *twos.split("/"), *threes.split("/")}
    assert runs("") == frozenset()


def test_marks_numbers_and_contractions_are_words() -> None:
    """What else stands between them is left out."""
    assert {"didn't", "?", "42", "didn't ?", "? 42"} <= runs("Didn't? @ 42")
    assert "@" not in runs("@")


def test_no_more_words_are_read_than_asked() -> None:
    """Which bounds the work for long sentences."""
    text = " ".join(f"w{'x' * n}" for n in range(MOST + 2))
    assert f"w{'x' * (MOST - 1)}" in runs(text)
    assert f"w{'x' * MOST}" not in runs(text)
    assert MOST > REACH


@pytest.mark.parametrize(
    ("place", "letters"),
    [
        ("before", "B"),
        ("after", "AR"),
        ("next", "NR"),
        ("later", "LR"),
        ("across", "XR"),
        ("title", "TU"),
        ("lead", "DU"),
        ("previous", "PU"),
        ("column", "KU"),
        ("cells", "C"),
        ("quote", "Q"),
    ],
)
def test_a_run_is_named_by_its_place(place: str, letters: str) -> None:
    """And by the wider place that holds it."""
    assert place in PLACES
    assert {name for name in phrases({place: "no"}) if name.endswith("|no")} == {
        f"{letter}|no" for letter in letters
    }
