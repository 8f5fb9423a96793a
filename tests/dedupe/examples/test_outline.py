"""Sentences and language, by the plain definition of each."""

from __future__ import annotations

import random
import re

from secarch.dedupe.examples.outline import is_english, sentences
from secarch.text.lexicon import FUNCTION_WORDS

_END = re.compile(r"(?<=[.!?])[\"')*_]{0,2}\s+(?=[A-Z\"'(`*\[])")
_SHORT = re.compile(r"\b(?:e\.g|i\.e|etc|vs|no|fig|approx|incl)\.$", re.IGNORECASE)


def plainly(text: str) -> list[str]:
    """A sentence ends at a mark before a capital, unless an abbreviation does."""
    found, at = [], 0
    for mark in _END.finditer(text):
        if not _SHORT.search(text[at : mark.start()]):
            found.append(text[at : mark.end()].strip())
            at = mark.end()
    return [one for one in [*found, text[at:].strip()] if one]


def test_sentences_end_where_the_plain_definition_ends_them() -> None:
    """Abbreviations, quotes, emphasis and several marks in a row among them."""
    rng = random.Random(7)
    parts = [
        *("Rotate", "the key", "e.g.", "approx.", "FIG.", "vs.", "no.", "casino.", "x.no.", "etc."),
        *("Done.", 'said."', "(Why?)", "**Now!**", "?!", "...", ".", "\n", "  ", "`code`", "[A]"),
    ]
    for _ in range(2_000):
        text = rng.choice(["", " "]).join(rng.choices(parts, k=rng.randint(0, 9)))
        spaced = " ".join(rng.choices(parts, k=rng.randint(0, 9)))
        for one in (text, spaced):
            assert sentences(one) == plainly(one), one


def test_a_language_is_told_by_the_words_that_each_has() -> None:
    """A word that several languages share counts for each."""
    rng = random.Random(8)
    for _ in range(400):
        most = rng.choice([*FUNCTION_WORDS])
        pool = [*FUNCTION_WORDS[most], *FUNCTION_WORDS["en"], *("bucket", "policy", "role") * 20]
        words = rng.choices(pool, k=rng.randint(30, 80))
        counts = {name: sum(w in listed for w in words) for name, listed in FUNCTION_WORDS.items()}
        top = max(counts.values())
        told = len(words) < 40 or counts["en"] >= top or top < 0.12 * len(words)
        assert is_english(", ".join(words).title()) is told
