"""Which licence a page states for itself."""

from __future__ import annotations

import re

_KNOWN = (
    (re.compile(r"creativecommons\.org/licenses/(by(?:-nc)?(?:-nd|-sa)?)/(\d\.\d)", re.IGNORECASE), "CC-{0}-{1}"),
    (re.compile(r"creativecommons\.org/publicdomain/zero/(1\.0)", re.IGNORECASE), "CC0-{0}"),
    (re.compile(r"apache\.org/licenses/LICENSE-(2\.0)", re.IGNORECASE), "Apache-{0}"),
    (re.compile(r"opensource\.org/licen[sc]es?/(mit)\b", re.IGNORECASE), "{0}"),
    (re.compile(r"mozilla\.org/(?:en-US/)?MPL/(2\.0)", re.IGNORECASE), "MPL-{0}"),
    (re.compile(r"gnu\.org/licenses/(?:old-licenses/)?fdl-(1\.\d)", re.IGNORECASE), "GFDL-{0}"),
)


def spdx(address: str) -> str:
    """SPDX identifier of a licence by the address of its text, or '' for an unknown one."""
    for pattern, form in _KNOWN:
        match = pattern.search(address)
        if match:
            return form.format(*(part.upper() for part in match.groups()))
    return ""
