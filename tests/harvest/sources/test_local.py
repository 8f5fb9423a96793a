"""Sources on this machine, read through the whole stage."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from secarch.errors import ConfigError, InputError, InvalidInput, MissingInput
from secarch.harvest.crawl.progress import Progress
from secarch.harvest.extract import front_matter
from secarch.harvest.sources.checkout import published, wiki_page
from secarch.harvest.stage import run as harvest
from secarch.records import Outcome
from secarch.session import Session
from tests.harvest.conftest import Site, config_for, rows_of

PROSE = (
    "Rotate the keys of every account, and keep the old ones for as long as data needs them. " * 4
)


def read(session: Session, *seeds: Any, refresh: bool = False, **settings: Any) -> Outcome:
    return harvest(config_for(*seeds, **settings), session, refresh=refresh)


def urls(outcome: Outcome) -> list[str]:
    return [row["url"] for row in rows_of(outcome.artifact or "")]


def skipped(outcome: Outcome) -> dict[str, str]:
    with gzip.open(f"{outcome.artifact}/skipped.jsonl.gz", "rt") as lines:
        return {row["url"]: row["reason"] for row in map(json.loads, lines)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "my docs"
    (top / "guide").mkdir(parents=True)
    (top / "index.md").write_text(f"# Start\n\n{PROSE}")
    (top / "guide" / "keys ü.md").write_text(f"---\ntitle: 'On keys'\nweight: 3\n---\n{PROSE}")
    (top / "page.html").write_text(
        f"<html lang=en><title>P</title><main><h1>Page</h1><p>{PROSE} more</p></main></html>"
    )
    (top / "logo.png").write_bytes(b"\x89PNG")
    (top / ".hidden").mkdir()
    (top / ".hidden" / "x.md").write_text(PROSE)
    (top / "out.md").symlink_to("/etc/hostname")
    return top


def test_a_folder_becomes_documents_without_a_request(folder: Path, session: Session) -> None:
    """Markdown and HTML, front matter made a title; hidden folders, pictures and links to elsewhere
    are left out.
    """
    outcome = read(session, {"path": str(folder), "licence": "CC-BY-4.0"})
    assert urls(outcome) == [
        "file://my-docs/guide/keys%20%C3%BC.md",
        "file://my-docs/index.md",
        "file://my-docs/page.html",
    ]
    row = rows_of(outcome.artifact or "")[0]
    assert (row["title"], row["licence"], row["site"]) == ("On keys", "CC-BY-4.0", "my-docs")
    assert row["text"].startswith("# On keys\n\nRotate")
    assert skipped(outcome) == {"file://my-docs/out.md": "no_regular_file"}
    (source,) = outcome.result["funnel"]["sources"]
    assert source["skipped"] == {"no_text_type": 1}


def test_a_published_folder_has_its_web_addresses_and_patterns(
    folder: Path, session: Session
) -> None:
    """`url` is the address the files lie under; include and exclude are searched in it."""
    seed = {"path": str(folder), "url": "https://docs.example.com/v1", "exclude": ("page",)}
    outcome = read(session, seed)
    assert urls(outcome) == [
        "https://docs.example.com/v1/guide/keys%20%C3%BC.md",
        "https://docs.example.com/v1/index.md",
    ]


def test_a_folder_read_again_says_what_is_new_changed_and_gone(
    folder: Path, session: Session
) -> None:
    """--refresh re-reads; the pages are compared by their text and each change is listed."""
    read(session, {"path": str(folder)})
    (folder / "index.md").write_text(f"# Start\n\nOther words. {PROSE}")
    (folder / "new.md").write_text(f"# New\n\n{PROSE}")
    (folder / "page.html").unlink()
    again = read(session, {"path": str(folder)}, refresh=True)
    assert again.result["funnel"]["changes"] == {"new": 1, "changed": 1, "unchanged": 1, "gone": 1}
    with gzip.open(f"{again.artifact}/changes.jsonl.gz", "rt") as lines:
        changes = {row["url"].rpartition("/")[2]: row["change"] for row in map(json.loads, lines)}
    assert changes == {"index.md": "changed", "new.md": "new", "page.html": "gone"}


def test_a_stopped_run_goes_on_where_it_was(
    folder: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that were committed are not read again."""
    monkeypatch.setattr("secarch.harvest.sources.ingest.BATCH", 1)
    committed = []

    def stop(_: Progress, number: int) -> None:
        committed.append(number)
        session.stop.signum = 15

    monkeypatch.setattr(Progress, "advance", stop)
    with pytest.raises(Exception, match="interrupted"):
        read(session, {"path": str(folder)})
    assert committed == [1]
    monkeypatch.undo()
    resumed = dataclasses.replace(session, resume=True, stop=type(session.stop)())
    assert len(urls(read(resumed, {"path": str(folder)}))) == 3


def git(top: Path, *arguments: str) -> None:
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    date = {"GIT_AUTHOR_DATE": "2024-03-01T12:00:00Z", "GIT_COMMITTER_DATE": "2024-03-01T12:00:00Z"}
    subprocess.run(
        ["git", "-C", str(top), *author, *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, **date},
    )


def test_a_checkout_has_its_commits_dates_its_address_and_its_licence(
    folder: Path, session: Session
) -> None:
    """Only what is committed; no program of its settings runs; its remote loses its credentials."""
    (folder / "LICENSE").write_text("Creative Commons Attribution 4.0 International licence")
    git(folder, "init", "-q")
    git(folder, "add", "index.md", "guide")
    git(folder, "commit", "-qm", "x")
    git(folder, "remote", "add", "origin", "https://user:secret@github.com/org/docs.git")
    git(folder, "config", "core.fsmonitor", f"touch {folder}/ran")
    outcome = read(session, {"path": str(folder)})
    rows = rows_of(outcome.artifact or "")
    assert [row["url"].rpartition("/docs/")[2] for row in rows] == [
        "blob/HEAD/guide/keys%20%C3%BC.md",
        "blob/HEAD/index.md",
    ]
    assert {(row["modified_at"], row["licence"]) for row in rows} == {
        ("2024-03-01T12:00:00Z", "CC-BY-4.0")
    }
    assert "secret" not in json.dumps(outcome.result)
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(
    ("remote", "base"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r/blob/HEAD/"),
        ("git@github.com:o/r.git", "https://github.com/o/r/blob/HEAD/"),
        ("ssh://git@gitlab.example.org:22/g/s/r", "https://gitlab.example.org/g/s/r/-/blob/HEAD/"),
        ("https://github.com/o/r.wiki.git", "https://github.com/o/r/wiki/"),
        ("git@gitlab.com:g/r.wiki.git", "https://gitlab.com/g/r/-/wikis/"),
        ("https://evil.example/github.com/r", ""),
        ("/srv/git/r.git", ""),
    ],
)
def test_a_remote_says_where_files_are_published(remote: str, base: str) -> None:
    """Known hosts only; others keep the folder's name."""
    assert published(remote) == base


@pytest.mark.parametrize(
    ("relative", "base", "name"),
    [
        ("team/Key-Rotation.md", "https://github.com/o/r/wiki/", "Key-Rotation"),
        ("team/keys.md", "https://gitlab.com/g/r/-/wikis/", "team/keys"),
        ("_Sidebar.md", "https://github.com/o/r/wiki/", ""),
        ("team/_Footer.md", "https://gitlab.com/g/r/-/wikis/", ""),
    ],
)
def test_a_page_of_a_wiki_has_the_name_that_its_url_has(
    relative: str, base: str, name: str
) -> None:
    """GitHub's wikis are flat, GitLab's have folders; what frames the pages is none."""
    assert wiki_page(relative, base) == name


def test_a_wiki_checkout_has_its_web_addresses(tmp_path: Path, session: Session) -> None:
    """Pages without endings; the sidebar is left out."""
    folder = tmp_path / "r.wiki"
    folder.mkdir()
    (folder / "Home.md").write_text("# Home\n\n" + "Keep keys apart. " * 20)
    (folder / "_Sidebar.md").write_text("- [[Home]]\n" * 20)
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (
        ["init", "-q"],
        ["remote", "add", "origin", "https://github.com/o/r.wiki.git"],
        ["add", "-A"],
        ["commit", "-qm", "one"],
    ):
        subprocess.run([*git, *command], check=True, capture_output=True)
    outcome = read(session, {"path": str(folder)})
    assert [row["url"] for row in rows_of(outcome.artifact or "")] == [
        "https://github.com/o/r/wiki/Home"
    ]


def test_what_is_not_read_is_shown_with_its_share_of_the_words(
    tmp_path: Path, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a dry run and at the end; a binary file has no words."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# T\n\n" + "word " * 74)
    (tmp_path / "docs" / "b.tex").write_text("word " * 25)
    (tmp_path / "docs" / "c.bin").write_bytes(b"\0 word " * 25)
    dry = read(dataclasses.replace(session, dry_run=True), {"path": str(tmp_path / "docs")})
    (source,) = dry.result["local"]
    assert source["unread"] == {
        ".bin": {"files": 1, "words": 0},
        ".tex": {"files": 1, "words": 25},
    }
    assert source["unread_share"] == 0.248
    line = "docs   not read: 1 .tex (25 words), 1 .bin (0 words)   25% of the words"
    assert line in capsys.readouterr().err
    outcome = read(session, {"path": str(tmp_path / "docs")})
    assert outcome.result["funnel"]["sources"][0]["unread_share"] == 0.248
    assert line in capsys.readouterr().err


def warc(path: Path, *records: tuple[str, int, str, bytes], compress: bool = True) -> Path:
    """A WARC/1.1 file as ISO 28500 describes it: an information record, then a response for each of
    `records`.
    """
    parts = [b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"]
    for url, status, kind, body in records:
        block = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n\r\n".encode() + body
        head = (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: "
            "2025-05-05T05:05:05Z\r\n"
            "Content-Type: application/http;msgtype=response\r\nContent-Length: "
            f"{len(block)}\r\n\r\n"
        )
        parts.append(head.encode() + block + b"\r\n\r\n")
    path.write_bytes(b"".join(gzip.compress(part) if compress else part for part in parts))
    return path


def page(name: str) -> bytes:
    return (
        f"<html lang=en><title>{name}</title><main><h1>{name}</h1><p>{name} "
        f"{PROSE}</p></main></html>"
    ).encode()


@pytest.mark.parametrize("compress", [True, False])
def test_a_warc_file_gives_the_pages_that_a_crawl_kept(
    tmp_path: Path, session: Session, compress: bool
) -> None:
    """Successful text responses below the given address, at the time they were fetched; the rest is
    counted.
    """
    source = warc(
        tmp_path / ("a.warc.gz" if compress else "a.warc"),
        ("https://h.example/docs/a", 200, "text/html", page("a")),
        ("https://h.example/docs/gone", 404, "text/html", b"no"),
        (
            "https://h.example/docs/b",
            200,
            "text/html",
            page("b").replace(b"<main>", b"<meta name=robots content=noai><main>"),
        ),
        ("https://h.example/docs/c.png", 200, "image/png", b"x"),
        ("https://h.example/blog/d", 200, "text/html", page("d")),
        ("https://h.example/docs/a", 200, "text/html", page("later")),
        compress=compress,
    )
    outcome = read(session, {"path": str(source), "url": "https://h.example/docs/"})
    (row,) = rows_of(outcome.artifact or "")
    assert (row["url"], row["title"], row["fetched_at"]) == (
        "https://h.example/docs/a",
        "a",
        "2025-05-05T05:05:05Z",
    )
    assert skipped(outcome) == {"https://h.example/docs/b": "opt_out_noai"}
    (facts,) = outcome.result["funnel"]["sources"]
    assert facts["skipped"] == {
        "no_response": 1,
        "http_404": 1,
        "no_text_type": 1,
        "out_of_scope": 1,
    }


def test_a_broken_off_warc_file_gives_what_it_has_and_a_foreign_one_is_refused(
    tmp_path: Path, session: Session
) -> None:
    """Counted as damaged; a file of another kind is exit 4."""
    source = warc(
        tmp_path / "a.warc.gz",
        *((f"https://h.example/{n}", 200, "text/html", page(str(n))) for n in range(4)),
    )
    whole = source.read_bytes()
    source.write_bytes(whole[: whole.rindex(b"\x1f\x8b") + 30])
    outcome = read(session, str(source))
    assert len(urls(outcome)) == 3
    assert skipped(outcome) == {}
    assert outcome.result["funnel"]["sources"][0]["skipped"]["archive_damaged"] == 1
    source.write_bytes(whole[:-60])
    whole_record = read(dataclasses.replace(session, workspace=tmp_path / "2"), str(source))
    assert skipped(whole_record) == {"https://h.example/3": "truncated"}
    (tmp_path / "b.warc.gz").write_bytes(b"no warc at all" * 100)
    with pytest.raises(InvalidInput, match="not a readable WARC"):
        read(dataclasses.replace(session, fresh=True), str(tmp_path / "b.warc.gz"))


@pytest.mark.slow
def test_sources_and_sites_go_together(folder: Path, site: Site, session: Session) -> None:
    """One run, one artifact; a dry run counts the files and opens no connection."""
    site.page("/")
    plan = read(dataclasses.replace(session, dry_run=True), str(folder), site.base + "/")
    assert plan.result["local"][0]["pages_at_most"] == 4
    assert site.log == []
    outcome = read(session, str(folder), site.base + "/")
    assert len(urls(outcome)) == 4
    assert outcome.result["funnel"]["fetched"] == 1


def test_folders_that_differ_in_umlauts_are_two_hosts(tmp_path: Path, session: Session) -> None:
    """Letters keep their base, composed or not; nothing else of a name is in its host."""
    for name in ("d\u00e4 x", "do\u0308 x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text(f"# Keys\n\n{name} rotates its keys each month.\n")
    seeds = [{"path": str(path)} for path in sorted(tmp_path.glob("d* x"))]
    assert sorted(url.rsplit("/", 1)[0] for url in urls(read(session, *seeds))) == [
        "file://da-x",
        "file://do-x",
    ]


def test_sources_that_cannot_be_read_are_named(
    folder: Path, tmp_path: Path, session: Session
) -> None:
    """Missing, of another kind, empty, or two under one address."""
    with pytest.raises(MissingInput, match="not there"):
        read(session, {"path": str(tmp_path / "none")})
    with pytest.raises(InvalidInput, match="not a source"):
        read(session, {"path": str(folder / "logo.png")})
    with pytest.raises(ConfigError, match="another `url`"):
        read(session, {"path": str(folder)}, {"path": str(folder)})
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="not one page"):
        read(session, {"path": str(tmp_path / "empty")})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("---\ntitle: A\n---\nB", ("A", "B")),
        ('+++\ntitle = "A b"\n+++\n\nB', ("A b", "\nB")),
        ("---\r\nx: 1\r\n---\r\nB", ("", "B")),
        ("A\n---\nB\n---\n", ("", "A\n---\nB\n---\n")),
        ("---\nno end", ("", "---\nno end")),
    ],
)
def test_front_matter_is_taken_off(text: str, parts: tuple[str, str]) -> None:
    """YAML and TOML blocks at the very start; rules elsewhere stay."""
    assert front_matter.split(text) == parts
