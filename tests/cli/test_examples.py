"""Every command's help ends with examples, each of which the command understands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from secarch.cli.app import app
from secarch.cli.examples import EXAMPLES, of

ROOT: Any = typer.main.get_command(app)
RUNNER = CliRunner()


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, member in group.commands.items():
        inner = (*path, name)
        if not getattr(member, "commands", {}) or name == "eval":
            yield " ".join(inner), member
        if getattr(member, "commands", {}):
            yield from _commands(member, inner)


COMMANDS = dict(_commands(ROOT))


def test_each_command_has_an_example_and_no_other_has() -> None:
    """A new command cannot forget its examples."""
    assert set(EXAMPLES) == set(COMMANDS)


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line in lines])
def test_an_example_is_understood(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It parses, and belongs to the command under which it stands."""
    monkeypatch.setattr("sys.argv", shlex.split(line))
    name = next(name for name, lines in EXAMPLES.items() if line in lines)
    words = shlex.split(line.removeprefix(f"secarch {name}"))
    COMMANDS[name].make_context(name, words)


@pytest.mark.parametrize("width", ["40", "60", "80", "120"])
def test_a_narrow_terminal_cuts_no_word_of_the_help(
    width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Descriptions are wrapped and never end in dots; examples keep their lines."""
    monkeypatch.setenv("COLUMNS", width)
    shown = RUNNER.invoke(app, ["-h"], prog_name="secarch").output
    assert "..." not in shown.replace("[ARGS]...", "")
    assert "a verdict, a report -> comparison." in " ".join(shown.split())
    shown = RUNNER.invoke(app, ["dataset", "validate", "-h"], prog_name="secarch").output
    assert f"\nExamples:\n  {EXAMPLES['dataset validate'][0]}\n" in shown


def test_the_example_of_an_option_has_it() -> None:
    """The first line with the option; nothing for what no example shows."""
    assert of("compare-baseline", "--scores").startswith("secarch compare-baseline --scores ")
    assert of("train", "--set") == "secarch train --set train.lora.r=64"
    assert of("train", "--allow-drift") == ""
    assert of("nosuch") == ""
