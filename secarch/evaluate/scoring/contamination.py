"""What of a suite the model was trained on: its texts against the training split itself.

Which texts, `Question.leak_texts` says; what is the same text, `secarch.text.overlap`. Boilerplate
shares runs of words too, so the text is given with each finding, and scores are given with and
without the questions concerned. A leaf: it imports numpy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from secarch.artifact import Manifest, find, open_artifact, read_manifest
from secarch.files import read_jsonl
from secarch.schema import JsonDict
from secarch.suite.schema import LeakText, Question
from secarch.text import overlap
from secarch.text.overlap import COVERAGE_WORDS, RUN_WORDS, TRIPLE_WORDS, Texts, is_copy
from secarch.text.words import ngrams, ngrams_of, words

MOST_STEPS = 16
"""Artifacts between a model and its dataset, at most."""
BATCH = 256
"""Training rows that are looked at in one pass."""
KINDS = {TRIPLE_WORDS: "near", COVERAGE_WORDS: "8 words", RUN_WORDS: "13 words"}
"""Words of a run -> how the overlap is called."""


@dataclass(frozen=True, slots=True)
class _Best:
    """The training row that shares most with a text."""

    share: float
    row: str
    body: str


def training(workspace: Path, parents: Sequence[str]) -> tuple[Path, str] | None:
    """Path and digest of the nearest ancestor that is a dataset; None if none is in the
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


def overlaps(questions: Sequence[Question], dataset: Path) -> list[JsonDict]:
    """A row for each text and kind of overlap, with the training row that shares most and the words
    that are shared.

    Ordered as the questions are. Raises TamperedArtifact if the dataset was changed.
    """
    return overlaps_of(questions, rows(dataset))


def overlaps_of(
    questions: Sequence[Question], training_rows: Iterator[tuple[str, str]]
) -> list[JsonDict]:
    """The same of any rows, as (id, text)."""
    wanted = [(question.id, text) for question in questions for text in question.leak_texts()]
    best: dict[tuple[int, int], _Best] = {}
    tables = {n: Texts([text.pieces for _, text in wanted], n) for n in KINDS}
    for batch in _batches(training_rows):
        for n, table in tables.items():
            found = table.found([body for _, body in batch])
            for row, at, share in zip(*(column.tolist() for column in found), strict=True):
                least = best[at, n].share if (at, n) in best else 0.0
                if share > least and (n != TRIPLE_WORDS or is_copy(n, share)):
                    best[at, n] = _Best(share, *batch[row])
    return [
        _row(question_id, text, n, best[at, n])
        for at, (question_id, text) in enumerate(wanted)
        for n in KINDS
        if (at, n) in best
    ]


def _batches(every: Iterator[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    while batch := list(islice(every, BATCH)):
        yield batch


def _row(question_id: str, text: LeakText, n: int, best: _Best) -> JsonDict:
    return {
        "question_id": question_id,
        "part": text.part,
        "kind": KINDS[n],
        "share": round(best.share, 4),
        "seen": overlap.is_seen(n, best.share),
        "row": best.row,
        "shared": _excerpt(text, n, best.body),
        "text": text.text[:500],
    }


def _excerpt(text: LeakText, n: int, body: str) -> str:
    """The first run of words of the row that the text has too, and how it goes on."""
    mine = np.unique(ngrams_of(text.pieces, n)[0])
    hits = np.flatnonzero(overlap.held(mine, ngrams(body, n)))
    last = first = int(hits[0])
    for position in hits[1:].tolist():
        if position != last + 1:
            break
        last = position
    return " ".join(words(body)[first : last + n])[:500]


def rows(dataset: Path) -> Iterator[tuple[str, str]]:
    """(id, text) of every row of the training split, without system prompts."""
    return bodies(read_jsonl(open_artifact(dataset, "dataset").file("train.jsonl")))


def bodies(messages_rows: Iterable[JsonDict]) -> Iterator[tuple[str, str]]:
    """(id, text) of rows of messages, without system prompts."""
    for number, row in enumerate(messages_rows, 1):
        messages = row.get("messages")
        said = [m for m in messages if isinstance(m, dict)] if isinstance(messages, list) else []
        body = "\n".join(str(m.get("content", "")) for m in said if m.get("role") != "system")
        yield str(row.get("id", number)), body
