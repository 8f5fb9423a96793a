"""Options that an answer names by their text or their place: "OIDC federation", "the second one".

A text that stands in full, and a place, are put as the option's letter, so that what is said of
them is read as of a letter. A shortened text counts where it fits one option alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

LEAST_WORDS = 2
"""Words of an option's text from which on it is looked for among others."""
SHORT = 30
"""Words of an answer that may be an option's text in other words."""
BOTH, FEW = 2, 6
"""Words that no other option has, which are enough in an answer of so few."""
COVERED, OWN = 0.6, 0.75
"""Share of an option's words that a text must have, or of its own words that are the option's."""

_WORD = re.compile(r"[^\W_]+")
_GAP = r"[^\w.;!?]+"
"""What may be between two words of an option's text."""
_LABELLED = re.compile(r"(?<![\w'])[A-Ha-h][\s*_]*[).:\]|\u2013-]+[\s*_\"'`(|]*$")
_SMALL = frozenset(
    re.findall(
        r"\w+",
        """a an the of to in on at by for with from and or is are be that which it its this these i
    we you would should will can use using answer option choice correct right best one because since
    as so do does my go pick choose select than not only""",
    )
)
_ENDING = re.compile(r"(?<=\w{3})(?:ations?|ing|ed|es|s)$")
_REASON = re.compile(r",? \b(?:because|since|as|so that)\b|[;:] ")
_DENIES = re.compile(
    r"\b(?:not|no|never|neither|nor|cannot|without|rather than|instead of)\b|n't\b", re.IGNORECASE
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_NTH = {"1st": 0, "2nd": 1, "3rd": 2, "4th": 3, "5th": 4, "6th": 5}
_NTH |= {word: place for place, word in enumerate(_ORDINALS)}
_NUMBERS = ("one", "two", "three", "four", "five", "six")
_CARDINAL = _NTH | {word: place for place, word in enumerate(_NUMBERS)}
_PLACE = re.compile(
    rf"\b(?:the )?(?P<nth>{'|'.join(_NTH)}|last|final) (?:one|option|choice|alternative|answer"
    r"|statement|item|of (?:the )?(?:four|five|options|these))\b"
    rf"|^\W*(?:the )?(?P<bare>{'|'.join(_NTH)}|last)\W*$"
    rf"|\b(?:pick|choose|take|select|go (?:with|for)|is) the (?P<taken>{'|'.join(_NTH)}|last)[.!]?$"
    r"|\b(?:option|number|choice|answer|alternative|no\.|nr\.?)\s*#?(?P<number>[1-6]|one|two|three"
    r"|four|five|six)\b(?![.,]\d)",
    re.IGNORECASE | re.MULTILINE,
)


_CONTRAST = re.compile(
    r",?\s*\b(?:rather than|instead of|as opposed to|not)\b[^.;\n]*|\bneither\b[^.;\n]*[.;]",
    re.IGNORECASE,
)
"""What an answer sets its choice against."""


def exact(text: str, options: Sequence[str]) -> int | None:
    """Place of the option whose text a text is, but for case, marks and its end."""
    said = _words(text)
    return next((n for n, option in enumerate(options) if said and said == _words(option)), None)


def lettered(text: str, options: Sequence[str]) -> str:
    """A text with the full text of an option put as its letter, where no letter stands before."""
    for place in sorted(range(len(options)), key=lambda n: -len(options[n])):
        pattern = _full(options[place])
        if pattern is None:
            continue
        letter = chr(ord("A") + place)

        def put(found: re.Match[str], letter: str = letter) -> str:
            before = found.string[max(0, found.start() - 12) : found.start()]
            return found[0] if _LABELLED.search(before) else f"option {letter}"

        text = pattern.sub(put, text)
    return text


@lru_cache(maxsize=1024)
def _full(option: str) -> re.Pattern[str] | None:
    words = _WORD.findall(option)
    if len(words) < LEAST_WORDS:
        return None
    joined = _GAP.join(map(re.escape, words))
    return re.compile(rf"(?<!\w){joined}(?!\w)", re.IGNORECASE)


def placed(text: str, count: int) -> str:
    """A text with places put as letters: "the last one" of four -> "option D"."""

    def put(found: re.Match[str]) -> str:
        word = next(one for one in found.groupdict().values() if one).lower()
        place = int(word) - 1 if word.isdigit() else _CARDINAL.get(word, count - 1)
        return f"option {chr(ord('A') + place)}" if place < count else found[0]

    return _PLACE.sub(put, text)


def shortened(text: str, options: Sequence[str]) -> int | None:
    """Place of the one option whose text a short answer gives in part or in other words."""
    first = re.split(r"(?<=[.!?])\s|\n", text.strip(), maxsplit=1)[0]
    for part in (text, first, _REASON.split(first)[0], _CONTRAST.sub("", first)):
        if len(part.split()) <= SHORT and not _DENIES.search(part):
            found = _fitting(frozenset(_words(part)), options)
            if found is not None:
                return found
    return None


def _fitting(said: frozenset[str], options: Sequence[str]) -> int | None:
    bags = [frozenset(_words(option)) for option in options]
    common = {word for n, bag in enumerate(bags) for word in bag if _elsewhere(word, n, bags)}
    named = [n for n, bag in enumerate(bags) if (bag - common) & said]
    if len(named) != 1 or not said:
        return None
    bag = bags[named[0]]
    shared = len(bag & said)
    own = len((bag - common) & said)
    fits = (
        (own >= BOTH and len(said) <= FEW)
        or shared >= COVERED * len(bag)
        or shared >= OWN * len(said)
    )
    return named[0] if fits else None


def _elsewhere(word: str, place: int, bags: Sequence[frozenset[str]]) -> bool:
    return any(word in bag for n, bag in enumerate(bags) if n != place)


def _words(text: str) -> list[str]:
    found = (_ENDING.sub("", word.lower()) for word in _WORD.findall(text))
    return [word for word in found if word not in _SMALL]
