"""Extraction once more from what is kept, and the kept pages as WARC."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from secarch.errors import MissingInput, UsageError
from secarch.harvest.config import HarvestConfig
from secarch.harvest.frontier.export import export
from secarch.harvest.frontier.re_extract import re_extract
from secarch.harvest.kept import is_ours, unpack
from secarch.harvest.stage import run as harvest
from secarch.records import Outcome
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for, paths_of, rows_of

TODAY = HarvestConfig(workers=1)


def crawled(site: Site, session: Session, **settings: Any) -> Outcome:
    site.page("/docs/", *(f"/docs/{n}" for n in range(5)), "/docs/gone", "/docs/reserved")
    for n in range(4):
        site.page(f"/docs/{n}", headers={"Set-Cookie": "a=b"})
    body = gzip.compress(b"<html><main><h1>Packed</h1><p>" + b"Words of the page. " * 30)
    site.answers["/docs/4"] = Reply(
        body, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}
    )
    site.page("/docs/gone", text="Page not found", head="<title>Page not found</title>")
    site.page("/docs/reserved", head="<meta name=robots content=noai>")
    return harvest(config_for(f"{site.base}/docs/", **settings), session)


def spoil(session: Session, sql: str) -> None:
    """As if an older program had extracted the pages."""
    with sqlite3.connect(session.harvest / "frontier.db") as db:
        db.execute(sql)


@pytest.mark.slow
def test_nothing_changes_where_the_program_is_the_same(site: Site, session: Session) -> None:
    """The same bytes give the same documents, no site is asked, and nothing new is sealed."""
    before = crawled(site, session)
    asked = len(site.log)
    again = re_extract(TODAY, session)
    assert (again.status, again.counts, len(site.log)) == ("nothing_to_do", {"changed": 0}, asked)
    assert len(list(session.harvest.glob("documents-*"))) == 1
    assert rows_of(before.artifact or "")


def test_what_an_earlier_version_kept_is_read_too(site: Site, session: Session) -> None:
    """It kept all pages as gzip."""
    crawled(site, session)
    with sqlite3.connect(session.harvest / "frontier.db") as db:
        kept = db.execute("select url_id, body from raw").fetchall()
        assert {is_ours(raw) for _, raw in kept} == {True, False}
        for url_id, raw in kept:
            packed = (gzip.compress(unpack(raw)), url_id)
            db.execute("update raw set body = ? where url_id = ?", packed)
        db.execute("pragma user_version = 2")
    again = re_extract(TODAY, session)
    assert (again.status, again.counts) == ("nothing_to_do", {"changed": 0})


@pytest.mark.slow
def test_documents_that_come_out_otherwise_are_sealed_as_a_child(
    site: Site, session: Session
) -> None:
    """The new artifact's parent is the last one; it holds what a crawl of today would, and harvest
    finds it.
    """
    first = crawled(site, session)
    spoil(session, "update document set text = 'old words', sha256 = 'x' where url_id % 2")
    again = re_extract(TODAY, session)
    assert again.status == "done"
    assert again.artifact != first.artifact
    manifest = json.loads((Path(again.artifact or "") / "manifest.json").read_text())
    assert manifest["parents"] == [first.digest]
    assert rows_of(again.artifact or "") == rows_of(first.artifact or "")
    assert harvest(config_for(f"{site.base}/docs/"), session).artifact == again.artifact
    assert re_extract(TODAY, session).status == "nothing_to_do"


def test_a_page_that_was_not_read_may_be_read_later(site: Site, session: Session) -> None:
    """What failed is kept too; what its site reserved is not."""
    crawled(site, session)
    spoil(
        session,
        "delete from document where url_id = (select id from url where url like '%/docs/2')",
    )
    spoil(
        session, "update url set state = 3, reason = 'extraction_failed' where url like '%/docs/2'"
    )
    with sqlite3.connect(session.harvest / "frontier.db") as db:
        kept = {
            row[0].rpartition("/")[2]
            for row in db.execute("select url from raw join url on id = url_id")
        }
    assert kept == {"", "0", "1", "2", "3", "4"} | ({"gone"} if "gone" in kept else set())
    again = re_extract(TODAY, session)
    assert "docs/2" in paths_of(rows_of(again.artifact or ""))


@pytest.mark.slow
def test_a_killed_run_goes_on_and_nothing_is_lost(site: Site, session: Session) -> None:
    """SIGKILL between two transactions leaves no process behind; the next run ends with every
    document once.
    """
    first = crawled(site, session)
    spoil(session, "update document set text = 'old words', sha256 = 'x'")
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from secarch.harvest.frontier import re_extract as again\n"
        "from secarch.harvest.config import HarvestConfig\nfrom secarch.session import Session\n"
        "again.BATCH = 2\nwrite = again._Again._write\n"
        "def then_die(self, *rest):\n    write(self, *rest)\n    os.kill(os.getpid(), "
        "signal.SIGKILL)\n"
        "again._Again._write = then_die\n"
        "if __name__ == '__main__':\n"
        "    again.re_extract(HarvestConfig(workers=1), Session(workspace=Path(sys.argv[1])))\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code, str(session.workspace)],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert killed.returncode == -9, killed.stderr
    again = re_extract(TODAY, session)
    assert rows_of(again.artifact or "") == rows_of(first.artifact or "")


@pytest.mark.slow
def test_a_refresh_that_finds_a_page_gone_forgets_its_bytes(site: Site, session: Session) -> None:
    """So that re-extraction brings nothing back."""
    crawled(site, session)
    site.answers["/docs/1"] = Reply("", status=404)
    harvest(config_for(f"{site.base}/docs/"), session, refresh=True)
    again = re_extract(TODAY, session)
    assert again.status == "nothing_to_do"
    with sqlite3.connect(session.harvest / "frontier.db") as db:
        assert db.execute(
            "select count(*) from raw join url on id = url_id where url like '%/docs/1'"
        ).fetchone() == (0,)


@pytest.mark.slow
@pytest.mark.parametrize(
    "work", [lambda s: re_extract(TODAY, s), lambda s: export(TODAY, s, s.workspace / "x.warc")]
)
def test_without_kept_pages_there_is_nothing_to_work_on(
    site: Site, session: Session, work: Any
) -> None:
    """No frontier, or one of a crawl with keep_raw off: said, with the way out."""
    with pytest.raises(MissingInput, match="no frontier"):
        work(session)
    crawled(site, session, keep_raw=False)
    with pytest.raises(MissingInput, match="keeps no pages"):
        work(session)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pages.warc.gz", "pages.warc"])
def test_kept_pages_are_written_as_warc(
    site: Site, session: Session, tmp_path: Path, name: str
) -> None:
    """Version 1.1, a warcinfo first, a sound response for each page, without the cookies, and never
    half a file.
    """
    crawled(site, session)
    outcome = export(TODAY, session, tmp_path / name)
    with (tmp_path / name).open("rb") as stream:
        records = [
            (
                r.rec_type,
                r.rec_headers.get_header("WARC-Target-URI"),
                r.rec_headers.protocol,
                r.http_headers and dict(r.http_headers.headers),
                r.content_stream().read(),
            )
            for r in ArchiveIterator(stream, check_digests="raise")
        ]
    assert records[0][0] == "warcinfo"
    assert b"http-header-user-agent: secarch/" in records[0][4]
    pages = {
        url.rpartition("/")[2]: (protocol, headers, body)
        for _, url, protocol, headers, body in records[1:]
    }
    assert outcome.counts["pages"] == len(records) - 1
    assert {"0", "1", "2", "3", "4"} <= pages.keys()
    assert "reserved" not in pages
    assert pages["0"][0] == "WARC/1.1"
    assert "Set-Cookie" not in pages["0"][1]
    assert b"Words about /docs/0" in pages["0"][2]
    assert b"Words of the page" in pages["4"][2]
    with pytest.raises(UsageError):
        export(TODAY, session, tmp_path / name)
