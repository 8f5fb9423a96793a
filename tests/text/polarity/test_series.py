"""A ban on several things: what it denies over its commas, and where it ends."""

from __future__ import annotations

import pytest

from secarch.text.polarity.series import ban
from secarch.text.polarity.stance import read

LAST = "bake it into the image"


def advised(text: str) -> bool:
    """Whether the answer advises to bake it."""
    reading = read(text)
    window = next(one for one in reading.windows if "bake" in one.joined)
    start = window.joined.index("bake")
    return reading.advice(window, start, start + len(LAST), r"\bbake\w* it into").advised


@pytest.mark.parametrize(
    "text",
    [
        f"Never echo the value, put it in a build argument or {LAST}.",
        f"The pipeline must not print it, write it to a file, copy it to a wiki or {LAST}.",
        f"Mount it at run time. Don't mail it, log it, or even {LAST}.",
        f"You shouldn't pass it on, nor keep it in the repository, or {LAST}.",
    ],
)
def test_a_ban_holds_for_each_of_its_series(text: str) -> None:
    """`or` joins what stands under one negator."""
    assert not advised(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Mount it, pass it by the environment or {LAST}.",
        f"Do not mail it, but mount it or {LAST}.",
        f"Do not mail it, we mount it or {LAST}.",
        f"Never mail it, and mount it or {LAST}.",
        f"If you cannot mount it, pass it on or {LAST}.",
        f"That is not enough, mount it or {LAST}.",
        f"You do not need a vault, mount it or {LAST}.",
        f"Do not mail it. Mount it, or {LAST}.",
    ],
)
def test_what_stands_beside_a_ban_is_advised(text: str) -> None:
    """A clause of its own, a condition, a fact and a new sentence end it."""
    assert advised(text)


def test_the_place_of_a_ban() -> None:
    """It is where its words begin."""
    text = f"mount it. never echo it, log it or {LAST}."
    assert ban(text, text.index("bake")) == (text.index("never"), "never")
    assert ban(text, text.index("log")) == (-1, "")
