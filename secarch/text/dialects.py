"""Documents in dialects of Markdown, and AsciiDoc, as plain Markdown of the same length.

Every replacement is as long as what it replaces, so offsets into the result are offsets into the
source. Code is left to the letter. Known are AsciiDoc; MyST directives, roles and targets; Hugo and
Liquid shortcodes; MDX imports; `[!INCLUDE]` and `:::` of Microsoft's pages; tabs, admonitions and
snippets of pymdownx; definition lists.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_BOM = "\ufeff"
_TRIGGERS = (
    "{{<",
    "{{%",
    "{%",
    "[!",
    '=== "',
    "!!! ",
    "??? ",
    "???+",
    "\n:",
    "```{",
    "~~~{",
    ":::",
    "}`",
    "--8<--",
    "\nimport ",
    "\nexport ",
    ")=\n",
)
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)")
_ASCIIDOC = re.compile(r"={1,6} \S")
_MARKDOWN_HEADING = re.compile(r"^#{1,6} \S", re.MULTILINE)


def as_markdown(text: str) -> str:
    """`text` as Markdown of the same length; itself if it is plain Markdown already.

    >>> as_markdown("{{< note >}}Rotate keys.")
    'Rotate keys.            '
    """
    if _BOM in text:
        text = text.replace(_BOM, " ")
    if _is_asciidoc(text):
        return _asciidoc(text)
    if not any(trigger in text for trigger in _TRIGGERS) and not text.startswith((":", "import ")):
        return text
    return _dialects(text)


def _is_asciidoc(text: str) -> bool:
    """True for a text whose headings are `= Title`, with none of Markdown's."""
    if "\n== " not in text and not text.lstrip().startswith(("= ", "== ")):
        return False
    return not _MARKDOWN_HEADING.search(text) and any(map(_ASCIIDOC.match, text.splitlines()))


# ---------------------------------------------------------------- lines outside of code


def _outside_code(text: str) -> Iterator[tuple[str, bool]]:
    """Each line with True if it is outside of fenced code; the fences' own lines are inside."""
    fence = ""
    for line in text.split("\n"):
        opening = _FENCE.match(line)
        if fence:
            closed = line.strip().startswith(fence) and not line.strip().strip(fence[0])
            fence = "" if closed else fence
            yield line, False
        elif opening:
            fence = opening[1]
            yield line, False
        else:
            yield line, True


_PROSE_DIRECTIVES = frozenset(
    [
        "note",
        "warning",
        "tip",
        "important",
        "caution",
        "danger",
        "admonition",
        "seealso",
        "hint",
        "attention",
        "error",
        "dropdown",
        "tab-item",
        "tab-set",
        "card",
        "grid",
        "grid-item",
        "grid-item-card",
        "margin",
        "sidebar",
        "topic",
        "versionadded",
        "versionchanged",
        "deprecated",
        "epigraph",
        "details",
    ]
)
_CODE_DIRECTIVES = frozenset(
    ["code", "code-block", "code-cell", "sourcecode", "prompt", "parsed-literal"]
)
_DIRECTIVE = re.compile(r"([ \t]*)(`{3,}|~{3,}|:{3,})\{([\w:-]+)\}[ \t]*(.*)")
_OPTION = re.compile(r"[ \t]*:[\w-]+:.*")


def _myst(text: str) -> str:
    """Directives that hold prose opened up, those that hold code as fenced code, others blank."""
    lines: list[str] = []
    opened: list[tuple[str, str]] = []
    options = False
    for line in text.split("\n"):
        directive = _DIRECTIVE.match(line)
        kind = opened[-1][1] if opened else ""
        if directive and kind != "code":
            kind = _directive_kind(directive[3])
            opened.append((directive[2], kind))
            lines.append(_directive_line(line, directive, kind))
            options = True
            continue
        bare = line.strip()
        if opened and bare.startswith(opened[-1][0]) and not bare.strip(bare[0]):
            lines.append(line if opened.pop()[1] == "code" else _blank(line))
            continue
        options = options and bool(_OPTION.fullmatch(line))
        lines.append(_blank(line) if kind == "other" or (opened and options) else line)
    return "\n".join(lines)


def _directive_kind(name: str) -> str:
    if name in _PROSE_DIRECTIVES:
        return "prose"
    return "code" if name in _CODE_DIRECTIVES else "other"


def _directive_line(line: str, found: re.Match[str], kind: str) -> str:
    if kind == "code":
        return f"{found[1]}{found[2]}{found[4].split(' ')[0]}".ljust(len(line))
    title = found[4].strip()
    return f"{title}.".ljust(len(line)) if kind == "prose" and title else _blank(line)


def _blank(line: str) -> str:
    return " " * len(line)


def _dialects(text: str) -> str:
    if "```{" in text or "~~~{" in text or ":::{" in text:
        text = _myst(text)
    if '=== "' in text or "!!! " in text or "???" in text:
        text = _indented_blocks(text)
    lines = [_inline(_line(line)) if outside else line for line, outside in _outside_code(text)]
    return _definitions("\n".join(lines)) if "\n:" in text else "\n".join(lines)


_WHOLE_LINE = re.compile(
    r"\s*(?:\([\w.:-]+\)=|--8<--.*|:::.*|(?:import|export) [\w{*].*(?:from |=).*|"
    r"</?(?:Tabs|TabItem|Admonition|Steps|Step|CodeGroup|Card|CardGroup|Accordion)\b[^<>]*>|"
    r"\[!(?:div|code|INCLUDE|notebook|VIDEO|SHARED)[^\n]*|\{%[^\n]*%\})\s*",
    re.IGNORECASE,
)


def _line(line: str) -> str:
    return _blank(line) if _WHOLE_LINE.fullmatch(line) else line


_INLINE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "{{",
        re.compile(r"\{\{[<%]-?[^{}\n]{0,300}?\btext=\"(?P<text>[^\"\n]*)\"[^{}\n]*?[%>]\}\}"),
    ),
    ("{{", re.compile(r"\{\{[<%].{0,400}?[%>]\}\}")),
    ("{%", re.compile(r"\{%.{0,300}?%\}")),
    ("[!", re.compile(r"\[!(?:INCLUDE|div|code[\w-]*) ?(?:\[[^\]\n]*\])?(?:\([^)\n]*\))?\]")),
    ("}`", re.compile(r"\{[\w:-]+\}`(?P<text>[^`<\n]+?)[ ]?(?:<[^`>\n]*>)?`")),
)
_INLINE_CODE = re.compile(r"(?<![`}])(`[^`\n]+`)")


def _inline(line: str) -> str:
    before = len(line) - len(line.lstrip())
    length = len(line)
    for hint, pattern in _INLINE:
        if hint in line:
            parts = _INLINE_CODE.split(line)
            parts[::2] = [pattern.sub(_shown, part) for part in parts[::2]]
            line = "".join(parts)
    # What was blanked at the start of a line must not make indented code of it.
    return (line[:before] + line[before:].lstrip()).ljust(length)


def _shown(match: re.Match[str]) -> str:
    """The words of a role or shortcode as a link of the same length, else blanks."""
    text = match.groupdict().get("text")
    return _link(text.strip("~!"), "", len(match[0])) if text else _blank(match[0])


def _link(text: str, target: str, length: int) -> str:
    """`[text](target)` of `length` characters: padded, or with what fits of the target."""
    room = length - len(text) - 4
    if room < 0:
        return text[:length].ljust(length)
    return f"[{text}]({target[:room].ljust(room)})"


_BLOCK = re.compile(r"(===|!!!|\?\?\?)\+?!? ?([\w-]+)?(?: ?\"([^\"\n]*)\")?")


def _indented_blocks(text: str) -> str:
    """Tabs and admonitions of pymdownx: the title in bold, what is indented below it moved left."""
    lines: list[str] = []
    inner: list[int] = []
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        while bare and inner and indent < inner[-1]:
            inner.pop()
        moved = 4 * len(inner)
        shifted = line[moved:] + " " * moved if line[:moved].isspace() else line
        found = _BLOCK.fullmatch(bare.rstrip())
        if found and (found[3] is not None or (found[2] and found[1] != "===")):
            title = f"**{found[3]}**" if found[3] else ""
            shifted = title.ljust(len(line))[: max(len(line), len(title))]
            inner.append(indent + 4)
        lines.append(shifted if len(shifted) == len(line) else line)
    return "\n".join(lines)


_DEFINITION = re.compile(
    r"^(?P<term>(?![ \t]|[#>|*+:-])[^\n]{1,80})\n{1,2}:(?P<gap>[ \t]{1,4})(?=\S)(?P<rest>[^\n]*)",
    re.MULTILINE,
)


def _definitions(text: str) -> str:
    """`Term` and `:   what it is` below it as one line."""

    def one(match: re.Match[str]) -> str:
        term = match["term"].rstrip().rstrip(":")
        return f"{term}: {match['rest']}".ljust(len(match[0]))

    return _DEFINITION.sub(one, text)


# ---------------------------------------------------------------- AsciiDoc

_ATTRIBUTE = re.compile(r":!?[\w-]+!?:.*")
_ASCIIDOC_BLANK = re.compile(
    r"\[.*\]|(?:include|image|video|toc|ifdef|ifndef|ifeval|endif)::.*|\|===.*|={4,}|\*{4,}|_{4,}|"
    r"\[\[.*\]\]|//.*|\+|<<<|'{3,}"
)
_XREF = re.compile(r"<<(?P<target>[^,<>\n]+)(?:,[ ]?(?P<text>[^<>\n]+))?>>")
_MACRO = re.compile(
    r"(?:(?:link|xref|mailto):(?P<target>[^\s\[\]]+)|(?P<url>https?://[^\s\[\]]+))"
    r"\[(?P<text>[^\]\n]*)\]"
)


def _asciidoc(text: str) -> str:
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        bare = line.strip()
        if fence:
            closed = bare == fence
            fence = "" if closed else fence
            lines.append("`" * len(line) if closed else line)
        elif re.fullmatch(r"-{4,}|\.{4,}|`{3,}\w*", bare):
            fence = bare.rstrip("abcdefghijklmnopqrstuvwxyz")
            lines.append("`" * len(line) if bare[0] in "-." else line)
        else:
            lines.append(_asciidoc_line(line))
    return "\n".join(lines)


_ASCIIDOC_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(={1,6})( .*)"), lambda m: "#" * len(m[1]) + m[2]),
    (re.compile(r"(\*{1,5})( .*)"), lambda m: " " * (len(m[1]) - 1) + "-" + m[2]),
    (re.compile(r"(\.{1,5})( .*)"), lambda m: " " * (len(m[1]) - 1) + "-" + m[2]),
    (re.compile(r"\.(\S.*)"), lambda m: f"{m[1]}:"),
    (re.compile(r"([^:\n]{1,80})::( .*)?"), lambda m: f"{m[1]}: {m[2] or ''}"),
)


def _asciidoc_line(line: str) -> str:
    if _ATTRIBUTE.fullmatch(line) or _ASCIIDOC_BLANK.fullmatch(line.strip()):
        return _blank(line)
    for pattern, form in _ASCIIDOC_FORMS:
        if found := pattern.fullmatch(line):
            line = form(found)
            break
    line = _XREF.sub(lambda m: _link(m["text"] or m["target"], m["target"], len(m[0])), line)
    return _MACRO.sub(_macro, line)


def _macro(match: re.Match[str]) -> str:
    target = match["target"] or match["url"]
    return _link(match["text"].rstrip("^") or target, target, len(match[0]))
