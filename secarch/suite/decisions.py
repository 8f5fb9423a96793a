"""How a decision reads that keeps a thing, trusts it, goes for it, or does without it.

A must-not names the thing alone, such as `access keys?`; the turns of phrase around it are the same
for every question and stand here. Whether the sentence means it, quotes it or takes it back is read
by `secarch.text.polarity`, as for every must-not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

_IN = r"[^.,;:\n]"
"""A character within a clause."""
_GAP = r"(?:(?!\b(?:no|not|never|without|instead|rather|nor|neither|only)\b|n't\b)[^.,;:\n])"
"""A character within a clause in which nothing is denied."""
_START = (
    r"(?:^|[.:;,!?(] |\b(?:then|and|so|simply|just|also|please"
    r"|(?<!nobody )(?<!no one )(?<!neither )(?:should|would|can|could|may|will|must)"
    r"|i|we|you|they|(?<=\w )(?<!nowhere )(?<!needs )(?<!nobody )to|better|rather|therefore"
    r"|let's|i'd|we'd|you'd|i'll|we'll|by) )"
)
"""What is before the verb of an instruction."""
_FILL = (
    r"(?:(?!(?:not|no|never|only|hardly|far|neither|nor|less|half|partly|partially)\b)"
    r"[\w'-]+ ){0,2}"
)
"""Up to two words that deny nothing."""
_BE = r"\b(?:is|are|seems?|would be|will be|remains?|makes?)"
_FOR_NOW = (
    r"(?!,? (?:[\w'-]+ ){0,2}(?:during|until|for now|for the (?:pilot|trial|test\w*|moment)"
    r"|as (?:an?|the) (?:second|extra|additional|further|inner|outer|fallback)"
    r"|limited|disabled|stopped|with a short|(?:weeks?|days?|months?)\b))"
)
"""It stays for a while, or in part."""
_STAYS = (
    rf"(?:\b(?:can|may|should|could|must|will|would|might) {_FILL}"
    r"(?:stay\b|remain\b|continue\b|be (?:kept|left|retained|tolerated|accepted|used)\b)"
    r"|\b(?:stays?|remains?) (?:as (?:it|they)|where|unchanged|in place|allowed|the same))"
    + _FOR_NOW
)
_UNTOUCHED = (
    r"\b(?:(?:need|must|should)(?:n't| not)|(?:do|does)(?:n't| not) (?:need|have) to) be "
    r"(?:chang|remov|rotat|restrict|replac|revok|delet|mov|touch|fix|clos|limit|block)\w*"
)
_NARROWED = (
    r"(?![^.;:\n]{0,50}(?:\bonly\b|, (?:not|but|never)\b"
    r"|\b(?:for|in|on|of) (?:no|nobody|nothing)\b|\bnot (?:of|for)\b|\bwrong\b|\buntil\b"
    r"|\bwhere there is nothing\b|\bagainst\b)"
    r"| (?:if|once|when|as long|for now|than|after|provided|unless"
    r"|as an? (?:second|extra|additional|further|inner|outer|first)"
    r"|(?:in|for) (?:the|a) (?:test|pilot|trial)"
    r"|(?:on|in) (?:one|that|this|two) (?:point|respect)s?)\b)"
)
"""What comes after takes most of it back."""
_FINE = (
    rf"{_BE} {_FILL}(?:enough|sufficient|fine|ok(?:ay)?|acceptable|safe|secure|adequate|harmless"
    r"|correct|right|legitimate|unproblematic|reasonable|appropriate|ideal|perfect|normal|justified"
    r"|compliant|good practice|(?:the|a) (?:right|correct|best|simplest|proper"
    rf"|cleanest|easiest|good|clean) \w+)\b{_NARROWED}"
)
_NO_RISK = (
    r"\b(?:is|are|poses?|carr(?:y|ies)) (?:no|not an?|little) (?:\w+ )?(?:problem|risk|issue|danger"
    r"|concern|violation|finding|gap)|\b(?:isn't|aren't) an? (?:\w+ )?(?:problem|risk|issue|danger"
    r"|concern|violation|finding|gap)"
)
_DOES = (
    r"\b(?:suffices?|will do\b|does the job|do the job|solves? (?:it|this|that|the|both)"
    r"|closes? the|covers? (?:it|this|that|both)|satisf(?:y|ies)|meets? the|fulfils?"
    r"|guarantees?|ensures?|takes? care of|settles?)\b" + _NARROWED
)
_STANDS = (
    rf"{_BE} {_FILL}(?:sound|true|good|valid|workable|usable|in order|in line"
    rf"|well (?:made|built|designed)|usual|fair|largely right|mostly right)\b{_NARROWED}"
    rf"|\b(?:can|may) {_FILL}(?:be (?:approved|signed|merged|accepted|confirmed)|go ahead|stand\b)"
    rf"|\b(?:holds|works|stands)\b(?! (?:for|in)){_NARROWED}"
)
_AGREE = (
    r"(?:agree with|approve(?: of)?|accept|confirm|endorse|support|sign(?: off)?|merge|follow"
    r"|go along with|side with|adopt)\b"
)
_KEEP = (
    r"(?:keep(?: using)?(?! (?:in mind|a record|track|an eye|away))|leave|retain|stick (?:to|with)"
    r"|stay with|continue (?:with|to use|using)|go on (?:with|using)|hold on to|live with)\b"
)
_RELY = r"(?:(?:rely|depend|count|build) (?:up)?on|trust(?: in)?)\b"
_LATER = (
    rf"(?!{_IN}{{0,30}}\b(?:out\b|away from|off\b|until|only|no longer|first|weeks?|while|private"
    r"|read-only|for now|behind|to a minimum|under|apart|separate|disabled|deactivated|limited"
    r"|stopped|during|then|afterwards|days?|months?|pilot|trial|test|narrow|small|short"
    r"|can be closed|(?:is|are) closed)\b)"
)
_NO_CHANGE = (
    r"\b(?:no|little) (?:need|reason|urgency|hurry|point|sense) (?:to|in) (?:[\w'-]+ ){0,2}"
    r"(?:chang|replac|remov|rotat|restrict|touch|fix|mov|migrat|revok|delet|disabl|clos|limit"
    r"|block)"
)
_USE = (
    r"(?:use|add|set|create|choose|pick|take|deploy|enable|turn on|switch (?:on|to)|give|grant"
    r"|assign|allow|permit|configure|put|store|install|attach|share|open|rely on|go (?:for|with)"
    r"|build|make|place|apply|introduce|issue|solve (?:it|this|that) (?:with|by)|opt for|set up)\b"
)
_UNDONE = (
    r"(?:(?!\b(?:no|not|never|without|instead|rather|nor|neither|only|so that|in place of"
    r"|(?:clos|remov|delet|retir|block|revok|forbid|refus|prohibit|disabl|replac|reject"
    r"|restrict)\w*"
    r"|prevent\w*|against|stop|stops)\b|n't\b)[^.,;:\n])"
)
"""A character within a clause in which nothing is denied, and nothing done away with."""
_KEPT = (
    r"(?:(?!\b(?:no|not|never|without|instead|rather|nor|neither|only|(?:clos|remov|delet|retir"
    r"|destroy|revok|disabl|replac|eras|purg|anonymi[sz]|decommission)\w*"
    r"|and (?:then )?(?:end|cut|shut|drop|kill|wipe|burn|phase|narrow|move|block|stop)\b)\b|n't\b)"
    r"[^.,;:\n])"
)
"""A character within a clause in which nothing is denied, and nothing else done away with."""
_IF = rf"(?!{_IN}{{0,30}}\b(?:if|once|unless)\b)"
"""On no condition."""
_OTHER = (
    r"(?:(?!\b(?:no|not|never|without|instead|rather|nor|neither|only|an?|another|different|new|own"
    r"|following|narrow\w*|revised|corrected|amended|migration|upgrade|half)\b|n't\b)[^.,;:\n])"
)
"""A character within a clause that speaks of no other thing of that kind."""
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
    r"(?! (?:only|(?:on|for|in) no|if|once)\b)"
)
_SKIP = (
    r"(?:skip|omit|leave out|forgo|do without|drop|postpone|dispense with|defer|spare|ignore"
    r"|save (?:yourself|ourselves|us)|do away with)\b"
)
_NOT_NEEDED = (
    r"\b(?:no (?:need|reason|point|use) (?:for|to|in|of)|needn't|need not|(?:do|does|would|will)"
    r"(?:n't| not) (?:need|require|have to|bother)|(?:not necessary|unnecessary|pointless) to)\b"
)


_IS_NEEDED = r"\b(?:is|are) (?:needed|necessary|required)\b"


class Phrasing(NamedTuple):
    """One way of deciding on a thing."""

    pattern: str
    turn: str = ""
    """The turn of phrase in it, the same for every thing: where a text has none of these, the
    pattern need not be looked for, and many need not even be compiled."""


def _named(thing: str) -> str:
    return rf"(?<!none of the )(?<!none of )(?<!neither )(?:{thing})"


def _before(one: str, gap: str, turn: str) -> Phrasing:
    """The thing before the turn of phrase."""
    return Phrasing(one + gap + turn, turn)


def _behind(turn: str, gap: str, one: str) -> Phrasing:
    """The thing behind it."""
    return Phrasing(turn + gap + one, turn)


@lru_cache(maxsize=8192)
def keeps(thing: str) -> tuple[Phrasing, ...]:
    """The thing may stay, is fine, or is enough.

    Example: of `access keys?` it finds "the access key can stay", "keep the access keys" and "an
    access key is fine", and not "keep the access key out of the image".
    """
    one = _named(thing)
    return (
        _before(one, rf"{_GAP}{{0,45}}?", rf"(?:{_STAYS}|{_FINE}|{_DOES})"),
        _behind(_START + _KEEP, rf"{_KEPT}{{0,40}}?", one + _LATER),
        *(_before(one, rf"{_GAP}{{0,45}}?", rf"(?:{end})") for end in (_UNTOUCHED, _NO_RISK)),
        _behind(_NO_CHANGE, rf"{_IN}{{0,40}}?", one),
    )


@lru_cache(maxsize=8192)
def trusts(thing: str) -> tuple[Phrasing, ...]:
    """The thing is enough or safe; to keep it beside others is not a fault.

    Example: of `prefix lists?` it finds "the prefix list is enough" and "rely on the prefix list",
    and not "keep the prefix list as a further layer".
    """
    one = _named(thing)
    return (
        _before(one, rf"{_GAP}{{0,45}}?", rf"(?:{_FINE}|{_DOES}|{_NO_RISK})"),
        _behind(_START + _RELY, rf"{_GAP}{{0,30}}?", one + _LATER),
    )


@lru_cache(maxsize=8192)
def accepts(thing: str) -> tuple[Phrasing, ...]:
    """The plan, claim or person is right, or is followed.

    Example: of `(?:plan|lead)` it finds "the plan is sound", "I would approve the plan" and "I
    agree with the lead", and not "the plan is right about cost only".
    """
    one = _named(thing)
    return (
        _behind(_START + _AGREE, rf"{_OTHER}{{0,25}}?", rf"{one}\b(?! ?:| after){_LATER}{_IF}"),
        _before(rf"{one}\b", rf"{_GAP}{{0,30}}?", rf"(?:{_FINE}|{_STANDS})"),
    )


@lru_cache(maxsize=8192)
def uses(thing: str) -> tuple[Phrasing, ...]:
    """The thing is to be used, or is the right one.

    Example: of `vpc peering` it finds "use VPC peering" and "VPC peering is the best way".
    """
    one = _named(thing)
    return (
        _behind(rf"{_START}(?:{_USE}|{_KEEP})", rf"{_UNDONE}{{0,50}}?", one + _LATER + _IF),
        _before(one, rf"{_GAP}{{0,40}}?", rf"(?:{_FINE}|{_DOES})"),
    )


@lru_cache(maxsize=8192)
def drops(thing: str) -> tuple[Phrasing, ...]:
    """The thing is not needed, or can wait.

    Example: of `resource polic(?:y|ies)` it finds "a resource policy isn't needed", "skip the
    resource policy" and "no need for a resource policy".
    """
    one = _named(thing)
    return (
        _before(one, rf"{_GAP}{{0,45}}?", rf"(?:{_NEEDLESS}|{_CAN_GO})"),
        _before(one, rf"{_IN}{{0,45}}?", rf"(?:{_NOT_WORTH})"),
        _behind(_START + _SKIP, rf"{_GAP}{{0,40}}?", one),
        _behind(_NOT_NEEDED, rf"{_IN}{{0,40}}?", one),
        _before(rf"\bno (?:[\w-]+ )?{one}", rf"{_IN}{{0,20}}?", _IS_NEEDED),
    )
