"""Whether words before a colon turn round what follows: "You can live without this:".

No list holds all such labels. What they have in common is that they name nothing themselves: they
consist of words of grammar, of general nouns ("thing", "plan", "view") and of words that deny, or
they end with a word that points ahead. Of such a label each word that denies, and a negation, turns
what follows round, so that two of them leave it as it is (as in `frames`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from secarch.text.polarity import vocabulary
from secarch.text.polarity.struck import named_text

LONGEST = 14
"""Words of a label; a longer clause says something itself."""

_DROPS = (
    r"(?:(?:live|do|work|manage|cope|get by|be fine|are fine|survive) without|without"
    r"|skip\w*|ignor(?:e|ed|ing)|omit\w*|drop(?:ped|ping)?|postpon\w+|defer(?:red)?|delay(?:ed)?"
    r"|(?:leav(?:e|ing)|left|cut|tak(?:e|en|ing)|cross(?:ed)?|strik(?:e|ing)|str(?:ike|uck)"
    r"|throw|thrown|put|push|set|rul(?:e|ed))"
    r"(?: (?:this|that|it|these|those|them|all of this|the following)(?: (?:sentence|line|clause"
    r"|paragraph|statement|passage|part|rule|advice|point|one))?)?"
    r" (?:out|off|aside|away|back|down)|str(?:ike|uck)|undo(?:ne)?|undid|revert(?:ed)?|remov(?:e"
    r"|ed|ing)"
    r"|delet(?:e|ed|ing)|scrap(?:ped)?|abandon\w*|cancel\w*|waiv\w+|rid of|retire[ds]?"
    r"|retract\w*|withdr\w+"
    r"|shelv\w+|ditch\w*|bin(?:ned)?|pass on|reject\w*|refus\w+|declin\w+|dismiss\w*|disregard\w*"
    r"|dispens(?:e|ed|ing) with|(?:save|spare)(?: \w+){0,2} (?:trouble|effort|time|money|work)"
    r"|forget(?! (?:this is|that))|wait(?! (?:for|until))|stop(?:ped)?"
    r"|overrul\w+|disagree\w*|disput\w+|deny|denies|denied|doubt\w*|reversed?|opposite|contrary"
    r"|otherwise|gone|sceptics?|skeptics?|critics?|opponents?|doubters?|naysayers?"
    r"|objections?|fears?)"
)
_BAD = (
    rf"(?:{vocabulary.UNTRUTH}|{vocabulary.FAULT}|{vocabulary.UNTRUE}|{vocabulary.NEEDLESS}"
    rf"|{vocabulary.UNSOUND}|wast(?:e|ed|ing)(?: of)?|optional|negotiable|misplaced|unjustified"
    r"|nice[- ]to[- ]have|exaggerat\w+|overstat\w+|debat(?:able|ed)|dispensable|replaceable)"
)
_RULED_OUT = re.compile(
    r"\b(?:no|not|nothing|without|neither|nor|never|isn't|n't)\b(?: [\w-]+){0,3} (?:shortcuts?"
    r"|excuses?"
    r"|exceptions?|compromises?|alternatives?|substitutes?|way (?:a)?round(?: (?:it|this|that))?"
    r"|ifs?"
    r"|magic|myster(?:y|ies)|tricks?|rocket science|witchcraft|wizardry|big deal|drama"
    r"|buts?|jokes?|secrets?|wonders?|surpris\w+|accident|coincidence|discussions?|debate"
    r"|questions?)"
    r"(?![\w'])"
)
"""As in "No excuses:", which insists."""
_NO_OTHER_WAY = re.compile(
    r"\b(?:cannot|can't|could not|couldn't|no way to) (?:say|put|phrase"
    r"|express) it (?:any )?(?:other"
    r" way|better|differently|more \w+|plainer|clearer|simpler|otherwise)\b"
    r"|\blying if (?:i|we) said (?:otherwise|anything else)\b|\bno other way (?:to|of) (?:put|say"
    r"|putt|saying)\w*\b"
)
"""Insists on the words that follow."""
_NOTHING_IN_IT = re.compile(
    r"^(?:there is |there's |i see |we see )?(?:no|little|hardly any) (?:real |good |big"
    r" )?(?:need|use"
    r"|point|value|reason|call|sense|benefit|gain|purpose|merit)\b|^(?:please )?(?:don't|do not"
    r"|never) "
    r"(?:even )?(?:bother|worry)\b|^(?:there is )?nothing (?:is |to be )?(?:gained|won|achieved)\b"
)
_TURN = re.compile(rf"\b(?:{_DROPS}|{_BAD})(?![\w'])")
_NEGATION = re.compile(
    r"\b(?:not|never|no|nobody|none|nothing|neither|nor|cannot|can't|\w+n't|hardly|scarcely"
    r"|little|far from|by no means|anything but|non)\b"
)
_OVERLOOKED = re.compile(
    r"\b(?:forgets?|forgot(?:ten)?|miss(?:es|ed)?|overlook(?:s|ed)?|neglect(?:s|ed)?"
    r"|underestimate[sd]?|underrated|ignored?s?|omit(?:s|ted)?|skip(?:s|ped)?|left out)\b"
)
_MISSED = re.compile(
    rf"^(?:what|which|how|why|where|when)\b|^.*(?<! to) {_OVERLOOKED.pattern}\W*$"
    rf"|\b(?:often|too often|usually|easily|always|frequently|commonly|rarely|sometimes|regularly"
    rf"|generally|widely) {_OVERLOOKED.pattern}"
)
"""What others leave out is so, and a question is answered: "What many teams forget:"."""
_REASON = re.compile(r",? (?:because|since|as) (?:it|this|that|they)\b.*$")
"""Why a label says so, which turns nothing round once more."""
_AHEAD = re.compile(
    r"\bthis (?:sentence|line|clause|paragraph|passage|statement)\b|\b(?:this|these|this one"
    r"|the following|what follows|below|the below|one thing|as follows)"
    r"(?: (?:one|point|too|again|altogether|entirely|outright|instead|today|now|for now|for good"
    r"|here|either|at all|list|down|off|out|away|aside|off your list|from your list))*\W*$"
    r"|\bthe following\b"
)
_DEGREE = re.compile(r"\b(?:enough|too (?!late\b|much effort)\w+|only|alone)\b")
"""Finds fault with the measure of a thing that is named elsewhere."""
_BACK = re.compile(
    r"^(?:and |but |so |then |also )*(?:this|that|these|those|it|they|both|all this|such|neither"
    r"|none)"
    r"\b|\b(?:any|all|none|some|most|each|part) of (?:this|these|it|that|them)\b"
    r"|\b(?:it|them|that one|those)\W*$"
)
"""Points back: what follows the colon is the reason."""
_ORDERS = re.compile(
    rf"^(?:please |just |simply |so |then |also )*(?!save|spare|\w+ed\b|struck|thrown|left"
    rf"|gone)(?:{_DROPS})\b"
)
"""Begins with a verb in the imperative, whose object may be what follows."""
_ELLIPTIC = re.compile(
    r"^(?:and |but |so |well,? )*there (?:is|are) (?:really |simply )?none\W*$"
    r"|^(?!what|which|how|you)(?:(?!it |this |that |these |they )[\w']+ ){1,3}(?:do|does|did|is"
    r"|are|will"
    r"|would|can)(?:n't| not)(?: any ?more)?\W*$"
    r"|^(?:and |but |so |well,? |today |now |then )*(?:i|we)(?: \w+ly)?"
    r" (?:no longer do|(?:don't|do not|didn't|did not|won't|can't|cannot)(?: any ?more)?)\W*$"
)
"""Takes up a verb of the sentence before, whose doubt it turns: "I used to hesitate. I no longer
do:"."""
_OVERCOME = re.compile(
    r"\b(?:doubters?|sceptics?|skeptics?|critics?|opponents?|naysayers?|objectors?)\b.*\b(?:wrong"
    r"|mistaken|silent|silenced|refuted|disproved|overruled|had their day|come round|came round)\b|"
    r"^(?:i|we)\b.*\b(?:doubt|hesitat|resist|oppos|object|disagree|disput|question|sceptic|skeptic"
    r"|argued against|disbeliev)\w*\b.*\b(?:wrong|mistaken|no longer|any ?more|changed (?:my|our)"
    r" minds?|know better|came round|was converted)\b"
)
"""Says that one doubted, and that this was wrong: "I used to doubt it, and I was wrong to:"."""
_BARE = re.compile(r"^(?:not|never|no|don't|do not|nor)\b")
_ELLIPSIS = re.compile(
    r"\b(?:do|does|did|is|are|was|were|has|have|can|could|would|should|will|must|need)"
    r"(?:n't| not|not)(?: (?:any ?more|any longer|now|today))?\W*$|\bno longer\W*$"
)
_OF_IT = re.compile(r"(?<=\w )this(?=,)|\bthe following\b")

_GENERIC = vocabulary.words(
    """a an the this that these those it its one ones thing things following follows below here now
    today then still yet also too just simply please really actually frankly honestly clearly
    plainly
    quite very rather more most all any each every some such other another first second next last
    and or but so as of to in on at by for from with into about over out off up down than is are was
    were be been being am do does did done has have had can could may might must should shall will
    would need needs needed want wants i i'd i'm we we're you you'd your yours yourself yourselves
    my mine me us our ours their they them he she his her people anyone anybody one someone
    somebody everyone team teams what which who whoever how why where when whether there there's
    it's that's let's let point points advice idea ideas practice step steps measure measures
    control controls requirement requirements rule rules claim claims statement statements belief
    view opinion book eyes experience verdict status decision result conclusion recommendation
    suggestion proposal answer list plan plans scope agenda backlog report review budget version
    policy year month week quarter day sprint moment time times money effort work energy trouble
    value use sense reason need benefit gain gained merit purpose place room case word words truth
    cause call justification grounds care worry matter matters matter important relevant required
    necessary needed true right correct useful helpful worth good better best fine safe allowed
    recommended advisable acceptable accepted do doing make makes made making get gets give gives
    given take takes go goes going come comes keep keeps say says said saying tell tells think
    thinks believe believes listen insist insists demand demands demanded require requires ask asks
    asked follow see look find found know knows known mind hear hears read add adds bring brings
    help helps change changes buy buys earn achieve achieved serve serves support supports
    bother hurry rush urgent soon early late old new whole entire entirely altogether anymore longer
    any more at least part way side note heads-up fact facts reality part
    cross off list sentence sentences clause paragraph passage document"""
)
_GENERIC_WORD = re.compile(rf"{_GENERIC}")
_PARTS = re.compile(r", |; | - | / |\band\b")
"""Between words that say the same: "Optional, can be dropped" denies once."""
_WORD = re.compile(r"[a-z][a-z'-]*")


@lru_cache(maxsize=8192)
def turn(label: str) -> tuple[bool | None, str]:
    """Whether a label turns round what follows, and by which words.

    True: it is turned; False: what denies is denied itself, so that it stands; None: the label says
    nothing of the kind.
    """
    text = _REASON.sub("", label.strip().rstrip(": ").strip())
    return named_text(text) or _of_words(text)


def _of_words(text: str) -> tuple[bool | None, str]:
    if not text or len(text.split()) > LONGEST or _MISSED.search(text) or _ELLIPTIC.match(text):
        return None, ""
    insists = _NO_OTHER_WAY.search(text) or _OVERCOME.search(text) or _RULED_OUT.search(text)
    if insists and (insists.re is not _RULED_OUT or not _named(_RULED_OUT.sub(" ", text))):
        return False, insists[0]
    words = list(_TURN.finditer(text))
    rest = _TURN.sub(" ", text)
    negation = _NEGATION.search(rest)
    turns = [count for part in _PARTS.split(text) if (count := _turns(part))]
    if not turns or _DEGREE.search(text) or text in {"no", "not", "never"}:
        return None, ""
    cue = (words[0] if words else negation or words[0])[0]
    named = _named(rest)
    ahead = len(named) <= 1 and _points_ahead(text)
    if any(count % 2 == 0 for count in turns):
        return (False, cue) if ahead or not named or _BACK.match(text) else (None, "")
    if _BACK.search(text) or not (ahead or (not named and _of_itself(text, bool(words)))):
        return None, ""
    return True, cue


def _turns(part: str) -> int:
    """How often a part of a label turns round what follows."""
    return len(_TURN.findall(part)) + bool(_NEGATION.search(_TURN.sub(" ", part)))


def _points_ahead(text: str) -> bool:
    return bool(_AHEAD.search(text) or (_ELLIPSIS.search(text) and _OF_IT.search(text)))


def _named(rest: str) -> list[str]:
    """Words of a label that name something."""
    words = (word for word in _WORD.findall(_NEGATION.sub(" ", rest)) if len(word) > 1)
    return [word for word in words if not _GENERIC_WORD.fullmatch(word)]


def _of_itself(text: str, denies: bool) -> bool:
    """Whether a label that names nothing is a verdict, and not the verb of what follows."""
    if denies:
        return not _ORDERS.search(text)
    return not _BARE.search(text) or bool(_NOTHING_IN_IT.search(text))


_OWN = re.compile(
    r"^(?:\W|[\w-]+: |(?:and|so|but|now|then|hence|therefore|finally|again|honestly|frankly|here is"
    r"|here's|this is|that is|to sum up|in short|in the end|overall|all in all|step \d+|\d+) ?)*"
    r"(?:(?:(?:what|this is what|here is what|that is what|all|as) )?(?:i|we)(?:'d|'ll|'ve)?"
    r" (?:\w+ly "
    r"|now |still |also |say |am |would |will |do |can |shall |openly |so )*(?:tell|say|recommend"
    r"|advise|suggest|propose|do|go|answer|decide|conclude|stand|choose|pick|sign|plan|write"
    r"|start)\b"
    r"|(?:my|our) (?:\w+ )?(?:advice|recommendation|answer|take|view|verdict|decision|conclusion"
    r"|plan|choice|suggestion|proposal|position|opinion|bottom line|rule|reply|summary|stance)\b"
    r"|(?:the )?(?:\w+ )?(?:advice|recommendation|answer|verdict|decision|conclusion|bottom line"
    r"|reason"
    r"|reality|fact|truth|summary|takeaway|takeaways|gist|upshot|point|result|resolution|plan"
    r"|ruling"
    r"|key|essence|correction)\b(?: here| then| is| for \w+| of it| so far)*$)"
)
_TAKE_IT = re.compile(
    r"\b(?:go by|decide on|work (?:from|on)|act on|proceed on|build on|start from|rely on|count on"
    r"|stick to|hold to|keep to|plan (?:with|on)|follow|adopt|observe|live by|swear by"
    r"|take to heart)"
    r" (?:this|the following|these words|(?:this|the following) (?:\w+ )?(?:footing|basis|rule|line"
    r"|sentence|principle|advice|premise|guidance|motto|maxim))$"
    r"|^(?:please )?(?:believe|trust|heed|hear|listen to|take it from|take the word of) (?:me|us"
    r"|an?"
    r" (?:old|seasoned|veteran|grey|weary|retired|experienced) \w+)\b[^,.;:]{0,30}$"
    r"|\b(?:hears?|learns?|gets?|has|have|had) (?:it|this|that|the same)(?: \w+)? (?:from (?:me|us)"
    r"|in my own words)\b"
    r"|\b(?:i|we)(?:'d|'ll| would| will| always| still| only| never tire of)* (?:tell|teach|say"
    r"|repeat"
    r"|preach|write|sign|swear|put|state|hold|maintain|give|advise"
    r"|recommend)(?:ing)?\b[^.;:]{0,60}$"
    r"|\b(?:fits?|goes|boils down|comes down|can be put)(?: in| into| to| on)* (?:a|one|this|the"
    r" following|these)\b(?: \w+){0,2}$"
    r"|(?:^|, )(?:my|our|the) (?:\w+ )?(?:reply|answer|response|advice|word|motto|maxim) (?:is"
    r"|remains"
    r"|stays|was and is)(?: \w+){0,3}$"
    r"|^(?:please )?(?:copy|paste|take|put|insert|add|write|lift|print|pin|frame|hang|paint|adopt"
    r"|include|engrave|carve) (?:this|the following|these)\b(?!.*\b(?:exercise|exam|quiz|homework"
    r"|list of|shame|bin|blacklist)\b)"
    r"|\b(?:quote me|signed by me|my (?:own )?(?:name|signature) (?:under|below|on) it)\b"
)
"""Tells the reader to go by what follows, or that one says it oneself."""
_IN_YOUR_PLACE = re.compile(r"^if (?:i were|it were) (?:you|me|in your \w+|up to me),? ")
_FORMER = re.compile(
    r"\b(?:was|were|used|once|told|thought|heard|hear|rejected|refused|wrong|bad|false|not|no|never"
    r"|n't|if|whether|they|he|she|their|his|her|draft|old|previous|former|vendor\w*|proposed|naive"
    r"|alleged|supposed|so-called|common|popular|usual|typical|chatbot\w*|nobody|\w+n't)\b"
)
_CONCEDES = re.compile(
    r"^(?:and |but |so |yes, |no, )*(?:contrary to|whatever|whoever|no matter (?:what|how|who)"
    r"|however (?:much"
    r"|often|loudly|hard|long|many \w+)|regardless of|never mind|despite|in spite of|for all"
    r"|(?:odd|strange|hard|boring|tedious|unpopular|simple|harsh|trivial|tempting) (?:though|as))\b"
    r"[^,.;:!?]{2,90}, (?!and\b|or\b)"
)
"""Sets aside what others say; what comes after the comma is the answer's own word."""


@lru_cache(maxsize=8192)
def own(label: str) -> bool:
    """Whether a label says that what follows is the answer's own advice: "What we do now:"."""
    text = _IN_YOUR_PLACE.sub("", label.strip())
    short = 0 < len(text.split()) <= LONGEST
    said = _OWN.search(text) or _TAKE_IT.search(text)
    return short and bool(said) and not _FORMER.search(text) and not turn(text)[0]


_CONTRADICTS = re.compile(
    r"^(?:but |no, |yet |and |so )*(?:(?:it|that|this|they|none of it)(?:'s| is| are| was)?"
    r"(?: \w+)?(?: not|n't)[:,;]|not so[:,;]|in (?:fact|truth|reality)\b|on the contrary\b|fact:"
    r"|reality:|truth:)"
)


def contradicts(sentence: str) -> bool:
    """Whether a sentence itself answers what was said before: "It is not: X", "In fact, X"."""
    return bool(_CONTRADICTS.match(sentence))


@lru_cache(maxsize=8192)
def conceded(sentence: str) -> int:
    """Where a sentence goes on that begins by setting aside what others say; else 0."""
    found = _CONCEDES.match(sentence)
    return found.end() if found else 0


_STEP = re.compile(
    r"^(?:\W|\d+[.)] ?|step \d+\W*)*(?:remov(?:e|al)|delet(?:e|ion)|drop|disable|retire(?:ment)?"
    r"|undo|revert|cancel|withdraw|clean ?up|strip|stop|block|deny|cut)$"
)
_SAYS_HOW = re.compile(
    r";|\b(?:is|are|has|have|can|must|should|will|may|does|do|then|who|which|that|when|if|each"
    r"|every"
    r"|until|before|after)\b"
)


def names_step(label: str, rest: str) -> bool:
    """Whether a label is the name of a step and what follows says how it is done.

    Example: "Remove: the last sign-in finds unused ones; disable, wait, delete." and not "Remove:
    the rotation of keys.".
    """
    return bool(_STEP.match(label) and _SAYS_HOW.search(rest))


_REMEDY = re.compile(
    r"^(?:(?:the|our|my|right|proposed|recommended|suggested|quick|best|next) )*(?:solutions?"
    r"|remed(?:y|ies)"
    r"|fix(?:es)?|actions?|steps?|what to do|do this|recommendations?|advice|measures?|workarounds?"
    r"|commands?|answers?|settings?|decisions?|to do|how)$"
)


_COMPLAINT = re.compile(
    r"^(?:the )?(?:symptoms?|problems?|errors?|issues?|causes?|situations?|messages?|complaints?"
    r"|cases?"
    r"|failures?|when|if|you see|finding)$"
)


def remedies(column: str) -> bool:
    """Whether the head of a column says that its cells tell what to do."""
    return bool(_REMEDY.match(column.strip()))


def complains(column: str) -> bool:
    """Whether the head of a column says that its cells tell what goes wrong, and judge no other."""
    return bool(_COMPLAINT.match(column.strip()))
