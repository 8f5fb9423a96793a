"""Code that stands in an answer without a fence: indented blocks, plain blocks, command lines and
inline code.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from secarch.danger.context import AFTER, NEGATION, SAYS, reach
from secarch.danger.dialect import COMMAND, OPENERS, guess, language_of
from secarch.text.polarity.plain import plain

_INLINE = re.compile(r"(`{1,2})([^`\n]{4,400})\1")
_INSTRUCTS = re.compile(
    r"\b(?:run|use|set|add|apply|execute|issue|put|pass|call|configure|write|type|enter|try|start"
    r"|create|attach|grant|with|via|by|paste|deploy|include|specify|append)\b[^.`]{0,60}$",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"^[\"']?[A-Za-z_][\w.-]*[\"']?\s*(?:=|:)\s*\S+$")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_UNFINISHED = re.compile(r"^(?:- ?)?(?:[a-z_\"'$][\w./\"'-]*(?::.*|\s*=.*|\(.*)?)?$")
"""What may still become a key, an assignment or a call."""
_BRACED = frozenset({"hcl", "json", "bicep"})
"""Languages whose blocks end with their last bracket, whatever follows on the next line."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code that is in an answer without a fence."""

    raw: str
    """As it was written, without the indentation that all of it shares."""
    lead: str
    """The line or the words before it, in lower case."""
    language: str = ""
    """What it was recognised as; "" for inline code."""
    after: str = ""
    """The line that follows it, in lower case."""


def snippets(answer: str) -> Iterator[Snippet]:
    """Indented and unfenced blocks, command lines, and inline code that the answer tells to use."""
    lines = _outside(answer)
    n, lead = 0, ""
    while n < len(lines):
        line = lines[n]
        if opens(lines, n):
            end = _end(lines, n)
            raw = textwrap.dedent("\n".join(lines[n:end])).rstrip()
            after = next((one for one in lines[end : end + 3] if one.strip()), "")
            yield Snippet(raw, lead, guess(raw), plain(after))
            n = end
            continue
        yield from _inline(line)
        lead = plain(line) if line.strip() else lead
        n += 1


def may_open(line: str) -> bool:
    """Whether an unfinished line can still become the first one of code without a fence."""
    text = line.lstrip()
    if not text or text[0] in "{[$>@":
        return True
    word = text.split(None, 1)[0]
    return bool(_UNFINISHED.match(text)) or any(
        one.startswith(word) or (one.endswith((":", "-", "@")) and word.startswith(one))
        for one in OPENERS
    )


def opens(lines: Sequence[str], n: int = 0, *, more: bool = False) -> bool:
    """Whether `snippets` begins a block of code at this line.

    With `more`, lines may follow the last one that is known, and it opens a block if they could
    make it one.
    """
    known = [*lines, lines[-1]] if more else lines
    return bool(_language(known, n))


def lines_of(lines: list[str]) -> int:
    """How many of these lines are the code without a fence that the first of them opens."""
    return _end(lines, 0)


def goes_on(lines: Sequence[str], count: int) -> bool:
    """Whether the lines that are known after the first `count`, which are code, leave open that
    more of it follows.
    """
    left = [line for line in lines[count:] if line.strip()]
    if _language(lines, 0) == "bash":
        return count == len(lines)
    return not left or (len(left) == 1 and opens(left, more=True))


def _language(lines: Sequence[str], n: int) -> str:
    following = lines[n + 1] if n + 1 < len(lines) else ""
    language = language_of(lines[n], following)
    return "script" if language in {"typescript", "python"} else language


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
            kept.append(line.expandtabs(4))
    return kept


def _end(lines: list[str], start: int) -> int:
    """Where code that begins at `start` ends: its blocks, while the next one is of its language."""
    language = _language(lines, start)
    end = _block(lines, start, language)
    while True:
        n = end
        while n < len(lines) and not lines[n].strip():
            n += 1
        if n >= len(lines) or _indent(lines[n]) < _indent(lines[start]):
            return end
        if _language(lines, n) != language and _indent(lines[n]) == _indent(lines[start]):
            return end
        if language == "bash" and n > end:
            return end
        end = _block(lines, n, language)


def _block(lines: list[str], start: int, language: str) -> int:
    """Where one block ends: brackets closed, or a blank line, or less indentation."""
    depth, n, least = 0, start, _indent(lines[start])
    if language == "bash":
        return _commands(lines, start)
    while n < len(lines) and lines[n].strip() and (_indent(lines[n]) >= least or depth > 0):
        depth += len(re.findall(r"[{\[(]", lines[n])) - len(re.findall(r"[}\])]", lines[n]))
        n += 1
        while depth > 0 and n < len(lines) and not lines[n].strip():
            n += 1
        if language in _BRACED and depth <= 0:
            return n
    return max(n, start + 1)


def _commands(lines: list[str], start: int) -> int:
    n = start
    while n < len(lines) - 1 and (
        lines[n].rstrip().endswith(("\\", "`", "|", "&&")) or COMMAND.match(lines[n + 1])
    ):
        n += 1
    return n + 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _inline(line: str) -> Iterator[Snippet]:
    for match in _INLINE.finditer(line):
        code, before = match[2].strip(), line[: match.start()]
        command = bool(COMMAND.match(code))
        if not (command or _ASSIGNED.match(code) or code[:1] == "{" or guess(code)):
            continue
        told = plain(re.split(r"(?<=[.!?])\s", before)[-1])
        after = plain(line[match.end() :])
        instructs = bool(_INSTRUCTS.search(told)) or (
            command and not told.strip(" -*\u2022.0123456789)")
        )
        warned = NEGATION.search(reach(told)) or SAYS.search(told) or AFTER.search(after)
        if instructs and not warned:
            yield Snippet(code, "")
