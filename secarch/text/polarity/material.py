"""Texts that are only set as material: to be translated, classified, checked or judged.

Whoever sets an exercise, forwards a message or keeps a log of assumptions says nothing of what is
in it. The classes are verbs and nouns of tasks, nouns for texts, and words by which somebody who
passes a text on holds back.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TEXT = (
    r"(?:texts?|statements?|sentences?|claims?|quot(?:e|es|ations?)|inputs?|passages?|paragraphs?"
    r"|propositions?|thes[ei]s|theories|repl(?:y|ies)|messages?|excerpts?|extracts?|snippets?"
    r"|utterances?|views?|opinions?|hypothes[ei]s|assertions?|arguments?|wordings?|clauses?"
    r"|phrases?|headlines?|slogans?|captions?|tweets?|posts?|e-?mails?|letters?|rumou?rs?"
    r"|abstracts?|premises?|motions?)"
)
_LANGUAGES = (
    r"(?:english|german|french|spanish|italian|portuguese|dutch|polish|czech|danish|swedish|finnish"
    r"|norwegian|russian|ukrainian|greek|turkish|arabic|hebrew|hindi|tamil|urdu|chinese|mandarin"
    r"|japanese|korean|latin|plain language|\w+ language)"
)
_JUDGE = (
    r"(?:translate|transcribe|classify|categori[sz]e|proof-?read|paraphrase|rephrase|reword"
    r"|rewrite|fact-?check|spell-?check|grade|rate|score|label|tag|annotate|moderate|punctuate"
    r"|check|verify|validate|review|evaluate|assess|appraise|discuss|comment(?: on| upon)?|judge"
    r"|examine|debate|weigh|analy[sz]e|summari[sz]e|criti(?:que|ci[sz]e)|dissect|interpret"
    r"|respond to|reply to|react to|argue (?:for|against|for or against)|attack or defend|defend"
    r"|defend or attack|refute or support|mark|parse|correct|improve|shorten|simplify|complete"
    r"|read aloud|repeat after me|say what you think of|give your (?:view|opinion) (?:on|of)"
    r"|take a (?:position|stand|stance) on|(?:have|take) a (?:\w+ )?look at|look at)"
)
_TASK = re.compile(
    rf"\b(?<!for )(?<!we )(?<!i ){_JUDGE}(?: [\w'-]+){{0,5}}? (?:this|that|the|these|my|his|her"
    rf"|their|our|each|one|a)(?: (?!sentences?\b)[\w'-]+){{0,2}}? {_TEXT}\b"
    rf"|\b(?:translat(?:e|ion)|render|put)\b(?: [\w'-]+){{0,4}}? (?:in)?to (?:\w+ )?{_LANGUAGES}\b"
    r"|\b(?:annotate|paraphrase|proof-?read|transcribe|translate|punctuate|classify|grade|rate"
    r"|label)"
    r" (?:this|it|the following|the (?:line|one) below|what follows)(?: please)?$"
    r"|\bfact-?check(?! (?:by|from|of)\b)|\bproof-?read\b"
    r"|\b(?:see|check|say|tell (?:me|us)|look|judge|decide|verify|let (?:me|us) know|state"
    r"|indicate|mark|find out|confirm|ask)(?: [\w'-]+){0,2}? (?:if|whether) (?:it|this|that|the"
    r" following|what follows)(?:'s| is| was| holds| sounds| looks| makes| can| could| would)\b"
)
"""Orders that something be done with a text, or that it be found out whether it is so."""
_TO_BE_DONE = re.compile(
    r"\b(?:to be|being|be|for|awaiting|pending|awaits?|needs?|under|up for|still in) (?:\w+ly )?"
    r"(?:classifi(?:ed|cation)|translat(?:ed|ion)|moderat(?:ed|ion)|fact-?check(?:ed|ing)?"
    r"|rated|rating|labell?(?:ed|ing)|annotat(?:ed|ion)|proof-?read(?:ing)?|graded|grading|scored"
    r"|scoring|judged|judgement|judgment|commented on|debated?|paraphras(?:ed|ing)|summari[sz]ed"
    r"|appraised|appraisal|critique[d]?|parsed|dictation|legal opinion|peer review)\b"
)
_MATERIAL = re.compile(
    r"^(?:\W|the |a |an |our |next |first |second |original |raw |new )*(?:user|raw|test|sample"
    r"|training|student'?s?|candidate'?s?|pupil'?s?|examinee'?s?|participant'?s?|respondent'?s?"
    r"|applicant'?s?|trainee'?s?|attacker'?s?|customer'?s?|suspect'?s?|defendant'?s?)"
    r" (?:input|prompt|query|utterance|text|sentence|answer|essay|reply|statement|message|claim)s?"
    r"(?: (?:no\.? ?)?\d+| [a-z])?$"
    r"|\b(?:awaiting|pending) (?:review|comments?|approval|a decision|validation|verification)$"
    r"|^(?:specimen|sample|stimulus|utterance|distractor|prompt|(?:user )?input|exhibit"
    r"|test (?:case"
    r"|item|sentence|string))(?: (?:no\.? ?)?[\w-]{1,4})?(?: \([^()]*\))?$"
    r"|^(?:speaker|guest|caller|candidate|interviewee|participant|student|pupil|audience|panell?ist"
    r"|trainee|intern|junior|witness|defendant|plaintiff|visitor|delegate|respondent|reporter"
    r"|journalist|voice|bot|chatbot)(?: member)?(?: ?#?\d+| [a-z])?$"
    r"|\b(?:multiple[- ]choice|quiz|exam(?:ination)?|cloze|true[/ -]false|practice|homework) "
    r"(?:test|question|item|statement|paper|sheet|task|exercise)s?\b|\bdistractors?\b"
    r"|\b(?:assumption|hypothesis|claim|theory|rumou?r|allegation|conjecture|suspicion) (?:log|list"
    r"|register|no\.? ?\d+|#? ?\d+|[a-z]?\d+)$"
)
"""Names a text as an item of an exercise, of a test set or of a log."""
_HELD_BACK = re.compile(
    r"\bwithout (?:\w+ )?(?:comments?|commenting|endors\w+|having (?:\w+ )?(?:tested|checked"
    r"|verified|confirmed|examined|reviewed|read)|(?:any )?(?:edits?|editing|judg\w+|opinion"
    r"|verification|guarantee|warranty))\b"
    r"|\b(?:un(?:reviewed|verified|tested|confirmed|checked|edited|commented|sourced|attributed"
    r"|approved|proved|corroborated|substantiated)|word for word|verbatim|in (?:his|her|their|its)"
    r" (?:own )?words|author unknown|anonymous(?:ly)?|source unknown|as received|sic)\b"
    r"|\b(?:forward(?:ing|ed)?|pass(?:ing|ed)? (?:on|along)|relay(?:ing|ed)?|reproduc(?:e|ed|ing)"
    r"|copy(?:ing)? in) (?:\w+ ){0,3}?(?:what|the (?:message|mail|note|reply|text|answer|comment))"
    r"\b"
)
"""Words of somebody who only passes a text on."""
_THEIR_WORDS = re.compile(
    r"^(?:the |a |his |her |their )?(?:\w+ )?(?:vendor|supplier|reseller|bidder|tenderer|contractor"
    r"|customer|respondent|pupil|student|candidate|witness|defendant|plaintiff|claimant|applicant"
    r"|opposition|ministry|management|spokesman|competitor|intern|trainee|caller|guest|chatbot|bot"
    r"|partner|landlord|provider|salesman)(?:'s|s'"
    r"|') (?:\w+ )?"
    r"(?:repl(?:y|ies)|answers?|responses?|statements?|positions?|claims?|comments?|testimony"
    r"|remarks?|words?|letters?|views?|submissions?|bids?|offers?|pitch|rejoinder)\b"
    r"|^(?:the )?(?:position|view|claim|argument|submission|statement|opinion"
    r"|case) of (?:the )?(?:\w+ )?"
    r"(?:part(?:y|ies)|side|camp|vendor|supplier|opposition|claimant|defen[cs]e|plaintiff|bidder)"
    r"(?: [a-z\d])?$"
    r"|^from (?!my\b|our\b)(?:the |an? |his |her |their |your )?(?:[\w'-]+ ){0,4}?(?:cards?|notes?"
    r"|diary|diaries|e?-?mails?|chats?|questionnaires?|survey|minutes|interviews?|transcripts?"
    r"|threads?|forum|blog|letters?|notebooks?|slides?|deck|memos?|posts?|comments?|feedback|inbox"
    r"|essays?|homework|exam papers?|voice ?mails?|leaflets?|brochures?)\b(?: of [\w ]{2,30})?$"
    r"|\b(?:leaflet|slogan|poster|banner|sticker|graffiti|headline|subject line|caption|tweet"
    r"|advert|flyer|placard|billboard|chorus|phishing mail)s?\b[^.;:]* (?:ran|went|reads?|said|says"
    r"|goes|runs|claimed|claims)\b[^.;:]{0,30}$"
)
"""Names the words of somebody else."""
_DECIDED = re.compile(
    r"^(?:please |kindly )?(?:copy|paste|take|put|insert|add|write|lift|print|use|adopt|include)\b"
    r"|\b(?:my|our|i|we) (?:own )?(?:answer|advice|recommendation|conclusion|verdict|view|position"
    r"|summary|decision|recommend|advise|suggest)\b|\bdecided\b|\bno longer\b"
)
_BELOW = re.compile(
    rf"\b(?:following|below|next|this|that follows)\b(?: \w+)? ?{_TEXT}?|\b{_TEXT} (?:below"
    r"|that follows|which follows|underneath)\b"
)
_STEMS = (
    "translat", "classif", "categor", "proof", "phrase", "check", "grade", "grading", "rate",
    "rating", "score", "scoring", "label", "tag", "annotat", "moderat", "verif", "valid", "review",
    "evaluat", "assess", "apprais", "discuss", "comment", "judg", "examin", "debate", "weigh",
    "analy", "summari", "criti", "dissect", "interpret", "spond", "reply", "react", "argue",
    "attack", "defend", "mark", "parse", "correct", "improve", "shorten", "simplif", "complete",
    "read", "repeat", "say", "opinion", "position", "stance", "see", "look", "decide", "state",
    "transcrib", "reword", "rewrit", "render", "punctuat", "tell", "know", "find", "indicate",
    "confirm", "ask", "refute", "put ",
)  # fmt: skip


@lru_cache(maxsize=4096)
def material(label: str) -> str:
    """The words by which a label sets what follows as material, or ""."""
    if _DECIDED.search(label):
        return ""
    every = (_MATERIAL, _HELD_BACK, _TASK, _TO_BE_DONE, _THEIR_WORDS)
    for pattern in every[:2] if label.count(" ") < 2 and label.find("this") < 0 else every:
        if found := pattern.search(label):
            return found[0]
    return ""


@lru_cache(maxsize=4096)
def sets_task(sentence: str) -> str:
    """The words by which a sentence asks that the next one be judged or worked on, or ""."""
    if not any(map(sentence.__contains__, ("below", "follow", "next", "this"))):
        return ""
    if not any(map(sentence.__contains__, _STEMS)):
        return ""
    found = _TASK.search(sentence)
    return found[0] if found and _BELOW.search(sentence[found.start() :]) else ""


_NOBODY = (
    r"(?:i|we|nobody|no one|none of us|our (?:\w+ )?\w+|the (?:\w+ )?(?:editors?|authors?|minutes"
    r"|report|paper|court|auditors?|committee|team|police|board|interviewer|journal|record|file"
    r"|document|article)|it|this|that|which|the (?:statement|claim|figure|information|account))"
)
_DISCLAIMS = re.compile(
    rf"^\W*(?:(?:but|yet|however|so far|as yet|to date),? )?{_NOBODY}(?: [\w-]+ly)?"
    r" (?:(?:have|has|had|could|can|did|do|does|was|were|is|are|will)(?: not|n't| never| neither)|"
    r"cannot|never)(?: (?:yet|been|be|so far|ourselves|independently|been able to|able to|in a"
    r" position to|otherwise))* (?:verif|check|test|confirm|examin|validat|follow(?:ed)? (?:it|this"
    r"|that) up|reproduc|assess|look(?:ed)? into|investigat|establish|corroborat|substantiat|judg"
    r"|comment(?! the)|record (?:a |any |the )?(?:repl|answ|react)|take (?:a|any) (?:position|side"
    r"|view|stand)|endorse)\w*\b"
    r"|^\W*(?:nobody|no one|none of us) (?:(?:has|had|could|can|ever|yet|so far|here) )*(?:verif"
    r"|check|test|confirm|examin|look|corroborat|reproduc)\w*\b"
    r"|^\W*(?:there (?:was|is)|we (?:got|have)|i (?:got|have)) no (?:\w+ )?(?:repl(?:y|ies)|answer"
    r"|reaction|source|comment|confirmation)\b|^\W*no (?:source|name|reason|evidence) (?:was|is"
    r"|were)"
    r" given\b"
    rf"|^\W*{_NOBODY} (?:\w+ )?(?:takes?|took|ha(?:s|ve)|expresse[sd]?|hold|holds) no (?:\w+ )?"
    r"(?:view|opinion|position|side|stand|stance|comment)\b"
    r"|^\W*(?:this|that|it|which|the (?:statement|claim|matter|point|account)) (?:is|was|remains"
    r"|has"
    r" been|had been) (?:\w+ )?(?:un(?:verified|confirmed|tested|checked|proven|proved|reviewed"
    r"|corroborated|substantiated)|under (?:review|investigation|examination)|being (?:checked"
    r"|verified|investigated|examined)|to be (?:checked|verified|confirmed|examined))\b"
)
"""Says of what is before it that nobody has looked into it."""
_LOOKED_INTO = (
    "verif", "check", "test", "confirm", "examin", "valid", "follow", "reprod", "assess", "look",
    "investig", "establish", "corrobor", "substant", "judg", "comment", "record", "take", "took",
    "endorse", "view", "opinion", "position", "review", "repl", "answer", "reaction", "source",
    "evidence", "reason",
)  # fmt: skip


_NOT_YET = (
    "not ", "n't", "never", "no ", "nobody", "none", "cannot", "unverif", "unconf", "untest",
    "unch", "unpro", "unrev", "uncorr", "unsubst", "under ", "being ", "to be ",
)  # fmt: skip


@lru_cache(maxsize=8192)
def disclaims(sentence: str) -> str:
    """The words by which a sentence takes no side on the one before it, or ""."""
    if not any(map(sentence.__contains__, _NOT_YET)):
        return ""
    if not any(map(sentence.__contains__, _LOOKED_INTO)):
        return ""
    found = _DISCLAIMS.match(sentence)
    return found[0] if found else ""


_SUPPOSED = re.compile(
    r"^(?:the |our |key |open |working |original |main )*(?:assumptions?|hypothes[ei]s|claims?"
    r"|assertions?|statements?|theor(?:y|ies)|conjectures?|propositions?|allegations?|premises?"
    r"|beliefs?|suspicions?|motions?|rumou?rs?|what (?:is|was) (?:said|claimed|assumed))\b"
)
_OPEN = re.compile(
    r"^\W*(?:unknown|not yet|open|pending|tb[cda]|to be \w+|not (?:yet )?(?:\w+ )?(?:tested|checked"
    r"|verified|confirmed|validated|examined|proven|proved|decided|known|assessed|clear)|un(?:"
    r"verified|tested|confirmed|checked|proven|proved|clear|decided|validated)|under (?:test"
    r"|review|examination|investigation)|in (?:review|progress|discussion|doubt)|awaiting .*|for"
    r" decision|nobody knows|who knows|\?+|n/?k|-+)\W*$"
)


def leaves_open(column: str, others: tuple[str, ...]) -> str:
    """The cell that says that nobody knows whether a supposition is so, or ""."""
    if not _SUPPOSED.match(column):
        return ""
    return next((cell for cell in others if cell and _OPEN.match(cell)), "")
