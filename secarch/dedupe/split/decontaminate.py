"""Leaked or not: no question or reference of the named suites may be in the training data.

Coverage of a suite item's 8-grams by an example or by its document of one half and more drops the
example (Tulu 3, arXiv:2411.15124, section 3.2, matches 8-grams); a single 13-gram of a reference
(GPT-3, arXiv:2005.14165, appendix C) is a flag for people, since boilerplate shares 13-grams too.
Questions that are asked word for word are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from secarch import console
from secarch.dedupe.split.split import family
from secarch.records import Example
from secarch.text.overlap import Known
from secarch.text.overlap import held as held_of
from secarch.text.words import U64, fingerprint, ngrams, ngrams_of

if TYPE_CHECKING:
    from secarch.suite.schema import Suite

COVERAGE_WORDS, FLAG_WORDS = 8, 13
COVERAGE = 0.5
BATCH = 256
SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One text of a suite: a question (with its files) or a reference answer."""

    question_id: str
    part: Literal["question", "reference"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An example that holds a part of a suite item."""

    question_id: str
    part: str
    example_id: str
    url: str
    coverage: float
    """Share of the item's 8-grams in the example, or in the document where that is more (0..1)."""
    decision: Literal["drop", "flag"]
    item_text: str
    example_text: str

    def row(self) -> dict[str, str | float]:
        """JSON-ready; texts cut to what a table shows."""
        return {
            "question_id": self.question_id,
            "part": self.part,
            "example_id": self.example_id,
            "url": self.url,
            "coverage": round(self.coverage, 4),
            "decision": self.decision,
            "item": self.item_text[:500],
            "example": self.example_text[:1000],
        }


def items(suites: Sequence[Suite]) -> list[Item]:
    """The texts that must not leak."""
    return [
        item for suite in suites for question in suite.questions for item in _of_question(question)
    ]


def _of_question(question: object) -> Iterator[Item]:
    name, asked = str(getattr(question, "id", "")), str(getattr(question, "question", ""))
    files: Mapping[str, str] = getattr(question, "files", {}) or {}
    yield Item(question_id=name, part="question", text="\n".join([asked, *files.values()]))
    yield Item(question_id=name, part="reference", text=str(getattr(question, "reference", "")))


def source_families(suites: Sequence[Suite]) -> frozenset[str]:
    """Families of the documents that questions were written from, by address or as
    `corpus:host/path`.
    """
    named = (
        address
        for suite in suites
        for question in suite.questions
        for source in question.sources
        for address in (source.url, f"https://{source.checked.removeprefix('corpus:')}")
        if address not in {"", "https://no"}
    )
    return frozenset(family(address) for address in named)


def check(examples: Sequence[Example], wanted: Sequence[Item]) -> list[Hit]:
    """Every example that holds half of an item's 8-grams, one of a reference's 13-grams, or a
    question's words.

    Examples of one document are looked at together too, so that a text cut in two is still found.
    """
    index = _Index(wanted)
    found = index.known(examples)
    by_document: dict[str, list[Example]] = {}
    for example in examples:
        by_document.setdefault(example.document_id, []).append(example)
    return [hit for group in by_document.values() for hit in index.hits(group, found)]


class _Index:
    def __init__(self, wanted: Sequence[Item]) -> None:
        self._items = wanted
        self._short = [np.unique(ngrams(item.text, COVERAGE_WORDS)) for item in wanted]
        self._long = [
            np.unique(ngrams(item.text, FLAG_WORDS))
            if item.part == "reference"
            else np.zeros(0, np.uint64)
            for item in wanted
        ]
        self._any = Known(np.concatenate([*self._short, *self._long, np.zeros(0, np.uint64)]))
        self._where: dict[int, list[int]] = {}
        for at, grams in enumerate(zip(self._short, self._long, strict=True)):
            for gram in np.unique(np.concatenate(grams)).tolist():
                self._where.setdefault(gram, []).append(at)
        self._asked = {fingerprint(item.text): item for item in wanted if item.part == "question"}

    def known(self, examples: Sequence[Example]) -> dict[str, U64]:
        """The n-grams that occur in any item, of each example that has some, by its id."""
        out: dict[str, U64] = {}
        for at in range(0, len(examples), BATCH):
            batch = examples[at : at + BATCH]
            bodies = [f"{example.instruction}\n{example.answer}" for example in batch]
            for words in (COVERAGE_WORDS, FLAG_WORDS):
                grams, owner = ngrams_of(bodies, words)
                held = self._any.held(grams)
                for i in np.unique(owner[held]).tolist():
                    own = grams[held[owner[held] == i]]
                    out[batch[i].id] = np.unique(np.concatenate((out.get(batch[i].id, own), own)))
        return out

    def hits(self, group: Sequence[Example], found: Mapping[str, U64]) -> Iterator[Hit]:
        """Hits among the examples of one document."""
        none = np.zeros(0, np.uint64)
        grams = [found.get(example.id, none) for example in group]
        whole = np.unique(np.concatenate(grams)) if grams else none
        for example, had in zip(group, grams, strict=True):
            if asked := self._asked.get(fingerprint(example.instruction)):
                yield self._hit(asked, example, 1.0, drop=True)
            elif len(had):
                yield from self._overlaps(example, had, whole)

    def _overlaps(self, example: Example, had: U64, whole: U64) -> Iterator[Hit]:
        for at in sorted({at for gram in had.tolist() for at in self._where[gram]}):
            item, short, long = self._items[at], self._short[at], self._long[at]
            own = float(held_of(had, short).mean()) if len(short) else 0.0
            coverage = max(own, float(held_of(whole, short).mean())) if own else own
            if coverage >= COVERAGE:
                yield self._hit(item, example, coverage, drop=True)
            elif len(long) and held_of(had, long).any():
                yield self._hit(item, example, coverage, drop=False)

    @staticmethod
    def _hit(item: Item, example: Example, coverage: float, *, drop: bool) -> Hit:
        return Hit(
            question_id=item.question_id,
            part=item.part,
            example_id=example.id,
            url=example.url,
            coverage=coverage,
            decision="drop" if drop else "flag",
            item_text=item.text,
            example_text=f"{example.instruction}\n{example.answer}",
        )


def show(hits: Sequence[Hit]) -> None:
    """Print what was found to stderr, with both texts."""
    if not hits:
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(
        "decision",
        "question",
        "coverage",
        "of the suite",
        "of the example",
        box=None,
        pad_edge=False,
    )
    for hit in hits[:SHOWN]:
        # Text takes no mark-up: what a page says in brackets is no colour.
        both = (Text(" ".join(text.split())[:120]) for text in (hit.item_text, hit.example_text))
        table.add_row(hit.decision, f"{hit.question_id} ({hit.part})", f"{hit.coverage:.0%}", *both)
    console.show(table)
    if len(hits) > SHOWN:
        console.say(f"and {len(hits) - SHOWN:,} more, in the report")
