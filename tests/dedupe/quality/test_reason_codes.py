"""Every code with which the dataset builder leaves something out has a meaning."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import secarch.dedupe
from secarch.dedupe.duplicates import near
from secarch.dedupe.examples import gate
from secarch.dedupe.quality.reasons import Reason, meaning_of

ROOT = Path(next(iter(secarch.dedupe.__path__)))
DECIDING = {"judge", "licence_reason", "_over_cap", "_free", "_taken", "pieces", "_reason"}
GATE = re.compile(r"(?:question|answer|promise)_[a-z_]+")


def _returned() -> Iterator[str]:
    """Codes that a deciding function returns as text, and those of a piece that teaches nothing."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name in DECIDING:
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and inner.value:
                        yield from _texts(inner.value)
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_nothing":
                yield from _texts(node.args[1])


def _texts(node: ast.AST) -> Iterator[str]:
    for found in ast.walk(node):
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and found.value:
            yield found.value


def test_every_code_that_is_returned_as_text_has_a_meaning() -> None:
    """A new code without one fails here."""
    codes = {code for code in _returned() if re.fullmatch(r"[a-z]+(?:_[a-z]+)+|licence", code)}
    assert {"teaches_nothing", "over_cap", "unknown_licence", "answer_taken"} <= codes
    known = gate.meanings()
    assert sorted(code for code in codes if not meaning_of(code) and code not in known) == []


def test_every_rule_of_duplicates_has_a_meaning() -> None:
    """The code is made of the rule's name."""
    names = set(get_args(near.Rule))
    assert names == {"exact", "near", "subsumed"}
    assert all(meaning_of(f"duplicate_{name}") for name in names)


def test_every_code_of_the_gate_has_a_meaning() -> None:
    """Whatever the gate's code and data name is in the data's list."""
    source = (ROOT / "examples" / "gate.py").read_text("utf-8")
    named = {text for text in _texts(ast.parse(source)) if GATE.fullmatch(text)}
    assert len(named) >= 8
    assert named - set(gate.meanings()) == set()


def test_meanings_say_something_of_their_own() -> None:
    """No two codes mean the same, and an unknown code means nothing."""
    meanings = [reason.meaning for reason in Reason]
    assert all(meanings)
    assert len(set(meanings)) == len(meanings)
    assert meaning_of("no_such_code") == ""
