"""Choices: options with what speaks for each, taken from sections, lists and tables that compare
them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from secarch.dedupe.examples.constructed.voice import capital
from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common
from secarch.dedupe.examples.outline import Page, Part, Section, table
from secarch.text.lexicon import VERBS

_CONDITION = re.compile(
    r"\b(?:when (?:you|your|the|an?|to)|if (?:you|your|the|an?)|best for|ideal for|"
    r"suit(?:able|ed|s)|recommended (?:for|when|if)|"
    r"use (?:this|it) (?:when|if)|choose (?:this|it|if|when)|useful (?:when|if|"
    r"for)|appropriate (?:when|if|for)|for (?:workloads|"
    r"applications|scenarios|organi[sz]ations|teams|cases|situations) (?:that|where|"
    r"with)|trade-?offs?|instead of|"
    r"not recommended|drawbacks?|downside|disadvantages?|more (?:secure|expensive|"
    r"complex|control)|less (?:secure|expensive|"
    r"complex|control)|only (?:if|when)|unless)\b",
    re.IGNORECASE,
)
_COLUMN = re.compile(
    r"^(?:when to use|use cases?|use when|use if|best (?:for|suited)|recommended (?:for|"
    r"when|use)|ideal for|pros|cons|advantages?|"
    r"disadvantages?|trade-?offs?|considerations?|benefits?|drawbacks?|limitations?|"
    r"scenarios?|suitab\w+|choose (?:if|when)|"
    r"strengths?|weaknesses|good for|not for|when|impact|cost|complexity|security(?: "
    r"level)?|risk|recommendation)\b",
    re.IGNORECASE,
)
_DECIDES = re.compile(
    r"\b(?:vs\.?|versus|compar\w+|choos\w+|choice|options?|alternatives?|difference|"
    r"which|decid\w+|decision|types? of|"
    r"approach(?:es)?|methods?|models?|modes?|tiers?|strateg(?:y|ies)|select(?:ing)?|"
    r"when to use|patterns?)\b",
    re.IGNORECASE,
)
_BOLD = re.compile(
    r"^(?:[-*+] )?\*\*([^*\n]{3,60}?)[ \t]*[:.]?\*\*[ \t]*(?:[:\u2013\u2014-][ \t]*)?(.+)",
    re.DOTALL,
)
_ORDER = re.compile(
    r"(?:use|enable|ensure|avoid|do|set|define|implement|monitor|limit|apply)\b", re.IGNORECASE
)
_TRADE = re.compile(r"^\W*trade-?offs?\b\W*", re.IGNORECASE)
_WHEN = re.compile(
    r"^when (?:to use|should (?:you|i|we) use|not to use)\s+(.{3,50}?)\??$", re.IGNORECASE
)
_OPTION = re.compile(r"^(?:option \d+|approach \d+|\d+\.)\s*[:.\u2013-]\s*", re.IGNORECASE)


def from_section(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """Every choice that a section offers."""
    yield from _tables(page, section, seed)
    yield from _bold_options(page, section, seed)
    yield from _siblings(page, section, seed)
    yield from _pros_and_cons(page, section, seed)
    yield from _tradeoffs(page, section, seed)
    yield from _when(page, section, seed)


_GENERIC = re.compile(
    r"\b(?:facilitation|overview|recommendations?|considerations?|best practices|"
    r"checklist|examples?|"
    r"trade-?offs?|optimi[sz]ation|efficiency|excellence|"
    r"next steps|architecture|approach(?:es)?|guidance|strateg(?:y|ies))\b|"
    r"^(?:drive|conduct|foster|embrace|right-?size)\b",
    re.IGNORECASE,
)
_FEATURE = re.compile(
    r"^\**(?:pillars?|concerns?|architectural concerns?|characteristics?|propert(?:y|"
    r"ies)|attributes?|fields?|claims?|"
    r"metrics?|parameters?|settings?|aspects?|categor(?:y|ies)|keys?|columns?|quotas?|"
    r"limits?|resources?|"
    r"names?|roles?|permissions?|actions?|events?|status|codes?|errors?|terms?|"
    r"principles?|#|steps?|"
    r"recommendations?|phases?|requirements?|features?)\**$",
    re.IGNORECASE,
)
"""What the first column is called if its cells are features of one thing rather than options."""
_CODE_NAME = re.compile(r"_|[a-z][A-Z]|^[a-z]+-[a-z-]+-|\(\)|^-|/.*/")


def _option(name: str, *, typed: bool = False) -> str:
    """An option's name as it stands in a list of options; '' if it is not a name.

    What is typed (`private_key_jwt`) is an option only in a table that says when to take it.
    """
    if typed and re.fullmatch(r"`?[\w.-]*_[\w.-]*`?", name.strip("* ")):
        return f"`{name.strip('*` ')}`"
    name = _OPTION.sub("", re.sub(r"\*{1,2}|`|__", "", name)).strip(" :._")
    name = re.sub(
        r"\s*\((?:recommended|default|preview|preferred|legacy)\)$", "", name, flags=re.IGNORECASE
    )
    good = (
        1 <= len(name.split()) <= 7
        and not re.search(r"[:;?!\"\[\]{}|<>=]|\.\s|https?:", name)
        and re.match(r"[A-Za-z]", name)
        and not _CODE_NAME.search(name)
    )
    return name if good else ""


def _about(page: Page, section: Section, told: str) -> str:
    """' for key management in Amazon S3': what the choice is about."""
    noun = common.noun_of(page, section.heading)
    if noun and not re.search(
        r"\b(?:options?|types?|compar\w+|choos\w+|overview|summary|which|differences?)\b",
        noun.lower(),
    ):
        return f" for {noun}" + common.in_product(page, told + noun)
    do = common.do_of(page, section.heading)
    if do and not re.match(r"(?:choose|compare|select|decide|understand|review)\b", do):
        return f" to {do}" + common.in_product(page, told + do)
    return common.about(page, told)


def _compared(
    page: Page, section: Section, rows: list[tuple[str, str]], parts: list[Part], seed: str
) -> Iterator[Draft]:
    """Drafts of options with what is said of each: the comparison, and up to two decisions in a
    given case.
    """
    rows = [
        (name if name.startswith("`") else page.casing.heading(name) if name else "", text)
        for name, text in rows
    ]
    names = [name for name, _ in rows]
    if (
        sum(name.split()[0].lower() in VERBS and len(name.split()) > 1 for name in names if name)
        > 0
    ):
        return
    if not 2 <= len(rows) <= 6 or len(set(names)) < len(names) or not all(names):
        return
    lines = [
        f"- **{capital(name)}**{'' if text[:1].islower() else ':'} {text}" for name, text in rows
    ]
    body = parts[0].with_text("\n".join(lines))
    body.kind = "item"
    lead = [p for p in section.parts if p.kind == "paragraph" and p.start < parts[0].start]
    answer, spans = compose(
        [("", [*common.head(lead, 70), body] if lead and lead[0].words < 90 else [body])],
        page.longest,
    )
    if not answer:
        return
    spans = tuple(dict.fromkeys((*spans, *((part.start, part.end) for part in parts))))
    options = common.listed(names)
    slots = {"options": options, "about": _about(page, section, options)}
    about = (section.heading, options)
    yield Draft(
        kind="choose",
        questions=ask("choose/options", seed + options, slots),
        answer=answer,
        spans=spans,
        about=about,
    )


def _tables(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    for part in section.parts:
        read = table(part) if part.kind == "table" else None
        if read is None:
            continue
        head, rows = read
        if _FEATURE.match(head[0]):
            continue
        telling = [n for n, cell in enumerate(head) if n and _COLUMN.match(cell.strip("* "))]
        if not telling or not (
            _DECIDES.search(section.heading)
            or len(telling) >= 2
            or re.match("when|use|best|pros|choose|ideal", head[telling[0]].strip("* ").lower())
        ):
            continue
        found = []
        for row in rows:
            told = [
                f"{head[n].strip('* ')}: {row[n]}"
                for n in range(1, len(head))
                if row[n] and row[n] != "-"
            ]
            found.append((_option(row[0], typed=True), _sentenced(told)))
        if all(len(text.split()) >= 6 for _, text in found):
            yield from _compared(page, section, found, [part], seed)


def _sentenced(told: list[str]) -> str:
    return " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in told)


def _bold_options(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """A list whose items are options in bold, most of them with a condition."""
    run: list[Part] = [part for part in section.parts if part.kind in ("item", "step")]
    read = (_BOLD.match(part.text.replace("\n", " ")) for part in run)
    matched = list(itertools.takewhile(bool, read)) if len(run) >= 2 else []
    if not matched or len(matched) < len(run):
        return
    rows = [(_option(m[1]), m[2].strip()) for m in matched if m]
    conditions = sum(bool(_CONDITION.search(text)) for _, text in rows)
    decides = bool(_DECIDES.search(section.heading))
    told = conditions >= (len(rows) + 1) // 2 and (decides or conditions == len(rows))
    orders = any(_ORDER.match(name) for name, _ in rows)
    if told and not orders:
        yield from _compared(page, section, rows, run, seed)


def _siblings(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """Subsections that are options: under a heading that decides, each with a condition."""
    below = section.below
    if not 2 <= len(below) <= 5 or not _DECIDES.search(section.heading):
        return
    rows, parts = [], []
    for option in below:
        prose = [
            p
            for p in option.every_part()
            if p.kind in ("paragraph", "item") and p.text and not p.text.endswith(":")
        ]
        telling = [p for p in prose if _CONDITION.search(p.text)] or prose[:1]
        kept = common.head(
            sorted({id(p): p for p in [*prose[:1], *telling]}.values(), key=lambda p: p.start), 90
        )
        rows.append(
            (
                _option(option.heading),
                " ".join(re.sub(r"^[-*+] ", "", p.text).replace("\n", " ") for p in kept),
            )
        )
        parts += kept
    conditions = sum(bool(_CONDITION.search(text)) for _, text in rows)
    if (
        conditions >= 2
        and conditions >= len(rows) - 1
        and all(len(text.split()) >= 10 for _, text in rows)
    ):
        yield from _compared(page, section, rows, parts, seed)


_PROS = re.compile(r"(?:pros|advantages?|benefits|strengths)\b")
_CONS = re.compile(r"(?:cons|disadvantages?|drawbacks|limitations|weaknesses)\b")


def _pros_and_cons(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    pros = next(
        (s for s in section.below if _PROS.match(s.heading.lower())),
        None,
    )
    cons = next(
        (s for s in section.below if _CONS.match(s.heading.lower())),
        None,
    )
    if pros is None or cons is None:
        return
    noun = common.noun_of(page, section.heading) or common.topic_of(page)
    lead = common.head(section.parts, 90) if section.parts else []
    answer, spans = compose(
        [("", lead), ("In favour", pros.parts), ("Against", cons.parts)], page.longest
    )
    if answer and noun and "**Against" in answer:
        slots = {"noun": noun, "where": common.in_product(page, noun)}
        yield Draft(
            kind="choose",
            questions=ask("choose/proscons", seed + noun, slots),
            answer=answer,
            spans=spans,
            about=(noun,),
        )


_TRADED = re.compile(r"(?:\w+ ){0,2}(?:design )?trade-?offs?(?: with .+)?", re.IGNORECASE)


def _tradeoffs(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """A section of trade-offs, or a trade-off that is named while something is recommended."""
    if _TRADED.fullmatch(section.heading):
        parts = [p for p in section.every_part() if p.kind != "code"]
        answer, spans = compose([("", common.head(parts, 330))], page.longest)
        pillar = re.search(r"^([\w ]+?) trade-?offs? with (.+)$", section.heading, re.IGNORECASE)
        noun = (
            f"{pillar[1].lower()} at the expense of {pillar[2].lower()}"
            if pillar
            else re.sub(r"\s+trade-?offs?$", "", common.topic_of(page), flags=re.IGNORECASE)
        )
        if answer and noun and len(answer.split()) >= 60:
            slots = {"noun": noun, "about": common.in_product(page, noun)}
            yield Draft(
                kind="choose",
                questions=ask("choose/tradeoffs", seed + noun, slots),
                answer=answer,
                spans=spans,
                about=(noun,),
            )
        return
    traded = [
        p
        for p in section.parts
        if p.kind in ("paragraph", "quote")
        and p.words >= 18
        and _TRADE.match(p.text.replace("*", ""))
    ]
    if not traded:
        return
    do = common.do_of(page, section.heading)
    noun = "" if do else common.noun_of(page, section.heading)
    noun = "" if _GENERIC.search(noun) or noun.split(" ")[0].lower() in VERBS else noun
    if do or noun:
        first = [
            p
            for p in section.parts
            if p.kind == "paragraph" and p not in traded and p.start < traded[0].start
        ]
        weighed = [p.with_text(capital(_TRADE.sub("", p.text.replace("**", "")))) for p in traded]
        answer, spans = compose(
            [("What it brings", common.head(first, 150)), ("The trade-off", weighed)], page.longest
        )
        if answer and "**The trade-off" in answer:
            told = do or noun
            slots = {"do": do, "noun": noun, "where": common.in_product(page, told)}
            slots["about"] = slots["where"]
            wording = "choose/tradeoff_do" if do else "choose/tradeoffs"
            yield Draft(
                kind="choose",
                questions=ask(wording, seed + told, slots),
                answer=answer,
                spans=spans,
                about=(do,),
            )


def _when(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """'When to use X', with the reasons for and against."""
    match = _WHEN.match(section.heading)
    if match is None or re.match(r"(?:it|this|these|which|each)\b", match[1].lower()):
        return
    answer, spans = compose(
        [("", common.head([p for p in section.every_part() if p.kind != "code"], 300))],
        page.longest,
    )
    noun = page.casing.text(match[1])
    if answer and _CONDITION.search(answer):
        slots = {"noun": noun, "where": common.in_product(page, noun)}
        yield Draft(
            kind="choose",
            questions=ask("choose/when", seed + noun, slots),
            answer=answer,
            spans=spans,
            about=(noun,),
        )
