"""Verdicts of a sentence on a statement in it, after it and around it."""

from __future__ import annotations

import re

from secarch.text.polarity import cues, vocabulary
from secarch.text.polarity.verdicts import LINK, NEGATIVE

_BUT = rf"(?:[,;:(]|\s-|,? but|,? yet|,? though|,? although|\.\.\.) ?{LINK}"
JUDGED = re.compile(
    rf"{_BUT}(?:this|that|it|these|those|they|which|both|such \w+(?: \w+)?|(?:all|none|each|any"
    r"|most"
    r"|either|neither) of (?:this|that|these|those|it|them)|(?:the|this|that|their|his|her|these"
    r"|those"
    rf"|such an?|its) (?:[\w-]+ ){{0,2}}{vocabulary.CLAIM}) {vocabulary.MANNER}{NEGATIVE}"
    rf"|{_BUT}(?:i disagree|we disagree|no(?=[.,;:!)]|$)|nope|wrong|false|not (?:so|true|at all"
    r"|quite"
    r"|really)|untrue|incorrect|nonsense|rejected|refused|declined|a myth|myth|hardly|far from it"
    r"|on the contrary|quite the (?:opposite|contrary)|the (?:opposite|contrary|reverse) (?:is"
    r"|holds)"
    r"|don't (?:do|believe|accept|follow)|never do|(?:i (?:would|do) not|i don't)(?=[.,;!]|$"
    r"| (?:do|say|believe|agree|advise"
    r"|recommend|support|accept|think|follow|use|sign|trust|buy|share)\b)|i reject|i refuse)\b"
    r"|,? but (?:in (?:fact|reality|truth)|actually|not really|that's not|it's not|they're not"
    r"|wrongly)\b"
)
"""A verdict of the same sentence on what is before it."""
LEADING = re.compile(r"^(?:[,;:(]|\s-|\.\.\.|,? (?:though|although))? ?")

SUBJECT = re.compile(
    r"(?:^\W*|; |\bthat (?=our |my |the |this ))(?:and |but |so )?(?:(?:that|whether"
    r"|saying(?: that)?|claiming that|to (?:say"
    r"|claim|argue"
    rf"|believe|think|assume)(?: that)?) |(?:[^,.;:]{{3,60}}, )?(?P<named>(?:the|this|any"
    rf"|every|an?|our|my|your|their|his|her) )?(?:[\w'-]+"
    rf" ){{0,4}}?(?:{vocabulary.CLAIM}"
    r"|submissions?|contentions?|pleas?|requirements?|rules?|demands?|sayings?|sentences?|lines?"
    r"|clauses?|myths?|work items?)"
    r"(?(named)|(?=[:,]| (?:[a-z]?\d|(?:of|namely|that|says?|reads?)\b)))"
    r"(?: [a-z]?\d+)?(?: of [\w' -]{2,40}?)?(?:,[^,]{3,70},)?(?:,? (?:namely |i\.e\. )?that"
    r"(?: says?| reads?)?|:)? )"
)
"""A statement that is the subject of its sentence: "That X is a legend.".

A noun without its article needs more behind it: "rules come in their place" names no statement.
"""
PREDICATE = re.compile(
    rf"(?:{NEGATIVE}|\b(?:dissolves?|evaporates?|crumbles?|vanish(?:es)?|melts? away|falls? apart"
    r"|collapses?|goes up in smoke)\b"
    r"|\bis (?:just |precisely |exactly )?what (?:[\w'-]+ ){1,4}?"
    r"(?:(?:does|do|did|can|could|will)(?: not|n't)|cannot|never|fails? to)\b[^.]*|"
    rf"{cues.CONDEMNS.pattern}|{cues.NOT_NEEDED.pattern}"
    r"|\b(?:gets?|got|turns?|has|have) (?:the |it |this |things |\w+ )?(?:\w+ )?(?:wrong|upside"
    r" down|backwards"
    r"|the wrong way round)\b"
    rf"|\b(?:is|was|are|were|remains) (?:an? |the |one |just |only |pure |mere |plain |old )*"
    rf"(?:[\w-]+ )?(?:{vocabulary.UNTRUTH}|{vocabulary.FAULT}|{vocabulary.NEEDLESS}|superstition"
    rf"|box-ticking"
    r"|misreading|misunderstanding|relic|leftover|one i would (?:take|cut|strike|leave"
    r"|drop)\b[^.]*)"
    r"|\b(?:should|must|can|may|could|ought to|has to|needs to) (?:\w+ )?(?:be|go|get) (?:\w+ )?"
    r"(?:retired|dropped|deleted|removed|scrapped|buried|cut|waived|ignored|skipped|forgotten"
    r"|struck"
    r"|taken out|thrown out|corrected|rejected|refused))(?![\w-])"
)


ANNOUNCED = re.compile(r"(?:[\w-]+ ){0,6}?(?:is|was|are|were|remains)\b[^:.;!?]{0,40}:\s")
"""The verb of the subject with a colon behind it, after which a new statement begins."""
