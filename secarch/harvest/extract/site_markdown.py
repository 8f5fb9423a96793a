"""Markdown of site generators as plain Markdown: MDX (Docusaurus, Mintlify), Hugo, Liquid, docfx,
Learn, MkDocs with pymdownx, mdBook, GitHub's wikis.

What stands for text is resolved (tabs and notes by their labels, highlighted code as a fence, terms
by their words); what only steers the generator goes. Code is left to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from secarch.harvest.extract.pairs import between

_FENCE = re.compile(r"^(\s*(?:>\s?)*)(`{3,}|~{3,})")
_IMPORT = re.compile(
    r"^import\s+(?:[\w*{}\s,$]+\s+from\s+)?['\"][^'\"\n]+['\"];?\s*$|^export\s+\{[^}\n]*\};?\s*$"
)
_LONG_IMPORT = re.compile(
    r"^(?:import|export) [\w*$, \t]{0,200}\{[\w*$,\s]{0,4000}\}"
    r"(?: from ['\"][^'\"\n]{1,300}['\"])?;?$",
    re.MULTILINE,
)
"""One whose names are on lines of their own."""
_EXPORT = re.compile(r"^export\s+(?:default|const|let|var|function|async)\b")
_TAG = re.compile(
    r"<(/?)([A-Z][\w.]*)"
    r"((?:\s+[\w:-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\}))?)*)\s*(/?)>"
)
_ATTRIBUTE = re.compile(
    r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|\{\s*[\"'`]?([^{}]*?)[\"'`]?\s*\})"
)
_LABELLED = frozenset(
    {
        *("TabItem", "Tab", "TabPanel", "Accordion", "AccordionItem", "Expandable", "Step", "Card"),
        *("Panel", "Details", "Update", "Collapse", "CollapsibleSection"),
    }
)
_NOTES = frozenset(
    {
        *("note", "tip", "info", "important", "warning", "caution", "danger", "hint", "attention"),
        *(
            "success",
            "failure",
            "bug",
            "example",
            "question",
            "abstract",
            "quote",
            "alert",
            "error",
        ),
        *("seealso", "todo", "callout", "admonition", "check", "security"),
    }
)
_PLACES = ("path", "query", "body", "header")
"""Where a `ParamField` of Mintlify says that its parameter stands."""
_SHORTCODE = re.compile(
    r"\{\{[<%]\s*+(/?)\s*+([\w/.-]++)((?:(?!\{\{[<%]).){0,1000}?)(/?)\s*+[>%]\}\}", re.DOTALL
)
_HIGHLIGHTS = (
    (
        re.compile(r"\{%-?\s*highlight\s+([\w+#-]*)[^%]{0,300}%\}\n?"),
        re.compile(r"\{%-?\s*endhighlight\s*-?%\}"),
    ),
    (
        re.compile(r"\{\{[<%]\s*highlight\s+\"?([\w+#-]*)\"?[^>%]{0,300}[>%]\}\}\n?"),
        re.compile(r"\{\{[<%]\s*/\s*highlight\s*[>%]\}\}"),
    ),
)
"""Where code of Jekyll and of Hugo begins and ends."""
_WORDS = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|`([^`]*)`|(\S+))|\"([^\"]*)\"|`([^`]*)`|(\S+)")
_HEADINGS = {
    "objectives": "Objectives",
    "prerequisites": "Before you begin",
    "cleanup": "Cleaning up",
    "whatsnext": "What's next",
    "options": "Options",
    "synopsis": "Synopsis",
    "seealso": "See also",
}
"""The headings that kubernetes.io's `heading` shortcode writes, in English."""
_LIQUID = re.compile(r"\{%(?:(?!\{%).){0,2000}?%\}", re.DOTALL)
_SILENT = tuple(
    (re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE))
    for opening, closing in (
        ("<!--", "-->"),
        (r"\{/\*", r"\*/\}"),
        (r"\{%-?\s*comment\s*-?%\}", r"\{%-?\s*endcomment\s*-?%\}"),
        (r"<script\b[^<>]*>", "</script>"),
        (r"<style\b[^<>]*>", "</style>"),
    )
)
"""Marks of what is not text: comments of HTML, JSX and Liquid, scripts and styles."""
_SUMMARY = (
    re.compile(
        r"^[ \t]*(?:<details\b[^<>\n]*>\s*)?<summary\b[^<>]*>", re.IGNORECASE | re.MULTILINE
    ),
    re.compile("</summary>", re.IGNORECASE),
)
_HTML_LINE = re.compile(
    r"^[ \t]*(?:</?(?:p|div|center|span|img|picture|source|figure|details|section|font)"
    r"(?:\s[^<>\n]*)?/?>[ \t]*)+$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line of elements that say how the text around looks. Tables stay as they are."""
_ICON = re.compile(r":(?:material|fontawesome|octicons|simple)-[\w-]+:(?:\{[^}\n]*\})?\s?")
_KEYS = re.compile(r"\+\+([a-z0-9]+(?:\+[a-z0-9]+)*)\+\+")
_CONTENTS = re.compile(r"^\s*(?:\[\[_?toc_?\]\]|\[toc\])\s*$", re.IGNORECASE | re.MULTILINE)
_MYST_ROLE = re.compile(r"\{(?:ref|doc|term|numref|abbr|any)\}`([^`<]+?)(?:\s*<[^`>]*>)?`")
_MYST_LINE = re.compile(r"^(?:\([\w:.-]+\)=|% .*)$", re.MULTILINE)
_MYST_FENCE = re.compile(r"(\s*[`~]{3,})\{([\w:-]+)\}\s*(.*)")
_MYST_CODE = frozenset({"code-block", "code", "code-cell", "sourcecode"})
_MYST_SILENT = frozenset({"toctree", "figure", "image", "include", "contents", "index", "raw"})
_OPTION = re.compile(r"\s*:[\w-]+:")
_NAMED_FENCE = re.compile(r"(\s*[`~]{3,})([\w+#-]+)\s*\[([^\]\n]+)\]\s*")
_LEARN_LINE = re.compile(
    r"^\s*(?:>\s*)?(?:\[!(?:div|code[\w-]*|notebook|VIDEO|video|INCLUDE"
    r"|include)\b.*[\])]\s*$"
    r"|:::(?:image|code|video|zone|moniker|row|column|no-loc)\b.*|:::(?:zone|moniker|row"
    r"|column)-end:::\s*$"
    r"|:::(?:row|column|image)-end:::\s*$|::: ?moniker.*|:::(?:row|column)::?:?.*)"
)
_INCLUDE = re.compile(r"\[!(?:INCLUDE|include)\s*\[[^\[\]\n]*\]\([^()\n]*\)\s*\]")
_LEADS_NOWHERE = re.compile(r"(?<!!)\[([^\[\]\n]+)\]\(\s*\)")
_ALERT = re.compile(r"^(\s*(?:>\s*)+)\[!(\w+)\]\s*$")
_TAB_HEADING = re.compile(r"^#{1,6}\s+\[([^\]]+)\]\(#tab/[^)]*\)\s*$")
_COLONS = re.compile(r"^(\s*):{3,}\s*\{?([\w-]+)\}?(?:\[([^\]]*)\])?\s*(.*)$")
_COLONS_END = re.compile(r"^\s*:{3,}\s*$")
_INDENTED = re.compile(r"^(\s*)(?:!!!|\?\?\?\+?)\s+([\w-]+)(?:\s+[\w-]+)*\s*(?:\"([^\"]*)\")?\s*$")
_CONTENT_TAB = re.compile(r"^(\s*)===[!+]?\s+\"([^\"]+)\"\s*$")
_SNIPPET = re.compile(r"^\s*(?:--8<--.*|\{\{#(?:include|rustdoc_include|playground)[^}]*\}\})\s*$")
_ID = re.compile(r"(?<!\s)\s*+\{(?:\s*#[\w.:-]+\s*|:[^{}\n]*)\}\s*$")
_WIKI = re.compile(r"\[\[(?![\s!$:-])([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]")
_XREF = re.compile(r"<xref:([^>\s?]+)[^>]*>")
_CODE_SPAN = re.compile(r"(`+)(?:(?!\1).)+?\1")


def plain(text: str) -> str:
    """The page as plain Markdown.

    Example: `plain('<TabItem value="cli" label="CLI">')` is "**CLI**".
    """
    for opening, closing in _HIGHLIGHTS:
        text = between(text, opening, closing, _fenced)
    cut = _parts(_without_indentation(text.splitlines()))
    parts = [(code, part if code else _LONG_IMPORT.sub(_on_one_line, part)) for code, part in cut]
    prose = "\n".join(part for code, part in parts if not code)
    known = _components(prose)
    out = [_code(part, known) if code else _prose(part, known) for code, part in parts]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(out))


def _on_one_line(statement: re.Match[str]) -> str:
    return " ".join(statement[0].split())


def _code(block: str, known: frozenset[str]) -> str:
    """A fence as it is, but its name above it (VitePress) and a directive of MyST as its text."""
    first, _, rest = block.partition("\n")
    if match := _NAMED_FENCE.fullmatch(first):
        return f"**{match[3]}**\n\n{match[1]}{match[2]}\n{rest}"
    match = _MYST_FENCE.fullmatch(first)
    if match is None:
        return block
    lines = rest.split("\n")
    while lines and _OPTION.match(lines[0]):
        lines.pop(0)
    if match[2] in _MYST_CODE:
        return "\n".join([f"{match[1]}{match[3]}", *lines])
    if match[2] in _MYST_SILENT:
        return ""
    label = match[3] or (f"{match[2].capitalize()}:" if match[2] in _NOTES else "")
    return f"**{label}**\n\n{_prose(chr(10).join(lines[:-1]), known)}" if label else block


def _fenced(opening: re.Match[str], code: str) -> str:
    return f"```{opening[1]}\n{code.strip(chr(10))}\n```"


def _parts(lines: Iterable[str]) -> Iterator[tuple[bool, str]]:
    """The text cut into fenced code (True) and what is between."""
    held: list[str] = []
    fence = ""
    for line in lines:
        match = _FENCE.match(line)
        if fence:
            held.append(line)
            bare = line.strip().lstrip("> ")
            if match and bare.startswith(fence) and not bare.strip(fence[0]):
                yield True, "\n".join(held)
                held, fence = [], ""
        elif match:
            if held:
                yield False, "\n".join(held)
            held, fence = [line], match[2]
        else:
            held.append(line)
    if held:
        yield bool(fence), "\n".join(held)


def _without_indentation(lines: list[str]) -> list[str]:
    """Notes and tabs of MkDocs, whose content is indented by four spaces, as a label and the
    content at the margin.
    """
    out: list[str] = []
    at, fence = 0, ""
    while at < len(lines):
        line = lines[at]
        at += 1
        if match := _FENCE.match(line):
            fence = "" if fence and line.strip().startswith(fence) else fence or match[2]
        block = None if fence else _INDENTED.match(line) or _CONTENT_TAB.match(line)
        if block is None:
            out.append(line)
            continue
        margin = len(block[1]) + 4
        label = _label(block)
        start = at
        while at < len(lines) and (not lines[at].strip() or lines[at].startswith(" " * margin)):
            at += 1
        inner = [x.removeprefix("    ") for x in lines[start:at]]
        head = [f"{' ' * (margin - 4)}**{label}**", ""] if label else []
        out += ["", *head, *_without_indentation(inner)]
    return out


def _label(block: re.Match[str]) -> str:
    """What heads a note or a tab of MkDocs; a note whose title is "" has none."""
    if block.re is _CONTENT_TAB:
        return block[2]
    return f"{block[2].capitalize()}:" if block[3] is None else block[3]


def _components(prose: str) -> frozenset[str]:
    """Names that are used as components: closed, self-closing or imported. `<Region>` alone is a
    placeholder of the text.
    """
    names = {m[2] for m in _TAG.finditer(prose) if m[1] or m[4]}
    for line in prose.splitlines():
        if _IMPORT.match(line):
            names.update(re.findall(r"\b[A-Z]\w*", line.partition(" from ")[0]))
    return frozenset(names)


def _prose(text: str, known: frozenset[str]) -> str:
    text = _MYST_LINE.sub("", _MYST_ROLE.sub(r"\1", text))
    text = _outside_spans(text, _without_html)
    text = _outside_spans(text, lambda part: _TAG.sub(lambda tag: _component(tag, known), part))
    text = _outside_spans(text, lambda part: _SHORTCODE.sub(_shortcode, part))
    text = _outside_spans(text, _small)
    return "\n".join(_lines(text.split("\n")))


def _without_html(text: str) -> str:
    for opening, closing in _SILENT:
        text = between(text, opening, closing)
    text = _CONTENTS.sub("", text)
    return _HTML_LINE.sub("", between(text, *_SUMMARY, lambda _, title: f"\n**{title}**\n"))


def _outside_spans(text: str, work: Callable[[str], str]) -> str:
    """`work` on the text with its code spans put aside."""
    if "`" not in text:
        return work(text)
    spans: list[str] = []

    def aside(span: re.Match[str]) -> str:
        spans.append(span[0])
        return f"\x00{len(spans) - 1}\x00"

    done = work(_CODE_SPAN.sub(aside, text))
    return re.sub(r"\x00(\d+)\x00", lambda m: spans[int(m[1])], done)


def _small(text: str) -> str:
    text = _LIQUID.sub(_liquid, _INCLUDE.sub("", text))
    text = _KEYS.sub(r"\1", _ICON.sub("", text))
    text = _LEADS_NOWHERE.sub(r"\1", text)
    text = _XREF.sub(lambda m: m[1].removesuffix("*"), text)
    return _WIKI.sub(lambda m: m[1].strip() if m[2] else m[1].strip().replace("-", " "), text)


def _liquid(tag: re.Match[str]) -> str:
    """A tab or a hint of GitBook by its label; other tags steer the generator."""
    name = re.match(r"\{%-?\s*(tab|step|hint|code)\b", tag[0])
    title = re.search(r"\b(?:title|style)\s*=\s*\"([^\"]+)\"", tag[0])
    if name is None or title is None:
        return ""
    label = f"{title[1].capitalize()}:" if name[1] == "hint" else title[1]
    return f"\n\n**{label}**\n\n"


def _component(tag: re.Match[str], known: frozenset[str]) -> str:
    closing, name, written, alone = tag.groups()
    if name not in known and name not in _LABELLED and name.lower() not in _NOTES:
        return tag[0]
    if closing:
        return "\n" if "\n" in tag.string[max(0, tag.start() - 1) : tag.end() + 1] else ""
    values = {m[1]: next(filter(None, m.groups()[1:]), "") for m in _ATTRIBUTE.finditer(written)}
    title = values.get("label") or values.get("title") or values.get("name") or ""
    if name.lower() in _NOTES:
        kind = values.get("type", "") if name.lower() in {"admonition", "callout"} else name
        return f"\n\n**{title or kind.capitalize() or 'Note'}:**\n\n"
    if name in _LABELLED:
        label = title or values.get("value", "") or values.get("header", "")
        return f"\n\n**{label}**\n\n" if label else "\n"
    if name.endswith("Field") and not alone:
        title = next(filter(None, map(values.get, _PLACES)), title)
        return f"\n\n**{title}:** " if title else "\n"
    return title if alone and values.get("href") else ""


def _shortcode(code: re.Match[str]) -> str:
    closing, name, written, _ = code.groups()
    short = name.rpartition("/")[2].lower()
    if closing:
        return ""
    named: dict[str, str] = {}
    bare: list[str] = []
    for word in _WORDS.finditer(written):
        if word[1]:
            named[word[1].lower()] = next(filter(None, word.groups()[1:4]), "")
        else:
            bare.append(next(filter(None, word.groups()[4:]), ""))
    if short == "heading":
        return _HEADINGS.get(bare[0], bare[0].capitalize()) if bare else ""
    if short in {"glossary_tooltip", "glossary_definition", "tooltip", "term"}:
        return named.get("text") or named.get("term_id", "").replace("-", " ")
    if short in _NOTES:
        title = named.get("title") or (bare[0] if bare and " " in bare[0] else "")
        return f"**{title or short.capitalize()}:** "
    if short in {"tab", "tabitem", "accordion", "details", "expand"}:
        label = named.get("name") or named.get("header") or named.get("title") or " ".join(bare[:1])
        return f"\n\n**{label}**\n\n" if label else ""
    return named.get("text", "")


def _lines(lines: Iterable[str]) -> Iterator[str]:
    """Directives that are on a line of their own."""
    exported = 0
    for line in lines:
        if exported or _EXPORT.match(line):
            exported += line.count("{") + line.count("(") + line.count("[")
            exported -= line.count("}") + line.count(")") + line.count("]")
            exported = max(0, exported)
        elif match := _ALERT.match(line):
            yield f"{match[1]}**{match[2].capitalize()}:**" if match[2].lower() in _NOTES else line
        elif match := _TAB_HEADING.match(line):
            yield f"**{match[1]}**"
        elif _IMPORT.match(line) or _LEARN_LINE.match(line) or _SNIPPET.match(line):
            continue
        elif _COLONS_END.match(line):
            yield ""
        elif (match := _COLONS.match(line)) and match[2].lower() in {*_NOTES, "details"}:
            yield f"{match[1]}**{match[3] or match[4].rstrip() or match[2].capitalize()}:**\n"
        elif match:
            label = match[3] or match[4].rstrip()
            yield f"{match[1]}**{label}**\n" if label else ""
        else:
            yield _ID.sub("", line)
