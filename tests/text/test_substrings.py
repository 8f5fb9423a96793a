"""No string that is in a text is ever missed."""

from __future__ import annotations

import random

import pytest

from secarch.text.substrings import SHORT, Substrings

GROUPS = [("AKIA", "ASIA"), ("ghp_",), ("@", "::"), ("cl\u00e9",), ("-----BEGIN",), ("xq", "zzzz")]


def test_strings_that_are_there_are_likely_and_most_others_are_not() -> None:
    """Of any length, outside ASCII, at the beginning and at the end of a long text."""
    known = Substrings(GROUPS)
    plain = "the quick brown fox jumps over the lazy dog, " * (SHORT // 40)
    for number, group in enumerate(GROUPS):
        for string in group:
            for text in (f"{string} {plain}", f"{plain} {string}", f"{plain}{string}{plain}"):
                assert known.likely(text)[number], string
    # Those with a string of fewer than three bytes are always looked for.
    assert known.likely(plain).tolist() == [False, False, True, False, False, True]


def test_random_strings_of_a_text_are_likely() -> None:
    """By the thousand."""
    rng = random.Random(3)
    text = "".join(chr(rng.choice([*range(32, 127), 0xE9, 0x4E2D, 0x1F512])) for _ in range(9_000))
    at = [rng.randrange(len(text) - 12) for _ in range(1_000)]
    assert Substrings([(text[i : i + rng.randint(1, 12)],) for i in at]).likely(text).all()


@pytest.mark.parametrize("text", ["", "x" * (SHORT - 1), "\ud800" * SHORT])
def test_texts_of_every_length_are_taken(text: str) -> None:
    """A short one is left to the caller, broken characters are no error."""
    assert Substrings([("abc",)]).likely(text).all() == (len(text) < SHORT)
    assert Substrings([]).likely(text).tolist() == []
