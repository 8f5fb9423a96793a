"""Porter's stemmer (1980) with the extensions that rouge-score's own has (nltk's default).

nltk's gives the same stems; to import it takes a second, since its package loads scipy's tests.
"""

from __future__ import annotations

from collections.abc import Iterable

_IRREGULAR = {
    "skies": "sky",
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    "news": "news",
    "innings": "inning",
    "inning": "inning",
    "outings": "outing",
    "outing": "outing",
    "cannings": "canning",
    "canning": "canning",
    "howe": "howe",
    "proceed": "proceed",
    "exceed": "exceed",
    "succeed": "succeed",
    "sky": "sky",
}
_DERIVED = (
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
    ("fulli", "ful"),
)
_ADJECTIVAL = (
    ("icate", "ic"),
    ("ative", ""),
    ("alize", "al"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ful", ""),
    ("ness", ""),
)
_LAST = (
    "al",
    "ance",
    "ence",
    "er",
    "ic",
    "able",
    "ible",
    "ant",
    "ement",
    "ment",
    "ent",
    "ion",
    "ou",
    "ism",
    "ate",
    "iti",
    "ous",
    "ive",
    "ize",
)
_SHORT = 2
"""Letters up to which a word is its own stem."""
_TIED = 4
"""Letters of words like "ties" and "died", which keep the e."""


def stem(word: str) -> str:
    """The stem of a word in lower case."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= _SHORT:
        return word
    found = _terminal(_past(_plural(word)))
    found = _replaced(_derived(found), _ADJECTIVAL, 0)
    return _double_l(_final_e(_suffix(found)))


def _consonants(word: str) -> str:
    """Each letter as c or v; a y is a consonant where no consonant is before it."""
    found = ""
    for letter in word:
        vowel = letter in "aeiou" or (letter == "y" and found.endswith("c"))
        found += "v" if vowel else "c"
    return found


def _measure(word: str) -> int:
    """How often a consonant follows a vowel."""
    return _consonants(word).count("vc")


def _short_end(word: str) -> bool:
    """Whether it ends with consonant, vowel and consonant, or is a vowel and a consonant."""
    kinds = _consonants(word)
    return kinds == "vc" or (kinds.endswith("cvc") and word[-1] not in "wxy")


def _doubled(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and _consonants(word)[-1] == "c"


def _replaced(word: str, rules: Iterable[tuple[str, str]], least: int) -> str:
    """The first ending that a word has replaced, if what is before it is long enough."""
    for ending, other in rules:
        if word.endswith(ending):
            begin = word[: -len(ending)]
            return begin + other if _measure(begin) > least else word
    return word


def _plural(word: str) -> str:
    if word.endswith("ies"):
        return word[:-1] if len(word) == _TIED else word[:-2]
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past(word: str) -> str:
    if word.endswith("ied"):
        return word[:-1] if len(word) == _TIED else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    ending = next((e for e in ("ed", "ing") if word.endswith(e)), "")
    begin = word[: -len(ending)] if ending else ""
    if "v" not in _consonants(begin):
        return word
    if begin.endswith(("at", "bl", "iz")):
        return f"{begin}e"
    if _doubled(begin):
        return begin if begin[-1] in "lsz" else begin[:-1]
    return f"{begin}e" if _measure(begin) == 1 and _short_end(begin) else begin


def _terminal(word: str) -> str:
    """A y behind a consonant as i."""
    begin = word[:-1]
    turned = word.endswith("y") and len(begin) > 1 and _consonants(begin)[-1] == "c"
    return f"{begin}i" if turned else word


def _derived(word: str) -> str:
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        return _derived(word[:-2])
    if word.endswith("logi") and not word.endswith(tuple(ending for ending, _ in _DERIVED)):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    return _replaced(word, _DERIVED, 0)


def _suffix(word: str) -> str:
    for ending in _LAST:
        if word.endswith(ending):
            begin = word[: -len(ending)]
            kept = _measure(begin) <= 1 or (ending == "ion" and begin[-1] not in "st")
            return word if kept else begin
    return word


def _final_e(word: str) -> str:
    begin = word[:-1]
    if not word.endswith("e"):
        return word
    measure = _measure(begin)
    return begin if measure > 1 or (measure == 1 and not _short_end(begin)) else word


def _double_l(word: str) -> str:
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word
