"""Grade an answer by its question's key points: deterministic, offline, with the evidence kept.

A point is met where, within one window (a sentence, list item or code block), one of its `any_of`
patterns and all of its `all_of` patterns match, none of them negated, and the window asserts
something. Bare keywords meet nothing, and neither does a window that advises a must-not or sides
with the question's wrong answer. The scheme of weighted positive and negative criteria follows
HealthBench (arXiv:2505.08775), section 3; here each answer, and not only the mean, is clipped to
0..1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, pairwise

from secarch.danger import safety
from secarch.evaluate.rubric import headings, requirements
from secarch.evaluate.rubric.alarms import as_must_not
from secarch.evaluate.rubric.allowances import governed, makes_right, may_name
from secarch.evaluate.rubric.contrast import contrast
from secarch.evaluate.rubric.expressions import matches, of_clauses
from secarch.evaluate.rubric.language import speaks, statements
from secarch.evaluate.rubric.likeness import MAX_PAIR, SAYS_SO, Passage, likeness, passages
from secarch.evaluate.rubric.wording import widened
from secarch.suite.schema import Decoy, KeyPoint, MustNot, Question
from secarch.text.polarity.kinds import ASSERTED, Stance
from secarch.text.polarity.plain import plain_code
from secarch.text.polarity.stance import Reading, read
from secarch.text.polarity.windows import Window

CRITICAL_CAP = 0.5
"""Most that an answer can score that misses a critical point; below it the share counts squared,
since a few points without the decision are worth little and all the others are worth the cap.
"""
PENALTY = {"major": 3.0, "minor": 1.0}
"""Points taken off for a must-not; a critical one takes them all."""
DECOY_WEIGHT = 3
"""What a decoy that is called a fault weighs against the findings, as much as a critical one: who
follows it changes what is right.
"""


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
    """Empty if met, else `absent` or how it is spoken of: `denied`, `quoted`, `attributed`,
    `hedged`, `asked`, or `contrary` if the wrong answer of the question says it like that.
    """
    planted: bool = False
    """Whether it is a fault that is in the files of a design review."""
    cue: str = ""
    """The turn of phrase beside the words, where there is one: what took the point away (denied,
    quoted, attributed, hedged, asked), or what leaves it met (a condition, prevention, two denials
    that are none).
    """


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
    """In the order of `Question.points`."""
    violations: tuple[Violation, ...]
    alarms: tuple[Violation, ...] = ()
    """Decoys of a design review that the answer calls faults."""
    turns: tuple[float, ...] = ()
    """Score of the answer to each message, if there are several."""

    @property
    def coverage(self) -> float:
        """Share of the weights met, 0..1, whatever else the answer says."""
        total = sum(point.weight for point in self.points)
        return sum(point.weight for point in self.points if point.met) / total

    @property
    def recall(self) -> float | None:
        """Share of the weights of the planted findings that are found; None if none are."""
        planted = sum(point.weight for point in self.points if point.planted)
        return self.found / planted if planted else None

    @property
    def precision(self) -> float | None:
        """Weight of what is found, of that and the decoys called faults; None for neither."""
        named = self.found + DECOY_WEIGHT * len(self.alarms)
        return self.found / named if named else None

    @property
    def found(self) -> int:
        """Weight of the planted findings that are found."""
        return sum(point.weight for point in self.points if point.planted and point.met)


def grade(question: Question, answer: str, *further: str, later: bool = False) -> Grade:
    """Grade the answer to a question, and to its further messages; one not given counts as empty.

    Each turn has a score of its own, and the question's is their mean. `later` says that the
    question is itself a later message. Raises ValueError if the question has no key points
    (multiple choice).
    """
    turns = question.asked()
    answers = [answer, *further, *[""] * len(turns)]
    grades = [
        _graded(turn, text, later=later or bool(number))
        for number, (turn, text) in enumerate(zip(turns, answers, strict=False))
    ]
    return grades[0] if len(grades) == 1 else _joined(grades)


def _joined(grades: Sequence[Grade]) -> Grade:
    """Several turns as one: their mean, and all that was found and said."""
    return Grade(
        score=sum(one.score for one in grades) / len(grades),
        raw=sum(one.raw for one in grades) / len(grades),
        points=tuple(chain.from_iterable(one.points for one in grades)),
        violations=tuple(chain.from_iterable(one.violations for one in grades)),
        alarms=tuple(chain.from_iterable(one.alarms for one in grades)),
        turns=tuple(one.score for one in grades),
    )


def _graded(question: Question, answer: str, *, later: bool) -> Grade:
    """One turn: key points met, plus recall times precision of the findings, minus must-nots.

    No second look is taken at later turns, since the answer before has their words and says nothing
    to what changed; nor where a must-not is advised.
    """
    if not question.key_points:
        raise ValueError(f"{question.id} has no key points")
    text = _Answer(read(answer, _given(question)), question)
    points = (
        *(text.code_point(p, answer) if p.requires else text.point(p) for p in question.key_points),
        *(replace(text.finding(f.point), planted=True) for f in question.findings),
    )
    violations = text.violations(answer)
    points = points if violations or later else tuple(text.second_look(points))
    alarms = tuple(v for d in question.decoys if (v := text.alarm(d)))
    result = Grade(0.0, 0.0, points, violations, alarms)
    total = sum(point.weight for point in points)
    met: float = sum(point.weight for point in points if point.met and not point.planted)
    met += result.found * (result.precision or 0.0)
    raw = (met - sum(PENALTY.get(v.severity, total) for v in violations)) / total
    score = min(1.0, max(0.0, raw))
    if any(point.critical and not point.met for point in points):
        score = min(score**2, CRITICAL_CAP)
    return replace(result, score=score, raw=raw)


def violations(question: Question, answer: str) -> tuple[Violation, ...]:
    """The must-nots that an answer to the first message advises, without the rest of the grade."""
    return _Answer(read(answer, _given(question)), question).violations(answer)


def _given(question: Question) -> str:
    """What was put to the model; an answer that repeats it says nothing."""
    return "\n".join([question.question, *question.files.values()])


class _Answer:
    """One answer as it is graded by one question."""

    def __init__(self, reading: Reading, question: Question) -> None:
        self.reading = reading
        self.question = question
        self.contrast = contrast(question)
        self.windows = tuple(w for w in reading.windows if not _repeats(w, question))
        self.refused = {
            window: found
            for window in self.windows
            if (found := tuple(self._refused(window, question.must_not)))
        }
        self.statements = [
            w for w in statements(self.windows, question.question) if w not in self.refused
        ]
        self.stance = partial(headings.said, reading) if question.findings else reading.assertion

    def finding(self, point: KeyPoint) -> Finding:
        """Whether the answer states a planted finding."""
        usual, self.stance = self.stance, partial(headings.found, self.reading)
        found = self.point(point)
        self.stance = usual
        return found

    @staticmethod
    def code_point(point: KeyPoint, answer: str) -> Finding:
        """Whether the code of the answer has what the point requires."""
        met, evidence = requirements.met(point.requires, answer)
        reason = "" if met else "absent"
        return Finding(point.id, point.text, point.weight, point.critical, met, evidence, reason)

    def point(self, point: KeyPoint) -> Finding:
        """Whether a sentence, or else two neighbouring ones, meets the point."""
        missed = Finding(point.id, point.text, point.weight, point.critical, False, "", "absent")
        for parts in chain(((window,) for window in self.statements), self._pairs()):
            found = self._in(point, parts)
            if found is None:
                continue
            stance, evidence = found
            contrary = stance.asserted and self._contrary(parts)
            if stance.asserted and not contrary:
                return replace(missed, met=True, evidence=evidence, reason="", cue=stance.cue)
            if missed.reason == "absent":
                reason = "contrary" if contrary else stance.kind
                missed = replace(missed, evidence=evidence, reason=reason, cue=stance.cue)
        return missed

    def second_look(self, points: Sequence[Finding]) -> Iterator[Finding]:
        """The points, those that no pattern finds met where the answer says what right ones say."""
        some: list[Passage] | None = None
        total = sum(point.weight for point in points)
        met = sum(point.weight for point in points if point.met)
        code = {point.id for point in self.question.key_points if point.requires}
        for point in points:
            if point.reason != "absent" or point.planted or point.id in code or not met:
                yield point
                continue
            if some is None:
                some = passages(self.windows, set(self.statements), self.refused.keys())
            yield self._alike(point, some, met / (total - point.weight))

    def _alike(self, point: Finding, some: Sequence[Passage], others: float) -> Finding:
        """The point as met by the passage that is most like it, if that is asserted."""
        for passage, (start, end) in likeness(self.question).ranked(point.id, some, others):
            held = self._held(passage.windows, start, end, "").asserted
            if held and not self._contrary(passage.windows):
                evidence = SAYS_SO + _quote(passage.text, start, end)
                return replace(point, met=True, evidence=evidence, reason="")
        return point

    def _contrary(self, parts: Sequence[Window]) -> bool:
        """Whether windows that name a point side with the question's wrong answer."""
        prose = not any(part.code for part in parts)
        return prose and self.contrast.contrary("\n".join(part.joined for part in parts))

    def _pairs(self) -> Iterator[tuple[Window, Window]]:
        """Neighbouring sentences of one paragraph that are no longer than a long one, of which one
        may be too short to say something alone.
        """
        said = set(self.statements)
        clauses = [w for w in self.windows if w in said or (w not in self.refused and speaks(w))]
        for one, two in pairwise(clauses):
            alike = one.block == two.block and not (one.item or two.item or one.code or two.code)
            alike = alike and (one in said or two in said)
            if alike and len(one.text.split()) + len(two.text.split()) <= MAX_PAIR:
                yield one, two

    def _in(self, point: KeyPoint, parts: Sequence[Window]) -> tuple[Stance, str] | None:
        """What becomes of the point in these windows, with the evidence; None if it is absent."""
        hits = [self._first((widened(pattern),), parts) for pattern in point.all_of]
        if point.any_of:
            hits.insert(0, self._first([widened(pattern) for pattern in point.any_of], parts))
        if not all(hits):
            return None
        found = [hit for hit in hits if hit]
        refused = next((hit.stance for hit in found if not hit.stance.asserted), None)
        stance = refused or Stance("asserted", self._cue(parts, found))
        text = "\n".join(part.joined for part in parts)
        return stance, _quote(text, min(h.start for h in found), max(h.end for h in found))

    def _first(self, patterns: Sequence[str], parts: Sequence[Window]) -> _Hit | None:
        """The first match that is asserted, else one that is not, else None."""
        text = "\n".join(part.joined for part in parts)
        refused = None
        for pattern in patterns:
            for match in matches(pattern, text):
                stance = self._held(parts, match.start(), match.end(), pattern)
                if stance.asserted:
                    return _Hit(stance, match.start(), match.end(), pattern)
                refused = refused or _Hit(stance, match.start(), match.end(), pattern)
        return refused

    def _held(self, parts: Sequence[Window], first: int, last: int, pattern: str) -> Stance:
        """The worst stance of the windows that a span touches."""
        stances = (self.stance(*place, pattern) for place in _touched(parts, first, last))
        return next((stance for stance in stances if not stance.asserted), ASSERTED)

    def _cue(self, parts: Sequence[Window], hits: Sequence[_Hit]) -> str:
        """The first turn of phrase beside any of the hits, or ""."""
        places = ((hit, place) for hit in hits for place in _touched(parts, hit.start, hit.end))
        cues = (self.reading.cue(*place, hit.pattern) for hit, place in places)
        return next((cue for cue in cues if cue), "")

    def violations(self, answer: str) -> tuple[Violation, ...]:
        """The must-nots that the answer advises."""
        said = {v.id: v for found in reversed(self.refused.values()) for v in found}
        for item in self.question.must_not:
            if item.detector is not None and (found := _detected(item, answer)):
                said[item.id] = found
        return tuple(said[item.id] for item in self.question.must_not if item.id in said)

    def alarm(self, decoy: Decoy) -> Violation | None:
        """The decoy that the answer calls a fault, if it does."""
        items = (as_must_not(decoy),)
        return next((v for w in self.windows for v in self._refused(w, items)), None)

    def _refused(self, window: Window, items: Sequence[MustNot]) -> Iterator[Violation]:
        """The must-nots that a window advises."""
        for item in items:
            if span := self._advised(item, window):
                yield Violation(item.id, item.text, item.severity, _quote(window.joined, *span))

    def _advised(self, item: MustNot, window: Window) -> tuple[int, int] | None:
        """Where a window advises what a must-not names, if it does."""
        for phrasing in item.phrasings if may_name(item, window.joined) else ():
            for match in of_clauses(phrasing, window):
                if makes_right(item, governed(window.joined, match.start())):
                    continue
                found = self.reading.advice(window, match.start(), match.end(), phrasing.pattern)
                if found.advised:
                    return match.start(), match.end()
        return None


@dataclass(frozen=True, slots=True)
class _Hit:
    stance: Stance
    start: int
    end: int
    pattern: str


def _touched(parts: Sequence[Window], first: int, last: int) -> Iterator[tuple[Window, int, int]]:
    """The windows that a span of their joined text touches, each with its part of the span."""
    at = 0
    for part in parts:
        start, end = max(first - at, 0), min(last - at, len(part.joined))
        if start < end:
            yield part, start, end
        at += len(part.joined) + 1


def _repeats(window: Window, question: Question) -> bool:
    """Whether a code block only repeats code of the question, which asserts and advises nothing."""
    return window.code and window.text in plain_code("\n".join(question.files.values()))


def raises(answer: str, item: MustNot) -> bool:
    """Whether an answer has the words of a must-not, however it means them, or its code."""
    if item.detector is not None:
        return _detected(item, answer) is not None
    windows = read(answer).windows
    return any(next(matches(p, w.joined), None) for p in item.patterns for w in windows)


def _detected(item: MustNot, answer: str) -> Violation | None:
    """What the named detector finds in the answer's code."""
    sure = (danger for danger in safety.examine(answer) if not danger.estimate)
    found = next((danger for danger in sure if danger.rule == item.detector), None)
    return Violation(item.id, item.text, item.severity, found.evidence) if found else None


def _quote(text: str, start: int, end: int) -> str:
    """The span with some of what is around it, on one line."""
    left, right = max(0, start - 60), min(len(text), max(end, start) + 60)
    quoted = " ".join(text[left:right][:420].split())
    return f"{'...' if left else ''}{quoted}{'...' if right < len(text) else ''}"
