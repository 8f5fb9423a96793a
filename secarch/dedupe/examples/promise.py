"""Does a passage do all that its family promises: the bar for rows of a large dataset.

A page holds many passages that are well formed and about security and still only describe a
product, restate a title or break off where the work begins. Where generators make enough rows,
a passage is worth its place only if a principal architect would hand it to a colleague as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from secarch.dedupe.examples.draft import words
from secarch.dedupe.examples.pattern_tables import JUDGED, patterns

LEAST_WORDS = {
    "choose": 110,
    "explain": 110,
    "fix": 90,
    "howto": 110,
    "question": 110,
    "reference": 120,
    "requirement": 90,
    "sequence": 110,
    "threat": 130,
}
"""Words of the shortest answer that can do what its family promises."""
LEAST_OPTIONS = 2
"""Options with a condition of their own, from which on there is a choice."""
LEAST_STEPS = 4
"""Steps of the shortest sequence whose order matters."""
LEAST_BLOCKS = 3
"""Blocks of commands of a procedure that is whole."""
LEAST_REASONS = 3
"""Words of reason in an explanation."""
LEAST_CONTRASTS = 4
"""Reasons, limits and alternatives in an explanation that argues and does not only recite."""
LEAST_ROWS = 5
"""Facts of the shortest table or list that is worth looking up."""
LEAST_DEFENCES = 4
"""Defences of a threat."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_ITEM = re.compile(r"^[ \t]*(?:[-*] |\d{1,2}[.)] )\S", re.MULTILINE)
_STEP = re.compile(r"^\d{1,2}[.)] \S", re.MULTILINE)
_ROW = re.compile(r"^\|", re.MULTILINE)
_OPTION = re.compile(r"^[-*] \*\*[^*\n]{2,60}\*\*", re.MULTILINE)


@lru_cache(maxsize=JUDGED)
def kept(kind: str, question: str, answer: str) -> bool:
    """Whether an answer does in full what its family promises.

    >>> kept("refuse", "How do I suppress the finding?", "Do not silence it, close it.")
    False
    """
    found = patterns("promise")
    told = f"{question}\n{answer}"
    if found["product"].search(told) or found["outdated"].search(told):
        return False
    if words(answer) < LEAST_WORDS.get(kind, 0):
        return False
    judge = _BY_KIND.get(kind)
    return judge is None or judge(question, answer)


def told_in_full(kind: str, question: str, answer: str) -> bool:
    """Whether an answer from a page tells its subject to the end: in the parts of one of its
    family's forms, or as a passage of whole sentences.

    Less than `kept`: it may recite where an architect would decide.
    """
    found, told = patterns("promise"), f"{question}\n{answer}"
    if found["product"].search(told) or found["outdated"].search(told):
        return False
    return in_form(kind, answer) or (kind in _TOLD and _told(answer))


def in_form(kind: str, answer: str) -> bool:
    """Whether an answer has every part of one of the forms in which its family is told in full."""
    return any(all(part in answer for part in form) for form in _FORMS.get(kind, ()))


def _told(answer: str) -> bool:
    """Whether a passage tells, in whole sentences, what holds and under which conditions."""
    prose = _CODED.sub("", answer)
    lines = [line for line in prose.split("\n") if not line.lstrip().startswith("|")]
    prose = "\n".join(lines)
    count = words(prose)
    least = LEAST_TOLD if _count("decides", prose) * DENSE < count else LEAST_DENSE
    if count < least or _count("trivial", prose) > MOST_TRIVIAL or _count("dated", prose):
        return False
    typed = sum(bool(_TYPED.match(line)) for line in lines)
    if typed * 2 > len([line for line in lines if line.strip()]):
        return False
    return (
        len(_STOP.findall(prose)) >= LEAST_REASONS
        and _count("decides", prose) * MOST_APART >= count
        and _count("about", prose) >= max(min(LEAST_ABOUT, count / DENSE), count / MOST_OFF)
    )


_TOLD = frozenset({"explain", "question", "reference", "requirement", "howto", "threat", "choose"})
"""Families whose promise a passage of whole sentences can keep."""
LEAST_TOLD = 90
"""Words of the shortest passage that is told in full, without code and tables."""
LEAST_DENSE = 55
"""Words of the shortest passage that is told in full where nearly every sentence decides."""
DENSE = 14
"""Words that stand, at most, for each word of a condition, a duty or a reason in such a passage."""
MOST_TRIVIAL = 1
"""Words of a walk through a screen that a passage may hold."""
MOST_APART = 22
"""Words that stand, at most, for each word of a condition, a duty or a reason."""
LEAST_ABOUT = 5
MOST_OFF = 30
"""Words for each security term, at most."""
_CODED = re.compile(r"^[ \t]*(```|~~~).*?^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
_TYPED = re.compile(r"[ \t]*[-*] [`*]{1,3}[\w.:/-]+[`*]{1,3}")
_STOP = re.compile(r"\w[)\"'`*]*[.!](?:\s|$)")
_FORMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "map": (
        ("**Evidence.**", "**How it decides.**", "**Deploy it**"),
        ("**Scope.**", "**Effect.**", "**Rules**", "**Roll it out.**"),
    ),
    "fix": (("**Risk.**", "**Fix", "```", "**Check.**"), ("**The flaw.**", "**Corrected", "```")),
    "threat": (("**How the attack works.**", "**Controls**", "**What remains.**"),),
    "requirement": (("**Requirement", "**Evidence"),),
}
"""The parts that an answer of a family holds which is told in full."""


def _count(name: str, text: str) -> int:
    return patterns("promise")[name].count(text)


def _choose(_: str, answer: str) -> bool:
    """Two options or more, each with the condition under which it is taken."""
    lines = [line for line in answer.split("\n") if _OPTION.match(line)]
    conditioned = sum(patterns("promise")["condition"].search(line) for line in lines)
    return conditioned >= LEAST_OPTIONS and conditioned == len(lines)


def _threat(_: str, answer: str) -> bool:
    """A way in, defences, and how the use is noticed; a catalogue's entry is about no system."""
    return (
        not _count("catalogue", answer)
        and len(_ITEM.findall(answer)) >= LEAST_DEFENCES
        and patterns("promise")["cloud"].search(answer)
        and _count("attack", answer) >= LEAST_REASONS
        and patterns("promise")["detection"].search(answer)
    )


def _howto(_: str, answer: str) -> bool:
    """Commands for several steps, a check that it worked, and the way back."""
    blocks = len(_FENCE.findall(answer)) // 2
    whole = blocks >= LEAST_BLOCKS and _count("check", answer) > 0 and _count("back", answer) > 0
    return whole and not _count("click", answer)


def _sequence(_: str, answer: str) -> bool:
    steps = len(_STEP.findall(answer))
    return steps >= LEAST_STEPS and _count("check", answer) > 0 and not _count("click", answer)


def _explain(question: str, answer: str) -> bool:
    """Reasons, limits and what happens otherwise; neither how a product works nor questions."""
    if patterns("promise")["works"].search(question) or "?\n" in f"{answer}\n":
        return False
    argued = _count("contrast", answer) >= LEAST_CONTRASTS
    return argued and _count("reason", answer) >= LEAST_REASONS and _count("attack", answer) > 0


def _question(question: str, answer: str) -> bool:
    if patterns("promise")["works"].search(question):
        return False
    return _count("reason", answer) >= LEAST_REASONS and not _count("click", answer)


def _reference(_: str, answer: str) -> bool:
    rows = len(_ROW.findall(answer)) - 2
    return max(rows, len(_ITEM.findall(answer))) >= LEAST_ROWS


def _requirement(_: str, answer: str) -> bool:
    """A standard's points in its current edition, each with its test; wording can be looked up."""
    points = _count("numbered", answer)
    return points >= LEAST_REASONS and _count("tested", answer) >= points


def _map(_: str, answer: str) -> bool:
    """A check with its requirement and its remedy in code; text of a catalogue maps to nothing, and
    a check as its vendor documents it judges no evidence.
    """
    if "**What is tested.**" in answer:
        return False
    return "**If it fails" in answer and bool(_FENCE.search(answer))


def _fix(_: str, answer: str) -> bool:
    """Code without holes, and the reason for it."""
    code = "\n".join(answer.split("```")[1::2])
    return (
        bool(code) and not patterns("promise")["hole"].search(code) and _count("attack", answer) > 0
    )


def _refuse(_: str, answer: str) -> bool:
    return bool(_FENCE.search(answer))


_BY_KIND = {
    "choose": _choose,
    "explain": _explain,
    "fix": _fix,
    "howto": _howto,
    "map": _map,
    "question": _question,
    "reference": _reference,
    "refuse": _refuse,
    "requirement": _requirement,
    "sequence": _sequence,
    "threat": _threat,
}
