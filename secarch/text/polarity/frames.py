"""What is before a clause with "that" makes of the clause, whatever its words are.

The governor of a clause ("anyone who believes", "my advice is", "nobody disputes") is read as a bag
of words: each word that denies and each negation turns the clause round, so that two of them leave
it as it is. Presupposing words ("forget", "surprised", "know") leave it said either way
(Kiparsky and Kiparsky, Fact, 1970; MacCartney and Manning, Natural Logic, 2009). The verdict is one
for the whole governor, in place of those of the single cues in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from secarch.text.polarity import vocabulary
from secarch.text.polarity.kinds import Kind

_TAKEN = 60
"""Characters before "that" in which the word stands that takes the clause."""
MOST_WORDS = 14
"""Words of a governor; what is further before has no part in it."""

_THAT = re.compile(
    r"[ ,](that(?! (?:one|ones|line|way|kind|sort|file|block|value|very|same)\b)"
    r"(?! (?:is|are|was|were|has|have|had|can|could|may|might|must|should|will|would|do|does|did"
    r"|needs?|appl(?:y|ies))\b)|whether|as if"
    r"|as though|in which|where)\b(?= )"
)
_BEGIN = re.compile(
    r"[.!?;:](?=\s)|\s-\s|,? \b(?:but|because|since|so|and so|whereas|although|though|and"
    r" therefore|which(?! (?:\w+ly )?(?:says?|said|states?|claims?|holds?|argues?|asserts?"
    r"|maintains?)\b))\b(?! that\b)|, and\b|[()]"
)
"""Ends the clause before."""
_ASIDE = re.compile(r", (?!namely\b)[^,;:.!?]{3,70}(?=,? that\b|, )")
"""As in "the claim, repeated by many, that ..."."""

_DENY = re.compile(
    rf"\b(?:{vocabulary.UNTRUTH}|{vocabulary.FAULT}|{vocabulary.UNTRUE}|{vocabulary.UNSOUND}"
    rf"|{vocabulary.NEEDLESS}|mis(?:read|understand|conce|belie|judge|interpret|appre|taken)\w*"
    r"|confus\w+|delu\w+|superstiti\w+|careless|naive|wast(?:e|es|ed|ing)|obsole\w+|relics?"
    r"|leftovers?|overrul\w+|push(?:es|ed|ing)? back|(?:decid|argu|advis|vot|speak|spok|warn|rul)"
    r"(?:e|es|ed|ing)? against|cross(?:ed)? out|str(?:ike|uck)(?: out)?|delet\w+|remov\w+|scrap\w*"
    r"|reject\w*|refus\w+|refut\w+|disput\w+|den(?:y|ies|ied|ying)|doubt\w*|contest\w*"
    r"|contradict\w*"
    r"|disagree\w*|object\w*(?= to)|dismiss\w*|debunk\w*|disprov\w+|discard\w*|abandon\w*|waive\w*"
    r"|drop(?:s|ped|ping)?|cancel\w*|withdr[ae]w\w*|rescind\w*|retir(?:e|es|ed|ing)|resist\w*"
    r"|do(?:es)? away|give up|do(?:es)? without|live without|rid of|spare|skip\w*|disregard\w*"
    r"|(?:fool|trick|mislead|misled|lull|talk|persuad(?!ed$)|tempt|seduc|scare)\w*|overrated|stop"
    r"|(?:let|lets|allow(?:s|ed)?|easily|falsely)(?: [\w'-]+){0,3} persuaded|retract\w*|recant\w*"
    r"|(?:tak(?:e|es|ing)|took) back|disown\w*|renounc\w*|repudiat\w*"
    r"|stops|stopped|quit|cease\w*|wrongly|falsely|mistakenly|fail\w*|opposite|reverse|contrary"
    r"|little|far from|too (?:early|late|soon|simple|good)|unlearn\w*|bury|buried|lay to rest"
    r"|steer clear|(?:anything|something|nothing) (?:other than|but|except)|generous|stretch\w*"
    r"|leap of faith|imagination|far-fetched|contort\w*"
    r"|distrust\w*|mistrust\w*|lies|lied|lying)\b"
)
_NEGATE = re.compile(
    r"\b(?:not(?! only| just| merely)|never|no|nobody|no one|none|nothing|neither|nor|cannot"
    r"|\w+n't|hardly|scarcely|barely|without)\b"
)
_FACTIVE = re.compile(
    r"\b(?:forg[eo]t\w*|overlook\w*|surpris\w+|wonder|secret|regret\w*|kn[eo]w\w*|reali[sz]\w+"
    r"|remember\w*|notic\w+|stress\w*|emphasi[sz]\w+|enough|exaggerat\w+|mention\w*|mind|awar\w+"
    r"|coincidence|accident|news|underestimat\w+|sure|ensur\w+|check\w*|verif\w+"
    r"|confirm\w*|guarantee\w*|see$|show\w*|only|way around|excuses?"
    r"|lose sight|escap\w+|ignor\w+ the fact|fact|matters? is|fail to (?:see|notice))\b"
)
"""What governs a clause that is taken to be so, denied or not."""
_DECEIVE = re.compile(
    r"\b(?:fool|trick|mislead|misled|lull|delud|deceiv|dup(?:e|ed)\b|brainwash|con(?:ned)? (?:you"
    r"|us"
    r"|them))\w*"
)
"""What one is deceived into believing is untrue, whether or not one is."""
_INDIFFERENT = re.compile(
    r"\b(?:(?:not|n't|hardly|never|little) (?:\w+ ){0,2}?(?:matter|care|count)|no (?:\w+"
    r" )?(?:difference|concern|consequence|relevance)|irrelevant|immaterial|all the same|beside the"
    r" point|who cares|neither here nor there)\b"
)
_SUPPOSE = re.compile(
    r"\b(?:were it|had it|should it|suppos\w+|imagin\w+|pretend\w*|assum(?:e|ing)|unless|even if"
    r"|hypothetical\w*|thought experiment|in a world|if (?:it|we|you|someone|somebody|anyone|only)"
    r"|would (?:mean|imply|follow|require)|had (?:we|you|they)|let us say|let's say|as though)\b"
)
_GUARD = re.compile(
    r"\b(?:possibilit\w+|risks?|dangers?|threats?|fear\w*|worr\w+|worst|nightmares?|case|cases"
    r"|scenarios?|alarm\w*|alert\w*|detect\w*|prevent\w*|block\w*|refus\w+|reject\w*|fail\w*"
    r"|flag\w*"
    r"|ticket|tickets|never happen|rule out|rules out|impossible|incidents?|breach\w*|findings?"
    r"|pages?|stops?|forbid\w*|catch\w*|exclud\w+|awake|scan\w*|guard\w*)\b"
)
_CLAIM_NOUN = re.compile(
    rf"\b(?:{vocabulary.CLAIM}|sayings?|stor(?:y|ies)|talks?|posts?|folklore|legends?|gossip"
    r"|case|misgivings?|mantras?|wisdom|dogmas?|slogans?|maxims?|adages?|sentences?|lines?|remarks?"
    r"|comments?|pitch(?:es)?|lore)\b"
)
_OWN = re.compile(
    r"\b(?:i|we|my|our|ours|let us|let's)\b|\b(?:docs?|documentation|manual|rfc"
    r"|standards?|evidence|experience|data|logs?|tests?|practice|guidance|guide|benchmark|law|gdpr"
    r"|nist|cis|iso|pci|owasp|aws|amazon|microsoft|google|azure|gcp|kubernetes|incident data)\b"
)
_REPORT = re.compile(
    r"\b(?:sa(?:y|ys|id|ying)|claim\w*|argu\w+|think\w*|thought|believ\w+|insist\w*|assert\w*"
    r"|suggest\w*|propos\w+|maintain\w*|hold\w*|held|repeat\w*|answer\w*|repl(?:y|ies|ied)|t[eo]ld"
    r"|tells?|taught|teach\w*|preach\w*|wr(?:ite|ites|ote|itten)|stat(?:e|es|ed)|promis\w+|assur\w+"
    r"|convinc\w+|contend\w*|swear\w*|swore|predict\w*|announc\w*|opinion|view|position|impression"
    r"|fond of|made the case|makes the case|mak(?:e|es|ing) out|ha(?:s|d|ve) it|puts? it"
    r"|as given|for granted|complain\w*|boast\w*|inform(?:s|ed)|comment(?:s|ed)|remark(?:s|ed)"
    r"|(?:is|are|was|were) (?:\w+ly |quite |very )?(?:content|satisfied|convinced|confident|sure"
    r"|certain|persuaded|happy)"
    r"|hint\w*|imply|implies|implied|declar\w+|pretend\w*"
    r"|would have us)\b"
)
_PAST = re.compile(
    r"\b(?:used to|once (?:thought|believed|taught|said|held|advised|told|recommended|wrote|assumed"
    r"|claimed|promised)|there was a time|in the old days"
    r"|years ago|back then|formerly"
    r"|for (?:years|decades|a long (?:time|while))|in the past|until recently)\b"
)
"""Beliefs of the past."""
_ONCE = re.compile(
    r"(?<!have )(?<!has )(?<!'ve )\b(?:wrote|said|claimed|stated|told|advised|promised|believed"
    r"|assumed|held|thought|taught|recommended)(?: (?:our |the |their )?\w+)??"
    r"(?: for (?:[\w-]+ )?(?:years|decades|months|long|a long time)| in (?:19|20)\d\d| back then"
    r"| at the time| once| until \w+)$|\bonce (?:advised|told|taught|promised|assured)"
    r" (?:our |the |their |my )?\w+$|\bwhy (?:i|we|you|they|he|she) (?:\w+ )?(?:wrote|said"
    r"|claimed|stated|thought|believed|assumed)\b"
)
"""Says what one said or believed at some time before, and has it end there."""
_TO_THIS_DAY = re.compile(
    r"\b(?:i|we)(?:'ve| have)\b.*\b(?:say|tell|confirm|attest|assure|report)\b"
)
"""What the answer has seen for years and says now."""
_OUTSIDER = re.compile(
    rf"\b(?:{vocabulary.PEOPLE}|anyone|anybody|whoever|those|chatgpt|copilot|gemini|chatbots?"
    r"|deck|brochure|notes?|runbook|blog|article|leaflet|website|the (?:question|brief|draft"
    r"|proposal|plan|design|memo|ticket)|your (?:brief|draft|design|proposal|plan|question)"
    r"|internet|legend|word|rumou?rs?|guideline|wiki|page"
    r"|(?:received|conventional|popular|common) wisdom)\b|^[a-hj-z] (?=says?$|claims?$|argues?$)"
)
_TAKES = re.compile(
    rf"(?:{_REPORT.pattern}|{_CLAIM_NOUN.pattern}|{_FACTIVE.pattern}|\b(?:{vocabulary.UNTRUTH}"
    rf"|{vocabulary.FAULT}|{vocabulary.UNTRUE}|{vocabulary.NEEDLESS}|is|are|was|were|be|been|it|so"
    r"|mis\w+|superstition|disput\w+|den(?:y|ies|ied)|doubt\w*|contest\w*|disagree\w*|refut\w+"
    r"|requir\w+|needs?|needed|necessary|follows?|accept\w*|means?|meant|supports?|supported|finds?"
    r"|found|conclu\w+|infer\w*|agree\w*|trust\w*|hop(?:e|es|ed|ing)|expect\w*|assum\w+|requests?"
    r"|learn|hear|discover|read|practice|standard|out|note|employee|everyone|basis"
    r"|rules?|evidence|proof|reason|point|truth|moment|instant|second|you|us|them|him|her|me|people"
    r"|anyone|true|right"
    r"|correct|likely|possible|namely|wish\w*|recommend\w*|advis\w+|happens?|happen|case|convinced|rumou?r"
    r"|possibility|risk|danger|fear|probable|conceivable|plausible|feeling|obligations?|principles?"
    r"|guidelines?|consider\w*|deem\w*|regard\w*|content|satisfied|persuaded|settled|clear|evident"
    r"|certain|confident|sure|notic\w+|verified|established|documented|observ\w+|aware"
    r"|suppos\w+|judg\w+|prov(?:e|es|ed|ing)|demonstrat\w+|establish\w*|grant\w*))$"
)
"""Words that take a whole clause with "that"; after others it begins a relative clause, or points.
"""
_IMPERATIVE = re.compile(
    r"^(?:please |then |also |and |so |now |always |just |but )*(?:build|base|plan|found|start|work"
    r"|proceed|operate|design|tell|remind|teach|explain|say"
    r"|inform|note|write|make sure|ensure|remember|show|convince|advise|recommend|state|document"
    r"|agree|announce|let|ask|require|insist|answer|reply|suppose)\b(?! (?:us|you|me)\b)"
)
"""Orders what is to be said or done, in the answer's own voice."""
_HEARSAY_ANSWER = r"(?:common|popular|usual|typical|standard|stock|lazy|naive|easy|vendor|sales)"
_ANSWERS = re.compile(
    r"(?:^|\W)(?:(?:the|my|our|one|another|a) "
    rf"(?!{_HEARSAY_ANSWER}\b)(?:\w+ )?(?:answer|explanation|reason|point|upshot|gist"
    rf"|conclusion|result"
    r"|outcome|consequence|consideration|property|invariant|lesson|message)(?: \w+){0,2}"
    r" (?:is|was|remains)(?: simply| this)?"
    r"|(?:for|given|by|on account of|due to) (?:the|one|this) (?:[\w-]+ ){0,2}(?:reason|fact"
    r"|ground))$"
)
"""Says in the answer's own voice that what follows is its answer or its reason."""
_VOUCHES = re.compile(
    r"\b(?:verified|established|demonstrat\w+|prove[sdn]?|proving|confirm(?:s|ed)?|notic(?:e"
    r"|ed)|found"
    r"|finds?|showed|shown|kn(?:ow|ew|own)|learn(?:ed|t)?|learns|realis(?:e|ed)|realiz(?:e|ed)"
    r"|settled"
    r"|clear|evident|certain|content|satisfied|confident|persuaded|convinced|sure|documented"
    r"|agreed"
    r"|conclude[sd]?|observed?|remember|aware|discover(?:ed)?)$"
)
"""Takes a clause that is so, or of which the answer itself is convinced."""
_BEYOND_DOUBT = re.compile(
    r"\b(?:when|if|where|whenever) in (?:any )?doubt,? ?| ?\b(?:beyond|without) (?:(?:any|all"
    r"|a|reasonable|serious) )*(?:doubt|dispute|question)\b"
)
_PROVES = re.compile(
    r"\b(?:verified|established|demonstrated|proved|proven|discovered|learn(?:ed|t)|documented)$"
)
"""Says the same of others: what they have shown is so, whoever they are."""
_FROM_THIS = re.compile(r" (?:from|by|out of) (?:this|that|it|all this|these)$")
_WISHED = re.compile(
    r"^(?:if only|i wish|we wish|would that|how nice it would be|it would be nice|one could wish)\b"
)
"""Wishes that a thing were so, which it is not."""
_TIMES = (
    r"(?: (?:already|before|often|many times|several times|time and again|again and again|by now"
    r"|everywhere))*"
)
_AFFIRMS = re.compile(
    r"(?:\b(?:i|we)(?:'d|'ll| can| could| would| may| must| will| do| also| still| only| strongly"
    r"| firmly| have to| want to| like to"
    r"| wish to| therefore| simply| honestly)* (?:say|add|state|stress|repeat|hold"
    r"|maintain|insist|argue|recommend|advise|suggest|propose|believe|think|find|reckon|conclude"
    r"|answer|expect|agree|emphasi[sz]e|underline|point out|highlight"
    r"|confirm)"
    r"|\bgoes without saying"
    r"|\b(?:fair|safe|reasonable|right|correct|sensible|accurate|enough|honest) to (?:say|conclude"
    r"|assume"
    r"|state|note|add|expect|answer)"
    r"|\b(?:must|should|has to|needs to|can safely|may safely) be (?:\w+ly )?(?:said|noted|stated"
    r"|added|stressed|remembered|understood)"
    r"|\b(?:is|are|was|were) (?:quite |absolutely |perfectly )?(?:right|correct)"
    r"(?: (?:to say|in saying|when (?:he|she|they|it) says?))?"
    r"|\b(?:rightly|correctly|justly) (?:\w+ ){0,2}?\w+"
    r"|^(?:everyone|everybody|anyone|anybody|all|each \w+)\b.*\b(?:knows?|agrees?|confirms?"
    r"|(?:can|will) (?:tell you|confirm|attest|agree))"
    r"|^(?:\w+ )?(?:build|base|found|plan|design)\b.* on (?:the|one|this) (?:\w+"
    r" )?(?:principle|rule"
    r"|fact|premise|idea|assumption)"
    r"|^it (?:is|has been|was) (?:\w+ ){0,2}?(?:proved|proven|shown|confirmed|demonstrated)"
    rf"{_TIMES})$"
)
"""Says a thing in the answer's own voice, or of others that they are right to say it."""
_UNDISPUTED = re.compile(
    r"^(?:and |so |but |yet )*(?:(?:it|that) (?:really |almost )?goes without saying$"
    r"|(?:it is|it's) (?:quite |perfectly |entirely |therefore )?(?:safe|fair|reasonable) to"
    r" assume$"
    r"|(?:there(?: is|'s)|i (?:have|see)|we (?:have|see)|it leaves)"
    r" (?:really "
    r"|simply |absolutely )?no (?:\w+ )?(?:question|doubt|dispute|denying|disputing|uncertainty)\b"
    r"(?:(?! (?:whether|if)\b).)*$)"
)
"""Rules out that a thing is doubted."""
_OPEN = re.compile(
    r"\b(?:until|once|before|unless|if|whether|when|where|as soon as|should|must|to|can|cannot"
    r"|would"
    r"|could|may|might|will|need|needs|who|whoever|anyone|those|not|never|nobody|no|yet|had)\b"
    r"|n't\b|\?"
)
"""Leaves open whether somebody has come to know it."""
_NEVER = re.compile(r"\b(?:(?:never|cannot|not|n't) (?:\w+ )?happen|impossible)\b")


@dataclass(frozen=True, slots=True)
class Frame:
    """A clause with its governor: `start`..`end` of the governor, and what it makes of the rest."""

    start: int
    end: int
    kind: Kind
    cue: str


@lru_cache(maxsize=8192)
def vouches(text: str, at: int) -> bool:
    """Whether the answer itself vouches for the clause that begins at `at`."""
    return any(
        frame.kind == "asserted"
        and frame.end <= at
        and not re.search(r"[.;:!?]\s", text[frame.end : at])
        and any(p.search(governor) for p in (_VOUCHES, _ANSWERS, _AFFIRMS, _UNDISPUTED))
        for frame in frames(text)
        for governor in (re.sub(r"[ ,]+that$", "", text[frame.start : frame.end].strip()),)
    )


@lru_cache(maxsize=8192)
def governors(text: str) -> tuple[int, ...]:
    """Where the governors of whole clauses with "that" end, whatever they make of them."""
    return tuple(
        match.end()
        for match in _THAT.finditer(text)
        if match[1] == "that" and _takes(text[: match.end()], len(match[0]))
    )


def _takes(text: str, link: int) -> bool:
    """Whether words take a clause, with what is between commas or without it."""
    every = (text, _ASIDE.sub("", text))
    return any(_TAKES.search(one[:-link][-_TAKEN:].rstrip(" ,")) for one in every)


@lru_cache(maxsize=8192)
def frames(text: str) -> tuple[Frame, ...]:
    """The governors of one sentence that decide, in order; the clause reaches to the sentence's
    end.
    """
    return tuple(_found(text))


def _found(text: str) -> Iterator[Frame]:
    for match in _THAT.finditer(text):
        begin = max((end.end() for end in _BEGIN.finditer(text, 0, match.start())), default=0)
        words = list(re.finditer(r"\S+", text[begin : match.start()]))
        if len(words) > MOST_WORDS:
            begin += words[-MOST_WORDS].start()
        governor = _ASIDE.sub("", text[begin : match.end()])[: -len(match[0])].strip(" ,")
        kind = _kind(governor, match[1])
        if kind is None and _ANSWERS.search(text[begin : match.start()].rstrip()):
            kind = "asserted"
        if kind:
            yield Frame(begin, match.end(), kind, text[begin : match.end()].strip(" ,;:-("))


def _kind(governor: str, link: str) -> Kind | None:
    """What a governor makes of its clause; None if it is not known to make anything of it."""
    governor = _FROM_THIS.sub("", _BEYOND_DOUBT.sub("", governor).rstrip(" ,"))
    if link == "whether":
        return "denied" if _INDIFFERENT.search(governor) else None
    if link in {"in which", "where"}:
        return _of_place(governor)
    if _UNDISPUTED.search(governor):
        return "asserted"
    if _ONCE.search(governor):
        return "attributed"
    if not (_TAKES.search(governor) or _AFFIRMS.search(governor)):
        return None
    return next((kind for decide in _DECISIONS if (kind := decide(governor))), None)


def _of_place(governor: str) -> Kind | None:
    if _SUPPOSE.search(governor):
        return "conditional"
    return "guarded" if _GUARD.search(governor) else None


def _deceived(governor: str) -> Kind | None:
    if _DECEIVE.search(governor) or _WISHED.match(governor):
        return "denied"
    return "guarded" if _NEVER.search(governor) else None


def _supposed(governor: str) -> Kind | None:
    return "conditional" if _SUPPOSE.search(governor) and not _DENY.search(governor) else None


def _turned(governor: str) -> Kind | None:
    """A governor with words that deny or negate; each of them turns the clause round."""
    negated = bool(_NEGATE.search(_DENY.sub(" ", governor)))
    found = [*_DENY.finditer(governor)]
    apart = sum(one.end() + 1 != two.start() for one, two in pairwise(found))
    turns = bool(found) + apart + negated
    if turns and _FACTIVE.search(governor):
        return "asserted" if negated or turns % 2 == 0 else None
    return ("denied" if turns % 2 else "asserted") if turns else None


def _answered(governor: str) -> Kind | None:
    """The answer's own reason or conclusion, or what it vouches for."""
    if _ANSWERS.search(governor) or _AFFIRMS.search(governor):
        return "asserted"
    if not _VOUCHES.search(governor) or _OPEN.search(governor) or _IMPERATIVE.match(governor):
        return None
    own = re.search(r"\b(?:i|we|you)(?:'\w+)?\b", governor) or _PROVES.search(governor)
    return "asserted" if own or not _OUTSIDER.search(governor) else None


def _reported(governor: str) -> Kind | None:
    """Hearsay, and what is feared; not what is ordered."""
    if _IMPERATIVE.match(governor):
        return None
    says = bool(_REPORT.search(governor))
    outsider = _OUTSIDER.search(governor) and not _OWN.search(governor)
    if (_PAST.search(governor) and not _TO_THIS_DAY.search(governor)) or (
        outsider and (says or _CLAIM_NOUN.search(governor))
    ):
        return "attributed"
    return "guarded" if _GUARD.search(governor) and not says else None


_DECISIONS: tuple[Callable[[str], Kind | None], ...] = (
    _deceived,
    _supposed,
    _turned,
    _answered,
    _reported,
)
"""Asked in this order; the first that knows decides."""
