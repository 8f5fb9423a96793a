"""Words by which an author takes over what somebody else has said, or a sentence in quotation
marks: "and I can only agree", "That is right.", "is what I would sign".
"""

from __future__ import annotations

import re
from functools import lru_cache

from secarch.text.polarity import vocabulary

_RIGHT = (
    r"(?:right|correct|true|sound|spot[- ]on|so|the case|good advice|solid|wise|accurate|the truth"
    r"|gold|excellent advice|to the point|dead right|on the money|beyond doubt|well said|proven"
    r"|as true \w+ \w+)"
)
_STILL = (
    r"(?:(?:can|could|would|will|do|must|have to|only|still|also|fully|wholly|wholeheartedly"
    r"|heartily|gladly|happily|warmly|entirely|quite|totally|completely|very much|strongly|firmly"
    r"|absolutely|'d|always|both|all|too) )*"
)
_AGREE = (
    r"(?:agree|concur|underline|underscore|confirm|second|subscribe|stand (?:by|behind)|back"
    r"|vouch|share|endorse|support|put my name|sign)"
)
_ENDORSES = re.compile(
    rf"\b(?:i|we|i'd|we'd|i'll|we'll)(?: myself| ourselves)? {_STILL}{_AGREE}\b"
    r"(?! with (?:those|the critics|people)\b)"
    r"|\b(?:so|as) (?:do|would|did|will|say|said|have|am|can) (?:i|we)\b"
    rf"|\b(?:he|she|they|who|(?:the )?{vocabulary.PEOPLE}) (?:is|are|was|were|has been|have been"
    rf"|proved|ha[ds] (?:it|that)) (?:quite |perfectly |absolutely |so |entirely |proved |all"
    rf" |both )*{_RIGHT}\b"
    r"|\b(?:find|found|prove[sd]?|proving) (?:him|her|them|it|this|that) (?:\w+ )?(?:right|true"
    r"|correct)\b"
    r"|\b(?:has|have) (?:never|not once|not ever|never yet) (?:\w+ )?(?:let|failed|disappointed"
    r"|misled)(?: (?:me|us|you|anyone|anybody|them)(?: down)?)?\b"
    r"|\b(?:has|have) (?:always |long |now )?been (?:mine|ours)\b"
    r"|\b(?:has|have) (?:always )?(?:served|helped|worked for|carried|saved) (?:me|us) \w+\b"
    r"|\b(?:is|are|as|be|remains|was) (?:both )?(?:my|our) (?:[\w-]+ ){0,2}?(?:answer|advice"
    r"|position|view|verdict|recommendation|rule|motto|principle|reply|compass|creed|policy"
    r"|conviction|line|guide|conclusion|stance)\b"
    r"|^\W*(?:as )?(?:my|our) (?:[\w-]+ ){0,2}?(?:answer|advice|position|view|verdict"
    r"|recommendation"
    r"|rule|motto|reply|conclusion|stance)\b"
    r"|\b(?:deserve[sd]?|earn(?:ed|s)|merits?) (?:a|an|the|every) (?:\w+ )?(?:medals?|prizes?"
    r"|rais(?:e|es)|statue|applause|star|praise|place on|monument|frame)\b"
    r"|\b(?:live|swear|stand|abide|go|steer|plan|act) by (?:it|that|this|those|these|the"
    r" (?:sentence|rule|principle|words|line|statement))\b"
    r"|\b(?:i|we)(?:'d| would| will|'ll| still)+ (?:\w+ )?(?:write|sign|say|advise|recommend"
    r"|repeat|print|frame|put|give|tell|choose|teach) (?:it|this|that|you that|the same)\b"
    r"|\b(?:is|was|are) (?:exactly |precisely |just )?what (?:i|we)(?:'d| would| still| always"
    r"| have| will| also| now)* (?:write|wrote|advise[d]?|recommend(?:ed)?|say|said|tell|told"
    r"|teach|taught|preach|do|think|believe|sign|conclude[d]?|found|find)\b"
    r"|\b(?:puts?|put) it (?:\w+ )?(?:the way|as|exactly as|just as|how) (?:i|we)\b"
    r"|\b(?:quote (?:me|us)|signed by (?:me|us)|(?:my|our) name (?:under|on|to) (?:it|this|that))\b"
    r"|\b(?:says|tells) (?:exactly |precisely |just )?(?:what is (?:the case|true|so|right)|how it"
    r" is|it all|the truth)\b|\bas it stands\b|\b(?:boils|comes) down to\b"
    r"|\b(?:i|we) (?:could|can)(?:not|n't| not) (?:\w+ )?(?:put|say|phrase|word"
    r"|express) it (?:any )?"
    r"(?:\w+ )?better\b|\b(?:sums?|says?) (?:it|things|this) (?:all )?(?:up|best)\b"
    r"|\bhits? the (?:nail|mark|point|spot)\b"
    r"|\b(?:is|was) how (?:i|we)(?:'d| would| do| still)? (?:put|see|say|do|word|phrase)\b"
    r"|\b(?:is|was) all (?:you|one|we|anyone) needs?\b|\bsettles (?:it|that|the matter|things)\b"
    r"|\b(?:has|have) (?:\w+ )?(?:held|stood|worked|served|aged) (?:\w+ )?(?:for|since|well|ever"
    r"|the test|true|up)\b|\b(?:nobody|no one) (?:has )?(?:ever )?regretted\b|\bnothing to add\b"
    r"|\b(?:i|we) (?:still |also |always |all )?(?:say|do|teach|write|hold|think|believe) (?:so|the"
    r" same|exactly that|just that|it still|likewise)\b"
    r"|\bwhich is (?:exactly |just |precisely )?(?:what|how|why) (?:i|we)\b"
    r"|\bstill (?:holds|stands|applies|true)\b"
    r"|\b(?:(?:our|my) (?:[\w-]+ )?(?:motto|maxim|rule|principle|creed|watchword|line|saying|advice"
    r"|answer|reply|policy)|(?:the|this) (?:motto|maxim|rule|principle|creed|watchword|line|saying)"
    r" (?:here|(?:in|of|on|at) (?:this|our|the) (?:house|shop|desk|team|floor|firm|office"
    r"|company)))"
    r"\b[^,.;:]{0,30} (?:is|reads|remains|says|runs)\b"
    r"|\b(?:go by|stick to|keep to|hold to|live by|remember|follow) (?:this"
    r"|the (?:\w+ )?(?:sentence"
    r"|rule|principle|line|words|maxim|advice))\b"
    r"|\b(?:rightly|correctly|justly|quite rightly|with good reason|wisely)\b"
)
"""Takes over a statement of the same sentence."""
_AGAINST = re.compile(
    rf"\b(?:{vocabulary.UNTRUTH}|{vocabulary.UNTRUE}|disagree\w*|reject\w*|refus\w+|dismiss\w*"
    r"|but|although|ignore|delete|remove|strike|cannot|can't|never (?:say|write|sign|tell|quote"
    r"|repeat)|(?:do|does|did|is|are|was|would|will)(?:n't| not)|used to be|once|nobody|no longer"
    r"|anyone|whoever (?:thinks|believes|says|still)|whether|if (?:i|we|he|she|they|anyone|only)"
    r"|(?:shake|shook) (?:the|my|our) heads?)\b"
)
_CLAUSE = re.compile(r"[;.] ")
_LEFT_OUT = re.compile(
    r"^\W*(?:ignore|skip|forget|never mind|disregard)\b[^,.;:]*?(?: and|,|;) (?=\w)"
)
"""Something else that is left out first: "Ignore the noise and go by this"."""
_RIGHT_AFTER = re.compile(
    r"^\W*(?:[a-z][\w. ]{1,18}: )?(?:and |so |yes,? |well,? |honestly,? |to my mind,? "
    r"|in my view,? )*(?:"
    rf"(?:it|that|this|he|she|they|you|which|both|your \w+|the (?!opposite|reverse|contrary)\w+"
    rf"(?: \w+)?) (?:is|are|was|were|'s|has been|proved|remains?|holds?) (?:quite |perfectly"
    rf" |absolutely |entirely |still |all |also |simply |indeed |just |always |exactly )*{_RIGHT}\b"
    r"(?! (?:only|if|unless|that|to|as long|in theory|on paper|for)\b)"
    rf"|(?:i|we) {_STILL}(?:{_AGREE}|do|would|say so)(?=[ .,;!]|$)"
    r"(?! (?:not|that|with (?:those|the critics)|believe|think|disagree|recommend against)\b)"
    r"|(?:yes|yep|yeah|it (?:is|does)|they (?:are|do)|certainly|of course|right|correct|true"
    r"|exactly"
    r"|indeed|agreed|absolutely|quite right|well said|spot on|hear,"
    r" hear|amen|bingo|good guess|well guessed|nailed it|precisely|so it is|so do i|so say i"
    r"|and so it is)(?=[.,;!]|$)"
    r"|(?:live|swear|stand|abide|go|steer|plan|act) by (?:it|that|this)\b)"
)
"""Begins a sentence that confirms the one before it."""


@lru_cache(maxsize=4096)
def endorses(before: str, after: str) -> bool:
    """Whether the words around a quotation or report take it over."""
    before = _LEFT_OUT.sub("", _CLAUSE.split(before)[-1])
    return any(
        _ENDORSES.search(part) and not _AGAINST.search(_ENDORSES.sub(" ", part))
        for part in (before, after)
    ) and not _AGAINST.search(_ENDORSES.sub(" ", f"{before} ; {after}"))


@lru_cache(maxsize=8192)
def confirms(sentence: str) -> bool:
    """Whether a sentence confirms what the one before it reports or quotes."""
    return bool(_RIGHT_AFTER.match(sentence)) and not _AGAINST.search(
        _RIGHT_AFTER.sub(" ", sentence, count=1)
    )
