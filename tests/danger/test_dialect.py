"""The language of a line without a fence."""

from __future__ import annotations

import pytest

from secarch.danger.dialect import guess, language_of


@pytest.mark.parametrize(
    ("line", "following", "language"),
    [
        ('resource "aws_vpc" "v" {', "", "hcl"),
        ("locals {", "", "hcl"),
        ("resource st 'Microsoft.Storage/storageAccounts@2023-01-01' = {", "", "bicep"),
        ("@secure()", "param p string", "bicep"),
        ("import * as s3 from 'aws-cdk-lib/aws-s3';", "", "typescript"),
        ("const sg = new ec2.SecurityGroup(this, 'Sg', { vpc });", "", "typescript"),
        ("import pulumi_aws as aws", "", "python"),
        ('sg = ec2.SecurityGroup(self, "Sg", vpc=vpc)', "", "python"),
        ("FROM debian:12", "", "dockerfile"),
        ("$ sudo aws s3 ls", "", "bash"),
        ("Set-AzWebApp -Name web -HttpsOnly $false", "", "bash"),
        ("AWS_PAGER=x aws s3 ls", "", "bash"),
        ('{"Version": 1}', "", "json"),
        ("apiVersion: v1", "", "yaml"),
        ("permissions: write-all", "jobs:", "yaml"),
        ("image:", "  repository: web", "yaml"),
        ("env:", "- name: A", "yaml"),
        ("Parameters:", "  Size:", "yaml"),
        ("Parameters:", "  the size of it", ""),
        ("steps:", "- uses: actions/checkout@v4", "yaml"),
        ("image:", "the picture", ""),
        ("image:", "tag: v1", ""),
        ("note: this is a remark that goes on for long", "and: so does this one here in prose", ""),
        ("Import the module and run it.", "", ""),
        ("From there, go on.", "", ""),
        ("Use new keys (see below).", "", ""),
    ],
)
def test_the_first_line_tells(line: str, following: str, language: str) -> None:
    """A label of prose is no key."""
    assert language_of(line, following) == language


def test_calls_are_of_the_language_that_the_rest_shows() -> None:
    """The same call is written in Python and in TypeScript."""
    assert guess("// keys\nrole.addToPolicy(new iam.PolicyStatement({\n}));") == "typescript"
    assert guess("# keys\nrole.add_to_policy(iam.PolicyStatement(actions=['*']))") == "python"
    assert guess("a remark\nof two lines") == ""
