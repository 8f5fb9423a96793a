"""The validator passes the core suite and names what does not discriminate."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from secarch.errors import InvalidInput
from secarch.evaluate import validate
from secarch.evaluate.rubric.grade import grade
from secarch.suite import schema


@pytest.mark.slow
def test_every_question_of_the_core_suite_discriminates() -> None:
    """References and paraphrases pass; wrong, empty, copied, stuffed and generic answers do not."""
    outcome = validate.validate(["core"])
    assert outcome.counts["questions"] >= 24
    assert outcome.counts["failures"] == 0


def core() -> list[schema.Question]:
    """The questions that are graded by key points, so without the multiple-choice ones."""
    return [question for question in schema.load(["core"]).questions if question.key_points]


FORMS = [
    "list",
    "bullets",
    "run-on",
    "behind a verb",
    "and",
    "and the",
    "sentences",
    "labelled",
    "commands",
]


@pytest.mark.slow
@pytest.mark.parametrize("form", range(len(FORMS)), ids=FORMS)
def test_keyword_stuffing_is_worthless(form: int) -> None:
    """Every term of a category, in any form, earns at most 0.35 on any of its questions: on each
    one in the validator, whose bar this is, and on sixty here without the validator.
    """
    questions = core()
    stuffing = validate._stuffing(questions)
    drawn = random.Random(form).sample(questions, 60)
    assert max(grade(q, stuffing[q.category][form]).score for q in drawn) <= 0.35
    assert validate.AT_MOST["keywords"] == 0.35
    assert {len(forms) for forms in stuffing.values()} == {len(FORMS)}


def test_a_question_that_bare_words_answer_is_named(suite_file: Path) -> None:
    """Each form of stuffing is held to the bar, the last one too."""
    question = schema.load([str(suite_file)]).find("aws-0001")
    nothing = ["Nothing is to be had here."] * (len(FORMS) - 1)
    for forms in ([*nothing, question.reference], [question.reference, *nothing]):
        named = [f.check for f in validate._question(question, forms)]
        assert named.count("keywords") == 1
    assert "keywords" not in {f.check for f in validate._question(question, nothing)}


@pytest.mark.slow
def test_generic_advice_earns_little_on_average() -> None:
    """Advice that is never wrong answers nothing."""
    scores = [grade(question, validate.GENERIC).score for question in core()]
    assert sum(scores) / len(scores) <= 0.1


@pytest.mark.slow
def test_answers_to_other_questions_earn_little() -> None:
    """The reference of one question is no answer to another one of its category: each question
    against twelve others, drawn by seed.
    """
    questions = core()
    chance = random.Random(12)
    scores = []
    for one in questions:
        others = [two for two in questions if two is not one and two.category == one.category]
        drawn = chance.sample(others, min(12, len(others)))
        scores += [grade(one, two.reference).score for two in drawn]
    assert len(scores) > 10 * len(questions)
    assert sum(scores) / len(scores) <= 0.15


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        (
            {"reference": "Something else is said here, and it is quite beside the point."},
            "reference",
        ),
        (
            {"paraphrase": "Something else is said here, and it is quite beside the point."},
            "paraphrase",
        ),
        (
            {"wrong": "Turn on Block Public Access for every account. Deny the removal of it."},
            "wrong",
        ),
        ({"sources": []}, "sources"),
    ],
)
def test_a_question_that_does_not_discriminate_is_named(
    suite_file: Path, change: dict[str, object], failing: str
) -> None:
    """Each bar is held."""
    question = schema.load([str(suite_file)]).find("aws-0001").replace(**change)
    assert failing in {failure.check for failure in validate._question(question, [])}


def test_near_duplicates_are_named(suite_file: Path) -> None:
    """Two questions that share most word triples ask one thing."""
    one = (
        schema.load([str(suite_file)])
        .find("aws-0001")
        .replace(question="How do you keep all buckets private here now?")
    )
    two = one.replace(id="aws-0002", question="So how do you keep all buckets private here now?")
    assert [(f.question, f.detail) for f in validate._near_duplicates([one, two])] == [
        ("aws-0002", "of aws-0001")
    ]
    assert not list(
        validate._near_duplicates(
            [one, two.replace(question="Which key encrypts the log archive of us?")]
        )
    )


def test_failures_exit_4_with_a_line_each(suite_file: Path) -> None:
    """The error names the question, the check, what was found and what is needed."""
    with pytest.raises(InvalidInput) as caught:
        validate.validate([str(suite_file)])
    assert caught.value.exit_code == 4
    assert "aws-0001: " in (caught.value.why or "")
    assert ", needs " in (caught.value.why or "")


def mcq(number: int, answer: int, *options: str) -> schema.Question:
    """A multiple choice of these options."""
    texts = options or ("a short one", "one of it", "a two three", "one more x")
    return schema.Question(
        id=f"q{number}",
        version=1,
        category="aws",
        kind="mcq",
        difficulty=1,
        question=f"Which of {number}?",
        choices=texts,
        answer=answer,
        sources=(schema.Source(title="t"),),
    )


def test_a_favoured_letter_is_named() -> None:
    """A model that always says B must not win by the author's habit."""
    assert not list(validate._choices([mcq(n, n % 4) for n in range(16)]))
    (failure,) = validate._choices([mcq(n, 1 if n % 2 else n % 4) for n in range(16)])
    assert failure.check == "letters"
    assert "B is right 8 times, its fair share is 4.0" in failure.found
    assert not list(validate._choices([mcq(n, 1) for n in range(11)])), (
        "too few to speak of balance"
    )


def test_a_right_option_that_is_always_the_longest_is_named() -> None:
    """The oldest cue of all."""
    questions = [
        mcq(
            n,
            n % 4,
            *("a much longer option" if n % 4 == place else f"short {place}" for place in range(4)),
        )
        for n in range(16)
    ]
    assert [(f.check, f.found) for f in validate._choices(questions)] == [
        ("longest is right", "16 of 16")
    ]


@pytest.mark.parametrize(
    ("options", "failing"),
    [
        (("yes", "no", "maybe", "All of the above"), "choice"),
        (("yes", "no", "both A and B"), "choice"),
        (("yes", "no"), "choices"),
        (("yes", "no", "word " * 61), "words of the longest choice"),
        (("A and B roles are apart", "no", "none"), ""),
    ],
)
def test_options_stand_by_themselves(options: tuple[str, ...], failing: str) -> None:
    """They are shuffled, so none may speak of the place of another."""
    assert [failure.check for failure in validate._question(mcq(1, 0, *options), [])] == (
        [failing] if failing else []
    )


def test_a_detector_that_is_not_there_is_named(suite_file: Path) -> None:
    """A must-not that can never trigger is an error of the author."""
    question = schema.load([str(suite_file)]).find("aws-0001")
    item = schema.MustNot(id="m9", text="x", severity="critical", detector="iam_wildcart")
    (failure,) = validate._detectors(question.replace(must_not=[item]))
    assert failure.found == "iam_wildcart"
    assert "iam_wildcard" in failure.bar


REVIEW = schema.Question.model_validate(
    {
        "id": "design-0001",
        "version": 1,
        "category": "aws",
        "kind": "review_design",
        "difficulty": 3,
        "question": "What do you find?",
        "files": {"a.tf": "a", "b.tf": "b", "c.md": "c"},
        "reference": "The bucket is open to the whole public. Hold the release until then.",
        "key_points": [{"id": "k1", "text": "Hold", "weight": 1, "any_of": ["hold the release"]}],
        "findings": [
            {"id": "f1", "text": "Open", "severity": "major", "any_of": ["bucket is open"]}
        ],
        "decoys": [
            {
                "id": "d1",
                "text": "The gateway is meant to be public",
                "pattern": "make the gateway private",
                "alarm": "You must make the gateway private.",
            }
        ],
    }
)


def test_an_answer_that_calls_everything_a_fault_is_held_to_a_bar() -> None:
    """A decoy whose alarm is not seen costs nothing, and is named."""
    checks = {failure.check for failure in validate._question(REVIEW, [])}
    assert "everything" not in checks
    assert "alarm of d1" not in checks
    assert {"findings", "decoys", "words of the reference", "sources"} <= checks
    blind = REVIEW.replace(decoys=[REVIEW.decoys[0].replace(alarm="Leave it as it stands.")])
    checks = {failure.check for failure in validate._question(blind, [])}
    assert {"everything", "alarm of d1"} <= checks


def test_the_bars_hold_for_each_message() -> None:
    """A second message with a reference that meets none of its points is named."""
    turn = {
        "message": "And now?",
        "reference": "Nothing to the purpose stands in this sentence of mine.",
        "key_points": [{"id": "t1", "text": "Outside", "weight": 1, "any_of": ["keep it outside"]}],
    }
    talk = REVIEW.replace(kind="open", findings=[], decoys=[], turns=[turn])
    checks = {failure.check for failure in validate._question(talk, [])}
    assert "reference of message 2" in checks
    assert "reference of message 1" not in checks
    assert "key points of message 2" in checks


TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("start", "end", "failing"),
    [
        (None, None, []),
        ("2026-11-28", "2026-11-29", []),
        ("2026-11-29", None, ["valid_from"]),
        (None, "2026-11-28", ["valid_until"]),
        ("2027-01-01", "2026-12-31", ["valid_until"]),
        ("2026-01-01", "2026-01-01", ["valid_until"]),
    ],
)
def test_a_fact_that_has_expired_or_is_not_right_yet_is_named(
    suite_file: Path, start: str | None, end: str | None, failing: list[str]
) -> None:
    """`valid_until` is the first day on which the answer is wrong, `valid_from` the first right."""
    question = schema.load([str(suite_file)]).find("aws-0001")
    days = {
        "valid_from": date.fromisoformat(start) if start else None,
        "valid_until": date.fromisoformat(end) if end else None,
    }
    found = list(validate._age(question.replace(**days), TODAY))
    assert [failure.check for failure in found] == failing


def test_an_expired_fact_fails_the_check_of_its_suite(suite_file: Path) -> None:
    """The day is today's, so a suite that was fine last year is refused when a fact has passed."""
    question = schema.load([str(suite_file)]).find("aws-0001")
    old = question.replace(valid_until=date(2020, 1, 1))
    checks = {failure.check for failure in validate._question(old, [])}
    assert "valid_until" in checks
    assert "valid_until" not in {f.check for f in validate._question(question, [])}
