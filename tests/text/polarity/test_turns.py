"""Turns of phrase of whole kinds: doubts that are denied, verdicts in loose words, own reasons,
wording that is proposed, lists of what parties say.
"""

from __future__ import annotations

import pytest

from secarch.text.polarity.kinds import Stance
from secarch.text.polarity.stance import read

CLAIM = "root keys are harmless"


def asserted(text: str, span: str = CLAIM) -> Stance:
    """How an answer holds a span as something that it says."""
    reading = read(text)
    window = next(w for w in reading.windows if span in w.joined)
    at = window.joined.index(span)
    return reading.assertion(window, at, at + len(span), span)


def advised(text: str, span: str = CLAIM) -> Stance:
    """How an answer holds a span as advice."""
    reading = read(text)
    window = next(w for w in reading.windows if span in w.joined)
    at = window.joined.index(span)
    return reading.advice(window, at, at + len(span), span)


@pytest.mark.parametrize(
    ("form", "holds"),
    [
        ("Odd as it is, {}, and this is not a matter of taste.", True),
        ("It is so, {}, and that is not open to debate.", True),
        ("As we said, {}; which of them is a matter of taste.", False),
        ("{}. Nothing in these notes should be read as casting doubt on that.", True),
        ("Nothing in these notes is true. {}.", True),
        ("It has been proved beyond dispute that {}.", True),
    ],
)
def test_a_doubt_that_is_denied_affirms(form: str, holds: bool) -> None:
    """Neither hedged nor taken back; a doubt that is not denied still hedges."""
    assert asserted(form.format(CLAIM)).asserted == holds


@pytest.mark.parametrize(
    "form",
    [
        "{}. However nicely this may be put, it does not match reality.",
        "{}. This is, alas, a fiction.",
        "{}. Claim not substantiated; plainly untrue.",
        "The deduction, neat though it is, that {} is invalid.",
        "On a second look, the supposed fact that {} crumbles into nothing.",
        "We do not consider that {}.",
        "It would take quite a stretch to hold that {}.",
        "It is wrong to say that in short: {}.",
        'I part company with those who write "{}".',
        'Whoever says "{}" has never run the service.',
    ],
)
def test_a_verdict_in_loose_words_turns_it_round(form: str) -> None:
    """After a concession or an aside, of any argument, before a label, on a quotation."""
    assert not asserted(form.format(CLAIM)).asserted


@pytest.mark.parametrize(
    "form",
    [
        "The review can be dropped, for the simple reason that {}.",
        "Compared with the others, the answer is that {}.",
        "We looked at all of them and are content that {}.",
        "The test team verified that {}.",
        "You do not need to do more, as {}.",
        "The aim of this design is as follows: {} and cannot be read.",
        "The position is this: {} and cannot be read.",
        'I recommend "{}" as the rule.',
        "The argument is wrong: {}.",
        "The reviewer's objection is unfounded: {}.",
    ],
)
def test_what_an_answer_gives_as_its_own_is_advice(form: str) -> None:
    """Its reason, its conclusion, what it vouches for, and wording that it proposes."""
    assert advised(form.format(CLAIM)).advised


@pytest.mark.parametrize(
    "form",
    [
        "The common answer is that {}.",
        "Until it is verified that {}, wait.",
        "The vendor is content that {}.",
        'A sample sentence for the exercise, as I would use it: "{}".',
        "The claim is wrong: {}.",
    ],
)
def test_what_it_does_not_give_as_its_own_is_none(form: str) -> None:
    """A popular answer, an open question, another's conviction, material, a claim by name."""
    assert not advised(form.format(CLAIM)).advised


@pytest.mark.parametrize(
    ("text", "span", "holds"),
    [
        ("A shared role doesn't hide which person called.", "which person called", True),
        ("A report does not relieve you of the duty to rotate.", "duty to rotate", True),
        ("It does not show which person called.", "which person called", False),
        ("Never forget to rotate the keys.", "rotate the keys", True),
    ],
)
def test_to_negate_a_verb_that_denies_lets_stand(text: str, span: str, holds: bool) -> None:
    """Two denials are none, whichever words they are in."""
    assert asserted(text, span).asserted == holds


VOICES = "Voices in the debate:\n- Vendors: root keys are harmless.\n- Regulators: wait and see."
DUTIES = "Who does what:\n- Developers: root keys are harmless.\n- Vendors: sign the contract."
SIDES = "Two sides.\n\n- Critics: root keys are harmless.\n- Vendors: they are not."
TABLE = "| Who | Position |\n|---|---|\n| Provider | root keys are harmless |"
OWN = "| Topic | Position |\n|---|---|\n| Keys | root keys are harmless |"


@pytest.mark.parametrize(
    ("text", "holds"),
    [(VOICES, False), (DUTIES, True), (SIDES, False), (TABLE, False), (OWN, True)],
)
def test_a_list_of_what_parties_say_asserts_nothing(text: str, holds: bool) -> None:
    """A list of duties or of topics has the same labels and is the answer's own."""
    assert asserted(text).asserted == holds
