"""Bytes to text: mark, header, meta element, then what the bytes say (the order of the WHATWG HTML standard)."""

from __future__ import annotations

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 4096
_AS_BROWSERS_READ = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
"""Labels that the Encoding standard maps to a superset."""


def _known(label: str) -> str:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return ""
    return _AS_BROWSERS_READ.get(name, name)


def _decodes(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def decode(body: bytes, content_type: str) -> str:
    """The text of a page. Never raises: what cannot be decoded becomes U+FFFD.

    A declared single-byte encoding gives way to UTF-8 where the bytes are valid UTF-8 with
    characters beyond ASCII: that is a mistake of the site's, since such bytes are never meant otherwise.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    utf8 = _decodes(body, "utf-8")
    if utf8 is not None:
        return utf8
    header = _HEADER.search(content_type)
    meta = _META.search(body[:_HEAD_BYTES])
    for label in (header and header[1], meta and meta[1].decode("ascii")):
        encoding = _known(label) if label else ""
        text = _decodes(body, encoding) if encoding else None
        if text is not None:
            return text
    return _detected(body)


def _detected(body: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(body).best()
    return str(best) if best is not None else body.decode("utf-8", "replace")
