"""Pages of a Confluence space through its REST API, in storage format.

GET /rest/api/content?expand=body.storage (version 1, Data Center), and where that is not served
GET /api/v2/spaces/{id}/pages?body-format=storage (version 2, Cloud).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode, urljoin

from secarch.artifact import now
from secarch.errors import InputError
from secarch.harvest.config import HarvestConfig
from secarch.harvest.extract.confluence import TYPE, whole_page
from secarch.harvest.fetch.http import Response
from secarch.harvest.sources.remote import Remote
from secarch.harvest.sources.source import Found, Source, refusal_of
from secarch.harvest.sources.urls import host_of, normalise
from secarch.records import Page

AT_ONCE = 50
"""Pages of one answer."""
MAX_ANSWER = 100_000_000
_NOT_SERVED = frozenset({404, 410, 501})
_PAGES = re.compile(r"/(?:spaces|display|pages|x|rest/api|api/v2)(?:/.*)?$")
"""Where the wiki's own pages and its API begin."""


def pages(source: Source, config: HarvestConfig) -> Iterator[Found]:
    """The current pages of the space, in the order of the API.

    Raises InputError if the API does not answer or not as one.
    """
    base, key = base_of(source.scope.url), source.scope.seed.confluence
    query = {
        "spaceKey": key,
        "type": "page",
        "status": "current",
        "expand": "body.storage,version",
        "limit": AT_ONCE,
    }
    url = f"{base}rest/api/content?{urlencode(query, safe=',')}"
    with Remote(config) as remote:
        got = remote.get(url, limit=MAX_ANSWER)
        if got.status in _NOT_SERVED:
            url = _second_version(remote, base, key)
            got = remote.get(url, limit=MAX_ANSWER)
        seen = set()
        while url and url not in seen:
            seen.add(url)
            answer = _tree(got, url)
            links = answer.get("_links") or {}
            web = f"{str(links.get('base') or base).rstrip('/')}/"
            for entry in answer.get("results") or ():
                found = _page(source, entry, web)
                if found is not None:
                    yield found
            url = _next(base, web, str(links.get("next") or ""))
            if url and url not in seen:
                got = remote.get(url, limit=MAX_ANSWER)


def base_of(url: str) -> str:
    """Where the API is below, of a URL of the wiki or of one of its pages.

    Example: `base_of("https://wiki.example.org/wiki/spaces/SEC/overview")` is
    "https://wiki.example.org/wiki/".
    """
    return f"{_PAGES.sub('', url.partition('?')[0]).rstrip('/')}/"


def _second_version(remote: Remote, base: str, key: str) -> str:
    """URL of the space's pages in version 2, which names spaces by numbers."""
    url = f"{base}api/v2/spaces?{urlencode({'keys': key})}"
    spaces = _tree(remote.get(url, limit=MAX_ANSWER), url).get("results") or ()
    number = next((s.get("id") for s in spaces if isinstance(s, dict) and s.get("key") == key), "")
    if not re.fullmatch(r"\w+", str(number)):
        raise InputError(
            f"the wiki has no space {key}",
            where=base,
            why="its API does not list it for this login",
            fix="check the seed's confluence, which is the space's key, and harvest.hosts",
        )
    query = {"status": "current", "body-format": "storage", "limit": AT_ONCE}
    return f"{base}api/v2/spaces/{number}/pages?{urlencode(query)}"


def _tree(got: Response, url: str) -> dict[str, Any]:
    try:
        tree = json.loads(got.page.body) if got.page is not None else None
    except (ValueError, RecursionError):
        tree = None
    if not isinstance(tree, dict):
        raise InputError(
            "the wiki's API gave no list of pages",
            where=url.partition("?")[0],
            why=f"{got.reason or 'this is not JSON'} {got.detail}".strip(),
            fix="check the seed's url (it ends before /rest/api), its space and harvest.hosts",
        )
    return tree


def _next(base: str, web: str, link: str) -> str:
    """The next part of the list, on the same host, or ''."""
    if not link:
        return ""
    # Cloud leaves its context path out of the link.
    inside = link.startswith(("/rest/", "/api/v2/"))
    url = urljoin(web if inside else base, link.lstrip("/") if inside else link)
    return url if host_of(url) == host_of(base) else ""


def _page(source: Source, entry: Any, web: str) -> Found | None:
    try:
        title, body = str(entry["title"]), str(entry["body"]["storage"]["value"])
        url = normalise(urljoin(web, str(entry["_links"]["webui"]).lstrip("/")))
        version = entry.get("version") or {}
        changed = str(version.get("when") or version.get("createdAt") or "")
    except (KeyError, TypeError):
        source.skip("extraction_failed")
        return None
    prefix = source.scope.seed.scope
    reason = refusal_of(source.scope, url) if prefix or source.scope.include else ""
    if reason or not url:
        source.skip(reason or "bad_address")
        return None
    if not body.strip():
        return Found(url=url, reason="no_text")
    text = whole_page(title, body)
    headers = {"last-modified": date} if (date := _http_date(changed)) else {}
    return Found(
        url=url,
        page=Page(
            url=url,
            status=200,
            body=text.encode("utf-8", "replace"),
            content_type=TYPE,
            headers=headers,
            fetched_at=now(),
        ),
    )


def _http_date(moment: str) -> str:
    try:
        return format_datetime(datetime.fromisoformat(moment).astimezone(UTC), usegmt=True)
    except (ValueError, OverflowError):
        return ""
