"""The live table, the line every ten seconds, the final funnel and the report."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from pathlib import Path

import pytest
from rich.console import Console

from secarch import console
from secarch.harvest.crawl import progress
from secarch.harvest.crawl.politeness import Host
from secarch.harvest.crawl.progress import Progress, State, duration, table
from secarch.harvest.frontier.database import FILE
from secarch.harvest.frontier.frontier import Frontier
from secarch.harvest.frontier.visit import Link
from secarch.harvest.stage import run as harvest
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for


def host(name: str, *, delay: float = 1.0, **facts: float) -> Host:
    made = Host(name, delay, 1)
    for key, value in facts.items():
        setattr(made, key, value)
    return made


def state(**facts: object) -> State:
    defaults = {
        "pages": 10,
        "failures": 1,
        "per_s": 2.0,
        "kept": 9,
        "todo": {"http://a": 100},
        "budget": 1000,
    }
    return State(**{**defaults, **facts})  # type: ignore[arg-type]


def drawn(shown: State) -> str:
    made = Console(width=140, record=True, file=open("/dev/null", "w"))  # noqa: SIM115,PTH123
    made.print(table(shown))
    made.file.close()
    return made.export_text()


def test_the_time_left_follows_the_pace_and_the_slowest_host() -> None:
    """100 pages at 2 a second are 50 s; at a gap of 3 s on one host they are 300; the budget
    shortens both.
    """
    assert state().seconds_left == 50
    assert state(hosts=[host("http://a", delay=3)]).seconds_left == 300
    assert state(budget=10).seconds_left == 5
    assert state(todo={}).seconds_left is None
    assert state(per_s=0.0).seconds_left is None


def test_the_live_table_says_what_each_host_is_doing() -> None:
    """Resting hosts with the time, busy ones first, finished ones not at all, many cut short."""
    hosts = [
        host("http://done"),
        host("http://a", active=1, spent=3),
        host("http://rests", next_at=time.monotonic() + 200),
        *(host(f"http://{n}") for n in range(20)),
    ]
    todo = {"http://a": 7, "http://rests": 5, **{f"http://{n}": 1 for n in range(20)}}
    text = drawn(state(hosts=hosts, todo=todo))
    assert re.search(r"http://rests\s+│ resting 3\.\d min", text)
    assert text.index("http://a") < text.index("http://rests") < text.index("http://0")
    assert "http://done" not in text
    assert "and 10 more hosts" in text
    assert "10 pages   9 kept   2.0 pages/s" in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "5 s"), (90, "90 s"), (600, "10.0 min"), (7200, "2.0 h"), (4e5, "4.6 d")],
)
def test_durations_read_well(seconds: float, text: str) -> None:
    """The largest unit of which there are two."""
    assert duration(seconds) == text


def test_off_a_terminal_a_line_tells_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts come from the file by a second connection, also while a transaction is open."""
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.02)
    console.configure()
    frontier = Frontier(tmp_path / FILE)
    frontier.add([Link(url=f"http://a/{n}") for n in range(7)])
    with frontier.transaction(), Progress(tmp_path / FILE, 5).watching() as seen:
        seen.hosts = {"http://a": host("http://a", next_at=time.monotonic() + 99)}
        seen.advance(3)
        seen.failed()
        time.sleep(0.3)
    lines = [line for line in capsys.readouterr().err.splitlines() if "progress" in line]
    assert len(lines) >= 2
    assert "pages=3" in lines[-1]
    assert "todo=7 failures=1 hosts=1 resting=['http://a']" in lines[-1]


def test_a_live_display_leaves_the_events_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal the table is drawn and taken away again; a file that is no database does no
    harm.
    """
    (tmp_path / FILE).write_bytes(b"x" * 4096)
    monkeypatch.setattr(progress, "FRAME_SECONDS", 0.02)
    monkeypatch.setattr(console, "is_live", lambda: True)
    monkeypatch.setattr(
        console, "err", lambda: Console(stderr=True, force_terminal=True, width=120)
    )
    with Progress(tmp_path / FILE, 5).watching() as seen:
        seen.advance(1)
        time.sleep(0.4)
    assert "1 pages" in capsys.readouterr().err
    with pytest.raises(sqlite3.DatabaseError), sqlite3.connect(tmp_path / FILE) as db:
        db.execute("select 1 from url")
    db.close()


def test_the_report_shows_documents_reasons_hosts_and_politeness(
    site: Site, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    """Self-contained and escaped; the funnel by host is on stderr, in funnel.json and on the
    page.
    """
    console.configure()
    site.answers["/robots.txt"] = Reply("User-agent: *\nDisallow: /private/\nCrawl-delay: 0.01\n")
    site.page("/", "/a", "/private/x", "/gone", "/busy", "https://other.example/<b>")
    site.page("/a", head='<link rel=license href="https://creativecommons.org/licenses/by/4.0/">')
    site.page("/busy")
    good = site.answers["/busy"]
    site.answers["/busy"] = lambda n: Reply("", 503) if n == 0 else good  # type: ignore[return-value]
    outcome = harvest(config_for(site.base + "/"), session)
    funnel = outcome.result["funnel"]
    assert funnel["by_host"] == {site.base: {"fetched": 4, "kept": 3, "not_found": 1, "robots": 1}}
    assert (funnel["by_licence"], funnel["by_language"]) == ({"": 2, "CC-BY-4.0": 1}, {"en": 3})
    (polite,) = funnel["politeness"]
    assert (polite["refusals"], polite["crawl_delay_s"]) == (1, 0.01)
    page = (Path(outcome.artifact or "") / "report.html").read_text()
    for words in (
        "3 documents of 1 site;",
        "robots.txt disallows it",
        "CC-BY-4.0",
        site.base,
        "429 and 503",
    ):
        assert words in page
    assert not re.search(r"src=\"(?!data:)", page)
    assert set(re.findall(r"href=\"((?!data:)[^#\"][^\"]*)\"", page)) == {"../../report.html"}
    shown = capsys.readouterr().err
    assert "1 robots" in shown
    assert json.loads((Path(outcome.artifact or "") / "funnel.json").read_text()) == funnel
