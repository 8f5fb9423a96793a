"""The frontier: every known address with its state, in one SQLite file that survives SIGKILL.

A page's content, its links and its state are committed in one transaction, and many pages share
one. An address is leased to be fetched; a lease that was not committed goes back when the frontier
is opened again, so at most the requests in flight are asked for a second time.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from secarch.harvest.crawl.clock import unix
from secarch.harvest.frontier.content import store
from secarch.harvest.frontier.database import database_errors, open_database
from secarch.harvest.frontier.links import Links, set_meta
from secarch.harvest.frontier.visit import (
    LOCAL,
    Committed,
    Lease,
    Link,
    State,
    Visit,
    lease_of,
    named,
)
from secarch.harvest.sources.urls import host_of
from secarch.retry import MAX_REST
from secarch.schema import JsonDict

OUT_OF_REACH = (
    "robots",
    "opt_out_robots",
    "opt_out_tdmrep",
    "robots_unreachable",
    "host_unreachable",
    "host_given_up",
)
"""Reasons that depend on a host's state on the day, and that a refresh looks into again."""

MAX_SAME_TEXT = 5
"""Pages of one host with the very same text that are kept; more are a trap, or an error page that
says 200.
"""


_SITEMAPS_FIRST = named(
    "select 1 from url indexed by url_todo where state = $todo and host = :host and depth < 0 and "
    "not_before <= :now"
    " union all select 1 from url indexed by url_leased where state = $leased and host = :host and "
    "depth < 0"
)
"""A refresh hears what a host's sitemaps say of its pages' age before it asks for a page."""


class Frontier:
    """The open frontier. One process writes (the caller holds the lock); any number may read.

    Raises DiskError and InvalidInput from every method.
    """

    def __init__(self, path: Path, *, synchronous: str = "full", max_variants: int = 200) -> None:
        self.path = path
        self._links = Links(max_variants)
        with database_errors(path):
            self._db = open_database(path, synchronous)
            self._take_up()

    def _take_up(self) -> None:
        """Put the leases of a dead process back, and let no time that a wrong clock wrote hold a
        page for ever.
        """
        with self.transaction() as db:
            db.execute(named("update url set state = $todo where state = $leased"))
            db.execute(
                named("update url set not_before = 0 where state = $todo and not_before > ?"),
                (unix() + MAX_REST,),
            )
            db.execute("delete from rest where until > ? or until < ?", (unix() + MAX_REST, unix()))

    def close(self) -> None:
        """Close the file; the write-ahead log is merged."""
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block's writes, or none of them."""
        with database_errors(self.path):
            self._db.execute("begin immediate")
            try:
                yield self._db
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("rollback")
                raise
            self._db.execute("commit")

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a select."""
        with database_errors(self.path):
            return self._db.execute(sql, values).fetchall()

    def scan(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """Rows of a select, one at a time."""
        with database_errors(self.path):
            yield from self._db.execute(sql, values)

    # facts about the run

    def meta(self) -> JsonDict:
        """The run's own facts: settings, parents, whether it is finished."""
        return {
            name: json.loads(value) for name, value in self.query("select name, value from meta")
        }

    def set_meta(self, facts: Mapping[str, Any]) -> None:
        """Store facts about the run."""
        with self.transaction() as db:
            set_meta(db, facts)

    # robots.txt

    def robots(self, host: str) -> tuple[int, str, float] | None:
        """Status, text and Unix time of the robots.txt that is kept for a host."""
        rows = self.query("select status, robots, robots_at from host where host = ?", (host,))
        return rows[0] if rows else None

    def set_robots(self, host: str, status: int, text: str) -> None:
        """Keep a host's robots.txt."""
        with self.transaction() as db:
            db.execute(
                "insert or replace into host values (?, ?, ?, ?)", (host, status, text, unix())
            )

    def rests(self) -> dict[str, float]:
        """Hosts that asked for a pause, with its end (Unix time): a crawl that was killed keeps it
        too.
        """
        return dict(self.query("select host, until from rest"))

    # work

    def add(self, links: Iterable[Link]) -> frozenset[str]:
        """Make addresses known; returns the hosts that got new work."""
        with self.transaction() as db:
            return self._links.add(db, links)

    def claim(self, urls: Iterable[str]) -> list[Lease]:
        """Lease these pages of a local source; without those that are finished already."""
        leases = []
        lease = named(
            "update url set state = $leased where url = ? and state = $todo and kind = 2"
            " returning $lease"
        )
        with self.transaction() as db:
            for url in urls:
                db.execute(
                    "insert or ignore into url(url, host, kind, state, depth, hops) values (?, ?, "
                    "?, 0, 0, 0)",
                    (url, host_of(url), LOCAL),
                )
                leases += [lease_of(row) for row in db.execute(lease, (url,)).fetchall()]
        return leases

    def finish_local(self) -> None:
        """After all local sources were read: what still waits was in them once, and is gone."""
        with self.transaction() as db:
            gone = named("select id from url where kind = 2 and state in ($todo, $leased)")
            db.execute(f"delete from document where url_id in ({gone})")  # noqa: S608 - a constant
            db.execute(
                named(
                    "update url set state = $skipped, reason = 'gone'"
                    " where kind = 2 and state in ($todo, $leased)"
                )
            )

    def commit(
        self,
        visits: Sequence[Visit],
        wanted: Mapping[str, int],
        rests: Mapping[str, float] | None = None,
    ) -> Committed:
        """Write finished visits with their content and links, and lease `wanted[host]` addresses:
        one transaction.

        `rests` are pauses that hosts asked for: the Unix time of their end.
        """
        grown: frozenset[str] = frozenset()
        leases: list[Lease] = []
        with self.transaction() as db:
            for visit in visits:
                grown |= self._finish(db, visit) | self._links.widen(db, visit.widened or {})
            for host, number in wanted.items():
                leases += self._lease(db, host, number)
            db.executemany("insert or replace into rest values (?, ?)", (rests or {}).items())
        return Committed(leases=leases, grown=grown)

    def _lease(self, db: sqlite3.Connection, host: str, number: int) -> list[Lease]:
        deepest = (
            -1 if db.execute(_SITEMAPS_FIRST, {"host": host, "now": unix()}).fetchone() else 1 << 31
        )
        sql = named(
            "update url set state = $leased where id in (select id from url indexed by url_todo"
            " where state = $todo and host = ?"
            " and not_before <= ? and depth <= ? order by depth, id limit ?)"
            " returning $lease"
        )
        rows = db.execute(sql, (host, unix(), deepest, number)).fetchall()
        leases = [lease_of(row) for row in rows]
        return sorted(leases, key=lambda lease: (lease.depth, lease.id))

    def _finish(self, db: sqlite3.Connection, visit: Visit) -> frozenset[str]:
        if visit.retry_at is not None:
            db.execute(
                "update url set state = ?, tries = tries + 1, not_before = ?, status = ?, reason "
                "= ?, detail = ?"
                " where id = ?",
                (
                    State.TODO,
                    visit.retry_at,
                    visit.status,
                    visit.reason,
                    visit.detail,
                    visit.lease.id,
                ),
            )
            return frozenset()
        if visit.document is not None and self._is_same_again(
            db, visit.lease.host, visit.document.sha256
        ):
            visit.document, visit.raw, visit.reason = (
                None,
                None,
                "same_text",
            )  # its links are followed: no other page may have them
        kept = visit.document is not None or visit.unchanged
        db.execute(
            "update url set state = ?, tries = tries + 1, fetched = ?, status = ?, reason = ?, "
            "detail = ?,"
            " etag = ?, last_modified = ?, fetched_at = ? where id = ?",
            (
                State.KEPT if kept else State.SKIPPED,
                visit.fetched,
                visit.status,
                visit.reason,
                visit.detail,
                visit.etag,
                visit.last_modified,
                visit.fetched_at,
                visit.lease.id,
            ),
        )
        store(db, visit)
        grown = self._links.add(db, visit.links) | (
            frozenset({visit.lease.host}) if visit.lease.depth < 0 else frozenset()
        )
        return grown if kept else grown | self._links.revive_twin(db, visit.lease)

    def _is_same_again(self, db: sqlite3.Connection, host: str, sha256: str) -> bool:
        bump = (
            "insert into sighting values (?, ?, 1) on conflict do update set pages = "
            "pages + 1 returning pages"
        )
        (pages,) = db.execute(bump, (host, sha256)).fetchone()
        return bool(pages > MAX_SAME_TEXT)

    def waiting(self) -> dict[str, float]:
        """Hosts with addresses to fetch, and the earliest time (Unix) that one of them may be."""
        return dict(
            self.query(
                named("select host, min(not_before) from url where state = $todo group by host")
            )
        )

    def spent(self) -> dict[str, int]:
        """Pages that count against the budget, by host."""
        return dict(self.query("select host, count(*) from url where fetched = 1 group by host"))

    def give_up(self, host: str | None, reason: str, detail: str = "") -> int:
        """Pass over everything that still waits (of one host); returns how many.

        A document from an earlier crawl stays: that its site is out of reach today does not end it.
        """
        sql = named(
            "update url set state = case when prior = '' then $skipped else $kept end,"
            " reason = ?, detail = ?"
            " where state in ($todo, $leased) and (host = ? or ?)"
        )
        with self.transaction() as db:
            return db.execute(sql, (reason, detail, host, host is None)).rowcount

    def begin_refresh(self, facts: Mapping[str, Any]) -> None:
        """Put the pages that were fetched, and those `OUT_OF_REACH`, back to work; store facts
        about the run.

        What a page's text was is remembered.
        """
        with self.transaction() as db:
            db.execute(
                "update url set prior = coalesce((select sha256 from document where url_id = "
                "url.id), '')"
            )
            db.execute(
                named(
                    "update url set state = $todo, tries = 0, not_before = 0, reason = '',"
                    " fetched = 0 where fetched = 1 or kind in (1, 2) or reason in"
                    " (select value from json_each(?))"
                ),
                (json.dumps(OUT_OF_REACH),),
            )
            db.execute(
                "update url set depth = -1 where kind = 1"
            )  # first, for what they say of the pages' age
            db.execute("delete from host")
            db.execute("delete from sighting")
            set_meta(db, facts)

    def begin_addition(self, facts: Mapping[str, Any]) -> None:
        """Open a finished crawl for addresses that were not known to it; what it kept counts as
        from before.
        """
        with self.transaction() as db:
            db.execute(
                "update url set prior = coalesce((select sha256 from document where url_id = "
                "url.id), '')"
            )
            set_meta(db, facts)

    def counts(self) -> list[tuple[str, int, str, int]]:
        """Host, state, reason, addresses."""
        return self.query(
            "select host, state, reason, count(*) from url where reason <> 'no_sitemap'"
            " group by host, state, reason order by "
            "1, 2, 3"
        )
