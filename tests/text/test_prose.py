"""Small forms of sentences."""

from __future__ import annotations

import pytest

from secarch.text.prose import named


@pytest.mark.parametrize(
    ("names", "most", "text"),
    [
        ([], 5, ""),
        (["a"], 5, "a"),
        (list("abcde"), 5, "a, b, c, d, e"),
        (list("abcdef"), 5, "a, b, c, d, e and 1 more"),
        (list("abc"), 1, "a and 2 more"),
    ],
)
def test_names_are_counted_from_where_they_are_too_many(
    names: list[str], most: int, text: str
) -> None:
    """As many as may be named are named."""
    assert named(names, most) == text
