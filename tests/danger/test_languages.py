"""CDK, Pulumi, PowerShell, command lines, workflows, Dockerfiles, charts, Bicep and ARM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from secarch.danger.names import terraformed
from secarch.danger.safety import inspect
from secarch.danger.script import read

ROWS = yaml.safe_load((Path(__file__).parent / "languages.yaml").read_text())


@pytest.mark.parametrize("row", ROWS, ids=[f"{n}-{row['language']}" for n, row in enumerate(ROWS)])
def test_each_language_is_read(row: dict[str, Any]) -> None:
    """Every kind that is written is found as major or critical, and no other is alleged."""
    found = {d.rule for d in inspect(row["code"], row["language"]) if d.severity != "minor"}
    assert found == set(row["kinds"])


@pytest.mark.parametrize(
    ("dotted", "kind"),
    [
        ("aws.s3.Bucket", "aws_s3_bucket"),
        ("aws.rds.Instance", "aws_db_instance"),
        ("gcp.compute.Firewall", "google_compute_firewall"),
        ("azure_native.storage.StorageAccount", "azurerm_storage_account"),
        ("ec2.CfnSecurityGroup", "aws_security_group"),
        ("s3.Bucket", "aws_cdk_s3_bucket"),
        ("console.log", ""),
        ("Error", ""),
    ],
)
def test_libraries_names_are_terraforms(dotted: str, kind: str) -> None:
    """So that one rule speaks of a resource in every language."""
    assert terraformed(dotted) == kind


def test_what_has_to_be_run_is_unknown() -> None:
    """Literals are read, variables, calls and templates are not guessed; a spread ends nothing."""
    code = (
        "new s3.Bucket(this, `${p}-x`, { ...base, a: f(1, {b: 2}), c: [1, -2, x ? 1 : 2], "
        "d: !flag, 'e-f': null, g: 'y' + z, h: true, /* i: 1 */ j: { k: \"l\" } });"
    )
    (resource,) = read(code).resources
    assert resource.body["h"] is True
    assert resource.body["j"] == {"k": "l"}
    assert resource.body["c"][:2] == [1, -2]
    assert resource.body["e_f"] is None
    assert "i" not in resource.body
