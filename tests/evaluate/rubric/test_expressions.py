"""Expressions of questions are searched for as ever, whatever is done to be fast."""

from __future__ import annotations

import random
import re

import pytest

from secarch.evaluate.rubric.expressions import compiled, of_clauses
from secarch.suite import decisions
from secarch.suite.schema import load
from secarch.text.polarity.windows import windows

PATTERNS = (
    r"\bis (?:s3|iam)\b",
    r"[A-Z]k",
    r"[.-_]k",
    r"[^a-z ]",
    r"\x41b",
    r"Effect",
    r"stra\u00dfe",
    r"[\w.-]{2}\Bk\d-\d",
    "(?P<key>k[i\u0131]s)",
)
ALPHABET = "aksi\u0131\u017fKİß .-9AEfct\n"


@pytest.mark.parametrize("pattern", PATTERNS)
def test_case_never_counts(pattern: str) -> None:
    """What is compiled without the flag finds what the flag finds, in any text."""
    draw, known = (
        random.Random(pattern),
        re.compile(pattern, re.IGNORECASE | re.DOTALL | re.MULTILINE),
    )
    for _ in range(3_000):
        text = "".join(draw.choices(ALPHABET, k=12))
        text = text if draw.random() < 0.3 else text.lower()
        spans = [m.span() for m in compiled(pattern, text).finditer(text)]
        assert spans == [m.span() for m in known.finditer(text)], text


def test_lower_case_needs_no_flag() -> None:
    """Which is what makes it fast."""
    assert not compiled(r"\bkeys?\b[^.;]{0,9}", "keep the key \u2013 now").flags & re.IGNORECASE
    assert compiled("key", "the k\u0131s").flags & re.IGNORECASE


@pytest.mark.parametrize(
    "decide",
    [decisions.keeps, decisions.trusts, decisions.accepts, decisions.uses, decisions.drops],
)
def test_a_turn_of_phrase_loses_no_match(decide: object) -> None:
    """Where a pattern matches, so does the turn that is looked for before it."""
    phrasings = decide(r"\b[a-z]{3,}")  # type: ignore[operator]
    matched = 0
    for question in load(["core"]).questions[::6]:
        for window in windows(f"{question.wrong}\n\n{question.reference}"):
            for one in phrasings:
                found = {m.span() for m in of_clauses(one, window)}
                known = {m.span() for m in of_clauses(decisions.Phrasing(one.pattern), window)}
                assert found == known
                matched += bool(known)
    assert matched > 10
