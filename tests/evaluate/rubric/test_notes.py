"""Verbless notes: values of settings below a label say something, lists of terms do not."""

from __future__ import annotations

import pytest

from secarch.evaluate import validate
from secarch.evaluate.rubric.language import asserts
from secarch.suite.schema import load
from secarch.text.polarity.windows import windows


@pytest.mark.parametrize(
    "note",
    [
        "Rights: read-only on logs",
        "Prod bucket: COMPLIANCE, default 6 y",
        "Apply role: sub=environment:production, per stack",
        "| Role | Trust |\n|---|---|\n| Plan | sub=pull_request, read-only |",
    ],
)
def test_a_note_with_a_value_says_something(note: str) -> None:
    """A label and the value of a setting need no verb."""
    assert asserts(windows(note)[-1])


@pytest.mark.parametrize(
    "note",
    [
        "Storage: encryption, versioning, logging",
        "Rights: sub=env, read-only, vault, quorum",
        "Rights: logs",
        "## Rights: read-only on logs",
        "read-only",
    ],
)
def test_a_list_of_terms_says_nothing(note: str) -> None:
    """A label does not make terms a statement."""
    assert not asserts(windows(note)[-1])


@pytest.mark.slow
def test_stuffing_gains_nothing_by_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """In all forms of key words at most one window in two hundred counts for its value alone."""
    forms = [
        text for texts in validate._stuffing(load(["core"]).questions).values() for text in texts
    ]
    every = [window for text in forms for window in windows(text) if not window.code]
    with_values = sum(map(asserts, every))
    monkeypatch.setattr("secarch.evaluate.rubric.language.VALUES", -1)
    assert with_values - sum(map(asserts, every)) <= len(every) / 200
