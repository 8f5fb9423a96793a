"""What the words around a danger make of it: advice, or a warning, a quotation, a condition.

Precision comes first: prose counts as advice only where it is an instruction. What the text around
makes of it (lists under a verdict, quotations, later withdrawal, introductions of code) is
recognised by `secarch.text.polarity`; both have to agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from secarch.text.polarity.plain import plain
from secarch.text.polarity.windows import sentences

_NEGATION = re.compile(
    r"\b(?:not|never|no|nor|neither|cannot|nobody|without|avoid(?:s|ed|ing)?|instead of|rather than"
    r"|refrain|refuse|forbid\w*|prohibit\w*|prevent\w*|block(?:s|ed)?|den(?:y|ies|ied)|detect\w*"
    r"|alert(?:s|ed)?|flag(?:s|ged)?|reject\w*|unless|against|risks?|dangers?|mistakes?|wrong|bad"
    r"|insecure|unsafe|myths?|resist\w*|beware|warn\w*|fail(?:s|ed)?|attackers?|adversar\w+"
    r"|insiders?"
    r"|malicious|temptation|tempted|tempting|hesitate|if|whether|anyone who|whoever|those who"
    r"|somebody who|why|how|stop|was|were|had|did)\b|n't\b"
)
_SAYS = re.compile(
    r"\b(?:say|says|said|claim\w*|argue\w*|suggested|proposed|asks?|asked|request\w*|wants?|wanted"
    r"|believe\w*|think|thinks|thought|vendors?|colleagues?|blogs?|tutorials?|forum|somebody"
    r"|someone"
    r"|people|many|teams? (?:that|who)|according to|the (?:question|idea|proposal|request"
    r"|advice))\b"
)
_AFTER = re.compile(
    r"^[^.!?]*?\b(?:is|are|would be|was|were|remains?|becomes?|counts? as"
    r"|be) (?:\w+ ){0,3}?(?:bad|wrong|dangerous|a smell|smelly|a hack|a last resort|asking for"
    r"|insecure|unsafe|a mistake|mistake|a risk|risky|not |never|prohibited|unacceptable|forbidden"
    r"|an? anti-?pattern|a violation|out of the question|no option|no answer|reckless|rejected"
    r"|refused"
    r"|detected|blocked|denied|flagged|a myth|indefensible|poor)|\b(?:exposes?"
    r"|lets? (?:an )?attackers?"
    r"|invites?|breaks? compliance|violates?|defeats?|would (?:expose|let|give|leave|break)"
    r"|leaks)\b"
    r"|\b(?:never|must not|should not|don't|do not) do\b"
)
_YOU = re.compile(
    r"\b(?:you|we|i|they|teams?|admins?|developers?)(?:'d|'ll)?(?: \w+)? (?:can|should|may|could"
    r"|must|might|need to"
    r"|want to|have to|would|will|ought to|only need to|better)(?: \w+){0,3}$|\b(?:it is|it's"
    r"|that is"
    r"|that's|it would be|it will be|is) (?:\w+ ){0,3}?(?:fine|ok|okay|safe|acceptable|enough"
    r"|best|easiest|simplest"
    r"|reasonable|advisable|sensible|recommended|quickest|fastest|common|good|better|sufficient"
    r"|practice|idea|alright|easier|simpler|faster)(?: \w+){0,3}? to(?: \w+){0,2}$"
    r"|\b(?:recommend|suggest|advise|propose|is|was|be)"
    r"\w*(?: \w+){0,4}? (?:to|that you|you|that we)(?: \w+)?$|\b(?:feel free|go ahead|make sure"
    r"|be sure|remember|try|need|want"
    r"|enough|idea|way|fix|solution|option|step|workaround|approach|trick"
    r"|thing)(?: \w+){0,4}? (?:to|and|is)(?: simply| just)?$|\blet(?:'s| us)$"
    r"|\b(?:set|configure|change|update|edit|adjust|modify)(?: [\w'-]+){1,6} to$"
    r"|^\W*(?:just |simply |please )*(?:let|have)(?: [\w'-]+){1,4}$"
)
_FILLER = re.compile(
    r"^\W*(?:(?:first|second|third|then|next|now|just|simply|please|also|and|so|or|always"
    r"|instead|finally|to|for"
    r"|quickly|temporarily|step|\d+|in|this|case|that|here|yes|sure|okay|ok|well|ideally|usually"
    r"|otherwise"
    r"|alternatively|easiest|simplest|quickest|fastest|best|fix|solution|option|answer"
    r"|recommendation|tip|initially|only"
    r"|likewise|again|afterwards|later|permanently|still|safely|completely|fully)\W+)*$"
)
_LABEL = re.compile(
    r"(?:\b(?:fix|solutions?|recommend\w*|steps?|do this|do|tip|workarounds?|answer|quick\w*"
    r"|options?|advice"
    r"|approach|remedy|plan|next|now|then|example|how to|note|setup|instructions?|follows"
    r"|following|this"
    r"|\d+)\W*$|^\W*$)"
)
"""What may stand before a colon so that an instruction follows."""
_GUARDED = re.compile(
    r"\b(?:break-?glass|just-in-time|jit|eligible|time-(?:bound|limited)|approv\w+|emergenc\w+"
    r"|secrets? manager"
    r"|key ?vault|secret store|parameter store|sealed|references? only|only references|honey\w*"
    r"|decoys?"
    r"|canary|quarantine|incident|compromised|intruder|attackers?|contain(?:ment)?)\b"
)
"""With these it is not everyday advice: a safe store, a limit, an answer to an attack."""
_VERBS = frozenset(
    """make set give grant open disable turn use run put store allow attach create add share skip
    remove keep leave configure deploy apply go click select choose update change edit install
    start stop enable check write copy paste upload commit embed hard-code expose mount assign
    let trust switch delete drop bind launch build save log export import download connect sign
    call pass define replace move restart scale point map tell ask""".split()  # noqa: SIM905 - a word list reads better as words
)
_QUOTES = re.compile(r"[\"\u201c\u201d]")
_LEADS = re.compile(
    r"^(?:first|second|third|then|next|now|just|simply|please|also|and|so|or|always|instead|finally"
    r"|quickly|temporarily|you|we|can|should|could|may|here|yes|sure|okay|ok|well)\W+"
)
_PASSIVE = re.compile(
    r"\b(?:should|can|may|could|must|might|need not) (?:\w+ ){0,2}?(?:be|stay|remain|live|go|sit)\b"
)


def clauses(text: str) -> Iterator[str]:
    """The sentences of a window, in lower case; lines of their own are sentences."""
    for line in text.split("\n"):
        yield from sentences(line)


def instructed(sentence: str, start: int, end: int) -> bool:
    """Whether the words from `start` to `end` of a sentence are something that it tells to do."""
    before, found, after = sentence[:start], sentence[start:end], sentence[end:]
    label, _, rest = before.rpartition(": ")
    parts = re.split(r"[,;]\s|\s-\s|\b(?:and|then|but|or)\s", rest)
    told = bool(_YOU.search(parts[-1].rstrip()))
    if _framed(sentence, before, label):
        return False
    if re.search(r"\b(?:and|then|or)\s+$", rest) and not _instructs(parts[0]):
        return told
    if (
        _NEGATION.search(_reach(_CASE.sub("", before)))
        or _SAYS.search(before)
        or _AFTER.search(after)
    ):
        return False
    if _NEEDLESS.match(found):
        return True
    turned = bool(_INSIDE.search(found.partition(" ")[2].replace("need not", "")))
    instructs = told or _FILLER.match(parts[-1]) or _YOU.search(before.rstrip())
    return not turned and not _TO_NOBODY.match(after) and bool(instructs or _PASSIVE.search(found))


def _framed(sentence: str, before: str, label: str) -> bool:
    """Whether it is a question, a quotation, a list of what others do, or no everyday matter."""
    return bool(
        sentence.rstrip().endswith("?")
        or len(_QUOTES.findall(before)) % 2
        or (label and not _LABEL.search(label))
        or _ENABLES.search(before)
        or _GUARDED.search(sentence)
    )


_CASE = re.compile(
    r"^\W*(?:if|when|whenever|where|in case) (?!you (?:to|for|in|on|as|with|just|so|then) )"
    r"[^,;:]{4,90}, (?:then |just |simply |please )*$"
)
"""The reader's case, before an instruction: "If the pod lacks a permission, run it as root."."""
_ENABLES = re.compile(
    r"\bso(?: that)? (?:an?|any|each|every|the|one|some|whoever|anyone|everyone)(?: [\w'-]+){0,3}"
    r" (?:can|could|may|might|is able to) (?:\w+ )?$"
)
"""As in "so a team can start ...": what follows from a state, and not what to do."""
_INSIDE = re.compile(
    r"\b(?:no|not|non|never|nobody|cannot|except|rather than|instead of|private(?! keys?)|drop"
    r"|remove"
    r"|deny|block(?! public access)|restrict|forbid|prevent|reject|rotate|only (?:through|via"
    r"|from|by)"
    r"|without(?! (?:encryption|tls|authentication|a password|mfa|restriction)))\b|n't\b"
)
"""Turns the words between a verb and its object round: "give each its own role, not ..."."""
_NEEDLESS = re.compile(r"(?:no need|not worth|(?:you )?(?:do not|don't) (?:need|have))\b")
_TO_NOBODY = re.compile(r"^\W*(?:\w+ ){0,4}?(?:to|for|on|by|from) (?:no|none|nobody|nothing)\b")


def _instructs(clause: str) -> bool:
    """Whether a clause begins like an instruction."""
    words = re.findall(r"[\w'-]+", re.sub(_LEADS, "", clause.strip()))
    return not words or words[0] in _VERBS or bool(_YOU.search(clause)) or words[0] in {"to", "for"}


def _reach(before: str) -> str:
    """The part of the sentence that a negation before the danger may govern."""
    parts = re.split(r"[;]\s|,? but |\b(?:so|therefore|instead),? ", before)
    return parts[-1]


# ---------------------------------------------------------------- code without a fence

_TOOL = (
    r"(?:aws|az|gcloud|gsutil|bq|kubectl|docker|podman|helm|terraform|curl|wget|git|pip3?|npm"
    r"|openssl"
    r"|psql|ssh|iptables|ufw|systemctl|chmod|setenforce|export|New-Az\w+|Set-Az\w+|Add-Az\w+)"
)
_INLINE = re.compile(r"(`{1,2})([^`\n]{4,400})\1")
_INSTRUCTS = re.compile(
    r"\b(?:run|use|set|add|apply|execute|issue|put|pass|call|configure|write|type|enter|try|start"
    r"|create|attach|grant|with|via|by|paste|deploy|include|specify|append)\b[^.`]{0,60}$",
    re.IGNORECASE,
)
_COMMAND = re.compile(rf"^\s*(?:[$>]\s+)?(?:sudo\s+)?{_TOOL}\s+\S")
_ASSIGNED = re.compile(r"^[\"']?[A-Za-z_][\w.-]*[\"']?\s*(?:=|:)\s*\S+$")
_BEGINS = re.compile(
    r"^\s*(?:\{\s*$|\{\s*\"|\[\s*\{|(?:resource|data)\s+\"\w+\"\s+\"|apiVersion:|kind:\s*\w+\s*$"
    r"|Resources:\s*$|AWSTemplateFormatVersion|Statement:\s*$|Version:\s|(?:provider"
    r"|module)\s+\"|param\s+\w+"
    r"|FROM\s+\S+|new\s+\w+\.\w+\(|resource\s+\w+\s+')"
)
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code that is in an answer without a fence."""

    raw: str
    lead: str
    """The line or the words before it, in lower case."""


def snippets(answer: str) -> Iterator[Snippet]:
    """Indented and unfenced blocks, command lines, and inline code that the answer tells to use."""
    lines = _outside(answer)
    n, lead = 0, ""
    while n < len(lines):
        line = lines[n]
        if _BEGINS.match(line) or _COMMAND.match(line):
            end = _end(lines, n)
            yield Snippet("\n".join(lines[n:end]), lead)
            n = end
            continue
        yield from _inline(line)
        lead = plain(line) if line.strip() else lead
        n += 1


_OPENERS = (
    *("resource", "data", "apiVersion:", "kind:", "Resources:", "AWSTemplateFormatVersion:"),
    *("Statement:", "Version:", "provider", "module", "param", "FROM", "new", "sudo"),
    *("New-Az", "Set-Az", "Add-Az", *re.findall(r"[a-z]\w+", _TOOL.partition("|New-Az")[0])),
)
"""First words of lines that `snippets` may begin at."""


def may_open(line: str) -> bool:
    """Whether an unfinished line can still become the first one of code without a fence."""
    text = line.lstrip()
    if not text or text[0] in "{[$>":
        return True
    word = text.split(None, 1)[0]
    return any(
        one.startswith(word) or (one.endswith((":", "-Az")) and word.startswith(one))
        for one in _OPENERS
    )


def opens(line: str) -> bool:
    """Whether `snippets` begins a block of code at this line."""
    return bool(_BEGINS.match(line) or _COMMAND.match(line))


def lines_of(lines: list[str]) -> int:
    """How many of these lines are the code without a fence that the first of them opens."""
    return _end(lines, 0)


def _outside(answer: str) -> list[str]:
    """The lines outside fences; a fenced block leaves one empty line."""
    kept: list[str] = []
    closing = ""
    for line in answer.splitlines():
        fence = _FENCE.match(line)
        if closing:
            closing = "" if line.strip().startswith(closing) else closing
        elif fence:
            closing = fence[1]
            kept.append("")
        else:
            kept.append(line)
    return kept


def _end(lines: list[str], start: int) -> int:
    """Where a block that begins at `start` ends: brackets closed, or a blank line before prose."""
    if _COMMAND.match(lines[start]):
        n = start
        while n < len(lines) - 1 and (
            lines[n].rstrip().endswith("\\") or _COMMAND.match(lines[n + 1])
        ):
            n += 1
        return n + 1
    depth, n = 0, start
    braces = bool(re.search(r"[{\[(]\s*$|^\s*[{\[]", lines[start]))
    while n < len(lines):
        depth += len(re.findall(r"[{\[(]", lines[n])) - len(re.findall(r"[}\])]", lines[n]))
        n += 1
        if braces and depth <= 0:
            return n
        blank = n >= len(lines) or not lines[n].strip()
        if not braces and blank:
            return n
    return n


def _inline(line: str) -> Iterator[Snippet]:
    for match in _INLINE.finditer(line):
        code, before = match[2].strip(), line[: match.start()]
        if not (_COMMAND.match(code) or _ASSIGNED.match(code) or code[:1] == "{"):
            continue
        told = plain(re.split(r"(?<=[.!?])\s", before)[-1])
        after = plain(line[match.end() :])
        instructs = bool(_INSTRUCTS.search(told)) or (
            bool(_COMMAND.match(code)) and not told.strip(" -*\u2022.0123456789)")
        )
        warned = _NEGATION.search(_reach(told)) or _SAYS.search(told) or _AFTER.search(after)
        if instructs and not warned:
            yield Snippet(code, "")
