"""Readability equals textstat's, offline."""

from __future__ import annotations

import socket
import statistics
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import secarch
from secarch.dedupe.quality import readability
from secarch.dedupe.quality.reading_level import offline_textstat, pronunciations
from secarch.text import markdown

SAMPLES = [
    "",
    "Hi.",
    "The cat sat on the mat. It was warm!",
    "Don't rotate the teams' keys; it's well-known. They'd fail?",
    (
        "Kubernetes admission controllers intercept authenticated requests before objects are "
        "persisted. Deny by default."
    ),
    "e.g. AWS KMS v1.2.3 costs $0.03 per 10,000 requests... See https://example.com/a?b=c!",
    "naïve façade — “quoted” words 7 x_1.",
]


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
    textstat = offline_textstat()
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
    textstat = offline_textstat()
    sample = " ".join(parts)
    ours = readability.measure(sample)
    assert ours.words == textstat.lexicon_count(sample)
    assert ours.sentences == textstat.sentence_count(sample)
    assert ours.syllables == textstat.syllable_count(sample)


def test_every_word_of_the_dictionary_has_its_syllables() -> None:
    """The short reading of the dictionary counts what its package's own reading gives."""
    known = pronunciations()
    wrong = [
        word
        for word, phones in known.items()
        if readability.syllables(word) != sum(phone[-1].isdigit() for phone in phones[0])
    ]
    assert len(known) > 100_000
    assert not wrong


def test_a_word_is_looked_up_once() -> None:
    """Syllables are cached across texts."""
    readability.syllables.cache_clear()
    readability.measure("encryption encryption")
    readability.measure("encryption")
    assert readability.syllables.cache_info().misses == 1


def test_scores_follow_textstat_on_real_prose(corpus: list[str]) -> None:
    """R >= 0.99 on documentation, for both formulas; code and tables are masked for both."""
    prose = [
        text
        for text in (markdown.prose(t, markdown.blocks(t)) for t in corpus)
        if len(text.split()) >= 100
    ]
    textstat = offline_textstat()
    ours = [readability.measure(text) for text in prose]
    ease = [textstat.flesch_reading_ease(text) for text in prose]
    grade = [textstat.flesch_kincaid_grade(text) for text in prose]
    assert len(prose) >= 10
    assert statistics.correlation([m.reading_ease for m in ours], ease) >= 0.99
    assert statistics.correlation([m.grade for m in ours], grade) >= 0.99


@pytest.fixture
def corpus() -> list[str]:
    """The handbook that the package embeds, a page an item."""
    folder = Path(secarch.__file__).parent / "demo" / "site"
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.md"))]
