"""What a URL gave: its document, the page as it came, and how far two readers of it agree."""

from __future__ import annotations

import sqlite3

from secarch.harvest.frontier.database import forget_raw, keep_raw
from secarch.harvest.frontier.visit import Visit
from secarch.records import Document

_OF_DOCUMENT = (
    *("canonical_url", "title", "text", "language", "licence", "modified_at", "sha256"),
    "raw_sha256",
)
"""Fields of the record that are columns of the table; the others are those of its URL."""
_INSERT = (
    "insert or replace into document values (:url_id, :canonical_url, :title, :text, :language,"
    " :licence, :modified_at, :sha256, :raw_sha256, :method)"
)


def store(db: sqlite3.Connection, visit: Visit) -> None:
    """Write what a visit gave, and forget what the URL gave before."""
    if visit.unchanged:
        return
    if visit.raw is not None:
        keep_raw(db, visit.lease.id, (visit.content_type, visit.raw), visit.headers)
    else:
        forget_raw(db, visit.lease.id)
    if visit.document is None:
        db.execute("delete from document where url_id = ?", (visit.lease.id,))
        return
    store_document(db, visit.lease.id, visit.document, visit.method, visit.agreement)


def store_document(
    db: sqlite3.Connection,
    url_id: int,
    document: Document,
    method: str,
    agreement: float | None,
) -> None:
    """Write an address's document, within the caller's transaction."""
    values = {**{name: getattr(document, name) for name in _OF_DOCUMENT}, "method": method}
    db.execute(_INSERT, {"url_id": url_id, **values})
    if agreement is None:
        db.execute("delete from agreement where url_id = ?", (url_id,))
    else:
        db.execute("insert or replace into agreement values (?, ?)", (url_id, agreement))
