"""Modules and functions stay short enough to be read in one go (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "secarch"
MOST_LINES, MOST_OF_A_FUNCTION = 400, 60


def test_no_module_and_no_function_is_too_long() -> None:
    """At most 400 lines a module, 60 a function."""
    long = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(PACKAGE)
        if (lines := text.count("\n")) > MOST_LINES:
            long.append(f"{name}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                long += [f"{name}: {node.name} has {lines}"] if lines > MOST_OF_A_FUNCTION else []
    assert not long
