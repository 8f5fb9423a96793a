"""Tables that only place content, as in mails and on old pages, and tables without `<table>`."""

from __future__ import annotations

from lxml import etree, html

from secarch.harvest.extract.markup import HEADINGS

_ROLE_TABLES = etree.XPath(
    "descendant-or-self::*/@role[. = 'table' or . = 'grid']/parent::*[not(self::table)]"
)
_ROWS = etree.XPath(".//*[@role='row']")
_CELLS = {"columnheader": "th", "rowheader": "th", "cell": "td", "gridcell": "td"}


def build_tables(main: html.HtmlElement) -> None:
    """What says by its roles that it is a table, as one. WAI-ARIA 1.2, section 5.3.3."""
    for table in _ROLE_TABLES(main):
        rows = _ROWS(table)
        cells = [[e for e in row.iter() if e.get("role") in _CELLS] for row in rows]
        if table is main or not all(cells) or len(rows) < 2:
            continue
        for row, own in zip(rows, cells, strict=True):
            for cell in own:
                cell.tag, cell.tail = _CELLS[cell.attrib.pop("role")], None
            row[:] = own
            row.tag, row.text, row.tail = "tr", None, None
            row.attrib.pop("role")
        table[:] = rows
        table.tag, table.text = "table", None
        table.attrib.pop("role")


def unwrap_tables(main: html.HtmlElement, *, article: bool) -> None:
    """A table that only places its content, as in mails and old pages, is no table: it says so by
    its role, or has no heads and holds a heading, a table or no more than one cell.
    """
    for table in list(main.iter("table")):
        if table is main or table.getparent() is None:
            continue
        stated = table.get("role") in {"presentation", "none"}
        if stated or (article and _only_places(table)):
            for part in list(table.iter("tbody", "thead", "tfoot", "tr", "td")):
                if _table_of(part) is table:
                    part.tag = "div"
                    part.attrib.pop("role", None)
            table.tag = "div"


def _table_of(part: html.HtmlElement) -> html.HtmlElement | None:
    return next(part.iterancestors("table"), None)


def _only_places(table: html.HtmlElement) -> bool:
    if table.find(".//th") is not None or table.find(".//pre") is not None:
        return False
    cells = sum(1 for _ in table.iter("td"))
    return (
        cells == 1 or table.find(".//table") is not None or any(True for _ in table.iter(*HEADINGS))
    )
