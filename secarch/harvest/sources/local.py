"""Seeds that are not sites: folders, git checkouts, archives and wikis with an API.

They are read through the same extraction and into the same frontier as pages of the web.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from secarch.errors import ConfigError, InvalidInput, MissingInput
from secarch.harvest.config import HarvestConfig, Seed
from secarch.harvest.extract.licence import named
from secarch.harvest.sources import checkout, folder
from secarch.harvest.sources.folder import TYPES
from secarch.harvest.sources.source import Found, Source
from secarch.harvest.sources.urls import Rules, Scope

_COUNTED = {*TYPES, ".warc", ".gz", ".cdx", ".cdxj"}
_WARC = re.compile(r"\.warc(?:\.gz)?$", re.IGNORECASE)

_CDX = re.compile(r"\.cdxj?(?:\.gz)?$", re.IGNORECASE)


def open_sources(config: HarvestConfig) -> list[Source]:
    """The settings' local seeds.

    Raises MissingInput, and ConfigError where two have one base address.
    """
    sources = [_open(scope) for scope in Rules(config).local]
    bases = [source.base for source in sources if source.base]
    twice = sorted({base for base in bases if bases.count(base) > 1})
    if twice:
        raise ConfigError(
            [f"harvest.seeds: two local sources have the address {twice[0]}"],
            fix="give one of them another `url`: "
            "--set 'harvest.seeds=[{path: A}, {path: B, url: https://b.example.org/}]'",
        )
    return sources


def _open(scope: Scope) -> Source:
    seed = scope.seed
    if seed.confluence:
        return Source(scope=scope, path=Path(), kind="confluence", base="", remote=scope.url)
    if "://" in seed.cdx:
        return Source(scope=scope, path=Path(), kind="cdx", base="", remote=seed.cdx)
    path = Path(seed.cdx or seed.path).expanduser()
    if not path.exists():
        raise MissingInput(
            "a local source is not there",
            where=path,
            why="no file or folder has this name",
            fix="correct the path in harvest.seeds",
        )
    if path.is_file() and (seed.cdx or _CDX.search(path.name)):
        return Source(scope=scope, path=path, kind="cdx", base="")
    if path.is_file() and _WARC.search(path.name):
        return Source(scope=scope, path=path, kind="warc", base="")
    if path.is_file() and path.suffix.lower() not in TYPES:
        raise InvalidInput(
            "this file is not a source",
            where=path,
            why=f"its name ends in none of {', '.join(sorted(TYPES))}, .warc, .warc.gz and .cdx",
            fix="rows of documents go to secarch dedupe --documents; other formats are not read",
        )
    return _open_folder(scope, path)


def _open_folder(scope: Scope, path: Path) -> Source:
    commit = checkout.git(path, "rev-parse", "HEAD").strip() if (path / ".git").exists() else ""
    remote = checkout.git(path, "config", "--get", "remote.origin.url").strip() if commit else ""
    base = scope.url or checkout.published(remote)
    # Letters keep their base: "für" and "für alle" would be one host if umlauts were dropped.
    letters = unicodedata.normalize("NFKD", path.resolve().name)
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", re.sub(r"[\u0300-\u036f]", "", letters)).strip("-")
    return Source(
        scope=scope,
        path=path,
        kind="git" if commit else "folder",
        base=base or f"file://{name or 'folder'}/",
        wiki=checkout.is_wiki(remote) and base.startswith("http"),
        commit=commit,
        licence=_licence(path, scope.seed),
    )


def _licence(path: Path, seed: Seed) -> str:
    if seed.licence or not path.is_dir():
        return seed.licence
    for name in ("LICENSE", "LICENCE", "LICENSE.md", "LICENSE.txt", "LICENCE.md", "LICENCE.txt"):
        if (path / name).is_file():
            with (path / name).open("rb") as handle:
                text = " ".join(handle.read(4_000).decode("utf-8", "replace").split())
            return named(text)
    return ""


def pages(source: Source, config: HarvestConfig) -> Iterator[Found]:
    """The pages of a source in a fixed order.

    Raises InvalidInput for an archive of which nothing can be read, InputError for a wiki that
    does not answer.
    """
    if source.kind in {"folder", "git"}:
        return folder.pages(source, config)
    from secarch.harvest.sources import cdx, confluence, warc

    read = {"warc": warc.records, "cdx": cdx.records, "confluence": confluence.pages}
    return read[source.kind](source, config)


def content_of(sources: Sequence[Source]) -> str:
    """SHA-256 over names and bytes of all files of the sources, '' without sources: what is in a
    folder is part of what a harvest of it is.
    """
    if not sources:
        return ""
    seen = hashlib.sha256()
    for source in sources:
        if source.remote:
            continue
        single = source.path.is_file()
        for relative in [source.path.name] if single else sorted(folder.listed(source)):
            path = source.path if single else source.path / relative
            seen.update(f"{relative}\x00".encode("utf-8", "surrogateescape"))
            with contextlib.suppress(OSError):
                if stat.S_ISREG(path.lstat().st_mode) and path.suffix.lower() in _COUNTED:
                    with path.open("rb") as handle:
                        seen.update(hashlib.file_digest(handle, "sha256").digest())
    return seen.hexdigest()


def describe(sources: Sequence[Source]) -> list[dict[str, object]]:
    """For a dry run: each source with the number of pages in it (None for a WARC file, which is not
    read for that).
    """
    told = []
    for source in sources:
        source.unread.clear()
        source.counts.clear()
        source.words_read = 0
        counted = source.kind in {"folder", "git"}
        number = folder.count(source) if counted else None
        told.append(
            {
                **source.facts(),
                "path": source.remote or str(source.path),
                "pages_at_most": number,
                "licence": source.licence,
            }
        )
    return told
