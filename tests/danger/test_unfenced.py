"""Blocks of every language without a fence: where they begin and end, and what is in them."""

from __future__ import annotations

import pytest

from secarch.danger.safety import examine
from secarch.danger.unfenced import snippets

BLOCKS = {
    "hcl": 'resource "aws_s3_bucket_acl" "a" {\n  bucket = "b"\n\n  acl    = "public-read"\n}',
    "yaml": "jobs:\n  build:\n    steps:\n      - run: aws cloudtrail delete-trail --name main",
    "kubernetes": (
        "kind: Pod\nspec:\n  containers:\n    - name: a\n      securityContext:\n"
        "        privileged: true"
    ),
    "bicep": (
        "resource st 'Microsoft.Storage/storageAccounts@2023-01-01' = {\n  name: 'a'\n"
        "  properties: {\n    allowBlobPublicAccess: true\n  }\n}"
    ),
    "typescript": (
        "import * as s3 from 'aws-cdk-lib/aws-s3';\n\n"
        "const b = new s3.Bucket(this, 'B', {\n  publicReadAccess: true,\n});"
    ),
    "python": (
        "import pulumi_aws as aws\n\n"
        'aws.ebs.Volume("v", availability_zone="eu-west-1a", encrypted=False)'
    ),
    "dockerfile": "FROM node:20\nENV NODE_TLS_REJECT_UNAUTHORIZED=0",
    "powershell": "Set-AzStorageAccount -Name a -AllowBlobPublicAccess $true",
    "helm": "image:\n  tag: v1\nsecurityContext:\n  privileged: true",
}


def _by(indentation: str, code: str) -> str:
    return "\n".join(indentation + line if line else "" for line in code.splitlines())


@pytest.mark.parametrize("language", BLOCKS)
@pytest.mark.parametrize("indentation", ["", "   ", "    ", "\t"])
def test_a_block_is_read_however_it_is_indented(language: str, indentation: str) -> None:
    """Its first line may be in the margin, in a list, or behind a tab; prose follows it."""
    code = _by(indentation, BLOCKS[language])
    text = f"Use this:\n\n{code}\n\nThen review the plan."
    (one,) = snippets(text)
    assert one.raw.expandtabs(4) == BLOCKS[language].expandtabs(4)
    assert one.after == "then review the plan."
    assert examine(text)
    assert not examine(f"Never use this:\n\n{code}\n\nIt opens everything.")
    assert not examine(f"We had this:\n\n{code}\n\nThe above is insecure.")


def test_a_block_ends_before_prose_and_before_another_language() -> None:
    """Brackets end Terraform; a manifest ends at a blank line that something else follows."""
    text = (
        f"A:\n{BLOCKS['hcl']}\nApply it.\n\n{BLOCKS['kubernetes']}\n\naws s3 ls\naws s3 mb s3://a\n"
    )
    found = list(snippets(text))
    assert [one.language for one in found] == ["hcl", "yaml", "bash"]
    assert [one.lead for one in found] == ["a:", "apply it.", "apply it."]
    assert found[2].raw == "aws s3 ls\naws s3 mb s3://a"


def test_files_of_one_language_are_one_block() -> None:
    """A value of the first may be used in the second."""
    text = 'locals {\n  open = "0.0.0.0/0"\n}\n\n' + BLOCKS["hcl"]
    assert len(list(snippets(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Steps:\n- make the plan\n- review it",
        "note: read this\n\nand go on",
        "Risk: privileged: true is dangerous.\nCost: none",
        "goal: no pod runs with privileged true in any of our clusters\nowner: the platform team",
    ],
)
def test_labels_of_prose_are_no_code(text: str) -> None:
    """A colon alone makes no manifest."""
    assert not list(snippets(text))
