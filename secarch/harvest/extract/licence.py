"""Which licence a page states for itself."""

from __future__ import annotations

import re

_KNOWN = (
    (
        re.compile(
            r"creativecommons\.org/licenses/(by(?:-nc)?(?:-nd|-sa)?)/(\d\.\d)", re.IGNORECASE
        ),
        "CC-{0}-{1}",
    ),
    (re.compile(r"creativecommons\.org/publicdomain/zero/(1\.0)", re.IGNORECASE), "CC0-{0}"),
    (re.compile(r"apache\.org/licenses/LICENSE-(2\.0)", re.IGNORECASE), "Apache-{0}"),
    (re.compile(r"opensource\.org/licen[sc]es?/(mit)\b", re.IGNORECASE), "{0}"),
    (re.compile(r"mozilla\.org/(?:en-US/)?MPL/(2\.0)", re.IGNORECASE), "MPL-{0}"),
    (re.compile(r"gnu\.org/licenses/(?:old-licenses/)?fdl-(1\.\d)", re.IGNORECASE), "GFDL-{0}"),
    (
        re.compile(
            r"nationalarchives\.gov\.uk/doc/open-government-licence/version/(\d)", re.IGNORECASE
        ),
        "OGL-UK-{0}.0",
    ),
)
_WORDS = (
    (
        re.compile(
            r"\bCC[ -](BY(?:-NC)?(?:-ND|-SA)?)[ -](?:v|version )?([1-4]\.\d)", re.IGNORECASE
        ),
        "CC-{0}-{1}",
    ),
    (re.compile(r"\bCC0[ -](1\.0)", re.IGNORECASE), "CC0-{0}"),
    (
        re.compile(
            r"\bApache(?: Software)? Licen[sc]e,?(?: Version| v)? ?(2\.0)|\bApache[ -](2\.0)",
            re.IGNORECASE,
        ),
        "Apache-2.0",
    ),
    (re.compile(r"\b(MIT)[ -]licen[sc]e", re.IGNORECASE), "{0}"),
    (
        re.compile(
            r"\bMozilla Public Licen[sc]e,?(?: Version| v)? ?(2\.0)|\bMPL[ -](2\.0)", re.IGNORECASE
        ),
        "MPL-2.0",
    ),
    (
        re.compile(
            r"\bGNU Free Documentation Licen[sc]e,?(?: Version| v)? ?(1\.\d)", re.IGNORECASE
        ),
        "GFDL-{0}",
    ),
    (
        re.compile(r"\bOpen Government Licen[sc]e,?(?: version| v) ?(\d)", re.IGNORECASE),
        "OGL-UK-{0}.0",
    ),
)
_CREATIVE = re.compile(
    r"Creative Commons[ -]+(?:licen[sc]e[ :-]*)?Attribution"
    r"((?:[ -]+(?:NonCommercial|NoDerivatives|NoDerivs|ShareAlike|Share Alike))*)"
    r"[ -]*(?:International )?(?:licen[sc]e,? ?)?(?:version |v)?([1-4]\.\d)",
    re.IGNORECASE,
)
_LICENSED = re.compile(r"licen[sc]e", re.IGNORECASE)


def spdx(address: str) -> str:
    """SPDX identifier of a licence by the address of its text, or '' for an unknown one."""
    return _first(_KNOWN, address)


def named(text: str) -> str:
    """SPDX identifier of the licence that a sentence names first (`licensed under ...`), or ''."""
    if not _LICENSED.search(text) and "CC" not in text:
        return ""
    creative = _CREATIVE.search(text)
    if creative:
        asked = creative[1].lower()
        parts = [
            short
            for word, short in (("noncom", "-NC"), ("noder", "-ND"), ("share", "-SA"))
            if word in asked
        ]
        return f"CC-BY{''.join(parts)}-{creative[2]}"
    return spdx(text) or _first(_WORDS, text)


def _first(patterns: tuple[tuple[re.Pattern[str], str], ...], text: str) -> str:
    found = [
        (match.start(), match, form)
        for pattern, form in patterns
        if (match := pattern.search(text))
    ]
    if not found:
        return ""
    _, match, form = min(found, key=lambda item: item[0])
    return form.format(*((part or "").upper() for part in match.groups()))
