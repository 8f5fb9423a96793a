"""Records are read where a CDX list says that they are, and nothing else is."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from secarch.errors import InvalidInput
from secarch.harvest.sources.cdx import Range, parse
from secarch.harvest.stage import run
from secarch.session import Session
from tests.harvest.conftest import config_for


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
    assert source["passed_over"] == {"bad_offset": 1, "no_archive": 1, "bad_cdx_line": 1}


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
