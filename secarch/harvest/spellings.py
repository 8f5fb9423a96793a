"""One page under several spellings of its URL: a default document, doubled slashes, capitals."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.visit import State

_DEFAULT = re.compile(r"/(?:index|default)\.(?:x?html?|php|aspx?|jsp|md)$", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_OWN = "document join url on url.id = document.url_id where state = ? and url = canonical_url"
_REPEATED = (
    f"select sha256, url_id, url from {_OWN} and sha256 in"  # noqa: S608 - constants alone
    f" (select sha256 from {_OWN} group by sha256 having count(*) > 1)"
    " order by sha256, length(url), url"
)


def folded(url: str) -> str:
    """What the spellings of one page have in common: the URL without its default document, doubled
    and last slashes, and capitals. Two pages may share it; only their text says whether they do.
    """
    parts = urlsplit(url)
    path = _DEFAULT.sub("/", _SLASHES.sub("/", parts.path)).rstrip("/")
    return f"{parts.netloc}{path}?{parts.query}".lower()


def repeated(frontier: Frontier) -> list[tuple[str, int]]:
    """(URL, key of the document that repeats it) for documents of equal text whose URLs are
    spellings of one; the shortest stands for the others.
    """
    found: list[tuple[str, int]] = []
    first: dict[tuple[str, str], str] = {}
    for sha256, url_id, url in frontier.scan(_REPEATED, (State.KEPT, State.KEPT)):
        kept = first.setdefault((sha256, folded(url)), url)
        if kept != url:
            found.append((kept, url_id))
    return found
