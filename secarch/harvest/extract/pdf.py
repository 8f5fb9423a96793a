"""A PDF as Markdown: text in reading order, headings by outline or size, ruled tables, without
running heads, page numbers and hyphens at line ends.

pdfminer.six gives lines with their sizes in reading order, pdfplumber the ruled tables. A leaf: it
imports both at its top.
"""

from __future__ import annotations

import io
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pdfplumber
from pdfminer.layout import (
    LTChar,
    LTFigure,
    LTImage,
    LTLine,
    LTRect,
    LTTextBox,
    LTTextLine,
)
from pdfminer.pdfdocument import PDFNoOutlines, PDFPasswordIncorrect
from pdfminer.psparser import PSException

MAX_PAGES = 2_000
_EDGE = 0.1
"""Share of a page's height at its top and bottom in which running heads stand."""
_NARROW = 0.6
"""Share of a page's width below which a block of text may be within a column."""
_COLUMN_LINES = 6
_LINE_LENGTH = 18
"""Lines, and characters a line, from which a column is one of text."""
_REPEATED = 0.3
"""Share of pages on which a line at the edge is a running head."""
_LARGER = 1.12
"""Size of a heading against the body's."""
_HEADING_CHARACTERS = 160
_RULES = 4
"""Lines and boxes on a page from which it may have a table."""
_OCR_CHARACTERS = 25
"""Characters a page below which a file of images needs character recognition."""
_BULLET = re.compile(r"^[\u2022\u25aa\u25cf\u25e6\u2023\u2043\u00b7\uf0b7\uf0a7]\s*")
_NUMBER = re.compile(
    r"^(?:page\s+)?[-\u2013\s]*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?[-\u2013\s]*$",
    re.IGNORECASE,
)
_Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in points from the page's top left corner."""
_LETTERS = {0xAD: "", **dict(enumerate(["ff", "fi", "fl", "ffi", "ffl", "st", "st"], 0xFB00))}
"""Hyphens that are not drawn go, and ligatures become the letters that they join."""
_SENTENCE = re.compile(r"[.!?:;][\"')\u201d\u2019]*$")


class PdfRefusedError(Exception):
    """The file cannot be read; `reason` is what the crawl counts."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason


@dataclass(slots=True)
class _Line:
    text: str
    size: float
    bold: bool
    top: float
    """Distance from the page's top as a share of its height, 0..1."""
    box: int
    page: int
    alone: bool = True
    """Whether no other bold line is at its height, as the heads of a table's columns are."""


@dataclass(slots=True)
class _Table:
    markdown: str
    top: float
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a PDF gave."""

    title: str
    text: str
    pages: int
    """Pages that were read."""
    of: int
    """Pages that the file has."""
    starts: tuple[int, ...] = field(default=())
    """Offset in `text`, in characters, at which each page that was read begins."""


def read(body: bytes, *, seconds: float) -> Read:
    """Read a PDF, at most 2,000 pages and about so many seconds of it.

    Raises PdfRefusedError: `encrypted`, `bad_pdf` (torn or not a PDF), `needs_ocr` (pages of
    images), `no_text`.
    """
    try:
        with pdfplumber.open(io.BytesIO(body), laparams={"boxes_flow": 0.5}) as file:
            return _read(file, time.monotonic() + seconds)
    except PDFPasswordIncorrect as error:
        raise PdfRefusedError("encrypted") from error
    except (PdfRefusedError, MemoryError):
        raise
    except Exception as error:  # a torn file makes pdfminer raise nearly anything
        hidden = "Password" in repr(error) or "Encryption" in repr(error)
        reason = "encrypted" if hidden else "bad_pdf"
        raise PdfRefusedError(reason, f"{type(error).__name__}: {error}"[:200]) from error


def _read(file: Any, until: float) -> Read:
    lines: list[_Line] = []
    tables: list[_Table] = []
    images = count = 0
    total = len(file.pages)
    if not total:
        raise PdfRefusedError("bad_pdf", "it has no pages")
    for number, page in enumerate(file.pages[:MAX_PAGES], 1):
        drawn = Counter(map(type, _drawn(page.layout)))
        ruled = drawn[LTRect] + drawn[LTLine] >= _RULES
        found = list(_tables(page, number)) if ruled else []
        tables += [table for table, _ in found]
        lines += _lines(page, number, [box for _, box in found])
        images += drawn[LTImage]
        count = number
        page.close()
        if time.monotonic() > until:
            break
    characters = sum(len(line.text) for line in lines)
    if characters < _OCR_CHARACTERS * count and not tables:
        raise PdfRefusedError("needs_ocr" if images else "no_text")
    outline = _outline(file)
    kept = _without_edges(lines, count)
    text, starts = _markdown(kept, tables, outline, count)
    return Read(title=_title(file, kept), text=text, pages=count, of=total, starts=starts)


def _drawn(layout: Any) -> Iterator[Any]:
    """What a page draws beside its text, figures opened. pdfplumber's own lists of it make a record
    of each letter first, which takes longer than all the rest.
    """
    for item in layout:
        if isinstance(item, LTFigure):
            yield from _drawn(item)
        else:
            yield item


def _lines(
    page: Any, number: int, boxes: list[tuple[float, float, float, float]]
) -> Iterator[_Line]:
    height = float(page.height) or 1.0
    texts = [box for box in page.layout if isinstance(box, LTTextBox)]
    for at, box in enumerate(_in_columns(texts, float(page.width) or 1.0)):
        for line in box:
            if not isinstance(line, LTTextLine):
                continue
            letters = [c for c in line if isinstance(c, LTChar) and c.get_text().strip()]
            text = " ".join(line.get_text().translate(_LETTERS).split())
            if not letters or not text:
                continue
            top = height - line.y1
            middle = (line.x0 + line.x1) / 2, height - (line.y0 + line.y1) / 2
            if any(a <= middle[0] <= c and b <= middle[1] <= d for a, b, c, d in boxes):
                continue
            size = Counter(round(c.size * 2) / 2 for c in letters).most_common(1)[0][0]
            bold = sum(
                "bold" in c.fontname.lower() or "black" in c.fontname.lower() for c in letters
            )
            yield _Line(text, size, bold * 2 > len(letters), top / height, at, number)


def _in_columns(boxes: list[Any], width: float) -> list[Any]:
    """The boxes of a page in columns one column after the other, between those that span several;
    as they come if the page is not set in columns.
    """
    columns: list[list[float]] = []
    narrow = [b for b in boxes if b.width < _NARROW * width and len(b.get_text()) > _LINE_LENGTH]
    for box in sorted(narrow, key=lambda b: b.x0):
        if columns and box.x0 < columns[-1][1]:
            columns[-1][1] = max(columns[-1][1], box.x1)
        else:
            columns.append([box.x0, box.x1])
    inside = [[b for b in boxes if a <= b.x0 and b.x1 <= c] for a, c in columns]
    if len(columns) == 1 or not all(map(_is_prose, inside)):
        return boxes
    places = {id(box): n for n, own in enumerate(inside) for box in own}
    spanning = sorted((b.y0 for b in boxes if id(b) not in places), reverse=True)

    def place(box: Any) -> tuple[int, int, float]:
        band = 2 * sum(y >= box.y1 for y in spanning)
        return (band, places[id(box)], -box.y1) if id(box) in places else (band + 1, 0, -box.y1)

    return sorted(boxes, key=place)


def _is_prose(boxes: list[Any]) -> bool:
    """Whether a column holds lines of text; the cells of a table are short."""
    lines = [line.get_text().strip() for box in boxes for line in box]
    return len(lines) >= _COLUMN_LINES and sum(map(len, lines)) >= _LINE_LENGTH * len(lines)


def _tables(page: Any, number: int) -> Iterator[tuple[_Table, _Box]]:
    """Tables whose cells are ruled; a single box or column is a frame and no table."""
    for table in page.find_tables():
        rows = [[" ".join((cell or "").split()) for cell in row] for row in table.extract()]
        rows = [row for row in rows if any(row)]
        filled = sum(bool(cell) for row in rows for cell in row)
        if len(rows) < 2 or max(map(len, rows)) < 2 or filled < 4:
            continue
        width = max(map(len, rows))
        cells = [[c.replace("|", "\\|") for c in row] + [""] * (width - len(row)) for row in rows]
        head, *rest = [f"| {' | '.join(row)} |" for row in cells]
        text = "\n".join([head, f"|{' --- |' * width}", *rest])
        yield _Table(text, table.bbox[1] / (float(page.height) or 1.0), number), table.bbox


def _outline(file: Any) -> dict[str, int]:
    """Heading -> its rank, 1 the highest, as the file's own table of contents has them."""
    try:
        return {_plain(title): level for level, title, *_ in file.doc.get_outlines() if title}
    except (
        PDFNoOutlines,
        PSException,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ):
        return {}


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", str(text).lower()))


def _without_edges(lines: list[_Line], pages: int) -> list[_Line]:
    """Without lines that are at the edge of many pages, and without page numbers."""
    edge = [line for line in lines if line.top < _EDGE or line.top > 1 - _EDGE]
    body = _body_size(lines)
    seen = Counter(form for form, _ in {(_form(line, body), line.page) for line in edge})
    many = max(min(3, max(2, pages)), _REPEATED * pages)
    at_edge = {id(line) for line in edge}
    return [
        line
        for line in lines
        if id(line) not in at_edge
        or not (seen[_form(line, body)] >= many or _NUMBER.match(line.text))
    ]


def _form(line: _Line, body: float) -> str:
    """Its words and its place, which a running head has on every page; the numbers of what is
    larger than the text count, since chapters may begin on every page.
    """
    words = line.text.lower()
    if line.size < _LARGER * body:
        words = re.sub("[0-9]+", "#", words)
    return f"{line.top:.2f} {words}"


def _body_size(lines: list[_Line]) -> float:
    """The size in which most of the text is set, in points."""
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _title(file: Any, lines: list[_Line]) -> str:
    stated = (file.metadata or {}).get("Title")
    if (
        isinstance(stated, str)
        and len(stated.strip()) > 3
        and not re.search(
            r"\.(?:docx?|indd|tex|dvi)$|^untitled|^microsoft word", stated.strip(), re.IGNORECASE
        )
    ):
        return " ".join(stated.split())[:300]
    first = [line for line in lines if line.page == lines[0].page] if lines else []
    largest = max((line.size for line in first), default=0)
    return " ".join(line.text for line in first if line.size == largest)[:300]


def _markdown(
    lines: list[_Line], tables: list[_Table], outline: dict[str, int], pages: int
) -> tuple[str, tuple[int, ...]]:
    body = _body_size(lines)
    ranks = sorted({line.size for line in lines if line.size >= _LARGER * body}, reverse=True)
    _mark_rows(lines)
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for number in range(1, pages + 1):
        starts.append(length)
        own = [line for line in lines if line.page == number]
        waiting = sorted((t for t in tables if t.page == number), key=lambda t: t.top)
        for block, top in _blocks(own, body, ranks, outline):
            while waiting and waiting[0].top < top:
                length += _put(parts, waiting.pop(0).markdown)
            if parts and _goes_on(parts[-1], block):
                length += _join(parts, block)
            else:
                length += _put(parts, block)
        for table in waiting:
            length += _put(parts, table.markdown)
    return "\n\n".join(parts), tuple(starts)


def _mark_rows(lines: list[_Line]) -> None:
    """Say which bold lines may be headings: none if most of the text is bold."""
    bold = [line for line in lines if line.bold]
    most = 3 * sum(len(line.text) for line in bold) > sum(len(line.text) for line in lines)
    heights = Counter((line.page, round(line.top, 2)) for line in bold)
    for line in bold:
        line.alone = not most and heights[line.page, round(line.top, 2)] == 1


def _put(parts: list[str], block: str) -> int:
    parts.append(block)
    return len(block) + 2


def _goes_on(before: str, block: str) -> bool:
    """Whether a paragraph was cut by a page or a column: no end before, no beginning here."""
    plain = not before.startswith(("#", "|", "- ")) and not block.startswith(("#", "|", "- "))
    return plain and not _SENTENCE.search(before) and block[:1].islower()


def _join(parts: list[str], block: str) -> int:
    old = parts[-1]
    parts[-1] = _joined([old, block])
    return len(parts[-1]) - len(old)


def _blocks(
    lines: list[_Line], body: float, ranks: list[float], outline: dict[str, int]
) -> Iterator[tuple[str, float]]:
    """Headings, list items and paragraphs of a page, with where each begins."""
    waiting: list[str] = []
    top, box, heading = 0.0, -1, 0
    for line in lines:
        rank = _rank(line, body, ranks, outline)
        # A heading of several lines goes on in its box; text ends with its box or at a bullet.
        goes_on = rank == heading and line.box == box and not _BULLET.match(line.text)
        if waiting and not goes_on:
            yield _block(waiting, heading), top
            waiting = []
        if not waiting:
            top = line.top
        waiting.append(_BULLET.sub("- ", line.text))
        box, heading = line.box, rank
    if waiting:
        yield _block(waiting, heading), top


def _rank(line: _Line, body: float, ranks: list[float], outline: dict[str, int]) -> int:
    """Rank of a heading, 1 to 6; 0 for text."""
    if len(line.text) > _HEADING_CHARACTERS or not re.search(r"\w", line.text):
        return 0
    if (
        outline
        and (level := outline.get(_plain(line.text)))
        and (line.size > body or line.bold or line.size >= body)
    ):
        return min(6, level)
    if line.size in ranks:
        return min(6, ranks.index(line.size) + 1)
    numbered = re.match(r"^(?:\d+(?:\.\d+)*|[A-Z]\.\d*)\.?\s+\S", line.text)
    titled = numbered or (line.alone and re.match(r"[A-Z0-9]", line.text))
    if line.bold and titled and len(line.text) < 90 and not _SENTENCE.search(line.text):
        return min(6, len(ranks) + 1)
    return 0


def _block(lines: list[str], rank: int) -> str:
    text = _joined(lines)
    return f"{'#' * rank} {text}" if rank else text


def _joined(lines: list[str]) -> str:
    """Lines as one text; a word that was cut by a hyphen at a line's end is whole again."""
    text = lines[0]
    for line in lines[1:]:
        if re.search(r"[a-z]{2}-$", text) and re.match(r"[a-z]{2}", line):
            text = text[:-1] + line
        else:
            text = f"{text} {line}"
    return text
