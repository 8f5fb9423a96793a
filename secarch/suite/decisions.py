"""How a decision reads that keeps a thing, goes for it, or does without it.

A must-not names the thing alone, such as `access keys?`; the turns of phrase around it are the same
for every question and stand here. Whether the sentence means it, quotes it or takes it back is read
by `secarch.text.polarity`, as for every must-not.
"""

from __future__ import annotations

from functools import lru_cache

_IN = r"[^.,;:\n]"
"""A character within a clause."""
_GAP = r"(?:(?!\b(?:no|not|never|without|instead|rather|nor|neither|only)\b|n't\b)[^.,;:\n])"
"""A character within a clause in which nothing is denied."""
_START = (
    r"(?:^|[.:;,!?(] |\b(?:then|and|so|simply|just|also|please"
    r"|(?<!nobody )(?<!no one )(?<!neither )(?:should|would|can|could|may|will|must)"
    r"|i|we|you|they|to|better|rather|therefore|let's|i'd|we'd|you'd|i'll|we'll|by) )"
)
"""What stands before the verb of an instruction."""
_FILL = r"(?:(?!(?:not|no|never|only|hardly|far|neither|nor|less)\b)[\w'-]+ ){0,2}"
"""Up to two words that deny nothing."""
_BE = r"\b(?:is|are|seems?|would be|will be|remains?|makes?)"
_STAYS = (
    rf"\b(?:can|may|should|could|must|will|would|might) {_FILL}"
    r"(?:stay\b|remain\b|continue\b|be (?:kept|left|retained|tolerated|accepted|used)\b)"
    r"|\b(?:stays?|remains?) (?:as (?:it|they)|where|unchanged|in place|allowed|the same)"
)
_UNTOUCHED = (
    r"\b(?:need|do|does|must|should)(?:n't| not) (?:need to |have to )?(?:be )?"
    r"(?:chang|remov|rotat|restrict|replac|revok|delet|mov|touch|fix|clos|limit|block)\w*"
)
_FINE = (
    rf"{_BE} {_FILL}(?:enough|sufficient|fine|ok(?:ay)?|acceptable|safe|secure|adequate|harmless"
    r"|correct|right|legitimate|unproblematic|reasonable|appropriate|ideal|perfect|normal|justified"
    r"|compliant|good practice|(?:the|a) (?:right|best|simplest|proper|cleanest|easiest|good|clean)"
    r" \w+)\b(?! (?:only|if|as long|for now|until|than))"
)
_NO_RISK = (
    r"\b(?:is|are|poses?|carr(?:y|ies)) (?:no|not an?|little) (?:\w+ )?(?:problem|risk|issue|danger"
    r"|concern|violation|finding|gap)|\b(?:isn't|aren't) an? (?:\w+ )?(?:problem|risk|issue|danger"
    r"|concern|violation|finding|gap)"
)
_DOES = (
    r"\b(?:suffices?|will do\b|does the job|do the job|solves? (?:it|this|that|the|both)"
    r"|closes? the|covers? (?:it|this|that|the|all|every|both)|satisf(?:y|ies)|meets? the|fulfils?"
    r"|guarantees?|ensures?|takes? care of|settles?)\b"
)
_KEEP = (
    r"(?:keep(?: using)?|leave|retain|stick (?:to|with)|stay with|continue (?:with|to use|using)"
    r"|go on (?:with|using)|hold on to|live with)\b"
)
_LATER = (
    rf"(?!{_IN}{{0,30}}\b(?:out of|away from|off\b|until|private|read-only|for now|behind|to a"
    r" minimum|under|apart|separate)\b)"
)
_NO_CHANGE = (
    r"\b(?:no|little) (?:need|reason|urgency|hurry|point|sense) (?:to|in) (?:[\w'-]+ ){0,2}"
    r"(?:chang|replac|remov|rotat|restrict|touch|fix|mov|migrat|revok|delet|disabl|clos|limit|block)"
)
_USE = (
    r"(?:use|add|set|create|choose|pick|take|deploy|enable|turn on|switch (?:on|to)|give|grant"
    r"|assign|allow|permit|configure|put|store|install|attach|share|open|rely on|go (?:for|with)"
    r"|build|make|place|apply|introduce|issue|solve (?:it|this|that) (?:with|by)|opt for|set up)\b"
)
_NEEDLESS = (
    rf"{_BE} {_FILL}(?:unnecessary|redundant|superfluous|optional|overkill|excessive|pointless"
    r"|useless|needless|exaggerated|impractical|over-?engineer\w*|an? (?:luxury|waste)"
    r"|too (?:much|expensive|slow|complex|complicated|strict|costly|heavy))\b"
    r"|\b(?:adds?|brings?|gains?|changes?|buys?|gives?) (?:nothing|little|hardly anything)\b"
    r"|\b(?:would|will|can) only (?:slow|complicate|cost|add|delay|confuse|make)\b"
)
_NOT_WORTH = (
    rf"\b(?:is|are|would be)(?:n't| not) {_FILL}(?:needed|necessary|required|worth|useful|urgent"
    r"|sensible|mandatory|justified)\b"
)
_CAN_GO = (
    rf"\b(?:can|may|could|should|might) {_FILL}(?:be (?:skipped|omitted|left out|left off|dropped"
    r"|postponed|deferred|saved|ignored|dispensed with|removed|switched off|turned off)|wait\b"
    r"|come later|follow later)"
)
_SKIP = (
    r"(?:skip|omit|leave out|forgo|do without|drop|postpone|dispense with|defer|spare|ignore"
    r"|save (?:yourself|ourselves|us)|do away with)\b"
)
_NOT_NEEDED = (
    r"\b(?:no (?:need|reason|point|use) (?:for|to|in|of)|needn't|need not|(?:do|does|would|will)"
    r"(?:n't| not) (?:need|require|have to|bother)|(?:not necessary|unnecessary|pointless) to)\b"
)


@lru_cache(maxsize=8192)
def keeps(thing: str) -> tuple[str, ...]:
    """The thing may stay, is fine, or is enough.

    Example: of `access keys?` it finds "the access key can stay", "keep the access keys" and "an
    access key is fine", and not "keep the access key out of the image".
    """
    one = rf"(?:{thing})"
    return (
        rf"{one}{_GAP}{{0,45}}?(?:{_STAYS}|{_FINE}|{_DOES})",
        rf"{_START}{_KEEP}{_GAP}{{0,40}}?{one}{_LATER}",
        *(rf"{one}{_GAP}{{0,45}}?(?:{end})" for end in (_UNTOUCHED, _NO_RISK)),
        rf"{_NO_CHANGE}{_IN}{{0,40}}?{one}",
    )


@lru_cache(maxsize=8192)
def uses(thing: str) -> tuple[str, ...]:
    """The thing is to be used, or is the right one.

    Example: of `vpc peering` it finds "use VPC peering" and "VPC peering is the best way".
    """
    one = rf"(?:{thing})"
    return (
        rf"{_START}(?:{_USE}|{_KEEP}){_GAP}{{0,50}}?{one}{_LATER}",
        rf"{one}{_GAP}{{0,40}}?(?:{_FINE}|{_DOES})",
    )


@lru_cache(maxsize=8192)
def drops(thing: str) -> tuple[str, ...]:
    """The thing is not needed, or can wait.

    Example: of `resource polic(?:y|ies)` it finds "a resource policy isn't needed", "skip the
    resource policy" and "no need for a resource policy".
    """
    one = rf"(?:{thing})"
    return (
        rf"{one}{_GAP}{{0,45}}?(?:{_NEEDLESS}|{_CAN_GO})",
        rf"{one}{_IN}{{0,45}}?(?:{_NOT_WORTH})",
        rf"{_START}{_SKIP}{_GAP}{{0,40}}?{one}",
        rf"{_NOT_NEEDED}{_IN}{{0,40}}?{one}",
        rf"\bno (?:[\w-]+ )?{one}{_IN}{{0,20}}?\b(?:is|are) (?:needed|necessary|required)\b",
    )
