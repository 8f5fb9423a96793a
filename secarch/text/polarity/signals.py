"""Which kinds of words are where around a span: before and after it in its sentence, in the
sentences next to it, in what leads into it and in the other cells of its row.

One kind of word in one place is one signal ("next:untrue"). `setting` weighs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from secarch.text.polarity import vocabulary

SHORT = 8
"""Words up to which a sentence is a remark on its neighbour rather than one of its own."""
LEADING = 2
"""Windows before a span, and after it, that are looked at."""

_KINDS = {
    "untrue": rf"{vocabulary.UNTRUTH}|{vocabulary.UNTRUE}|mis(?:read|understand|understood|conce"
    r"|belie|judge|interpret|appre|lead|led|taken|guid|inform)\w*|opposite|reverse[ds]?|contrary"
    r"|contradict\w*|disprove\w*|lies|lied|lying|invert\w*|upside down|back to front|backwards"
    r"|confus\w+|fantas\w+|theor(?:y|etical)|tale|tales|stor(?:y|ies)|rumou?rs?|legend|folklore"
    r"|superstiti\w+|differently|otherwise|pulling your leg|joke|laugh\w*|if only|never was"
    r"|lie|busted|bust|bs|bull\w*|crap|garbage|yeah|nah|lol|uh-huh|pull the other|full of it"
    r"|if only|no such|never true|not buying|says otherwise|wishful|error|errors|mistakes?|muddl\w+"
    r"|fooled|dreams?|imaginary|optimis\w+|too good",
    "bad": rf"{vocabulary.FAULT}|{vocabulary.UNSOUND}|{vocabulary.NEEDLESS}|careless|naive|absurd"
    r"|fail\w*|broke|breaks?|broken|collaps\w+|ruin\w*|trouble|regret\w*|sadly|unfortunately|alas"
    r"|afraid|pain\w*|wrong|poor|worst|worse|weak|flaw\w*|fault\w*|not good|disast\w+|embarrass\w*"
    r"|sack|fired|money back|sorry|apolog\w+|lesson|costly|nightmare|horr\w+|alarming|terrible"
    r"|unprotected|exposed|exposes?|bitten|burnt|burned|stung|sunk|hurdle|doom\w*|indefensible",
    "harm": r"breach\w*|incidents?|outages?|intru\w+|attack\w*|leak\w*|compromis\w+|post-?mortems?"
    r"|on call|red team|pen-?test\w*|audit finding|findings?|stolen|ransom\w*|exploit\w*|fines?"
    r"|lawsuit|weekends?|root cause",
    "drop": r"strik(?:e|es|ing)|struck|cross(?:ed)? (?:it |that |this )?out|delet\w+|remov\w+"
    r"|tak(?:e|en) (?:it |that |this )?(?:out|down|off)|withdr[ae]w\w*|retract\w*|correct(?:ed|ion"
    r"|ions)|correct (?:it|this|that|the|before|please)|please correct|erratum|unlearn\w*|drop\w*"
    r"|reject\w*|declin\w+|refus\w+|resist\w*|scrap\w*|dispos\w+|discard\w*|abandon\w*"
    r"|supersed\w+|obsolete|revis\w+|replac\w+|go back|sent? back|rewrit\w+|bin|retire\w*|veto\w*"
    r"|overrul\w+|push(?:ed)? back|take issue|object\w*|disagree\w*|disput\w+|den(?:y|ies|ied)"
    r"|doubt\w*|dismiss\w*|distrust\w*|beware|avoid\w*|ignore (?:it|this|that)|not copy",
    "negation": r"not|never|no|nope|nobody|no one|nothing|nowhere|none|neither|nor|cannot|\w+n't"
    r"|hardly|scarcely|little|without|far from|no longer|anything but",
    "no": r"^\W*(?:no|nope|wrong|false|not|never|hardly|nonsense|rubbish|don't|resist|nah)\b",
    "endorse": r"right|true|correct|fine|agree\w*|confirm\w*|stand by|advice|advis\w+|recommend\w*"
    r"|note|remember|mind|sure|fact|know\w*|certain\w*|works?|simpl\w+|important|key|answer|best"
    r"|rest assured|trust|happy|documented|means|shows?|doubt that|decided|decision|conclu\w+"
    r"|summary|short|matters?|rule|standard|experience|sufficient|enough|perfectly|safely|yes"
    r"|guide|manual|point|good news|plan|bottom line|reason|learn|reminder|dispute[sd]? that",
    "speech": rf"{vocabulary.SAY_THAT}|{vocabulary.SAY_BARE}|reads?|goes|runs|taught|teach\w*"
    r"|wrote|writes?|written|quote\w*|put it|opinion|accord(?:ing)?|so-called|allege\w*|maintain\w*"
    r"|presuppos\w+|sells?|sold|tells?|told|posted|remark\w*|describ\w+|bore|contains?|phrase",
    "source": rf"{vocabulary.PEOPLE}|brochures?|decks?|notes?|runbooks?|wiki|drafts?|readme\w*"
    r"|tenders?|minutes|forums?|reddit|transcripts?|interviews?|posters?|whiteboard|talks?|canteen"
    r"|bidders?|speakers?|neighbou?rs?|friends?|reviewers?|experts?|readers?|whoever|anyone"
    r"|anybody|somebody|someone|chatgpt|copilot|salesm[ae]n|officers?|rfp|predecessor\w*|student"
    r"|mr|ms|mrs|dr|textbooks?|newsletters?|podcasts?|stickers?|stick(?:y)?|t-shirts?|guidebook",
    "text": r"sentences?|statements?|claims?|phrases?|quot(?:e|es|ation)|paragraphs?|clauses?"
    r"|passages?|wording|texts?|comments?|remarks?|slides?|lines?|words?|drafts?|editions?"
    r"|versions?|blocks?|excerpts?|submitted|annex|document under review|under discussion"
    r"|above|original|before|specimen|example|exercise|mark this|legend|analysis|discuss\w*"
    r"|assess\w*|forwarded|pretext|footnote",
    "belief": rf"{vocabulary.CLAIM}|assum\w+|believ\w+|thinks?|thinking|thought|suppos\w+|belief\w*"
    r"|convinc\w+|persuad\w+|imagin\w+|hop(?:e|es|ed|ing)|intuition|temptation|tempting|inclined"
    r"|impression|hunch|conviction|mindset|dogma|mantra|premise",
    "condition": r"if|suppos\w+|whether|assum(?:e|ing)|imagine|hypothe\w+|were (?:it|we|you|i|they)"
    r"|should (?:it|you|someone|somebody|a|an|the|anyone)|had (?:it|you|we|they)|unless|until"
    r"|what if|could it be|provided|in case|pretend|thought experiment|scenario|as though|as if"
    r"|would|remains to be|open question|not know|unclear|unknown|verify|test(?:ed|s|ing)?"
    r"|hypothetical\w*|depends on|proof|prove[sdn]?|confirmation|checked|is it|does it",
    "asked": r"\?",
    "detect": r"pipelines?|scann?\w*|gates?|reject\w*|block\w*|alert\w*|alarms?|polic(?:y|ies)"
    r"|checks?|catch\w*|detect\w*|refus\w+|lint\w*|webhooks?|guardrails?|pages?|den(?:y|ies)"
    r"|prevent\w*|impossible|flag\w*|non-compliant|revert\w*|stops?|greps?|incident|ticket"
    r"|fails? the build|turn(?:s|ed)? away|look(?:s|ing)? for|trigger\w*|quarantin\w*|opens? an?"
    r"|rules? out|abuse case|the risk|the danger|attacker|threat|exists? (?:to|so|for)|designed"
    r"|training|keep\w* (?:\w+ )?from|locked|hunts?|monitor\w*|control",
    "past": r"used to|once|old|previous\w*|former\w*|years? ago|back then|until \w+|was|were|had"
    r"|did|been|last (?:week|year|month)|stopped|dates? from|(?:19|20)\d\d|decades?",
    "own": r"i|i'd|i'll|i've|i'm|we|we've|my|our|me|us",
    "you": r"you|your|you're|you'll",
    "they": r"he|she|they|their|his|her|them|him",
    "contrast": r"but|yet|however|whereas|in (?:reality|fact|truth)|actually|except|or rather"
    r"|instead|only|the truth|though|although|nevertheless|nonetheless|precisely|exactly the",
    "it": r"^\W*(?:(?:but|yet|and|so|well|sadly|still),? )*(?:it|they|he|she)\b",
    "points": r"^\W*(?:(?:but|yet|and|so|well|sadly|sorry|in fact|still|or),? )*(?:this|that"
    r"|these|those|which|such|so|none|neither|nothing|the (?:\w+ )?(?:claim|idea|statement"
    r"|sentence|advice|view|belief|paragraph|quote|author|argument|above|line|passage|reverse"
    r"|opposite|reality|truth|facts?))\b",
}
KINDS = {
    name: re.compile(rf"(?<![\w'-])(?:{pattern})(?![\w'-])" if name != "asked" else pattern)
    for name, pattern in _KINDS.items()
}


_TECHNICAL = re.compile(
    r"\bfalse (?:alarms?|positives?|negatives?)\b|\berror (?:messages?|codes?|logs?|rates?"
    r"|budgets?)\b"
    r"|\b(?:avoid|get|fix|solve|see|clear|silence|remove|without|stop|prevent)\w* (?:[\w'-]+"
    r" ){0,3}?"
    r"errors?\b|\b(?:rbac|permission|access|api|timeout|certificate|throttling|tls|build) errors?\b"
)
"""Errors of machines and alarms without cause, which call no statement untrue."""


@lru_cache(maxsize=16_384)
def kinds(text: str) -> frozenset[str]:
    """The kinds of words that a text holds."""
    if "error" in text or "false " in text:
        text = _TECHNICAL.sub(" ", text)
    return frozenset(name for name, pattern in KINDS.items() if pattern.search(text))


_GOVERNOR = re.compile(
    r"^(?:(?!that |whether |which )\S+ ){0,15}?\S*"
    r"(?:(?P<that>(?<!\w)that)|(?P<whether>(?<!\w)(?:whether|as if|as though|as given))"
    r"|(?P<where>(?<!\w)(?:where|in which))|(?P<colon>(?<=\w|\)|\*|\"):))(?=[\s\"]|$)"
)
"""The words that govern a clause, up to what links it to them."""
_SAYING = (
    r"(?:keeps? |kept |is |was |are |were |has |have |had |just |often |always |still |also )*"
    r"(?:say|says|said|saying|sw[eo](?:ar|re)s?|argu\w+|claim\w*|insist\w*|think|thinks|thought"
    r"|believ\w+"
    r"|figure[sd]?|reckon\w*|writes?|wrote|t(?:ell|old)s?|telling|suggest\w*|propos\w+|allege\w*"
    r"|maintain\w*|assum\w+|assert\w*|state[sd]?|reads?|goes|wants?|wonder\w*|asking|heard|hears?"
    r"|hearing|bet|felt|feels?|contend\w*|hold|holds|held|puts?|ran|taught|preach\w*|repeat\w*"
    r"|promis\w+|posted|remark\w*|quot\w+|sells?|selling|convinced|hope[sd]?|guess\w*|treating"
    r"|runs?|bore|bears|contains?)\b"
)
_HEARSAY = re.compile(
    rf"^(?!i |we |you can|you may|you should)(?:(?!{vocabulary.OWN_VOICE}\b)[\w'.&#/-]+,? ){{1,7}}?"
    rf"{_SAYING}"
    r"|\bper (?:the|their|his|her|our|my|your|\w+)\b|\baccording to\b|\bwords\b|\btext\b"
)
_PRETENDED = re.compile(
    r"^(?:now |just |let's |let us |so |ok |okay |[\w ]{0,25}: )*"
    r"(?:say|pretend|suppose|imagine|assume"
    r"|picture|what if|even if|if|unless|should|were|had|only if|until|whether|could|would|is it"
    r"|does)\b"
)
_TELLS = re.compile(
    r"^(?:(?:when|if|where|in|for|to|at|after|before)\b[^,.;:]{2,40}, )?(?:please |just |so "
    r"|and |then |also |do |always |simply )*(?:tell|teach|remind"
    r"|make no mistake|note|remember|keep in"
    r" mind|be aware|make sure|mind you|trust me|rest assured|know|understand|accept|write|inform"
    r"|don't forget|never forget|do not forget|bear in mind)\b(?! (?:me|us) (?:again|why)\b)"
)
_REMARK = frozenset({"untrue", "bad", "harm", "drop", "negation", "contrast"})
_ENDS = {
    "that": re.compile(r"\b(?:that|whether|how|if|where|which|as though|as if) *$"),
    "colon": re.compile(r": *\"?$"),
    "comma": re.compile(r", *$"),
    "of": re.compile(r"\b(?:of|in|on|about|with|like|from|to) *\"?$"),
}
TELLS = "before:tells"
"""The signal of an order to say or to keep in mind what follows."""
NOTHING = re.compile(r"^\W*(?:(?:and|also|then|so|please|just) )*$")


def signals(places: Mapping[str, str]) -> frozenset[str]:
    """All signals of the texts around a span, by the name of their place."""
    return frozenset(_signals(places))


def _signals(places: Mapping[str, str]) -> Iterator[str]:
    for place, text in places.items():
        found = kinds(text)
        yield from (f"{place}:{kind}" for kind in found)
        if place in {"next", "across", "later"} and text:
            yield from _of_remark(place, text, found)
    before = places.get("before", "")
    yield from (f"before:ends {name}" for name, end in _ENDS.items() if end.search(before))
    if before.count('"') % 2 and '"' in places.get("after", ""):
        yield "in quotation marks"
        yield from (f"quotation:{kind}" for kind in kinds(before) | kinds(places["after"]))
    if _HEARSAY.search(before):
        yield "before:hearsay"
    if _PRETENDED.search(before):
        yield "before:pretended"
    if _TELLS.match(before):
        yield TELLS
    if governor := _GOVERNOR.match(before):
        yield f"governor:{governor.lastgroup}"
        yield from (f"governor:{kind}" for kind in kinds(governor[0]))
    if NOTHING.match(before):
        yield "before:nothing"


def _of_remark(place: str, text: str, found: frozenset[str]) -> Iterator[str]:
    """Signals of a sentence that may speak of its neighbour."""
    brief = len(text.split()) <= SHORT
    if brief:
        yield f"{place}:short"
    for kind in found & _REMARK:
        if brief:
            yield f"{place}:short {kind}"
        if "points" in found or "it" in found:
            yield f"{place}:{'points' if 'points' in found else 'it'} {kind}"


def around(texts: Sequence[str], count: int = LEADING) -> dict[str, str]:
    """The sentences after a span by their place: the next one, and those that follow."""
    return {"next": texts[0] if texts else "", "later": " ".join(texts[1:count])}
