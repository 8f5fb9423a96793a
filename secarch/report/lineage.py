"""A lineage as a graph of boxes and lines: one column a kind, from the sources to what is live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from secarch.report import html
from secarch.report.hypertext import NOTHING

WIDTH, HEIGHT = 148, 66
"""Of a box, in CSS pixels."""
ACROSS, DOWN = 34, 16
"""Gaps between columns and between boxes."""
HEAD = 34
"""Height of the line that names the columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One artifact or version."""

    key: str
    """What others name it by as their parent."""
    kind: str
    name: str
    what: str
    """Its main figures, in a line."""
    created: str
    """ISO 8601, UTC."""
    href: str
    """Its page, relative to the page that shows it; else an anchor on that page."""
    parents: tuple[str, ...] = ()


def graph(nodes: Sequence[Node], columns: Mapping[str, str]) -> Markup:
    """The graph in a box that scrolls. `columns` maps kinds to headings, from left to right; kinds
    without a node take no room, and parents that are no node have no line.
    """
    if not nodes:
        return NOTHING
    kinds = [kind for kind in columns if any(node.kind == kind for node in nodes)]
    rows = _rows(nodes, kinds)
    places = {node.key: (kinds.index(node.kind), rows[node.key]) for node in nodes}
    wide = len(kinds) * (WIDTH + ACROSS) - ACROSS
    high = HEAD + (max(rows.values()) + 1) * (HEIGHT + DOWN) - DOWN
    heads = (_head(n, columns[kind]) for n, kind in enumerate(kinds))
    boxes = (_box(node, *places[node.key]) for node in nodes)
    return Markup(
        '<div class="scroll graph" tabindex="0" role="group" aria-label="Lineage">'
        '<div style="width:{}px;height:{}px">{}{}{}</div></div>'
    ).format(wide, high, _lines(nodes, places, wide, high), html.join(*heads), html.join(*boxes))


def _rows(nodes: Sequence[Node], kinds: Sequence[str]) -> dict[str, int]:
    """A row for each key: columns from left to right, each sorted by the mean row of the parents
    so that lines cross little, the newest first where that is equal.
    """
    rows: dict[str, int] = {}
    for kind in kinds:
        column = [node for node in nodes if node.kind == kind]
        column.sort(key=lambda node: node.created, reverse=True)
        column.sort(key=lambda node: _mean([rows[p] for p in node.parents if p in rows]))
        rows |= {node.key: n for n, node in enumerate(column)}
    return rows


def _mean(rows: Sequence[int]) -> float:
    return sum(rows) / len(rows) if rows else 0.0


def _left(column: int) -> int:
    return column * (WIDTH + ACROSS)


def _top(row: int) -> int:
    return HEAD + row * (HEIGHT + DOWN)


def _head(column: int, words: str) -> Markup:
    return Markup('<b class="column" style="left:{}px;width:{}px">{}</b>').format(
        _left(column), WIDTH, html.text(words)
    )


def _box(node: Node, column: int, row: int) -> Markup:
    return Markup(
        '<a class="node {}" href="{}" title="{}" style="left:{}px;top:{}px;width:{}px;height:{}px">'
        "<strong>{}</strong><span>{}</span></a>"
    ).format(
        html.text(node.kind),
        html.text(node.href),
        html.text(f"{node.name}: {node.what}"),
        _left(column),
        _top(row),
        WIDTH,
        HEIGHT,
        html.text(node.name),
        html.text(node.what),
    )


def _lines(
    nodes: Sequence[Node], places: Mapping[str, tuple[int, int]], wide: int, high: int
) -> Markup:
    names = {node.key: node.name for node in nodes}
    paths = [
        Markup('<path d="{}"><title>{} \u2192 {}</title></path>').format(
            _curve(places[parent], places[node.key]), html.text(names[parent]), html.text(node.name)
        )
        for node in nodes
        for parent in node.parents
        if parent in places
    ]
    return Markup(
        '<svg role="img" aria-label="{} lines from what a thing was made from to the thing" '
        'viewBox="0 0 {} {}" width="{}" height="{}">{}</svg>'
    ).format(len(paths), wide, high, wide, high, html.join(*paths))


def _curve(start: tuple[int, int], end: tuple[int, int]) -> str:
    """From the right edge of one box to the left edge of another; a bow where both are in one
    column or the line leads back.
    """
    x1, y1 = _left(start[0]) + WIDTH, _top(start[1]) + HEIGHT // 2
    x2, y2 = _left(end[0]), _top(end[1]) + HEIGHT // 2
    bend = max(ACROSS // 2, (x2 - x1) // 2)
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
