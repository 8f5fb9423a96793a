"""Read a heading as language: is it a question, something to do, a clause, or a thing; and say it inside a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Form = Literal["question", "do", "clause", "thing"]

_VERBS = (
    "accept access activate add adjust adopt allow analyze apply approve archive assess assign associate assume attach "
    "audit authenticate authorize automate avoid back backup block bootstrap build call cancel centralize change check "
    "choose clean collect combine complete compare configure connect consume control convert copy create customize "
    "deactivate debug decrypt define delegate delete deny deploy deprecate describe design detach detect determine develop "
    "disable disassociate discover display distribute document download edit enable encrypt enforce enroll ensure "
    "escalate establish evaluate examine exclude execute export expose extend filter find fix generate get give grant "
    "handle harden host identify implement import improve include increase initialize inject inspect install integrate "
    "invite invoke isolate issue join keep launch learn leave let limit list load lock log maintain make manage map mark "
    "measure migrate minimize mitigate modify monitor mount move name obtain open operate optimize organize override "
    "patch perform plan plug prepare prevent prioritize process protect prove provide provision publish pull purge push put query "
    "read rebuild receive reconcile record recover redirect reduce refresh register reject release remediate remove "
    "rename renew replace replicate report request require rescan reset resolve respond restart restore restrict retain retrieve "
    "return reuse review revoke rotate route run sanitize save scale scan schedule search secure segment select send "
    "separate serve set share sign simplify specify start stop store stream submit subscribe suppress suspend switch sync "
    "synchronize tag terminate test track transfer transform trigger troubleshoot tune turn understand uninstall unlock unseal "
    "update upgrade upload use validate verify view visualize wait watch work wrap write"
).split()
_NOUNS_TOO = set(
    "access audit backup block build call change check control copy design document export filter host import issue "
    "limit list lock log map mark monitor mount name open patch plan process pull query read record release report "
    "request reset return review route run scale scan schedule search secure separate set share sign start stop store stream switch "
    "tag test track transfer trigger update upgrade view wait watch work wrap complete back clean load separate process "
    "give leave plug display host access purge".split()
)
_DOUBLED = set("get set run stop tag log plan put map scan drop wrap submit begin cut debug plug let".split())
_NOMINAL = set(
    "logging monitoring networking auditing tagging testing scanning versioning signing encoding caching routing "
    "training reporting onboarding hardening provisioning building warning processing handling tracking sharing "
    "scheduling wrapping mapping setting listing".split()
)
_PREPOSITION = re.compile(r"(for|in|with|of|on|at|by|using|to|from|and|or|options?|settings?|requirements?|best|is|as|via|&|:)\b")
_NUMBER = re.compile(r"^(?:(?:step|chapter|section|part|task|lab|option)\s+\d+[\s:.)-]+|(?:quickstart|tutorial|how-to|walkthrough|procedure|example \d*):\s+|\d+(?:\.\d+)*[.)]?\s+(?=\D)|[-–—:#]+\s*|\W{1,3}\s+)", re.I)
_WH = re.compile(r"^(how|why|when|where|what|which|who|whether)\b", re.I)
_ASKS = re.compile(r"^(what|who|which|where|when|why|how)('s| is| are| do| does| can| should| must| would| will| did| has| have)\b", re.I)
_YES_NO = re.compile(r"^(is|are|do|does|can|should|must|will|has|have|did)\b.*\?$", re.I)


def _gerund(verb: str) -> str:
    if verb in _DOUBLED:
        return verb + verb[-1] + "ing"
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + "ing"


_GERUNDS = {_gerund(verb): verb for verb in _VERBS}
_BASES = {verb: gerund for gerund, verb in _GERUNDS.items()}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A heading, ready for a sentence."""

    form: Form
    text: str
    """question: with its question mark; do: with the bare verb; clause: from its question word; thing: the noun phrase."""

    @property
    def noun(self) -> str:
        """As a noun phrase: doing for do, the words themselves otherwise."""
        return _as_doing(self.text) if self.form == "do" else self.text.rstrip("?")


class Casing:
    """Tells names from words by how a document writes them inside its sentences; remembers each word."""

    def __init__(self, body: str = "") -> None:
        self._body = body
        self._known: dict[str, str] = {}

    def word(self, word: str) -> str:
        """`word` in lower case where the document mostly writes it so, else as it stands."""
        if word not in self._known:
            lower = word.lower()
            common = not _is_name(word) and self._body.count(f" {lower} ") > self._body.count(f" {word} ")
            self._known[word] = lower if common or lower in _SMALL else word
        return self._known[word]

    def text(self, text: str) -> str:
        """Each word of `text` as it belongs inside a sentence."""
        return " ".join(self.word(word) for word in text.split())


_SMALL = set("a an the of for and or in on to with by from at as is are your".split())
_SENTENCE = re.compile(
    r"(you|we|i|it|this|there|if|the following|these)\b|.{3,} (should|must|may|can|cannot|will|is|are|has|have|does|do|was|were)\b .+", re.I
)


def read(heading: str, casing: Casing | None = None) -> Phrase:
    """Tell what `heading` is; `casing` decides which of its words are names."""
    casing = casing or Casing()
    bare = _NUMBER.sub("", heading.strip()).strip(" .:-–—")
    bare = re.sub(r"\s*\((?:console|optional|recommended|cli|api|preview|continued)\)$", "", bare, flags=re.I)
    bare = re.sub(r"(?<=\w)\s+(?:cheat sheet|documentation|overview|tutorial)$", "", bare, flags=re.I) or heading.strip()
    if bare.endswith("?") or _ASKS.match(bare):
        asked = _ASKS.match(bare) or _YES_NO.match(bare)
        return Phrase("question", bare.rstrip("? ") + "?") if asked else Phrase("thing", f'"{bare}"')
    if match := re.match(r"how to (\w.*)", bare, re.I):
        return Phrase("do", casing.text(_lower_first_word(match[1])))
    if _WH.match(bare):
        return Phrase("clause", casing.text(bare[0].lower() + bare[1:]))
    done = _doing(bare) or _imperative(bare)
    if done:
        return Phrase("do", casing.text(done.text))
    return Phrase("thing", f'"{bare}"' if _SENTENCE.match(bare) else casing.text(bare))


def _lower_first_word(text: str) -> str:
    first, space, rest = text.partition(" ")
    return (first if _is_name(first) else first.lower()) + space + rest


def _is_name(word: str) -> bool:
    """True for acronyms, CamelCase, words with digits or code marks."""
    return not re.fullmatch(r"[A-Z]?[a-z'’-]+,?", word) and word not in ("A", "I")


def _doing(text: str) -> Phrase | None:
    """'Creating and managing keys' -> do 'create and manage keys'."""
    first, _, rest = text.partition(" ")
    verb = _GERUNDS.get(first.lower().rstrip(","))
    if verb is None or not rest or (first.lower() in _NOMINAL and _PREPOSITION.match(rest)):
        return None
    changed = re.sub(
        r"(^|, |,? and |,? or )([A-Za-z]+ing)\b(?=,? )", lambda m: m[1] + _GERUNDS.get(m[2].lower(), m[2]), text
    )
    left = re.match(r"(?:\w+, )*\w+,? (?:and|or|&) \w+$", text)
    return None if left else Phrase("do", changed[0].lower() + changed[1:])


def _imperative(text: str) -> Phrase | None:
    first, _, rest = text.partition(" ")
    verb = first.lower()
    if verb not in _BASES or not rest:
        return None
    second = rest.split(" ", 1)[0]
    if verb in _NOUNS_TOO and not (re.fullmatch(r"(a|an|the|your|our|all|any|each|every|up|down|out|into|how|new|existing|multiple|only|least)", second)):
        return None
    if re.match(r"(cases?|policy|policies|and|or|of)\b", rest) and verb in _NOUNS_TOO | {"use"}:
        return None
    return Phrase("do", verb + " " + rest)


def _as_doing(text: str) -> str:
    """'create and manage keys' -> 'creating and managing keys'."""
    return re.sub(
        r"(^|, |,? and |,? or )([A-Za-z]+)\b", lambda m: m[1] + (_BASES.get(m[2].lower(), m[2]) if m[2].islower() else m[2]), text
    )
