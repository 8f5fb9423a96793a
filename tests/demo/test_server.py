"""The embedded handbook and its server."""

import re
import urllib.error
import urllib.request
from posixpath import join, normpath

import pytest

from secarch.demo.server import pages, render, serve

LINK = re.compile(r'href="([^"#?]*)[^"]*"')
MISSING_ON_PURPOSE = {"/feedback", "/robots.txt", "/sitemap.xml"}


def _get(url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _targets(path: str) -> set[str]:
    found = set()
    for link in LINK.findall(render(pages()[path])):
        if link and not link.startswith(("http", "mailto")):
            target = (
                link
                if link.startswith("/")
                else normpath(
                    join(path if path.endswith("/") else path.rsplit("/", 1)[0] + "/", link)
                )
            )
            found.add(target)
    return found


def test_the_handbook_is_large_enough_for_every_stage() -> None:
    """At least 40 pages over several sections and 100 KB of text, thin pages and near-duplicates
    included.
    """
    texts = {path: page.markdown for path, page in pages().items()}
    assert len(texts) >= 40
    assert sum(len(text.encode()) for text in texts.values()) >= 100_000
    assert len({path.split("/")[1] for path in texts if path.count("/") > 1}) >= 8
    assert sum(len(text.split()) < 60 for text in texts.values()) >= 2
    assert sum("/v1/" in path for path in texts) >= 2


def test_every_internal_link_leads_somewhere() -> None:
    """A reader of the handbook meets no dead link."""
    known = set(pages()) | {path.rstrip("/") for path in pages()} | MISSING_ON_PURPOSE
    dead = {(path, target) for path in pages() for target in _targets(path) if target not in known}
    assert not dead


def test_every_page_but_the_drafts_is_reachable_from_the_top() -> None:
    """A crawler that follows links from / finds the whole handbook."""
    seen, queue = {"/"}, ["/"]
    while queue:
        for target in _targets(queue.pop()):
            path = target if target in pages() else f"{target}/"
            if path in pages() and path not in seen:
                seen.add(path)
                queue.append(path)
    assert {path for path in pages() if not path.startswith("/drafts/")} <= seen


def test_serves_pages_robots_sitemap_and_not_found() -> None:
    """The server answers as a real documentation site does."""
    with serve(0) as address:
        assert _get(f"{address}/")[0] == 200
        assert "Disallow: /drafts/" in _get(f"{address}/robots.txt")[1]
        assert f"<loc>{address}/identity/</loc>" in _get(f"{address}/sitemap.xml")[1]
        assert "/drafts/" not in _get(f"{address}/sitemap.xml")[1]
        assert _get(f"{address}/nothing")[0] == 404


def test_takes_another_port_when_the_preferred_one_is_in_use() -> None:
    """A busy port is no reason to fail."""
    with serve(0) as first, serve(int(first.rsplit(":", 1)[1])) as second:
        assert first != second
        assert _get(second + "/")[0] == 200


def test_a_known_etag_is_answered_with_not_modified() -> None:
    """Conditional requests work, so that a refresh costs little."""
    with serve(0) as address:
        with urllib.request.urlopen(f"{address}/identity/", timeout=10) as response:
            etag = response.headers["ETag"]
        assert _get(f"{address}/identity/", {"If-None-Match": etag})[0] == 304


@pytest.mark.parametrize("path", sorted(pages()))
def test_fragments_point_at_headings(path: str) -> None:
    """A link with a fragment names a heading that exists on the target page."""
    page = render(pages()[path])
    for link, fragment in re.findall(r'href="(/[^"#?]*)#([^"]+)"', page):
        target = link if link in pages() else f"{link}/"
        assert f'id="{fragment}"' in render(pages()[target]), (link, fragment)
