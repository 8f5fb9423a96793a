"""Measure one document for the quality rules; one pass, no network, no model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from secarch.dedupe import markdown
from secarch.dedupe.filters import Signals
from secarch.dedupe.lexicon import FUNCTION_WORDS
from secarch.dedupe.markdown import Block
from secarch.dedupe.readability import measure

_STOP = ({"the"}, {"be", "is", "are"}, {"to"}, {"of"}, {"and"}, {"that"}, {"have", "has"}, {"with"})
_WORD = re.compile(r"\w+")
_PLACEHOLDER = re.compile(
    r"lorem ipsum|(?:enable|requires?|activate) javascript|javascript (?:is|must be) (?:disabled|enabled|required)"
    r"|(?:this (?:site|website)|we) uses? cookies|accept (?:all )?cookies|cookie (?:settings|preferences|consent)"
    r"|page (?:not found|you requested (?:could not|cannot))|404 (?:error|not found)|coming soon|under construction"
    r"|access to this page (?:has been|is) denied|verify (?:that )?you are (?:a )?human|checking your browser"
    r"|content (?:is )?(?:not available|to be added)|this page (?:has moved|is intentionally left blank)|"
    r"\bto be written\b"
)
_MOJIBAKE = re.compile("\ufffd|Ã[\u0080-\u00bf©¨¼¶¤Ÿ]|â€[™œ\u009d“”¢¦]|Â[\u00a0-\u00bf]|ï»¿")

_OWNERS: dict[str, list[str]] = {}
for _language, _members in FUNCTION_WORDS.items():
    for _member in _members:
        _OWNERS.setdefault(_member, []).append(_language)

_SCRIPTS = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u4e00-\u9fff]"), "zh"),
    (re.compile("[\u0400-\u04ff]"), "ru"),
    (re.compile("[\u0600-\u06ff]"), "ar"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[\u0370-\u03ff]"), "el"),
    (re.compile("[\u0900-\u097f]"), "hi"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
)
SAMPLE = 20_000
"""Characters of prose from which language is told."""


def signals(text: str, found: Sequence[Block] | None = None) -> Signals:
    """Measure `text`; `found` are its blocks where they are known already."""
    parsed = list(found) if found is not None else markdown.blocks(text)
    prose = markdown.prose(text, parsed)
    lower = prose.lower()
    prose_words = _WORD.findall(lower)
    known = set(prose_words)
    read = measure(prose)
    hit = _PLACEHOLDER.search(lower)
    return Signals(
        words=len(_WORD.findall(text)),
        prose_words=len(prose_words),
        duplicate_lines=_duplicate_lines(prose),
        stop_words=sum(not known.isdisjoint(group) for group in _STOP),
        placeholder=hit[0] if hit else "",
        mojibake=len(_MOJIBAKE.findall(text)) if not text.isascii() else 0,
        link_density=min(1.0, _link_characters(text, parsed) / max(1, len(prose))),
        language=language(prose[:SAMPLE], prose_words[:5000]),
        reading_ease=round(read.reading_ease, 3),
        grade=round(read.grade, 3),
    )


def _link_characters(text: str, found: Sequence[Block]) -> int:
    return sum(
        markdown.link_characters(text[b.start : b.end])
        for b in found
        if b.kind in ("paragraph", "item", "step", "quote")
    )


def _duplicate_lines(prose: str) -> float:
    lines = [line.strip() for line in prose.split("\n")]
    long = [line for line in lines if len(line) >= 20]
    if not long:
        return 0.0
    repeated = sum(len(line) * (count - 1) for line, count in Counter(long).items())
    return round(repeated / sum(map(len, long)), 4)


def language(text: str, words: Sequence[str]) -> str:
    """ISO 639-1 code by script, else by which language's function words are most frequent; '' where too short.

    A word that several languages share counts for each of them. A cheap gate for pages that are plainly in
    another language, not a language identifier.
    """
    letters = sum(map(str.isalpha, text))
    if letters < 60 or len(words) < 20:
        return ""
    if not text.isascii():
        for script, code in _SCRIPTS:
            if len(script.findall(text)) > 0.3 * letters:
                return code
    counts: Counter[str] = Counter()
    for word, n in Counter(words).items():
        for code in _OWNERS.get(word, ()):
            counts[code] += n
    best = max(counts.items(), key=lambda pair: (pair[1], pair[0] == "en", pair[0]), default=("", 0))
    return best[0] if best[1] >= 0.03 * len(words) else ""
