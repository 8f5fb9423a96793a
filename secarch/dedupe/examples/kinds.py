"""What kind of thing a chunk is, from its headings, its blocks and the cues in its prose."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from secarch.dedupe.examples.phrases import Phrase
from secarch.dedupe.examples.sections import Chunk, count_words
from secarch.dedupe.examples.wording import FACETS
from secarch.text.markdown import tidy
from secarch.text.words import words

_FACETS = [
    (kind, re.compile(rf"(?:{pattern})$", re.IGNORECASE)) for kind, pattern in FACETS.items()
]
_CONTROL = re.compile(
    r"\b(?:[A-Z]{2,3}-\d{1,2}(?:\(\d+\))?|V\d+(?:\.\d+)+|CIS \d|SI-\d|Req(?:uirement)? \d)\b"
)
_WARNING = re.compile(
    r"^[>\s]*(?:[-*] )?(?:\*\*|\[!|:::|!!!\s*)?\s*(?:warning|caution|danger|important)\b",
    re.IGNORECASE,
)
_CHECKS = re.compile(
    r"best.practices?|checklist|recommend|guidelines|hardening|dos and don|principles",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"\b(?:vs\.?|versus|compar\w+|differen\w+|choos\w+|options?|types? of|tiers?|which)\b",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"\b(?:troubleshoot\w*|errors?|fail(?:s|ed|ure)?|can't|cannot|known issues?|not "
    r"working|denied)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"\b(?:why|benefits?|rationale|purpose|motivation|reasons?)\b", re.IGNORECASE)
_RISK = re.compile(
    r"\b(?:risks?|threats?(?!.model)|vulnerabilit\w+|attacks?|exposure|insecure|injection|"
    r"hijack\w*|poisoning)\b",
    re.IGNORECASE,
)
_DEFINES = re.compile(
    r"^\W*(?:an?|the)?\s*[\w\s()/&.-]{2,60}?\s(?:is|are|refers? "
    r"to|means?|describes?)\s(?:an?|the|any|"
    r"one)\s",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(?:release(?: notes)?|change ?log|what'?s new|version history|deprecat\w+|upgrad\w+ "
    r"from)\b",
    re.IGNORECASE,
)
_CODED = re.compile(
    r"`?[A-Za-z][\w-]*(?:[._:/\[][\w\]./:*-]+)+`?|`?(?:[a-z]+_[a-z_]+|[a-z]+[A-Z]\w+|"
    r"(?:[A-Z][a-z0-9]+){3,})`?"
)
_CUES: dict[str, str] = {
    "risk": "attacker/attackers/adversary/adversaries/malicious/exploit/exploits/exploited/"
    "exploiting/compromise/compromised/"
    "vulnerability/vulnerabilities/vulnerable/threat actor/threat actors",
    "recommend": "should/recommend/recommends/recommended/recommendation/recommendations/prefer/"
    "avoid/consider/best practice/best practices/make sure/ensure that",
    "permissions": "permission/permissions/grant/grants/granted/granting/authorized/denied/"
    "allowed to/access to",
    "rules": "must/require/requires/required/cannot/isn/aren/maximum/minimum/can not/can t/only "
    "if/only when/only the/"
    "only one/not supported/limited to/at most/at least",
    "capability": "support/supports/provide/provides/offer/offers/you can/be used/lets you/allow "
    "you/allows you/"
    "enable you/enables you/help you/helps you",
    "mechanism": "automatically/when a/when an/when the/when you/when it/if a/if an/if the/if "
    "you/after the/after you/"
    "after this/once the/once you/before the/before it/work by/works by/is then/are then/in "
    "turn/by default/is sent/"
    "is created/is generated/is evaluated/is invoked/is called/is stored/is used/is signed/is "
    "checked",
    "parts": "consist/consists/comprise/comprises/made up/following types/following "
    "parts/following components/"
    "main parts/main components/two parts/three parts/two components/three components",
}
_KIND_OF_CUE = {cue: kind for kind, cues in _CUES.items() for cue in cues.split("/")}
"""Word, or two words in a row -> the kind that it speaks for."""
CUED = frozenset({*_CUES, "changes", "field", "shown"} - {"risk"})
"""Kinds that prose alone tells: they say nothing of a question that asks for another part or for
two things.
"""
DENSE = 0.3
"""Cues in a sentence from which prose is of a kind."""
EXAMPLE = 15
"""Per cent of the words in code from which prose is an example rather than an explanation."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a chunk is about, by its headings."""

    phrase: Phrase
    facet: str
    """Kind that a generic heading asks for, '' where the heading says something itself."""
    word: str
    """That generic heading, lower case."""
    scope: Phrase | None
    """The title, where the subject is a heading below it."""


def facet_of(heading: str) -> str:
    """The kind that a generic heading such as 'Prerequisites' asks for; '' where it is not
    generic.
    """
    bare = re.sub(r"^[\d.\s]+|[^\w\s'-]", "", heading).strip()
    return next((kind for kind, pattern in _FACETS if pattern.match(bare)), "")


# ---------------------------------------------------------------- the kind


def kind_of(text: str, chunk: Chunk, subject: Subject) -> str:
    """The kind, a key of `wording.ASK`: what the heading asks for, else what it says, else what the
    content is.
    """
    share = _shares(text, chunk)
    return (
        _by_facet(subject, share)
        or _by_heading(subject, share)
        or _by_content(text, chunk, subject, share)
    )


def _shares(text: str, chunk: Chunk) -> Counter[str]:
    """Per cent of the chunk's words in each kind of block, and the number of blocks as '#kind'."""
    words: Counter[str] = Counter()
    for block in chunk.blocks:
        words[block.kind] += count_words(text, block)
    total = max(1, sum(words.values()))
    shares = Counter({kind: 100 * n // total for kind, n in words.items()})
    shares.update(f"#{block.kind}" for block in chunk.blocks)
    return shares


def _by_facet(subject: Subject, share: Counter[str]) -> str:
    facet = subject.facet
    if facet == "write" and not share["#code"]:
        return ""
    if facet == "example" and share["code"] >= 30:
        return "write"
    if facet == "syntax" and share["table"] >= 40:
        return "reference"
    return "" if facet in ("overview", "pointers") else facet


def _by_heading(subject: Subject, share: Counter[str]) -> str:
    phrase = subject.phrase
    if phrase.form == "question":
        return "question"
    if _CONTROL.search(phrase.text) or (
        subject.scope and _CONTROL.search(subject.scope.text) and not subject.facet
    ):
        return "requirement"
    if phrase.form == "clause":
        return "clause"
    if _CHECKS.search(phrase.text) and share["#item"] + share["#step"] >= 3:
        return "checklist"
    if phrase.form != "thing":
        return ""
    return (
        "troubleshoot"
        if _TROUBLE.search(phrase.text)
        else "why"
        if _WHY.search(phrase.text)
        else ""
    )


def _by_content(text: str, chunk: Chunk, subject: Subject, share: Counter[str]) -> str:
    if share["#step"] >= 2 and share["step"] >= 35:
        return "howto"
    if share["table"] >= 45:
        return "compare" if _COMPARES.search(subject.phrase.text) else "reference"
    return "write" if share["code"] >= 40 else _by_prose(text, chunk, subject, share)


def _by_prose(text: str, chunk: Chunk, subject: Subject, share: Counter[str]) -> str:
    opening = text[chunk.start : chunk.start + 300]
    first = count_words(text, chunk.blocks[0])
    if (_WARNING.match(opening) and first >= 0.4 * chunk.words) or (
        subject.phrase.form == "thing" and _RISK.search(subject.phrase.text)
    ):
        return "risk"
    if subject.phrase.form == "do":
        return "advice"
    if chunk.part == 1 and len(subject.phrase.text.split()) <= 5 and _DEFINES.match(tidy(opening)):
        return "definition"
    if share["#item"] >= 3 and share["item"] >= 60:
        return "list"
    return _by_cues(text, chunk, subject, share)


def _by_cues(text: str, chunk: Chunk, subject: Subject, share: Counter[str]) -> str:
    """What the prose does, where neither heading nor layout says."""
    said = " / ".join(
        filter(None, (subject.phrase.text, subject.scope.text if subject.scope else ""))
    )
    if _CHANGES.search(said):
        return "changes"
    if chunk.part == 1 and subject.phrase.form == "thing" and _CODED.fullmatch(subject.phrase.text):
        return "field"
    if share["code"] >= EXAMPLE:
        return "shown"
    body = text[chunk.start : min(chunk.end, chunk.start + 2500)]
    said_words = words(body)
    found = Counter(map(_KIND_OF_CUE.get, said_words))
    found.update(map(_KIND_OF_CUE.get, map(" ".join, pairwise(said_words))))
    sentences = max(2, len(_SENTENCE.findall(body)))
    density = {kind: found[kind] / sentences for kind in _CUES}
    best = max(density, key=lambda kind: density[kind])
    return best if density[best] >= DENSE else "overview"


_SENTENCE = re.compile(r"[.!?:](?:\s|$)")
