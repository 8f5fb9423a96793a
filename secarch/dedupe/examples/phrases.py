"""Read a heading as language: is it a question, something to do, a clause, or a thing; and say it
inside a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from secarch.text.lexicon import DOUBLED, NAMES, NOMINAL, NOUNS_TOO, SMALL, VERBS

MEANT = "what is meant by "
"""Begins the clause that a heading becomes which is a sentence of its own."""
Form = Literal["question", "do", "clause", "thing"]

_PREPOSITION = re.compile(
    r"(for|in|with|of|on|at|by|using|to|from|and|or|options?|settings?|requirements?|best|is|as|"
    r"via|&|:)\b"
)
_NUMBER = re.compile(
    r"^(?:(?:step|chapter|section|part|task|lab|option)\s+\d+[\s:.)-]+|(?:quickstart|tutorial|"
    r"how-to|"
    r"walkthrough|procedure|example "
    r"\d*):\s+|\d+(?:\.\d+)*[.)]?\s+(?=\D)|[-\u2013\u2014:#]+\s*|\W{1,3}\s+)",
    re.IGNORECASE,
)
_WH = re.compile(r"^(how|why|when|where|what|which|who|whether)\b", re.IGNORECASE)
_ASKS = re.compile(
    r"^(what|who|which|where|when|why|how)('s| is| are| do| does| can| should| must| would| will| "
    r"did| has| have)\b",
    re.IGNORECASE,
)
_YES_NO = re.compile(r"^(is|are|do|does|can|should|must|will|has|have|did)\b.*\?$", re.IGNORECASE)


def _gerund(verb: str) -> str:
    if verb in DOUBLED:
        return verb + verb[-1] + "ing"
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + "ing"


_GERUNDS = {_gerund(verb): verb for verb in VERBS}
_BASES = {verb: gerund for gerund, verb in _GERUNDS.items()}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A heading, ready for a sentence."""

    form: Form
    text: str
    """question: with its question mark; do: from the bare verb; clause: from its question word;
    thing: a noun.
    """

    @property
    def noun(self) -> str:
        """As a noun phrase: doing for do, the words themselves otherwise."""
        return _as_doing(self.text) if self.form == "do" else self.text.rstrip("?")


class Casing:
    """Tells names from words by how a document writes them inside its sentences; remembers each
    word.
    """

    def __init__(self, body: str = "") -> None:
        self._body = body
        self._known: dict[str, str] = {}
        self._pairs: dict[str, bool] = {}
        self._inside: dict[str, bool] = {}
        self.phrases: dict[str, Phrase] = {}
        """Headings that were read before."""

    def word(self, word: str) -> str:
        """`word` in lower case where the document mostly writes it so, else as it stands."""
        if word not in self._known:
            lower = word.lower()
            common = not _is_name(word) and self._body.count(f" {lower} ") > self._body.count(
                f" {word} "
            )
            self._known[word] = lower if common or lower in SMALL else word
        return self._known[word]

    def text(self, text: str) -> str:
        """Each word of `text` as it belongs inside a sentence; names of several words ('Key Vault')
        stay whole.
        """
        words = text.split()
        if not words:
            return ""
        named = [self._pair(f"{a} {b}") for a, b in pairwise(words)]
        kept = [a or b for a, b in zip([False, *named], [*named, False], strict=True)]
        told = [word if keep else self.word(word) for word, keep in zip(words, kept, strict=True)]
        if any(a != b and b not in SMALL for a, b in zip(words, told, strict=True)):
            told = [
                word if keep else self._like_others(word)
                for word, keep in zip(told, kept, strict=True)
            ]
        return " ".join(told)

    def _like_others(self, word: str) -> str:
        """A word that tells nothing itself, beside words whose capitals are the heading's alone:
        without its own.
        """
        plain = word[:1].isupper() and not _is_name(word) and word.rstrip(",.:") not in NAMES
        return word.lower() if plain and not self._stands_inside(word) else word

    def heading(self, text: str) -> str:
        """`text` in which a capital that is there only because the heading begins gives way."""
        first, space, rest = text.partition(" ")
        paired = re.match(r"(?:and|&) ([A-Z]\w+)", rest)
        name = (
            bool(paired and self.text(rest).endswith(rest[paired.start(1) :]))
            or rest[:1].isupper()
            or _is_name(first)
            or first in NAMES
            or self._stands_inside(first)
        )
        return self.text(text) if name else first.lower() + space + self.text(rest)

    def _stands_inside(self, word: str) -> bool:
        """True where the document has the word, written so, behind a word in lower case."""
        if word not in self._inside:
            parts = self._body.split(f" {word}") if word else []
            words = [before[-40:].rsplit(maxsplit=1)[-1:] for before in parts[:-1]]
            self._inside[word] = any(
                w and w[0][:1].islower() and w[0][-1:] not in ".:!?|" for w in words
            )
        return self._inside[word]

    def _pair(self, pair: str) -> bool:
        """True where the document writes these two words with capitals again and again, beside its
        headings.
        """
        if pair not in self._pairs:
            capitals = all(part[:1].isupper() for part in pair.split(" "))
            self._pairs[pair] = (
                capitals and self._body.count(pair) > self._body.count(pair.lower()) + 1
            )
        return self._pairs[pair]


_DEEDS = {
    "verify": "verification",
    "detect": "detection",
    "prevent": "prevention",
    "respond": "response",
}
_LEADS = re.compile(
    r"(?:from|to|with|by|in|on|at|before|after|beyond|without|as|for)\b .+", re.IGNORECASE
)
_RELATIVE = re.compile(r"\w (?:that|which|who|whose) ", re.IGNORECASE)
_SENTENCE = re.compile(
    r"(you|we|i|it|this|there|if|the following|these)\b|.{3,} "
    r"(should|must|may|can|cannot|will|is|are|has|"
    r"have|does|do|was|were)\b .+",
    re.IGNORECASE,
)


_LINKED = re.compile(r"\s*\[([^\[\]]+)\]\s*")
_EDITION = re.compile(
    r"\s*\((?:console|optional|recommended|cli|api|preview|continued|"
    r"(?:previous|old|older|new|latest) version|archived?|deprecated|legacy|draft)\)$",
    re.IGNORECASE,
)
_GENRE = re.compile(
    r"(?<=\w)\s+(?:cheat sheet|documentation|overview|tutorial|at a glance)$", re.IGNORECASE
)
_ABOUT = re.compile(r"^about (?=\w)", re.IGNORECASE)
_HOW_TO = re.compile(r"how to (\w.*)", re.IGNORECASE)


def read(heading: str, casing: Casing | None = None) -> Phrase:
    """Tell what `heading` is; `casing` decides which of its words are names, and remembers."""
    casing = casing or Casing()
    if heading not in casing.phrases:
        casing.phrases[heading] = _read(heading, casing)
    return casing.phrases[heading]


def _read(heading: str, casing: Casing) -> Phrase:
    inside = _LINKED.fullmatch(heading)
    bare = _NUMBER.sub("", inside[1] if inside else heading.strip()).strip(" .:-\u2013\u2014")
    bare = _GENRE.sub("", _EDITION.sub("", bare)) or heading.strip()
    if bare.endswith("?") or _ASKS.match(bare):
        asked = _WH.match(bare) or _YES_NO.match(bare)
        return (
            Phrase("question", bare.rstrip("? ") + "?") if asked else Phrase("thing", f'"{bare}"')
        )
    bare = _ABOUT.sub("", bare)
    if match := _HOW_TO.match(bare):
        return Phrase("do", casing.text(_lower_first_word(match[1])))
    if _WH.match(bare):
        return Phrase("clause", casing.text(bare[0].lower() + bare[1:]))
    done = _doing(bare) or _imperative(bare)
    if done:
        return Phrase("do", casing.text(done.text))
    return _thing(bare, casing)


def _thing(bare: str, casing: Casing) -> Phrase:
    if _SENTENCE.match(bare) and not _RELATIVE.search(bare):
        return Phrase("clause", f'{MEANT}"{bare}"')
    verb, _, rest = bare.partition(" ")
    base = _GERUNDS.get(verb.lower(), verb.lower())
    if base in _BASES and base not in NOUNS_TOO and re.match(r"(?:and|or|&) ", rest):
        return Phrase("thing", f"{_DEEDS.get(base) or _BASES[base]} {casing.text(rest)}")
    if re.match(r"example (?:with|of|for|using) ", bare, re.IGNORECASE):
        return Phrase("thing", f"an {casing.heading(bare)}")
    if re.match(r"from .+ to .+", bare, re.IGNORECASE):
        return Phrase("thing", f"the way {casing.text(bare)}")
    return Phrase("thing", f'"{bare}"' if _LEADS.match(bare) else casing.heading(bare))


def _lower_first_word(text: str) -> str:
    first, space, rest = text.partition(" ")
    return lowered(first) + space + rest


def lowered(word: str) -> str:
    """`word` in lower case unless it shows itself to be a name."""
    return word if _is_name(word) or word in NAMES else word.lower()


def _is_name(word: str) -> bool:
    """True for acronyms, CamelCase, words with digits or code marks."""
    return not _PLAIN_WORD.fullmatch(word) and word not in ("A", "I")


_PLAIN_WORD = re.compile(r"[A-Z]?[a-z'\u2019-]+,?")


def _doing(text: str) -> Phrase | None:
    """'Creating and managing keys' -> do 'create and manage keys'."""
    first, _, rest = text.partition(" ")
    verb = _GERUNDS.get(first.lower().rstrip(","))
    if verb is None or not rest or (first.lower() in NOMINAL and _PREPOSITION.match(rest)):
        return None
    joined = re.match(r"(?:and|or|&) (\w+)", rest)
    if joined and joined[1].lower() not in _GERUNDS:
        return None
    changed = re.sub(
        r"(^|, |,? and |,? or )([A-Za-z]+ing)\b(?=,? )",
        lambda m: m[1] + _GERUNDS.get(m[2].lower(), m[2]),
        text,
    )
    left = re.match(r"(?:\w+, )*\w+,? (?:and|or|&) \w+$", text)
    return None if left else Phrase("do", changed[0].lower() + changed[1:])


def _imperative(text: str) -> Phrase | None:
    manner = _MANNER.match(text)
    if manner and manner[1].lower() in _BASES:
        return Phrase("do", text[0].lower() + text[1:])
    first, _, rest = text.partition(" ")
    verb = first.lower()
    if verb not in _BASES or not rest:
        return None
    second = rest.split(" ", 1)[0]
    if joined := re.match(r"(?:and|or|&) (\w+)", rest):
        return (
            Phrase("do", verb + " " + rest)
            if joined[1].lower() in _BASES and verb not in NOUNS_TOO
            else None
        )
    if verb in NOUNS_TOO and not (
        (verb in _DONE and not _OF_A_NOUN.match(rest))
        or re.fullmatch(
            r"(a|an|the|your|our|all|any|each|every|up|down|out|into|how|wh(?:at|ich|o)|new|"
            r"existing|multiple|only|least)",
            second,
        )
        or rest.endswith((" first", " again", " early"))
    ):
        return None
    if re.match(r"(cases?|policy|policies|of)\b", rest) and verb in {*NOUNS_TOO, "use"}:
        return None
    return Phrase("do", verb + " " + rest)


_MANNER = re.compile(r"[a-z]+ly (\w+) (?!and\b)", re.IGNORECASE)
_OF_A_NOUN = re.compile(r"(?:items?|formats?|results?|of|for|in|and|or|points?|marks?|types?)\b")
_DONE = frozenset({"list", "check"})
"""Verbs that are nouns too, but in headings hardly ever."""


def _as_doing(text: str) -> str:
    """'create and manage keys' -> 'creating and managing keys'."""
    return re.sub(
        r"(^|, |,? and |,? or )([A-Za-z]+)\b",
        lambda m: m[1] + (_BASES.get(m[2].lower(), m[2]) if m[2].islower() else m[2]),
        text,
    )


_RELATES = (
    r"(?<=\b(?:what|that|when|than)\s)|(?<=\b(?:which|where|those)\s)|(?<=\bhow\s)|(?<=\bif\s)"
)
_VOICES = (
    (re.compile(r"\bI\b|\bme\b"), "my", "I"),
    (re.compile(r"\b[Ww]e\b|\b[Oo]ur\b"), "our", "we"),
    (re.compile(r"\ba team\b"), "its", "it"),
)


def voiced(name: str, value: str, template: str) -> str:
    """What to do, with the reader's 'your' and 'you' put into the mouth of the one who asks."""
    if name != "do" or "you" not in value:
        return value
    voice = next(((mine, who) for pattern, mine, who in _VOICES if pattern.search(template)), None)
    if voice is None:
        return value
    value = re.sub(r"\byour\b", voice[0], value)
    return re.sub(rf"(?:{_RELATES})you\b(?! are\b)", voice[1], value)


def agreeing(noun: str, opening: str) -> str:
    """'are' for a noun that looks like a plural, unless `opening`, the text about it, says 'is'."""
    head = _HEAD.split(noun, 1)[0]
    last = head.rsplit(maxsplit=1)[-1] if head.split() else ""
    said = opening.lower()
    if any(_SINGULAR.match(said, at) for at in _ends(head.lower(), said)):
        return "is"
    plural = re.fullmatch(r"\w*[a-z][a-rt-z]s|\w+sses", last) and not last.endswith(("us", "is"))
    return "are" if plural else "is"


def _ends(part: str, text: str) -> Iterator[int]:
    """Where each `part` of `text` ends."""
    at = text.find(part) if part else -1
    while at >= 0:
        yield at + len(part)
        at = text.find(part, at + len(part))


_SINGULAR = re.compile(r" (?:is|has|does|was|[a-z]+[^s\W]s)\b")
"""A verb of one thing behind it."""
_HEAD = re.compile(
    r"(?<=\w) (?:for|in|with|of|on|at|by|using|to|from|when|that|which|as|under|across)\b"
)
"""What follows the word that a verb has to agree with."""
