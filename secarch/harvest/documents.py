"""The documents artifact: Parquet shards in the order of the canonical addresses, and what was not
kept.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, islice, pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from secarch.files import disk_errors, write_atomic, write_json
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.status import shells, tally
from secarch.harvest.frontier.visit import State, named
from secarch.harvest.sources.urls import site_of
from secarch.harvest.spellings import repeated
from secarch.schema import JsonDict, canonical_json

SHARD_ROWS = 10_000
GROUP_ROWS = 100
COLUMNS = (
    "id",
    "url",
    "canonical_url",
    "site",
    "title",
    "text",
    "language",
    "licence",
    "fetched_at",
    "modified_at",
    "sha256",
    "raw_sha256",
)
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])
DOUBTFUL = 0.6
"""Word F1 of two extractors below which a page is worth a look."""
SKIPPED_FILE = "skipped.jsonl.gz"
FUNNEL_FILE = "funnel.json"
CHANGES_FILE = "changes.jsonl.gz"

_KEPT_KEYS = (
    "select url_id from document join url on url.id = document.url_id where state = ?"
    " order by canonical_url, url <> canonical_url, length(url), url"
)
"""Keys alone are sorted: SQLite's sorter would hold the texts of a whole crawl in memory."""
_ROW = (
    "select url, canonical_url, title, text, language, licence, fetched_at, modified_at, sha256, "
    "raw_sha256, prior"
    " from document join url on url.id = document.url_id where url_id = ?"
)


_DECLARED = (
    "select distinct canonical_url from document join url on url.id = document.url_id"
    " where state = ? and url <> canonical_url"
)
_FOLLOWERS = (
    "select url_id, text from document join url on url.id = document.url_id"
    " where canonical_url = ? and url <> canonical_url and state = ? order by length(url), url"
)
_TARGET = (
    "select text, status from url left join document on url.id = document.url_id where url = ?"
)
_GUESSED = named(
    "update url set reason = 'no_sitemap' where kind = 1 and hops = -1 and state = $skipped"
    " and reason <> 'sitemap' and url = host || '/sitemap.xml'"
)
"""A sitemap that no robots.txt names and that is not there is nothing worth listing."""
ALIKE = 0.9
"""Share of the words of the poorer of two pages that the other must have, to be the same page."""
ALIKE_IN_PAIRS = 0.6
"""The same of its pairs of neighbouring words; one changed word changes two of them."""
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Written:
    """The files of the artifact and their facts."""

    refreshed: bool = False
    shards: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    content: dict[str, str] = field(default_factory=dict)
    """Shard -> SHA-256 over its rows without fetched_at."""
    sites: dict[str, int] = field(default_factory=dict)
    licences: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    """Addresses whose canonical address another page has, with that address."""
    changes: dict[str, int] = field(
        default_factory=lambda: {"new": 0, "changed": 0, "unchanged": 0, "gone": 0}
    )
    changed: list[JsonDict] = field(default_factory=list)
    """Of a refresh: pages that are new or changed, and those that are gone."""

    def count(self, site: str, licence: str, language: str) -> None:
        """Count a row."""
        pairs = ((self.sites, site), (self.licences, licence), (self.languages, language))
        for counts, value in pairs:
            counts[value] = counts.get(value, 0) + 1

    def note_change(self, url: str, before: str, after: str, reason: str = "") -> None:
        """Count what became of a page since the crawl before; `before` and `after` are hashes of
        its text, or ''.
        """
        change = (
            "gone"
            if not after
            else "new"
            if not before
            else "unchanged"
            if before == after
            else "changed"
        )
        self.changes[change] += 1
        if self.refreshed and change != "unchanged":
            facts = {
                "url": url,
                "change": change,
                "before": before,
                "after": after,
                "reason": reason,
            }
            self.changed.append(facts)

    @property
    def documents(self) -> int:
        """Rows in all."""
        return sum(self.rows.values())


def _rows(frontier: Frontier, written: Written) -> Iterator[JsonDict]:
    """One row for each canonical address: the page that lives there, else the one with the shortest
    address.
    """
    last = None
    for key in frontier.scan(_KEPT_KEYS, (State.KEPT,)):
        ((url, canonical, title, text, language, licence, fetched, modified, sha, raw, prior),) = (
            frontier.query(_ROW, key)
        )
        if canonical == last:
            written.duplicates.append((url, canonical))
            continue
        last = canonical
        site = site_of(canonical)
        written.count(site, licence, language)
        written.note_change(canonical, prior, sha)
        values = (
            hashlib.sha256(canonical.encode()).hexdigest()[:16],
            url,
            canonical,
            site,
            title,
            text,
            language,
            licence,
            fetched,
            modified,
            sha,
            raw,
        )
        yield dict(zip(COLUMNS, values, strict=True))


def settle(frontier: Frontier) -> int:
    """Take pages at their own URL if the page that they declare as canonical was asked for and gave
    no document, or says something else: a template's wrong link must not delete pages.

    Returns how many. RFC 6596, section 3: the target's content must be a duplicate or a superset.
    """
    own: list[tuple[int]] = []
    for (canonical,) in frontier.query(_DECLARED, (State.KEPT,)):
        target = frontier.query(_TARGET, (canonical,))
        text, status = target[0] if target else (None, None)
        head = None if text is None else words_of(text)
        for url_id, follower in frontier.scan(_FOLLOWERS, (canonical, State.KEPT)):
            words = words_of(follower)
            if text is None and status is None and head is None:
                head = words  # the target was never asked for: the shortest URL stands for it
            if head is None or not is_same(head, words):
                own.append((url_id,))
    with frontier.transaction() as db:
        db.execute(_GUESSED)
        db.executemany(
            "update document set canonical_url = (select url from url where id = url_id)"
            " where url_id = ?",
            own,
        )
    with frontier.transaction() as db:
        db.executemany("update document set canonical_url = ? where url_id = ?", repeated(frontier))
    return len(own)


def words_of(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The different words of a text, and its different pairs of neighbours."""
    words = _WORD.findall(text)
    return frozenset(words), frozenset(f"{a} {b}" for a, b in pairwise(words))


def is_same(
    one: tuple[frozenset[str], frozenset[str]], other: tuple[frozenset[str], frozenset[str]]
) -> bool:
    """Whether two pages are alike by their words and, less strictly, by their pairs: pages of one
    reference share their words, and not their sentences.
    """
    return is_alike(one[0], other[0]) and is_alike(one[1], other[1], ALIKE_IN_PAIRS)


def is_alike(one: frozenset[str], other: frozenset[str], share: float = ALIKE) -> bool:
    """Whether two pages hold the same words, or one nearly all words of the other and not twice as
    many.
    """
    fewer, more = sorted((len(one), len(other)))
    return len(one & other) >= share * fewer and 2 * fewer >= more


def write(frontier: Frontier, directory: Path, *, refreshed: bool = False) -> Written:
    """Write the shards and the lists of what was not kept; equal pages give equal bytes but for
    fetched_at.

    Raises DiskError.
    """
    written = Written(refreshed=refreshed)
    settle(frontier)
    write_shards(_rows(frontier, written), directory, written)
    write_skipped_rows(_skipped(frontier, written), directory)
    if refreshed:
        _write_changes(frontier, directory, written)
    return written


def canonical_order(row: JsonDict) -> tuple[str, bool, int, str]:
    """The order of an artifact's rows, as `_KEPT_KEYS` sorts them."""
    url, canonical = row["url"], row["canonical_url"]
    return canonical, url != canonical, len(url), url


def write_shards(rows: Iterator[JsonDict], directory: Path, written: Written) -> None:
    """Write rows in the order given into Parquet shards."""
    for first in rows:  # the rest of a shard's rows are taken from the same iterator
        name = f"documents-{len(written.shards):05d}.parquet"
        _write_shard(directory, name, first, rows, written)


def _write_changes(frontier: Frontier, directory: Path, written: Written) -> None:
    sql = "select url, prior, reason from url where state = ? and prior <> '' order by url"
    for url, prior, reason in frontier.scan(sql, (State.SKIPPED,)):
        written.note_change(url, prior, "", reason)
    lines = "".join(f"{canonical_json(row)}\n" for row in written.changed)
    write_atomic(directory / CHANGES_FILE, gzip.compress(lines.encode("utf-8", "replace"), mtime=0))


def _write_shard(
    directory: Path, name: str, first: JsonDict, rows: Iterator[JsonDict], written: Written
) -> None:
    seen = hashlib.sha256()
    partial = directory / f".{name}.partial"
    with disk_errors(partial):
        with partial.open("wb") as out, pq.ParquetWriter(out, SCHEMA, compression="zstd") as writer:
            count, group = 0, [first, *islice(rows, GROUP_ROWS - 1)]
            while group:
                writer.write_table(_table(group))
                for row in group:
                    stable = {name: value for name, value in row.items() if name != "fetched_at"}
                    seen.update(canonical_json(stable).encode("utf-8", "replace"))
                count += len(group)
                group = list(islice(rows, min(GROUP_ROWS, SHARD_ROWS - count)))
        _settle(partial, directory / name)
    written.shards.append(name)
    written.rows[name], written.content[name] = count, seen.hexdigest()


def _table(rows: list[JsonDict]) -> pa.Table:
    """Rows as columns, made from buffers: pyarrow's own conversion of a list loads pandas, and 50
    MB with it.
    """
    columns = []
    for name in COLUMNS:
        values = [row[name].encode("utf-8", "replace") for row in rows]
        offsets = array("i", [0, *accumulate(map(len, values))])
        columns.append(
            pa.StringArray.from_buffers(
                len(values), pa.py_buffer(offsets), pa.py_buffer(b"".join(values))
            )
        )
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _settle(partial: Path, final: Path) -> None:
    with partial.open("rb+") as handle:
        os.fsync(handle.fileno())
    partial.replace(final)


def write_skipped_rows(rows: Iterable[JsonDict], directory: Path) -> None:
    """Write the list of what was not kept; equal rows give equal bytes."""
    partial = directory / f".{SKIPPED_FILE}.partial"
    with disk_errors(partial):
        with (
            partial.open("wb") as file,
            gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as out,
        ):
            for row in rows:
                out.write(f"{canonical_json(row)}\n".encode("utf-8", "replace"))
        _settle(partial, directory / SKIPPED_FILE)


def _skipped(frontier: Frontier, written: Written) -> Iterator[JsonDict]:
    sql = (
        "select url, reason, detail, status from url where state = ?"
        " and reason <> 'no_sitemap' order by url"
    )
    for url, reason, detail, status in frontier.scan(sql, (State.SKIPPED,)):
        yield {"url": url, "reason": reason, "detail": detail, "status": status}
    for url, canonical in written.duplicates:
        yield {"url": url, "reason": "same_canonical", "detail": canonical, "status": 200}


def funnel(frontier: Frontier, written: Written) -> JsonDict:
    """How many addresses came how far: by step, by reason and by host."""
    hosts, reasons = tally(frontier.counts())
    if written.duplicates:
        reasons["same_canonical"] = len(written.duplicates)
    known = sum(sum(host.values()) for host in hosts.values())
    skipped = sum(reasons.values())
    fetched = sum(frontier.spent().values())
    return {
        "known": known,
        "fetched": fetched,
        "documents": written.documents,
        "skipped": skipped,
        "by_reason": reasons,
        "by_site": written.sites,
        "by_licence": written.licences,
        "by_language": written.languages,
        "by_host": by_host(frontier),
        "shells": shells(frontier),
        "extraction": extraction(frontier),
    }


def extraction(frontier: Frontier) -> JsonDict:
    """Documents by how they were extracted, and how far a second extractor agreed (word F1, 0..1)
    where one was asked.

    `doubtful` are the pages with the least agreement below 0.6, at most 50: worth a look, or an
    `exclude`.
    """
    methods = frontier.query("select method, count(*) from document group by method order by 1")
    scores = [
        row[0]
        for row in frontier.query(
            "select score from agreement join document using (url_id) order by 1"
        )
    ]
    doubtful = frontier.query(
        "select url, score from agreement join document using (url_id) join url on url.id = "
        "url_id where score < ?"
        " order by score, url limit 50",
        (DOUBTFUL,),
    )
    middle = len(scores) // 2
    return {
        "by_method": dict(methods),
        "checked": len(scores),
        "agreement_median": scores[middle] if scores else None,
        "below_0.6": sum(score < DOUBTFUL for score in scores),
        "doubtful": [list(row) for row in doubtful],
    }


def by_host(frontier: Frontier) -> dict[str, dict[str, int]]:
    """Fetched, kept and the reasons of the rest, by host; hosts that are wholly outside the scope
    are left out.
    """
    hosts: dict[str, dict[str, int]] = {}
    for host, state, reason, number in frontier.counts():
        name = "kept" if state == State.KEPT else reason
        if name not in {"out_of_scope", ""}:
            hosts.setdefault(host, {"fetched": 0})[name] = number
    for host, number in frontier.spent().items():
        hosts.setdefault(host, {})["fetched"] = number
    return hosts


def write_funnel(directory: Path, value: JsonDict) -> None:
    """Write funnel.json."""
    write_json(directory / FUNNEL_FILE, value)
