"""What follows from an answer: redirects, further tries, what is kept, which links count."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from secarch.harvest.config import HarvestConfig, Seed
from secarch.harvest.crawl import page_policy
from secarch.harvest.crawl.page_policy import GUESSED, PagePolicy
from secarch.harvest.crawl.politeness import Host
from secarch.harvest.extract.extracted import Extracted
from secarch.harvest.fetch.http import Response
from secarch.harvest.frontier.visit import PAGE, SITEMAP, Lease, Visit
from secarch.harvest.kept import unpack
from secarch.harvest.sources.urls import Rules, pattern_of
from secarch.records import Document, Page

SITE = "https://docs.example.org"
SEED = f"{SITE}/guide/"


def policy(**settings: Any) -> PagePolicy:
    """The policy of a crawl of one seed; nothing here asks its workers."""
    given: dict[str, Any] = {"seeds": (Seed(url=SEED),), "retries": 2, "retry_delay_s": 1.0}
    config = HarvestConfig(**{**given, **settings})
    return PagePolicy(config, Rules(config), None)  # type: ignore[arg-type]


def lease(**facts: Any) -> Lease:
    """A page below the seed, asked for once."""
    given: dict[str, Any] = {
        "id": 1,
        "url": f"{SEED}a",
        "host": SITE,
        "kind": PAGE,
        "depth": 1,
        "hops": 0,
        "tries": 0,
        "etag": '"old"',
        "last_modified": "yesterday",
        "prior": "",
    }
    return Lease(**{**given, **facts})


def visit(answer: Response, of: Lease, **settings: Any) -> tuple[Visit, Host]:
    """What an answer makes, and the host afterwards."""
    host = Host(SITE, 1.0, 1)
    return asyncio.run(policy(**settings).after(host, of, answer)), host


def answer(status: int, **facts: Any) -> Response:
    """An answer without a page."""
    return Response(**{"url": f"{SEED}a", "status": status, **facts})


@pytest.mark.parametrize(
    ("location", "facts", "reason", "links"),
    [
        ("b", {}, "redirected", [f"{SEED}b"]),
        ("b?id=3", {"hops": 9}, "redirected", [f"{SEED}b?id=3"]),
        ("b", {"hops": 10}, "too_many_redirects", []),
        ("a", {}, "redirect_loop", []),
        ("mailto:x@example.org", {}, "redirect_to_no_page", []),
        ("/other/b", {}, "redirect_out_of_scope", []),
        ("/other/b", {"depth": 0}, "redirected", [f"{SITE}/other/b"]),
        ("/other/b", {"kind": SITEMAP}, "redirected", [f"{SITE}/other/b"]),
        ("http://127.0.0.1/guide/b", {}, "redirect_private_address", []),
        ("http://127.0.0.1/guide/b", {"depth": 0}, "redirect_private_address", []),
    ],
)
def test_a_redirect_is_a_link_if_its_target_may_be_asked(
    location: str, facts: dict[str, Any], reason: str, links: list[str]
) -> None:
    """One step nearer to the bound, at the same depth; a seed's first page may lead elsewhere."""
    made, _ = visit(answer(301, location=location), lease(**facts))
    assert (made.reason, [link.url for link in made.links]) == (reason, links)
    assert (made.fetched, made.detail) == (False, location)
    for link in made.links:
        assert (link.hops, link.depth) == (facts.get("hops", 0) + 1, facts.get("depth", 1))
        assert link.kind == facts.get("kind", PAGE)
        assert link.family == pattern_of(link.url)
    grown = {"docs.example.org/other/": SEED} if facts.get("depth") == 0 and links else None
    assert made.widened == grown


def test_a_page_that_did_not_change_keeps_its_validators() -> None:
    """New ones replace the old."""
    made, host = visit(answer(304), lease(prior="x"))
    assert (made.unchanged, made.reason, made.etag) == (True, "", '"old"')
    assert (made.last_modified, host.failures) == ("yesterday", 0)
    made, _ = visit(answer(304, headers={"etag": '"new"', "last-modified": "now"}), lease())
    assert (made.etag, made.last_modified) == ('"new"', "now")


@pytest.mark.parametrize(
    ("status", "facts", "tries", "prior", "what"),
    [
        (503, {"again": True, "reason": "server_error"}, 0, "", "again"),
        (503, {"again": True, "reason": "server_error"}, 1, "x", "again"),
        (503, {"again": True, "reason": "server_error"}, 2, "x", "unchanged"),
        (503, {"again": True, "reason": "server_error"}, 2, "", "failed"),
        (404, {"reason": "not_found"}, 0, "x", "failed"),
    ],
)
def test_what_may_pass_is_tried_again_up_to_the_limit(
    status: int, facts: dict[str, Any], tries: int, prior: str, what: str
) -> None:
    """Then a page that was there before stays as it was."""
    before = time.time()
    made, _ = visit(answer(status, **facts), lease(tries=tries, prior=prior))
    assert (made.retry_at is not None) is (what == "again")
    assert made.unchanged is (what == "unchanged")
    assert made.reason == facts["reason"]
    assert made.fetched
    if made.retry_at is not None:
        assert 2**tries - 0.01 <= made.retry_at - before <= 1.25 * 2**tries + 1
    if made.unchanged:
        assert (made.etag, made.last_modified) == ('"old"', "yesterday")


def test_the_site_s_own_pause_wins_if_it_is_longer() -> None:
    """Otherwise our own, which doubles."""
    known = policy()
    assert known.wait(0, answer(429, retry_after=77.0)) == 77.0
    assert 4.0 <= known.wait(2, answer(429, retry_after=2.0)) <= 5.0
    assert 1.0 <= known.wait(0, answer(503)) <= 1.25


@pytest.mark.parametrize(
    ("given", "failures", "refusals"),
    [
        (answer(429, again=True, reason="x"), 1, 1),
        (answer(503, again=True, reason="x"), 1, 1),
        (answer(500, again=True, reason="x"), 1, 0),
        (answer(0, again=True, reason="timeout"), 1, 0),
        (answer(200, again=True, reason="bad_encoding"), 0, 0),
        (answer(404, reason="not_found"), 0, 0),
        (answer(0, reason="dns"), 3, 0),
    ],
)
def test_the_host_learns_of_failures_refusals_and_successes(
    given: Response, failures: int, refusals: int
) -> None:
    """An answer of any kind closes the row of failures; no answer changes nothing."""
    host = Host(SITE, 1.0, 1)
    host.failures = 0 if given.again and given.reason != "bad_encoding" else 3
    asyncio.run(policy().after(host, lease(tries=9), given))
    assert (host.failures, host.refusals) == (failures, refusals)


DOCUMENT = Document(
    id="d",
    url=f"{SEED}a",
    canonical_url=f"{SEED}a",
    site=SITE,
    title="A",
    text="Text.",
    language="en",
    licence="",
    fetched_at="",
    modified_at="",
    sha256="",
    raw_sha256="",
)


@pytest.mark.parametrize(
    ("found", "keep", "kept"),
    [
        (Extracted(document=DOCUMENT), True, True),
        (Extracted(document=DOCUMENT, reason="no_text"), True, True),
        (Extracted(reason="no_text"), True, True),
        (Extracted(reason="reserved"), True, False),
        (Extracted(), True, False),
        (Extracted(document=DOCUMENT), False, False),
    ],
)
def test_raw_bytes_are_kept_of_what_is_used_or_may_be_one_day(
    found: Extracted, keep: bool, kept: bool
) -> None:
    """Never of a page that its site reserved."""
    page = Page(
        url=f"{SEED}a",
        status=200,
        body=b"<p>x",
        content_type="text/html",
        headers={},
        fetched_at="",
    )
    given = answer(200, page=page, all_headers=(("X", "1"),))
    made = Visit(lease=lease())
    policy(keep_raw=keep)._keep_raw(made, given, page, found)
    assert (made.raw is not None) is kept
    assert (made.content_type, tuple(made.headers)) == (
        ("text/html", (("X", "1"),)) if kept else ("", ())
    )
    if made.raw is not None:
        assert unpack(made.raw) == b"<p>x"
        policy()._keep_raw(made, replace(given, wire=b"w"), page, found)
        assert made.raw == b"w"


@pytest.mark.parametrize(
    ("depth", "found", "expected"),
    [
        (1, {"links": [(f"{SEED}b", "", "f")]}, [(f"{SEED}b", "", 2, PAGE)]),
        (2, {"links": [(f"{SEED}b", "", "f")]}, [(f"{SEED}b", "", 3, PAGE)]),
        (3, {"links": [(f"{SEED}b", "", "f")]}, [(f"{SEED}b", "too_deep", 4, PAGE)]),
        (3, {"links": [(f"{SEED}b", "robots", "f")]}, [(f"{SEED}b", "robots", 4, PAGE)]),
        (1, {"sitemaps": [f"{SITE}/s.xml"]}, [(f"{SITE}/s.xml", "", 0, SITEMAP)]),
        (1, {"sitemaps": ["https://other.example/s.xml", "http://10.0.0.1/s.xml"]}, []),
    ],
)
def test_links_are_one_deeper_and_sitemaps_stay_on_the_host(
    depth: int, found: dict[str, Any], expected: list[tuple[str, str, int, int]]
) -> None:
    """A link beyond the depth is known as such; a reason that it has already stays."""
    links = policy(max_depth=3)._links(lease(depth=depth), Extracted(**found))
    assert [(link.url, link.reason, link.depth, link.kind) for link in links] == expected


@pytest.mark.parametrize(("hops", "more"), [(0, 1), (2, 1), (9, 1), (10, 0)])
def test_indexes_are_followed_as_far_as_redirects(hops: int, more: int) -> None:
    """An index that names ever new indexes ends too."""
    found = Extracted(sitemaps=[f"{SITE}/s.xml"])
    links = policy()._links(lease(hops=hops, kind=SITEMAP), found)
    assert [link.hops for link in links] == [hops + 1] * more


def test_a_guessed_sitemap_is_followed_like_a_named_one() -> None:
    """Its hops tell it apart and cost it none; a refresh changes no page's depth."""
    (guess,) = policy().sitemaps(SITE, [])
    found = Extracted(sitemaps=[f"{SITE}/s.xml"], links=[(f"{SEED}b", "", "f")])
    page, below = policy()._links(lease(hops=guess.hops, kind=SITEMAP, depth=-1), found)
    assert (guess.hops, below.hops, page.depth) == (GUESSED, 1, 1)


def test_a_known_address_is_not_reported_twice_unless_a_sitemap_dates_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A site's navigation is on each of its pages; the memory of it is bounded."""
    known = policy()
    plain = Extracted(links=[(f"{SEED}b", "", "f")])
    dated = replace(plain, lastmods={f"{SEED}b": "2026-01-01T00:00:00Z"})
    assert [len(known._links(lease(), found)) for found in (plain, plain, dated)] == [1, 0, 1]
    monkeypatch.setattr(page_policy, "SEEN", 1)
    known._links(lease(), Extracted(links=[(f"{SEED}c", "", "f")]))
    assert len(known._links(lease(), plain)) == 1
    known._links(lease(), plain)
    assert len(known._links(lease(), plain)) == 0


def test_a_link_is_judged_anew_where_the_scope_has_grown() -> None:
    """The workers judged it by the scope with which they were started."""
    known = policy()
    moved = f"{SITE}/other/b?id=3"
    assert known._again(moved, "out_of_scope", "") == ("out_of_scope", "")
    known._rules.widen(f"{SEED}", f"{SITE}/other/")
    assert pattern_of(moved)
    assert known._again(moved, "out_of_scope", "") == ("", pattern_of(moved))
    assert known._again(f"{SITE}/third/", "out_of_scope", "") == ("out_of_scope", "")
    assert known._again(moved, "excluded", "f") == ("excluded", "f")


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ([], [f"{SITE}/sitemap.xml"]),
        (["/s.xml"], [f"{SITE}/s.xml"]),
        (
            [f"{SITE}/s.xml", "https://other.example/s.xml", "http://10.0.0.1/s.xml"],
            [f"{SITE}/s.xml"],
        ),
        (["https://other.example/s.xml"], []),
    ],
)
def test_sitemaps_of_robots_txt_are_those_of_the_site(
    named: list[str], expected: list[str]
) -> None:
    """The usual place if it names none, and none if it names only others' sitemaps."""
    links = policy().sitemaps(SITE, named)
    assert [link.url for link in links] == expected
    assert all(link.kind == SITEMAP for link in links)


@pytest.mark.parametrize(
    ("of", "asked"),
    [
        (lease(prior="x"), {"If-None-Match": '"old"'}),
        (lease(prior="x", etag=""), {"If-Modified-Since": "yesterday"}),
        (lease(prior="x", etag="", last_modified=""), {}),
        (lease(), {}),
    ],
)
def test_a_known_page_is_asked_for_if_it_changed(of: Lease, asked: dict[str, str]) -> None:
    """By its ETag, else by its date; a new page is asked for as it is."""
    assert policy().request(of) == {"headers": asked}


def test_a_sitemap_is_asked_for_as_xml_of_bounded_size() -> None:
    """Without the validators of a page."""
    assert set(policy().request(lease(kind=SITEMAP, prior="x"))) == {"types", "limit"}


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (" /b ", f"{SITE}/b"),
        ("https://other.example/b", "https://other.example/b"),
        ("http://127.0.0.1/b", ""),
        ("ftp://other.example/b", ""),
        ("http://[", ""),
        ("", f"{SEED}a"),
    ],
)
def test_the_target_of_a_redirect_may_be_asked_or_is_none(location: str, target: str) -> None:
    """Relative ones are resolved; private addresses and other schemes are refused."""
    assert policy().target(f"{SEED}a", location) == target


@pytest.mark.parametrize(
    ("found", "kind", "render", "drawn"),
    [
        (Extracted(reason="needs_javascript"), "application/json", "auto", True),
        (Extracted(reason="no_text"), "text/html", "auto", True),
        (Extracted(document=DOCUMENT), "text/html", "auto", False),
        (Extracted(document=DOCUMENT), "text/HTML; charset=utf-8", "always", True),
        (Extracted(document=DOCUMENT), "", "always", True),
        (Extracted(document=DOCUMENT), "application/pdf", "always", False),
        (Extracted(reason="reserved"), "text/html", "always", False),
    ],
)
def test_shells_are_drawn_and_with_always_every_page_of_html(
    found: Extracted, kind: str, render: str, drawn: bool
) -> None:
    """Never one that is reserved."""
    page = Page(url=SEED, status=200, body=b"", content_type=kind, headers={}, fetched_at="")
    assert policy(render=render)._is_to_be_rendered(page, found) is drawn
