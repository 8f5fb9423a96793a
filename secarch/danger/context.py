"""What the words around a danger make of it: advice, or a warning, a quotation, a condition.

Precision comes first: prose counts as advice only where it is an instruction. What the text around
makes of it (lists under a verdict, quotations, later withdrawal, introductions of code) is
recognised by `secarch.text.polarity`; both have to agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from secarch.text.polarity.windows import sentences

NEGATION = re.compile(
    r"\b(?:not|never|no|nor|neither|cannot|nobody|without|avoid(?:s|ed|ing)?|instead of|rather than"
    r"|refrain|refuse|forbid\w*|prohibit\w*|prevent\w*|block(?:s|ed)?|den(?:y|ies|ied)|detect\w*"
    r"|alert(?:s|ed)?|flag(?:s|ged)?|reject\w*|unless|against|risks?|dangers?|mistakes?|wrong|bad"
    r"|insecure|unsafe|myths?|resist\w*|beware|warn\w*|fail(?:s|ed)?|attackers?|adversar\w+"
    r"|insiders?"
    r"|malicious|temptation|tempted|tempting|hesitate|if|whether|anyone who|whoever|those who"
    r"|somebody who|why|how|stop|was|were|had|did)\b|n't\b"
)
SAYS = re.compile(
    r"\b(?:say|says|said|claim\w*|argue\w*|suggested|proposed|asks?|asked|request\w*|wants?|wanted"
    r"|believe\w*|think|thinks|thought|vendors?|colleagues?|blogs?|tutorials?|forum|somebody"
    r"|someone"
    r"|people|many|teams? (?:that|who)|according to|the (?:question|idea|proposal|request"
    r"|advice))\b"
)
AFTER = re.compile(
    r"^[^.!?]*?\b(?:is|are|would be|was|were|remains?|becomes?|counts? as"
    r"|be) (?:\w+ ){0,3}?(?:bad|wrong|dangerous|a smell|smelly|a hack|a last resort|asking for"
    r"|insecure|unsafe|a mistake|mistake|a risk|risky|not |never|prohibited|unacceptable|forbidden"
    r"|an? anti-?pattern|a violation|out of the question|no option|no answer|reckless|rejected"
    r"|refused"
    r"|detected|blocked|denied|flagged|a myth|indefensible|poor)|\b(?:exposes?"
    r"|lets? (?:an )?attackers?"
    r"|invites?|breaks? compliance|violates?|defeats?|would (?:expose|let|give|leave|break)"
    r"|leaks)\b"
    r"|\b(?:never|must not|should not|don't|do not) do\b"
)
_YOU = re.compile(
    r"\b(?:you|we|i|they|teams?|admins?|developers?)(?:'d|'ll)?(?: \w+)? (?:can|should|may|could"
    r"|must|might|need to"
    r"|want to|have to|would|will|ought to|only need to|better)(?: \w+){0,3}$|\b(?:it is|it's"
    r"|that is"
    r"|that's|it would be|it will be|is) (?:\w+ ){0,3}?(?:fine|ok|okay|safe|acceptable|enough"
    r"|best|easiest|simplest"
    r"|reasonable|advisable|sensible|recommended|quickest|fastest|common|good|better|sufficient"
    r"|practice|idea|alright|easier|simpler|faster)(?: \w+){0,3}? to(?: \w+){0,2}$"
    r"|\b(?:recommend|suggest|advise|propose|is|was|be)"
    r"\w*(?: \w+){0,4}? (?:to|that you|you|that we)(?: \w+)?$|\b(?:feel free|go ahead|make sure"
    r"|be sure|remember|try|need|want"
    r"|enough|idea|way|fix|solution|option|step|workaround|approach|trick"
    r"|thing)(?: \w+){0,4}? (?:to|and|is)(?: simply| just)?$|\blet(?:'s| us)$"
    r"|\b(?:set|configure|change|update|edit|adjust|modify)(?: [\w'-]+){1,6} to$"
    r"|^\W*(?:just |simply |please )*(?:let|have)(?: [\w'-]+){1,4}$"
)
_FILLER = re.compile(
    r"^\W*(?:(?:first|second|third|then|next|now|just|simply|please|also|and|so|or|always"
    r"|instead|finally|to|for"
    r"|quickly|temporarily|step|\d+|in|this|case|that|here|yes|sure|okay|ok|well|ideally|usually"
    r"|otherwise"
    r"|alternatively|easiest|simplest|quickest|fastest|best|fix|solution|option|answer"
    r"|recommendation|tip|initially|only"
    r"|likewise|again|afterwards|later|permanently|still|safely|completely|fully)\W+)*$"
)
_LABEL = re.compile(
    r"(?:\b(?:fix|solutions?|recommend\w*|steps?|do this|do|tip|workarounds?|answer|quick\w*"
    r"|options?|advice"
    r"|approach|remedy|plan|next|now|then|example|how to|note|setup|instructions?|follows"
    r"|following|this"
    r"|\d+)\W*$|^\W*$)"
)
"""What may stand before a colon so that an instruction follows."""
_GUARDED = re.compile(
    r"\b(?:break-?glass|just-in-time|jit|eligible|time-(?:bound|limited)|approv\w+|emergenc\w+"
    r"|secrets? manager"
    r"|key ?vault|secret store|parameter store|sealed|references? only|only references|honey\w*"
    r"|decoys?"
    r"|canary|quarantine|incident|compromised|intruder|attackers?|contain(?:ment)?)\b"
)
"""With these it is not everyday advice: a safe store, a limit, an answer to an attack."""
_VERBS = frozenset(
    """make set give grant open disable turn use run put store allow attach create add share skip
    remove keep leave configure deploy apply go click select choose update change edit install
    start stop enable check write copy paste upload commit embed hard-code expose mount assign
    let trust switch delete drop bind launch build save log export import download connect sign
    call pass define replace move restart scale point map tell ask""".split()  # noqa: SIM905 - a word list reads better as words
)
_QUOTES = re.compile(r"[\"\u201c\u201d]")
_LEADS = re.compile(
    r"^(?:first|second|third|then|next|now|just|simply|please|also|and|so|or|always|instead|finally"
    r"|quickly|temporarily|you|we|can|should|could|may|here|yes|sure|okay|ok|well)\W+"
)
_PASSIVE = re.compile(
    r"\b(?:should|can|may|could|must|might|need not) (?:\w+ ){0,2}?(?:be|stay|remain|live|go|sit)\b"
)


def clauses(text: str) -> Iterator[str]:
    """The sentences of a window, in lower case; lines of their own are sentences."""
    for line in text.split("\n"):
        yield from sentences(line)


def instructed(sentence: str, start: int, end: int) -> bool:
    """Whether the words from `start` to `end` of a sentence are something that it tells to do."""
    before, found, after = sentence[:start], sentence[start:end], sentence[end:]
    label, _, rest = before.rpartition(": ")
    parts = re.split(r"[,;]\s|\s-\s|\b(?:and|then|but|or)\s", rest)
    told = bool(_YOU.search(parts[-1].rstrip()))
    if _framed(sentence, before, label):
        return False
    if re.search(r"\b(?:and|then|or)\s+$", rest) and not _instructs(parts[0]):
        return told
    if NEGATION.search(reach(_CASE.sub("", before))) or SAYS.search(before) or AFTER.search(after):
        return False
    if _NEEDLESS.match(found):
        return True
    if _KEEPS.match(found) and _UNDONE.match(after):
        return False
    turned = bool(_INSIDE.search(found.partition(" ")[2].replace("need not", "")))
    instructs = told or _FILLER.match(parts[-1]) or _YOU.search(before.rstrip())
    return not turned and not _TO_NOBODY.match(after) and bool(instructs or _PASSIVE.search(found))


def _framed(sentence: str, before: str, label: str) -> bool:
    """Whether it is a question, a quotation, a list of what others do, or no everyday matter."""
    return bool(
        sentence.rstrip().endswith("?")
        or len(_QUOTES.findall(before)) % 2
        or (label and not _LABEL.search(label))
        or _ENABLES.search(before)
        or _GUARDED.search(sentence)
    )


_CASE = re.compile(
    r"^\W*(?:if|when|whenever|where|in case) (?!you (?:to|for|in|on|as|with|just|so|then) )"
    r"[^,;:]{4,90}, (?:then |just |simply |please )*$"
)
"""The reader's case, before an instruction: "If the pod lacks a permission, run it as root."."""
_ENABLES = re.compile(
    r"\bso(?: that)? (?:an?|any|each|every|the|one|some|whoever|anyone|everyone)(?: [\w'-]+){0,3}"
    r" (?:can|could|may|might|is able to) (?:\w+ )?$"
)
"""As in "so a team can start ...": what follows from a state, and not what to do."""
_INSIDE = re.compile(
    r"(?<!--)\b(?:no|not|non|never|nobody|cannot|except|rather than|instead of"
    r"|private(?! keys?)|drop|remove"
    r"|deny|block(?! public access)|restrict|forbid|prevent|reject|rotate|only (?:through|via"
    r"|from|by)"
    r"|without(?! (?:encryption|tls|authentication|a password|mfa|restriction)))\b|n't\b"
)
"""Turns the words between a verb and its object round: "give each its own role, not ..."."""
_KEEPS = re.compile(r"(?:keep|leave|make|set|have)\b")
_UNDONE = re.compile(
    r"^\W*(?:(?:switched|turned) )?(?:disabled|off|blocked|closed|denied|forbidden|prohibited"
    r"|unavailable|impossible)\b"
)
"""As in "leave IMDSv1 disabled": the danger is named in order to keep it away."""
_NEEDLESS = re.compile(r"(?:no need|not worth|(?:you )?(?:do not|don't) (?:need|have))\b")
_TO_NOBODY = re.compile(r"^\W*(?:\w+ ){0,4}?(?:to|for|on|by|from) (?:no|none|nobody|nothing)\b")


def _instructs(clause: str) -> bool:
    """Whether a clause begins like an instruction."""
    words = re.findall(r"[\w'-]+", re.sub(_LEADS, "", clause.strip()))
    return not words or words[0] in _VERBS or bool(_YOU.search(clause)) or words[0] in {"to", "for"}


def reach(before: str) -> str:
    """The part of the sentence that a negation before the danger may govern."""
    parts = re.split(r"[;]\s|,? but |\b(?:so|therefore|instead),? ", before)
    return parts[-1]
