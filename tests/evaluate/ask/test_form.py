"""Form alone must not win: the classifiers find planted cues, and find none in the core suite."""

from __future__ import annotations

import random

import pytest

from secarch.evaluate.ask import form
from secarch.suite import schema
from secarch.suite.schema import Question, Source

WORDS = (
    "apple river stone cloud garden window bridge copper lantern meadow harbour silver timber "
    "valley marble orchard pepper ribbon saddle thimble umbrella velvet walnut yonder zephyr"
).split()


def bank(count: int, *, cue: str = "", long: bool = False, options: int = 4) -> list[Question]:
    """Questions of random words; right options hold a cue or more words, if that is asked for."""
    drawn = random.Random(3)
    questions = []
    for number in range(count):
        right = drawn.randrange(options)
        texts = []
        for place in range(options):
            words = [drawn.choice(WORDS) for _ in range(6)] + [f"{number}x{place}"]
            words += [cue] if cue and place == right else []
            words += WORDS[:4] if long and place == right else []
            drawn.shuffle(words)
            texts.append(" ".join(words))
        questions.append(mcq(number, right, texts))
    return questions


def mcq(number: int, right: int, texts: list[str]) -> Question:
    """One multiple choice."""
    return Question(
        id=f"q{number}",
        version=1,
        category="aws",
        kind="mcq",
        difficulty=1,
        question=f"Which of {number}?",
        choices=tuple(texts),
        answer=right,
        sources=(Source(title="t"),),
    )


@pytest.mark.slow
def test_the_core_suite_is_not_given_away_by_its_form() -> None:
    """Both classifiers stay near chance, and no rank of length is favoured."""
    asked = [q for q in schema.load(["core"]).questions if q.kind == "mcq"]
    found = form.measure(asked)
    assert found.questions == len(asked) >= 160
    assert found.chance == pytest.approx(0.25)
    assert found.naive_bayes <= form.MOST_GUESSED
    assert found.ridge <= form.MOST_GUESSED
    assert all(form.LEAST_OF_A_RANK <= share <= form.MOST_OF_A_RANK for share in found.ranks)
    assert form.faults(asked) == []


def test_random_words_leave_both_classifiers_at_chance() -> None:
    """There is nothing to learn, and leaving the own question out learns nothing either."""
    found = form.measure(bank(200))
    assert 0.15 <= found.naive_bayes <= 0.35
    assert 0.15 <= found.ridge <= 0.35
    assert sum(found.ranks) == pytest.approx(1)


def test_a_word_that_only_right_options_have_is_found_by_both() -> None:
    """The planted cue wins nearly every question."""
    found = form.measure(bank(100, cue="hedgehog"))
    assert found.naive_bayes > 0.9
    assert found.ridge > 0.9
    assert found.guessed == max(found.naive_bayes, found.ridge)


def test_right_options_that_are_longer_are_found() -> None:
    """Length is named by its rank as well."""
    questions = bank(100, long=True)
    checks = [check for check, _, _ in form.faults(questions)]
    assert checks == [
        "right by form alone",
        *(f"right and of length rank {rank}" for rank in (1, 2, 3, 4)),
    ]
    assert form.measure(questions).ranks[0] > 0.9


def test_few_questions_are_not_judged_by_form() -> None:
    """Chance alone would reach the bar."""
    assert form.faults(bank(form.LEAST - 1, cue="hedgehog")) == []
    assert form.faults(bank(form.LEAST, cue="hedgehog"))


@pytest.mark.parametrize(
    ("guessed", "ranks", "checks"),
    [
        ((0.35, 0.2), (0.15, 0.35, 0.25, 0.25), []),
        ((0.36, 0.2), (0.25, 0.25, 0.25, 0.25), ["right by form alone"]),
        ((0.2, 0.36), (0.25, 0.25, 0.25, 0.25), ["right by form alone"]),
        ((0.2, 0.2), (0.36, 0.25, 0.25, 0.14), ["rank 1", "rank 4"]),
    ],
)
def test_the_bars_are_inclusive(
    guessed: tuple[float, float], ranks: tuple[float, ...], checks: list[str]
) -> None:
    """At a bar nothing is said, beyond it the check is named."""
    one = form.Form(
        questions=100, chance=0.25, naive_bayes=guessed[0], ridge=guessed[1], ranks=ranks
    )
    found = [check.removeprefix("right and of length ") for check, _, _ in form._exceeded(one)]
    assert found == checks


def test_features_describe_words_form_and_place() -> None:
    """Absolutes, hedges, reasons, numbers, marks, length and place are all there."""
    first, second = form.features(["Only AWS may read it, since 2023: all", "No"])
    assert {"word:only", "first:only", "last:all", "absolutes:2", "hedges:1", "reasons:1"} <= first
    assert {"commas:1", "mark::", "number:True", "capitals:True", "rank:0", "place:0"} <= first
    assert {"rank:1", "place:1", "number:False", "capitals:False", "length:0"} <= second
    assert {"absolutes:1", "words:0"} <= second


def test_equal_scores_share_the_point() -> None:
    """Options that look alike are right by lot."""
    assert form._hits([[1.0, 1.0, 0.0, 0.0], [0.0, 2.0, 1.0, 1.0]], [0, 1]) == 0.75


def test_a_large_bank_is_looked_at_in_even_steps() -> None:
    """Memory grows by the square of the options."""
    numbers = form._spread(2 * form.MOST)
    assert numbers[:3] == [0, 2, 4]
    assert len(numbers) == form.MOST
    assert form._spread(3) == [0, 1, 2]


@pytest.mark.parametrize("questions", [[], bank(1)])
def test_one_question_teaches_nothing(questions: list[Question]) -> None:
    """There is nothing to leave out."""
    with pytest.raises(ValueError, match="two or more"):
        form.measure(questions)
