"""Powers are written with a circumflex, marks of footnotes and ordinals are not."""

from __future__ import annotations

import pytest

from secarch.harvest.extract import markup
from secarch.harvest.extract.superscripts import raise_exponents


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2<sup>128</sup> keys", "2^128 keys"),
        ("10<sup>\u22126</sup>", "10^\u22126"),
        ("x<sup>n+1</sup>", "x^(n+1)"),
        ("(a+b)<sup>2</sup>", "(a+b)^2"),
        ("km<sup>2</sup>", "km^2"),
        ("as shown<sup>3</sup>.", "as shown."),
        ("cited<sup>[4]</sup>.", "cited."),
        ("cited<sup><a href=#f>5</a></sup>.", "cited."),
        ("cited<sup class=footnote-ref>x</sup>.", "cited."),
        ("the 4<sup>th</sup> key", "the 4th key"),
        ("Azure<sup>TM</sup>", "AzureTM"),
        ("<sup>2</sup> above", "2 above"),
    ],
)
def test_what_is_raised_is_told_apart(written: str, read: str) -> None:
    """By what stands before it and by what it is."""
    main = markup.parse(f"<html><body><p>{written}</p></body></html>").find(".//p")
    raise_exponents(main)
    assert main.text_content() == read
