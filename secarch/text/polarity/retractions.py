"""Sentences that take back the one before them in other words than a plain verdict.

"Said no auditor ever.", "It took us years to unlearn this.", "Kindly treat it as withdrawn.". What
they share are few classes: nouns for nonsense, words for the opposite, verbs of unlearning and of
striking out, evidence that speaks against.
"""

from __future__ import annotations

import re
from functools import lru_cache

from secarch.text.polarity import vocabulary

LONGEST = 26
"""Words of a sentence that is read as a remark."""
_RUBBISH = (
    r"(?:rubbish|nonsense|garbage|humbug|drivel|claptrap|hogwash|baloney|bunkum|bunk|tosh|twaddle"
    r"|balderdash|moonshine|poppycock|codswallop|horseradish|bullshit|bollocks|tripe|piffle"
    r"|a (?:fairy tale|myth|fable|joke|hoax|pipe dream|fantasy)|fairy tales?|pure invention)"
)
_VERY = (
    r"(?:complete|utter|total|pure|sheer|absolute|plain|what(?: an?)?|such|dead|flat|flat out|just"
    r"|quite|all|so|simply|sadly|\w+ly|as it turns out|still|an?|big|old)"
)
_IT = (
    r"(?:it|that|this|they|these|those|he|she|which|the (?:above|(?:earlier|previous|last|first)"
    rf" (?:\w+)|whole \w+|{vocabulary.CLAIM}))"
)
_TEXT = (
    r"(?:texts?|sentences?|statements?|passages?|lines?|pages?|paragraphs?|versions?|wordings?"
    r"|sections?|entr(?:y|ies)|clauses?|slides?|bullets?|remarks?|notes?|advice|recommendations?"
    r"|guidance|claims?|posts?)"
)
_STRUCK = (
    r"(?:removed|withdrawn|deleted|corrected|revised|struck(?: out)?|retracted|rescinded"
    r"|superseded|taken (?:out|down|off|back)|dropped|pulled|recalled|crossed out|unsaid|disowned)"
)
_WAY_ROUND = r"(?:the )?(?:other way (?:a?round)|opposite|reverse|contrary|converse)"
_THE_WAY_ROUND = (
    r"(?:(?:the )?other way (?:a?round)|the (?:\w+ )?(?:opposite|reverse|contrary|converse))"
)
"""Within a sentence it needs its article: "what is hard to reverse" takes nothing back."""
_AT_ONCE = re.compile(
    rf"^\W*(?:{_IT} (?:is|was|'s) )?(?:{_VERY} )*(?:{_RUBBISH}|(?:wrong|false|untrue|incorrect"
    r"|mistaken)(?=[.,;:!]|$))"
    r"|^\W*(?:that|this|so|such),? (?:is|was|goes|runs) (?:\w+ )?(?:the |a |one )?(?:fairy tale"
    r"|theory"
    r"|legend|sales pitch|brochure|leaflet|hope|dream|rumou?r)\b"
    rf"|^\W*(?:just |exactly |quite )?{_WAY_ROUND}[.!]*$"
    r"|^\W*(?:\w+,? )?(?:no|nope)(?=[.,;!]|$)|^instead:|^\W*not (?:one|a single) (?:word|bit|part"
    r"|line)\b"
    r"|^\W*(?:i am afraid |i'm afraid |sorry, )?(?:that|this|it)(?: is|'s) (?:exactly |precisely "
    r"|just )?what"
    r" (?:you|one|we|nobody) (?:must|should|can|may)(?: not|n't| never)\b"
    rf"|^\W*(?:this|that) {_TEXT}\b[^.,;:]{{0,30}} (?:is|was) (?:{_VERY} )*(?:{_RUBBISH}|wrong"
    rf"|false"
    r"|untrue|incorrect)\b"
    r"|^\W*not (?:in the (?:slightest|least)|a bit(?: of it)?|one bit|remotely|even (?:close"
    r"|remotely|nearly)|by a long (?:shot|way|chalk)|on your life|a chance|so fast|a word of it)\b"
    r"|^\W*(?:nowhere near|nothing (?:could be|is) (?:further|farther) from|by no stretch|no such"
    r" (?:thing|luck)|wide of the mark|think again|far from it|if only|dream on|wake up|now wake up"
    r"|come on|get real|in your dreams|pull the other)\b"
    r"|^\W*(?:as |so |thus )?(?:said|wrote|claimed|thought|believed|says|quoth) (?:no ?(?:one|body)"
    r"|no \w+)\b"
    r"|^\W*(?:or |at least |that is |that's |such is )*(?:so|what|how) (?:i|we|they|people|he|she"
    r"|everyone|you|many|my \w+|our \w+) (?:(?:all|once|long|still|had|too|myself|ourselves)"
    r" )*(?:used to|once|thought|believed|taught|assumed|hoped|imagined)\b"
    rf"|^\W*(?:\w+,? )?{_IT} (?:\w+ )?(?:isn't|is not|wasn't|aren't|are not|weren't|doesn't|does"
    r" not|don't|do not|didn't|did not|won't|will not)(?: (?:so|true|the case|work|hold|happen|fly"
    r"|exist))?(?: (?:at all|any more|in practice|anywhere|like that))?[.!]*$"
    rf"|^\W*(?:please |kindly |do |and |so )*(?:treat|consider|regard|count|take) {_IT}"
    r"(?: [\w']+){0,4}? as (?:null|void|withdrawn|deleted|wrong|unsaid|struck|retracted|obsolete"
    r"|unwritten|a (?:slip|typo|joke|mistake|misprint)|not (?:said|written))\b"
    rf"|^\W*(?:that|this|the|these|those|such)(?: \w+)? {_TEXT} (?:\w+ )?(?:has|have|had|was|were"
    rf"|is|are)(?: (?:since|now|long|to|been|be|therefore|rightly|duly))* {_STRUCK}\b"
    r"|^\W*(?:all|every|none|most)(?: \w+)? of (?:it|them|the (?:evidence|data|signs|facts))"
    r"(?: \w+)? (?:points?|pointed|speaks?|spoke|goes|went|argues?|argued)(?: \w+)? against\b"
)
"""What begins such a remark."""
_ANYWHERE = re.compile(
    rf"\b(?:is|was|works?|are|were|holds?|goes|do|does|true is|advise|recommend)"
    rf" (?:\w+ ){{0,2}}?(?:just |exactly |precisely |quite )?{_THE_WAY_ROUND}\b(?! (?:of|side|end"
    rf"|end of))"
    rf"|\bun(?:learn(?:ed|t)?|say) (?:it|this|that|them|the \w+)\b"
    r"|\b(?:reality|experience|practice|the (?:breach|audit|incident|outage|facts?|data|logs?))"
    r" (?:has |have |had |soon |then |since )?(?:corrected|taught|cured|disabused|proved|refuted"
    r"|contradicted|set) (?:me|us|them|him|her|it|that|this|you)\b(?! right)"
    r"|\b(?:you|we|they|i)(?:'ve| have| had| were| was| are|'re) (?:all )?(?:been )?(?:misled"
    r"|mis-?informed|fooled|lied to|taken in|deceived|duped|sold a (?:pup|lie|story)|taken for"
    r" a ride)\b"
    r"|\b(?:i|we) (?:was|were|am|are|stand|stood|got (?:it|that|this|things)|had (?:it|that|this))"
    r" (?:\w+ )?(?:wrong|mistaken|corrected|mixed up|upside down|backwards)\b"
    r"(?! (?:to|about|if|when|on|in)\b)"
    r"|\b(?:i|we) (?:mixed|muddled|messed) (?:it|that|this|things|them) up\b"
    r"|\btells? (?:an?other|a (?:very |quite )?different|quite another) (?:story|tale)\b"
    r"|\b(?:says?|shows?|suggests?|proves?|told (?:me|us)|taught (?:me|us)) otherwise\b"
    r"|\b(?:tongue in cheek|irony off|end of (?:irony|sarcasm)|just kidding|only joking"
    r"|pulling your"
    r" leg)\b"
    rf"|\b(?:(?:that|it|this|which|these) (?:was|is|were|are|had been)|as) (?:{_VERY} ){{0,2}}"
    rf"{_RUBBISH}(?! (?:to|that)\b)"
)
"""What such a remark may have in any place."""
_TAIL = re.compile(
    r"[,;] (?:so )?(?:please )?(?:don't|do not|never) (?:act|rely|bank|build|plan|tick|copy|repeat"
    r"|quote|sign|fall|follow|buy|believe|use|try|do|print|trust)(?: (?:on|for|with|to))?"
    r" (?:it|this|that|them)\b[^,;]{0,20}$"
    r"|[,;] (?:it|this|that) (?:is|was|'s) (?:\w+ )?(?:not so|not true|untrue|false|wrong"
    r"|incorrect)\b[^,;]{0,20}$"
)
"""How one may end."""
_NOT_SO = re.compile(
    r"\b(?:not|never|n't|no|nobody|none|nothing|hardly|if|unless|without|whether|who(?:ever)?"
    r"|those)"
    r"\b(?: [\w'-]+){0,4}$"
)
_STEMS = (
    "rubbish", "nonsense", "garbage", "humbug", "drivel", "claptrap", "hogwash", "baloney", "bunk",
    "tosh", "twaddle", "balder", "moonshine", "poppycock", "codsw", "bull", "bollock", "tripe",
    "piffle", "fairy", "myth", "fable", "joke", "hoax", "dream", "fantasy", "invention", "wrong",
    "false", "untrue", "incorrect", "mistaken", "not ", "n't", "no.", "no,", "instead:", "nowhere",
    "nothing", "no ",
    "nobody", "by no", "wide of", "think again", "far from", "if only", "wake up", "come on",
    "get real", "pull the", "used to", "once", "thought", "believed", "taught", "assumed", "hoped",
    "imagined", "treat", "regard", "consider", "count ", "take ", "removed", "withdrawn", "deleted",
    "corrected", "revised", "struck", "retracted", "rescinded", "superseded", "taken", "dropped",
    "pulled", "recalled", "crossed", "unsaid", "disowned", "against", "way round", "way around",
    "opposite", "reverse", "contrary", "converse", "unlearn", "unsay", "cured", "disabused",
    "refuted", "contradicted", "misled", "misinformed", "mis-informed", "fooled", "lied to",
    "deceived", "duped", "sold a", "mixed", "muddled", "messed", "backwards", "tongue", "irony",
    "sarcasm", "kidding", "joking", "tale", "otherwise", "pulling", "proved", "never",
)  # fmt: skip


_IN_ANY = (
    "way round", "way around", "opposite", "reverse", "contrary", "converse", "unlearn", "unsay",
    "corrected", "taught", "cured", "disabused", "proved", "refuted", "contradicted", "set ",
    "misled",
    "mis-informed", "misinformed", "fooled", "lied to", "taken in", "taken for", "deceived",
    "duped",
    "sold a", "wrong", "mistaken", "mixed", "muddled", "messed", "upside", "backwards", "tongue",
    "irony", "sarcasm", "kidding", "joking", "pulling", "tale", "otherwise", "rubbish", "nonsense",
    "garbage", "humbug", "myth", "joke", "hoax", "dream", "fantasy", "fairy", "fable", "invention",
)  # fmt: skip


@lru_cache(maxsize=8192)
def retracts(sentence: str) -> str:
    """The words by which a remark takes back the sentence before it, or ""."""
    if not any(map(sentence.__contains__, _STEMS)) or len(sentence.split()) > LONGEST:
        return ""
    if found := _AT_ONCE.match(sentence):
        return found[0].strip()
    found = _ANYWHERE.search(sentence) if any(map(sentence.__contains__, _IN_ANY)) else None
    if found is None and ("," in sentence or ";" in sentence):
        found = _TAIL.search(sentence)
    return (
        ""
        if found is None or _NOT_SO.search(sentence[: found.start()].rstrip())
        else found[0].strip()
    )
