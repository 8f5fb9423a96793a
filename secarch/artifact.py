"""Artifacts: how stages hand over. A directory whose manifest is written last.

No manifest means unfinished, hence resumable; a manifest means complete and immutable. A directory
is named by its key, which is known before the work starts, so a running stage keeps its journal
where the artifact will be.
"""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from secarch import __version__
from secarch.errors import (
    Busy,
    DiskError,
    InvalidInput,
    MissingInput,
    TamperedArtifact,
    UnfinishedRun,
)
from secarch.files import disk_errors, make_folder, read_jsonl, sha256_file, write_json
from secarch.schema import JsonDict, sha256_of

MANIFEST = "manifest.json"
SCHEMA = 1
MAX_MANIFEST_BYTES = 16 << 20

Kind = Literal["documents", "dataset", "run", "export", "evaluation", "comparison"]


class FileEntry(BaseModel):
    """One sealed file. `content` is what the artifact's digest sees of it: None is outside."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    sha256: str
    bytes: int
    rows: int | None = None
    content: str | None = None


class Manifest(BaseModel):
    """The seal of an artifact (the field order is the file's)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    schema_version: int = Field(alias="schema")
    kind: Kind
    digest: str
    """Hex SHA-256 over kind, parents, config digest, counts and the content of the files."""
    seal: str
    """Hex SHA-256 over everything else in this manifest, so that editing any of it shows."""
    parents: list[str]
    """Digests of the artifacts this one was made from."""
    config: JsonDict
    config_digest: str
    secarch: str
    created: str
    files: list[FileEntry]
    counts: dict[str, int]

    def dumped(self) -> JsonDict:
        """JSON-ready, with the file's own names."""
        return self.model_dump(mode="json", by_alias=True)


class Artifact:
    """A sealed directory, opened and checked."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest

    @property
    def digest(self) -> str:
        """Content digest, hex."""
        return self.manifest.digest

    def file(self, name: str) -> Path:
        """Path of a sealed file. Raises MissingInput where the artifact has none of that name."""
        if not any(entry.path == name for entry in self.manifest.files):
            raise MissingInput(
                f"this {self.manifest.kind} artifact has no {name}",
                where=self.path,
                fix=f"give one that has {name}, or make this one again with --fresh",
            )
        return self.path / name

    def rows(self, name: str) -> Iterator[JsonDict]:
        """The rows of a sealed JSONL file."""
        return read_jsonl(self.file(name))


def make_key(parents: Sequence[str], config_digest: str) -> str:
    """sha256(parents, config digest, secarch version), hex; its first 8 digits name the
    directory.
    """
    return sha256_of([list(parents), config_digest, __version__])


def claim(directory: Path, *, resume: bool, fresh: bool) -> Artifact | None:
    """Get `directory` ready to be worked in, or return the finished artifact that is there.

    An unfinished run is resumed (`resume`), set aside by renaming (`fresh`) or refused with
    UnfinishedRun. Raises DiskError where the directory cannot be made.
    """
    if fresh:
        set_aside(directory)
    elif (directory / MANIFEST).exists():
        return open_artifact(directory)
    elif not resume and directory.is_dir() and any(_journal(directory)):
        raise UnfinishedRun("an unfinished run is here", directory)
    make_folder(directory)
    return None


def _journal(directory: Path) -> Iterator[Path]:
    return (entry for entry in directory.iterdir() if entry.suffix not in {".lock", ".log"})


def set_aside(path: Path) -> Path | None:
    """Rename a file or directory to `<name>.aside-<n>`; None if there is nothing to rename.

    Raises DiskError if it cannot be renamed.
    """
    if not path.exists():
        return None
    for n in range(1, 10_000):
        target = path.with_name(f"{path.name}.aside-{n}")
        if not target.exists():
            with disk_errors(path):
                path.rename(target)
            return target
    raise DiskError("too many runs were set aside", where=path.parent, fix="remove old .aside-N")


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock (flock(2): gone with the process, even after SIGKILL).

    Raises Busy where another process holds it.
    """
    with disk_errors(path), contextlib.ExitStack() as stack:
        make_folder(path.parent)
        handle = stack.enter_context(path.open("a"))
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                "another secarch process is working here",
                where=path.parent,
                fix="wait for it, or stop it",
            ) from None
        stack.pop_all()
    try:
        yield
    finally:
        handle.close()


def seal(
    directory: Path,
    *,
    kind: Kind,
    parents: Sequence[str],
    config: JsonDict,
    counts: dict[str, int],
    files: Sequence[str],
    outside: Sequence[str] = (),
    rows: dict[str, int] | None = None,
    content: dict[str, str] | None = None,
) -> Artifact:
    """Hash the files and write the manifest, which makes the directory an artifact.

    `files` are content and decide the digest; those in `outside` (reports, timings, environment)
    are hashed against tampering only. `content` overrides what the digest sees of a file, for a
    file of which some columns stand outside.
    """
    config_digest = sha256_of(config)
    entries = [
        _entry(directory, name, rows or {}, (content or {}).get(name), name in outside)
        for name in sorted({*files, *outside})
    ]
    seen = [[entry.path, entry.content] for entry in entries if entry.content]
    digest = sha256_of([SCHEMA, kind, list(parents), config_digest, seen, counts])
    manifest: JsonDict = {
        "schema": SCHEMA,
        "kind": kind,
        "digest": digest,
        "seal": "",
        "parents": list(parents),
        "config": config,
        "config_digest": config_digest,
        "secarch": __version__,
        "created": now(),
        "files": [entry.model_dump() for entry in entries],
        "counts": counts,
    }
    manifest["seal"] = seal_of(manifest)
    write_json(directory / MANIFEST, manifest)
    return Artifact(directory, Manifest.model_validate(manifest))


def _entry(
    directory: Path, name: str, rows: dict[str, int], content: str | None, outside: bool
) -> FileEntry:
    path = directory / name
    digest = sha256_file(path)
    return FileEntry(
        path=name,
        sha256=digest,
        bytes=path.stat().st_size,
        rows=rows.get(name),
        content=None if outside else content or digest,
    )


def seal_of(manifest: JsonDict) -> str:
    """Hex SHA-256 over all of a manifest or record but its own seal."""
    return sha256_of({name: value for name, value in manifest.items() if name != "seal"})


def read_manifest(directory: Path) -> Manifest:
    """The manifest alone, its own seal checked.

    Raises MissingInput, InvalidInput, TamperedArtifact.
    """
    path = directory / MANIFEST
    if not path.is_file():
        why, fix = _not_sealed(directory)
        raise MissingInput("this is no finished artifact", where=directory, why=why, fix=fix)
    if path.stat().st_size > MAX_MANIFEST_BYTES:
        raise InvalidInput(
            "this manifest is too large to be one",
            where=path,
            fix="make this artifact again with --fresh",
        )
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest.model_validate(data)
    except (ValueError, ValidationError) as error:
        raise InvalidInput(
            "this manifest cannot be read",
            where=path,
            why=_first_line(error),
            fix="make this artifact again with --fresh",
        ) from error
    if manifest.schema_version > SCHEMA:
        raise InvalidInput(
            "this artifact is newer than this program", where=path, fix="pip install -U secarch"
        )
    if seal_of(data) != manifest.seal:
        raise TamperedArtifact(
            "this manifest was changed after it was sealed",
            where=path,
            fix="make the artifact again with --fresh",
        )
    return manifest


def _not_sealed(directory: Path) -> tuple[str, str]:
    """Why a folder without a manifest is no artifact, and what to do."""
    listed = "secarch report   (what there is)"
    asked = f"secarch eval --model {shlex.quote(str(directory))}   (asks it as it is)"
    if (directory / "adapter_config.json").is_file():
        return "it is an adapter that was not trained here, and nothing says on which rows", asked
    if (directory / "config.json").is_file():
        return "it is a model and was not made here", asked
    if held := list(directory.glob(f"*/{MANIFEST}")):
        last = max(held, key=lambda path: path.stat().st_mtime).parent
        return "it holds artifacts and is none itself", f"name one of them, such as {last}"
    if directory.is_dir():
        return "it has no manifest.json, so it is unfinished", "finish it with --resume"
    if directory.exists():
        return "it is a file, and an artifact is a folder with a manifest.json", listed
    return "no such directory", listed


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def open_artifact(directory: Path, kind: Kind | None = None) -> Artifact:
    """Open a sealed directory and check every file's hash.

    Raises MissingInput (no manifest), Mismatch via InvalidInput (another kind), TamperedArtifact
    (a file was changed or removed; it is named).
    """
    manifest = read_manifest(directory)
    if kind is not None and manifest.kind != kind:
        raise InvalidInput(
            f"this is a {manifest.kind} artifact, not a {kind} one",
            where=directory,
            fix="give one of that kind: secarch report   (what there is)",
        )
    for entry in manifest.files:
        _check(directory, entry)
    return Artifact(directory, manifest)


def _check(directory: Path, entry: FileEntry) -> None:
    path = directory / entry.path
    if not path.resolve().is_relative_to(directory.resolve()):
        raise TamperedArtifact(
            "this manifest names a file outside its directory",
            where=path,
            fix="make it again, or take it from a source that you trust",
        )
    if not path.is_file():
        why = "it was removed after it was sealed"
    elif path.stat().st_size != entry.bytes or sha256_file(path) != entry.sha256:
        why = "its bytes are not the ones that were sealed"
    else:
        return
    raise TamperedArtifact(
        "a file of this artifact is damaged",
        where=path,
        why=why,
        fix="make the artifact again with --fresh",
    )


def unknown(path: Path, what: str, *, fix: str) -> MissingInput:
    """The error for a `what` (such as run) that is not there, with its siblings' names and the
    nearest of them.
    """
    known = sorted(other.name for other in path.parent.iterdir()) if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, known, 1, 0.5)
    return MissingInput(
        f"there is no such {what}",
        where=path,
        why=f"there are: {', '.join(known)}" if known else "",
        fix=f"did you mean {near[0]}?" if near else fix,
    )


def newest(root: Path, kind: Kind) -> Path:
    """The most recently sealed artifact of `kind` right below `root`.

    Raises MissingInput with the command that makes one.
    """
    makers = {
        "documents": "harvest",
        "dataset": "dedupe",
        "run": "train",
        "export": "export RUN",
        "evaluation": "eval",
        "comparison": "compare-baseline",
    }
    found = [
        (m.created, path.parent)
        for path in root.glob(f"*/{MANIFEST}")
        if (m := read_manifest(path.parent)).kind == kind
    ]
    if not found:
        raise MissingInput(
            f"there is no finished {kind} artifact", where=root, fix=f"secarch {makers[kind]}"
        )
    return max(found)[1]


def find(root: Path, accept: Callable[[Manifest], bool]) -> Path | None:
    """The first artifact anywhere below `root` whose manifest is accepted; broken ones are passed
    over.
    """
    for path in sorted(root.rglob(MANIFEST)):
        with contextlib.suppress(InvalidInput, TamperedArtifact):
            if accept(read_manifest(path.parent)):
                return path.parent
    return None


def now() -> str:
    """The time in ISO 8601, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
