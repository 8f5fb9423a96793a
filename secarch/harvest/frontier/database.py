"""The frontier's file: its tables, its owner and version, and what SQLite's errors mean to a user.

With `synchronous = full` (the default) a commit is on the disk before the crawl goes on, so that it
survives power loss; with `normal` it survives a killed process, and power loss may cost the last
commits, never the file.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from secarch.errors import DiskError, InvalidInput

FILE = "frontier.db"
SCHEMA_VERSION = 3
APPLICATION_ID = 0x5ECA4C01

_SCHEMA = """
create table if not exists meta(name text primary key, value text not null) strict, without rowid;
create table if not exists url(
  id integer primary key, url text not null unique, host text not null, kind integer not null,
  state integer not null,
  depth integer not null, hops integer not null, tries integer not null default 0,
  not_before real not null default 0,
  fetched integer not null default 0, status integer, reason text not null default '',
  detail text not null default '',
  etag text not null default '', last_modified text not null default '',
  fetched_at text not null default '',
  prior text not null default '') strict;
create index if not exists url_todo on url(host, depth, id, not_before) where state = 0;
create table if not exists document(
  url_id integer primary key references url(id), canonical_url text not null,
  title text not null, text text not null,
  language text not null, licence text not null, modified_at text not null, sha256 text not null,
  raw_sha256 text not null, method text not null) strict;
create table if not exists raw(
  url_id integer primary key references url(id), content_type text not null, body blob not null
) strict;
create table if not exists response(
  url_id integer primary key references url(id), headers text not null) strict;
create table if not exists agreement(
  url_id integer primary key references url(id), score real not null) strict;
create table if not exists host(
  host text primary key, status integer not null, robots text not null, robots_at real not null
) strict, without rowid;
create table if not exists family(
  name text primary key, pages integer not null) strict, without rowid;
create index if not exists url_leased on url(id) where state = 1;
create table if not exists rest(host text primary key, until real not null) strict, without rowid;
create table if not exists sighting(
  host text not null, sha256 text not null, pages integer not null, primary key (host, sha256)
) strict, without rowid;
"""
_MIGRATIONS: dict[int, str] = {1: "", 2: ""}
"""From a version to the next: what `create ... if not exists` alone does not do."""


@contextlib.contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Raise SQLite's errors as DiskError (full, read-only) or InvalidInput (damaged, foreign)."""
    try:
        yield
    except sqlite3.OperationalError as error:
        fix = "make room or choose another place with --workspace DIR, then run again with --resume"
        raise DiskError("cannot write the frontier", where=path, why=error, fix=fix) from error
    except sqlite3.DatabaseError as error:
        raise InvalidInput(
            "this file is no sound frontier",
            where=path,
            why=error,
            fix="run with --fresh, which sets it aside",
        ) from error


def open_database(path: Path, synchronous: str) -> sqlite3.Connection:
    """The file opened for writing, of this program's schema; made if there is none, migrated
    where it is older.

    Raises InvalidInput for a newer one and sqlite3.Error for one that is foreign, damaged or cannot
    be written.
    """
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        migration = _migration(db, path)
        for pragma in (
            "journal_mode=wal",
            f"synchronous={synchronous}",
            "cache_size=-8192",
            "journal_size_limit=67108864",
        ):
            db.execute(f"pragma {pragma}")
        owned = f"pragma application_id={APPLICATION_ID}; pragma user_version={SCHEMA_VERSION};"
        db.executescript(f"begin immediate; {migration}{_SCHEMA}{owned} commit;")
    except BaseException:
        db.close()
        raise
    return db


def _migration(db: sqlite3.Connection, path: Path) -> str:
    """What brings an older file up to date."""
    (owner,) = db.execute("pragma application_id").fetchone()
    (version,) = db.execute("pragma user_version").fetchone()
    if owner == APPLICATION_ID and version > SCHEMA_VERSION:
        raise InvalidInput(
            f"this frontier has schema {version}, this program knows up to {SCHEMA_VERSION}",
            where=path,
            fix="finish it with the version that made it, or run with --fresh",
        )
    (tables,) = db.execute("select count(*) from sqlite_master").fetchone()
    if owner != APPLICATION_ID and tables:
        raise sqlite3.DatabaseError("it belongs to another program")
    old = version if owner == APPLICATION_ID else SCHEMA_VERSION
    return "".join(_MIGRATIONS[number] for number in range(max(1, old), SCHEMA_VERSION))


def keep_raw(
    db: sqlite3.Connection, url_id: int, page: tuple[str, bytes], headers: Sequence[tuple[str, str]]
) -> None:
    """Keep what an address gave: `page` is its content type and its packed body (see `kept`)."""
    db.execute("insert or replace into raw values (?, ?, ?)", (url_id, *page))
    db.execute("insert or replace into response values (?, ?)", (url_id, json.dumps(headers)))


def forget_raw(db: sqlite3.Connection, url_id: int) -> None:
    """Keep nothing of what an address once gave."""
    db.execute("delete from raw where url_id = ?", (url_id,))
    db.execute("delete from response where url_id = ?", (url_id,))
