"""Which option an answer leans to without announcing it, and when it leans to none."""

from __future__ import annotations

import pytest

from secarch.evaluate.ask.leaning import leaning


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("my money is on c.", 2),
        ("d is the stronger one. both a and d fail in the second account.", None),
        ("b looks best. b is wrong after all, since it lacks the key.", None),
        ("b looks best. b is wrong after all. c holds up.", 2),
        ("a is too broad, b is unsafe, d misses the key; c is what remains.", 2),
        ("my money is on d.", None),
    ],
)
def test_what_is_dropped_later_is_no_choice(text: str, place: int | None) -> None:
    """Alone or among others; a letter beyond the options is none (three in the last)."""
    assert leaning(text, 3 if text == "my money is on d." else 4) == place
