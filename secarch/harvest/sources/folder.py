"""The files of a folder or a checkout, read through the same extraction as pages of the web."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote

from secarch.artifact import now
from secarch.harvest.config import HarvestConfig
from secarch.harvest.sources import checkout
from secarch.harvest.sources.includes import resolved
from secarch.harvest.sources.source import Found, Source, refusal_of, words_in
from secarch.harvest.sources.urls import normalise
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
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".json": "application/json",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
}
PASSED_OVER = frozenset({"node_modules", "__pycache__", "vendor"})
MAX_FILES = 2_000_000


def pages(source: Source, config: HarvestConfig) -> Iterator[Found]:
    """The pages of a folder, sorted by path."""
    dates = checkout.dates(source.path) if source.kind == "git" else {}
    for relative in files(source):
        url = _address(source, relative)
        refusal = refusal_of(source.scope, url) if url else "excluded"
        if refusal:
            source.skip(refusal)
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


def _address(source: Source, relative: str) -> str:
    """The URL under which a file is published; '' for a wiki's sidebar and the like."""
    if source.wiki:
        relative = checkout.wiki_page(relative, source.base)
        if not relative:
            return ""
    path = quote(relative.encode("utf-8", "surrogateescape"), safe="/-._~")
    url = f"{source.base}{path}"
    return normalise(url) if url.startswith("http") else url


def files(source: Source) -> Iterator[str]:
    """Paths of the readable pages below a folder, relative, sorted; links to elsewhere are not
    followed.
    """
    if source.path.is_file():
        yield source.path.name
        return
    for number, relative in enumerate(sorted(listed(source))):
        if os.path.splitext(relative)[1].lower() not in TYPES:  # noqa: PTH122 - a name, not a path
            source.note_unread(relative)
        elif number < MAX_FILES:
            yield relative


def count(source: Source) -> int:
    """How many files would be read, with the words in them counted in the source."""
    names = list(files(source))
    for relative in names:
        path = source.path if source.path.is_file() else source.path / relative
        source.words_read += words_in(path)
    return len(names)


def listed(source: Source) -> list[str]:
    """Paths of all files of a folder, or of those that a checkout has committed."""
    tracked = checkout.git(source.path, "ls-files", "-z") if source.kind == "git" else ""
    names = tracked.split("\x00")
    return [name for name in (names if any(names) else _walk(source.path)) if name]


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
        if source.path.is_dir():
            body = resolved(body, path, source.path)
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
