"""Results go to stdout once, as wide as they need to be, and a reader that left is no failure."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from rich.table import Table

from secarch.cli import output

COMMAND = [sys.executable, "-m", "secarch", "suite", "stats"]


def test_a_table_into_a_pipe_is_as_wide_as_its_cells(capsys: pytest.CaptureFixture[str]) -> None:
    """No cell is cut, no line is padded to the terminal's width."""
    table = Table("name", "value", box=None, pad_edge=False)
    table.add_row("x" * 300, "1")
    table.add_row("short", "2")
    output.show((table, "a line [not markup]"))
    lines = capsys.readouterr().out.splitlines()
    assert any("x" * 300 in line for line in lines)
    assert all(line == line.rstrip() for line in lines)
    assert lines[-1] == "a line [not markup]"


def test_the_document_holds_the_result_beside_the_common_fields(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One JSON object, with the command's own fields at its top."""
    output.document("eval", "done", "path", "d", {"n": 1}, {"score": None})
    assert json.loads(capsys.readouterr().out) == {
        "schema": 1,
        "command": "eval",
        "status": "done",
        "artifact": "path",
        "digest": "d",
        "counts": {"n": 1},
        "score": None,
    }


@pytest.mark.parametrize("shell", ["{} | head -1", "{} >&-", "{} --json | true"])
def test_a_reader_that_left_is_no_failure(shell: str) -> None:
    """`| head`, a closed stdout and a pipe that nobody reads: exit 0, no traceback."""
    line = "set -o pipefail; " + shell.format(" ".join(COMMAND))
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
