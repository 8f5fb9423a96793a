"""Passages told in full: a section with its lead, what lies below it and what its page says must be
in place or be checked, under a question that names section and product.

What a page leaves to its surroundings is said: the answer begins with its subject and product,
sentences that point elsewhere are left out, lists keep their leads, and nothing ends half way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from secarch.dedupe.examples import gate
from secarch.dedupe.examples.code_language import language
from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common, naming
from secarch.dedupe.examples.outline import Page, Part, Section, sentences
from secarch.dedupe.examples.pattern_tables import patterns
from secarch.dedupe.examples.record import role_of
from secarch.text.lexicon import VERBS

MOST_WORDS = 360
"""Words of an answer, code and all, above which whole sections at its end are left out."""
LEAST_WORDS = 85
"""Words of prose from which on a passage says enough to be asked for."""
MOST_LOST = 0.3
"""Share of a passage's sentences that may point elsewhere; of more, what is left is no whole."""
MOST_CODE = 260
"""Words of code in one answer."""
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
_SKIPPED = re.compile(
    r"\b(?:see also|next steps?|references?|related|resources|feedback|contribut\w*|pricing|"
    r"clean(?:ing)? ?up|changelog|release notes|supported regions|glossary|faq|topics|"
    r"what'?s next|history|community|table of contents|installation|acknowledg\w*|authors?|"
    r"api reference|examples?|sample|highlights|release|availability|support matrix|options|"
    r"parameters|fields|syntax|response|request|flags|arguments|attributes|schema|status|"
    r"objectives?)\b",
    re.IGNORECASE,
)
_NEWS = re.compile(
    r"\b(?:announc\w+|release notes?|v?\d+\.\d+(?:\.\d+)? release|changelog|blog|audit report|"
    r"self-?assessment|meeting|proposals?|rfcs?)\b|/blog/|/releases?/|/news/|/contribut\w*/|"
    r"/api/|/commands/|/cli/",
    re.IGNORECASE,
)
"""Pages that tell what is new, or list what can be typed."""
_FIELD = re.compile(r"[A-Za-z]*[a-z][A-Z]\w*|[\w.]+_\w+|--?\w[\w-]*|v?\d[\w.]*")
"""The name of a field, a flag or a version rather than of a thing."""
_BEFORE = re.compile(r"(?:prerequisites?|before you (?:begin|start)|requirements)", re.IGNORECASE)
_AFTER = re.compile(
    r"(?:verif\w+|validat\w+|test(?:ing)?|check(?:ing)?|confirm\w*)\b.*", re.IGNORECASE
)
_ASIDE = re.compile(r"\*\*(?:topics|contents|on this page)\*\*", re.IGNORECASE)


def from_section(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """The one draft of a section; none if it says too little or too much of it points elsewhere."""
    if _SKIPPED.search(section.heading) and section.level:
        return
    if role_of(section.heading) == "ignore" or _NEWS.search(f"{page.document.url} {page.title}"):
        return
    asked = _asked(page, section)
    if asked is None:
        return
    kind, wording, slots, label = asked
    if not section.level and not _general(section):
        return
    blocks = _blocks(page, section, kind)
    if not blocks:
        return
    answer, spans = compose(blocks, 10 * MOST_WORDS)
    if not answer or not _enough(answer):
        return
    yield Draft(
        kind=kind,
        questions=ask(wording, seed + label, slots),
        answer=_named(label, answer),
        spans=spans,
        about=(page.title, label),
    )


# ---------------------------------------------------------------- the question


def _asked(page: Page, section: Section) -> tuple[str, str, dict[str, str], str] | None:
    """Family, template, slots and subject of a section; None if its heading fits no question."""
    heading = section.heading if section.level else page.title
    generic = bool(_GENERIC.fullmatch(heading.strip(" :.")))
    above = _subject_above(page, section)
    product = naming.product(page)
    if generic:
        return _generic(heading, above, product)
    do = common.do_of(page, heading)
    if do and len(do.split()) >= 3:
        return _doing(section, do, _where(do, above, product), product)
    noun = common.noun_of(page, heading)
    if not noun or len(noun) < 4 or noun.split(" ")[0].lower() in VERBS:
        return None
    if _FIELD.fullmatch(noun) or noun[0] in "\"'`":
        return None
    where = _where(noun, above, product)
    label = _label(noun, where, product)
    if not where and len(noun.split()) < 2 and noun.lower() == noun:
        return None
    slots = {"noun": noun, "where": where}
    if _count("risk", " ".join(part.text for part in section.parts)) >= 4:
        return "threat", "passage/risk", slots, label
    code = [part for part in section.parts if part.kind == "code"]
    if code and (lang := language(code[0].raw)) != "a code sample":
        return "howto", "passage/code", {**slots, "lang": lang}, label
    return "explain", "passage/concept", slots, label


def _generic(
    heading: str, above: str, product: str
) -> tuple[str, str, dict[str, str], str] | None:
    """'Limitations' and the like are about what the heading above or the page is about."""
    if not above:
        return None
    told = heading.lower()
    where = _where(above, "", product)
    slots = {"noun": above, "where": where}
    label = _label(above, where, product)
    if re.search(r"remed|mitigat|prevent|counter|defen|solution|risk|impact|threat", told):
        return "threat", "passage/risk", slots, label
    if re.search(r"limit|restrict|quota|caveat|consideration|requirement|know", told):
        return "reference", "passage/limits", slots, label
    if re.search(r"practice|recommend|guid|security", told):
        return "requirement", "passage/practice", slots, label
    return "explain", "passage/concept", slots, label


def _doing(
    section: Section, do: str, where: str, product: str
) -> tuple[str, str, dict[str, str], str] | None:
    if patterns("passages")["weakens"].match(do):
        return None
    slots = {"do": do, "where": where}
    label = _label(do, where, product)
    kinds = {part.kind for part in section.parts}
    if "code" in kinds or "step" in kinds:
        return "howto", "passage/do", slots, label
    return "requirement", "passage/rules", slots, label


def _subject_above(page: Page, section: Section) -> str:
    """What the headings above a section are about: the nearest that plainly names something."""
    for heading in (*section.path[::-1], page.title):
        bare = _DRESSED.sub("", heading).strip(" :.")
        if not bare or _GENERIC.fullmatch(bare):
            continue
        noun = common.noun_of(page, bare)
        words_ = noun.split()
        plain = 1 <= len(words_) <= 6 and not _CLAUSED.search(noun) and len(noun) > 2
        if plain and words_[0].lower() not in VERBS and not _FIELD.fullmatch(noun):
            return noun
        read = common.phrase(page, bare)
        if read.form == "do" and 2 <= len(read.text.split()) <= 7:
            return read.noun
    return ""


_DRESSED = re.compile(
    r"\s+(?:overview|concepts?|considerations?|reference|guide|documentation|cheat sheet|"
    r"service limits|explained|introduction|best practices)\b.*$|"
    r"^(?:overview of|introduction to|about|understanding|(?:security|design) considerations for|"
    r"how to use|best practices (?:for|in)|architecture (?:best practices|strategies) for) ",
    re.IGNORECASE,
)
"""Words around a title's subject that say what kind of page it is."""
_CLAUSED = re.compile(r"\b(?:the|your|you|is|are|required|using|when|that|how|what|to|\d+)\b", re.I)


def _where(told: str, above: str, product: str) -> str:
    """' for cross-account access in Amazon S3': what the words asked about belong to."""
    out = ""
    if above and not common.names(told, above) and not common.names(above, told):
        doing = above.split()[0].endswith("ing")
        out = f" when {above}" if doing else f" for {above}"
        if re.search(r"\b(?:for|when|in)\b", told) or len(told.split()) > 7:
            out = ""
    if product and not common.names(f"{told}{out}", product):
        out += f" in {product}"
    return out


def _label(told: str, where: str, product: str) -> str:
    text = told[:1].upper() + told[1:]
    if product and not common.names(text, product):
        return f"{text} ({product})"
    return text


# ---------------------------------------------------------------- the answer


def _general(section: Section) -> bool:
    """Whether what stands before the first heading is more than a lead to the rest."""
    return sum(part.words for part in section.parts) >= LEAST_WORDS


def _blocks(page: Page, section: Section, kind: str) -> list[tuple[str, Sequence[Part]]]:
    """The section's own text, then what lies below it, as long as all of it fits."""
    own = whole(section.parts)
    if own is None or not own:
        return []
    blocks: list[tuple[str, Sequence[Part]]] = []
    if kind == "howto" and (before := _sibling(page, section, _BEFORE, 90)):
        blocks.append(("Before you start", before))
    blocks.append(("", own))
    total = sum(part.words for part in own)
    if total > MOST_WORDS:
        own = _shorter(own)
        return [("", own)] if own and len(blocks) == 1 else []
    for below in section.below if section.level else ():
        if _SKIPPED.search(below.heading) or role_of(below.heading) == "ignore":
            continue
        parts = whole(below.every_part())
        size = sum(part.words for part in parts or ())
        if not parts or total + size > MOST_WORDS or '"' in below.heading:
            break
        blocks.append((below.heading.rstrip(".:?"), parts))
        total += size
    if kind == "howto" and (after := _sibling(page, section, _AFTER, 120)):
        blocks.append(("Check", after))
    return blocks


def _sibling(
    page: Page, section: Section, named: re.Pattern[str], most: int
) -> Sequence[Part] | None:
    """A short section beside this one that says what comes before or after it."""
    for other in page.sections():
        if other is section or other.path != section.path or not named.fullmatch(other.heading):
            continue
        parts = whole(other.every_part())
        if parts and sum(part.words for part in parts) <= most:
            return parts
    return None


def _shorter(parts: Sequence[Part]) -> list[Part]:
    """The first parts up to the most words, ending before a list or a lead that would be cut."""
    kept = common.head(list(parts), MOST_WORDS)
    rest = parts[len(kept) :]
    if rest and rest[0].kind in ("item", "step"):
        while kept and kept[-1].kind in ("item", "step", "code"):
            kept.pop()
    while kept and kept[-1].kind != "code" and kept[-1].text.endswith(":"):
        kept.pop()
    lost = sum(part.words for part in rest)
    return kept if lost <= sum(part.words for part in kept) else []


def whole(parts: Sequence[Part]) -> list[Part] | None:
    """Parts without sentences that point elsewhere; None if too much of them does.

    A list goes with the lead that pointed away, since nobody could say what it lists.
    """
    out: list[Part] = []
    lost = total = 0
    for part in parts:
        if not part.text or _ASIDE.match(part.text):
            continue
        if part.kind in ("code", "table"):
            out.append(part)
            continue
        text, gone, count = _without_pointers(part.text)
        lost, total = lost + gone, total + count
        if gone and part.text.rstrip().endswith(":") and not text.rstrip().endswith(":"):
            return None
        if text:
            out.append(part.with_text(text) if gone else part)
    if lost > MOST_LOST * max(1, total):
        return None
    code = sum(part.words for part in out if part.kind == "code")
    return out if code <= MOST_CODE else None


def _without_pointers(text: str) -> tuple[str, int, int]:
    """The text, how many of its sentences were left out, and how many there were."""
    if "```" in text or "~~~" in text:
        return text, 0, 1
    gone = count = 0
    lines = []
    for line in text.split("\n"):
        found = sentences(line.strip())
        kept = [one for one in found if not gate.points_away(one)]
        count, gone = count + len(found), gone + len(found) - len(kept)
        if len(kept) == len(found):
            lines.append(line)
        elif kept and not _dependent(kept[0]):
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(indent + " ".join(kept))
    return "\n".join(lines).strip("\n"), gone, count


def _dependent(sentence: str) -> bool:
    """Whether a sentence begins with what refers to the sentence before it."""
    return bool(patterns("passages")["refers"].match(sentence))


def _named(label: str, answer: str) -> str:
    """The answer under its subject, unless its first sentence names that itself."""
    first = sentences(answer.split("\n", 1)[0])
    if first and common.names(first[0], label.split(" (")[0]) and not answer.startswith("**"):
        return answer
    if answer.startswith("**"):
        return f"{label}.\n\n{answer}"
    if answer.startswith(("- ", "1. ", "|", "```")):
        return f"**{label}**\n\n{answer}"
    return f"**{label}.** {answer}"


def _enough(answer: str) -> bool:
    prose = re.sub(r"(?ms)^[ \t]*(```|~~~).*?^[ \t]*\1[ \t]*$", "", answer)
    return len(prose.split()) >= LEAST_WORDS - 40 * (prose != answer)


def _count(name: str, text: str) -> int:
    return len(patterns("passages")[name].findall(text))
