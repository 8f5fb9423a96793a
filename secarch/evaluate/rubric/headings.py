"""What the headings of a review make of what is below them.

In other texts a claim below "Mistakes" is denied. In a review it is a finding, and what is
below "False positives" or "May stay" is none.
"""

from __future__ import annotations

import re
from dataclasses import replace

from secarch.text.polarity.cues import NEGATOR
from secarch.text.polarity.introduction import introduction
from secarch.text.polarity.kinds import Stance
from secarch.text.polarity.stance import Reading
from secarch.text.polarity.windows import Window

_LETS_STAND = re.compile(
    r"\bfalse[- ](?:positives?|alarms?)\b|\bnon-?(?:issues?|findings?|problems?)\b"
    r"|\b(?:not|no|neither)\b(?: \w+){0,3} (?:findings?|faults?|issues?|problems?|concerns?)\b"
    r"|(?<!not )(?<!un)\b(?:accept(?:ed|able)?|harmless|keep|leave|left alone|in order|fine|okay)\b"
    r"|\b(?:may|can|should|could|will) (?:stay|remain)\b"
    r"|\blooks? (?:wrong|odd|bad|strange|alarming|dangerous|suspicious|like)\b|\bonly looks?\b"
    r"|\b(?:is|are) (?:right|correct|sound|justified|intended|by design)\b"
)

_CALLS_RIGHT = re.compile(
    r"\b(?:is|are|was) (?:\w+ )?(?:fine|safe|harmless|acceptable|okay|sufficient)\b"
    r"|\b(?:may|can|should|could) (?:stay|remain)\b"
)
_TURNS = re.compile(
    r"\b(?:but|however|yet|although|though|only|unless|until|if|not|no|never|than)\b|n't\b"
)
"""What takes back that a thing is called right, or says under which condition."""

_NAMES_ABSENCE = re.compile(r"n't|(?:\\b|\b)(?:no|not|never|without|none|nothing|cannot)\b")
"""A pattern with a negator of its own, with or without the mark of a word's edge before it."""


def found(reading: Reading, window: Window, start: int, end: int, pattern: str) -> Stance:
    """What becomes of the span as a finding: as `said`, but denied below "False positives", by a
    negator inside it ("the bucket is not public") and where the sentence calls it right.
    """
    if cue := next((title for title in _titles(window, start) if _LETS_STAND.search(title)), ""):
        return Stance("denied", cue)
    within = NEGATOR.search(window.joined, start, end)
    if within and not _NAMES_ABSENCE.search(pattern):
        return Stance("denied", within[0])
    calls = _CALLS_RIGHT.search(window.text)
    if calls and not _TURNS.search(window.text):
        return Stance("denied", calls[0])
    return said(reading, window, start, end, pattern)


def said(reading: Reading, window: Window, start: int, end: int, pattern: str) -> Stance:
    """What becomes of the span in a review: as `Reading.assertion`, but for "Mistakes" above it."""
    # A copy is not a window of the reading, which then looks at its own words alone.
    judged = replace(window) if any(map(_calls_wrong, _titles(window, start))) else window
    return reading.assertion(judged, start, end, pattern)


def _titles(window: Window, start: int) -> list[str]:
    """The headings above a span, and the sentence that leads into it."""
    return [*window.under, *([window.lead] if start > len(window.lead) else [])]


def _calls_wrong(title: str) -> bool:
    """Whether a heading denies what follows in a text that is not a review."""
    return not introduction(title, items=True).asserted or not introduction(title).asserted
