"""reStructuredText and AsciiDoc as Markdown, as far as documentation uses them.

Read line by line and not by the formats' own processors: those run includes and raw blocks, and
drop what belongs to extensions (Sphinx, Antora) that are not installed here. The words stay, markup
that Markdown lacks goes.
"""

from __future__ import annotations

import csv
import re
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
_REPLACE = re.compile(r"^\.\. \|([^|\n]+)\| replace:: (.*(?:\n[ \t]+\S.*)*)$", re.MULTILINE)
_NAMED = re.compile(r"\|([^|\s](?:[^|\n]*[^|\s])?)\|(?:_{1,2}(?!\w))?")
"""A substitution, and where one stands. reStructuredText, "Substitution Definitions"."""
_REFERENCE = re.compile(r"`([^`]+)`_{1,2}(?!\w)")


# ---------------------------------------------------------------- reStructuredText


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
            out += _fence("", body)
        else:
            out.append(_rst_inline(lines[at]))
            at += 1
    return _tidy(out)


def _substituted(text: str) -> str:
    """With the words that `.. |name| replace::` gives in the places of `|name|`."""
    named = {m[1].lower(): " ".join(m[2].split()) for m in _REPLACE.finditer(text)}
    if not named:
        return text
    kept = _REPLACE.sub("", text)
    return _NAMED.sub(lambda m: named.get(m[1].lower(), m[0]), kept)


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
        yield from _fence(argument.strip(), content)
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


# ---------------------------------------------------------------- AsciiDoc


_ADOC_NOTE = re.compile(r"^(NOTE|TIP|IMPORTANT|WARNING|CAUTION): (.*)$")
_ADOC_LABEL = re.compile(r"^\[(NOTE|TIP|IMPORTANT|WARNING|CAUTION)(?:[%.#,][^\]]*)?\]$")
_ADOC_BYLINE = re.compile(
    r"(?:(?:[\w.'-]+ ){0,2}[\w.'-]+(?: <[^>\s]+>)?(?:; |$))+$|v?\d[\w.]*(?:, .*)?(?:: .*)?$|//"
)
"""Author and revision below a title; they have no marks of their own."""
_ADOC_SOURCE = re.compile(r"^\[(?:source|listing)(?:%[\w,]+)?(?:,\s*\"?([\w+-]+))?.*\]$")
_ADOC_MACRO = re.compile(
    r"(?<![^\s\[\]<>])(?:link:|xref:|mailto:)?([^\s\[\]<>:.]*[:.][^\s\[\]<>]*)\[([^\]]{0,2000})\]"
)

_ADOC_ANCHOR = re.compile(r"<<([^<,>]{1,300})>>")
_ADOC_NAMED = re.compile(r"<<[^<,>]{1,300},\s*([^<>]{1,500})>>")
"""References to an anchor, with words of their own and without."""
_ADOC_SILENT = re.compile(
    r"(?:={4,}|\*{4,}|_{4,}|--|\+|\[.*\])$|//|include::|image::|ifdef::|ifndef::|endif::|toc::"
)
"""Lines that delimit, attach or include, and say nothing."""


def asciidoc(text: str) -> str:
    """AsciiDoc as Markdown: sections, code, notes, lists, tables; attributes are resolved."""
    attributes: dict[str, str] = {}
    out: list[str] = []
    lines = _without_byline(text.splitlines())
    at, language = 0, ""
    while at < len(lines):
        line = lines[at].rstrip()
        at += 1
        if match := re.match(r"^:!?([\w-]+)!?:\s*(.*)$", line):
            attributes[match[1]] = match[2]
        elif match := _ADOC_LABEL.match(line):
            out.append(f"**{match[1].capitalize()}:**")
        elif match := _ADOC_SOURCE.match(line):
            language = match[1] or ""
        elif match := re.fullmatch(r"(-{4,}|\.{4,}|`{3,})(\w*)", line):
            end = _closing(lines, at, match[1])
            out += _fence(language or match[2], lines[at:end])
            at, language = end + 1, ""
        elif line.startswith("|==="):
            end = _closing(lines, at, "|===")
            out += _adoc_table(lines[at:end])
            at = end + 1
        elif re.fullmatch(r"/{4,}", line):
            at = _closing(lines, at, line) + 1
        elif not _ADOC_SILENT.match(line):
            out.append(_adoc_line(line, attributes))
    return _tidy(out)


def _without_byline(lines: list[str]) -> list[str]:
    title = next((n for n, line in enumerate(lines) if line.startswith("= ")), len(lines))
    at = title + 1
    while at < len(lines) and _ADOC_BYLINE.match(lines[at].rstrip()):
        at += 1
    return lines[: title + 1] + lines[at:]


def _closing(lines: list[str], at: int, mark: str) -> int:
    """Where a delimited block ends; at the file's end if nothing closes it."""
    return next((n for n in range(at, len(lines)) if lines[n].rstrip() == mark), len(lines))


def _adoc_line(line: str, attributes: dict[str, str]) -> str:
    line = re.sub(r"\{([\w-]+)\}", lambda m: attributes.get(m[1], m[0]), line)
    if match := re.match(r"^(={1,6}) (.*)$", line):
        return f"\n{'#' * len(match[1])} {_adoc_inline(match[2])}\n"
    if match := _ADOC_NOTE.match(line):
        return f"**{match[1].capitalize()}:** {_adoc_inline(match[2])}"
    if match := re.match(r"^\.(\w.*)$", line):
        return f"\n**{_adoc_inline(match[1])}**\n"
    if match := re.match(r"^\s*(\*{1,5}|-|\.{1,5}) (.*)$", line):
        pad = "  " * (len(match[1]) - 1)
        return f"{pad}{'1.' if match[1][0] == '.' else '-'} {_adoc_inline(match[2])}"
    if match := re.match(r"^(\S.*)::\s*(.*)$", line):
        return f"\n**{_adoc_inline(match[1])}:** {_adoc_inline(match[2])}".rstrip()
    return _adoc_inline(line)


def _adoc_inline(text: str) -> str:
    text = _ADOC_NAMED.sub(r"\1", _ADOC_ANCHOR.sub(r"\1", text))
    text = _ADOC_MACRO.sub(lambda m: m[2].partition(",")[0].rstrip("^") or m[1], text)
    text = re.sub(r"(?<!\w)\*(\S[^*]*?)\*(?!\w)", r"**\1**", text)
    return text.replace("`+", "`").replace("+`", "`")


def _adoc_table(lines: list[str]) -> list[str]:
    rows: list[list[str]] = []
    open_row: list[str] = []
    for line in lines:
        if not line.strip():
            rows += [open_row] if open_row else []
            open_row = []
            continue
        cells = [c.strip() for c in re.split(r"(?<!\\)(?:^|\s)[\d.+<^>]*[aehlmdsv]?\|", line)[1:]]
        if cells:
            open_row += cells
        elif open_row:
            open_row[-1] = f"{open_row[-1]} {line.strip()}".strip()
    rows += [open_row] if open_row else []
    width = max((len(row) for row in rows), default=0)
    if len(rows) > 1 and len(rows[0]) > 1:
        width = len(rows[0])
    flat = [cell for row in rows[1:] for cell in row]
    if not width:
        return []
    body = [flat[n : n + width] for n in range(0, len(flat), width)]
    written = [f"| {' | '.join(_adoc_inline(c) for c in row)} |" for row in [rows[0], *body]]
    return ["", written[0], f"|{' --- |' * width}", *written[1:], ""]


# ---------------------------------------------------------------- both


def _fence(language: str, body: Iterable[str]) -> list[str]:
    content = "\n".join(body).strip("\n")
    return ["", f"```{language}", content, "```", ""] if content.strip() else []


def _tidy(lines: Iterable[str]) -> str:
    """At most one blank line, outside code."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
