"""Examples from documents, without a language model: drafts that pass the gate, each asked in its
own words.

`cut` works on one document alone, in any process. `Builder` takes what was cut in a fixed order
and decides which
question each answer gets, so that no question and no answer is there twice.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.examples import gate, topics
from secarch.dedupe.examples.draft import Draft, words
from secarch.dedupe.examples.families import naming
from secarch.dedupe.examples.outline import is_english, parse
from secarch.dedupe.examples.propose import drafts
from secarch.records import Document, Example, Source
from secarch.text.words import fingerprint

Spans = tuple[tuple[int, int], ...]
SHOWN = 400
"""Characters of a document that taught nothing, as a sample for the report."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A span of a document that became no example, with the reason."""

    document_id: str
    url: str
    start: int
    end: int
    reason: str
    text: str


@dataclass(slots=True)
class Built:
    """Examples in document order, and what was left out."""

    examples: list[Example] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    documents_over_cap: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to ask for a piece's answer."""

    instruction: str
    key: str
    """Fingerprint of the instruction's words."""
    wording: str
    """The template that the instruction was made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An answer with the ways to ask for it, or a span with the reason why it is none."""

    start: int
    end: int
    reason: str
    text: str = ""
    """What a reader of the report sees of it; empty for a piece without a reason."""
    kind: str = ""
    answer: str = ""
    category: str = ""
    spans: Spans = ()
    """The passages that the answer is composed of."""
    options: tuple[Option, ...] = ()


def cut(document: Document, config: DedupeConfig) -> list[Piece]:
    """What one document teaches: a pure function, the same in any process."""
    if not is_english(document.text[:6000]):
        return [_nothing(document, "not_english")]
    product = topics.product(document.url) or naming.product(document)
    page = parse(document, product, config.max_example_words)
    found = [_piece(document, draft, config) for draft in drafts(page)]
    return found or [_nothing(document, "teaches_nothing")]


def _nothing(document: Document, reason: str) -> Piece:
    return Piece(start=0, end=len(document.text), reason=reason, text=document.text[:SHOWN])


def _piece(document: Document, draft: Draft, config: DedupeConfig) -> Piece:
    start, end = min(span[0] for span in draft.spans), max(span[1] for span in draft.spans)
    asked = [(template, text) for template, text in draft.questions if text]
    short = words(draft.answer) < config.min_example_words
    reason = "too_short" if short else gate.answer_problem(draft.kind, asked[0][1], draft.answer)
    fit = [] if reason else [pair for pair in asked if not gate.question_problem(pair[1])]
    if not fit:
        reason = reason or gate.question_problem(asked[0][1])
        text = f"{draft.kind}: {asked[0][1]}\n\n{draft.answer}"
        return Piece(start=start, end=end, reason=reason, text=text)
    return Piece(
        start=start,
        end=end,
        reason="",
        kind=draft.kind,
        answer=draft.answer,
        category=topics.category(document.url, [document.title, *draft.about], draft.answer),
        spans=draft.spans,
        options=tuple(
            Option(instruction=text, key=fingerprint(text), wording=template)
            for template, text in fit
        ),
    )


class Builder:
    """Takes the pieces of one document after the other and never asks the same question twice."""

    def __init__(self, config: DedupeConfig) -> None:
        self._config = config
        self._asked: set[str] = set()
        self._answered: set[str] = set()
        self._kinds: Counter[str] = Counter()
        self.wordings: Counter[str] = Counter()
        """Examples by template."""
        self.built = Built()

    def add(self, document: Document) -> None:
        """Cut one document and take its pieces; call in a fixed order, since taken questions stay
        taken.
        """
        self.take(document, cut(document, self._config), lambda: document)

    def take(self, head: Document, pieces: Sequence[Piece], whole: Callable[[], Document]) -> None:
        """Take the pieces that `cut` made of a document; `whole` gives its text if it is needed."""
        made = 0
        for piece in pieces:
            reason = piece.reason or self._over_cap(piece, made)
            option = None if reason else self._free(piece)
            if option is None:
                reason = reason or self._taken(piece)
                text = piece.text or whole().text[piece.start : piece.end]
                left = LeftOut(head.id, head.url, piece.start, piece.end, reason, text)
                self.built.left_out.append(left)
                continue
            self.built.examples.append(_example(head, piece, option))
            self._kinds[piece.kind] += 1
            self.wordings[option.wording] += 1
            made += 1
        over = sum(not piece.reason for piece in pieces) > made >= self._config.max_per_document
        self.built.documents_over_cap += over

    def _over_cap(self, piece: Piece, made: int) -> str:
        if made >= self._config.max_per_document:
            return "over_cap"
        return "over_kind_cap" if self._kinds[piece.kind] >= self._config.max_per_kind else ""

    def _taken(self, piece: Piece) -> str:
        """Why a piece could not be used."""
        if fingerprint(piece.answer) in self._answered:
            return "answer_taken"
        fresh = any(option.key not in self._asked for option in piece.options)
        return "over_wording_cap" if fresh else "question_taken"

    def _free(self, piece: Piece) -> Option | None:
        """The first question that nobody has, in a wording below its cap; None if there is none."""
        answer = fingerprint(piece.answer)
        if answer in self._answered:
            return None
        for option in piece.options:
            below = self.wordings[option.wording] < self._config.max_per_wording
            if option.key not in self._asked and below:
                self._asked.add(option.key)
                self._answered.add(answer)
                return option
        return None


def _example(document: Document, piece: Piece, option: Option) -> Example:
    spans = ",".join(f"{start}-{end}" for start, end in piece.spans)
    identity = f"{document.id}\n{document.sha256}\n{spans}\n{option.instruction}"
    return Example(
        id=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16],
        document_id=document.id,
        url=document.canonical_url,
        title=document.title,
        licence=document.licence,
        category=piece.category,
        kind=piece.kind,
        instruction=option.instruction,
        answer=piece.answer,
        start=piece.start,
        end=piece.end,
        sources=tuple(
            Source(
                document_id=document.id,
                url=document.canonical_url,
                licence=document.licence,
                start=start,
                end=end,
            )
            for start, end in piece.spans
        ),
    )


def build(documents: Sequence[Document], config: DedupeConfig) -> Iterator[Builder]:
    """Cut all documents; yields the same builder after each, so that a caller can stop between
    two.
    """
    builder = Builder(config)
    for document in documents:
        builder.add(document)
        yield builder
