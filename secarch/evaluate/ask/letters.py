r"""Read the letter that an answer to a multiple-choice question decides for.

The last explicit answer wins ("Answer: B", `\boxed{B}`, `{"answer": "B"}`); else the one letter
that is called right; else the only letter that stands alone or before an option. Two letters
without a decision are no answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from secarch.text.polarity.plain import plain
from secarch.text.reasoning import split

READ = 20_000
"""Characters of an answer that are read, its last ones."""
AMBIGUOUS = "two letters and no final answer"

_LATEX = re.compile(
    r"\\(?:boxed|text|textbf|mathbf|mathrm|mathbb|fbox|operatorname|bm|textrm"
    r"|texttt)\s*\{([^{}]*)\}"
)
_MARKS = re.compile(r"\$+|\\[()\[\]]|[*_`~]+|\\(?:quad|,|;|!)")
_LETTER = r"[\"'(\[{<]*\(?(?P<letter>[a-z])\b(?!['\u2019])"
_EXPLICIT = re.compile(
    r"\b(?:(?:final|correct|right|best|my|the|chosen|proper|most suitable|single best) )*"
    r"(?:answer|option|choice|solution|response|pick|selection|verdict|letter)s?\b"
    r"(?: (?:here|to (?:this|the) question|choice|option|letter|therefore|thus|then))*\s*"
    r"(?:\b(?:is|must be|should be|would be|has to be|remains)\b|[:=\u2192]|->|=>"
    r"|-)\s*(?:clearly |therefore |thus |then |definitely |most likely |simply |option |choice "
    r"|letter |answer "
    rf"|the |:|\s)*{_LETTER}(?=[\s).:,;!\]}}\"'>-]|$)"
    r"|\b(?:i(?:'d| would|'ll| will)? (?:choose|pick|select|go (?:with|for)|opt for|say|answer"
    r"|vote for"
    r"|take)|(?:choose|pick|select|go with))\s+(?:option |choice |answer |letter |the |:|\s)*"
    r"\(?(?P<chosen>[a-z])\b(?=[\s).:,;!]|$)(?! (?:right|wrong|good|bad|single|role|policy|key))"
    r"|#{2,}\s*(?P<hashed>[a-z])\s*$"
    r"|\b(?:it is|it's|that's|that is|thus|so|therefore|hence),?\s+(?:option"
    r" )?\(?(?P<so>[a-z])\)?[.!]?$",
    re.MULTILINE,
)
_CALLED = re.compile(
    r"(?:^|[\s(])(?:option |choice |answer )?\(?(?P<letter>[a-z])[).:]?\s+(?:is|would be|seems"
    r"|looks)"
    r"\s+(?:the |clearly |indeed |therefore |obviously |definitely |most likely )*(?:right"
    r"|correct|best"
    r"|true|answer|only (?:right|correct)|proper|most)\b",
    re.MULTILINE,
)
_START = re.compile(
    r"^\W*(?:option |choice |answer )?\(?(?P<letter>[a-z])(?:[).:,]|\s*$|\s+-\s)", re.MULTILINE
)
_WRONG = re.compile(
    r"^[^\n.;]{0,80}?\b(?:is|are|'s|would be|seems) (?:\w+ )?(?:wrong|incorrect|false|not|out|too"
    r"|bad"
    r"|insufficient|unsafe)\b|^\W{0,3}(?:wrong|incorrect|no)\b"
)
_BOTH = re.compile(r"(?:^|\s)\(?[a-z]\)? (?:or|and) \(?[a-z]\)?(?=[\s.,;!]|$)")
_JSON = re.compile(r"\{[^{}]{1,2000}\}")
_NEGATED = re.compile(r"\b(?:not|n't|never|isn't|rather than|instead of)\b[^.\n]{0,12}$")


def read(answer: str, count: int) -> tuple[int | None, str]:
    """Place of the option among `count` that an answer decides for, and a reason if there is none.

    The reason is empty if it names no letter at all.
    """
    text = _flat(split(answer).answer[-READ:])
    for found in (_last(_in_json(text), count), _last(_named(_EXPLICIT, text), count)):
        if found is not None:
            return found, ""
    for pattern in (_CALLED, _START):
        places = {p for p in _named(pattern, text) if p < count}
        if len(places) == 1:
            return places.pop(), ""
        if places:
            return None, AMBIGUOUS
    return None, AMBIGUOUS if _BOTH.search(text) else ""


def _flat(text: str) -> str:
    """Lower case without marks of LaTeX and Markdown, line by line."""
    for _ in range(3):
        text = _LATEX.sub(r" \1 ", text)
    return "\n".join(plain(_MARKS.sub("", line)) for line in text.splitlines())


def _last(places: Iterator[int], count: int) -> int | None:
    found = [place for place in places if place < count]
    return found[-1] if found else None


def _named(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    for match in pattern.finditer(text):
        letter = next((found for found in match.groupdict().values() if found), "")
        rest = text[match.end() :]
        condemned = pattern is not _CALLED and _WRONG.match(rest)
        denied = _NEGATED.search(text[: match.start()])
        if letter and not condemned and not denied:
            yield ord(letter) - ord("a")


def _in_json(text: str) -> Iterator[int]:
    """Letters given under a key such as `answer`."""
    for match in _JSON.finditer(text):
        try:
            data = json.loads(match[0])
        except ValueError:
            continue
        for key, value in data.items() if isinstance(data, dict) else ():
            told = re.fullmatch(r"\W*(?:option )?([a-z])(?:[).:\s].*)?", str(value), re.DOTALL)
            if told and re.search(r"answer|choice|option|letter|pick|final|result", str(key)):
                yield ord(told[1]) - ord("a")
