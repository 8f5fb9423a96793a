"""reStructuredText as Markdown, as far as documentation uses it.

Read line by line and not by the format's own processor: that runs includes and raw blocks, and
drops what belongs to extensions (Sphinx) that are not installed here. The words stay, markup that
Markdown lacks goes.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator

_ADORNMENT = re.compile(r"^([=\-~^\"'`#*+.:_<>])\1{2,}\s*$")
_DIRECTIVE = re.compile(r"^(\s*)\.\. ([\w:+-]+)::\s*(.*)$")
_NOTE_BELOW = re.compile(r"^(\s*)\.\. \[([\w#*.-]+)\] (.*)$")
"""A footnote or a citation."""
_CODE = frozenset({"code-block", "code", "sourcecode", "prompt", "parsed-literal"})
_NOTES = frozenset(
    {
        *("admonition", "attention", "caution", "danger", "error", "hint", "important", "note"),
        *("seealso", "tip", "warning"),
    }
)
_SILENT = frozenset(
    {
        *("contents", "currentmodule", "default-domain", "figure", "highlight", "image", "include"),
        *("index", "literalinclude", "meta", "module", "raw", "sectionauthor", "toctree"),
    }
)
_WORD_ROLE = re.compile(
    r":(?:ref|doc|term|any|numref|abbr|guilabel|menuselection|emphasis|strong|std:\w+):"
    r"`~?!?([^`]*?)(?:\s*<[^`<>]*>)?`"
)
"""Roles whose text is words and no name of code."""
_ROLE = re.compile(r":[\w:+-]{1,80}:`([^`]*?)(?:\s*<[^`<>]*>)?`")
_RAISED = re.compile(r"(?:\\ )?:sup(?:erscript)?:`([^`]{1,60})`(?:\\ )?")
_LOWERED = re.compile(r"(?:\\ )?:sub(?:script)?:`([^`]{1,60})`(?:\\ )?")
_FIELD = re.compile(
    r":(?:authors?|date|copyright|organi[sz]ation|version|status|revision|address|contact|orphan"
    r"|tocdepth|nosearch):(?:\s|$)",
    re.IGNORECASE,
)
"""Bibliographic fields below a title."""
_VERSIONS = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
}
_GRID = re.compile(r"^\s*\+(?:[-=]+\+)+\s*$")
_RULE = re.compile(r"^\s*=+(?:\s+=+)+\s*$")
_LINK = re.compile(r"`([^`<]{1,500}?)\s*<[^`<>]+>`_{1,2}")
_SUBSTITUTION = re.compile(
    r"^\.\. \|([^|\n]+)\| (?:raw::.*(?:\n[ \t]*$)?|([\w-]+)::[ \t]*)"
    r"(.*(?:\n[ \t]+\S.*)*)$",
    re.MULTILINE,
)
_CHARACTER = re.compile(r"(?:0x|x|\\x|U\+|u|\\u|&#x)([0-9a-f]{1,6});?", re.IGNORECASE)
"""A character by its number, as the directive `unicode` has it."""
_ALT = re.compile(r":alt:[ \t]*(\S.*)")
_NAMED = re.compile(r"\|([^|\s](?:[^|\n]*[^|\s])?)\|(?:_{1,2}(?!\w))?")
"""A substitution, and where one stands. reStructuredText, "Substitution Definitions"."""
_REFERENCE = re.compile(r"`([^`]+)`_{1,2}(?!\w)")


def rst(text: str) -> str:
    """ReStructuredText as Markdown: sections, code, notes, lists, tables as they are."""
    lines = _substituted(text.expandtabs(8)).splitlines()
    ranks: dict[str, int] = {}
    out: list[str] = []
    at = 0
    while at < len(lines):
        if (heading := _rst_heading(lines, at, ranks)) is not None:
            written, at = heading
            out += ["", written, ""]
        elif match := _DIRECTIVE.match(lines[at]):
            body, at = _indented(lines, at + 1, len(match[1]))
            out += _rst_directive(match[2].lower(), match[3], body)
        elif match := _NOTE_BELOW.match(lines[at]):
            body, at = _indented(lines, at + 1, len(match[1]))
            out += [
                "",
                _rst_inline(" ".join([f"[{match[2]}]", match[3], *map(str.strip, body)])),
                "",
            ]
        elif re.match(r"^\s*\.\. ", lines[at]) or lines[at].strip() == "..":
            _, at = _indented(lines, at + 1, len(lines[at]) - len(lines[at].lstrip()))
        elif _GRID.match(lines[at]) or _RULE.match(lines[at]):
            table, at = _rst_table(lines, at)
            out += ["", *table, ""]
        elif _FIELD.match(lines[at]):
            at += 1
        elif lines[at].rstrip().endswith("::"):
            shown = lines[at].rstrip()[:-2].rstrip()
            out.append(_rst_inline(f"{shown}:") if shown else "")
            body, at = _indented(lines, at + 1, len(lines[at]) - len(lines[at].lstrip()))
            out += fence("", body)
        else:
            out.append(_rst_inline(lines[at]))
            at += 1
    return tidy(out)


def _substituted(text: str) -> str:
    """With the words that `.. |name| replace::` and the like give in the places of `|name|`."""
    named = {m[1].lower(): _substitute(m[2] or "raw", m[3]) for m in _SUBSTITUTION.finditer(text)}
    if not named:
        return text
    kept = _SUBSTITUTION.sub("", text)
    return _NAMED.sub(lambda m: named.get(m[1].lower(), m[0]), kept)


def _substitute(directive: str, content: str) -> str:
    """What stands in the place of a substitution: nothing for raw markup, since it draws."""
    if directive == "replace":
        return " ".join(content.split())
    if directive == "unicode":
        words = content.partition("\n")[0].partition(" .. ")[0].split()
        return "".join(
            chr(int(m[1], 16)) if (m := _CHARACTER.fullmatch(word)) and _is_valid(m[1]) else word
            for word in words
        )
    alt = _ALT.search(content)
    return alt[1].strip() if alt and directive == "image" else ""


def _is_valid(number: str) -> bool:
    return int(number, 16) <= sys.maxunicode and not 0xD800 <= int(number, 16) < 0xE000


def _rst_heading(lines: list[str], at: int, ranks: dict[str, int]) -> tuple[str, int] | None:
    """A section title with a line below it, or above and below; its rank is that of its marks."""
    over = _ADORNMENT.match(lines[at])
    if over and at + 2 < len(lines) and _ADORNMENT.match(lines[at + 2]) and lines[at + 1].strip():
        form, title, end = over[1] * 2, lines[at + 1].strip(), at + 3
    elif (
        lines[at].strip()
        and not lines[at][0].isspace()
        and at + 1 < len(lines)
        and (under := _ADORNMENT.match(lines[at + 1]))
        and len(lines[at + 1].strip()) >= min(3, len(lines[at].strip()))
        and not over
    ):
        form, title, end = under[1], lines[at].strip(), at + 2
    else:
        return None
    rank = ranks.setdefault(form, len(ranks) + 1)
    return f"{'#' * min(6, rank)} {_rst_inline(title)}", end


def _rst_directive(name: str, argument: str, body: list[str]) -> Iterator[str]:
    content = _without_options(body)
    if name in _SILENT or (name == "only" and "html" not in argument):
        return
    argument = "" if name == "only" else argument
    if name in _CODE:
        yield from fence(argument.strip(), content)
    elif name in {"list-table", "csv-table"}:
        rows = _csv(body, content) if name == "csv-table" else _list_rows(content)
        title = _rst_inline(argument.strip())
        yield from ("", *([title, ""] if title else []), *_table(rows), "")
    elif name in _NOTES:
        label = argument if name == "admonition" else name.capitalize()
        if argument and name != "admonition":
            content = [argument, *content]
        yield ""
        yield f"**{label}:**"
        yield ""
        yield rst("\n".join(content))
        yield ""
    else:
        if name in _VERSIONS:
            argument = f"{_VERSIONS[name]} {argument.strip()}"
        if argument.strip():
            yield from ("", _rst_inline(argument.strip()), "")
        yield rst("\n".join(content))


def _rst_table(lines: list[str], at: int) -> tuple[list[str], int]:
    """A grid or simple table as one of Markdown, and the line after it."""
    start = at
    grid = bool(_GRID.match(lines[at]))
    while at < len(lines) and (lines[at].strip() or (not grid and _more_below(lines, at))):
        at += 1
    block = lines[start:at]
    edges = [m.span() for m in re.finditer(r"[-=]+", block[0])]
    rows: list[list[str]] = []
    fresh = True
    for line in block:
        if (_GRID if grid else _RULE).match(line) or not line.strip():
            fresh = True
            continue
        cells = [line[a : (b if grid or b != edges[-1][1] else None)].strip() for a, b in edges]
        if rows and ((grid and not fresh) or (not grid and not cells[0])):
            rows[-1] = [f"{old} {new}".strip() for old, new in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
        fresh = False
    return _table([[_rst_inline(cell) for cell in row] for row in rows]), at


def _more_below(lines: list[str], at: int) -> bool:
    """Whether a simple table goes on after an empty line."""
    ahead = lines[at : at + 20]
    return any(_RULE.match(line) for line in ahead) and bool(ahead[1:] and ahead[1].strip())


def _list_rows(content: list[str]) -> list[list[str]]:
    rows: list[list[str]] = []
    for line in content:
        if match := re.match(r"^[*-] [*-]\s?(.*)$", line):
            rows.append([match[1].strip()])
        elif rows and (match := re.match(r"^\s+[*-](?:\s(.*))?$", line)):
            rows[-1].append((match[1] or "").strip())
        elif rows and line.strip():
            rows[-1][-1] = f"{rows[-1][-1]} {line.strip()}".strip()
    return [[_rst_inline(cell) for cell in row] for row in rows]


def _csv(body: list[str], content: list[str]) -> list[list[str]]:
    head = next((m[1] for x in body if (m := re.match(r":header:\s*(.+)", x))), "")
    lines = [line for line in (head, *content) if line.strip()]
    return [[cell.strip() for cell in row] for row in csv.reader(lines, skipinitialspace=True)]


def _table(rows: list[list[str]]) -> list[str]:
    """Rows as a table of Markdown, the first as its head."""
    width = max(map(len, rows), default=0)
    written = [
        "| " + " | ".join(c.replace("|", "\\|") for c in [*row, *[""] * (width - len(row))]) + " |"
        for row in rows
    ]
    return [*written[:1], "|" + " --- |" * width, *written[1:]] if width else []


def _rst_inline(line: str) -> str:
    line = _LOWERED.sub(r"\1", _RAISED.sub(r"^\1", line))
    line = _WORD_ROLE.sub(r"\1", line)
    line = _ROLE.sub(lambda m: f"`{m[1]}`" if not m[1].startswith("~") else f"`{m[1][1:]}`", line)
    line = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", line))
    line = line.replace("``", "`")
    line = re.sub(r"^(\s*)[*+\u2022] ", r"\1- ", line)
    return re.sub(r"^(\s*)#\. ", r"\g<1>1. ", line)


def _indented(lines: list[str], at: int, margin: int) -> tuple[list[str], int]:
    """The block of lines indented by more than `margin`, without its margin, and where it ends."""
    start = at
    while at < len(lines) and (
        not lines[at].strip() or len(lines[at]) - len(lines[at].lstrip()) > margin
    ):
        at += 1
    end = at
    while end > start and not lines[end - 1].strip():
        end -= 1
    block = lines[start:end]
    least = min((len(x) - len(x.lstrip()) for x in block if x.strip()), default=0)
    return [x[least:] for x in block], at


def _without_options(body: list[str]) -> list[str]:
    """Without the `:name: value` lines that a directive begins with."""
    at = 0
    while at < len(body) and re.match(r"^:[\w-]+:", body[at]):
        at += 1
    return body[at:]


def fence(language: str, body: Iterable[str]) -> list[str]:
    """Lines of code between fences; nothing for none."""
    content = "\n".join(body).strip("\n")
    return ["", f"```{language}", content, "```", ""] if content.strip() else []


def tidy(lines: Iterable[str]) -> str:
    """At most one blank line, outside code."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
