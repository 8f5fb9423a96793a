"""Advice in its many forms, as an instruction that a pattern knows: "the group can be opened to
everyone" as "open the group to everyone", "sharing the key is fine" as "share the key".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from secarch.danger.context import NEGATION, SAYS
from secarch.text.polarity.suggestions import suggested

_GERUND = re.compile(
    r"\b(recommend|suggest|advise|propose|consider|try|by)((?: simply| just)?) (\w[\w-]*?)ing\b"
)
_SILENT_E = frozenset(
    """mak disabl giv us expos leav stor shar remov enabl hard-cod hardcod ignor delet bak sav plac
    writ configur exclud pip reduc past creat reus mov clos postpon provid hav waiv paus deactivat
    r""
    r"rminat suppres generat includ circulat promot""".split()  # noqa: SIM905 - a word list reads better as word"
)
_DOUBT = (
    r"\b(?:but|however|though|although|only|yet|not|never|unless|until|wrong|price|risk\w*"
    r"|dangerous"
    r"|mistake|avoid\w*|tempt\w+|common|why|who|(?:how|what)(?! (?:i|we)(?:(?:'d| would) (?!not"
    r"|never|avoid)| recommend| suggest| advise| do\b)))\b|n't\b|\?"
)
_PRAISED = re.compile(
    r"^(\W*(?:(?:\d+\.|for now|yes|sure|okay|ok|here|then|so|honestly"
    r"|in practice|in (?:that|this|your|our) case)\W+)*)(?:just |simply )?"
    r"(\w[\w-]*?)ing\b"
    rf"(?!.*?(?:{_DOUBT}))"
    r"(?=[^.;]{3,140}?\b(?:(?:is|will be|would be|'s) (?:(?:the|a|an|perfectly|quite|totally|also"
    r"|usually|often|probably|all|by far|fully|entirely) )*(?:right|best|quick\w*|easi\w+"
    r"|simpl\w+"
    r"|fast\w*|fine|ok|okay|acceptable|reasonable|sensible|good|safe|enough|sufficient"
    r"|recommended"
    r"|way|fix|solution|standard|appropriate|practical|pragmatic)"
    r"|solves|fixes|resolves|cures|will (?:solve|fix|resolve|do|help|work)|gets rid of"
    r"|does the trick|works|helps|is all|(?:so|and so) do (?:that|this|it)|saves"
    r"|keeps? (?:things|it|life|(?:the|your) \w+) simple|makes (?:things|life) (?:easier"
    r"|simpler)"
    r"|(?:is|would be|will be) (?:what|how) (?:i|we)(?:'d| would)? (?:do|handle|go|choose|pick"
    r"|recommend"
    r"|suggest|advise|start)|(?:is|would be) (?:my|our) (?:\w+ )?(?:advice|recommendation"
    r"|suggestion|choice"
    r"|preference|pick)|is the way to go"
    r"|gets you|unblocks)\b)"
)
"""A deed that is named first and praised: "Disabling the firewall is the quickest fix."."""
_WHEN = (
    r"(?:(?:because|since|as|seeing that|given that|where|when|while|until|in order to|to|if"
    r"|with|after"
    r"|for|during) [^,;:]{3,90}, |[^,;:.?]{6,90}[,;] (?:so|hence|therefore|thus|and so) "
    r"|in my (?:view|opinion|experience),? )?"
)
"""A reason, an aim or a case before what should be done."""
_PASSIVE = re.compile(
    rf"^({_WHEN}\W*(?:(?:\d+\.|for now|yes|sure|okay|ok|then|so|also)\W+)*)"
    r"((?:the |a |an |all |any |this |these |your |each |every )?[\w'/.-]+(?: [\w'/.-]+){0,5}?)"
    r" (?:can|may|should|could|ought to|might as well)"
    r" (?:(?:simply|just|also|safely|even|all|then|now|always) )?be"
    r" (\w+)(?= )(?!.*\bby (?:an?|any\w*|whoever|someone|others|malicious)\b)"
)
"""What should be done, with the deed behind the thing: "The group can be opened to everyone."."""
_SITS = re.compile(
    rf"^({_WHEN}\W*(?:(?:\d+\.|for now|yes|sure|okay|ok|then|so|also)\W+)*)"
    r"((?:the |a |an |all |any |this |these |your |each |every )?[\w'/.-]+(?: [\w'/.-]+){0,5}?)"
    r" (?:can|may|should|could|must|ought to|might as well)"
    r" (?:(?:simply|just|also|safely|even|all|then|now|always|happily|quietly) )?"
    r"(sit|live|go|stay|remain|wait)(?=[ ,.:;]|$)"
)
"""Where a thing should be: "The state file can sit in a public bucket."."""
_DOES = re.compile(
    r"^(\W*(?:(?:\d+\.|for now|yes|sure|okay|ok|then|so|also)\W+|(?:because|since|as|for now|until"
    r"|while|given that) [^,;:]{4,90}, )*)"
    r"(?:the |a |an |all |any |this |these |your |each |every |our )[\w'/.-]+(?: [\w'/.-]+){0,6}?"
    r" (?:should|ought to|must|has to|have to|can simply|can just|may simply|(?:may|might|can)"
    r" as well)"
    r" (?:(?:simply|just|also|then|now|always|therefore) )?(?=(\w+) )"
)
"""What a thing should do, which is to configure it so: "The firewall should accept anything."."""
_PEOPLE = re.compile(
    r"\b(?:attackers?|users?|customers?|auditors?|teams?|people|testers?|engineers?|developers?"
    r"|admins?"
    r"|administrators?|reviewers?|owners?|managers?|vendors?|partners?|scanners?|alerts?|alarms?"
    r"|tests?|(?<!key )(?<!bucket )(?<!trust )(?<!resource )polic(?:y|ies)|scps?|guardrails?"
    r"|nobody|anyone|no)\b"
)
"""Subjects whose deed is no setting, or which forbid what they name."""
_NOUN = re.compile(
    r"^(\W*(?:(?:for|in|on|during) [^,;:]{3,60}, )?)(?=(?:an?|one|the default"
    r"|(?:two|three|five|seven|ten) days|tokens|keys|jwts|links|passwords|sessions"
    r"|certificates)\b)((?:[^,;:!?]|:(?=\S)){8,110}?)"
    r" (?:(?:is|are|will be|would be) (?:(?:perfectly|quite|totally|fully|more than|usually"
    r"|the) )*(?:fine|ok|okay|acceptable|adequate|enough|good enough|sufficient"
    r"|plenty|convenient|least painful|practical|handy|economical|tolerable|all right|alright"
    r"|simple"
    r"|recommended|workable|pragmatic|comfortable)|(?:will |would )?(?:saves?|spares?) (?:you|us"
    r"|everyone|everybody|yourself|yourselves|time|money|work)|(?:will|would) (?:do|suffice"
    r"|keep (?:things|it) simple"
    r"|save (?:us|you|everyone))|keeps (?:things|it) simple)\b"
    rf"(?!.*?(?:{_DOUBT}))"
)
"""A thing that is praised: "A rule that lets everyone in is good enough"."""
_UNUSED = re.compile(
    r"^(\W*)(?:you|we|nobody|no one|they)(?:'ll)?(?: (?:won't|will not|will never|never|don't"
    r"|do not"
    r"|will|can't|hardly))?(?: (?:ever|really|actually|hardly))? (?:looks?(?: at)?|reads?|uses?"
    r"|needs?"
    r"|opens?|cares? (?:about|for)) ([^,;:]{3,70}?)[,;:] ?(?:so |then |just "
    r"|simply )*([a-z-]+) (?:it"
    r"|them|both)( off| out| away| down)?\b(?! (?:to|for|with|on|by|under)\b)"
)
"""A thing that nobody uses: "Nobody reads the flow logs, turn them off"."""
_ABLE = re.compile(
    rf"^({_WHEN}\W*)((?:the |all |any |every |each |our )?[\w'-]+(?: [\w'-]+){{0,3}}?)"
    r" (?:should|ought to|must|may) be (?:able|allowed|free) to(?= )"
)
"""Who should be able to do what: "Admins ought to be able to delete audit entries."."""
_GETS = re.compile(
    rf"^({_WHEN}\W*(?:(?:\d+\.|for now|yes|okay|then|so)\W+)*)"
    r"(?!(?:you|we|i|it|they|this|that)\b)((?:the |all |any |your |each |every |our )?[\w'-]+(?:"
    r" [\w'-]+){0,4}?)"
    r" (?:should|ought to|can|may) (?:(?:simply|just|also|all) )?(?:have|get|receive"
    r"|keep)(?= )"
)
"""Who should have what: "Developers should have write access to ..."."""
_ACTS = frozenset(
    {"accept", "allow", "permit", "trust", "let", "run", "use", "skip", "ignore", "expose"}
)
_MODAL = re.compile(r" (?:can|may|might|should|could|must|ought to|ha(?:s|ve) to|needs? to) ")
_BACK = re.compile(r"[,;:] ?[a-z -]+ (?:it|them|both)\b")
_CONDITION = re.compile(r"^(?:if|when|where|once|while|until) [^,;:]{3,90}, ")
_POSSIBLE = re.compile(r" (?:can|may|could|might) (?:\w+ )?(?:be|have|get|receive|keep)\b")
_PRONOUN = re.compile(
    r"^(?P<lead>\W*(?:(?:yes|sure|okay|ok|well|honestly)\W+)*)"
    r"(?P<thing>(?:the |a |an |all |any |this |these |your |each |every |our )?[\w'\"*:/.-]+"
    r"(?: [\w'\"*:/.-]+){0,9}?) (?:is|are|does|do|gets?|has|have|only|just|can|costs?|slows?"
    r"|makes?|fills?"
    r"|holds?|eats?|tells?|guards?|hinders?|delays?|irritates?|bothers?|rings?|fires?|needs?|wants?"
    r"|brings?|adds?|blocks?|breaks?|keeps?|produces?|annoys?|causes?|takes?|serves?|cannot)\b"
    r"[^.;:?!]{2,120}?[,;:] ?(?:so,? |and |then |therefore )*(?:just |simply |go ahead and |please "
    r"|you can |feel free to |better )*(?P<deed>[a-z-]+) (?:it|them|both|all of (?:it|them))(?:"
    r" all)?"
    r"(?P<part>(?: off| out| away| down| in)?)\b(?! (?:to|for|with|on|by|under)\b)"
)
"""A thing, what is wrong with it, and what to do: "The lock is in the way, so take it off."."""
_HARMLESS = re.compile(
    r"\b(?:there(?:'s| is) )?(?:nothing (?:is )?(?:wrong with|against)|no harm in|no problem with"
    r"|nothing speaks against) (\w[\w-]*?)ing\b"
)
"""Allows a deed: "There's nothing wrong with sharing ..."."""
_TO_ALL = re.compile(
    r"\bto (?:everyone|everybody|anyone|the (?:whole |entire )?(?:world|internet|public)"
    r"|strangers|all)"
    r"\W*$"
)
_IRREGULAR = {
    "put": "put",
    "set": "set",
    "cut": "cut",
    "shut": "shut",
    "run": "run",
    "given": "give",
    "made": "make",
    "kept": "keep",
    "left": "leave",
    "written": "write",
    "sent": "send",
    "held": "hold",
    "sold": "sell",
}
_BY = re.compile(
    r"^(\W*(?:\d+\.\W+)?)by (?:simply |just )?(\w[\w-]*?)ing\b(?=[^.;,]{3,120}, (?:you"
    r"|we)(?:'ll| will| can)?"
    r" (?:avoid|get|save|no longer|solve|fix|can|unblock|spare|have no))"
)
_WHOLE = frozenset({"add", "call", "install", "pass", "sell", "tell", "roll"})
_DOUBLED = re.compile(r"([tnpmd])\1$")


def _verb(stem: str) -> str:
    """The verb of a gerund that has lost its `ing`."""
    if stem in _WHOLE:
        return stem
    return f"{stem}e" if stem in _SILENT_E else _DOUBLED.sub(r"\1", stem)


def _told(text: str) -> str:
    """Advice that is a gerund, as an instruction: `recommend disabling` as `recommend to disable`,
    and a deed that is praised as the deed.
    """
    text = _BY.sub(lambda found: f"{found[1]}{_verb(found[2])}", text)
    text = _HARMLESS.sub(lambda found: f"you can {_verb(found[1])}", text)
    text = _GERUND.sub(lambda found: f"{found[1]}{found[2]} to {_verb(found[3])}", text)
    if _TO_ALL.search(text):
        return text
    return _PRAISED.sub(lambda found: f"{found[1]}{_verb(found[2])}", text)


def forms(clause: str) -> Iterator[str]:
    """A clause as an instruction, and where something should be done, with the deed first too."""
    told = _told(suggested(clause))
    yield told
    if _BACK.search(told) and (named := _PRONOUN.match(told)):
        yield f"{named['deed']}{named['part']} {named['thing']}"
    if unused := _UNUSED.match(told):
        yield f"{unused[3]}{unused[4] or ''} {unused[2]}"
    if (praised := _NOUN.match(told)) and not NEGATION.search(praised[2].replace("without", "")):
        yield f"{praised[1]}use {praised[2]}"
    if not _MODAL.search(told):
        return
    if (able := _ABLE.match(told)) and not (NEGATION.search(able[0]) or SAYS.search(able[0])):
        yield f"{able[1]}let {able[2]}{told[able.end() :]}"
    for pattern, turned in ((_PASSIVE, _active), (_SITS, _placed), (_DOES, _done), (_GETS, _given)):
        if (active := pattern.sub(turned, told)) != told:
            yield active


def _active(found: re.Match[str]) -> str:
    """`the group can be opened` as `open the group`; whatever is no deed stays as it is."""
    deed = found[3]
    if _CONDITION.match(found[0]) and _POSSIBLE.search(found[0]):
        return found[0]
    if NEGATION.search(found[2]) or SAYS.search(found[2]):
        return found[0]
    if deed in _IRREGULAR:
        return f"{found[1]}{_IRREGULAR[deed]} {found[2]}"
    if not deed.endswith("ed"):
        return found[0]
    return f"{found[1]}{_verb(deed[:-2])} {found[2]}"


def _placed(found: re.Match[str]) -> str:
    """`the file can sit in` as `put the file in`, and `can stay` as `keep`."""
    if NEGATION.search(found[2]) or SAYS.search(found[2]):
        return found[0]
    verb = "keep" if found[3] in {"stay", "remain"} else "put"
    if found[3] in {"go", "wait"} and not re.match(
        r" (?:right |straight |directly )?(?:in|on|to|into|under|behind)\b",
        found.string[found.end() :],
    ):
        verb = "drop"
    return f"{found[1]}{verb} {found[2]}"


def _given(found: re.Match[str]) -> str:
    """`developers should have` as `give developers`."""
    if _CONDITION.match(found[0]) and _POSSIBLE.search(found[0]):
        return found[0]
    if NEGATION.search(found[2]) or SAYS.search(found[2]):
        return found[0]
    return f"{found[1]}give {found[2]}"


def _done(found: re.Match[str]) -> str:
    """`the firewall should accept` as ` accept`; people's deeds and prohibitions stay."""
    subject = found[0][len(found[1]) :]
    if found[2] not in _ACTS or _PEOPLE.search(subject) or NEGATION.search(found[0]):
        return found[0]
    return found[1]
