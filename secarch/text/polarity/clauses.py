"""Where the main clause of a sentence begins that has a preamble: "in most cases keep the key".

Patterns of must-nots ask for the beginning of a sentence or clause before the verb of an
instruction. A preamble ("we are confident that", "probably", "if time is short,") moves it, and
takes nothing from it; what it makes of the clause is read apart (`frames`, `scopes`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from secarch.text.polarity.frames import governors

_ADVERB = (
    r"(?:probably|perhaps|maybe|presumably|honestly|frankly|certainly|clearly|obviously|generally"
    r"|usually|normally|ideally|simply|basically|definitely|fortunately|luckily|today|now|here"
    r"|overall|again|absolutely|most likely|as a rule|in general|by all means)"
)
_PREAMBLE = re.compile(
    rf"(?:^|\n|[.!?] )(?:(?:and|but|so|yes|well|yet|or|then),? )?(?:{_ADVERB}"
    r"|in all (?:likelihood|probability|honesty|fairness)|by and large|more often than not"
    r"|as far as (?:i|we) (?:know|can (?:see|tell))|on balance|for the most part|all in all"
    r"|in (?:most|many|all|our|my|such|these|almost all|nearly all) (?:\w+ )?(?:cases?|situations?"
    r"|instances?|places?|companies|teams|experience|view|opinion|book|eyes)"
    r"|(?:i|we)(?:'d| would| still| do| really| strongly| firmly| also)* (?:think|believe|say"
    r"|suggest|guess|reckon|hold|feel|recommend|propose))(?= \w)"
    r"|\b(?:but|because|since|and so|which is why|that is why|(?:given|seeing|considering|in) that"
    r")(?= \w)|, (?:for|as|yet|so|still)(?= \w)"
    r"|(?:^|\n|[.!?] )(?:although|though|while|whilst|since|because|given|whatever|having|in|for"
    r"|after|with|at) [^,.;:!?\n]{3,90}, [^,.;:!?\n]{3,90},(?= \w)"
    r"|(?:^|\n|[.!?] )[^,.;:!?\n]{3,60}[,:](?= \w)"
)
"""What may stand before a clause: adverbs, one's own voice, a conjunction, a first adverbial."""


@lru_cache(maxsize=8192)
def opened(text: str) -> tuple[str, tuple[int, ...]]:
    """A text of the same length in which a line ends where a preamble does, and where the clauses
    begin.
    """
    ends = {found.end() for found in _PREAMBLE.finditer(text)} | set(governors(text))
    ends = {end for end in ends if end < len(text) and text[end] == " "}
    if not ends:
        return text, ()
    apart = "".join("\n" if n in ends else letter for n, letter in enumerate(text))
    return apart, tuple(end + 1 for end in sorted(ends))


@lru_cache(maxsize=65_536)
def asks_for_beginning(pattern: str) -> bool:
    """Whether a pattern may ask for the beginning of a line; others find a clause anyway."""
    return re.search(r"(?<![\[\\])\^", pattern) is not None
