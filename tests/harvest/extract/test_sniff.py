"""What a body is, by its bytes before its header."""

from __future__ import annotations

import gzip

import pytest

from secarch.harvest.extract.sniff import kind_of

HTML = b"<!doctype html><html><body><p>x</p></body></html>"


@pytest.mark.parametrize(
    ("body", "content_type", "url", "kind"),
    [
        (b"%PDF-1.7\n...", "text/html", "", "pdf"),
        (b"\n %PDF-1.7\n...", "application/octet-stream", "", "pdf"),
        (HTML, "application/pdf", "", "html"),
        (HTML, "text/plain", "", "html"),
        (HTML, "", "", "html"),
        (b"<!-- x --><HTML>", "application/octet-stream", "", "html"),
        (b"# Title\n", "text/markdown; charset=utf-8", "", "markdown"),
        (b"# Title\n", "text/plain", "https://h/a/b.md", "markdown"),
        (b"Title\n=====\n", "application/octet-stream", "https://h/a.rst", "rst"),
        (b"= Title\n", "", "https://h/a.adoc", "asciidoc"),
        (b"Title\n=====\n", "text/plain", "https://h/_sources/a.rst.txt", "rst"),
        (b"Title\n", "text/plain", "https://h/a.v2.txt", "text"),
        (b'{"cells": []}', "application/json", "https://h/a.ipynb", "notebook"),
        (b'{"cells": []}', "application/json", "https://h/a", "json"),
        (b"plain words", "text/plain", "https://h/a", "text"),
        (b"plain words", "text/html", "https://h/a", "html"),
        (gzip.compress(HTML), "text/html", "", "binary"),
        (b"PK\x03\x04rest", "application/octet-stream", "", "binary"),
        (b"PK\x03\x04...word/document.xml", "application/octet-stream", "", "docx"),
        (b"PK\x03\x04...other/document.xml", "application/octet-stream", "", "binary"),
        (b"\x89PNG\r\n\x1a\n", "text/html", "", "binary"),
        (b"# Title\n", "text/markdown, text/markdown", "", "markdown"),
        (b"text with a \x00 byte", "text/plain", "", "binary"),
        (b"\xff\xfe<\x00p\x00>\x00", "text/html", "", "html"),
        ("caf\u00e9".encode("cp1252"), "text/html", "", "html"),
        (HTML.decode().encode("utf-16-le"), "text/html; charset=utf-16le", "", "html"),
    ],
)
def test_the_bytes_decide(body: bytes, content_type: str, url: str, kind: str) -> None:
    """A signature wins over any header; a header that says nothing gives way to the name."""
    assert kind_of(body, content_type, url) == kind
