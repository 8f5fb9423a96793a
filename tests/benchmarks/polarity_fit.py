"""Fit the weights by which what stands around a statement keeps it from being advice.

    python tests/benchmarks/polarity_fit.py first second third fourth fifth sixth seventh eighth \
        ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth \
        eighteenth letters letters_apart assistants assistants_apart records records_apart \
        training training2 training3 training4 slots --strength 0.2 \
        --out secarch/text/polarity/weights.json
    python tests/benchmarks/polarity_fit.py first second training training2 slots --test fifth

Examples are the matches of the core suite's must-nots: in the sets' forms (to be kept from advice,
or, for "plain", to remain it), put into the references, and in the suite's own wrong answers, which
advise; what references say of their key points is asserted too. Each example is also taken without
what the cues make of it, so that the words alone are learnt as well. What a set of phrasings has
been fitted on says nothing of it; keep one apart (--test).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from secarch.evaluate.rubric.bars import formed, inside
from secarch.suite.schema import Question, load
from secarch.text.polarity.phrases import runs
from secarch.text.polarity.plain import plain
from secarch.text.polarity.stance import read
from secarch.text.polarity.windows import sentences

SETS = Path(__file__).parent / "phrasings"
SENTENCES = Path(__file__).parents[1] / "suite"
KEPT_BACK = ("refuted", "attributed", "conditional", "guarded", "quoted", "turned")
SAID = ("plain", "kept")
EACH = 7
"""Statements that each form is tried with."""
FILLINGS, EACH_FILLED = 10, 2
"""Fillings of a form with slots, and statements that each is tried with."""
ALONE, AFTER_CUE = 0.25, -6.0
"""Logarithms of the odds above which a span is no advice, by itself and where a cue says so too."""
LEAST = 3
"""Forms (or answers) that a signal must be seen in to have a weight."""
RUN = 0.5
"""The size of a run of words beside that of a kind, which shrinks the weights of the many runs."""
MOST = 4
"""Matches of an answer's must-nots that are taken."""
SMALL = 0.03
"""Weights below this are left out."""
WITHOUT_CUE, NATURAL = 1.5, 1.5
"""Weights of an example without its cue, and of one from an answer."""
_SLOT = re.compile(r"<([^<>]*\|[^<>]*)>")


@dataclass(frozen=True, slots=True)
class Example:
    """The signals around one statement, and whether they keep it from advice."""

    signals: frozenset[str]
    kept_back: bool
    weight: float
    form: str
    kind: str


def filled(form: str, count: int) -> list[str]:
    """A form with its slots `<a|b>` filled, several times."""
    draw = random.Random(form)
    found = {_SLOT.sub(lambda m: draw.choice(m[1].split("|")), form) for _ in range(count)}
    return sorted(found)


def forms(name: str) -> Iterator[tuple[str, str, int]]:
    """The kind of each form of a set, the form, and how many statements to try it with."""
    data = yaml.safe_load((SETS / f"{name}.yaml").read_text(encoding="utf-8"))
    for kind in (*KEPT_BACK, *SAID):
        for form in data.get(kind, []):
            every = filled(form, FILLINGS)
            yield from ((kind, one, EACH if len(every) == 1 else EACH_FILLED) for one in every)


def matches(text: str, patterns: Sequence[str]) -> Iterator[frozenset[str]]:
    """The signals of each match in an answer's prose."""
    reading = read(text)
    for window in reading.windows:
        for pattern in patterns if not window.code else ():
            for match in re.finditer(
                pattern, window.joined, re.IGNORECASE | re.DOTALL | re.MULTILINE
            ):
                yield reading.signals(window, match.start(), match.end(), pattern)


def of_forms(names: Sequence[str], questions: Sequence[Question], seed: int) -> Iterator[Example]:
    """Wrong sentences in the forms of the sets, inside references that do not match themselves."""
    pairs = [pair for question in questions for pair in _wrong(question)]
    for kind, form, count in (one for name in names for one in forms(name)):
        draw = random.Random(f"{seed} {form}")
        for question, pattern, text in draw.sample(pairs, count):
            answer = inside(question.reference, formed(form, text))
            found = list(matches(answer, [pattern]))[:4]
            for signals in found:
                yield Example(signals, kind in KEPT_BACK, 1 / len(found), form, kind)


def _wrong(question: Question) -> Iterator[tuple[Question, str, str]]:
    """Each must-not that the reference does not name, with the wrong sentence that it is in."""
    for pattern in (item.pattern for item in question.must_not if item.pattern):
        said = (
            s
            for s in sentences(question.wrong)
            if re.search(pattern, plain(s), re.IGNORECASE | re.DOTALL)
        )
        if (text := next(said, "")) and not any(matches(question.reference, [pattern])):
            yield question, pattern, text


def of_answers(questions: Sequence[Question]) -> Iterator[Example]:
    """What wrong answers advise, and what references say: two key points each, and no must-not."""
    for question in questions:
        patterns = [pattern for item in question.must_not for pattern in item.patterns]
        for signals in list(matches(question.wrong, patterns))[:MOST]:
            yield Example(signals, False, NATURAL, question.id, "wrong")
        for signals in list(matches(question.reference, patterns))[:MOST]:
            if "cue|asserted" not in signals:
                yield Example(signals, True, NATURAL, question.id, "right")
        said = [pattern for point in question.key_points[:2] for pattern in point.any_of[:1]]
        for signals in list(matches(question.reference, said))[:2]:
            if "cue|asserted" in signals:
                yield Example(signals, False, NATURAL, question.id, "wrong")


def of_sentences(questions: Sequence[Question]) -> Iterator[Example]:
    """Sentences of experts and of mistaken answers that name a must-not: advice or not."""
    of_id = {q.id: q for q in questions}
    for table in sorted(SENTENCES.glob("right_sentences*.yaml")):
        for row in yaml.safe_load(table.read_text(encoding="utf-8")):
            question, item = of_id[row["id"]], row["item"]
            patterns = [p for m in question.must_not if m.id == item for p in m.patterns]
            kept_back = row["expected"] == "silent"
            kind = "right" if kept_back else "wrong"
            for signals in list(matches(row["text"], patterns))[:MOST]:
                yield Example(signals, kept_back, NATURAL, row["text"], kind)


def fit(rows: Sequence[Example], strength: float) -> tuple[float, dict[str, float]]:
    """The intercept and the weight of each signal."""
    names = _common(rows)
    every = [*rows, *(_without_cue(row) for row in rows)]
    kept_back = np.array([row.kept_back for row in every])
    weight = np.array([row.weight for row in every])
    weight[~kept_back] *= weight[kept_back].sum() / weight[~kept_back].sum()
    model = LogisticRegression(C=strength, max_iter=60, solver="liblinear", tol=1e-2)
    model.fit(_matrix(every, names), kept_back, sample_weight=weight)
    found = {n: float(w) * _size(n) for n, w in zip(names, model.coef_[0], strict=True)}
    return float(model.intercept_[0]), {n: round(w, 3) for n, w in found.items() if abs(w) >= SMALL}


def _without_cue(row: Example) -> Example:
    signals = frozenset(s for s in row.signals if not s.startswith("cue"))
    return replace(row, signals=signals, weight=row.weight * WITHOUT_CUE)


def _size(name: str) -> float:
    return RUN if "|" in name and not name.startswith("cue|") else 1.0


def _matrix(rows: Sequence[Example], names: Sequence[str]) -> Any:
    place = {name: n for n, name in enumerate(names)}
    columns, ends = [], [0]
    for row in rows:
        columns += sorted(place[s] for s in row.signals if s in place)
        ends.append(len(columns))
    sizes = np.array([_size(name) for name in names])
    return csr_matrix((sizes[columns], columns, ends), shape=(len(rows), len(names)))


def _common(rows: Sequence[Example]) -> list[str]:
    """The signals that are seen often enough; of the runs those that the forms themselves have."""
    own = Counter(run for form in {r.form for r in rows} for run in _runs(form))
    seen: dict[str, set[str]] = {}
    for row in rows:
        for name in row.signals:
            place, _, run = name.partition("|")
            if not run or place.startswith("cue") or own[run] >= LEAST - 1:
                seen.setdefault(name, set()).add(row.form)
    return sorted(name for name, places in seen.items() if len(places) >= LEAST)


def _runs(form: str) -> set[str]:
    parts = (
        p for text in re.split(r"\{[xqs]\}|\n|\|", form) for p in re.split(r"(?<=[.!?]) ", text)
    )
    return {run for part in parts for run in runs(plain(part))}


def tried(rows: Sequence[Example], base: float, weight: dict[str, float]) -> dict[str, str]:
    """By kind of form, the share that is taken for advice."""
    fired: dict[str, list[bool]] = {}
    for row in rows:
        bar = ALONE if "cue|asserted" in row.signals else AFTER_CUE
        odds = base + sum(weight.get(s, 0.0) for s in row.signals)
        fired.setdefault(row.kind, []).append(odds <= bar)
    return {kind: f"{sum(v) / len(v):.3f} of {len(v)}" for kind, v in fired.items()}


def main() -> None:
    """Fit, say how the sets kept apart are read, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--test", nargs="*", default=[], help="sets to try the weights on")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--strength", type=float, default=0.15, help="the inverse of the penalty")
    asked = parser.parse_args()
    questions = [q for q in load(["core"]).questions if q.key_points]
    rows = [*of_forms(asked.sets, questions, 1), *of_answers(questions), *of_sentences(questions)]
    base, weight = fit(rows, asked.strength)
    sys.stdout.write(f"{len(weight)} weights\n")
    for name in asked.test:
        shares = tried(list(of_forms([name], questions, 2)), base, weight)
        sys.stdout.write(f"{name}: taken for advice {shares}\n")
    if asked.out:
        asked.out.write_text(written(base, weight), encoding="utf-8")


def written(base: float, weight: dict[str, float]) -> str:
    """The weights as the file that `setting` reads."""
    data = {"intercept": round(base, 3), "threshold": ALONE, "after_cue": AFTER_CUE}
    text = json.dumps(data | {"signals": weight}, indent=0, sort_keys=True, ensure_ascii=False)
    return f"{text}\n"


if __name__ == "__main__":
    main()
