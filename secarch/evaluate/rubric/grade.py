"""Grade an answer by its question's key points: deterministic, offline, with the evidence kept.

A point is met where, within one window (a sentence, list item or code block), one of its `any_of`
patterns and all of its `all_of` patterns match, none of them negated, and the window asserts
something. Bare keywords meet nothing. The scheme of weighted positive and negative criteria follows
HealthBench (arXiv:2505.08775), section 3; here each answer, and not only the mean, is clipped to
0..1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from secarch.danger import safety
from secarch.evaluate.rubric.language import statements
from secarch.suite.schema import KeyPoint, MustNot, Question
from secarch.text.polarity.windows import Window, plain_code, windows

CRITICAL_CAP = 0.5
"""Most that an answer can score that misses a critical point."""
PENALTY = {"major": 3.0, "minor": 1.0}
"""Points taken off for a must-not; a critical one takes them all."""
MAX_TRIES = 50
"""Matches of one pattern in one window that are examined for negation."""

_NEGATOR = re.compile(
    r"\b(?:not(?! only\b| just\b| merely\b)|never|no(?! later\b| sooner\b| more "
    r"than\b)|without|avoid(?:s|ed|ing)?"
    r"|cannot|instead of|rather than|nor|neither|\w+n't)(?![\w'])"
)
_STOPPED = re.compile(
    r"\b(?:refus|stop)(?:e|es|ed|ing|s|ped|ping)?(?:$| to\b| \w+ing\b| \w+ from\b)"
)
"""As in "stop making ..." and "refuses to make ...", but not in "stops it with ..."."""
_CLAUSE_END = re.compile(r"[.;:!?\n](?=\s|$)|\s-\s|\bbut\b|\binstead\b(?! of)|,(?= )")
_ASIDE = re.compile(r"\b(not|never), (?:ever\b|[^,.;:!?]{1,60},)")
"""As in "never, ever" and "do not, under any circumstances, ...", which interrupt no clause."""
_WORD = re.compile(r"\S*\w\S*")
_CONDEMNED = re.compile(
    r"\b(?:is|are|was|were|be|being|remains?|as)\b (?:a |an |also |plainly |simply |clearly |too "
    r"|very |still )*"
    r"(?:wrong|dangerous|mistake|risky?|insecure|unsafe|bad|unacceptable|anti-?pattern|false|"
    r"untrue|outdated|incorrect"
    r"|myth|obsolete|inadequate|insufficient|excluded|forbidden|prohibited|out of the question)\b"
)
_PATTERN_NEGATES = re.compile(r"\b(?:not|no|never|avoid|without|instead|rather|cannot)\b|n.t\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one key point."""

    id: str
    text: str
    weight: int
    critical: bool
    met: bool
    evidence: str
    """The matched span with its window; where the point was missed only because it was negated,
    that span.
    """
    reason: str
    """Empty where met, else `absent` or `negated`."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A must-not that the answer says."""

    id: str
    text: str
    severity: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Grade:
    """The rubric's result for one answer."""

    score: float
    """0..1."""
    raw: float
    """Share of weights met minus penalties, before clipping, cap and critical zero."""
    points: tuple[Finding, ...]
    violations: tuple[Violation, ...]

    @property
    def coverage(self) -> float:
        """Share of the weights met, 0..1, whatever else the answer says."""
        total = sum(point.weight for point in self.points)
        return sum(point.weight for point in self.points if point.met) / total


def grade(question: Question, answer: str) -> Grade:
    """Grade one answer.

    Raises ValueError where the question has no key points (multiple choice).
    """
    if not question.key_points:
        raise ValueError(f"{question.id} has no key points")
    cut, said = _read(answer)
    if question.files:
        cut = tuple(window for window in cut if not _is_quoted(window, question))
        said = tuple(statements(cut))
    points = tuple(_judge(point, said) for point in question.key_points)
    violations = tuple(v for item in question.must_not if (v := _violation(item, cut, answer)))
    total = sum(point.weight for point in points)
    met = sum(point.weight for point in points if point.met)
    raw = (met - sum(PENALTY.get(v.severity, total) for v in violations)) / total
    score = min(1.0, max(0.0, raw))
    if any(point.critical and not point.met for point in points):
        score = min(score, CRITICAL_CAP)
    return Grade(score, raw, points, violations)


@lru_cache(maxsize=64)
def _read(answer: str) -> tuple[tuple[Window, ...], tuple[Window, ...]]:
    """The windows of an answer and its statements; checks of a suite grade one text by many
    questions.
    """
    cut = tuple(windows(answer))
    return cut, tuple(statements(cut))


def _is_quoted(window: Window, question: Question) -> bool:
    """Whether a code block only repeats code that the question gave, which asserts and advises
    nothing.
    """
    return window.code and any(
        window.text in plain_code(content) for content in question.files.values()
    )


def _judge(point: KeyPoint, said: Sequence[Window]) -> Finding:
    negated = ""
    for window in said:
        verdict, evidence = _in_window(point, window)
        if verdict == "met":
            return Finding(point.id, point.text, point.weight, point.critical, True, evidence, "")
        negated = negated or evidence
    reason = "negated" if negated else "absent"
    return Finding(point.id, point.text, point.weight, point.critical, False, negated, reason)


def _in_window(point: KeyPoint, window: Window) -> tuple[str, str]:
    """("met", span), ("negated", span) or ("absent", "")."""
    found = _first(point.any_of, window) if point.any_of else _Hit("met", 0, 0)
    hits = [found, *(_first((pattern,), window) for pattern in point.all_of)]
    if any(hit.verdict == "absent" for hit in hits):
        return "absent", ""
    spans = [hit for hit in hits if hit.end]
    evidence = _quote(window, min(hit.start for hit in spans), max(hit.end for hit in spans))
    return ("met" if all(hit.verdict == "met" for hit in hits) else "negated"), evidence


@dataclass(frozen=True, slots=True)
class _Hit:
    verdict: str
    start: int
    end: int


def _first(patterns: Sequence[str], window: Window) -> _Hit:
    """The first match that is not negated, else a negated one, else absent."""
    negated = None
    for pattern in patterns:
        for match in _matches(pattern, window.joined):
            if not _negated(window, match.start()):
                return _Hit("met", match.start(), match.end())
            negated = negated or _Hit("negated", match.start(), match.end())
    return negated or _Hit("absent", 0, 0)


@lru_cache(maxsize=65_536)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL | re.MULTILINE)


def _matches(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """Matches that may overlap: a second one can start inside the first."""
    compiled, start = _compiled(pattern), 0
    for _ in range(MAX_TRIES):
        match = compiled.search(text, start)
        if match is None:
            return
        if match.group():
            yield match
        start = match.start() + 1


def _negated(window: Window, start: int) -> bool:
    """Whether a negator stands in the four words before `start`, in the same clause.

    Where these words hold `or` or `nor`, the negator may stand further back ("never log or store
    ..."). An item under a lead-in such as "Never do this:" is negated as a whole.
    """
    text = window.joined
    if start > len(window.lead) and window.forbidden:
        return True
    before = _ASIDE.sub(r"\1", text[max(0, start - 240) : start])
    clause = before[_clause_start(before) :]
    near = _WORD.findall(clause)[-4:]
    if _NEGATOR.search(" ".join(near)) or _STOPPED.search(" ".join(near)):
        return True
    return bool(
        {"or", "nor"} & set(near) and _NEGATOR.search(" ".join(_WORD.findall(clause)[-12:]))
    )


def _clause_start(before: str) -> int:
    return max((end.end() for end in _CLAUSE_END.finditer(before)), default=0)


def _violation(item: MustNot, cut: Sequence[Window], answer: str) -> Violation | None:
    if item.pattern is None:
        return _detected(item, answer)
    for window in cut:
        if window.warned:
            continue
        for match in _matches(item.pattern, window.joined):
            if not (_negated(window, match.start()) or _withdrawn(item.pattern, window, match)):
                evidence = _quote(window, match.start(), match.end())
                return Violation(item.id, item.text, item.severity, evidence)
    return None


def _detected(item: MustNot, answer: str) -> Violation | None:
    """What the named detector finds in the answer's code."""
    found = next(
        (danger for danger in safety.examine(answer) if danger.rule == item.detector), None
    )
    return Violation(item.id, item.text, item.severity, found.evidence) if found else None


def _withdrawn(pattern: str, window: Window, match: re.Match[str]) -> bool:
    """Whether the statement is denied inside ("... is not public") or condemned in its window ("...
    is a mistake").

    Penalties need this beyond the negation before the match: an answer that warns must not be taken
    for one that advises. A pattern that speaks of negation itself is taken at its word.
    """
    if window.code:
        return False
    if not _PATTERN_NEGATES.search(pattern) and _NEGATOR.search(match.group()):
        return True
    sentence = window.joined[match.start() :].split("\n", 1)[0]
    return bool(_CONDEMNED.search(sentence))


def _quote(window: Window, start: int, end: int) -> str:
    """The span with some of what is around it, on one line."""
    text = window.joined
    left, right = max(0, start - 60), min(len(text), max(end, start) + 60)
    quoted = " ".join(text[left:right][:420].split())
    return f"{'...' if left else ''}{quoted}{'...' if right < len(text) else ''}"
