"""All drafts of one page, family by family."""

from __future__ import annotations

from collections.abc import Iterator

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
    steps,
    threat,
)
from secarch.dedupe.examples.outline import Page
from secarch.dedupe.examples.record import records


def drafts(page: Page) -> Iterator[Draft]:
    """What a page teaches: first what its records say, then what its sections say; nothing of
    outdated parts.
    """
    seed = page.document.sha256
    labelled: set[int] = set()
    catalogued = False
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
        for of in (choose, explain, threat, steps, questions):
            yield from of.from_section(page, section, seed)
        if not catalogued:
            yield from passages.from_section(page, section, seed)
