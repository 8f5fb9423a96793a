"""The example suite of docs/suite.md."""

from __future__ import annotations

import re
from pathlib import Path

from secarch.evaluate.validate import validate
from secarch.suite import schema

PAGE = Path(__file__).parents[2] / "docs" / "suite.md"


def test_the_documented_example_passes_every_check(tmp_path: Path) -> None:
    """Copied as it stands, it loads and `suite validate` finds nothing."""
    blocks = re.findall(r"```yaml\n# mine/(\S+)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    for name, text in blocks:
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert {name for name, _ in blocks} == {"suite.yaml", "aws.yaml"}
    assert schema.load([str(tmp_path)]).name == "mine"
    assert validate([str(tmp_path)]).status == "done"
