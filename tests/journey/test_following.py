"""Every next command that is named runs as it stands, from a folder outside the repository."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journey.conftest import Shell, Tour

SETTINGS = """
harvest: {contact: me@example.org}
train: {max_steps: 4, eval_steps: 4, save_steps: 4, micro_batch: 4, global_batch: 4,
  max_length: 256, max_eval_rows: 4, learning_rate: 2.0e-3, lora: {r: 4, alpha: 8}}
eval: {max_new_tokens: 4, smoke: true}
compare: {draws: 500, primary: reference_bits_per_byte}
"""
GATE = 5


def follow(shell: Shell, line: str, *codes: int) -> str:
    """Run the line as a shell would, and return the next one."""
    done = shell.run(*shlex.split(line, comments=True)[1:])
    assert done.returncode in (codes or (0,)), f"{line}\n{done.stderr}"
    last = done.stderr.strip().splitlines()[-1]
    assert "   next: " in last, f"{line}\n{done.stderr}"
    return last.split("   next: ", 1)[1]


@pytest.mark.slow
def test_each_next_command_runs_as_it_stands(shell: Shell, tour: Tour, tmp_path: Path) -> None:
    """From a folder of pages to the report: with --config, --base and a workspace whose name has a
    space, dry runs included.
    """
    base = str(next(shell.cache.glob("secarch/bases/*/base.json")).parent)
    (tmp_path / "my settings.yaml").write_text(SETTINGS, encoding="utf-8")
    site = next(tour.workspace.glob("harvest/documents-*/manifest.json")).parent
    common = "--config 'my settings.yaml' --workspace 'my workspace'"

    line = follow(shell, f"secarch dedupe --documents {site} {common} --dry-run")
    assert line == f"secarch dedupe --documents {site} {common}"
    line = follow(shell, line)
    assert line == f"secarch train {common}"
    line = follow(shell, f"{line} --base {base} --name r --dry-run")
    line = follow(shell, line)
    assert line.endswith(f"{common} --base {base}")
    compare = line
    line = follow(shell, f"secarch eval --model 'my workspace/runs/r' {common} --dry-run")
    line = follow(shell, line, 0, GATE)
    assert line == f"secarch compare-baseline {common} --tuned 'my workspace/runs/r'"
    follow(shell, f"{compare} --dry-run")
    line = follow(shell, compare, 0, GATE)
    assert line == f"secarch report --html {common}"
    assert shell.run(*shlex.split(line)[1:]).returncode == 0
    line = follow(shell, f"secarch models list {common}")
    line = follow(shell, line)
    follow(shell, f"{line} --dry-run", 0, GATE)
