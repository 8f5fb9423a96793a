"""AsciiDoc as Markdown, as far as documentation uses it; see `formats` for why it is read so."""

from __future__ import annotations

import re

from secarch.harvest.extract.formats import fence, tidy

_ADOC_NOTE = re.compile(r"^(NOTE|TIP|IMPORTANT|WARNING|CAUTION): (.*)$")
_ADOC_LABEL = re.compile(r"^\[(NOTE|TIP|IMPORTANT|WARNING|CAUTION)(?:[%.#,][^\]]*)?\]$")
_ADOC_BYLINE = re.compile(
    r"(?:(?:[\w.'-]+ ){0,2}[\w.'-]+(?: <[^>\s]+>)?(?:; |$))+$|v?\d[\w.]*(?:, .*)?(?:: .*)?$|//"
)
"""Author and revision below a title; they have no marks of their own."""
_ADOC_SOURCE = re.compile(
    r"\[(?:source|listing)?+(?:[#.%][\w#.%-]*+)?+,\s*+\"?+([\w+#-]++)(?!\s*=).*\]$"
)
"""A block's language, behind its style, which may be left out, and its options."""
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


_CONDITION = re.compile(r"(ifdef|ifndef|ifeval|endif)::([\w,+-]*)\[(.*)\]\s*$")
_ATTRIBUTE = re.compile(r"^:(!?)([\w-]+)(!?):\s*(.*)$")
_ELSEWHERE = re.compile(r"env-|backend-|basebackend-(?!html)|doctype-(?!article)")
"""Attributes of an editor, a repository's own view or a book, which a site is not built with."""


def asciidoc(text: str) -> str:
    """AsciiDoc as Markdown: sections, code, notes, lists, tables; attributes are resolved."""
    attributes: dict[str, str] = {}
    out: list[str] = []
    lines = _chosen(_without_byline(text.splitlines()))
    at, language = 0, ""
    while at < len(lines):
        line = lines[at].rstrip()
        at += 1
        if match := re.match(r"^:!?([\w-]+)!?:\s*(.*)$", line):
            attributes[match[1]] = match[2]
        elif match := _ADOC_LABEL.match(line):
            out.append(f"**{match[1].capitalize()}:**")
        elif match := _ADOC_SOURCE.match(line):
            language = match[1]
        elif match := re.fullmatch(r"(-{4,}|\.{4,}|`{3,})(\w*)", line):
            end = _closing(lines, at, match[1])
            out += fence(language or match[2], lines[at:end])
            at, language = end + 1, ""
        elif line.startswith("|==="):
            end = _closing(lines, at, "|===")
            out += _adoc_table(lines[at:end])
            at = end + 1
        elif re.fullmatch(r"\+{4,}", line):
            end = _closing(lines, at, line)
            out += [] if _draws(lines[at:end]) else lines[at:end]
            at = end + 1
        elif re.fullmatch(r"/{4,}", line):
            at = _closing(lines, at, line) + 1
        elif not _ADOC_SILENT.match(line):
            out.append(_adoc_line(line, attributes))
    return tidy(out)


def _draws(markup: list[str]) -> bool:
    """Whether what is passed through to the page is for a browser, and no text."""
    first = next(filter(None, (line.strip() for line in markup)), "")
    return first.lower().startswith(("<script", "<style", "<iframe", "<link"))


def _chosen(lines: list[str]) -> list[str]:
    """The lines whose conditions hold. AsciiDoc, "Conditionals".

    What depends on an attribute that the file neither sets nor unsets stays: a site's build sets
    such attributes, and what it says of them is not here.
    """
    if not any(line.startswith("endif::") or _CONDITION.match(line) for line in lines):
        return lines
    known: dict[str, bool] = {}
    decided = {m[2] for line in lines if (m := _ATTRIBUTE.match(line))}
    holds: list[bool] = []
    out = []
    for line in lines:
        match = _CONDITION.match(line)
        if match is None:
            if all(holds):
                out.append(line)
                if attribute := _ATTRIBUTE.match(line):
                    known[attribute[2]] = not (attribute[1] or attribute[3])
        elif match[1] == "endif":
            holds = holds[:-1]
        else:
            held = match[1] == "ifeval" or _holds(match[1], match[2], known, decided)
            if not match[3] or match[1] == "ifeval":
                holds.append(held)
            elif held and all(holds):
                out.append(match[3])
    return out


def _holds(condition: str, names: str, known: dict[str, bool], decided: set[str]) -> bool:
    """Whether text under `ifdef` or `ifndef` of these names is to be read."""
    listed = [name for name in re.split(r"[,+]", names) if name]
    if not all(name in decided or _ELSEWHERE.match(name) for name in listed):
        return True
    chosen = all if ("+" in names) == (condition == "ifdef") else any
    wanted = condition == "ifdef"
    return chosen(known.get(name, False) == wanted for name in listed)


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
