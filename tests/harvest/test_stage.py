"""The stage: from seeds to a sealed artifact, against a loopback site."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import signal
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import lock, open_artifact
from secarch.errors import (
    Busy,
    ConfigError,
    DiskError,
    InputError,
    Interrupted,
    MissingInput,
    UnfinishedRun,
    UsageError,
)
from secarch.harvest.frontier.database import FILE
from secarch.harvest.stage import run as harvest
from secarch.records import Outcome
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for, paths_of, rows_of


def crawl(
    site: Site,
    session: Session,
    *,
    refresh: bool = False,
    seed: dict[str, Any] | None = None,
    **settings: Any,
) -> Outcome:
    return harvest(
        config_for({"url": site.base + "/", **(seed or {})}, **settings), session, refresh=refresh
    )


def kept(outcome: Outcome) -> list[str]:
    assert outcome.artifact is not None
    return paths_of(rows_of(outcome.artifact))


def skipped(outcome: Outcome) -> dict[str, str]:
    with gzip.open(f"{outcome.artifact}/skipped.jsonl.gz", "rt") as lines:
        return {row["url"].split("/", 3)[3]: row["reason"] for row in map(json.loads, lines)}


def test_a_site_becomes_a_sealed_artifact(site: Site, session: Session) -> None:
    """Every linked page once, ordered by canonical address, with the columns of the contract;
    nothing asked twice.
    """
    site.page("/", "/b", "/a", "/a#x", "/gone", "https://other.example/")
    site.page("/a", "/b", "/")
    site.page("/b")
    outcome = crawl(site, session)
    assert kept(outcome) == ["", "a", "b"]
    assert [a.path for a in site.asked()].count("/a") == 1
    assert skipped(outcome) == {"gone": "not_found", "": "out_of_scope"}
    artifact = open_artifact(Path(outcome.artifact or ""), "documents")
    assert artifact.manifest.counts == {"documents": 3, "sites": 1}
    assert " ".join(rows_of(artifact.path)[0]) == (
        "id url canonical_url site title text language licence fetched_at modified_at sha256 "
        "raw_sha256"
    )
    assert outcome.result["funnel"]["by_reason"] == {"not_found": 1, "out_of_scope": 1}


def test_the_same_settings_again_have_nothing_to_do_and_the_same_digest(
    site: Site, session: Session, tmp_path: Path
) -> None:
    """A finished crawl is not repeated; in another workspace it gives the same digest in spite of
    its times.
    """
    site.page("/", "/a")
    site.page("/a")
    first = crawl(site, session)
    number = len(site.log)
    again = crawl(site, session)
    assert (again.status, again.digest, len(site.log)) == ("nothing_to_do", first.digest, number)
    other = crawl(site, Session(workspace=tmp_path / "other"), delay_s=0.01)
    assert (other.digest, other.status) == (first.digest, "done")


def test_fresh_sets_the_old_crawl_aside(site: Site, session: Session) -> None:
    """Nothing is deleted."""
    site.page("/")
    crawl(site, session)
    crawl(site, dataclasses.replace(session, fresh=True))
    names = {path.name.rpartition(".")[2] for path in session.harvest.glob("*aside*")}
    assert names == {"aside-1"}
    assert len(site.asked("/")) == 2


def test_robots_are_asked_first_and_kept(site: Site, session: Session) -> None:
    """What robots.txt disallows is never asked for; its reason is in the list."""
    site.answers["/robots.txt"] = Reply(
        "User-agent: *\nDisallow: /private/\nAllow: /private/notice\n"
    )
    site.page("/", "/private/x", "/private/notice")
    site.page("/private/notice")
    outcome = crawl(site, session)
    assert site.log[0].path == "/robots.txt"
    assert kept(outcome) == ["", "private/notice"]
    assert skipped(outcome)["private/x"] == "robots"
    assert not site.asked("/private/x")


def test_robots_that_are_down_for_a_moment_hold_the_crawl(site: Site, session: Session) -> None:
    """503 means wait, not go ahead; redirects are followed."""
    site.answers["/robots.txt"] = lambda n: (
        Reply("", 503) if n == 0 else Reply("", 301, {"Location": "/policy.txt"})
    )
    site.answers["/policy.txt"] = Reply("User-agent: *\nDisallow: /x\n")
    site.page("/", "/x")
    outcome = crawl(site, session)
    asked = [a.path for a in site.log]
    first = ["/robots.txt", "/robots.txt", "/policy.txt", "/.well-known/tdmrep.json", "/"]
    assert asked == [*first, "/sitemap.xml"]
    assert skipped(outcome) == {"x": "robots"}


@pytest.mark.parametrize("reply", [Reply("", 500), Reply("", 429), Reply("x" * 10, cut=3)])
def test_robots_that_stay_away_end_in_an_input_error(
    site: Site, session: Session, reply: Reply
) -> None:
    """Unreachable robots.txt disallow everything; nothing else is asked and nothing sealed."""
    site.answers["/robots.txt"] = reply
    site.page("/")
    with pytest.raises(InputError, match="robots_unreachable"):
        crawl(site, session, retries=1)
    assert site.asked() == []
    assert not list(session.harvest.glob("*/manifest.json"))


def test_a_host_that_is_not_there_is_an_input_error_with_its_reason(
    site: Site, session: Session
) -> None:
    """Exit 4; a second run starts anew rather than calling itself unfinished."""
    site.close()
    for _ in range(2):
        with pytest.raises(InputError, match="robots_unreachable") as caught:
            crawl(site, session, retries=0)
    assert caught.value.exit_code == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    "reply",
    [
        Reply("", 404),
        Reply("", headers={"Content-Type": "text/html"}),
        Reply("", 302, {"Location": "http://10.0.0.1/"}),
    ],
)
def test_an_empty_site_is_an_input_error(site: Site, session: Session, reply: Reply) -> None:
    """No document, no artifact."""
    site.answers["/"] = reply
    with pytest.raises(InputError, match="not one page could be kept"):
        crawl(site, session)
    assert not list(session.harvest.glob("*/*.parquet"))


@pytest.mark.slow
def test_a_redirect_into_a_private_network_or_out_of_scope_is_not_followed(
    site: Site, session: Session
) -> None:
    """Each hop meets the guard and the scope; the reason says which."""
    site.page("/docs/", "/docs/meta", "/docs/out", "/docs/file", "/docs/moved", "/docs/loop")
    for name, target in {
        "meta": "http://169.254.169.254/",
        "out": "/blog",
        "file": "file:///etc/passwd",
        "moved": "/docs/new",
        "loop": "/docs/loop",
    }.items():
        site.answers[f"/docs/{name}"] = Reply("", 302, {"Location": target})
    site.page("/docs/new")
    site.page("/blog")
    outcome = crawl(site, session, seed={"url": site.base + "/docs/"})
    assert kept(outcome) == ["docs/", "docs/new"]
    found = skipped(outcome)
    assert (found["docs/meta"], found["docs/out"]) == (
        "redirect_private_address",
        "redirect_out_of_scope",
    )
    assert (found["docs/file"], found["docs/loop"]) == ("redirect_to_no_page", "redirect_loop")
    assert not site.asked("/blog")


def test_bytes_that_are_no_text_in_headers_do_not_stop_the_crawl(
    site: Site, session: Session
) -> None:
    """Headers may hold anything; what a database cannot keep is replaced."""
    site.page("/", "/odd", "/moved", headers={"ETag": '"\xff\xfe"'})
    site.page("/odd", headers={"X-Robots-Tag": "\xff", "Last-Modified": "\xff"})
    site.answers["/moved"] = Reply("", 302, {"Location": "/\xff\xfe"})
    assert kept(crawl(site, session)) == ["", "odd"]


@pytest.mark.slow
def test_retry_after_is_kept(site: Site, session: Session) -> None:
    """Neither the page nor its host is asked again before the time the site named."""
    site.page("/", "/busy", "/other")
    site.page("/busy")
    good = site.answers["/busy"]
    site.answers["/busy"] = lambda n: Reply("", 429, {"Retry-After": "1"}) if n == 0 else good  # type: ignore[return-value]
    site.page("/other")
    assert kept(crawl(site, session)) == ["", "busy", "other"]
    first, second = site.asked("/busy")
    assert second.at - first.until >= 0.99
    assert all(a.at >= first.until + 0.99 for a in site.log if a.at > first.until)


@pytest.mark.slow
@pytest.mark.parametrize("jump", [-400 * 86_400, 400 * 86_400])
def test_a_clock_that_jumps_breaks_no_promise(
    site: Site, session: Session, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    """Put back or forward in mid-crawl: Retry-After is kept, nothing waits for ever, robots.txt is
    asked once.
    """
    site.page("/", "/busy", "/other")
    site.page("/busy")
    site.page("/other")
    good, real = site.answers["/busy"], time.time

    def busy(n: int) -> Reply:
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        assert isinstance(good, Reply)
        return Reply("", 429, {"Retry-After": "1"}) if n == 0 else good

    site.answers["/busy"] = busy
    assert kept(crawl(site, session)) == ["", "busy", "other"]
    first, second = site.asked("/busy")
    assert 0.99 <= second.at - first.until < 30
    assert len(site.asked("/robots.txt")) == 1


@pytest.mark.slow
def test_a_pause_that_a_site_asked_for_outlives_the_process(site: Site, session: Session) -> None:
    """Retry-After of an hour, the crawl stopped, taken up at once: the host is still left alone,
    others are not.
    """
    site.page("/", "/busy")
    site.answers["/busy"] = Reply("", 429, {"Retry-After": "3600"})
    other = Site()
    other.page("/")
    seeds = (site.base + "/", other.base + "/")

    def stop_soon() -> None:
        while not site.asked("/busy"):
            time.sleep(0.01)
        time.sleep(0.5)
        session.stop.signum = 15

    threading.Thread(target=stop_soon, daemon=True).start()
    with pytest.raises(Interrupted):
        harvest(config_for(*seeds), session)
    again = dataclasses.replace(session, resume=True, stop=type(session.stop)())
    number = len(site.log)
    threading.Timer(1.0, lambda: setattr(again.stop, "signum", 15)).start()
    with pytest.raises(Interrupted):
        harvest(config_for(*seeds), again)
    assert len(site.log) == number
    other.close()


def test_a_name_that_leads_nowhere_is_named_and_the_others_are_crawled(
    site: Site, session: Session
) -> None:
    """A host that does not resolve costs its own pages alone, each with its reason."""
    site.page("/")
    lost = "http://nowhere.invalid/"
    outcome = harvest(
        config_for(site.base + "/", lost, retries=1, contact="a@example.org"), session
    )
    assert kept(outcome) == [""]
    assert outcome.result["funnel"]["by_host"]["http://nowhere.invalid"] == {
        "fetched": 0,
        "robots_unreachable": 1,
    }


@pytest.mark.slow
def test_a_page_of_very_many_links_gives_what_fits(site: Site, session: Session) -> None:
    """The first 20,000 are known and the rest is said to be cut; the page itself is kept."""
    links = "".join(f"<a href=/{n:x}>" for n in range(30_000))
    site.page("/")
    page = site.answers["/"]
    assert isinstance(page, Reply)
    page.body = str(page.body).replace("<nav>", f"<nav>{links}")
    outcome = crawl(site, session, max_pages=1)
    assert kept(outcome) == [""]
    assert outcome.result["funnel"]["by_reason"] == {"page_budget": 20_000}
    with sqlite3.connect(session.harvest / FILE) as db:
        assert (
            db.execute("select detail from url where state = 2")
            .fetchone()[0]
            .startswith("of its links the first")
        )
    db.close()


def test_temporary_failures_are_tried_again_and_lasting_ones_recorded(
    site: Site, session: Session
) -> None:
    """A page that comes in the end is kept; one that does not has its reason and the tries it
    had.
    """
    site.page("/", "/later", "/never", "/cut")
    site.page("/later")
    site.page("/cut")
    later, cut = site.answers["/later"], site.answers["/cut"]
    site.answers["/later"] = lambda n: Reply("", 500) if n < 2 else later  # type: ignore[return-value]
    site.answers["/cut"] = lambda n: dataclasses.replace(cut, cut=50) if n == 0 else cut  # type: ignore[return-value,type-var]
    site.answers["/never"] = Reply("", 500)
    outcome = crawl(site, session, retries=2)
    assert kept(outcome) == ["", "cut", "later"]
    assert (skipped(outcome)["never"], len(site.asked("/never"))) == ("http_500", 3)


@pytest.mark.slow
def test_the_gap_between_requests_is_kept(site: Site, session: Session) -> None:
    """From the end of one request to the start of the next at least delay_s, robots.txt and
    tdmrep.json included.
    """
    site.page("/", *(f"/{n}" for n in range(5)))
    for n in range(5):
        site.page(f"/{n}")
    crawl(site, session, delay_s=0.15)
    gaps = [b.at - a.at for a, b in zip(site.log, site.log[1:], strict=False)]
    assert len(gaps) == 8  # with /sitemap.xml, which no robots.txt names
    assert min(gaps) >= 0.15


@pytest.mark.slow
def test_crawl_delay_wins_over_a_shorter_setting(site: Site, session: Session) -> None:
    """The site's own wish is kept, also with more requests allowed at once."""
    site.answers["/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 0.2\n")
    site.page("/", "/a", "/b")
    site.page("/a")
    site.page("/b")
    crawl(site, session, concurrency_per_host=4)
    gaps = [b.at - a.at for a, b in zip(site.log[1:], site.log[2:], strict=False)]
    assert min(gaps) >= 0.2


def test_pages_of_one_canonical_address_are_one_document(site: Site, session: Session) -> None:
    """The page that lives at the address wins; the others are listed."""
    site.page("/", "/a?v=1", "/a", "/a?v=2")
    for path in ("/a", "/a?v=1", "/a?v=2"):
        site.page(path, head="<link rel=canonical href=/a>")
    outcome = crawl(site, session)
    assert kept(outcome) == ["", "a"]
    assert skipped(outcome) == {"a?v=1": "same_canonical", "a?v=2": "same_canonical"}


def test_what_is_reserved_is_not_kept(site: Site, session: Session) -> None:
    """Noindex and noai pages give no document and their links are followed; robots.txt can reserve
    a path.
    """
    site.answers["/robots.txt"] = Reply(
        "User-agent: *\nContent-Usage: /reserved train-ai=n\nAllow: /\n"
    )
    site.page("/", "/noindex", "/noai", "/reserved")
    site.page("/noindex", "/below", head="<meta name=robots content=noindex>")
    site.page("/noai", headers={"X-Robots-Tag": "noai"})
    site.page("/reserved")
    site.page("/below")
    outcome = crawl(site, session)
    assert kept(outcome) == ["", "below"]
    assert skipped(outcome) == {
        "noindex": "noindex",
        "noai": "opt_out_noai",
        "reserved": "opt_out_robots",
    }
    assert not site.asked("/reserved")


def test_a_tdmrep_file_reserves_paths_and_is_asked_once(site: Site, session: Session) -> None:
    """What the site's tdmrep.json reserves is not asked for, with its reason; overridden, not even
    the file is.
    """
    rules = (
        '[{"location": "/b*", "tdm-reservation": 1}, {"location": "/b/open", "tdm-reservation": 0}]'
    )
    site.answers["/.well-known/tdmrep.json"] = Reply(
        rules, headers={"Content-Type": "application/json"}
    )
    site.page("/", "/b/closed", "/b/open")
    site.page("/b/closed")
    site.page("/b/open")
    outcome = crawl(site, session)
    assert (kept(outcome), skipped(outcome)) == (["", "b/open"], {"b/closed": "opt_out_tdmrep"})
    assert len(site.asked("/.well-known/tdmrep.json")) == 1
    assert not site.asked("/b/closed")
    everything = crawl(site, dataclasses.replace(session, fresh=True), honour_opt_outs=False)
    assert kept(everything) == ["", "b/closed", "b/open"]
    assert len(site.asked("/.well-known/tdmrep.json")) == 1


def test_a_sitemap_finds_what_no_page_links_to(site: Site, session: Session) -> None:
    """Index, gzip, and addresses of other hosts are skipped."""
    loc = f"<url><loc>{site.base}/lonely</loc></url><url><loc>https://other.example/x</loc></url>"
    site.answers["/robots.txt"] = Reply(f"Sitemap: {site.base}/map.xml\n")
    site.answers["/map.xml"] = Reply(
        f"<sitemapindex><sitemap><loc>{site.base}/1.xml.gz</loc></sitemap></sitemapindex>",
        headers={"Content-Type": "text/xml"},
    )
    site.answers["/1.xml.gz"] = Reply(
        gzip.compress(f"<urlset>{loc}</urlset>".encode()),
        headers={"Content-Type": "application/gzip"},
    )
    site.page("/")
    site.page("/lonely")
    assert kept(crawl(site, session)) == ["", "lonely"]


def test_budgets_hold(site: Site, session: Session) -> None:
    """max_pages, max_depth and the number of variants of one path; what is left over has its
    reason.
    """
    for n in range(8):
        site.page("/" if n == 0 else f"/{n}", f"/{n + 1}", *(f"/?q={n}{k}" for k in range(3)))
    outcome = crawl(site, session, max_depth=3, max_variants=4)
    assert len(kept(outcome)) == 4
    assert set(skipped(outcome).values()) >= {"too_deep", "too_many_variants"}
    fewer = crawl(site, Session(workspace=session.workspace / "b"), max_pages=2)
    assert fewer.result["funnel"]["fetched"] == 2
    assert "page_budget" in skipped(fewer).values()


def test_a_dry_run_asks_nothing_and_writes_nothing(site: Site, session: Session) -> None:
    """Host by host: how many pages at most, at which gap, in how many days."""
    outcome = crawl(site, dataclasses.replace(session, dry_run=True), delay_s=2, max_pages=43_200)
    assert outcome.result["hosts"][site.base]["days_at_most"] == 1.0
    assert (site.log, outcome.result["finished"]) == ([], False)
    assert not session.workspace.exists()
    site.page("/")
    crawl(site, session)
    again = crawl(site, dataclasses.replace(session, dry_run=True))
    assert again.result["finished"]
    assert "nothing to do" in again.summary


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"seeds": ()}, "there is none"),
        ({"seeds": ("not a url",)}, "http or https"),
        ({"seeds": ("ftp://h/",)}, "http or https"),
        ({"seeds": ("http://192.168.0.1/",)}, "allow_networks"),
        ({"seeds": ("https://docs.example.com/",)}, "harvest.contact"),
    ],
)
def test_bad_seeds_and_a_missing_contact_are_configuration_errors(
    session: Session, settings: dict[str, Any], match: str
) -> None:
    """Exit 2, before anything is asked."""
    seeds = settings["seeds"]
    with pytest.raises(ConfigError, match=match) as caught:
        harvest(config_for(*seeds), session, refresh=False)
    assert caught.value.exit_code == 2


def test_a_second_process_is_told_to_wait(site: Site, session: Session) -> None:
    """One crawl per workspace."""
    with lock(session.harvest / ".lock"), pytest.raises(Busy):
        crawl(site, session)
    assert site.log == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_workspace_is_a_disk_error(site: Site, session: Session) -> None:
    """Exit 3, with the way out."""
    session.workspace.mkdir(mode=0o500)
    with pytest.raises(DiskError):
        crawl(site, session)


def test_a_workspace_that_is_a_file_is_a_disk_error(site: Site, session: Session) -> None:
    """Exit 3, with the way out."""
    session.workspace.write_text("")
    with pytest.raises(DiskError):
        crawl(site, session)


def _stop_after(site: Site, session: Session, requests: int) -> None:
    while len(site.log) < requests:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.slow
def test_an_interrupt_saves_and_resume_goes_on(site: Site, session: Session) -> None:
    """Exit 130; without --resume the state is refused; with it every page is there, each asked
    once.
    """
    site.page("/", *(f"/{n}" for n in range(20)))
    for n in range(20):
        site.page(f"/{n}", pause=0.02)
    threading.Thread(target=_stop_after, args=(site, session, 6), daemon=True).start()
    with pytest.raises(Interrupted) as caught:
        crawl(site, session)
    assert caught.value.exit_code == 130
    assert len(site.asked()) < 21
    with pytest.raises(UnfinishedRun):
        crawl(site, dataclasses.replace(session))
    again = dataclasses.replace(session, resume=True, stop=type(session.stop)())
    with pytest.raises(UsageError, match="other settings"):
        crawl(site, again, max_pages=5)
    outcome = crawl(site, again)
    assert len(kept(outcome)) == 21
    assert max(len(site.asked(f"/{n}")) for n in range(20)) == 1
    assert len(site.asked("/robots.txt")) == 1


@pytest.mark.slow
def test_a_refresh_believes_a_sitemap_that_calls_a_page_old(site: Site, session: Session) -> None:
    """The map is asked first; pages that were not changed since they were fetched are not asked
    again.
    """
    dates = {f"old{n}": "2020-01-01" for n in range(20)} | {
        "new": "2999-12-31T00:00:00Z",
        "odd": "soon",
    }
    urls = "".join(
        f"<url><loc>{site.base}/{name}</loc><lastmod>{at}</lastmod></url>"
        for name, at in dates.items()
    )
    site.answers["/robots.txt"] = Reply(f"Sitemap: {site.base}/map.xml\n")
    site.answers["/map.xml"] = Reply(
        f"<urlset>{urls}</urlset>", headers={"Content-Type": "text/xml"}
    )
    for name in ("", *dates):
        site.page(f"/{name}")
    crawl(site, session)
    again = crawl(site, session, refresh=True)
    assert [len(site.asked(path)) for path in ("/map.xml", "/new", "/odd")] == [2, 2, 2]
    assert sum(len(site.asked(f"/old{n}")) for n in range(20)) == 20
    assert len(kept(again)) == 23
    assert again.result["funnel"]["changes"]["unchanged"] == 23


def test_a_refresh_asks_with_validators_and_seals_a_child(site: Site, session: Session) -> None:
    """304 keeps the page; changed, new and gone pages are counted; the parent is the first
    artifact.
    """
    site.page("/", "/same", "/changed", "/gone", headers={"ETag": '"home"'})
    for name in ("same", "changed", "gone"):
        site.page(f"/{name}", headers={"ETag": f'"{name}"'})
    first = crawl(site, session)
    site.page("/", "/same", "/changed", "/gone", "/new")
    site.answers["/same"] = Reply("", 304, {"ETag": '"same"'})
    site.page("/changed", text="Something else. " * 30)
    site.answers["/gone"] = Reply("", 410)
    site.page("/new")
    second = crawl(site, session, refresh=True)
    assert site.asked("/same")[1].headers["If-None-Match"] == '"same"'
    assert kept(second) == ["", "changed", "new", "same"]
    assert second.result["funnel"]["changes"] == {"new": 1, "changed": 1, "unchanged": 2, "gone": 1}
    assert open_artifact(Path(second.artifact or "")).manifest.parents == [first.digest]
    assert second.artifact != first.artifact
    again = crawl(site, session)
    assert (again.status, again.digest) == ("nothing_to_do", second.digest)


def test_a_refresh_needs_a_finished_crawl(site: Site, session: Session) -> None:
    """Exit 4 with the command that makes one; together with --fresh it makes no sense."""
    with pytest.raises(MissingInput):
        crawl(site, session, refresh=True)
    with pytest.raises(UsageError):
        crawl(site, dataclasses.replace(session, fresh=True), refresh=True)


def test_a_refresh_looks_again_at_what_a_host_refused_or_could_not_give(
    site: Site, session: Session
) -> None:
    """A robots.txt that has been relaxed since opens the pages that it closed."""
    site.page("/", "/closed")
    site.page("/closed")
    site.answers["/robots.txt"] = Reply("User-agent: *\nDisallow: /closed\n")
    assert kept(crawl(site, session)) == [""]
    site.answers["/robots.txt"] = Reply("User-agent: *\nDisallow:\n")
    assert kept(crawl(site, session, refresh=True)) == ["", "closed"]


def test_a_refresh_of_a_site_that_is_down_keeps_what_there_was(
    site: Site, session: Session
) -> None:
    """That a server fails today does not delete its pages."""
    site.page("/", "/a")
    site.page("/a")
    crawl(site, session)
    site.answers["/a"] = Reply("", 503)
    assert kept(crawl(site, session, refresh=True, retries=1)) == ["", "a"]


def test_a_robots_reader_that_breaks_is_not_asked_for_ever(
    site: Site, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a robots.txt makes its parser raise counts as that host's failure."""
    monkeypatch.setattr("secarch.harvest.robots.robots_txt.MAX_BYTES", None)
    with pytest.raises(InputError, match="robots_unreachable"):
        crawl(site, session, retries=1)


def test_a_damaged_frontier_is_named(site: Site, session: Session) -> None:
    """Exit 4 and --fresh as the way out, which then works."""
    session.harvest.mkdir(parents=True)
    (session.harvest / FILE).write_bytes(b"rubbish" * 1000)
    site.page("/")
    with pytest.raises(InputError, match="sound frontier"):
        crawl(site, session)
    assert kept(crawl(site, dataclasses.replace(session, fresh=True))) == [""]


@pytest.mark.slow
def test_robots_are_asked_again_when_their_day_is_over(
    site: Site, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy is used for its time and no longer (RFC 9309, section 2.4); a rule that came meanwhile
    counts.
    """
    monkeypatch.setattr("secarch.harvest.robots.robots_txt.TTL_SECONDS", 0.5)
    new = "User-agent: *\nDisallow: /docs/b"
    site.answers["/robots.txt"] = lambda before: Reply(
        new if before else "User-agent: *\nDisallow:"
    )
    site.page("/docs/", "/docs/a", "/docs/b", pause=0.7)
    for name in "ab":
        site.page(f"/docs/{name}")
    outcome = harvest(config_for(f"{site.base}/docs/"), session)
    assert len(site.asked("/robots.txt")) >= 2
    assert paths_of(rows_of(outcome.artifact or "")) == ["docs/", "docs/a"]


@pytest.mark.parametrize("follow", [False, True])
def test_links_marked_nofollow_are_followed_by_setting_only(
    site: Site, session: Session, *, follow: bool
) -> None:
    """rel=nofollow is respected unless harvest.follow_nofollow is on; a page's own nofollow always
    is.
    """
    site.page(
        "/docs/",
        "/docs/plain",
        text="<a rel='external NoFollow' href=/docs/marked>m</a> " + "words " * 60,
    )
    site.page("/docs/plain", "/docs/never", head="<meta name=robots content=nofollow>")
    site.page("/docs/marked")
    site.page("/docs/never")
    outcome = harvest(config_for(f"{site.base}/docs/", follow_nofollow=follow), session)
    expected = ["docs/", "docs/marked", "docs/plain"] if follow else ["docs/", "docs/plain"]
    assert paths_of(rows_of(outcome.artifact or "")) == expected
