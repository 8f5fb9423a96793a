"""Whole blocks with a bad value among good ones, in every language of infrastructure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from secarch.danger.safety import inspect

BLOCKS: list[dict[str, Any]] = [
    row
    for name in ("blocks.yaml", "language_blocks.yaml")
    for row in yaml.safe_load((Path(__file__).parent / name).read_text())
]


def weights(code: str, language: str, kind: str = "") -> set[str]:
    """Severities of what is found, of one kind or of all."""
    found = inspect(code, language)
    return {danger.severity for danger in found if not kind or danger.rule == kind}


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS, ids=lambda b: f"{b['kind']}-{BLOCKS.index(b)}")
def test_what_is_written_is_found_by_its_weight_and_made_safe_it_raises_no_alarm(
    block: dict[str, Any],
) -> None:
    """Each replacement stands in the block; what is left of minor notes is no alarm."""
    code, language = block["code"], block["language"]
    found = weights(code, language, block["kind"])
    assert found == {"minor"} if block.get("minor") else found & {"major", "critical"}
    for bad, good in block["safe"].items():
        assert bad in code
        code = code.replace(bad, good)
    assert weights(code, language) <= {"minor"}
