"""What the words around a span make of it, weighed."""

from __future__ import annotations

import pytest

from secarch.text.polarity.kinds import ASSERTED, Stance
from secarch.text.polarity.setting import (
    found,
    judged,
    of_cue,
    surroundings,
    thresholds,
    weights,
)
from secarch.text.polarity.signals import TELLS
from secarch.text.polarity.stance import read

SPAN = "bucket can be public"


def places(text: str) -> dict[str, str]:
    """The texts around the span in the window that holds it."""
    windows = read(text).windows
    place = next(n for n, w in enumerate(windows) if SPAN in w.joined)
    start = windows[place].joined.find(SPAN)
    return surroundings(windows, place, start, start + len(SPAN))


def advised(text: str) -> bool:
    """Whether the answer advises the span."""
    reading = read(text)
    window = next(w for w in reading.windows if SPAN in w.joined)
    start = window.joined.find(SPAN)
    return reading.advice(window, start, start + len(SPAN), SPAN).advised


def test_the_same_sentence_is_before_and_after() -> None:
    """Sentences next to it have places of their own."""
    texts = places("First one. We said the bucket can be public today. Then two. Then three. Four.")
    assert texts["before"] == "we said the "
    assert texts["after"] == " today."
    assert texts["previous"] == "first one."
    assert (texts["next"], texts["later"]) == ("then two.", "then three.")
    assert "across" not in texts


def test_the_next_block_is_across() -> None:
    """Only where no sentence follows in the same one."""
    texts = places("## Title\n\nThe bucket can be public.\n\nNext block. More.")
    assert texts["across"] == "next block."
    assert texts["title"] == "title"
    assert "next" not in texts


def test_of_a_row_the_cell_is_the_sentence() -> None:
    """The other cells and the head of the column have places of their own."""
    texts = places("| Claim | Verdict |\n|---|---|\n| the bucket can be public | no |")
    assert texts["column"] == "claim"
    assert texts["cells"].strip() == "; no"
    assert texts["before"] == "the "


def test_an_item_has_no_next_item() -> None:
    """Another point of a list says nothing of this one; what leads into the list does."""
    texts = places("We saw:\n\n- the bucket can be public\n- wrong keys\n\nAfter it.")
    assert texts["lead"] == "we saw:"
    assert texts["across"] == "after it."
    assert "next" not in texts


def test_the_weights_decide_at_their_threshold() -> None:
    """Nothing around it leaves a statement asserted; the kind is that of the heaviest signal."""
    _, weight = weights()
    up = frozenset(name for name, share in weight.items() if share > 0) - {TELLS}
    assert judged({"cue|asserted"}).advised
    assert not judged(up).advised
    assert judged(up | {TELLS}).advised
    assert not judged(up | {TELLS}, Stance("denied", "never")).advised
    assert judged({"cue|asserted", "no such signal"}).advised


def test_a_cue_is_overruled_by_much_only() -> None:
    """What a cue denies needs stronger signs of advice than what none speaks of."""
    alone, after_cue = thresholds()
    assert after_cue < alone
    base, weight = weights()
    denied = Stance("denied", "it is false that")
    between = (alone + after_cue) / 2 - base
    signal = min(weight, key=lambda name: abs(weight[name] - between))
    assert after_cue < base + weight[signal] <= alone
    assert judged({signal}).advised
    assert judged({signal}, denied) == denied
    down = [name for name, share in weight.items() if share < 0]
    assert judged(down, denied).advised


def test_what_the_cues_make_of_a_span_is_a_signal() -> None:
    """Its kind, that there is one, and the first two words of it."""
    assert of_cue(ASSERTED) == {"cue|asserted"}
    assert of_cue(Stance("denied", "it is false that")) == {
        "cue|denied",
        "cue|any",
        "cue words|it is",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Carla from accounts keeps saying the bucket can be public. I have not looked into it.",
        "The tender was dropped since it says on page two that the bucket can be public.",
        "Our bot closes every change in which the bucket can be public.",
        "I want to see proof whether the bucket can be public before I sign.",
        "Line from the old deck: the bucket can be public. To be revised.",
    ],
)
def test_phrasings_that_no_cue_lists_are_no_advice(text: str) -> None:
    """The kinds of words around it are enough."""
    assert not advised(text)


@pytest.mark.parametrize(
    "text",
    [
        "The bucket can be public. It keeps things simple.",
        "Note that the bucket can be public.",
        "- The bucket can be public",
        "In short, the bucket can be public.",
        "My advice is that the bucket can be public.",
        "The bucket can be public. You can check this in the console.",
        "You need not take my word for it: the bucket can be public.",
        "Nobody should be surprised to learn that the bucket can be public.",
        "It's a question of knowing that the bucket can be public.",
    ],
)
def test_plain_statements_stay_advice(text: str) -> None:
    """Reasons, labels and openings take nothing away."""
    assert advised(text)


def test_signals_are_read_from_windows() -> None:
    """`found` is `signals` of the surroundings."""
    windows = read("Tell the team that the bucket can be public.").windows
    start = windows[0].joined.find(SPAN)
    signals = found(windows, 0, start, start + len(SPAN))
    assert {"before:tells", "B|^ tell the"} <= signals
    assert not {"item", "quoted"} & signals


def test_items_and_quotations_are_signals() -> None:
    """A point of a list, and text behind a mark of quotation."""
    for text, shape in (
        ("- the bucket can be public", "item"),
        ("> bucket can be public", "quoted"),
    ):
        windows = read(text).windows
        start = windows[0].joined.find(SPAN)
        assert shape in found(windows, 0, start, start + len(SPAN))
