"""Artifacts: sealed last, checked on opening, never overwritten."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from secarch.artifact import (
    MANIFEST,
    claim,
    lock,
    make_key,
    newest,
    open_artifact,
    seal,
    set_aside,
    unknown,
)
from secarch.errors import (
    Busy,
    DiskError,
    ExitCode,
    InvalidInput,
    MissingInput,
    TamperedArtifact,
    UnfinishedRun,
)
from secarch.files import disk_errors, read_jsonl, write_atomic, write_json, write_jsonl


def _sealed(directory: Path, text: str = "hello", created_by: str = "a") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "data.txt").write_text(text, encoding="utf-8")
    (directory / "report.html").write_text(created_by, encoding="utf-8")
    seal(
        directory,
        kind="dataset",
        parents=["p"],
        config={"a": 1},
        counts={"rows": 1},
        files=["data.txt"],
        outside=["report.html"],
    )
    return directory


def test_a_sealed_directory_opens_and_lists_its_files(tmp_path: Path) -> None:
    """What was sealed is what is opened."""
    artifact = open_artifact(_sealed(tmp_path / "x"), "dataset")
    assert [entry.path for entry in artifact.manifest.files] == ["data.txt", "report.html"]
    assert artifact.file("data.txt").read_text(encoding="utf-8") == "hello"


def test_the_digest_covers_content_and_not_the_report(tmp_path: Path) -> None:
    """Equal content gives equal digests whatever the report or the time of making."""
    one = open_artifact(_sealed(tmp_path / "x", created_by="monday"))
    two = open_artifact(_sealed(tmp_path / "y", created_by="tuesday"))
    other = open_artifact(_sealed(tmp_path / "z", text="changed"))
    assert one.digest == two.digest != other.digest


@pytest.mark.parametrize("name", ["data.txt", "report.html"])
def test_a_changed_file_is_named(tmp_path: Path, name: str) -> None:
    """Also a file outside the digest is protected against tampering."""
    directory = _sealed(tmp_path / "x")
    (directory / name).write_text("HELLO", encoding="utf-8")
    with pytest.raises(TamperedArtifact, match=name):
        open_artifact(directory)


def test_a_removed_file_is_named(tmp_path: Path) -> None:
    """A missing file is damage, not an empty result."""
    directory = _sealed(tmp_path / "x")
    (directory / "data.txt").unlink()
    with pytest.raises(TamperedArtifact, match=r"data\.txt"):
        open_artifact(directory)


def test_an_edited_manifest_is_refused(tmp_path: Path) -> None:
    """Counts, config and parents cannot be edited after sealing."""
    directory = _sealed(tmp_path / "x")
    manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    manifest["counts"]["rows"] = 1_000_000
    write_json(directory / MANIFEST, manifest)
    with pytest.raises(TamperedArtifact):
        open_artifact(directory)


def test_a_manifest_that_points_outside_is_refused(tmp_path: Path) -> None:
    """A hostile manifest cannot make us read other files."""
    directory = tmp_path / "x"
    directory.mkdir()
    (tmp_path / "secret").write_text("s", encoding="utf-8")
    seal(directory, kind="dataset", parents=[], config={}, counts={}, files=["../secret"])
    with pytest.raises(TamperedArtifact, match="outside"):
        open_artifact(directory)


def test_rubbish_in_place_of_a_manifest_is_refused(tmp_path: Path) -> None:
    """Neither text nor another JSON document passes for a manifest."""
    for text in ("{", "[]", '{"schema": 1}'):
        (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
        with pytest.raises(InvalidInput):
            open_artifact(tmp_path)


def test_another_kind_is_refused(tmp_path: Path) -> None:
    """A dataset is no run."""
    with pytest.raises(InvalidInput, match="not a run"):
        open_artifact(_sealed(tmp_path / "x"), "run")


def test_claim_returns_the_finished_artifact(tmp_path: Path) -> None:
    """The same key twice means nothing to do."""
    directory = _sealed(tmp_path / "x")
    found = claim(directory, resume=False, fresh=False)
    assert found is not None
    assert found.path == directory


def test_claim_refuses_an_unfinished_run_and_names_both_ways_out(tmp_path: Path) -> None:
    """An unfinished run is never overwritten."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "journal.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(UnfinishedRun) as caught:
        claim(tmp_path / "x", resume=False, fresh=False)
    assert "--resume" in str(caught.value)
    assert "--fresh" in str(caught.value)
    assert claim(tmp_path / "x", resume=True, fresh=False) is None


def test_fresh_sets_aside_and_deletes_nothing(tmp_path: Path) -> None:
    """--fresh renames; twice gives two names."""
    for n in (1, 2):
        _sealed(tmp_path / "x")
        assert claim(tmp_path / "x", resume=False, fresh=True) is None
        assert (tmp_path / f"x.aside-{n}" / "data.txt").is_file()
    assert set_aside(tmp_path / "nothing") is None


def test_keys_depend_on_parents_and_config() -> None:
    """The directory's name is known before the work starts."""
    assert (
        make_key(["a"], "c") == make_key(["a"], "c") != make_key(["b"], "c") != make_key(["b"], "d")
    )


def test_a_lock_is_held_by_one_process(tmp_path: Path) -> None:
    """A second process is told to wait; the lock goes with its holder, even on SIGKILL."""
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom secarch.artifact import lock\n"
        "with lock(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / ".lock")], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy), lock(tmp_path / ".lock"):
            pass
        holder.kill()
        holder.wait()
    with lock(tmp_path / ".lock"):
        pass


def test_write_errors_become_disk_errors_with_a_way_out(tmp_path: Path) -> None:
    """A full or read-only disk is exit 3 and says what to do."""
    for number, word in ((28, "--resume"), (30, "--workspace"), (13, "--workspace")):
        with pytest.raises(DiskError, match=word), disk_errors(tmp_path):
            raise OSError(number, os.strerror(number))
    assert DiskError.exit_code == ExitCode.PREREQUISITE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    """The target of an atomic write is the old file or the new one, and no rubbish stays."""
    target = tmp_path / "data"
    write_atomic(target, b"old")
    target_link = tmp_path / "full"
    target_link.symlink_to("/dev/full")
    with pytest.raises(DiskError), disk_errors(target), target_link.open("wb", buffering=0) as out:
        out.write(b"new")
    assert target.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "full"]


def test_jsonl_round_trip_and_a_torn_line_is_named(tmp_path: Path) -> None:
    """Rows come back as they were; a torn line says file and line."""
    path = tmp_path / "rows.jsonl"
    assert write_jsonl(path, [{"b": 1, "a": "é"}, {}]) == 2
    assert list(read_jsonl(path)) == [{"b": 1, "a": "é"}, {}]
    path.write_text('{"a":1}\n{"a":', encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"rows\.jsonl:2"):
        list(read_jsonl(path))


def test_newest_finds_the_last_sealed_and_names_the_command_that_makes_one(tmp_path: Path) -> None:
    """Stages find their input without being told where it is."""
    with pytest.raises(MissingInput, match="secarch dedupe"):
        newest(tmp_path, "dataset")
    _sealed(tmp_path / "x")
    (tmp_path / "unfinished").mkdir()
    assert newest(tmp_path, "dataset") == tmp_path / "x"


def test_an_unknown_name_is_told_its_neighbours(tmp_path: Path) -> None:
    """The nearest sibling first; else what makes one."""
    (tmp_path / "architect").mkdir()
    error = unknown(tmp_path / "archtect", "run", fix="secarch train")
    assert (error.what, error.fix) == ("there is no such run", "did you mean architect?")
    assert "architect" in str(error.why)
    assert unknown(tmp_path / "zzz", "run", fix="secarch train").fix == "secarch train"
    assert not unknown(tmp_path / "none" / "x", "run", fix="secarch train").why


def test_an_open_manifest_cannot_be_changed(tmp_path: Path) -> None:
    """What was checked against its hash stays what it was."""
    manifest = open_artifact(_sealed(tmp_path / "x"), "dataset").manifest
    with pytest.raises(ValidationError, match="frozen"):
        manifest.kind = "run"
    with pytest.raises(ValidationError, match="frozen"):
        manifest.files[0].path = "other.txt"


def test_what_is_no_artifact_is_said_by_what_it_is(tmp_path: Path) -> None:
    """A folder without a manifest, a file, and nothing at all have a reason each."""
    folder, file, other = tmp_path / "folder", tmp_path / "file", tmp_path / "other"
    folder.mkdir()
    file.write_text("x")
    other.mkdir()
    (other / "adapter_config.json").write_text("{}")
    reasons = {folder: "unfinished", file: "it is a file", tmp_path / "none": "no such directory"}
    for path, reason in {**reasons, other: "an adapter that was not trained here"}.items():
        with pytest.raises(MissingInput) as caught:
            open_artifact(path)
        assert reason in str(caught.value.why)


def test_a_folder_of_artifacts_is_told_from_an_unfinished_one(tmp_path: Path) -> None:
    """Whoever gives the folder above is told to name one of those in it, the last that was made."""
    first, last = _sealed(tmp_path / "evals" / "b"), _sealed(tmp_path / "evals" / "a")
    os.utime(first / MANIFEST, (1, 1))
    with pytest.raises(MissingInput) as caught:
        open_artifact(tmp_path / "evals")
    assert caught.value.why == "it holds artifacts and is none itself"
    assert caught.value.fix == f"name one of them, such as {last}"


def test_claim_makes_the_folder_with_those_above_it_once_and_again(tmp_path: Path) -> None:
    """A place that is deep is made; one that is there and empty is taken."""
    deep = tmp_path / "a" / "b" / "c"
    assert claim(deep, resume=False, fresh=False) is None
    assert claim(deep, resume=False, fresh=False) is None
    assert deep.is_dir()
