"""Markdown as blocks with offsets: headings, paragraphs, list items, tables, code, quotes, front
matter.

A line scanner, linear in the text, that never fails: what it does not know is a paragraph. Code
blocks and list items are whole, with whatever is indented below an item. The blocks and the white
space between them are the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Literal

Kind = Literal["front", "heading", "paragraph", "item", "step", "table", "code", "quote"]

HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_ITEM = re.compile(r" {0,3}(?:[-*+•]|(\d{1,3}|[a-z])[.)])[ \t]+\S")
_UNDERLINE = re.compile(r" {0,3}(?:={2,}|-{2,})[ \t]*")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")

_ANCHOR = re.compile(r"<a\s+(?:name|id)=[^>]{0,200}>(?:</a>)?|\{#[\w.:-]{1,100}\}", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.{0,2000}?-->", re.DOTALL)
_IMAGE = re.compile(r"!\[((?:[^\[\]\n\\]|\\.){0,300})\]\([^()\n]{0,500}\)")
_LINK = re.compile(
    r"(?<!!)\[((?:[^\[\]\n\\]|\\.){1,500})\]\((?:[^()\n]|\([^()\n]{0,200}\)){0,800}\)"
)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~&])")
_ESCAPE_IN_TABLE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>~&])")
_TAG = re.compile(
    r"</?(?:br|p|div|span|b|i|em|strong|sup|sub|details|summary|a|img|kbd|u|center|font)\b[^<>]{0,"
    r"300}>",
    re.IGNORECASE,
)
_INLINE_CODE = re.compile(r"`[^`\n]{1,400}`")
_CODE_PARTS = re.compile(r"(`[^`\n]{1,400}`)")
_EMPHASIS = re.compile(
    r"\*\*(?=\S)([^\n]+?)(?<=\S)\*\*|(?<!\w)__(?=\w)([^\n]+?)(?<=\w)__(?![\w.(])|"
    r"(?<![\w*:\"'/])\*(?=[\w(\[`])([^*\n]+?)(?<=[\w.)\]!?,`])\*(?![\w*])|"
    r"(?<![\w*])_(?=[\w(\[`])([^\n]+?)(?<=[\w.)\]!?,`])_(?!\w)"
)
"""Emphasis by pairs; a star or underscore of an identifier, as in `kms:Rotate*`, has no
partner.
"""


_FRONT = {"---": "---", "+++": "+++", "{": "}"}
"""Lines that open front matter, in YAML, TOML and JSON (Hugo), and those that close it."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block: `text[start:end]` of the source, trailing blank lines not included."""

    kind: Kind
    start: int
    end: int
    level: int = 0
    """Of a heading, 1 to 6."""


@dataclass(slots=True)
class _Open:
    kind: Kind
    start: int
    end: int
    fence: str = ""

    def closes(self, line: str) -> bool:
        """True where `line` ends the fence."""
        bare = line.strip() if self.kind != "front" else line.rstrip()
        return bare.startswith(self.fence) and not bare.strip(self.fence[0])


class _Scanner:
    """The state between two lines: the block that is open, and whether a blank line came last."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self._open: _Open | None = None
        self._blank = True
        self._lines = 0

    def line(self, start: int, end: int, line: str) -> None:
        """Take one line; the blocks that it ends are found."""
        if self._open and self._open.fence:
            self._open.end = end
            if self._open.closes(line):
                self._open.fence = ""
                if self._open.kind in ("code", "front"):
                    self.close()
        elif not line or line.isspace():
            if not (self._open and self._open.kind in ("item", "step", "code")):
                self.close()
            self._blank = True
        elif level := self._underlined(line):
            assert self._open
            self.found.append(Block("heading", self._open.start, self._open.end, level))
            self._open = None
            self._blank = True
        elif start and _RULE.match(line):
            self.close()
            self._blank = True
        else:
            self._text(start, end, line)
            self._blank = False

    def _underlined(self, line: str) -> int:
        """Level of the heading that `line` makes of the paragraph above it, 0 if it makes none.

        CommonMark 0.31, section 4.3; only of one line, so that a rule below a paragraph stays one.
        """
        now = self._open
        if now is None or now.kind != "paragraph" or self._lines != 1 or now.end - now.start > 120:
            return 0
        return {"=": 1, "-": 2}[line.strip()[0]] if _UNDERLINE.fullmatch(line) else 0

    def _text(self, start: int, end: int, line: str) -> None:
        kind, fence, level = _kind_of(line, self._open, blank=self._blank, first=start == 0)
        if kind is not None:
            self.close()
        self._lines = self._lines + 1 if kind is None and self._open else 1
        if kind == "heading":
            self.found.append(Block(kind, start, end, level))
        elif self._open is None:
            self._open = _Open(kind or "paragraph", start, end, fence)
        else:
            self._open.end, self._open.fence = end, fence

    def close(self) -> None:
        """End the open block, if there is one."""
        if self._open:
            self.found.append(Block(self._open.kind, self._open.start, self._open.end))
        self._open = None


def blocks(text: str) -> list[Block]:
    """The blocks of `text` in order."""
    scanner = _Scanner()
    for start, end, line in _lines(text):
        scanner.line(start, end, line)
    scanner.close()
    return scanner.found


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Each line with the offsets of its first character and of its end without the newline."""
    at = 0
    for line in text.split("\n"):
        yield at, at + len(line), line
        at += len(line) + 1


def _kind_of(
    line: str, open_: _Open | None, *, blank: bool, first: bool
) -> tuple[Kind | None, str, int]:
    """(kind, fence, heading level) of a block that `line` begins; kind None where it goes on with
    the open one.
    """
    if first and line.strip() in _FRONT:
        return "front", _FRONT[line.strip()], 0
    indented = line[:1] == "\t" or line.startswith("  ")
    inside_item = open_ is not None and open_.kind in ("item", "step")
    if fence := _FENCE.match(line):
        return (None if inside_item and indented else "code"), fence[1], 0
    if heading := HEADING.match(line):
        return "heading", "", len(heading[1])
    if inside_item and indented:
        return None, "", 0
    return _plain_kind(line, open_, blank=blank), "", 0


def _plain_kind(line: str, open_: _Open | None, *, blank: bool) -> Kind | None:
    now = open_.kind if open_ else None
    if line.lstrip().startswith("|"):
        return None if now == "table" else "table"
    if item := _ITEM.match(line):
        return "step" if item[1] and item[1].isdigit() else "item"
    if line.startswith(">"):
        return None if now == "quote" else "quote"
    if line.startswith(("    ", "\t")) and (now == "code" or (blank and now is None)):
        return None if now == "code" else "code"
    lazy = now in ("paragraph", "quote") or (now in ("item", "step") and not blank)
    return None if lazy else "paragraph"


def is_separator(line: str) -> bool:
    """True for a thematic break or the rule below a table's head."""
    return bool(_RULE.match(line)) or not line.strip("|:- \t")


# ---------------------------------------------------------------- inline


def tidy(span: str) -> str:
    """A span as people read it: links as their words, no anchors, comments or layout tags; code
    untouched.
    """
    if "```" not in span and "~~~" not in span:
        return _trimmed(_tidy_prose(span))
    parts: list[str] = []
    fence = ""
    run: list[str] = []
    for line in span.split("\n"):
        opening = _FENCE.match(line)
        closing = fence and line.strip().startswith(fence) and not line.strip().strip(fence[0])
        if not fence and opening:
            parts.append(_tidy_prose("\n".join(run)))
            fence, run = opening[1], [line]
        elif closing:
            parts.append("\n".join([*run, line]))
            fence, run = "", []
        else:
            run.append(line)
    parts.append("\n".join(run) if fence else _tidy_prose("\n".join(run)))
    return _trimmed("\n".join(parts))


def few_blank_lines(text: str) -> str:
    """The text with one blank line for several in a row."""
    return _BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text


_BLANK_LINES = re.compile(r"\n{3,}")


def _trimmed(text: str) -> str:
    text = few_blank_lines(text).strip("\n").rstrip()
    return text if text.startswith(("    ", "\t")) else text.lstrip()


def _tidy_prose(text: str) -> str:
    if "<" in text or "{#" in text:
        text = _outside_code(_untagged, _COMMENT.sub("", text))
    if "](" in text:
        text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    if "\\" in text:
        text = _outside_code(_unescaped, text)
    return "\n".join(map(str.rstrip, text.split("\n"))) if _trails(text) else text


def _outside_code(change: Callable[[str], str], text: str) -> str:
    """`text` with what is in no inline code changed."""
    if "`" not in text:
        return change(text)
    parts = _CODE_PARTS.split(text)
    parts[::2] = [change(part) for part in parts[::2]]
    return "".join(parts)


def _untagged(text: str) -> str:
    return _TAG.sub("", _ANCHOR.sub("", text))


def _unescaped(text: str) -> str:
    r"""Without backslashes before punctuation; in a table `\|` stays, since it ends no column."""
    return "\n".join(
        (_ESCAPE_IN_TABLE if line.lstrip().startswith("|") else _ESCAPE).sub(r"\1", line)
        for line in text.split("\n")
    )


def _trails(text: str) -> bool:
    """True where a line may end in white space."""
    return " \n" in text or "\t\n" in text or text[-1:].isspace()


def plain(text: str) -> str:
    """One line of text without any mark-up, such as a heading."""
    text = _tidy_prose(text.strip().rstrip("#"))
    text = unescape(text) if "&" in text else text
    text = _outside_code(_unemphasised, text).replace("`", "")
    return _SPACES.sub(" ", text).strip(" :|")


_SPACES = re.compile(r"\s+")


def _unemphasised(text: str) -> str:
    return _EMPHASIS.sub(lambda m: next(filter(None, m.groups())), text)


def front_title(text: str) -> str:
    """The title that front matter names, in YAML, TOML or JSON; '' if there is none."""
    first = text[:4000].split("\n", 1)[0].strip()
    if first not in _FRONT:
        return ""
    head = re.split(rf"(?m)^{re.escape(_FRONT[first])}\s*$", text[:8000].lstrip()[1:], maxsplit=1)[
        0
    ]
    found = _TITLE_KEY.search(head)
    return unescape(next(filter(None, found.groups()), "").strip()) if found else ""


_TITLE_KEY = re.compile(
    r"""^[ \t]*["']?title["']?[ \t]*[:=][ \t]*(?:"((?:[^"\\\n]|\\.){1,300})"|'([^'\n]{1,300})'|"""
    r"""(?![>|][-+]?[ \t]*$)([^\s"'#][^\n]{0,300}?)[ \t]*(?:,[ \t]*)?$)|"""
    r"""^title:[ \t]*[>|]-?[ \t]*\n[ \t]+([^\n]{1,300})""",
    re.MULTILINE | re.IGNORECASE,
)


def first_title(text: str) -> str:
    """The title of a document without one of its own: front matter's, else its first heading if
    nothing was said before it; '' if there is none.
    """
    if named := front_title(text):
        return named
    found = blocks(text[:5000])
    top = next((b for b in found if b.kind == "heading" and b.level == 1), None)
    lead = next((b for b in found if b.kind != "front"), None)
    best = top or (lead if lead and lead.kind == "heading" else None)
    return plain(text[best.start : best.end].strip().lstrip("#")) if best else ""


def prose(text: str, found: Sequence[Block]) -> str:
    """What is left to read aloud: no code, tables, front matter or headings; each block ends a
    sentence.
    """
    return "\n".join(sentences(text, found))


def sentences(text: str, found: Sequence[Block]) -> list[str]:
    """The prose of each block that has any, in order."""
    return [
        _sentence(text[b.start : b.end])
        for b in found
        if b.kind in ("paragraph", "item", "step", "quote")
    ]


_MARK = re.compile(r"^[ \t>]*(?:[-*+•]|\w{1,3}[.)])?[ \t]+", re.MULTILINE)
_ADDRESS = re.compile(r"https?://\S+")


def _sentence(span: str) -> str:
    if "```" in span or "~~~" in span:
        span = without_fences(span)
    span = _INLINE_CODE.sub("", _tidy_prose(span)) if "`" in span else _tidy_prose(span)
    if "\n" in span:
        span = _MARK.sub("", span)
    elif mark := _MARK.match(span):
        span = span[mark.end() :]
    span = span.replace("**", "")
    span = (_ADDRESS.sub("", span) if "://" in span else span).strip()
    return span if span.endswith((".", "!", "?", ":")) or not span else f"{span}."


def without_fences(span: str) -> str:
    """The lines of `span` that are in no fenced code."""
    return "\n".join(_unfenced(span)[0])


def has_open_fence(span: str) -> bool:
    """True if a code fence of `span` is not closed."""
    return bool(_unfenced(span)[1])


def _unfenced(span: str) -> tuple[list[str], str]:
    """The lines in no fenced code, and the fence that is open at the end."""
    kept: list[str] = []
    fence = ""
    for line in span.split("\n"):
        opening = _FENCE.match(line)
        if fence:
            fence = "" if line.strip().startswith(fence) else fence
        elif opening:
            fence = opening[1]
        else:
            kept.append(line)
    return kept, fence


def link_characters(text: str) -> int:
    """Characters inside link texts."""
    return 0 if "](" not in text else sum(len(found[1]) for found in _LINK.finditer(text))
