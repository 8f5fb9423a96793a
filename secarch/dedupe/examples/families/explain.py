"""Reasons: recommendations with what they buy, advice with its reasoning, checklists with the why
of each point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common
from secarch.dedupe.examples.outline import Page, Part, Section, sentences, table
from secarch.text.finder import Finder
from secarch.text.lexicon import VERBS

_ADVICE = re.compile(
    rf"^(?:do not|don't|never|always|avoid|prefer|consider|{'|'.join(VERBS)})\b[^?]*$|"
    rf"\b(?:should|must|shouldn't|must not)\b",
    re.IGNORECASE,
)
_ADVISES = re.compile(
    r"best practices?|checklist|recommend|guidelines|guidance|hardening|considerations|"
    r"principles|key strategies|"
    r"security (?:requirements|controls|measures)|defen[cs]es?|countermeasures|do'?s\b|"
    r"mitigations?|design review",
    re.IGNORECASE,
)
_REASON = Finder(
    r"\b(?:because|so that|since|prevents?|reduc\w+|ensures?|protects?|helps?|avoids?|"
    r"otherwise|limits?|therefore|leads? to|"
    r"results? in|without|minimi[sz]\w+|mitigat\w+|risk\w*|attack\w*|if (?:an?|the|you|"
    r"your)|in case|enables?|makes?|allows?|"
    r"could|can (?:be|lead|result|cause|expose))\b",
    re.IGNORECASE,
)
_BOLD = re.compile(
    r"^(?:[-*+\u2022] |\d+[.)] )?\*\*([^*\n]{6,160}?)[ \t]*[:.]?\*\*[ "
    r"\t]*(?:[:.\u2013\u2014-][ \t]*)?(.+)",
    re.DOTALL,
)
_BENEFIT = re.compile(
    r"^\**(?:recommendation|approach|practice|control|configuration|guidance|measure|action)s?\**$",
    re.IGNORECASE,
)
_BUYS = re.compile(
    r"^\**(?:\w+ )?(?:benefits?|rationale|reasons?|why|purpose|description|value)\**$",
    re.IGNORECASE,
)
_JUDGED = re.compile(
    r"(?:do not|don't|never|always|avoid|prefer|consider|use|limit|restrict|enforce|require|"
    r"ensure|encrypt|protect|rotate|validate|separate|isolate|minimi[sz]e|disable|enable|apply|"
    r"implement|monitor|treat|keep|harden|verify|deny|grant|store|sign|scan|pin|review|audit)\b",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"^(?:\w+ )?(?:\w+ )?(?:best practices?|checklist|recommendations?|considerations|guidelines)$",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(r"\b(?:benefits?|advantages?|examples?)\b", re.IGNORECASE)
_THRIFT = re.compile(r"\b(?:cost|performance|sustainab\w+|efficiency)\b", re.IGNORECASE)
_UI = Finder(
    r"\b(?:click|tab|button|menu|pane|wizard|select the|dialog|navigate to|sign in|log "
    r"in|drop-?down|portal)\b",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"^(?:why (?:use|choose|you should use|should you use) |"
    r"(?:key |main )?(?:benefits|advantages) of (?:using )?)(.{3,60})$",
    re.IGNORECASE,
)


def from_section(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """Every reason that a section gives."""
    yield from _benefits(page, section, seed)
    yield from _bold_advice(page, section, seed)
    yield from _headed_advice(page, section, seed)
    yield from _checklist(page, section, seed)
    yield from _benefit_of(page, section, seed)


def _benefits(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """Tables of recommendation and benefit: the whole, and each row that says enough."""
    for part in section.parts:
        read = table(part) if part.kind == "table" else None
        if (
            read is None
            or len(read[0]) != 2
            or not _BENEFIT.match(read[0][0])
            or not _BUYS.match(read[0][1])
        ):
            continue
        rows = [(_plain(a), b) for a, b in read[1] if len(a.split()) >= 3 and len(b.split()) >= 5]
        pillar = section.path[-1] if section.path else ""
        if _THRIFT.search(f"{pillar} / {section.heading} / {page.title}"):
            continue
        told = common.about(page, section.heading)
        yield from _whole_table(page, section, part, rows, pillar, seed)
        for advice, why in rows:
            text = f"{why} {_rest(advice)}".strip()
            short = _first(advice)
            if len(why.split()) >= 24 and common.quotable(short, 34) and _ADVICE.search(short):
                yield Draft(
                    kind="explain",
                    questions=ask(
                        "explain/benefit", seed + short, {"name": _stop(short), "about": told}
                    ),
                    answer=text,
                    spans=((part.start, part.end),),
                    about=(pillar, short),
                )


def _whole_table(
    page: Page, section: Section, part: Part, rows: list[tuple[str, str]], pillar: str, seed: str
) -> Iterator[Draft]:
    lines, total = [], 0
    for advice, why in rows:
        line = f"- **{_stop(advice)}** {why}"
        total += len(line.split())
        if total > 330:
            break
        lines.append(line)
    topic = common.topic_of(page)
    name = re.sub(r"\W+", " ", pillar).strip().lower()
    heading = f"{name} settings" if name in ("security", "reliability") else ""
    if len(lines) >= 3 and topic and heading:
        slots = {"heading": heading, "about": f" for {topic}"}
        yield Draft(
            kind="explain",
            questions=ask("explain/benefits", seed + name, slots),
            answer="\n".join(lines),
            spans=((part.start, part.end),),
            about=(pillar, section.heading, topic),
        )


def _plain(text: str) -> str:
    return re.sub(r"\*\*|__", "", text).strip()


def _stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _first(text: str) -> str:
    found = sentences(text)
    return re.sub(r"^\([\w /]{2,24}\)\s*", "", found[0]) if found else ""


def _rest(text: str) -> str:
    return " ".join(sentences(text)[1:])


def _bold_advice(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """Items that begin with advice in bold and go on with the reasoning."""
    bold = [
        part
        for part in section.parts
        if part.kind in ("item", "step", "quote", "paragraph")
        and part.words <= 260
        and "**" in part.raw[:8]
    ]
    if not bold or not _ADVISES.search(" / ".join((page.title, section.heading, *section.path))):
        return
    told = common.about(page, section.heading)
    for part in bold:
        match = _BOLD.match(part.text)
        if match is None:
            continue
        advice, why = match[1].strip(), match[2].strip()
        plain_why = re.sub(r"\n[ \t]+", "\n", why)
        plain_why = plain_why if not plain_why.startswith(("- ", "1. ")) else ""
        good = _ADVICE.match(advice) and not _UI.search(advice) and 3 <= len(advice.split()) <= 22
        if (
            good
            and len(plain_why.split()) >= 32
            and _REASON.search(plain_why)
            and common.quotable(advice)
            and not _UI.search(plain_why)
        ):
            yield Draft(
                kind="explain",
                questions=ask(
                    "explain/advice", seed + advice, {"name": advice.rstrip("."), "about": told}
                ),
                answer=plain_why,
                spans=((part.start, part.end),),
                about=(section.heading, advice),
            )


def _headed_advice(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """A heading that is advice, with the reasoning below it."""
    heading = section.heading
    if not _ADVICE.match(heading) or not 3 <= len(heading.split()) <= 14 or _UI.search(heading):
        return
    if any(part.kind == "step" for part in section.parts):
        return
    parts = section.every_part() if len(section.below) <= 2 else section.parts
    prose = " ".join(part.text for part in parts if part.kind != "code")
    reasons = _REASON.count(prose)
    count = len(prose.split())
    if not count >= 45 or reasons < 2 or reasons < count / 70 or _UI.at_least(2, prose):
        return
    above = " / ".join((page.title, *section.path))
    judged = _JUDGED.match(heading)
    if (
        not (_ADVISES.search(above) or re.search(r"security|owasp", above, re.IGNORECASE))
        or not judged
    ):
        return
    answer, spans = compose(common.told(section, 300), page.longest)
    if answer and common.quotable(heading, 16):
        slots = {"name": heading.rstrip("."), "about": common.about(page, heading)}
        yield Draft(
            kind="explain",
            questions=ask("explain/advice", seed + heading, slots),
            answer=answer,
            spans=spans,
            about=(page.title, heading),
        )


def _checklist(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """Three and more points in bold under a heading that advises, as a checklist with reasons."""
    run = [part for part in section.parts if part.kind in ("item", "step")]
    matched = [m for part in run if (m := _BOLD.match(part.text))]
    told = " / ".join((section.heading, *section.path[-1:]))
    if len(matched) < 3 or len(matched) < 0.8 * len(run) or not _ADVISES.search(told):
        return
    lead = [
        p
        for p in section.parts
        if p.kind == "paragraph" and p.start < run[0].start and p.words < 60
    ]
    answer, spans = compose([("", [*lead[-1:], *common.head(run, 330)])], page.longest)
    generic = _GENERIC.search(section.heading)
    noun = common.topic_of(page) if generic else common.noun_of(page, section.heading)
    do = "" if noun else common.do_of(page, section.heading)
    if noun.split(" ")[0].lower() in VERBS or _EXAMPLES.search(noun):
        noun = ""
    if answer and (noun or do) and answer.count("\n- ") + answer.count("\n1. ") >= 1:
        told = noun or do
        slots = {"noun": noun, "do": do, "where": common.in_product(page, told)}
        wording = "requirement/checklist" if noun else "requirement/checklist_do"
        yield Draft(
            kind="requirement",
            questions=ask(wording, seed + told, slots),
            answer=answer,
            spans=spans,
            about=(section.heading, told),
        )


def _benefit_of(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    match = _WHY.match(section.heading)
    noun = common.noun_of(page, match[1].rstrip("?")) if match else ""
    if not noun or re.match(r"(?:this|these|it)\b", noun):
        return
    answer, spans = compose([("", common.head(section.every_part(), 280))], page.longest)
    if answer and _REASON.at_least(2, answer):
        slots = {"noun": noun, "where": common.in_product(page, noun)}
        yield Draft(
            kind="explain",
            questions=ask("explain/benefit_of", seed + noun, slots),
            answer=answer,
            spans=spans,
            about=(noun,),
        )
