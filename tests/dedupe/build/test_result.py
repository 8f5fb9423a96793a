"""What an empty build says of itself."""

from __future__ import annotations

import pytest

from secarch.dedupe.build.result import OTHERWISE, _remedy


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [
        ("too_short", "dedupe.min_example_words"),
        ("teaches_nothing", "paragraphs under headings"),
        ("duplicate_near", "dedupe.threshold"),
        ("language", "English"),
        ("placeholder", "secarch help dedupe"),
    ],
)
def test_the_fix_is_about_the_reason_that_took_most(reason: str, wanted: str) -> None:
    """Its meaning first, then what helps against it."""
    told = _remedy(reason)
    assert told.startswith(f"{reason}: ")
    assert wanted in told


def test_without_a_reason_documents_are_what_is_missing() -> None:
    """Nothing came in at all."""
    assert _remedy("") == OTHERWISE
