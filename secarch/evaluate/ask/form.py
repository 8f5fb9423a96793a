"""What the form of the options gives away: two classifiers that never read a question.

Each option is described by its words and by its form: length and its rank, place, absolutes,
hedges, reasons, numbers, punctuation. A naive Bayes classifier and a ridge regression learn from
all other questions what right options look like, and pick an option of the one that was left out.
Good questions leave both near chance. Such artefacts of annotation were found in this way by
Gururangan et al. 2018 (arXiv:1803.02324).

A leaf: it imports numpy.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secarch.suite.schema import Question

LEAST = 60
"""Questions from which form is judged: with fewer, chance alone reaches the bar too often."""
MOST_GUESSED = 0.35
"""Largest share of the questions that a classifier may get right by form alone."""
LEAST_OF_A_RANK, MOST_OF_A_RANK = 0.15, 0.35
"""Bounds of the share of right options that are the longest, the second longest, and so on."""
MOST = 500
"""Questions of a larger bank that are looked at, spread evenly over it."""
RANKS = 4
"""Options of a question whose ranks are counted; questions with another number have others."""
SMOOTHING = 0.5
"""Added to each count of naive Bayes."""
RIDGE = 8.0
"""Weight of the penalty in the ridge regression."""

_WORD = re.compile(r"[a-z][a-z'-]*|\d[\d.,]*")
_GROUPS = {
    "absolutes": (
        "all always any anybody anyone anything cannot completely each entire entirely every "
        "everybody everyone everything exactly fully impossible must never no nobody none nothing "
        "only whatever whole without"
    ),
    "hedges": (
        "can could generally likely may mainly maybe might mostly often partly possibly probably "
        "rarely should sometimes typically unless until usually"
    ),
    "reasons": "as because hence since so therefore thus while whereas which",
}
_OF_GROUP = {name: frozenset(words.split()) for name, words in _GROUPS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How much the form of the options gives away."""

    questions: int
    chance: float
    """Share that is right by drawing lots, 0..1."""
    naive_bayes: float
    """Share that naive Bayes gets right, each question left out in its turn, 0..1."""
    ridge: float
    """The same of the ridge regression."""
    ranks: tuple[float, ...]
    """Share of the right options that are the longest, the second longest, ... in characters."""

    @property
    def guessed(self) -> float:
        """Share that the better classifier gets right."""
        return max(self.naive_bayes, self.ridge)


def measure(questions: Sequence[Question]) -> Form:
    """Measure the form of multiple choices.

    Raises ValueError if there are fewer than two or one has no right option.
    """
    if len(questions) < 2 or any(question.answer is None for question in questions):
        raise ValueError("two or more multiple choices with their answers are needed")
    questions = [questions[n] for n in _spread(len(questions))]
    described = [features(question.choices) for question in questions]
    right = [question.answer or 0 for question in questions]
    return Form(
        questions=len(questions),
        chance=sum(1 / len(one) for one in described) / len(described),
        naive_bayes=_hits(_naive_bayes(described, right), right),
        ridge=_hits(_ridge(described, right), right),
        ranks=_ranks(questions),
    )


def faults(questions: Sequence[Question]) -> list[tuple[str, str, str]]:
    """What the form gives away, as (check, found, bar); nothing of fewer than `LEAST` questions."""
    if len(questions) < LEAST:
        return []
    return _exceeded(measure(questions))


def _exceeded(form: Form) -> list[tuple[str, str, str]]:
    found = []
    if form.guessed > MOST_GUESSED:
        shares = f"{form.naive_bayes:.0%} by naive Bayes, {form.ridge:.0%} by ridge regression"
        found.append(("right by form alone", shares, f"at most {MOST_GUESSED:.0%}"))
    for rank, share in enumerate(form.ranks, 1):
        if not LEAST_OF_A_RANK <= share <= MOST_OF_A_RANK:
            bar = f"{LEAST_OF_A_RANK:.0%} to {MOST_OF_A_RANK:.0%}"
            found.append((f"right and of length rank {rank}", f"{share:.0%}", bar))
    return found


def features(choices: Sequence[str]) -> list[frozenset[str]]:
    """The features of each option of one question.

    >>> sorted(features(["Always", "Not yet, no"])[0])[:4]
    ['absolutes:1', 'first:always', 'hedges:0', 'last:always']
    """
    sizes = [len(text) for text in choices]
    return [frozenset({*_of_text(text), *_of_place(n, sizes)}) for n, text in enumerate(choices)]


def _spread(count: int) -> list[int]:
    """At most `MOST` numbers below `count`, evenly spread: the regression needs memory by the
    square of them.
    """
    return sorted({n * count // min(count, MOST) for n in range(min(count, MOST))})


def _of_text(text: str) -> set[str]:
    words = _WORD.findall(text.lower()) or [""]
    groups = {
        f"{name}:{min(2, sum(word in group for word in words))}"
        for name, group in _OF_GROUP.items()
    }
    return {
        *(f"word:{word}" for word in words),
        f"first:{words[0]}",
        f"last:{words[-1]}",
        f"words:{min(len(words) // 4, 8)}",
        f"commas:{min(text.count(','), 3)}",
        f"number:{any(word[0].isdigit() for word in words if word)}",
        f"capitals:{bool(re.search('[A-Z]{2}', text))}",
        *(f"mark:{mark}" for mark in ";:()\"'-/." if mark in text),
        *groups,
    }


def _of_place(place: int, sizes: Sequence[int]) -> set[str]:
    mean = sum(sizes) / len(sizes)
    return {
        f"place:{place}",
        f"rank:{sum(size > sizes[place] for size in sizes)}",
        f"length:{min(int(4 * sizes[place] / mean), 8) if mean else 0}",
    }


def _hits(scores: Sequence[Sequence[float]], right: Sequence[int]) -> float:
    """Share of the questions whose right option scores best; of equal ones its fair part."""
    shares = []
    for found, answer in zip(scores, right, strict=True):
        best = max(found)
        shares.append((found[answer] == best) / sum(score == best for score in found))
    return sum(shares) / len(shares)


def _naive_bayes(
    described: Sequence[Sequence[frozenset[str]]], right: Sequence[int]
) -> list[list[float]]:
    """Log odds of each option, from the counts of all questions but its own."""
    good: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    for options, answer in zip(described, right, strict=True):
        for n, one in enumerate(options):
            (good if n == answer else bad).update(one)
    totals = len(described) - 1, sum(map(len, described)) - len(described)
    scores = []
    for options, answer in zip(described, right, strict=True):
        own_good, own_bad = Counter(options[answer]), Counter[str]()
        for n, one in enumerate(options):
            own_bad.update(one if n != answer else ())
        sizes = totals[0], totals[1] - len(options) + 1
        left = good - own_good, bad - own_bad
        scores.append([_odds(one, left, sizes) for one in options])
    return scores


def _odds(
    one: frozenset[str],
    counts: tuple[Mapping[str, int], Mapping[str, int]],
    sizes: tuple[int, int],
) -> float:
    total = 0.0
    for feature in sorted(one):
        good, bad = counts[0].get(feature, 0), counts[1].get(feature, 0)
        if good + bad:
            total += math.log((good + SMOOTHING) / (sizes[0] + 2 * SMOOTHING))
            total -= math.log((bad + SMOOTHING) / (sizes[1] + 2 * SMOOTHING))
    return total


def _ridge(
    described: Sequence[Sequence[frozenset[str]]], right: Sequence[int]
) -> list[list[float]]:
    """Predicted rightness of each option, its own question left out.

    Closed form: the residuals of a left-out group are (I - H_gg)^-1 times those of the fit on all,
    H being the hat matrix (Hastie, Tibshirani and Friedman 2009, section 7.10).
    """
    rows, target = _matrix(described), []
    for options, answer in zip(described, right, strict=True):
        target += [float(n == answer) - 1 / len(options) for n in range(len(options))]
    wanted = np.array(target)
    kernel = rows @ rows.T
    hat = kernel @ np.linalg.inv(kernel + RIDGE * np.eye(len(wanted)))
    residuals = wanted - hat @ wanted
    scores, start = [], 0
    for options in described:
        part = slice(start, start + len(options))
        start = part.stop
        left_out = np.linalg.solve(np.eye(len(options)) - hat[part, part], residuals[part])
        scores.append([round(float(value), 9) for value in wanted[part] - left_out])
    return scores


def _matrix(described: Sequence[Sequence[frozenset[str]]]) -> NDArray[np.float64]:
    """One row for each option, one column for each feature that occurs twice, centred within each
    question.
    """
    counts = Counter(feature for options in described for one in options for feature in one)
    column = {name: n for n, name in enumerate(sorted(f for f, n in counts.items() if n > 1))}
    rows = np.zeros((sum(map(len, described)), len(column)))
    start = 0
    for options in described:
        for n, one in enumerate(options, start):
            rows[n, [column[feature] for feature in one if feature in column]] = 1.0
        stop = start + len(options)
        rows[start:stop] -= rows[start:stop].mean(axis=0)
        start = stop
    return rows


def _ranks(questions: Sequence[Question]) -> tuple[float, ...]:
    asked = [question for question in questions if len(question.choices) == RANKS]
    found = Counter(
        sum(len(text) > len(question.choices[question.answer or 0]) for text in question.choices)
        for question in asked
    )
    return tuple(found[rank] / max(1, len(asked)) for rank in range(RANKS))
