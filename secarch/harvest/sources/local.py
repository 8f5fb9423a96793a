"""Sources on this machine: a folder of Markdown and HTML, a git checkout, a WARC file.

They are read through the same extraction and into the same frontier as pages of the web, and nobody
is asked.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from secarch import console
from secarch.artifact import now
from secarch.errors import ConfigError, InvalidInput, MissingInput
from secarch.harvest.config import HarvestConfig, Seed
from secarch.harvest.extract.licence import named
from secarch.harvest.sources.urls import Rules, Scope, normalise
from secarch.records import Page

TYPES = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".mdx": "text/markdown",
    ".rst": "text/x-rst",
    ".adoc": "text/asciidoc",
    ".asciidoc": "text/asciidoc",
    ".txt": "text/plain",
    ".ipynb": "application/x-ipynb+json",
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
}
_COUNTED = {*TYPES, ".warc", ".gz", ".cdx", ".cdxj"}
PASSED_OVER = frozenset({"node_modules", "__pycache__", "vendor"})
MAX_FILES = 2_000_000
GIT_SECONDS = 120
MOST_COUNTED = 2_000_000
"""Bytes of an unread file in which words are counted."""
_REMOTE = re.compile(
    r"(?:https?://|ssh://|git://)?(?:[^@/]*@)?([\w.-]+)(?::\d+)?[:/]([\w./~-]+?)(?:\.git)?/?$"
)
_WARC = re.compile(r"\.warc(?:\.gz)?$", re.IGNORECASE)

_CDX = re.compile(r"\.cdxj?$", re.IGNORECASE)

Kind = Literal["folder", "git", "warc"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a source. Without `page`, `reason` says why it cannot be read."""

    url: str
    page: Page | None = None
    reason: str = ""


@dataclass(slots=True)
class Unread:
    """Files of one format that is not read."""

    files: int = 0
    words: int = 0

    def add(self, path: Path) -> None:
        """Count a file; binary ones have no words."""
        self.files += 1
        with contextlib.suppress(OSError):
            if stat.S_ISREG(path.lstat().st_mode):
                with path.open("rb") as handle:
                    body = handle.read(MOST_COUNTED)
                self.words += 0 if b"\x00" in body else len(body.split())

    def facts(self) -> dict[str, int]:
        """For the record."""
        return {"files": self.files, "words": self.words}


@dataclass(slots=True, kw_only=True)
class Source:
    """A local seed, opened."""

    scope: Scope
    path: Path
    kind: Kind
    base: str
    """Address that the path of a file is put behind; '' for a WARC file, whose records have their
    own.
    """
    licence: str = ""
    """What the folder's LICENSE file says; the seed's own setting wins."""
    commit: str = ""
    unread: dict[str, Unread] = field(default_factory=dict)
    """Files of formats that are not read, by ending."""
    words_read: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """What was passed over without an entry of its own, by reason."""

    def facts(self) -> dict[str, object]:
        """For the record: what was read, without the machine's paths."""
        name = self.path.resolve().name
        return {
            "name": name,
            "kind": self.kind,
            "base": self.base,
            "commit": self.commit,
            "passed_over": self.counts,
            "unread": {name: found.facts() for name, found in sorted(self.unread.items())},
            "unread_share": self.unread_share,
        }

    @property
    def unread_share(self) -> float | None:
        """Share of the words (0..1) that are in files of formats that are not read; None before
        anything was read.
        """
        missed = sum(found.words for found in self.unread.values())
        total = missed + self.words_read
        return round(missed / total, 3) if total else None

    def note_unread(self, relative: str) -> None:
        """Count a file whose format is not read, with the words in it if it is text."""
        self.passed_over("no_text_type")
        ending = Path(relative).suffix.lower() or Path(relative).name
        self.unread.setdefault(ending, Unread()).add(self.path / relative)

    def passed_over(self, reason: str) -> None:
        """Count what is in the source and is no page of it."""
        self.counts[reason] = self.counts.get(reason, 0) + 1


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
            fix="give one of them another `url`",
        )
    return sources


def _open(scope: Scope) -> Source:
    seed, path = scope.seed, Path(scope.seed.path).expanduser()
    if not path.exists():
        raise MissingInput(
            "a local source is not there",
            where=path,
            why="no file or folder has this name",
            fix="correct the path in harvest.seeds",
        )
    if path.is_file() and (_WARC.search(path.name) or _CDX.search(path.name)):
        return Source(scope=scope, path=path, kind="warc", base="")
    if path.is_file() and path.suffix.lower() not in TYPES:
        raise InvalidInput(
            "this file is no source",
            where=path,
            why="neither Markdown, HTML, WARC (.warc, .warc.gz) nor CDX (.cdx, .cdxj)",
        )
    checkout = (path / ".git").exists()
    commit = _git(path, "rev-parse", "HEAD").strip() if checkout else ""
    base = scope.url or (
        _published(_git(path, "config", "--get", "remote.origin.url").strip()) if commit else ""
    )
    base = (
        base
        or f"file://{re.sub(r'[^A-Za-z0-9.-]+', '-', path.resolve().name).strip('-') or 'folder'}/"
    )
    return Source(
        scope=scope,
        path=path,
        kind="git" if commit else "folder",
        base=base,
        commit=commit,
        licence=_licence(path, seed),
    )


def _git(path: Path, *arguments: str) -> str:
    """What git says; '' where it is not installed, fails or takes too long.

    Runs nothing that a checkout names.
    """
    safe = (
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "log.showSignature=false",
        "safe.directory=*",
        "core.quotePath=false",
    )
    command = [
        "git",
        *(part for setting in safe for part in ("-c", setting)),
        "-C",
        str(path),
        *arguments,
    ]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, our own arguments
            command, env=environment, capture_output=True, timeout=GIT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        console.log().warning("git_failed", source=path.name, error=type(error).__name__)
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _published(remote: str) -> str:
    """Where a checkout's files can be read on the web, by its remote's address (credentials
    dropped), or ''.
    """
    match = _REMOTE.fullmatch(remote)
    if not match or not re.search(r"(?:^|\.)(?:github|gitlab)\.", match[1] + "."):
        return ""
    middle = "/-/blob/HEAD/" if "gitlab" in match[1] else "/blob/HEAD/"
    return f"https://{match[1].lower()}/{match[2].strip('/')}{middle}"


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

    Raises InvalidInput for a WARC file of which nothing can be read.
    """
    if source.kind == "warc":
        from secarch.harvest.sources import cdx, warc

        read = cdx.records if _CDX.search(source.path.name) else warc.records
        yield from read(source, config)
        return
    dates = _dates(source)
    for relative in _files(source):
        url = _address(source, relative)
        refusal = refusal_of(source.scope, url)
        if refusal:
            source.passed_over(refusal)
            continue
        found = _read(source, relative, url, config.max_page_bytes, dates.get(relative))
        if found.page is not None and url.lower().endswith(".json"):
            yield from _entries(source, relative, found.page)
            continue
        if found.page is not None and b"\x00" not in found.page.body:
            source.words_read += len(found.page.body.split())
        yield found


def _entries(source: Source, relative: str, page: Page) -> Iterator[Found]:
    """A control of an OSCAL catalogue or a technique of an ATT&CK bundle each as a page; other JSON
    is data, and counted as unread.
    """
    from secarch.harvest.extract import structured

    try:
        entries = structured.entries(page.body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError, TypeError, AttributeError):
        entries = []
    if not entries:
        source.note_unread(relative)
    for entry in entries:
        url = f"{page.url}#{quote(entry.id)}"
        body = entry.text.encode("utf-8", "replace")
        source.words_read += len(body.split())
        yield Found(url=url, page=replace(page, url=url, body=body, content_type="text/markdown"))


def content_of(sources: Sequence[Source]) -> str:
    """SHA-256 over names and bytes of all files of the sources, '' without sources: what is in a
    folder is part of what a harvest of it is.
    """
    if not sources:
        return ""
    seen = hashlib.sha256()
    for source in sources:
        single = source.path.is_file()
        for relative in [source.path.name] if single else sorted(_listed(source)):
            path = source.path if single else source.path / relative
            seen.update(f"{relative}\x00".encode("utf-8", "surrogateescape"))
            with contextlib.suppress(OSError):
                if stat.S_ISREG(path.lstat().st_mode) and path.suffix.lower() in _COUNTED:
                    with path.open("rb") as handle:
                        seen.update(hashlib.file_digest(handle, "sha256").digest())
    return seen.hexdigest()


def _address(source: Source, relative: str) -> str:
    path = quote(relative.encode("utf-8", "surrogateescape"), safe="/-._~")
    url = f"{source.base}{path}"
    return normalise(url) if url.startswith("http") else url


def refusal_of(scope: Scope, url: str) -> str:
    """Why the seed's patterns leave an address out, or ''."""
    if scope.prefix and not url.partition("://")[2].startswith(scope.prefix):
        return "out_of_scope"
    if scope.include and not any(p.search(url) for p in scope.include):
        return "not_included"
    return "excluded" if any(p.search(url) for p in scope.exclude) else ""


def _files(source: Source) -> Iterator[str]:
    """Paths of the readable pages below a folder, relative, sorted; links to elsewhere are not
    followed.
    """
    if source.path.is_file():
        yield source.path.name
        return
    for number, relative in enumerate(sorted(_listed(source))):
        if os.path.splitext(relative)[1].lower() not in TYPES:  # noqa: PTH122 - a name, not a path
            source.note_unread(relative)
        elif number < MAX_FILES:
            yield relative


def _listed(source: Source) -> list[str]:
    listed = _git(source.path, "ls-files", "-z").split("\x00") if source.kind == "git" else []
    return [name for name in (listed if any(listed) else _walk(source.path)) if name]


def _walk(top: Path) -> list[str]:
    found: list[str] = []
    for folder, names, files in os.walk(top):
        names[:] = [name for name in names if name[0] != "." and name not in PASSED_OVER]
        inside = Path(folder).relative_to(top)
        found += [str(inside / name) for name in files if name[0] != "."]
    return found


def _read(source: Source, relative: str, url: str, limit: int, date: str | None) -> Found:
    path = source.path if source.path.is_file() else source.path / relative
    try:
        facts = path.lstat()
        if not stat.S_ISREG(facts.st_mode):
            return Found(url=url, reason="no_regular_file")
        if facts.st_size > limit:
            return Found(url=url, reason="too_large")
        body = path.read_bytes()
    except OSError as error:
        return Found(url=url, reason=f"unreadable_{type(error).__name__}")
    moment = datetime.fromisoformat(date) if date else datetime.fromtimestamp(facts.st_mtime, UTC)
    headers = {"last-modified": format_datetime(moment.astimezone(UTC), usegmt=True)}
    kind = TYPES[path.suffix.lower()]
    return Found(
        url=url,
        page=Page(
            url=url, status=200, body=body, content_type=kind, headers=headers, fetched_at=now()
        ),
    )


def _dates(source: Source) -> dict[str, str]:
    """When each file of a checkout was last committed, ISO 8601: its time on this disk is that of
    the clone.
    """
    if source.kind != "git":
        return {}
    dates: dict[str, str] = {}
    date = ""
    for line in _git(
        source.path, "log", "--format=%x01%cI", "--name-only", "--no-renames", "HEAD"
    ).splitlines():
        if line.startswith("\x01"):
            date = line[1:]
        elif line:
            dates.setdefault(line, date)
    return dates


def describe(sources: Sequence[Source]) -> list[dict[str, object]]:
    """For a dry run: each source with the number of pages in it (None for a WARC file, which is not
    read for that).
    """
    told = []
    for source in sources:
        source.unread.clear()
        source.counts.clear()
        number = None if source.kind == "warc" else sum(1 for _ in _files(source))
        told.append(
            {
                **source.facts(),
                "path": str(source.path),
                "pages_at_most": number,
                "licence": source.licence,
            }
        )
    return told
