"""Navigation and footers: lines that a site repeats at the edges of its pages, found by counting,
listed, then blanked.

The idea of counting lines over documents is CCNet's (arXiv:1911.00359, section 3.1). Here a line
must stand in a share of one site's pages and nearly always at their beginning or end; code, tables,
steps, quotes, headings and front matter are never looked at, since what repeats there is structure
("## Policy Definition", `"Version": "2012-10-17"`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from secarch.dedupe.build.shards import read_columns, write_shard
from secarch.records import Document
from secarch.text import markdown

LEAST = 10
"""Pages of a site that must have a line before it can be boilerplate."""
EDGE_LINES = 8
"""Lines from the beginning and the end of a page that are its edges."""
AT_EDGE = 0.9
"""Share of a line's pages in which it must stand at an edge (0..1)."""
LENGTHS = range(3, 300)
"""Characters of a line that is looked at."""
ROWS_A_GROUP = 1 << 14
"""Counts that are read at once."""
LINES = pa.schema(
    [
        pa.field("site", pa.string(), nullable=False),
        pa.field("line", pa.string(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),
        pa.field("at_edge", pa.int64(), nullable=False),
    ]
)
"""Counts of one shard; the line '' stands for the site's documents themselves."""

Boilerplate = Mapping[str, frozenset[str]]
"""The lines of each site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A line that was found to be boilerplate, for the report."""

    site: str
    line: str
    documents: int
    share: float
    """Of the site's documents (0..1)."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int
    end: int
    at_edge: bool


def _lines(text: str) -> list[_Line]:
    """The lines that may be boilerplate; a block of another kind counts as one line where edges are
    measured.
    """
    found: list[tuple[str, int, int] | None] = []
    for block in markdown.blocks(text):
        if block.kind not in {"paragraph", "item"} or "```" in text[block.start : block.end]:
            found.append(None)
            continue
        start = block.start
        for line in text[block.start : block.end].split("\n"):
            bare = line.strip()
            found.append((bare, start, start + len(line)) if len(bare) in LENGTHS else None)
            start += len(line) + 1
    last = len(found) - EDGE_LINES
    return [_Line(*item, n < EDGE_LINES or n >= last) for n, item in enumerate(found) if item]


def count(documents: Iterable[Document], path: Path) -> None:
    """Write how many of the documents, copies counted once, have each line, and in how many it
    is at an edge.
    """
    having: Counter[tuple[str, str]] = Counter()
    edge: Counter[tuple[str, str]] = Counter()
    seen = ("", "")
    for document in documents:
        if (document.site, document.sha256) == seen:
            continue
        seen = (document.site, document.sha256)
        lines: dict[str, bool] = {"": False}
        for line in _lines(document.text):
            lines[line.text] = lines.get(line.text, False) or line.at_edge
        having.update((document.site, line) for line in lines)
        edge.update((document.site, line) for line, at_edge in lines.items() if at_edge)
    rows = [
        {"site": site, "line": line, "documents": n, "at_edge": edge[site, line]}
        for (site, line), n in sorted(having.items())
    ]
    write_shard(path, rows, LINES, ROWS_A_GROUP)


def choose(counted: Iterable[Path], share: float) -> list[Repeated]:
    """The boilerplate of all shards together: the commonest first.

    `share` is of a site's documents, 0 finds none.
    """
    paths = list(counted) if share else []
    common = _common(paths)
    having: Counter[tuple[str, str]] = Counter()
    edge: Counter[tuple[str, str]] = Counter()
    for key, documents, at_edge in _counts(paths):
        if hash(key) in common:
            having[key] += documents
            edge[key] += at_edge
    found = [
        Repeated(site=site, line=line, documents=n, share=n / having[site, ""])
        for (site, line), n in having.items()
        if line and n >= LEAST and n >= share * having[site, ""] and edge[site, line] >= AT_EDGE * n
    ]
    return sorted(found, key=lambda item: (-item.documents, item.site, item.line))


def _counts(paths: Sequence[Path]) -> Iterator[tuple[tuple[str, str], int, int]]:
    for path in paths:
        for site, line, documents, at_edge in read_columns(path, LINES.names):
            yield (site, line), documents, at_edge


def _common(paths: Sequence[Path]) -> set[int]:
    """Hashes of the lines that `LEAST` documents have, found at 16 bytes a line: nearly all lines
    are in one document.
    """
    told = np.fromiter(
        ((hash(key), documents) for key, documents, _ in _counts(paths)),
        np.dtype((np.int64, 2)),
    )
    keys, place = np.unique(told[:, 0], return_inverse=True)
    return set(keys[np.bincount(place, told[:, 1]) >= LEAST].tolist())


def by_site(found: Sequence[Repeated]) -> dict[str, frozenset[str]]:
    """The lines of each site."""
    return {
        site: frozenset(r.line for r in found if r.site == site)
        for site in sorted({r.site for r in found})
    }


def spans(text: str, lines: frozenset[str]) -> list[tuple[int, int]]:
    """Where in `text` the lines stand; only at its edges, since inside they may be meant."""
    if not any(line in text for line in lines):
        return []
    return [(line.start, line.end) for line in _lines(text) if line.at_edge and line.text in lines]
