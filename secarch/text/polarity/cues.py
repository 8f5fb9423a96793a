"""The patterns by which English says that it does not say something, made of `vocabulary`.

All of it is matched in plain text: lower case, straight quotes, one hyphen (`windows.plain`).
"""

from __future__ import annotations

import re

from secarch.text.polarity.vocabulary import (
    ADVERB,
    ADVERBS,
    BE,
    CLAIM,
    FAULT,
    GOOD,
    NEEDLESS,
    OWN_VOICE,
    PEOPLE,
    SAY_BARE,
    SAY_THAT,
    UNSOUND,
    UNTRUE,
    UNTRUTH,
    group,
)

NEGATOR = re.compile(
    r"\b(?:not(?! only\b| just\b| merely\b| to mention\b| least\b)|never|cannot|nor|neither|\w+n't"
    r"|no(?! later\b| sooner\b| more than\b| less than\b| matter\b| doubt\b| fewer than\b)|without"
    r"|avoid(?:s|ed|ing)?|instead of|rather than|hardly|barely|scarcely|unlike|dont"
    r"|refrain(?:s|ed|ing)? from|abstain(?:s|ed|ing)? from|cant|wont|under no circumstances"
    r"|beware of|far from|by no means|in no way)(?![\w'])"
)
STOPPED = re.compile(
    r"\b(?:refus|stop|declin|ceas|resist|quit)(?:e|es|ed|ing|s|ped|ping)?"
    r"(?:$| to\b| \w+ing\b| \w+ from\b)"
)
"""As in "stop making ..." and "refuses to make ...", but not in "stops it with ..."."""
NOBODY = re.compile(
    r"\b(?:nobody|no one|no-one|none of \w+(?: \w+)?|nothing|neither"
    r"|no (?!question\b|doubt\b|denying\b|dispute\b)(?:\w+ ){1,4}?"
    r"|not even (?:\w+ ){1,5}?|hardly anyone)(?: [^,.;:]{0,50}?)?"
    r" ?\b(?:can|could|may|might|should|must|will|would|gets?|has to|needs? to|does|do|ever)\b"
)
"""A negative subject denies the whole of its clause."""

_BEFORE = """to can may and never not you just please safely should or then could we must let's
    simply better also"""
_START = "|".join(rf"(?<=\b{word} )" for word in _BEFORE.split())
_START = rf"(?:^|(?<=[.;:,(] )|(?<=n't )|{_START})"
SKIPPED = re.compile(
    rf"{_START}(?:skip|forget(?: about)?|ignore|omit|disregard|dispense with|do without|leave out"
    r"|postpone|neglect|get rid of|abandon|scrap|pass on|hold off(?: on)?|put off|waive|opt out of"
    r"|give up(?: on)?|spare (?:yourself|yourselves|us)|get away without|defer|delay|skipping"
    r"|ignoring|omitting|forgetting|never mind)\b"
)
"""Verbs that leave out what they govern."""
NO_NEED = re.compile(
    r"\b(?:nobody|no one|none of \w+) (?:needs?|has|have) to\b"
    r"|\b(?:no|little) (?:need|reason|point|use|value|sense|benefit)(?: (?:to|in|for|of))?\b"
    r"|\b(?:don't|do not|never|not) bother(?: with| to| about)?\b|\b(?:needn't|need not)(?= \w)"
    r"|\b(?:do|does|did)(?: not|n't) (?:need|have) to\b|\b(?:a )?waste (?:of )?(?:no )?"
    r"(?:time|money|effort|budget|energy)(?: (?:to|on|with|in))?\b"
    r"|\btoo (?:early|late|soon|expensive|costly|much effort) to\b"
)
"""Denies that something is needed."""
NO_WORDS = re.compile(
    r"\b(?:need|reason|point|use|bother|needn't|have|has)(?: (?:with|here|now))?"
    r" (?:(?:to |in )?(?:wake|call|phone|page|ping|ask|tell|mail|panic|worry|guess|debate|discuss"
    r"|argue|hesitate|overthink|reinvent|apologi[sz]e|remind|convince|mince|beat about"
    r"|pretend)(?:ing)?|for (?:an? |any |more |another |long |further )*(?:meetings?|debates?"
    r"|discussions?|drama|panic|talks?|calls?|workshops?|stud(?:y|ies)|votes?|apolog(?:y|ies)))\b"
)
"""Nobody needs to talk of it or to lose sleep over it, which says nothing of the next clause."""
DEFIED = re.compile(
    r"^(?:and |so |well,? |fine,? )*(?:laugh|smile|scoff|groan|argue|disagree|complain|object|shrug"
    r"|frown|grumble|protest|mock|roll your eyes|call (?:me|us|it)|say (?:what|that)|sneer|sue me)"
    r"(?: [\w'-]+){0,3} $"
)
"""Before "if you like": it is the reader's laughter that is free, and not what is said."""
TAKEN_AWAY = re.compile(
    r"\b(?:remov(?:e|es|ed|ing)|disabl(?:e|es|ed|ing)|delet(?:e|es|ed|ing)|drop(?:s|ped|ping)?"
    r"|(?:turn|switch)(?:s|es|ed|ing)? off|deactivat(?:e|es|ed|ing)|stop(?:s|ped|ping)?|withdraw"
    r"|take out|do away with|undo|revert|roll(?:s|ed|ing)? back|eliminat(?:e|es|ed|ing)|cancel"
    r"|weaken(?:s|ed|ing)?|strip(?: out)?|retire|reduce|lift|skip|ignore|avoid|forget|omit|reject"
    r"|get rid of|abandon|scrap|refuse|resist|dismantle|tear down|cut|relax|loosen)"
    r"(?: (?:any|all|every|each|the|those|these|such|existing|present|current|your|our|of|other))*"
    r" (?:\w+ ){0,2}?(?:controls?|safeguards?|measures?|protections?|requirements?|steps?|checks?"
    r"|rules?|settings?|things?|polic(?:y|ies)|guardrails?|advice|recommendations?|practices?"
    r"|following|mechanisms?|restrictions?|everything|anything|obligations?|process(?:es)?|points?"
    r"|items?|defen[cs]es?|precautions?|overhead|burdens?|ideas?|suggestions?|proposals?|demands?)"
    r"(?: (?:such as|like|as in|that (?:says?|asks?|reads?|demands?|requires?|tells?)|which"
    r" (?:says?|asks?|reads?)|of the form|along the lines of|including|of the kind|for example"
    r"|namely|called|named|saying|to the effect(?: that)?|to)\b|, (?:e\.g\.|for example|such as))"
)
"""Verbs that take away a control which is then named."""
_LET = r"(?:let|allow|permit|want|rely|ask|require|encourage|try|consider|support|endorse|approve)"
NOT_LET = re.compile(
    rf"\b(?:do not|don't|never|not|cannot|can't|wouldn't|shouldn't|nobody|no one) (?:\w+ ){{0,3}}?"
    rf"{_LET}(?:s|d|ed|ing)?\b"
)
"""Denies what somebody might do: "do not let anyone ..."."""
_DISBELIEF = (
    r"(?:assume|believe|think|say|claim|suppose|expect|trust|accept|agree|pretend|imagine|conclude"
    r"|tell|promise|mean|imply|argue|suggest|recommend|advise|infer|buy|fall for|presume|hope"
    r"|advocate|state|write|consider|deem|hold|maintain|contend|reckon|be (?:told|fooled"
    r"|persuaded|tempted|misled)|persuade|convince"
    r"|follow|see why|take it|subscribe|sign|confirm|report|declare|rely on|bank on|count on)"
)
UNBELIEVED = re.compile(
    rf"\b(?:do not|don't|never|not|cannot|can't|wouldn't|would not|shouldn't|should not|must not"
    rf"|nobody|no one|n't) (?:\w+ ){{0,3}}?{_DISBELIEF}(?:s|d|ed|ing)?"
    rf"(?: (?:the|any|a|an|it|in|with|into|on|to|yourself|anyone|anybody|people|them|him|her|us)"
    rf"){{0,3}}(?: \w+)?(?: (?:{CLAIM}))? (?:that|as if|to|into|of)\b"
)
"""Denies what somebody might say or think: "do not assume that ..."."""
COMPLEMENT = re.compile(
    rf"\b(?:{UNTRUTH}|{UNTRUE}|{NEEDLESS})(?: (?:here|today|by now|on our part|simply))?"
    rf" (?:that|to(?!:)|for (?:\w+ ){{1,3}}to|of(?= \w+ing)|if (?:you|we)|how)\b"
    rf"|\b(?:not|never|hardly|n't|no longer) (?:{ADVERB} )?{GOOD} (?:that|to)\b"
    rf"|\bcontrary to (?:the |what |a |popular |common |widespread )*(?:\w+ )?{CLAIM} (?:that|of)\b"
    r"|\bthere is (?:no|little) (?:truth|substance|evidence|basis|proof|merit|need|reason|point)"
    r"(?: (?:to|in|for|that|behind))*(?: the)?(?: \w+)?(?: that)?\b"
    rf"|\b(?:disagree|dispute|deny|doubt|reject|refute|contest|dismiss|rebut|debunk|challenge"
    rf"|contradict)(?:s|es|ed|d)?(?: with)?(?: (?:the|any|his|her|their|this|a|every))?"
    rf"(?: [\w-]+)?(?: (?:{CLAIM}|{UNTRUTH}))?(?: that| whether)\b"
    r"|\b(?:reject|refute|dismiss|rebut|debunk|contradict|resist|discard|correct|oppose|dispel"
    r"|bury)"
    rf"(?:s|es|ed|d|led)? (?:the|any|his|her|their|this|a|every)(?: [\w-]+)?"
    rf" (?:{CLAIM}|{UNTRUTH})(?: that| of| to)?\b"
    r"|\b(?:it is|it's|is|be) (?:simply |just |plain |quite )?(?:a |an )?(?:lie|error|mistake"
    r"|delusion)"
    r" (?:that|to (?:think|believe|assume|say|claim|suppose|hold|expect)(?: that)?)\b"
)
"""Denies the statement that follows it, to the end of the sentence."""
UNSOUND_TO = re.compile(
    rf"\b(?:{UNSOUND}|{FAULT}) (?:that|to|for (?:\w+ ){{1,3}}to|if|when|of(?= \w+ing))\b"
)
"""Condemns what follows: a penalty is not due, though a key point may be said this way."""

CONDEMNS = re.compile(
    rf"(?:\b{BE}|\bas|'s) {ADVERBS}(?:{UNTRUTH}|{FAULT}|{UNTRUE}|{UNSOUND})\b"
    rf"|(?:\b{BE}|'s)(?: not| never| no longer| hardly| far from| anything but| by no means"
    rf"| in no way| nowhere near| no)(?:(?: {ADVERB}){{0,3}}| \w+) {GOOD}\b"
    rf"|\b(?:isn't|aren't|wasn't|weren't)(?: \w+)? {GOOD}\b"
    r"|\b(?:is|are|was|were) no (?:\w+ )?(?:solution|answer|option|substitute|replacement|excuse"
    r"|reason|boundary|control|defen[cs]e|protection|alternative|argument|remedy|fix|justification"
    r"|way|help|more than|guarantee|proof)\b"
    r"|\b(?:does|do|did|will|would|can|could)(?: not|n't) (?:\w+ )?(?:hold|hold up|stand|stand up"
    r"|follow|add up|make sense|survive|fly|go far enough|cut it|convince|stack up|withstand)\b"
    r"|\b(?:falls? short|fell short|misses the (?:point|mark)|has it backwards|was never true"
    r"|has no (?:basis|merit|substance)|never (?:was|held)|proves? nothing|backfires?|must go"
    r"|gets? it wrong|got it wrong|is what (?:is|goes) wrong)\b"
)
"""What is said of a statement before it."""
NOT_NEEDED = re.compile(
    rf"(?:\b{BE}|'s) {ADVERBS}(?:{UNTRUTH}|{NEEDLESS}|optional|false|untrue|nonsense|a lie)\b"
    r"|\b(?:is|are|be)(?: not|n't| no longer| hardly| never) (?:\w+ )?(?:needed|necessary|required"
    r"|worth|true|mandatory|important|relevant|advisable|recommended|a good idea|so|the case)\b"
    r"|\b(?:isn't|aren't) (?:\w+ )?(?:needed|necessary|required|worth|true|mandatory|important)\b"
    r"|\b(?:is|are)(?: not|n't)(?: really| at all)? (?:suitable|feasible|usable|practicable"
    r"|practical|workable|viable|worthwhile|useful|an option)\b"
    r"|\b(?:can|may|could|should|must|will|to) (?:safely |easily |well |also |all |certainly "
    r"|perfectly |still |just |happily )*(?:wait\b|be (?:skipped|ignored|omitted|left out|dropped"
    r"|removed|deferred|postponed|dispensed with|disregarded|forgotten|neglected|scrapped|avoided"
    r"|abandoned|waived|delayed))"
    r"|\b(?:adds? nothing|brings? nothing|achieves? nothing|makes no difference"
    r"|is a waste of \w+|serves no purpose|has no (?:benefit|value|use|place))\b"
)
"""As `CONDEMNS`, of what withdraws a piece of advice ("is dangerous" may be the advice itself)."""

_PASSIVE = "".join(
    rf"(?<!\b{be} )" for be in ("is", "are", "was", "were", "be", "been", "get", "gets")
)
GUARD = re.compile(
    rf"{_PASSIVE}\b(?:prevent\w*|block(?:s|ed|ing)?(?! public access| storage| device| level| list)"
    r"|den(?:y|ies|ied|ying)(?! list)|forbid\w*|prohibit\w*|disallow\w*|refus(?:e|es|ed|ing)"
    r"|reject(?:s|ed|ing)?|detect(?:s|ed|ing)?|alert(?:s|ed|ing)?(?: (?:\w+ ){0,6}?(?:on|when|if"
    r"|for|about|whenever))?|alarms? (?:\w+ ){0,6}?(?:on|when|if|for|about|whenever)"
    r"|catch(?:es|ing)?|flag(?:s|ged|ging)?|warn(?:s|ed|ing)?|guard(?:s|ed|ing)? against"
    r"|(?:protect|defend)(?:s|ed|ing)?(?: \w+){0,5} (?:against|from)|keep(?:s|ing)?(?: \w+){1,5}"
    r" from"
    r"|stop(?:s|ped|ping)? (?:\w+ ){1,5}?(?:from|who|to)|outlaw\w*|veto\w*|revoke[sd]?"
    r"|(?:page|pages|notify|notifies) (?:\w+ ){0,6}?(?:on|when|if|whenever)"
    r"|fail(?:s|ed|ing)? (?:the |any |every |a )?(?:build|pipeline|deployment|check|plan|merge)s?"
    r"|(?:scan|look|hunt|search|watch|monitor|check|test|query|sweep)(?:s|ed|ing|es)? (?:\w+"
    r" ){0,3}?for(?! (?:(?:many |some |several |a few |\d+ |two |three )?(?:years|months|weeks|days"
    r"|decades)"
    r"|a (?:long|while)|so long)\b)"
    r"|attempt(?:s|ed|ing)? (?:to|at|which|that|by)|attempts?|tr(?:y|ies|ied|ying) to|tempt(?:s"
    r"|ed) to"
    r"|rule(?:s|d)? out|revert(?:s|ed|ing)?|undo(?:es|ing)?|make[s]? (?:it )?impossible"
    r"|mak(?:e|es|ing) sure (?:that )?(?:no|none|nobody|nothing)|immune to|in the way of"
    r"|(?:risk|danger|threat|possibility|chance|misuse|incident|scenario) (?:of|that|where"
    r"|in which|when|whether)|(?:record|log|report)(?:s|ed|ing)? (?:every|each|any|all)"
    r"|in place of|as opposed to|(?:tried|attempted|wanted) to|worr(?:y|ies|ied) (?:that|about)"
    r"|fear(?:s|ed)? (?:that|of)|lest|against)\b"
)
"""What is prevented, detected or tried is not advised."""
THREAT = re.compile(
    r"\b(?:(?:an?|any|the|every|each|some|such an?|one) )?(?:\w+ )?(?:attackers?|adversar(?:y|ies)"
    r"|intruders?|thie(?:f|ves)|hackers?|criminals?|fraudsters?|insiders?|malware|ransomware|worms?"
    r"|botnets?|(?:compromised|malicious|hijacked|stolen|infected|rogue|leaked) \w+|whoever"
    r"|anyone who|anybody who)(?: (?:who|that|which|with|in|on|has|have|from|gets|steals|holds"
    r"|controls)(?: (?!that\b|tell\b)\w+){1,8}?)?"
    r" (?:then |still |also |simply |now |easily |thus )*(?:can|could|may"
    r"|might|would|will|is able to|gets?|uses?|reads?|takes?|needs? only|only needs?)\b(?! not|n't)"
    r"(?! (?:tell|confirm|agree|say|know|attest|advise|testify|recognise|recogni[sz]e)\b)"
)
"""What an attacker does is a description of harm."""
OTHERWISE = re.compile(
    r"(?:^|[;:.,] |- |\band )(?:otherwise|or else|if not|failing that|left alone|done wrong)\b"
)
CONDITION = re.compile(
    r"(?:^|[\s,;:(-])(?:if(?! not\b)|in case|suppose(?: that)?|supposing|imagine(?: that)?|even if"
    r"|assuming(?: that)?|only if|were (?:we|you|they|it|the \w+|someone) to|had (?:we|you|they)"
    r"|should (?:you|they|someone|anyone|we|it) (?=\w+ )|as soon as|the moment|once|whenever"
    r"|in the event that|until)\b"
)
"""Begins what is only supposed; it ends at the next comma."""
INQUIRY = re.compile(
    r"\b(?:find out|ask|check|verify|see|determine|clarify|test|examine|investigate|wonder|unclear"
    r"|decide|establish|confirm|remains?(?: to be (?:seen|shown)| open| unknown| uncertain)"
    r"|yet to be (?:seen|shown)|uncertain|unknown|undecided|open question"
    r"|(?:not|n't)(?: yet| really)? (?:know|sure|certain|clear|settled)|nobody knows"
    r")(?: [\w'-]+){0,7}$"
)
"""Before a condition: it is a question, and holds to the end of the sentence."""
NO_PATH = re.compile(
    r"(?:no|without)(?: (?:an?|any|\w+))?? (?:paths?|routes?|ways? (?:out|in|through)|access|reach"
    r"|connections?|links?|permissions?|rights?|privileges?|trusts?|peerings?|credentials?|traffic"
    r"|lines?) (?:to|into|from|on|in|for|over|of|towards|with)(?: [\w'-]+){0,3} "
)
"""Denies the way to a thing, and not the thing: "an account with no path to production"."""
WOULD = re.compile(
    r"\b(?:would|could only|might have|could have)\b(?! (?:be (?:\w+ )?(?:enough|sufficient|fine|ok"
    r"|okay|acceptable|safe|best|better|good|simplest|right|secure|reasonable|easiest|my|harmless"
    r"|wise)|do\b|suffice|recommend|advise|suggest|use|choose|go|like|say|argue|propose|prefer|keep"
    r"|make|set|put|accept|allow|grant|give))"
)
"""Says what follows from something else, unless it is a polite piece of advice."""

REPORTED = re.compile(
    r"\b(?:it|this|that|which) (?:is|was|has been|gets|sounds) (?:\w+ )?(?:said|argued|claimed"
    r"|believed|thought|assumed|held|suggested|asserted|alleged|rumou?red|supposed|tempting to"
    r"|easy to|natural to|understandable to|popular to)\b"
    r"|\b(?:supposedly|allegedly|reportedly|purportedly|ostensibly|at first (?:glance|sight)"
    r"|on the face of it|superficially|seemingly|apparently)\b"
)
SAID_TO_BE = re.compile(
    r"\b(?:is|are|was|were|gets?|being|been|be)(?: \w+ly| often| sometimes| always| then| still)?"
    r" (?:said|thought|assumed|believed|supposed|claimed|alleged|rumou?red|presumed|reputed|sold"
    r"|marketed|advertised|touted|mistaken|portrayed|hailed|praised)(?: to| as| for)\b"
)
"""As in "a private network is often assumed to be safe": all of the clause is hearsay."""
_SOURCE = (
    rf"(?:{PEOPLE}|decks?|brochures?|leaflets?|pitch(?:es)?|adverts?|press releases?|wikis?"
    rf"|internet"
    r"|rumou?rs?|minutes|hype|salespeople|salesm[ae]n|headlines?|white ?papers?|webinars?)"
)
_THE = r"(?:(?:the|our|your|their|his|her|some|a|an|most|many|certain) )?(?:[\w-]+ ){0,2}?"
ACCORDING = re.compile(
    r"\b(?:according to|in the (?:eyes|words|view|opinion|mind|logic) of|as seen by|if you believe"
    r"|in (?:the )?(?:\w+ ){0,3}?\w+'s? (?:view|opinion|eyes|words|reading|mind|book)"
    r"|in (?:their|his|her) (?:view|opinion|eyes|words|reading|mind|book)"
    rf"|as {_THE}{_SOURCE}(?:'s)? (?:sees?|saw|puts?|tells?|told|frames?|understands?|reads?"
    r"|would have|ha[sd]|have|views?|presents?|describes?|likes?) (?:it|this|that|things|us|to \w+)"
    rf"(?=,)|(?:if (?:we|you|one) (?:(?:are|were) to )?(?:go by|believe|trust|listen to|follow"
    rf"|take)|going by|judging by|to judge by|to hear|to listen to) {_THE}{_SOURCE})\b"
)
NAMED = re.compile(
    rf"^(?!(?:{OWN_VOICE}|this|that|it|there|what|which|who|he|she|the|an?|each|every|all|one"
    rf"|evidence"
    r"|nothing|everything|time|history|any(?:one|body)|no(?:body)?|every(?:one|body)|who\w*"
    r"|those)\b)[a-z][\w.'-]+(?: (?!who\b|that\b)[a-z][\w.'-]+)?(?: \([^()]{2,30}\)"
    r"|, [^,]{2,40},)? (?:says|thinks|believes|reckons|claims|argues|insists|swears|suspects"
    r"|guesses"
    r"|feels|hopes|alleges|boasts)\b"
)
"""A name with a verb of saying: "Lena (sales) reckons the key is safe"."""
_SAYS = rf"(?:{SAY_BARE}|would have it|would have us believe|put it)"
_WHO = rf"(?:the |an? |its |our |their |his |some |many )?(?:\w+ )?{PEOPLE} (?:\w+ )?"
MOCKED = re.compile(
    r",? and (?:pigs (?:can |might |may |will |do )?fly|i(?:'m| am) the (?:pope|queen|king"
    r"|emperor)\b"
    r"|the (?:moon|earth) is (?:flat|made of)|unicorns\b|water (?:flows|runs) uphill"
    r"|santa (?:claus )?(?:is|exists)\b|elephants (?:can )?fly|hell (?:has )?fr\w+)\b"
    r"|, (?:then |so )?(?:i(?:'m| am)|my name is|you are|he is) (?:(?:the|a|an) )?(?:\w+ )?(?:pope"
    r"|queen|king|emperor|kaiser|tsar|sultan|astronaut|dutchman|martian|teapot|unicorn|santa|banana"
    r"|prima ballerina|father christmas|tooth fairy|easter bunny|napoleon|elvis|monkey's uncle)\b"
    r"|\bis (?:like|as true as) (?:saying|claiming|believing|arguing) that (?:the earth|the"
    r" moon|pigs)\b"
)
"""Likens what is before it to what everybody knows to be untrue."""
WHEN_PIGS_FLY = re.compile(
    r"\b(?:pigs (?:will|would|can|may|might|must) (?:\w+ )?fly|hell (?:will|would|must"
    r"|has to) freeze"
    r"(?: over)?|(?:i|we)(?:'d| would|'ll| will) (?:sooner |rather |first )?(?:eat my (?:hat|shoes?"
    r"|boots?|tie)|resign|retire|shave my head)|over my dead body)(?: sooner)?"
    r" (?:before|ere|when|than|if|until)\b"
)
"""Puts what follows off to what never comes."""
SO_THEY_SAY = re.compile(
    r"(?:[,;:]|-|\") ?(?:or )?(?:so |as |is what |that's what |that is what"
    rf" )?{_WHO}{_SAYS}[^,]{{0,40}}$"
    rf"|\b(?:is|was|are|were) (?:exactly |just )?what {_WHO}{_SAYS}\b"
    r"|\bso (?:the|goes the|runs the) (?:\w+ )?(?:argument|claim|story|reasoning|theory|saying"
    r"|logic|thinking)\b|\b(?:goes|runs) the (?:\w+ )?(?:argument|claim|story|reasoning|theory"
    r"|saying|logic|thinking)\b"
)
ENDORSED = re.compile(
    r"\b(?:rightly|correctly|(?:are|is|were|was) right|is correct|are correct|right to|correct in"
    r"|ha(?:s|ve) a point|i agree|we agree|justly|with reason|quite right)\b"
)

_LEAVE = group(
    r"""leave (?:it|this|that|them|things) | skip (?:it|this|that) | do nothing | omit (?:it|this)
    ignore (?:it|this) | do without | don't(?: bother)? | forgo it | drop it | keep (?:it|things) as
    the opposite | the other way | not do (?:it|so) | let it be | do neither | not bother
    not at all"""
)
HEDGED = re.compile(
    r"\b(?:it (?:all |really |just )?depends|that depends|depending on (?:taste|mood|preference)"
    r"|or (?:else )?(?:just |simply |you could |you can |could |can |may |equally |perhaps |maybe "
    rf"|possibly |also |you may |you might )*{_LEAVE}\b"
    r"|or not(?= ?[.;!?]?$)|(?:or|and|but) (?:maybe|perhaps|possibly|then again|equally),? "
    r"(?:not\b|don't|the opposite|you don't)|(?:may|might|could|can) or (?:may|might|could|can)"
    r" ?not"
    r"|up to you|your call|matter of (?:taste|preference|opinion)|either way (?:is|works|would"
    r"|will)"
    r"|one way or the other|both (?:\w+ )?(?:are|is|would be) (?:\w+ )?(?:fine|acceptable"
    r"|defensible"
    r"|possible|ok|okay|valid)|take it or leave it|if you (?:like|wish|feel like it|prefer|fancy)"
    r"(?=[,.;]|$)|whether or not (?:you|to|it|that) \w+|nice to have|but (?:it is |that is"
    r" )?(?:optional|not "
    r"(?:strictly )?(?:necessary|required|needed))|hard to say|no strong opinion|equally (?:well"
    r"|fine)"
    r"|(?:some|many) (?:would|do|say yes|prefer it),? (?:while |and |but )?others|who knows"
    r"|i(?: am|'m) not sure|not sure (?:if|whether)|hard to tell|can't say(?! it\b)"
    r"|cannot say(?! it\b)"
    r"|could go either way|arguments (?:for|on) both|pros and cons|as you see fit|is debatable"
    r"|then again)"
)
"""Both ways are left open."""
MARK = re.compile(r"^\W*[\u274c\u2717\u2718\u2716\u26d4\U0001f6ab\U0001f44e]\W*")
"""A cross before an item."""
NOT_ENOUGH = re.compile(r"\b(?:enough|sufficient) to$")
"""Asks for more than what follows, up to the next clause."""
TO_DO = re.compile(
    rf" to (?!(?:be|have|{SAY_THAT}|believe|suppose|tell|accept|take|let|make|rely)\b)"
    r"\w+$|\bto call\b"
)
"""Judges an act ("wrong to call it ..."), and not a statement: the reason for that is asserted."""
DUE = re.compile(r"\b(?:must|should|has to|needs to|ought to|may safely|can safely) be(?: \w+ly)?$")
"""As in "it must be said that"."""
