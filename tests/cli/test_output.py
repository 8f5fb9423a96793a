"""Results go to stdout once, as wide as they need to be, and a reader that left is no failure."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich import box
from rich.table import Column, Table
from rich.text import Text

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


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["{} | head -1", "{} >&-", "{} --json | true"])
def test_a_reader_that_left_is_no_failure(shell: str) -> None:
    """`| head`, a closed stdout and a pipe that nobody reads: exit 0, no traceback."""
    line = "set -o pipefail; " + shell.format(" ".join(COMMAND))
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("line", ["--help", "harvest -h", "--version"])
def test_a_reader_that_left_the_help_is_no_failure(line: str) -> None:
    """The parser's own output ends as results do."""
    shell = f"set -o pipefail; {sys.executable} -m secarch {line} | true"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("line", ["suite stats", "suite stats --json", "--help", "--version"])
def test_results_that_nobody_has_are_no_success(line: str) -> None:
    """A full disk behind stdout is told with a way out, by the parser's own output too."""
    command = [sys.executable, "-m", "secarch", *line.split()]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("error: cannot write the results to stdout\n  why:   No space")
    assert "fix:   free some space there" in done.stderr


@pytest.mark.parametrize(
    "rows",
    [
        [("train.lora.r", "64")],
        [(f"name {n}", "é€" * n) for n in range(5)],
        [("雲のセキュリティ", "1"), ("a", "[bold]b[/]"), (Text("[not markup]"), "")],
        [],
    ],
)
def test_a_plain_table_is_what_rich_writes(
    rows: list[tuple[Any, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wide letters, markup and empty tables alike; the short way is only shorter."""
    table = Table("setting", "value", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    output.show((table,))
    short = capsys.readouterr().out
    assert short
    monkeypatch.setattr(output, "_plain", lambda _: [])
    output.show((table,))
    assert capsys.readouterr().out == short


@pytest.mark.parametrize(
    ("table", "cell"),
    [
        (Table("a", box=None, pad_edge=False), "two\nlines"),
        (Table("a", box=box.ASCII, pad_edge=False), "1"),
        (Table("a", box=None, pad_edge=False, title="T"), "1"),
        (Table("a", box=None), "1"),
        (Table(Column("a", justify="right"), box=None, pad_edge=False), "1"),
    ],
)
def test_other_tables_are_left_to_rich(
    table: Table, cell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Boxes, titles, cells of several lines and columns at the right."""
    table.add_row(cell)
    assert output._plain(table) == []
    output.show((table,))
    assert cell.rsplit("\n", maxsplit=1)[-1] in capsys.readouterr().out
