r"""Read the letter that an answer to a multiple-choice question decides for.

The last explicit answer wins ("Answer: B", `\boxed{B}`, `{"answer": "B"}`, "that leaves B"); else
the one letter that is called right or ticked; else the only letter that stands alone or before an
option; else the one that the answer leans to, ends at or alone names. An answer without letters may
name an option by its text or its place. Two letters without a decision are no answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from secarch.evaluate.ask import named
from secarch.evaluate.ask.closing import alone, closing, undecided
from secarch.evaluate.ask.leaning import leaning, sides_against
from secarch.evaluate.ask.structured import SEVERAL, structured
from secarch.evaluate.ask.turned import bare, tails, wavers, without_echo
from secarch.text.polarity.plain import plain
from secarch.text.reasoning import split

READ = 20_000
"""Characters of an answer that are read, its last ones."""
_RUN = re.compile(r"(\W{80})\W+(?=\W{80})")
"""The middle of a long run of marks, which patterns would try from each of its characters."""
AMBIGUOUS = "two letters and no final answer"

_LATEX = re.compile(
    r"\\(?:boxed|text|textbf|mathbf|mathrm|mathbb|fbox|operatorname|bm|textrm"
    r"|texttt)\s*\{([^{}]*)\}"
)
_MARKS = re.compile(r"\$+|\\[()\[\]]|[*_`~]+|\\(?:quad|,|;|!)")
_LETTER = r"[\"'(\[{<]*\(?(?P<letter>[a-z])\b(?!['\u2019][a-z])"
_EXPLICIT = re.compile(
    r"\b(?:(?:final|correct|right|best|my|the|chosen|proper|most suitable|single best) )*"
    r"(?:answer|option|choice|solution|response|pick|selection|verdict|letter|finalanswer"
    r"|correctanswer|selectedoption"
    r"|correctoption)s?\b(?:\(s\))?"
    r"(?: (?:here|to (?:this|the) question|choice|option|letter|therefore|thus|then"
    r"|after [a-z ]{1,30}?|(?:among|of|out of|from) (?:these|those|the)(?: \w+){0,2}?))*\s*"
    r"(?:\b(?:is(?: still)?|goes to|falls (?:on|to)|must be|should be|would be|has to be|remains"
    r"|stays)\b|[:=\u2192]|->|=>"
    r"|-)\s*(?:clearly |therefore |thus |then |definitely |most likely |simply |option |choice "
    r"|letter |answer "
    rf"|the |:|\s)*{_LETTER}(?=[\s).:,;!\]}}\"'>-]|$)"
    r"|\b(?:correct|right|best|better|proper|safest|only|final|chosen|selected|ans|pick"
    r"|most [a-z-]+)"
    r"(?: one| remaining one)?\s*(?:\bis\b|[:=])\s*(?:option |choice )?"
    r"\(?(?P<one>[a-z])\b(?=[\s).:,;!\]]|$)(?! (?:right|wrong|single))"
    r"|^\W*(?:(?:rank\w*|order\w*|preference)(?: \w+){0,2}\s*:\s*)?"
    r"\(?(?P<first>[a-z])\)? ?> ?(?=[a-z])"
    r"|^\W*\(?(?P<over>[a-z])\)? over \(?[a-z](?=[).,;\s]|$)"
    r"|\b(?:rank\w*|best (?:to worst|first)|order(?:ed)? (?:of|by) \w+|descending(?: order)?)\b"
    r"[^:\n]{0,40}:\s*(?:1[.)]\s*)?\(?(?P<ranked>[a-z])\)?(?=[,;.\s>])"
    r"|\b(?:leaves?|leaving|gives|yields|leads to|brings(?: us)? to|arrives? at|results? in)(?:"
    r" us| me)?(?: with)?(?: only| just)? (?:option |choice |answer )?"
    r"\(?(?P<left>[a-z])\b(?=[).:,;!]|\s+(?:as|because|since|which|only|alone)\b|$)"
    r"|\b(?:(?:going|go|settl(?:e|ed|ing)|went|stick(?:ing)?|land(?:ed|ing)|decid(?:e|ed|ing)|opt(?:ed|ing)?)"
    r" (?:with|for|on)|i(?:'m| am) (?:now|back)"
    r" (?:at|on|with)) (?:option |choice |answer )?"
    r"\(?(?P<going>[a-z])\b(?=[).:,;!]|\s+(?:here|as|because|since|again)\b|$)"
    r"|\b(?:it|this|that)(?: is|'s| must be| has to be| should be)"
    r"(?: definitely| clearly| certainly| obviously| surely| probably| most likely)?"
    r" (?:option )?\(?(?P<sure>[a-z])(?=[),;:]|\s+(?:as|because|since|rather than|not|instead)\b)"
    r"|\b(?:it|this|that|which) (?:must|has to|should|ought to|needs to) be (?:option )?"
    r"\(?(?P<due>[a-z])(?=[).!]|$)"
    r"|\b(?:i(?:'d| would|'ll| will)? (?:choose|pick|select|go (?:with|for)|opt for|say|answer"
    r"|vote for"
    r"|take)|(?:choose|pick|select|go with))(?:\s+|:\s*)(?:option |choice |answer |letter |the "
    r"|:|\s)*"
    r"\(?(?P<chosen>[a-z])\b(?=[\s).:,;!]|$)(?! (?:right|wrong|good|bad|single|role|policy|key))"
    r"|\b(?:chang(?:e|ing)|switch(?:ing)?|revis(?:e|ing)|correct(?:ing)?|updat(?:e|ing))"
    r" (?:(?:my|the|that|this|it)(?: (?:answer|choice|pick))? )?(?:from \(?[a-z]\)? )?to "
    r"(?:option )?\(?(?P<changed>[a-z])(?=[).,;!]|$)"
    r"|\bnot (?:option )?\(?[a-z]\)?(?: as [^.,;\n]{1,40})?,? but (?:rather |instead )?(?:option"
    r" )?\(?(?P<rather>[a-z])(?![\w'-])"
    r"|\b(?:edit|correction|corrected|sorry|wait|scratch that|on second thoughts?"
    r"|actually)\b\s?[,:;.!-]*"
    r" (?:(?:it is|it's|sorry|no|rather|so|the answer is|make it),? )*(?:option"
    r" )?\(?(?P<mended>[a-z])"
    r"(?=[),.;!]|$)"
    r"|\bfinal(?:ly)? (?:answer|choice|pick|decision|selection) \(?(?P<plain>[a-z])(?=[).,;!]|$)"
    r"|\bmak(?:es|ing) (?:option )?\(?(?P<makes>[a-z])\)? (?:the |an? )?"
    r"(?:better|best|right|correct|only|clear|answer|choice|winner)\b"
    r"|\bmake (?:that|it) (?:option )?\(?(?P<made>[a-z])(?=[).,;!]|$)"
    r"|\bonly (?:option|choice|answer|one)\b[^.;:\n]{1,80}?\bis (?:option )?"
    r"\(?(?P<alone>[a-z])(?=[).,;!]|$)"
    r"|\b(?:1st|first)(?: place| choice)?\s*[:=]\s*\(?(?P<leads>[a-z])\b"
    r"|^\W*(?:=>|->|\u2192|\u21d2)\s*(?:option )?\(?(?P<arrow>[a-z])\)?\W*$"
    r"|#{2,}\s*(?P<hashed>[a-z])\s*$"
    r"|\b(?:it is|it's|that's|that is|thus|so|therefore|hence),?\s+(?:option"
    r" )?\(?(?P<so>[a-z])\)?[.!]?$",
    re.MULTILINE,
)
_CALLED = re.compile(
    r"(?:^|[\s(])(?<!\b[a-z] (?:to|or) )(?:option |choice |answer )?\(?"
    r"(?P<letter>[a-z])[).:]?\s+(?:is|would be|seems|looks)"
    r"\s+(?:the |clearly |indeed |therefore |obviously |definitely |most likely )*(?:right"
    r"|correct|best|better|preferred|safest|strongest"
    r"|true|answer|first\b|only (?:right|correct|one)|proper|most)\b"
    r"|(?:^|[\s(])(?:option |choice |answer )?\(?(?P<meets>[a-z])[).]? (?:best |fully |would "
    r"|alone )*(?:meets?|fits?|satisf(?:y|ies)|fulfils?) (?:all|the|these|this|every|best)\b"
    r"|(?:^|[\s(])\(?(?P<abroad>[a-z])\)? (?:ist (?:richtig|korrekt|die richtige)|es (?:la"
    r" )?correcta"
    r"|est (?:la )?(?:bonne|correcte)|\u00e8 (?:quella )?corretta|\u00e9 (?:a )?correta|is juist"
    r"|jest poprawna)\b|(?:^|[\s(])(?P<yes>[a-z])\? (?:yes|correct|right)\b"
    r"|(?<![\w'-])(?P<judged>[a-z])\)? \((?:correct|right|best)\)"
    r"|\((?P<marked>[a-z])\)[ :-]{0,3}(?:is )?(?:correct|right|true|yes)\b"
    r"|[\"'](?P<true>[a-z])[\"']\s*:\s*[\"']?(?:true|correct|right|yes)\b|\[x\]"
    r" ?\(?(?P<boxed>[a-z])\b"
    r"|(?:^|[\s(])\(?(?P<wins>[a-z])\)? (?:wins\b|it is\b[.!]?\s*$)"
    r"|\bonly (?:option )?\(?(?P<sole>[a-z])\)? [a-z]{2,20}s\b",
    re.MULTILINE,
)
_FOREIGN = re.compile(
    r"(?:\b(?:antwort|l\u00f6sung|respuesta|opci\u00f3n|r\u00e9ponse|risposta|resposta|alternativa"
    r"|odpowied\u017a|odpov\u011b\u010f|svar(?:et)?|vastaus|v\u00e1lasz|antwoord|cevap|jawaban"
    r"|r\u0103spuns(?:ul)?|\u0111\u00e1p \u00e1n|\u03b1\u03c0\u03ac\u03bd\u03c4\u03b7\u03c3\u03b7"
    r"|\u0432\u0456\u0434\u043f\u043e\u0432\u0456\u0434\u044c|\u043e\u0442\u0432\u0435\u0442)\b"
    r"(?: (?:correcta|richtige|correcte|corretta|correta|finale?))*\s*"
    r"(?:\b(?:ist|lautet|w\u00e4re|es|est|\u00e9|\u00e8|to|\u00e4r|is)\b|[:=\u2013-])"
    r"[\s:]*(?:la |die |el |il |le |an? |o |de |l'|option |opci\u00f3n |op\u00e7\u00e3o |opzione"
    r" |letra "
    r"|lettre |lettera |letter |litera |buchstabe )*"
    r"|\b(?:ich (?:w\u00e4hle|nehme|entscheide mich f\u00fcr)|je (?:choisis|prends|opte pour)"
    r"|elijo|escojo"
    r"|scelgo|escolho|ik kies(?: voor)?|wybieram|jag v\u00e4ljer|vyb\u00edr\u00e1m) (?:(?:la|die"
    r"|antwort|el|l'"
    r"|option|opci\u00f3n|op\u00e7\u00e3o|opzione|letra|lettre|lettera|optie|a|o) |l')*(?:option )?"
    r"|(?:\u7b54\u6848|\u6b63\u786e\u9009\u9879|\u6b63\u89e3|\u7b54\u3048|\uc815\ub2f5|\ub2f5"
    r"|\u0627\u0644\u0625\u062c\u0627\u0628\u0629|\u0627\u0644\u062c\u0648\u0627\u0628)"
    r"(?:\u662f|\u4e3a|\u9009|\u306f|\uc740|\ub294|\uff1a|:|\s)*|(?:\u6211\u9009|\u9009\u62e9)\s*)"
    r"\(?(?P<letter>[a-z])(?![a-z])",
)
"""The answer's noun in other languages."""
_TICK = r"(?:[\u2705\u2713\u2714\u2611]\ufe0f?|\[x\])"
_CROSS = r"[\u274c\u2717\u2718]\ufe0f?"
_TICKED = re.compile(
    rf"(?:^|{_CROSS}[ \t]*)[^\w\n]*?(?:\d+[.)][ \t]*)?"
    rf"(?:{_TICK}[ \t]*(?:option |choice )?\(?(?P<before>[a-z])"
    r"(?:[).:\s]|$)"
    r"|(?:option |choice )?\(?(?P<behind>[a-z])[).]?[ \t]*(?:"
    rf"(?:(?!{_CROSS})[^\n])*{_TICK}|(?:[|:\u2192-]|[-=]>)[ \t]*"
    r"(?:correct|right|yes|true|best|accepted|accept|keep|chosen|selected|pass|valid)\b"
    r"|[ \t]+t[ \t]*$))",
    re.MULTILINE,
)
"""A line of a list or table that marks its option as the right one."""
_START = re.compile(
    r"^\W*(?:\d+[.)] )?(?:option |choice |answer )?\(?"
    r"(?P<letter>[a-z])(?:[).:,\]}]|[\"']?\s*$|\s+-\s)",
    re.MULTILINE,
)
_WRONG = re.compile(
    r"^(?:(?!, (?:but\b|(?:option )?\(?[a-z]\)? ))[^\n.;]){0,80}?"
    r"\b(?:is|are|'s|would be|seems) (?:\w+ )?(?:wrong|incorrect|false|not|out|too"
    r"|bad"
    r"|insufficient|unsafe)\b|^\W{0,3}(?:wrong|incorrect|no)\b(?!:)"
)
_BOTH = re.compile(r"(?:^|\s)\(?[a-z]\)? (?:or|and) \(?[a-z]\)?(?=[\s.,;!]|$)")
_KEY = re.compile(
    r"[{,]\s*[\"']?\w*[ -]?(?:\bans\b|answer|choice|option|letter|pick|final|result"
    r"|selection)[\w -]{0,20}"
    r"[\"']?\s*:\s*\[?\s*[\"']?(?:option )?(?P<letter>[a-z])(?=[\"'\]).:,\s}])"
)
"""A letter under a key such as `answer`, in JSON or what resembles it."""
_TAG = re.compile(
    r"<(/?)((?:final[_-]?)?(?:answer|choice|option|letter|result|selected|selection|pick|final"
    r"|response|output|decision))>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"<(?:answer|choice|option|selected|response)\s+\w+=[\"']([A-Za-z])[\"']\s*/?>", re.IGNORECASE
)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[a-z*]+\}")
_BRACKETS = str.maketrans(
    {
        "\u3010": "[",
        "\u3011": "]",
        "\u300c": '"',
        "\u300d": '"',
        "\u00ab": '"',
        "\u00bb": '"',
        "\u3002": ".",
        "\u3001": ",",
    }
)
_ARTICLE = re.compile(
    r"(?<![\w(\[\"'*`$])a(?= (?!because|since|as|and|or|is|isn|was|has|seems|looks|would|not)[a-z])"
)
"""The word "a" before a noun, which is no letter of an option."""
_CROSSED = re.compile(r"~~[^~\n]{1,600}~~")
_MORE = re.compile(
    r"(?:[).\]\"']{0,3}[ \t]{0,4}(?:,|&|\+|/|;|\band\b|\bor\b))+[ \t]{0,4}(?:option )?[\"'(\[]{0,3}"
    r"(?P<letter>[a-z])(?=[)\]\"']{0,3}(?:[.,;!]?[ \t]{0,4}$"
    r"|[ \t]{0,4}(?:,|&|\+|/|and\b|or\b)[ \t]{0,4}[\"'(]{0,3}[a-z]\b))",
    re.MULTILINE,
)
"""A second letter in the same decision, as in "A, C"."""
_RANKING = re.compile(
    r"\b(?:rank\w*|best (?:to worst|first)|order(?:ed)? (?:of|by) \w+|descending)\b[^:\n]{0,40}"
    r":\W*(?:1[.)] )?\W?[a-z]$"
)
"""Before letters in their order, of which the first is the decision."""
_COLUMN = re.compile(
    r"^(?P<head>(?=[^\n]{0,400}\|)[^\n]{0,400}\banswer\b[^\n]{0,400})\n[|: \t-]+\n"
    r"(?P<rows>(?:[^\n]*\|[^\n]*\n?)+)",
    re.MULTILINE,
)
"""A table that has a column for the answer."""
_NEGATED = re.compile(r"\b(?:not|n't|never|isn't|rather than|instead of)\b[^.;,\n]{0,12}$")
_FORMER = re.compile(
    r"\b(?:incorrect|wrong|rejected|eliminated|excluded|discarded|initial|original|previous|earlier"
    r"|preliminary|tentative|first|was going to|tempted to|almost|nearly) $"
)
"""Before "answer: A", makes it none that is given."""


def read(answer: str, count: int, options: Sequence[str] = ()) -> tuple[int | None, str]:
    """Place of the option among `count` that an answer decides for, and a reason if there is none.

    The reason is empty if it names no letter at all. `options` are the texts in the order shown; an
    answer may give one of them in the place of its letter.
    """
    text, marked = without_echo(_RUN.sub(r"\1", split(answer).answer[-READ:]), options)
    if marked is not None:
        return marked, ""
    if (found := structured(text, options, count)) is not None:
        return (None, AMBIGUOUS) if found == SEVERAL else (found, "")
    place, why = _by_letter(named.lettered(text, options), count)
    if place is not None or why:
        return place, why
    place, why = _by_letter(named.placed(text, count), count)
    return (place, why) if place is not None or why else (named.shortened(text, options), "")


def _by_letter(answer: str, count: int) -> tuple[int | None, str]:
    """The place of the letter that an answer decides for, and why there is none."""
    text = _flat(answer)
    if (turned := _turned(text, count)) is not None:
        return turned, ""
    for pattern in (_KEY, _EXPLICIT, _FOREIGN):
        found = _last(_decisions(pattern, text, count))
        if found is not None:
            return (None, AMBIGUOUS) if found < 0 else (found, "")
    open_ = undecided(text) or wavers(text, count)
    for found in (_tabled(text, count), None if open_ else closing(text, count)):
        if found is not None:
            return found, ""
    several = bool(_BOTH.search(text)) or open_
    for pattern in () if open_ else (_CALLED, _TICKED, _START):
        places = set(_decisions(pattern, text, count))
        if len(places) == 1 and SEVERAL not in places:
            return places.pop(), ""
        if several := several or bool(places):
            break
    leans = None if open_ else leaning(text, count)
    if leans is None and not several:
        leans = _alone(answer, text, count)
    return (leans, "") if leans is not None else (None, AMBIGUOUS if several else "")


def _turned(text: str, count: int) -> int | None:
    """The place that is decided for behind the last turn, where no answer is announced there."""
    for tail in tails(text):
        if any(_last(_decisions(p, tail, count)) is not None for p in (_KEY, _EXPLICIT, _FOREIGN)):
            return None
        called = set(_decisions(_CALLED, tail, count)) - {SEVERAL}
        for place in (bare(tail, count), called.pop() if len(called) == 1 else None):
            if place is not None:
                return place
        place = leaning(tail, count, by_rest=False)
        if (place := closing(tail, count) if place is None else place) is not None:
            return place
    return None


def _alone(answer: str, text: str, count: int) -> int | None:
    """The only letter that is named, unless something is said against it."""
    place = alone(_unmarked(answer), count)
    return None if place is None or sides_against(text, place) else place


def _flat(text: str) -> str:
    """Lower case without marks of LaTeX and Markdown, line by line."""
    text = _ARTICLE.sub("an", _unmarked(text))
    return "\n".join(plain(line) for line in text.splitlines())


def _unmarked(text: str) -> str:
    """A text with brackets and letters of ASCII, without tags and marks of LaTeX and Markdown."""
    text = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    text = _ENVIRONMENT.sub(" ", text)
    for _ in range(3):
        text = _LATEX.sub(r" \1 ", text)
    text = _ATTRIBUTE.sub(r"\nanswer: \1\n", text)
    text = _TAG.sub(lambda tag: "\n" if tag[1] else "\nanswer: ", text)
    return "\n".join(_MARKS.sub("", line) for line in _CROSSED.sub("", text).splitlines())


def _decisions(pattern: re.Pattern[str], text: str, count: int) -> Iterator[int]:
    """The places that are decided for, in order; below 0 where one decision names several."""
    for place, end in _found(pattern, text):
        if place < count:
            more = None if _RANKING.search(text[:end]) else _MORE.match(text, end)
            other = ord(more["letter"]) - ord("a") if more else place
            yield place if other in {place, *range(count, 26)} else SEVERAL


def _last(places: Iterator[int]) -> int | None:
    found = [*places]
    return found[-1] if found else None


def _tabled(text: str, count: int) -> int | None:
    """The one letter that stands in a table's column for the answer."""
    table = _COLUMN.search(text)
    if table is None:
        return None
    heads = [cell.strip() for cell in table["head"].strip().strip("|").split("|")]
    column = next(n for n, head in enumerate(heads) if "answer" in head)
    rows = [row.strip().strip("|").split("|") for row in table["rows"].splitlines()]
    cells = [row[column].strip(" ().") for row in rows if len(row) > column]
    if len(cells) != 1 or not re.fullmatch(r"[a-z]", cells[0]):
        return None
    place = ord(cells[0]) - ord("a")
    return place if place < count else None


def _found(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Places of the letters that a pattern names, and where each of them ends."""
    for match in pattern.finditer(text):
        letter = next((found for found in match.groupdict().values() if found), "")
        rest = text[match.end() :]
        condemned = pattern is not _CALLED and _WRONG.match(rest)
        before = text[: match.start()]
        denied = _NEGATED.search(before) or (pattern is _EXPLICIT and _FORMER.search(before))
        if letter and not condemned and not denied:
            yield ord(letter) - ord("a"), match.end(match.lastgroup or 0)
