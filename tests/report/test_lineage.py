"""The lineage as a graph."""

from __future__ import annotations

import re

from secarch.report.lineage import ACROSS, DOWN, HEAD, HEIGHT, WIDTH, Node, graph

COLUMNS = {"dataset": "Datasets", "run": "Runs", "evaluation": "Evaluations"}


def node(key: str, kind: str, *parents: str, created: str = "2026-01-01") -> Node:
    return Node(
        key=key, kind=kind, name=key, what="w", created=created, href=f"#{key}", parents=parents
    )


def places(drawing: str) -> dict[str, tuple[int, int]]:
    """Left and top of each box."""
    found = re.findall(r'href="#(\w+)" title="[^"]*" style="left:(\d+)px;top:(\d+)px', drawing)
    return {name: (int(left), int(top)) for name, left, top in found}


def test_a_column_a_kind_and_none_for_what_is_not_there() -> None:
    """Columns keep their order; boxes of one kind stand below one another, the newest first."""
    nodes = [
        node("d", "dataset"),
        node("old", "evaluation"),
        node("new", "evaluation", created="9"),
    ]
    drawing = graph(nodes, COLUMNS)
    step, down = WIDTH + ACROSS, HEIGHT + DOWN
    assert places(drawing) == {"d": (0, HEAD), "new": (step, HEAD), "old": (step, HEAD + down)}
    assert "Runs" not in drawing
    assert f"width:{step + WIDTH}px;height:{HEAD + down + HEIGHT}px" in drawing


def test_a_line_for_each_parent_that_is_drawn() -> None:
    """From the right edge of the parent to the left edge of the child, at their middles."""
    drawing = graph([node("d", "dataset"), node("r", "run", "d", "gone")], COLUMNS)
    lines = re.findall(r'<path d="M(\d+) (\d+)C[\d ]+ (\d+) (\d+)">', drawing)
    middle = str(HEAD + HEIGHT // 2)
    assert lines == [(str(WIDTH), middle, str(WIDTH + ACROSS), middle)]
    assert "d \u2192 r" in drawing
    assert 'aria-label="1 lines' in drawing


def test_children_stand_beside_their_parents() -> None:
    """Rows follow the mean row of the parents, so that these lines do not cross."""
    nodes = [
        node("d1", "dataset", created="2"),
        node("d2", "dataset", created="1"),
        node("r1", "run", "d1", created="3"),
        node("r2", "run", "d2", created="4"),
        node("both", "run", "d1", "d2", created="5"),
    ]
    found = places(graph(nodes, COLUMNS))
    assert sorted(("r1", "r2", "both"), key=lambda name: found[name][1]) == ["r1", "both", "r2"]


def test_nothing_to_draw_is_said() -> None:
    """No empty box."""
    assert "Nothing to show" in graph([], COLUMNS)


def test_names_are_escaped() -> None:
    """In the box, its title and the line's."""
    odd = Node(key="<b>", kind="run", name="<b>", what='"<i>', created="1", href="#x")
    assert not re.search(
        r"<b>|<i>",
        graph([odd, node("e", "evaluation", "<b>")], COLUMNS)[200:].replace(
            '<b class="column"', ""
        ),
    )
