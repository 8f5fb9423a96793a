"""Words before a colon: which turn round what follows, which insist on it, and whose word it is."""

from __future__ import annotations

import pytest

from secarch.text.polarity.labels import conceded, contradicts, own, turn
from secarch.text.polarity.scopes import scopes
from secarch.text.polarity.stance import read
from secarch.text.polarity.struck import strikes
from secarch.text.polarity.verdicts import takes_back

SAID = "the access key can stay"


def advised(text: str) -> bool:
    """Whether an answer advises what it says of the access key."""
    reading = read(text)
    window = next(w for w in reading.windows if SAID in w.joined)
    start = window.joined.index(SAID)
    return reading.advice(window, start, start + len(SAID)).advised


@pytest.mark.parametrize(
    "label",
    [
        "you can live without this",
        "struck from the plan as of today",
        "a waste of effort, in my view",
        "the old rule required this, the new one does not",
        "nothing is gained by the following",
        "one thing you can leave out",
        "not worth the trouble",
        "optional, can be dropped",
        "wrong because it is unsafe",
        "strike this, since it is outdated",
    ],
)
def test_a_label_that_denies_turns_what_follows(label: str) -> None:
    """It names nothing itself, or points ahead."""
    assert turn(label)[0] is True
    assert not advised(f"Here is the plan. {label.capitalize()}: {SAID}.")


@pytest.mark.parametrize(
    "label",
    ["nothing about this is optional", "no excuses", "do not skip this", "the critics are wrong"],
)
def test_two_denials_leave_it_as_it_is(label: str) -> None:
    """Each word that denies turns it once, and so does a negation."""
    assert turn(label)[0] is False


@pytest.mark.parametrize(
    "label",
    [
        "no rotation",
        "tls is not enough",
        "scanning the image does not find this",
        "what many teams forget",
        "leave out",
        "not that policy",
        "this is not enough",
        "why it matters",
        "an often overlooked point",
    ],
)
def test_a_label_with_a_subject_of_its_own_says_nothing_of_what_follows(label: str) -> None:
    """The colon gives a reason, or what is named."""
    assert turn(label)[0] is None


@pytest.mark.parametrize(
    "text",
    [
        "As the product owner sees it, {}.",
        "If we go by the sales deck, {}.",
        "Opinions so far. Team A: {}. Team B: too early to say.",
        "{}. That is the vendor speaking.",
        "{}. Not on my watch.",
    ],
)
def test_the_word_of_others_is_not_advice(text: str) -> None:
    """Named before, after, or as the speaker of a line among others."""
    assert not advised(f"Here is the plan.\n\n{text.format(SAID)}")


@pytest.mark.parametrize(
    "text",
    [
        "If I were in your shoes, I would say so plainly: {}.",
        "We have tested it for years and can say with confidence that {}.",
        "Whatever your colleagues say, {}.",
        "What I would tell the board: {}.",
        "My verdict: {}.",
    ],
)
def test_the_word_of_the_answer_is_advice(text: str) -> None:
    """What others say is only set aside, or the label is in the first person."""
    assert advised(text.format(SAID))


def test_a_former_view_is_not_the_answers_own() -> None:
    """A label in the first person may speak of the past."""
    assert own("what we do from monday on")
    assert not own("what we were told")
    assert not own("the old recommendation")


def test_what_is_set_aside_ends_at_the_comma() -> None:
    """Its cues are not those of the sentence."""
    text = "whatever the vendor claims, the key goes"
    assert text[conceded(text) :] == "the key goes"
    assert not [scope for scope in scopes(text) if scope.kind == "attributed"]
    assert not conceded("the vendor claims that the key goes")


def test_a_remark_on_whose_word_it_was_takes_it_back() -> None:
    """And a sentence that goes on about a party does not."""
    assert takes_back("that is the vendor speaking, not me.")
    assert takes_back("not in this company.")
    assert not takes_back("the vendor's position is that keys expire.")
    assert not takes_back("not in the image but in the vault.")


@pytest.mark.parametrize("mark", ["\u2705 ", "\u27a1\ufe0f ", "**TL;DR** ", "- \u2714 "])
def test_a_tick_or_an_arrow_before_a_sentence_is_no_word_of_it(mark: str) -> None:
    """Patterns that begin with the sentence find it; a cross stays, since it denies."""
    assert read(f"{mark}Keep the key.").windows[0].text == "keep the key."
    assert read("\u274c Keep the key.").windows[0].text == "\u274c keep the key."


@pytest.mark.parametrize(
    ("label", "struck"),
    [
        ("Negate this sentence and you have our policy", True),
        ("Put a thick line through this line in your copy", True),
        ("We looked at the following statement and reject it", True),
        ("The faulty sentence of the list was this one", True),
        ("What you should not take home is the following", True),
        ("An example of what you must never write", True),
        ("Short, catchy and wrong", True),
        ("Never delete this sentence", False),
        ("What you must not forget", False),
        ("It is short and wrong", False),
        ("Copy this sentence", False),
    ],
)
def test_labels_that_strike_out_the_text_that_they_name(label: str, struck: bool) -> None:
    """However many other things they name."""
    assert bool(strikes(label.lower())) is struck


@pytest.mark.parametrize(
    ("label", "is_own"),
    [
        ("Go by this", True),
        ("Every newcomer hears it from me", True),
        ("What the desk has learnt fits in one sentence", True),
        ("Do not go by this", False),
    ],
)
def test_labels_by_which_one_speaks_for_oneself(label: str, is_own: bool) -> None:
    """They ask to go by what follows, or say that one says it."""
    assert own(label.lower()) is is_own


def test_an_answer_under_a_heading_of_myths_is_none() -> None:
    """It begins with its own denial of what was said before."""
    assert contradicts("it is not: the key is short-lived.")
    assert contradicts("in fact, the key is short-lived.")
    assert not contradicts("it is not enough to rotate the key.")
