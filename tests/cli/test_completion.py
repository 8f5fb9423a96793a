"""What a shell completes, asked as a shell asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from secarch.artifact import Kind, seal
from secarch.cli.app import app
from secarch.files import write_json


def completed(line: str) -> list[str]:
    """What bash is offered at the end of the line."""
    words = line.split(" ")
    env = {
        "_SECARCH_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = CliRunner().invoke(app, [], env=env, prog_name="secarch")
    return done.stdout.split()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a finished run and export, one unfinished and one set aside."""
    monkeypatch.chdir(tmp_path)

    def put(place: str, kind: Kind) -> None:
        path = tmp_path / "workspace" / place
        write_json(path / "n.json", place)
        seal(path, kind=kind, parents=[], config={}, counts={}, files=["n.json"], outside=[])

    put("runs/architect", "run")
    put("runs/architect.aside-1", "run")
    put("exports/merged", "export")
    (tmp_path / "workspace/runs/begun").mkdir()
    return tmp_path / "workspace"


def test_suites_are_shipped_ones_and_files(workspace: Path) -> None:
    """Names first; files of the kind that a suite is, and folders on the way to one."""
    (workspace.parent / "mine.yaml").write_text("x")
    (workspace.parent / "mine.txt").write_text("x")
    (workspace.parent / "mines").mkdir()
    assert completed("secarch eval --suite ") == ["core"]
    assert completed("secarch suite stats co") == ["core"]
    assert completed("secarch eval --suite mi") == ["mine.yaml", "mines/"]


def test_models_are_the_base_and_what_is_finished(workspace: Path) -> None:
    """Neither what is unfinished nor what was set aside; a run alone can be exported."""
    assert completed("secarch eval --model ") == ["base", "architect", "merged"]
    assert completed("secarch compare-baseline --tuned ar") == ["architect"]
    assert completed("secarch export ") == ["architect"]
    assert completed("secarch models register ") == ["merged"]


def test_the_workspace_of_the_line_and_of_the_settings_is_looked_into(workspace: Path) -> None:
    """--workspace, --config and the project's file, as the command itself would."""
    workspace.rename(workspace.with_name("other"))
    assert completed("secarch export ") == []
    assert completed("secarch export --workspace other ") == ["architect"]
    (workspace.parent / "c.yaml").write_text("workspace: other\n")
    assert completed("secarch export --config c.yaml ") == ["architect"]
    (workspace.parent / "secarch.yaml").write_text("workspace: other\n")
    assert completed("secarch export ") == ["architect"]


def test_a_broken_settings_file_completes_nothing_and_says_nothing(workspace: Path) -> None:
    """What is printed would stand in the middle of a line."""
    (workspace.parent / "secarch.yaml").write_text("nonsense: 1\n")
    assert completed("secarch export ") == []


def test_settings_metrics_topics_and_presets() -> None:
    """--set leaves the cursor behind the equals sign."""
    assert completed("secarch train --set train.lora.dr") == ["train.lora.dropout="]
    assert completed("secarch train --set train.lora.dropout=0") == []
    assert completed("secarch config show train.lora.dr") == ["train.lora.dropout"]
    assert "train.lora" in completed("secarch config show train.lo")
    assert completed("secarch compare-baseline --primary rou") == ["rouge_l"]
    assert completed("secarch help comp") == ["compare"]
    assert completed("secarch init --preset sm") == ["small"]


def test_a_start_pays_nothing_for_it() -> None:
    """Neither settings nor the modules that completion needs are loaded for --version."""
    script = (
        "import sys; sys.argv = ['secarch', '--version']\n"
        "from secarch.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'secarch.settings', 'secarch.artifact', 'secarch.suite.schema', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.splitlines()[-1] == "[]"
