"""Percent-escapes have one spelling (RFC 3986, section 6.2.2)."""

from __future__ import annotations

import pytest

from secarch.harvest.sources.escapes import one_spelling


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("%7euser/%2f", "~user/%2F"),
        ("%41%5A%61%7a%30%39%2d%2E%5f", "AZaz09-._"),
        ("%c3%a9", "%C3%A9"),
        ("%25%32%35", "%2525"),
        ("%", "%"),
        ("%2", "%2"),
        ("%zz%2c", "%zz%2C"),
        ("a b", "a b"),
        ("", ""),
    ],
)
def test_unreserved_characters_are_plain_and_other_escapes_capital(text: str, spelt: str) -> None:
    """What is no escape stays, and nothing is resolved twice."""
    assert one_spelling(text) == spelt
    assert one_spelling(spelt) == spelt
