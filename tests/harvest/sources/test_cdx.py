"""Records are read where a CDX list says that they are, and nothing else is."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from secarch.errors import ConfigError, InvalidInput, MissingInput
from secarch.harvest.sources.cdx import Range, parse
from secarch.harvest.stage import run
from secarch.session import Session
from tests.harvest.conftest import Site, config_for, rows_of


def _archive(path: Path, *urls: str) -> list[Range]:
    places = []
    with path.open("wb") as out:
        for url in urls:
            text = f"<html><main><h1>{url}</h1><p>{'Keep keys apart. ' * 20}</p></main></html>"
            http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{text}"
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
                "WARC-Date: 2026-01-01T00:00:00Z\r\nContent-Type: application/http\r\n"
                f"Content-Length: {len(http)}\r\n\r\n"
            )
            record = gzip.compress(f"{head}{http}\r\n\r\n".encode())
            places.append(Range(path.name, out.tell(), len(record)))
            out.write(record)
    return places


def _line(place: Range, **changed: object) -> str:
    fields = {"filename": place.file, "offset": str(place.offset), "length": str(place.length)}
    return f"org,example)/ 20260101000000 {json.dumps({**fields, **changed})}\n"


def test_only_the_records_of_the_list_are_read(tmp_path: Path, session: Session) -> None:
    """A bad offset, a missing file, one outside the folder and a broken line are counted."""
    urls = [f"https://docs.example.org/{name}" for name in "abc"]
    first, second, _ = _archive(tmp_path / "x.warc.gz", *urls)
    (tmp_path / "list.cdxj").write_text(
        _line(first, filename=f"crawl-data/{first.file}")
        + _line(second, offset=second.offset + 3)
        + _line(first, filename="../../etc/passwd")
        + "org,example)/ 2026 {broken\n"
    )
    outcome = run(config_for({"path": str(tmp_path / "list.cdxj")}), session)
    assert outcome.counts["documents"] == 1
    (source,) = outcome.result["funnel"]["sources"]
    assert source["skipped"] == {"bad_offset": 1, "no_archive": 1, "bad_cdx_line": 1}


class Archive:
    """A loopback server of a folder's files, with ranges (RFC 9110, section 14) or without."""

    def __init__(self, folder: Path, *, ranges: bool) -> None:
        self.asked: list[tuple[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(folder, ranges))
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self, folder: Path, ranges: bool) -> type[BaseHTTPRequestHandler]:
        archive = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers.get("Range", "")
                archive.asked.append((self.path, asked))
                path = folder / self.path.lstrip("/")
                status, body = (200, path.read_bytes()) if path.is_file() else (404, b"")
                if asked and ranges and status == 200:
                    first, last = map(int, asked.removeprefix("bytes=").split("-"))
                    status = 206 if first < len(body) else 416
                    body = body[first : last + 1]
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Stay silent."""

        return Handler


@pytest.mark.parametrize("ranges", [True, False])
def test_a_remote_list_is_read_by_ranges(tmp_path: Path, session: Session, ranges: bool) -> None:
    """Only the bytes of the records are asked for; without ranges the file is read once."""
    folder = tmp_path / "crawl" / "warc"
    folder.mkdir(parents=True)
    urls = [f"https://docs.example.org/{name}" for name in "abc"]
    first, second, _ = _archive(folder / "x.warc.gz", *urls)
    lines = [
        _line(first, filename="warc/x.warc.gz"),
        _line(second, filename="warc/x.warc.gz"),
        _line(first, filename="warc/x.warc.gz", offset=1 << 30),
        _line(first, filename="warc/x.warc.gz", offset=second.offset - 5),
        _line(first, filename="warc/gone.warc.gz"),
    ]
    (tmp_path / "crawl" / "list.cdxj.gz").write_bytes(gzip.compress("".join(lines).encode()))
    archive = Archive(tmp_path / "crawl", ranges=ranges)
    try:
        outcome = run(config_for({"cdx": f"{archive.base}/list.cdxj.gz"}), session)
    finally:
        archive.close()
    assert [row["url"] for row in rows_of(str(outcome.artifact))] == urls[:2]
    (source,) = outcome.result["funnel"]["sources"]
    assert source["skipped"] == {"bad_offset": 2, "no_archive": 1}
    whole = [path for path, asked in archive.asked if path == "/warc/x.warc.gz" and not asked]
    assert len(whole) == (0 if ranges else 1)
    if ranges:
        asked = f"bytes={second.offset}-{second.offset + second.length - 1}"
        assert ("/warc/x.warc.gz", asked) in archive.asked


def test_a_local_list_names_archives_of_the_web(tmp_path: Path, session: Session) -> None:
    """By URL, or below the seed's `archive`."""
    served = tmp_path / "served"
    served.mkdir()
    first, second = _archive(served / "x.warc.gz", *(f"https://docs.example.org/{n}" for n in "ab"))
    archive = Archive(served, ranges=True)
    listed = tmp_path / "list.txt"
    listed.write_text(_line(first, filename=f"{archive.base}/x.warc.gz") + _line(second))
    try:
        outcome = run(config_for({"cdx": str(listed), "archive": archive.base}), session)
    finally:
        archive.close()
    assert outcome.counts["documents"] == 2


def test_a_list_that_cannot_be_had_is_named(session: Session, site: Site) -> None:
    """A URL without a list, one in a network that is not allowed, one without a contact."""
    with pytest.raises(MissingInput, match="CDX list"):
        run(config_for({"cdx": f"{site.base}/none.cdxj"}), session)
    with pytest.raises(ConfigError, match="private"):
        run(config_for({"cdx": "http://10.0.0.1/l.cdxj"}, allow_networks=()), session)
    with pytest.raises(ConfigError, match=r"harvest\.contact"):
        run(config_for({"cdx": "https://index.example.org/l.cdxj"}), session)


def test_both_forms_of_lines_are_understood() -> None:
    """CDXJ, and CDX with its 11 fields; anything else names no record."""
    old = "org,example)/ 20260101000000 https://example.org/ text/html 200 SHA - - 9 4 a.warc.gz"
    assert parse(old) == Range("a.warc.gz", 4, 9)
    assert parse(_line(Range("a", 0, 1))) == Range("a", 0, 1)
    for bad in (
        "",
        " CDX N b a m s k r M S V g",
        _line(Range("a", -1, 1)),
        _line(Range("a", 0, 0)),
    ):
        assert parse(bad) is None
    assert parse(_line(Range("a", 0, 1), filename=None)) is None
    assert parse(_line(Range("a", 0, 1 << 28))) is not None
    assert parse(_line(Range("a", 0, (1 << 28) + 1))) is None


def test_a_list_without_a_record_is_refused(tmp_path: Path, session: Session) -> None:
    """It says what is needed."""
    (tmp_path / "list.cdx").write_text("nothing here\n")
    with pytest.raises(InvalidInput, match="CDX"):
        run(config_for({"path": str(tmp_path / "list.cdx")}), session)
