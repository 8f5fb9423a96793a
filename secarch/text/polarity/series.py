"""A ban on several things at once: "do not share it, write it to a file or copy it" denies all of
them, over its commas, since `or` joins what stands under one negator.
"""

from __future__ import annotations

import re

MOST_WORDS = 9
"""Words of one part of a series; longer ones are clauses of their own."""
_BANS = re.compile(
    r"\b(?:(?:must|should|shall|may|can|do)(?: never| not|n't)|cannot|never|don't|dont"
    r"|avoid(?:s|ed|ing)?|refrain from|stop)\b(?! (?:need|have to|help|work|matter|suffice)\b)"
)
"""What forbids. A statement of fact ("it is not enough, rotate or revoke it") begins no series."""
_OPENS = re.compile(r"[.;:!?](?=\s|$)|\s-\s|, and\b|\n")
"""Ends what belongs to one series."""
_FRESH = re.compile(
    r"\s*(?:but|so|then|yet|instead|rather|otherwise|thus|hence|because|since|if|unless|when|while"
    r"|which|who|that|we|you|they|i|he|she|it|this|there|please|just|always)\b"
)
"""Begins a clause that no longer stands under the ban."""
_CONDITION = re.compile(r"\b(?:if|when|where|unless|because|since|as|that|which|who)\b")
_LAST = re.compile(r"(?:^|[\s,])(?:or|nor) (?:\w+ ){0,1}$")


def ban(text: str, start: int) -> tuple[int, str]:
    """The ban over a series whose last part begins at `start`, with its place; (-1, "") if none.

    Example: in "never echo it, put it in a file or bake it into an image" that of "bake".
    """
    begin = max((end.end() for end in _OPENS.finditer(text, 0, start)), default=0)
    before = text[begin:start]
    if not _LAST.search(before):
        return -1, ""
    bans = [*_BANS.finditer(before)]
    if not bans:
        return -1, ""
    last = bans[-1]
    parts = before[last.end() :].split(",")
    short = all(len(part.split()) <= MOST_WORDS for part in parts)
    if not short or len(parts) < 2 or any(map(_FRESH.match, parts[1:])):
        return -1, ""
    if _CONDITION.search(before[: last.start()].rpartition(",")[2]):
        return -1, ""
    return begin + last.start(), last[0]
