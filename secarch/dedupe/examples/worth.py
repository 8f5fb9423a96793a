"""Is a well-formed pair worth learning: about security, and more than a click or a look-up.

Applies to pairs that rules cut from pages. A page is full of well-formed passages that teach an
architect nothing: bills, consoles, definitions of a field.
"""

from __future__ import annotations

import re
from functools import lru_cache

from secarch.dedupe.examples.draft import words
from secarch.dedupe.examples.pattern_tables import JUDGED, patterns

LEAST_WORDS = {
    "question": 60,
    "reference": 80,
    "explain": 50,
    "choose": 70,
    "requirement": 60,
    "howto": 45,
}
"""Words of the shortest answer of a family that teaches something."""
HARMFUL = "worth_harmful"
"""What would do harm if it were done as it stands; left out of datasets of every size."""
MOST_CLICKS = 3
"""Clicks from which on a procedure without code is a walk through a console."""
MOST_LOST = 2
"""Passages on a lost credential from which on an answer is about recovery and not about choice."""
MOST_ASKED = 2
"""Items that ask the reader from which on a threat is a tester's list and no defence."""
LEAST_ATTACKS = 3
"""Words about attacks from which on a definition tells a threat."""
LEAST_SECURE = 4
"""Security terms in question and answer of a passage that is about security."""
_RATED = re.compile(r"\*\*Rating\.\*\*")
_RUN_ON = re.compile(r"\)Type: |Type: \w+Default")
"""Parameters of a rule whose table lost its columns."""
_ASKS_BACK = re.compile(r"^[ \t]*[-*] [^\n]*\?[ \t]*$", re.MULTILINE)
_CODE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)


@lru_cache(maxsize=JUDGED)
def problem(kind: str, question: str, answer: str) -> str:
    """The first reason why a pair teaches an architect too little; '' if it does not.

    >>> problem("howto", "How do I convert byte-hours to billed months?", "Multiply them.")
    'worth_topic'
    """
    if not on_topic(question, answer):
        return "worth_topic"
    if words(answer) < LEAST_WORDS.get(kind, 0):
        return "worth_thin"
    judge = _BY_KIND.get(kind)
    return judge(question, answer) if judge else ""


def on_topic(question: str, answer: str) -> bool:
    """Whether a pair asks about security, and its answer speaks of it."""
    found = patterns("worth")
    asked = question.split("\n```", 1)[0]
    if found["off_topic"].search(asked) or not found["security"].search(asked):
        return False
    return found["security"].at_least(LEAST_SECURE, f"{asked} {answer}")


def _howto(question: str, answer: str) -> str:
    if patterns("worth")["small_tasks"].search(question):
        return "worth_lookup"
    if not _CODE.search(answer):
        return "worth_clicks"
    if any('"Statement"' in code and '"Effect"' not in code for code in answer.split("```")[1::2]):
        return HARMFUL
    if patterns("worth")["alert_code"].search(answer) and not patterns("worth")["watches"].search(
        question
    ):
        return "worth_topic"
    return "worth_clicks" if _clicks(answer) > MOST_CLICKS else ""


def _sequence(_: str, answer: str) -> str:
    return "worth_clicks" if _clicks(answer) > MOST_CLICKS else ""


def _clicks(answer: str) -> int:
    return patterns("worth")["clicks"].count(answer)


def _question(question: str, answer: str) -> str:
    found = patterns("worth")
    if found["defines"].search(question) or found["trouble"].search(question):
        return "worth_lookup"
    return "worth_clicks" if _clicks(answer) > MOST_CLICKS else ""


def _reference(_: str, answer: str) -> str:
    attacks = patterns("worth")["attacks"].count(answer)
    return "" if attacks >= LEAST_ATTACKS else "worth_lookup"


def _fix(question: str, answer: str) -> str:
    """A correction teaches what to change beside the code that is wrong.

    Code that writes a whole set of app settings with one of them deletes all others.
    """
    if patterns("worth")["one_setting"].search(answer):
        return HARMFUL
    if not _CODE.search(answer):
        return "worth_clicks"
    return "" if _CODE.search(question) else "worth_thin"


def _map(question: str, answer: str) -> str:
    """A rating without a remedy restates the title, and a catalogue's text maps to nothing."""
    if patterns("worth")["wants_remedy"].search(question) and "**If it fails" not in answer:
        return "worth_thin"
    if answer.startswith("**Requirement") or _RUN_ON.search(answer):
        return "worth_thin"
    return "worth_thin" if _RATED.search(answer) and "**If it fails" not in answer else ""


def _threat(_: str, answer: str) -> str:
    found = patterns("worth")
    if len(_ASKS_BACK.findall(answer)) >= MOST_ASKED:
        return "worth_thin"
    told = found["controls"].search(answer) and found["attacks"].search(answer)
    return "" if told and not found["applies"].search(answer) else "worth_thin"


def _choose(_: str, answer: str) -> str:
    """A comparison; what to do with each after a loss is none."""
    if patterns("worth")["lost"].count(answer) >= MOST_LOST:
        return "worth_lookup"
    return "worth_thin" if answer.startswith("**The trade-off.**") else ""


_BY_KIND = {
    "howto": _howto,
    "sequence": _sequence,
    "question": _question,
    "reference": _reference,
    "fix": _fix,
    "map": _map,
    "threat": _threat,
    "choose": _choose,
}
