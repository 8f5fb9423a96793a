"""Disagreements with checkov, by hand: python tests/benchmarks/danger_oracle.py CHECKOV_PYTHON

CHECKOV_PYTHON is the interpreter of an environment of its own with checkov in it (`pip install
checkov`): it pins much of what is used here. Each of its checks that looks at one argument gives a
block with the bad value and one with the good value; checkov confirms both, and the detectors are
asked about them. Printed are recall by language and kind of danger, alarms on the good blocks, and
every miss.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secarch.danger.safety import inspect

DUMP = """
import json, logging, sys
logging.disable(logging.CRITICAL)
from checkov.cloudformation.checks.resource.registry import cfn_registry
from checkov.cloudformation.runner import Runner as _C
from checkov.terraform.checks.resource.registry import resource_registry
from checkov.terraform.runner import Runner as _T
rows = []
for language, registry in (("hcl", resource_registry), ("json", cfn_registry)):
    for resource, checks in registry.checks.items():
        for check in checks:
            row = {"language": language, "resource": resource, "id": check.id, "name": check.name}
            for field in ("get_inspected_key", "get_expected_values", "get_forbidden_values"):
                try:
                    row[field] = str(getattr(check, field)())
                except Exception:
                    row[field] = ""
            rows.append(row)
json.dump(rows, sys.stdout)
"""
"""Run by checkov's interpreter: what each check looks at."""
CONFIRM = """
import json, logging, sys
logging.disable(logging.CRITICAL)
from checkov.cloudformation.runner import Runner as Cloud
from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner as Terraform
verdicts = {}
for runner, framework in ((Terraform, "terraform"), (Cloud, "cloudformation")):
    report = runner().run(root_folder=sys.argv[1], runner_filter=RunnerFilter(framework=[framework]))
    for record in [*report.passed_checks, *report.failed_checks]:
        name = record.file_path.rsplit("/", 1)[-1]
        verdicts[f"{name} {record.check_id}"] = record.check_result["result"].value
json.dump(verdicts, sys.stdout)
"""
"""Run by checkov's interpreter: the verdict of each check on each file of a folder."""
CLOUDS = re.compile(
    r"^(?:aws|azurerm|google|kubernetes|github|oci|alicloud|digitalocean|yandex|ncloud"
    r"|tencentcloud|panos|linode)_|^AWS::"
)
KINDS = {
    "instance_metadata_v1": r"[Mm]etadata service|IMDS|MetaData service",
    "hard_coded_secret": r"hard.?coded|[Ss]ecrets are encrypted|exposes? secrets?",
    "privileged_pod": r"privileged (?:container|mode)|wishing to share|share the host"
    r"|allowPrivilegeEscalation",
    "public_storage": r"public(?!.*IP)|anonym|internet|exposed|is not shared|are private|[Pp]ermissive"
    r"|URL ?Auth|block public|network access rule",
    "tls_off": r"\btls|TLS|SSL|ssl|https|HTTPS|HTTP |transit|plain.?text|inter.?container|FTP"
    r"|communications",
    "missing_encryption": r"[Ee]ncrypt",
    "logging_off": r"\b[Ll]og|[Tt]rail|[Aa]udit|GuardDuty|flow log|Flow Log",
    "iam_wildcard": r"[Aa]dmin|elevated|ABAC|legacy auth",
}
"""Our kind of danger -> words in a check's name, the first that fits."""
OTHERS = re.compile(
    r"customer.managed|CMK|CSEK|[Rr]otat|delet|[Bb]ackup|public IP|[Vv]ersion(?!.*TLS)|health|tags"
    r"|[Dd]eletion|[Rr]etention|certificate manager|authenticat(?!ion.*legacy)|[Dd]efender|identity|MFA"
    r"|admin(?:istrator)? (?:account|user)|catalog|data trace|geo|kms|KMS|[Pp]latform|HSM|Log4j"
    r"|Error messages|password policy|CORS|[Dd]rops? HTTP|HTTP application routing|[Ee]mail|X-Ray|signed|root"
)


@dataclass(frozen=True)
class Case:
    """A block with the bad value, and the same with the good one."""

    kind: str
    language: str
    check: str
    where: str
    bad: str
    good: str


def values(row: dict[str, str]) -> tuple[Any, Any] | None:
    """(bad, good): what the check forbids and its opposite, or what it wants and its opposite."""
    for field, turned in (("get_forbidden_values", False), ("get_expected_values", True)):
        try:
            given = ast.literal_eval(row[field])
        except (ValueError, SyntaxError):
            given = row[field]
        given = given if isinstance(given, list) else [given]
        if given and given[0] not in ("CKV_ANY", ""):
            found = _pair(given[0])
            return (found[1], found[0]) if turned else found
    return None


OPPOSITES = {
    "Enabled": "Disabled",
    "ENABLED": "DISABLED",
    "enabled": "disabled",
    "TLS": "NONE",
    "KMS": "NONE",
    "1.2": "1.0",
    "TLS1_2": "TLS1_0",
    "TLS_1_2": "TLS_1_0",
    "Deny": "Allow",
    "Https": "Http",
    "Require": "Optional",
    "VPC": "PUBLIC",
    "AllowVirtualNetworksOnly": "AllowAllTraffic",
    "SERVER_AUTHENTICATION": "DISABLED",
    "ALL": "NONE",
    "required": "optional",
    "private": "container",
    "Policy-Min-TLS-1-2-2019-07": "Policy-Min-TLS-1-0-2019-07",
    "Disabled": "Enabled",
    "2": "1",
    "Private": "Public",
    "HTTPS": "HTTP",
    "enforced": "inherited",
    "on": "off",
    "none": "logging.googleapis.com/kubernetes",
    "NONE": "AWS_IAM",
    "PRIVATE": "PUBLIC",
    "Open": "Close",
    "WORKER_IP_PRIVATE": "WORKER_IP_PUBLIC",
    "ALLOW_INTERNAL_AND_GCLB": "ALLOW_ALL",
    "DROP": "ACCEPT",
    "all": "111122223333",
    "All": "111122223333",
    "*": "s3.amazonaws.com",
    "public-read": "private",
    "SERVICE_PROVIDED_EIPS": "DISABLED",
    "ObjectRead": "NoPublicAccess",
    "TLSv1.1": "TLSv1.2",
    "0.0.0.0/0": "10.0.0.0/8",
    "PublicRead": "Private",
    "PublicReadWrite": "Private",
    "admin": "viewer",
    "Disabled ": "",
    "TCP": "HTTPS",
    "STANDARD": "ALLOW_ALL",
}
"""The other value of an argument that takes words."""


def _pair(value: Any) -> tuple[Any, Any]:
    """A value and its opposite; None where there is none."""
    if isinstance(value, bool):
        return value, not value
    if isinstance(value, list) and value and isinstance(value[0], str):
        other = OPPOSITES.get(value[0])
        return value, [other] if other else None
    if isinstance(value, int) and value == 1:
        return value, 0
    return value, OPPOSITES.get(value) if isinstance(value, str) else None


def fragment(row: dict[str, str], value: Any) -> str:
    """The resource with nothing but that argument."""
    steps = [s for s in row["get_inspected_key"].split("/") if not re.fullmatch(r"\[?\d+\]?", s)]
    if row["language"] == "json":
        for step in reversed(steps):
            value = {step: value}
        return json.dumps({"Resources": {"X": {"Type": row["resource"], **value}}})
    body = f"{steps[-1]} = {json.dumps(value)}"
    for step in reversed(steps[:-1]):
        body = f"{step} {{\n{body}\n}}"
    return f'resource "{row["resource"]}" "x" {{\n{body}\n}}\n'


def asked(rows: list[dict[str, str]]) -> Iterator[Case]:
    """Every check of our kinds that looks at one argument."""
    for row in rows:
        kind = next((k for k, words in KINDS.items() if re.search(words, row["name"])), None)
        ours = CLOUDS.match(row["resource"]) and not OTHERS.search(row["name"])
        key, pair = row["get_inspected_key"], values(row)
        if kind and ours and key and "*" not in key and pair and None not in pair:
            bad, good = (fragment(row, value) for value in pair)
            yield Case(kind, row["language"], row["id"], f"{row['resource']} {key}", bad, good)


def confirmed(cases: list[Case], python: str) -> Iterator[Case]:
    """The cases on whose both blocks checkov says what they are made for."""
    with tempfile.TemporaryDirectory() as folder:
        for n, case in enumerate(cases):
            end = "tf" if case.language == "hcl" else "json"
            for side in ("bad", "good"):
                room = Path(folder, f"{n}{side}")
                room.mkdir()
                (room / f"{n}{side}.{end}").write_text(getattr(case, side))
        out = subprocess.run(
            [python, "-c", CONFIRM, folder], capture_output=True, text=True, check=True
        )
    verdicts = json.loads(out.stdout)
    for n, case in enumerate(cases):
        end = "tf" if case.language == "hcl" else "json"
        told = [verdicts.get(f"{n}{side}.{end} {case.check}") for side in ("bad", "good")]
        if told == ["FAILED", "PASSED"]:
            yield case


def kinds_in(code: str, language: str, *, heavy: bool) -> set[str]:
    """Kinds of the findings, or of the major and critical ones alone."""
    found = inspect(code, language)
    return {danger.rule for danger in found if not heavy or danger.severity != "minor"}


def main() -> None:
    """Print recall by language and kind (notes included in brackets), alarms, and every miss."""
    out = subprocess.run([sys.argv[1], "-c", DUMP], capture_output=True, text=True, check=True)
    cases = list(confirmed(list(asked(json.loads(out.stdout))), sys.argv[1]))
    all_, found, noted = Counter[str](), Counter[str](), Counter[str]()
    missed, alarms = [], []
    for case in cases:
        name = f"{case.language} {case.kind}"
        all_[name] += 1
        noted[name] += case.kind in kinds_in(case.bad, case.language, heavy=False)
        other = kinds_in(case.bad, case.language, heavy=True)
        if case.kind in other:
            found[name] += 1
        else:
            missed.append(f"{case.kind} {case.check} {case.where} {sorted(other) or ''}")
        if told := sorted(kinds_in(case.good, case.language, heavy=True)):
            alarms.append(f"{told} {case.check} {case.where}")
    table = {name: f"{found[name]} ({noted[name]})/{n}" for name, n in sorted(all_.items())}
    total = f"{found.total()} ({noted.total()})/{all_.total()}"
    print(json.dumps({"found": table, "all": total, "missed": missed, "alarms": alarms}, indent=1))


if __name__ == "__main__":
    main()
