"""The frontier: transactions, leases, families, other people's files."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from secarch.errors import DiskError, InvalidInput, MissingInput
from secarch.harvest.frontier import links
from secarch.harvest.frontier.database import FILE, SCHEMA_VERSION
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.status import status
from secarch.harvest.frontier.visit import SITEMAP, Lease, Link, Visit
from secarch.records import Document
from secarch.session import Session

HOST = "http://h"


@pytest.fixture
def frontier(tmp_path: Path) -> Frontier:
    return Frontier(tmp_path / FILE, max_variants=2)


def lease(frontier: Frontier, number: int = 10) -> list[Lease]:
    return frontier.commit([], {HOST: number}).leases


def test_an_address_is_known_once_and_leased_once(frontier: Frontier) -> None:
    """Known addresses are not added again, leased ones not leased again; the shallow come first."""
    frontier.add([Link(url=f"{HOST}/deep", depth=3), Link(url=f"{HOST}/a"), Link(url=f"{HOST}/a")])
    assert [found.url for found in lease(frontier)] == [f"{HOST}/a", f"{HOST}/deep"]
    assert lease(frontier) == []


def test_leases_go_back_when_the_frontier_is_opened_again(frontier: Frontier) -> None:
    """What a dead process had in flight is to do again, and nothing else is."""
    frontier.add([Link(url=f"{HOST}/a"), Link(url=f"{HOST}/b")])
    first, _ = lease(frontier)
    frontier.commit([Visit(lease=first, reason="not_found")], {})
    again = Frontier(frontier.path)
    assert [found.url for found in lease(again)] == [f"{HOST}/b"]


def test_a_transaction_is_whole_or_nothing(frontier: Frontier) -> None:
    """When one write of a commit fails, no page of it is finished and no link known."""
    frontier.add([Link(url=f"{HOST}/a")])
    (found,) = lease(frontier)
    bad = Visit(lease=found, links=[Link(url=f"{HOST}/new"), Link(url=f"{HOST}/x", depth=object())])  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        frontier.commit([bad], {})
    assert frontier.query("select url, state from url") == [(f"{HOST}/a", 1)]


def test_a_retry_waits_for_its_time(frontier: Frontier) -> None:
    """A page that is to be tried again is leased when its time has come, one try older."""
    frontier.add([Link(url=f"{HOST}/a")])
    (found,) = lease(frontier)
    frontier.commit([Visit(lease=found, retry_at=time.time() + 60)], {})
    assert lease(frontier) == []
    assert frontier.waiting()[HOST] > time.time() + 50
    frontier._db.execute("update url set not_before = 0")
    assert [again.tries for again in lease(frontier)] == [1]


def test_a_host_has_no_end_of_sitemaps(frontier: Frontier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own count: neither its pages nor another host's sitemaps are touched."""
    monkeypatch.setattr(links, "MAX_SITEMAPS", 2)
    named = [Link(url=f"{HOST}/s{n}.xml", kind=SITEMAP) for n in range(4)]
    frontier.add([*named, Link(url="https://b.example/s.xml", kind=SITEMAP), Link(url=f"{HOST}/x")])
    gone = frontier.query("select url from url where reason = 'too_many_sitemaps' order by url")
    assert gone == [(f"{HOST}/s2.xml",), (f"{HOST}/s3.xml",)]
    assert frontier.query("select count(*) from url where state = 0") == [(4,)]


def test_a_family_has_a_budget(frontier: Frontier) -> None:
    """Past the budget its members are skipped with a reason; others are not touched."""
    frontier.add(
        [Link(url=f"{HOST}/c/{n}", family="h/c/N") for n in range(5)] + [Link(url=f"{HOST}/x")]
    )
    assert len(lease(frontier)) == 3
    assert frontier.query("select count(*) from url where reason = 'too_many_variants'") == [(3,)]


def test_giving_up_keeps_what_an_earlier_crawl_had(frontier: Frontier) -> None:
    """A dead host's addresses are skipped; a document from before the refresh stays."""
    frontier.add([Link(url=f"{HOST}/a"), Link(url=f"{HOST}/b")])
    frontier._db.execute("update url set prior = 'x' where url like '%/a'")
    assert frontier.give_up(HOST, "host_unreachable") == 2
    assert frontier.query("select state from url order by url") == [(2,), (3,)]


@pytest.mark.parametrize("content", [b"not a database" * 100, b"\x00" * 4096])
def test_a_file_that_is_no_frontier_is_refused(tmp_path: Path, content: bytes) -> None:
    """A damaged or foreign file is named with the way out and left as it is."""
    path = tmp_path / FILE
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="sound frontier"):
        Frontier(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """A sound SQLite file with tables of its own is not written to."""
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("create table theirs(x)")
    db.close()
    with pytest.raises(InvalidInput, match="sound frontier"):
        Frontier(tmp_path / FILE)


def test_an_older_frontier_is_migrated_and_goes_on(frontier: Frontier) -> None:
    """A file of the first schema gets what is new; its addresses are as they were."""
    frontier.add([Link(url=f"{HOST}/a")])
    frontier._db.executescript(
        "drop table rest; drop table sighting; drop index url_leased; pragma user_version = 1; "
        "update url set state = 1;"
    )
    frontier.close()
    again = Frontier(frontier.path)
    assert again.query("pragma user_version") == [(SCHEMA_VERSION,)]
    assert [found.url for found in lease(again)] == [f"{HOST}/a"]
    assert again.rests() == {}


def test_a_truncated_frontier_is_named(frontier: Frontier) -> None:
    """Damage in the middle of the file ends in exit 4 with the way out, not in a traceback."""
    frontier.add([Link(url=f"{HOST}/{n}/{'x' * 200}") for n in range(2000)])
    frontier.close()
    whole = frontier.path.read_bytes()
    frontier.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InvalidInput, match="sound frontier"):
        Frontier(frontier.path).counts()


def test_a_wrong_clock_holds_nothing_for_ever(frontier: Frontier) -> None:
    """A time far ahead in the file was written by a clock that was wrong: it counts no more; a near
    one does.
    """
    frontier.add([Link(url=f"{HOST}/a"), Link(url="http://o/b")])
    far, near = time.time() + 400 * 86_400, time.time() + 3600
    frontier._db.execute("update url set not_before = iif(host = ?, ?, ?)", (HOST, far, near))
    frontier.commit([], {}, {HOST: far, "http://o": near, "http://past": 5.0})
    frontier.close()
    again = Frontier(frontier.path)
    assert again.waiting() == {HOST: 0.0, "http://o": near}
    assert again.rests() == {"http://o": near}


def document(text: str) -> Document:
    return Document(
        id="",
        url="",
        canonical_url="",
        site="h",
        title="T",
        text=text,
        language="en",
        licence="",
        fetched_at="",
        modified_at="",
        sha256=text,
        raw_sha256="",
    )


def test_of_two_slash_twins_one_is_asked_and_the_other_only_where_it_failed(
    frontier: Frontier,
) -> None:
    """A known address makes its twin needless, until it turns out to give no document; redirects
    are followed.
    """
    frontier.add(
        [
            Link(url=f"{HOST}/a"),
            Link(url=f"{HOST}/a/"),
            Link(url=f"{HOST}/b/"),
            Link(url=f"{HOST}/b"),
        ]
    )
    first, second = lease(frontier)
    assert [first.url, second.url] == [f"{HOST}/a", f"{HOST}/b/"]
    moved = Visit(lease=first, reason="redirected", links=[Link(url=f"{HOST}/a/", hops=1)])
    done = frontier.commit([moved, Visit(lease=second, document=document("b"))], {HOST: 9})
    assert [found.url for found in done.leases] == [f"{HOST}/a/"]
    assert frontier.query("select reason from url where url = ?", (f"{HOST}/b",)) == [
        ("slash_twin",)
    ]


def test_one_text_under_many_addresses_is_a_trap(frontier: Frontier) -> None:
    """The sixth page of a host with the very same text is not kept."""
    frontier.add([Link(url=f"{HOST}/{n}") for n in range(7)])
    frontier.commit(
        [Visit(lease=found, document=document("nothing here")) for found in lease(frontier)], {}
    )
    assert frontier.query("select count(*) from document") == [(5,)]
    assert frontier.query("select count(*) from url where reason = 'same_text'") == [(2,)]


def test_a_frontier_of_a_newer_schema_says_so(frontier: Frontier) -> None:
    """What a newer program wrote is not touched."""
    frontier._db.execute("pragma user_version = 99")
    frontier.close()
    with pytest.raises(InvalidInput, match="schema 99"):
        Frontier(frontier.path)


def test_a_full_disk_is_a_disk_error_and_rolls_back(frontier: Frontier) -> None:
    """SQLite's own page limit stands in for the disk's end."""
    frontier._db.execute(f"pragma max_page_count = {frontier.query('pragma page_count')[0][0]}")
    with pytest.raises(DiskError, match="cannot write the frontier"):
        frontier.add([Link(url=f"{HOST}/{n}/{'x' * 500}") for n in range(200)])
    assert frontier.query("select count(*) from url") == [(0,)]


def test_status_reads_while_another_process_writes(tmp_path: Path) -> None:
    """Counts come from a read-only connection, with the writer's transaction still open."""
    session = Session(workspace=tmp_path)
    session.harvest.mkdir()
    frontier = Frontier(session.harvest / FILE)
    frontier.add(
        [Link(url=f"{HOST}/a"), Link(url=f"{HOST}/b"), Link(url="http://o/", reason="out_of_scope")]
    )
    with frontier.transaction() as db:
        db.execute("update url set state = 2")
        found = status(session)
    assert found.counts == {"todo": 2, "in flight": 0, "kept": 0, "skipped": 1}
    assert found.result["reasons"] == {"out_of_scope": 1}


def test_status_without_a_frontier_says_how_to_make_one(tmp_path: Path) -> None:
    """Exit 4 with the command."""
    with pytest.raises(MissingInput, match="no frontier"):
        status(Session(workspace=tmp_path))


def test_robots_are_kept_for_a_host(frontier: Frontier) -> None:
    """Status, text and when; nothing of a host that was never asked."""
    assert frontier.robots(HOST) is None
    before = time.time()
    frontier.set_robots(HOST, 200, "User-agent: *")
    status_kept, text, at = frontier.robots(HOST) or (0, "", 0.0)
    assert (status_kept, text) == (200, "User-agent: *")
    assert before - 1 <= at <= time.time() + 1
    assert frontier.robots("http://other") is None


@pytest.mark.parametrize(("depth", "grown"), [(-1, {HOST}), (0, set()), (1, set())])
def test_what_comes_before_every_page_frees_its_host_when_it_is_done(
    frontier: Frontier, depth: int, grown: set[str]
) -> None:
    """Pages wait for it; a page's end alone is no new work for its host."""
    frontier.add([Link(url=f"{HOST}/a", depth=depth)])
    (found,) = lease(frontier)
    assert frontier.commit([Visit(lease=found, reason="not_found")], {}).grown == grown


def test_facts_about_the_run_are_kept_by_name(frontier: Frontier) -> None:
    """A later fact of a name stands in for the earlier one, and another process reads them."""
    assert "finished" not in frontier.meta()
    frontier.set_meta({"finished": False, "parents": ["a"]})
    frontier.set_meta({"finished": True})
    found = Frontier(frontier.path).meta()
    assert (found["finished"], found["parents"]) == (True, ["a"])
