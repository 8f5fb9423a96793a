"""One request: what comes back, and what is refused."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from typing import Any

import pytest

from secarch.harvest.fetch.encodings import BodyRefusedError, Inflater
from secarch.harvest.fetch.http import Client, Response, user_agent
from tests.harvest.conftest import Reply, Site, config_for

HTML = {"Content-Type": "text/html"}


def fetch(url: str, **settings: Any) -> Response:
    async def ask() -> Response:
        async with Client(config_for(**settings)) as client:
            return await client.get(url)

    return asyncio.run(ask())


def test_a_page_comes_with_its_headers_and_is_asked_for_honestly(site: Site) -> None:
    """The User-Agent names the product, its version and the contact; no cookie, no referrer."""
    site.answers["/x"] = Reply(
        "hello", headers={**HTML, "ETag": '"1"', "X-Robots-Tag": "noindex", "Set-Cookie": "a=b"}
    )
    got = fetch(site.base + "/x", contact="me@example.org")
    assert got.page is not None
    assert (got.page.body, got.headers) == (b"hello", {"etag": '"1"', "x-robots-tag": "noindex"})
    sent = site.asked("/x")[0].headers
    assert sent["User-Agent"] == user_agent(config_for(contact="me@example.org"))
    assert sent["User-Agent"].endswith("(+me@example.org)")
    assert not {"Cookie", "Referer"} & sent.keys()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"text" * 100)),
        ("deflate", zlib.compress(b"text" * 100)),
        (
            "deflate",
            zlib.compressobj(9, zlib.DEFLATED, -15).compress(b"")
            + zlib.compress(b"text" * 100)[2:-4],
        ),
        ("identity", b"text" * 100),
    ],
)
def test_encodings_are_undone(site: Site, encoding: str, body: bytes) -> None:
    """gzip, zlib and the raw deflate that some servers send."""
    site.answers["/x"] = Reply(body, headers={**HTML, "Content-Encoding": encoding})
    got = fetch(site.base + "/x")
    assert got.page is not None
    assert got.page.body == b"text" * 100


def _bomb(megabytes: int) -> bytes:
    return gzip.compress(bytes(megabytes << 20))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reply", "reason", "again"),
    [
        (Reply(_bomb(64), headers={**HTML, "Content-Encoding": "gzip"}), "too_large", False),
        (Reply("x" * 20_000_000, headers=HTML), "too_large", False),
        (Reply("x" * 100, headers={**HTML, "Content-Length": "99000000"}), "too_large", False),
        (Reply("x", headers={"Content-Type": "image/png"}), "no_text_type", False),
        (Reply("x", headers={**HTML, "Content-Encoding": "compress"}), "unknown_encoding", False),
        (
            Reply(gzip.compress(b"abc" * 999)[:-9], headers={**HTML, "Content-Encoding": "gzip"}),
            "truncated",
            True,
        ),
        (
            Reply("no gzip at all", headers={**HTML, "Content-Encoding": "gzip"}),
            "bad_encoding",
            True,
        ),
        (Reply("x" * 1000, headers=HTML, cut=100), "truncated", True),
        (Reply("", headers=HTML, pause=1.0), "timeout", True),
        (Reply("", status=404), "not_found", False),
        (Reply("", status=410), "gone", False),
        (Reply("", status=429, headers={"Retry-After": "7"}), "too_many_requests", True),
        (Reply("", status=503), "http_503", True),
    ],
)
def test_what_cannot_be_used_has_its_reason(
    site: Site, reply: Reply, reason: str, *, again: bool
) -> None:
    """Bombs, floods, wrong types, cut bodies, silence and refusals; only what may pass is tried
    again.
    """
    site.answers["/x"] = reply
    got = fetch(site.base + "/x", timeout_s=0.5 if reply.pause else 5)
    assert (got.reason, got.again, got.page) == (reason, again, None)


@pytest.mark.parametrize(
    "path",
    [
        "/a%2Cb/c%20d",
        "/x;v=1/%2E%2e-not/",
        "/p%2Fq/%3Fquestion%23part",
        "/s?q=a%2Cb%26c&d=%2B+e&f=%3D",
        "/%E2%82%AC/(a)'b!*,:@$&+=~",
        "/w?x=%C3%A9&y[]=1|2^3",
    ],
)
def test_a_url_is_sent_as_it_is_spelt(site: Site, path: str) -> None:
    """`%2C` and `,` are two resources to many servers and to robots.txt."""
    site.answers[path] = Reply("hello", headers=HTML)
    got = fetch(site.base + path)
    assert [asked.path for asked in site.log] == [path]
    assert got.page is not None
    assert got.page.body == b"hello"


def test_what_no_request_line_can_hold_is_escaped(site: Site) -> None:
    """A URL that was never read by the URL Standard's parser, such as one in a list."""
    site.answers["/a%20b/%C3%A9"] = Reply("hello", headers=HTML)
    assert fetch(site.base + "/a b/\u00e9").page is not None


def test_redirects_are_reported_and_never_followed(site: Site) -> None:
    """Where a redirect leads is the frontier's business, so that robots and the guard see it
    too.
    """
    site.answers["/x"] = Reply("", 302, {"Location": "http://169.254.169.254/latest/"})
    got = fetch(site.base + "/x")
    assert (got.status, got.location, len(site.log)) == (302, "http://169.254.169.254/latest/", 1)


def test_hosts_that_are_not_there_have_their_reason(site: Site) -> None:
    """A closed port and a name that does not resolve."""
    site.close()
    assert fetch(site.base + "/").reason == "connect_failed"
    assert fetch("http://nowhere.invalid/").reason == "name_not_resolved"


def test_a_bomb_is_stopped_at_the_limit_not_after_it() -> None:
    """Never more than the limit, and one step, is decoded."""
    inflater = Inflater("gzip", 1000)
    with pytest.raises(BodyRefusedError, match="too_large"):
        inflater.feed(_bomb(8))


def test_an_incredible_ratio_is_a_bomb() -> None:
    """Below the size limit, a body that unfolds two-hundredfold is refused."""
    with pytest.raises(BodyRefusedError, match="compression_bomb"):
        Inflater("gzip", 1 << 30).feed(_bomb(8))
