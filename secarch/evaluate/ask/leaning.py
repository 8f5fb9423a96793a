"""Which letter an answer leans to that announces none: "everything points to B", "A and D are out".

Each clause that names one letter is for it or against it, by its words. The last clause that is for
a letter decides; else the one letter that is left when all others are ruled out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLAUSE = re.compile(
    r"[.!?;\n]+(?=\s|$)|,? \b(?:but|whereas|while|although|though)\b"
    r"|, (?=\(?[a-z]\)? (?!and\b|or\b))"
)
_LETTER = re.compile(
    r"(?<![\w'-])\(?(?:option )?\(?(?P<letter>[b-z]|a(?! \w)|a(?= (?:is|isn't|was|has|do(?:es)?"
    r"|doesn't"
    r"|would|can|cannot|can't|could|will|won't|fails|lacks|misses|ignores|leaves|breaks|costs"
    r"|covers"
    r"|satisfies|meets|fits|wins|works|holds|comes|stands|survives|limits|needs|only|also|alone"
    r"|then"
    r"|remains|and|or|nor|to|over|because|since|as)\b))(?![\w'-])"
)
"""A letter that is no article."""
_FOR = re.compile(
    r"\b(?:points? to|money (?:is )?on|bet (?:is |on )|confident in|in favou?r of|lean(?:ing)?"
    r"|inclined to|edge|way to go|closest|stronger|strongest|standing|wins?"
    r"|winner|definitely|certainly|surely|clearly|the one\b|holds (?:up|water)|survives?|remains?"
    r"|stays|(?:is|are) left|best|better|favou?rite|prefer(?:red|able)?|edges"
    r"|recommend(?:ed)?"
    r"|superior|ideal|optimal|appropriate|covers (?:both|all|every\w*)"
    r"|satisfies"
    r"|meets|fits|suits|works|does the job|comes out (?:on top|ahead)|goes to|vote|answers?"
    r" (?:it|this"
    r"|the question)|convinc\w+|stands out|on top)\b"
    r"|\b(?:is|exactly|just) what \(?[a-z]\)? \w+s\b"
    r"|\b(?:is|be|hence|so|therefore|thus|then|say|with|for|to|finally)[\s:,]+\(?(?:option"
    r" )?[a-z]\)?\W*$"
    r"|^\W*\(?(?:option )?[a-z]\)?,? (?:then|finally|after all|it is|obviously|of course)\W*$"
)
_AGAINST = re.compile(
    r"\b(?:not|never|no|nor|neither|none|cannot|strike|scratch|wrong|incorrect|false|fail\w*|out|eliminat\w+"
    r"|exclud\w+"
    r"|discard\w*|reject\w*|dismiss\w*|ignor\w+|lacks?|misses|missing|too|worse|weak\w*|broken"
    r"|breaks?"
    r"|distractor|insufficient|irrelevant|unrelated|overlooks?|leaves|costs|unsafe|insecure|risky"
    r"|first (?:thought|instinct|guess)|thought of|was going to|sounds nice|tempting)\b|n't\b"
)
_DROPPED = re.compile(
    r"\b(?:eliminat\w+|exclud\w+|discard\w*|reject\w*|dismiss\w*|cross(?:ed|ing)? out|rul(?:e|ed"
    r"|ing) out"
    r"|strike|not|neither|all|none of|both|each)\b"
)
_EXCEPT = re.compile(
    r"^\W*(?:only )?\(?[a-z]\)? (?:do(?:es)?|is|can|will|would)(?: not|n't|not)\W*$"
)
"""Sets one apart from what is said of all the others: "A, B and D leave it open; C does not."."""
_CERTAIN = re.compile(
    r"\b(?:no (?:contest|doubt|question|brainer|hesitation|debate)|not even close"
    r"|without (?:any |a )?(?:doubt|question|hesitation)|can't go wrong)\b"
)
"""Negations that insist."""
_AS_WELL = re.compile(r"\b(?:or|and) \(?[a-z]\)?(?![\w'-])")


def leaning(text: str, count: int, *, by_rest: bool = True) -> int | None:
    """Place of the option among `count` that an answer in lower case leans to, or None.

    `by_rest` takes the one that is left when all others are ruled out, named or not.
    """
    chosen: int | None = None
    out: set[int] = set()
    for clause in _clauses(text):
        named = {place for place in _places(clause) if place < count}
        against = bool(_AGAINST.search(clause))
        if len(named) == 1 and not _AS_WELL.search(clause):
            place = next(iter(named))
            if _EXCEPT.match(clause) and len(out) == count - 1 and place not in out:
                chosen = place
            elif against:
                out |= named
            elif _FOR.search(clause):
                chosen = place
        elif named and (against or _DROPPED.search(clause)) and len(named) < count:
            out |= named
    if chosen is not None and chosen not in out:
        return chosen
    left = set(range(count)) - out
    return left.pop() if by_rest and len(left) == 1 else None


def sides_against(text: str, place: int) -> bool:
    """Whether the last clause that names an option says something against it."""
    said = [clause for clause in _clauses(text) if place in set(_places(clause))]
    return bool(said) and bool(_AGAINST.search(_CERTAIN.sub("", said[-1])))


def _clauses(text: str) -> Iterator[str]:
    yield from (part for part in _CLAUSE.split(text) if part and part.strip())


def _places(clause: str) -> Iterator[int]:
    for found in _LETTER.finditer(clause):
        yield ord(found["letter"]) - ord("a")
