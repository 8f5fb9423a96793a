"""Fit the weights by which what stands around a statement keeps it from being advice.

    python tests/benchmarks/polarity_fit.py first second third fourth training training2 \
        --every 3 --out FILE

Examples are the matches of the core suite's must-nots: in the sets' forms (to be kept from advice,
or, for "plain", to remain it), put into the references, and in the suite's own wrong answers, which
advise. What a set of phrasings has been fitted on says nothing of it; keep one apart (--test).
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from sklearn.linear_model import LogisticRegression

from secarch.evaluate.rubric.bars import formed, inside, wrong_sentences
from secarch.suite.schema import Question, load
from secarch.text.polarity.setting import found
from secarch.text.polarity.stance import read

SETS = Path(__file__).parent / "phrasings"
DEFUSED = ("refuted", "attributed", "conditional", "guarded", "quoted")
EACH = 7
"""Statements that each form is tried with."""
THRESHOLD = 0.1
LEAST = 3
"""Forms (or wrong answers) that a signal must be seen in to have a weight."""
Example = tuple[frozenset[str], int, float, str]


def matches(text: str, pattern: str) -> Iterator[tuple[int, int, int]]:
    """(window, start, end) of a must-not's matches in an answer's prose."""
    reading = read(text)
    for place, window in enumerate(reading.windows):
        if window.code:
            continue
        for match in re.finditer(pattern, window.joined, re.IGNORECASE | re.DOTALL | re.MULTILINE):
            yield place, match.start(), match.end()


def examples(names: list[str], questions: list[Question], seed: int) -> Iterator[Example]:
    """Signals, whether it is kept from advice, weight, form."""
    draw = random.Random(seed)
    pairs = [
        (q, next(m.pattern for m in q.must_not if m.id == item), text)
        for q in questions
        for item, text in wrong_sentences(q)
    ]
    pairs = [pair for pair in pairs if pair[1]]
    for name in names:
        forms = yaml.safe_load((SETS / f"{name}.yaml").read_text(encoding="utf-8"))
        for kind in (*DEFUSED, "plain"):
            for form in forms.get(kind, []):
                for question, pattern, text in draw.sample(pairs, EACH):
                    yield from _of_form(question, pattern or "", text, form, int(kind != "plain"))
    for question, pattern, _ in pairs:
        for place, start, end in matches(question.wrong, pattern or ""):
            yield found(read(question.wrong).windows, place, start, end), 0, 2.0, "wrong"


def _of_form(
    question: Question, pattern: str, text: str, form: str, label: int
) -> Iterator[Example]:
    answer = inside(question.reference, formed(form, text))
    own = set(matches(question.reference, pattern))
    spans = [] if own else list(matches(answer, pattern))[:1]
    for place, start, end in spans:
        yield found(read(answer).windows, place, start, end), label, 1.0, form


def main() -> None:
    """Fit, say how the set kept apart is read, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--test", help="a set to try the weights on")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--strength", type=float, default=0.3, help="the inverse of the penalty")
    parser.add_argument("--every", type=int, default=1)
    asked = parser.parse_args()
    questions = [q for q in load(["core"]).questions if q.key_points][:: asked.every]
    rows = list(examples(asked.sets, questions, 1))
    names = _common(rows)
    model = LogisticRegression(C=asked.strength, max_iter=2000)
    balance = sum(r[2] for r in rows if r[1]) / sum(r[2] for r in rows if not r[1])
    model.fit(
        [[float(name in row[0]) for name in names] for row in rows],
        [row[1] for row in rows],
        sample_weight=[row[2] * (1 if row[1] else balance) for row in rows],
    )
    fitted = {n: round(float(w), 3) for n, w in zip(names, model.coef_[0], strict=True)}
    intercept = round(float(model.intercept_[0]), 3)
    for name in [asked.test] if asked.test else []:
        _try(list(examples([name], questions, 2)), fitted, intercept, name)
    if asked.out:
        data = {"intercept": intercept, "threshold": THRESHOLD, "signals": fitted}
        asked.out.write_text(yaml.safe_dump(data, sort_keys=True), encoding="utf-8")


def _common(rows: list[Example]) -> list[str]:
    """The signals that are seen often enough."""
    seen: dict[str, set[str]] = {}
    for number, (signals, _, _, form) in enumerate(rows):
        for name in signals:
            seen.setdefault(name, set()).add(f"{number}" if form == "wrong" else form)
    return sorted(name for name, forms in seen.items() if len(forms) >= LEAST)


def _try(rows: list[Example], fitted: dict[str, float], intercept: float, name: str) -> None:
    for threshold in (-1.0, 0.0, 1.0):
        shares: dict[str, list[bool]] = {}
        for signals, label, _, form in rows:
            kept = intercept + sum(fitted.get(s, 0.0) for s in signals) > threshold
            shares.setdefault("wrong" if form == "wrong" else str(label), []).append(kept)
        told = {key: round(sum(v) / len(v), 3) for key, v in sorted(shares.items())}
        sys.stdout.write(f"{name} threshold {threshold}: kept from advice {told}\n")


if __name__ == "__main__":
    main()
