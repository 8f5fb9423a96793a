"""Whether a text is English: the rubric's patterns and cues are, so nothing else can be graded.

Small words tell languages apart from a sentence on (Grefenstette, Comparing two language
identification schemes, 1995); code, names and numbers say nothing of the language and are left out.
"""

from __future__ import annotations

import re

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
_FENCES = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")


def foreign(text: str) -> str:
    """The language that a text is written in instead of English, or "".

    "another script" where its letters are not Latin ones. A text with little prose is taken for
    English. Example: `foreign("Verwenden Sie für jeden Dienst eine eigene Rolle, und geben Sie ihr
    nur die Rechte, die sie braucht.")` is "German".
    """
    prose = _FENCES.sub(" ", text)
    words = [word.lower() for word in _WORD.findall(prose)]
    letters = "".join(words)
    other = sum(ord(letter) > 0x24F for letter in letters)
    if letters and other / len(letters) >= FOREIGN_LETTERS and len(letters) >= LEAST_WORDS:
        return "another script"
    if len(words) < LEAST_WORDS:
        return ""
    english = sum(word in _ENGLISH for word in words)
    name, most = max(
        ((name, sum(word in small for word in words)) for name, small in _SMALL.items()),
        key=lambda pair: pair[1],
    )
    return name if most > 2 * english and most >= len(words) / 8 else ""


_SMALL = {name: frozenset(words.split()) - _ENGLISH for name, words in _OTHERS.items()}
