"""What to ask so that a chunk is the answer: its content decides the kind, its headings the
words.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from secarch.dedupe.examples import phrases
from secarch.dedupe.examples.code_language import language
from secarch.dedupe.examples.kinds import CUED, Subject, facet_of, kind_of
from secarch.dedupe.examples.phrases import Phrase
from secarch.dedupe.examples.sections import Chunk
from secarch.dedupe.examples.wording import ASK
from secarch.text.markdown import Block, is_separator, plain, tidy, without_fences

_TERM = re.compile(
    r"\*\*([^*\n]{3,60})\*\*|(?<!`)`([A-Za-z][\w:./-]{2,50})`(?!`)|"
    r"(?<![.!?:]\s)(?<!^)\b((?:[A-Z][\w-]*[a-z]\w*)(?: (?:[A-Z][\w-]+|of|for|and)){1,3})\b",
    re.MULTILINE,
)
_MINOR = {
    "note",
    "important",
    "warning",
    "tip",
    "caution",
    "example",
    "yes",
    "no",
    "true",
    "false",
    "none",
    "default",
    "console",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is known about the document that a chunk belongs to."""

    title: str
    product: str
    casing: phrases.Casing
    """Tells names from words."""
    key: str
    """What the choice of wording hangs on, with the chunk's offset: the document's content hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """An instruction; `first` and `last` bound the chunk's blocks that answer it."""

    kind: str
    instruction: str
    wording: str
    """The template that it was made of."""
    first: int
    last: int


def asks(text: str, chunk: Chunk, setting: Setting) -> Iterator[Ask]:
    """Instructions that the chunk answers, the preferred one first; each later one is another way
    to say it.
    """
    subject = _subject(text, chunk, setting)
    kind = kind_of(text, chunk, subject)
    seed = f"{setting.key}:{chunk.start}:{kind}"
    if kind == "write" and (found := _explained(text, chunk, subject, setting, seed)):
        yield found
    last = len(chunk.blocks)
    slots = _slots(text, chunk, subject)
    terms = _all_terms(text, chunk, subject)
    if joined := _joined_topics(chunk, setting):
        kind = "overview" if kind in CUED else kind
        templates, slots["term"] = ASK["both"], joined
        subject = Subject(Phrase("thing", joined), "", "", subject.phrase)
    elif chunk.part > 1:
        kind = "detail" if kind in {"overview", *CUED} else kind
        templates, slots["term"] = ASK["part"], next(terms)
    else:
        templates = _templates(kind, subject, slots)
    for wide in (False, True):
        where = _where(subject, setting, wide=wide or bool(joined))
        for template in _order(templates, f"{seed}:{wide}"):
            yield Ask(
                kind=kind,
                instruction=_fill(template, {**slots, "where": where}),
                wording=template,
                first=0,
                last=last,
            )
    for term in terms:
        for template in _order(ASK["part"], f"{seed}:{term}"):
            filled = _fill(
                template, {**slots, "term": term, "where": _where(subject, setting, wide=True)}
            )
            yield Ask(kind=kind, instruction=filled, wording=template, first=0, last=last)


def _order(templates: Sequence[str], seed: str) -> list[str]:
    """The wordings, begun at a place that the seed decides."""
    n = int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=4).digest()) % len(templates)
    return [*templates[n:], *templates[:n]]


def _fill(template: str, slots: dict[str, str]) -> str:
    filled = re.sub(
        r"\{(\w+)\}", lambda slot: phrases.voiced(slot[1], slots[slot[1]], template), template
    )
    first = filled.split(" ", 1)[0]
    return filled if first.startswith("`") else filled[0].upper() + filled[1:]


# ---------------------------------------------------------------- the subject


def _subject(text: str, chunk: Chunk, setting: Setting) -> Subject:
    headings = [setting.title, *(name for name in chunk.path if name and name != setting.title)]
    headings = [name for name in headings if any(map(str.isalnum, name))] or [
        _without_headings(text, chunk)
    ]
    facet = word = ""
    while len(headings) > 1:
        found = facet_of(headings[-1])
        if not found:
            break
        if not facet or facet == "overview":
            facet, word = found, headings[-1].lower()
        headings.pop()
    phrase = phrases.read(headings[-1], setting.casing)
    scope = phrases.read(headings[0], setting.casing) if len(headings) > 1 else None
    if scope and scope.text.lower().startswith(phrase.text.lower()):
        phrase, scope = scope, None
    return Subject(phrase, facet, word, scope)


def _all_terms(text: str, chunk: Chunk, subject: Subject) -> Iterator[str]:
    """Up to four names, then the first words; looked for only where they are needed."""
    yield from _terms(text, chunk, subject)[:4]
    yield _opening(text, chunk)


def _opening(text: str, chunk: Chunk) -> str:
    """The last resort for a chunk that nothing else tells from its neighbours: its first words,
    quoted.
    """
    return f'the passage "{" ".join(plain(text[chunk.start : chunk.start + 400]).split()[:7])}..."'


def _without_headings(text: str, chunk: Chunk) -> str:
    """A name for a text that has neither title nor headings: its first words, quoted."""
    first = plain(text[chunk.start : chunk.start + 400]).split()
    return f'the subject "{" ".join(first[:7])}..."'


def _where(subject: Subject, setting: Setting, *, wide: bool) -> str:
    """' when creating a bucket in Amazon S3': the title where the heading alone says too little,
    and the product.
    """
    said = subject.phrase.text.lower()
    short = len(said.split()) <= 4
    parts = ""
    if subject.scope and (wide or short) and not _says_it(said, subject.scope.text):
        alone = subject.phrase.form == "do" and " " not in said and subject.scope.form == "thing"
        parts = (
            f" {subject.scope.noun}"
            if alone
            else _scope(subject.scope, subject.phrase, setting.key)
        )
    if setting.product and not _says_it(said + parts.lower(), setting.product):
        parts += f" in {setting.product}"
    return parts


_LINKS = {
    "thing": (" in", " for", " in", " in the context of", " in", " for"),
    "do": (" for", " in the context of", " as part of"),
}


def _scope(scope: Phrase, phrase: Phrase, key: str) -> str:
    """What joins a subject to the title that it belongs to, and that title."""
    if scope.form == "question" or len(scope.text.split()) > 14:
        return ""
    if scope.form == "do":
        return f" when {scope.noun}"
    if scope.form == "clause" or scope.noun.startswith('"'):
        return f" in connection with {scope.noun.removeprefix(phrases.MEANT)}"
    links = _LINKS.get(phrase.form, (" in the context of",))
    fitting = [link for link in links if f"{link} " not in scope.noun]
    return f"{_order(fitting, key + phrase.text)[0]} {scope.noun}"


def _says_it(said: str, name: str) -> bool:
    """True where most of the name's words are said already."""
    wanted = {
        word
        for word in re.findall(r"\w+", name.lower())
        if len(word) > 1 and word not in ("the", "and", "aws", "amazon", "azure")
    }
    had = set(re.findall(r"\w+", said))
    return len(wanted & had) >= 0.6 * len(wanted) if wanted else name.lower() in said


def only_points(chunk: Chunk) -> bool:
    """True for 'see also', 'references' and the like, which name other texts and say nothing
    themselves.
    """
    return (
        bool(chunk.topics)
        and len(chunk.path) > 1
        and all(facet_of(topic) == "pointers" for topic in chunk.topics)
    )


# ---------------------------------------------------------------- slots


def _slots(text: str, chunk: Chunk, subject: Subject) -> dict[str, str]:
    phrase = subject.phrase
    slots = {
        "noun": phrase.noun,
        "asks": phrase.text,
        "clause": phrase.text,
        "facet": subject.word or "details",
    }
    if phrase.form == "do":
        slots["do"] = phrase.text
    code = next(
        (text[b.start : b.end] for b in chunk.blocks if b.kind == "code"),
        text[chunk.start : chunk.end],
    )
    slots["lang"] = language(code)
    slots["columns"] = _columns(text, chunk.blocks)
    slots["is"] = phrases.agreeing(phrase.noun, tidy(text[chunk.start : chunk.start + 300]))
    slots |= (
        {"does": "do", "works": "work"}
        if slots["is"] == "are"
        else {"does": "does", "works": "works"}
    )
    slots["said"] = phrase.text.removeprefix(phrases.MEANT)
    slots["should"] = _TO_DO.sub(r"\1 should I ", phrase.text)
    return slots


_VERSIONED = re.compile(r"\d|release|change ?log|version", re.IGNORECASE)
_TO_DO = re.compile(
    r"^(where|when|what|which(?: \w+)?|who|whom|how (?:long|often|much|far)) to ", re.IGNORECASE
)


def _joined_topics(chunk: Chunk, setting: Setting) -> str:
    """'A, B and C' of two or three sections that were joined under what they share; ''
    otherwise.
    """
    if len(chunk.topics) not in (2, 3) or chunk.topics[0] in chunk.path[-1:]:
        return ""
    said = [topic for topic in chunk.topics if facet_of(topic) != "pointers"] or chunk.topics
    named = [phrases.read(topic, setting.casing).noun for topic in said]
    return " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def _templates(kind: str, subject: Subject, slots: dict[str, str]) -> tuple[str, ...]:
    if subject.phrase.form == "question":
        return ASK["question"]
    if subject.phrase.form == "clause":
        return ASK[_clause(subject.phrase.text, slots["should"])]
    kind = (
        "changes/of" if kind == "changes" and not _VERSIONED.search(subject.phrase.text) else kind
    )
    if kind == "syntax" and not slots["facet"].endswith("s"):
        return ASK["overview"]
    if kind in ("reference", "compare") and not slots["columns"]:
        return ASK["list"]
    if "do" in slots and f"{kind}/do" in ASK:
        return ASK[f"{kind}/do"]
    return ASK.get(kind) or ASK["overview"]


def _clause(said: str, should: str) -> str:
    """The wordings for a clause: a sentence of its own, something to be done, a time, or any
    other.
    """
    if said.startswith(phrases.MEANT):
        return "clause/said"
    return (
        "clause/to" if should != said else "clause/when" if said.startswith("when ") else "clause"
    )


def _columns(text: str, blocks: Sequence[Block]) -> str:
    """'name, type and meaning' of the first table."""
    table = next((text[b.start : b.end].split("\n") for b in blocks if b.kind == "table"), [])
    if len(table) < 3 or not is_separator(table[1]):
        return ""
    cells = [
        " ".join(map(phrases.lowered, plain(cell).split()))
        for cell in table[0].strip().strip("|").split("|")
    ]
    cells = [cell for cell in cells if 1 < len(cell) < 40][:4]
    return ", ".join(cells[:-1]) + " and " + cells[-1] if len(cells) > 1 else ""


def _terms(text: str, chunk: Chunk, subject: Subject) -> list[str]:
    """What a chunk is about beside its heading: the names it uses most, in bold, as code or
    capitalised.
    """
    span = without_fences(text[chunk.start : chunk.end])
    found: Counter[str] = Counter()
    order: dict[str, int] = {}
    known = (
        subject.phrase.text.lower() + " " + (subject.scope.text.lower() if subject.scope else "")
    )
    for match in _TERM.finditer(tidy(span)):
        term = (match[1] or (f"`{match[2]}`" if match[2] else match[3])).strip(" :.")
        if (
            term.lower() in _MINOR
            or len(term) < 3
            or term.lower().strip("`") in known
            or term.endswith(("?", "!"))
        ):
            continue
        found[term] += 2 if match[1] else 1
        order.setdefault(term, match.start())
    return sorted(found, key=lambda term: (-found[term], order[term]))


def _explained(
    text: str, chunk: Chunk, subject: Subject, setting: Setting, seed: str
) -> Ask | None:
    """The code as the question and the prose beside it as the answer, for a third of the chunks
    that allow it.
    """
    kinds = [block.kind for block in chunk.blocks]
    if kinds.count("code") != 1 or len(kinds) < 2 or kinds.index("code") not in (0, len(kinds) - 1):
        return None
    at = kinds.index("code")
    first, last = (1, len(kinds)) if at == 0 else (0, len(kinds) - 1)
    code = text[chunk.blocks[at].start : chunk.blocks[at].end]
    said = len(tidy(text[chunk.blocks[first].start : chunk.blocks[last - 1].end]).split())
    drawn = int(hashlib.blake2b(seed.encode(), digest_size=4).hexdigest(), 16) % 3
    if drawn or said < 30 or not 20 < len(code) < 3000 or not code.startswith("```"):
        return None
    slots = {
        **_slots(text, chunk, subject),
        "code": code,
        "where": _where(subject, setting, wide=False),
    }
    slots["lang"] = re.sub(r"^an? ", "", slots["lang"])
    template = _order(ASK["explain"], seed)[0]
    return Ask(
        kind="explain", instruction=_fill(template, slots), wording=template, first=first, last=last
    )
