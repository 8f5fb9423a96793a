"""Cut a document into chunks along its headings: short sections join, long ones part at paragraph
ends.

Nothing is lost: every block of text that is no heading or front matter is in exactly one chunk, the
last one too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from secarch.text.markdown import Block, plain

_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(])")
_STRETCH = 1.5
"""How far a chunk may grow over the limit to keep a lead-in with its code, or a short rest with its
section.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A run of blocks that one answer is made of; `text[start:end]` of the document."""

    path: tuple[str, ...]
    """Headings above it, outermost first, without mark-up."""
    topics: tuple[str, ...]
    """The innermost headings of the sections that were joined in it, in order."""
    blocks: tuple[Block, ...]
    words: int
    part: int = 1
    """1 for the first chunk of its section, 2 for the second..."""

    @property
    def start(self) -> int:
        """Offset of the first character."""
        return self.blocks[0].start

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        return self.blocks[-1].end


def chunks(text: str, found: Sequence[Block], *, shortest: int, longest: int) -> list[Chunk]:
    """The chunks of `text`, in order, of about `shortest` to `longest` words."""
    cut = [part for section in _sections(text, found) for part in _parts(text, section, longest)]
    return _joined(cut, shortest, longest)


@lru_cache(maxsize=4096)
def count_words(text: str, block: Block) -> int:
    """Words of a block, code and all; asked several times while a document is cut and its pieces
    are named.
    """
    return len(_WORD.findall(text, block.start, block.end))


def _sections(text: str, found: Sequence[Block]) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    """(heading path, blocks below it) for each heading that has any."""
    stack: list[tuple[int, str]] = []
    body: list[Block] = []
    for block in found:
        if block.kind == "heading":
            if body:
                yield tuple(name for _, name in stack), body
            body = []
            name = plain(text[block.start : block.end].strip().lstrip("#"))
            stack = [item for item in stack if item[0] < block.level] + [(block.level, name)]
        elif block.kind != "front":
            body.append(block)
    if body:
        yield tuple(name for _, name in stack), body


def _parts(
    text: str, section: tuple[tuple[str, ...], list[Block]], longest: int
) -> Iterator[Chunk]:
    path, body = section
    pieces = [piece for block in body for piece in _pieces(text, block, longest)]
    run: list[Block] = []
    words = part = 0
    for piece in pieces:
        n = count_words(text, piece)
        fits = words + n <= longest or (words + n <= longest * _STRETCH and _leads_in(text, run))
        if run and not fits:
            part += 1
            yield Chunk(path=path, topics=path[-1:], blocks=tuple(run), words=words, part=part)
            run, words = [], 0
        run.append(piece)
        words += n
    yield Chunk(path=path, topics=path[-1:], blocks=tuple(run), words=words, part=part + 1)


def _leads_in(text: str, run: list[Block]) -> bool:
    return bool(run) and text[run[-1].start : run[-1].end].rstrip(" *`_").endswith(":")


def _pieces(text: str, block: Block, longest: int) -> Iterator[Block]:
    """The block, or where prose or a table is far too long for one answer, runs of its sentences or
    rows.
    """
    if block.kind not in ("paragraph", "quote", "table") or count_words(text, block) <= longest:
        yield block
        return
    marks = re.compile(r"\n") if block.kind == "table" else _SENTENCE_END
    start = block.start
    words = 0
    last = block.start
    for mark in marks.finditer(text, block.start, block.end):
        words += len(_WORD.findall(text, last, mark.start()))
        last = mark.end()
        if words >= longest * 0.75:
            yield replace(block, start=start, end=mark.start())
            start, words = mark.end(), 0
    if start < block.end:
        yield replace(block, start=start, end=block.end)


def _joined(cut: Sequence[Chunk], shortest: int, longest: int) -> list[Chunk]:
    out: list[Chunk] = []
    pending: Chunk | None = None
    for chunk in cut:
        now = _join(pending, chunk) if pending else chunk
        pending = None
        if now.words < shortest:
            pending = now
        else:
            out.append(now)
    if pending is None:
        return out
    if out and out[-1].words + pending.words <= longest * _STRETCH:
        return [*out[:-1], _join(out[-1], pending)]
    return [*out, pending]


def _join(a: Chunk, b: Chunk) -> Chunk:
    """Both as one; named after the first where the second lies below it, else after what they
    share.
    """
    inside = b.path[: len(a.path)] == a.path
    path = a.path if inside else _common(a.path, b.path) or a.path
    topics = tuple(dict.fromkeys(a.topics + b.topics))
    return Chunk(
        path=path, topics=topics, blocks=a.blocks + b.blocks, words=a.words + b.words, part=a.part
    )


def _common(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    n = 0
    while n < min(len(a), len(b)) and a[n] == b[n]:
        n += 1
    return a[:n]
