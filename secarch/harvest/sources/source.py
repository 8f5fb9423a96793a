"""A source that is read in place of a site: what is found in it, and what is not read."""

from __future__ import annotations

import contextlib
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from secarch import console
from secarch.harvest.sources.urls import Scope
from secarch.records import Page

MOST_COUNTED = 2_000_000
"""Bytes of an unread file in which words are counted."""

Kind = Literal["folder", "git", "warc", "cdx", "confluence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a source. Without `page`, `reason` says why it cannot be read."""

    url: str
    page: Page | None = None
    reason: str = ""


def words_in(path: Path) -> int:
    """Words of a text file, of its first two megabytes; 0 for a binary one, a link, a device."""
    with contextlib.suppress(OSError):
        if stat.S_ISREG(path.lstat().st_mode):
            with path.open("rb") as handle:
                body = handle.read(MOST_COUNTED)
            return 0 if b"\x00" in body else len(body.split())
    return 0


@dataclass(slots=True)
class Unread:
    """Files of one format that is not read."""

    files: int = 0
    words: int = 0

    def add(self, path: Path) -> None:
        """Count a file; binary ones have no words."""
        self.files += 1
        self.words += words_in(path)

    def facts(self) -> dict[str, int]:
        """For the record."""
        return {"files": self.files, "words": self.words}


@dataclass(slots=True, kw_only=True)
class Source:
    """A seed that is not a site, opened."""

    scope: Scope
    path: Path
    """Of what is on this machine; empty for a remote source."""
    kind: Kind
    base: str
    """URL that the path of a file is put behind; '' for archives, whose records have their own."""
    remote: str = ""
    """URL of what is read over the network."""
    wiki: bool = False
    """A checkout of a GitHub or GitLab wiki, whose pages have no ending in their URLs."""
    licence: str = ""
    """What the folder's LICENSE file says; the seed's own setting wins."""
    commit: str = ""
    unread: dict[str, Unread] = field(default_factory=dict)
    """Files of formats that are not read, by ending."""
    words_read: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """What was skipped without an entry of its own, by reason."""

    def facts(self) -> dict[str, object]:
        """For the record: what was read, without the machine's paths."""
        return {
            "name": self.name,
            "kind": self.kind,
            "base": self.base,
            "commit": self.commit,
            "skipped": self.counts,
            "unread": {name: found.facts() for name, found in sorted(self.unread.items())},
            "unread_share": self.unread_share,
        }

    @property
    def name(self) -> str:
        """Its file or folder without the machine's paths, or its URL."""
        return self.remote or self.path.resolve().name

    @property
    def unread_share(self) -> float | None:
        """Share of the words (0..1) that are in files of formats that are not read; None before
        anything was read.
        """
        missed = sum(found.words for found in self.unread.values())
        total = missed + self.words_read
        return round(missed / total, 3) if total else None

    def show_unread(self) -> None:
        """A line on the formats that were not read, if there are any."""
        if not self.unread:
            return
        formats = ", ".join(
            f"{found.files:,} {ending} ({found.words:,} words)"
            for ending, found in sorted(self.unread.items(), key=lambda item: -item[1].words)
        )
        share = self.unread_share
        part = f"   {share:.0%} of the words" if share is not None else ""
        console.say(f"{self.name}   not read: {formats}{part}")

    def note_unread(self, relative: str) -> None:
        """Count a file whose format is not read, with the words in it if it is text."""
        self.skip("no_text_type")
        ending = Path(relative).suffix.lower() or Path(relative).name
        self.unread.setdefault(ending, Unread()).add(self.path / relative)

    def skip(self, reason: str) -> None:
        """Count what is in the source and is not a page of it."""
        self.counts[reason] = self.counts.get(reason, 0) + 1


def refusal_of(scope: Scope, url: str) -> str:
    """Why the seed's patterns leave an address out, or ''."""
    if scope.prefix and not url.partition("://")[2].startswith(scope.prefix):
        return "out_of_scope"
    if scope.include and not any(p.search(url) for p in scope.include):
        return "not_included"
    return "excluded" if any(p.search(url) for p in scope.exclude) else ""
