"""A document, parsed once: sections with their headings, and parts of text that are tidied once.

Everything that makes examples reads these objects; nobody parses or tidies the Markdown again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

from secarch.dedupe.examples.phrases import Casing
from secarch.records import Document
from secarch.text.finder import Finder
from secarch.text.lexicon import FUNCTION_WORDS, LANGUAGES_OF
from secarch.text.markdown import Block, Kind, blocks, few_blank_lines, is_separator, plain, tidy
from secarch.text.words import count_runs, runs

_WORD = re.compile(r"\w+")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+\u2022]|\d{1,3}[.)]|[a-z][.)])[ \t]+")
_STEP = re.compile(r"^(\d{1,3}|[a-z])[.)][ \t]+")
_SENTENCE = re.compile(r"[.!?][\"')*_]{0,2}\s+(?=[A-Z\"'(`*\[])")
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|etc|vs|no|fig|approx|incl)\.$", re.IGNORECASE)
_LONGEST_ABBREVIATION = len(" approx.")
_POINTS = Finder(
    r"\W*(?:(?:for|to) (?:\w+[ -]){0,14}?[^.]{0,160}?,? (?:please )?"
    r"(?:see|refer to|visit|consult|check out|read|check|review|go to|follow)\b[^.]*|"
    r"(?:please )?(?:see|see also|refer to|read more|learn more|also see|more "
    r"(?:information|details)|"
    r"for (?:more|further|additional|detailed) (?:information|details|help|guidance))\b.*|"
    r"(?:this|the|in this|these) (?:topic|section|page|article|guide|tutorial|document|"
    r"chapter|how-to|"
    r"quickstart|walkthrough|cheat sheet|module|blog post|post|lab|unit|sections|topics|"
    r"appendix)s?\b.*|"
    r"[^.]{0,80}\b(?:can be found|is described|are described|is available|are available|"
    r"is documented) "
    r"(?:in|at|on|here)\b.*|.*\bclick here\b.*|.*\bjoin (?:us|our)\b.*|"
    r"[^.]{0,90}\b(?:see|refer to) (?:the )?\[?[\"*A-Z][^.]{0,160}|"
    r"the following (?:\w+ )?(?:instructions|procedures?|sections?|topics?|steps|"
    r"examples?|information|tables?|tasks?) "
    r"(?:provides?|describes?|shows?|explains?|contains?|lists?|demonstrates?|"
    r"illustrates?|guides?|walks?)\b[^:]*|"
    r"\W*(?:a |the )?(?:screenshot|diagram|image|picture|illustration)s?\b.*)\W*",
    re.IGNORECASE | re.DOTALL,
)
_HINT = Finder(
    r"\b(?:see|refer|visit|consult|read|check|review|go to|follow|more|further|"
    r"additional|topics?|sections?|pages?|"
    r"articles?|guides?|tutorial|document|chapter|how-to|quickstart|walkthrough|cheat "
    r"sheet|module|blog|posts?|lab|unit|"
    r"appendix|found|described|available|documented|click|join|following|screenshots?|"
    r"diagrams?|images?|picture)\b",
    re.IGNORECASE,
)
_ICON = re.compile(
    r":::image[^\n]*?:::\s*|\b(?:Trade-?off|Risk|Note|Warning|Tip|Info) icon\b\.?\s*|"
    r":::\w*[^\n]*|\[![A-Z]+\][ \t]*|&#\d{2,6};|&(?:check|rarr|nbsp);"
)
_CITED = re.compile(
    r"\s*(?:\\?\[){1,2}[A-Z][^\[\]\n]{2,60}?\s(?:19|20)\d\d\w?\\?\]{1,2}|\(Citation: [^()]{1,120}\)"
)
_LEFT = re.compile(
    r"\[([^\[\]\n]{1,120})\]\[[^\[\]\n]{0,80}\]|\[\[([^\[\]\n]{1,120})\]\](?:\([^()\s]*\))?"
)
_DEFINED = re.compile(
    r"^[ \t]*\[[^\]\n]{1,80}\]:[ \t]*\S+[^\n]*$|[ \t]*\[[^\]\n]{1,80}\]: https?://\S+", re.MULTILINE
)
_ALT = re.compile(
    r"[ \t]*(?:\(\[[A-Z][^\]\n]{5,200}\]\)|\*(?:Screenshot|Diagram|Image) [^*\n]{5,300}\*)|"
    r"^[ \t]+\*[A-Z][^*\n]{8,300}\*[ \t]*$",
    re.MULTILINE,
)
_PICTURE = re.compile(
    r"[_*]*(?:[\w./-]+\.(?:png|jpe?g|svg|gif|drawio)|[a-z0-9]+(?:-[a-z0-9]+){1,6})[_*]*:?"
)
_FOOT = re.compile(r"<(https?://[^<>\s]+)>")
_SUFFIX = re.compile(
    r"\s+[|\u00b7\u2022\u00bb]\s+[^|\u00b7\u2022\u00bb]{2,60}$|"
    r"\s+[-\u2013\u2014]\s+(?:[A-Z]\w*\s?){1,4}$"
)


class Part:
    """A block of a section; its readable text is made when it is first asked for, and kept."""

    __slots__ = ("_raw", "_text", "end", "kind", "start", "words")

    def __init__(self, kind: Kind, start: int, end: int, raw: str) -> None:
        self.kind, self.start, self.end = kind, start, end
        self._raw = raw
        self._text: str | None = None
        self.words = count_runs(raw)

    @property
    def raw(self) -> str:
        """As the source has it."""
        return self._raw

    @property
    def text(self) -> str:
        """As an answer may hold it: no links, anchors or icons, no sentence that only points
        elsewhere.
        """
        if self._text is None:
            self._text = (
                _code(self._raw) if self.kind == "code" else flow(_bare(self._raw, self.kind))
            )
        return self._text

    def with_text(self, text: str) -> Part:
        """The same span that reads otherwise, such as the value behind a label."""
        part = Part(self.kind, self.start, self.end, "")
        part._text, part.words = text, count_runs(text)
        return part


@dataclass(slots=True, eq=False)
class Section:
    """A heading with what is below it."""

    heading: str
    """Plain text; the page's title for what comes before the first heading."""
    level: int
    path: tuple[str, ...]
    """Headings above, outermost first, without the own one."""
    parts: list[Part] = field(default_factory=list)
    """What is between the heading and the next one."""
    below: list[Section] = field(default_factory=list)

    def walk(self) -> Iterator[Section]:
        """This section and all below it, in order."""
        yield self
        for section in self.below:
            yield from section.walk()

    def every_part(self) -> list[Part]:
        """The parts of this section and of all below it, in order."""
        return [part for section in self.walk() for part in section.parts]


@dataclass(slots=True, eq=False)
class Page:
    """A document as examples are made of it."""

    document: Document
    title: str
    product: str
    casing: Casing
    top: Section
    longest: int
    """Words of the longest answer."""
    memo: dict[str, str] = field(default_factory=dict)
    """What was read of headings before."""

    def sections(self) -> Iterator[Section]:
        """All sections in order."""
        return self.top.walk()


def parse(document: Document, product: str, longest: int = 400) -> Page:
    """Read a document: the only place of this package that reads Markdown."""
    title = plain(_SUFFIX.sub("", _SUFFIX.sub("", plain(document.title))))[:160]
    if not title or _FILE_NAME.fullmatch(title):
        title = _first_heading(document.text) or title
    top = Section(title, 0, ())
    stack = [top]
    for block in blocks(document.text):
        if block.kind == "heading":
            _open(document.text, block, stack)
        elif block.kind != "front":
            stack[-1].parts.append(
                Part(block.kind, block.start, block.end, document.text[block.start : block.end])
            )
    return Page(document, title, product, Casing(document.text[:20_000]), top, longest)


_FILE_NAME = re.compile(r"[\w.-]+\.(?:md|mdx|markdown|rst|adoc|txt|html?)", re.IGNORECASE)
"""A title that a folder's reader took from the file, for want of another."""


def _first_heading(text: str) -> str:
    found = next((block for block in blocks(text) if block.kind == "heading"), None)
    heading = text[found.start : found.end].strip().lstrip("#=").split("\n", 1)[0] if found else ""
    return plain(heading)[:160]


def _open(text: str, block: Block, stack: list[Section]) -> None:
    """Begin a section; a heading without words (an anchor alone) and the title's own begin none."""
    heading = plain(
        _ICON.sub("", _LEFT.sub(r"\1", text[block.start : block.end].strip().lstrip("#")))
    )
    if not any(map(str.isalnum, heading)):
        return
    top = stack[0]
    if block.level == 1 and len(stack) == 1 and not top.parts and not top.below:
        top.heading = top.heading or heading
        return
    while stack[-1].level >= block.level:
        stack.pop()
    path = tuple(section.heading for section in stack if section.heading)
    section = Section(heading, block.level, path)
    stack[-1].below.append(section)
    stack.append(section)


# ---------------------------------------------------------------- readable text


_COUNTED = re.compile(r"^[ \t]*\d{1,3}\.(?: |$)")


def _code(raw: str) -> str:
    """Code without the line numbers that some sources print before each line."""
    head, *lines = raw.split("\n")
    inner = [line for line in lines[:-1] if line.strip()]
    if len(inner) < 2 or not all(map(_COUNTED.match, inner)):
        return raw
    return "\n".join([head, *(_COUNTED.sub("", line, count=1) for line in lines)])


_SPLIT_LINK = re.compile(r"\[([^\[\]\n]*)\n[ \t>]*([^\[\]\n]*)\](?=\()")


def _bare(raw: str, kind: Kind) -> str:
    if "](" in raw:
        raw = _SPLIT_LINK.sub(r"[\1 \2]", raw)
    if kind in ("item", "step") and "\n" in raw and ">" in raw:
        raw = re.sub(r"^([ \t]+)(?:>[ \t]*)+", r"\1", raw, flags=re.MULTILINE)
    if kind == "quote":
        raw = re.sub(r"^[ \t]*(?:>[ \t]*)+", "", raw, flags=re.MULTILINE)
    if "<br" in raw and kind != "table":
        raw = re.sub(r"[ \t]*<br ?/?>[ \t]*", "\n", raw)
    text = tidy(raw)
    if ":::" in text or "[!" in text or "&" in text or " icon" in text:
        text = _ICON.sub("", text)
        text = re.sub(
            r"&(amp|lt|gt|quot|sect|mdash|ndash|rsquo|ldquo|rdquo|hellip);", _entity, text
        )
    if "[" in text or "(Citation" in text:
        text = _LEFT.sub(lambda m: m[1] or m[2], _CITED.sub("", text))
    if "]:" in text or "([" in text or " *" in text:
        text = _ALT.sub("", _DEFINED.sub("", text))
    return _FOOT.sub(r"\1", text) if "<http" in text else text


def _entity(match: re.Match[str]) -> str:
    return unescape(match[0])


def flow(text: str) -> str:
    """Lines of one sentence joined, and sentences that only point to other pages left out; code
    stays.
    """
    flowing = _Flow()
    for line in text.split("\n"):
        flowing.line(line)
    flowing.flush()
    return few_blank_lines("\n".join(flowing.out)).strip("\n").rstrip()


class _Flow:
    """The state between two lines of a text: the sentence run, an open fence, and the numbers of
    nested steps.
    """

    def __init__(self) -> None:
        self.out: list[str] = []
        self._run: list[str] = []
        self._fence = ""
        self._numbers: dict[int, int] = {}

    def line(self, line: str) -> None:
        """Take one line."""
        opening = _FENCE.match(line)
        if self._fence:
            self.out.append(line)
            self._fence = "" if line.strip().startswith(self._fence) else self._fence
        elif opening:
            self.flush()
            self._fence = opening[1]
            self.out.append(line)
        elif not line.strip() or line.lstrip().startswith("|"):
            self.flush()
            self.out.append(line)
        elif self._is_code(line):
            self.flush()
            self.out.append(line.replace("\t", "    "))
        else:
            if _ITEM.match(line):
                self.flush()
            self._run.append(line)

    def _is_code(self, line: str) -> bool:
        """An indented line of code inside a list item."""
        deep = line.startswith(("        ", "\t\t")) and not _ITEM.match(line)
        before = self.out[-1] if self.out else ""
        return deep and not self._run and (not before.strip() or before.startswith("        "))

    def flush(self) -> None:
        """End the run of lines that belong to one paragraph or item."""
        run = self._run
        if not run:
            return
        indent = run[0][: len(run[0]) - len(run[0].lstrip())]
        mark = _ITEM.match(run[0])
        head = mark[0] if mark else indent
        said = " ".join(line.strip() for line in (run[0][len(head) :], *run[1:]) if line.strip())
        if _HINT.search(said):
            said = " ".join(s for s in sentences(said) if not _POINTS.full(s))
        if said and not _PICTURE.fullmatch(said):
            self.out.append(self._mark(head, indent) + said)
        self._run = []

    def _mark(self, head: str, indent: str) -> str:
        """The mark of an item in one form; nested steps count from 1, however the source counts."""
        depth = len(indent)
        bullet = head.strip()[:1] in ("-", "*", "+", "\u2022") and bool(head.strip())
        if bullet:
            return f"{indent}- "
        if not depth or not head.strip()[:1].isdigit():
            self._numbers = {} if not depth else self._numbers
            return head
        self._numbers = {at: n for at, n in self._numbers.items() if at <= depth}
        self._numbers[depth] = self._numbers.get(depth, 0) + 1
        return f"{indent}{self._numbers[depth]}. "


def sentences(text: str) -> list[str]:
    """The sentences of one paragraph."""
    found: list[str] = []
    at = 0
    for mark in _SENTENCE.finditer(text):
        stop = mark.start() + 1
        if not _ABBREVIATED.search(text[max(at, stop - _LONGEST_ABBREVIATION) : stop]):
            found.append(text[at : mark.end()].strip())
            at = mark.end()
    found.append(text[at:].strip())
    return [sentence for sentence in found if sentence]


def table(part: Part) -> tuple[list[str], list[list[str]]] | None:
    """Header and rows of a table whose rows all have the header's width; None otherwise."""
    lines = [line for line in part.raw.split("\n") if line.strip()]
    if len(lines) < 3 or not is_separator(lines[1]):
        return None
    head, *rows = [_cells(line) for line in [lines[0], *lines[2:]]]
    good = len(head) > 1 and all(head) and all(len(row) == len(head) for row in rows)
    return (head, rows) if good else None


_CELL_EDGE = re.compile(r"(?<!\\)\|")


def _cells(line: str) -> list[str]:
    cells = _CELL_EDGE.split(line.strip().removeprefix("|").removesuffix("|"))
    return [_cell(cell) for cell in cells]


_LINK_ONLY = re.compile(
    r"<br ?/?>\s*(?:&#?\w+;|[-*\u2022\u25aa])?\s*\[[^\]\n]*\]\([^()\s]*\)\s*(?=<br|$)"
)
"""A line of a cell that is a link and nothing else."""


@lru_cache(maxsize=4096)
def _cell(raw: str) -> str:
    text = _LINK_ONLY.sub(" ", raw.replace("\\|", "|"))
    if "<" in text:
        text = re.sub(r"(?:\s*<br ?/?>\s*)+", " ", text)
        text = re.sub(r"</?(?:ul|li|ol|code)>", " ", text)
    text = " ".join(_bare(text, "paragraph").split())
    return " ".join(s for s in sentences(text) if not _POINTS.full(s))


def is_english(text: str) -> bool:
    """True unless the function words of another language are frequent, and more so than English
    ones.
    """
    found = runs(text[:6000].lower())
    if len(found) < 40:
        return True
    counts = dict.fromkeys(FUNCTION_WORDS, 0)
    for word, count in Counter(filter(LANGUAGES_OF.__contains__, found)).items():
        for language in LANGUAGES_OF[word]:
            counts[language] += count
    return counts["en"] >= max(counts.values()) or max(counts.values()) < 0.12 * len(found)
