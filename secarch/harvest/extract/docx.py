"""Word documents (.docx, ECMA-376) as Markdown, by mammoth: styles say what is a heading, a list or
code. Pictures are left out.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from typing import Any

from secarch.harvest.extract import markup
from secarch.harvest.extract.clean import clean
from secarch.harvest.extract.main_text import as_markdown

MAX_BYTES = 200_000_000
"""Of all parts of the file together, unpacked."""
MAX_RATIO = 200
"""Unpacked bytes for one packed, past a mebibyte a part."""
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name^='toc '] => !
p[style-name^='Code'] => pre:separator('\\n')
p[style-name^='Source Code'] => pre:separator('\\n')
p[style-name^='Listing'] => pre:separator('\\n')
p[style-name^='Console'] => pre:separator('\\n')
p[style-name^='Command'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
p[style-name='Preformatted Text'] => pre:separator('\\n')
p[style-name='Plain Text'] => pre:separator('\\n')
r[style-name^='Code'] => code
r[style-name^='Inline Code'] => code
r[style-name^='HTML Code'] => code
r[style-name='HTML Sample'] => code
r[style-name='HTML Typewriter'] => code
r[style-name='Source Text'] => code
r[style-name='Verbatim Char'] => code
"""
"""Names of Word, LibreOffice and pandoc, beside mammoth's own map; `!` leaves out."""
_MONOSPACED = re.compile(
    r"consolas|courier|cascadia|menlo|monaco|lucida console|source code|fira (?:code|mono)"
    r"|jetbrains|\bmono(?:space)?\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"List (Bullet|Number)(?: ([2-5]))?")
_PLAIN = frozenset({None, "", "Normal", "Body Text", "Standard", "List Paragraph"})
_IS_TEXT = re.compile(r"word/[^/]*\.xml")
_BACK = "\u2191"
"""What mammoth links back to the text from a note."""


class DocxRefusedError(Exception):
    """The file gives no document; `reason` is its code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def read(body: bytes) -> tuple[str, str]:
    """The title that the file states, or '', and its text as Markdown.

    Raises DocxRefusedError.
    """
    try:
        import mammoth
    except ImportError:
        raise DocxRefusedError("needs_extra", "pip install 'secarch[documents]'") from None
    title = _checked(body)
    try:
        found = mammoth.convert_to_html(
            io.BytesIO(body),
            style_map=_STYLES,
            convert_image=_no_image,
            external_file_access=False,
            transform_document=mammoth.transforms.paragraph(_by_font),
        )
    except Exception as error:
        raise DocxRefusedError("bad_docx", f"{type(error).__name__}: {error}") from error
    if not found.value.strip():
        return title, ""
    main = markup.parse(f"<html><body><main>{found.value}</main></body></html>").find(".//main")
    for link in [a for a in main.iter("a") if a.text == _BACK]:
        link.drop_tree()
    clean(main)
    return title, as_markdown(main).strip()


def _no_image(_: Any) -> list[Any]:
    return []


def _by_font(paragraph: Any) -> Any:
    """Text in a typewriter's font is code, if no style says what it is; a style of Word's lists
    makes an item also if the file's numbering is lost.
    """
    if (listed := _LISTED.fullmatch(paragraph.style_name or "")) and paragraph.numbering is None:
        import mammoth

        level = mammoth.documents.numbering_level(int(listed[2] or 1) - 1, listed[1] == "Number")
        return paragraph.copy(numbering=level)
    runs = [child for child in paragraph.children if hasattr(child, "font")]
    mono = [run for run in runs if _MONOSPACED.search(run.font or "") and not run.style_name]
    if not mono or paragraph.style_name not in _PLAIN:
        return paragraph
    if len(mono) == len(paragraph.children):
        return paragraph.copy(style_name="Code")
    children = [
        child.copy(style_name="Code Char") if child in mono else child
        for child in paragraph.children
    ]
    return paragraph.copy(children=children)


def _checked(body: bytes) -> str:
    """The stated title of a file that is sound and unfolds to no more than it may."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for part in packed.infolist():
                ratio = part.file_size > (1 << 20) and part.file_size > MAX_RATIO * max(
                    1, part.compress_size
                )
                if ratio or part.flag_bits & 1:
                    reason = "encrypted" if part.flag_bits & 1 else "compression_bomb"
                    raise DocxRefusedError(reason, part.filename)
            if sum(part.file_size for part in packed.infolist()) > MAX_BYTES:
                raise DocxRefusedError("too_large", "unpacked")
            if "word/document.xml" not in packed.namelist():
                raise DocxRefusedError("bad_docx", "it has no word/document.xml")
            names = packed.namelist()
            if any(b"<!DOCTYPE" in packed.read(part) for part in names if _IS_TEXT.fullmatch(part)):
                raise DocxRefusedError("bad_docx", "it declares entities, which no Word file does")
            core = packed.read("docProps/core.xml") if "docProps/core.xml" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DocxRefusedError("bad_docx", f"{type(error).__name__}: {error}") from error
    stated = re.search(rb"<dc:title>([^<]{1,300})</dc:title>", core)
    return " ".join(html.unescape(stated[1].decode("utf-8", "replace")).split()) if stated else ""
