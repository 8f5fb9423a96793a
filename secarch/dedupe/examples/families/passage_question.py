"""What a passage is asked: family, template and slots, from its heading and those above it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from secarch.dedupe.examples.code_language import language
from secarch.dedupe.examples.families import common
from secarch.dedupe.examples.outline import Page, Section
from secarch.dedupe.examples.pattern_tables import patterns
from secarch.text.lexicon import VERBS

RISKY = 4
"""Words about attacks from which a passage about a thing is a threat."""
_GENERIC = re.compile(
    r"(?:key |main |security |design |general |important |common |additional )*"
    r"(?:overview|introduction|concepts?|considerations?|best practices|recommendations?|"
    r"guidelines|guidance|limitations?|limits|restrictions|quotas|caveats|requirements|security|"
    r"how it works|architecture|features|benefits|usage|details|summary|background|description|"
    r"about|scenarios?|use cases?|things to know|how to use|configuration|setup|context|"
    r"remediation|mitigations?|preventions?|countermeasures?|defen[cs]es?|solutions?|risks?|"
    r"rationale|impact|threats?|notes?|warnings?|problem|purpose|objectives?|options?|"
    r"key (?:points|takeaways|principles))",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[A-Za-z]*[a-z][A-Z]\w*|[\w.]+_\w+|--?\w[\w-]*|v?\d[\w.]*")
"""The name of a field, a flag or a version rather than of a thing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question before its words are chosen."""

    kind: str
    wording: str
    slots: Mapping[str, str]
    label: str
    """Its subject, as it stands above the answer."""


@dataclass(frozen=True, slots=True)
class _Above:
    """What the headings above a section are about; '' if they name nothing plainly."""

    name: str = ""
    acting: bool = False
    """Whether it is something that is done."""


def of(page: Page, section: Section) -> Asked | None:
    """What is asked of a section; None if its heading fits no question."""
    heading = section.heading if section.level else page.title
    above = _subject_above(page, section)
    if _GENERIC.fullmatch(heading.strip(" :.")):
        return _generic(heading, above, page.product)
    do = common.do_of(page, heading)
    if do and len(do.split()) >= 3:
        near = above if len(do.split()) < 4 else _Above()
        return _doing(section, do, _where(do, near, page.product), page.product)
    return _thing(page, section, common.noun_of(page, heading), above)


def _thing(page: Page, section: Section, noun: str, above: _Above) -> Asked | None:
    if not _names_something(noun):
        return None
    noun = _with_article(noun)
    where = _where(noun, above, page.product)
    if not where and len(noun.split()) < 2 and noun.lower() == noun:
        return None
    label = _label(noun, page.product)
    slots = {"noun": noun, "where": where}
    told = " ".join(part.text for part in section.parts)
    if patterns("passages")["risk"].at_least(RISKY, told):
        return Asked("threat", "passage/risk", slots, label)
    code = [part for part in section.parts if part.kind == "code"]
    if code and (lang := language(code[0].raw)) != "a code sample":
        return Asked("howto", "passage/code", {**slots, "lang": lang}, label)
    return Asked("explain", "passage/concept", slots, label)


def _names_something(noun: str) -> bool:
    return (
        len(noun) > 3
        and noun.split(" ", maxsplit=1)[0].lower() not in VERBS
        and not _FIELD.fullmatch(noun)
        and noun[0] not in "\"'`"
    )


def _generic(heading: str, above: _Above, product: str) -> Asked | None:
    """'Limitations' and the like are about what the heading above or the page is about."""
    if not above.name:
        return None
    told = heading.lower()
    slots = {"noun": above.name, "where": _where(above.name, _Above(), product)}
    label = _label(above.name, product)
    if re.search(r"remed|mitigat|prevent|counter|defen|solution|risk|impact|threat", told):
        return Asked("threat", "passage/risk", slots, label)
    if re.search(r"limit|restrict|quota|caveat|consideration|requirement|know", told):
        return Asked("reference", "passage/limits", slots, label)
    if re.search(r"practice|recommend|guid|security", told):
        return Asked("requirement", "passage/practice", slots, label)
    return Asked("explain", "passage/concept", slots, label)


def _doing(section: Section, do: str, where: str, product: str) -> Asked | None:
    if patterns("passages")["weakens"].pattern.match(do):
        return None
    slots = {"do": do, "where": where}
    label = _label(do, product)
    if {"code", "step"} & {part.kind for part in section.parts}:
        return Asked("howto", "passage/do", slots, label)
    return Asked("requirement", "passage/rules", slots, label)


def _subject_above(page: Page, section: Section) -> _Above:
    """What the headings above a section are about, and whether it is something that is done: the
    nearest that plainly names something.
    """
    for heading in (*section.path[::-1], page.title):
        bare = _DRESSED.sub("", heading).strip(" :.")
        if not bare or _GENERIC.fullmatch(bare):
            continue
        noun = common.noun_of(page, bare)
        words_ = noun.split()
        plain = 1 <= len(words_) <= 6 and not _CLAUSED.search(noun) and len(noun) > 2
        if plain and words_[0].lower() not in VERBS and not _FIELD.fullmatch(noun):
            return _Above(noun)
        read = common.phrase(page, bare)
        if read.form == "do" and 2 <= len(read.text.split()) <= 7:
            return _Above(read.noun, acting=True)
    return _Above()


_DRESSED = re.compile(
    r"\s+(?:overview|concepts?|considerations?|reference|guide|documentation|cheat sheet|"
    r"service limits|explained|introduction|best practices)\b.*$|"
    r"^(?:overview of|introduction to|about|understanding|(?:security|design) considerations for|"
    r"how to use|best practices (?:for|in)|architecture (?:best practices|strategies) for) ",
    re.IGNORECASE,
)
"""Words around a title's subject that say what kind of page it is."""
_CLAUSED = re.compile(
    r"\b(?:the|your|you|is|are|required|using|when|that|how|what|to|\d+)\b", re.IGNORECASE
)


def _where(told: str, above: _Above, product: str) -> str:
    """' for cross-account access in Amazon S3': what the words asked about belong to."""
    out = ""
    name = above.name
    if name and not common.names(told, name) and not common.names(name, told):
        out = f" when {name}" if above.acting else f" for {name}"
        if re.search(r"\b(?:for|when|in)\b", told) or len(told.split()) > 7:
            out = ""
    if product and not common.names(f"{told}{out}", product):
        out += f" in {product}"
    return out


def _with_article(noun: str) -> str:
    """'the failure policy': a common noun of one thing does not stand alone in a sentence."""
    counted = _COUNTED.search(noun) and noun[0].islower()
    bare = not re.match(r"(?:the|an?|your|all|each)\b", noun)
    return f"the {noun}" if bare and (counted or re.match(r"[a-z]+ of ", noun)) else noun


_COUNTED = re.compile(
    r"\b(?:policy|rule|role|key|certificate|endpoint|account|token|server|log|list|model|"
    r"store|vault|service|process|lifecycle|lifetime|boundary|flow|chain|user|group|bucket|"
    r"secret|engine|provider|controller|webhook|proxy|agent|client|cluster|anchor|issuer|"
    r"algorithm|attack surface|setting|parameter|requirement|strategy|plan|function)$"
)
"""Last words of what can be counted, in the singular."""


def _label(told: str, product: str) -> str:
    first = told.split(" ", 1)[0]
    told = told.removeprefix("the ")
    text = told[:1].upper() + told[1:] if first.islower() else told
    if product and not common.names(text, product):
        return f"{text} ({product})"
    return text
