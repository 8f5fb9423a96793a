"""Every kind of page that a real workspace has, looked at in a browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journey.conftest import Tour


@pytest.mark.slow
@pytest.mark.browser
def test_every_kind_of_page_looks_right(
    tour: Tour, tmp_path: Path, looks: Callable[[Sequence[Path]], list[str]]
) -> None:
    """Harvest, dataset, run, evaluation, comparison and workspace: no overflow, no weak contrast,
    no dead link, no console error, wide and narrow, light and dark.
    """
    shell = tour.copy(tmp_path)
    drawn = shell.run("report", "--html", "--workspace", str(shell.workspace))
    assert drawn.returncode == 0, drawn.stderr
    pages = sorted(shell.workspace.rglob("report.html"))
    shown = [page.relative_to(shell.workspace).parts for page in pages]
    rooms = {parts[0] for parts in shown}
    assert ("report.html",) in shown
    assert {"harvest", "datasets", "runs", "evals", "comparisons"} <= rooms
    assert looks(pages) == []
