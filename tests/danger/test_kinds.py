"""One fault in each language that can state it, weighty where it is written and silent where the
same block is safe.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from secarch.danger.safety import inspect

KINDS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "kinds.yaml").read_text())


def weighty(code: str, language: str) -> set[str]:
    """Kinds that are found as major or critical."""
    return {danger.rule for danger in inspect(code, language) if danger.severity != "minor"}


@pytest.mark.parametrize(
    "pair", KINDS, ids=[f"{n}-{p['language']}-{p['kind']}" for n, p in enumerate(KINDS)]
)
def test_the_fault_is_found_in_this_language(pair: dict[str, Any]) -> None:
    """As major or critical; the block that is made safe raises no alarm."""
    assert pair["kind"] in weighty(pair["bad"], pair["language"])
    assert not weighty(pair["good"], pair["language"])
