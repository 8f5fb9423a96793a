"""docs/exploration.ipynb holds no outputs, and runs on the tour's workspace."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.journey.conftest import Tour

NOTEBOOK = Path(__file__).parents[2] / "docs" / "exploration.ipynb"


def _cells() -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return cells


def _code() -> str:
    """The code cells as one program: nothing in them needs a kernel."""
    return "\n\n".join("".join(c["source"]) for c in _cells() if c["cell_type"] == "code")


def test_no_output_is_stored() -> None:
    for cell in _cells():
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    compile(_code(), str(NOTEBOOK), "exec")


@pytest.mark.slow
def test_every_cell_runs_on_the_tour(tour: Tour) -> None:
    env = {**tour.shell.env(), "SECARCH_WORKSPACE": str(tour.workspace)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _code()],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "rows from" in done.stdout
    assert any(word in done.stdout for word in ("BETTER", "WORSE", "EQUIVALENT", "INCONCLUSIVE"))
