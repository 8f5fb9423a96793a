"""In which language a text is, and whether it is English: the rubric's patterns and cues are, so
nothing else can be graded.

Small words tell languages apart from a sentence on (Grefenstette, Comparing two language
identification schemes, 1995); code, names and numbers say nothing of the language and are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from secarch.text.lexicon import LANGUAGES_OF

_SAMPLE = 2_000
"""Characters of a document from which its language is told."""
_DIFFERENT = 3
"""Small words of a language from which a text is in it: one may be a name that is repeated."""
LEAST_WORDS = 12
"""Words of prose below which a text is taken for English."""
FOREIGN_LETTERS = 0.4
"""Share of letters of other scripts from which on a text is not English."""

_ENGLISH = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "is",
        "that",
        "for",
        "it",
        "as",
        "with",
        "be",
        "on",
        "by",
        "not",
        "are",
        "this",
        "from",
        "or",
        "an",
        "at",
        "which",
        "you",
        "have",
        "use",
        "if",
        "can",
        "only",
        "all",
        "must",
        "should",
        "each",
        "every",
        "any",
        "no",
        "its",
        "so",
        "your",
        "when",
        "then",
        "than",
        "they",
        "will",
        "has",
        "into",
        "but",
        "what",
        "who",
        "where",
        "one",
        "more",
        "also",
        "because",
    ]
)
_OTHERS = {
    "German": """der die das und ist nicht ein eine mit den dem des zu von auf für im sich auch
        als bei nach sie wird werden sind oder aus nur wenn kann über einen keine alle sollte muss
        durch ihre sowie""",
    "French": """le la les des et est une un dans que pour pas sur avec qui au aux par ce cette
        vous il sont plus ne doit être ou leur chaque tous toutes mais ses votre du""",
    "Spanish": """el la los las y es una un en que para no con por se del al como más su sus debe
        ser este esta todos todas cada pero sin sobre o lo""",
    "Italian": """il la gli le e è una un di che per non con si del della dei nel come più sono
        deve essere questo ogni tutti anche ma lo da""",
    "Portuguese": """o a os as e é uma um em que para não com por se do da dos das como mais ser
        deve este cada todos mas sem no na""",
    "Dutch": """de het een en is niet met van te voor op dat die zijn aan ook als bij door wordt
        worden moet kan of alle elke maar naar uit deze""",
    "Polish": """i w nie na się jest z do że to dla są oraz przez należy jako od może być tylko
        każdy ale które""",
}
_SCRIPTS = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u4e00-\u9fff]"), "zh"),
    (re.compile("[\u0400-\u04ff]"), "ru"),
    (re.compile("[\u0600-\u06ff]"), "ar"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[\u0370-\u03ff]"), "el"),
    (re.compile("[\u0900-\u097f]"), "hi"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
)
_OTHER_SCRIPT = re.compile("[^\0-\u024f]")
_BEYOND = re.compile("[^\0-\x7f]")
_FENCES = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")


def foreign(text: str) -> str:
    """The language that a text is written in instead of English, or "".

    "another script" where its letters are not Latin ones. A text with little prose is taken for
    English. Example: `foreign("Verwenden Sie für jeden Dienst eine eigene Rolle, und geben Sie ihr
    nur die Rechte, die sie braucht.")` is "German".
    """
    words = _WORD.findall(_without_code(text).lower())
    letters = "".join(words)
    other = 0 if letters.isascii() else len(_OTHER_SCRIPT.findall(letters))
    if letters and other / len(letters) >= FOREIGN_LETTERS and len(letters) >= LEAST_WORDS:
        return "another script"
    if len(words) < LEAST_WORDS:
        return ""
    english = sum(map(_ENGLISH.__contains__, words))
    small_words = list(filter(_ANY_SMALL.__contains__, words))
    name, most = max(
        ((name, sum(map(small.__contains__, small_words))) for name, small in _SMALL.items()),
        key=lambda pair: pair[1],
    )
    return name if most > 2 * english and most >= len(words) / 8 else ""


def _without_code(text: str) -> str:
    return _FENCES.sub(" ", text) if any(mark in text for mark in ("`", "~~~", "://")) else text


_SMALL = {name: frozenset(words.split()) - _ENGLISH for name, words in _OTHERS.items()}
_ANY_SMALL = frozenset().union(*_SMALL.values())
_CODES = {
    "German": "de",
    "French": "fr",
    "Spanish": "es",
    "Italian": "it",
    "Portuguese": "pt",
    "Dutch": "nl",
    "Polish": "pl",
}


def language(text: str, words: Sequence[str]) -> str:
    """ISO 639-1 code by script, else by which language's function words are most frequent; '' where
    too short.

    A word that several languages share counts for each of them. A cheap gate for pages that are
    plainly in another language, not a language identifier.
    """
    letters = sum(map(len, words))
    if letters < 30:
        return ""
    if any(mark >= "\u0370" and mark.isalpha() for mark in set(_BEYOND.findall(text))):
        for script, code in _SCRIPTS:
            if len(script.findall(text)) > 0.3 * letters:
                return code
    if letters < 60 or len(words) < 20:
        return ""
    counts: Counter[str] = Counter()
    for word, n in Counter(filter(LANGUAGES_OF.__contains__, words)).items():
        for code in LANGUAGES_OF[word]:
            counts[code] += n
    best = max(
        counts.items(), key=lambda pair: (pair[1], pair[0] == "en", pair[0]), default=("", 0)
    )
    return best[0] if best[1] >= 0.03 * len(words) else ""


def written_in(text: str, declared: str) -> str:
    """ISO 639-1 code of a document's language: the declared one, unless there is none or a template
    says English above a text that plainly is not; '' if nothing tells.
    """
    if declared not in {"", "en"}:
        return declared
    other = foreign(text[:_SAMPLE])
    if declared and not other:
        return declared
    prose = _without_code(text[:_SAMPLE]).lower()
    words = _WORD.findall(prose)
    if other in _CODES:
        varied = len(_SMALL[other].intersection(words)) >= _DIFFERENT
        return _CODES[other] if varied else declared
    return language(prose, words) or declared
