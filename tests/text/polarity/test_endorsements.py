"""Quotations and reports that the author takes over."""

from __future__ import annotations

import pytest

from secarch.text.polarity.endorsements import confirms, endorses
from secarch.text.polarity.stance import read

CLAIM = "root keys are harmless"


def advised(text: str) -> bool:
    """Whether an answer advises the claim."""
    reading = read(text)
    window = next(w for w in reading.windows if CLAIM in w.joined)
    at = window.joined.index(CLAIM)
    return reading.advice(window, at, at + len(CLAIM), CLAIM).advised


QUOTE = f'"{CLAIM} in all accounts."'


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("The auditor wrote {} and I can only agree.", True),
        ("The auditor wrote {} and I cannot agree.", False),
        ("{} is what I would sign today.", True),
        ("{} is what nobody would sign today.", False),
        ("Take {} as our answer.", True),
        ("The rule in this house is {}.", True),
        ("{} sums it up nicely.", True),
        ("{} hits the nail on the head, and I could not put it better.", True),
        ("Ignore the noise and stick to the rule {}.", True),
        ("Ignore the rule {}.", False),
        ("The maxim here is {}, and it has never let us down.", True),
        ("The old leaflet said {} and left it at that.", False),
        ("The old leaflet said {}. It was right.", True),
        ("The old leaflet said {}. It was wrong.", False),
    ],
)
def test_quotations_that_are_taken_over(text: str, holds: bool) -> None:
    """A quotation is the author's word where the words beside it say so."""
    assert advised(text.format(QUOTE)) is holds


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("You were thinking that {}. Your instinct is right.", True),
        ("You were thinking that {}. Your instinct is wrong.", False),
        ("You were thinking that {}.", False),
        ("The intern suspected that {}. Good guess.", True),
        ("Is it so that {}? Yes.", True),
        ("Is it so that {}? No.", False),
    ],
)
def test_reports_that_the_next_sentence_confirms(text: str, holds: bool) -> None:
    """So is a question that is answered with yes."""
    assert advised(text.format(CLAIM)) is holds


def test_denied_agreement_endorses_nothing() -> None:
    """Nor does agreement under a condition or with somebody else."""
    assert endorses("the auditor wrote ", " and so do i.")
    assert not endorses("the auditor wrote ", " but so do not i.")
    assert not endorses("whether ", " is our policy is open.")
    assert confirms("that is quite right.")
    assert not confirms("that is right only if the vendor is wrong.")
    assert not confirms("that is not right.")
