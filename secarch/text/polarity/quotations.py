"""Which quotations are words of others, and which are wording that the answer proposes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secarch.text.polarity import vocabulary
from secarch.text.polarity.endorsements import endorses

SAID = re.compile(
    rf"\b{vocabulary.PEOPLE}(?: (?:who|in|of|from|on|at|for|with|behind)(?: [\w'-]+){{1,4}}?)?"
    r" (?:(?:may|might|often|still|also|always|even|sometimes|usually|then|will|would|could|can"
    r"|just"
    rf"|now|both|all|rather|has|have|had|\w+ly) ){{0,2}}{vocabulary.SAY_BARE}(?= \w| \")"
)
_QUOTE = re.compile(r'"([^"\n]{1,600})"|(?<!\w)\'([^\'\n]{12,600})\'(?!\w)')
_SPOKEN = re.compile(
    r"\b(?:tell|answer|reply|write|say|inform|explain|add|state|respond|wording|text|clause"
    r"|message"
    r"|read|polic(?:y|ies)|rules?|called|named|set|titled|labelled|known as|phrase|sentence"
    r"|such as"
    r"|like|e\.g\.|for example|options?|settings?|values?|attributes?|note|entry|page|runbook"
    r"|report)"
    r"\b[^.;!?]{0,60}$"
)
"""Introduces a quotation that the answer makes its own, or a name."""
CALLOUT = re.compile(
    r"^\W*(?:\[!(?:note|tip|important|warning|caution)\]|(?:(?:my|our|the|pro|key|quick|security"
    r"|general) )*(?:tip|note|hint|important|remember|point|takeaway|recommendation|advice|rule"
    r"|summary|best practice|bottom line|in short|tl;?dr|decision|action|reminder|rule of thumb"
    r"|guideline|requirement|ruling|resolution|control)"
    r"(?:\W*(?::|$)| (?:no\.? ?)?[a-z]{0,3}-?\d+\b))"
)
"""Begins a block quote that is only a box for the answer's own words: "> Tip: ..."."""
QUOTED = 4
"""Words from which on a span in quotation marks is speech, and not a name or a term."""
_DISOWNED = re.compile(
    rf"\b(?:{vocabulary.UNTRUTH}|{vocabulary.FAULT}|{vocabulary.UNTRUE}|{vocabulary.NEEDLESS}"
    rf"|delete|remove|strike"
    r"|cross out|take out|cut|drop|cancel|retire|replace|reject|ignore|must not|should not|not"
    r" survive|never|leave out|disagree|deck|brochure|finds?|found|heard|hears?|previous|old|shame"
    r"|distractors?|wrong answer|joke|laugh\w*|do not|don't|worst"
    r"|forum|somebody|someone|vendor|colleague|intern|chatbot|reviewer|commented|(?:take|taken)"
    r" out)\b"
)
"""Beside a quotation: it is not the answer's own wording."""


_PROPOSES = re.compile(
    r"(?:\b(?:i|we)(?:'d|'ll| would| will| shall)?(?: \w+ly)?|(?:^|[.;:,!] |\bplease |\bthen "
    r"|\band "
    r"|\bto |\bshould |\bmust )(?:\w+ly )?)"
    r" ?(?:recommend|suggest|propose|advise|adopt|use|choose|put|insert|publish|send|include"
    r"|go with"
    r"|enter|record|agree on|word (?:it|this)|phrase (?:it|this)|set)\b[^.;!?]{0,60}$"
)
"""Proposes a wording, in the answer's own voice or as an order."""
_OTHERS = re.compile(
    r"\b(?:those|people|anyone|anybody|whoever|everyone|authors?|some|many|all|he|she|they)"
    r" (?:who |that )?(?:\w+ly |still |would |will |once )?(?:sa(?:y|ys|id)|writ(?:e|es)|wrote"
    r"|claims?|argues?|believes?|thinks?|insists?|holds?|repeats?|tells? (?:you|us))\b"
    r"|\b(?:part company|take issue|quarrel|disagree|side against) with\b"
)
"""Before a quotation: the words are those of others, from whom the answer may differ."""
_SAMPLE = re.compile(
    r"\b(?:sample|specimen|classifier|exercise|raw material|test (?:case|data|string))\b"
)
"""Beside a quotation that is only material."""


def quotations(text: str) -> Iterator[re.Match[str]]:
    """The quotations of a sentence that are not the answer's own wording."""
    for cue in _QUOTE.finditer(text):
        inside = cue[1] or cue[2]
        before, after = text[: cue.start()], text[cue.end() :]
        if len(inside.split()) < QUOTED or endorses(before, after):
            continue
        if not _own_words(before, after):
            yield cue


def worded(text: str, first: int, last: int) -> bool:
    """Whether a span stands in a quotation that the answer proposes as wording."""
    return any(
        cue.start() < first
        and last <= cue.end()
        and bool(_PROPOSES.search(text[: cue.start()]))
        and _own_words(text[: cue.start()], text[cue.end() :])
        for cue in _QUOTE.finditer(text)
    )


def _own_words(before: str, after: str) -> bool:
    """Whether a quotation is wording that the answer proposes: "Write this: ...", "the note"
    " says".
    """
    if _OTHERS.search(before) or _SAMPLE.search(before) or _SAMPLE.search(after[:80]):
        return False
    if _DISOWNED.search(before) or _DISOWNED.search(after[:80]) or SAID.search(before):
        return False
    return before.endswith(": ") or bool(_SPOKEN.search(before) or _PROPOSES.search(before))
