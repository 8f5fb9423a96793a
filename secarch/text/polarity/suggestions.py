"""Questions that advise: "Why not just make the bucket public?".

They have the form of a question and propose what they name, unless the next sentence answers them:
"Why not make it public? Because anyone could read it.".
"""

from __future__ import annotations

import re
from functools import lru_cache

_SUGGESTS = re.compile(
    r"^(?P<lead>\W*(?:(?:so|then|well|and|honestly|for now|in that case|okay|ok),? )*)"
    r"(?:why (?:not|don't (?:you|we|they))|why (?:wouldn't|shouldn't) (?:you|we)|couldn't"
    r" (?:you|we)"
    r"|can't (?:you|we)|how about(?= \w+ing\b)|what about(?= \w+ing\b))"
    r" (?:(?:just|simply|then|instead|at least|for now|temporarily) )*"
    r"(?P<deed>(?!(?:the|a|an|this|that|it|these|those|all|any|every|to|with|in|on|by|so)\b)[a-z][\w-]+\b.*?)"
    r"\?[\s\"')]*$",
    re.DOTALL,
)
"""Asks for a deed in the manner of a proposal."""
_ANSWERED = re.compile(
    r"^\W*(?:because|since|as (?:it|that|this)|no\b|don't|do not|never|(?:that|this|it)"
    r" (?:would|will|could"
    r"|can|may|might|is|does|opens?|gives?|exposes?|lets?|means?|only|breaks?)\b|anyone|everyone|the"
    r" (?:reason|answer|problem|risk|trouble)|for (?:one|two|three|several|many)|there (?:is"
    r"|are)|two"
    r" reasons|three reasons|a (?:public|shared|long|leaked|stolen)|if )"
)
"""Gives the reason why not."""


@lru_cache(maxsize=8192)
def suggests(sentence: str) -> bool:
    """Whether a question proposes what it names."""
    return bool(_SUGGESTS.match(sentence))


def suggested(sentence: str) -> str:
    """A question that proposes a deed as the deed; any other sentence as it is."""
    found = _SUGGESTS.match(sentence)
    if found is None:
        return sentence
    first = found["deed"].split(" ", 1)[0]
    proposes = "i suggest " if first.endswith("ing") else ""
    return f"{found['lead']}{proposes}{found['deed']}."


def answered(following: str) -> bool:
    """Whether the sentence after such a question says why not."""
    return bool(_ANSWERED.match(following))
