"""Which words stand where around a span."""

from __future__ import annotations

import pytest

from secarch.text.polarity.signals import around, kinds, signals


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the opposite is the case", "untrue"),
        ("it ended in a breach", "harm"),
        ("please strike the line", "drop"),
        ("nobody needs it", "negation"),
        ("the brochure has it", "source"),
        ("is it so?", "asked"),
        ("this is how it ends", "points"),
        ("it is so", "it"),
        ("no: not here", "no"),
        ("suppose for a moment", "condition"),
        ("the pipeline stops it", "detect"),
    ],
)
def test_a_text_holds_a_kind_of_word(text: str, kind: str) -> None:
    """By whole words only."""
    assert kind in kinds(text)
    assert kind not in kinds("plain words of a bucket")


def test_a_kind_of_word_needs_whole_words() -> None:
    """A part of a word is none."""
    assert "negation" not in kinds("notable nodes")
    assert "no" not in kinds("say no")


@pytest.mark.parametrize(
    ("before", "signal"),
    [
        ("the forum says ", "before:hearsay"),
        ("pretend ", "before:pretended"),
        ("tell the team that ", "before:tells"),
        ("we heard that ", "governor:that"),
        ("nobody asked whether ", "governor:whether"),
        ("stacks in which ", "governor:where"),
        ("the old guide: ", "governor:colon"),
        ("we heard that ", "before:ends that"),
        ("and ", "before:nothing"),
    ],
)
def test_what_governs_the_span_is_read(before: str, signal: str) -> None:
    """The words before it, up to what links them to it."""
    assert signal in signals({"before": before, "after": "."})


def test_an_authority_is_no_hearsay() -> None:
    """The documentation and the answer itself are taken at their word."""
    for before in ("the documentation says ", "i say ", "we think "):
        assert "before:hearsay" not in signals({"before": before})


def test_a_span_between_quotation_marks_is_quoted() -> None:
    """Both marks are needed."""
    assert "in quotation marks" in signals({"before": 'he wrote "', "after": '" there'})
    assert "in quotation marks" not in signals({"before": 'he wrote "', "after": " there"})
    assert "in quotation marks" not in signals({"before": 'a "b" c ', "after": ' "d"'})


def test_a_short_remark_counts_more() -> None:
    """Up to eight words; one that points back counts apart."""
    short = signals({"next": "this is wrong."})
    assert {"next:short", "next:short bad", "next:points bad"} <= short
    long = signals({"next": "it was wrong of the team to store all of the keys in one place."})
    assert "next:short" not in long
    assert "next:it bad" in long
    assert "next:points bad" not in long


def test_the_next_sentence_and_the_later_ones_are_apart() -> None:
    """The first, and those up to the reach."""
    assert around(["a", "b", "c"]) == {"next": "a", "later": "b"}
    assert around([]) == {"next": "", "later": ""}
