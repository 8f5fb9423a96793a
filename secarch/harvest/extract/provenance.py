"""What a page says about itself: its language, when it was changed, under which terms it stands."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from lxml import etree, html

from secarch.harvest.extract.licence import named, spdx
from secarch.harvest.extract.markup import Names, names_of

_LOWER = "translate(., 'LICENSE', 'license')"
_BY_RELATION = etree.XPath(
    f"//@rel[contains({_LOWER}, 'license') or contains({_LOWER}, 'licence')]"
    "/parent::*[self::a or self::link]/@href"
)
_FEET = etree.XPath(
    "//footer | //@role[. = 'contentinfo']/.. | //@id[contains(., 'footer')]/.."
    " | //@class[contains(., 'footer') or contains(., 'license') or contains(., 'licence')"
    " or contains(., 'copyright')]/.."
)
_DATA = etree.XPath("//script[@type='application/ld+json']/text()", smart_strings=False)
_TIMES = etree.XPath(
    "//time[@itemprop='dateModified' or contains(@class, 'updated')]/@datetime", smart_strings=False
)
_TALK_OF_TERMS = (b"licens", b"licenc", b"creativecommons", b"copyright")
_FOOT_CHARACTERS = 3_000
_MODIFIED_NAMES = (
    "article:modified_time",
    "og:updated_time",
    "last-modified",
    "dcterms.modified",
    "dc.date.modified",
    "date.modified",
    "updated_at",
    "ms.date",
    "revised",
)
_LICENCE_NAMES = (
    "dcterms.license",
    "dc.license",
    "dcterms.rights",
    "dc.rights",
    "license",
    "licence",
    "copyright",
)
_CHANGED = re.compile(r'"dateModified"\s*:\s*"([^"]{4,40})"')
_LICENCE = re.compile(r'"license"\s*:\s*"([^"]{4,300})"')
_LAST_UPDATED = re.compile(
    r"last (?:updated|modified|changed|reviewed)\D{0,20}(\d{4}-\d{2}-\d{2})", re.IGNORECASE
)
_TERMS = re.compile(r"licen|creativecommons|gnu\.org|publicdomain", re.IGNORECASE)
_OF_ITSELF = re.compile(
    r"\b(?:this|the|all|our)\b.{0,40}\b(?:content|contents|text|page|pages|site|website|work|article"
    r"|documentation|document|book|guide)\b.{0,60}\b(?:is|are)\b.{0,30}"
    r"\b(?:licen[sc]ed|available|published|released|distributed|offered)\b.{0,20}\bunder\b",
    re.IGNORECASE,
)
"""What a page says of its own text; a tool that it describes may have other terms."""
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_LOCALE = re.compile(r"([a-z]{2})(?:[-_][a-z]{2,4})?\Z")
_REGION = re.compile(r"([a-z]{2})[-_][a-z]{2,4}\Z")


def language_of(
    tree: html.HtmlElement | None,
    main: html.HtmlElement | None,
    meta: Mapping[str, list[str]],
    facts: tuple[str, str],
) -> str:
    """ISO 639 code that the page declares, or ''. `facts` is its Content-Language and its address.

    The main part's own attribute counts first, then the document's, the header, a meta element, and
    a locale in the path (`/en-us/`, or a leading `/de/`).
    """
    header, url = facts
    declared = [e.get("lang") or "" for e in (main, tree) if e is not None]
    declared += [
        header.partition(",")[0],
        *meta.get("content-language", ()),
        *meta.get("og:locale", ()),
    ]
    for value in declared:
        code = re.split(r"[-_]", value.strip().lower(), maxsplit=1)[0]
        if _LANGUAGE.match(code):
            return code
    segments = urlsplit(url).path.lower().split("/")[1:4]
    whole = [match[1] for segment in segments if (match := _REGION.match(segment))]
    first = _LOCALE.match(segments[0]) if segments else None
    return whole[0] if whole else first[1] if first and first[1] in _PATH_LANGUAGES else ""


_PATH_LANGUAGES = frozenset(
    ["de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "zh"]
)
"""Two letters in a path that are a language more often than anything else."""


def modified_of(
    tree: html.HtmlElement | None,
    meta: Mapping[str, list[str]],
    header: str,
    names: Names | None = None,
) -> str:
    """ISO 8601, UTC: what the page says of itself (meta, JSON-LD, time element, foot), else
    Last-Modified, else ''.
    """
    for value in _stated_dates(tree, meta, names):
        with contextlib.suppress(ValueError, OverflowError):
            return _iso(datetime.fromisoformat(value.strip()))
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return _iso(parsedate_to_datetime(header))
    return ""


def _stated_dates(
    tree: html.HtmlElement | None, meta: Mapping[str, list[str]], names: Names | None
) -> Iterator[str]:
    for name in _MODIFIED_NAMES:
        yield from meta.get(name, ())
    if tree is None:
        return
    for data in _DATA(tree):
        yield from _CHANGED.findall(data)
    yield from _TIMES(tree)
    if "last " not in tree.text_content().lower():
        return  # and no foot is searched for, which reads every name of the page
    for foot in _feet(tree, names or names_of(tree)):
        yield from _LAST_UPDATED.findall(foot.text_content()[:_FOOT_CHARACTERS])


def _feet(tree: html.HtmlElement, names: Names) -> list[html.HtmlElement]:
    """What a page calls its foot, its licence or its copyright."""
    called = f"{names.classes}{' '.join(names.ids)}"
    if any(word in called for word in ("footer", "licen", "copyright")):
        return list(_FEET(tree))
    return [*tree.iter("footer"), *tree.iterfind(".//*[@role='contentinfo']")]


def _iso(moment: datetime) -> str:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def licence_of(
    tree: html.HtmlElement, meta: Mapping[str, list[str]], text: str, names: Names | None = None
) -> str:
    """SPDX identifier of the terms that the page states: rel=license, meta, JSON-LD, then its foot;
    or ''.

    `text` is the page's source: where it has no word about terms, nothing is searched.
    """
    # A plain search in bytes: a pattern that ignores case takes as long as the parser does, and so
    # does str.lower() of a text with one letter beyond Latin-1.
    lower = text.encode("utf-8", "replace").lower()
    if not any(word in lower for word in _TALK_OF_TERMS):
        return ""
    addresses = [str(address) for address in _BY_RELATION(tree)]
    addresses += [value for data in _DATA(tree) for value in _LICENCE.findall(data)]
    stated = [value for name in _LICENCE_NAMES for value in meta.get(name, ())]
    found = next((name for address in addresses if (name := spdx(address))), "")
    found = found or next((name for value in stated if (name := spdx(value) or named(value))), "")
    return found or _in_foot(tree, names or names_of(tree)) or _in_sentence(tree)


def _in_sentence(tree: html.HtmlElement) -> str:
    """The terms that a page states of its own text, in a sentence with a link to them."""
    for link in tree.iter("a"):
        target = link.get("href") or ""
        found = spdx(target) if _TERMS.search(target) else ""
        above = link.getparent() if found else None
        if above is not None and _OF_ITSELF.search(
            " ".join(above.text_content()[:_FOOT_CHARACTERS].split())
        ):
            return found
    return ""


def _in_foot(tree: html.HtmlElement, names: Names) -> str:
    for foot in _feet(tree, names):
        for address in foot.iter("a"):
            if found := spdx(address.get("href") or ""):
                return found
        if found := named(re.sub(r"\s+", " ", foot.text_content()[:_FOOT_CHARACTERS])):
            return found
    return ""
