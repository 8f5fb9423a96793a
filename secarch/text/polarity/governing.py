"""Classes of the words before a clause with "that" which make something of it."""

from __future__ import annotations

import re

from secarch.text.polarity import vocabulary

DENY = re.compile(
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
    r"|little|far from|tore|torn|tears? (?:apart|up|to pieces)|demolish\w*|shatter\w*|explod\w+"
    r"|puncture[sd]?|ridicul\w+|mock(?:s|ed|ing)?|overturn\w*|quash\w*|dispel\w*|disabus\w+"
    r"|laugh\w* at|torpedo\w*|shred\w*|put paid to|makes? short work of"
    r"|(?:difficult|hard|impossible|unable)(?: for \w+)? to (?:accept|believe|imagine|agree|defend"
    r"|swallow"
    r"|maintain|support)"
    r"|too (?:early|late|soon|simple|good)|unlearn\w*|bury|buried|lay to rest"
    r"|steer clear|(?:anything|something|nothing) (?:other than|but|except)|generous|stretch\w*"
    r"|leap of faith|imagination|far-fetched|contort\w*"
    r"|distrust\w*|mistrust\w*|lies|lied|lying)\b"
)
NEGATE = re.compile(
    r"\b(?:not(?! only| just| merely)|never|no|nobody|no one|none|nothing|neither|nor|cannot"
    r"|\w+n't|hardly|scarcely|barely|without)\b"
)
FACTIVE = re.compile(
    r"\b(?:forg[eo]t\w*|overlook\w*|surpris\w+|wonder|secret|regret\w*|kn[eo]w\w*|reali[sz]\w+"
    r"|remember\w*|notic\w+|stress\w*|emphasi[sz]\w+|enough|exaggerat\w+|mention\w*|mind|awar\w+"
    r"|coincidence|accident|news|underestimat\w+|sure|ensur\w+|check\w*|verif\w+"
    r"|confirm\w*|guarantee\w*|see$|show\w*|only|way around|excuses?"
    r"|lose sight|escap\w+|ignor\w+ the fact|fact|matters? is|fail to (?:see|notice))\b"
)
"""What governs a clause that is taken to be so, denied or not."""
DECEIVE = re.compile(
    r"\b(?:far be it from|once upon a time|(?:further|farther) from (?:the )?(?:truth|reality)"
    r"|talk(?:s|ed|ing)? (?:you|us|me|them|him|her|anyone|yourself|people) into)\b"
    r"|^had it been (?:\w+ )?(?:so|true|the case|right)$"
    r"|\b(?:fool|trick|mislead|misled|lull|delud|deceiv|dup(?:e|ed)\b|brainwash|con(?:ned)? (?:you"
    r"|us"
    r"|them))\w*"
)
"""What one is deceived into believing is untrue, whether or not one is."""
SUPERLATIVE = re.compile(
    r"\b(?:nothing|no (?:\w+ )?(?:mistake|error|sin|advice|idea)) (?:could be|can be|is|was"
    r"|would be)"
    r" (?:more|worse|as|so)\b"
)
"""As in "nothing could be more dangerous than", which denies nothing."""
NO_EXPERT = re.compile(
    r"\b(?:(?:nobody|no one|you|one|we|it) (?:\w+ )?(?:(?:has|have|needs?) to|need not|needn't"
    r"|(?:do|does)(?:"
    r"n't| not) (?:have to|need|take))|no need to)\b.* to (?:see|know|understand|tell|reali[sz]e"
    r"|grasp"
    r"|conclude|guess|find(?: out)?)$"
)
"""It takes nothing to see what is so."""
IF_SO = re.compile(r"\bif (?:it|this) (?:is|was|were|be|has been|could be) (?:\w+ )?\w+$")
SAYS_NO = re.compile(
    r"[:,;-] (?:(?:and|so|but|well|sorry|sadly|alas),? )*(?:no|nope|not at all|never|negative"
    r"|by no means)\b(?! (?:doubt|question|matter|less|more|later|sooner)\b)"
    r"|[:,;-] [^:;]{0,40}?\b(?:answer(?:s|ed)?(?: is| was| with)?|repl(?:y|ied)(?: is| was| with)?"
    r"|sa(?:y|id)|it's"
    r"|it is|it was|that's|that is|got|tell you)(?: [\w'-]+){0,5}? no\b(?! (?:doubt|question"
    r"|\w+ing)\b)"
    r"|\bsh(?:ook|ake|akes|aking) (?:its|the|my|his|her|our|their) heads?\b"
)
SAYS_YES = re.compile(
    r"[:,;-] (?:(?:and|so|but|well),? )*(?:yes|yep|indeed|certainly|absolutely|of course|it (?:is"
    r"|does)"
    r"|they (?:are|do))\b|[:,;-] [^:;]{0,40}?\b(?:answer(?:s|ed)?(?: is| was| with)?|sa(?:y|id)"
    r"|it's"
    r"|it is|that's)(?: [\w'-]+){0,5}? yes\b|\bnod(?:s|ded)?\b"
)
"""What the sentence itself answers to the question that it reports."""
NOWHERE = re.compile(
    r"\b(?:only|perhaps|maybe|possibly) in (?:fairy tales?|dreams?|brochures?|films?|novels?"
    r"|fiction|(?:a|some)"
    r" (?:\w+ )?(?:dream|world|universe|fantasy|novel|film|brochure|tale))\b"
)
SHOW_ME = re.compile(
    r"^(?:show|find|name|bring|give) me (?:a|an|one|any|the|somebody|someone"
    r"|anyone)\b.*\b(?:convinced"
    r"|sure|certain|believ\w+|claim\w*|think\w*|say\w*|argu\w+|insist\w*|assum\w+|persuaded)$"
)
ASKED_TO = re.compile(
    r"\b(?:ask|want|request|demand|urg|invit|challeng|task|press|call|instruct)\w*\b.* to (?:show"
    r"|prove"
    r"|demonstrate|explain|argue|establish|verify|test|examine|discuss|confirm|justify|defend"
    r"|substantiate|say|state|promise|pretend)$"
)
"""What somebody is asked to show nobody has shown yet."""
IMPOSSIBLE = re.compile(
    r"\b(?:no|not|n't|never|cannot|without|hardly|only in (?:fairy tales?|dreams?|theory|brochures?"
    r"|films?|novels?|a (?:dream|fairy tale|perfect world|parallel universe|fantasy|novel|film)))\b"
)
"""Beside a case in which something would be so: there is none."""
LOOKS = re.compile(
    r"\b(?:only|merely|just|at first|superficially|falsely|wrongly) (?:looks?|seems?|appears?"
    r"|sounds?|feels?)$|\b(?:looks?|seems?|appears?|sounds?) (?:only|merely|at first)$"
)
"""What only looks as though it were so."""
PREFERS = re.compile(
    r"\b(?:sooner|rather|better|easier|safer|cheaper|wiser|more (?:\w+ly )?\w+)\b.*\bthan\b"
    r"|\bas (?:well|soon)\b.*\bas\b|\bthe (?:day|hour|moment) (?:i|we|you)\b(?!.*\b(?:knew"
    r"|learn\w*|understood|reali[sz]\w+|saw)\b)"
)
"""Would do anything else before it: "I would sooner resign than sign that"."""
PROOF = re.compile(
    r"\b(?:shows?|showing|shown|showed|guarantees?|guaranteed|guaranteeing|confirms?|confirming"
    r"|confirmed|implies|imply|implying|establish(?:es|ed|ing)?|demonstrat(?:e|es|ed|ing))$"
)
"""What is not shown is not so, though such verbs else take what is."""
CROOK = re.compile(
    r"\b(?:attackers?|adversar(?:y|ies)|thie(?:f|ves)|intruders?|burglars?|hackers?|crooks?"
    r"|criminals?|scammers?|fraudsters?|swindlers?|con m[ae]n|impostors?|phishers?|villains?"
    r"|spies|spy|callers?|extortionists?|blackmailers?|gangs?|culprits?|perpetrators?|insiders?)\b"
)
HOPES = re.compile(
    r"\b(?:count(?:s|ed|ing)? on|bets?|betting|gambl\w+|bank(?:s|ing|ed)? on|rel(?:y|ies|ied|ying)"
    r" on|hop(?:e|es|ed|ing)|speculat\w+|trust(?:s|ed|ing)?|pray(?:s|ed|ing)?|dream\w*|wish\w*"
    r"|wants?|assum\w+|explain\w*|expects?|boast\w*|brag\w*|whisper\w*)\b"
)
"""What somebody of ill will hopes, or tells."""
INDIFFERENT = re.compile(
    r"\b(?:(?:not|n't|hardly|never|little) (?:\w+ ){0,2}?(?:matter|care|count)|no (?:\w+"
    r" )?(?:difference|concern|consequence|relevance)|irrelevant|immaterial|all the same|beside the"
    r" point|who cares|neither here nor there)\b"
)
SUPPOSE = re.compile(
    r"\b(?:were it|had it|should it|suppos\w+|imagin\w+|pretend\w*|assum(?:e|ing)|unless|even if"
    r"|hypothetical\w*|thought experiment|in a world|if (?:it|we|you|someone|somebody|anyone|only)"
    r"|would (?:mean|imply|follow|require)|had (?:we|you|they)|let us say|let's say|as though)\b"
)
GUARD = re.compile(
    r"\b(?:possibilit\w+|risks?|dangers?|threats?|fear\w*|worr\w+|worst|nightmares?"
    r"|(?<!be the )(?<!is the )(?<!was the )(?<!been the )case|cases"
    r"|scenarios?|alarm\w*|alert\w*|detect\w*|prevent\w*|block\w*|refus\w+|reject\w*|fail\w*"
    r"|flag\w*"
    r"|ticket|tickets|never happen|rule out|rules out|impossible|incidents?|breach\w*|findings?"
    r"|pages?|stops?|forbid\w*|catch\w*|exclud\w+|awake|scan\w*|guard\w*)\b"
)
CLAIM_NOUN = re.compile(
    rf"\b(?:{vocabulary.CLAIM}|sayings?|stor(?:y|ies)|talks?|posts?|folklore|legends?|gossip"
    r"|case|misgivings?|mantras?|wisdom|dogmas?|slogans?|maxims?|adages?|sentences?|lines?|remarks?"
    r"|comments?|pitch(?:es)?|lore)\b"
)
OWN = re.compile(
    r"\b(?:i|we|my|our|ours|let us|let's)\b|\b(?:docs?|documentation|manual|rfc"
    r"|standards?|evidence|experience|data|logs?|tests?|practice|guidance|guide|benchmark|law|gdpr"
    r"|nist|cis|iso|pci|owasp|aws|amazon|microsoft|google|azure|gcp|kubernetes|incident data)\b"
)
REPORT = re.compile(
    r"\b(?:sa(?:y|ys|id|ying)|claim\w*|argu\w+|think\w*|thought|believ\w+|insist\w*|assert\w*"
    r"|suggest\w*|propos\w+|maintain\w*|hold\w*|held|repeat\w*|answer\w*|repl(?:y|ies|ied)|t[eo]ld"
    r"|tells?|taught|teach\w*|preach\w*|wr(?:ite|ites|ote|itten)|stat(?:e|es|ed)|promis\w+|assur\w+"
    r"|convinc\w+|contend\w*|swear\w*|swore|predict\w*|announc\w*|opinion|view|position|impression"
    r"|fond of|made the case|makes the case|mak(?:e|es|ing) out|ha(?:s|d|ve) it|puts? it"
    r"|as given|for granted|complain\w*|boast\w*|inform(?:s|ed)|comment(?:s|ed)|remark(?:s|ed)"
    r"|(?:is|are|was|were) (?:\w+ly |quite |very )?(?:content|satisfied|convinced|confident|sure"
    r"|certain|persuaded|happy)"
    r"|let it be known|put it about|testif\w+|submitted|depos(?:es|ed)|whisper\w*|mutter\w*"
    r"|shout\w*|confid(?:es|ed)"
    r"|hint\w*|imply|implies|implied|declar\w+|pretend\w*"
    r"|would have us)\b"
)
PAST = re.compile(
    r"\b(?:used to|once (?:thought|believed|taught|said|held|advised|told|recommended|wrote|assumed"
    r"|claimed|promised)|there was a time|in the old days"
    r"|years ago|back then|formerly"
    r"|for (?:years|decades|a long (?:time|while))|in the past|until recently)\b"
)
"""Beliefs of the past."""
ONCE = re.compile(
    r"(?<!have )(?<!has )(?<!'ve )\b(?:wrote|said|claimed|stated|told|advised|promised|believed"
    r"|assumed|held|thought|taught|recommended)(?: (?:our |the |their )?\w+)??"
    r"(?: for (?:[\w-]+ )?(?:years|decades|months|long|a long time)| in (?:19|20)\d\d| back then"
    r"| at the time| once| until \w+)$|\bonce (?:advised|told|taught|promised|assured)"
    r" (?:our |the |their |my )?\w+$|\bwhy (?:i|we|you|they|he|she) (?:\w+ )?(?:wrote|said"
    r"|claimed|stated|thought|believed|assumed)\b"
)
"""Says what one said or believed at some time before, and has it end there."""
TO_THIS_DAY = re.compile(
    r"\b(?:i|we)(?:'ve| have)\b.*\b(?:say|tell|confirm|attest|assure|report)\b"
)
"""What the answer has seen for years and says now."""
OUTSIDER = re.compile(
    rf"\b(?:{vocabulary.PEOPLE}|witness(?:es)?|plaintiffs?|defendants?|suspects?|claimants?"
    r"|respondents?|appellants?|the accused|deponents?|interviewees?|candidates?|pupils?"
    r"|participants?|panell?ists?|narrators?|heroes|hero|spokes\w+|callers?|resellers?|journalists?"
    r"|bloggers?|editors?|presenters?|scripts?|minister|mayor|"
    r"anyone|anybody|whoever|those|chatgpt|copilot|gemini|chatbots?"
    r"|deck|brochure|notes?|runbook|blog|article|leaflet|website|the (?:question|brief|draft"
    r"|proposal|plan|design|memo|ticket)|your (?:brief|draft|design|proposal|plan|question)"
    r"|internet|legend|word|rumou?rs?|guideline|wiki|page"
    r"|(?:received|conventional|popular|common) wisdom)\b|^[a-hj-z] (?=says?$|claims?$|argues?$)"
)
TAKES = re.compile(
    rf"(?:\b(?:t(?:ell|old)|tell(?:s|ing)|advis(?:e|es|ed|ing)|inform(?:s|ed|ing)?|assur(?:e|es|ed"
    r"|ing)|promis(?:e|es|ed|ing)|convinc(?:e|es|ed|ing)|persuad(?:e|es|ed|ing)|t(?:each|aught)"
    r"|remind(?:s|ed|ing)?|warn(?:s|ed|ing)?|explain(?:s|ed|ing)?|swear|swore|report(?:s|ed)?"
    r"|sign(?:s|ed)?|let it be known|(?:further|farther) from (?:the )?(?:truth|reality) than"
    r"|counts? on it|bets? on it) ?(?:[\w'-]+ ?){0,4}"
    rf"|{REPORT.pattern}|{CLAIM_NOUN.pattern}|{FACTIVE.pattern}|\b(?:{vocabulary.UNTRUTH}"
    rf"|{vocabulary.FAULT}|{vocabulary.UNTRUE}|{vocabulary.NEEDLESS}|is|are|was|were|be|been|it|so"
    r"|mis\w+|superstition|disput\w+|den(?:y|ies|ied)|doubt\w*|contest\w*|disagree\w*|refut\w+"
    r"|requir\w+|needs?|needed|necessary|follows?|accept\w*|means?|meant|supports?|supported|finds?"
    r"|found|conclu\w+|infer\w*|agree\w*|trust\w*|hop(?:e|es|ed|ing)|expect\w*|assum\w+|requests?"
    r"|learn|hear|discover|read|practice|standard|out|note|employee|everyone|basis"
    r"|rules?|evidence|proof|reason|point|truth|moment|instant|second|you|us|them|him|her|me|people"
    r"|anyone|true|right"
    r"|correct|likely|possible|namely|wish\w*|recommend\w*|advis\w+|happens?|happen|case|convinced"
    r"|rumou?r"
    r"|possibility|risk|danger|fear|probable|conceivable|plausible|feeling|obligations?|principles?"
    r"|guidelines?|consider\w*|deem\w*|regard\w*|content|satisfied|persuaded|settled|clear|evident"
    r"|certain|confident|sure|notic\w+|verified|established|documented|observ\w+|aware"
    r"|suppos\w+|judg\w+|prov(?:e|es|ed|ing)|demonstrat\w+|establish\w*|grant\w*))$"
)
"""Words that take a whole clause with "that"; after others it begins a relative clause, or points.
"""
IMPERATIVE = re.compile(
    r"^(?:please |then |also |and |so |now |always |just |but )*(?:build|base|plan|found|start|work"
    r"|proceed|operate|design|tell|remind|teach|explain|say"
    r"|inform|note|write|make sure|ensure|remember|show|convince|advise|recommend|state|document"
    r"|agree|announce|let|ask|require|insist|answer|reply|suppose)\b(?! (?:us|you|me)\b)"
)
"""Orders what is to be said or done, in the answer's own voice."""
HEARSAY_ANSWER = r"(?:common|popular|usual|typical|standard|stock|lazy|naive|easy|vendor|sales)"
ANSWERS = re.compile(
    r"(?:^|\W)(?:(?:the|my|our|one|another|a) "
    rf"(?!{HEARSAY_ANSWER}\b)(?:\w+ )?(?:answer|explanation|reason|point|upshot|gist"
    rf"|conclusion|result"
    r"|outcome|consequence|consideration|property|invariant|lesson|message)(?: \w+){0,2}"
    r" (?:is|was|remains)(?: simply| this)?"
    r"|(?:for|given|by|on account of|due to) (?:the|one|this) (?:[\w-]+ ){0,2}(?:reason|fact"
    r"|ground))$"
)
"""Says in the answer's own voice that what follows is its answer or its reason."""
VOUCHES = re.compile(
    r"\b(?:verified|established|demonstrat\w+|prove[sdn]?|proving|confirm(?:s|ed)?|notic(?:e"
    r"|ed)|found"
    r"|finds?|showed|shown|kn(?:ow|ew|own)|learn(?:ed|t)?|learns|realis(?:e|ed)|realiz(?:e|ed)"
    r"|settled"
    r"|clear|evident|certain|content|satisfied|confident|persuaded|convinced|sure|documented"
    r"|agreed"
    r"|conclude[sd]?|observed?|remember|aware|discover(?:ed)?)$"
)
"""Takes a clause that is so, or of which the answer itself is convinced."""
BEYOND_DOUBT = re.compile(
    r"\b(?:when|if|where|whenever) in (?:any )?doubt,? ?| ?\b(?:beyond|without) (?:(?:any|all"
    r"|a|reasonable|serious) )*(?:doubt|dispute|question)\b"
)
PROVES = re.compile(
    r"\b(?:verified|established|demonstrated|proved|proven|discovered|learn(?:ed|t)|documented)$"
)
"""Says the same of others: what they have shown is so, whoever they are."""
FROM_THIS = re.compile(
    r" (?:from|by|out of) (?:this|that|it|all this|these|the)(?: (?:page|text|section|report|table"
    r"|above|figure|answer|document|diagram|chapter))?$"
)
WISHED = re.compile(
    r"^(?:if only|i wish|we wish|would that|how nice it would be|it would be nice|one could wish)\b"
)
"""Wishes that a thing were so, which it is not."""
TIMES = (
    r"(?: (?:already|before|often|many times|several times|time and again|again and again|by now"
    r"|everywhere))*"
)
AFFIRMS = re.compile(
    r"(?:\b(?:once|as soon as|when|the moment) (?:you|we|one|people|they|everyone|it|the \w+"
    r"|teams?|users?) (?:\w+ ){0,2}?(?:accept|accepts|reali[sz]es?"
    r"|understand|understands|sees?|grasps?|learns?|knows?|admits?|faces?|acknowledges?|remembers?)"
    r"|\b(?:proceed|plan|operate|work|act|build|go|design|start|run|decide|continue|based?|founded"
    r"|rest|rests|goes|works)(?: \w+){0,3} (?:on|from) (?:the|this|one) (?:\w+ )?(?:basis|footing"
    r"|premise|understanding|principle|assumption|fact|ground|expectation)"
    r"|\b(?:opinion|view|position|advice|judge?ment|finding|conclusion|understanding|conviction"
    r"|recommendation) of (?:this|our|both|all|the undersigned|the present)(?: \w+){0,2}"
    r"|\b(?:this|our) (?:firm|panel|board|court|chamber|house|office|paper|report|team|committee"
    r"|group|working group|standard|specification|document|guide) (?:\w+ly |therefore )?(?:holds"
    r"|finds|is of the (?:opinion|view)|concludes|recommends|advises|rules|agrees|considers|takes"
    r" the (?:view|position)|is satisfied|maintains|states|requires)"
    r"|\b(?:i|we)(?:'d|'ll| can| could| would| may| must| will| do| also| still| only| strongly"
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
    rf"{TIMES})$"
)
"""Says a thing in the answer's own voice, or of others that they are right to say it."""
UNDISPUTED = re.compile(
    r"^(?:and |so |but |yet )*(?:(?:it|that) (?:really |almost )?goes without saying"
    r"(?: (?:among|between|to|for|in|with)(?: \w+){1,4})?$"
    r"|(?:it is|it's) (?:quite |perfectly |entirely |therefore )?(?:safe|fair|reasonable) to"
    r" assume$"
    r"|(?:there(?: is|'s)|i (?:have|see)|we (?:have|see)|it leaves)"
    r" (?:really "
    r"|simply |absolutely )?no (?:\w+ )?(?:question|doubt|dispute|denying|disputing|uncertainty)\b"
    r"(?:(?! (?:whether|if)\b).)*$)"
)
"""Rules out that a thing is doubted."""
OPEN = re.compile(
    r"\b(?:until|once|before|unless|if|whether|when|where|as soon as|should|must|to|can|cannot"
    r"|would"
    r"|could|may|might|will|need|needs|who|whoever|anyone|those|not|never|nobody|no|yet|had)\b"
    r"|n't\b|\?"
)
"""Leaves open whether somebody has come to know it."""
NEVER = re.compile(r"\b(?:(?:never|cannot|not|n't) (?:\w+ )?happen|impossible)\b")
