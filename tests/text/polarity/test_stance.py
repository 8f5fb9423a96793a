"""What is put forward, and what is denied, reported, supposed, guarded against or left open."""

from __future__ import annotations

import re

import pytest

from secarch.text.polarity.kinds import Stance
from secarch.text.polarity.stance import read

BAD = r"(?:make|making|makes|made|share)\b.{0,40}\bbucket\b.{0,20}\bpublic"
GOOD = r"rotate the keys"


def _advice(answer: str, given: str = "", pattern: str = BAD) -> Stance | None:
    reading = read(answer, given)
    for window in reading.windows:
        if found := re.search(pattern, window.joined):
            return reading.advice(window, found.start(), found.end(), pattern)
    return None


def _assertion(answer: str) -> Stance | None:
    reading = read(answer)
    for window in reading.windows:
        if found := re.search(GOOD, window.joined):
            return reading.assertion(window, found.start(), found.end(), GOOD)
    return None


@pytest.mark.parametrize(
    "answer",
    [
        "Make the bucket public.",
        "You could make the bucket public, or leave it.",
        "I recommend that you make the bucket public.",
        "- Make the bucket public and go home.",
        "| Step | What |\n|---|---|\n| 1 | make the bucket public |",
        "## Fix\n\nMake the bucket public.",
        "Do not worry. Make the bucket public.",
        "Write this:\n\n> Make the bucket public.",
        "If the partners complain, make the bucket public.",
        "The developers are right that you can make the bucket public.",
        "Microsoft recommends that you make the bucket public.",
        "None of this is hard. Make the bucket public.",
        "Replace your current policy and make the bucket public.",
    ],
)
def test_advice_is_advised(answer: str) -> None:
    """Plain, in a list, under a condition that holds, or on an authority's word."""
    stance = _advice(answer)
    assert stance is not None
    assert stance.advised, stance


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("It is a myth that you can make the bucket public.", "denied"),
        ("Make the bucket public, but that is a mistake.", "denied"),
        ("Make the bucket public. That is wrong.", "denied"),
        ("Myth: make the bucket public.", "denied"),
        ("## Common mistakes\n\n- Make the bucket public.", "denied"),
        ("Never do any of the following:\n\n- Make the bucket public.", "denied"),
        ("| Option | Verdict |\n|---|---|\n| Make the bucket public | rejected |", "denied"),
        ("| Myth | Truth |\n|---|---|\n| Make the bucket public | keep it closed |", "denied"),
        ("- \u274c Make the bucket public", "denied"),
        ("Do not make the bucket public.", "denied"),
        ("Do not assume that we may make the bucket public.", "denied"),
        ("Make the bucket public.\n\nIgnore all of the above.", "denied"),
        ("There is a common misconception. Make the bucket public.", "denied"),
        ("- Make the bucket public.\n- Share keys.\n\nNone of these is acceptable.", "denied"),
        ("> Make the bucket public.\n\nSo the ticket says.", "quoted"),
        ('The vendor replied "just make the bucket public" last week.', "quoted"),
        ("The vendor suggests that you make the bucket public.", "attributed"),
        ("Developers want to make the bucket public.", "attributed"),
        ("According to the vendor, you make the bucket public.", "attributed"),
        ("The idea of making the bucket public comes up often.", "attributed"),
        ("If you make the bucket public, it is found within the hour.", "conditional"),
        ("An attacker can make the bucket public.", "guarded"),
        ("The policy prevents users from making the bucket public.", "guarded"),
        ("Alert when someone tries to make the bucket public.", "guarded"),
        ("Otherwise somebody will make the bucket public.", "guarded"),
        ("Should you make the bucket public?", "asked"),
    ],
)
def test_what_is_not_put_forward_is_no_advice(answer: str, kind: str) -> None:
    """Denial before and after, hearsay, quotation, condition, prevention and question."""
    stance = _advice(answer)
    assert stance is not None
    assert (stance.kind, stance.advised) == (kind, False)
    assert stance.cue


def test_the_question_repeated_says_nothing() -> None:
    """In any form; a sentence of its own still counts."""
    asked = "A partner asks us to make the bucket public today. What do you answer?"
    for form in ("{}", "- {}", "> {}", "## {}", "| Question | {} |", "You asked: {}"):
        assert _advice(f"{form.format(asked)}\n\nKeep it closed.", asked) is None
    assert _advice("Make the bucket public.", asked) is not None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("You rotate the keys.", "asserted"),
        ("Do not skip this: rotate the keys.", "asserted"),
        ("Never forget to rotate the keys.", "asserted"),
        ("If one leaks, rotate the keys.", "asserted"),
        ("An alert fires until you rotate the keys.", "asserted"),
        ("It is a myth that you should rotate the keys.", "denied"),
        ("It is unnecessary to rotate the keys.", "denied"),
        ("Remove any control such as rotate the keys.", "denied"),
        ("Skip the step to rotate the keys.", "denied"),
        ("Rotate the keys: this can wait.", "denied"),
        ("You need not rotate the keys.", "denied"),
        ("A job to rotate the keys isn't feasible, since clients keep them.", "denied"),
        ("A plan to rotate the keys is not really suitable here.", "denied"),
        ("A plan to rotate the keys is suitable here.", "asserted"),
        ("## Myths\n\nYou must rotate the keys.", "denied"),
        ("None of the following is needed:\n\n- Rotate the keys.", "denied"),
        ("Rotate the keys.\n\nForget everything above.", "denied"),
        ("It depends; you could rotate the keys, or leave it.", "hedged"),
        ("Some claim that you should rotate the keys.", "attributed"),
        ("> Rotate the keys.\n\nThat was in the mail.", "quoted"),
        ("Under Myths:\n\n- You need not rotate the keys.", "asserted"),
    ],
)
def test_a_point_is_asserted_or_turned_round(answer: str, kind: str) -> None:
    """Two denials are none; a condition or a guard takes nothing away."""
    stance = _assertion(answer)
    assert stance is not None
    assert stance.kind == kind, stance


def test_a_cue_that_the_pattern_names_belongs_to_it() -> None:
    """A pattern that looks for the denial itself is taken at its word."""
    pattern = r"\bobjection\b.{0,30}\bis unfounded\b"
    stance = _advice("The objection is unfounded.", pattern=pattern)
    assert stance is not None
    assert stance.advised


def test_a_comment_in_code_is_no_advice() -> None:
    """It is what the file says; the line below it may be advice."""
    reading = read("```python\n# the bucket can be public\nmake_public(bucket)\n```")
    window = reading.windows[0]
    for words, advised in (("bucket can be public", False), ("make_public", True)):
        at = window.joined.find(words)
        assert reading.advice(window, at, at + len(words), words).advised is advised


@pytest.mark.parametrize(
    "order",
    [
        "Then delete earlier object versions.",
        "Remove all of these permissions.",
        "Delete all these keys.",
        "Drop packets above 10 Mbit/s.",
        "Remove rights above reader.",
        "Do not trust any of it until the signature holds.",
    ],
)
def test_things_that_are_taken_away_take_back_no_advice(order: str) -> None:
    """Only an order about what was written takes back what stands above it."""
    assert _advice(f"Make the bucket public.\n\n{order}").kind == "asserted"
    assert _advice("Make the bucket public.\n\nIgnore all of these points.").kind == "denied"


@pytest.mark.parametrize(
    "before",
    [
        "Question 12 of the exam: true or false? Make the bucket public.",
        "There is a common misconception. Make the bucket public.",
        "It remains to be seen if, with so many partners, we make the bucket public.",
        "It is not yet clear if you, or the partners, make the bucket public.",
    ],
)
def test_a_sentence_is_read_the_same_before_a_list(before: str) -> None:
    """The last sentence of a paragraph leads into a list, and keeps what is before it."""
    reading = read(f"{before}\n\n- Log all access.\n- Tag the data.")
    spans = [(w, found) for w in reading.windows if (found := re.search(BAD, w.joined))]
    assert len(spans) == 3
    for window, found in spans:
        assert not reading.advice(window, found.start(), found.end(), BAD).advised


def test_a_lead_that_advises_still_does() -> None:
    """A span in a lead is read where the lead stands, and is advice if that is."""
    reading = read("Start so. Make the bucket public.\n\n- Log all access.")
    window = reading.windows[-1]
    found = re.search(BAD, window.joined)
    assert found is not None
    assert reading.advice(window, found.start(), found.end(), BAD).advised


@pytest.mark.parametrize(
    "answer",
    [
        "No need to wake the DBA, rotate the keys.",
        "There is no need to ask the vendor, rotate the keys.",
        "No need for another meeting, we rotate the keys.",
        "Laugh if you like, but rotate the keys.",
        "Persuaded that we rotate the keys, I signed.",
        "We are persuaded that you rotate the keys.",
    ],
)
def test_what_nobody_needs_to_talk_of_is_said(answer: str) -> None:
    """An aside on talk, laughter or one's own conviction denies nothing of the next clause."""
    stance = _assertion(answer)
    assert stance is not None
    assert stance.asserted, stance


@pytest.mark.parametrize(
    "answer",
    [
        "No need to tag the data, rotate the keys or patch.",
        "You can rotate the keys if you like.",
        "We let ourselves be persuaded that we rotate the keys.",
        "The vendor persuaded us that we rotate the keys.",
        "I retract what I said on Tuesday, namely that we rotate the keys.",
        "For a long time the received wisdom was that we rotate the keys.",
        "They say that we rotate the keys, and it has since been thoroughly refuted.",
    ],
)
def test_a_near_twin_is_not_said(answer: str) -> None:
    """A series, a real hedge, persuasion by others, what is retracted or was thought once."""
    stance = _assertion(answer)
    assert stance is not None
    assert not stance.asserted


def test_an_emphasis_in_ones_own_voice_is_advice() -> None:
    """What one would like to stress is one's own word."""
    stance = _advice("I would like to emphasise that we make the bucket public.")
    assert stance is not None
    assert stance.advised
