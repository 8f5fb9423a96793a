"""Held-out rows that say what training rows say, word for word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from secarch.records import Example
from secarch.text.overlap import RUN_WORDS, Known
from secarch.text.overlap import held as held_of
from secarch.text.words import ngrams, ngrams_of

BATCH = 256


def overlapping(train: Sequence[Example], held: Sequence[Example], most: float) -> set[str]:
    """Ids of the held-out examples of whose answer's 13-grams more than `most` (0..1) occur in
    training answers.
    """
    if not held or not train:
        return set()
    wanted = [ngrams(example.answer, RUN_WORDS) for example in held]
    asked = Known(np.concatenate(wanted))
    if not len(asked.grams):
        return set()
    seen = np.zeros(len(asked.grams), bool)
    for at in range(0, len(train), BATCH):
        grams, _ = ngrams_of([example.answer for example in train[at : at + BATCH]], RUN_WORDS)
        seen[np.searchsorted(asked.grams, grams[asked.held(grams)])] = True
    known = asked.grams[seen]
    return {
        example.id
        for example, grams in zip(held, wanted, strict=True)
        if len(grams) and float(held_of(known, grams).mean()) > most
    }
