"""A probe asks for robots.txt and sitemaps alone, at the host's pace, and counts pages in scope."""

from __future__ import annotations

import itertools

import pytest

from secarch.harvest.stage import run
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for


def _map(*urls: str, index: bool = False) -> Reply:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    entries = "".join(f"<{inner}><loc>{url}</loc></{inner}>" for url in urls)
    body = f"<{outer} xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{entries}</{outer}>"
    return Reply(body, headers={"Content-Type": "application/xml"})


def _probed(site: Site, session: Session, **settings: object) -> dict[str, object]:
    config = config_for(f"{site.base}/docs/", **settings)
    outcome = run(config, session, probe=True)
    assert outcome.result["dry_run"]
    assert not session.harvest.exists()
    (host,) = outcome.result["hosts"].values()
    return dict(host)


@pytest.mark.slow
def test_pages_are_counted_and_days_told(site: Site, session: Session) -> None:
    """Of an index with two maps: what is in scope and allowed, once; days by the Crawl-delay."""
    base = site.base
    site.answers["/robots.txt"] = Reply(
        f"User-agent: *\nCrawl-delay: 0.2\nDisallow: /docs/no\nSitemap: {base}/all.xml\n"
    )
    site.answers["/all.xml"] = _map(f"{base}/one.xml", f"{base}/two.xml", index=True)
    site.answers["/one.xml"] = _map(f"{base}/docs/a", f"{base}/docs/b", f"{base}/blog/c")
    site.answers["/two.xml"] = _map(f"{base}/docs/b", f"{base}/docs/no/d", f"{base}/docs/e")
    host = _probed(site, session)
    assert (host["sitemap_pages"], host["sitemaps"], host["asked"]) == (3, 3, 4)
    assert host["delay_s"] == 0.2
    assert host["days"] == round(3 * 0.2 / 86_400, 4)
    assert (host["more"], host["why_not"]) == (False, "")
    assert [asked.path for asked in site.log] == ["/robots.txt", "/all.xml", "/one.xml", "/two.xml"]
    gaps = [later.at - one.at for one, later in itertools.pairwise(site.log)]
    assert min(gaps[1:]) >= 0.19


@pytest.mark.parametrize(
    ("robots", "why_not"),
    [
        (Reply("User-agent: *\nDisallow: /\n"), "robots"),
        (Reply("", status=503), "robots_unreachable"),
        (Reply("", status=404), ""),
    ],
)
def test_a_host_that_gives_nothing_is_told(
    site: Site, session: Session, robots: Reply, why_not: str
) -> None:
    """Closed, out of reach, or without a sitemap."""
    site.answers["/robots.txt"] = robots
    host = _probed(site, session)
    assert (host["why_not"], host["sitemap_pages"], host["sitemaps"]) == (why_not, 0, 0)


def test_the_budget_bounds_the_days(site: Site, session: Session) -> None:
    """More pages in the sitemap than may be asked for."""
    site.answers["/sitemap.xml"] = _map(*(f"{site.base}/docs/{n}" for n in range(50)))
    host = _probed(site, session, max_pages=10, delay_s=0.05)
    assert host["sitemap_pages"] == 50
    assert host["days"] == round(10 * 0.05 / 86_400, 4)
