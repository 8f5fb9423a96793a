"""What extraction gives back to the crawl; light, so that the crawl itself loads no parser."""

from __future__ import annotations

from dataclasses import dataclass, field

from secarch.records import Document

MAX_SITEMAP_BYTES = 50_000_000
"""Of a sitemap after decompression (sitemaps.org, protocol 0.9)."""

UNREAD = frozenset(
    {"no_text", "needs_javascript", "soft_404", "extraction_failed", "extraction_crashed"}
)
"""Reasons that a better extraction may undo, so that the raw page is kept all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What a page gave: a document or the reason why not, and links as (address, reason,
    family).
    """

    document: Document | None = None
    method: str = ""
    """`main`, `densest`, `trafilatura` or `plain`."""
    agreement: float | None = None
    """Token F1, 0..1, of the text against a second extractor's; None if none was asked."""
    reason: str = ""
    detail: str = ""
    links: list[tuple[str, str, str]] = field(default_factory=list)
    """Those that this worker process has not reported before."""
    sitemaps: list[str] = field(default_factory=list)
    lastmods: dict[str, str] = field(default_factory=dict)
    """Of a sitemap: the latest moment that its lastmod can mean, ISO 8601, UTC, by address."""
    raw: bytes = b""
    """The page's bytes, packed (see `kept`), if they are to be kept."""
