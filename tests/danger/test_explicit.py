"""Bad values that are written: found in Terraform, CloudFormation and Kubernetes, and not in the
same block made safe.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from secarch.danger.safety import inspect

ROWS = yaml.safe_load((Path(__file__).parent / "explicit.yaml").read_text())
CASES = [
    *(("hcl", kind, bad, good) for kind, bad, good in ROWS["terraform"]),
    *(
        (
            "yaml",
            kind,
            f"Resources:\n  R:\n    Type: {name}\n    Properties: {bad}\n",
            f"Resources:\n  R:\n    Type: {name}\n    Properties: {good}\n",
        )
        for kind, name, bad, good in ROWS["cloudformation"]
    ),
    *(("yaml", kind, bad, good) for kind, bad, good in ROWS["kubernetes"]),
]


@pytest.mark.parametrize(
    ("language", "kind", "bad", "good"), CASES, ids=[f"{n}-{c[1]}" for n, c in enumerate(CASES)]
)
def test_the_bad_value_is_found_and_the_good_one_is_silent(
    language: str, kind: str, bad: str, good: str
) -> None:
    """The kind of danger is named as major or critical; made safe, the block raises no alarm."""
    assert kind in {d.rule for d in inspect(bad, language) if d.severity != "minor"}
    assert not [d for d in inspect(good, language) if d.severity != "minor"]
