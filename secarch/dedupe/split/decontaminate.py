"""Leaked or not: no text of the named suites may be in the training data.

Which texts, `Question.leak_texts` says; what is the same text, `secarch.text.overlap`. A copy of a
text in an example drops the example, in its whole document too if the example holds some of it; a
single run of 13 words is a flag for people, since boilerplate shares those too. Questions that are
asked word for word are dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from secarch import console
from secarch.dedupe.split.split import family
from secarch.records import Example
from secarch.text.overlap import (
    COVERAGE_WORDS,
    RUN_WORDS,
    TRIPLE_WORDS,
    Texts,
    is_copy,
    least_share,
)
from secarch.text.words import fingerprint, word_hashes_of

if TYPE_CHECKING:
    from secarch.suite.schema import Suite

BATCH = 256
SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One text of a suite, as `Question.leak_texts` gives it."""

    question_id: str
    part: str
    pieces: tuple[str, ...]

    @property
    def text(self) -> str:
        """The pieces as one text."""
        return "\n".join(self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An example that holds a part of a suite item."""

    question_id: str
    part: str
    example_id: str
    url: str
    coverage: float
    """Share of the item's runs in the example, or in its document if that is more (0..1)."""
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
        Item(question_id=question.id, part=text.part, pieces=text.pieces)
        for suite in suites
        for question in suite.questions
        for text in question.leak_texts()
    ]


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


def check(examples: Sequence[Example], wanted: Sequence[Item] | Index) -> list[Hit]:
    """Every example that holds a copy of an item, a run of 13 of its words, or a question's words.

    Examples of one document are looked at together too, so that a text cut in two is still found.
    Who looks more than once for the same items builds their `Index` once.
    """
    by_document: dict[str, list[Example]] = {}
    for example in examples:
        by_document.setdefault(example.document_id, []).append(example)
    index = wanted if isinstance(wanted, Index) else Index(wanted)
    groups = (group for group in by_document.values() if not index.knows_clean(group))
    return [hit for batch in _batches(groups) for hit in index.hits(batch)]


def _batches(groups: Iterable[list[Example]]) -> Iterator[list[list[Example]]]:
    """Groups together, until they hold `BATCH` examples."""
    batch: list[list[Example]] = []
    for group in groups:
        batch.append(group)
        if sum(map(len, batch)) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class Index:
    """The suite's texts, looked for in a batch of examples at a time."""

    def __init__(self, wanted: Sequence[Item]) -> None:
        self._items = wanted
        pieces = [item.pieces for item in wanted]
        self._texts = {n: Texts(pieces, n) for n in (TRIPLE_WORDS, COVERAGE_WORDS, RUN_WORDS)}
        self._asked = {fingerprint(item.text): item for item in wanted if item.part == "question"}
        self._clean: defaultdict[str, list[frozenset[Body]]] = defaultdict(list)

    def knows_clean(self, group: Sequence[Example]) -> bool:
        """Whether nothing was found in these examples of one document, alone or among others of
        it; then there is nothing in them now.
        """
        known = self._clean.get(group[0].document_id, ())
        return any(clean.issuperset(map(_body, group)) for clean in known)

    def hits(self, groups: Sequence[Sequence[Example]]) -> Iterator[Hit]:
        """Hits among the examples of these documents, in the order of the examples."""
        hit: set[str] = set()
        for found in self._hits(groups):
            hit.add(found.example_id)
            yield found
        for group in groups:
            if hit.isdisjoint(example.id for example in group):
                self._clean[group[0].document_id].append(frozenset(map(_body, group)))

    def _hits(self, groups: Sequence[Sequence[Example]]) -> Iterator[Hit]:
        batch = [example for group in groups for example in group]
        document = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        found = self._shares([f"{e.instruction}\n{e.answer}" for e in batch], document)
        for at, example in enumerate(batch):
            if asked := self._asked.get(fingerprint(example.instruction)):
                yield self._hit(asked, example, 1.0, drop=True)
                continue
            for item, shares in sorted(found.get(at, {}).items()):
                copied = [share for words, share in shares.items() if is_copy(words, share)]
                if copied or shares.get(RUN_WORDS):
                    share = max(copied, default=shares.get(COVERAGE_WORDS, 0.0))
                    yield self._hit(self._items[item], example, share, drop=bool(copied))

    def _shares(
        self, bodies: Sequence[str], document: NDArray[np.int64]
    ) -> dict[int, dict[int, dict[int, float]]]:
        """Example -> item -> words -> the share that the example holds, or its document if that is
        more and the example holds some of it.
        """
        out: dict[int, dict[int, dict[int, float]]] = {}
        hashed = word_hashes_of(bodies)
        for words, texts in self._texts.items():
            grams, row = texts.known(hashed)
            whole: dict[tuple[int, int], float] = {}
            if words == COVERAGE_WORDS:
                whole = {(d, t): s for d, t, s in _triplets(*texts.shares(grams, document[row]))}
            example, wanted, held = texts.shares(grams, row)
            told = held >= (least_share(words) if words == TRIPLE_WORDS else 0)
            for at, item, share in _triplets(example[told], wanted[told], held[told]):
                most = max(share, whole.get((int(document[at]), item), 0.0))
                out.setdefault(at, {}).setdefault(item, {})[words] = most
        return out

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


Body = tuple[str, str]
"""Instruction and answer."""


def _body(example: Example) -> Body:
    return example.instruction, example.answer


def _triplets(
    *columns: NDArray[np.int64] | NDArray[np.float64],
) -> Iterator[tuple[int, int, float]]:
    return zip(*(column.tolist() for column in columns), strict=True)


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
        # Text takes no mark-up: what a page says in brackets is not colour.
        both = (Text(" ".join(text.split())[:120]) for text in (hit.item_text, hit.example_text))
        table.add_row(hit.decision, f"{hit.question_id} ({hit.part})", f"{hit.coverage:.0%}", *both)
    console.show(table)
    if len(hits) > SHOWN:
        console.say(f"and {len(hits) - SHOWN:,} more, in the report")
