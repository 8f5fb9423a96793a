"""Reading untrusted rows."""

from __future__ import annotations

import contextlib
import gzip
import json
import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from secarch.artifact import seal
from secarch.dedupe.build import documents, rows
from secarch.errors import InvalidInput, MissingInput, TamperedArtifact


def read(*paths: Path, most: int = 10) -> documents.Reading:
    """Read files."""
    return documents.read(documents.locate(paths, Path("nowhere")), most)


def test_a_row_needs_text_and_a_name(tmp_path: Path) -> None:
    """Rows without text, without id and url, of wrong types or torn are counted with file and
    line.
    """
    path = tmp_path / "d.jsonl"
    lines = [
        '{"url": "https://x.test/a", "text": "one"}',
        '{"id": "b", "text": "two"}',
        '{"text": "three"}',
        '{"id": "c"}',
        '{"id": "d", "text": 4}',
        '{"id": 5, "text": "x"}',
        "[1]",
        '{"id": "e", "text": "tor',
    ]
    path.write_text("\n".join(lines))
    reading = read(path)
    assert sorted(d.text for d in reading.documents) == ["one", "two"]
    assert [bad["where"] for bad in reading.bad] == [f"d.jsonl:{n}" for n in range(3, 9)]
    assert reading.bad[-1]["why"].startswith("no JSON")


def test_too_many_bad_rows_stop_the_run(tmp_path: Path) -> None:
    """One bad row more than allowed is refused, with the place of the first."""
    path = tmp_path / "d.jsonl"
    path.write_text('{"id": "a", "text": "x"}\nbad\nbad\n')
    assert len(read(path, most=2).bad) == 2
    with pytest.raises(InvalidInput, match="more than 1 rows") as error:
        read(path, most=1)
    assert error.value.where == "d.jsonl:2"


def test_broken_characters_are_replaced_one_for_one() -> None:
    """NUL, control characters and lone surrogates become one harmless character each."""
    row = {"id": "a", "text": "a\x00b\ud800c\td\ne\r\nf"}
    assert documents.document(row).text == "a b\ufffdc\td\ne \nf"


def test_what_is_missing_is_derived() -> None:
    """id, site, canonical address, title and content hash follow from what is there."""
    got = documents.document(
        {"url": "https://Docs.X.test/a", "text": "# A title\n\nbody", "license": "MIT"}
    )
    assert (got.site, got.title, got.licence, got.canonical_url) == (
        "docs.x.test",
        "A title",
        "MIT",
        "https://Docs.X.test/a",
    )
    assert len(got.id) == 16
    assert len(got.sha256) == 64


def test_an_overlong_line_is_one_bad_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line over the limit is skipped whole, and the next one is read."""
    monkeypatch.setattr(rows, "MAX_ROW_BYTES", 100)
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps({"id": "a", "text": "x" * 500}) + '\n{"id": "b", "text": "fine"}\n')
    reading = read(path)
    assert [d.id for d in reading.documents] == ["b"]
    assert reading.bad == [{"where": "d.jsonl:1", "why": "longer than 0 MiB"}]


def test_parquet_and_gzip_give_the_same_documents(tmp_path: Path) -> None:
    """The three formats are equal inputs; the order of rows and files does not matter."""
    rows = [{"url": f"https://x.test/{n}", "text": f"text {n}", "extra": n} for n in range(5)]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "d.parquet")
    with gzip.open(tmp_path / "d.jsonl.gz", "wt") as out:
        out.writelines(json.dumps(row) + "\n" for row in reversed(rows))
    plain = tmp_path / "d.jsonl"
    plain.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = [read(tmp_path / name).documents for name in ("d.parquet", "d.jsonl.gz", "d.jsonl")]
    assert found[0] == found[1] == found[2]


def test_a_broken_parquet_or_gzip_is_a_bad_row(tmp_path: Path) -> None:
    """A damaged container is named like a damaged row."""
    (tmp_path / "d.parquet").write_bytes(b"PAR1 no")
    (tmp_path / "e.jsonl.gz").write_bytes(gzip.compress(b'{"id": "a", "text": "x"}\n' * 50)[:-12])
    (tmp_path / "f.jsonl").write_text('{"id": "a", "text": "x"}\n')
    reading = read(tmp_path)
    assert {bad["where"].split(":")[0] for bad in reading.bad} == {"d.parquet", "e.jsonl.gz"}


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    """A missing file, an empty folder, an empty file and no harvest at all are missing input."""
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "no.jsonl", tmp_path / "folder", empty):
        with pytest.raises(MissingInput):
            read(path)
    with pytest.raises(MissingInput, match="documents artifact"):
        documents.locate([], tmp_path)


def test_the_newest_harvest_is_the_default(tmp_path: Path) -> None:
    """Without paths the newest documents artifact is read, and its digest is the dataset's
    parent.
    """
    for name in ("documents-a", "documents-b"):
        folder = tmp_path / name
        folder.mkdir()
        row = {"id": name, "url": "https://x.test/", "text": f"text of {name}"}
        parquet.write_table(pa.Table.from_pylist([row]), folder / "documents-0000.parquet")
        sealed = seal(
            folder,
            kind="documents",
            parents=[],
            config={},
            counts={},
            files=["documents-0000.parquet"],
        )
    sources = documents.locate([], tmp_path)
    assert sources.parents == (sealed.digest,)
    assert [d.text for d in documents.read(sources, 0).documents] == ["text of documents-b"]


def test_a_changed_harvest_is_refused(tmp_path: Path) -> None:
    """A sealed shard whose bytes were changed stops the run."""
    (tmp_path / "documents-0000.jsonl").write_text('{"id": "a", "text": "x"}\n')
    seal(
        tmp_path, kind="documents", parents=[], config={}, counts={}, files=["documents-0000.jsonl"]
    )
    (tmp_path / "documents-0000.jsonl").write_text('{"id": "a", "text": "y"}\n')
    with pytest.raises(TamperedArtifact):
        documents.locate([tmp_path], tmp_path)


def test_the_advice_for_an_unfinished_crawl_names_only_bare_seeds(tmp_path: Path) -> None:
    """Seeds with more to them than an address stand in a file of settings; a crawl that is sealed
    or a file that is no database gets the plain advice.
    """
    path = tmp_path / documents.FRONTIER
    seeds = [{"url": "https://x.test/a b", "scope": ""}, {"url": "", "path": "docs"}]
    for phase, given, fix in (
        ("open", seeds, "secarch harvest 'https://x.test/a b' docs --resume   ("),
        ("open", [{**seeds[0], "licence": "MIT"}], "secarch harvest --resume   ("),
        ("open", seeds * 3, "secarch harvest --resume   ("),
        ("sealed", seeds, "secarch harvest"),
    ):
        path.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(path)) as db, db:
            db.execute("create table meta(name text, value text)")
            meta = {"phase": phase, "config": {"seeds": given}}
            rows_ = [(name, json.dumps(value)) for name, value in meta.items()]
            db.executemany("insert into meta values (?, ?)", rows_)
        assert _advice(tmp_path).split("with its")[0] == fix
    path.write_bytes(b"no database, but a text that is long enough to be looked at" * 9)
    assert _advice(tmp_path) == "secarch harvest"


def _advice(harvest: Path) -> str:
    with pytest.raises(MissingInput) as caught:
        documents.locate((), harvest)
    return str(caught.value.fix)
