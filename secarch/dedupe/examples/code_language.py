"""What a block of code is, said as people say it."""

from __future__ import annotations

import re

_BY_CONTENT: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (('"event',), r'"eventVersion"\s*:|"eventSource"\s*:', "a CloudTrail log entry"),
    (('"Statement"',), r'"Statement"\s*:', "an IAM policy"),
    (
        ("Policy", "kyverno.io"),
        r"kind: ?(?:Cluster)?Policy\b|policies\.kyverno\.io|kyverno\.io/v",
        "a Kyverno policy",
    ),
    (
        ("apiVersion:",),
        r"apiVersion: ?[\w./-]{1,80}\s[\s\S]{0,200}?kind: ?\w",
        "a Kubernetes manifest",
    ),
    (
        ("AWS",),
        r"AWSTemplateFormatVersion|Type: ?['\"]?AWS::|\"Type\" ?: ?\"AWS::",
        "a CloudFormation template",
    ),
    (("deployment",), r"deploymentTemplate\.json|\"\$schema\".{0,80}deployment", "an ARM template"),
    (
        ('resource "', 'data "', 'module "', 'variable "', 'provider "', "terraform {"),
        r"(?m)^[ \t]{0,12}(?:resource|data|module|variable|provider) \"|^terraform \{",
        "Terraform code",
    ),
    (
        ("package ",),
        r"(?m)^package [\w.]{1,80}$[\s\S]{0,2000}?(?:deny|allow|default)\b",
        "a Rego policy",
    ),
    (
        ("rule:", "condition:"),
        r"(?m)^[ \t]{0,12}- ?rule:|^[ \t]{0,12}condition:.*evt\.",
        "a Falco rule",
    ),
    (("aws ",), r"(?m)^[ \t]{0,12}[$>]?[ \t]{0,3}aws \w", "AWS CLI commands"),
    (("az ",), r"(?m)^[ \t]{0,12}[$>]?[ \t]{0,3}az \w", "Azure CLI commands"),
    (
        ("gcloud ", "gsutil "),
        r"(?m)^[ \t]{0,12}[$>]?[ \t]{0,3}(?:gcloud|gsutil) \w",
        "gcloud commands",
    ),
    (
        ("kubectl ", "helm "),
        r"(?m)^[ \t]{0,12}[$>]?[ \t]{0,3}(?:kubectl|helm) \w",
        "kubectl and Helm commands",
    ),
    (
        ("trivy ", "prowler ", "bao ", "linkerd ", "cosign ", "terraform ", "docker ", "curl "),
        (
            r"(?m)^[ \t]{0,12}[$>]?[ "
            r"\t]{0,3}(?:trivy|prowler|bao|linkerd|cosign|terraform|docker|curl) \w"
        ),
        "shell commands",
    ),
    (
        ("-Az",),
        r"(?m)^[ \t]{0,12}(?:Get|Set|New|Add|Remove|Connect|Update)-Az\w+",
        "PowerShell commands",
    ),
)
"""Plain strings of which each match holds one, the expression, and what it is."""
_COMPILED = tuple((hints, re.compile(pattern), name) for hints, pattern, name in _BY_CONTENT)
_BY_FENCE = {
    "json": "a JSON document",
    "yaml": "a YAML configuration",
    "yml": "a YAML configuration",
    "hcl": "Terraform code",
    "terraform": "Terraform code",
    "tf": "Terraform code",
    "bicep": "Bicep code",
    "python": "Python code",
    "py": "Python code",
    "java": "Java code",
    "go": "Go code",
    "csharp": "C# code",
    "c#": "C# code",
    "javascript": "JavaScript code",
    "js": "JavaScript code",
    "typescript": "TypeScript code",
    "bash": "shell commands",
    "sh": "shell commands",
    "shell": "shell commands",
    "console": "shell commands",
    "shell-session": "shell commands",
    "powershell": "PowerShell commands",
    "azurepowershell": "PowerShell commands",
    "azurecli": "Azure CLI commands",
    "sql": "a SQL query",
    "kusto": "a KQL query",
    "kql": "a KQL query",
    "rego": "a Rego policy",
    "xml": "an XML document",
    "dockerfile": "a Dockerfile",
    "toml": "a TOML configuration",
    "ruby": "Ruby code",
    "php": "PHP code",
    "rust": "Rust code",
    "http": "an HTTP request",
}


def language(code: str) -> str:
    """'an IAM policy', 'Terraform code'...: what `code`, with its fence, is; 'a code sample' where
    it is not known.
    """
    head = code[:4000]
    for hints, pattern, name in _COMPILED:
        if any(hint in head for hint in hints) and pattern.search(head):
            return name
    info = re.match(r"[ \t]*(?:`{3,}|~{3,})[ \t]*\{?\.?([\w#+-]+)", code)
    return _BY_FENCE.get(info[1].lower(), "a code sample") if info else "a code sample"
