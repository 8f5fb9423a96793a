"""Files: written whole or not at all, rows of JSON, hashes, and disk errors in words."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from secarch.errors import DiskError, InvalidInput, MissingInput
from secarch.schema import JsonDict, canonical_json


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Raise the operating system's write errors as DiskError with the way out; others pass."""
    fixes = {
        errno.ENOSPC: "free some space, then run the same command with --resume",
        errno.EDQUOT: "free some of your quota, then run the same command with --resume",
        errno.EROFS: "choose a writable place with --workspace DIR",
        errno.EACCES: "choose a writable place with --workspace DIR",
        errno.EPERM: "choose a writable place with --workspace DIR",
        errno.ENOTDIR: "choose another place with --workspace DIR",
        errno.EEXIST: "choose another place with --workspace DIR",
        errno.EISDIR: "name a file, since this is a folder",
        errno.ENAMETOOLONG: "choose a shorter name",
    }
    try:
        yield
    except OSError as error:
        if error.errno not in fixes:
            raise
        raise DiskError(
            "cannot write", where=error.filename or path, why=error.strerror, fix=fixes[error.errno]
        ) from error


def make_folder(path: Path) -> None:
    """Make a directory with those above it, if it is not there. Raises DiskError, also where the
    file system takes none (/proc), which the system calls "no such file".
    """
    with disk_errors(path):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except FileNotFoundError as error:
            raise OSError(errno.EPERM, "no folder can be made there", error.filename) from error


def write_atomic(path: Path, data: bytes) -> None:
    """Write a whole file or nothing: temporary file, fsync, rename, fsync of the directory."""
    with disk_errors(path):
        make_folder(path.parent)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise
        sync(path.parent)


def sync(path: Path) -> None:
    """Have a file's bytes, or a directory's entries, reach the disk (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """`write_atomic` of UTF-8 text. Lone surrogates are replaced, since UTF-8 has none."""
    write_atomic(path, text.encode("utf-8", "replace"))


def write_json(path: Path, value: object) -> None:
    """Indented JSON with a last newline, atomically. Raises ValueError for NaN and infinities."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_jsonl(path: Path, rows: Iterable[JsonDict]) -> int:
    """Canonical JSON lines, atomically; returns the number of rows."""
    lines = [canonical_json(row) + "\n" for row in rows]
    write_text(path, "".join(lines))
    return len(lines)


def read_jsonl(path: Path) -> Iterator[JsonDict]:
    """Rows of a JSONL file. Raises MissingInput, or InvalidInput with file and line."""
    try:
        handle = path.open("rb")
    except OSError as error:
        raise MissingInput(
            "cannot read a file",
            where=path,
            why=error.strerror,
            fix="correct the path, or the rights of the file",
        ) from error
    with handle:
        for number, line in enumerate(handle, 1):
            yield json_object(line, f"{path}:{number}")


def json_object(line: bytes | str, where: str) -> JsonDict:
    """The object of a line of JSON (bytes: UTF-8). Raises InvalidInput if there is none."""
    try:
        row = json.loads(line.decode("utf-8") if isinstance(line, bytes) else line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "this line is not JSON", where=where, why=error, fix="give one JSON object a line"
        ) from error
    if not isinstance(row, dict):
        raise InvalidInput(
            "this line is not a JSON object", where=where, fix="give one JSON object a line"
        )
    return row


def shipped(in_wheel: str, in_checkout: str, pattern: str) -> dict[str, Path]:
    """Files that come with the program, by stem: in the wheel inside the package, in a checkout
    beside it.
    """
    package = Path(__file__).parent
    places = (package / in_wheel, package.parent / in_checkout)
    folder = next(place for place in places if place.is_dir())
    return {path.stem: path for path in sorted(folder.glob(pattern))}


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def unchanged(folder: Path, seal: str) -> bool:
    """Whether every file that `folder/seal` names under `files` (name -> SHA-256) has that hash.

    A file that is missing, and a seal that cannot be read, are changes.
    """
    try:
        sealed: dict[str, str] = json.loads((folder / seal).read_text(encoding="utf-8"))["files"]
        return all(sha256_file(folder / name) == digest for name, digest in sealed.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
