"""Examples from a document, without a language model: an instruction, and a span of the source that answers it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from secarch import text as words_of
from secarch.dedupe import markdown, topics
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.instructions import Ask, Setting, asks, only_points
from secarch.dedupe.markdown import Block, link_characters, plain, tidy
from secarch.dedupe.phrases import Casing
from secarch.dedupe.sections import Chunk, chunks
from secarch.records import Document, Example

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


class Builder:
    """Cuts documents one after the other and never asks the same question twice."""

    def __init__(self, config: DedupeConfig) -> None:
        self._config = config
        self._asked: Counter[str] = Counter()
        self.built = Built()

    def add(self, document: Document) -> None:
        """Cut one document; call in a fixed order, since wordings that are taken are not taken again."""
        text = document.text
        found = markdown.blocks(text)
        setting = _setting(document)
        cut = chunks(text, found, shortest=self._config.min_example_words, longest=self._config.max_example_words)
        made = 0
        for chunk in cut:
            reason = _useless(text, chunk, self._config) or (
                "over_cap" if made >= self._config.max_per_document else ""
            )
            ask = None if reason else self._pick(text, chunk, setting)
            if ask is None:
                self._leave_out(document, chunk, reason or "question_taken")
                continue
            self.built.examples.append(_example(document, chunk, ask))
            made += 1
        self.built.documents_over_cap += len(cut) > made >= self._config.max_per_document

    def _pick(self, text: str, chunk: Chunk, setting: Setting) -> Ask | None:
        """The first wording that nobody has; where all are taken, none."""
        for ask in asks(text, chunk, setting):
            key = words_of.fingerprint(ask.instruction)
            if not self._asked[key]:
                self._asked[key] += 1
                return ask
        return None

    def _leave_out(self, document: Document, chunk: Chunk, reason: str) -> None:
        span = document.text[chunk.start : chunk.end]
        self.built.left_out.append(LeftOut(document.id, document.url, chunk.start, chunk.end, reason, span))


def _setting(document: Document) -> Setting:
    title = plain(_SUFFIX.sub("", plain(document.title)))[:160]
    return Setting(
        title=title, product=topics.product(document.url), casing=Casing(document.text[:20_000]), key=document.sha256
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


def _example(document: Document, chunk: Chunk, ask: Ask) -> Example:
    blocks: Sequence[Block] = chunk.blocks[ask.first : ask.last]
    start, end = blocks[0].start, blocks[-1].end
    answer = answer_of(document.text, start, end)
    headings = [document.title, *chunk.path, *chunk.topics]
    identity = f"{document.id}\n{document.sha256}\n{start}\n{end}\n{ask.instruction}"
    return Example(
        id=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16],
        document_id=document.id, url=document.canonical_url, title=document.title, licence=document.licence,
        category=topics.category(document.url, headings, answer), kind=ask.kind, instruction=ask.instruction,
        answer=answer, start=start, end=end,
    )  # fmt: skip


def answer_of(text: str, start: int, end: int) -> str:
    """The answer that a span of a document's text becomes: the span, tidied."""
    return tidy(text[start:end])


def build(documents: Sequence[Document], config: DedupeConfig) -> Iterator[Builder]:
    """Cut all documents; yields the same builder after each, so that a caller can stop between two."""
    builder = Builder(config)
    for document in documents:
        builder.add(document)
        yield builder
