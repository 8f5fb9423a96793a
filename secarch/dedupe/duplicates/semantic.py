"""What means the same in other words: a report for people, never a deletion.

Embeddings miss what n-grams see (a page with another header, shuffled paragraphs) and see what
n-grams miss (paraphrases), and they call different pages with one introduction alike: so they
decide nothing here. Only the first `encoder.LONGEST` tokens of a text are read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secarch import console
from secarch.models.encoder import LONGEST, Encoder, locate
from secarch.schema import JsonDict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secarch.dedupe.split.decontaminate import Item

BLOCK = 1024
"""Rows compared at once."""
MOST = 500
"""Pairs that are listed of each kind, the closest first."""
CACHE = Path("semantic") / "vectors.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Something to compare: a document or an instruction."""

    id: str
    url: str
    text: str
    group: int = -1
    """Texts of one group are known to be related and not compared with each other; -1: of no group.
    """


@dataclass(slots=True)
class Neighbours:
    """What was found."""

    documents: list[JsonDict]
    """Pairs of kept documents that no n-gram rule related: ids, addresses, cosine."""
    contamination: list[JsonDict]
    """Suite items with an instruction or a document that means the same: both texts, cosine."""
    texts: int
    """Texts that were compared."""

    def rows(self) -> list[JsonDict]:
        """Rows of semantic.jsonl."""
        return [*self.documents, *self.contamination]


def neighbours(
    documents: Sequence[Text],
    instructions: Sequence[Text],
    items: Sequence[Item],
    *,
    encoder: str,
    threshold: float,
    workspace: Path,
    check: Callable[[], None],
) -> Neighbours:
    """Near neighbours with a cosine of at least `threshold`.

    Documents are compared with each other, a suite's questions with the instructions, its
    references with the documents. Raises MissingExtra, MissingModel, InvalidInput, Interrupted.
    Vectors are cached in the workspace.
    """
    folder = locate(encoder, "dedupe --semantic")
    assert folder is not None
    given = len(documents) + len(instructions) + len(items)
    with (
        contextlib.closing(Encoder(folder, workspace / CACHE, check)) as made,
        console.progress(f"texts encoded (first {LONGEST} tokens)", given) as advance,
    ):
        docs = made.vectors([text.text for text in documents], advance)
        asked = made.vectors([text.text for text in instructions], advance)
        wanted = made.vectors([item.text for item in items], advance)
    out = Neighbours([], [], given)
    for cosine, i, j in _closest(docs, docs, threshold, documents):
        a, b = documents[i], documents[j]
        out.documents.append(
            {
                "kind": "documents",
                "cosine": cosine,
                "a": a.id,
                "a_url": a.url,
                "b": b.id,
                "b_url": b.url,
            }
        )
    questions = [n for n, item in enumerate(items) if item.part == "question"]
    references = [n for n, item in enumerate(items) if item.part != "question"]
    for part, vectors, texts in ((questions, asked, instructions), (references, docs, documents)):
        for cosine, i, j in _closest(wanted[part], vectors, threshold):
            out.contamination.append(_leak(items[part[i]], texts[j], cosine))
    out.contamination.sort(key=lambda row: (-row["cosine"], row["question_id"], row["id"]))
    return out


def _leak(item: Item, text: Text, cosine: float) -> JsonDict:
    return {
        "kind": "contamination",
        "cosine": cosine,
        "question_id": item.question_id,
        "part": item.part,
        "id": text.id,
        "url": text.url,
        "item": item.text[:500],
        "text": text.text[:1000],
    }


def _closest(
    left: Any, right: Any, threshold: float, same: Sequence[Text] | None = None
) -> list[tuple[float, int, int]]:
    """(cosine, row of left, row of right), the closest first; with `same` each pair of the one set
    once.
    """
    found = sorted(
        _pairs(left, right, threshold, same), key=lambda pair: (-pair[0], pair[1], pair[2])
    )
    return found[:MOST]


def _pairs(
    left: Any, right: Any, threshold: float, same: Sequence[Text] | None
) -> Iterator[tuple[float, int, int]]:
    import numpy as np

    for at in range(0, len(left), BLOCK):
        cosines = left[at : at + BLOCK] @ right.T
        for i, j in np.argwhere(cosines >= threshold).tolist():
            row = at + i
            if same is not None and (
                j <= row or (same[row].group >= 0 and same[row].group == same[j].group)
            ):
                continue
            yield round(float(cosines[i, j]), 4), row, j
