"""The letter at which an answer ends or which it alone names, with no noun that announces it.

"Short version: D.", "no static keys and no shared ones, so B.", "Richtig ist B.": what these have
in common is the place of the letter, whatever the words and the language around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LABELLED = re.compile(
    r"(?:^|[.;!?]\s+|,\s+)(?P<label>[^:=\n.;!?]{1,60})\s?(?::|=|\u2192|->|=>)\s*"
    r"(?:option |choice |answer )?[\"'(\[]*(?P<letter>[a-z])\b[\"')\]]*\W*$"
)
_LAST = re.compile(
    r"(?P<before>\S)(?:[,;:.!?]|\s-|\s\u2192)\s+(?:and |so |then |hence |thus |just |option )*"
    r"[\"'(\[]*(?P<letter>[a-z])\b[\"')\]]*[.!\s]*$"
)
_CALL = re.compile(r"^\w{2,20}\s?[(\[]\s*[\"']?(?P<letter>[a-z])[\"']?\s*[)\]];?$", re.MULTILINE)
_REFUSES = re.compile(
    r"\b(?<!by )(?<!after )(?:worst|wrong|incorrect|false|reject\w*|eliminat\w+"
    r"|exclud\w+|discard\w*|not|never|out|second|third|fourth|last|2nd|3rd|[4-9]th|runner-up"
    r"|distractors?|except|avoid|weakest|first (?:guess|thought)|initial\w*"
    r"|options?|choices?|letters?|between)\b|n't\b"
)
_IF = re.compile(r"\W*(?:if|had|were|unless)\b")
_SO = re.compile(r"\b(?:so|then|hence|therefore|thus)\b")
"""What follows from a condition that holds, as against one that might."""
_LISTED = re.compile(r"(?:^|[\s(\[\"'])\(?[a-z]\)?[\"'\]]?$")
_AMONG = re.compile(
    r"\b(?:between|of|from|among|either) (?:options? )?\(?[a-z]\)? (?:and|or|vs\.?) \(?[a-z]\)?$"
)
_NOUNS = (
    r"(?:account|zone|class|type|tier|plan|team|site|region|service|tenant|vendor|bucket|system"
    r"|server|vpc|vnet|subnet|role|user|step|phase|section|appendix|table|figure|group|network"
    r"|host|node|cluster|env|environment|company|customer|department|level|grade|vitamin|record"
    r"|annex|part|scenario|case|project|subscription|party|member)s?"
)
_ALONE = re.compile(
    r"(?<![A-Za-z0-9'\u2019&/+.-])(?P<letter>[A-Z])(?![A-Za-z0-9'\u2019+#&/-])(?!\.[A-Za-z])"
    r"(?! (?:library|libraries|code|language|programs?|compiler)\b)"
)
_NAMED = re.compile(rf"\b{_NOUNS}[ -]$", re.IGNORECASE)
_ARTICLE = re.compile(
    r"^ (?!(?:is|isn't|was|has|does|doesn't|would|can|cannot|could|will|fits|meets|works|wins"
    r"|covers|satisfies|stands|holds|looks|seems|because|since|as|and|or|over|here|to|ist|est|es"
    r"|trifft|passt|w\u00e4re|convient|correspond)\b)[a-z\u00e0-\u00ff]"
)
_ELSE = re.compile(
    r"\b(?:everything|all|none|nothing|any|each|every (?:one|option|other)|no option)(?: of (?:the"
    r" \w+|them|these))? (?:except|but|besides|other than|apart from|save) (?:for )?(?:option )?"
    r"\(?(?P<letter>[a-z])(?![\w'])"
)
_REST = re.compile(
    r"\b(?:the (?:one )?(?:remaining|other|only other|last) (?:one|option|choice)|the one (?:that"
    r" (?:is|remains)|which (?:is|remains)) ?(?:left)?|what(?:ever)? (?:is left|remains)|the one"
    r" left)\b"
)
_NAMES = re.compile(r"(?<![\w'-])\(?(?P<letter>[a-z])\)?(?=[,.;:)\s]|$)")
_OPEN = re.compile(
    r"\b(?:can(?:not|'t)|could(?: not|n't)|unable to|impossible to|hard to|not able to) (?:really "
    r"|quite |clearly )?(?:tell|decide|say which|determine|choose|pick|rule)\b|\bnot sure which\b"
    r"|\bit (?:really |all )?depends\b|\btoss-?up\b|\bequally (?:valid|good|correct|right)\b"
    r"|\bcombin(?:e|ing) (?:options? )?\(?[a-z]\)? (?:with|and)\b"
    r"|\b(?:either|both)(?: of them)? (?:would|could|can|may|might) (?:work"
    r"|be (?:right|correct|valid|acceptable))\b"
)


def undecided(text: str) -> bool:
    """Whether an answer says that it cannot tell."""
    return bool(_OPEN.search(text))


def closing(text: str, count: int) -> int | None:
    """Place of the option at whose letter an answer in lower case ends, or that it excepts."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    for found in (*_calls(text), *_ends(last), *_ELSE.finditer(text)):
        place = ord(found["letter"]) - ord("a")
        if place < count:
            return place
    return _rest(text, count)


def _calls(text: str) -> list[re.Match[str]]:
    """The one line that hands the letter to a function: `print("B")`."""
    found = [*_CALL.finditer(text)]
    return found if len(found) == 1 else []


def _ends(line: str) -> Iterator[re.Match[str]]:
    labelled = _LABELLED.search(line)
    if labelled and not _REFUSES.search(labelled["label"]):
        yield labelled
    last = _LAST.search(line)
    if last and not labelled:
        before = line[: last.end("before")]
        clause = re.split(r"[.;!?]\s", before)[-1]
        between = _AMONG.search(before)
        granted = _IF.match(clause) and not _SO.search(clause)
        if between or not (granted or _LISTED.search(before) or _refuses_list(clause)):
            yield last


def _refuses_list(clause: str) -> bool:
    """Whether the letter is the last one of those that a clause with a colon sets aside."""
    label, colon, _ = clause.rpartition(":")
    return bool(colon) and bool(_REFUSES.search(label))


def _rest(text: str, count: int) -> int | None:
    """The one letter that is not named, where the answer says that it takes the remaining one."""
    if not _REST.search(text):
        return None
    named = {ord(found["letter"]) - ord("a") for found in _NAMES.finditer(text)}
    left = set(range(count)) - named
    return left.pop() if len(left) == 1 else None


def alone(text: str, count: int) -> int | None:
    """Place of the only option whose capital letter an answer names, in words of any language."""
    places = {ord(found["letter"]) - ord("A") for found in _letters(text)} & set(range(count))
    return places.pop() if len(places) == 1 else None


def _letters(text: str) -> Iterator[re.Match[str]]:
    for found in _ALONE.finditer(text):
        article = found["letter"] == "A" and _ARTICLE.match(text[found.end() : found.end() + 14])
        if not article and not _NAMED.search(text[max(0, found.start() - 16) : found.start()]):
            yield found
