"""Read documents: an artifact of the harvest, or any JSONL or Parquet with `text` and `id` or
`url`.

Rows are untrusted. What cannot be read is counted, named with file and line, and skipped within
a stated limit.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shlex
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from secarch.artifact import MANIFEST, newest, open_artifact
from secarch.dedupe.build.rows import read_jsonl
from secarch.errors import InvalidInput, MissingInput
from secarch.files import sha256_file
from secarch.records import Document
from secarch.schema import sha256_of
from secarch.text.dialects import as_markdown
from secarch.text.markdown import first_title

_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".parquet")
FRONTIER = "frontier.db"
"""Where the harvest keeps what it knows of a crawl."""
MAX_SEEDS = 4
"""Seeds that a command repeats; more of them stand in a file of settings."""
_BROKEN = re.compile("[\ud800-\udfff]")
_CONTROL = dict.fromkeys((*range(9), 11, 12, 13, *range(14, 32), 127, 0xFEFF), " ")
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufeff]")


@dataclass(frozen=True, slots=True)
class Sources:
    """The files to read and the digests that stand for them as the dataset's parents."""

    files: tuple[Path, ...]
    parents: tuple[str, ...]
    names: tuple[str, ...]
    """What the files are called in the data card: no directories of this machine."""


@dataclass(slots=True)
class Reading:
    """What came in: the documents, and the rows that could not be read."""

    documents: list[Document] = field(default_factory=list)
    bad: list[dict[str, str]] = field(default_factory=list)
    """`where` (file:line) and `why` of each."""


def locate(paths: Sequence[Path], default: Path) -> Sources:
    """Resolve what was asked for; without paths the newest documents artifact below `default`.

    Raises MissingInput if there is nothing, with the command that goes on where an unfinished crawl
    is; TamperedArtifact where a sealed file was changed.
    """
    found = [_locate_one(path) for path in (paths or [_newest(default)])]
    files = tuple(file for files, _ in found for file in files)
    return Sources(
        files,
        tuple(sorted({digest for _, digest in found})),
        tuple(sorted(file.name for file in files)),
    )


def _newest(harvest: Path) -> Path:
    try:
        return newest(harvest, "documents")
    except MissingInput as error:
        if (command := _unfinished(harvest / FRONTIER)) is None:
            raise
        error.why = "the crawl that is here was not finished"
        error.fix = f"{command}   (with its other settings; then secarch dedupe)"
        raise


def _unfinished(frontier: Path) -> str | None:
    """The command that finishes a crawl; None where there is none to finish."""
    if not frontier.is_file():
        return None
    try:
        with contextlib.closing(
            sqlite3.connect(f"{frontier.absolute().as_uri()}?mode=ro", uri=True)
        ) as db:
            meta = {name: json.loads(value) for name, value in db.execute("select * from meta")}
        if meta.get("phase") != "open":
            return None
        seeds = [_bare_seed(seed) for seed in meta["config"]["seeds"]]
    except (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError):
        return None
    given = shlex.join(seeds) if all(seeds) and len(seeds) <= MAX_SEEDS else ""
    return " ".join(["secarch harvest", *([given] if given else []), "--resume"])


def _bare_seed(seed: dict[str, Any]) -> str:
    """A seed as a command names it; empty where a file of settings says more of it."""
    said = {name: value for name, value in seed.items() if value and name != "name"}
    return str(next(iter(said.values()))) if list(said) in (["url"], ["path"]) else ""


def _locate_one(path: Path) -> tuple[list[Path], str]:
    if (path / MANIFEST).is_file():
        artifact = open_artifact(path, "documents")
        names = [entry.path for entry in artifact.manifest.files if entry.path.endswith(_SUFFIXES)]
        return [
            path / name for name in names if Path(name).name.startswith("documents")
        ], artifact.digest
    if path.is_dir():
        files = sorted(
            file for file in path.iterdir() if file.name.endswith(_SUFFIXES) and file.is_file()
        )
    else:
        files = [path]
    if not files or not files[0].is_file():
        why = "there is no such file"
        fix = "check the path; documents are made by: secarch harvest"
        if path.is_dir():
            why = f"no file that ends in {', '.join(_SUFFIXES)}"
            if any(path.iterdir()):
                quoted = shlex.quote(str(path))
                fix = f"secarch harvest {quoted}   (reads pages, PDF and Markdown into documents)"
        raise MissingInput("there are no documents to work on", where=path, why=why, fix=fix)
    return files, sha256_of(sorted(sha256_file(file) for file in files))


def stream(sources: Sources, max_bad_rows: int, reading: Reading) -> Iterator[Document]:
    """Each document as it is read; what could not be read is added to `reading.bad`.

    Raises InvalidInput once more than `max_bad_rows` rows were unreadable, MissingInput if no
    document came.
    """
    any_came = False
    for file in sources.files:
        for where, row in _rows(file):
            problem = row if isinstance(row, str) else _problem(row)
            if problem:
                reading.bad.append({"where": where, "why": problem})
                if len(reading.bad) > max_bad_rows:
                    raise _too_many(reading.bad)
            elif not isinstance(row, str):
                any_came = True
                yield document(row)
    if not any_came:
        raise _none_read(sources, reading.bad)


def read(sources: Sources, max_bad_rows: int) -> Reading:
    """All documents, sorted by id and content so that the order of the input does not matter.

    Raises like `stream`.
    """
    reading = Reading()
    reading.documents.extend(stream(sources, max_bad_rows, reading))
    reading.documents.sort(
        key=lambda document: (document.id, document.sha256, document.url, document.title)
    )
    return reading


def _none_read(sources: Sources, bad: list[dict[str, str]]) -> MissingInput:
    what = "there are no documents to work on"
    if not bad:
        place = next(iter(sources.files), None)
        return MissingInput(what, where=place, why="the input holds no rows", fix="secarch harvest")
    count = f"{len(bad)} rows" if len(bad) > 1 else "the only row"
    return MissingInput(
        what,
        where=bad[0]["where"],
        why=f"{count} could not be read; {bad[0]['why']}",
        fix="give JSONL or Parquet rows with url or id, and text; folders and pages: "
        "secarch harvest PATH",
    )


def _too_many(bad: list[dict[str, str]]) -> InvalidInput:
    listed = "; ".join(f"{row['where']}: {row['why']}" for row in bad[:3])
    return InvalidInput(
        f"more than {len(bad) - 1} rows cannot be read",
        where=bad[0]["where"],
        why=listed,
        fix="correct the file, or raise --set dedupe.max_bad_rows=N",
    )


def _problem(row: dict[str, Any]) -> str:
    if not isinstance(row.get("text"), str):
        return "text is missing or no string"
    for name in (
        "id",
        "url",
        "canonical_url",
        "title",
        "site",
        "licence",
        "language",
        "modified_at",
        "fetched_at",
    ):
        if row.get(name) is not None and not isinstance(row[name], str):
            return f"{name} is no string"
    return "" if row.get("id") or row.get("url") else "neither id nor url"


def document(row: dict[str, Any]) -> Document:
    """A record from a row that has `text` and `id` or `url`; what is missing is derived or ''.

    Lone surrogates become U+FFFD, control characters and byte order marks spaces, and dialects
    Markdown, each at its length, so that offsets stay true.
    """
    given = {f.name: clean(row.get(f.name) or "") for f in fields(Document)}
    url = given["url"] or given["canonical_url"] or given["id"]
    canonical = given["canonical_url"] or url
    text = as_markdown(given["text"])
    return Document(
        **{
            **given,
            "url": url,
            "canonical_url": canonical,
            "id": given["id"] or hashlib.sha256(canonical.encode()).hexdigest()[:16],
            "site": given["site"] or _host(url),
            "text": text,
            "title": given["title"] or first_title(text),
            "licence": given["licence"]
            or clean(row["license"] if isinstance(row.get("license"), str) else ""),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        }
    )


def clean(text: str) -> str:
    """`text` of the same length without lone surrogates, NUL and other control characters (newline
    and tab stay).
    """
    if text.isprintable() or not _UNWANTED.search(text):
        return text
    return _BROKEN.sub("\ufffd", text).translate(_CONTROL)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


# ---------------------------------------------------------------- files


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """(file:line, row or what is wrong with it)."""
    if path.suffix == ".parquet":
        return _parquet(path)
    return read_jsonl(path, skip_blank=True)


def _parquet(path: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    import pyarrow as pa
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            wanted = [f.name for f in fields(Document) if f.name in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=256, columns=wanted):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path.name}:{number}", row
    except (pa.ArrowException, OSError, ValueError) as error:
        yield f"{path.name}:{number + 1}", f"cannot be read: {error}"
