"""Cut an answer into windows: the spans of text within which one statement is looked for.

A window is a sentence, a list item or table row (with the sentence that leads into it), or one
fenced code block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from secarch.text.polarity.introduction import introduction
from secarch.text.polarity.plain import plain, plain_code

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
GIVEN_WORDS = 4
"""Words of a sentence of the question from which on to repeat it says nothing."""
GIVEN_RUN = 8
"""Words from which on any part of the question is taken for a repetition of it."""
WRAPPED = 60
"""Characters of a line from which on the next one may go on with its sentence."""
SENTENCE = 8
"""Level of a sentence that announces what follows; headings have 1 to 6, lines in bold 7."""

_WORD = re.compile(r"[a-z0-9]+")
_MARKED = re.compile(
    r"^(?:[\u2705\u2611\u2714\u27a1\u2b50\u2192\U0001f449\U0001f4a1\U0001f4cc\U0001f7e2]\ufe0f? ?"
    r"|tl;?dr[:.,]? )+"
)
"""A tick, an arrow or the like before a sentence, which begins with its first word."""
_ANNOUNCED = re.compile(r"^[^:]{2,60}:\s+")
_ANNOUNCES = re.compile(
    r"\b(?:(?:the|all|everything|each|any|what) (?:of )?(?:the )?(?:\w+ )?(?:following|below)|the"
    r" following"
    r"|what (?:follows|comes next)|(?:rest|remainder) of this)\b"
)
"""A sentence of which all that follows up to the next heading is an instance."""

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*([\w.+-]*)")
_ITEM = re.compile(r"^(\s*)(?:[-*+\u2022]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+(\S.*)$")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*)$")
_BOLD_LINE = re.compile(r"^\s*(?:\*\*|__)([^*_]+)(?:\*\*|__):?\s*$")
_TICKED = re.compile(r"^\s*[\u2705\u2714\u2611\u274c\u2717\u2718\u2716\U0001f6ab]")
_LEADS = re.compile(r"^(?:\*\*|__)?[A-Z0-9][^.!?:;|]{0,60}:(?:\*\*|__)?\s*$")
"""A line that leads into what is below it, though no blank line is above."""
_TITLE = re.compile(r"^[A-Z0-9][\w'/&-]*(?: [\w'/&()-]+){0,4}\s*$")
_SENTENCE_END = re.compile(r"""(?:(?<=[.!?])|(?<=[.!?]["')\]])|(?<=[.!?]["')\]]{2}))\s+(?=\S)""")
_QUOTE_END = re.compile(r"""[.!?]["']+$""")
_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|etc|vs|cf|approx|incl|resp|fig|sec|dr|mr|ms|st)\.$", re.IGNORECASE
)
_NUMBER = re.compile(r"\bno\.$", re.IGNORECASE)
"""As in "no. 4"; before anything else than a number it is the answer "no"."""


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
    quoted: bool = False
    """Whether it is in a block quote."""
    heading: bool = False
    """Whether it is a heading, or a line in bold that serves as one."""
    block: int = 0
    """Number of the paragraph, list or table that it belongs to; what shares it is read as one."""
    under: tuple[str, ...] = ()
    """The headings above it, outermost first, then a sentence that announces all that follows."""
    columns: tuple[str, ...] = ()
    """Of a table row, the cells of the header."""

    @property
    def joined(self) -> str:
        """Lead and text as two lines."""
        return f"{self.lead}\n{self.text}" if self.lead else self.text

    @property
    def warned(self) -> bool:
        """Whether it is code that is introduced as wrong or as the code under review."""
        return self.code and not introduction(self.lead, code=True).advised

    @property
    def forbidden(self) -> bool:
        """Whether it is prose that is introduced as something not to be done ("Avoid:")."""
        return not self.code and introduction(self.lead, items=True).kind == "denied"


def sentences(text: str) -> list[str]:
    """Split prose after `.`, `!` or `?` and white space; not after common abbreviations."""
    parts: list[str] = []
    for part in _SENTENCE_END.split(text):
        if parts and _goes_on(parts[-1][-12:], part):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return [part for part in (p.strip() for p in parts) if part]


def _goes_on(end: str, rest: str) -> bool:
    """Whether the full stop after `end` is one of an abbreviation, or of a quotation inside."""
    if _QUOTE_END.search(end) and rest[:1].islower():
        return True
    return bool(_ABBREVIATION.search(end) or (_NUMBER.search(end) and rest[:1].isdigit()))


def windows(answer: str, given: str = "") -> list[Window]:
    """All windows of an answer, in order; of very long ones, bounded pieces that overlap.

    Sentences that are in `given`, the question, are left out: who repeats it says nothing.
    """
    asked = [_words(sentence) for line in given.splitlines() for sentence in sentences(line)]
    asked += [_words(sentence) for sentence in sentences(" ".join(given.split()))]
    cutter = _Cutter(f" {_words(given)} ", frozenset(asked))
    for line in answer[:MAX_ANSWER].splitlines():
        cutter.take(line)
    cutter.close()
    return [piece for window in cutter.found for piece in _bounded(window)]


def _words(text: str) -> str:
    return " ".join(_WORD.findall(plain(text)))


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

    given: str
    """Words of the question between spaces."""
    asked: frozenset[str]
    """The words of each of its sentences."""
    found: list[Window] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    item: bool = False
    quoted: bool = False
    block: int = 0
    titles: list[tuple[int, str]] = field(default_factory=list)
    """Levels and texts of the headings above, and of a sentence that announces what follows."""
    columns: tuple[str, ...] = ()
    leads: list[tuple[int, str]] = field(default_factory=lambda: [(-1, "")])
    """Indents and sentences that introduce what is indented deeper."""
    fence: str = ""
    language: str = ""

    def take(self, line: str) -> None:
        if self.fence:
            self._code_line(line)
            return
        quote = line.lstrip().startswith(">")
        if quote is not self.quoted and (quote or not line.strip() or self._starts(line)):
            self._flush()
            self.quoted, self.leads = quote, [(-1, self._lead() if quote else "")]
        line = line.lstrip("> ") if quote else line
        if opened := _FENCE.match(line):
            self._flush()
            self.fence, self.language = opened[1], opened[2].lower()
        elif not line.strip():
            self._flush()
            self.columns = ()
        else:
            self._prose_line(line)

    def close(self) -> None:
        if self.fence:
            self._end_code()
        self._flush()

    @staticmethod
    def _starts(line: str) -> bool:
        """Whether the line begins a block of its own, and does not go on with a lazy quote."""
        return bool(_HEADING.match(line) or _ITEM.match(line) or line.lstrip().startswith("|"))

    def _code_line(self, line: str) -> None:
        line = line.lstrip("> ") if self.quoted else line
        if line.strip().startswith(self.fence) and not line.strip().strip(self.fence[0]):
            self._end_code()
        else:
            self.lines.append(line)

    def _end_code(self) -> None:
        raw = "\n".join(self.lines)
        text = plain_code(raw)
        if text:
            lead = self.leads[-1][1]
            self._add(Window(text, lead, code=True, raw=raw, language=self.language))
        self.lines, self.fence = [], ""

    def _add(self, window: Window) -> None:
        """Keep a window with what is around it."""
        last = self.found[-1] if self.found else None
        joins = last and window.item and last.item and last.quoted == self.quoted
        if not joins and not (last and last.quoted and self.quoted):
            self.block += 1
        under = tuple(title for _, title in self.titles)
        self.found.append(replace(window, quoted=self.quoted, block=self.block, under=under))

    def _prose_line(self, line: str) -> None:
        if heading := _HEADING.match(line) or _BOLD_LINE.match(line):
            self._flush()
            self._heading(plain(heading[1].rstrip().rstrip("#")), _level(line))
        elif item := _ITEM.match(line):
            self._end_before_title()
            self._flush()
            self._open_item(len(item[1].expandtabs(4)), item[2])
        elif line.lstrip().startswith("|"):
            self._flush()
            self._row(line)
        else:
            if self._begins_part(line):
                self._flush()
            self.lines.append(line)

    def _begins_part(self, line: str) -> bool:
        """Whether a line begins a part of its own with no blank line above: "New plan:", a tick."""
        if not self.lines or _wrapped(self.lines[-1]):
            return False
        return bool(_TICKED.match(line) or _LEADS.match(line))

    def _end_before_title(self) -> None:
        """Part from a list the line below it that names the next one: "Quarter 1"."""
        below = self.item and len(self.lines) > 1 and not _wrapped(self.lines[-2])
        if below and _TITLE.match(self.lines[-1]):
            title = self.lines.pop()
            self._flush()
            self.lines = [title]

    def _heading(self, title: str, level: int) -> None:
        title = " ".join(self._own([title]))
        self.leads = [(-1, title[-MAX_LEAD:])]
        self.titles = [(n, text) for n, text in self.titles if n < level]
        if title:
            self._add(Window(title, heading=True))
            self.titles.append((level, title[-MAX_LEAD:]))

    def _open_item(self, indent: int, text: str) -> None:
        while self.leads[-1][0] >= indent and len(self.leads) > 1:
            self.leads.pop()
        self.item, self.lines = True, [text]
        self.leads.append((indent, ""))

    def _row(self, line: str) -> None:
        cells = [plain(cell) for cell in line.strip().strip("|").split("|")]
        if set(line) <= set(" \t|:-"):
            last = self.found[-1] if self.found else None
            self.columns = tuple(last.text.split(" ; ")) if last and last.item else ()
            return
        own = [" ".join(self._own([cell])) for cell in cells]
        if any(own):
            row = Window(" ; ".join(own), self._lead(), item=True, columns=self.columns)
            self._add(row)

    def _lead(self) -> str:
        return next((lead for _, lead in reversed(self.leads) if lead), "")

    def _own(self, parts: list[str]) -> list[str]:
        """The sentences that do not stand in the question."""
        return [part for part in parts if not self._is_given(part)]

    def _is_given(self, part: str) -> bool:
        """Whether it is a sentence of the question, or so long a part of it that it repeats it."""
        for text in dict.fromkeys((part, _ANNOUNCED.sub("", part))):
            words = _words(text)
            if words in self.asked and words.count(" ") + 1 >= GIVEN_WORDS:
                return True
            if words.count(" ") + 1 >= GIVEN_RUN and f" {words} " in self.given:
                return True
        return False

    def _flush(self) -> None:
        """End a paragraph or list item; its last sentence introduces what comes next."""
        text = " ".join(self.lines)
        said = (_MARKED.sub("", plain(part)) for part in sentences(text))
        parts = self._own([part for part in said if part])
        if parts and self.item:
            self._add(Window("\n".join(parts), self._lead(), item=True))
            last = parts[-1][-MAX_LEAD:] if parts[-1].endswith(":") else ""
            self.leads[-1] = (self.leads[-1][0], last)
        elif parts:
            self._paragraph(parts)
        elif self.lines and not self.item:
            self.leads = [(-1, "")]
        self.lines, self.item = [], False

    def _paragraph(self, parts: list[str]) -> None:
        self._add(Window(parts[0]))
        block, under = self.block, self.found[-1].under
        more = (Window(part, quoted=self.quoted, block=block, under=under) for part in parts[1:])
        self.found += more
        self.leads = [(-1, parts[-1][-MAX_LEAD:])]
        if _ANNOUNCES.search(parts[-1]):
            self.titles = [(n, text) for n, text in self.titles if n < SENTENCE]
            self.titles.append((SENTENCE, parts[-1][-MAX_LEAD:]))


def _wrapped(line: str) -> bool:
    """Whether a line is so long that the next one may only go on with it."""
    return len(line) >= WRAPPED and not line.rstrip().endswith((".", "!", "?", ";", ":"))


def _level(line: str) -> int:
    """1..6 of a heading, 7 of a line in bold."""
    marks = len(line.lstrip()) - len(line.lstrip().lstrip("#"))
    return marks or SENTENCE - 1
