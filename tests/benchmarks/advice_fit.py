"""Fit the weights by which a sentence is taken for dangerous advice (secarch/danger/estimate.json).

    python tests/benchmarks/advice_fit.py DATASET/train.jsonl --documents CORPUS.jsonl \
        --out secarch/danger/estimate.json
    python tests/benchmarks/advice_fit.py DATASET/train.jsonl          # figures only

Examples are the rows of tests/benchmarks/advice (dangerous advice, the right advice in the same
words, and at times a warning in the same words) and the pairs of tests/danger; sentences that are
no advice or right advice are the references of the core suite, the answers of a built data set and
documents.
The figures are of sentences that a fold did not see: rows of one pair, and sentences of one answer,
are in one fold; rows that were written after another table was read are not kept from it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import md5
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from secarch.danger.context import clauses
from secarch.danger.estimate import FEWEST
from secarch.danger.meaning import Unit, features, units
from secarch.suite.schema import load
from secarch.text.polarity.windows import windows

ROWS = Path(__file__).parent / "advice"
PAIRS = Path(__file__).parents[1] / "danger"
FOLDS = 5
LEAST = 2
"""Examples that a feature must be seen in to have a weight."""
STRENGTH = 1.0
SMALL = 2
"""Tenths that one of the two weights of a feature has to have, or it is left out."""
EVERY, BEGINNING = 20, 6_000
"""One document of so many is read, and so many characters of it."""
ANSWERS = 9_000
"""Answers of the data set that are read."""
FRAMES = (
    "If you {}",
    "Attackers {}",
    "It would be a mistake to {}",
    "Never do this: {}",
    "A vendor said that we should {}",
    "Some teams {}",
    "The auditors found that somebody had been told to {}",
    "Nobody should {}",
    "{}, but that opens the door to attackers",
    "Whoever says to {} has never seen an incident",
    "They used to {}",
    "You could {}, but you would lose control",
)
REFERENCE, TWIN = 2.0, 1.5
"""Of a sentence of a reference, and of right advice in the same words, beside others of no advice.
"""
FRAMED = 0.3
"""Weight of a row in a frame."""
GIVEN = 1.0
"""Weight of a sentence of a reference or an answer."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, what it is (bad, safe, warn, other, none), and what it belongs to."""

    text: str
    kind: str
    source: str
    group: str
    example: int

    @property
    def fold(self) -> int:
        """Where it is tested."""
        return int(md5(self.group.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def said(text: str) -> Iterator[str]:
    """The sentences of a text, as the detectors see them."""
    for window in windows(text):
        if not window.code:
            yield from clauses(window.text.replace(" ; ", "\n") if window.item else window.text)


def framed(bad: str, number: int) -> str:
    """Dangerous advice as no advice: in a frame, the number of the row decides in which."""
    frame = FRAMES[number % len(FRAMES)]
    return frame.format(bad[0].lower() + bad[1:].rstrip(".")) + "."


def examples(left_out: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """(text, kind, source, group) of rows and pairs."""
    for table in sorted(ROWS.glob("*.tsv")):
        if table.stem not in left_out:
            for number, line in enumerate(table.read_text(encoding="utf-8").splitlines()):
                cells = line.split("\t")
                group = f"{table.stem} {number}"
                for kind, text in zip(("bad", "safe", "warn"), cells, strict=False):
                    yield text, kind, table.stem, group
                yield framed(cells[0], number), "warn", "framed", group
    advice = yaml.safe_load((PAIRS / "advice.yaml").read_text(encoding="utf-8"))
    for number, (bad, twin) in enumerate(advice["pairs"]):
        yield bad, "bad", "advice", f"pair {number}"
        yield framed(bad, number), "warn", "framed", f"pair {number}"
        yield twin, "other", "advice", f"pair {number}"
    prose = yaml.safe_load((PAIRS / "prose.yaml").read_text(encoding="utf-8"))
    for name, kind, texts in (
        ("found", "bad", advice["found"]),
        ("missed", "bad", advice["missed"]),
        ("quiet", "other", advice["quiet"]),
        ("advised", "bad", prose["advised"]),
        ("not_advised", "other", prose["not_advised"]),
    ):
        for number, text in enumerate(texts):
            yield text, kind, "advice", f"{name} {number}"


def given(train: Path) -> Iterator[tuple[str, str, str]]:
    """(sentence, source, group) of references and of built answers, each sentence once."""
    seen: set[str] = set()
    for question in load(["core"]).questions:
        for text in filter(None, (question.reference, question.paraphrase)):
            for sentence in said(text):
                yield sentence, "reference", question.id
    with train.open(encoding="utf-8") as lines:
        for number, line in zip(range(ANSWERS), lines, strict=False):
            for message in json.loads(line)["messages"]:
                if message["role"] == "assistant":
                    for sentence in said(message["content"]):
                        if sentence not in seen:
                            seen.add(sentence)
                            yield sentence, "built", f"row {number}"


def documents(path: Path) -> Iterator[tuple[str, str, str]]:
    """(sentence, source, group) of the beginnings of some documents."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % EVERY == 0:
                for sentence in said(json.loads(line)["text"][:BEGINNING]):
                    yield sentence, "documents", f"document {number}"


def corpus(train: Path, documented: Path | None, left_out: Sequence[str] = ()) -> list[Sentence]:
    """Everything that is learnt from."""
    rows: list[Sentence] = []
    number = 0
    for text, kind, source, group in examples(left_out):
        rows += [Sentence(one, kind, source, group, number) for one in said(text)]
        number += 1
    every = given(train)
    for sentence, source, group in chain(every, documents(documented) if documented else ()):
        if sentence.count(" ") + 1 >= FEWEST:
            rows.append(Sentence(sentence, "none", source, group, number))
            number += 1
    return rows


def matrix(rows: Sequence[Sentence], read: Sequence[list[Unit]]) -> tuple[Any, list[str]]:
    """The features of each sentence, and their names: those that examples have often enough."""
    found = [features(one) for one in read]
    own = Counter(n for f, row in zip(found, rows, strict=True) if row.kind != "none" for n in f)
    names = sorted(name for name, count in own.items() if count >= LEAST)
    place = {name: number for number, name in enumerate(names)}
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for one in found:
        known = [(place[name], value) for name, value in one.items() if name in place]
        columns += [column for column, _ in known]
        values += [value for _, value in known]
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(rows), len(names))), names


class Fitting:
    """The models over one corpus."""

    def __init__(self, rows: Sequence[Sentence]) -> None:
        self.features, self.names = matrix(rows, [units(row.text) for row in rows])
        self.kind = np.array([row.kind for row in rows])
        parts = Counter(row.example for row in rows)
        self.weight = np.array([1 / parts[row.example] for row in rows])
        self.weight[self.kind == "none"] = GIVEN
        source = np.array([row.source for row in rows])
        self.weight[source == "framed"] *= FRAMED
        self.weight[source == "reference"] *= REFERENCE
        self.weight[np.isin(self.kind, ["safe", "other"])] *= TWIN

    def fit(self, use: Any) -> tuple[Any, Any]:
        """Weights and intercepts: of dangerous advice among all sentences, and among those of its
        own words, where a sentence of another matter would only blur what tells the two apart.
        """
        bad = self.kind == "bad"
        return (
            _model(self.features, bad, self.weight, use),
            _model(self.features, bad, self.weight, use & (self.kind != "none")),
        )

    def scores(self, fitted: tuple[Any, Any], rows: Any) -> Any:
        """The sums of both for some sentences."""
        return np.column_stack([model.decision_function(self.features[rows]) for model in fitted])


def _model(found: Any, label: Any, weight: Any, use: Any) -> Any:
    model = LogisticRegression(C=STRENGTH, max_iter=300, solver="liblinear")
    return model.fit(found[use], label[use], sample_weight=weight[use])


def unseen(rows: Sequence[Sentence], fitting: Fitting) -> Any:
    """The scores of each sentence by a model that was fitted without its fold."""
    folds = np.array([row.fold for row in rows])
    scores = np.zeros((len(rows), 2))
    for fold in range(FOLDS):
        scores[folds == fold] = fitting.scores(fitting.fit(folds != fold), folds == fold)
    return scores


def figures(rows: Sequence[Sentence], scores: Any, least: float, least_twin: float) -> str:
    """The share of examples of each kind and source that are found."""
    found: dict[tuple[str, str], dict[int, bool]] = {}
    for row, (every, twin) in zip(rows, scores, strict=True):
        hit = bool(every > least and twin > least_twin)
        of = found.setdefault((row.source, row.kind), {})
        of[row.example] = of.get(row.example, False) or hit
    return "  ".join(
        f"{source} {kind} {sum(hits.values()) / len(hits):.4f} ({len(hits)})"
        for (source, kind), hits in sorted(found.items())
    )


def main() -> None:
    """Fit, tell the figures, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("--documents", type=Path, help="documents of a corpus, as JSON lines")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--without", nargs="*", default=[], help="tables that are left out")
    parser.add_argument("--least", type=float, default=-1.0)
    parser.add_argument("--least-twin", type=float, default=0.7)
    parser.add_argument("--curve", action="store_true", help="figures at other thresholds too")
    given_by = parser.parse_args()
    rows = corpus(given_by.train, given_by.documents, given_by.without)
    fitting = Fitting(rows)
    scores = unseen(rows, fitting)
    least = [given_by.least + step for step in ((-2, -1, 0, 1, 2, 3) if given_by.curve else (0,))]
    for one in least:
        print(f"above {one}: {figures(rows, scores, one, given_by.least_twin)}")
    if given_by.out:
        every, twin = fitting.fit(np.ones(len(rows), bool))
        data = {
            "base": round(float(every.intercept_[0]), 3),
            "base_twin": round(float(twin.intercept_[0]), 3),
            "least": given_by.least,
            "least_twin": given_by.least_twin,
            "features": _rounded(fitting.names, every.coef_[0], twin.coef_[0]),
        }
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        given_by.out.write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")


def _rounded(names: Sequence[str], every: Any, twin: Any) -> dict[str, list[int]]:
    tenths = ((n, round(10 * a), round(10 * b)) for n, a, b in zip(names, every, twin, strict=True))
    return {name: [a, b] for name, a, b in tenths if max(abs(a), abs(b)) >= SMALL}


if __name__ == "__main__":
    main()
