"""Standards by name and edition: which one a page belongs to, and a control of a catalogue with
what an organisation decides and keeps as evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common
from secarch.dedupe.examples.outline import Page, Part
from secarch.dedupe.examples.record import Record

_BY_URL = (
    (re.compile(r"application-security-verification-standard/(\d\.\d)"), "OWASP ASVS {}"),
    (re.compile(r"/asvs/v?(\d\.\d)"), "OWASP ASVS {}"),
    (re.compile(r"mobile-application-security|/masvs"), "OWASP MASVS"),
    (re.compile(r"sp-?800-53-?r(\d)"), "NIST SP 800-53 Rev. {}"),
    (re.compile(r"sp-?800-171-?r(\d)"), "NIST SP 800-171 Rev. {}"),
)
_BY_TITLE = re.compile(
    r"\b(NIST SP 800-\d+[A-Z]?(?: Rev(?:ision|\.) ?\d)?|"
    r"CIS [A-Z][\w ]{2,40}? Benchmark(?: v[\d.]+)?|"
    r"PCI DSS(?: v?\d[\d.]*)?|ISO/IEC 27\d\d\d(?::\d{4})?|BSI C5(?::\d{4})?|SOC 2|FedRAMP|"
    r"Cloud Controls Matrix(?: v?\d[\d.]*)?|Pod Security Standards|OWASP (?:ASVS|MASVS|SAMM)"
    r"(?: v?\d[\d.]*)?)"
)
SUPERSEDED = frozenset({"OWASP ASVS 4.0"})
"""Editions that a newer one replaced: nobody learns their requirements any more."""
_ASSIGNED = re.compile(r"\[(?:Assignment|Selection)(?: \([^)]*\))?: ")
_EVIDENCE = (
    (r"polic(?:y|ies)|procedures", "the approved document with its owner, date and next review"),
    (r"review(?:s|ed)?|reassess\w*", "the record of the last review: who did it, what was changed"),
    (
        r"accounts?|access|privileges?|roles?|authoriz\w+",
        "an export of accounts or roles, and the approval of each in a drawn sample",
    ),
    (
        r"audit records?|logging|logs?|events?|monitor(?:ing|s)?",
        "a drawn log entry, the retention that is configured, and an alert that was followed up",
    ),
    (
        r"encrypt\w*|cryptograph\w*|certificates?",
        "the configuration in force with algorithm and key length, and the rotation record",
    ),
    (r"train(?:ing|ed)|awareness", "the list of those trained with dates, and the material"),
    (
        r"backups?|recovery|contingency|alternate",
        "the report of the last restore or failover test, with the times that were reached",
    ),
    (
        r"configuration|baselines?|software|components?|inventory",
        "the baseline under version control, and a drift report of the systems in scope",
    ),
    (r"incidents?", "the record of an incident or exercise, from the report to the closure"),
    (
        r"boundar(?:y|ies)|networks?|connections?|information flow",
        "the rules in force, exported, and a test in which a denied flow fails",
    ),
    (r"physical|facilit\w+|visitors?", "the access list of the facility and a sample of its log"),
    (
        r"suppl(?:y|iers?)|acquisition|contracts?|external",
        "the contract clause, and the last assessment of the supplier",
    ),
    (
        r"vulnerabilit\w+|flaws?|patch\w*|scan\w*",
        "the scan report with the time that each finding took to be closed",
    ),
    (
        r"identification|authenticat\w+|authenticators?",
        "the configuration of the identity provider, and a sign-in that was refused",
    ),
    (r"privacy|personally identifiable", "the record of processing with purpose and legal basis"),
    (r"risk|assessments?", "the current assessment with its date, and what was decided on it"),
    (r"media|sanitiz\w+|dispos\w+", "the certificate of sanitization of a drawn medium"),
)
"""Words of a control, and what shows that such a control is met."""
MOST_EVIDENCE = 3


def name_of(page: Page) -> str:
    """'OWASP ASVS 5.0' of a page of that standard; '' if no standard is named."""
    where = page.document.url.lower()
    for pattern, name in _BY_URL:
        if found := pattern.search(where):
            return name.format(*found.groups())
    told = _BY_TITLE.search(page.title) or _BY_TITLE.search(page.product)
    return told[1] if told else ""


def framed(standard: str, name: str, answer: str) -> str:
    """Requirements under the name of their standard, with how they are used."""
    gap = "\n\n" if answer.startswith(("- ", "* ", "1. ", "|")) else " "
    return (
        f"**{standard}, {name}.**{gap}{answer}\n\n**How to use it.** Choose the level by what the "
        "application protects and write the reason down, since it decides which points count. Test "
        "each point on its own and keep the result with the version that was tested: a request "
        "that was refused is stronger proof than a setting that was read. A point that does not "
        "apply needs a reason in writing, not a blank."
    )


def control(
    record: Record,
    statement: Sequence[Part],
    guidance: Sequence[Part],
    related: Sequence[Part],
    seed: str,
) -> Iterator[Draft]:
    """A control of a catalogue as a requirement: what is asked, decided, and shown."""
    standard = name_of(record.page)
    if not standard or not record.ident or not common.quotable(record.name, 16):
        return
    told = " ".join(part.text for part in statement)
    if not told or "Withdrawn" in told[:80]:
        return
    answer, spans = compose(
        [
            (f"Requirement of {record.ident} in {standard}", statement),
            ("How it is meant", common.head(list(guidance), 170)),
            ("Related controls", list(related)),
        ],
        record.page.longest + 60,
    )
    evidence = _evidence(f"{record.name} " * 3 + told)
    if not answer or "**How it is meant" not in answer or not evidence:
        return
    count = len(_ASSIGNED.findall(told))
    decided = (
        f"\n\n**What we decide.** The {count} places in brackets are ours to fill in: write the "
        "values into the policy before an assessor reads it, since an empty one fails."
        if count > 1
        else "\n\n**What we decide.** The place in brackets is ours to fill in: write the value "
        "into the policy before an assessor reads it, since an empty one fails."
        if count
        else ""
    )
    lines = "\n".join(f"- {text[0].upper()}{text[1:]}." for text in evidence)
    yield Draft(
        kind="requirement",
        questions=ask(
            "requirement/control",
            seed + record.ident,
            {"standard": standard, "ident": record.ident, "name": record.name},
        ),
        answer=f"{answer}{decided}\n\n**Evidence that we keep**\n\n{lines}",
        spans=spans,
        about=("compliance control", record.name),
    )


def _evidence(told: str) -> list[str]:
    """What shows that a control is met, by what it speaks of most."""
    counts = [
        (len(re.findall(rf"\b(?:{pattern})\b", told, re.IGNORECASE)), -place, what)
        for place, (pattern, what) in enumerate(_EVIDENCE)
    ]
    return [what for count, _, what in sorted(counts, reverse=True) if count][:MOST_EVIDENCE]
