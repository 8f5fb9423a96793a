"""Which passages are worth asking about: those in which something is decided, and joined ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from secarch.records import Example, Source
from secarch.text.words import words

_DECIDES = re.compile(
    r"\b(?:choose|instead of|rather than|prefer|recommend\w*|should|must|avoid|unless|only if|"
    r"if you|when you|depends?|trade-?offs?|versus|vs|compared|limit\w*|cannot|risk\w*|threat\w*|"
    r"attack\w*|mitigat\w*|protect\w*|because|so that|otherwise|before you|least privilege|"
    r"at the cost|drawbacks?|advantages?|best practices?|requires?|comply|compliance)\b",
    re.IGNORECASE,
)
JOINED_EVERY = 3
"""Of so many spans one is asked about together with a span of another document."""


@dataclass(frozen=True, slots=True)
class Span:
    """A passage to ask about; two documents' passages where `other` is given."""

    first: Example
    other: Example | None = None

    @property
    def passage(self) -> str:
        """What the model reads."""
        parts = [f"{e.title}\n{e.answer}" for e in (self.first, self.other) if e]
        return "\n\n".join(parts)

    @property
    def source(self) -> str:
        """What an answer may say."""
        return "\n".join(
            f"{e.title}\n{e.instruction}\n{e.answer}" for e in (self.first, self.other) if e
        )

    @property
    def sources(self) -> tuple[Source, ...]:
        """The passages' places."""
        found = [s for e in (self.first, self.other) if e for s in e.sources]
        return tuple(dict.fromkeys(found))


def density(text: str) -> float:
    """Words that decide, per 100 words."""
    return 100 * len(_DECIDES.findall(text)) / max(25, len(text.split()))


def choose(examples: Sequence[Example], most: int, seed: int) -> list[Span]:
    """Up to `most` spans, the densest in decisions first; equal densities in the seed's order."""

    def key(example: Example) -> tuple[float, bytes]:
        drawn = hashlib.blake2b(f"{seed}:{example.id}".encode(), digest_size=8).digest()
        return -round(density(example.answer)), drawn

    seen: set[tuple[str, int, int]] = set()
    drawn = []
    for example in sorted(examples, key=key):
        place = (example.document_id, example.start, example.end)
        if place not in seen:
            seen.add(place)
            drawn.append(example)
        if len(drawn) == most:
            break
    return _joined(drawn)


def _joined(drawn: Sequence[Example]) -> list[Span]:
    """Every third span with the one of another document that shares most words of the title."""
    by_word: dict[str, list[Example]] = {}
    for example in drawn:
        for word in set(words(example.title)):
            by_word.setdefault(word, []).append(example)
    spans = []
    for n, example in enumerate(drawn):
        partner = _partner(example, by_word) if n % JOINED_EVERY == JOINED_EVERY - 1 else None
        spans.append(Span(example, partner))
    return spans


def _partner(example: Example, by_word: dict[str, list[Example]]) -> Example | None:
    shared: dict[str, tuple[float, Example]] = {}
    for word in set(words(example.title)):
        listed = by_word[word]
        if len(word) < 4 or len(listed) > 200:
            continue
        for other in listed:
            if other.document_id != example.document_id and other.licence == example.licence:
                weight = shared.get(other.id, (0.0, other))[0] + 1 / len(listed)
                shared[other.id] = (weight, other)
    best = max(shared.values(), key=lambda pair: (pair[0], pair[1].id), default=None)
    return best[1] if best else None
