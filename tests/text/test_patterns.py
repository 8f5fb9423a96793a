"""Patterns from a file are taken only where they cannot hang the program."""

from __future__ import annotations

import pytest

from secarch.text.patterns import bounded


@pytest.mark.parametrize(
    "pattern", ["(a |b )*c", r"(?:x|\w)*y", "(foo|bar)+", "a*b*", r"(\w+ ){0,5}x", "(?<!a)b(?=c+)"]
)
def test_what_is_linear_or_polynomial_is_taken(pattern: str) -> None:
    """Alternatives that are told apart by their first letter cannot be tried in many ways."""
    assert bounded(pattern) == pattern


@pytest.mark.parametrize(
    "pattern", [r"(\w+ )*x", "(a+)+", "(a|aa)*b", "(a*)*", "((a|b)+ )*", "(ab|a|b)+x", "(?=(a+)+)b"]
)
def test_what_can_explode_is_refused(pattern: str) -> None:
    """With the way out."""
    with pytest.raises(ValueError, match="exponential"):
        bounded(pattern)


@pytest.mark.parametrize(
    "pattern", ["(", "a{99999999999}", "[z-a]", "a" * 601, "(" * 300 + ")" * 300 + "("]
)
def test_what_is_malformed_or_too_long_is_refused(pattern: str) -> None:
    """As a ValueError, whatever the compiler raises."""
    with pytest.raises(ValueError, match=r"no regular expression|characters"):
        bounded(pattern)
