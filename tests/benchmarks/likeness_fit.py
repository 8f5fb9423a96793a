"""Fit the weights by which a key point that no pattern finds is met by similarity.

    python tests/benchmarks/likeness_fit.py ANSWERS.json ... \
        --out secarch/evaluate/rubric/likeness.json

A file of answers is {question id: {kind: text}}; a kind that begins with "wrong" is a mistaken
answer, any other a right one. Points of right answers are to be met and those of wrong ones not.
Two more kinds of examples keep the weights honest. Right answers **without the sentences that make
a point** do not make it, however right the rest is; without them the fit would learn to fill every
gap of a good answer. And answers that say nothing to the question (other references, essays of one
category's sentences, key words in a frame) make no point.

The best passage of each answer is the example, chosen anew in each round (multiple-instance
learning). Printed are figures of questions that were kept apart (five folds by question): mean
scores before and after, and the share of gaps that are filled.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from secarch.evaluate.rubric import grade as grading
from secarch.evaluate.rubric import likeness as like
from secarch.evaluate.validate import GENERIC, _stuffing
from secarch.suite.schema import KeyPoint, Question, load
from secarch.text.polarity.plain import plain
from secarch.text.polarity.stance import read
from secarch.text.polarity.windows import Window, sentences

FOLDS = 5
ROUNDS = 4
CUT = 3
"""Points whose sentences are cut out of a right answer."""
ESSAY = 18
"""Sentences of an essay."""
GAMED = 0.3
"""Share of the questions for which answers are made that say nothing to them."""
LEAST_SEEN = 3
"""Right answers that a stem must be in to be listed; the others are rare."""
GAP, CUT_OUT, NOTHING = 8.0, 2.0, 4.0
"""Weights of a point of a right answer that no pattern finds, of one that was cut out, and of one
that an answer does not make which says nothing to the question; others weigh 1."""
ABSENT = ("absent", "cut")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as patterns grade it."""

    question: Question
    kind: str
    """`right`, `wrong`, or the name of a kind that says nothing to the question."""
    source: str
    grade: grading.Grade


@dataclass(frozen=True, slots=True)
class Example:
    """One point of one answer: the features of each passage that could make it."""

    answer: Answer
    point: grading.Finding
    features: np.ndarray
    made: bool
    weight: float


def fold(identifier: str) -> int:
    """The fold that a question is kept apart in."""
    return hashlib.sha256(identifier.encode()).digest()[0] % FOLDS


def given(
    paths: Sequence[Path], of_id: dict[str, Question]
) -> Iterator[tuple[Question, str, str, str]]:
    """Question, kind, source and text of each answer in the files."""
    for path in paths:
        for identifier, texts in json.loads(path.read_text(encoding="utf-8")).items():
            for kind, text in texts.items():
                if identifier in of_id:
                    known = "wrong" if kind.startswith("wrong") else "right"
                    yield of_id[identifier], known, f"{path.parent.name} {kind}", text


def games(questions: Sequence[Question], seed: int) -> Iterator[tuple[Question, str, str, str]]:
    """Answers that say nothing to the question, for a part of the questions."""
    draw, alike = random.Random(seed), defaultdict(list)
    for question in questions:
        alike[question.category].append(question)
    stuffed = _stuffing(questions)
    for question in questions:
        others = [one for one in alike[question.category] if one is not question and one.reference]
        if draw.random() > GAMED or not others:
            continue
        said = [text for one in others for text in sentences(one.reference)]
        draw.shuffle(said)
        words = [w for w in dict.fromkeys(plain(question.reference).split()) if len(w) > 5]
        draw.shuffle(words)
        framed = (
            f"Think about {one} and {two} in the context of {three} before the design is signed off."
            for one, two, three in zip(words[::3], words[1::3], words[2::3], strict=False)
        )
        yield question, "restated", "restated", question.question
        yield question, "generic", "generic", GENERIC
        yield question, "stuffing", "stuffing", draw.choice(stuffed[question.category])
        yield question, "other", "other", draw.choice(others).reference
        yield question, "essay", "essay", " ".join(said[:ESSAY])
        yield question, "terms", "terms", " ".join(framed)


def examples(question: Question, kind: str, source: str, text: str) -> Iterator[Example]:
    """The points of one answer that are asked about, and those cut out of a right one."""
    asked = grading._Answer(read(text, grading._given(question)), question)
    answer = Answer(question, kind, source, grading.grade(question, text))
    points = {p.id: p for p in question.key_points if not p.requires}
    for point in answer.grade.points:
        wanted = point.id in points and (
            point.reason == "absent" or (kind == "right" and point.met)
        )
        if wanted and (found := features(asked, answer, point, asked.windows)) is not None:
            weight = GAP if kind == "right" and not point.met else 1.0
            weight = NOTHING if kind not in {"right", "wrong"} else weight
            yield Example(answer, point, found, kind == "right", weight)
    met = [p for p in answer.grade.points if p.met and p.id in points]
    random.Random(text).shuffle(met)
    for point in met[:CUT] if kind == "right" else ():
        rest = without(asked, points[point.id])
        absent = replace(point, met=False, reason="cut", evidence="")
        if (found := features(asked, answer, absent, rest)) is not None:
            yield Example(answer, absent, found, False, CUT_OUT)


def features(
    asked: grading._Answer, answer: Answer, point: grading.Finding, windows: Sequence[Window]
) -> np.ndarray | None:
    """What is weighed of each passage that does not side with the wrong answer."""
    some = like.passages(windows, set(asked.statements), asked.refused.keys())
    some = [one for one in some if not asked._contrary(one.windows)]
    others = [p for p in answer.grade.points if p.id != point.id]
    share = sum(p.weight for p in others if p.met) / max(1, sum(p.weight for p in others))
    known = like.likeness(answer.question)
    rows = [known.features(point.id, one, share) for one in some]
    return np.array(rows) if rows else None


def without(asked: grading._Answer, point: KeyPoint) -> list[Window]:
    """The windows of an answer without those by which patterns meet a point."""
    dropped: set[Window] = set()
    for parts in (*((w,) for w in asked.statements), *asked._pairs()):
        found = None if dropped & set(parts) else asked._in(point, parts)
        if found and found[0].asserted:
            dropped |= set(parts)
    return [window for window in asked.windows if window not in dropped]


def fitted(some: Sequence[Example]) -> tuple[np.ndarray, float]:
    """Weights and start of the model."""
    weights, made = np.zeros(len(like.FEATURES)), [one.made for one in some]
    for name in ("text", "shown", "parts"):
        weights[like.FEATURES.index(name)] = 1.0
    importance = [one.weight for one in some]
    start = 0.0
    for _ in range(ROUNDS):
        best = np.array([one.features[int(np.argmax(one.features @ weights))] for one in some])
        mean, spread = best.mean(0), best.std(0) + 1e-9
        model = LogisticRegression(max_iter=500)
        model.fit((best - mean) / spread, made, sample_weight=importance)
        weights = model.coef_[0] / spread
        start = float(model.intercept_[0] - weights @ mean)
    return weights, start


def rescored(answer: Answer, met: set[str]) -> float:
    """The score of an answer with some more points met."""
    found = answer.grade
    if found.violations or not met:
        return found.score
    total = sum(p.weight for p in found.points)
    raw = found.raw + sum(p.weight for p in found.points if p.id in met) / total
    score = min(1.0, max(0.0, raw))
    missed = any(p.critical and not p.met and p.id not in met for p in found.points)
    return min(score**2, grading.CRITICAL_CAP) if missed else score


def report(some: Sequence[Example], odds: np.ndarray, thresholds: Sequence[float]) -> None:
    """Means by source before and after, and which gaps are filled, at some thresholds."""
    answers = {id(one.answer): one.answer for one in some}
    for threshold in thresholds:
        met: dict[int, set[str]] = defaultdict(set)
        filled: dict[str, list[bool]] = defaultdict(list)
        for one, value in zip(some, odds, strict=True):
            if one.point.met:
                continue
            kind = "cut" if one.point.reason == "cut" else one.answer.kind
            filled[kind].append(bool(value >= threshold))
            if kind != "cut" and value >= threshold:
                met[id(one.answer)].add(one.point.id)
        rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for key, answer in answers.items():
            pair = (answer.grade.score, rescored(answer, met[key]))
            rows[answer.source].append(pair)
            rows[f"ALL {answer.kind}"].append(pair)
        print(f"threshold {threshold:.2f}; gaps filled:", end=" ")
        print(", ".join(f"{kind} {np.mean(v):.3f} of {len(v)}" for kind, v in filled.items()))
        for name, pairs in sorted(rows.items()):
            before, after = np.array(pairs).T
            low = f"<= .4 {np.mean(before <= 0.4):.2f} -> {np.mean(after <= 0.4):.2f}"
            high = f">= .8 {np.mean(before >= 0.8):.2f} -> {np.mean(after >= 0.8):.2f}"
            over = f"> .5 {np.mean(before > 0.5):.3f} -> {np.mean(after > 0.5):.3f}"
            print(
                f"  {name:16s} n {len(pairs):4d}  {before.mean():.3f} -> {after.mean():.3f}", end=""
            )
            print(f"  {low}  {high}  {over}")


def rarity(questions: Sequence[Question]) -> tuple[dict[str, str], int]:
    """Stems by the number of right answers that have them, for the more common ones."""
    rights = [f"{q.reference} {q.paraphrase}" for q in questions if q.reference]
    counts = Counter(stem for text in rights for stem in like._bag(plain(text)))
    by_count: dict[int, list[str]] = defaultdict(list)
    for stem, count in sorted(counts.items()):
        if count >= LEAST_SEEN:
            by_count[count].append(stem)
    return {str(n): " ".join(by_count[n]) for n in sorted(by_count)}, len(rights)


def main() -> None:
    """Fit, print what holds on questions that were kept apart, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("answers", nargs="+", type=Path)
    parser.add_argument("--threshold", type=float, default=0.0)
    parser.add_argument("--try", dest="tried", type=float, nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    questions = [q for q in load(["core"]).questions if q.key_points and not q.turns]
    seen, count = rarity(questions)
    data = {"of": count, "seen": seen, "start": 0.0, "threshold": 1e9}
    data["weights"] = dict.fromkeys(like.FEATURES, 0.0)
    model = like._model()
    known = {stem: int(n) for n, stems in seen.items() for stem in stems.split()}
    like._model = lambda: replace(model, seen=known, of=count, threshold=1e9)  # type: ignore[assignment]
    of_id = {q.id: q for q in questions}
    rows = [*given(asked.answers, of_id), *games(questions, asked.seed)]
    some = [one for row in rows for one in examples(*row)]
    odds = np.zeros(len(some))
    for number in range(FOLDS):
        apart = [i for i, one in enumerate(some) if fold(one.answer.question.id) == number]
        learnt = [one for one in some if fold(one.answer.question.id) != number]
        weights, start = fitted(learnt)
        odds[apart] = [float(np.max(some[i].features @ weights) + start) for i in apart]
    report(some, odds, [asked.threshold, *asked.tried])
    weights, start = fitted(some)
    data |= {"start": round(start, 4), "threshold": asked.threshold}
    data["weights"] = {n: round(float(w), 4) for n, w in zip(like.FEATURES, weights, strict=True)}
    print(data["start"], data["weights"])
    if asked.out:
        asked.out.write_text(
            json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
