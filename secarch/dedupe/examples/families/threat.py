"""Threats: how an attack works, what it needs, which controls break it, how it shows, what
remains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common, tactic, technique
from secarch.dedupe.examples.outline import Page, Part, Section, table
from secarch.dedupe.examples.record import Record

_ATTACK = re.compile(
    r"\b(?:attack\w*|adversar\w+|threat actors?|malicious|exploit\w*|compromis\w+|"
    r"steal\w*|exfiltrat\w+|"
    r"hijack\w*|spoof\w*|brute.force|injection|malware|ransomware|phishing|"
    r"unauthori[sz]ed|intruder\w*)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(r",\s*([A-Z]{1,4}\d[\w.]*)$")
_ENDED = re.compile(r"\bEMET\b|Enhanced Mitigation Experience Toolkit|Internet Explorer")
"""Products that sources still name and nobody maintains any more."""
_CITED = re.compile(r"\b(?:APT\d+|FIN\d+|[A-Z][a-z]+ (?:Spider|Panda|Bear|Kitten))\b")
_SENSORS = (
    ("guardduty", "Amazon GuardDuty"),
    ("defender-for-cloud", "Microsoft Defender for Cloud"),
    ("sentinel", "Microsoft Sentinel"),
    ("falco", "Falco"),
    ("securityhub", "AWS Security Hub"),
    ("security-command-center", "Security Command Center"),
    ("inspector", "Amazon Inspector"),
    ("macie", "Amazon Macie"),
)
_SENSED = re.compile(
    r"\b(?:finding|alert|detect(?:ed|s|ion)|indicat(?:es|ing|or))\b", re.IGNORECASE
)
_WARNS = re.compile(
    r"^\W*(?:warning|caution|danger|important|security (?:note|warning|risk))\b\W*",
    re.IGNORECASE,
)
_DANGER = re.compile(
    r"\b(?:attack\w*|malicious|compromis\w+|unauthori[sz]ed|expos\w+|leak\w*|"
    r"public(?:ly)?|insecure|vulnerab\w+|"
    r"intercept\w*|anyone|lose access|lost|permanently|irreversib\w+|cannot be (?:undone|"
    r"recovered)|escalat\w+|"
    r"risk\w*|unrecoverable|plaintext|credentials?)\b",
    re.IGNORECASE,
)


def from_record(record: Record, seed: str) -> Iterator[Draft]:
    """Threats of one record: a technique, a finding, an incident, or the risk of a check that
    fails.
    """
    attacked = len(_ATTACK.findall(" ".join(part.text for part in record.section.parts[:6])))
    incident = _incident(record, seed)
    if incident:
        yield incident
    elif record.facts.get("Platforms") or record.facts.get("Tactics"):
        yield from _technique(record, seed)
    elif (sensor := sensor_of(record)) and attacked + len(_SENSED.findall(record.name)) >= 1:
        yield from _finding(record, sensor, seed)
    elif record.roles.get("risk") and record.text("fix"):
        yield from _risk(record, seed)
    elif record.text("fix") and attacked >= 3 and record.text("lead", "describe"):
        yield from _weakness(record, seed)


def sensor_of(record: Record) -> str:
    """The product that raises this record as a finding; '' if none does."""
    url = record.page.document.url.lower()
    if not re.search(r"finding|alert|detection|rules", url) or re.search(
        r"format|schema|manage|setting", url
    ):
        return ""
    return next((name for part, name in _SENSORS if part in url), "")


def _technique(record: Record, seed: str) -> Iterator[Draft]:
    tail = _TAIL.search(record.name)
    name = _TAIL.sub("", record.name)
    works = common.head(
        [
            p
            for p in record.text("lead", "describe")
            if p.kind == "paragraph" and "**" not in p.text[:3]
        ],
        190,
    )
    controls = [part for part in record.text("fix") if not _ENDED.search(part.text)]
    if not works or not controls:
        return
    applies = record.facts.get("Platforms", "")
    tactics = record.facts.get("Tactics", "").replace("-", " ")
    where = works[0].with_text(_sentence_of(applies, tactics)) if applies or tactics else None
    blocks = [
        ("How the attack works", [_plain(part) for part in works]),
        ("Where it applies", [where] if where else []),
        ("Controls", [_plain(_named(part)) for part in controls]),
        ("Detection", common.head(record.text("detect"), 120)),
    ]
    answer, spans = compose(blocks, record.page.longest)
    own = technique.known(tail[1]) if tail else None
    if answer and (first := own or tactic.watched(tactics)):
        seen = "" if "**Detection" in answer else f"\n\n**Detection.** {first.watch}"
        answer += f"{seen}\n\n**What remains.** {first.left}"
    slots = {"name": name, "ident": f" ({tail[1]})" if tail else ""}
    if answer and common.quotable(name):
        yield Draft(
            kind="threat",
            questions=ask("threat/technique", seed + name, slots),
            answer=answer,
            spans=spans,
            about=(name, "attack technique"),
        )


def _plain(part: Part) -> Part:
    """Without the tags of code that a conversion left."""
    text = re.sub(r"</?code>", "`", part.text)
    return part.with_text(text) if text != part.text else part


def _sentence_of(platforms: str, tactics: str) -> str:
    said = f"Platforms: {platforms}." if platforms else ""
    return f"{said} It serves {tactics}.".strip() if tactics else said


def _named(part: Part) -> Part:
    """'M1047 Audit: ...' as '**Audit (M1047):** ...'."""
    text = re.sub(r"^[-*+] (M\d{4}) ([^:\n]{3,60}): ", r"- **\2 (\1):** ", part.text)
    return part.with_text(text) if text != part.text else part


def _finding(record: Record, sensor: str, seed: str) -> Iterator[Draft]:
    told = [
        p
        for p in record.text("lead", "describe")
        if not re.fullmatch(r"\W*\(?[\w.]+\)?\W*", p.text)
    ]
    severity = record.facts.get("Severity") or record.facts.get("Default severity", "")
    tactics = record.facts.get("MITRE ATT&CK tactics", "")
    facts = [
        f"Severity: {severity}." if severity else "",
        f"MITRE ATT&CK tactics: {tactics}." if tactics else "",
    ]
    rated = [told[0].with_text(" ".join(filter(None, facts)))] if told and any(facts) else []
    fix = record.text("fix")
    answer, spans = compose(
        [
            ("What it indicates", common.head(told, 220)),
            ("Rating", rated),
            ("Response", common.head(fix, 200)),
        ],
        record.page.longest,
    )
    name = _alert_name(record)
    if answer and common.quotable(name):
        slots = {"name": name, "source": sensor}
        wording = "threat/finding" if fix else "threat/alert"
        yield Draft(
            kind="threat",
            questions=ask(wording, seed + name, slots),
            answer=answer,
            spans=spans,
            about=("detection alert", name),
        )


def _alert_name(record: Record) -> str:
    """The finding's type, if the heading is only a sentence about it."""
    above = record.section.path[-1] if record.section.path else ""
    return above if re.fullmatch(r"[A-Z]\w+:[\w/.!&-]+", above) else record.name


def _incident(record: Record, seed: str) -> Draft | None:
    if not record.roles.get("risk") or "compromise" not in record.page.document.url:
        return None
    kinds = [
        s for s in record.section.below if s.heading.lower().startswith(("type of", "attack type"))
    ]
    impact = [
        p for s in record.section.below if s.heading.lower().startswith("impact") for p in s.parts
    ]
    classed = [p for s in kinds for p in s.parts]
    answer, spans = compose(
        [
            ("What happened", record.text("lead")),
            ("Impact", common.head(impact, 140)),
            ("Type of compromise", classed),
        ],
        record.page.longest,
    )
    if not answer or not record.text("lead") or not classed or not common.quotable(record.name):
        return None
    return Draft(
        kind="threat",
        questions=ask("threat/incident", seed, {"name": record.name}),
        answer=answer,
        spans=spans,
        about=("supply chain", record.name),
    )


def _risk(record: Record, seed: str) -> Iterator[Draft]:
    answer, spans = compose(
        [
            ("Threat", common.head(record.roles["risk"], 170)),
            ("Control", common.head([p for p in record.text("fix") if p.kind != "code"], 170)),
            ("Detection", common.head(record.text("detect"), 100)),
        ],
        record.page.longest,
    )
    told = " ".join(part.text for part in record.text("describe", "lead"))
    name = record.name
    where = common.on_provider(
        common.provider(
            record.page, told, name, *record.facts.values(), record.facts.get("Provider", "")
        ),
        name,
    )
    if answer and common.quotable(name, 30) and (_NAMED.search(name) or len(name.split()) >= 3):
        named = _NAMED.search(name) and not record.facts
        slots = {"name": name, "where": where, "about": common.about(record.page, name)}
        wording = "threat/named" if named else "threat/risk"
        yield Draft(
            kind="threat",
            questions=ask(wording, seed + name, slots),
            answer=answer,
            spans=spans,
            about=(name,),
        )


def _weakness(record: Record, seed: str) -> Iterator[Draft]:
    answer, spans = compose(
        [
            ("Weakness", common.head(record.text("describe", "lead"), 190)),
            ("Impact", common.head(record.roles.get("risk", []), 100)),
            ("Defence", common.head(record.text("fix"), 190)),
        ],
        record.page.longest,
    )
    name = re.sub(r"^(?:testing|test) for ", "", record.name, flags=re.IGNORECASE)
    name = re.sub(r"\s+(?:prevention )?cheat sheet$", "", name, flags=re.IGNORECASE)
    if (
        answer
        and common.quotable(name, 12)
        and not re.match(r"(?:introduction|security|overview)\b", name.lower())
    ):
        yield Draft(
            kind="threat",
            questions=ask("threat/weakness", seed + name, {"name": name}),
            answer=answer,
            spans=spans,
            about=(name, "attack"),
        )


def from_section(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """What a section says of a threat: by its heading, in a table, or as warnings."""
    yield from _named_threat(page, section, seed)
    yield from _matrix(page, section, seed)
    yield from _warnings(page, section, seed)


_NAMED = re.compile(
    r"\b(?:attacks?|injection|hijack\w*|spoof\w*|poisoning|leak(?:s|age)?|exposure|bypass(?:es)?|"
    r"escalation|forgery|tampering|phishing|brute.?force|credential stuffing|denial.of.service|"
    r"confused deputy|ssrf|xxe|csrf|xss|takeover|exfiltration|compromised?|malicious|threats?|"
    r"vulnerabilit(?:y|ies)|smuggling|replay|man.in.the.middle|mitm|clickjacking|traversal|"
    r"deserialization|rebinding|squatting|typosquatting|dependency confusion|breakout|escape|"
    r"lateral movement|insider|ransomware|eavesdropping|impersonation|enumeration|"
    r"misconfigurations?|"
    r"shadow \w+|sprawl|over-?privileged?|excessive \w+)\b",
    re.IGNORECASE,
)
_DEFENDS = re.compile(
    r"\b(?:should|must|use|enable|restrict|validate|prevent\w*|mitigat\w+|ensure|enforce|limit|"
    r"require|verify|avoid|disable|sanitize|encrypt|block|monitor|detect|isolate|rotate|reject)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"^(?:testing|test|how|what|why|when|list|example|types?|overview|mitigat)", re.IGNORECASE
)


_NUMBERED = re.compile(r"^(?:(?:section|chapter|part) \d+:?|\d+[.)]|[A-Z]\d+:?)\s*", re.IGNORECASE)


def _named_threat(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """A section whose heading names a threat, and that says how it works and what answers it."""
    name = _NUMBERED.sub("", section.heading)
    if not _NAMED.search(name) or not common.quotable(name, 9) or _ASKED.match(name) or "?" in name:
        return
    body = [
        (label, [part for part in parts if part.kind != "table"])
        for label, parts in common.told(section, 330)
    ]
    prose = " ".join(part.text for _, parts in body for part in parts if part.kind != "code")
    attacks, defends = len(_ATTACK.findall(prose)), len(_DEFENDS.findall(prose))
    if not len(prose.split()) >= 60 or attacks < 2 or defends < 2 or common.do_of(page, name):
        return
    answer, spans = compose(body, page.longest)
    if answer:
        slots = {"name": name, "about": common.about(page, name)}
        yield Draft(
            kind="threat",
            questions=ask("threat/named", seed + name, slots),
            answer=answer,
            spans=spans,
            about=(name, "attack"),
        )


def _matrix(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """A table of threats and what answers each, as a list."""
    for part in section.parts:
        read = table(part) if part.kind == "table" else None
        if read is None or not common.quotable(section.heading, 12):
            continue
        head, rows = read
        threat = _column(head, r"threats?|risks?|attacks?|vulnerabilit(?:y|ies)|attack vectors?")
        answers = _column(
            head, r"mitigations?|controls?|countermeasures?|defen[cs]es?|remediation|response"
        )
        if threat is None or answers is None:
            continue
        lines = [f"- **{row[threat].strip('*. ')}**: {row[answers]}" for row in rows]
        lines = [line for line in lines if len(line.split()) >= 8][:10]
        listed = part.with_text("\n".join(lines))
        listed.kind = "item"
        answer, spans = compose([("", [listed])], page.longest)
        if answer and len(lines) >= 2:
            slots = {"name": section.heading, "about": common.about(page, section.heading)}
            yield Draft(
                kind="threat",
                questions=ask("threat/matrix", seed + section.heading, slots),
                answer=answer,
                spans=spans,
                about=(section.heading, "threat model"),
            )


def _column(head: list[str], pattern: str) -> int | None:
    found = (
        n for n, cell in enumerate(head) if re.fullmatch(pattern, cell.strip("* "), re.IGNORECASE)
    )
    return next(found, None)


def _warnings(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """The warnings of a section that says how to do something."""
    do = common.do_of(page, section.heading) or (
        common.do_of(page, section.path[-1])
        if section.path and len(section.heading.split()) < 3
        else ""
    )
    if not do:
        return
    warned = [
        _unmarked(part)
        for part in section.parts
        if _WARNS.match(part.text) and len(_DANGER.findall(part.text)) >= 2
    ]
    total = sum(part.words for part in warned)
    if not warned or not 30 <= total <= 250:
        return
    answer, spans = compose([("", warned)], page.longest)
    if answer:
        slots = {"do": do, "where": common.in_product(page, do)}
        yield Draft(
            kind="threat",
            questions=ask("threat/warning", seed + do, slots),
            answer=answer,
            spans=spans,
            about=(do,),
        )


def _unmarked(part: Part) -> Part:
    text = _WARNS.sub("", part.text).strip()
    return part.with_text(text[:1].upper() + text[1:])
