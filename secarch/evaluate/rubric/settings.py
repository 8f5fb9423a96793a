"""Turns by which a right tool gets a wrong setting: "the policy runs in audit mode".

A key point names the tool, and patterns find it with either setting. Each class here is a setting
that weakens; it counts against a window only where no right answer of the question names that
class, since some right answers are "in audit mode first". What right answers give to each alone is
turned by a window that shares it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_WEAK = {
    "lax": r"\b(?:audit|warn(?:ing)?|dry[- ]?run|report(?:ing)?[- ]only|detect(?:ion)?[- ]only"
    r"|monitor(?:ing)?(?:[- ]only)?|log(?:ging)?[- ]only|shadow|count|permissive"
    r"|learning)[- ]mode\b"
    r"|\bin (?:dry[- ]?run|report[- ]only)\b|\bif available\b"
    r"|\b(?:is|are|be|stays?|remains?|left|made|as|mfa|keep) optional\b"
    r"|\bbest[- ]effort\b|\bvoluntar\w+\b|\bfail(?:s|ing)?[- ]open\b|\bnon-?blocking\b"
    r"|\bonly (?:warns?|logs?|alerts?|reports?|notif(?:y|ies)|records?)\b"
    r"|\b(?:warns?|logs|alerts|reports) only\b",
    "wide": r"\b(?:grant\w*|giv(?:e|es|ing)|assign\w*|roles?|rights?|permissions?"
    r"|access)\b[^.;:\n]{0,40}"
    r"\bat (?:the )?(?:whole )?(?:subscription|organi[sz]ation|project|tenant|root|account"
    r"|management group) (?:scope|level)\b|\bwith (?:scope|resources?|actions?|subject) \"?\*"
    r"|\brepo:[\w-]+/\*|\b(?:with|as|grant\w*|giv(?:e|es|ing)|assign\w*|gets?|needs?|has|have"
    r"|holds?) (?:(?!no\b|not\b|new\b)[\w-]+ ){0,3}?(?:full|owner|contributor|editor|poweruser"
    r"|administrator|\*:\*)"
    r" (?:access|rights?|role|permissions?|privileges?)\b",
    "unread": r"\b(?:goes?|sent|mailed|written|posted|reported) (?:in)?to (?:an?|the|his|their"
    r"|our)? ?(?:shared |common |team )?(?:mailbox|log file|dashboard|weekly report|ticket"
    r" queue|inbox"
    r"|chat channel)\b|\b(?:weekly|monthly|yearly|annual)(?:ly)? (?:report|digest|e-?mail|summary"
    r"|export)s?\b|\b(?:findings?|alerts?|alarms?|rules?) (?:is |are )?muted\b|\blow priority\b",
    "late": r"\bvalid (?:for )?(?:an? (?:year|month)|\d+ (?:days|months|years))\b|\bnever tested\b"
    r"|\bonly after (?:the )?(?:deploy\w*|merge|release|go-live|launch|roll-?out)\b"
    r"|\bonly in (?:test|staging|development|pre-?production)\b",
}
"""Settings that weaken, by class. Measured on 1,298 points that right answers meet and 416 that
wrong ones do: with `_SHARED` they take 0.5% of the first and 6% of the second.
"""
_EACH = re.compile(r"\b(?:per|for each|own|separate|dedicated|individual)\b")
_SHARED = re.compile(
    r"\b(?:shared|common|the same) (?:[\w-]+ )?(?:keys?|roles?|accounts?|identit(?:y|ies)|secrets?"
    r"|tokens?|passwords?|subnets?|vaults?|certificates?|runners?|credentials?|users?|databases?"
    r"|index(?:es)?|buckets?|clusters?|principals?|groups?|namespaces?|pools?|tables?)\b"
    r"|\bshared (?:by|between|among|across) "
)
_DENIED = re.compile(
    r"\b(?:not|no|never|nothing|none|nobody|without|instead of|rather than|nor|neither|cannot"
    r"|avoid|remove|replace"
    r"|against|unlike|until|from|first|before)\b|n't\b"
)
_STAGED = re.compile(
    r"\b(?:enforc\w*|observ\w+|waves?|step by step|weeks?|pilot|then|roll-?out|phases?|stages?)\b"
)
"""A weak setting on the way to the right one."""
_REACH = 45
"""Characters before a setting within which a word denies it, or says that it does not stay."""
_COMPILED = {name: re.compile(pattern) for name, pattern in _WEAK.items()}


@dataclass(frozen=True, slots=True)
class Settled:
    """What a question's right answers say of settings."""

    named: frozenset[str]
    """Classes that one of them names, in whatever way."""
    apart: bool
    """Whether they give to each its own, and share nothing."""

    def turned(self, text: str) -> bool:
        """Whether a window sets what they set otherwise."""
        if _turns(text) - self.named and not _STAGED.search(text):
            return True
        return self.apart and not _EACH.search(text) and _said(_SHARED, text)


NOTHING = Settled(frozenset(_COMPILED), apart=False)
"""No setting counts against a window."""


def settled(texts: Iterable[str]) -> Settled:
    """What the windows of right answers settle."""
    said = tuple(texts)
    named = frozenset(n for text in said for n, p in _COMPILED.items() if p.search(text))
    apart = any(map(_EACH.search, said)) and not any(map(_SHARED.search, said))
    return Settled(named, apart)


@lru_cache(maxsize=4096)
def _turns(text: str) -> frozenset[str]:
    """The classes of weak settings that a window names and does not deny."""
    return frozenset(name for name, pattern in _COMPILED.items() if _said(pattern, text))


def _said(pattern: re.Pattern[str], text: str) -> bool:
    return any(
        not _DENIED.search(text[max(0, found.start() - _REACH) : found.start()])
        for found in pattern.finditer(text)
    )
