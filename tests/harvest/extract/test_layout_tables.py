"""A table that only places content becomes blocks; one that holds facts stays."""

from __future__ import annotations

import pytest

from secarch.harvest.extract import markup
from secarch.harvest.extract.layout_tables import unwrap_tables

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
