"""The runs of words around a span, by where they are: what people write who hold something back.

`signals` names kinds of words, and so generalises; runs of up to three words tell apart what a kind
throws together ("nobody disputes that" and "nobody says that"). Both are weighed by `setting`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

MOST = 40
"""Words and marks of one place that are read."""
LONGEST = 3
"""Words and marks of a run."""
PLACES: Mapping[str, str] = {
    "before": "B",
    "after": "A",
    "next": "N",
    "later": "L",
    "across": "X",
    "title": "T",
    "lead": "D",
    "previous": "P",
    "cells": "C",
    "column": "K",
    "quote": "Q",
}
"""One letter for each place of `setting.surroundings`."""
WIDER: Mapping[str, str] = {"A": "R", "N": "R", "L": "R", "X": "R"} | dict.fromkeys("TDPK", "U")
"""Places taken together: all that follows the span (R), all that is above it (U)."""
START = "^"
_TOKEN = re.compile(r"[a-z][a-z'-]*|\d+|[?!:;,.()\[\]\"*|#/~^]")


@lru_cache(maxsize=16_384)
def runs(text: str) -> frozenset[str]:
    """All runs of one to three words and marks; the first begin with `^`."""
    words = [START, *_TOKEN.findall(text.lower())[:MOST]]
    found = (
        " ".join(words[at : at + length])
        for length in range(1, LONGEST + 1)
        for at in range(len(words) - length + 1)
    )
    return frozenset(found) - {START}


def phrases(places: Mapping[str, str]) -> frozenset[str]:
    """The runs of all places, each behind the letter of its place: "B|it is"."""
    found: set[str] = set()
    for place, text in places.items():
        letter = PLACES[place]
        for name in filter(None, (letter, WIDER.get(letter))):
            found.update(f"{name}|{run}" for run in runs(text))
    return frozenset(found)
