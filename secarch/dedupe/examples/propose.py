"""All drafts of one page, family by family."""

from __future__ import annotations

from collections.abc import Iterator

from secarch.dedupe.examples import promise
from secarch.dedupe.examples.draft import Draft
from secarch.dedupe.examples.families import (
    choose,
    common,
    controls,
    explain,
    fix,
    passages,
    policies,
    questions,
    refuse,
    standards,
    steps,
    threat,
)
from secarch.dedupe.examples.outline import Page, Section
from secarch.dedupe.examples.record import records


def drafts(page: Page) -> Iterator[Draft]:
    """What a page teaches: first what its records say, then what its sections say; nothing of
    outdated parts.
    """
    seed = page.document.sha256
    labelled: set[int] = set()
    catalogued = bool(standards.name_of(page))
    for record in records(page):
        if common.outdated(page, record.section):
            continue
        catalogued = catalogued or bool(record.facts)
        if record.facts and record.section.level:
            labelled.update(map(id, record.section.walk()))
        for family in (threat, fix, controls, refuse):
            yield from family.from_record(record, f"{seed}:{record.section.level}")
    for section in page.sections():
        if id(section) in labelled or common.outdated(page, section):
            continue
        yield from fix.pairs(page, section, seed)
        yield from policies.policies(page, section, seed)
        yield from controls.requirements(page, section, seed)
        for of in (choose, explain, threat):
            yield from of.from_section(page, section, seed)
        yield from _one_way(page, section, seed, told=not catalogued)


def _one_way(page: Page, section: Section, seed: str, *, told: bool) -> Iterator[Draft]:
    """A section's procedure or question, or the whole passage: never the same text twice."""
    parts = [draft for of in (steps, questions) for draft in of.from_section(page, section, seed)]
    if any(promise.kept(one.kind, one.questions[0][1], one.answer) for one in parts):
        told = False
    whole = list(passages.from_section(page, section, seed)) if told else []
    yield from whole or parts
