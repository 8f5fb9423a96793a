"""A table that only places content becomes blocks; one that holds facts stays."""

from __future__ import annotations

import pytest
from lxml import html

from secarch.harvest.extract import markup
from secarch.harvest.extract.layout_tables import build_tables, unwrap_tables

PAIR = "<tr><td>a</td><td>b</td></tr>"


def _left(table: str, *, article: bool) -> int:
    main = markup.parse(f"<html><body><main>{table}</main></body></html>").find(".//main")
    unwrap_tables(main, article=article)
    assert main.find(".//tr") is None or main.find(".//table") is not None
    return sum(1 for _ in main.iter("table"))


@pytest.mark.parametrize(
    ("table", "in_article", "in_docs"),
    [
        (f"<table role=presentation>{PAIR}</table>", 0, 0),
        (f"<table role=none>{PAIR}</table>", 0, 0),
        (f"<table role=table>{PAIR}</table>", 1, 1),
        (f"<table>{PAIR}{PAIR}</table>", 1, 1),
        ("<table><tr><td>alone</td></tr></table>", 0, 1),
        ("<table><tr><td><h3>x</h3></td><td>b</td></tr></table>", 0, 1),
        ("<table><tr><th>h</th></tr><tr><td><h3>x</h3></td></tr></table>", 1, 1),
        ("<table><tr><td><pre>x</pre></td></tr></table>", 1, 1),
        (f"<table><tr><td><table>{PAIR}</table></td><td>b</td></tr></table>", 1, 2),
        (f"<table role=none><tr><td><table>{PAIR}</table></td></tr></table>", 1, 1),
    ],
)
def test_what_only_places_is_told_by_role_or_form(
    table: str, in_article: int, in_docs: int
) -> None:
    """Documentation keeps every table that does not say what it is."""
    assert _left(table, article=True) == in_article
    assert _left(table, article=False) == in_docs


def test_a_table_by_its_roles_is_a_table() -> None:
    """Rows in row groups, cells in wrappers; a row without cells makes none."""
    head = "<div role=row><span role=columnheader>Role</span><b role=columnheader>Scope</b></div>"
    row = "<div role=row><i><span role=cell>reader</span></i> <span role=cell>tenant</span></div>"
    table = f"<div role=table><div role=rowgroup>{head}</div>{row}</div>"
    main = html.fromstring(f"<main><p>a</p>{table}b</main>")
    build_tables(main)
    cells = [[c.text_content() for c in r] for r in main.iter("tr")]
    assert cells == [["Role", "Scope"], ["reader", "tenant"]]
    assert [e.tag for e in main.iter("th", "td")] == ["th", "th", "td", "td"]
    assert main.find("table").tail == "b"
    bare = html.fromstring(f"<main><div role=grid>{head}<div role=row>x</div></div></main>")
    build_tables(bare)
    assert bare.find(".//table") is None
