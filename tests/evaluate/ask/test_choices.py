"""Options are shown in one order everywhere, letters lead back to them, and forms that give the
answer away are named.
"""

from __future__ import annotations

import pytest

from secarch.evaluate.ask import choices
from secarch.suite.schema import Question


def question(*options: str, answer: int = 0, number: int = 1) -> Question:
    """A multiple choice."""
    return Question(
        id=f"q-{number}",
        version=1,
        category="aws",
        kind="mcq",
        difficulty=1,
        question="Which?",
        reference="So.",
        choices=options,
        answer=answer,
    )


FOUR = question("north", "east", "south", "west", answer=2)


@pytest.mark.parametrize("seed", range(6))
def test_a_letter_leads_back_to_its_option(seed: int) -> None:
    """What is shown under a letter is what an answer with that letter decides for."""
    shown = choices.prompt(FOUR, seed)
    for index, text in enumerate(FOUR.choices):
        letter = choices.letter_of(FOUR, seed, index)
        assert f"{letter}. {text}" in shown
        assert choices.decided(f"The answer is {letter}.", FOUR, seed) == (index, "")
        assert choices.picked(f"The answer is {letter}.", FOUR, seed) == index


def test_two_letters_decide_for_none_and_say_why() -> None:
    """An answer between two options is no answer."""
    index, why = choices.decided("Either A or B would do.", FOUR, 1)
    assert index is None
    assert why


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("a key", "a role", "All of the above"), "All of the above"),
        (("a key", "a role", "a tag"), ""),
    ],
)
def test_options_that_need_the_others_are_named(texts: tuple[str, ...], found: str) -> None:
    """Shuffled options have no "above"."""
    assert choices.refers_to_others(question(*texts)) == found


def test_positions_count_the_author_s_letters() -> None:
    """Right options by their place before shuffling."""
    asked = [question("a", "b", "c", answer=n % 2, number=n + 1) for n in range(5)]
    assert choices.positions(asked) == {"A": 3, "B": 2, "C": 0}
    assert choices.positions([]) == {}


def test_a_letter_that_is_right_too_often_is_named_from_twelve_questions_on() -> None:
    """Fewer questions say nothing."""
    same = [question("a", "b", "c", "d", number=n + 1) for n in range(12)]
    assert choices.uneven(same[:11]) == ""
    assert choices.uneven(same).startswith("A is right 12 times, its fair share is 3.0")
    fair = [question("a", "b", "c", "d", answer=n % 4, number=n + 1) for n in range(12)]
    assert choices.uneven(fair) == ""


def test_the_longest_option_counts_only_if_no_other_is_as_long() -> None:
    """Two of one length give nothing away."""
    long = question("long enough", "short", "tiny")
    tied = question("equal", "other", "tiny", number=2)
    last = question("x", "y", "the longest", answer=2, number=3)
    assert choices.longest_is_right([long, tied, last]) == 2


def test_a_letter_may_be_right_as_often_as_its_fair_share_and_the_spread() -> None:
    """Letters that few questions have are held to the share of those that have them."""
    # Twelve of three options and none of a fourth but in one: D's fair share is a quarter.
    asked = [question("a", "b", "c", answer=n % 3, number=n + 1) for n in range(12)]
    asked.append(question("a", "b", "c", "d", answer=0, number=13))
    assert choices.uneven(asked) == ""
    # Six of twelve where three are fair: above two more and above the spread.
    six = [question("a", "b", "c", "d", answer=max(0, n - 5) % 4, number=n + 1) for n in range(12)]
    assert choices.positions(six)["A"] == 7
    assert choices.uneven(six).startswith("A is right 7 times, its fair share is 3.0")
    # Two fewer or more than three are not yet uneven.
    two = [
        question("a", "b", "c", "d", answer=a, number=n + 1)
        for n, a in enumerate([0] * 5 + [1] * 3 + [2] * 2 + [3] * 2)
    ]
    assert choices.uneven(two) == ""
    # Three of five that would be fair is as many fewer as the spread allows; one less is uneven.
    for right, word in ((3, ""), (2, "A is right 2 times")):
        rest = [1, 2, 3] * 6
        asked = [
            question("a", "b", "c", "d", answer=a, number=n + 1)
            for n, a in enumerate(([0] * right + rest)[:20])
        ]
        assert choices.uneven(asked).startswith(word)
        assert bool(choices.uneven(asked)) is bool(word)
