"""A sentence as words with meanings: what they do, what to, for whom, and how it is said.

The classes are data (words.yaml): deeds such as to take away or to open, objects such as a log or a
secret, scopes such as everyone, and turns that excuse, limit or warn. `matter` tells what a
sentence speaks of by pairs of classes in their order, and by its words; `manner` how it is said, by
function words, endings and turns. `secarch.danger.estimate` weighs both together (`features`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

NEAR, FAR = 4, 8
"""Units between two classes up to which they are a near pair, and a pair at all."""
LONGEST = 4
"""Words of the longest entry."""
_DENIES = 3
"""Units after a negation that it is taken to deny."""
_SIZE = 6.0
"""To what length the features of a sentence are brought, so that a long one counts no more."""
_TOKEN = re.compile(r"(?:[a-z0-9_:*./&+|@-][a-z0-9_:*./'&+|@-]*)?[a-z0-9*|]|[,;:?!]")
_NEGATIONS = frozenset(
    {"not", "never", "don't", "do not", "must not", "mustn't", "cannot", "can't", "should not"}
    | {"shouldn't", "may not", "won't", "isn't", "aren't", "is not", "are not", "doesn't"}
    | {"does not", "no one", "nobody"}
)
_FUNCTION = frozenset(
    """a an the and or but so as because since if when while until though although even only just
    simply also then than that this it its these those which who whoever what why how they them
    their he she we us our i my you your is are was were be been being has have had do does did can
    could may might must should shall will would ought need needs not no never nor neither nobody
    none nothing cannot isn't aren't wasn't weren't don't doesn't didn't can't couldn't won't
    wouldn't shouldn't mustn't needn't to of for in on at by with without from into onto through
    after before during against between about over under out up off any every each all both some
    many much more less most enough too very quite instead rather there here now once always often
    already yet still later anyway ever again whether unless let make keep use give put set run
    : ; , ?""".split()  # noqa: SIM905 - a word list reads better as words
)
_PAST = frozenset({"was", "were", "had", "found", "did"})
_ENDINGS = ("ing", "ed", "ly", "s")
_STEMS = ("'s", "ing", "ed", "es", "s")


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, or some that mean one thing."""

    text: str
    classes: tuple[str, ...]
    start: int
    end: int
    denied: bool = False

    def named(self) -> list[str]:
        """Its classes, marked where a negation stands before it."""
        return [f"!{name}" for name in self.classes] if self.denied else list(self.classes)


@cache
def _entries() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The classes of each entry, and of each beginning of a word."""
    data = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
    whole: dict[str, set[str]] = {}
    begun: dict[str, set[str]] = {}
    for name, words in data.items():
        for word in (entry.replace("_", " ") for entry in words.split()):
            if word.endswith("*") and len(word) > 1 and word[-2].isalpha():
                begun.setdefault(word[:-1], set()).add(name)
            else:
                whole.setdefault(word, set()).add(name)
    return whole, begun


@lru_cache(maxsize=65_536)
def _classes(text: str) -> tuple[str, ...]:
    """Of a word, or of several that are one entry, whose last word may go on."""
    whole, begun = _entries()
    found = set(whole.get(text, ()))
    for size in range(text.rfind(" ") + 2, len(text) + 1):
        found |= begun.get(text[:size], set())
    return tuple(sorted(found))


@cache
def _firsts() -> frozenset[str]:
    """The first words of entries that have several."""
    return frozenset(entry.split(" ")[0] for part in _entries() for entry in part if " " in entry)


def units(sentence: str) -> list[Unit]:
    """The units of a sentence in lower case; longer entries win."""
    tokens = list(_TOKEN.finditer(sentence))
    found: list[Unit] = []
    at, denied_to = 0, -1
    while at < len(tokens):
        size, classes = _longest(tokens, at)
        text = " ".join(token[0] for token in tokens[at : at + size])
        start, end = tokens[at].start(), tokens[at + size - 1].end()
        place = len(found)
        found.append(Unit(text, classes, start, end, denied=place <= denied_to))
        if text in _NEGATIONS:
            denied_to = place + _DENIES
        elif text in {",", ";", ":"}:
            denied_to = -1
        at += size
    return found


def _longest(tokens: Sequence[re.Match[str]], at: int) -> tuple[int, tuple[str, ...]]:
    first = tokens[at][0]
    if first in _firsts():
        for size in range(min(LONGEST, len(tokens) - at), 1, -1):
            text = " ".join(token[0] for token in tokens[at : at + size])
            if classes := _classes(text):
                return size, classes
    return 1, _classes(first)


@lru_cache(maxsize=65_536)
def _stem(text: str) -> str:
    if " " in text:
        return text
    for ending in _STEMS:
        if text.endswith(ending) and len(text) - len(ending) >= 3:
            text = text[: -len(ending)]
            break
    return text.rstrip("e")


@lru_cache(maxsize=65_536)
def _shape(text: str) -> str:
    """A function word as it is; of another word only its ending."""
    if text in _FUNCTION or (" " in text and all(word in _FUNCTION for word in text.split())):
        return text
    if any(letter.isdigit() for letter in text):
        return "9"
    return next((f"-{e}" for e in _ENDINGS if text.endswith(e) and len(text) > 4), "x")


def matter(found: Sequence[Unit]) -> dict[str, float]:
    """What a sentence speaks of: its words, neighbouring words, classes, and pairs of classes."""
    features: dict[str, float] = {}
    names = [["^"], *(unit.named() for unit in found)]
    stems = ["^", *(_stem(unit.text) for unit in found)]
    for place, stem in enumerate(stems):
        features[f"={stem}"] = 0.7
        if place + 1 < len(stems):
            features[f"={stem} {stems[place + 1]}"] = 0.5
        for name in names[place]:
            features[f"#{name}"] = 1.0
    for first, second, near in pairs(names):
        features[f"{first}>{second}" if near else f"{first}>~{second}"] = 1.0 if near else 0.6
    return _scaled(features, _SIZE)


def pairs(names: Sequence[Sequence[str]]) -> Iterator[tuple[str, str, bool]]:
    """Two classes in their order, and whether they are near."""
    for place, here in enumerate(names):
        for name in here:
            for gap, later in enumerate(names[place + 1 : place + FAR + 1], 1):
                for other in later:
                    yield name, other, gap <= NEAR


def manner(found: Sequence[Unit]) -> dict[str, float]:
    """How a sentence is said: runs of function words and endings, and its turns."""
    features: dict[str, float] = {}
    shapes = ["^", *(_shape(unit.text) for unit in found), "$"]
    for place in range(len(shapes)):
        for size, weight in ((1, 1.0), (2, 0.7), (3, 0.5)):
            if place + size <= len(shapes):
                features[" ".join(shapes[place : place + size])] = weight
    if found:
        features[f"first {found[0].text}"] = 1.0
        features.update({f"first #{name}": 0.7 for name in found[0].classes})
    features.update({f"#{name}": 0.7 for unit in found for name in unit.classes})
    if any(unit.text in _PAST for unit in found):
        features["past"] = 1.0
    return _scaled(features, _SIZE - 1)


def features(found: Sequence[Unit]) -> dict[str, float]:
    """Matter and manner, which is marked."""
    return matter(found) | {f"~{name}": value for name, value in manner(found).items()}


def _scaled(raw: dict[str, float], size: float) -> dict[str, float]:
    length = sum(value * value for value in raw.values()) ** 0.5 / size
    return {name: value / length for name, value in raw.items()} if length else {}
