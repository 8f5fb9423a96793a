"""Servers that lie, break and flood: each ends in a counted reason, and the crawl goes on."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import json
import resource
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secarch.harvest.fetch.http import Client, Response
from secarch.harvest.stage import run as harvest
from secarch.session import Session
from tests.harvest.conftest import Reply, Site, config_for, paths_of, rows_of

HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
Speak = Callable[[socket.socket], None]
Host = Callable[[Speak], str]


@pytest.fixture
def host() -> Iterator[Host]:
    """Serve each connection with a function that writes what it likes."""
    listeners = []

    def serve(speak: Speak) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    connection.recv(65_536)
                    speak(connection)

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"

    yield serve
    for listener in listeners:
        listener.close()


def fetch(url: str, **request: object) -> Response:
    async def ask() -> Response:
        async with Client(config_for(timeout_s=5)) as client:
            return await client.get(url, **request)

    return asyncio.run(ask())


def flood(head: bytes, piece: bytes, number: int) -> Speak:
    def speak(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(number):
            connection.sendall(piece)

    return speak


CHUNK = b"10000\r\n" + b"x" * 65_536 + b"\r\n"


@pytest.mark.parametrize(
    ("speak", "reason"),
    [
        (flood(b"SSH-2.0-OpenSSH_9.2\r\n", b"", 0), "bad_http"),
        (flood(b"HTTP/1.1 abc OK\r\n\r\n", b"", 0), "bad_http"),
        (flood(b"\x16\x03\x01" + bytes(200), b"", 0), "bad_http"),
        (flood(HTML + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nabcde", b"", 0), "bad_http"),
        (flood(HTML + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"", 0), "bad_http"),
        (flood(HTML + b"X-Big: " + b"a" * 200_000 + b"\r\n\r\n", b"", 0), "bad_http"),
        (flood(HTML, b"X-Many: 1\r\n", 5_000), "bad_http"),
        (flood(b"", b"", 0), "connection_lost"),
        (flood(HTML + b"Content-Length: 200000000\r\n\r\n", b"x" * 65_536, 3_052), "too_large"),
        (flood(HTML + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK, 3_052), "too_large"),
    ],
    ids="ssh status tls lengths chunk header headers silence 200mb 200mb-chunked".split(),
)
def test_what_is_no_http_has_its_reason(host: Host, speak: Speak, reason: str) -> None:
    """Other protocols, contradictions, floods of header and body: refused, and never read to the
    end.
    """
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert fetch(host(speak)).reason == reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    """TLS is verified; the failure has a reason of its own and is not tried again."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -keyout".split()
    subprocess.run([*make, key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
    threading.Thread(target=_accept, args=(listener,), daemon=True).start()
    got = fetch(f"https://127.0.0.1:{listener.getsockname()[1]}/")
    assert (got.reason, got.again) == ("tls_failed", False)
    listener.close()


def _accept(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        listener.accept()


def test_a_body_that_may_be_cut_is_read_no_further(host: Host) -> None:
    """Of a robots.txt of 50 MB the first 500 KiB are kept and the rest is not waited for."""
    line = b"Disallow: /private/0123456789\n"
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: "
        b"50000000\r\n\r\nUser-agent: *\n"
    )
    got = fetch(host(flood(head, line * 2_000, 833)), cut=512_000)
    assert got.page is not None
    assert 512_000 <= len(got.page.body) < 700_000


LONG = b"User-agent: *\nDisallow: /docs/private\n" + b"Disallow: /x/0123456789\n" * 2_200_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "reply",
    [
        Reply(LONG, headers={"Content-Type": "text/plain"}),
        Reply(
            gzip.compress(LONG), headers={"Content-Type": "text/plain", "Content-Encoding": "gzip"}
        ),
        Reply(
            b"User-agent: *\nDisallow: /docs/private\n" + bytes(range(256)) * 40,
            headers={"Content-Type": "image/png"},
        ),
    ],
    ids=["50mb", "gzip", "binary"],
)
def test_rules_at_the_head_of_a_monstrous_robots_file_are_kept(
    site: Site, session: Session, reply: Reply
) -> None:
    """Its size and its type are no way to have its rules skipped."""
    site.answers["/robots.txt"] = reply
    site.page("/docs/", "/docs/private", "/docs/open")
    site.page("/docs/open")
    site.page("/docs/private")
    outcome = harvest(config_for(f"{site.base}/docs/"), session)
    assert paths_of(rows_of(outcome.artifact or "")) == ["docs/", "docs/open"]
    assert site.asked("/docs/private") == []


def test_a_robots_file_that_cannot_be_read_forbids(site: Site, session: Session) -> None:
    """It is there, so the site has rules; nothing is asked."""
    site.answers["/robots.txt"] = Reply(
        b"x", headers={"Content-Encoding": "br", "Content-Type": "text/plain"}
    )
    site.page("/docs/")
    with pytest.raises(Exception, match="robots_unreachable"):
        harvest(config_for(f"{site.base}/docs/", retries=0), session)
    assert site.asked() == []


ENTITIES = "".join(
    f'<!ETTY e{n} "{f"&e{n - 1};" * 10}">'.replace("ETTY", "ENTITY") for n in range(1, 12)
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        f'<!DOCTYPE x [<!ENTITY e0 "ha">{ENTITIES}]><urlset><url><loc>&e11;</loc></url></urlset>',
        (
            "<!DOCTYPE x [<!ENTITY f SYSTEM "
            '"file:///etc/passwd">]><urlset><url><loc>&f;</loc></url></urlset>'
        ),
        (
            "<!DOCTYPE x SYSTEM "
            '"http://127.0.0.1:9/x.dtd"><urlset><url><loc>http://10.0.0.1/</loc></url></urlset>'
        ),
        gzip.compress(bytes(60_000_000)),
        "<sitemapindex><sitemap><loc>/sitemap.xml</loc></sitemap></sitemapindex>",
    ],
    ids=["laughs", "file", "dtd", "bomb", "itself"],
)
def test_hostile_sitemaps_cost_nothing_and_lead_nowhere(
    site: Site, session: Session, body: bytes | str
) -> None:
    """Entities stay unresolved, nothing outside is opened, bombs end at the limit, and the pages
    are crawled.
    """
    site.answers["/robots.txt"] = Reply(
        f"User-agent: *\nAllow: /\nSitemap: {site.base}/sitemap.xml\n"
    )
    site.answers["/sitemap.xml"] = Reply(body, headers={"Content-Type": "application/xml"})
    site.page("/docs/")
    outcome = harvest(config_for(f"{site.base}/docs/"), session)
    assert paths_of(rows_of(outcome.artifact or "")) == ["docs/"]
    assert {asked.path for asked in site.asked()} == {"/docs/", "/sitemap.xml"}


@pytest.mark.slow
def test_each_refusal_is_recorded_with_the_sites_words(site: Site, session: Session) -> None:
    """Headers, elements and robots.txt: the reason and the evidence stand in skipped.jsonl.gz."""
    signal = "search=yes, ai-train=no"
    site.answers["/robots.txt"] = Reply(
        "User-agent: *\nContent-Usage: /docs/four train-ai=n\nAllow: /"
    )
    site.page("/docs/", *(f"/docs/{name}" for name in ("one", "two", "three", "four")))
    site.page("/docs/one", headers={"Content-Signal": signal})
    site.page("/docs/two", head="<meta name=robots content='noai, noimageai'>")
    site.page("/docs/three", headers={"X-Robots-Tag": "noindex", "TDM-Reservation": "0"})
    site.page("/docs/four")
    outcome = harvest(config_for(f"{site.base}/docs/"), session)
    lines = (
        gzip.decompress((Path(outcome.artifact or "") / "skipped.jsonl.gz").read_bytes())
        .decode()
        .splitlines()
    )
    skipped = {
        row["url"].rpartition("/")[2]: (row["reason"], row["detail"])
        for row in map(json.loads, lines)
    }
    assert skipped == {
        "one": ("opt_out_content_signal", f"content-signal: {signal}"),
        "two": ("opt_out_noai", "noai, noimageai"),
        "three": ("noindex", "noindex"),
        "four": ("opt_out_robots", "content-usage: /docs/four train-ai=n"),
    }
    assert site.asked("/docs/four") == []


def test_a_wrong_charset_ends_in_text_all_the_same(site: Site, session: Session) -> None:
    """A page that lies about its encoding is read by what its bytes say."""
    words = "Größe über Straße, naïveté et château. "
    bodies = [(words * 20).encode(code) for code in ("utf-8", "cp1252")]
    for number, (body, label) in enumerate(
        itertools.product(bodies, ("utf-8", "iso-8859-1", "x-none"))
    ):
        page = b"<main><h1>T</h1><p>" + body + b"</p></main>"
        site.answers[f"/docs/{number}"] = Reply(
            page, headers={"Content-Type": f"text/html; charset={label}"}
        )
    site.page("/docs/", *(f"/docs/{number}" for number in range(6)))
    outcome = harvest(config_for(f"{site.base}/docs/"), session)
    texts = [
        row["text"] for row in rows_of(outcome.artifact or "") if not row["url"].endswith("/docs/")
    ]
    assert len(texts) == 6
    assert all("Größe über Straße" in text for text in texts)


def test_a_pdf_of_200_megabytes_is_not_read(site: Site, session: Session) -> None:
    """By what its header says, before a byte of it is taken."""
    site.page("/", "/big.pdf")
    headers = {"Content-Type": "application/pdf", "Content-Length": "200000000"}
    site.answers["/big.pdf"] = Reply(b"%PDF-1.7\n", headers=headers)
    outcome = harvest(config_for(f"{site.base}/"), session)
    assert outcome.result["funnel"]["by_reason"]["too_large"] == 1
