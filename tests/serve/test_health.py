"""The health check of the container images."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from secarch.serve.health import check, is_alive, port_of


class Answers(BaseHTTPRequestHandler):
    """200 on /healthz, 404 elsewhere."""

    def do_GET(self) -> None:
        """Answer and be silent."""
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("line", "env", "wanted"),
    [
        ("secarch serve m --port 9000", {}, 9000),
        ("secarch serve m --port=9001", {"SECARCH_SERVE__PORT": "9002"}, 9001),
        ("secarch serve m", {"SECARCH_SERVE__PORT": "9002"}, 9002),
        ("secarch serve m", {}, 8080),
        ("secarch demo --serve", {}, 8080),
        ("secarch harvest --resume", {}, None),
    ],
)
def test_the_port_is_the_one_that_the_server_was_given(
    line: str, env: dict[str, str], wanted: int | None
) -> None:
    """The flag beats the variable, which beats the default; other commands have no port."""
    assert port_of(line.split(), env) == wanted


def test_a_server_that_answers_is_alive_and_one_that_is_gone_is_not(
    port: int, tmp_path: Path
) -> None:
    """Exit 0 and 1; a command that is no server is well."""
    line = tmp_path / "cmdline"
    assert is_alive(port)
    line.write_bytes(f"secarch\0serve\0m\0--port\0{port}\0".encode())
    assert check(line) == 0
    line.write_bytes(b"secarch\0serve\0m\0--port\x001\0")
    assert check(line) == 1
    line.write_bytes(b"secarch\0dedupe\0")
    assert check(line) == 0
