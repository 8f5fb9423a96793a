"""Bytes to text: mark, header, meta element, then what the bytes say (the order of the WHATWG HTML
standard).
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
_XML = re.compile(
    rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 4096
_SAMPLE_BYTES = 1 << 18
"""Bytes from which an undeclared encoding is guessed."""
_AS_BROWSERS_READ = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
"""Labels that the Encoding standard maps to a superset."""
_ALIASES = {
    "x-euc-jp": "euc_jp",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-gbk": "gb18030",
    "x-x-big5": "big5",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic",
    "unicode-1-1-utf-8": "utf-8",
    "unicode11utf8": "utf-8",
    "x-unicode20utf8": "utf-8",
    "ks_c_5601-1989": "cp949",
    "dos-874": "cp874",
    "koi": "koi8-r",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    "sun_eu_greek": "iso8859-7",
    "csisolatin9": "iso8859-15",
    "x-mac-ce": "mac_latin2",
    "logical": "iso8859-8",
    "visual": "iso8859-8",
}
"""Labels of the Encoding standard that Python does not know."""
_ISO_8859 = re.compile(r"(?:cs)?iso[-_]?8859[-_]?(\d{1,2})(?:-[ei]|:\d{4})?", re.IGNORECASE)
_SEVEN_BITS = frozenset({"iso2022_jp", "iso2022_kr", "hz"})
"""Encodings whose every byte is ASCII, so that their text passes for UTF-8."""
_NO_TEXT = frozenset(
    {
        "utf-7",
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "mbcs",
        "oem",
    }
)
_ASCII = bytes(range(128))
_ASCII_LETTERS = [bytes([c]) for c in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"]
_LANGUAGE = re.compile(rb"<html[^>]{0,200}?\blang\s*=\s*[\"']?([A-Za-z]{2})", re.IGNORECASE)
_BY_LANGUAGE = {
    **dict.fromkeys(("cs", "hu", "pl", "sk", "sl", "hr", "ro"), "cp1250"),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr", "ky", "tg"), "cp1251"),
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    "el": "cp1253",
    "tr": "cp1254",
    "he": "cp1255",
    "ar": "cp1256",
    "fa": "cp1256",
    "vi": "cp1258",
    "th": "cp874",
    "ja": "cp932",
    "ko": "cp949",
}
_RIVALS = {
    "cp1251": ("koi8_u", "iso8859-5", "cp866"),
    "cp1250": ("iso8859-2",),
    "cp932": ("euc_jp",),
}
"""Other encodings that pages of the same languages are written in."""
_UNLIKELY = re.compile(r"[\ufffd\x80-\x9f\uff61-\uff9f\u2500-\u25ff]")
"""Of no text: what is no character, controls, half-width katakana, lines of boxes."""
_WESTERN_SHARE = 0.12
"""Share of the letters beyond ASCII up to which undeclared bytes are a western language."""
_BROKEN_SHARE = 0.02
"""Share of the bytes beyond ASCII that may be broken in a page that declares UTF-8; above it the
label is wrong.
"""
_BROKEN_UNDECLARED = 0.2
"""The same for a page that declares nothing: in a single-byte encoding nearly all are broken."""


def _known(label: str) -> str:
    label = _ALIASES.get(label.lower(), label)
    if part := _ISO_8859.fullmatch(label):
        label = f"iso8859-{part[1]}"
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return ""
    return "" if found.name in _NO_TEXT else _AS_BROWSERS_READ.get(found.name, found.name)


def _decodes(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def decode(body: bytes, content_type: str) -> str:
    """The text of a page. Never raises: what cannot be decoded becomes U+FFFD.

    A declared single-byte encoding gives way to UTF-8 where the bytes are valid UTF-8 with
    characters beyond ASCII: that is a mistake of the site's, since such bytes are never meant
    otherwise.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    utf8 = _decodes(body, "utf-8")
    if utf8 is not None and not body.isascii():
        return utf8
    declared = [encoding for label in _labels(body, content_type) if (encoding := _known(label))]
    if b"\x00" not in body[:_HEAD_BYTES]:  # so it has no letter of ASCII in two or four bytes
        declared = [name for name in declared if not name.startswith(("utf-16", "utf-32"))]
    if utf8 is not None and not _SEVEN_BITS.intersection(declared):
        return utf8
    for encoding in declared:
        text = _decodes(body, encoding) if encoding != "utf-8" else None
        if text is None:
            text = _repaired(body, encoding)
        if text is not None:
            return text
    text = _repaired(body, "utf-8", _BROKEN_UNDECLARED)
    return _detected(body) if text is None else text


def _labels(body: bytes, content_type: str) -> list[str]:
    head = body[:_HEAD_BYTES]
    header = _HEADER.search(content_type)
    inside = [
        match[1].decode("ascii").lower() for form in (_META, _XML) if (match := form.search(head))
    ]
    # A label that could be read as ASCII cannot be UTF-16, whatever it says (HTML standard, section
    # 13.2.3.2).
    return [
        *([header[1]] if header else ()),
        *("utf-8" if label.startswith("utf-16") else label for label in inside),
    ]


def _repaired(body: bytes, encoding: str, share: float | None = None) -> str | None:
    """The text with its few broken bytes as U+FFFD, or None where so many are broken that the label
    must be wrong. Without `share` a single one may be broken in any page.
    """
    text = body.decode(encoding, "replace")
    beyond = len(body.translate(None, _ASCII))
    most = max(1, _BROKEN_SHARE * beyond) if share is None else share * beyond
    return text if text.count("\ufffd") <= most else None


def _likeliest(body: bytes, encodings: tuple[str, ...]) -> str:
    """The text in the encoding that gives it the most small letters beyond ASCII (or kana) and the
    fewest characters that no text has; the first of equals. In KOI8-R capitals and small letters
    are where windows-1251 has the other kind.
    """
    texts = [body.decode(encoding, "replace") for encoding in encodings]
    return max(texts, key=_likelihood)


def _likelihood(text: str) -> int:
    beyond = "".join(c for c in text if c > "\x7f")
    small = sum(c.islower() or "\u3041" <= c <= "\u30fe" for c in beyond)
    return small - 2 * len(_UNLIKELY.findall(beyond))


def _detected(body: bytes) -> str:
    """Undeclared bytes: windows-1252 as browsers fall back to, or the encoding that belongs to the
    page's language (HTML standard, section 13.2.3.2); guessed only for scripts of other letters.
    """
    beyond = len(body.translate(None, _ASCII))
    letters = sum(map(body.count, _ASCII_LETTERS))
    language = _LANGUAGE.search(body[:_HEAD_BYTES])
    fallback = _BY_LANGUAGE.get(language[1].decode().lower(), "") if language else ""
    if fallback in _RIVALS:
        return _likeliest(body, (fallback, *_RIVALS[fallback]))
    if fallback or beyond <= _WESTERN_SHARE * (letters + beyond):
        return body.decode(fallback or "cp1252", "replace")
    from charset_normalizer import from_bytes

    best = from_bytes(body[:_SAMPLE_BYTES]).best()
    return body.decode(best.encoding if best is not None else "cp1252", "replace")
