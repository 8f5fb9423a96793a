"""Questions that a source asks itself, and what a term means to an architect."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common
from secarch.dedupe.examples.outline import Page, Section
from secarch.dedupe.examples.phrases import agreeing

_DEFINES = re.compile(
    r"^\W*(?:an?|the)?\s*[\w\s()/&.-]{2,60}?\s(?:is|are|refers? to|means?)\s(?:an?|the|"
    r"any|one|used|responsible)\s",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\b(?:this|these|here|below|above|it)\b(?!.*\b(?:is|are|does|do)\b.*\bit\b)", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"(?:how (?!to\b)(?!(?:do|does|is|are|can|should)\b)|"
    r"why (?!(?:do|does|is|are|can|should)\b)|when (?:to|an?|the)\b|"
    r"where (?:to|the)\b|what (?!(?:is|are|does|do|'s|if)\b)|which )",
    re.IGNORECASE,
)
_SMALL = re.compile(
    r"\b(?:Is|Are|Do|Does|Did|Can|Should|Will|The|An|To|Of|In|For|And|Or|With|You|My|We|On|It)\b"
)
_ASKS = re.compile(
    r"(?:what|which|who|whom|whose)\b|"
    r"(?:why|how|when|where)(?: \w+){0,2} (?:is|are|was|were|do|does|did|don't|can|can't|"
    r"could|should|would|will|must|has|have|am)\b|"
    r"(?:is|are|do|does|did|can|could|should|would|will|must|has|have)\b",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"\b(?!(?:what|which|who|why|how|when|where|the|and|for|with|that|this|are|does|can|"
    r"should|you|your|"
    r"common|about|need|use|have|there|has|from|into)\b)[\w-]{3,}\b|[A-Z]{2,}",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"^(?:what'?s next|what now|need help|questions|why (?:this|these)|who (?:is|are) "
    r"(?:this|we)|ready|got|any)\b|\b(?:pricing|marketplace|supported regions?|billing|"
    r"licen[cs]e|mailing list|slack|community|roadmap|release)\b",
    re.IGNORECASE,
)


def from_section(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """The question of a heading, or the definition of what a heading names."""
    if section.heading.endswith("?"):
        yield from _question(page, section, seed)
    elif section.level:
        yield from _clause(page, section, seed)
        yield from _definition(page, section, seed)


def _clause(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """'How rotation works' or 'When to rotate', explained."""
    read = common.phrase(page, section.heading) if _CLAUSE.match(section.heading) else None
    if read is None or read.form != "clause" or not 3 <= len(read.text.split()) <= 13:
        return
    if (
        _PERSONAL.search(read.text)
        or _EMPTY.search(read.text)
        or re.search(r"[:;?!\"\[\]{}|()]", read.text)
    ):
        return
    answer, spans = compose(common.told(section, 320), page.longest)
    if answer and len(answer.split()) >= 55:
        slots = {"clause": read.text, "where": common.in_product(page, read.text)}
        decides = read.text.startswith("when to use")
        yield Draft(
            kind="choose" if decides else "explain",
            questions=ask("question/clause", seed + read.text, slots),
            answer=answer,
            spans=spans,
            about=(page.title, read.text),
        )


def _question(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    asked = re.sub(r"^(?:\d+[.)]\s*|Q\d*[:.]\s*)", "", section.heading).strip()
    if (
        not 4 <= len(asked.split()) <= 24
        or _PERSONAL.search(asked)
        or _EMPTY.search(asked)
        or asked.count("?") != 1
    ):
        return
    answer, spans = compose(common.told(section, 320), page.longest)
    if not answer or len(answer.split()) < 28:
        return
    asked = asked[0].upper() + _SMALL.sub(lambda word: word[0].lower(), asked[1:])
    if not _ASKS.match(asked) or len(_TELLING.findall(asked)) < 3:
        return
    named = (
        not page.product
        or common.names(asked, page.product)
        or bool(re.search(r"[a-z] [A-Z]\w+", asked))
    )
    wording = "question/plain" if named else "question/where"
    slots = {"question": asked, "product": page.product}
    yield Draft(
        kind="question",
        questions=ask(wording, seed + asked, slots),
        answer=answer,
        spans=spans,
        about=(page.title, asked),
    )


def _definition(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    noun = common.noun_of(page, section.heading)
    parts = [part for part in section.parts if part.kind != "table"]
    if (
        not noun
        or len(noun.split()) > 5
        or len(noun) < 5
        or not parts
        or parts[0].kind != "paragraph"
    ):
        return
    opening = parts[0].text
    if not _DEFINES.match(opening) or not re.match(
        rf"\W*(?:an?|the)?\s*{re.escape(noun)}\b", opening, re.IGNORECASE
    ):
        return
    answer, spans = compose([("", common.head(parts, 230))], page.longest)
    if not answer or len(answer.split()) < 45:
        return
    article = re.match(rf"\W*((?:an?|the)\s+){re.escape(noun)}", opening, re.IGNORECASE)
    noun = (article[1].lower() if article else "") + noun
    slots = {
        "noun": noun,
        "is": agreeing(noun, opening[:200]),
        "where": common.in_product(page, noun),
    }
    yield Draft(
        kind="reference",
        questions=ask("reference/what", seed + noun, slots),
        answer=answer,
        spans=spans,
        about=(page.title, noun),
    )
