"""The error tree and its exit codes."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from secarch import errors
from secarch.errors import ConfigError, ExitCode, MissingExtra, SecarchError

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, SecarchError)]


def test_exit_codes_are_the_contract() -> None:
    """A shell script may branch on these numbers for ever."""
    named = [(code.name, int(code)) for code in ExitCode]
    assert named[:4] == [("OK", 0), ("FAILURE", 1), ("USAGE", 2), ("PREREQUISITE", 3)]
    assert named[4:] == [("INPUT", 4), ("GATE", 5), ("INTERRUPTED", 130), ("TERMINATED", 143)]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_is_in_the_drawn_tree_with_its_code(cls: type[SecarchError]) -> None:
    """The picture at the top of the module is the truth."""
    assert errors.__doc__ is not None
    line = next(
        line
        for line in errors.__doc__.splitlines()
        if line.split() and line.split()[0] == cls.__name__
    )
    assert str(int(cls.exit_code)) in line or cls is errors.Interrupted


def test_an_error_says_what_where_why_and_the_fix() -> None:
    """The four parts come in this order; absent ones leave no line."""
    error = SecarchError("it broke", where="a.txt", why="rust", fix="paint it")
    assert str(error).splitlines() == [
        "it broke",
        "  where: a.txt",
        "  why:   rust",
        "  fix:   paint it",
    ]
    assert str(SecarchError("it broke")) == "it broke"


def test_config_error_lists_every_problem() -> None:
    """All bad settings are shown at once."""
    text = str(ConfigError(["a: bad", "b: bad"]))
    assert text.startswith("2 settings are wrong\n  a: bad\n  b: bad")


def test_missing_extra_gives_the_pip_line() -> None:
    """The fix can be pasted."""
    assert "pip install 'secarch[mlflow]'" in str(MissingExtra("tracking", "mlflow"))


_FIXED = {"UnfinishedRun", "MissingExtra", "ConfigError"}  # these make their own


@pytest.mark.slow
def test_every_planned_error_is_raised_with_its_way_out() -> None:
    """Whoever meets an error is told what to do next, wherever it is raised."""
    names = {cls.__name__ for cls in CLASSES} - _FIXED - {"Interrupted"}
    raised = re.compile(rf"\b({'|'.join(names)})\(")
    without = []
    for path in Path(errors.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        if not raised.search(text):
            continue
        for call in ast.walk(ast.parse(text)):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in names:
                continue
            given = {keyword.arg for keyword in call.keywords}
            if not given & {"fix", None}:
                without.append(f"{path.name}:{call.lineno}")
    assert not without
