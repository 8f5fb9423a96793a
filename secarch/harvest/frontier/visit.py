"""What goes between the crawl and its frontier: links to be known, leases to be fetched, visits
that are over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from enum import IntEnum
from functools import lru_cache
from string import Template
from typing import Any

from secarch.records import Document

PAGE, SITEMAP, LOCAL = range(3)
"""Kinds of URLs; a local one is a page of a source that is not crawled."""


class State(IntEnum):
    """Where a URL stands in the crawl, as the frontier's file has it."""

    TODO = 0
    LEASED = 1
    KEPT = 2
    SKIPPED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address to be known: to be fetched, or (with a reason) to be skipped."""

    url: str
    reason: str = ""
    family: str = ""
    """See `sources.pattern_of`."""
    kind: int = PAGE
    depth: int = 0
    hops: int = 0
    lastmod: str = ""
    """When a sitemap says that the page was changed: ISO 8601, UTC, to the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """An address that is about to be fetched."""

    id: int
    url: str
    host: str
    kind: int
    depth: int
    hops: int
    tries: int
    etag: str
    last_modified: str
    prior: str


@dataclass(slots=True, kw_only=True)
class Visit:
    """What became of a lease.

    Without `document`, `reason` says why; with `retry_at` it goes back to the queue.
    """

    lease: Lease
    reason: str = ""
    detail: str = ""
    status: int | None = None
    fetched: bool = False
    """True where this counts against the page budget."""
    etag: str = ""
    last_modified: str = ""
    fetched_at: str = ""
    document: Document | None = None
    method: str = ""
    agreement: float | None = None
    """See `extracted.Extracted`."""
    raw: bytes | None = None
    """The page as it was fetched, packed (see `kept`), to be kept; also of one that gave no
    document but might give one later.
    """
    content_type: str = ""
    headers: Sequence[tuple[str, str]] = ()
    """Of the response, as they came, without cookies."""
    links: Sequence[Link] = ()
    widened: dict[str, str] | None = None
    """Of a seed that was redirected: prefix that its scope has grown by -> the seed's URL."""
    retry_at: float | None = None
    """Unix time, seconds."""
    unchanged: bool = False
    """True where the site said 304, or could not be asked: the document that is there stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a transaction changed."""

    leases: list[Lease] = field(default_factory=list)
    grown: frozenset[str] = frozenset()  # hosts that got new work


_LEASE = tuple(column.name for column in fields(Lease))


def lease_of(row: Sequence[Any]) -> Lease:
    """The record of a row of `$lease`."""
    return Lease(**dict(zip(_LEASE, row, strict=True)))


@lru_cache(maxsize=256)
def named(sql: str) -> str:
    """A statement with `$todo`, `$leased`, `$kept` and `$skipped` as the numbers in the file and
    `$lease` as a lease's columns; written out, since a partial index needs a constant.
    """
    states = {state.name.lower(): str(state.value) for state in State}
    return Template(sql).substitute(states, lease=", ".join(_LEASE))
