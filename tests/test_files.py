"""Files: whether sealed ones are unchanged, and disk errors in words."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from secarch.errors import DiskError, InvalidInput
from secarch.files import disk_errors, make_folder, read_jsonl, sha256_file, unchanged


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A folder with two files and their seal."""
    (tmp_path / "a").write_text("one", encoding="utf-8")
    (tmp_path / "b").write_text("two", encoding="utf-8")
    files = {name: sha256_file(tmp_path / name) for name in ("a", "b")}
    (tmp_path / "seal.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    return tmp_path


def _write(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (_write("c", "not sealed"), True),
        (_write("b", "twO"), False),
        (lambda folder: (folder / "a").unlink(), False),
        (lambda folder: (folder / "seal.json").unlink(), False),
        (_write("seal.json", "{"), False),
        (_write("seal.json", "{}"), False),
        (_write("seal.json", "[]"), False),
        (_write("seal.json", '{"files": null}'), False),
        (_write("seal.json", '{"files": {"a": "0"}}'), False),
    ],
)
def test_sealed_files_are_unchanged_only_as_they_were(
    change: Callable[[Path], object], same: bool, sealed: Path
) -> None:
    """A changed or missing file and a broken seal are changes; a further file is none."""
    assert unchanged(sealed, "seal.json")
    change(sealed)
    assert unchanged(sealed, "seal.json") is same


def test_a_full_disk_names_the_file_and_the_way_out(tmp_path: Path) -> None:
    """Errors that say nothing about writing go on as they are."""
    with pytest.raises(DiskError) as caught, disk_errors(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert (caught.value.where, "--resume" in caught.value.fix) == (str(tmp_path), True)
    with pytest.raises(OSError, match="Bad") as other, disk_errors(tmp_path):
        raise OSError(errno.EBADF, "Bad file descriptor")
    assert not isinstance(other.value, DiskError)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no file system without folders")
def test_a_file_system_that_takes_no_folders_is_told(tmp_path: Path) -> None:
    """The system's own word for it, "no such file", would be taken for a fault of the program."""
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    with pytest.raises(DiskError, match="cannot write") as caught:
        make_folder(Path("/proc/nosuch/workspace"))
    assert caught.value.why == "no folder can be made there"
    assert "--workspace" in str(caught.value.fix)


@pytest.mark.parametrize("line", ['{"a": ', "[1]", "[" * 100_000, "\udcff"])
def test_a_line_that_holds_no_object_is_named(tmp_path: Path, line: str) -> None:
    """Also one that is nested more deeply than the parser goes, or is no UTF-8."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"a": 1}\n' + line.encode("utf-8", "surrogateescape") + b"\n")
    rows = read_jsonl(path)
    assert next(rows) == {"a": 1}
    with pytest.raises(InvalidInput, match="line is not") as caught:
        next(rows)
    assert str(caught.value.where) == f"{path}:2"
