"""Measure one document for the quality rules; one pass, no network, no model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from secarch.dedupe.quality.code import measure_code
from secarch.dedupe.quality.filters import Signals
from secarch.dedupe.quality.readability import measure
from secarch.text import markdown
from secarch.text.language import language
from secarch.text.markdown import Block
from secarch.text.words import count_runs, runs

_STOP = ({"the"}, {"be", "is", "are"}, {"to"}, {"of"}, {"and"}, {"that"}, {"have", "has"}, {"with"})
_HINTS = (
    "lorem",
    "javascript",
    "cookie",
    "not found",
    "page you",
    "coming soon",
    "under construction",
    "to this page",
    "a human",
    "you are human",
    "checking your",
    "content not",
    "content is not",
    "content to be",
    "content is to",
    "has moved",
    "intentionally",
    "to be written",
)
"""Of which each phrase of `_PLACEHOLDER` holds one: a look for plain strings spares most pages the
expression.
"""
_PLACEHOLDER = re.compile(
    r"lorem ipsum|(?:enable|requires?|activate) javascript|javascript (?:is|must be) "
    r"(?:disabled|enabled|required)"
    r"|(?:this (?:site|website)|we) uses? cookies|accept (?:all )?cookies|cookie "
    r"(?:settings|preferences|consent)"
    r"|page (?:not found|you requested (?:could not|cannot))|404 (?:error|not found)|coming "
    r"soon|under construction"
    r"|access to this page (?:has been|is) denied|verify (?:that )?you are (?:a )?human|checking "
    r"your browser"
    r"|content (?:is )?(?:not available|to be added)|this page (?:has moved|is intentionally left "
    r"blank)|"
    r"\bto be written\b"
)
_MOJIBAKE = re.compile("\ufffd|Ã[\u0080-\u00bf©¨¼¶¤Ÿ]|â€[™œ\u009d“”¢¦]|Â[\u00a0-\u00bf]|ï»¿")

SAMPLE = 20_000
"""Characters of prose from which language is told."""


NGRAM = 5
"""Words of a run that counts as repeated (Gopher, arXiv:2112.11446, table A1, looks at runs of 5 to
10).
"""


def signals(text: str, found: Sequence[Block] | None = None) -> Signals:
    """Measure `text`; `found` are its blocks if they are known already."""
    parsed = list(found) if found is not None else markdown.blocks(text)
    paragraphs = markdown.sentences(text, parsed)
    prose = "\n".join(paragraphs)
    lower = prose.lower()
    prose_words = runs(lower)
    known = set(prose_words)
    read = measure(prose)
    code = measure_code(text, parsed)
    return Signals(
        characters=len(text),
        words=count_runs(text.lower()),
        prose_words=len(prose_words),
        duplicate_lines=_duplicates(map(str.strip, prose.split("\n"))),
        duplicate_paragraphs=_duplicates(paragraphs),
        duplicate_ngrams=_duplicate_ngrams(prose_words),
        code_words=code.words,
        comment_words=code.comment_words,
        stop_words=sum(not known.isdisjoint(group) for group in _STOP),
        placeholder=_placeholder(lower),
        mojibake=len(_MOJIBAKE.findall(text)) if not text.isascii() else 0,
        link_density=min(1.0, _link_characters(text, parsed) / max(1, len(prose))),
        language=language(prose[:SAMPLE], prose_words[:5000]),
        reading_ease=round(read.reading_ease, 3),
        grade=round(read.grade, 3),
    )


def _placeholder(lower: str) -> str:
    if not any(hint in lower for hint in _HINTS):
        return ""
    hit = _PLACEHOLDER.search(lower)
    return hit[0] if hit else ""


def _link_characters(text: str, found: Sequence[Block]) -> int:
    if "](" not in text:
        return 0
    return sum(
        markdown.link_characters(text[b.start : b.end])
        for b in found
        if b.kind in ("paragraph", "item", "step", "quote")
    )


def _duplicates(parts: Iterable[str]) -> float:
    """The share of the characters of `parts` of 20 characters and more that repeat an earlier part
    (0..1).
    """
    long = [part for part in parts if len(part) >= 20]
    distinct = set(long)
    if len(distinct) == len(long):
        return 0.0
    total = sum(map(len, long))
    return round((total - sum(map(len, distinct))) / total, 4)


def _duplicate_ngrams(words: Sequence[str]) -> float:
    """The share of the word n-grams that occurred before (0..1)."""
    total = len(words) - NGRAM + 1
    # Hashes, since zip then needs one tuple for all; two n-grams of one text share one with a
    # chance of 1e-13.
    distinct = set(map(hash, zip(*(words[n:] for n in range(NGRAM)), strict=False)))
    return round(1 - len(distinct) / total, 4) if total > 0 else 0.0
