"""Every code that the harvester writes has a meaning."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import secarch.harvest
from secarch.harvest.reasons import Reason, meaning_of

ROOT = Path(next(iter(secarch.harvest.__path__)))
REFUSALS = {"refusal_of_url", "judge", "trap_of", "refusal_of", "_no_page", "_too_much"}
RAISED = {
    "BodyRefusedError",
    "PdfRefusedError",
    "DocxRefusedError",
    "AddressRefusedError",
    "skip",
}


def _texts(node: ast.AST) -> Iterator[str]:
    for found in ast.walk(node):
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and found.value:
            yield found.value


def _codes() -> set[str]:
    """What is given as `reason=`, assigned to `.reason`, returned by a judge or raised."""
    codes: set[str] = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "reason":
                codes |= {str(node.value.value)} if isinstance(node.value, ast.Constant) else set()
            elif isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                codes |= set(_texts(node.args[0])) if name in RAISED and node.args else set()
            elif isinstance(node, ast.FunctionDef) and node.name in REFUSALS:
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Constant):
                        codes.add(str(inner.value.value))
            elif isinstance(node, ast.AnnAssign) and "_REASONS" in ast.dump(node.target):
                codes |= set(_texts(node))
    return {code for code in codes if re.fullmatch(r"[a-z][a-z0-9_]+", code)}


def test_every_code_in_the_source_has_a_meaning() -> None:
    """A new code without one fails here."""
    codes = _codes()
    assert {"timeout", "compression_bomb", "out_of_scope", "needs_ocr", "archive_damaged"} <= codes
    assert sorted(code for code in codes if not meaning_of(code)) == []


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("http_418", "The server answered 418."),
        ("redirect_out_of_scope", "A redirect that was not followed: out of scope."),
        ("redirect_loop", Reason.REDIRECT_LOOP.meaning),
        ("unreadable_PermissionError", "The file cannot be read."),
        ("no_such_code", ""),
    ],
)
def test_open_families_are_explained(code: str, meaning: str) -> None:
    """By their pattern; a code of its own wins."""
    assert meaning_of(code) == meaning


def test_a_member_is_its_code() -> None:
    """It can be written where a plain string was."""
    assert Reason("robots") is Reason.ROBOTS
    assert f"{Reason.ROBOTS}" == "robots"
    assert all(reason.name.lower() == reason.value and reason.meaning for reason in Reason)
