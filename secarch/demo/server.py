"""The embedded handbook as a web site on loopback, so that the demo crawls over real HTTP.

Markdown is rendered when it is asked for. Like a real site it has navigation and footers to see
through, a robots.txt with a forbidden corner, a sitemap, ETags, and links that do not lead
anywhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import itertools
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

PORT = 8645
"""Preferred port: equal addresses give equal artifacts, so that a second run has nothing to do."""
NAME = "Cloud Security Handbook"
LICENCE = "CC-BY-4.0"
SOURCE = Path(__file__).parent / "site"
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    """One page of the handbook; `markdown` is its body without front matter."""

    path: str
    title: str
    updated: str
    markdown: str


@cache
def pages() -> dict[str, SitePage]:
    """All pages by URL path, such as `/identity/` and `/identity/workload-identity`."""
    found = (_read(file) for file in sorted(SOURCE.rglob("*.md")))
    return {page.path: page for page in found}


def _read(file: Path) -> SitePage:
    text = file.read_text(encoding="utf-8")
    match = _FRONT_MATTER.match(text)
    front = dict(line.split(": ", 1) for line in match[1].splitlines()) if match else {}
    path = "/" + file.relative_to(SOURCE).with_suffix("").as_posix()
    return SitePage(
        path=path.removesuffix("index"),
        title=front.get("title", NAME),
        updated=front.get("updated", ""),
        markdown=text[match.end() :] if match else text,
    )


def _article(markdown: str) -> str:
    """Markdown as HTML; each heading gets its slug as id, so that links with a fragment land."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(markdown)
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", re.sub(r"[^a-z0-9]+", "-", inline.content.lower()).strip("-"))
    return str(parser.renderer.render(tokens, parser.options, {}))


def render(page: SitePage) -> str:
    """The page as HTML with the site's chrome around it."""
    body = _article(page.markdown)
    sections = sorted(
        {f"/{path.split('/')[1]}/" for path in pages() if path.count("/") > 1} - {"/drafts/"}
    )
    menu = "".join(
        f'<li><a href="{s}">{s.strip("/").replace("-", " ").capitalize()}</a></li>'
        for s in sections
    )
    crumbs = " &rsaquo; ".join(
        f"<span>{html.escape(part)}</span>" for part in page.path.strip("/").split("/") if part
    )
    title = html.escape(page.title)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} - {NAME}</title>
<meta name="date" content="{page.updated}"><link rel="canonical" href="{html.escape(page.path)}">
<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>
<body><header><a href="/">{NAME}</a><nav aria-label="Sections"><ul>{menu}</ul></nav></header>
<main><nav aria-label="Breadcrumb">{crumbs}</nav>
<article>
{body}</article></main>
<footer><p>Was this page helpful? <a href="/feedback?page={html.escape(page.path)}"
>Send feedback</a></p>
<p>{NAME}, last updated {page.updated}. Licence: {LICENCE}.
<a href="/sitemap.xml">Sitemap</a></p></footer>
</body></html>
"""


def robots(base: str) -> str:
    """The site's robots.txt (RFC 9309)."""
    return (
        f"User-agent: *\nDisallow: /drafts/\nDisallow: /feedback\n\nSitemap: {base}/sitemap.xml\n"
    )


def sitemap(base: str) -> str:
    """The site's sitemap (sitemaps.org protocol); drafts are not in it."""
    entries = "".join(
        f"<url><loc>{base}{html.escape(page.path)}</loc><lastmod>{page.updated}</lastmod></url>\n"
        for page in pages().values()
        if not page.path.startswith("/drafts/")
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset '
        f'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "handbook"
    sys_version = ""

    def do_GET(self) -> None:
        base = f"http://{self.headers.get('Host', '127.0.0.1')}"
        path = unquote(urlsplit(self.path).path)
        if path == "/robots.txt":
            self._send(robots(base), "text/plain")
        elif path == "/sitemap.xml":
            self._send(sitemap(base), "application/xml")
        elif path in pages():
            self._send(render(pages()[path]), "text/html")
        elif f"{path}/" in pages():
            self._send("", "text/html", HTTPStatus.MOVED_PERMANENTLY, location=f"{path}/")
        else:
            self._send("<h1>Not found</h1>", "text/html", HTTPStatus.NOT_FOUND)

    def _send(
        self, text: str, kind: str, status: HTTPStatus = HTTPStatus.OK, location: str = ""
    ) -> None:
        body = text.encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status is HTTPStatus.OK and self.headers.get("If-None-Match") == etag:
            status, body = HTTPStatus.NOT_MODIFIED, b""
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", etag)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing on stderr: the harvester tells what it asked."""


@contextlib.contextmanager
def serve(port: int = PORT) -> Iterator[str]:
    """Serve the handbook on 127.0.0.1 inside the block; yields its base address.

    Takes any free port where the preferred one is in use.
    """
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    except OSError:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
