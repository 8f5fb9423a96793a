"""The pages of a graded dataset: one on which people grade, one with the figures, and the card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from secarch.artifact import Artifact
from secarch.dedupe.examples import gate
from secarch.dedupe.examples.decisions import content_sha256
from secarch.dedupe.inspect.grades import SCALE, Grade, Grades
from secarch.dedupe.quality.reading_level import ReadingLevel
from secarch.files import write_text
from secarch.report import html, judging_page
from secarch.schema import JsonDict

PAGE, REPORT, CARD = "page.html", "report.html", "README.md"
Rubric = Mapping[str, Mapping[str, str]]
Row = tuple[JsonDict, str, str]
"""A row, its question and its answer."""
_CHOICES = (
    *(
        judging_page.Choice(key=str(mark), decision="grade", label=str(mark), value=mark)
        for mark in SCALE
    ),
    judging_page.Choice(key="s", decision="skip", label="Skip"),
)
_HELP = (
    "Keys: 1 to 5, s skips, arrows move. Save the grades at the end and take them in with: "
    "secarch dataset grade --import FILE"
)
_HEAD = ("Family", "Graded", "Mean", "3 or more", "At 1", *map(str, SCALE))


def write(
    folder: Path, artifact: Artifact, found: Grade, drawn: Sequence[Row], rubric: Rubric
) -> None:
    """Write page, report and card into the folder."""
    write_text(folder / PAGE, _page(artifact, drawn, rubric))
    write_text(folder / REPORT, _report(artifact, found))
    card = artifact.path / CARD
    before = card.read_text(encoding="utf-8") if card.is_file() else ""
    write_text(folder / CARD, f"{before.rstrip()}\n\n{section(found)}".lstrip())


def _page(artifact: Artifact, drawn: Sequence[Row], rubric: Rubric) -> str:
    items = [
        judging_page.Item(
            id=row["id"],
            sha256=content_sha256(asked, answered),
            body=_body(row, asked, answered, rubric),
        )
        for row, asked, answered in drawn
    ]
    sections = [
        html.Section("Grade", judging_page.panel(artifact.digest, "grade", items, _CHOICES), _HELP)
    ]
    lead = "How good is each pair as training data for a cloud security architect?"
    return html.page("Grade", sections, lead=lead, script=judging_page.script())


def _body(row: JsonDict, asked: str, answered: str, rubric: Rubric) -> Markup:
    own = rubric.get(str(row.get("kind", "")), {})
    scale = [
        f"{mark}: {text}" + (f" ({own[mark]})" if mark in own else "")
        for mark, text in rubric["scale"].items()
    ]
    names = [row[name] for name in ("kind", "category") if row.get(name)]
    return html.join(
        html.badges(*map(html.badge, names)),
        html.heading("Question"),
        html.quote(asked),
        html.heading("Answer"),
        html.quote(answered),
        html.paragraph(own.get("look", "")),
        html.details("What the grades mean", html.bullets(scale)),
    )


def _report(artifact: Artifact, found: Grade) -> str:
    sections = [html.Section("Mechanical defects", _defects(found), _NOTE)]
    for title, given in (("The judge", found.judged), ("People", found.people)):
        if given:
            sections.append(html.Section(title, _graded(given), _who(title, found)))
    facts = {
        "dataset": artifact.path.name,
        "rows": f"{sum(one.rows for one in found.defects.values()):,}",
        "with a defect": f"{found.defective:.2%}",
        "drawn": str(sum(found.drawn.values())),
        "seed": str(found.seed),
    }
    if level := found.reading_level:
        facts["reading level"] = _level(level)
    return html.page("Grades of the dataset", sections, facts=facts)


_NOTE = "Counted over all rows by the gate that stands before the dataset."


def _who(title: str, found: Grade) -> str:
    if title == "The judge":
        return f"Model: {found.judge}. Grades of the drawn rows from 1 to 5."
    agreement = found.agreement
    if agreement is None or agreement.exact is None or agreement.within_one is None:
        return "No row was graded twice, so nothing can be said of agreement."
    alpha = "not defined" if agreement.alpha is None else f"{agreement.alpha:.2f}"
    return (
        f"{agreement.rows} rows were graded by two or more: {agreement.exact:.0%} of pairs equal, "
        f"{agreement.within_one:.0%} within one, Krippendorff's alpha {alpha}."
    )


def _defects(found: Grade) -> Markup:
    meanings = gate.meanings()
    rows = [
        (name, one.rows, one.defective, f"{one.defective / one.rows:.2%}")
        for name, one in found.defects.items()
    ]
    reasons = [
        f"{name}: {count} ({meanings.get(reason, reason)})"
        for name, one in found.defects.items()
        for reason, count in one.reasons.items()
    ]
    table = html.table(("Family", "Rows", "With a defect", "Share"), rows)
    return html.join(table, html.bullets(reasons)) if reasons else table


def _graded(given: Mapping[str, Grades]) -> Markup:
    return html.table(_HEAD, [_cells(family, one) for family, one in given.items()])


def _cells(family: str, one: Grades) -> tuple[object, ...]:
    counts = [one.counts.get(mark, 0) for mark in SCALE]
    if one.mean is None or one.usable is None or one.worst is None:
        return (family, 0, "-", "-", "-", *counts)
    return (family, one.graded, f"{one.mean:.2f}", f"{one.usable:.0%}", f"{one.worst:.0%}", *counts)


def _level(level: ReadingLevel) -> str:
    return (
        f"Flesch-Kincaid grade {level.grade:.1f}, reading ease {level.ease:.0f} "
        f"(medians of {level.answers} answers, by textstat)"
    )


def section(found: Grade) -> str:
    """The card's section on grades, as Markdown."""
    total = sum(one.rows for one in found.defects.values())
    lines = [
        "## Grades",
        "",
        f"Mechanical defects: {found.defective:.2%} of {total:,} rows.",
    ]
    if level := found.reading_level:
        lines += ["", f"Reading level of the drawn answers: {_level(level)}."]
    for title, given in (("Judge", found.judged), ("People", found.people)):
        if given:
            lines += ["", f"{title}: {_who('The judge' if title == 'Judge' else title, found)}", ""]
            lines += ["| " + " | ".join(_HEAD) + " |", "|" + "---|" * len(_HEAD)]
            lines += [
                "| " + " | ".join(map(str, _cells(family, one))) + " |"
                for family, one in given.items()
            ]
    return "\n".join(lines) + "\n"
