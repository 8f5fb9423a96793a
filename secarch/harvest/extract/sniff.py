"""What a body is, by its bytes and its header together (WHATWG MIME Sniffing, sections 5 to 7)."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal[
    "html",
    "markdown",
    "text",
    "pdf",
    "json",
    "rst",
    "asciidoc",
    "notebook",
    "docx",
    "binary",
    "data",
]
"""`data`: text of a format that is not a document, such as a feed or a drawing."""

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HEAD = 1445
"""Bytes that the standard looks at."""
_BINARY = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
"""Bytes that no text has (section 5, binary data byte)."""
_ODD_SHARE = 0.02
"""Share of such bytes that a page of HTML may hold by mistake."""
_MAGIC = (
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"\x7fELF",
    b"MZ\x90",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!\x1a",
    b"\x28\xb5\x2f\xfd",
    b"\xd0\xcf\x11\xe0",
    b"OggS",
    b"ID3",
    b"wOFF",
    b"wOF2",
    b"%!PS-Adobe",
    b"{\\rtf",
    b"\x00asm",
)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|"
    rb"title|b|body|br|p)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_JSON = re.compile(rb"\s*[\[{]\s*[\"\[{\]}]")
_XML = re.compile(rb"\s*<(?:\?xml\s|rss[\s>]|feed[\s>]|svg[\s>]|rdf:)", re.IGNORECASE)
_XHTML = re.compile(rb"<html[\s>]|<!doctype\s+html", re.IGNORECASE)
_BY_TYPE: dict[str, Kind] = {
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
    "text/x-rst": "rst",
    "text/prs.fallenstein.rst": "rst",
    "text/asciidoc": "asciidoc",
    "text/x-asciidoc": "asciidoc",
    "application/json": "json",
    "application/oscal+json": "json",
    "application/stix+json": "json",
    "application/taxii+json": "json",
    "application/x-ipynb+json": "notebook",
}
_BY_NAME: dict[str, Kind] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".rst": "rst",
    ".adoc": "asciidoc",
    ".asciidoc": "asciidoc",
    ".asc": "asciidoc",
    ".ipynb": "notebook",
    ".json": "json",
    ".pdf": "pdf",
}


def kind_of(body: bytes, content_type: str, url: str = "") -> Kind:
    """What a body holds.

    Bytes that only a PDF or a binary format begins with win over any header; a header that says
    nothing (octet-stream, empty) gives way to the URL's ending. What says it is a PDF and is none
    is judged by its bytes.
    """
    head = body[:_HEAD]
    if re.match(rb"\s{0,16}%PDF-", head):
        return "pdf"
    stated = re.split(r"[;,]", content_type, maxsplit=1)[0].strip().lower()
    marked = (
        head.startswith(_MARKS) or "utf-16" in content_type.lower() or b"charset=utf-16" in head
    )
    if head.startswith(_MAGIC):
        if not head.startswith(b"PK"):
            return "binary"
        word = stated == DOCX or urlsplit(url).path.lower().endswith(".docx")
        return "docx" if word or b"word/document.xml" in body else "binary"
    odd = 0 if marked else len(head) - len(head.translate(None, _BINARY))
    if odd and _is_wide(head):  # UTF-16 without a mark has a zero byte in every second place
        return "html" if b"\x00h\x00t\x00m\x00l" in head.lower() else "text"
    html = bool(_HTML.match(head))
    if odd and (not html or odd > _ODD_SHARE * len(head)):
        return "binary"
    return "html" if html else _unless_data(_stated(stated, url), head)


def _unless_data(kind: Kind, head: bytes) -> Kind:
    """A feed, a drawing or JSON is not a page, even if the header says text/html."""
    if kind != "html" or _XHTML.search(head):
        return kind
    if _XML.match(head):
        return "data"
    return "json" if _JSON.match(head) else kind


def _stated(stated: str, url: str) -> Kind:
    """What the header says, or the URL's ending where the header says nothing."""
    # Sphinx shows its sources as `page.rst.txt`.
    ending = re.search(r"(\.[a-z0-9]+)(?:\.txt)?$", urlsplit(url).path.lower())
    named = _BY_NAME.get(ending[1]) if ending else None
    by_type = _BY_TYPE.get(stated)
    if by_type == "json" and named == "notebook":
        return named  # which is JSON, and many servers know no more of it
    if stated in {"", "application/octet-stream", "binary/octet-stream", "text/plain"}:
        if named is not None and named != "pdf":
            return named
        return by_type or ("text" if stated else "html")
    return by_type if by_type is not None and by_type != "pdf" else "html"


def _is_wide(head: bytes) -> bool:
    even, odd = head[::2], head[1::2]
    zeros = (even.count(0), odd.count(0))
    return len(head) > 8 and max(zeros) > 0.4 * len(even) and min(zeros) < 0.05 * len(even)
