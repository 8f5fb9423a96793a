"""Cut an answer into windows: the spans of text within which one statement is looked for.

A window is a sentence, a list item or table row (with the sentence that leads into it), or one
fenced code block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

MAX_ANSWER = 60_000
"""Characters of an answer that are read; no question needs more, and a runaway model may give it.
"""
MAX_WINDOW = 1_000
"""Characters of a window; a longer one is cut into overlapping pieces, which bounds every regex
search.
"""
OVERLAP = 250
MAX_LEAD = 300
"""Characters of a lead that are kept, its last ones."""

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*([\w.+-]*)")
_ITEM = re.compile(r"^(\s*)(?:[-*+\u2022]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+(\S.*)$")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*)$")
_BOLD_LINE = re.compile(r"^\s*(?:\*\*|__)([^*_]+)(?:\*\*|__):?\s*$")
_SENTENCE_END = re.compile(r"""(?<=[.!?])["')\]]*\s+(?=\S)""")
_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|etc|vs|cf|approx|incl|resp|no|fig|sec|dr|mr|ms|st)\.$", re.IGNORECASE
)
_LINK = re.compile(r"!?\[([^\]\n]{1,300})\]\([^)\s]{0,600}\)")
_EMPHASIS = re.compile(r"""(?<![\w:*/"'.=])(\*{1,3})(?=[^\s*])([^*\n]{1,600}?)(?<=\S)\1(?![\w*])""")
_UNDERLINE = re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])([^_\n]{1,600}?)(?<=[^\s_])\1(?!\w)")
_CHARACTERS = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201b": "'",
        "\u2032": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2033": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2212": "-",
        "\u00ad": "",
        "\u2014": " - ",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u200b": "",
        "\ufeff": "",
    }
)
_WARNING = re.compile(
    r"\b(?:do not|don't|does not|must not|mustn't|should not|shouldn't|never|avoid|not "
    r"recommended|insecure|unsafe"
    r"|vulnerable|dangerous|anti-?patterns?|mistakes?|pitfalls?|bad|wrong|incorrect|"
    r"problem(?:atic)?|instead of"
    r"|before|current(?:ly)?|original|existing|flawed|weak|given|your "
    r"(?:code|template|policy)|violat\w+|reject\w*)\b",
    re.IGNORECASE,
)
"""What may introduce code that is shown as wrong, or as what is there now."""
_FORBIDDING = re.compile(
    r"^\W*(?:(?:please|also|and|so|you|we|teams|things?|what|actions?|practices?|to|should|must|"
    r"the|common|typical"
    r"|rejected|alternatives?|options?) )*(?:(?:do|must|should|may|can)(?: "
    r"not\b|n't\b)|don'ts?\b|not to\b|never\b"
    r"|avoid(?:ed)?\b|not "
    r"recommended\b|forbidden\b|prohibited\b|rejected\b|mistakes$|pitfalls$|anti-?patterns$)"
)
"""What introduces items of prose that are not to be done. Words such as "current" or "wrong" do
not: what follows "What is wrong:" is as often the remedy as the fault.
"""
_CONDITIONAL = re.compile(
    r"\b(?:until|unless|without|because|before|except|if|by|with|through|via|using|as follows)\b"
)
"""As in "Never ship without:", where the items are what is wanted."""


@dataclass(frozen=True, slots=True)
class Window:
    """One span of an answer."""

    text: str
    """Lower-case, white space collapsed, without emphasis; sentences of one list item stand on
    lines of their own.
    """
    lead: str = ""
    """The sentence or heading that introduces it, in the same form."""
    code: bool = False
    """Whether it is a fenced code block."""
    raw: str = ""
    """A code block as it was written."""
    language: str = ""
    """What the fence says the code is."""
    item: bool = False
    """Whether it is a list item or a table row, which need no whole sentence."""

    @property
    def joined(self) -> str:
        """Lead and text as two lines."""
        return f"{self.lead}\n{self.text}" if self.lead else self.text

    @property
    def warned(self) -> bool:
        """Whether it is code that is introduced as wrong or as the code under review."""
        return self.code and bool(_WARNING.search(self._introduction))

    @property
    def forbidden(self) -> bool:
        """Whether it is prose that is introduced as something that is not to be done ("Avoid:")."""
        if self.code or self.lead.endswith((".", "!", "?")):
            return False
        introduction = self._introduction.strip()
        return bool(_FORBIDDING.search(introduction)) and not _CONDITIONAL.search(introduction)

    @property
    def _introduction(self) -> str:
        """The last clause of the lead."""
        return re.split(r"[,;]|\bbut\b|\binstead\b(?! of)", self.lead.rstrip(": "))[-1]


def plain(text: str) -> str:
    """Lower case, straight quotes, one hyphen, no emphasis or code marks, link texts only, single
    spaces.
    """
    text = _LINK.sub(r"\1", text.translate(_CHARACTERS))
    for _ in range(2):
        text = _UNDERLINE.sub(r"\2", _EMPHASIS.sub(r"\2", text))
    return " ".join(text.replace("`", "").lower().split())


def plain_code(text: str) -> str:
    """Code in lower case with straight quotes and single spaces; nothing of it is taken for
    markup.
    """
    return " ".join(text.translate(_CHARACTERS).lower().split())


def sentences(text: str) -> list[str]:
    """Split prose after `.`, `!` or `?` and white space; not after common abbreviations."""
    parts: list[str] = []
    for part in _SENTENCE_END.split(text):
        if parts and _ABBREVIATION.search(parts[-1][-12:]):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return [part for part in (p.strip() for p in parts) if part]


def windows(answer: str) -> list[Window]:
    """All windows of an answer, in order; of very long ones, bounded pieces that overlap."""
    cutter = _Cutter()
    for line in answer[:MAX_ANSWER].splitlines():
        cutter.take(line)
    cutter.close()
    return [piece for window in cutter.found for piece in _bounded(window)]


def _bounded(window: Window) -> Iterator[Window]:
    text = window.text
    if len(text) <= MAX_WINDOW:
        yield window
        return
    for start in range(0, len(text) - OVERLAP, MAX_WINDOW - OVERLAP):
        piece = text[start : start + MAX_WINDOW]
        yield replace(window, text=piece, raw=window.raw if start == 0 else "")


@dataclass(slots=True)
class _Cutter:
    """Reads lines and keeps what the block that they belong to has so far."""

    found: list[Window] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    item: bool = False
    leads: list[tuple[int, str]] = field(default_factory=lambda: [(-1, "")])
    """Indents and sentences that introduce what is indented deeper."""
    fence: str = ""
    language: str = ""

    def take(self, line: str) -> None:
        if self.fence:
            self._code_line(line)
        elif opened := _FENCE.match(line):
            self._flush()
            self.fence, self.language = opened[1], opened[2].lower()
        elif not line.strip():
            self._flush()
        else:
            self._prose_line(line.lstrip("> ") if line.lstrip().startswith(">") else line)

    def close(self) -> None:
        if self.fence:
            self._end_code()
        self._flush()

    def _code_line(self, line: str) -> None:
        if line.strip().startswith(self.fence) and not line.strip().strip(self.fence[0]):
            self._end_code()
        else:
            self.lines.append(line)

    def _end_code(self) -> None:
        raw = "\n".join(self.lines)
        text = plain_code(raw)
        if text:
            self.found.append(
                Window(text, self.leads[-1][1], code=True, raw=raw, language=self.language)
            )
        self.lines, self.fence = [], ""

    def _prose_line(self, line: str) -> None:
        if heading := _HEADING.match(line) or _BOLD_LINE.match(line):
            self._flush()
            title = plain(heading[1].rstrip().rstrip("#"))
            self.leads = [(-1, title[-MAX_LEAD:])]
            self.found.append(Window(title))
        elif item := _ITEM.match(line):
            self._flush()
            self._open_item(len(item[1].expandtabs(4)), item[2])
        elif line.lstrip().startswith("|"):
            self._flush()
            self._row(line)
        else:
            self.lines.append(line)

    def _open_item(self, indent: int, text: str) -> None:
        while self.leads[-1][0] >= indent and len(self.leads) > 1:
            self.leads.pop()
        self.item, self.lines = True, [text]
        self.leads.append((indent, ""))

    def _row(self, line: str) -> None:
        if not set(line) <= set(" \t|:-"):
            cells = " ; ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
            self.found.append(Window(plain(cells), self._lead(), item=True))

    def _lead(self) -> str:
        return next((lead for _, lead in reversed(self.leads) if lead), "")

    def _flush(self) -> None:
        """End a paragraph or list item; its last sentence introduces what comes next."""
        text = " ".join(self.lines)
        parts = [part for part in map(plain, sentences(text)) if part]
        if parts and self.item:
            self.found.append(Window("\n".join(parts), self._lead(), item=True))
            self.leads[-1] = (
                self.leads[-1][0],
                parts[-1][-MAX_LEAD:] if parts[-1].endswith(":") else "",
            )
        elif parts:
            self.found += [Window(part) for part in parts]
            self.leads = [(-1, parts[-1][-MAX_LEAD:])]
        self.lines, self.item = [], False
