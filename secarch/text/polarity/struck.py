"""Labels that strike out the text after them, or find fault with it: "delete this sentence:"."""

from __future__ import annotations

import re

_TEXT = (
    r"(?:sentence|statement|line|claim|paragraph|passage|clause|phrase|advice|assertion|bullet"
    r"|slide"
    r"|entry|wording|teaching|lesson|doctrine|dogma|belief|idea|lie|myth|answer|opinion|text|point"
    r"|one|rule|item|remark|note)"
)
_STRIKES = (
    r"(?:negat(?:e|es|ed)|invert(?:ed)?|revers(?:e|ed)|retract(?:ed)?|withdr[ae]w(?:n)?|unsay"
    r"|unsaid"
    r"|unlearn(?:ed|t)?|reject(?:s|ed)?|refut(?:e|es|ed)|disown(?:ed)?|delet(?:e|ed)|remov(?:e|ed)"
    r"|strike|struck|cross(?:ed)? (?:out|through)|put (?:a|your) (?:\w+ )?(?:line|pen"
    r"|cross) through"
    r"|scrap(?:ped)?|bin(?:ned)?|bury|burn(?:ed)?|disregard(?:ed)?|ignore[d]?|forget|disbelieve"
    r"|distrust|contradict(?:ed)?|rescind(?:ed)?|recant(?:ed)?|correct(?:ed)?|regret(?:ted)?"
    r"|apologi[sz]ed? for|get rid of|throw (?:out|away)|do away with|never (?:write|say|believe"
    r"|copy|repeat|sign))"
)
_OF_TEXT = re.compile(
    rf"\b{_STRIKES} (?:(?:and|or) \w+ )?(?:the following(?: {_TEXT})?|(?:this|one|the next)"
    rf" (?:\w+ )?{_TEXT})\b"
    rf"|\b(?:the following|this|the next) (?:\w+ )?{_TEXT}\b[^,.;:]{{0,40}}? and {_STRIKES} it$"
    rf"|\b(?:faulty|wrong|false|incorrect|mistaken|defective|bad|erroneous|untrue|misleading|worst"
    rf"|rotten|broken) {_TEXT}\b[^,.;:]{{0,40}}? (?:is|was|reads?|ran|runs|goes)(?: this(?: one)?"
    r"| the following| as follows| here)?$"
    r"|\bwhat (?:you|one|we|i|they|nobody|no one|people|teams?)(?: \w+)?? (?:(?:must|should|may|can"
    r"|would|will|ought|shall)(?: not|n't| never)|cannot|never|don't|do not) (?!forget|miss"
    r"|overlook"
    r"|underestimate|ignore|skip|neglect|see|know|understand|need)\w+\b[^,.;:]{0,60}$"
    r"|\bwhat\b[^.;:]{3,60}\b(?:wrong|false|untrue|incorrect|mistaken|nonsense|rejects?|condemns?"
    r"|forbids?|bans?|refuses?)\b[^.;:]{0,20} (?:is|was) (?:this|the following|as follows)$"
    r"|\([^()]*\b(?:abolished|obsolete|withdrawn|rejected|wrong|false|untrue|harmful|deprecated"
    r"|superseded|retired|incorrect|refuted|debunked|void|repealed|revoked|do not use|not valid"
    r"|no longer valid)\b[^()]*\)$"
    r"|\b(?:mark|count|treat|regard|grade|flag|brand|rate) (?:this"
    r"|the following)(?: \w+)? as (?:incorrect"
    r"|wrong|false|untrue|an error|a mistake|nonsense)$"
    r"|\b(?:remove|delete|strike|cut|drop|take) (?:this|the following) (?:from|out of) (?:the|your"
    r"|our)\b"
    r"|^(?:\W|red flag )*(?:if|when|should) [^.;:]*\b(?:this"
    r"|the following)\b[^.;:]*\b(?:send (?:him|her"
    r"|them)|show (?:him|her|them) the door|run|walk (?:away|out)|hang up|change \w+"
    r"|look for another)\b"
    r"|\b(?:trap|decoy|wrong|false|zero[- ]mark) (?:answer|friend|option|choice)\b(?: \([^()]*\))?$"
    r"|\bwhat (?:not|never) to \w+\b[^,.;:]{0,40}$"
    r"|^(?!(?:it|this|that|they|these|those|which|and|but|so|he|she)\b)[^.;:]{3,80}(?:,|,? and"
    r"|,? but"
    r"|,? yet) (?:\w+ly |dead |plain |quite |still |just |simply |also )?(?:wrong|false|untrue"
    r"|incorrect|mistaken|nonsense|rubbish|a myth|not true|not so)$"
)
"""Names the text that follows, whatever else it names, and strikes it out or finds fault."""
_DOUBLY = re.compile(r"\b(?:not|never|n't|no|nobody|none|nor|hardly|cannot|wrong to|mistake to)\b")
OR_NOT = re.compile(
    r"^(?:true or (?:false|not)|right or wrong|fact or (?:fiction|myth)|myth or (?:fact|reality"
    r"|truth)|yes or no|correct or (?:not|incorrect|wrong)|agree or disagree)\b"
)


def named_text(text: str) -> tuple[bool | None, str] | None:
    """What a label makes of the text that it names ("strike this sentence"), or None."""
    if OR_NOT.match(text):
        return None, text
    found = _OF_TEXT.search(text)
    if found is None or _DOUBLY.search(text[: found.start()]):
        return None
    return True, found[0]


def strikes(label: str) -> str:
    """The words by which a label of any length strikes out the text that it names, or ""."""
    found = named_text(label)
    return found[1] if found and found[0] else ""
