"""Bodies that are not HTML: Markdown and its relatives, structured data, PDF and .docx."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from secarch.harvest.extract import (
    asciidoc,
    formats,
    front_matter,
    markup,
    notebook,
    site_markdown,
    structured,
)
from secarch.harvest.extract.charset import decode
from secarch.harvest.extract.extracted import Extracted
from secarch.harvest.extract.provenance import language_of, modified_of
from secarch.harvest.extract.reader import Reader, record
from secarch.harvest.extract.sniff import Kind
from secarch.harvest.sources.urls import storable
from secarch.records import Page

_PAGE_BREAK = re.compile(r"\n+[^\n]{0,120}\[Page \d{1,4}\][ \t]*\n+\f\n?[^\n]{0,120}\n+")
"""The foot of a page of an RFC, and the head of the next."""
MAX_LINKS = 20_000
PDF_PATIENCE = 10
"""Times as long as a page of HTML that a PDF may take: it holds hundreds of pages."""

_CONVERTED: dict[Kind, Callable[[str], str]] = {
    "rst": formats.rst,
    "asciidoc": asciidoc.asciidoc,
    "notebook": notebook.notebook,
}


def read(reader: Reader, page: Page, kind: Kind) -> Extracted:
    """A body of this kind, which is not HTML, as a document."""
    if kind in _BINARY:
        return _BINARY[kind](reader, page)
    text = decode(page.body, page.content_type)
    if not text.strip():
        return Extracted(reason="empty_page")
    if kind == "json":
        return _structured(reader, page, text)
    links = _text_links(reader, page, text) if kind in {"markdown", "text"} else []
    if kind in _CONVERTED:
        text = _CONVERTED[kind](text)
    stated, text = front_matter.split(text.replace("\r\n", "\n"))
    if kind == "markdown":
        text = site_markdown.plain(text)
    text = _PAGE_BREAK.sub("\n\n", text).replace("\f", "\n") if "\f" in text else text
    heading = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
    if stated and not heading:
        text = f"# {stated}\n\n{text.lstrip()}"
    title = stated or (heading[1].strip() if heading else "") or _name(page.url)
    found = _text(reader, page, title, text.replace("\x00", ""), "plain")
    return replace(found, links=links)


def _text_links(reader: Reader, page: Page, text: str) -> list[tuple[str, str, str]]:
    """The pages that a Markdown file or an llms.txt of the web names."""
    if not page.url.startswith(("http://", "https://")):
        return []
    hrefs = dict.fromkeys(href.partition("#")[0] for href in markup.markdown_links(text))
    found = [link for href in hrefs if href and (link := reader.link(page.url, href))]
    return list(dict.fromkeys(found))[:MAX_LINKS]


def _structured(reader: Reader, page: Page, text: str) -> Extracted:
    """An OSCAL catalogue or an ATT&CK bundle; other JSON is data and no document."""
    found = structured.entries(text)
    if not found:
        return Extracted(reason="no_text_type")
    title = structured.title_of(text) or _name(page.url)
    body = "\n".join(entry.text for entry in found)
    return _text(reader, page, title, body, "structured")


def _pdf(reader: Reader, page: Page) -> Extracted:
    from secarch.harvest.extract import pdf

    try:
        found = pdf.read(page.body, seconds=PDF_PATIENCE * reader.config.page_seconds * 0.8)
    except pdf.PdfRefusedError as error:
        return Extracted(reason=error.reason, detail=storable(str(error)))
    title = found.title or _name(page.url)
    text = found.text if found.text.startswith("# ") else f"# {title}\n\n{found.text}"
    read = _text(reader, page, title, text, "pdf")
    cut = f"the first {found.pages} of {found.of} pages" if found.pages < found.of else ""
    return replace(read, detail=cut)


def _name(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def _text(reader: Reader, page: Page, title: str, text: str, method: str) -> Extracted:
    """A document of a text that is Markdown already."""
    document = record(
        page,
        page.url,
        title=title,
        text=text.strip() + "\n",
        language=language_of(None, None, {}, (page.headers.get("content-language", ""), page.url)),
        licence=reader.rules.licence_of(page.url),
        modified=modified_of(None, {}, page.headers.get("last-modified", "")),
    )
    return Extracted(document=document, method=method)


def _docx(reader: Reader, page: Page) -> Extracted:
    from secarch.harvest.extract import docx

    try:
        title, text = docx.read(page.body)
    except docx.DocxRefusedError as error:
        return Extracted(reason=error.reason, detail=storable(str(error))[:200])
    if not text.strip():
        return Extracted(reason="no_text")
    title = title or _name(page.url)
    return _text(
        reader, page, title, text if text.startswith("# ") else f"# {title}\n\n{text}", "docx"
    )


_BINARY: dict[Kind, Callable[[Reader, Page], Extracted]] = {"pdf": _pdf, "docx": _docx}
