"""The comparison for other programs' pages: Markdown for a pull request, JUnit XML for a build server."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

from secarch.compare.record import Category, Estimate, Record
from secarch.compare.verdict import figures, shown_p

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def markdown(record: Record, note: str = "") -> str:
    """A short report: verdict, figures, categories, gate."""
    primary = record.primary
    gate = "passed" if record.gate.passed else "**failed**"
    figure_line = (
        f"Gain {figures(primary)}, {primary.test}, {shown_p(primary.p)}, n = {primary.n}; "
        f"{primary.wins} better, {primary.ties} equal, {primary.losses} worse. Gate {gate}."
    )
    parts = [
        f"## {record.verdict}: tuned against base on {_cell(primary.metric)}",
        *([f"> {_cell(note)}"] if note else []),
        _cell(record.explanation),
        figure_line,
        *(f"- {_cell(reason)}" for reason in record.gate.reasons),
        "### By category\n\n" + _table("category", {row.category: row for row in record.categories}),
        "### Secondary metrics (hints, no part of the verdict)\n\n"
        + _table("metric", {row.metric: row for row in record.secondary}),
        f"Base {_cell(record.base.name)}, tuned {_cell(record.tuned.name)}, suite {_cell(record.suite)}.",
    ]
    return "\n\n".join(parts) + "\n"


def _table(name: str, rows: dict[str, Category] | dict[str, Estimate]) -> str:
    if not rows:
        return "None."
    lines = [f"| {name} | n | gain | low | high | p |", "|---|---:|---:|---:|---:|---:|"]
    lines += [
        f"| {_cell(label)} | {row.n} | {_figure(row.delta)} | {_figure(row.low)} | {_figure(row.high)} | {_p(row)} |"
        for label, row in rows.items()
    ]
    return "\n".join(lines)


def _p(row: Category | Estimate) -> str:
    """Adjusted where the table is a family of tests."""
    p = row.p_holm if isinstance(row, Category) else row.p
    return "-" if p is None else f"{p:.2g}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:+.3g}"


def _cell(text: str) -> str:
    """Plain text that cannot leave its table cell, start a link or hold HTML."""
    return re.sub(r"([|`\[\]\\*_])", r"\\\1", _escaped(" ".join(text.split())))


def junit(record: Record) -> str:
    """JUnit XML: the verdict as one case, and one case for each ground on which the gate failed."""
    failures = record.gate.reasons
    cases = [_case("verdict", record.verdict, "")]
    cases += [_case("gate", reason.split(":", 1)[0], reason) for reason in failures] or [_case("gate", "passed", "")]
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    counts = f'tests="{len(cases)}" failures="{len(failures)}" errors="0"'
    output = f"<system-out>{_escaped(record.explanation)}</system-out>"
    suite = f'<testsuite name="secarch compare-baseline" {counts}>{"".join(cases)}{output}</testsuite>'
    return f"{head}\n<testsuites {counts}>{suite}</testsuites>\n"


def _case(group: str, name: str, failure: str) -> str:
    attributes = f"classname={quoteattr('compare.' + group)} name={quoteattr(_NOT_XML.sub('?', name))}"
    if not failure:
        return f"<testcase {attributes}/>"
    return f"<testcase {attributes}><failure message={quoteattr(_NOT_XML.sub('?', failure))}/></testcase>"


def _escaped(text: str) -> str:
    return _NOT_XML.sub("?", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
