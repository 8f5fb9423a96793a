r"""Read the letter that an answer to a multiple-choice question decides for.

The last explicit answer wins ("Answer: B", `\boxed{B}`, `{"answer": "B"}`, "that leaves B"); else
the one letter that is called right or ticked; else the only letter that stands alone or before an
option. Two letters without a decision are no answer.
"""

from __future__ import annotations

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
    r"(?: (?:here|to (?:this|the) question|choice|option|letter|therefore|thus|then"
    r"|(?:among|of|out of|from) (?:these|those|the)(?: \w+){0,2}?))*\s*"
    r"(?:\b(?:is|must be|should be|would be|has to be|remains)\b|[:=\u2192]|->|=>"
    r"|-)\s*(?:clearly |therefore |thus |then |definitely |most likely |simply |option |choice "
    r"|letter |answer "
    rf"|the |:|\s)*{_LETTER}(?=[\s).:,;!\]}}\"'>-]|$)"
    r"|\b(?:correct|right|best|better|proper|safest|only|final|chosen|selected|ans|pick"
    r"|most [a-z-]+)"
    r"(?: one| remaining one)?\s*(?:\bis\b|[:=])\s*(?:option |choice )?"
    r"\(?(?P<one>[a-z])\b(?=[\s).:,;!\]]|$)(?! (?:right|wrong|single))"
    r"|\b(?:leaves?|leaving)(?: us| me)?(?: with)?(?: only| just)? (?:option |choice |answer )?"
    r"\(?(?P<left>[a-z])\b(?=[).:,;!]|\s+(?:as|because|since|which|only|alone)\b|$)"
    r"|\b(?:going|go|settling|went|stick(?:ing)?) (?:with|for|on) (?:option |choice |answer )?"
    r"\(?(?P<going>[a-z])\b(?=[).:,;!]|\s+(?:here|as|because|since|again)\b|$)"
    r"|\b(?:it|this|that)(?: is|'s| must be| has to be| should be)"
    r"(?: definitely| clearly| certainly| obviously| surely| probably| most likely)?"
    r" (?:option )?\(?(?P<sure>[a-z])(?=[),;:]|\s+(?:as|because|since)\b)"
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
    r"|correct|best|better|preferred|safest|strongest"
    r"|true|answer|only (?:right|correct|one)|proper|most)\b"
    r"|(?:^|[\s(])(?:option |choice |answer )?\(?(?P<meets>[a-z])[).]? (?:best |fully |would "
    r"|alone )*(?:meets?|fits?|satisf(?:y|ies)|fulfils?) (?:all|the|these|this|every|best)\b",
    re.MULTILINE,
)
_FOREIGN = re.compile(
    r"(?:\b(?:antwort|l\u00f6sung|respuesta|opci\u00f3n|r\u00e9ponse|risposta|resposta|alternativa"
    r"|odpowied\u017a|svaret?|antwoord|cevap|\u043e\u0442\u0432\u0435\u0442)\b"
    r"(?: (?:correcta|richtige|correcte|corretta|correta|final))*\s*"
    r"(?:\b(?:ist|lautet|w\u00e4re|es|est|\u00e9|\u00e8|to|\u00e4r|is)\b|[:=\u2013-])"
    r"\s*(?:la |die |option |opci\u00f3n )*"
    r"|(?:\u7b54\u6848|\u6b63\u786e\u9009\u9879|\u6b63\u89e3|\u7b54\u3048)"
    r"(?:\u662f|\u4e3a|\u9009|\u306f|\uff1a|:|\s)*|(?:\u6211\u9009|\u9009\u62e9)\s*)"
    r"\(?(?P<letter>[a-z])(?![a-z])",
)
"""The answer's noun in other languages."""
_TICK = r"(?:[\u2705\u2713\u2714\u2611]\ufe0f?|\[x\])"
_TICKED = re.compile(
    rf"^[^\w\n]*?(?:\d+[.)][ \t]*)?(?:{_TICK}[ \t]*(?:option |choice )?\(?(?P<before>[a-z])"
    r"(?:[).:\s]|$)"
    r"|(?:option |choice )?\(?(?P<behind>[a-z])[).]?[ \t]*(?:"
    rf"[^\n]*{_TICK}|[|:-][ \t]*(?:correct|right|yes|true|best)\b))",
    re.MULTILINE,
)
"""A line of a list or table that marks its option as the right one."""
_START = re.compile(
    r"^\W*(?:option |choice |answer )?\(?(?P<letter>[a-z])(?:[).:,\]}]|\s*$|\s+-\s)", re.MULTILINE
)
_WRONG = re.compile(
    r"^[^\n.;]{0,80}?\b(?:is|are|'s|would be|seems) (?:\w+ )?(?:wrong|incorrect|false|not|out|too"
    r"|bad"
    r"|insufficient|unsafe)\b|^\W{0,3}(?:wrong|incorrect|no)\b"
)
_BOTH = re.compile(r"(?:^|\s)\(?[a-z]\)? (?:or|and) \(?[a-z]\)?(?=[\s.,;!]|$)")
_KEY = re.compile(
    r"[{,]\s*[\"']?\w*[ -]?(?:answer|choice|option|letter|pick|final|result|selection)[\w -]{0,20}"
    r"[\"']?\s*:\s*\[?\s*[\"']?(?:option )?(?P<letter>[a-z])(?=[\"'\]).:,\s}])"
)
"""A letter under a key such as `answer`, in JSON or what resembles it."""
_TAG = re.compile(r"<(/?)(answer|final|choice|option|letter|result|final_answer)>", re.IGNORECASE)
_ARTICLE = re.compile(
    r"(?<![\w(\[\"'*`$])a(?= (?!because|since|as|and|or|is|isn|was|has|seems|looks|would|not)[a-z])"
)
"""The word "a" before a noun, which is no letter of an option."""
_CROSSED = re.compile(r"~~[^~\n]{1,600}~~")
_NEGATED = re.compile(r"\b(?:not|n't|never|isn't|rather than|instead of)\b[^.;\n]{0,12}$")


def read(answer: str, count: int) -> tuple[int | None, str]:
    """Place of the option among `count` that an answer decides for, and a reason if there is none.

    The reason is empty if it names no letter at all.
    """
    text = _flat(split(answer).answer[-READ:])
    for found in (
        _last(_named(_KEY, text), count),
        _last(_named(_EXPLICIT, text), count),
        _last(_named(_FOREIGN, text), count),
    ):
        if found is not None:
            return found, ""
    for pattern in (_CALLED, _TICKED, _START):
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
    text = _TAG.sub(lambda tag: "\n" if tag[1] else "\nanswer: ", text)
    text = _ARTICLE.sub("an", _CROSSED.sub("", text))
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
