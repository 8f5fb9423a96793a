"""`secarch report`: what is newest in a workspace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from secarch.artifact import Kind, seal
from secarch.cli import output, workspace
from secarch.errors import MissingInput, TamperedArtifact
from secarch.files import write_json, write_text
from secarch.records import Outcome
from secarch.session import Session

RECORD: dict[str, Any] = {
    "verdict": "BETTER",
    "gate": {"passed": False},
    "primary": {"metric": "rubric", "delta": 0.123},
    "tuned": {"name": "architect"},
    "base": {"name": "base"},
}
SUMMARY = {"model": "architect", "metrics": {"rubric": {"mean": 0.5}, "bertscore": {"mean": None}}}
Put = Callable[..., Path]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(workspace=tmp_path / "w")


@pytest.fixture
def put(session: Session) -> Put:
    """Seal an artifact at <folder>/<name> with these JSON files, a page and a text."""

    def make(folder: str, name: str, kind: Kind, **files: Any) -> Path:
        path = session.workspace / folder / name
        for stem, content in files.items():
            write_json(path / f"{stem}.json", content)
        write_text(path / "report.html", name)
        write_text(path / "report.md", f"# {name}\n")
        names = [*(f"{stem}.json" for stem in files), "report.md"]
        seal(
            path,
            kind=kind,
            parents=[],
            config={},
            counts={"rows": 3},
            files=names,
            outside=["report.html"],
        )
        return path

    return make


def listed(session: Session, **flags: bool) -> Outcome:
    """The command without --json."""
    outcome = workspace.report(session, **{"opened": False, "printed": False, **flags})
    output.show(outcome.shown)
    return outcome


def test_each_kind_is_told_in_a_line(
    session: Session, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verdict and gate of a comparison, means of an evaluation, counts of the rest, each with its
    page.
    """
    put("comparisons", "c1", "comparison", comparison=RECORD)
    row = {"name": "a", "verdict": "BETTER", "delta": 0.2, "gate": True}
    put(
        "comparisons",
        "c2",
        "comparison",
        candidates={"metric": "rubric", "candidates": [row, {**row, "gate": False}]},
    )
    put("evals", "e1", "evaluation", summary=SUMMARY)
    put("runs", "r1", "run")
    put("datasets", "d1", "dataset")
    put("harvest", "documents-h1", "documents")
    put("exports", "x1", "export")
    outcome = listed(session)
    said = {Path(row["path"]).name: row["what"] for row in outcome.result["artifacts"]}
    assert said == {
        "c1": "BETTER on rubric (+0.123), gate failed: architect against base",
        "c2": "2 candidates on rubric, gates failed: 1; first: a BETTER (+0.2)",
        "e1": "architect: rubric 0.500",
        "r1": "rows 3",
        "d1": "rows 3",
        "documents-h1": "rows 3",
        "x1": "rows 3",
    }
    printed = capsys.readouterr().out
    assert all(row["report"] in printed for row in outcome.result["artifacts"])
    one = dict.fromkeys(("evaluation", "export", "run", "dataset", "documents"), 1)
    assert outcome.counts == {"comparison": 2, **one}


def test_the_counts_that_say_most_of_a_kind_come_first(session: Session) -> None:
    """Examples and splits of a dataset, not what its name has first; a run's held-out loss, the
    last one, else its last loss.
    """
    path = session.workspace / "datasets" / "d1"
    counts = {"bad_rows": 9, "examples": 4, "documents_kept": 2, "train": 3}
    write_text(path / "report.html", "x")
    seal(
        path,
        kind="dataset",
        parents=[],
        config={},
        counts=counts,
        files=["report.html"],
        outside=[],
    )
    for name, rows in {
        "r1": [{"step": 1, "loss": 3.0}, {"step": 1, "eval_loss": 2.5}, {"step": 2, "loss": 2.0}],
        "r2": [{"step": 1, "loss": 3.0}, {"step": 2, "loss": 1.5}, {"event": "end"}],
        "r3": [{"event": "end"}],
    }.items():
        run = session.workspace / "runs" / name
        write_text(run / "metrics.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows))
        counts = {"rows": 8, "steps": 2}
        seal(
            run,
            kind="run",
            parents=[],
            config={},
            counts=counts,
            files=["metrics.jsonl"],
            outside=[],
        )
    found = workspace.report(session, opened=False, printed=False).result["artifacts"]
    assert {Path(row["path"]).name: row["what"] for row in found} == {
        "d1": "examples 4, train 3, documents kept 2",
        "r1": "held-out loss 2.500, steps 2, rows 8",
        "r2": "loss 1.500, steps 2, rows 8",
        "r3": "no loss, steps 2, rows 8",
    }


def test_newest_first_and_no_more_than_five(session: Session, put: Put) -> None:
    """Of seven comparisons the last five are listed; what was set aside is not."""
    for n in range(7):
        put("comparisons", f"c{n}", "comparison", comparison=RECORD)
    put("comparisons", "c9.aside-1", "comparison", comparison=RECORD)
    outcome = listed(session)
    assert [Path(row["path"]).name for row in outcome.result["artifacts"]] == [
        "c6",
        "c5",
        "c4",
        "c3",
        "c2",
    ]
    assert outcome.counts["comparison"] == 7


def test_what_cannot_be_read_hides_nothing_else(session: Session, put: Put) -> None:
    """A broken manifest is skipped; a broken record is told as such."""
    put("comparisons", "odd", "comparison", comparison=["no", "record"])
    broken = put("evals", "e1", "evaluation", summary=SUMMARY)
    (broken / "manifest.json").write_text("{}")
    assert [row["what"] for row in listed(session).result["artifacts"]] == [
        "comparison.json cannot be read"
    ]


def test_names_send_no_control_characters(
    session: Session, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model's name cannot move the reader's cursor."""
    put("comparisons", "c1", "comparison", comparison={**RECORD, "tuned": {"name": "\x1b[2Jx"}})
    listed(session)
    assert "?[2Jx against base" in capsys.readouterr().out


def test_an_empty_workspace_names_the_next_step(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing to list is no error; nothing to open or print is one."""
    outcome = listed(session)
    assert (outcome.status, outcome.next) == ("done", "secarch demo")
    assert not capsys.readouterr().out
    for flag in ("opened", "printed"):
        with pytest.raises(MissingInput, match="secarch compare-baseline"):
            listed(session, **{flag: True})


def test_the_newest_comparison_is_printed(
    session: Session, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its Markdown alone goes to stdout, ready for a pull request, and is in the JSON result."""
    put("comparisons", "old", "comparison", comparison=RECORD)
    put("comparisons", "new", "comparison", comparison=RECORD)
    put("evals", "newer", "evaluation", summary=SUMMARY)
    listed(session, printed=True)
    assert capsys.readouterr().out == "# new\n"
    assert listed(session, printed=True).result["markdown"] == "# new\n"


def test_a_changed_report_is_not_shown(session: Session, put: Put) -> None:
    """Bytes that were not sealed are refused."""
    path = put("comparisons", "c1", "comparison", comparison=RECORD)
    (path / "report.md").write_text("# PASSED\n")
    with pytest.raises(TamperedArtifact, match=r"report\.md"):
        listed(session, printed=True)


@pytest.mark.slow
def test_the_newest_page_is_opened(session: Session, put: Put, tmp_path: Path) -> None:
    """The browser that BROWSER names gets the page's file address; a dry run starts none."""
    put("comparisons", "c1", "comparison", comparison=RECORD)
    put("evals", "e1", "evaluation", summary=SUMMARY)
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    browser.chmod(0o755)
    command = [
        sys.executable,
        "-m",
        "secarch",
        "report",
        "--open",
        "--json",
        "--workspace",
        str(session.workspace),
    ]
    environment = {**os.environ, "BROWSER": str(browser)}
    for flags in ([], ["--dry-run"]):
        done = subprocess.run(
            [*command, *flags],
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
            check=True,
        )
        assert json.loads(done.stdout)["report"].endswith("evals/e1/report.html")
    assert (tmp_path / "opened").read_text() == (
        session.evals / "e1" / "report.html"
    ).as_uri() + "\n"


@pytest.mark.slow
def test_a_machine_without_a_browser_says_where_the_page_is(session: Session, put: Put) -> None:
    """Exit 3, and the path to open by hand."""
    put("comparisons", "c1", "comparison", comparison=RECORD)
    command = [
        sys.executable,
        "-m",
        "secarch",
        "report",
        "--open",
        "--workspace",
        str(session.workspace),
    ]
    # Without PATH and DISPLAY no other browser is found than the one that BROWSER names.
    environment = {
        **os.environ,
        "BROWSER": "/bin/false",
        "PATH": "",
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
    }
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert done.returncode == 3, done.stderr
    assert "report.html" in done.stderr


def test_a_dry_run_opens_nothing(session: Session, put: Put) -> None:
    """It says what it would open."""
    put("comparisons", "c1", "comparison", comparison=RECORD)
    assert "would open" in listed(replace(session, dry_run=True), opened=True).summary
