"""What other words a pattern stands for, and which it must leave alone."""

from __future__ import annotations

import re

import pytest

from secarch.evaluate.rubric.wording import widened


def found(pattern: str, text: str) -> bool:
    return re.search(widened(pattern), text) is not None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\b(exception\w*)\b.{0,40}\b(expir\w*)\b", "each waiver has an end date"),
        (r"\bexception\b.{0,40}\bowner", "an exemption has an owner"),
        (r"\b(?:payee)\b", "the recipient is compared"),
        (r"\b(?:disabl\w*)\b", "switch the admin user off"),
        (r"\b(?:untrusted code)\b|\b(?:untrusted)\b", "hostile customers"),
        (r"\b(break[- ]glass)\b", "an emergency account"),
        (r"\b(?:immediate\w*)\b", "revoke it straight away"),
        (r"\b(?:plain ?text)\b", "the state holds it in the clear"),
        (r"\b(?:bypass\w*)\b", "roles go round the catalogue"),
        (r"(?:\bgone\b|not stored)", "nothing exists for last quarter"),
        (r"\b(?:revok\w*)\b.{0,40}\b(?:session\w*)", "a reset kills all sessions"),
        (r"\b(?:chang\w*|delet\w*)\b", "the policy is guarded from edits"),
        (r"\b(?:third part\w*|vendor\w*)\b", "titles go to outside companies"),
        (r"\b(?:distinguish\w*)\b", "it can't tell the clients apart"),
    ],
)
def test_a_right_answer_may_say_it_in_other_words(pattern: str, text: str) -> None:
    assert not re.search(pattern, text)
    assert found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\b(?:not|n't|never)\b.{0,20}\bcover", "the report doesn't cover it"),
        (r"\b(?:untrusted|not render)", "we don't render images"),
        (r"\b(?:do not trust|not trust)\b", "clients won't trust it"),
    ],
)
def test_a_denial_has_a_short_form(pattern: str, text: str) -> None:
    assert not re.search(pattern, text)
    assert found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\b(exception\w*)\b", "an exceptional day"),
        (r"\b(?:owner)\b", "the key of the house"),
        (r"\b(exception handling)\b", "a waiver for everybody"),
        (r"\b(?:note)\b.{0,10}\bkeep", "not to keep"),
    ],
)
def test_what_means_another_thing_stays_unmatched(pattern: str, text: str) -> None:
    found_plain = re.search(pattern, text) is not None
    assert found(pattern, text) == found_plain


def test_what_looks_around_is_left_as_it_is() -> None:
    pattern = r"\b(?:exception)\b(?! handling)"
    assert widened(pattern) == pattern


def test_a_phrase_is_not_opened_for_one_of_its_words() -> None:
    assert widened(r"\b(?:object lock mode)\b") == r"\b(?:object lock mode)\b"


def test_each_widened_pattern_compiles_and_holds_all_that_the_first_one_held() -> None:
    for word in ("expiry date", "rotated", "waiver", "stale", "lapsed"):
        pattern = r"\b(?:expir\w*|rotat\w*|waiver\w*|stale|laps(?:e|es|ed))\b"
        assert not re.search(pattern, word) or found(pattern, word)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\b(?:revok\w*|rotat\w*)\b.{0,40}\b(?:token|secret\w*)", "the token was revoked"),
        (r"\b(test\w*)\b.{0,40}\b(role)\b", "for each role a test"),
    ],
)
def test_a_pattern_of_two_groups_reads_both_voices(pattern: str, text: str) -> None:
    assert not re.search(pattern, text)
    assert found(pattern, text)


def test_a_denial_keeps_its_place() -> None:
    pattern = r"\b(?:not|never)\b.{0,40}\b(?:scope)\b"
    assert found(pattern, "encryption does not change the scope")
    assert not found(pattern, "the scope is large and not small")
