"""What people get wrong, each with its exit code and the words that lead out of it.

`mistakes.yaml` has the lines; none may end in an unexpected failure or a traceback.
"""

from __future__ import annotations

import importlib.util
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from secarch.cli.app import app

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "mistakes.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files that are wrong in many ways."""
    spec = importlib.util.spec_from_file_location("mistakes", HERE / "mistakes.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = tmp_path_factory.mktemp("mistakes")
    module.write(made)
    return made


def test_the_table_is_long_and_says_nothing_twice() -> None:
    """Kinds of mistakes over every command."""
    lines = [case["line"] for case in CASES]
    assert len(set(lines)) == len(lines) >= 120
    assert {"harvest", "dedupe", "train", "eval", "compare-baseline", "export", "models"} <= {
        line.split()[0] for line in lines
    }


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["line"])
def test_a_mistake_has_its_code_and_its_way_out(
    case: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback, no exit code 1, and the words that were promised."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("COLUMNS", "200")
    words = shlex.split(case["line"])
    monkeypatch.setattr("sys.argv", ["secarch", *words])
    shutil.rmtree("workspace", ignore_errors=True)
    done = CliRunner().invoke(app, words)
    told = " ".join(done.output.split())
    assert done.exit_code == case["code"], done.output
    assert "Traceback" not in told
    assert "unexpected" not in told.replace("unexpected extra argument", "")
    for words_ in case["says"]:
        assert " ".join(words_.split()) in told, done.output
