"""What an answer says after it takes back a first one, and the options that it only repeats.

"A. On second thought, B is stronger.", "C. Sorry, I meant B.": the words after the turn decide,
even if they say it less firmly than the words before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MOST_TURNS = 4
"""Turns that are looked behind, the last ones: a model that repeats itself has thousands."""
_TURN = re.compile(
    r"\b(?:on (?:second thoughts?|(?:further |closer |more careful )?(?:reflection|inspection"
    r"|consideration|reading))"
    r"|(?:upon|after|on) (?:re-?\w{2,}ing|closer|further|a second|a closer|reconsider\w*)\b"
    r"[^,.:;\n]{0,40}"
    r"|(?:my )?apologies|sorry|oops|whoops|my (?:bad|mistake)"
    r"|i (?:meant(?: to (?:say|write|put))?|retract(?: that)?|take (?:that|it) back|misread\w*"
    r"|misspoke|was wrong|stand corrected|now (?:believe|think|say|choose|favou?r))\b"
    r"|let me (?:correct|fix|revise) (?:myself|that|this|my answer)"
    r"|(?:strike|scratch|ignore|disregard) that|hold on|wait|actually"
    r"|correction|corrected|edit|rather(?! than\b)"
    r"|that(?:'s| is| was) (?:wrong|a mistake|an error|not right|incorrect))\b"
)
_BARE = re.compile(
    r"^\W*(?:(?:that|it) (?:should|must|has to|ought to) (?:be|have been) |(?:it's|it is|so|no|to"
    r"|make (?:it|that)|to say|should be|is)[, ]+)*(?:option )?[\"'(\[]*(?P<letter>[a-z])"
    r"(?=[\"')\]]*(?:[.,;!]|$))"
)
_BESIDE = re.compile(
    r"\b(?:also|too|as well|partial\w*|interim|stopgap|not (?:wrong|bad|entirely"
    r"|completely)|some|legacy|unless|if)\b"
)
"""Words that grant something to a letter without choosing it."""
_REASON = re.compile(r",? \b(?:because|since)\b[^.;\n]*")
_MAYBE = re.compile(
    r"\b(?:could|might|may)(?: (?:also|as well|equally|just as well))? be (?:option )?"
    r"\(?(?P<said>[a-z])(?=[).,;!\s]|$)"
    r"|(?<![\w'-])(?:option )?\(?(?P<named>[a-z])\)? (?:could|might|may)\b"
    r"|\b(?:possibly|perhaps|maybe) (?:option )?\(?(?P<perhaps>[a-z])(?=[).,;!\s]|$)"
)
_LINE = re.compile(r"^[ \t]*(?P<before>(?:[-*+][ \t]+)?[^\w\n]*?)(?P<letter>[A-Za-z])[).:][^\w\n]*")
_RIGHT_MARK = re.compile(
    r"[^\w\u2705\u2713\u2714]*(?:correct|right|best|yes|true|[\u2705\u2713\u2714]\ufe0f?)"
    r"(?: (?:answer|option|choice))?\W*",
    re.IGNORECASE,
)
_WRONG_MARK = re.compile(
    r"[\u274c\u2717\u2718~]|\b(?:not|in(?:correct)|wrong|false|no)\b", re.IGNORECASE
)


def tails(text: str) -> Iterator[str]:
    """What follows each turn of an answer in lower case, the last one first."""
    for turn in reversed([*_TURN.finditer(text)][-MOST_TURNS:]):
        if text[: turn.start()].strip():
            clauses = re.split(r"(?<=[.;!?])\s+|\n+", text[turn.end() :])
            yield " ".join(_REASON.sub("", one) for one in clauses if not _BESIDE.search(one))


def bare(tail: str, count: int) -> int | None:
    """Place of the letter that stands right behind a turn: "sorry, b."."""
    found = _BARE.match(tail)
    place = ord(found["letter"]) - ord("a") if found else count
    return place if place < count else None


def wavers(text: str, count: int) -> bool:
    """Whether an answer in lower case says of two options that they may be it."""
    letters = {next(filter(None, found.groups())) for found in _MAYBE.finditer(text)}
    return sum(ord(letter) - ord("a") < count for letter in letters) > 1


def without_echo(text: str, options: Sequence[str]) -> tuple[str, int | None]:
    """A text without the list of all options as the question shows it, and the one it marks."""
    lines = text.splitlines()
    for start in range(len(lines) - len(options) + 1 if options else 0):
        shown = lines[start : start + len(options)]
        marks = [_mark(line, n, options[n]) for n, line in enumerate(shown)]
        if None in marks:
            continue
        right = [n for n, mark in enumerate(marks) if mark and _RIGHT_MARK.fullmatch(mark)]
        if len(right) == 1:
            return text, right[0]
        odd = [n for n, mark in enumerate(marks) if mark and marks.count(mark) == 1]
        if len(set(marks)) > 2 or (len(set(marks)) == 2 and len(odd) != 1):
            return text, None
        if odd and not _WRONG_MARK.search(marks[odd[0]] or ""):
            return text, odd[0]
        before = lines[:start]
        if before and re.fullmatch(r"\W*(?:the )?(?:options|choices)\W*", before[-1].lower()):
            before = before[:-1]
        return "\n".join([*before, *lines[start + len(options) :]]), None
    return text, None


def _mark(line: str, place: int, option: str) -> str | None:
    """What a line holds besides its letter and its option's text; None where it is no such line."""
    begin = _LINE.match(line)
    at = line.casefold().find(option.strip().rstrip(".").casefold())
    if not begin or ord(begin["letter"].lower()) - ord("a") != place or at != begin.end():
        return None
    return begin["before"].strip("-+ \t(") + line[at + len(option.strip().rstrip(".")) :].strip(
        " ."
    )
