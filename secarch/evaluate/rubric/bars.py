"""The bars of polarity over a suite: what refutes a wrong sentence must not count as advice, what
states it must, and a reference that is turned round must lose its points.

A sample that the ids decide keeps `suite validate` fast; `tests/benchmarks/polarity.py` takes every
question, and phrasings that are kept apart.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from secarch.evaluate.rubric.grade import grade, violations
from secarch.suite.schema import Question
from secarch.text.polarity.windows import sentences

REFUTED = (
    "It is a myth that {x}.",
    "The team argues that {x}. I disagree.",
    "Some claim that {x}, but this does not hold.",
    "{s} That is wrong.",
    "Do not assume that {x}.",
    "> {s}\n\nThis advice is mistaken.",
    "| Claim | Verdict |\n|---|---|\n| {s} | rejected |",
    "Nobody should believe that {x}.",
)
STATED = ("{s}", "My recommendation is this: {s}", "In short: {s}")
TURNED = (
    "It is a myth that {x}.",
    "It is unnecessary to follow this: {x}.",
    "Remove any control such as this: {x}.",
)
EVERY = 8
"""One question of so many is looked at."""
LEAST = 10
"""Questions looked at below which a share says nothing."""
FIRE = 0.05
"""Most of the refuted sentences that may count as advice."""
STATE = 0.90
"""Least share of the stated sentences that must; a form adds words that some patterns stop at."""
KEEP = 0.35
"""Highest mean score of references that are turned round."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure over the sample."""

    name: str
    found: float
    bar: str
    met: bool
    n: int


def bars(questions: Sequence[Question], every: int = EVERY) -> list[Bar]:
    """The figures over a sample; none for fewer than `LEAST` questions."""
    drawn = [q for q in questions if q.key_points and q.wrong and _number(q.id) % every == 0]
    if len(drawn) < LEAST:
        return []
    pairs = [(q, item, text) for q in drawn for item, text in wrong_sentences(q)]
    fired = [_fires(q, item, text, _form(q, REFUTED)) for q, item, text in pairs]
    stated = [_fires(q, item, text, _form(q, STATED)) for q, item, text in pairs]
    kept = [grade(q, turned(_form(q, TURNED), q.reference)).score for q in drawn]
    return [
        Bar("refuted", _mean(fired), f"<= {FIRE:.0%} fire", _mean(fired) <= FIRE, len(fired)),
        Bar("stated", _mean(stated), f">= {STATE:.0%} fire", _mean(stated) >= STATE, len(stated)),
        Bar("turned", _mean(kept), f"mean <= {KEEP}", _mean(kept) <= KEEP, len(kept)),
    ]


def wrong_sentences(question: Question) -> Iterator[tuple[str, str]]:
    """Each must-not with the sentence of the wrong answer that says it."""
    said = [(text, violations(question, text)) for text in sentences(question.wrong)]
    for item in question.must_not:
        found = next((text for text, v in said if item.id in {one.id for one in v}), None)
        if found:
            yield item.id, found


def formed(form: str, sentence: str) -> str:
    """A sentence in a form: `{s}` as it is, `{x}` as a clause, `{q}` in quotation marks."""
    whole = " ".join(sentence.split())
    bare = whole.rstrip(".!")
    return form.replace("{x}", _clause(bare)).replace("{q}", f'"{bare}."').replace("{s}", whole)


def inside(reference: str, text: str) -> str:
    """A paragraph in the middle of a reference."""
    parts = reference.split("\n\n")
    if len(parts) == 1:
        cut = sentences(reference)
        middle = len(cut) // 2
        return f"{' '.join(cut[:middle])}\n\n{text}\n\n{' '.join(cut[middle:])}"
    middle = len(parts) // 2
    return "\n\n".join([*parts[:middle], text, *parts[middle:]])


def turned(form: str, reference: str) -> str:
    """A reference with each of its sentences in a form, as a paragraph each; code is left out."""
    prose = re.sub(r"```.*?```", "", reference, flags=re.DOTALL)
    bare = re.sub(r"^\s*(?:[-*+]|\d+[.)]|#{1,6})\s+", "", prose, flags=re.MULTILINE)
    return "\n\n".join(formed(form, sentence) for sentence in sentences(bare))


def _fires(question: Question, item: str, sentence: str, form: str) -> float:
    text = inside(question.reference, formed(form, sentence))
    return float(item in {v.id for v in violations(question, text)})


def _clause(bare: str) -> str:
    first = bare.split(" ", 1)[0]
    named = first.isupper() or any(letter.isupper() for letter in first[1:])
    return bare if named else bare[:1].lower() + bare[1:]


def _form(question: Question, forms: Sequence[str]) -> str:
    return forms[_number(f"form {question.id}") % len(forms)]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
