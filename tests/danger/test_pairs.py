"""A bad and a good block of each kind, over Terraform, CloudFormation and Kubernetes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from secarch.danger.safety import inspect

PAIRS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "pairs.yaml").read_text())
ALIKE = {"iam_wildcard": {"public_storage"}, "public_storage": {"iam_wildcard"}}
"""Kinds that name one fault from two sides: a policy that lets everybody read."""


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p['kind']}-{PAIRS.index(p)}")
def test_the_bad_block_is_found_and_the_good_one_passes(pair: dict[str, Any]) -> None:
    """Whatever its weight; the good block has nothing of weight."""
    kinds = {pair["kind"], *ALIKE.get(pair["kind"], ())}
    assert kinds & {danger.rule for danger in inspect(pair["bad"], pair["language"])}
    weighty = [d for d in inspect(pair["good"], pair["language"]) if d.severity != "minor"]
    assert weighty == []
