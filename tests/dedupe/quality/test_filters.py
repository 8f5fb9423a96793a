"""Which rule drops what, measured on prose."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from pydantic import ValidationError

from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.quality.filters import (
    Language,
    Length,
    Links,
    Mojibake,
    Placeholder,
    Prose,
    Readability,
    Repetition,
    StopWords,
)
from secarch.dedupe.quality.reasons import Reason
from secarch.dedupe.quality.signals import Signals, signals

GOOD = (
    "# Rotate keys\n\nKeys that are never changed give an attacker time. The owner of a key has "
    "to rotate "
    "it with care, and to "
    "tell the teams that use it. A good plan names the day, the steps and the way back, so that "
    "no service "
    "is left with an old key.\n"
    "Every step of the plan is tried in a test account first, and the log is read on the day "
    "after.\n"
)
CODE = (
    '```json\n{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", '
    '"Resource": "*"}]}\n```\n'
)


LONG_WORDS = """
    incomprehensibilities internationalization uncharacteristically institutionalization
    counterrevolutionary deindustrialization electroencephalography interdisciplinary
    compartmentalization misrepresentation
""".split()


def reason(text: str, **changes: object) -> str | None:
    """The first reason by which the default rules drop `text`."""
    measured = signals(text)
    return next(
        (why for gate in DedupeConfig(**changes).gates if (why := gate.judge(measured))), None
    )  # type: ignore[arg-type]


def test_a_good_page_passes() -> None:
    """Ordinary prose is kept, with or without much code below it."""
    assert reason(GOOD) is None
    assert reason(GOOD + CODE * 20) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Too few words.", "too_short"),
        ("word " * 100_001, "too_long"),
        (CODE * 12, "code_without_comments"),
        (GOOD + "This same line is said again and again to no end.\n" * 40, "repeated_lines"),
        ("Alpha beta gamma delta kappa lambda sigma omega. " * 12, "no_sentences"),
        (
            "Please enable JavaScript to view this page. "
            + "We need it to show the content of this site to you and others. " * 3
            + CODE,
            "placeholder",
        ),
        (GOOD.replace("e", "Ã©"), "mojibake"),
        (
            "\n\n".join(
                f"[How the team of site {n} is to review its keys and roles](https://x.test/{n})"
                for n in range(30)
            ),
            "only_links",
        ),
        (
            "Les clés qui ne changent pas sont un risque pour les équipes. Il faut une rotation "
            "avec soin dans "
            "tous les comptes. " * 6,
            "language",
        ),
        (
            "Ключи, которые никогда не меняются, дают нападающему время, и их надо менять. " * 12,
            "language",
        ),
        ("the of to " + " ".join(random.Random(0).choices(LONG_WORDS, k=180)), "unreadable"),
        (GOOD + "\n\nSame again,\nand so it\ngoes on for\never here." * 40, "repeated_paragraphs"),
        (
            GOOD + "It says the very same words over and over again to everyone. " * 60,
            "repeated_ngrams",
        ),
    ],
)
def test_each_rule_drops_what_it_is_for(text: str, expected: str) -> None:
    """Each kind of bad page goes by its own rule."""
    assert reason(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GOOD, "en"),
        (
            (
                "Les clés qui ne changent pas sont un risque pour les équipes. Il faut une "
                "rotation avec soin dans "
                "tous les comptes."
            ),
            "fr",
        ),
        (
            (
                "Die Schlüssel sind für ein Jahr gültig und werden dann von dem Dienst nicht mehr "
                "angenommen, wenn "
                "sie auf einem Gerät sind."
            ),
            "de",
        ),
        (
            (
                "Ключи, которые никогда не меняются, дают нападающему время, и их надо менять "
                "каждый год без "
                "исключений для всех служб и людей."
            ),
            "ru",
        ),
        ("Short text.", ""),
    ],
)
def test_language_is_told_offline(text: str, code: str) -> None:
    """Function words and script tell the language; too little text tells none."""
    assert signals(text).language == code
    assert (Language().judge(signals(text)) is None) == (code in ("", "en"))


def test_code_and_tables_are_no_prose() -> None:
    """Words inside fences, tables, front matter and headings do not count as prose."""
    masked = signals(
        "---\ntitle: x\n---\n# Head line\n\n"
        + CODE
        + "\n| a | b |\n|---|---|\n| c | d |\n\nOnly these five words count.\n"
    )
    assert masked.prose_words == 5
    assert masked.words > 20


def test_thresholds_come_from_settings() -> None:
    """A rule in the settings is a table with its kind; unknown keys and kinds are refused."""
    assert reason("Short.", min_words=0, filters=[{"kind": "prose", "min_words": 1}]) is None
    assert Prose(min_words=50).judge(signals(GOOD[:80])) == "no_prose"
    for wrong in ({"kind": "prose", "most": 1}, {"kind": "taste"}):
        with pytest.raises(ValidationError):
            DedupeConfig(filters=[wrong])  # type: ignore[list-item]


def test_a_reading_ease_may_be_asked_for() -> None:
    """min_reading_ease drops harder prose."""
    assert reason(GOOD + GOOD.replace("key", "role"), min_reading_ease=119.0) == "unreadable"


def page(**facts: object) -> Signals:
    """A page of 1,000 words of which these facts are known."""
    return replace(signals("word " * 1000), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("broken", "words", "dropped"),
    [(2, 10, False), (3, 600, False), (3, 599, True), (5, 1000, False), (6, 1000, True)],
)
def test_broken_characters_drop_from_three_on_and_above_five_in_a_thousand(
    broken: int, words: int, *, dropped: bool
) -> None:
    """Exactly five in a thousand words may be."""
    found = Mojibake().judge(page(mojibake=broken, words=words))
    assert found == (Reason.MOJIBAKE if dropped else None)


@pytest.mark.parametrize(("words", "dropped"), [(59, True), (60, False), (61, False)])
def test_a_page_of_sixty_words_is_more_than_its_phrase(words: int, *, dropped: bool) -> None:
    """Shorter ones are judged by it."""
    found = Placeholder().judge(page(placeholder=True, prose_words=words))
    assert found == (Reason.PLACEHOLDER if dropped else None)


@pytest.mark.parametrize(("found", "dropped"), [(0, True), (1, True), (2, False)])
def test_english_prose_has_two_function_words(found: int, *, dropped: bool) -> None:
    """Gopher's bound (arXiv:2112.11446, A1.1), from 50 words on."""
    long = replace(signals(GOOD), stop_words=found, prose_words=50)
    assert StopWords().judge(long) == (Reason.NO_SENTENCES if dropped else None)
    assert StopWords().judge(replace(long, prose_words=49)) is None


@pytest.mark.parametrize(
    ("words", "language", "dropped"),
    [
        (49, "en", Reason.TOO_SHORT),
        (50, "en", None),
        (49, "ja", None),
        (100_000, "en", None),
        (100_001, "en", Reason.TOO_LONG),
    ],
)
def test_both_bounds_of_the_length_are_allowed(
    words: int, language: str, dropped: str | None
) -> None:
    """Scripts without spaces are not counted in words, so that none of them is too short."""
    assert Length().judge(replace(signals(GOOD), words=words, language=language)) == dropped


@pytest.mark.parametrize(
    ("words", "ease", "grade", "dropped"),
    [
        (100, -100.0, 40.0, False),
        (100, 120.0, 40.0, False),
        (100, -100.5, 10.0, True),
        (100, 120.5, 10.0, True),
        (100, 50.0, 40.5, True),
        (99, 500.0, 90.0, False),
        (101, 500.0, 90.0, True),
    ],
)
def test_only_text_that_is_no_prose_is_unreadable(
    words: int, ease: float, grade: float, *, dropped: bool
) -> None:
    """Both bounds of the ease and the highest grade are allowed, and a hundred words are needed."""
    found = Readability().judge(page(prose_words=words, reading_ease=ease, grade=grade))
    assert found == (Reason.UNREADABLE if dropped else None)


@pytest.mark.parametrize(
    ("lines", "paragraphs", "ngrams", "dropped"),
    [
        (0.5, 0.5, 0.7, None),
        (0.51, 0.0, 0.0, Reason.REPEATED_LINES),
        (0.0, 0.51, 0.0, Reason.REPEATED_PARAGRAPHS),
        (0.0, 0.0, 0.71, Reason.REPEATED_NGRAMS),
    ],
)
def test_what_repeats_is_dropped_above_its_share(
    lines: float, paragraphs: float, ngrams: float, dropped: str | None
) -> None:
    """Lines, paragraphs and runs of words have a bound each."""
    facts = {"duplicate_lines": lines, "duplicate_paragraphs": paragraphs}
    assert Repetition().judge(page(**facts, duplicate_ngrams=ngrams)) == dropped


@pytest.mark.parametrize(
    ("prose", "words", "code", "comments", "dropped"),
    [
        (5, 500, 495, 0, None),
        (5, 501, 496, 0, None),
        (4, 500, 496, 0, None),
        (2, 500, 498, 0, Reason.CODE_WITHOUT_COMMENTS),
        (2, 500, 498, 1, None),
        (0, 30, 30, 2, Reason.CODE_WITHOUT_COMMENTS),
        (0, 30, 30, 3, None),
        (0, 29, 29, 3, Reason.NO_PROSE),
    ],
)
def test_code_is_kept_where_something_is_said_about_it(
    prose: int, words: int, code: int, comments: int, dropped: str | None
) -> None:
    """In prose or in its own comments."""
    facts = {"prose_words": prose, "words": words, "code_words": code, "comment_words": comments}
    assert Prose().judge(page(**facts)) == dropped


@pytest.mark.parametrize(("density", "dropped"), [(0.8, False), (0.81, True)])
def test_a_page_of_links_is_dropped_above_its_share(density: float, *, dropped: bool) -> None:
    """Exactly the share may be."""
    assert Links().judge(page(link_density=density)) == (Reason.ONLY_LINKS if dropped else None)


@pytest.mark.parametrize(
    ("facts", "quality"),
    [
        ({}, 10),
        ({"duplicate_lines": 0.3}, 7),
        ({"link_density": 0.4}, 8),
        ({"mojibake": 4}, 6),
        ({"mojibake": 40}, 0),
        ({"placeholder": True}, 0),
        ({"placeholder": True, "duplicate_lines": 0.5}, 0),
    ],
)
def test_quality_falls_with_what_a_page_repeats_links_and_breaks(
    facts: dict[str, object], quality: int
) -> None:
    """In tenths; a link costs half of what a repeated line does."""
    plain = {"duplicate_lines": 0.0, "link_density": 0.0, "mojibake": 0, "placeholder": False}
    assert page(**{**plain, **facts}).quality == quality
