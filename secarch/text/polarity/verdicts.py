"""Sentences that speak of the one before them, or of all above: "This is wrong.", "I disagree."."""

from __future__ import annotations

import re
from functools import lru_cache

from secarch.text.polarity import cues, vocabulary
from secarch.text.polarity.parties import SPEAKER
from secarch.text.polarity.retractions import retracts

LONGEST_VERDICT = 18
"""Words of a sentence that may be a verdict in loose words; a longer one says something itself."""

_POINTER = (
    r"(?:this|that|it|these|those|they|which|both|neither|(?:all|none|each|any|either|neither|most"
    r"|nothing|some|much|half) of (?:this|that|these|those|it|them|the above))"
)
_THING = (
    r"(?:such (?:an? )?\w+(?: \w+)?|(?:the|this|that|their|his|her|these|those|its|either|each"
    r"|every"
    rf"|such|both) (?:[\w'-]+ ){{0,2}}(?:{vocabulary.CLAIM}|{vocabulary.UNTRUTH}|options?"
    rf"|alternatives?"
    r"|variants?"
    r"|shortcuts?|solutions?|designs?|things?|practices?|workarounds?|requests?|ways?|setups?"
    r"|quotes?))"
)
_PERSON = rf"(?:he|she|they|(?:the |our |its |your )?{vocabulary.PEOPLE})"
_ANAPHOR = rf"(?:{_POINTER}|{_THING})"
LINK = (
    r"(?:(?:in fact|in truth|of course|clearly|sadly|actually|unfortunately|in reality|but|yet"
    r"|still"
    r"|however|well|sorry|alas|and|though|here|so|then|also|all|by now|frankly|honestly|personally"
    r"|in (?:my|our) (?:view|opinion|experience|eyes|book)|as i see it|to be (?:honest|clear|blunt)"
    r"|tempting|plausible|convenient|understandable|nice),? )*"
    r"(?:(?:however|although|though|much as|no matter how|for all)"
    r" [^,.;:!?]{3,70}, )?"
)
_DONE = (
    r"(?:rejected|refused|declined|refuted|disproved|disproven|debunked|ruled out|overruled|opposed"
    r"|turned down|withdrawn|dismissed|excluded|resisted|discarded|denied|vetoed|avoided|abandoned"
    r"|corrected|contradicted|shot down|challenged|thrown out|put to rest|forgotten)"
)
_FAILS = (
    r"(?:fails?|failed|collapses?|breaks? down|misses|ignores?|overlooks?|forgets?|confuses?|lacks"
    r"|conflates?|mistakes|underestimates?|contradicts?|defeats?|violates?|misreads?|neglects?"
    r"|misunderstands?|misjudges?|undermines?|overestimates?|gets? (?:it|this|that) wrong|mixes up"
    r"|falls apart|invites|opens the door|backfires)\b"
)
_HAVE = (
    r"(?:(?:has|have|had)(?: (?:since|long|now|rightly|already|meanwhile|all))? been"
    r"|got|gets|was|were|is|are|must be|should be|ought to be|has"
    r" to be"
    r"|needs to be|have to be|to be)(?: (?:since|long|now|rightly|already|clearly|just|firmly"
    r"|simply"
    r"|soundly|therefore|hence|all|thoroughly|repeatedly|often))*"
)
_IS = rf"{vocabulary.BE} {vocabulary.ADVERBS}"
_UNTRUE = (
    rf"(?:{_IS}(?:{vocabulary.UNTRUTH}|{vocabulary.UNTRUE})\b|{vocabulary.BE}(?: not| never| no"
    rf" longer| hardly| far"
    r" from"
    r"| anything but)(?: \w+)? (?:true|correct|right|the case|so|accurate|how it works|what happens"
    r"|needed|necessary|required|valid)\b|(?:isn't|aren't|wasn't|weren't) (?:\w+ )?(?:true|correct"
    r"|right|the case|so|accurate|needed|necessary|required|valid)\b"
    r"|(?:does|do|did|will|would)(?: not|n't) (?:\w+ )?(?:hold|hold up|apply|stand|stand up|add up"
    r"|make sense|survive)\b|has it backwards|was never true|never (?:was|held)"
    r"|(?:does|do|did)(?: not|n't) (?:\w+ )?(?:describe|match|reflect|reach|fit|square with"
    r"|agree with"
    r"|correspond (?:to|with)|bear out) (?:[\w'-]+ )?(?:reality|facts?|truth|practice|world"
    r"|evidence)\b"
    rf"|{cues.NOT_NEEDED.pattern}|{_HAVE} {_DONE}\b)"
)
"""Says that something is untrue or not needed."""
NEGATIVE = (
    rf"(?:{cues.CONDEMNS.pattern}|{_UNTRUE}|{_FAILS}"
    r"|(?:does|do|did|will|would|can|could|should|must|may|has|have|is|are|was|were)(?: not\b"
    r"|n't\b)"
    r"|cannot\b|never (?:works?|holds?|happens?|did|does|was|has)\b|is (?:exactly |precisely "
    r"|just )?"
    r"(?:what|how|why|where) (?:[\w']+ ){0,6}?(?:fail|broke|wrong|disproved|breach|attack|incident"
    r"|abuse|exploit)\w*|(?:has|have) (?:no|never|little)\b|turns? out (?:to be )?(?:false|wrong"
    r"|untrue|a \w+)|needs? correcting|deserves no"
    r"|(?<!\bi )(?<!\bwe )would (?:be (?:an? )?(?:\w+ )?(?:mistake|error"
    r"|wrong|fatal|disast\w+|dangerous|negligent|reckless|breach|violation)|break|defeat|expose"
    r"|violate|undo|open|leave|invite|undermine|create|give|let))"
)
"""Says of a statement that it is untrue, or that what it advises is bad."""
_NO = (
    r"(?:no|nope|wrong|false|nonsense|incorrect|untrue|not so|not true|hardly|far from it|not quite"
    r"|not at all|on the contrary|quite the (?:opposite|contrary|reverse)|by no means|not really"
    r"|(?:definitely|certainly|absolutely|of course|surely|please) not|never|bad idea|in truth"
    r"|in reality|the truth is|the reality is|reality|truth be told|i beg to differ|rubbish|myth"
    r"|rejected|refused|denied|no way|a myth|a fallacy|a misconception|not acceptable|unacceptable"
    r"|not recommended|not the case|(?:quite|simply|plain|just) wrong|mistaken|out of the question"
    r"|(?:the )?facts?(?: (?:differs?|says? otherwise))?|not needed|unnecessary|not necessary)"
)
_JOKES = (
    r"(?:(?:i am |i'm |that was )?(?:just |only )?(?:kidding|joking)|(?:that|this|it) was (?:a|just"
    r" a|only a) joke|(?:please )?do nothing of the (?:sort|kind)|april fools?)"
)
_BELIEVED = (
    r"(?:(?:that|this|it)(?:,? (?:at least|at any rate|anyway|in any case),?)? (?:is|was)"
    r" (?:how|what)"
    r" (?:[\w']+ ){1,2}?(?:(?:used to|once|had|long|always|still) )?(?:believe[d]?|thought|think"
    r"|assumed?|hoped?|told ourselves|were (?:told|taught)|said|wrote)\b[^.]{0,30}\b(?:until|till"
    r"|before|back then|years? ago|in (?:19|20)\d\d|once|at the time|then))\b"
)
"""Says of what is before it that it was a joke, or what one thought once."""
_NO_MORE = (
    r"(?:(?:i|we) (?:no longer (?:do|say|think|believe)|(?:do not|don't) any ?more|know better now"
    r"|(?:have )?(?:since )?changed (?:my|our) minds?)"
    r"|(?:at least,? )?(?:that|this|it) is (?:exactly )?what (?:i|we|one) would (?:say|write|advise"
    r"|answer|recommend|tell (?:you|them)) if)"
)
"""Says that one said it once, or would say it in another case."""
_INTERJECTION = re.compile(
    rf"^\W*{LINK}(?:{_NO_MORE}\b|{_JOKES}\b|{_BELIEVED}|{_NO}(?:[.,;:!-]|$|\s-)"
    r"|(?:exactly |just |precisely )?the (?:exact )?(?:opposite|reverse|contrary) (?:is|holds"
    r"|applies))"
)
_SELF = r"(?:i|we|you|one|nobody|no one)"
_IT = (
    r"(?:this|that(?=[.,;:!?]|$| (?:\w+ly|outright|too|claim|idea|view|argument|proposal)\b)|it"
    r"|these|those|so|such"
    r"|the (?:idea|claim|view|argument|proposal|advice|premise|plan)(?! (?:that|of|to)\b))"
)
_OTHERS = (
    r"(?! with (?:those|people|anyone|everyone|everybody|all) who"
    r"(?! \w+ (?:so|this|that|it)(?:\W*$|[.;,])))"
)
"""Whose view is given after it is no matter of the sentence before."""
_ABOUT = (
    rf"(?! with (?:the|his|her|their|any) (?!(?:\w+ )?{vocabulary.CLAIM}|above|previous|last)\w)"
)
"""What one does not agree with is named, and is not the sentence before."""
_REFUSAL = re.compile(
    rf"^\W*{LINK}(?:(?:{_SELF}|nothing|experts?|experience|practice|reality|evidence)"
    rf" (?:\w+ly |must |should |have to |would |can |will |also )*(?:(?:disagree{_OTHERS}|object"
    r"|dissent"
    r"|differ"
    r"|beg to differ|push back|say no|am not convinced|(?:say|show|prove)s? (?:otherwise|the"
    r" opposite)"
    r"|(?:am|are|advise|recommend|argue|warn) against)(?:s|es)?\b|(?:reject|refuse|decline|dispute"
    rf"|doubt|contest|rebut|refute|deny|contradict|disprove|oppose)(?:s|es)? ?(?:{_IT}\b|[.,;:!]"
    r"|$))"
    rf"|{_SELF} (?:\w+ )?(?:do not|don't|cannot|can't|could not|would not|wouldn't|will not|won't"
    rf"|am not|are not|must not|should not|shouldn't|never) (?:\w+ )?(?:agree{_OTHERS}{_ABOUT}"
    rf"|subscribe"
    r"|concur"
    r"|think so"
    r"|(?:accept|support|recommend|advise|endorse|approve|share|buy|do|follow|sign|believe|allow"
    r"|say"
    r"|convinced by|rely on|build on|see|have|let|go along with|fall for|side with|trust)"
    rf" (?:of |to )?{_IT})\b)"
)
_ORDER = re.compile(
    rf"^\W*{LINK}(?:please |just |simply |politely |firmly |always |then )*(?:(?:reject|refuse"
    r"|resist"
    r"|ignore|disregard|avoid|decline|dismiss|drop|discard|oppose|correct|contradict|rebut|refute"
    r"|challenge|forget|never|stop|don't|do not|question|distrust|scrap|steer clear of|stay away"
    r"|strike|cross out|strike out|scratch|unlearn"
    r" from)"
    r"(?: (?:do|say|believe|accept|follow|fall for|rely on|trust|buy|use|be fooled by|listen to"
    r"|with|to"
    r"|into|assume|repeat|about))? (?:this|that|it|these|those|them|such|so|(?:the|any|all)(?:"
    r" \w+)?"
    rf" {vocabulary.CLAIM})\b|push back\b|say no\b|turn (?:it|this|that|them|him|her) down"
    rf"|don't[.!]?$"
    r"|do not[.!]?$|tell (?:\w+ ){1,3}no\b|talk (?:them|him|her|\w+) out of"
    r"|(?:cross|strike) (?:that|this|it|them|these|those) (?:out|off)|forget (?:it|that|this)[.!]?$"
    r"|(?:delete|remove|cut|withdraw|drop|take out) (?:that|this|the) (?:sentence|claim|advice"
    r"|paragraph|clause|statement|idea)\b"
    r"|resist[.!]?$|pass[.!]?$|skip[.!]?$|hard pass\b|think again\b|wrong again\b)"
)
_BROAD = re.compile(
    rf"^\W*{LINK}(?:{_ANAPHOR} {vocabulary.MANNER}{NEGATIVE}"
    rf"|{_PERSON} {vocabulary.MANNER}(?:{_UNTRUE}|ha(?:s|ve) it backwards|gets? it wrong"
    rf"|{_IS}(?:confused"
    rf"|misinformed|missing the point)|{_FAILS}))"
)
_STRICT = re.compile(
    rf"^\W*{LINK}(?:{_ANAPHOR} {vocabulary.MANNER}{_UNTRUE}|{_PERSON}"
    rf" {vocabulary.MANNER}(?:{_IS}(?:wrong"
    r"|mistaken|incorrect|misinformed)\b|ha(?:s|ve) it backwards))"
)
_NONE = re.compile(
    rf"^\W*{LINK}(?:none of (?:this|that|these|those|it|them|the above)|neither(?: of (?:these"
    r"|them))?"
    r"|nothing of (?:this|that|the kind|the sort)) (?:\w+ )?(?:(?:is|are|was|were) (?:\w+ )?(?:true"
    r"|correct|right|needed|necessary|required|so|acceptable|safe|worth|advisable|recommended|an?"
    r" \w+)"
    r"|holds?|applies|apply|works?|makes? sense|stands?)\b"
)
_POINTING = re.compile(
    rf"^\W*{LINK}(?:(?:this|that|these|those|such|neither|none of (?:this|that|these|those))\b"
    r"|the (?:\w+ )?(?:claim|idea|belief|notion|argument|assumption|statement|view)s?\b)"
)
_PLURAL = re.compile(
    rf"^\W*{LINK}(?:these|those|they|all|none|both|neither|each|any|every|such|nothing|everything"
    r"|the (?:above|claims|ideas|arguments|statements|points|options|list))\b"
)
_ELLIPTIC = re.compile(
    rf"^\W*{LINK}(?:(?:that|this|it|which|(?:the )?{vocabulary.CLAIM}) )?"
    r"(?:is |was |has been )?(?:a |an |just a |but a )?"
    rf"(?:(?:common|popular|widespread|pure|plain) )?(?:{vocabulary.UNTRUTH}|{vocabulary.UNTRUE}"
    rf"|{_DONE})(?:[.!]?$|[;,] )"
)


_LOOSE = re.compile(
    rf"^\W*{LINK}(?:at least )?(?:{_ANAPHOR}|such \w+|(?:the|this|that) \w+) (?:\w+ )?"
    r"(?:is|was|are|were|has been|had been|remains|counts as|belongs (?:to|in|among|on)|sounds like"
    r"|amounts to|may be|might be|used to be) (?!(?:how|why|what|where|because|not) )"
    rf"(?:[\w'-]+ ){{0,6}}?(?:{vocabulary.UNTRUTH}|{vocabulary.FAULT}|{vocabulary.UNTRUE}"
    rf"|{vocabulary.NEEDLESS}|mis(?:read|understand|conce|judg|appre)\w+|old (?:\w+ )?(?:advice"
    rf"|view"
    r"|rule|way|thinking|habit|days)|past|over|gone|history|confus\w+|relics?|leftovers?|overkill"
    r"|superstition|the exception|the trap|a trap|upside down|backwards|the reverse|the opposite"
    r"|what (?:i|we) (?:would )?(?:avoid|reject|argue against))\b(?! (?:in|of) (?:not|leaving))"
    r"|^\W*(?:at least )?(?:that|this|so|such) (?:is|was|goes|runs) (?:how |what )?(?:the|every)"
    r" (?:story|tale|legend|myth|argument|pitch|brochure)\b"
    rf"|^\W*{LINK}(?:{_ANAPHOR}) (?:\w+ )?(?:no longer|never|hardly|rarely|only in theory)\b"
    rf"|^\W*{LINK}if only (?:that|it|this|things)\b"
    r"|\b(?:does|do|did|will|would)(?: not|n't) (?:\w+ )?(?:work|happen|behave|apply|go|function)"
    r" (?:that way|this way|like that|like this)\b"
    rf"|^\W*{LINK}(?:{_ANAPHOR}) (?:has )?(?:cost|led|ended|brought|earned|caused|bought|landed)"
    r" (?:\w+ ){0,4}?(?:breach|incident|outage|fine|leak|disaster|trouble|audit|finding|attack"
    r"|exposure|data loss)\w*\b"
)
"""A verdict in other words: "This is the most expensive misunderstanding that I see."."""
_THEIRS = re.compile(
    rf"^\W*{LINK}(?:(?:that|this|it|which|those|these) (?:is|was|are|were) )?(?:(?:only|just|merely"
    r"|still|all) )?(?:(?:the|our|your|his|her|their|some|an?) )?(?:[\w-]+ ){0,2}?"
    rf"(?:{vocabulary.PEOPLE}(?:'s?)?|hype) (?:speaking|talking|(?:view|opinion|word|line|position"
    r"|version|wording|claim|pitch|take|stance)s?)\b(?! (?:is|are|was|were|that|of)\b)"
    r"|^\W*(?:(?:those|these|that|this) (?:are|were|is|was) )?not (?:my|our) (?:own )?(?:words?"
    r"|views?"
    r"|opinions?|advice|recommendations?|position)\b"
    r"|^\W*(?:his|her|their) (?:words?|views?|opinions?|claims?), not (?:mine|ours)\b"
)
"""Says whose words those before are."""
_NOT_HERE = re.compile(
    r"^\W*(?:(?:no|well|sorry|certainly|definitely)\W+)*(?:(?:not|never) (?:in|on|with|under|at|for"
    r"|from) (?:(?:this|my|our|any|an?) (?:\w+ )?(?:company|budget|house|watch|team|shop|department"
    r"|lifetime|life|name|view|opinion|book|world|way|chance|mind|money|time|million years"
    r"|place)|me"
    r"|us)\b|(?:not a|no) chance\b|over my dead body\b|count (?:me|us) out\b|not (?:going to|gonna)"
    r" happen\b|(?:it|that|this) (?:won't|will not|isn't going to) happen\b)"
)
"""Turns down what is before it without a verb: "Not on my watch."."""
_PLAUSIBLE = re.compile(
    r"^\W*(?:(?:that |this |it )?(?:sounds?|looks?|seems?|reads?|feels?) (?:\w+ )?(?:plausible"
    r"|right"
    r"|nice|good|tempting|reasonable|logical|convincing|simple|easy|sensible|harmless|fine|great"
    r"|neat|obvious|attractive|true|clever)|tempting|plausible|convenient|understandable|nice try"
    r"|nice idea|a nice (?:idea|thought)|so far, so good|really|true|right|correct|agreed|isn't it"
    r"|is it not"
    r"|does it not|is (?:that|this|it) so|is (?:that|this|it) (?:true|right|correct))\W*$"
)
"""A sentence that puts off the verdict to the next one: "Sounds plausible. It is false."."""


def puts_off(sentence: str) -> bool:
    """Whether a short sentence only concedes, so that the one after it holds the verdict."""
    return bool(_PLAUSIBLE.match(sentence.split("\n", 1)[0]))


_EXPLETIVE = re.compile(
    rf"^\W*{LINK}(?:it|that|this) (?:is|was|remains|would be|'s) (?:[\w'-]+"
    rf" ){{0,6}}?(?:{vocabulary.UNTRUTH}"
    rf"|{vocabulary.UNTRUE}|{vocabulary.NEEDLESS}|{vocabulary.UNSOUND}|{vocabulary.GOOD}"
    rf"|{vocabulary.FAULT}) (?:that|to|for|how"
    r"|if)\b"
)
"""As in "it is a myth that ...", which speaks of what comes."""


_REMARKS = (_REFUSAL, _ORDER, _INTERJECTION, _ELLIPTIC, _THEIRS, _NOT_HERE)
_PARENTHESIS = re.compile(
    r", (?:\w+ly|alas|of course|in fact|in truth|as (?:so )?often|as ever|too|at least"
    r"|at any rate),(?= )"
)
"""An adverb between commas: "This is, regrettably, a fiction."."""


@lru_cache(maxsize=8192)
def takes_back(
    sentence: str,
    *,
    pointing: bool = False,
    of_all: bool = False,
    strict: bool = False,
    item: bool = False,
) -> str:
    """The words by which a sentence denies the one before it, or "".

    `pointing` asks for a word that points back ("this", "the claim"): needed across paragraphs.
    `of_all` asks for one that points at several things: needed after a list.
    `strict` asks that it is called untrue or not needed, and not only bad.
    `item` says that it is one of a list, whose label is what it speaks of and no speaker.
    """
    sentence = _PARENTHESIS.sub("", sentence.split("\n", 1)[0])
    if ": " in sentence and not item:
        sentence = SPEAKER.sub("", sentence)
    if _EXPLETIVE.match(sentence) or stands(sentence):
        return ""
    if of_all and not _PLURAL.search(sentence):
        return ""
    verdict = (_STRICT if strict else _BROAD).search(sentence) or _NONE.search(sentence)
    if verdict and (not pointing or _POINTING.search(sentence)) and not _reverses(verdict[0]):
        return verdict[0].strip()
    if len(sentence.split()) <= LONGEST_VERDICT and (not pointing or _POINTING.search(sentence)):
        loose = _LOOSE.search(sentence)
        if loose and not _reverses(loose[0]):
            return loose[0].strip()
    for pattern in (_REFUSAL,) if pointing else _REMARKS:
        if found := pattern.search(sentence):
            return found[0].strip()
    return "" if pointing else retracts(sentence)


_DOUBLE = re.compile(
    rf"\b(?:not|never|none|neither|no|\w+n't) (?:\w+ ){{0,3}}?(?:{vocabulary.UNTRUE}"
    rf"|{vocabulary.UNSOUND}"
    rf"|{vocabulary.NEEDLESS}|optional)\b"
)
_PROVED = re.compile(
    r"\bha(?:s|ve|d) never (?:\w+ )?(?:let (?:me|us|you|anyone) down|failed|disappointed|misled)\b"
)
_STANDS = re.compile(
    rf"(?:\b(?:nothing|none|nobody|no)(?: [\w'-]+){{0,8}}?"
    rf"|\b(?:not|never|hardly|nor|\w+n't)(?: [\w'-]+){{0,2}}?) {vocabulary.DOUBT}\b"
)


@lru_cache(maxsize=8192)
def stands(verdict: str) -> bool:
    """Whether a verdict confirms by denying a doubt: "and this is not a matter of opinion"."""
    return bool(_STANDS.search(verdict) or _PROVED.search(verdict))


_NOT_GOOD = re.compile(r"\bnot (?:true|the case|enough|worth|needed|necessary|required)\b")


def _reverses(verdict: str) -> bool:
    """Whether the verdict is a double one: "is not wrong", "none of these is unnecessary"."""
    return bool(_DOUBLE.search(verdict)) and not _NOT_GOOD.search(verdict)


_NOUNS = (
    r"(?:advice|list|text|points|steps|recommendations|answer|measures|controls|items|guidance"
    r"|suggestions|statements?|paragraphs?|sections?|instructions|it|these|those|them|this|that)"
)
# Not "earlier object versions", "all of these keys", "above 10 Mbit/s" or "any of it until it is
# signed": a noun behind the word, or a time, makes a thing of what is taken away.
_ENDS = (
    rf"(?! (?!{_NOUNS}\b|(?:is|are|was|were|and|or|but|since|because|as|so|to|on|about|here|there"
    r"|today|now|please|again|instead|entirely|completely|altogether|at|for)\b)\w)"
)
_UP = (
    r"(?:so far|before this|just (?:said|written|now)|previously|up to here|up to this point"
    rf"|(?:above|preceding|previous|foregoing|earlier){_ENDS})"
)
_ALL_ABOVE = (
    r"(?:(?:all|any|every|most|none|everything|anything|nothing|each|whatever)(?: of)? )?(?:(?:the"
    rf"|that|this|my|these) )?(?:(?:\w+ ){{0,2}}{_NOUNS} )?(?:is |are |i wrote |i said |stated "
    rf"|listed |written |given |mentioned |described |you (?:just )?read |i (?:just )?)?{_UP}"
    rf"(?: {_NOUNS})?|everything (?:i )?(?:just )?(?:said|wrote)|(?:all (?:of )?(?:that|this"
    rf"|these|those)|any of (?:that|this|these|it)){_ENDS}"
)
_DROP = (
    r"(?:ignor\w*|disregard\w*|forget\w*|discard\w*|scrap\w*|scratch|drop\w*|skip\w*|strike|reverse"
    r"|do the (?:exact )?(?:opposite|reverse|contrary) of|(?:don't|do not|never) (?:follow|do"
    r"|implement"
    r"|apply|use|believe|trust|bother with|take|act on|need|listen to)|undo|delet\w*|cross out"
    r"|throw (?:away|out)|retract|withdraw|take back|abandon|reject|dismiss|disbelieve|cancel"
    r"|leave out|omit|remove|tear up|bin|no need for|there is no need for|dispense with|do without)"
)
_POLITE = (
    r"(?:you (?:can|may|should|must) |please |just |now |simply |i would |safely |we (?:can|may"
    r"|should) |better |feel free to |it is safe to |it is fine to )*"
)
_WITHDRAWS = re.compile(
    rf"^\W*{LINK}(?:{_POLITE}{_DROP}(?: \w+)? (?:{_ALL_ABOVE})\b"
    r"|(?:none|nothing|not a word)(?: of)? (?:the |that |this |what )?(?:\w+ )?(?:above|(?:i"
    r" )?(?:said"
    r"|wrote)|is above|so far|that|this|it|these|those|preceding|previous)(?: \w+)? (?:is|are|was"
    r"|were"
    r"|holds?|applies|apply|works?|matters?|helps?|makes? sense|should be|needs? to be|has to be"
    r"|must be)(?! (?:un|optional|new|enough|sufficient|free))"
    rf"|(?:{_ALL_ABOVE})(?: \w+ly)? (?:{cues.CONDEMNS.pattern}|{_UNTRUE}))"
)


@lru_cache(maxsize=8192)
def withdraws_all(sentence: str) -> bool:
    """Whether a sentence takes back all that is above it: "Ignore all of the above."."""
    found = _WITHDRAWS.search(sentence.rsplit("\n", 1)[-1])
    return found is not None and not _reverses(found[0]) and not stands(sentence)
