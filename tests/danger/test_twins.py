"""Detectors find what is dangerous in files whose authors had not read the rules, and nothing in
their safe twins.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from secarch.danger.safety import RULES, examine

FOLDER = Path(__file__).parent / "twins"
TWINS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "index.yaml").read_text())
LANGUAGES = {"tf": "hcl", "sh": "bash", "py": "python", "Dockerfile": "dockerfile"}
LEAST_RECALL = 0.9


def found(twin: dict[str, Any], which: str, *, alarms: bool = False) -> set[str]:
    """Detectors that fire where a file is offered as the thing to apply; with `alarms` without
    notes on defaults.
    """
    code = (FOLDER / f"{twin['name']}.{which}.{twin['ext']}").read_text()
    language = LANGUAGES.get(twin["ext"], twin["ext"])
    dangers = examine(f"Apply this:\n\n```{language}\n{code}```\n")
    return {danger.rule for danger in dangers if not (alarms and danger.severity == "minor")}


def wanted(twin: dict[str, Any]) -> set[str]:
    names = twin["detector"]
    return set(names if isinstance(names, list) else [names])


def test_nine_of_ten_vulnerable_files_are_caught() -> None:
    """Recall over all pairs."""
    missed = [twin["name"] for twin in TWINS if not wanted(twin) & found(twin, "vulnerable")]
    assert len(missed) <= (1 - LEAST_RECALL) * len(TWINS), missed


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: str(twin["name"]))
def test_a_safe_twin_raises_no_alarm(twin: dict[str, Any]) -> None:
    """Neither what its twin has nor anything else that is written; a default left elsewhere is a
    note, no alarm.
    """
    also = set(twin.get("also", []))
    assert not (found(twin, "safe") & wanted(twin)) - also
    assert not found(twin, "safe", alarms=True) - also


def test_the_index_and_the_folder_agree() -> None:
    """Each pair is there, each file is in a pair, and each name is a detector's."""
    files = {
        f"{twin['name']}.{which}.{twin['ext']}"
        for twin in TWINS
        for which in ("vulnerable", "safe")
    }
    assert files == {path.name for path in FOLDER.iterdir()} - {"index.yaml"}
    known = {rule.kind for rule in RULES}
    assert all(wanted(twin) | set(twin.get("also", [])) <= known for twin in TWINS)
