"""Readability equals textstat's, offline."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secarch.dedupe import readability

SAMPLES = [
    "", "Hi.", "The cat sat on the mat. It was warm!", "Don't rotate the teams' keys; it's well-known. They'd fail?",
    "Kubernetes admission controllers intercept authenticated requests before objects are persisted. Deny by default.",
    "e.g. AWS KMS v1.2.3 costs $0.03 per 10,000 requests... See https://example.com/a?b=c!",
    "naïve façade — “quoted” words 7 x_1.",
]  # fmt: skip


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to open a connection fails the test."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the network was called")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("sample", SAMPLES)
def test_scores_equal_textstat(sample: str, no_network: None) -> None:
    """Both formulas give what textstat gives, and neither calls the network."""
    textstat = readability.offline_textstat()
    ours = readability.measure(sample)
    assert ours.reading_ease == pytest.approx(textstat.flesch_reading_ease(sample))
    assert ours.grade == pytest.approx(textstat.flesch_kincaid_grade(sample))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *"The server rotates keys quickly don't isn't x_9 co-op it's".split(),
                ".",
                "!",
                "?",
                ",",
                "'",
                "- ",
                "\n",
                "...",
            ]
        ),
        max_size=40,
    )
)
def test_counts_equal_textstat(parts: list[str]) -> None:
    """Words, sentences and syllables are counted by textstat's rules, whatever the punctuation."""
    textstat = readability.offline_textstat()
    sample = " ".join(parts)
    ours = readability.measure(sample)
    assert ours.words == textstat.lexicon_count(sample)
    assert ours.sentences == textstat.sentence_count(sample)
    assert ours.syllables == textstat.syllable_count(sample)


def test_a_word_is_looked_up_once() -> None:
    """Syllables are cached across texts."""
    readability.syllables.cache_clear()
    readability.measure("encryption encryption")
    readability.measure("encryption")
    assert readability.syllables.cache_info().misses == 1
