"""The comparison for other programs' pages: Markdown for a pull request, JUnit XML for a build
server.
"""

from __future__ import annotations

import re

from secarch.compare.record import Candidates, Category, Estimate, Record
from secarch.compare.verdict import contamination, figures, noise_floor, shown_p
from secarch.report.junit import Case, Group, clean, document


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
        "### By category\n\n"
        + _table("category", {row.category: row for row in record.categories}),
        "### Secondary metrics (hints, no part of the verdict)\n\n"
        + _table("metric", {row.metric: row for row in record.secondary}),
        *_forgotten(record),
        *_read(record),
        *([_cell(contamination(record.clean, record.primary))] if record.clean else []),
        *(
            [f"Noise floor: {_cell(noise_floor(record.noise, record.primary.delta))}"]
            if record.noise
            else []
        ),
        (
            f"Base {_cell(record.base.name)}, tuned {_cell(record.tuned.name)}, suite "
            f"{_cell(record.suite)}."
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _read(record: Record) -> list[str]:
    """A line for each reader who judged the answers unlabelled."""
    lines = [
        f"- {_cell(row.reviewer)}: tuned preferred {row.for_tuned} times, base {row.for_base}, "
        f"equal {row.equal} "
        f"(mid-p McNemar, {shown_p(row.mid_p)})"
        for row in record.judgements
    ]
    return ["### Readers, blinded (no part of the verdict)\n\n" + "\n".join(lines)] if lines else []


def _forgotten(record: Record) -> list[str]:
    """The guard suites of the tuned model's run."""
    if not record.forgotten:
        return []
    lines = ["| guard suite | n | base | tuned | gain | low | high |", "|---|" + "---:|" * 6]
    lines += [
        f"| {_cell(row.suite)} ({row.metric}) | {row.n} | {row.base:.4g} | {row.tuned:.4g} | "
        f"{_figure(row.delta)} | {_figure(row.low)} | {_figure(row.high)} |"
        for row in record.forgotten
    ]
    return ["### Forgetting (no part of the verdict)\n\n" + "\n".join(lines)]


def _table(name: str, rows: dict[str, Category] | dict[str, Estimate]) -> str:
    if not rows:
        return "None."
    lines = [f"| {name} | n | gain | low | high | p |", "|---|---:|---:|---:|---:|---:|"]
    lines += [
        f"| {_cell(label)} | {row.n} | {_figure(row.delta)} | {_figure(row.low)} | "
        f"{_figure(row.high)} | {_p(row)} |"
        for label, row in rows.items()
    ]
    return "\n".join(lines)


def _p(row: Category | Estimate) -> str:
    """Adjusted where the table is a family of tests."""
    return _short(row.p_holm if isinstance(row, Category) else row.p)


def _short(p: float | None) -> str:
    return "-" if p is None else f"{p:.2g}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:+.3g}"


def _cell(text: str) -> str:
    """Plain text that cannot leave its table cell, start a link or hold HTML."""
    return re.sub(r"([|`\[\]\\*_])", r"\\\1", _escaped(" ".join(text.split())))


def junit(record: Record) -> str:
    """JUnit XML: the verdict as one case, and one case for each reason why the gate failed."""
    failures = [
        Case(group="compare.gate", name=reason.split(":", 1)[0], failure=reason)
        for reason in record.gate.reasons
    ]
    cases = [
        Case(group="compare.verdict", name=record.verdict),
        *(failures or [Case(group="compare.gate", name="passed")]),
    ]
    return _document(cases, record.explanation)


def _document(cases: list[Case], output: str) -> str:
    name = "secarch compare-baseline"
    return document(name, [Group(name=name, cases=cases, output=output)])


def candidates_markdown(found: Candidates) -> str:
    """The table over several candidates, for a pull request."""
    head = (
        "| candidate | verdict | gain | low | high | p | p, Holm | gate "
        "|\n|---|---|---:|---:|---:|---:|---:|---|"
    )
    lines = [
        f"| {_cell(row.name)} | {row.verdict} | {_figure(row.delta)} | {_figure(row.low)} | "
        f"{_figure(row.high)} "
        f"| {_short(row.p)} | {_short(row.p_holm)} | {'passed' if row.gate else '**failed**'} |"
        for row in found.candidates
    ]
    reasons = [
        f"- {_cell(row.name)}: {_cell(reason)}"
        for row in found.candidates
        for reason in row.reasons
    ]
    note = (
        "Verdicts use p-values that Holm's method adjusts over the candidates; WORSE and the "
        "gates do not. "
        "The candidates were not compared with one another."
    )
    title = f"## {len(found.candidates)} candidates against one base on {_cell(found.metric)}"
    return (
        "\n\n".join(
            [title, "\n".join([head, *lines]), *(["\n".join(reasons)] if reasons else []), note]
        )
        + "\n"
    )


def candidates_junit(found: Candidates) -> str:
    """JUnit XML: a case for each candidate, failed if its gate is closed."""
    cases = [
        Case(group="compare.candidate", name=row.name, failure="; ".join(row.reasons) or None)
        for row in found.candidates
    ]
    words = "; ".join(f"{row.name}: {row.verdict}" for row in found.candidates)
    return _document(cases, words)


def _escaped(text: str) -> str:
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
