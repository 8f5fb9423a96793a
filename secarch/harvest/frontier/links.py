"""URLs that become known: new ones to be fetched or skipped, twins, families, grown scopes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from secarch.harvest.frontier.visit import PAGE, SITEMAP, Lease, Link, State, named
from secarch.harvest.sources.urls import host_of, slash_twin

_KNOWN = named("select 1 from url where url = ? and state < $skipped")
_AT_ONCE = 1000
MAX_SITEMAPS = 50_000
"""Sitemaps of one host, as many as one index may name: they are read before pages and count against
no budget, so a host that makes up ever new ones would be asked for ever.
"""
_UNKNOWN = "select value from json_each(?) where value not in (select url from url)"
"""Most of a page's links are known: they are told apart in one statement."""


def set_meta(db: sqlite3.Connection, facts: Mapping[str, Any]) -> None:
    """Store facts about the run, within the caller's transaction."""
    db.executemany(
        "insert or replace into meta values (?, ?)", [(k, json.dumps(v)) for k, v in facts.items()]
    )


class Links:
    """Adds URLs to the frontier, within the caller's transaction."""

    def __init__(self, max_variants: int) -> None:
        self._max_variants = max_variants

    def add(self, db: sqlite3.Connection, links: Iterable[Link]) -> frozenset[str]:
        """Make URLs known; returns the hosts that got new work."""
        grown: set[str] = set()
        rest = iter(links)
        while part := list(islice(rest, _AT_ONCE)):
            unknown = {
                url for (url,) in db.execute(_UNKNOWN, (json.dumps([link.url for link in part]),))
            }
            for link in part:
                if link.url in unknown:
                    unknown.discard(link.url)
                    grown |= self._add_new(db, link)
                elif link.lastmod:
                    self._spare(db, link)
        return frozenset(grown)

    def _add_new(self, db: sqlite3.Connection, link: Link) -> frozenset[str]:
        reason = link.reason or self._too_much(db, link)
        host = host_of(link.url)
        db.execute(
            "insert into url(url, host, kind, state, depth, hops, reason) values (?, ?, ?, ?, ?, "
            "?, ?)",
            (
                link.url,
                host,
                link.kind,
                State.SKIPPED if reason else State.TODO,
                link.depth,
                link.hops,
                reason,
            ),
        )
        return frozenset() if reason else frozenset({host})

    def _too_much(self, db: sqlite3.Connection, link: Link) -> str:
        """Why a new address is one too many, or ''. Where a redirect leads is always looked at."""
        twin = "" if link.hops or link.kind != PAGE else slash_twin(link.url)
        if twin and db.execute(_KNOWN, (twin,)).fetchone():
            return "slash_twin"
        if link.kind == SITEMAP:
            known = f"sitemaps of {host_of(link.url)}"
            full = self._family_is_full(db, known, MAX_SITEMAPS)
            return "too_many_sitemaps" if full else ""
        full = bool(link.family) and self._family_is_full(db, link.family, self._max_variants)
        return "too_many_variants" if full else ""

    def _spare(self, db: sqlite3.Connection, link: Link) -> None:
        """In a refresh: do not ask for a page again that its sitemap calls older than what is
        here.
        """
        db.execute(
            named(
                "update url set state = $kept, reason = '', detail = 'lastmod', fetched = 1"
                " where url = ? and state = $todo and prior <> '' and fetched_at > ?"
            ),
            (link.url, link.lastmod),
        )

    @staticmethod
    def _family_is_full(db: sqlite3.Connection, family: str, most: int) -> bool:
        bump = (
            "insert into family values (?, 1) on conflict do update set pages = pages + 1 "
            "returning pages"
        )
        (pages,) = db.execute(bump, (family,)).fetchone()
        return bool(pages > most)

    def widen(self, db: sqlite3.Connection, widened: Mapping[str, str]) -> frozenset[str]:
        """Remember that a seed's scope has grown, and take links up that lay outside it before."""
        if not widened:
            return frozenset()
        known = db.execute("select value from meta where name = 'widened'").fetchone()
        set_meta(db, {"widened": {**(json.loads(known[0]) if known else {}), **widened}})
        grown: set[str] = set()
        for prefix in widened:
            for scheme in ("http", "https"):
                first = f"{scheme}://{prefix}"
                revived = db.execute(
                    named(
                        "update url set state = $todo, reason = '' where url >= ? and url < ?"
                        " and state = $skipped and reason = 'out_of_scope' returning host"
                    ),
                    (first, f"{first}\U0010ffff"),
                )
                grown.update(host for (host,) in revived.fetchall())
        return frozenset(grown)

    def revive_twin(self, db: sqlite3.Connection, lease: Lease) -> frozenset[str]:
        """Where an address gave no document, its twin with (or without) the last slash must be
        asked after all.
        """
        twin = slash_twin(lease.url) if lease.kind == PAGE else ""
        revive = named(
            "update url set state = $todo, reason = '' where url = ? and reason = 'slash_twin'"
        )
        return (
            frozenset({lease.host})
            if twin and db.execute(revive, (twin,)).rowcount
            else frozenset()
        )
