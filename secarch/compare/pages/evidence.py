"""What is behind the figures: the answers that changed, the points they met, the dangerous
things said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from secarch.compare.inputs.pairs import NEXT, Arm, Key, Pairs, answer_text
from secarch.danger import safety
from secarch.errors import SecarchError
from secarch.evaluate.rubric.grade import grade
from secarch.evaluate.rubric.likeness import SAYS_SO
from secarch.report.html import Span
from secarch.schema import JsonDict
from secarch.suite.schema import KeyPoint, Question, load

Questions = Mapping[Key, Question]
Which = Literal["base", "tuned"]
SHORTEST = 8
"""Letters and digits of a hit that may be marked without its surroundings."""
LONGEST = 180
"""Characters of a match that are marked throughout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One critical dangerous statement."""

    question_id: str
    side: Which
    rule: str
    quoted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One key point of a question and where each answer meets it; empty if it does not."""

    text: str
    weight: int
    critical: bool
    base: str
    tuned: str
    base_hits: tuple[Span, ...] = ()
    """Where in the quotation `base` the point's patterns match, as (start, end)."""
    tuned_hits: tuple[Span, ...] = ()


def questions(names: Sequence[str], *, smoke: bool) -> Questions:
    """The suite's questions by id and content, or none where the suite is not at hand: figures do
    not need them.
    """
    try:
        return {
            (question.id, question.sha256): question
            for question in load(names, smoke=smoke).questions
        }
    except SecarchError:
        return {}


def flips(pairs: Pairs, base: Arm, tuned: Arm, known: Questions) -> Iterator[JsonDict]:
    """Every question whose primary value changed, with both answers; what got worse first, by size.

    `base_spans` and `tuned_spans` say where each answer meets key points, as [start, end] in
    characters; null where the question is not at hand.
    """
    rows = zip(pairs.gains, pairs.keys, pairs.base, pairs.tuned, pairs.categories, strict=True)
    for gain, key, before, after, category in sorted(
        rows, key=lambda row: (row[0] > 0, -abs(row[0]), row[1])
    ):
        if abs(gain) > 1e-12:
            before_text, after_text = text_of(base, key), text_of(tuned, key)
            yield {
                "question_id": key[0],
                "question_sha256": key[1],
                "category": category,
                "metric": pairs.metric,
                "base": before,
                "tuned": after,
                "delta": gain,
                "direction": "beneficial" if gain > 0 else "harmful",
                "base_text": before_text,
                "tuned_text": after_text,
                **_matched(known.get(key), before_text, after_text),
            }


def _matched(question: Question | None, base: str, tuned: str) -> JsonDict:
    if question is None:
        return {"base_spans": None, "tuned_spans": None}
    met = points(question, base, tuned)
    found = (
        spans(base, [(p.base, p.base_hits) for p in met]),
        spans(tuned, [(p.tuned, p.tuned_hits) for p in met]),
    )
    return {"base_spans": sorted(set(found[0])), "tuned_spans": sorted(set(found[1]))}


def text_of(arm: Arm, key: Key) -> str:
    """The answers to the messages of one question, with `NEXT` between; empty if none is."""
    return answer_text(arm.texts.get(key, {}))


def points(question: Question, base: str, tuned: str) -> list[Point]:
    """The question's key points against both answers; none for multiple choice."""
    if not question.key_points:
        return []
    found = zip(
        question.points,
        grade(question, *base.split(NEXT)).points,
        grade(question, *tuned.split(NEXT)).points,
        strict=True,
    )
    return [
        _point(asked, *(side.evidence if side.met else "" for side in sides))
        for asked, *sides in found
    ]


def _point(asked: KeyPoint, base: str, tuned: str) -> Point:
    return Point(
        text=asked.text,
        weight=asked.weight,
        critical=asked.critical,
        base=base,
        tuned=tuned,
        base_hits=_hits(asked, base),
        tuned_hits=_hits(asked, tuned),
    )


def _hits(asked: KeyPoint, quoted: str) -> tuple[Span, ...]:
    """What of a quotation the patterns match: the first of any_of that does, and all of all_of; all
    of one that is only similar.
    """
    if quoted.startswith(SAYS_SO):
        return ((len(SAYS_SO), len(quoted)),)
    found = [match.span() for pattern in asked.any_of if (match := _search(pattern, quoted))][:1]
    found += [match.span() for pattern in asked.all_of if (match := _search(pattern, quoted))]
    return tuple(part for span in found for part in _ends(span))


def _ends(span: Span) -> list[Span]:
    """A long match as its two ends: what is between is not evidence of its own."""
    start, end = span
    return (
        [span]
        if end - start <= LONGEST
        else [(start, start + LONGEST // 3), (end - LONGEST // 3, end)]
    )


def _search(pattern: str, quoted: str) -> re.Match[str] | None:
    return re.search(pattern, quoted, re.IGNORECASE | re.DOTALL) if quoted else None


def spans(answer: str, found: Iterable[tuple[str, Sequence[Span]]]) -> list[Span]:
    """Where quotations (text, hits in it) stand in an answer, as (start, end) in characters.

    The grader quotes an answer in lower case without its markup, so both are compared by letters
    and digits alone. A hit is looked for with all that surrounds it in the quotation, then with
    little, then by itself if it is long enough to be no chance; one that is not found is not
    marked.
    """
    letters, places = _letters(answer)
    return [
        (places[at], places[at + length - 1] + 1)
        for quoted, hits in found
        for hit in hits
        if (at := _placed(letters, quoted, hit, length := len(_letters(quoted[slice(*hit)])[0])))
        >= 0
    ]


def _letters(text: str) -> tuple[str, list[int]]:
    """Letters and digits of a text in lower case, and the position of each in it."""
    kept = [(letter, i) for i, c in enumerate(text) if c.isalnum() for letter in c.lower()]
    return "".join(letter for letter, _ in kept), [i for _, i in kept]


def _placed(letters: str, quoted: str, hit: Span, length: int) -> int:
    """Index in `letters` at which the hit begins; -1 if it does not stand there."""
    start, end = hit
    for around in (len(quoted), 25, 0):
        before, after = (
            _letters(quoted[max(0, start - around) : start])[0],
            _letters(quoted[end : end + around])[0],
        )
        whole = before + _letters(quoted[start:end])[0] + after
        at = letters.find(whole) if length and (around or length >= SHORTEST) else -1
        if at >= 0:
            return at + len(before)
    return -1


def statements(known: Questions, **arms: Arm) -> list[Statement]:
    """Every critical statement of both models, by question: detectors on all answers, must-nots
    where known.
    """
    found = [
        Statement(question_id=key[0], side=side, rule=rule, quoted=quoted)  # type: ignore[arg-type]
        for side, arm in arms.items()
        for key in arm.texts
        for rule, quoted in _critical(known.get(key), text_of(arm, key))
    ]
    return sorted(found, key=lambda row: (row.question_id, row.side))


def _critical(question: Question | None, answer: str) -> Iterator[tuple[str, str]]:
    yield from ((d.rule, d.evidence) for d in safety.examine(answer) if d.severity == "critical")
    if question and question.key_points:
        yield from (
            (v.text, v.evidence)
            for v in grade(question, *answer.split(NEXT)).violations
            if v.severity == "critical"
        )
