"""Passages told in full: a section with its lead, what is below it and what its page says must be
in place or be checked, under a question that names section and product.

What a page leaves to its surroundings is said: the answer begins with its subject and product,
sentences that point elsewhere are left out, lists keep their leads, and nothing ends half way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from secarch.dedupe.examples import gate, promise, worth
from secarch.dedupe.examples.draft import Draft, ask, compose
from secarch.dedupe.examples.families import common, passage_question
from secarch.dedupe.examples.outline import Page, Part, Section, sentences
from secarch.dedupe.examples.pattern_tables import patterns
from secarch.dedupe.examples.record import role_of
from secarch.text.finder import Finder

MOST_WORDS = 360
"""Words of an answer, code and all, above which whole sections at its end are left out."""
LEAST_WORDS = 85
"""Words of prose from which on a passage says enough to be asked for."""
MOST_LOST = 0.3
"""Share of a passage's sentences that may point elsewhere; of more, what is left is not a whole."""
RAW = 2_000
"""Characters of a section that are looked at before anything is composed of it."""
MOST_CODE = 260
"""Words of code in one answer."""
_SKIPPED = re.compile(
    r"\b(?:see also|next steps?|references?|related|resources|feedback|contribut\w*|pricing|"
    r"clean(?:ing)? ?up|changelog|release notes|supported regions|glossary|faq|topics|"
    r"what'?s next|history|community|table of contents|installation|acknowledg\w*|authors?|"
    r"api reference|examples?|sample|highlights|release|availability|support matrix|options|"
    r"parameters|fields|syntax|response|request|flags|arguments|attributes|schema|status|"
    r"objectives?)\b",
    re.IGNORECASE,
)
_NEWS = Finder(
    r"\b(?:announc\w+|release notes?|v?\d+\.\d+(?:\.\d+)? release|changelog|blog|audit report|"
    r"self-?assessment|meeting|proposals?|rfcs?)\b|/blog/|/releases?/|/news/|/contribut\w*/|"
    r"/api/|/commands/|/cli/",
    re.IGNORECASE,
)
"""Pages that tell what is new, or list what can be typed."""
_BEFORE = re.compile(r"(?:prerequisites?|before you (?:begin|start)|requirements)", re.IGNORECASE)
_AFTER = re.compile(
    r"(?:verif\w+|validat\w+|test(?:ing)?|check(?:ing)?|confirm\w*)\b.*", re.IGNORECASE
)
_LATER = re.compile(r"\b(?:later|earlier|elsewhere) in (?:the|this)\b", re.IGNORECASE)
_LINKED = re.compile(r"\s*[-*+] \[[^\]\n]*\]\([^)\n]*\)\W*")
"""An item that is a link to another page and nothing else."""
_ASIDE = re.compile(r"\*\*(?:topics|contents|on this page)\*\*", re.IGNORECASE)


def from_section(page: Page, section: Section, seed: str) -> Iterator[Draft]:
    """The one draft of a section; none if it says too little or too much of it points elsewhere."""
    asked = _fit(page, section)
    blocks = _blocks(page, section, asked.kind) if asked else []
    answer, spans = compose(blocks, 10 * MOST_WORDS)
    if asked is None or not answer or patterns("passages")["subjectless"].pattern.match(answer):
        return
    answer = _named(asked.label, answer)
    questions = ask(asked.wording, seed + asked.label, asked.slots)
    if not promise.told_in_full(asked.kind, questions[0][1], answer):
        return
    if not section.level:
        page.memo["joined"] = "".join(f"{start} " for start, _ in spans)
    yield Draft(
        kind=asked.kind,
        questions=questions,
        answer=answer,
        spans=spans,
        about=(page.title, asked.label),
    )


def _fit(page: Page, section: Section) -> passage_question.Asked | None:
    """What is asked of a section; None if it is short, told already, beside the point, or asked
    in no sentence.
    """
    if sum(part.words for part in section.every_part()) < LEAST_WORDS // 2:
        return None
    joined = section.parts and f"{section.parts[0].start} " in page.memo.get("joined", "")
    passed = (_SKIPPED.search(section.heading) and section.level) or (
        role_of(section.heading) == "ignore"
    )
    if joined or passed or _NEWS.search(f"{page.document.url} {page.title}"):
        return None
    asked = passage_question.of(page, section)
    if asked is None or not worth.on_topic(" ".join(asked.slots.values()), _raw(section)):
        return None
    return asked


# ---------------------------------------------------------------- the answer


def _raw(section: Section) -> str:
    """The beginning of a section as its page has it, for a first look."""
    return " ".join(part.raw for part in section.every_part()[:8])[:RAW]


def _blocks(page: Page, section: Section, kind: str) -> list[tuple[str, Sequence[Part]]]:
    """The section's own text, then what is below it, as long as all of it fits."""
    own = whole(section.parts) or []
    if not own and (section.level or not section.below):
        return []
    blocks: list[tuple[str, Sequence[Part]]] = []
    if kind == "howto" and (before := _sibling(page, section, _BEFORE, 90)):
        blocks.append(("Before you start", before))
    blocks += [("", own)] if own else []
    total = sum(part.words for part in own)
    if total > MOST_WORDS:
        own = _shorter(own)
        return [("", own)] if own and len(blocks) == 1 else []
    for below in section.below:
        if not section.level and sum(part.words for part in below.every_part()) >= LEAST_WORDS:
            continue
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
        if not part.text or _ASIDE.match(part.text) or _LINKED.fullmatch(part.raw):
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
    # A sentence can only do what its text does.
    away, later = gate.points_away(text), _LATER.search(text)
    for line in text.split("\n"):
        found = sentences(line.strip())
        kept = [
            one
            for one in found
            if not (away and gate.points_away(one)) and not (later and _LATER.search(one))
        ]
        count, gone = count + len(found), gone + len(found) - len(kept)
        if len(kept) == len(found):
            lines.append(line)
        elif kept and not _dependent(kept[0]):
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(indent + " ".join(kept))
    return "\n".join(lines).strip("\n"), gone, count


def _dependent(sentence: str) -> bool:
    """Whether a sentence begins with what refers to the sentence before it."""
    return bool(patterns("passages")["refers"].pattern.match(sentence))


def _named(label: str, answer: str) -> str:
    """The answer under its subject, unless its first sentence names that itself."""
    first = sentences(answer.split("\n", 1)[0])
    if (
        first
        and common.names(first[0], label.split(" (", maxsplit=1)[0])
        and not answer.startswith("**")
    ):
        return answer
    if answer.startswith("**"):
        return f"{label}.\n\n{answer}"
    if answer.startswith(("- ", "1. ", "|", "```")):
        return f"**{label}**\n\n{answer}"
    return f"**{label}.** {answer}"
