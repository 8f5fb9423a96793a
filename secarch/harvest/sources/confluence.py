"""Pages of a Confluence space through its REST API, in storage format.

GET /rest/api/content?expand=body.storage (Confluence Cloud and Data Center).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode, urljoin

from secarch.artifact import now
from secarch.errors import InputError
from secarch.harvest.config import HarvestConfig
from secarch.harvest.extract.confluence import TYPE, whole_page
from secarch.harvest.sources.remote import Remote
from secarch.harvest.sources.source import Found, Source, refusal_of
from secarch.harvest.sources.urls import host_of, normalise
from secarch.records import Page

AT_ONCE = 50
"""Pages of one answer."""
MAX_ANSWER = 100_000_000


def pages(source: Source, config: HarvestConfig) -> Iterator[Found]:
    """The current pages of the space, in the order of the API.

    Raises InputError if the API does not answer or not as one.
    """
    base = source.scope.url
    query = {
        "spaceKey": source.scope.seed.confluence,
        "type": "page",
        "status": "current",
        "expand": "body.storage,version",
        "limit": AT_ONCE,
    }
    url = f"{base}rest/api/content?{urlencode(query, safe=',')}"
    with Remote(config) as remote:
        seen = set()
        while url and url not in seen:
            seen.add(url)
            answer = _answer(remote, url)
            links = answer.get("_links") or {}
            web = f"{str(links.get('base') or base).rstrip('/')}/"
            for entry in answer.get("results") or ():
                found = _page(source, entry, web)
                if found is not None:
                    yield found
            url = _next(base, web, str(links.get("next") or ""))


def _answer(remote: Remote, url: str) -> dict[str, Any]:
    got = remote.get(url, limit=MAX_ANSWER)
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
    inside = link.startswith("/rest/")
    url = urljoin(web if inside else base, link.lstrip("/") if inside else link)
    return url if host_of(url) == host_of(base) else ""


def _page(source: Source, entry: Any, web: str) -> Found | None:
    try:
        title, body = str(entry["title"]), str(entry["body"]["storage"]["value"])
        url = normalise(urljoin(web, str(entry["_links"]["webui"]).lstrip("/")))
        changed = str((entry.get("version") or {}).get("when") or "")
    except (KeyError, TypeError):
        source.skip("extraction_failed")
        return None
    prefix = source.scope.seed.scope
    reason = refusal_of(source.scope, url) if prefix or source.scope.include else ""
    if reason or not url:
        source.skip(reason or "bad_address")
        return None
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
