"""What reading pages shares: the rules for links, the memory of links that were reported, and how a
document is made of a text.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from secarch.harvest.config import HarvestConfig
from secarch.harvest.fetch.guard import Guard
from secarch.harvest.sources.urls import Rules, pattern_of, resolve, site_of, storable
from secarch.records import Document, Page
from secarch.text.language import written_in

REMEMBERED = 20_000
"""Links that a worker process remembers to have reported; a site's navigation is sent once, not
with each page.
"""


class Reader:
    """What a worker process keeps between pages."""

    def __init__(self, config: HarvestConfig) -> None:
        self.config = config
        self.rules = Rules(config)
        self.guard = Guard(config.allow_networks)
        self.link = lru_cache(maxsize=8_192)(self._link)
        self._reported: set[str] = set()

    def judge(self, url: str) -> tuple[str, str, str]:
        """An address in normal form, why it is not followed, and its family."""
        url = self.rules.settle(url)
        reason = self.guard.refusal_of_url(url) or self.rules.judge(url)
        return url, reason, "" if reason else pattern_of(url)

    def _link(self, anchor: str, href: str) -> tuple[str, str, str] | None:
        url = resolve(anchor, href)
        return self.judge(url) if url else None

    def unreported(self, links: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        """Those that no earlier page had; the crawl keeps what it was told."""
        fresh = [link for link in links if link[0] not in self._reported]
        self._reported.update(link[0] for link in fresh)
        if len(self._reported) > REMEMBERED:
            self._reported.clear()
        return fresh


def id_of(canonical: str) -> str:
    """The id of a document: 16 hexadecimal digits of the SHA-256 of its canonical URL."""
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def record(
    page: Page, canonical: str, *, title: str, text: str, language: str, licence: str, modified: str
) -> Document:
    """A document of a page; its text is Markdown."""
    title, text = storable(title), storable(text)
    return Document(
        id=id_of(canonical),
        url=page.url,
        canonical_url=canonical,
        site=site_of(page.url),
        title=title[:500],
        text=text,
        language=written_in(text, language),
        licence=licence,
        fetched_at=page.fetched_at,
        modified_at=modified,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        raw_sha256=hashlib.sha256(page.body).hexdigest(),
    )
