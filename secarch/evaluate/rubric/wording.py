"""Other words for the words of a key point's patterns.

A pattern names a thing in the words of its author, and a right answer often in others: a waiver for
an exception, an end date for an expiry. Each whole alternative of a pattern that is one of the
words below stands for the others of its line too. Lookarounds are left as they are, and must-nots
are not widened at all, since a right answer must never be taken for the mistake.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LINES = r"""
rotat* | regenerat* | renew* | re-?issu* | re-?key* | roll(?:s|ed|ing)? over
revok* | invalidat* | withdraw* | terminat* | cut(?:s|ting)? off | kill(?:s|ed|ing)?
disabl* | deactivat* | (?:switch|turn|shut)(?:es|s|ed|ing)?\b.{0,30}?\boff
enabl* | activat* | (?:switch|turn)(?:es|s|ed|ing)?\b.{0,30}?\bon
narrow* | minimal | least | smaller | just the | no more than
first | start* | begin* | priorit* | initial* | beforehand | up ?front
before | prior to | ahead of | only then | only (?:once|after|when)
outside | elsewhere | away from
exception* | exempt* | waiver*
expir* | an end | end dates? | time-?(?:limited|bound|boxed) | laps(?:e|es|ed) | limited time
rehears* | drill* | exercis* | practis* | practic* | tr(?:y|ied) out
inventor* | catalog* | list* | register | find out (?:who|what|which|where)
unusual | anomal* | abnormal | than usual | baseline* | spikes? | (?:far|well) (?:more|above|beyond)
volume | amount* | sum | how much | far more
payee* | recipient* | beneficiar*
emergenc* | break[- ]?glass
inactive | unused | dormant | stale | idle
few | handful | dozens? | small (?:set|number) | short list | ten | twenty
same | identical
gradual* | waves? | stag(?:es?|ed|ing) | phas(?:e|es|ed) | step by step | at a time | after another
immediate* | at once | today | straight ?away | right away | instant* | within (?:the|an) hour
later | afterwards | subsequent*
leak* | expos* | disclos* | compromis* | stolen
attacker* | intruder* | thief | adversar* | stranger* | outsider*
egress | outbound | outgoing
ingress | inbound | incoming
untrusted | hostile | unreviewed
plain ?text | clear ?text | unencrypted | in the clear
immutab* | object lock | worm | append-only | write-once | tamper-proof
short-lived | ephemeral | temporary | short li(?:fe|ved) | lifetimes?
residual | remain(?:s|ing)? risk
insufficient | not enough | isn't enough
useless | pointless | changes? nothing | no (?:use|benefit|gain) | nothing
regardless | whatever | no matter | irrespective
isolat* | quarantin*
reason* | justif*
class* | categor* | types? | kinds?
counsel | legal* | lawyer*
mask* | redact* | scrub* | pseudonym* | anonymi*
permission* | rights? | privileges?
document* | written | in writing | writ(?:e|es|ing) down
pipeline* | ci | workflows?
repositor* | repos?
administrator* | admins?
database* | db | dbs
applications? | apps?
certificates? | certs?
production | prod
vulnerabilit* | flaws? | holes? | bugs?
supplier* | vendor* | third part(?:y|ies)
regulator* | supervisor* | authorit(?:y|ies)
false positives? | false alarms? | noise
unreadable | undecryptable | irrecoverabl*
undo | revers* | roll(?:s|ed|ing)? back | rollback
guarantee* | rule(?:s|d)? out
stage* | pilot*
customer[- ]managed | cmk | cmek
untouched | unchanged | unaffected
private | not public
separat* | apart from | (?:for|by) itself
alone | single-?handed* | by (?:him|them|her|it)sel(?:f|ves)
bypass* | circumvent* | sidestep* | (?:goes|go|went|gone|get|gets|got) (?:a?round|past)
irrevers* | irrecoverabl* | for good | gone | lost | no way back | nothing (?:exists|remains)
nobody | no one | no person | no single
outbound | egress | way out
anyone | any ?body | anything | everything
stranger* | someone else | somebody else | other (?:tenants|customers|companies)
existing | what exists | what existed
chang* | modif* | alter* | edit(?:s|ed|ing)? | tamper*
notif* | inform* | tell | messag* | alert*
send* | sent | ship(?:s|ped|ping)? | transmit* | pass(?:es|ed|ing)? on
remov* | delet* | taken? (?:out|off|away) | throw\b.{0,20}?\bout | wip(?:e|es|ed|ing) | purg*
outdated | stale | out of date | obsolete
distinguish* | (?:tell|tells|keep)\b.{0,30}?\bapart | differentiat*
short* | brief*
avoid* | rather than | instead of
third part* | third party | (?:outside|other) (?:compan(?:y|ies)|firms?)
forc* | enforc* | requir* | mandat* | compel*
allow* | permit* | accept* | admit*
prohibit* | forbid* | deny | denies | denied | den(?:ial|ying) | block* | refus* | reject*
monitor* | watch* | observ*
retain* | retention | preserv* | kept
limit* | restrict* | confin* | constrain*
split* | divid* | partition* | separat*
not | cannot | \w+n't | neither
cannot | can't | unable to | impossible | not possible | no way
without | zero | lack(?:s|ing)? | free of
only | solely | exclusively | nothing but
must | ha(?:s|ve) to | mandatory | required
own | dedicated | distinct | of (?:its|their|his|her) own
alert* | alarm*
log(?:s|ged|ging)? | record(?:s|ed|ing)?
approv* | sign(?:s|ed)? off | four eyes | second person
person | human | somebody | someone
scan* | inspect* | examin*
measur* | count(?:s|ed|ing)? | metric* | track*
cost* | pric(?:e|es|ed|y) | expens* | money | bill*
quick* | fast* | speed*
employee* | staff | worker* | personnel
auditor* | assessor* | examiner*
evidence | proof | proves?
default* | out of the box
outage* | downtime | unavailab* | interruption*
restor* | recover* | bring(?:s|ing)? back
inherit* | hand(?:s|ed)? down | propagat*
detect* | notic(?:e|es|ed|ing) | spot(?:s|ted|ting)? | discover*
prevent* | stop(?:s|ped|ping)? | keep(?:s|ing)? from
sign[- ]?in | log[- ]?in | logon | authenticat*
owner* | responsible | accountable | in charge
deadline* | due date | by when
review* | recertif* | re-?check*
compar* | diff* | against
verif* | confirm* | validat* | check(?:s|ed|ing)?
trust* | rel(?:y|ies) on | believ*
unsigned | without a signature | not signed
secur(?:e|es|ed|ing) | protect* | harden*
"""

_ATOM = re.compile(
    r"(?:(?<=[(|:])|(?<=[(|:]\\b))"
    r"(?P<word>[a-z](?:[a-z'-]| \??|\[- \]\??)*)(?P<end>\\w[*+]|s\??)?(?=[|)])"
)
"""A whole alternative: a word or phrase with an open or plural ending."""
_SINGLE = re.compile(r"(?<=\\b)(?P<word>[a-z][a-z'-]*)(?P<end>\\w[*+]|s\??)?(?=\\b)")
"""A word that stands alone between two edges."""
_SHORTENED = re.compile(r"(?<=[(|:])n(?:'|\.)t(?=[|)])")
"""A negation without its verb, which after the edge of a word can match nothing ("do|n't")."""
_NOT = re.compile(r"(?<=[(|:b])not(?= [a-z])")
"""A denial that begins a phrase, for which there is a short form."""
_TURNABLE = re.compile(
    r"\\b(?P<one>\([^()]*\))(?:\\b)?(?P<gap>\.\{0,\d+\})(?:\\b)?(?P<two>\([^()]*\))(?:\\b)?"
)
"""Two groups of words with a gap between: what is done and to what, in one voice."""
_DENIAL = re.compile(r"n't|n\.t|\b(?:not?|never|nor|only|than|instead|without|nothing|nobody)\b")
"""What turns another sense when it stands behind instead of before."""
_OPEN_GROUP = re.compile(r"\(\?<?[!=]")


def _lines() -> list[list[str]]:
    return [[word.strip() for word in line.split(" | ")] for line in _LINES.strip().split("\n")]


def _stem(word: str) -> str:
    """A word without its open ending, by which patterns and lines are compared."""
    spaced = re.sub(r"\[- \]\??| \?|-\??", " ", word)
    return spaced.rstrip("*").removesuffix("s?")


@lru_cache(maxsize=1)
def _others() -> dict[str, tuple[str, ...]]:
    """Stem of a word -> the other words of its lines, as alternatives of a pattern."""
    table: dict[str, dict[str, None]] = {}
    for line in _lines():
        for word in line:
            others = (other for other in line if other != word)
            table.setdefault(_stem(word), {}).update(dict.fromkeys(others))
    return {stem: tuple(o.replace("*", r"\w*") for o in table[stem]) for stem in table}


@lru_cache(maxsize=65_536)
def widened(pattern: str) -> str:
    r"""The pattern with the other words beside each of its words that has some.

    >>> widened(r"\b(?:payee|sum of money)\b")
    '\\b(?:payee|recipient\\w*|beneficiar\\w*|sum of money)\\b'
    """
    if _OPEN_GROUP.search(pattern):
        return pattern
    pattern = _both_voices(pattern)
    pattern = _NOT.sub(r"(?:not|\\w+n't)", _SHORTENED.sub(r"\\w+n't", pattern))
    return _SINGLE.sub(_grouped, _ATOM.sub(_beside, pattern))


def _both_voices(pattern: str) -> str:
    """A pattern of two groups in either order: "revoke the token" and "token revoked"."""
    found = _TURNABLE.fullmatch(pattern)
    if found is None or _DENIAL.search(pattern):
        return pattern
    return rf"{pattern}|\b{found['two']}\b{found['gap']}\b{found['one']}"


def _beside(match: re.Match[str]) -> str:
    return "|".join((match[0], *_found(match)))


def _grouped(match: re.Match[str]) -> str:
    found = _found(match)
    return f"(?:{'|'.join((match[0], *found))})" if found else match[0]


def _found(match: re.Match[str]) -> tuple[str, ...]:
    table, word = _others(), _stem(match["word"])
    ends = (word, word.removesuffix("e"), word.removesuffix("s"), word.removesuffix("ed"))
    return next((table[end] for end in ends if end in table), ())
