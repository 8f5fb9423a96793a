"""What the words around a danger make of it: advice, or a warning, a quotation, a condition.

Precision comes first: prose counts as advice only where it is an instruction. What the text around
makes of it (lists under a verdict, quotations, later withdrawal, introductions of code) is
recognised by `secarch.text.polarity`; both have to agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from secarch.text.polarity.suggestions import suggests
from secarch.text.polarity.windows import sentences

NEGATION = re.compile(
    r"\b(?:not|never|no|nor|neither|cannot|nobody|without|avoid(?:s|ed|ing)?|instead of"
    r"|rather than"
    r"|refrain|refuse|forbid\w*|prohibit\w*|prevent\w*|block(?:s|ed)?|den(?:y|ies|ied)|detect\w*"
    r"|alert(?:s|ed)?|flag(?:s|ged)?|reject\w*|unless|against|risks?|dangers?|mistakes?|wrong|bad"
    r"|insecure|unsafe|worst|last thing|myths?|resist\w*|beware|warn\w*|fail(?:s|ed)?|attackers?"
    r"|adversar\w+"
    r"|insiders?"
    r"|malicious|ransomware|intruders?|hackers?|criminals?|thie(?:f|ves)|temptation|tempted"
    r"|tempting|hesitate|if|whether|anyone who|whoever|those who"
    r"|somebody who|why|how|stop|was|were|had|did)\b|n't\b"
)
SAYS = re.compile(
    r"\b(?:say|says|said|claim\w*|argue\w*|suggested|proposed|asks?|asked|request\w*"
    r"|(?<!may )(?<!might )wants?|wanted"
    r"|believe\w*|think|thinks|thought|vendors?|colleagues?|blogs?|tutorials?|forum|somebody"
    r"|someone"
    r"|people|many|teams? (?:that|who)|according to|the (?:question|idea|proposal|request"
    r"|advice))\b"
)
AFTER = re.compile(
    r"^[^.!?]*?\b(?:is|are|would be|was|were|remains?|becomes?|counts? as"
    r"|be) (?:\w+ ){0,3}?(?:bad|wrong|dangerous|a smell|smelly|a hack|a last resort|asking for"
    r"|insecure|unsafe|a mistake|mistake|a risk|risky|not |never|prohibited|unacceptable"
    r"|forbidden"
    r"|an? anti-?pattern|a violation|out of the question|no (?:option|answer|approach"
    r"|solution|fix|way)|reckless|rejected"
    r"|refused"
    r"|detected|blocked|denied|flagged|a myth|indefensible|poor)|\b(?:exposes?"
    r"|lets? (?:an )?attackers?"
    r"|invites?|breaks? compliance|violates?|defeats?|would (?:expose|let|give|leave|break)"
    r"|leaks)\b"
    r"|\b(?:never|must not|should not|don't|do not) do\b"
    r"|\b(?:but|yet|though|and|which|that|this|it|doing so) (?:would |will |also |then"
    r" )*(?:throws? away"
    r"|gives? up|sacrific\w+|loses?|weakens?|undermines?|undo(?:es)?|ruins?|destroys?|hands?"
    r" (?:over|the"
    r"|every\w*)|costs? you|turns? (?:one|a|an|every))\b"
)
_SO_THAT_NOBODY = re.compile(r"\bso (?:that )?(?:nobody|no one|nothing|no \w+)\b.*")
"""The aim of a deed, which says nothing against it: "so that nobody is blocked"."""
_YOU = re.compile(
    r"\b(?:should|must|ought to|(?:is|are|be) (?:free|allowed|welcome) to)(?: \w+)?$"
    r"|^\W*(?:tell|ask|instruct|get) (?:the |your |our "
    r"|all )?[\w'-]+(?: [\w'-]+){0,3}? to(?: \w+)?$"
    r"|\b(?:agents?|bots?|operators?|authors?|jobs?|pods?|engineers?|colleagues|contractors?)"
    r" (?:may|can(?: (?:simply|just))?)$"
    r"|^\W*(?:in|for|on|under|within) (?:the|your|our|an?|each|every|all) (?:[\w'-]+ ?){1,7}$"
    r"|\bmight as well$|\bi'd(?: \w+)?$"
    r"|\b(?:you|we|i|they|teams?|admins?|developers?)(?:'d|'ll)?(?: \w+)? (?:can|should|may|could"
    r"|must|might|need to"
    r"|want to|have to|would|will|ought to|only need to|better)(?: \w+){0,3}$|\b(?:it is|it's"
    r"|that is"
    r"|that's|it would be|it will be|is) (?:\w+ ){0,3}?(?:fine|ok|okay|safe|acceptable|enough"
    r"|best|easiest|simplest"
    r"|reasonable|advisable|sensible|recommended|quickest|fastest|common|good|better|sufficient"
    r"|practice|idea|alright|easier|simpler|faster|wiser|smarter)(?: \w+){0,3}? to(?: \w+){0,2}$"
    r"|\b(?:suffices?|makes sense|does no harm|won't hurt|doesn't hurt|is enough) to(?: \w+)?$"
    r"|\b(?:recommend|suggest|advise|propose|is|was|be)"
    r"\w*(?: \w+){0,4}? (?:to|that you|you|that we)(?: \w+)?$|\b(?:feel free|go ahead|make sure"
    r"|be sure|remember|try|need|want"
    r"|enough|idea|way|fix|solution|option|step|workaround|approach|trick"
    r"|thing)(?: \w+){0,4}? (?:to|and|is)(?: simply| just)?$|\blet(?:'s| us)$"
    r"|\b(?:set|configure|change|update|edit|adjust|modify)(?: [\w'-]+){1,6} to$"
    r"|^\W*(?:just |simply |please |so |then |therefore )*(?:let|have)(?: [\w'-]+){1,4}$"
)
_FILLER = re.compile(
    r"^\W*(?:(?:by all means|first|second|third|then|next|now|just|simply|please|also|and|so|or"
    r"|always"
    r"|instead|finally|to|for"
    r"|quickly|temporarily|step|\d+|in|this|case|that|here|yes|sure|okay|ok|well|ideally|usually"
    r"|otherwise"
    r"|alternatively|easiest|simplest|quickest|fastest|best|fix|solution|option|answer"
    r"|recommendation|tip|initially|only"
    r"|likewise|again|afterwards|later|permanently|still|safely|completely|fully)\W+)*$"
)
_LABEL = re.compile(
    r"(?:\b(?:(?:my|our) (?:\w+ )?\w+|suggestions?|proposals?|hints?|verdict|in short|bottom"
    r" line|fix|solutions?|recommend\w*|steps?|do this|do|tip|workarounds?|answer|quick\w*"
    r"|options?|advice"
    r"|approach|remedy|plan|next|now|then|example|how to|note|setup|instructions?|follows"
    r"|following|this"
    r"|\d+)\W*$|^\W*$)"
)
"""What may stand before a colon so that an instruction follows."""
_STORED = re.compile(
    r"\b(?:secrets? manager|key ?vault|secret store|parameter store|sealed|references? only"
    r"|only references)\b"
)
"""A safe place for a secret."""
_AVOIDED = re.compile(r"\b(?:instead of|rather than|no need for|without|forget)\b[^,;.]*")
_LIMITED = re.compile(
    r"\b(?:break-?glass|just-in-time|jit|eligible|time-(?:bound|limited)|approv\w+"
    r"|emergenc\w+|activat\w+)\b"
)
"""A limit of access; it excuses no secret that lies open and no silence."""
_ATTACKED = re.compile(
    r"\b(?:honey\w*|decoys?|canary|quarantine|incident(?! (?:channel|ticket|room))"
    r"|compromised|intruder|attackers?"
    r"|contain(?:ment)?)\b"
)
"""A trap, or an answer to an attack."""
_MEANWHILE = re.compile(r"(?:incident|contain)")
"""An occasion on which something is opened, which no answer to an attack needs."""
_OPENS = frozenset({"open_admin_port", "public_storage", "iam_wildcard"})
_UNLIMITED = re.compile(r"\b(?:without|no|skip\w*|not? need\w*) (?:[\w'-]+ ){0,4}?approv\w+")
_LATER = re.compile(
    r"\b(?:later|afterwards|eventually|some ?day|next (?:sprint|week|month|quarter|year|release)"
    r"|in (?:phase|version) (?:2|two)|after (?:the )?(?:launch|pilot|release|go-live|demo))\b"
)
"""The safe way, put off."""
_OPEN = frozenset({"logging_off", "tls_off", "missing_encryption", "untrusted_input"})
"""Kinds that no limit of access excuses."""
_TAKEN = frozenset({"verification_off"})
"""Safeguards: whom a limit concerns may be exempted from one, but that takes none away."""
_EXEMPTS = re.compile(
    r"(?:exempt|exclude|skip|be exempt|waive|allow|let|grant|give|approve|deploy|push)\b"
)
_VERBS = frozenset(
    """make set give grant open disable turn use run put store allow attach create add share skip
    remove keep leave configure deploy apply go click select choose update change edit install
    start stop enable check write copy paste upload commit embed hard-code expose mount assign
    let trust switch delete drop bind launch build save log export import download connect sign
    call pass define replace move restart scale point map tell ask exclude exempt pull pipe echo
    print reduce suspend hardcode publish place postpone ignore bypass accept send mail feed lower
    relax peer whitelist""".split()  # noqa: SIM905 - a word list reads better as words
)
QUOTES = re.compile(r"[\"\u201c\u201d]")
_LEADS = re.compile(
    r"^(?:first|second|third|then|next|now|just|simply|please|also|and|so|or|always|instead"
    r"|finally"
    r"|quickly|temporarily|you|we|can|should|could|may|here|yes|sure|okay|ok|well)\W+"
)
_PASSIVE = re.compile(
    r"\b(?:should|can|may|could|must|might|need not) (?:\w+ ){0,2}?(?:be|stay|remain|live"
    r"|go|sit)\b"
)


def clauses(text: str) -> Iterator[str]:
    """The sentences of a window, in lower case; lines of their own are sentences."""
    for line in text.split("\n"):
        yield from sentences(line)


def instructed(sentence: str, start: int, end: int, kind: str = "") -> bool:
    """Whether the words from `start` to `end` of a sentence are something that it tells to do; the
    `kind` of danger says what a limit of access may excuse.
    """
    before, found = sentence[:start], sentence[start:end]
    after = _SO_THAT_NOBODY.sub("", sentence[end:])
    label, _, rest = before.rpartition(": ")
    parts = re.split(r"[,;]\s|\s-\s|\b(?:and|then|but|or)\s", rest)
    told = bool(_YOU.search(parts[-1].rstrip()))
    told = told or bool(_DISPENSES.match(found) and _ABLE_TO.search(parts[-1]))
    around = "" if kind in _TAKEN and not _EXEMPTS.match(found) else f"{before} {after}"
    if _framed(sentence, before, label) or _guarded(sentence, around, kind):
        return False
    if re.search(r"\b(?:and|then|or)\s+$", rest) and not _instructs(parts[0].strip()):
        return told
    if NEGATION.search(reach(_CASE.sub("", before))) or SAYS.search(before) or AFTER.search(after):
        return False
    if NEEDLESS.match(found):
        return True
    if _KEEPS.match(found) and _UNDONE.match(after):
        return False
    inside = _DISPENSES.sub("", found).partition(" ")[2].replace("need not", "")
    turned = bool(_INSIDE.search(inside))
    instructs = told or _FILLER.match(parts[-1]) or _YOU.search(before.rstrip())
    return (
        not turned
        and not TO_NOBODY.match(after)
        and not ONLY.search(after)
        and bool(instructs or _PASSIVE.search(found))
    )


def _framed(sentence: str, before: str, label: str) -> bool:
    """Whether it is a question, a quotation, a list of what others do, or no everyday matter."""
    return bool(
        (sentence.rstrip().endswith("?") and not suggests(sentence))
        or len(QUOTES.findall(before)) % 2
        or (label and not (_LABEL.search(label) or _begins(label)))
        or ENABLES.search(before)
    )


def _guarded(sentence: str, around: str, kind: str) -> bool:
    """Whether it is no everyday advice: a safe store, a limit of access that stands around it, an
    answer to an attack.
    """
    found = _ATTACKED.search(sentence)
    if found and not (kind in _OPENS and _MEANWHILE.match(found[0])):
        return True
    if kind == "hard_coded_secret":
        return bool(_STORED.search(_AVOIDED.sub("", sentence))) and not _LATER.search(sentence)
    return kind not in _OPEN and bool(_LIMITED.search(_UNLIMITED.sub("", around)))


_CASE = re.compile(
    r"^\W*(?:if|when|whenever|where|in case|since|because|as(?: long as)?|given(?: that)?"
    r"|seeing that"
    r"|until|till|while|instead of|rather than|so that|in order to|to (?:avoid|prevent|stop|keep"
    r"|save|reduce|cut|get|fix|solve|make|speed|work|unblock)|for|during|after|with(?:out)?) "
    r"(?!you (?:to|for|in|on|as|with|just|so|then) )"
    r"[^,;:]{4,90}, (?:then |just |simply |please |you can |you could |you may |you should "
    r"|we can |i'd |i would |we'd |we would |you'd )*$"
)
"""The reader's case, reason or aim, before an instruction: "If the pod lacks a permission, run it
as root.", "Since nobody reads them, drop the flow logs."
"""
ENABLES = re.compile(
    r"\b(?:enable|enabling|turn on|start|create)(?: [\w'-]+)? (?:and|or) $"
    r"|\bso(?: that)? (?:an?|any|each|every|the|one|some|whoever|anyone"
    r"|everyone)(?: [\w'-]+){0,3}"
    r" (?:can|could|may|might|is able to) (?:\w+ )?$"
)
"""As in "so a team can start ..." or "enable and disable": what follows from a state or what can be
done, and not what to do.
"""
_INSIDE = re.compile(
    r"(?<!--)\b(?:no(?! (?:condition|expir|end date|time limit|longer|mfa|multi|password|auth|login"
    r"|approval|review|check|restrict|rate|access"
    r" control))|not|non|never(?!-?[ -]expir)|nobody|cannot|except|rather than|instead of"
    r"|private(?! keys?)|drop|remove"
    r"|deny(?!-| (?:rules?|statements?|assignments?|(?:network )?polic|egress|all))"
    r"|block(?! public access)|restrict|forbid|prevent|reject|rotate|only (?:through|via"
    r"|from|by)"
    r"|without(?! (?:first |further |network |an? )?(?:confirm|expir|end date|rotation"
    r"|time limit|oversight|limit"
    r"|polic|isolation|consent|log|test|being|encrypt|tls|authenticat|auth\b|authori|access"
    r"|a(?:ny)? |password|login|credential|device|security|rate|salt|mfa|restrict|check"
    r"|verif|validat"
    r"|scann|review|approv|asking|confirm|look|read|open|triage|signature|signing|testing"
    r"|supervision|escap|sanit"
    r"|human)))"
    r"\b|n't\b"
)
"""Turns the words between a verb and its object round: "give each its own role, not ..."."""
_ABLE_TO = re.compile(r"\b(?:can|could|may|might) (?:\w+ )?$")
_DISPENSES = re.compile(r"^(?:do|go) without ")
"""Takes a safeguard away, though it looks as if it were a deed that lacks one."""
_KEEPS = re.compile(r"(?:keep|leave|make|set|have)\b")
_UNDONE = re.compile(
    r"^\W*(?:(?:switched|turned) )?(?:disabled|off|blocked|closed|denied|forbidden|prohibited"
    r"|unavailable|impossible)\b"
)
"""As in "leave IMDSv1 disabled": the danger is named in order to keep it away."""
_MILD = (
    r"(?:(?:perfectly|quite|totally|also|usually|often|just|really|simply|still|entirely|fully) )?"
)
NEEDLESS = re.compile(
    r"(?:(?:no|little) (?:need|point|sense|use|reason)|not worth|(?:you )?(?:do not"
    r"|don't) (?:need|have)"
    r"|needs? no|no (?=.{3,90}"
    r"(?:needed|required|necessary|worth)))\b"
    r"|(?:does not|doesn't) (?:have|need)|needn't|need not"
    rf"|without [^.;!?]{{3,90}} (?:is|are|will be|would be) {_MILD}(?:fine|ok|okay|acceptable"
    rf"|enough"
    r"|sufficient|safe|good|no problem)\b"
    rf"|[^.;!?]{{3,90}} (?:is|are) {_MILD}(?:overkill|unnecessary|superfluous|pointless|needless"
    r"|excessive|redundant|a waste|not worth)\b"
    rf"|[^.;!?]{{3,90}} (?:is|are|will be) {_MILD}(?:fine|okay?|acceptable|(?:good )?enough"
    rf"|sufficient"
    r"|adequate|all right)\b"
    r"|[^.;!?]{3,90}(?: not|n't) (?:\w+ )?(?:needed|required|necessary|worth|called)"
)
ONLY = re.compile(r"^[^.;!?]{0,60}\bonly (?:with|if|when|where|after|behind|once|in combination)\b")
"""What follows is the condition, which the sentence insists on."""
TO_NOBODY = re.compile(
    r"^\W*(?:\w+ ){0,4}?(?:to|for|on|by|from) (?:no|none|nobody|nothing)\b"
    r"|^\W*by (?:any(?:one|body)|whoever|someone|others|an? \w+ (?:who|that|with)) "
)
"""Nobody's, or a stranger's deed."""


def _instructs(clause: str) -> bool:
    """Whether a clause begins like an instruction."""
    words = re.findall(r"[\w'-]+", re.sub(_LEADS, "", clause.strip()))
    return not words or words[0] in _VERBS or bool(_YOU.search(clause)) or words[0] in {"to", "for"}


def _begins(label: str) -> bool:
    """Whether the words before a colon name a step: "1. Relax the bucket policy: add ..."."""
    words = re.findall(r"[a-z][\w'-]*", label)
    return bool(words) and words[0] in _VERBS and not NEGATION.search(label)


def reach(before: str) -> str:
    """The part of the sentence that a negation before the danger may govern."""
    parts = re.split(r"[;]\s|,? but |\b(?:so|therefore|instead),? ", before)
    return parts[-1]
