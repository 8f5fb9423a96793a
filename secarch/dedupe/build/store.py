"""The shards of a dataset on disk: segments, one for each addition, and the jobs that fill them.

    index/000/  clean-*, lines-*, prepared-*, pieces-* (Parquet), marks, signatures, order, pairs
    (what was compared) index/001/  the same of what was added by --onto

A segment is written once. One that is added to is linked, not copied, and of its shards only those
are made again in which other lines have become boilerplate. Nothing in it is in the clear that the
dataset itself does not show.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from secarch.artifact import read_manifest
from secarch.dedupe.build.documents import Sources
from secarch.dedupe.build.engine import Engine, run_all
from secarch.dedupe.build.prepare import CleanShard, Cuts, CutShard, PrepareShard
from secarch.dedupe.build.shards import Prepared, TextCache, cut, load_prepared, signatures
from secarch.dedupe.config import DedupeConfig
from secarch.dedupe.duplicates.index import Index, check_scheme
from secarch.dedupe.quality import boilerplate
from secarch.dedupe.quality.boilerplate import Repeated
from secarch.errors import Mismatch
from secarch.files import write_json
from secarch.schema import JsonDict

INDEX, WORK = "index", "work"
"""Folder of the segments, which stays, and of what is read, which goes."""
READ, LINES = "read.json", "boilerplate.json"


def parents_of(base: Path, identity: JsonDict) -> tuple[str, ...]:
    """The parents of a dataset that is to be added to.

    Raises MissingInput, InvalidInput (no dataset, no index or one of another scheme), Mismatch
    (other settings).
    """
    manifest = read_manifest(base)
    if manifest.kind == "dataset":
        check_scheme(base / INDEX / "000")
    if manifest.config != identity:
        changed = sorted(name for name in identity if manifest.config.get(name) != identity[name])
        raise Mismatch(
            "this dataset was built with other settings",
            where=base,
            why=f"other: {', '.join(changed) or 'kind'}",
            fix="use its settings, or build again: secarch dedupe --documents OLD NEW",
        )
    return tuple(manifest.parents)


class Store:
    """Segments below `directory`/index; `base` is the dataset that this run adds to."""

    def __init__(
        self,
        directory: Path,
        base: Path | None,
        config: DedupeConfig,
        engine: Engine,
        check: Callable[[], None],
    ) -> None:
        self._directory, self._config, self._engine, self._check = directory, config, engine, check
        self._base = base
        old = sorted(path for path in (base / INDEX).iterdir() if path.is_dir()) if base else []
        self._old = old
        self._segments = [directory / INDEX / path.name for path in old] + [
            directory / INDEX / f"{len(old):03}"
        ]
        self.repeated: list[Repeated] = []
        self._texts = TextCache()

    def read(self, sources: Sources) -> tuple[int, list[dict[str, str]]]:
        """Read and clean what is new; returns how many documents there are in all, and the bad
        rows.
        """
        for old, new in zip(self._old, self._segments, strict=False):
            for path in [
                *old.glob("clean-*"),
                *old.glob("lines-*"),
                *old.glob("*.np?"),
                old / READ,
            ]:
                _link(path, new / path.name)
            for name in ("pairs.parquet", "scheme.json"):
                _link(old / name, new / name)
        raw = self._directory / WORK
        found = cut(sources, raw, self._config.max_bad_rows, self._config.shard_mb, self._check)
        own = self._segments[-1]
        jobs = [
            CleanShard(path, own / _name("clean", path), own / _name("lines", path), self._config)
            for path in found.shards
        ]
        run_all(self._engine, "shards cleaned", jobs, self._check)
        write_json(own / READ, {"documents": found.documents, "bad": found.bad})
        told = [
            json.loads((segment / READ).read_text(encoding="utf-8")) for segment in self._segments
        ]
        return sum(item["documents"] for item in told), [
            row for item in told for row in item["bad"]
        ]

    def find_boilerplate(self) -> list[Repeated]:
        """The lines that the sites repeat, over all segments."""
        paths = [path for segment in self._segments for path in sorted(segment.glob("lines-*"))]
        self.repeated = boilerplate.choose(paths, self._config.boilerplate)
        return self.repeated

    def prepare(self) -> list[Prepared]:
        """Measured, judged and signed; without their texts."""
        lines = boilerplate.by_site(self.repeated)
        jobs = [
            PrepareShard(
                clean, clean.with_name(_name("prepared", clean)), self._config, lines, before
            )
            for clean, before in self._clean("prepared", same=self._same_lines(lines))
        ]
        run_all(self._engine, "shards measured", jobs, self._check)
        plain = {site: sorted(found) for site, found in lines.items()}
        write_json(self._directory / INDEX / LINES, plain)
        items = [
            item
            for clean, _ in self._clean("prepared", same=False)
            for item in load_prepared(clean, clean.with_name(_name("prepared", clean)), self._texts)
        ]
        return sorted(
            items, key=lambda item: (item.head.sha256, item.head.id, item.head.url, item.head.title)
        )

    def _same_lines(self, lines: boilerplate.Boilerplate) -> bool:
        if self._base is None:
            return True
        before = json.loads((self._base / INDEX / LINES).read_text(encoding="utf-8"))
        return bool(before == {site: sorted(found) for site, found in lines.items()})

    def _clean(self, kind: str, *, same: bool) -> Iterator[tuple[Path, Path | None]]:
        """Each clean shard with its earlier outcome; if nothing changed that is linked to its
        place.
        """
        for number, segment in enumerate(self._segments):
            for clean in sorted(segment.glob("clean-*")):
                before = self._old[number] / _name(kind, clean) if number < len(self._old) else None
                if before and same:
                    _link(before, segment / before.name)
                yield clean, before

    def pieces(self) -> Cuts:
        """The pieces of each document, by clean shard and row."""
        same = self._same_lines(boilerplate.by_site(self.repeated))
        jobs = []
        for clean, before in self._clean("pieces", same=same):
            prepared = clean.with_name(_name("prepared", clean))
            earlier = (before.with_name(prepared.name), before) if before else None
            jobs.append(
                CutShard(
                    clean, prepared, clean.with_name(_name("pieces", clean)), self._config, earlier
                )
            )
        run_all(self._engine, "shards cut", jobs, self._check)
        return Cuts((job.source, job.target) for job in jobs)

    def signed(self, items: Sequence[Prepared]) -> Signed:
        """The items for comparison."""
        return Signed(items, lambda clean: clean.with_name(_name("prepared", clean)))

    def index(self) -> Index:
        """What was compared before."""
        return Index(self._segments[:-1], self._segments[-1])

    def seal(self) -> list[str]:
        """Remove what was read; returns the names of the files that stay."""
        shutil.rmtree(self._directory / WORK, ignore_errors=True)
        files = (path for path in (self._directory / INDEX).rglob("*") if path.is_file())
        return sorted(str(path.relative_to(self._directory)) for path in files)


class Signed:
    """Prepared documents for comparison: signatures in memory (512 bytes each), texts in their
    shards.
    """

    def __init__(self, items: Sequence[Prepared], prepared: Callable[[Path], Path]) -> None:
        self._items = items
        self.fingerprints = [item.fingerprint for item in items]
        self.signatures = signatures(items, prepared)

    def text(self, i: int) -> str:
        """One text."""
        return self._items[i].text


def clear(directory: Path) -> None:
    """Remove all of it, after input that was refused."""
    for name in (INDEX, WORK):
        shutil.rmtree(directory / name, ignore_errors=True)


def _name(kind: str, path: Path) -> str:
    return f"{kind}-{path.name.split('-', 1)[1]}"


def _link(old: Path, new: Path) -> None:
    """The same file in another folder; a copy where the file system has no links."""
    if new.exists():
        return
    new.parent.mkdir(parents=True, exist_ok=True)
    part = new.with_name(f".{new.name}.part")
    part.unlink(missing_ok=True)
    try:
        os.link(old, part)
    except OSError:
        shutil.copyfile(old, part)
    part.rename(new)
