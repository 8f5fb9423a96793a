"""Whether a window of text asserts something: a heuristic that tells advice from a list of keywords.

It asks for a verb, for enough small words in a long sentence, and refuses enumerations of bare terms. It need not be
grammar: it has to make keyword stuffing worthless without costing terse but real advice its points.
"""

from __future__ import annotations

import re

from secarch.evaluate.windows import Window

MIN_WORDS = 5
LONG = 25
"""Words from which on a sentence must have its share of function words; from a third of that on, one."""
FUNCTION_SHARE = 0.18
"""Least share of function words in a long window. Measured on the core suite: 0.27 is the least of 315 windows of its
references and paraphrases, 0.10 the most of its categories' bags of key words."""
ENUMERATION = 10
"""Comma-separated parts from which on a window is looked at as an enumeration."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_AUXILIARIES = _set(
    "is are was were be been being am has have had do does did must should shall can could may might will would needs"
    " need ought cannot let lets please"
)
_VERBS = _set(
    """abort accept achieve acquire activate adapt add address adjust admit adopt advise affect agree aim alert allow
    alter analyse analyze annotate answer apply appoint approve argue arrange ask assert assess assign assume attach
    attest authenticate authorise authorize automate avoid ban base become begin belong bind block break bring build
    buy bypass call capture carry catch cause challenge change check choose cite claim classify clean clear close
    collect combine come commit compare complete comply configure confine confirm connect consider consist constrain
    contain continue convert copy correct correlate cover create cut deactivate decide declare decline decommission
    decrypt default define delegate delete deliver demand demonstrate deny depend deploy deprecate derive describe
    design destroy detect determine develop dictate differ disable discard disclose discover distribute divide
    document double drain drive drop elevate eliminate embed emit employ enable encrypt end enforce enlist enrol
    enroll ensure enter escalate establish evaluate exchange exclude exempt exist expect expire explain export expose
    extend extract fail fall federate feed fetch file fill filter find fix flag follow forbid force forward freeze
    fulfil gate gather generate get give go govern grant guarantee guard halt hand handle happen harden hash hide hold
    host identify ignore impersonate implement imply import impose improve include increase inform inherit inject
    inspect install instruct instrument insist integrate intercept introduce invalidate inventory invoke involve
    isolate issue join justify keep kill know label lack launch lead leak learn leave limit link listen live load
    lock log look lose lower maintain make manage mandate map mark match matter mean measure meet merge migrate mint
    mirror mitigate modify monitor mount move name notify obtain occur offer omit open operate order override own page
    pair partition pass patch pay perform permit persist pick pin place plan point poll populate possess prefer
    prepare present preserve prevent proceed process produce profile prohibit promote propagate propose protect
    prove provide provision publish pull purge push put query quarantine raise reach reach read realise receive
    reclassify recommend reconcile record recover recreate redact reduce refer refuse regard register reissue reject
    relate release rely remain remediate remember remove rename render renew repeat replace replicate report
    represent request require rerun resolve respond rest restore restrict result retain retire retrieve return reuse
    reveal review revoke rewrite rotate route run sanitise say scan schedule scope scrub seal search secure see
    segment segregate select send separate serve set share shift ship show shrink shut sign simulate sit skip solve
    sort specify split spread stage stand standardise start state stay steal stop store stream strip submit subscribe
    suffice suit supply support suppress suspend switch tag take target teach tell terminate test throw tie tighten
    touch track train transfer transition translate treat trigger trust try tune turn uncover understand undo unlock
    update upgrade upload use validate vary verify view violate visit vouch wait walk want warn watch weaken wire
    withdraw withhold work wrap write"""
)
_ADJECTIVES = _set(
    """managed shared federated encrypted signed scoped dedicated based privileged hardened trusted isolated automated
    centralized centralised restricted segmented structured distributed authenticated authorized authorised verified
    delegated assigned attested tagged provisioned protected detected approved required"""
)
_FUNCTION_WORDS = _set(
    """a an the this that these those it its they them their there you your we our i he she his her one and or but
    nor so yet if then than because since while when where which who whose what whether as of in on at by for from to
    into onto with within without through over under between after before during until per via about against out up
    off everywhere elsewhere else always again already now today first next last instead here afterwards together
    anything nothing nobody everything anyone everyone not no never only also both either each every any all some
    more most other such same own just even still is are was were be been has have had do does did must should can could
    may might will would"""
)
_WORD = re.compile(r"[a-z][a-z'-]*")


def asserts(window: Window) -> bool:
    """Whether the window can meet a key point: code always; text of 5 words or more that reads as a statement."""
    if window.code:
        return True
    if len(window.joined.split()) < MIN_WORDS:
        return False
    words = _WORD.findall(window.joined)
    return any(map(_is_verb, words)) and not _is_bag(words) and not _is_enumeration(window.text)


def _is_bag(words: list[str]) -> bool:
    """A long run of terms without the small words that hold a sentence together."""
    small = sum(word in _FUNCTION_WORDS for word in words)
    return small < (FUNCTION_SHARE * len(words) if len(words) >= LONG else len(words) >= LONG // 3)


def _is_enumeration(text: str) -> bool:
    parts = re.split(r"[,;|/]\s", text)
    return len(parts) >= ENUMERATION and len(text.split()) / len(parts) <= 3.5


def _is_verb(word: str) -> bool:
    if word in _AUXILIARIES or word in _VERBS or word.endswith("n't"):
        return True
    if word.endswith("ed") and word not in _ADJECTIVES:
        return bool({word[:-2], word[:-1], word[:-3]} & _VERBS) or (word.endswith("ied") and word[:-3] + "y" in _VERBS)
    if word.endswith("s"):
        return word[:-1] in _VERBS or word[:-2] in _VERBS or (word.endswith("ies") and word[:-3] + "y" in _VERBS)
    return False
