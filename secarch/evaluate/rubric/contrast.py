"""Whether a window that names a key point says what the right answers say, or rather what the wrong
one says.

Patterns look for the words of a point, and an answer with the wrong decision often has them: "the
access key may stay, since it is rotated yearly" names the key and its rotation. A question brings
what tells the two apart: its reference and its paraphrase, and its wrong answer. A window is
weighed by the words that it shares with the nearest window of either side, and by turns that put a
thing off or call it good enough where no right window does; one with a weak setting that no right
window has is turned (`settings`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from secarch.evaluate.rubric.language import FUNCTION_WORDS
from secarch.evaluate.rubric.settings import NOTHING, Settled, settled
from secarch.suite.question import Question
from secarch.text.polarity.stance import read

DISMISSED = 0.2
"""What it costs a window to put a thing off where no right answer does."""
ASSURED = 0.1
"""What it costs to call a thing good enough where no right answer does."""
LEAST = -0.05
"""Score from which on a window sides with the right answers. Measured on answers by writers who did
not know the patterns: the mean of 240 wrong ones falls from .13 to .09, and that of 300 right ones
from .934 to .929.
"""

_WORD = re.compile(r"[a-z][a-z0-9'-]+|\d+")
_ENDING = re.compile(r"(?<=\w{3})(?:ations?|ings?|edly|ed|ies|es|(?<!s)s|ly)$")
_DISMISSES = re.compile(
    r"\b(?:(?:is|are|was)(?:n't| not) (?:needed|required|necessary|feasible|possible"
    r"|useful|an issue|a problem|a risk)|unnecessary|needless|superfluous|optional|no need"
    r"|need(?:n't| not)|(?:do|does)(?:n't| not) (?:need|have to)|can (?:stay|remain"
    r"|be (?:left|skipped|switched off|enabled|postponed|omitted|ignored))"
    r"|too (?:expensive|complex|slow|heavy|strict)|would only"
    r"|impractical|disproportionate|not worth|(?:be|come|comes) (?:spared|last)"
    r"|overkill|(?<!no )(?<!not )later|postpone"
    r"|wait(?! (?:\w+ ){0,3}(?:before|until|for|then)\b))\b"
)
_ASSURES = re.compile(
    r"\b(?:enough|suffic\w+|fine|safe|harmless|reliabl[ey]|automatically|acceptable"
    r"|(?:good|best) practice|prefer\w+|effective|guarantee\w*|completely|fully|already"
    r"|ideal|simple\w*|cheap\w*|convenient)\b"
)

_REFUSES = re.compile(
    r"\b(?:i|we)(?:'m|'d|'ll| am| will| would| must| have to)?(?: strongly)? ?"
    r"(?:won't|wouldn't|can't|cannot|not|never|decline|refuse|(?:advise|recommend) against)\b"
)
"""Who turns a thing down names it in the words of who asks for it."""

_DENIES = re.compile(r"\b(?:not|no|never|none|nobody|nothing|neither|nor|cannot)\b|n't\b")
"""What denies the wrong answer has its words, and one more."""

Bag = AbstractSet[str]


@dataclass(frozen=True, slots=True)
class Contrast:
    """The windows of a question's right answers and of its wrong one, as bags of words."""

    right: tuple[Bag, ...]
    wrong: tuple[Bag, ...]
    denies: tuple[bool, ...]
    """Whether each window of the wrong answer denies something."""
    dismisses: bool
    """Whether a right answer puts something off itself."""
    assures: bool
    """Whether a right answer calls something good enough itself."""
    settled: Settled = NOTHING
    """The settings that right answers name."""

    def contrary(self, text: str) -> bool:
        """Whether the text is nearer to the wrong side; never if there is none."""
        if not self.wrong or _REFUSES.search(text):
            return False
        if self.settled.turned(text):
            return True
        bag = _bag(text)
        puts_off = not self.dismisses and bool(_DISMISSES.search(text))
        if not puts_off and _DENIES.search(text) and not self._denied(bag):
            return False
        score = _nearest(bag, self.right) - _nearest(bag, self.wrong)
        score -= DISMISSED * puts_off
        score -= ASSURED * (not self.assures and bool(_ASSURES.search(text)))
        return score < LEAST

    def _denied(self, bag: Bag) -> bool:
        """Whether the wrong answer's nearest window denies something itself."""
        nearest = max(range(len(self.wrong)), key=lambda i: _cosine(bag, self.wrong[i]))
        return self.denies[nearest]


def contrast(question: Question) -> Contrast:
    """The two sides of a question."""
    return _contrast(question.reference, question.paraphrase, question.wrong)


@lru_cache(maxsize=2048)
def _contrast(reference: str, paraphrase: str, wrong: str) -> Contrast:
    right, against = [*_windows(reference), *_windows(paraphrase)], _windows(wrong)
    return Contrast(
        right=tuple(map(_bag, right)),
        wrong=tuple(map(_bag, against)),
        denies=tuple(bool(_DENIES.search(text)) for text in against),
        dismisses=any(map(_DISMISSES.search, right)),
        assures=any(map(_ASSURES.search, right)),
        settled=settled(right),
    )


def _windows(text: str) -> list[str]:
    return [window.joined for window in read(text).windows]


def _bag(text: str) -> Bag:
    return {_ENDING.sub("", word) for word in _WORD.findall(text) if word not in FUNCTION_WORDS}


def _nearest(bag: Bag, others: tuple[Bag, ...]) -> float:
    """Highest cosine of the bag with one of the others, 0..1."""
    return max((_cosine(bag, other) for other in others), default=0.0)


def _cosine(one: Bag, two: Bag) -> float:
    return len(one & two) / math.sqrt(len(one) * len(two)) if one and two else 0.0
