"""A loopback web site whose every answer a test decides, and that remembers what it was asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from secarch.harvest.config import HarvestConfig
from secarch.harvest.extract import pool
from secarch.session import Session

LOOPBACK = ("127.0.0.0/8",)


@dataclass
class Reply:
    """One answer.

    `cut` closes the connection after so many bytes of the body; `pause` waits before the answer.
    """

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    pause: float = 0.0


@dataclass
class Asked:
    """One request as the site saw it; `at` and `until` in seconds of time.monotonic()."""

    path: str
    headers: dict[str, str]
    at: float
    until: float = 0.0


Answer = Reply | Callable[[int], Reply]
"""A reply, or a function from how often the path was asked before."""


class Site:
    """Paths and their answers. Unknown paths are 404; robots.txt is empty unless set."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {"/robots.txt": Reply("User-agent: *\nDisallow:\n")}
        self.log: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def page(self, path: str, *links: str, text: str = "", head: str = "", **reply: Any) -> None:
        """Answer a path with a documentation page that has a main part."""
        anchors = "".join(f'<a href="{link}">to {link}</a> ' for link in links)
        prose = text or f"Words about {path}. " * 20
        top = f"<html lang=en><head><title>{path}</title>{head}</head><body><nav>{anchors}</nav>"
        body = f"{top}<main><h1>Page {path}</h1><p>{prose}</p></main></body></html>"
        self.answers[path] = Reply(
            body,
            headers={"Content-Type": "text/html; charset=utf-8", **reply.pop("headers", {})},
            **reply,
        )

    def asked(self, path: str | None = None) -> list[Asked]:
        """Requests in order, of one path or of all pages: without robots.txt, tdmrep.json and a
        sitemap.xml that is not there.
        """
        own = {"/robots.txt", "/.well-known/tdmrep.json", "/sitemap.xml"} - (
            self.answers.keys() & {"/sitemap.xml"}
        )
        return [a for a in self.log if a.path == path or (path is None and a.path not in own)]

    def _reply(self, path: str) -> Reply:
        answer = self.answers.get(path, Reply("nothing here", status=404))
        before = sum(a.path == path for a in self.log) - 1
        return answer(before) if callable(answer) else answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = Asked(self.path, dict(self.headers.items()), time.monotonic())
                site.log.append(asked)
                reply = site._reply(self.path)
                time.sleep(reply.pause)
                body = reply.body.encode() if isinstance(reply.body, str) else reply.body
                try:
                    self.send_response(reply.status)
                    for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body if reply.cut is None else body[: reply.cut])
                    self.wfile.flush()
                except OSError:
                    pass
                asked.until = time.monotonic()
                if reply.cut is not None:
                    self.connection.shutdown(socket.SHUT_RDWR)

            def log_message(self, *args: object) -> None:
                """Stay silent."""

        return Handler


@pytest.fixture(autouse=True, scope="session")
def _spare_processes() -> Iterator[None]:
    """Let one test's idle worker processes serve the next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "spare", [])
        yield
        for worker in pool.spare or ():
            worker.end()


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site()
    yield served
    served.close()


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "workspace")


def config_for(*seeds: str | dict[str, Any], **settings: Any) -> HarvestConfig:
    """Settings for loopback sites: no delay, short patience."""
    quick: dict[str, Any] = {
        "delay_s": 0,
        "retry_delay_s": 0.05,
        "timeout_s": 5,
        "workers": 1,
        "allow_networks": LOOPBACK,
        "synchronous": "normal",
    }
    return HarvestConfig(seeds=seeds, **{**quick, **settings})


def rows_of(directory: str | Path) -> list[dict[str, Any]]:
    """The rows of a documents artifact."""
    import pyarrow.parquet as pq

    return [
        row
        for path in sorted(Path(directory).glob("documents-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


def paths_of(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The paths of the documents' addresses."""
    return [row["url"].split("/", 3)[3] for row in rows]
