"""Controls: requirement, control, implementation and evidence joined in one answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common, managed_rules, standards
from secarch.dedupe.examples.outline import Page, Part, Section, table
from secarch.dedupe.examples.record import Record, role_of, split_ident

_ASSIGNED = re.compile(r"\[(Assignment|Selection)(?: \([^)]*\))?: ([^\[\]]{5,160})\]")
_CHOICE = "a choice of "
_DOUBLED = re.compile(r"(?:organization-defined )+")
MOST_REQUIREMENTS = 12
"""Requirements of one list; more are no answer but a document."""
_FRAMEWORKS = re.compile(
    r"\b(NIST SP 800-\d+|CIS [A-Z]\w+(?: \w+)? Benchmark|PCI DSS|ISO/IEC 27\d\d\d|SOC 2|"
    r"FedRAMP|HIPAA)\b"
)


def from_record(record: Record, seed: str) -> Iterator[Draft]:
    """A control with its guidance, its enhancements, a check with the requirements behind it, or a
    managed rule.
    """
    if record.roles.get("control") and record.text("describe"):
        yield from _control(record, seed)
    elif record.facts.get("Related requirements") or record.facts.get("AWS Config rule"):
        yield from _check(record, seed)
    elif record.facts.get("Rule identifier"):
        yield from managed_rules.from_record(record, seed)
    elif (
        record.text("describe")
        and record.facts.get("Severity")
        and not record.roles.get("risk")
        and not re.search("alert|finding", record.page.document.url)
    ):
        yield from _recommendation(record, seed)


def _control(record: Record, seed: str) -> Iterator[Draft]:
    statement, guidance = _statement(record.roles["control"]), record.text("describe")
    ident = record.ident or record.name
    found = _FRAMEWORKS.search(record.page.product) or _FRAMEWORKS.search(record.page.title)
    framework = f"{found[1]} " if found else ""
    related = [part.with_text(part.text) for part in _related(record)]
    blocks = [
        ("Requirement", statement),
        ("What it takes", common.head(guidance, 230)),
        _parameters(statement),
        ("Related controls", related),
    ]
    answer, spans = compose(blocks, record.page.longest + 60)
    if answer and record.ident and common.quotable(record.name, 16):
        slots = {"framework": framework, "ident": ident, "name": record.name}
        yield Draft(
            kind="map",
            questions=ask("map/control", seed, slots),
            answer=answer,
            spans=spans,
            about=("compliance control", record.name),
        )
        yield from standards.control(record, statement, guidance, related, seed)
    for below in _enhancements(record.section):
        yield from _enhancement(record, below, seed)


def _statement(parts: Sequence[Part]) -> list[Part]:
    """The control's text without the empty places and doubled words that a conversion left."""
    out = []
    for part in parts:
        lines = [
            line
            for line in part.text.split("\n")
            if not re.fullmatch(r"\s*- \*\*\(?\w+\)?\.?\*\*\s*", line)
        ]
        text = re.sub(r"(organization-defined )+", r"\1", "\n".join(lines))
        out.append(part.with_text(re.sub(r"\] ([;,.])", r"]\1", text)))
    return [part for part in out if part.text]


def _related(record: Record) -> list[Part]:
    return [
        p
        for s in record.section.below
        if s.heading.lower() == "related controls"
        for p in s.parts
        if p.text
    ]


def _parameters(statement: Sequence[Part]) -> tuple[str, list[Part]]:
    """What the organisation has to decide itself, from the statement's open places."""
    texts = [m for part in statement for m in _ASSIGNED.finditer(part.text)]
    if not texts:
        return "", []
    said = dict.fromkeys(
        f"- {_CHOICE if m[1] == 'Selection' else ''}{_DOUBLED.sub('', m[2]).strip()}" for m in texts
    )
    open_places = statement[0].with_text("\n".join(said))
    open_places.kind = "item"
    return "To be decided by the organisation", [open_places]


def _enhancements(section: Section) -> list[Section]:
    return [e for s in section.below if role_of(s.heading) == "enhance" for e in s.below]


def _enhancement(record: Record, section: Section, seed: str) -> Iterator[Draft]:
    ident, name = split_ident(section.heading)
    parts = [part for part in section.parts if part.text]
    if not ident or len(parts) < 2:
        return
    statement = [p for p in parts if p is parts[0] or p.kind in ("item", "step")]
    guidance = [p for p in parts if p not in statement]
    answer, spans = compose(
        [("Requirement", statement), ("How it is meant", guidance), _parameters(statement)],
        record.page.longest,
    )
    if answer and guidance and common.quotable(name, 16):
        slots = {"ident": ident, "name": name, "base": record.ident or record.name}
        yield Draft(
            kind="map",
            questions=ask("map/enhancement", seed + ident, slots),
            answer=answer,
            spans=spans,
            about=("compliance control", name),
        )


def _check(record: Record, seed: str) -> Iterator[Draft]:
    told = record.prose()
    if not told:
        return
    lines = [
        f"- {name}: {record.facts[name]}"
        for name in (
            "Related requirements",
            "Category",
            "Severity",
            "Resource type",
            "AWS Config rule",
            "Parameters",
        )
        if record.facts.get(name)
    ]
    lines = [re.sub(r"https?://\S*/([\w-]+)\.html", r"`\1`", line) for line in lines]
    mapping = told[0].with_text("\n".join(lines))
    mapping.kind = "item"
    blocks = [
        ("What is tested", common.head(told, 180)),
        ("Mapping", [mapping]),
        ("If it fails", common.head(record.text("fix"), 150)),
    ]
    answer, spans = compose(blocks, record.page.longest + 40)
    if answer and common.quotable(record.name, 30) and len(record.name.split()) >= 4:
        slots = {"name": record.name, "ident": f" ({record.ident})" if record.ident else ""}
        yield Draft(
            kind="map",
            questions=ask("map/check", seed + record.name, slots),
            answer=answer,
            spans=spans,
            about=(record.name,),
        )


def _recommendation(record: Record, seed: str) -> Iterator[Draft]:
    told = [part.with_text(_unlinked(part.text)) for part in record.text("describe")]
    rated = told[0].with_text(f"Severity: {record.facts['Severity'].rstrip('.')}.")
    source = (
        "Microsoft Defender for Cloud"
        if "defender-for-cloud" in record.page.document.url
        else record.page.product
    )
    answer, spans = compose(
        [
            ("What is evaluated", told),
            ("Rating", [rated]),
            ("Fix", common.head(record.text("fix"), 120)),
        ],
        record.page.longest,
    )
    known = (
        len(answer.split()) >= 38
        and source
        and common.quotable(record.name, 30)
        and len(record.name.split()) >= 4
    )
    if known:
        slots = {"name": record.name.removeprefix("[Preview] "), "source": source}
        yield Draft(
            kind="map",
            questions=ask("map/recommendation", seed + record.name, slots),
            answer=answer,
            spans=spans,
            about=(record.name,),
        )


def _unlinked(text: str) -> str:
    return re.sub(
        r"\s*\((?:Related policy|No related policy)[^()]*(?:\([^()]*\)[^()]*)*\)\.?", "", text
    ).strip()


# ---------------------------------------------------------------- requirement tables


def requirements(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """A table whose rows are numbered requirements, as a list that can be tested row by row."""
    for part in section.parts:
        read = table(part) if part.kind == "table" else None
        if read is None:
            continue
        head, rows = read
        text = next(
            (
                n
                for n, cell in enumerate(head)
                if re.search(r"description|requirement|control", cell, re.IGNORECASE)
            ),
            None,
        )
        if text is None or text == 0 or not all(re.search(r"\d", row[0]) for row in rows):
            continue
        lines = [
            f"- **{row[0].strip('* ')}** {row[text]}{_marks(head, row, text)}"
            for row in rows
            if len(row[text].split()) >= 5
        ]
        yield from _listed_requirements(page, section, part, lines, seed)


def _listed_requirements(
    page: Page, section: Section, part: Part, lines: list[str], seed: str
) -> Iterator[Draft]:
    """Numbered requirements under the name and edition of their standard, if it is known."""
    standard = standards.name_of(page)
    listed = part.with_text("\n".join(lines[:MOST_REQUIREMENTS]))
    listed.kind = "item"
    lead = [p for p in section.parts if p.kind == "paragraph" and p.start < part.start]
    answer, spans = compose(
        [("", [*common.head(lead, 90), listed] if lead else [listed])], page.longest + 160
    )
    least = 2 if standard else 3
    if not answer or not least <= len(lines) <= MOST_REQUIREMENTS:
        return
    if not common.quotable(section.heading, 14) or standard in standards.SUPERSEDED:
        return
    name = re.sub(r"^[A-Z]?\d+(?:\.\d+)*\s+", "", section.heading)
    if not standard:
        asked = ask("requirement/table", seed, {"name": section.heading})
    else:
        asked = ask("requirement/standard", seed + name, {"name": name, "standard": standard})
        answer = standards.framed(standard, name, answer)
    yield Draft(
        kind="requirement",
        questions=asked,
        answer=answer,
        spans=spans,
        about=("compliance requirement", section.heading),
    )


def _marks(head: list[str], row: list[str], text: int) -> str:
    said: list[str] = []
    levels = [
        name[1:]
        for name, cell in zip(head[text + 1 :], row[text + 1 :], strict=True)
        if re.fullmatch(r"L\d", name) and cell.strip()
    ]
    if levels:
        said.append(f"level {levels[0]} and above" if len(levels) > 1 else f"level {levels[0]}")
    for name, cell in zip(head[text + 1 :], row[text + 1 :], strict=True):
        if re.search("CWE", name) and cell.strip():
            said.append(f"CWE-{cell.strip().removeprefix('CWE-')}")
        elif re.search("level", name, re.IGNORECASE) and cell.strip():
            said.append(f"level {cell.strip()}")
    return f" ({', '.join(said)})" if said else ""
