"""`secarch demo`: every stage joins, the artifacts tell their lineage, and nothing is done
twice.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journey.conftest import Shell, Tour

pytestmark = pytest.mark.slow


def test_ends_well_and_its_last_line_is_the_report(tour: Tour) -> None:
    """Exit 0 whatever the verdict says; the path on stdout opens."""
    assert tour.done.returncode == 0, tour.done.stderr
    report = tour.shell.cwd / tour.done.stdout.splitlines()[-1]
    assert report.name == "report.html"
    assert report.is_file()
    assert "no advice to anyone" in tour.done.stderr


def test_the_report_loads_nothing_from_elsewhere(tour: Tour) -> None:
    """It works from file:// on a machine without network."""
    text = (tour.shell.cwd / tour.done.stdout.splitlines()[-1]).read_text(encoding="utf-8")
    for hint in ("<script src", '<link rel="stylesheet"', "@import", "url(http", '<img src="http'):
        assert hint not in text
    assert "no advice to anyone" in text


def test_lineage_leads_from_the_verdict_back_to_the_pages(tour: Tour) -> None:
    """Each parent's digest is an artifact of the stage before."""
    found = tour.shell.manifests()
    digests = {kind: {m["digest"] for m in items} for kind, items in found.items()}
    assert set(found) == {"documents", "dataset", "run", "evaluation", "comparison"}
    assert set(found["comparison"][0]["parents"]) <= digests["evaluation"]
    tuned = [m for m in found["evaluation"] if m["parents"]]
    assert set(tuned[0]["parents"]) & digests["run"]
    assert set(found["run"][0]["parents"]) & digests["dataset"]
    assert found["dataset"][0]["parents"] == [found["documents"][0]["digest"]]


def test_every_stage_had_something_to_do(tour: Tour) -> None:
    """Drafts are forbidden, thin pages rejected, older versions removed as near-duplicates."""
    dataset = next(tour.workspace.glob("datasets/*/manifest.json")).parent
    counts = json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))["counts"]
    duplicates = (dataset / "duplicates.jsonl").read_text(encoding="utf-8").splitlines()
    assert counts["documents_kept"] >= 55
    assert counts["rejected_too_short"] >= 2
    assert counts["rejected_duplicate_near"] >= 2
    assert len(duplicates) >= 2
    assert counts["train"] > counts["validation"] > 0


def test_decontamination_ran_and_found_nothing(tour: Tour) -> None:
    """The site and the suite were written apart."""
    dataset = next(tour.workspace.glob("datasets/*/manifest.json"))
    counts = json.loads(dataset.read_text(encoding="utf-8"))["counts"]
    assert (counts["contamination_dropped"], counts["contamination_flagged"]) == (0, 0)


def test_the_dataset_that_was_built_is_valid(tour: Tour) -> None:
    """What `dedupe` makes, `dataset validate` accepts."""
    dataset = next(tour.workspace.glob("datasets/*/manifest.json")).parent
    done = tour.shell.run("dataset", "validate", str(dataset))
    assert done.returncode == 0, done.stderr


def test_a_second_run_has_nothing_to_do(tour: Tour) -> None:
    """Every stage says so, and the cached base is re-used."""
    before = {path: path.stat().st_mtime_ns for path in tour.workspace.rglob("manifest.json")}
    again = tour.shell.run("demo", "--json")
    stages = json.loads(again.stdout)["stages"]
    assert again.returncode == 0
    assert {name: facts["status"] for name, facts in stages.items()} == dict.fromkeys(
        stages, "nothing_to_do"
    )
    assert {
        path: path.stat().st_mtime_ns for path in tour.workspace.rglob("manifest.json")
    } == before


@pytest.mark.parametrize("stage", ["harvest", "datasets", "runs", "evals"])
def test_a_changed_file_is_named_and_nothing_is_built_on_it(
    tour: Tour, stage: str, tmp_path: Path
) -> None:
    """Tampering with any artifact ends the tour with exit 4 and the file's name."""
    shell = tour.copy(tmp_path)
    victim = next(
        path for path in sorted((tmp_path / "secarch-demo" / stage).rglob("*.*")) if _sealed(path)
    )
    victim.write_bytes(victim.read_bytes()[:-1] + b"X")
    done = shell.run("demo")
    assert done.returncode == 4, done.stderr
    assert victim.name in done.stderr
    assert "Traceback" not in done.stderr


def _sealed(path: Path) -> bool:
    manifest = next(
        (up / "manifest.json" for up in path.parents if (up / "manifest.json").is_file()), None
    )
    if manifest is None or path.name == "manifest.json":
        return False
    names = [entry["path"] for entry in json.loads(manifest.read_text(encoding="utf-8"))["files"]]
    return path.relative_to(manifest.parent).as_posix() in names and path.stat().st_size > 0


def test_killed_at_any_stage_it_goes_on_to_the_same_result(tour: Tour, shell: Shell) -> None:
    """SIGKILL of the whole group while each stage works; the digests equal those of the quiet
    run.
    """
    for mark in ("harvest", "datasets", "runs", "evals"):
        with shell.demo(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            _wait_for(shell.workspace / mark, process)
            os.killpg(process.pid, signal.SIGKILL)
    done = shell.run("demo")
    assert done.returncode == 0, done.stderr
    quiet, killed = tour.shell.manifests(), shell.manifests()
    for kind in ("documents", "dataset", "run"):
        assert [m["digest"] for m in killed[kind]] == [m["digest"] for m in quiet[kind]], kind


def _wait_for(folder: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if folder.is_dir() and any(folder.iterdir()):
            time.sleep(0.3)
            return
        time.sleep(0.02)


def test_ctrl_c_saves_and_says_how_to_go_on(shell: Shell) -> None:
    """Exit 130 and a sentence, no traceback."""
    with shell.demo(stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        _wait_for(shell.workspace / "runs", process)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "--resume" in err
    assert "Traceback" not in err
