"""Keep or drop: each rule is a model whose fields are its thresholds; `judge` gives the reason for
a drop.

Rules see a document's `Signals`, which are measured on prose: code, tables and front matter are
masked first, since web-text rules throw away most of real security documentation when they count
its code. To add a rule, write a class here and name it in the union at the foot; YAML, schema,
counts by reason, the report and the rejects file follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from secarch.dedupe.quality.reasons import Reason
from secarch.schema import Config

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What was measured on one document."""

    characters: int
    """Of the whole text."""
    words: int
    """All words, code and tables too."""
    prose_words: int
    """Words outside of code, tables and front matter."""
    code_words: int = 0
    """Words inside code blocks."""
    comment_words: int = 0
    """Words of that code's comments and descriptions."""
    duplicate_lines: float
    """Share of the prose lines' characters that repeat an earlier line (0..1)."""
    duplicate_paragraphs: float
    """The same of whole paragraphs and list items."""
    duplicate_ngrams: float
    """Share of the prose's runs of five words that occurred before (0..1)."""
    stop_words: int
    """How many of the eight commonest English function words the prose has."""
    placeholder: str
    """The first phrase found that belongs to an empty, blocked or consent page; '' if there is
    none.
    """
    mojibake: int
    """Sequences that come from decoding with the wrong character set."""
    link_density: float
    """Share of the prose's characters inside link texts (0..1)."""
    language: str
    """ISO 639-1 by function words and script; '' where the prose is too short to tell."""
    reading_ease: float
    """Flesch reading ease (100 very easy, 0 very hard)."""
    grade: float
    """Flesch-Kincaid grade, in school years."""

    @property
    def prose_share(self) -> float:
        """Prose words among all words (0..1)."""
        return self.prose_words / self.words if self.words else 0.0

    @property
    def quality(self) -> int:
        """Rank for choosing among near-duplicates, in tenths (0..10): repeats, links and bad
        decoding cost.
        """
        cost = (
            self.duplicate_lines
            + self.link_density / 2
            + min(1.0, self.mojibake / 10)
            + bool(self.placeholder)
        )
        return round(10 * max(0.0, 1 - cost))


UNSPACED = frozenset({"ja", "zh", "th"})
"""Languages that write no spaces between words, so that words cannot be counted by them."""


class Length(Config):
    """Words of prose and code together."""

    kind: Literal["length"] = "length"
    min_words: Annotated[int, Field(ge=0)] = 50
    """Fewer is not a document."""
    max_words: Annotated[int, Field(ge=1)] = 100_000
    """More is a dump."""

    def judge(self, signals: Signals) -> str | None:
        """Reason for dropping, or None."""
        if signals.words < self.min_words and signals.language not in UNSPACED:
            return Reason.TOO_SHORT
        return Reason.TOO_LONG if signals.words > self.max_words else None


class Prose(Config):
    """Something must be said about the code: in prose, or in the code's own comments."""

    kind: Literal["prose"] = "prose"
    min_words: Annotated[int, Field(ge=0)] = 5
    """Prose words that must be there: pages of a policy library are one sentence and the policy."""
    min_share: Share = 0.01
    """Prose among all words."""
    min_code: Annotated[int, Field(ge=0)] = 30
    """Words of code from which a page without prose is judged as code."""
    min_comments: Annotated[int, Field(ge=0)] = 3
    """Words of comments or descriptions that such a page must have."""

    def judge(self, signals: Signals) -> str | None:
        """Reason for dropping, or None."""
        if signals.prose_words >= self.min_words and signals.prose_share >= self.min_share:
            return None
        if signals.code_words < self.min_code:
            return Reason.NO_PROSE
        explained = signals.comment_words + signals.prose_words >= self.min_comments
        return None if explained else Reason.CODE_WITHOUT_COMMENTS


class Repetition(Config):
    """Pages that say the same line over and over (Gopher, arXiv:2112.11446, table A1: 0.2 of
    characters).
    """

    kind: Literal["repetition"] = "repetition"
    max_share: Share = 0.5
    """Characters of repeated prose lines.

    Wider than for the web: reference pages repeat field names.
    """
    max_paragraphs: Share = 0.5
    """Characters of repeated paragraphs and list items."""
    max_ngrams: Share = 0.7
    """Runs of five words that repeat.

    Widest of all: parameter lists say the same of each parameter.
    """

    def judge(self, signals: Signals) -> str | None:
        """Reason for dropping, or None."""
        if signals.duplicate_lines > self.max_share:
            return Reason.REPEATED_LINES
        if signals.duplicate_paragraphs > self.max_paragraphs:
            return Reason.REPEATED_PARAGRAPHS
        return Reason.REPEATED_NGRAMS if signals.duplicate_ngrams > self.max_ngrams else None


class StopWords(Config):
    """English prose has function words (Gopher, arXiv:2112.11446, appendix A1.1: two of eight)."""

    kind: Literal["stop_words"] = "stop_words"
    min_distinct: Annotated[int, Field(ge=0, le=8)] = 2
    """How many of: the, be (is, are), to, of, and, that, have (has), with."""
    from_words: Annotated[int, Field(ge=0)] = 50
    """Prose words from which the count means anything."""

    def judge(self, signals: Signals) -> str | None:
        """Reason for dropping, or None."""
        if signals.prose_words < self.from_words or signals.language not in {"", "en"}:
            return None
        return Reason.NO_SENTENCES if signals.stop_words < self.min_distinct else None


class Placeholder(Config):
    """Consent walls, error pages, 'enable JavaScript', lorem ipsum: only short pages are judged by
    a phrase.
    """

    kind: Literal["placeholder"] = "placeholder"
    below_words: Annotated[int, Field(ge=0)] = 60
    """Prose words from which a page is more than its phrase."""

    def judge(self, signals: Signals) -> str | None:
        """Reason for dropping, or None."""
        return (
            Reason.PLACEHOLDER
            if signals.placeholder and signals.prose_words < self.below_words
            else None
        )


class Mojibake(Config):
    """Text decoded with the wrong character set."""

    kind: Literal["mojibake"] = "mojibake"
    max_per_1000_words: Annotated[float, Field(ge=0)] = 5.0
    """Broken sequences per 1,000 words."""

    def judge(self, signals: Signals) -> str | None:
        """Reason for dropping, or None."""
        few = (
            signals.mojibake < 3
            or signals.mojibake * 1000 / max(1, signals.words) <= self.max_per_1000_words
        )
        return None if few else Reason.MOJIBAKE


class Links(Config):
    """Pages that only point elsewhere."""

    kind: Literal["links"] = "links"
    max_density: Share = 0.8
    """Characters of the prose inside link texts."""

    def judge(self, signals: Signals) -> str | None:
        """Reason for dropping, or None."""
        return Reason.ONLY_LINKS if signals.link_density > self.max_density else None


class Language(Config):
    """The languages to learn in."""

    kind: Literal["language"] = "language"
    allowed: tuple[str, ...] = ("en",)
    """ISO 639-1 codes; documents too short to tell are let through."""

    def judge(self, signals: Signals) -> str | None:
        """Reason for dropping, or None."""
        known = signals.language
        return Reason.LANGUAGE if known and known not in self.allowed else None


class Readability(Config):
    """Flesch reading ease and Flesch-Kincaid grade of the prose, as textstat counts them.

    Security prose is hard to read and right to be; the bounds only catch text that is not prose.
    """

    kind: Literal["readability"] = "readability"
    min_reading_ease: float = -100.0
    """Below: word salad, tables without markup, identifiers in a row."""
    max_reading_ease: float = 120.0
    """Above: scraps. One-syllable words in one-word sentences reach 121."""
    max_grade: float = 40.0
    """School years; above, there are no sentences."""
    from_words: Annotated[int, Field(ge=0)] = 100
    """Prose words from which the formulas mean anything (Flesch 1948 took samples of 100 words)."""

    def judge(self, signals: Signals) -> str | None:
        """Reason for dropping, or None."""
        if signals.prose_words < self.from_words:
            return None
        ease = self.min_reading_ease <= signals.reading_ease <= self.max_reading_ease
        return None if ease and signals.grade <= self.max_grade else Reason.UNREADABLE


Filter = Annotated[
    Length
    | Prose
    | Repetition
    | StopWords
    | Placeholder
    | Mojibake
    | Links
    | Language
    | Readability,
    Field(discriminator="kind"),
]

DEFAULTS: tuple[Filter, ...] = (
    Prose.defaults(),
    StopWords.defaults(),
    Placeholder.defaults(),
    Mojibake.defaults(),
    Links.defaults(),
    Language.defaults(),
    Repetition.defaults(),
)
