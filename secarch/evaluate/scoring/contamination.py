"""What of a suite the model was trained on: its questions, references and key points against the
training split itself.

Looked for are runs of 13 words (GPT-3, arXiv:2005.14165, appendix C), runs of 8 words (Tulu 3,
arXiv:2411.15124) and texts of which most word triples stand in one row, in whatever order.
Boilerplate shares runs of words too, so the text is given with each finding, and scores are given
with and without the questions concerned. A leaf: it imports numpy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from secarch.artifact import Manifest, find, open_artifact, read_jsonl, read_manifest
from secarch.schema import JsonDict
from secarch.suite.schema import Question, Suite
from secarch.text.overlap import Known, held
from secarch.text.words import U64, ngrams, word_hashes, words

MOST_STEPS = 16
"""Artifacts between a model and its data set, at most."""
LENGTHS = (3, 8, 13)
NEAR = 0.6
"""Share of a text's word triples in one row from which the row is a near duplicate of it."""
LEAST_TRIPLES = 6
"""Word triples that a text must have to be looked at for near duplicates."""


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a question."""

    question_id: str
    part: str
    """question, reference, choices, or the id of a key point."""
    text: str


@dataclass(slots=True)
class _Best:
    """The row that shares most with a part."""

    share: float = 0.0
    row: str = ""
    excerpt: str = ""


def training(workspace: Path, parents: Sequence[str]) -> tuple[Path, str] | None:
    """Path and digest of the nearest ancestor that is a data set; None where none is in the
    workspace.
    """
    waiting = list(parents)
    for _ in range(MOST_STEPS):
        if not waiting:
            return None
        digest = waiting.pop(0)
        path = find(workspace, partial(_is, digest))
        if path is None:
            continue
        manifest = read_manifest(path)
        if manifest.kind == "dataset":
            return path, digest
        waiting += manifest.parents
    return None


def _is(digest: str, manifest: Manifest) -> bool:
    return manifest.digest == digest


def parts(question: Question) -> Iterator[Part]:
    """The texts of a question that training data should not hold."""
    yield Part(question.id, "question", "\n".join([question.question, *question.files.values()]))
    if question.reference:
        yield Part(question.id, "reference", question.reference)
    if question.choices:
        yield Part(question.id, "choices", "\n".join(question.choices))
    for point in question.key_points:
        yield Part(question.id, point.id, point.text)


def overlaps(suite: Suite, dataset: Path) -> list[JsonDict]:
    """A row for each text and kind of overlap, with the training row that shares most and the words
    that are shared.

    Ordered as the suite is. Raises TamperedArtifact where the data set was changed.
    """
    index = _Index([part for question in suite.questions for part in parts(question)])
    for name, body in rows(dataset):
        index.look(name, body)
    return list(index.found())


def rows(dataset: Path) -> Iterator[tuple[str, str]]:
    """(id, text) of every row of the training split, without system prompts."""
    for number, row in enumerate(
        read_jsonl(open_artifact(dataset, "dataset").file("train.jsonl")), 1
    ):
        messages = row.get("messages")
        said = [m for m in messages if isinstance(m, dict)] if isinstance(messages, list) else []
        body = "\n".join(str(m.get("content", "")) for m in said if m.get("role") != "system")
        yield str(row.get("id", number)), body


class _Index:
    """The n-grams of every part, to be looked up in one row after the other."""

    def __init__(self, every: Sequence[Part]) -> None:
        self._parts = every
        self._tables = {n: _Table(every, n) for n in LENGTHS}
        self._best: dict[int, dict[int, _Best]] = {n: {} for n in LENGTHS}

    def look(self, name: str, body: str) -> None:
        """Keep this row for each part that it shares more with than the rows before it."""
        hashed = word_hashes(body)
        for n, table in self._tables.items():
            grams = ngrams(hashed, n)
            for at, share in table.shares(grams):
                if share > self._best[n].get(at, _Best()).share:
                    self._best[n][at] = _Best(share, name, self._excerpt(at, n, grams, body))

    def _excerpt(self, at: int, n: int, grams: U64, body: str) -> str:
        """The first run of words of the row that the part has too, and how it goes on."""
        mine = np.unique(ngrams(self._parts[at].text, n))
        hits = np.flatnonzero(held(mine, grams))
        last = first = int(hits[0])
        for position in hits[1:].tolist():
            if position != last + 1:
                break
            last = position
        return " ".join(words(body)[first : last + n])[:500]

    def found(self) -> Iterator[JsonDict]:
        """Rows for contamination.jsonl."""
        for at, part in enumerate(self._parts):
            for n in LENGTHS:
                best = self._best[n].get(at)
                if best is None or (n == LENGTHS[0] and best.share < NEAR):
                    continue
                yield {
                    "question_id": part.question_id,
                    "part": part.part,
                    "kind": "near" if n == LENGTHS[0] else f"{n} words",
                    "share": round(best.share, 4),
                    "row": best.row,
                    "shared": best.excerpt,
                    "text": part.text[:500],
                }


class _Table:
    """n-gram -> the parts that have it."""

    def __init__(self, every: Sequence[Part], n: int) -> None:
        grams = [np.unique(ngrams(part.text, n)) for part in every]
        if n == LENGTHS[0]:
            grams = [g if len(g) >= LEAST_TRIPLES else g[:0] for g in grams]
        self._sizes = np.array([max(1, len(g)) for g in grams])
        flat = np.concatenate([*grams, np.zeros(0, np.uint64)])
        owner = np.repeat(np.arange(len(every)), [len(g) for g in grams])
        order = np.argsort(flat, kind="stable")
        self._grams, self._owner = flat[order], owner[order]
        self._known = Known(flat)
        self._floor = NEAR if n == LENGTHS[0] else 0.0

    def shares(self, grams: U64) -> Iterator[tuple[int, float]]:
        """(part, share of its n-grams in these) for the parts that share enough."""
        if not len(grams):
            return
        hits = np.unique(grams[self._known.held(grams)])
        if not len(hits):
            return
        left, right = (
            np.searchsorted(self._grams, hits, "left"),
            np.searchsorted(self._grams, hits, "right"),
        )
        owners = np.concatenate([self._owner[a:b] for a, b in zip(left, right, strict=True)])
        counts = np.bincount(owners, minlength=len(self._sizes)) / self._sizes
        for at in np.flatnonzero(counts > max(0.0, self._floor - 1e-9)).tolist():
            yield at, float(counts[at])
