"""Examples from a document, without a language model: an instruction, and a span of the source that
answers it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.examples import topics
from secarch.dedupe.examples.instructions import Setting, asks, only_points
from secarch.dedupe.examples.phrases import Casing
from secarch.dedupe.examples.sections import Chunk, chunks
from secarch.records import Document, Example
from secarch.text import markdown
from secarch.text.markdown import link_characters, plain, tidy
from secarch.text.words import fingerprint

_SUFFIX = re.compile(r"\s+[|·•»]\s+[^|·•»]{2,60}$|\s+[-\u2013\u2014]\s+(?:[A-Z]\w*\s?){1,4}$")
SHORTEST = 8
"""Words of the shortest answer that says anything, where a whole document has no more."""


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
    """One way to make an example of a piece: the question, and the span that answers it."""

    kind: str
    instruction: str
    key: str
    """Fingerprint of the instruction's words."""
    wording: str
    """The template that the instruction was made of."""
    start: int
    end: int
    answer: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A span of a document with its first `OPTIONS` wordings, or the reason why it answers
    nothing.
    """

    start: int
    end: int
    reason: str
    text: str = ""
    """The span itself, where there is a reason."""
    options: tuple[Option, ...] = ()


OPTIONS = 3
"""Wordings of a piece that are made before it is known which are taken; the others follow on
demand.
"""


def cut(document: Document, config: DedupeConfig, most: int | None = OPTIONS) -> list[Piece]:
    """Cut one document on its own: a pure function, the same in any process.

    `most` None gives every wording.
    """
    text = document.text
    setting = _setting(document)
    found = chunks(
        text,
        markdown.blocks(text),
        shortest=config.min_example_words,
        longest=config.max_example_words,
    )
    return [_piece(document, chunk, setting, config, most) for chunk in found]


def _piece(
    document: Document, chunk: Chunk, setting: Setting, config: DedupeConfig, most: int | None
) -> Piece:
    reason = _useless(document.text, chunk, config)
    options: list[Option] = []
    if not reason:
        spans: dict[tuple[int, int], tuple[str, str]] = {}
        for ask in islice(asks(document.text, chunk, setting), most):
            start, end = chunk.blocks[ask.first].start, chunk.blocks[ask.last - 1].end
            if (start, end) not in spans:
                answer = answer_of(document.text, start, end)
                headings = [document.title, *chunk.path, *chunk.topics]
                spans[start, end] = (answer, topics.category(document.url, headings, answer))
            answer, category = spans[start, end]
            options.append(
                Option(
                    kind=ask.kind,
                    instruction=ask.instruction,
                    key=fingerprint(ask.instruction),
                    wording=ask.wording,
                    start=start,
                    end=end,
                    answer=answer,
                    category=category,
                )
            )
    text = document.text[chunk.start : chunk.end] if reason else ""
    return Piece(start=chunk.start, end=chunk.end, reason=reason, text=text, options=tuple(options))


class Builder:
    """Takes the pieces of one document after the other and never asks the same question twice."""

    def __init__(self, config: DedupeConfig) -> None:
        self._config = config
        self._asked: set[str] = set()
        self._kinds: Counter[str] = Counter()
        self.wordings: Counter[str] = Counter()
        """Examples by template."""
        self.built = Built()

    def add(self, document: Document) -> None:
        """Cut one document and take its pieces; call in a fixed order, since taken wordings are not
        taken again.
        """
        self.take(document, cut(document, self._config), lambda: document)

    def take(self, head: Document, pieces: Sequence[Piece], whole: Callable[[], Document]) -> None:
        """Take the pieces that `cut` made of a document; `whole` gives its text where that is
        needed.
        """
        made = 0
        every: list[Piece] = []
        for number, piece in enumerate(pieces):
            reason = piece.reason or self._over_cap(piece, made)
            option = None if reason else self._free(piece.options)
            if not reason and option is None and len(piece.options) == OPTIONS:
                every = every or cut(whole(), self._config, None)
                option = self._free(every[number].options)
            if option is None:
                span = piece.text or whole().text[piece.start : piece.end]
                reason = reason or self._taken(every[number] if every else piece)
                left = LeftOut(head.id, head.url, piece.start, piece.end, reason, span)
                self.built.left_out.append(left)
                continue
            self.built.examples.append(_example(head, option))
            self._kinds[option.kind] += 1
            self.wordings[option.wording] += 1
            made += 1
        self.built.documents_over_cap += len(pieces) > made >= self._config.max_per_document

    def _over_cap(self, piece: Piece, made: int) -> str:
        if made >= self._config.max_per_document:
            return "over_cap"
        kind = piece.options[0].kind if piece.options else ""
        return "over_kind_cap" if self._kinds[kind] >= self._config.max_per_kind else ""

    def _taken(self, piece: Piece) -> str:
        """Why none of a piece's questions could be asked."""
        fresh = any(option.key not in self._asked for option in piece.options)
        return "over_wording_cap" if fresh else "question_taken"

    def _free(self, options: Sequence[Option]) -> Option | None:
        """The first question that nobody has in a wording that is below its cap; where there is
        none, none.
        """
        for option in options:
            if (
                option.key not in self._asked
                and self.wordings[option.wording] < self._config.max_per_wording
            ):
                self._asked.add(option.key)
                return option
        return None


def _setting(document: Document) -> Setting:
    title = plain(_SUFFIX.sub("", _SUFFIX.sub("", plain(document.title))))[:160]
    return Setting(
        title=title,
        product=topics.product(document.url),
        casing=Casing(document.text[:20_000]),
        key=document.sha256,
    )


def _useless(text: str, chunk: Chunk, config: DedupeConfig) -> str:
    """Why a chunk answers nothing; '' where it does."""
    if chunk.words < min(SHORTEST, config.min_example_words):
        return "too_short"
    if only_points(chunk):
        return "pointers"
    span = text[chunk.start : chunk.end]
    linked = link_characters(span)
    if linked > 0.75 * max(1, len(tidy(span))):
        return "only_links"
    return ""


def _example(document: Document, option: Option) -> Example:
    identity = (
        f"{document.id}\n{document.sha256}\n{option.start}\n{option.end}\n{option.instruction}"
    )
    return Example(
        id=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16],
        document_id=document.id,
        url=document.canonical_url,
        title=document.title,
        licence=document.licence,
        category=option.category,
        kind=option.kind,
        instruction=option.instruction,
        answer=option.answer,
        start=option.start,
        end=option.end,
    )


def answer_of(text: str, start: int, end: int) -> str:
    """The answer that a span of a document's text becomes: the span, tidied."""
    return tidy(text[start:end])


def build(documents: Sequence[Document], config: DedupeConfig) -> Iterator[Builder]:
    """Cut all documents; yields the same builder after each, so that a caller can stop between
    two.
    """
    builder = Builder(config)
    for document in documents:
        builder.add(document)
        yield builder
