"""Fixes: an insecure state and its correction, from what scanners, policy libraries and guides
show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from secarch.dedupe.examples.code_language import language
from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common
from secarch.dedupe.examples.outline import Page, Part, Section, sentences
from secarch.dedupe.examples.record import Record

_BAD = re.compile(
    r"\b(?:insecure|vulnerable|non-?\s?compliant|bad|wrong|incorrect|unsafe|flawed|"
    r"don'?t|do not|avoid|anti-?pattern|"
    r"susceptible|weak)\b",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"\b(?:secure|compliant|good|correct|safe|fixed|instead|better|properly|prevents?|"
    r"recommended|mitigat\w+|"
    r"corrected|hardened)\b",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"^(?:error|warning|suggestion|general warning|security warning)\b\s*[-\u2013:]?\s*",
    re.IGNORECASE,
)


def from_record(record: Record, seed: str) -> Iterator[Draft]:
    """One draft for each form in which a record shows its fix, or one for a fix in words."""
    yield from _variants(record, seed)
    if not any(role == "fix" for role, _, _ in record.variants) and record.text("fix"):
        yield from _remedy(record, seed)


def _variants(record: Record, seed: str) -> Iterator[Draft]:
    told = record.text("describe", "lead")
    risk = record.roles.get("risk") or told
    plain = [part for part in record.roles.get("fix", []) if part.kind != "code"]
    if not risk:
        return
    coded = 0
    for role, variant, parts in record.variants:
        if role != "fix" or not any(part.kind in ("code", "step") for part in parts):
            continue
        coded += any(part.kind == "code" for part in parts)
        if coded > MOST_FORMS:
            return
        named = _form(variant, parts)
        blocks = [
            ("Risk", common.head(risk, 130)),
            ("Principle", common.head(plain, 90)),
            (f"Fix ({named})" if named else "Fix", [_filled(part) for part in parts]),
        ]
        answer, spans = compose(blocks, record.page.longest)
        questions = _asked(record, parts, named, seed + variant)
        if answer and questions:
            if any(part.kind == "code" for part in parts):
                answer += f"\n\n**Check.** {_checked(named)}"
            yield Draft(
                kind="fix", questions=questions, answer=answer, spans=spans, about=(record.name,)
            )


MOST_FORMS = 2
"""Forms of one fix in code; further ones would say the same risk again."""
_HOLE = re.compile(r"<([A-Za-z][\w ./-]{0,48})>")
_TYPED = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*(?:hcl|terraform|bicep|tf)\b")
_CHECKED = {
    "Terraform": "Read `terraform plan` first: the change has to be in place, since a replacement "
    "of the resource means downtime or lost data. ",
    "Bicep": "Run `az deployment group what-if` first, and deploy only if nothing else changes. ",
    "CloudFormation": "Look at the change set first: a replacement of the resource means downtime "
    "or lost data. ",
    "the CLI": "Read the setting back with the matching show or describe command. ",
}


def _filled(part: Part) -> Part:
    """Declarations with names in place of holes such as <example_resource_name>, which no parser
    takes; commands keep theirs, since a reader has to fill them in.
    """
    if part.kind != "code" or not _TYPED.match(part.text):
        return part
    text = _HOLE.sub(lambda hole: _name(hole[1]), part.text)
    return part.with_text(text)


def _name(hole: str) -> str:
    words_ = re.findall(r"[a-z0-9]+", hole.lower())
    short = [word for word in words_ if word not in ("example", "your", "resource", "my", "the")]
    return "_".join(["example", *(word for word in short if word != "name")])


def _checked(named: str) -> str:
    """How to see that the finding is closed."""
    before = _CHECKED.get(named, "Try the change outside production first. ")
    made = "Names that begin with `example` stand for yours. " if named in _CHECKED else ""
    return (
        f"{before}{made if named != 'the CLI' else ''}Then run the scan again: the finding "
        "has to close for this resource, and no new one may open."
    )


_FORMS = {
    "cli": "the CLI",
    "terraform": "Terraform",
    "cloudformation": "CloudFormation",
    "other": "the console",
    "console": "the console",
    "bicep": "Bicep",
    "arm": "an ARM template",
    "kubernetes": "a manifest",
    "helm": "Helm",
    "pulumi": "Pulumi",
    "powershell": "PowerShell",
    "gcloud": "gcloud",
    "yaml": "YAML",
}


def _form(variant: str, parts: list[Part]) -> str:
    """What a fix is written in, from its heading, else from its code."""
    if known := _FORMS.get(variant.lower()):
        return known
    code = next((part.raw for part in parts if part.kind == "code"), "")
    info = re.match(r"[ \t]*(?:`{3,}|~{3,})[ \t]*(\w+)", code)
    return _FORMS.get(info[1].lower(), "") if info else ""


def _asked(record: Record, parts: list[Part], named: str, seed: str) -> tuple[tuple[str, str], ...]:
    given = (
        f" with {named}" if named and named != "the console" else " in the console" if named else ""
    )
    given = given.replace("with a", "with a").replace("with the CLI", "from the CLI")
    name = record.name
    told = " ".join(p.text for p in record.text("lead", "describe")[:3])
    where = common.on_provider(
        common.provider(
            record.page, told, name, *record.facts.values(), record.facts.get("Provider", "")
        ),
        name,
    )
    if record.ident and len(name.split()) <= 3:
        first = next((part.text for part in parts if part.kind == "paragraph"), "")
        do = common.do_of(record.page, first.rstrip(".")) if len(sentences(first)) == 1 else ""
        if not do:
            return ()
        service = re.sub(r"^(?:aws|azure|google|gcp) ", "", name, flags=re.IGNORECASE)
        known = common.names(do, service) or service == name
        on = common.on_provider(common.provider(record.page, name), do)
        place = f"{'' if known else f' for {service}'}{on}"
        slots = {"do": do, "place": place, "ident": record.ident, "with": given}
        return ask("fix/do", seed + do, slots)
    if not common.quotable(name, 30) or len(name.split()) < 3:
        return ()
    return ask("fix/check", seed + name, {"name": name, "where": where, "with": given})


def _remedy(record: Record, seed: str) -> Iterator[Draft]:
    told = record.text("lead", "describe")
    name = record.name
    blocks = [
        ("Cause" if _ERROR.match(name) else "What is wrong", common.head(told, 180)),
        ("Fix", common.head(record.text("fix"), 200)),
    ]
    answer, spans = compose(blocks, record.page.longest)
    technique = record.facts.get("Platforms") or record.facts.get("Tactics")
    if (
        technique
        or not answer
        or not told
        or "**Fix" not in answer
        or not common.quotable(name, 30)
    ):
        return
    where = common.in_product(record.page, name)
    if _ERROR.match(name):
        slots = {"name": _ERROR.sub("", name), "where": where}
        yield Draft(
            kind="fix",
            questions=ask("fix/error", seed + name, slots),
            answer=answer,
            spans=spans,
            about=(name,),
        )
    elif record.facts and len(name.split()) >= 4:
        where = common.on_provider(
            common.provider(
                record.page, name, *record.facts.values(), record.facts.get("Provider", "")
            ),
            name,
        )
        slots = {"name": name, "where": where}
        yield Draft(
            kind="fix",
            questions=ask("fix/remedy", seed + name, slots),
            answer=answer,
            spans=spans,
            about=(name,),
        )


def pairs(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """Bad code and its correction: in sections called so, or in one section where the words before
    each say so.
    """
    parts = section.every_part() if _below_are_pair(section) else section.parts
    found = list(_coded(section, parts))
    bad = next((item for item in found if item[0] == "bad"), None)
    good = next(
        (item for item in found if item[0] == "good" and bad and item[1].start > bad[1].start), None
    )
    if bad is None or good is None or bad[1].words > 220 or good[1].words > 260 or bad[1].words < 6:
        return
    flaw = [part for part in (*bad[2], *bad[3]) if part.words >= 8]
    fixed = [*good[2], good[1], *good[3]]
    answer, spans = compose(
        [("The flaw", common.head(flaw, 130)), ("Corrected", fixed)], page.longest
    )
    topic = (
        common.topic_of(page)
        if section is page.top or len(section.heading.split()) < 2
        else section.heading
    )
    topic = re.sub(r"^\w+-?\d+:\s*", "", topic)
    lang = re.sub(r"^an? ", "", language(bad[1].raw))
    if not answer or not flaw or not topic or lang == "code sample":
        return
    slots = {"lang": lang, "topic": topic, "code": bad[1].raw.strip()}
    yield Draft(
        kind="fix",
        questions=ask("fix/pair", seed + topic, slots),
        answer=answer,
        spans=spans,
        about=(topic,),
    )


def _below_are_pair(section: Section) -> bool:
    heads = " / ".join(below.heading for below in section.below)
    return bool(_BAD.search(heads) and _GOOD.search(heads))


Coded = tuple[str, Part, list[Part], list[Part]]
"""bad or good, the code, the prose before it and the prose after it."""


def _coded(section: Section, parts: list[Part]) -> Iterator[Coded]:
    if _below_are_pair(section):
        for below in section.below:
            role = (
                "bad"
                if _BAD.search(below.heading)
                else "good"
                if _GOOD.search(below.heading)
                else ""
            )
            at = next((n for n, part in enumerate(below.parts) if part.kind == "code"), None)
            if role and at is not None:
                prose = [
                    p for p in below.parts[:at] if p.kind == "paragraph" and not _file_name(p.text)
                ]
                yield (
                    role,
                    below.parts[at],
                    prose,
                    [p for p in below.parts[at + 1 :] if p.kind == "paragraph"],
                )
        return
    for n, part in enumerate(parts):
        if part.kind != "code" or n == 0 or parts[n - 1].kind not in ("paragraph", "item"):
            continue
        before = parts[n - 1]
        is_bad, is_good = bool(_BAD.search(before.text)), bool(_GOOD.search(before.text))
        if is_bad != is_good:
            after = parts[n + 1] if n + 1 < len(parts) else None
            tail = (
                [after]
                if after and after.kind == "paragraph" and not after.text.endswith(":")
                else []
            )
            yield "bad" if is_bad else "good", part, [before], tail


def _file_name(text: str) -> bool:
    return bool(re.fullmatch(r"[_*`]*[\w.-]+\.\w{1,6}:?[_*`]*:?", text.strip()))
