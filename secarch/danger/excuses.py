"""Excuses behind a deed: "skip the external ID, it only confuses people" advises to skip it.

What decides whether a text advises something takes "is needless" for a verdict on what stands
before. In advice that gives up a safeguard it is the reason for it, where it has a clause of its
own.
"""

from __future__ import annotations

import re

from secarch.text.polarity.kinds import Stance

_EXCUSE = re.compile(
    r"^[^,;:.]*(?:[,;:]| -| because| since| as) (?:[^,;:.]{2,70}? (?:is|are|only|just|would be) )"
    r"(?:[\w-]+ ){0,2}?(?:needless|unnecessary|superfluous|pointless|overkill|redundant|meaningless"
    r"|useless|wasteful|cumbersome|excessive|confus\w+|annoy\w*|irrelevant|relevant|noise"
    r"|a nuisance|a waste|too \w+)\b"
)

LEADING_CASE = re.compile(
    r"^\W*(?:if|when|whenever|where|since|because|as|while|once) [^,;:]{4,90}, (?=[a-z])"
)
"""A case or reason before the deed: "If the container can't write, run it as root"."""


def excused(stance: Stance, clause: str, end: int) -> bool:
    """Whether a clause is denied by nothing but an excuse behind the deed that ends at `end`, or by
    the case before it.
    """
    if stance.kind != "denied" or not stance.cue:
        return False
    places = (_EXCUSE.search(clause[end:]), LEADING_CASE.search(clause))
    return any(found and stance.cue in found[0] for found in places)
