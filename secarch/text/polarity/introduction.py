"""What a heading, a label or a sentence before a colon says of what follows it."""

from __future__ import annotations

import re
from functools import lru_cache

from secarch.text.polarity import vocabulary
from secarch.text.polarity.endorsements import endorses
from secarch.text.polarity.kinds import ASSERTED, Stance
from secarch.text.polarity.labels import own, turn
from secarch.text.polarity.material import material
from secarch.text.polarity.struck import OR_NOT

LABEL = 10
"""Words up to which a clause names what follows rather than says something itself."""

_CLAUSES = re.compile(r"[,;]\s|\s-\s|\bbut\b|\binstead\b(?! of)")
_CURE = re.compile(
    r"\b(?:remed\w+|fix(?:es|ed)?|solutions?|solv\w+|replac\w+|resolv\w+|repairs?|corrected|against"
    r"|correct version|corrections?|address\w*|prevent\w*|instead|use this|apply|how to|so|lessons?"
    r"|(?:by|with) (?:this|the following)|mitigat\w+|improv\w+|better|right way|alternatives? to"
    r"|unless|without|until|because|before|except|if|as follows|through|via|using|by|with)\b"
)
"""What follows is the cure, or a condition."""
_FILL = (
    r"(?:(?:please|also|and|so|you|we|teams|things?|actions?|practices?|to|should|must|the|it"
    r"|common|typical|popular|frequent|widespread|some|more|other|further|these|this|those"
    r"|following"
    r"|are|is|all|one|two|three|four|first|next|another|clearly|plainly|simply|options?|ideas?"
    r"|alternatives?|approaches|of|a|an|as|verdict|status|my|our|that|here|below|list|for|in"
    r"|advice|statements?|claims?|controls?|measures?|steps?|points?|how) )*"
)
_THOUGHTS = (
    r"(?:practices?|advice|ideas?|answers?|options?|alternatives?|approach(?:es)?|claims?|beliefs?"
    r"|conclusions?|statements?|assumptions?|arguments?|views?|reasoning|solutions?|proposals?"
    r"|variants?|shortcuts?|suggestions?|habits?|recommendations?|thinking|excuses?|objections?)"
)
_THINGS = (
    r"(?:examples?|versions?|designs?|code|configurations?|polic(?:y|ies)|steps?|controls?"
    r"|measures?"
    r"|settings?|patterns?|templates?|snippets?|setups?)"
)
_NAMES = re.compile(
    rf"\b(?:{_THOUGHTS} (?:that )?(?:we|i|they|you should) (?:have )?(?:turned down|rejected"
    r"|refused"
    r"|dismissed|ruled out|discarded|declined|reject|refuse|ignore|avoid)"
    rf"|(?:bad|wrong|negative|poor) examples?|{vocabulary.UNTRUTH}|mistakes?|common errors"
    rf"|anti-?patterns?|don'ts|counter-?examples?"
    r"|(?:bad|poor|unsafe|insecure|dangerous|false|wrong|outdated|naive|mistaken|tempting|incorrect"
    r"|flawed|harmful|obsolete|reckless|lazy|quick but wrong) (?:\w+ )?"
    rf"{_THOUGHTS}|(?:rejected|discarded|refused|excluded|forbidden|unnecessary|superfluous"
    r"|needless"
    rf"|condemned|refuted|debunked|dismissed) (?:\w+ )?(?:{_THOUGHTS}|{_THINGS}))\b"
)
"""Nouns for what is not to be taken as said."""
_VERDICT = re.compile(
    rf"^\W*{_FILL}(?:wrong|false|untrue|incorrect|bad|no|never(?! again)|rejected|refused|declined"
    r"|discarded|excluded|not (?:recommended|needed|necessary|required|acceptable|advised|allowed"
    r"|true|an option"
    r"|to (?:be )?do(?:ne)?|like this|this|so)|forbidden|prohibited|avoid(?:ed)?|don't|do not|dont"
    r"|must not|should not|mustn't|shouldn't|unnecessary|superfluous|needless|insecure|unsafe"
    r"|dangerous"
    r"|vulnerable|naive|(?:reject|refuse|ignore|skip|remove|disregard|omit|drop|scrap)(?: \w+)?"
    r"|ruled out|out of scope|outdated|obsolete|nonsense|mistaken|a lie|what not to do|not to do"
    r"|can wait|may wait|could wait|(?:not|won't|don't) work|[\u274c\u2717\u2718\u2716\u26d4])\W*$"
)
"""A clause that is nothing but a verdict."""
_NEGATIVE = (
    rf"(?:[\w']+ ){{0,4}}?(?:{vocabulary.UNTRUTH}|{vocabulary.UNTRUE}|{vocabulary.NEEDLESS}"
    rf"|{vocabulary.UNSOUND}|not|n't"
    r"|wait"
    r"|be (?:skipped|ignored|removed|dropped|omitted|left out|deferred|postponed|avoided|rejected"
    r"|disregarded|forgotten))\b"
)
_IS = r"(?:is|are|was|were|can|may|could|should|must|has|have|will|needs?|do|does)"
_WHAT_FOLLOWS = r"(?:the following|following \w+|below|what follows|everything that follows)"
_THESE = r"(?:this|that|these|those|it|(?:all|each|any|everything) of (?:this|that|these|it|them))"
_GENERIC = re.compile(
    rf"\b{_WHAT_FOLLOWS}(?: \w+){{0,3}}? {_IS}(?:n't)? {_NEGATIVE}"
    r"|^\W*(?!(?:it|that|this)(?: is|'s|s| was)?(?: not|n't)$)"
    rf"(?:{_THESE}|all this|all that|these \w+|those \w+) {_IS}(?:n't)? {_NEGATIVE}\W*$"
    rf"|\b(?:none|nothing|neither) of (?:{_THESE}|the (?:\w+ )?(?:following|\w+ below|points"
    r" below))"
    rf"(?: \w+){{0,3}}? (?:{_IS}|applies|apply|matters?|holds?|helps?|makes? sense|works?)\b"
    r"|^\W*(?:(?:you|we) (?:can|may|should|could) |please |just |simply |safely |better |feel"
    r" free to )*"
    r"(?:skip|remove|ignore|disregard|drop|forget|delete|disable|omit|avoid|reject|scrap|refuse"
    r"|defer"
    r"|dispense with|do without|leave out|postpone|get rid of|turn off|switch off|stop|abandon"
    r"|there is no need for|no need for|(?:do not|don't|never|must not|should not)"
    r" (?:\w+ ){0,1}?(?:do|follow|use|believe|implement|apply|need|say|accept|claim|bother with))"
    r" (?:(?:any|all|each|one|most)(?: of)? )?(?:(?:the|these|this|those|that|such|your|our) )?"
    r"(?:(?:following|safeguards?|controls?|existing|security) )*(?:following|below|this|that|these"
    r"|those|things?|controls?|safeguards?|measures?|steps?|rules?|protections?|recommendations?"
    r"|checks?|\w+ below|like this)(?: (?:below|like this|such as|now|altogether|entirely))?\W*$"
)
"""Speaks of all that follows."""
_ORDER = re.compile(
    rf"^\W*{_FILL}(?:(?:do|must|should|may|can|need|will|would)(?: not\b|n't\b)|don'ts?\b|not to\b"
    r"|never\b(?! again\W*$)|avoid(?:ed)?\b|not recommended\b|forbidden\b|prohibited\b"
    r"|rejected\b|refrain from\b|no need (?:to|for)\b|stay away from\b|i (?:would|will|do) not\b"
    r"|we (?:would|will|do) not\b)"
)
"""What introduces the items of a list that are not to be done."""
_NO_NOUN = "".join(
    rf"(?<!\b{word} )"
    for word in ("a", "an", "one", "single", "the", "two", "three", "each", "every", "no", "last")
)
"""Behind these a word such as "object" or "claim" is no verb."""
_SAYS = re.compile(
    rf"\b(?:{vocabulary.PEOPLE} (?:\w+ ){{0,2}}{_NO_NOUN}(?!(?:holds?|held) \w)"
    rf"(?:{vocabulary.SAY_BARE}|{vocabulary.SAY_THAT})(?:"
    rf" \w+){{0,2}}$"
    rf"|(?:the |what (?:the )?)?{vocabulary.PEOPLE}'s? (?:\w+ )?{vocabulary.CLAIM}|quot(?:e"
    rf"|ation)s?|quoted"
    r"|often heard|hearsay|naive view|the (?:\w+ )?(?:claim|argument|objection|proposal"
    r"|temptation))\b"
    r"|^(?:claims?|arguments?|objections?|proposals?|beliefs?|requests?|suggestions?|rumou?rs?"
    r"|they say|some say|you may hear|you will hear|what you hear)$"
)
_REFUTES = re.compile(
    r"\b(?:(?:has|have|had|gets?|got) (?:it|this|that|things) (?:all |exactly )?(?:backwards?|wrong"
    r"|upside down|the wrong way (?:a?round))|fails|falls short|(?:does not|doesn't|do not|don't)"
    r" (?:hold|follow|work|stand)|misses|overlooks?|ignores?|confuses?|forgets?)\b"
)
"""A clause that says what is wrong with a view; the reason that follows is the author's own."""
_OWN = re.compile(
    r"\b(?:my|our|recommend\w*|i|we|right|correct|true|answer|approach|plan|advice|position|line)\b"
)
_DANGER = re.compile(
    rf"\b(?:bad|poor|unsafe|insecure|dangerous|vulnerable|weak|flawed|wrong) (?:\w+ )?{_THINGS}$"
    r"|^(?:(?:the|top|main|key|known|possible|some|remaining|residual|open|and|our|what|which|more"
    r"|typical|likely) )*(?:(?:security|attack|abuse|misuse|threat|failure) )*(?:threats?|risks?"
    r"|attacks?|abuses?|(?:abuse|misuse|attack|threat) (?:cases?|paths?|scenarios?|vectors?|trees?)"
    r"|can go wrong|could go wrong|failure modes?|weakness(?:es)?|vulnerabilit(?:y|ies)|dangers?"
    r"|spoofing|tampering|repudiation|information disclosure|denial of service|pitfalls?|traps?"
    r"|elevation of privilege|exploits?)\W*$"
)
_EXISTING = re.compile(
    r"^(?:this is |here is |the |your |our |their |what |as |you )*(?:\w+ ){0,2}?(?:current(?:ly)?"
    r"|existing|original|given|submitted|today|present|before|old|as is|you have|under review"
    r"|status quo|found)\b"
)
_PUTS = re.compile(
    r"\b(?:replace|change|swap|update|adapt|run|use|deploy|given (?:your|the|these|this|that|all"
    r"|our)"
    r"|before (?:you|the|we|it|any)|put|add|set|turn)\b"
)
_BAD_CODE = re.compile(
    r"\b(?:do not|don't|does not|must not|mustn't|should not|shouldn't|never|avoid|not recommended"
    r"|insecure|unsafe|vulnerable|dangerous|anti-?patterns?|mistakes?|pitfalls?|bad|wrong|incorrect"
    r"|problematic|instead of|flawed|weak|violat\w+|reject\w*|risky|rather than)\b"
)
_COUNTER = re.compile(
    r"^(?:there (?:is|are)|here (?:is|are)|another|next|first|second|one|finally|a|the)\b[^.]*?\b"
    rf"(?:{vocabulary.UNTRUTH}|mistakes?|anti-?patterns?)(?: (?:here|first|too|again|about \w+"
    rf"|around"
    r" \w+))?\W*$"
)


@lru_cache(maxsize=4096)
def introduction(lead: str, *, code: bool = False, items: bool = False) -> Stance:
    """What the words before something make of it: "Myths", "Never do this:", "The vendor claims:".

    `items`: what follows are items of a list, so that "Never store:" speaks of each of them.
    `code`: it is code, which may also be shown as what is there now ("Your current policy:").
    """
    text = lead.strip().rstrip(":. ").strip()
    clause = _CLAUSES.split(text)[-1].strip()
    if (
        not clause
        or lead.rstrip().endswith(("!", "?"))
        or (not code and (gives_reason(text) or own(clause)))
    ):
        return ASSERTED
    turned, cue = (None, "") if code or not lead.rstrip().endswith(":") else turn(text)
    if turned is not None:
        return Stance("denied", cue) if turned else ASSERTED
    if found := _GENERIC.search(clause):
        return Stance("denied", found[0])
    if not code and lead.rstrip().endswith(":") and len(text.split()) <= 2 * LABEL:
        open_yet = _left_open(text)
        if open_yet.kind != "asserted":
            return open_yet
    if lead.rstrip().endswith(".") or (not code and len(clause.split()) > LABEL):
        return ASSERTED
    return _of_code(clause) if code else _of_text(clause, items=items)


def announces_myth(sentence: str) -> str:
    """The cue by which a short sentence announces a myth: "There is a common misconception."."""
    found = _COUNTER.match(sentence) if len(sentence.split()) <= LABEL else None
    return found[0] if found else ""


_NO_FAULT = re.compile(
    rf"\b(?:no|not|never|isn't|without) (?:an? |any )?(?:{vocabulary.UNTRUTH}|mistakes?)\b"
)
"""As in "make no mistake:", which affirms."""
_REVERSED = re.compile(
    r"\b(?:opposite|reverse|contrary) of (?:this|that|it|the following|what follows|these|all)\b"
    r"|\bno (?:call|need|reason|room|place|case|use) for (?:\w+ )?(?:of )?(?:this|that|these|it|the"
    r" following)\b|\b(?:spare|save) (?:yourself|yourselves|us|me|them|your team)?(?: the)?"
    r" ?(?:trouble|effort)\b|^what (?:not to|never to|you (?:should|must) not"
    r"|nobody should|no one should)\b|\bthings? not to\b|\b(?:do|does) not accept\b|\bi hear\b"
)
"""Turns all that follows round, or names it as what is not to be done."""


_THEIR_CLAIM = (
    r"(?:the (?!(?:claims?|statements?|assertions?|beliefs?|opinions?)\b)"
    r"|(?:his|her|their|your|its|an?|(?:[\w-]+ )?[\w-]+'s?) )"
    r"(?!following|next|\w+ below)(?:[\w'-]+ ){0,3}?"
    r"(?:arguments?|objections?|reasoning|logic|doubts?|worr(?:y|ies)|fears?|concerns?"
    r"|critici[sz]ms?|complaints?|conclusions?|inferences?|proposals?|suggestions?|diagnosis"
    r"|review comments?|claims?|statements?|views?|promises?|premises?|readings?|comparisons?"
    r"|assumptions?|beliefs?|assertions?|opinions?|calculations?|position|excuse)"
    r"(?: (?:of|from|by|about|against|behind)(?: [\w'-]+){1,4})?"
)
_ITS_FAULT = (
    r"(?:(?:rests?|rel(?:y|ies)|depends?|hangs?|turns?|(?:is|are|was|were) (?:based|built"
    r"|founded)) (?:up)?on (?:an? |the |one |two )?(?:[\w-]+ ){0,2}?(?:errors?|misunderstandings?"
    r"|mistakes?|confusions?|misreadings?|fallac(?:y|ies)|mix-?ups?|(?:outdated|wrong|false|old)"
    r" [\w-]+)|ha(?:s|ve) (?:an?|one|two) (?:[\w-]+ )?(?:holes?|gaps?|flaws?|weakness(?:es)?"
    r"|problems?|catch(?:es)?|defects?)|(?:confuses?|overlooks?|ignores?|forgets?|leaves? out"
    r"|misses|mix(?:es)? up|skips?|passes over|fails to see)(?: [\w'-]+){1,5}"
    r"|stops? too early|falls? short|proves? too (?:much|little)|fails?|breaks? down"
    r"|(?:does|do)(?:n't| not) (?:hold|follow|stand|work|hold up|stand up))"
)
_GIVES_REASON = re.compile(
    rf"^(?:and |but |so |yet )?(?:{_THEIR_CLAIM} (?:(?:is|are|was|were|remains?)(?: [\w'-]+){{0,2}}"
    rf" (?:{vocabulary.UNTRUE}|{vocabulary.UNSOUND}|misplaced|weak|thin|moot)|{_ITS_FAULT})"
    r"|(?:that|it|both|they|those|neither)(?: claims?| views?| statements?)? (?:is|are|was|were)"
    rf"(?: [\w'-]+){{0,2}}? (?:{vocabulary.UNTRUE}))$"
)
"""A whole clause that finds fault with an argument; what follows the colon is what is wrong."""


_BARE_VERDICT = re.compile(
    rf"^(?:the|that|this) (?:claim|statement|assertion|belief|opinion) (?:is|was)(?: \w+ly)?"
    rf" (?:{vocabulary.UNTRUE})$"
)
_TWO_CLAUSES = re.compile(
    r"[,;] (?:and|but|so|yet|while|since|because|as|the|it|they|this|which|an?|any|every|its) \w+"
    r"|\bdoes not\b|\bdo not\b|\bonly\b"
)


def argues(label: str, rest: str) -> bool:
    """Whether what follows a bare "the claim is wrong:" argues, and does not repeat the claim."""
    return bool(_BARE_VERDICT.match(label) and _TWO_CLAUSES.search(rest))


def gives_reason(clause: str) -> bool:
    """Whether the answer says after such a clause, and a colon, why it disagrees."""
    return bool(_GIVES_REASON.search(clause.strip()))


_UNDECIDED = re.compile(
    r"\b(?:(?:not|never) (?:yet )?(?:been )?(?:agreed|decided|approved|verified|tested|confirmed"
    r"|checked|adopted|endorsed)|untested|unverified|unedited|unconfirmed|unchecked|undecided"
    r"|uncommented|unproven|(?:still|as yet) (?:open|untested|unproven)|for (?:the )?(?:discussion"
    r"|debate|comments?|consultation|decision)|put to (?:the|a) vote|(?:up )?for (?:a |the"
    r" )?(?:vote"
    r"|debate)|under (?:discussion|consideration|debate)|to be (?:decided|discussed|confirmed"
    r"|verified|clarified|voted on|debated|checked|proved|proven|examined|assessed)|as received"
    r"|verbatim|hypothes[ie]s|motion|(?:comments?|remarks?|feedback|messages?) (?:received"
    r" )?(?:from|by)"
    r"|exam(?:ination)? question|quiz|test question|pending"
    r"|essay question|thought experiment)\b"
)
"""A label of what nobody has decided yet, or of words that were only taken down."""
_DECIDED = re.compile(r"\b(?:no longer|not a|my|our (?:answer|advice|recommendation)|decided:)\b")
_TO_JUDGE = re.compile(
    r"^(?:\W|please |now |task: |exercise: |question: |\d+[.)] )*(?:summari[sz]e|discuss|evaluate"
    r"|weigh|assess|comment(?: on)?|judge|examine|debate|take a position on|list|analy[sz]e"
    r"|consider"
    r"|critici[sz]e|translate|proofread|rewrite|shorten|respond to|write (?:an essay|a"
    r" comment) on|explain why or why"
    r" not)\b.*\b(?:th[ie]s"
    r"(?:e)?|the following|the)\b.*\b(?:propositions?|statements?|thes[ei]s|claims?|proposals?"
    r"|sentences?|assertions?|quotations?|views?|opinions?|arguments?|hypothes[ie]s)\b"
)
"""Sets a statement as something to be judged."""
_POSED = re.compile(
    r"^\W*(?:[\w .]{1,40}: )?(?:true or (?:false|not)|right or wrong|fact or (?:fiction|myth)"
    r"|myth or (?:fact|reality|truth)|agree or disagree|yes or no|correct or (?:not|incorrect)"
    r"|do you agree|would you agree"
    r"|is (?:this|that|it|the following) (?:true|correct|right|so))\b[^.]{0,40}\?\W*$"
)


def poses(sentence: str) -> str:
    """The words by which a question asks for a verdict on what follows: "True or false?"."""
    found = _POSED.match(sentence)
    return found[0] if found else ""


def _left_open(text: str) -> Stance:
    """What a label makes of what follows that leaves it undecided."""
    found = _TO_JUDGE.search(text) or (None if _DECIDED.search(text) else _UNDECIDED.search(text))
    found = found or OR_NOT.match(text)
    cue = found[0] if found else material(text)
    return Stance("attributed", cue) if cue else ASSERTED


def _of_text(clause: str, *, items: bool) -> Stance:
    names = None if _NO_FAULT.search(clause) else _NAMES.search(clause)
    cure = _CURE.search(clause)
    if gives_reason(clause):
        return ASSERTED
    denied = _REVERSED.search(clause) or (None if cure else names) or _VERDICT.search(clause)
    if denied:
        return Stance("denied", denied[0])
    if items and not cure and (found := _ORDER.search(clause)):
        return Stance("denied", found[0])
    found = _SAYS.search(clause)
    said = found and not (_OWN.search(clause) or _REFUTES.search(clause))
    if found and said and not endorses(clause, ""):
        return Stance("attributed", found[0])
    if found := _DANGER.search(clause):
        return Stance("guarded", found[0])
    return ASSERTED


def _of_code(clause: str) -> Stance:
    bad, cure = _BAD_CODE.search(clause), _CURE.search(clause)
    if bad and not cure:
        return Stance("denied", bad[0])
    if (found := _EXISTING.search(clause)) and not _PUTS.search(clause):
        return Stance("quoted", found[0])
    return ASSERTED


_VERDICT_CELL = re.compile(
    r"^\W*(?:(?:is|are|plainly|simply|clearly|not|a|an|the|both|verdict|status|decision|result|no)"
    rf"[:,]? )*(?:{vocabulary.UNTRUTH}|{vocabulary.FAULT}|{vocabulary.UNTRUE}|{vocabulary.UNSOUND}"
    rf"|{vocabulary.NEEDLESS}|no|never"
    rf"|don't|do not|not {vocabulary.GOOD}|not (?:ok|accepted|adopted|chosen|done|this)|avoid"
    rf"|reject"
    r"|refuse"
    r"|fail(?:s|ed)?|against|vulnerable|drop(?:ped)?|discard|does not hold|doesn't hold|nope"
    r"|refuted"
    r"|can wait|skip|remove|wrong)\b|^\W*[\u274c\u2717\u2718\u2716\u26d4\U0001f6ab\U0001f44e]"
)


@lru_cache(maxsize=4096)
def verdict_cell(cell: str) -> bool:
    """Whether a table's cell condemns what its row says: "rejected", "no", "not acceptable"."""
    return bool(_VERDICT_CELL.match(cell.strip()))
