"""Lists and tables of what parties say: "Vendors: ..." below "Voices in the debate"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from secarch.text.polarity import vocabulary

SPEAKER = re.compile(
    r"^\W*(?:a|answer|reply|verdict|fact check|response|solution|feedback|result|assessment"
    r"|correct answer|status|(?:dr\. )?[a-z][\w-]{1,14})\W{0,3}: (?=\w)"
)
"""A label of an answer, which is read without it."""
_PARTY = re.compile(
    rf"^(?P<label>(?:(?:the|our|your|their|its|a|some|most|other) )?(?:[\w'-]+ ){{0,2}}?"
    rf"(?:{vocabulary.PEOPLE}|regulators?|legal|finance|ops|operations|procurement|security|it"
    r"|insurers?|competitors?|integrators?|press|media|academics?|public))(?: [a-z\d])?: "
)
_VOICES = re.compile(
    r"\b(?:voices?|opinions?|positions?|views?|viewpoints?|debate|who says|what (?:they|people"
    r"|others"
    r"|everyone|each \w+) (?:say|says|think|thinks|said)|camps?|said so far|reactions?|comments"
    r"|feedback|statements?|responses?|replies|answers so far|quotes?|heard)\b"
)
_OWN = re.compile(r"\b(?:my|our|recommended|agreed|final)\b")
_CONTENDER = re.compile(
    r"^(?:\w+ ){0,3}?(?:vendors?|suppliers?|providers?|integrators?|consultants?|critics|opponents"
    r"|proponents|advocates|supporters|skeptics|sceptics|marketing|sales|competitors?)\b"
)
_DUTY = re.compile(r"\b(?:must|should|shall|needs? to|ha(?:s|ve) to|responsible|owns?)\b")
_STATES = re.compile(r"\b(?:is|are|was|were|can|cannot|has|have|does|do|will|\w+n't)\b")
_WHO = re.compile(
    r"^(?:who|part(?:y|ies)|source|speaker|said by|stakeholders?|role|person|team|author|from"
    r"|voice)$"
)


def names_party(text: str) -> str:
    """The label of an item that names a party, or ""."""
    found = _PARTY.match(text)
    return found["label"] if found else ""


def names_voices(titles: Iterable[str]) -> bool:
    """Whether what is above a list announces opinions, and not those of the answer itself."""
    return any(bool(_VOICES.search(title)) and not _OWN.search(title) for title in titles)


def names_who(column: str) -> bool:
    """Whether the head of a column announces who says something."""
    return bool(_WHO.match(column.strip()))


def contends(text: str) -> bool:
    """Whether an item is what one side of a debate states, and not a duty that it has."""
    said = text.partition(": ")[2]
    return bool(_CONTENDER.match(text) and _STATES.search(said)) and not _DUTY.search(said)
