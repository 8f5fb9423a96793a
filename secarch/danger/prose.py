"""Plain dangerous advice in prose: "make the bucket public", "disable TLS verification".

The patterns are data (prose.yaml). Whether the answer advises what one of them finds is decided by
`secarch.danger.context`: a warning, a denial, a condition, a quotation or somebody else's deed is
not advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from secarch.danger.context import NEGATION, SAYS, clauses, cleared, instructed
from secarch.danger.estimate import estimated
from secarch.text.polarity.plain import plain
from secarch.text.polarity.stance import Reading
from secarch.text.polarity.suggestions import suggested
from secarch.text.polarity.windows import Window

_WORD_START = re.compile(r"[a-z]{3}(?![?*{])|[a-z]{2}(?![a-z?*{])")
_BRACKET = re.compile(r"(?<!\\)[()|]")
_BEGINNING = re.compile(r"(?<![\w-])[a-z]{2,3}")
_NAME = re.compile(r"<([a-z_]+)>")
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
    r"|for|during) [^,;:]{3,90}, |in my (?:view|opinion|experience),? )?"
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
    r"|tests?|polic(?:y|ies)|scps?|guardrails?|nobody|anyone|no)\b"
)
"""Subjects whose deed is no setting, or which forbid what they name."""
_NOUN = re.compile(
    r"^(\W*(?:(?:for|in|on|during) [^,;:]{3,60}, )?)(?=(?:an?|one|the default"
    r"|(?:two|three|five|seven|ten) days)\b)([^,;:!?]{8,110}?)"
    r" (?:(?:is|are|will be|would be) (?:(?:perfectly|quite|totally|fully|more than|usually"
    r"|the) )*(?:fine|ok|okay|acceptable|adequate|enough|good enough|sufficient"
    r"|plenty|convenient|least painful)|(?:will|would) (?:do|suffice|keep (?:things|it) simple"
    r"|save (?:us|you|everyone))|keeps (?:things|it) simple)\b"
    rf"(?!.*?(?:{_DOUBT}))"
)
"""A thing that is praised: "A rule that lets everyone in is good enough"."""
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
    r"(?: [\w'\"*:/.-]+){0,9}?) (?:is|are|does|do|gets?|has|have|only|just|can|costs?|slows?|makes?"
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


_SHORT = re.compile(
    r"[^.;,]{0,30}\b(?:valid for|for|expir\w+ (?:in|after|within)|live[sd]?(?: for)?)"
    r" (?:only |at most )?(?:an?|one|two|a few|\d+) (?:few |short )?(?:minutes?|hours?)\b"
)
_VAULTED = re.compile(
    r"(?:put|store|keep|move|save|place) (?:[\w-]+ ){1,5}?(?:in|into) (?:(?:the|a|an|our|your) )?"
    r"(?:[\w-]+ ){0,2}(?:vault|secrets? manager|password manager|parameter store|key ?chain|hsm)\b"
)
_WEAK = re.compile(r"\b(?:anonymous|password|legacy)\b")
_OFF = re.compile(r"(?: \w+){0,2} (?:to )?[\"'`]?(?:false|off|no|none|disabled)\b")


@dataclass(frozen=True, slots=True)
class _Row:
    """One way of giving dangerous advice."""

    kind: str
    pattern: re.Pattern[str]
    starts: frozenset[str]
    """The first three letters of the words that it can begin with, or two; none where that is not
    known.
    """


@cache
def _rows() -> tuple[_Row, ...]:
    data = yaml.safe_load((Path(__file__).parent / "prose.yaml").read_text(encoding="utf-8"))
    words = {name: "".join(pieces) for name, pieces in data["words"].items()}
    texts = ((row["kind"], _filled(row["pattern"], words)) for row in data["advice"])
    return tuple(
        _Row(kind, re.compile(rf"(?<![\w-]){text}"), frozenset(_starts(text) or ()))
        for kind, text in texts
    )


@cache
def _objects() -> tuple[tuple[str, re.Pattern[str]], ...]:
    data = yaml.safe_load((Path(__file__).parent / "prose.yaml").read_text(encoding="utf-8"))
    words = {name: "".join(pieces) for name, pieces in data["words"].items()}
    return tuple(
        (kind, re.compile(rf"\b{_filled(pieces, words)}"))
        for kind, pieces in data["objects"].items()
    )


def _named(kind: str, found: str) -> str:
    """The kind of a row, or for a safeguard that is given up, the kind that its object has."""
    if kind != "verification_off":
        return kind
    return next((other for other, pattern in _objects() if pattern.search(found)), kind)


def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(kind of danger, pattern) of every row."""
    return tuple((row.kind, row.pattern) for row in _rows())


def _filled(pieces: Sequence[str], words: Mapping[str, Any]) -> str:
    text = "".join(pieces)
    while (filled := _NAME.sub(lambda match: words[match[1]], text)) != text:
        text = filled
    return text


def _starts(text: str) -> set[str] | None:
    """The first letters (three or two) of the words a pattern can begin with; None if unknown."""
    text = text.removeprefix(r"\b")
    if not text.startswith("(?:"):
        plain_start = _WORD_START.match(text)
        return {plain_start[0]} if plain_start and "|" not in text.partition("(")[0] else None
    parts, depth, begin = [], 0, 3
    for at in _BRACKET.finditer(text):
        depth += {"(": 1, ")": -1}.get(at[0], 0)
        if depth == 0 or (depth == 1 and at[0] == "|"):
            parts.append(text[begin : at.start()])
            begin = at.end()
        if depth == 0:
            break
    if text[begin : begin + 1] in {"?", "*", "{"}:
        return None
    found = [_starts(part) for part in parts]
    return None if None in found else {start for starts in found for start in starts or ()}


def _candidates(sentence: str) -> Iterator[_Row]:
    """The rows that a sentence has a first word for."""
    begun = set(_BEGINNING.findall(sentence))
    begun |= {word[:2] for word in begun}
    return (row for row in _rows() if not row.starts or not begun.isdisjoint(row.starts))


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


def _forms(clause: str) -> Iterator[str]:
    """A clause as an instruction, and where something should be done, with the deed first too."""
    told = _told(suggested(clause))
    yield told
    if _BACK.search(told) and (named := _PRONOUN.match(told)):
        yield f"{named['deed']}{named['part']} {named['thing']}"
    if (praised := _NOUN.match(told)) and not NEGATION.search(praised[2]):
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


def mentions(text: str) -> bool:
    """Whether a text has the words of a danger, whatever it makes of them: a cheap first look."""
    return any(
        row.pattern.search(form) for form in _forms(plain(text)) for row in _candidates(form)
    )


def advice(reading: Reading) -> Iterator[tuple[str, str]]:
    """(kind of danger, the sentence) of everything dangerous that an answer's prose advises, by its
    words or by an estimate.
    """
    told = list(stated(reading))
    yield from told
    known = {sentence for _, sentence in told}
    yield from (one for one in estimated(reading) if one[1] not in known)


def _harmless(kind: str, found: re.Match[str]) -> bool:
    """Whether a secret is short-lived or goes into a vault, or a weak sign-in is switched off."""
    after = found.string[found.end() :]
    if kind == "hard_coded_secret":
        short = re.search(r"\b(?:tokens?|urls?|links?)\b", found[0]) and _SHORT.match(after)
        return bool(short or _VAULTED.match(found[0]))
    return kind == "verification_off" and bool(_WEAK.search(found[0]) and _OFF.match(after))


def stated(reading: Reading) -> Iterator[tuple[str, str]]:
    """(kind of danger, the sentence) of what the patterns find."""
    for window in reading.windows:
        if not window.code:
            yield from _advised(reading, window)


def _advised(reading: Reading, window: Window) -> Iterator[tuple[str, str]]:
    for clause in clauses(window.text.replace(" ; ", "\n") if window.item else window.text):
        if cleared(clause):
            continue
        at = max(0, window.joined.find(clause, len(window.joined) - len(window.text)))
        for sentence in _forms(clause):
            for row in _candidates(sentence):
                match = row.pattern.search(sentence)
                if match is None or not instructed(sentence, match.start(), match.end(), row.kind):
                    continue
                if _harmless(row.kind, match):
                    continue
                span = at + match.start(), at + min(match.end(), len(clause))
                if reading.advice(window, *span, row.pattern.pattern).advised:
                    yield _named(row.kind, match[0]), clause
